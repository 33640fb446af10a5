"""What reading one workbook costs beside openpyxl loading it twice, for its formulas and for its values.

Processor time, both sides in the same run. Two ways: one workbook again and again, and workbooks that differ as those
of different units do (other texts, figures, numbers of rows), each read once, after others of the same form.
"""

from __future__ import annotations

import copy
import gc
import io
import random
import statistics
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import openpyxl

from xltool.form.record import record_of_answers
from xltool.integrity import findings
from xltool.reading.reader import read_form
from xltool.recognition.field_locations import locate_fields
from xltool.recognition.form_workbook import open_form_workbook
from xltool.recognition.identify import identify
from xltool.result.record import Record
from xltool.rules import check
from xltool.services.fill import fill
from xltool.services.read_and_check import results_of_workbook
from xltool.support import json_codec
from xltool.support.templates import current_templates

ROOT = Path(__file__).parent.parent

#: Rounds of the first way; workbooks read before, and measured, of the second.
ROUNDS, BEFORE, UNITS = 15, 60, 40

#: The bytes to a grid, the grid to values by place, these to a record, and every rule asked. The result takes more:
#: what was changed, what stands outside the form, and the proof of its contract.
PARTS = ("package", "anchor", "record", "checks")
_LETTERS = "培训工作按计划开展完成资料整理接待联络服务保障质量提升满意调查经费执行合作交流项目推进情况良好"


def steps(workbook: bytes, other: bytes) -> dict[str, float]:
    """Seconds of processor time for each part of reading a workbook, and for everything up to the result of another."""
    times = [time.process_time()]

    def done() -> None:
        times.append(time.process_time())

    grid = open_form_workbook(workbook)
    done()
    [identity] = identify(grid)
    reading = read_form(grid, identity, locate_fields(grid, identity))
    done()
    _, paths = record_of_answers(reading.answers, reading.explanations)
    done()
    list(
        check.check_answers(
            identity.catalogue,
            reading.answers,
            paths,
            reading.explanations,
            findings.address_lookup(reading),
            reading.is_issued,
        )
    )
    done()
    results_of_workbook(other, "x")
    done()
    took = [after - before for before, after in pairwise(times)]
    found = dict(zip((*PARTS, "result"), took, strict=True))
    return {**{name: found[name] for name in PARTS}, "the four": sum(took[:4]), "the result": found["result"]}


def openpyxl_twice(workbook: bytes) -> float:
    """Seconds of processor time for loading it with its formulas, and again with its values."""
    start = time.process_time()
    for data_only in (False, True):
        openpyxl.load_workbook(io.BytesIO(workbook), data_only=data_only)
    return time.process_time() - start


def units(number: int) -> list[bytes]:
    """Workbooks of one form as units fill them in, the same in every run."""
    dice = random.Random(5)
    base = json_codec.loads((ROOT / "examples/form1.json").read_bytes())
    return [fill(Record.from_json(_of_unit(copy.deepcopy(base), dice))).content for _ in range(number)]


def _of_unit(record: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    def text(length: int) -> str:
        return "".join(dice.choices(_LETTERS, k=length))

    record["project"] |= {"name": text(8), "unit": text(6)}
    record["goal"] = {"expected": text(60), "actual": text(60)}
    for _ in range(dice.randint(0, 5)):
        row = dice.choice(record["indicators"])
        if sum(one["level2"] == row["level2"] for one in record["indicators"]) < 3:
            record["indicators"].insert(record["indicators"].index(row) + 1, dict(row))
    for row in record["indicators"]:
        figure, measure = dice.randint(5, 100), dice.choice(["%", "个", "次", ""])
        in_figures = (f"≥{figure}{measure}", f"{figure + dice.randint(-1, 4)}{measure}")
        row["level3"] = text(6)
        row["target"], row["actual"] = in_figures if dice.random() < 0.5 else (text(10), text(12))
        row["score"] = row["weight"] - Decimal(dice.choice([0, 0, 1]))
        row["deviation"] = text(12) if dice.random() < 0.3 else None
    return record


def main() -> None:
    """Measure and print."""
    workbook = fill(Record.from_json(json_codec.loads((ROOT / "examples/form1.json").read_bytes()))).content
    steps(workbook, workbook)  # what is loaded once
    gc.collect()
    gc.freeze()
    print("one workbook again and again (the least of several runs)")
    told(
        _each(min, [steps(workbook, workbook) for _ in range(ROUNDS)]), min(openpyxl_twice(workbook) for _ in range(5))
    )
    every = units(BEFORE + UNITS)
    current_templates().forget()
    for one in every[:BEFORE]:
        results_of_workbook(one, "x")
    print(f"workbooks of {UNITS} units, each once, after those of {BEFORE} others (the median)")
    gc.collect()
    gc.freeze()  # what was made to measure with is none of either side's garbage
    measured = every[BEFORE:]
    loaded = [openpyxl_twice(one) for one in measured[::4]]
    runs = [steps(one, other) for one, other in zip(measured[::2], measured[1::2], strict=True)]
    told(_each(statistics.median, runs), statistics.median(loaded))


def _each(how: Callable[[Sequence[float]], float], runs: Sequence[dict[str, float]]) -> dict[str, float]:
    return {name: how([run[name] for run in runs]) for name in runs[0]}


def told(parts: dict[str, float], twice: float) -> None:
    """Print what each part took, and which share that is of what openpyxl took."""
    print(f"  openpyxl, loaded twice {twice * 1000:8.2f} ms CPU")
    for name, took in parts.items():
        print(f"  {name:22} {took * 1000:8.2f} ms  1/{twice / took:.1f}")


if __name__ == "__main__":
    main()
