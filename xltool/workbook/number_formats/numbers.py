"""Display numbers by a section of a format code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from xltool.language.numbers import decimal_text, multiply, round_half_up
from xltool.workbook.number_formats import chinese
from xltool.workbook.number_formats.sections import (
    COMMA,
    DIGIT,
    EXPONENT,
    GENERAL,
    LITERAL,
    PERCENT,
    POINT,
    ROOM,
    SLASH,
    Section,
    Token,
)

_SIMPLE = re.compile(r"#*(?:,##)?(0*)(?:(\.)(0*)(#*))?")


@dataclass(frozen=True, eq=False)
class NumberSection:
    """A section for numbers, with properties that are computed once.

    Args:
        section: the section, parsed.
    """

    section: Section

    @cached_property
    def scale(self) -> int:
        """The power of ten by which the number is multiplied for display: 2 for each %, -3 for each scaling comma."""
        signs = sum(token.kind == PERCENT for token in self.section.tokens)
        return 2 * signs - 3 * len(self._scaling)

    @cached_property
    def shift(self) -> int:
        """The power of ten by which the displayed number differs from the stored one: -4 for ``0!.0000``."""
        kinds = [token.kind for token in self.section.tokens]
        if POINT in kinds or SLASH in kinds or EXPONENT in kinds:
            return self.scale
        points = [
            at for at, token in enumerate(self.section.tokens) if token.kind == LITERAL and token.text.strip() == "."
        ]
        decimals = sum(kind == DIGIT for kind in kinds[points[0] :]) if points and DIGIT in kinds[: points[0]] else 0
        return self.scale - decimals

    @cached_property
    def is_moment(self) -> bool:
        """Whether it displays a date or a time."""
        return self.section.is_moment

    @cached_property
    def is_text(self) -> bool:
        """Whether it has a placeholder for text and none for digits."""
        return self.section.is_text and not self._digits

    @property
    def any(self) -> bool:
        """Whether it has a placeholder for digits."""
        return bool(self._digits) or GENERAL in self._kinds

    def text(self, number: Decimal) -> str:
        """Display a number that is not negative."""
        if self._simple is not None:
            return self._simple_text(number)
        if not self.section.tokens:
            return ""
        kinds = self._kinds
        if self._is_fraction:
            return self._fraction_text(number)
        if EXPONENT in kinds and DIGIT in kinds[: kinds.index(EXPONENT)]:
            return self._scientific_text(number)
        return self._general_text(number)

    @property
    def _kinds(self) -> list[str]:
        return [token.kind for token in self.section.tokens]

    @cached_property
    def _is_fraction(self) -> bool:
        """Whether a slash separates two numbers; any other slash is a literal."""
        tokens, kinds = self.section.tokens, self._kinds
        at = kinds.index(SLASH) if SLASH in kinds else 0
        below = tokens[at + 1] if 0 < at < len(tokens) - 1 and kinds[at - 1] == DIGIT else None
        return below is not None and (below.kind == DIGIT or below.text in tuple("123456789"))

    @cached_property
    def _digits(self) -> list[int]:
        return [at for at, token in enumerate(self.section.tokens) if token.kind == DIGIT]

    @cached_property
    def _point(self) -> int:
        """The index of the decimal point; the number of tokens if there is none."""
        kinds = self._kinds
        return kinds.index(POINT) if POINT in kinds else len(kinds)

    @cached_property
    def _scaling(self) -> list[int]:
        """The indices of commas that divide by a thousand: after the last digit, overall or before the point."""
        commas: list[int] = []
        before = [at for at in self._digits if at < self._point]
        for last in {*before[-1:], *self._digits[-1:]}:
            at = last + 1
            while at < len(self.section.tokens) and self.section.tokens[at].kind == COMMA:
                commas.append(at)
                at += 1
        return commas

    @cached_property
    def _grouped(self) -> bool:
        """Whether a comma is between digits before the point."""
        whole = [at for at in self._digits if at < self._point]
        return any(
            token.kind == COMMA and at not in self._scaling and whole and whole[0] < at < whole[-1]
            for at, token in enumerate(self.section.tokens)
        )

    # ── the fast path for most formats ──────────────────────────

    @cached_property
    def _simple(self) -> tuple[str, int, bool, int, int, bool, str] | None:
        """Text before, least integer digits, grouping, least and most decimals, point, text after; or None."""
        tokens, digits = self.section.tokens, self._digits
        if not digits or self.section.numerals:
            return None
        middle = "".join(token.text for token in tokens[digits[0] : digits[-1] + 1])
        match = _SIMPLE.fullmatch(middle)
        if match is None or any(
            token.kind not in _AFFIXES for token in (*tokens[: digits[0]], *tokens[digits[-1] + 1 :])
        ):
            return None
        if any(tokens[at].kind not in (DIGIT, COMMA, POINT) for at in range(digits[0], digits[-1] + 1)):
            return None
        before = "".join(map(_literal, tokens[: digits[0]]))
        after = "".join(_literal(token) for at, token in enumerate(tokens) if at > digits[-1] and token.kind != COMMA)
        fixed, more = match[3] or "", match[4] or ""
        return before, len(match[1]), "," in middle, len(fixed), len(fixed + more), bool(match[2]), after

    def _simple_text(self, number: Decimal) -> str:
        assert self._simple is not None  # checked by text()
        before, whole, grouped, least, most, point, after = self._simple
        value = round_half_up(number.scaleb(self.scale) if self.scale else number, most)
        text = f"{value:,f}" if grouped else f"{value:f}"
        head, _, rest = text.partition(".")
        if head == "0":
            head = ""
        if len(head) < whole:
            head = head.rjust(whole, "0")
        if most > least:
            rest = rest.rstrip("0").ljust(least, "0")
        return f"{before}{head}{'.' if point else ''}{rest}{after}"

    # ── all other formats ───────────────────────────────────────

    def _general_text(self, number: Decimal) -> str:
        tokens, point = self.section.tokens, self._point
        places = sum(at > point for at in self._digits)
        value = round_half_up(multiply(number, Decimal(1).scaleb(self.scale)), places)
        whole, _, rest = f"{value:f}".partition(".")
        whole = whole.lstrip("0")
        pieces: list[str] = []
        self._add_integer(pieces, [at for at in self._digits if at < point], whole)
        remaining = rest
        for at in range(point, len(tokens)):
            token = tokens[at]
            if token.kind == DIGIT:
                pieces.append(_digit(token.text, remaining[:1] if remaining.strip("0") or token.text == "0" else ""))
                remaining = remaining[1:]
            elif token.kind == POINT:
                pieces.append(".")
            elif token.kind != COMMA:
                pieces.append(_literal(token))
        text = "".join(pieces)
        if GENERAL in self._kinds:
            return text.replace("\0", chinese.counting_text(decimal_text(number), self.section.numerals))
        return chinese.digit_text(text, self.section.numerals)

    def _add_integer(self, pieces: list[str], places: Sequence[int], whole: str) -> None:
        """Add the tokens up to the point; the first placeholder takes all digits that have none of their own."""
        slots = whole.rjust(len(places))
        surplus = len(slots) - len(places)
        figures = {at: slots[surplus + number] for number, at in enumerate(places)}
        if places and surplus:
            figures[places[0]] = slots[: surplus + 1]
        following = len(slots)
        for at in range(min(self._point, len(self.section.tokens))):
            token = self.section.tokens[at]
            if at in figures:
                for figure in figures[at]:
                    following -= 1
                    digit = _digit(token.text, figure.strip())
                    pieces.append(
                        digit + ("," if self._grouped and following and following % 3 == 0 and digit.strip() else "")
                    )
            elif token.kind == GENERAL:
                pieces.append("\0")
            elif token.kind != COMMA or not places:
                pieces.append(_literal(token))
        if not places and whole and GENERAL not in self._kinds and self._digits:
            pieces.append(whole)

    def _scientific_text(self, number: Decimal) -> str:
        tokens, mark = self.section.tokens, self._kinds.index(EXPONENT)
        places = sum(self._point < at < mark for at in self._digits)
        figures = sum(at < min(self._point, mark) for at in self._digits) or 1
        exponent = number.adjusted() if number else 0
        exponent -= exponent % figures if figures > 1 else 0
        mantissa = round_half_up(number.scaleb(-exponent), places)
        if mantissa.adjusted() >= figures and mantissa:
            exponent += figures
            mantissa = round_half_up(number.scaleb(-exponent), places)
        head = NumberSection(
            Section([token for at, token in enumerate(tokens) if at < mark and token.kind != COMMA])
        ).text(mantissa)
        power = [token for token in tokens[mark + 1 :] if token.kind == DIGIT]
        sign = "-" if exponent < 0 else "+" if tokens[mark].text[1] == "+" else ""
        width = sum(token.text == "0" for token in power)
        rest = "".join(_literal(token) for token in tokens[mark + 1 :] if token.kind != DIGIT)
        return f"{head}{tokens[mark].text[0].upper()}{sign}{str(abs(exponent)).zfill(width)}{rest}"

    def _fraction_text(self, number: Decimal) -> str:
        tokens, slash = self.section.tokens, self._kinds.index(SLASH)
        first = slash
        while first and tokens[first - 1].kind == DIGIT:
            first -= 1
        last = slash + 1
        while last < len(tokens) and (
            tokens[last].kind == DIGIT or (tokens[last].text.isascii() and tokens[last].text.isdigit())
        ):
            last += 1
        below = "".join(token.text for token in tokens[slash + 1 : last])
        has_whole = any(at < first for at in self._digits)
        whole, part = (divmod(number, 1)) if has_whole else (Decimal(0), number)
        exact = Fraction(part)
        if below.strip("#?0"):
            bottom = int(below.replace("#", "0").replace("?", "0"))
            top = int(round_half_up(part * bottom, 0))
        else:
            nearest = exact.limit_denominator(10 ** len(below) - 1)
            top, bottom = nearest.numerator, nearest.denominator
        if has_whole and top == bottom:
            whole, top = whole + 1, 0
        head = Section([token for token in tokens[:first] if token.kind == DIGIT])
        before = "".join(_literal(token) for token in tokens[:first] if token.kind != DIGIT)
        rest = "".join(_literal(token) for token in tokens[last:])
        if has_whole and not top:
            return f"{decimal_text(whole)}{rest}"
        whole_text = NumberSection(head).text(whole) if has_whole else ""
        return f"{whole_text}{before}{top}/{bottom}{rest}"


#: The kinds of tokens before or after the digits of a simple format.
_AFFIXES = frozenset((LITERAL, PERCENT, ROOM, COMMA))


def _literal(token: Token) -> str:
    if token.kind == ROOM:
        return " " if token.text else ""
    return token.text


def _digit(place: str, figure: str) -> str:
    return figure or {"0": "0", "?": " "}.get(place, "")
