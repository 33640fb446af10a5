"""Format dates that a file stores as ISO text."""

from __future__ import annotations

import datetime
from decimal import Decimal

from xltool.workbook.number_formats.format import NumberFormat

#: Serial 60 is 29 February 1900, which did not exist: the days before it are numbered from one day later.
_LEAP_DAY_1900 = 60


def chinese_date(date: datetime.date) -> str:
    """Format a date as ``2024年12月31日``."""
    return f"{date.year}年{date.month}月{date.day}日"


def from_iso(text: str, number_format: NumberFormat | None = None) -> str | None:
    """Format an ISO date as its cell displays it; without a date format as people write it, with any time of day.

    Args:
        text: the date in ISO format.
        number_format: the format of the cell.

    Returns:
        None if the text is not a date.
    """
    try:
        moment = datetime.datetime.fromisoformat(text.strip().removesuffix("Z"))
    except ValueError:
        return None
    if number_format is not None and number_format.is_moment:
        return number_format.display(serial(moment))
    return chinese_date(moment.date()) if moment.time() == datetime.time() else str(moment)


def serial(moment: datetime.datetime) -> Decimal:
    """The serial number of a moment: days since the beginning of 1900, as Excel counts them."""
    since = moment.replace(tzinfo=None) - datetime.datetime(1899, 12, 30)
    seconds = Decimal(since.seconds) + Decimal(since.microseconds) / 1_000_000
    days = since.days - (since.days <= _LEAP_DAY_1900)
    return days + (seconds / 86_400).quantize(Decimal("1E-10"))
