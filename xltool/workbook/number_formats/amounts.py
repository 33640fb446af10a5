"""Detect amounts of money that a cell displays in another unit or shifted by powers of ten."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import NamedTuple

from xltool.language.numbers import round_half_up
from xltool.support.memo import memo
from xltool.workbook.number_formats.format import NumberFormat, number_format
from xltool.workbook.number_formats.numbers import NumberSection

_MONEY = "美|欧|港|日|英|澳|加"
_UNIT = re.compile(f"(?:{_MONEY})?[亿千百十万]*(?:{_MONEY})?元|[亿千百十万]+")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")

#: The powers of ten that are tried if a format prints digits of its own.
_POWERS = range(-12, 13)


class OtherAmount(NamedTuple):
    """An amount that is displayed in another way than it is stored.

    Attributes:
        text: the displayed text.
        power: the stored amount is the displayed one times ten to this power.
        unit: the unit in the format; "" if there is none.
    """

    text: str
    power: int
    unit: str


def as_other_amount(number: Decimal, code: str, unit: str | None) -> OtherAmount | None:
    """The amount that a cell displays, if it is another than the stored one; None for all ordinary formats.

    Args:
        number: the stored amount.
        code: the format code of the cell.
        unit: the unit in which the amount is meant; None if unknown.
    """
    if not number or not _may_be_other(code):
        return None
    cell_format = number_format(code)
    section = cell_format.section_of(number)
    if section is None:
        return None
    text = cell_format.display(number) or ""
    format_unit = _unit(section.section.literals)
    power = -section.shift or _power(number, text, section)
    return (
        OtherAmount(text.strip(), power, format_unit)
        if power or (format_unit and unit and format_unit != unit)
        else None
    )


@memo(1_024, 255)
def _may_be_other(code: str) -> bool:
    """Whether a format can display another amount than the stored one; few can."""
    cell_format: NumberFormat = number_format(code)
    return any(
        part.shift or _unit(part.section.literals) or _prints_digits(part) for part in cell_format.number_sections
    )


def _unit(literals: str) -> str:
    match = _UNIT.search(literals)
    return match[0].removesuffix("元") + "元" if match else ""


def _prints_digits(section: NumberSection) -> bool:
    return any(letter.isdigit() for letter in section.section.literals)


def _power(number: Decimal, text: str, section: NumberSection) -> int:
    """The power of ten by which digits that the format prints itself change the amount."""
    match = _NUMBER.search(unicodedata.normalize("NFKC", text).replace(",", ""))
    if match is None or not _prints_digits(section):
        return 0
    displayed = Decimal(match[0])
    places = len(match[0].partition(".")[2])
    same = [power for power in _POWERS if round_half_up(abs(number).scaleb(-power), places) == displayed]
    return 0 if 0 in same or not same else same[0]
