"""Forms that never saw our template are read: at least 99 % of their fields right, nothing wrong at confidence 1."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import foreign
import openpyxl
import pytest
from contract import results_of_workbook

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
    """Each style on a third of the forms; XLTOOL_ALL tries every form."""
    wrong, count = [], 0
    names = list(foreign.SUPPORTED)
    chosen = names if os.environ.get("XLTOOL_ALL") else names[list(STYLES).index(style) % 3 :: 3]
    for name in chosen:
        form = foreign.RECORDS[name]
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


def test_a_second_level_under_the_wrong_first_level_is_told_with_its_cell() -> None:
    import copy

    form = copy.deepcopy(foreign.RECORDS["001"])
    for row in form["indicators"]:
        if row["level2"] == "社会效益指标":
            row["level1"] = "产出指标"
    form["indicators"].sort(key=lambda row: ["产出指标", "效益指标", "满意度指标"].index(row["level1"]))
    for _ in range(2):
        [result] = results_of_workbook(foreign.workbook([(form, foreign.STYLES["as printed"])]), "x.xlsx")
        [told] = [one for one in result["findings"] if one["rule"] == "T03"]
        assert told["level"] == "warning" and "社会效益指标" in told["message"] and "产出指标" in told["message"]
        assert told["cell"].startswith(f"{result['sheet']}!")
    [result] = results_of_workbook(foreign.workbook([(foreign.RECORDS["001"], foreign.STYLES["as printed"])]), "x.xlsx")
    assert "T03" not in {one["rule"] for one in result["findings"]}


@pytest.mark.parametrize("style", STYLES)
def test_a_form_of_a_layout_without_a_definition_is_named_however_it_is_typed(style: str) -> None:
    for name, form in foreign.OTHERS.items():
        [result] = results_of_workbook(foreign.workbook([(form, STYLES[style])]), f"{name}.xlsx")
        assert [one["rule"] for one in result["findings"]] == ["P01"], name
        assert (result["status"], result["form"]) == ("unreadable", None)


@pytest.mark.parametrize(
    "label",
    [
        "合  计（100分）",
        "总分（满分100分）",
        "总 分：",
        "总计",
        "自评总分",
        "合计（含预算执行率）",
        "评价得分",
        "自评得分合计",
    ],
)
def test_the_row_of_the_total_is_known_by_any_of_its_names(label: str) -> None:
    form = foreign.RECORDS["001"]
    book = openpyxl.load_workbook(io.BytesIO(foreign.workbook([(form, foreign.STYLES["as printed"])])))
    [cell] = [cell for row in book.active.iter_rows() for cell in row if cell.value == "总分"]
    cell.value = label
    content = io.BytesIO()
    book.save(content)
    [result] = results_of_workbook(content.getvalue(), "x.xlsx")
    assert not list(_wrong(form, result))
    assert {one["rule"] for one in result["findings"] if one["level"] == "error"} == {"D01"}
