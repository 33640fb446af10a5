"""Dates that are stored as ISO texts, as people read them in their cells."""

from __future__ import annotations

import datetime
from decimal import Decimal

from xltool.workbook.number_formats.format import NumberFormat

#: Serial 60 is 29 February 1900, a day that never was: those before it count from a day later.
_NEVER_WAS = 60


def chinese_date(date: datetime.date) -> str:
    """``2024年12月31日``."""
    return f"{date.year}年{date.month}月{date.day}日"


def from_iso(text: str, number_format: NumberFormat | None = None) -> str | None:
    """A date as its cell shows it; without a format as people write it, the time behind it where there is one.

    Args:
        text: the date as ISO writes it.
        number_format: of the cell.

    Returns:
        None where it is no date.
    """
    try:
        moment = datetime.datetime.fromisoformat(text.strip().removesuffix("Z"))
    except ValueError:
        return None
    if number_format is not None and number_format.moment:
        return number_format.display(serial(moment))
    return chinese_date(moment.date()) if moment.time() == datetime.time() else str(moment)


def serial(moment: datetime.datetime) -> Decimal:
    """The number of a moment, in days since the beginning of 1900."""
    since = moment.replace(tzinfo=None) - datetime.datetime(1899, 12, 30)
    seconds = Decimal(since.seconds) + Decimal(since.microseconds) / 1_000_000
    days = since.days - (since.days <= _NEVER_WAS)
    return days + (seconds / 86_400).quantize(Decimal("1E-10"))
