"""How long a form takes, as ratios against baselines measured in the same run: seconds differ from machine to machine.

Writing is compared with XlsxWriter writing as many plain cells; for reading see ``reading.py``.
"""

from __future__ import annotations

import io
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import openpyxl
import reading
import xlsxwriter

from xltool.form.answers import Answers
from xltool.result.record import Record
from xltool.rules.loading import load_catalogue
from xltool.services.fill import fill
from xltool.services.read_and_check import result_of_record
from xltool.support import json_codec
from xltool.write.workbook import build

ROOT = Path(__file__).parent.parent
ROUNDS = 9


def seconds(job: Callable[[], object]) -> float:
    """Median of several runs, after one to warm up."""
    job()
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        job()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def plain_cells(number: int) -> bytes:
    """XlsxWriter with nothing but numbers."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for index in range(number):
            sheet.write_number(index // 20, index % 20, index)
    return target.getvalue()


def main() -> None:
    """Measure and print."""
    catalogue = load_catalogue("shanghai-2020/1")
    content = (ROOT / "examples/form1.json").read_bytes()
    record = Record.from_json(json_codec.loads(content))
    workbook = fill(record).content
    cells = sum(
        1 for sheet in openpyxl.load_workbook(io.BytesIO(workbook)) for row in sheet for c in row if c.value is not None
    )
    blank = Answers(catalogue.layout(), {})
    write = seconds(lambda: plain_cells(cells))
    print(f"a filled form: {len(workbook)} bytes, {cells} cells")
    print(f"baseline: XlsxWriter, {cells} plain cells {write * 1000:8.1f} ms")
    for name, job in {"template": lambda: build(catalogue, blank), "fill": lambda: fill(record)}.items():
        took = seconds(job)
        print(f"  {name:10} {took * 1000:8.1f} ms  {took / write:6.2f} x")
    for name, job in {"check": lambda: result_of_record(record, content, "x")}.items():
        took = seconds(job)
        print(f"  {name:10} {took * 1000:8.1f} ms  {took / write:6.2f} x")
    reading.main()


if __name__ == "__main__":
    main()
