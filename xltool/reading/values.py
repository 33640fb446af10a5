"""The value of a cell for its field: numbers typed as text become numbers, and each change is noted.

The meaning never changes: a number with another money unit than the form's remains the text that it is.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import NamedTuple

from xltool.form.field import Field
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import decimal_text, multiply
from xltool.language.texts import clean, fold_width
from xltool.language.types import Type
from xltool.recognition.label_match import YEAR
from xltool.support.i18n import tr
from xltool.workbook.grid import CellFact

#: What people write into a number cell to say that there is nothing.
NOTHING = frozenset(("—", "——", "-", "--", "–", "/", "\\", "无", "不适用", "不涉及", "N/A", "n/a"))

#: The same in words and dashes, in a row of a group that the project does not use.
_NOTHING_HERE = re.compile(
    r"[-–—―−‐_/\\|~、.。]+|0(?:\.0+)?(?:%|分|元|万元)?|N/?A|none|nil"
    r"|(?:本项目|本年度|本年|本单位|此项|该项|该指标)?(?:无|暂无|没有|不涉及|未涉及|不适用|不设置?|未设置?)"
    r"(?:此|该)?(?:项|类)?(?:二级|三级)?(?:内容|指标)?[。.]?",
    re.IGNORECASE,
)

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.\d+)?")
#: Digits with spaces between them: one number if grouped by thousands, otherwise several.
_APART = re.compile(r"\d\s+\d")
_GROUPED = re.compile(r"^\D*\d{1,3}(?:[^\S\n]\d{3})+(?:\.\d+)?\D*$")
_MONEY_UNITS = {"元": "元", "万元": "万元", "万": "万元"}
_MONTH = re.compile(r"年\d+月|\d{4}[-/.]\d")
_TICKED = "☑✓√■●✔☒"
_OPEN = "□○☐"


class ReadValue(NamedTuple):
    """A value, and why it differs from the content of the cell; "" if it does not."""

    value: Value
    why: str = ""


def is_placeholder(value: Value) -> bool:
    """Whether a value is blank, 0, or a placeholder such as 无, 不涉及 or ——."""
    if isinstance(value, SheetError | Decimal):
        return value == 0
    return value is None or not (text := _squeezed(value)) or _NOTHING_HERE.fullmatch(text) is not None


def read_value(fact: CellFact, field: Field, money_unit: str | None) -> ReadValue:
    """The value of a cell for a field.

    Args:
        fact: the cell.
        field: the field.
        money_unit: the unit that the form declares, for amounts typed with a unit.
    """
    value = fact.value
    if isinstance(value, SheetError):
        return ReadValue(value)
    if field.kind.type is Type.TEXT:
        return _text(fact, field)
    if isinstance(value, str):
        return _number(value, field, money_unit)
    return ReadValue(value)


def _text(fact: CellFact, field: Field) -> ReadValue:
    plain_text = clean(fact.text)
    text = fact.text if plain_text else None
    if text is None and clean(fact.raw) and not fact.picture:
        return ReadValue(None, tr("格式使内容不显示，按空白读取", "hidden by its number format, read as blank"))
    if text is not None and field.choices and field.kind.name == "choice":
        return _choice(text, field)
    if fact.text != plain_text or (fact.value == fact.text and "\r" in fact.raw):
        return ReadValue(text, tr("去掉首尾空白和控制字符，换行统一", "blanks at the ends, controls and line breaks"))
    return ReadValue(text)


def _choice(text: str, field: Field) -> ReadValue:
    """One of the choices: as it is, in another spelling, or ticked among all of them."""
    printed = re.match(r'"([^"]+)"', field.number_format)  # the displayed text includes the literal of its format
    text = text.removeprefix(printed[1]) if printed else text
    if text in field.choices:
        return ReadValue(text)
    same = [choice for choice in field.choices if _squeezed(choice) == _squeezed(text)]
    if not same:
        same = [choice for choice in field.choices if re.search(rf"{re.escape(choice)}\s*[{_TICKED}]", text)]
        same = same or [choice for choice in field.choices if re.search(rf"[{_TICKED}]\s*{re.escape(choice)}", text)]
    if len(same) == 1:
        return ReadValue(same[0], tr("选项写法已规范", "spelling of a choice"))
    if not same and any(letter in text for letter in _OPEN):
        return ReadValue(None, tr("没有勾选", "nothing is ticked"))
    return ReadValue(text)


def _squeezed(text: str) -> str:
    return "".join(fold_width(clean(text)).split())


def _number(text: str, field: Field, money_unit: str | None) -> ReadValue:
    visible = re.sub("[\u200b-\u200f\u2060\ufeff\u00ad]", "", text)
    plain_text = _squeezed(visible)
    if not plain_text:
        return ReadValue(None)
    if _APART.search(visible) and not _GROUPED.search(visible):
        return ReadValue(text)  # two numbers in one cell are not a number
    if plain_text in NOTHING:
        return ReadValue(None, tr("占位符号，按空白读取", "a placeholder, read as blank"))
    if field.kind.name == "year":
        year = (
            None
            if _MONTH.search(plain_text)
            else YEAR.search(plain_text) or re.fullmatch(r"[(]?((?:19|20)\d\d)[)]?(?:年度?)?", plain_text)
        )
        return ReadValue(Decimal(year[1]), tr("年度取自文字", "the year, from a text")) if year else ReadValue(text)
    number, why = _amount(plain_text, field.kind.name, money_unit)
    return ReadValue(text) if number is None else ReadValue(number, why)


def amount(text: str, money_unit: str | None) -> Decimal | None:
    """The amount that a text would be read as in a money cell; None for a text that is not an amount."""
    return _amount(_squeezed(text), "money", money_unit)[0]


def _amount(text: str, kind: str, money_unit: str | None) -> tuple[Decimal | None, str]:
    text = text.replace("−", "-").replace("–", "-").lstrip("¥￥")  # the minus signs people paste
    why = tr("文本已转为数字", "a number typed as text")
    if bracketed := re.fullmatch(r"[(]([\d,.]+)[)]", text):
        text, why = f"-{bracketed[1]}", tr("括号表示的负数", "a negative number in brackets")
    match = _NUMBER.match(text)
    if match is None:
        return None, ""
    number, rest = Decimal(re.sub("[,，]", "", match[0])), text[match.end() :]
    match kind, rest:
        case _, "":
            return number, why
        case "money", unit if unit in _MONEY_UNITS and _MONEY_UNITS[unit] == money_unit:
            return number, tr(f"去掉单位“{rest}”", f"without its unit {rest}")
        case "points", "分":
            return number, tr("去掉“分”", "without 分")
        case "ratio", "%" | "%。":
            return multiply(number, Decimal("0.01")), tr("百分数已转为比率", "a percentage, as a ratio")
    return None, ""


def as_ratio(value: Value, exact: Value) -> ReadValue:
    """A rate typed as a percentage without its sign (98.58) is a ratio (0.9858), if the amounts confirm it."""
    if not isinstance(value, Decimal) or not isinstance(exact, Decimal) or value <= Decimal("1.5"):
        return ReadValue(value)
    ratio = multiply(value, Decimal("0.01"))
    if abs(ratio - exact) <= Decimal("0.01"):
        why = f"{decimal_text(value)} → {decimal_text(ratio)}"
        return ReadValue(ratio, tr(f"没有百分号的百分数（{why}）", f"a percentage without its sign ({why})"))
    return ReadValue(value)
