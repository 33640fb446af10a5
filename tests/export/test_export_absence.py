"""The export takes what a form has: what it lacks is blank, and nobody is asked to fill it in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lacking import lacking_forms, result_of

from xltool.export.flat import flat_tables
from xltool.export.platform import load_platform
from xltool.export.rows import ExportRows, export_rows
from xltool.result.record import Record
from xltool.result.result import Result


@pytest.fixture(autouse=True)
def forms(tmp_path: Path) -> Iterator[None]:
    with lacking_forms(tmp_path):
        yield


def _result(form: str, clean: dict[str, Any], contents: dict[str, Any]) -> Result:
    """A result with other contents than were checked."""
    record = Record.from_json({**contents, "form": {"id": form, "version": "1"}})
    return Result(**{**vars(result_of(form, clean)), "record": record})


def _rows(export: ExportRows, table: str) -> list[dict[str, Any]]:
    [found] = [one for one in load_platform().tables if one.name == table]
    names = [element.name for element in found.elements]
    return [dict(zip(names, row, strict=True)) for row in export.rows[table]]


def test_scores_that_a_form_does_not_have_are_blank_on_the_platform_and_not_refused(clean: dict[str, Any]) -> None:
    scores = {"weight", "score"}
    indicators = [{key: row[key] for key in row if key not in scores} for row in clean["indicators"]]
    contents = {key: clean[key] for key in clean if key not in ("total", "grade")} | {"indicators": indicators}
    export = export_rows([_result("unscored", clean, contents)], load_platform())
    assert [one.finding for one in export.findings if one.finding.level == "error"] == [] and len(export.forms) == 1
    assert [row["total_eval_value"] for row in _rows(export, "PM_PERF_SELF_EVAL")] == [None]
    lines = _rows(export, "PM_SELF_EVAL_INDICATOR")
    assert len(lines) == len(indicators) and {row["eval_score"] for row in lines} == {None}
    assert [row["lv3_perf_ind_name"] for row in lines] == [row["level3"] for row in indicators]
    refused = export_rows(
        [_result("mof-2020", clean, {**clean, "total": {"weight": 100, "score": None}})], load_platform()
    )
    assert [one.finding.path for one in refused.findings if one.finding.rule == "S01"] == ["/total/score"]


def test_a_form_without_funds_indicators_and_goal_has_a_row_in_the_main_table_alone(clean: dict[str, Any]) -> None:
    contents = {key: clean[key] for key in ("form", "year", "project")}
    export = export_rows([_result("bare", clean, contents)], load_platform())
    assert {name: len(rows) for name, rows in export.rows.items()} == {
        "PM_PERF_SELF_EVAL": 1, "PM_SELF_EVAL_GOAL": 0, "PM_SELF_EVAL_INDICATOR": 0, "PM_PERF_SELF_BGT": 0,
    }  # fmt: skip
    assert [one.finding.rule for one in export.findings if one.finding.level == "error"] == []


def test_a_form_about_a_unit_as_a_whole_has_its_unit_for_a_name_on_the_platform(clean: dict[str, Any]) -> None:
    [row] = _rows(export_rows([result_of("of-unit", clean)], load_platform()), "PM_PERF_SELF_EVAL")
    assert row["pro_name"] == row["agency_name"] == clean["project"]["unit"] and row["pro_code"] is None


def test_amounts_are_converted_by_the_money_unit_of_the_definition_where_the_form_has_no_field(
    clean: dict[str, Any],
) -> None:
    export = export_rows(
        [_result("of-unit", clean, {key: clean[key] for key in clean if key != "money_unit"})], load_platform()
    )
    whole = export_rows([_result("mof-2020", clean, clean)], load_platform())
    amounts = [row["year_exe_amt"] for row in _rows(export, "PM_PERF_SELF_BGT")]
    assert amounts == [row["year_exe_amt"] for row in _rows(whole, "PM_PERF_SELF_BGT")] != []


def test_flat_tables_have_no_rows_of_what_is_lacking(clean: dict[str, Any]) -> None:
    tables = {one.name: one for one in flat_tables([result_of("bare", clean)])}
    assert not tables["funds"].rows and not tables["indicators"].rows
    [form] = tables["forms"].rows
    values = {column.name: value for column, value in zip(tables["forms"].columns, form, strict=True)}
    assert (values["computed_total_score"], values["computed_execution_rate"]) == (None, None)


def test_a_further_table_of_a_form_is_a_flat_table_under_a_name_of_its_own(clean: dict[str, Any]) -> None:
    rows = [{"text": "第一项", "amount": 3}, {"text": "第二项", "amount": None}]
    tables = {one.name: one for one in flat_tables([result_of("listing", {**clean, "findings": rows})])}
    assert list(tables) == ["forms", "funds", "indicators", "findings_rows", "findings"]
    table = tables["findings_rows"]
    assert [(column.name, column.kind) for column in table.columns[2:]] == [
        ("project_name", "text"), ("row", "count"), ("text", "text"), ("amount", "number"),
    ]  # fmt: skip
    assert [list(row[3:]) for row in table.rows] == [[1, "第一项", 3], [2, "第二项", None]]
