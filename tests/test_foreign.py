"""Forms that never saw our template are read: at least 99 % of their fields right, nothing wrong at confidence 1."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import foreign
import pytest

from xltool.pipeline import results_of_workbook

STYLES = {**foreign.STYLES, **{f"mixed {seed}": foreign.mixed(seed) for seed in range(12)}}


def _wrong(form: foreign.Form, result: dict[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Fields that were read otherwise than they stand."""
    record = foreign.shown(result["record"]) if result["record"] else {}
    for path, value in foreign.expected(form).items():
        here = record.get(path)
        if here != value and not (isinstance(value, str) and isinstance(here, str) and here.split() == value.split()):
            yield path, value, here


@pytest.mark.parametrize("style", STYLES)
def test_at_least_99_percent_of_the_fields_of_foreign_forms_are_read_rightly(style: str, record_property: Any) -> None:
    wrong, count = [], 0
    for name, form in foreign.RECORDS.items():
        results = results_of_workbook(foreign.workbook([(form, STYLES[style])]), f"{name}.xlsx")
        assert len(results) == 1
        [result] = results
        wrong += [(name, *one) for one in _wrong(form, result)]
        count += len(foreign.expected(form))
        assert result["reading"] and result["reading"]["anchor"] == "labels" and result["reading"]["confidence"] < 1
        assert result["form"]["id"] in foreign.DEFINITIONS[form["layout"]], (name, result["form"])
    record_property("fields", count)
    assert len(wrong) <= count / 100, f"{len(wrong)} of {count}: {wrong[:10]}"


def test_forms_on_several_sheets_or_below_each_other_are_several_results() -> None:
    chosen = [(foreign.RECORDS[name], foreign.STYLES["as printed"]) for name in ("001", "006", "012")]
    for one_sheet in (False, True):
        results = results_of_workbook(foreign.workbook(chosen, one_sheet), "x.xlsx")
        assert [result["record"]["project"]["name"] for result in results] == [
            form["project_name"] for form, _ in chosen
        ]
        for result, (form, _) in zip(results, chosen, strict=True):
            assert not list(_wrong(form, result))


def test_what_stands_outside_a_foreign_form_is_listed_once() -> None:
    style = foreign.STYLES["notes below"]
    [result] = results_of_workbook(foreign.workbook([(foreign.RECORDS["001"], style)]), "x.xlsx")
    assert [one["raw"] for one in result["reading"]["unplaced"]] == list(style.notes)


def test_each_value_that_was_normalised_is_listed_with_what_stands_in_its_cell() -> None:
    [result] = results_of_workbook(
        foreign.workbook([(foreign.RECORDS["001"], foreign.STYLES["units typed"])]), "x.xlsx"
    )
    listed = {one["path"]: (one["raw"], one["value"]) for one in result["reading"]["normalised"]}
    assert listed["/funds/0/executed"] == ("627430.69元", Decimal("627430.69"))
    assert listed["/indicators/0/weight"] == ("15分", 15)


def test_an_amount_with_another_unit_than_the_forms_is_never_rescaled() -> None:
    form = {**foreign.RECORDS["001"], "funds": [dict(row) for row in foreign.RECORDS["001"]["funds"]]}
    form["funds"][1]["executed"] = "62.743069万元"
    [result] = results_of_workbook(foreign.workbook([(form, foreign.STYLES["as printed"])]), "x.xlsx")
    assert result["record"]["funds"][1]["executed"] is None
    assert ("F01", "error") in {(one["rule"], one["level"]) for one in result["findings"]}
    assert result["status"] == "returned"
