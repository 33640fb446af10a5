"""The entry point of this room: a number format by its code, and the text that it displays."""

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

#: A digit other than zero. A number that rounds to zero has no minus sign.
_NON_ZERO = re.compile("[1-9１-９一二三四五六七八九壹贰叁肆伍陆柒捌玖]")

#: Longer codes, in characters, are treated as General; no program writes them.
_LONGEST = 400


@dataclass(frozen=True)
class NumberFormat:
    """A number format.

    Args:
        code: the format code, as Excel writes it.
    """

    code: str

    @cached_property
    def is_general(self) -> bool:
        """Whether it displays everything unchanged: the general format, or that of texts."""
        return self.code.strip().lower() in ("", "general", "@", "g/通用格式")

    @cached_property
    def is_moment(self) -> bool:
        """Whether numbers with it are dates or times."""
        return not self.is_general and self._sections[0].is_moment

    def display(self, number: Decimal, date1904: bool = False) -> str | None:
        """Display a number; None if it should be a date and is not a valid one.

        Args:
            number: the stored number.
            date1904: whether serial dates count from 1904.
        """
        if self.is_general:
            return decimal_text(number)
        try:
            return self._display(number, date1904)
        except ArithmeticError:  # the code has more places than any number has digits
            return decimal_text(number)

    def _display(self, number: Decimal, date1904: bool) -> str | None:
        index, minus = self._section_index(number)
        if index is None:
            return decimal_text(number)
        section = self._figures[index]
        if section.is_moment:
            return dates.moment_text(number, section.section, date1904)
        if section.is_text:
            return self._with_text(section.section, decimal_text(number))
        text = section.text(abs(number))
        if not minus:
            return text
        return f"-{text}" if _NON_ZERO.search(text) or not section.any else text

    def display_text(self, text: str) -> str:
        """Display a text."""
        section = None if self.is_general else self._text_section
        return text if section is None else self._with_text(section, text)

    @property
    def number_sections(self) -> list[NumberSection]:
        """Its sections for numbers, without those for dates."""
        return [] if self.is_general else [section for section in self._figures if not section.is_moment]

    def section_of(self, number: Decimal) -> NumberSection | None:
        """The section that displays a number; None if that section is for dates, or there is none."""
        index = None if self.is_general else self._section_index(number)[0]
        return None if index is None or self._figures[index].is_moment else self._figures[index]

    @cached_property
    def _all(self) -> list[Section]:
        return parse_sections(self.code)

    @cached_property
    def _text_section(self) -> Section | None:
        last = self._all[-1]
        return last if len(self._all) == 4 or last.is_text else None

    @cached_property
    def _sections(self) -> list[Section]:
        """The sections for numbers."""
        sections = self._all
        return sections[:-1] if len(sections) > 1 and self._text_section is not None else sections

    @cached_property
    def _figures(self) -> list[NumberSection]:
        return [NumberSection(section) for section in self._sections]

    @staticmethod
    def _with_text(section: Section, text: str) -> str:
        return "".join(
            text if token.kind == TEXT else "" if token.kind == "room" else token.text for token in section.tokens
        )

    @cached_property
    def _conditional(self) -> bool:
        return any(section.condition for section in self._sections)

    def _section_index(self, number: Decimal) -> tuple[int | None, bool]:
        """The index of the section for a number, and whether a minus sign is put before it."""
        count, below = len(self._figures), number < 0
        if self._conditional:
            return self._by_condition(number, below)
        if count == 1:
            return 0, below
        return (1 if below else 2 if count > 2 and number == 0 else 0), False

    def _by_condition(self, number: Decimal, below: bool) -> tuple[int | None, bool]:
        sections = self._sections
        first = sections[0].condition or (">", Decimal(0))
        if _holds(number, *first):
            return 0, below and not _only_below(*first)
        if len(sections) == 1:
            return None, False
        second = sections[1].condition
        if second is None and len(sections) > 2:
            second = ("<", Decimal(0))
        if second is None or _holds(number, *second):
            implied = sections[1].condition is None and first in ((">", Decimal(0)), (">=", Decimal(0)))
            return 1, below and not (implied or (second is not None and _only_below(*second)))
        return (2, below) if len(sections) > 2 else (None, False)


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
    """Whether a condition is met only by negative numbers."""
    return (operator == "<" and limit <= 0) or (operator in ("<=", "=") and limit < 0)


def number_format(code: str) -> NumberFormat:
    """The number format of a code."""
    return _number_format(code if len(code) <= _LONGEST else "General")


_number_format = memo(500, _LONGEST, 5_000)(NumberFormat)
