"""Display dates, times and durations by a section of a format code."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from xltool.workbook.number_formats import chinese
from xltool.workbook.number_formats.sections import ELAPSED, FRACTION, HALF, ROOM, Section, Token

#: Serial 60 is 29 February 1900, which did not exist; Excel counts it for compatibility with Lotus.
_LEAP_DAY_1900 = 60
_LAST = 2_958_465  # 31 December 9999
_DAY_SECONDS = 86_400

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
           "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEK = "一二三四五六日"


class Moment(NamedTuple):
    """A serial number as date and time, rounded to what its section displays.

    Attributes:
        day: the date; None if the number has none.
        seconds: the seconds since midnight.
        fraction: the fraction of the second, as digits.
        total: all seconds, for durations.
    """

    day: datetime.date | None
    seconds: int
    fraction: str
    total: int


def moment_text(serial: Decimal, section: Section, date1904: bool) -> str | None:
    """Display a serial number by a section; None if it is not a valid date or time."""
    minus = serial < 0 and any(token.kind == ELAPSED for token in section.tokens)
    moment = _read_moment(abs(serial) if minus else serial, section, date1904)
    if moment is None:
        return None
    is_half_day = any(token.kind == HALF for token in section.tokens)
    pieces = [_token_text(token, number, section, moment, is_half_day) for number, token in enumerate(section.tokens)]
    return "-" * minus + "".join(pieces)


def date_of_serial(serial: int, date1904: bool) -> datetime.date | None:
    """The date of a whole serial number; None if there is none."""
    if not date1904:
        if serial == _LEAP_DAY_1900:
            return None
        serial -= serial > _LEAP_DAY_1900
    if not (0 if date1904 else 1) <= serial <= _LAST:
        return None
    try:
        return datetime.date(1904, 1, 1) + datetime.timedelta(serial - (0 if date1904 else 1461))
    except OverflowError:
        return None


def _read_moment(serial: Decimal, section: Section, date1904: bool) -> Moment | None:
    if not 0 <= serial < _LAST + 1:
        return None
    places = max((len(token.text) for token in section.tokens if token.kind == FRACTION), default=0)
    step = Decimal(1).scaleb(-places)
    # A time without seconds is truncated, not rounded; one with seconds is rounded to the places displayed.
    total = (serial * _DAY_SECONDS).quantize(step, ROUND_HALF_UP)
    days, rest = divmod(int(total), _DAY_SECONDS)
    day = date_of_serial(days, date1904)
    if day is None and any(token.kind in "ymdae" for token in section.tokens):
        dated = any(
            token.kind in "ydae" or (token.kind == "m" and not _is_minute(section.tokens, number))
            for number, token in enumerate(section.tokens)
        )
        if dated:
            return None
    fraction = f"{total % 1:.{places}f}"[2:] if places else ""
    return Moment(day, rest, fraction, int(total))


def _is_minute(tokens: Sequence[Token], at: int) -> bool:
    """Whether m means minutes: after hours, or before seconds."""
    before = next((token for token in reversed(tokens[:at]) if token.kind in "ymdhsae" or token.kind == ELAPSED), None)
    after = next((token for token in tokens[at + 1 :] if token.kind in "ymdhsae" or token.kind == ELAPSED), None)
    return len(tokens[at].text) < 3 and (
        (before is not None and before.text[0] == "h") or (after is not None and after.text[0] == "s")
    )


def _token_text(token: Token, number: int, section: Section, moment: Moment, half: bool) -> str:
    match token.kind:
        case "h":
            hour = moment.seconds // 3600
            return _number_text((hour % 12 or 12) if half else hour, token, section)
        case "s":
            return _number_text(moment.seconds % 60, token, section)
        case "m" if _is_minute(section.tokens, number):
            return _number_text(moment.seconds // 60 % 60, token, section)
        case "half":
            return _half_day_text(token.text, moment.seconds >= _DAY_SECONDS // 2, section.chinese)
        case "elapsed":
            unit = {"h": 3600, "m": 60, "s": 1}[token.text[0]]
            return chinese.digit_text(str(moment.total // unit).zfill(len(token.text)), section.numerals)
        case "fraction":
            return "." + moment.fraction
        case "y" | "e" | "m" | "d" | "a" if moment.day is not None:
            return _date_part_text(token, section, moment.day)
        case _:
            return " " if token.kind == ROOM and token.text else token.text


def _number_text(value: int, token: Token, section: Section) -> str:
    if section.numerals and (value > 9 or len(token.text) < 2):
        return chinese.day_text(value, section.numerals)
    if section.numerals:
        return chinese.digit_text(f"{value:02}", section.numerals)
    return str(value).zfill(min(len(token.text), 2))


def _half_day_text(text: str, afternoon: bool, in_chinese: bool) -> str:
    if in_chinese and text.upper() == "AM/PM":
        text = "上午/下午"
    return text.split("/")[afternoon]


def _date_part_text(token: Token, section: Section, day: datetime.date) -> str:
    length = len(token.text)
    match token.kind:
        case "y" | "e":
            year = f"{day.year % 100:02}" if token.kind == "y" and length < 3 else f"{day.year:04}"
            return chinese.digit_text(year, section.numerals)
        case "a":
            return ("星期" if length > 3 else "") + _WEEK[day.weekday()]
        case "m":
            return _month_text(length, section, day.month) if length > 2 else _number_text(day.month, token, section)
        case _ if length > 2:
            return _weekday_text(length, section, day.weekday())
    return _number_text(day.day, token, section)


def _month_text(length: int, section: Section, month: int) -> str:
    if section.chinese and length < 5:
        return f"{chinese.day_text(month, 1) if length > 3 else month}月"
    name = _MONTHS[month - 1]
    return name[:3] if length == 3 else name[0] if length == 5 else name


def _weekday_text(length: int, section: Section, number: int) -> str:
    if section.chinese:
        return ("星期" if length > 3 else "周") + _WEEK[number]
    return _DAYS[number][:3] if length == 3 else _DAYS[number]
