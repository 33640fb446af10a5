"""The roster's template reads back, says how to fill it in, and guards what is typed into it."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

import libreoffice
import openpyxl
import pytest
from project import DATA, templates

from xltool.form.loading import load_form
from xltool.form.references import all_references
from xltool.intake.records import parse_roster
from xltool.support.errors import WrongUse
from xltool.tables.new_roster import GUIDE, INDICATORS, PROJECTS, new_roster


def _book(reference: str) -> Any:
    return openpyxl.load_workbook(io.BytesIO(new_roster(load_form(reference))))


def _saved(book: Any) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _examples(book: Any) -> dict[str, list[list[Any]]]:
    """The worked example of each sheet: what stands beside each heading, line by line."""
    rows = [[cell.value for cell in row] for row in book[GUIDE].iter_rows(max_col=4)]
    found: dict[str, list[list[Any]]] = {}
    own: list[list[Any]] = []
    for row in rows:
        if str(row[0]).startswith("《"):
            own = found.setdefault(str(row[0])[1:3], [])
        elif row[0] and row[0] != "栏目":
            own.append(row)
    return found


def _filled(reference: str) -> Any:
    """The template with its worked example copied into its sheets, as a person would type it."""
    book = _book(reference)
    examples = _examples(book)
    for name, lines in ((PROJECTS, 1), (INDICATORS, 2)):
        heads = [cell.value for cell in book[name][1]]
        assert [row[0] for row in examples[name]] == heads
        for column, row in enumerate(examples[name], 1):
            for line in range(lines):
                text = row[2 + line]
                cell = book[name].cell(2 + line, column)
                number = cell.number_format not in ("@", "yyyy-mm-dd") and str(text or "").replace(".", "").isdigit()
                cell.value = (
                    int(text) if number else datetime.date.fromisoformat(text) if row[0] == "截止日期" else text
                )
    return book


@pytest.mark.parametrize("reference", all_references())
def test_a_blank_template_is_one_clear_fault_and_the_same_bytes_again(reference: str) -> None:
    content = new_roster(load_form(reference))
    assert content == new_roster(load_form(reference))
    with pytest.raises(WrongUse) as raised:
        parse_roster(content, "r.xlsx")
    fault = "r.xlsx：没有一个项目；请在表头下面一行一个地填写应报送的项目"
    assert str(raised.value) == f"名册 r.xlsx 有 1 处错误：\n  {fault}"


@pytest.mark.parametrize("reference", all_references())
def test_the_worked_example_copied_into_the_sheets_is_a_roster(reference: str) -> None:
    form = load_form(reference)
    roster = parse_roster(_saved(_filled(reference)), "r.xlsx")
    [project] = roster.projects
    assert roster.unused_headings == ()
    assert (project.year, project.code, project.unit, project.money_unit) == (
        2024, "330101-2024-0017", "某市职业培训中心", form.money_unit
    )  # fmt: skip
    assert (project.deadline, project.email) == (datetime.date(2025, 3, 31), "zhangsan@example.com")
    shown = [
        source for source in ("total", "fiscal") if source in form.fund_rows and "initial_budget" in form.fund_columns
    ]
    assert project.funds == dict.fromkeys(shown, Decimal(100))
    labels = {group.label for group in form.level2.values()}
    assert [one.level3 for one in project.indicators] == ["培训人次", "培训合格率"]
    assert {one.level2 for one in project.indicators} <= labels
    assert {bool(one.operator) for one in project.indicators} == {"operator" in form.columns}
    weights = [Decimal(20), Decimal(10)] if "weight" in form.columns else [None, None]
    assert [one.weight for one in project.indicators] == weights


@pytest.mark.parametrize("reference", ["bonds-2024/1", "bare-2024/1", "dept-overall/1", "transfer/1"])
def test_the_worked_example_of_a_form_with_more_or_fewer_parts_is_a_roster(reference: str) -> None:
    with templates(DATA / "rosters", DATA / "families"):
        book = _filled(reference)
        roster = parse_roster(_saved(book), "r.xlsx")
    [project] = roster.projects
    assert (roster.unused_headings, roster.form_reference) == ((), reference)
    assert [one.level3 for one in project.indicators] == ["培训人次", "培训合格率"]
    told = str([[cell.value for cell in row] for name in (PROJECTS, INDICATORS) for row in book[name].iter_rows()])
    assert ("专项债券资金" in told, "项目名称" in told, "编码" in told, "分值" in told) == {
        "bonds-2024/1": (True, True, True, True),
        "bare-2024/1": (False, True, False, False),
        "dept-overall/1": (False, False, False, True),
        "transfer/1": (False, True, True, False),
    }[reference]


def test_what_is_typed_is_limited_and_each_column_says_how_to_fill_it_in() -> None:
    book = _book("mof-2020/1")
    told = {}
    for name in (PROJECTS, INDICATORS):
        sheet = book[name]
        for one in sheet.data_validations.dataValidation:
            [area] = one.sqref.ranges
            assert (area.min_row, area.max_row, area.min_col) == (2, 5001, area.max_col)
            assert one.prompt and len(one.prompt) <= 255
            head = sheet.cell(1, area.min_col).value
            told[name, head] = (one.type, one.formula1, one.formula2)
        assert len([key for key in told if key[0] == name]) == sheet.max_column
    limited = {key: limit for key, limit in told.items() if limit[0] not in (None, "none")}
    years = load_form("mof-2020/1").fields["year"].choices
    first, last = (min(years), max(years)) if years else ("2000", "2100")
    assert limited == {
        (PROJECTS, "年度*"): ("whole", first, last),
        **{
            (PROJECTS, head): ("decimal", "0", None)
            for head in ("年初预算数", "当年财政拨款", "上年结转资金", "其他资金", "全年执行数")
        },
        (PROJECTS, "金额单位"): ("list", '"元,万元"', None),
        (PROJECTS, "截止日期"): ("date", "36526", None),
        (INDICATORS, "一级指标"): ("list", "level1_names", None),
        (INDICATORS, "二级指标*"): ("list", "level2_names", None),
        (INDICATORS, "分值"): ("decimal", "0", None),
    }
    named = book.defined_names["level2_names"].attr_text.split("!")[1].replace("$", "")
    listed = [cell.value for [cell] in book[GUIDE][named]]
    assert listed == [group.label for group in load_form("mof-2020/1").level2.values()]


def test_a_roster_that_libreoffice_has_saved_reads_the_same(tmp_path: Path) -> None:
    file = tmp_path / "名册.xlsx"
    file.write_bytes(_saved(_filled("std-op-2020/1")))
    [again] = libreoffice.converted([file], tmp_path / "lo")
    assert parse_roster(again.read_bytes(), "r.xlsx").projects == parse_roster(file.read_bytes(), "r.xlsx").projects
