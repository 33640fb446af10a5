"""What a form does not have is absent, in results, overviews and comparisons: never 0, never under another's name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from lacking import lacking_forms, record_of, result_of
from project import with_changes

from xltool.result.comparison import compare_records, differences
from xltool.result.issued_identity import issued_identity
from xltool.result.overview import Overview, OverviewEntry
from xltool.result.record import Record
from xltool.result.roles import BUDGET, EXECUTED, GRADE, INDICATORS, RATE, REASON, SUBJECT, TOTAL_SCORE, roles_of
from xltool.services.read_and_check import result_of_record
from xltool.support import json_codec

DAY = date(2025, 4, 1)


@pytest.fixture(autouse=True)
def forms(tmp_path: Path) -> Iterator[None]:
    with lacking_forms(tmp_path):
        yield


def _scored(clean: dict[str, Any]) -> OverviewEntry:
    return OverviewEntry(result_of_record(Record.from_json(clean), json_codec.dumps(clean).encode(), "scored.json"))


def test_a_record_says_of_a_role_what_its_form_has_and_nothing_else(clean: dict[str, Any]) -> None:
    whole, bare = Record.from_json(clean), record_of("bare", clean)
    assert (whole.role_value(TOTAL_SCORE), len(whole.role_table(INDICATORS)) > 3) == (Decimal("99.32"), True)
    assert whole.pointer(whole.roles.path(EXECUTED)) == "/funds/0/executed" and whole.roles.total_row == "total"
    assert (bare.role_value(TOTAL_SCORE), bare.role_table(INDICATORS), bare.role_column(REASON)) == (None, (), [])
    assert (bare.pointer(bare.roles.path(EXECUTED)), bare.roles.total_row, bare.money_unit) == ("", None, None)
    assert (
        bare.project
        == Record.from_json({**clean, "project": {**clean["project"], "code": None, "department": None}}).project
    )


def test_a_form_without_a_field_for_the_money_unit_has_that_of_its_definition(clean: dict[str, Any]) -> None:
    assert record_of("of-unit", {**clean, "money_unit": "元"}).money_unit == roles_of("of-unit/1").money_unit == "万元"
    assert record_of("unscored", {**clean, "money_unit": "元"}).money_unit == "元"


def test_a_record_of_a_form_that_is_not_at_hand_or_broken_is_read_as_those_at_hand(
    clean: dict[str, Any], tmp_path: Path
) -> None:
    broken = tmp_path / "forms/broken/1"
    broken.mkdir(parents=True)
    (broken / "form.toml").write_text('extends = "none/1"\n', "utf-8")
    for form in ("gone", "broken"):
        record = Record.from_json({**clean, "form": {"id": form, "version": "1"}})
        assert record.project == Record.from_json(clean).project and record.money_unit == clean["money_unit"]


def test_figures_that_a_form_does_not_have_are_not_computed(clean: dict[str, Any]) -> None:
    assert set(vars(result_of("bare", clean).computed).values()) == {None}
    unscored = result_of("unscored", clean).computed
    assert unscored is not None
    assert (unscored.execution_rate, unscored.fund_score, unscored.total_score) == (Decimal("0.975"), None, None)


def test_an_overview_knows_blank_from_absent_and_counts_scores_of_scored_forms_alone(clean: dict[str, Any]) -> None:
    bare, unscored = (OverviewEntry(result_of(form, clean)) for form in ("bare", "unscored"))
    scored = _scored(clean)
    assert [entry.lacks(role) for entry in (bare, unscored, scored) for role in (BUDGET, RATE, TOTAL_SCORE, GRADE)] == [
        *(True, True, True, True), *(False, False, True, True), *(False, False, False, False),
    ]  # fmt: skip
    assert (bare.money(BUDGET), bare.rate, bare.score, bare.grade, bare.money_unit) == (None, None, None, "", "")
    assert (unscored.score, unscored.grade, unscored.money(BUDGET)) == (None, "", scored.money(BUDGET))
    mixed = Overview([bare, unscored, scored], DAY)
    assert (sum(mixed.scores.values()), mixed.forms_without_score) == (1, 2)
    assert mixed.scores_title == "得分分布（另有 2 份的表样不打分）"
    assert Overview([bare, unscored], DAY).scores == {} and Overview([scored], DAY).scores_title == "得分分布"


def test_a_form_about_a_unit_as_a_whole_is_its_units_and_one_changed_name_is_one_fact(clean: dict[str, Any]) -> None:
    record = record_of("of-unit", clean)
    assert record.project.name == record.project.unit == clean["project"]["unit"] and record.project.code is None
    other = issued_identity(record, {"year": 2024, "project.unit": "另一个单位"})
    assert (other.changed, other.is_of_other_project) == ({"name"}, False)
    assert (other.names.name, other.names.unit) == ("另一个单位", "另一个单位")
    assert issued_identity(record, {"year": 2023, "project.unit": "另一个单位"}).is_of_other_project


def test_tables_of_no_role_are_compared_by_label_or_number(clean: dict[str, Any]) -> None:
    tasks = [{"name": "任务一", "result": "完成"}, {"name": "任务二", "result": "完成"}]
    situations = [{"item": "use", "label": "使用规范性", "text": None}]
    contents = {"form": {"id": "bare", "version": "1"}, "year": clean["year"]}
    before = Record.from_json({**contents, "tasks": tasks, "situations": situations})
    later = {"tasks": [{**tasks[0], "result": "未完成"}], "situations": [{**situations[0], "text": "合规"}]}
    after = Record.from_json({**contents, **later})
    assert [(one.path, one.label, one.kind, one.before, one.after) for one in differences(before, after)] == [
        ("/tasks/0/result", "tasks 1 result", "changed", "完成", "未完成"),
        ("/tasks/1", "tasks 2", "removed", "name 任务二；result 完成", None),
        ("/situations/0/text", "使用规范性 text", "added", None, "合规"),
    ]


def test_comparing_two_forms_without_scores_says_what_changed_elsewhere(clean: dict[str, Any]) -> None:
    changed = with_changes(clean, {"project.unit": "新单位", "indicators.0.actual": "58"})
    lines = compare_records(result_of("of-unit", clean), result_of("of-unit", changed))
    assert [(one["path"], one["label"]) for one in lines if one["what"] == "field"] == [
        ("/project/unit", "实施单位"),
        ("/indicators/0/actual", f"数量指标“{clean['indicators'][0]['level3']}” 实际完成值"),
    ]
    assert roles_of("of-unit/1").path(SUBJECT) == "project.unit"
