"""The columns of the blank roster: width, format, accepted values, how to fill it in, and a worked example."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from xltool.form.blocks import LEVEL_COLUMNS, Level2
from xltool.form.definition import Form
from xltool.form.roster import columns_of_roster, has_place, is_about_unit
from xltool.result import roles
from xltool.roster.columns import fund_key

#: The required columns of indicators, beside those of their project and their group.
_NEEDED_OF_INDICATOR = ("level3", "target")

#: The defined names behind the drop-downs of levels.
LEVEL1_NAMES, LEVEL2_NAMES = "level1_names", "level2_names"

TEXT, GENERAL, MONEY, DAY = "@", "General", "#,##0.00####", "yyyy-mm-dd"

_SINCE = datetime.date(2000, 1, 1)
_AMOUNT = {"validate": "decimal", "criteria": ">=", "value": 0, "error_message": "请填写不小于 0 的数，不带单位。"}
_YEAR = {"validate": "integer", "criteria": "between", "minimum": 2000, "maximum": 2100}
_UNIT = {"validate": "list", "source": ["元", "万元"], "error_message": "请选“元”或“万元”。"}
_DEADLINE = {"validate": "date", "criteria": ">=", "value": _SINCE, "error_message": "请填写日期，例如 2025-03-31。"}
_LEVEL = {"validate": "list", "error_message": "请从下拉列表里选表样上的指标。"}


@dataclass(frozen=True)
class RosterColumn:
    """One column of the blank roster.

    Attributes:
        key: the key of the column in the roster.
        width: in Excel's units.
        number_format: the number format of the cells below the head.
        hint: how to fill it in.
        example: the cell of the worked example; for indicators one for each of two rows.
        limit: a data validation.
        name: its name in messages.
        needed: whether it is required.
    """

    key: str
    width: float
    number_format: str
    hint: str
    example: tuple[str, ...]
    limit: Mapping[str, Any]
    name: str = ""
    needed: bool = False

    @property
    def head(self) -> str:
        """Its heading, with an asterisk if it is required."""
        return self.name + ("*" if self.needed else "")


def project_columns(form: Form) -> list[RosterColumn]:
    """The columns of the list of projects, without those for what the form does not have."""
    goal = "面向重点群体开展职业技能培训 100 人次以上，合格率不低于 95%。"
    unit = f"本行金额的单位：元或万元。留空按表样的“{form.money_unit}”。"
    code = "预算管理一体化系统的项目编码，没有的留空。这一栏已设为文本，长编码不会丢失末位。"
    department = "全称，不用简称；签发按它分文件夹，催交按它汇总。"
    executed = "决算的支出数，单位同上。签发时可以不填；收表时填上，自动与自评表核对。"
    columns = [
        RosterColumn("year", 8, GENERAL, "四位数字，自评的预算年度。", ("2024",), _year(form)),
        RosterColumn("code", 24, TEXT, code, ("330101-2024-0017",), {}),
        RosterColumn("name", 32, TEXT, "与批复的预算一致。", ("职业技能培训项目",), {}),
        RosterColumn("department", 26, TEXT, department, ("某市人力资源和社会保障局",), {}),
        RosterColumn("unit", 26, TEXT, "填表的单位，全称。", ("某市职业培训中心",), {}),
        RosterColumn("goal", 44, TEXT, "批复的年度总体目标，印在表上并锁定。", (goal,), {}),
        *_funds(form),
        RosterColumn("money_unit", 9, GENERAL, unit, (form.money_unit,), _UNIT),
        RosterColumn("deadline", 13, DAY, "最晚哪天交回，例如 2025-03-31；催交按它算。", ("2025-03-31",), _DEADLINE),
        RosterColumn("contact", 10, TEXT, "填表单位的联系人。", ("张三",), {}),
        RosterColumn("phone", 16, TEXT, "联系人的电话。", ("0571-81234567",), {}),
        RosterColumn("email", 26, TEXT, "联系人的邮箱，发表和催交用。", ("zhangsan@example.com",), {}),
        RosterColumn("executed", 15, MONEY, executed, ("",), _AMOUNT),
    ]
    return _of_form(form, columns, columns_of_roster(form.reference).needed)


def _of_form(form: Form, columns: Sequence[RosterColumn], needed: Sequence[str]) -> list[RosterColumn]:
    """The columns that a form has a place for, with their names."""
    known = columns_of_roster(form.reference)
    present = [column for column in columns if has_place(form, column.key)]
    return [replace(column, name=known.heading(column.key), needed=column.key in needed) for column in present]


def _year(form: Form) -> dict[str, Any]:
    """The limit of the year: the years of the form, if it lists them."""
    place = form.place(roles.YEAR)
    years = list(map(int, form.field(place).choices)) if place is not None else []
    ends = {"minimum": min(years), "maximum": max(years)} if years else {}
    return {**_YEAR, **ends, "error_message": "请填写四位年份，例如 2024。"}


def _funds(form: Form) -> Iterator[RosterColumn]:
    """One column per source of funds whose initial budget the form has."""
    whole = form.roles.row(roles.INITIAL_BUDGET)
    sums = {row.adds_to for row in form.fund_rows.values()}
    sources = [source for source in form.fund_rows if source == whole or source not in sums]
    first_part = next((source for source in sources if source != whole), None)
    for source in sources:
        part_hint = "总额中的这一部分，各部分之和等于年初预算数；没有的留空。"
        hint = "批复的年初预算总额。" if source == whole else part_hint
        example = "100" if source in (whole, first_part) else ""
        yield RosterColumn(fund_key(source), 15, MONEY, hint, (example,), _AMOUNT)


def indicator_columns(form: Form) -> list[RosterColumn]:
    """The columns of the list of indicators that the form has; none if it has no indicators."""
    groups = _example_groups(form)
    if form.column(roles.INDICATOR) is None or not groups:
        return []
    first, second = groups[0], groups[-1]
    level1_of = {group.id: level1.label for level1 in form.level1 for group in level1.level2}
    has_operator = form.column(roles.OPERATOR) is not None
    target = "批复的指标值，只填数值；性质、单位写在左右两栏。" if has_operator else "批复的指标值，照原文。"
    targets = ("100", "95") if has_operator else ("≥100人次", "≥95%")
    limit1, limit2 = ({**_LEVEL, "source": f"={level_names}"} for level_names in (LEVEL1_NAMES, LEVEL2_NAMES))
    columns = [
        RosterColumn("code", 24, TEXT, "与《项目》页相同；没有编码的项目留空。", ("330101-2024-0017", ""), {}),
        _subject(form),
        RosterColumn(
            "level1", 16, TEXT, "可以不填；填了就要与表样一致。", (level1_of[first.id], level1_of[second.id]), limit1
        ),
        RosterColumn("level2", 20, TEXT, "从下拉列表里选。", (first.label, second.label), limit2),
        RosterColumn("level3", 34, TEXT, "批复的指标名称，一行一个。", ("培训人次", "培训合格率"), {}),
        RosterColumn("operator", 10, TEXT, "≥、≤、＝、＞、＜ 或“定性”。", ("≥", "≥"), {}),
        RosterColumn("target", 24, TEXT, target, targets, {}),
        RosterColumn("measure", 10, TEXT, "%、人次、万元等。", ("人次", "%"), {}),
        RosterColumn(
            "weight",
            8,
            GENERAL,
            "批复的分值。一个项目各指标的分值，连同执行率的分值，合计应为满分。",
            ("20", "10"),
            _AMOUNT,
        ),
    ]
    table = form.tables[form.indicator_table]
    needed = (*columns_of_roster(form.reference).needed_of_indicators, table.group_column, *_NEEDED_OF_INDICATOR)
    columns = [column for column in columns if column.key not in LEVEL_COLUMNS or column.key in table.level_columns]
    return _of_form(form, columns, needed)


def _subject(form: Form) -> RosterColumn:
    """The column that says whose indicators they are."""
    blank = "编码、名称都留空表示同上一行。" if has_place(form, "code") else "留空表示同上一行。"
    if is_about_unit(form):
        return RosterColumn("unit", 26, TEXT, f"与《项目》页相同。{blank}", ("某市职业培训中心", ""), {})
    same_names = "有同名项目的，另加一列“实施单位”。" if has_place(form, "unit") else ""
    return RosterColumn("name", 32, TEXT, f"与《项目》页相同。{blank}{same_names}", ("职业技能培训项目", ""), {})


def _example_groups(form: Form) -> Sequence[Level2]:
    """The second-level indicators of the worked example, at most two."""
    return list(form.level2.values())[:2]
