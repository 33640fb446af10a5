"""Records: frozen values inside the house, and at its edge the JSON that came."""

from __future__ import annotations

import copy
import pickle
from dataclasses import FrozenInstanceError
from pathlib import Path
from typing import Any

import pytest
from project import ROOT

from xltool.result.record import Record
from xltool.support import json_codec

RECORDS = sorted([*ROOT.glob("examples/form*.json"), *ROOT.glob("templates/*/*/example.json")])


def _reversed(value: Any) -> Any:
    """The same value with the keys of every object the other way round."""
    if isinstance(value, dict):
        return {key: _reversed(value[key]) for key in reversed(value)}
    return [_reversed(one) for one in value] if isinstance(value, list) else value


@pytest.mark.parametrize("file", RECORDS, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_record_goes_out_as_it_came_in_to_the_byte(file: Path) -> None:
    came = json_codec.loads(file.read_bytes())
    for value in (came, _reversed(came), {key: came[key] for key in came if key != "explanations"}):
        assert json_codec.dumps(Record.from_json(value).as_json()) == json_codec.dumps(value)


def test_records_are_equal_by_their_contents_whatever_their_order(clean: dict[str, Any]) -> None:
    record = Record.from_json(clean)
    assert record == Record.from_json(_reversed(clean)) == pickle.loads(pickle.dumps(record)) == copy.deepcopy(record)
    for path in ("form", "project", "goal"):
        changed = copy.deepcopy(clean)
        changed[path][next(iter(changed[path]))] = "别的"
        assert Record.from_json(changed) != record
    clean["indicators"][0]["score"] = 1
    assert Record.from_json(clean) != record


def test_a_record_cannot_be_changed_nor_can_what_it_was_made_from_change_it(clean: dict[str, Any]) -> None:
    record: Any = Record.from_json(clean)
    before = record.as_json()
    clean["indicators"][0]["score"] = 1
    clean["project"]["name"] = "别的"
    record.as_json()["indicators"][0]["score"] = 1
    with pytest.raises(TypeError):
        record.values["project.name"] = "别的"
    with pytest.raises(TypeError):
        record.tables["indicators"] = ()
    with pytest.raises(TypeError):
        record.table("indicators")[0]["score"] = 1
    with pytest.raises(FrozenInstanceError):
        record.values = {}
    assert record.as_json() == before


def test_what_a_form_does_not_have_is_blank(clean: dict[str, Any]) -> None:
    record = Record.from_json({key: clean[key] for key in ("form", "year", "indicators")})
    assert (record.value("project.name"), record.value("grade"), record.table("funds")) == (None, None, ())
    assert record.explanations == {} and record.source_row("funds", "total") is None
    assert (record.project.year, record.project.name) == (clean["year"], None)
