"""Nothing that is generated is stale, and the examples give what they should."""

from __future__ import annotations

import generated
import pytest
from commands import run
from project import ROOT

from xltool.rules.validation import schema_fault
from xltool.support import json_codec


def test_every_generated_file_is_fresh() -> None:
    stale = [path for path, content in generated.files() if (ROOT / path).read_bytes() != content]
    assert stale == [], "run make docs"


def test_the_examples_are_valid_and_every_expected_result_too() -> None:
    for file in (ROOT / "examples").glob("*.json"):
        assert schema_fault(json_codec.loads(file.read_bytes())) is None
    lines = (ROOT / "examples/results.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 2 and all(schema_fault(json_codec.loads(line), "result") is None for line in lines)


def test_ingest_of_the_examples_gives_the_expected_results() -> None:
    done = run("ingest", "examples/form1.xlsx", "examples/form2.xlsx", folder=ROOT)
    assert done.stdout.decode("utf-8").replace("\\\\", "/") == (ROOT / "examples/results.jsonl").read_text("utf-8")


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (lambda one: one["record"]["funds"][0].__setitem__("executed", "many"), "funds"),
        (lambda one: one["record"].pop("goal"), "goal"),
        (lambda one: one["findings"][0].__setitem__("level", "fatal"), "level"),
        (lambda one: one.__setitem__("status", "lost"), "status"),
        (lambda one: one["record"]["indicators"][0].__setitem__("level2", "效益"), "indicators"),
        (lambda one: one["record"].__setitem__("extra", 1), "extra"),
    ],
)
def test_the_schemas_refuse_what_breaks_the_contract(change: object, where: str) -> None:
    result = json_codec.loads((ROOT / "examples/results.jsonl").read_text("utf-8").splitlines()[0])
    assert schema_fault(result, "result") is None
    change(result)  # type: ignore[operator]
    reason = schema_fault(result, "result")
    assert reason is not None and where in reason
