"""The columns of a roster: their headings, and the money unit that a heading may state."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from xltool.language.texts import fold_width
from xltool.support.templates import keep

#: The columns of a roster beside the sources of money: the keys are also those of JSON, the values the headings.
COLUMNS: dict[str, tuple[str, ...]] = {
    "year": ("年度", "年份", "预算年度"),
    "code": ("项目编码", "项目代码", "项目编号"),
    "name": ("项目名称",),
    "department": ("主管部门", "主管部门及代码"),
    "unit": ("实施单位", "项目单位", "单位名称", "预算单位", "资金使用单位"),
    "goal": ("年度总体目标", "预期目标", "绩效目标", "总体目标", "年度绩效目标", "预算目标"),
    "executed": ("全年执行数", "决算数", "执行数", "支出决算数"),
    "money_unit": ("金额单位",),
    "deadline": ("截止日期", "报送期限", "报送截止日期", "截止时间"),
    "contact": ("联系人",),
    "phone": ("联系电话", "电话", "手机"),
    "email": ("邮箱", "电子邮箱", "电子邮件"),
    "division_code": ("财政区划代码", "财政区划", "区划代码"),
    "division_name": ("财政区划名称", "区划名称"),
    "department_code": ("主管部门代码",),
    "unit_code": ("单位代码", "预算单位代码", "实施单位代码"),
    # in a manifest: the issued form
    "issue": ("签发号",),
    "number": ("签发序号",),
}

#: The column that those of the sources of money precede.
_AFTER_FUNDS = "executed"

#: What the keys of columns with approved budgets begin with; the source of money follows.
_FUNDS = "funds."

#: The columns whose texts are used unchanged.
TEXTS = ("name", "unit", "code", "department", "goal", "contact", "phone", "division_code", "division_name",
         "department_code", "unit_code", "issue", "number")  # fmt: skip

#: The columns of approved indicators, in a second table or the same; the first four identify the project.
INDICATOR_COLUMNS: dict[str, tuple[str, ...]] = {
    **{key: COLUMNS[key] for key in ("year", "code", "name", "unit")},
    "level1": ("一级指标",),
    "level2": ("二级指标",),
    "level3": ("三级指标", "指标名称"),
    "operator": ("指标性质", "性质"),
    "target": ("年度指标值", "指标值", "目标值"),
    "measure": ("度量单位", "计量单位", "measure_unit"),
    "weight": ("分值", "权重"),
}

#: The columns of the indicators themselves.
INDICATOR_ONLY = tuple(key for key in INDICATOR_COLUMNS if key not in COLUMNS)


def normalise_key(text: str | None) -> str:
    """Normalise a text for comparison: width folded, without white space, case folded."""
    return "".join(fold_width(text or "").casefold().split())


def heading(key: str) -> str:
    """The name of a column in messages; sources of money have theirs in ``RosterColumns``."""
    names = COLUMNS.get(key) or INDICATOR_COLUMNS.get(key)
    return names[0] if names else key


def fund_key(source: str) -> str:
    """The key of the column with the approved budgets of a source of money."""
    return f"{_FUNDS}{source}"


def is_fund_key(key: str) -> bool:
    """Whether a column has the approved budgets of a source of money."""
    return key.startswith(_FUNDS)


def is_money(key: str) -> bool:
    """Whether a column has amounts of money."""
    return key == "executed" or is_fund_key(key)


def is_number(key: str) -> bool:
    """Whether a column has numbers."""
    return key == "weight" or is_money(key)


def unknown_source(text: str) -> str:
    """The source of money that a heading names by its key, ``funds.bonds``; "" for other headings."""
    name = normalise_key(text)
    return name.removeprefix(_FUNDS) if name.startswith(_FUNDS) else ""


@dataclass(frozen=True)
class RosterColumns:
    """The columns of a roster for one form, or for any of the forms that there are.

    Attributes:
        sources: the headings of approved budgets by source of money, the sum of all first; the first heading of each is
            its name in messages.
        offered: the sources that messages list: those of the form.
        has_budgets: whether a form has approved budgets.
        needed: the required columns of projects.
        is_about_unit: whether the form is about a unit as a whole, so that no column names a project.
        paths: where a record has what a column says, by column: keys joined by dots.
        labels: further headings by column: what the forms call it.
    """

    sources: Mapping[str, tuple[str, ...]]
    offered: tuple[str, ...]
    has_budgets: bool
    needed: tuple[str, ...]
    is_about_unit: bool
    paths: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, tuple[str, ...]]

    @cached_property
    def projects(self) -> Mapping[str, tuple[str, ...]]:
        """The columns of projects with their headings."""
        columns: dict[str, tuple[str, ...]] = {}
        for key, headings in COLUMNS.items():
            if key == _AFTER_FUNDS:
                columns |= {fund_key(source): names for source, names in self.sources.items()}
            columns[key] = headings
        return self._of_forms(columns)

    @cached_property
    def indicators(self) -> Mapping[str, tuple[str, ...]]:
        """The columns of approved indicators with their headings."""
        return self._of_forms(INDICATOR_COLUMNS)

    def _of_forms(self, columns: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        kept = (key for key in columns if key != "name" or not self.is_about_unit)
        return {key: (*columns[key], *self.labels.get(key, ())) for key in kept}

    @property
    def whole_budget(self) -> str:
        """The column with the approved budget as a whole."""
        return fund_key(next(iter(self.sources)))

    @property
    def needed_of_indicators(self) -> tuple[str, ...]:
        """The required columns of a table of indicators."""
        return ("unit" if self.is_about_unit else "name", "level3")

    def heading(self, key: str) -> str:
        """The name of a column in messages."""
        return self.projects[key][0] if key in self.projects else heading(key)


#: Suffixes that the heading of a budget may have after its source: 「上年结转资金年初预算数」.
_BUDGET = ("年初预算数", "年初预算", "预算数")
_UNIT = re.compile(r"\((万?元)\)$")
_MARKS = re.compile(r"\*|\(必填\)")
_TABLE_UNIT = re.compile(r"(?:金额)?单位:(万?元)")


def column_of_heading(text: str, columns: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """The column for a heading and the money unit that it states; "" for either if there is none.

    Args:
        text: the heading as written.
        columns: the possible columns.
    """
    name = _MARKS.sub("", normalise_key(text))
    unit = _UNIT.search(name)
    name = _UNIT.sub("", name).removeprefix("其中:")
    columns_by_name = _columns_by_name(tuple((key, tuple(names)) for key, names in columns.items()))
    for end in ("", *_BUDGET):
        key = columns_by_name.get(name.removesuffix(end), "") if name.endswith(end) else ""
        if key and (not end or is_fund_key(key)):
            return key, unit[1] if unit and is_money(key) else ""
    return "", ""


@keep
def _columns_by_name(columns: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    return {normalise_key(name): key for key, names in columns for name in (key, *names)}


def stated_unit(text: str) -> str:
    """The money unit that a text above a table states, as in 「单位：万元」; "" if there is none."""
    match = _TABLE_UNIT.search(normalise_key(text))
    return match[1] if match else ""
