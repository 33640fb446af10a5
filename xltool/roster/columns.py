"""The columns of a roster: the headings they go by, and the money unit that a heading may state."""

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

#: The columns of a roster with the headings they go by, and the English keys of JSON.
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
    # of a manifest: which form was issued
    "issue": ("签发号",),
    "number": ("签发序号",),
}

#: The columns that hold texts as they stand.
TEXTS = ("name", "unit", "code", "department", "goal", "contact", "phone", "division_code", "division_name",
         "department_code", "unit_code", "issue", "number")  # fmt: skip

#: The columns of approved indicators, of a second table or in the same; the first four say whose they are.
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

#: What an indicator has of its own.
INDICATOR_ONLY = tuple(key for key in INDICATOR_COLUMNS if key not in COLUMNS)

#: The columns without which nothing is a roster, or a table of indicators.
NEEDED, INDICATOR_NEEDED = ("year", "name", "unit"), ("name", "level3")

#: What columns hold, where it is no text.
MONEY = ("executed", *(f"funds.{source}" for source in FUNDS))
NUMBERS = (*MONEY, "weight")


def normalise_key(text: str | None) -> str:
    """A text for comparing: as it looks, no white space, case folded. Names come padded and in full width."""
    return "".join(fold_width(text or "").casefold().split())


def heading(key: str) -> str:
    """What a column is called when it is spoken of."""
    return (COLUMNS.get(key) or INDICATOR_COLUMNS[key])[0]


#: A budget's heading may say 预算数 behind its source: 「上年结转资金年初预算数」.
_BUDGET = ("年初预算数", "年初预算", "预算数")
_UNIT = re.compile(r"\((万?元)\)$")
_MARKS = re.compile(r"\*|\(必填\)")
_TABLE_UNIT = re.compile(r"(?:金额)?单位:(万?元)")


def meant(text: str, columns: Mapping[str, Sequence[str]]) -> tuple[str, str]:
    """The column that a heading means and the money unit it states; "" where it does not.

    Args:
        text: the heading as it is written.
        columns: the columns there may be.
    """
    own = _MARKS.sub("", normalise_key(text))
    unit = _UNIT.search(own)
    own = _UNIT.sub("", own).removeprefix("其中:")
    by_name = _by_name(tuple((key, tuple(names)) for key, names in columns.items()))
    for end in ("", *_BUDGET):
        key = by_name.get(own.removesuffix(end), "") if own.endswith(end) else ""
        if key and (not end or key.startswith("funds.")):
            return key, unit[1] if unit and key in MONEY else ""
    return "", ""


@keep
def _by_name(columns: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    return {normalise_key(name): key for key, names in columns for name in (key, *names)}


def stated_unit(text: str) -> str:
    """The money unit that a text above a table states: 「单位：万元」; "" for any other text."""
    found = _TABLE_UNIT.search(normalise_key(text))
    return found[1] if found else ""
