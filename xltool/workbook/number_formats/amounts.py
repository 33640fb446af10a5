"""Amounts of money that a cell shows otherwise than it stores them: in another unit, or moved by powers of ten."""

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

#: Powers of ten that are looked for where a format prints figures of its own.
_POWERS = range(-12, 13)


class OtherAmount(NamedTuple):
    """An amount as its cell shows it.

    Attributes:
        text: what a person reads.
        power: the stored amount is the shown one times ten to this power.
        unit: the unit that the format names; "" for none.
    """

    text: str
    power: int
    unit: str


def as_other_amount(number: Decimal, code: str, unit: str | None) -> OtherAmount | None:
    """How a cell shows an amount, where that is not the amount itself; None for all ordinary formats.

    Args:
        number: as stored.
        code: of the cell's format.
        unit: in which the amount is meant; None where nobody says.
    """
    if not number or not _may_be_other(code):
        return None
    found = number_format(code)
    figures = found.section_of(number)
    if figures is None:
        return None
    text = found.display(number) or ""
    named = _unit(figures.section.literals)
    power = -figures.shift or _power(number, text, figures)
    return OtherAmount(text.strip(), power, named) if power or (named and unit and named != unit) else None


@memo(1_024, 255)
def _may_be_other(code: str) -> bool:
    """Whether a format can show another amount than is stored: few can."""
    found: NumberFormat = number_format(code)
    return any(one.shift or _unit(one.section.literals) or _prints_figures(one) for one in found.figures)


def _unit(literals: str) -> str:
    match = _UNIT.search(literals)
    return match[0].removesuffix("元") + "元" if match else ""


def _prints_figures(figures: NumberSection) -> bool:
    return any(letter.isdigit() for letter in figures.section.literals)


def _power(number: Decimal, text: str, figures: NumberSection) -> int:
    """By how many powers of ten figures that the format prints itself change the amount."""
    match = _NUMBER.search(unicodedata.normalize("NFKC", text).replace(",", ""))
    if match is None or not _prints_figures(figures):
        return 0
    shown = Decimal(match[0])
    places = len(match[0].partition(".")[2])
    same = [power for power in _POWERS if round_half_up(abs(number).scaleb(-power), places) == shown]
    return 0 if 0 in same or not same else same[0]
