"""The ledger compares what both sides have: a form without scores, funds or indicators is in it like any other."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from families import family_record
from lacking import lacking_forms, record_of, result_of
from project import FAMILIES, templates, with_changes

from xltool.form.loading import load_form
from xltool.ledger.approved_budget import approved_total
from xltool.ledger.baseline import compare_with_roster
from xltool.ledger.coverage import coverage_of
from xltool.ledger.cross_form_checks import cross_form_findings, narrative
from xltool.ledger.project_status import project_statuses
from xltool.ledger.received import match_received
from xltool.ledger.reminders import reminders
from xltool.ledger.store import Ledger
from xltool.ledger.wrong_forms import without_wrong_form
from xltool.result.record import Record
from xltool.roster.model import ApprovedIndicator, Project, Roster
from xltool.services.issue import issue_forms
from xltool.services.issue_folder import plan_roster
from xltool.services.read_and_check import results_of_workbook

DAY = date(2025, 3, 1)
NAME, UNIT = "职业技能培训项目", "某市职业培训中心"


@pytest.fixture(autouse=True)
def forms(tmp_path: Path) -> Iterator[None]:
    with lacking_forms(tmp_path):
        yield


def _listed(name: str = NAME, unit: str = UNIT, **further: Any) -> Project:
    return Project(2024, name, unit, **further)


def test_rounds_coverage_and_checks_across_forms_do_without_what_a_form_lacks(clean: dict[str, Any]) -> None:
    units = ["甲中心", "乙中心", "丙中心"]
    records = [with_changes(clean, {"project.unit": unit, "project.code": ""}) for unit in units]
    results = [result_of("bare", record, f"{number}.json") for number, record in enumerate(records)]
    roster = Roster(tuple(_listed(unit=unit) for unit in [*units, "丁中心"]))
    with Ledger(None) as ledger:
        run = ledger.begin(DAY)
        for result in results:
            assert ledger.record(result, run, DAY)
        ledger.complete(run)
        statuses = project_statuses(ledger, DAY)
        received = match_received(ledger, statuses, roster, Decimal(1))
        cover = coverage_of(statuses, roster, Decimal(1), DAY, received)
        across = cross_form_findings(ledger, statuses, received.projects)
    assert cover.counts[:3] == (4, 3, 3) and [one.unit for one in cover.missing_projects] == ["丁中心"]
    assert (dict(across.by_form), across.of_collection) == ({}, []) and narrative(results[0].record) == ""  # type: ignore[arg-type]


def test_look_alikes_are_found_where_a_form_says_what_was_reached(clean: dict[str, Any]) -> None:
    records = [with_changes(clean, {"project.unit": unit, "project.code": ""}) for unit in ("甲中心", "乙中心")]
    long = {"goal": {**clean["goal"], "actual": "全年共举办各类职业技能培训班" * 20}}
    with Ledger(None) as ledger:
        run = ledger.begin(DAY)
        for number, record in enumerate(records):
            ledger.record(result_of("unscored", {**record, **long}, f"{number}.json"), run, DAY)
        found = cross_form_findings(ledger, project_statuses(ledger, DAY)).by_form
    assert [(one.rule, one.path) for findings in found.values() for one in findings] == [("X03", "/goal/actual")] * 2


def test_two_versions_of_one_project_are_told_apart_without_any_table(clean: dict[str, Any]) -> None:
    other = with_changes(clean, {"project.department": "别的局"})
    with Ledger(None) as ledger:
        run = ledger.begin(DAY)
        for number, record in enumerate((clean, other)):
            ledger.record(result_of("bare", record, f"{number}.json"), run, DAY)
        found = cross_form_findings(ledger, project_statuses(ledger, DAY)).by_form
    assert [one.rule for findings in found.values() for one in findings] == ["X02", "X02"]


def test_a_roster_is_compared_with_what_the_form_has(clean: dict[str, Any]) -> None:
    wrong = {
        "funds": {"total": Decimal(1)}, "executed": Decimal(2), "department": "别的局", "code": "别的编码",
        "indicators": (ApprovedIndicator("数量指标", "别的指标", "1", Decimal(99)),),
    }  # fmt: skip
    assert compare_with_roster(record_of("bare", clean), Roster((_listed(**wrong),))) == []
    whole = compare_with_roster(record_of("mof-2020", clean), Roster((_listed(**wrong),)))
    assert {one.rule for one in whole} == {"H04", "X05", "X06", "T10"}
    weights = tuple(
        ApprovedIndicator(row["level2"], row["level3"], row["target"], Decimal(99)) for row in clean["indicators"]
    )
    assert compare_with_roster(record_of("unscored", clean), Roster((_listed(indicators=weights),))) == []


def test_the_name_of_a_unit_as_a_whole_is_compared_once_as_its_unit(clean: dict[str, Any]) -> None:
    found = compare_with_roster(record_of("of-unit", clean), Roster((_listed(UNIT, "改名后的单位"),)))
    assert [(one.rule, one.path, one.label) for one in found] == [("H04", "/project/unit", "实施单位")]
    assert compare_with_roster(record_of("of-unit", clean), Roster((_listed(UNIT),))) == []
    [unlisted] = compare_with_roster(record_of("of-unit", clean), Roster((_listed("别的单位", "别的单位"),)))
    assert (unlisted.rule, unlisted.path) == ("X01", "/project/unit")


def test_a_form_about_a_unit_of_another_year_is_the_wrong_form(clean: dict[str, Any]) -> None:
    last_year = copy.deepcopy({**clean, "year": 2023})
    wrong = without_wrong_form(result_of("of-unit", last_year), Roster((_listed(UNIT),)))
    assert wrong.record is None and [(one.name, one.unit) for one in wrong.sent_for] == [(UNIT, UNIT)]
    right = result_of("of-unit", clean)
    assert without_wrong_form(right, Roster((_listed(UNIT),))) == right


def test_an_approved_budget_is_added_up_as_the_form_adds_its_sources_up(clean: dict[str, Any]) -> None:
    amounts = {"basic": Decimal(60), "basic_fiscal": Decimal(50), "project_fiscal": Decimal(40)}
    with templates(FAMILIES):
        assert approved_total(amounts, load_form("dept-overall/1")) == 100
        assert approved_total({**amounts, "total": Decimal(7)}, load_form("dept-overall/1")) == 7
        assert approved_total({}, load_form("dept-overall/1")) is None
        assert approved_total({"fiscal": Decimal(3), "bonds": Decimal(4)}, load_form("mof-2020/1")) == 7
        record = family_record("dept-overall/1", clean, unit=UNIT)
        found = compare_with_roster(record, Roster((_listed(UNIT, funds=amounts, money_unit="万元"),)))
        paths = [(one.rule, one.path, one.expected) for one in found]
    assert paths == [("X06", "/funds/1/initial_budget", "60"), ("X06", "/funds/2/initial_budget", "50"),
                     ]  # fmt: skip


def test_an_issued_form_about_a_unit_that_names_another_one_is_the_wrong_form() -> None:
    roster = Roster(tuple(_listed(name, name) for name in ("甲局", "乙局")))
    with templates(FAMILIES):
        [form, _] = issue_forms(plan_roster(roster, "dept-overall/1"))
        [result] = results_of_workbook(form.content, "甲局.xlsx")
        assert result.record is not None and without_wrong_form(result, roster) == result
        contents = result.record.as_json()
        contents["project"]["unit"] = "乙局"
        wrong = without_wrong_form(replace(result, record=Record.from_json(contents)), roster)
    assert wrong.is_wrong_form and [(one.name, one.unit) for one in wrong.sent_for] == [("乙局", "乙局")]


def test_a_unit_is_reminded_of_the_form_about_itself_without_naming_it_twice() -> None:
    roster = Roster((_listed(UNIT), _listed()))
    [own, of_project] = reminders(coverage_of([], roster, Decimal(1), DAY))
    assert own.text.startswith(f"{UNIT}：贵单位 2024 年度的绩效自评表尚未收到")
    assert of_project.text.startswith(f"{UNIT}：贵单位 2024 年度项目“{NAME}”的绩效自评表尚未收到")
