"""The door of the room: a number format by its code, and what a cell with it shows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from xltool.language.numbers import decimal_text
from xltool.support.memo import memo
from xltool.workbook.number_formats import dates
from xltool.workbook.number_formats.numbers import NumberSection
from xltool.workbook.number_formats.sections import TEXT, Section, parse_sections

#: What is nothing once it is rounded has no sign.
_FIGURE = re.compile("[1-9１-９一二三四五六七八九壹贰叁肆伍陆柒捌玖]")

#: Longer codes than any program writes are taken for none.
_LONGEST = 400


@dataclass(frozen=True)
class NumberFormat:
    """A number format.

    Args:
        code: as Excel writes it.
    """

    code: str

    @cached_property
    def is_general(self) -> bool:
        """Whether it shows everything as it is: no format, or that of texts."""
        return self.code.strip().lower() in ("", "general", "@", "g/通用格式")

    @cached_property
    def moment(self) -> bool:
        """Whether numbers with it are dates or times."""
        return not self.is_general and self._sections[0].is_moment

    def display(self, number: Decimal, date1904: bool = False) -> str | None:
        """What a number looks like; None where it should be a date and is none.

        Args:
            number: as stored.
            date1904: whether serial dates count from 1904.
        """
        if self.is_general:
            return decimal_text(number)
        try:
            return self._shown(number, date1904)
        except ArithmeticError:  # more figures than any number has, in a code that no person wrote
            return decimal_text(number)

    def _shown(self, number: Decimal, date1904: bool) -> str | None:
        at, minus = self._of(number)
        if at is None:
            return decimal_text(number)
        figures = self._figures[at]
        if figures.moment:
            return dates.moment_text(number, figures.section, date1904)
        if figures.for_text:
            return self._with_text(figures.section, decimal_text(number))
        text = figures.text(abs(number))
        if not minus:
            return text
        return f"-{text}" if _FIGURE.search(text) or not figures.any else text

    def display_text(self, text: str) -> str:
        """What a text looks like."""
        section = None if self.is_general else self._text_section
        return text if section is None else self._with_text(section, text)

    @property
    def figures(self) -> list[NumberSection]:
        """What its sections do to numbers, those of dates left out."""
        return [] if self.is_general else [one for one in self._figures if not one.moment]

    def section_of(self, number: Decimal) -> NumberSection | None:
        """How a number is written; None where that is no matter of figures."""
        at = None if self.is_general else self._of(number)[0]
        return None if at is None or self._figures[at].moment else self._figures[at]

    @cached_property
    def _all(self) -> list[Section]:
        return parse_sections(self.code)

    @cached_property
    def _text_section(self) -> Section | None:
        last = self._all[-1]
        return last if len(self._all) == 4 or last.is_text else None

    @cached_property
    def _sections(self) -> list[Section]:
        """Those of numbers."""
        found = self._all
        return found[:-1] if len(found) > 1 and self._text_section is not None else found

    @cached_property
    def _figures(self) -> list[NumberSection]:
        return [NumberSection(one) for one in self._sections]

    @staticmethod
    def _with_text(section: Section, text: str) -> str:
        return "".join(text if one.kind == TEXT else "" if one.kind == "room" else one.text for one in section.tokens)

    @cached_property
    def _conditional(self) -> bool:
        return any(one.condition for one in self._sections)

    def _of(self, number: Decimal) -> tuple[int | None, bool]:
        """The section of a number by its place, and whether a minus sign goes before it."""
        count, below = len(self._figures), number < 0
        if self._conditional:
            return self._by_condition(number, below)
        if count == 1:
            return 0, below
        return (1 if below else 2 if count > 2 and number == 0 else 0), False

    def _by_condition(self, number: Decimal, below: bool) -> tuple[int | None, bool]:
        found = self._sections
        first = found[0].condition or (">", Decimal(0))
        if _holds(number, *first):
            return 0, below and not _only_below(*first)
        if len(found) == 1:
            return None, False
        second = found[1].condition
        if second is None and len(found) > 2:
            second = ("<", Decimal(0))
        if second is None or _holds(number, *second):
            implied = found[1].condition is None and first in ((">", Decimal(0)), (">=", Decimal(0)))
            return 1, below and not (implied or (second is not None and _only_below(*second)))
        return (2, below) if len(found) > 2 else (None, False)


def _holds(number: Decimal, operator: str, limit: Decimal) -> bool:
    match operator:
        case "<":
            return number < limit
        case "<=":
            return number <= limit
        case ">":
            return number > limit
        case ">=":
            return number >= limit
        case "=":
            return number == limit
    return number != limit


def _only_below(operator: str, limit: Decimal) -> bool:
    """Whether a condition holds for numbers below zero alone."""
    return (operator == "<" and limit <= 0) or (operator in ("<=", "=") and limit < 0)


def number_format(code: str) -> NumberFormat:
    """The format of a code."""
    return _number_format(code if len(code) <= _LONGEST else "General")


_number_format = memo(500, _LONGEST, 5_000)(NumberFormat)
