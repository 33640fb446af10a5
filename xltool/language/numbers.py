"""Decimal arithmetic as in a spreadsheet. Every other room may import this module."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import partial

from xltool.support.memo import memo

# Precise enough for every number that a cell can hold (1.8E+308) and its decimals; a sheet shows 15 digits.
_WORK = Context(prec=400, rounding=ROUND_HALF_UP)

#: White space that is ignored, in formulas and in Python alike, as are control characters (CLEAN).
#: The list is short because each one is a SUBSTITUTE in formulas.
SPACES = (" ", "\u3000", "\u00a0")
_IGNORED = re.compile(f"[\x00-\x1f{''.join(SPACES)}]+")


#: Money units in yuan.
YUAN = {"元": Decimal(1), "万元": Decimal(10_000)}


def round_half_up(value: Decimal, places: int) -> Decimal:
    """Round half away from zero, as ROUND does in a sheet (ROUND(2.5,0) is 3, ROUND(-2.5,0) is -3)."""
    return value.quantize(_step(places), context=_WORK)


@memo(64)
def _step(places: int) -> Decimal:
    return Decimal(1).scaleb(-places)


#: Rounds as numbers are compared, at nine decimals; without a call of Python, since every comparison needs it.
round_for_comparison: Callable[[Decimal], Decimal] = partial(Decimal.quantize, exp=_step(9), context=_WORK)


def add(*numbers: Decimal) -> Decimal:
    """Add exactly."""
    total = Decimal(0)
    for number in numbers:
        total = _WORK.add(total, number)
    return total


def multiply(left: Decimal, right: Decimal) -> Decimal:
    """Multiply exactly."""
    return _WORK.multiply(left, right)


def divide(left: Decimal, right: Decimal) -> Decimal:
    """Divide, to 400 significant digits.

    Raises:
        ZeroDivisionError: the divisor is zero.
    """
    if right == 0:
        raise ZeroDivisionError
    return _WORK.divide(left, right)


def from_sheet(value: float | int) -> Decimal:
    """The number that a person sees: a sheet shows at most 15 significant digits, so 0.1+0.2 is 0.3."""
    return normalize(Decimal(format(value, ".15g")))


def normalize(value: Decimal) -> Decimal:
    """Remove trailing zeros and the exponent: 826500.00 and 8.265E+5 both become 826500."""
    if value == 0:
        return Decimal(0)
    value = _WORK.normalize(value)
    exponent = value.as_tuple().exponent
    return value.quantize(Decimal(1), context=_WORK) if isinstance(exponent, int) and exponent > 0 else value


def decimal_text(value: Decimal) -> str:
    """The shortest decimal text, never with an exponent."""
    return format(normalize(value), "f")


@memo(1_000, 200)  # the texts of a form are compared with each other
def without_spaces(text: str) -> str:
    """Remove all ``SPACES`` and control characters, for comparing labels, placeholders and blanks."""
    return _IGNORED.sub("", text)
