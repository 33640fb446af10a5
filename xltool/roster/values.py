"""Parse the cells of a roster as people write them: years, numbers, days, mail addresses, money units."""

from __future__ import annotations

import datetime
import re
import unicodedata
from decimal import Decimal

from xltool.language.days import parse_day
from xltool.language.numbers import normalize
from xltool.roster.columns import normalise_key
from xltool.roster.faults import Faults, quote
from xltool.roster.tables import RosterRow

_NUMBER = re.compile(r"[+-]?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?(e[+-]?\d{1,3})?|[+-]?\.\d+", re.ASCII)

#: The most digits of a number that a sheet keeps.
_MOST_DIGITS = 15


def parse_number(text: str) -> Decimal | None:
    """Parse a number with or without thousands separators, half or full width; None for any other text."""
    key = normalise_key(text)
    return Decimal(key.replace(",", "")) if _NUMBER.fullmatch(key) else None


def read_number(row: RosterRow, key: str, faults: Faults) -> Decimal | None:
    """The number in a cell; None if it is blank or invalid, which is noted as a fault."""
    text = row.cells.get(key, "")
    if not text:
        return None
    value = parse_number(text)
    if value is None:
        chinese = f"“{quote(text)}”不是数值；请只写数字，例如 1234.56"
        faults.add(row.place(key), chinese, f"'{quote(text)}' is no number; write digits only, such as 1234.56")
    elif value.adjusted() >= _MOST_DIGITS or len(normalize(value).as_tuple().digits) > _MOST_DIGITS:
        chinese = f"“{quote(text)}”超过 {_MOST_DIGITS} 位，表格存不下；请核对"
        faults.add(row.place(key), chinese, f"'{quote(text)}' has more than {_MOST_DIGITS} digits; check it")
    else:
        return value
    return None


def read_year(row: RosterRow, faults: Faults) -> int | None:
    """The year in a row; None if it is invalid, which is noted as a fault."""
    text = normalise_key(row.cells.get("year")).removesuffix("年度").removesuffix("年")
    if re.fullmatch(r"\d{4}", text, re.ASCII):
        return int(text)
    if text:
        quoted = quote(row.cells["year"])
        faults.add(
            row.place("year"), f"“{quoted}”不是四位年份；请写成 2024", f"'{quoted}' is no year; write it like 2024"
        )
    return None


def read_deadline(row: RosterRow, faults: Faults) -> datetime.date | None:
    """The deadline in a row; None if it is blank or invalid, which is noted as a fault."""
    text = row.cells.get("deadline", "")
    day = parse_day(text)
    if text and day is None:
        chinese = f"“{quote(text)}”不是日期；请写成 2025-03-31"
        faults.add(row.place("deadline"), chinese, f"'{quote(text)}' is no date; write it like 2025-03-31")
    return day


def read_email(row: RosterRow, faults: Faults) -> str:
    """The mail address in a row, in half width; "" if it is blank or invalid, which is noted as a fault."""
    text = unicodedata.normalize("NFKC", row.cells.get("email", ""))
    if text and not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        chinese = f"“{quote(text)}”不是一个邮箱；请写成 name@example.com"
        faults.add(row.place("email"), chinese, f"'{quote(text)}' is no mail address; write it like name@example.com")
        return ""
    return text


def read_money_unit(row: RosterRow, faults: Faults) -> str:
    """The money unit in a row: 元, 万元 or ""; anything else is noted as a fault."""
    unit = row.cells.get("money_unit", "")
    if unit in ("", "元", "万元"):
        return unit
    chinese = f"“{quote(unit)}”不是 元 或 万元；请改成其中之一"
    faults.add(row.place("money_unit"), chinese, f"'{quote(unit)}' is neither 元 nor 万元; use one of them")
    return ""
