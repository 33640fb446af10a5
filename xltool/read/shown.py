"""A number as its cell shows it, for number formats that occur where a text is expected."""

from __future__ import annotations

import re
from decimal import Decimal

from xltool.language.numbers import plain, rounded

_PERCENT = re.compile(r"^0(?:\.(0+))?%$")
_FIXED = re.compile(r"^(#,##)?0(?:\.(0+))?(?:_ ?)?$")


def as_shown(number: Decimal, number_format: str) -> str:
    """0.95 formatted ``0%`` is 95%; 1234.5 formatted ``#,##0.00`` is 1,234.50; anything unknown is the plain number."""
    if match := _PERCENT.match(number_format):
        places = len(match[1] or "")
        return f"{rounded(number * 100, places):f}%"
    if match := _FIXED.match(number_format):
        places = len(match[2] or "")
        value = rounded(number, places)
        return f"{value:,f}" if match[1] else f"{value:f}"
    return plain(number)
