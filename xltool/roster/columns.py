"""The columns of a roster: their headings, and the money unit that a heading may state."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xltool.language.texts import fold_width
from xltool.support.templates import keep

#: The sources of funds with the headings of their approved budgets.
FUNDS: dict[str, tuple[str, ...]] = {
    "total": ("年初预算数", "年初预算", "预算数", "预算金额", "项目资金", "年度资金总额", "资金总额", "initial_budget"),
    "fiscal": ("当年财政拨款", "本年财政拨款", "财政拨款", "财政资金", "本年一般公共预算拨款", "一般公共预算拨款"),
    "carryover": ("上年结转资金", "上年结转", "上年结转结余资金"),
    "other": ("其他资金",),
    "special_account": ("财政专户管理资金",),
    "own": ("单位资金", "自有资金"),
    "central": ("中央财政资金", "中央资金", "中央补助"),
    "local": ("地方资金", "地方财政资金"),
}

#: The columns of a roster: the keys are also those of JSON, the values the headings.
COLUMNS: dict[str, tuple[str, ...]] = {
    "year": ("年度", "年份", "预算年度"),
    "code": ("项目编码", "项目代码", "项目编号"),
    "name": ("项目名称",),
    "department": ("主管部门", "主管部门及代码"),
    "unit": ("实施单位", "项目单位", "单位名称", "预算单位", "资金使用单位"),
    "goal": ("年度总体目标", "预期目标", "绩效目标", "总体目标", "年度绩效目标", "预算目标"),
    **{f"funds.{source}": headings for source, headings in FUNDS.items()},
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

#: The columns that a roster, or a table of indicators, must have.
NEEDED, INDICATOR_NEEDED = ("year", "name", "unit"), ("name", "level3")

#: The columns of amounts, and of all numbers.
MONEY = ("executed", *(f"funds.{source}" for source in FUNDS))
NUMBERS = (*MONEY, "weight")


def normalise_key(text: str | None) -> str:
    """Normalise a text for comparison: width folded, without white space, case folded."""
    return "".join(fold_width(text or "").casefold().split())


def heading(key: str) -> str:
    """The name of a column in messages."""
    return (COLUMNS.get(key) or INDICATOR_COLUMNS[key])[0]


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
        if key and (not end or key.startswith("funds.")):
            return key, unit[1] if unit and key in MONEY else ""
    return "", ""


@keep
def _columns_by_name(columns: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    return {normalise_key(name): key for key, names in columns for name in (key, *names)}


def stated_unit(text: str) -> str:
    """The money unit that a text above a table states, as in 「单位：万元」; "" if there is none."""
    match = _TABLE_UNIT.search(normalise_key(text))
    return match[1] if match else ""
