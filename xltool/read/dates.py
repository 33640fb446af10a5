"""Serial numbers as the dates that people read in their cells."""

from __future__ import annotations

import datetime

_DAY = datetime.timedelta(days=1)
_SECONDS = 86_400

#: Serial 60 is 29 February 1900, a day that never was: Lotus counted it, and Excel for Lotus' sake.
_NEVER_WAS = 60
_LAST = 2_958_465  # 31 December 9999


def written(serial: float, date1904: bool, elapsed: bool) -> str | None:
    """A serial number as people write the date: ``2024年12月31日``, with the time behind it where there is one.

    Args:
        serial: days since the beginning of 1900, or of 1904.
        date1904: which of the two.
        elapsed: a length of time instead.

    Returns:
        None for a number that is no date.
    """
    if abs(serial) > _LAST + 1:
        return None
    if elapsed:
        return str(datetime.timedelta(seconds=round(serial * _SECONDS)))
    day, seconds = divmod(round(serial * _SECONDS), _SECONDS)
    if not date1904:
        if day == 0 and serial > 0:
            return str(datetime.time(*_clock(seconds)))
        if day == _NEVER_WAS:
            return None
        day -= day > _NEVER_WAS
    if not (0 if date1904 else 1) <= day <= _LAST:
        return None
    first = datetime.date(1904, 1, 1) if date1904 else datetime.date(1899, 12, 31)
    try:
        date = first + _DAY * day
    except OverflowError:
        return None
    if seconds:
        return str(datetime.datetime.combine(date, datetime.time(*_clock(seconds))))
    return people_write(date)


def _clock(seconds: int) -> tuple[int, int, int]:
    return seconds // 3600, seconds // 60 % 60, seconds % 60


def people_write(date: datetime.date) -> str:
    """``2024年12月31日``."""
    return f"{date.year}年{date.month}月{date.day}日"


def from_iso(text: str) -> str | None:
    """The same for a cell that holds a date as ISO text; None when it is none."""
    try:
        moment = datetime.datetime.fromisoformat(text.strip().removesuffix("Z"))
    except ValueError:
        return None
    return people_write(moment.date()) if moment.time() == datetime.time() else str(moment)
