"""The compiled validator that gives the verdict and the one that words it agree on whatever a result may be."""

from __future__ import annotations

import copy
import random
from decimal import Decimal
from typing import Any

import pytest
from contract import result_of_workbook
from project import ROOT

from xltool.rules import validation
from xltool.rules.validation import schema_fault
from xltool.support import json_codec

VALUES = [None, True, 0, -1, 1, 2024, Decimal("0.5"), Decimal("1e308"), Decimal("-2e308"), Decimal("1E+3"), 10**30, "", " ", "x", "甲\n乙", "x ",
          "\u200bx", "x\x07", "x\ufffe", "a" * 32768, "优", "mof-2020", "9", "error", "unreadable", [], {}, [None], {"a": 1},
          "/funds/0", "P06", "total", "产出指标", "数量指标"]  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inside for place in _places(one, (*path, key)))]


def _mutated(dice: random.Random, value: Any) -> Any:
    value = copy.deepcopy(value)
    for _ in range(dice.choice([1, 1, 2, 3])):
        *parents, last = dice.choice(_places(value)[1:])
        node = value
        for key in parents:
            node = node[key]
        match dice.randrange(4):
            case 0:
                del node[last]
            case 1 if isinstance(node, list):
                node.append(copy.deepcopy(dice.choice(node)))
            case 2 if isinstance(node, dict):
                node[dice.choice(["extra", "label", "source", "id"])] = dice.choice(VALUES)
            case _:
                node[last] = dice.choice(VALUES)
    return value


@pytest.mark.parametrize("number", [200, 1000])
@pytest.mark.parametrize("schema", ["result", "record"])
def test_both_validators_agree_on_mutations(schema: str, number: int) -> None:
    results = [result_of_workbook((ROOT / f"examples/{name}.xlsx").read_bytes(), "x") for name in ("form1", "form2")]
    results.append(result_of_workbook(b"", "x"))
    seeds = [one if schema == "result" else one["record"] for one in results if schema == "result" or one["record"]]
    dice = random.Random(20)
    verdicts = {True: 0, False: 0}
    for _ in range(number):
        value = _mutated(dice, dice.choice(seeds))
        worded = validation._validator(schema).is_valid(value)
        verdicts[worded] += 1
        assert (schema_fault(value, schema) is None) == worded, json_codec.dumps(value)
    assert min(verdicts.values()) > number / 50, verdicts


def test_both_validators_accept_what_we_make() -> None:
    result = result_of_workbook((ROOT / "examples/form1.xlsx").read_bytes(), "x")
    assert schema_fault(result, "result") is None and schema_fault(result["record"]) is None


@pytest.mark.parametrize("value", ["x\ud800", float("nan"), b"x", object()])
def test_what_json_cannot_hold_is_no_record_and_no_accident(value: Any) -> None:
    record = json_codec.loads((ROOT / "examples/form1.json").read_bytes())
    record["goal"]["actual"] = value
    assert schema_fault(record) is not None


def test_a_line_feed_at_the_end_is_told_though_python_overlooks_it() -> None:
    """``$`` matches before a last line feed in Python, and nowhere but at the end in a JSON Schema."""
    record = json_codec.loads((ROOT / "examples/form1.json").read_bytes())
    record["goal"]["actual"] = "x\n"
    assert schema_fault(record) is not None
