"""Old workbooks (.xls, .et, .xlsb) by calamine, in a process of its own that may die.

calamine is native code: it may abort, which no ``except`` holds, or ask for all the memory that there is. It gives
values, merged ranges and visibility; formulas, locks, validations and defined names it does not know, and an error
value it reads as a blank cell.
"""

from __future__ import annotations

import datetime
import json
import math
import signal
import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from xltool.language.functions import SheetError, Value
from xltool.language.numbers import decimal_text, from_sheet
from xltool.support.i18n import tr
from xltool.workbook import dates
from xltool.workbook.box import Box
from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import CellFact, Grid, Sheet, Spot, Struck
from xltool.workbook.legacy.biff import CellStyle, CellStyles
from xltool.workbook.legacy.biff import read_cell_styles as looks_of
from xltool.workbook.limits import Limits
from xltool.workbook.number_formats.format import number_format

_CHILD = Path(__file__).with_name("calamine_process.py")


def read_legacy(content: bytes, form: str, limits: Limits) -> Grid:
    """The facts of an old workbook.

    Args:
        content: its bytes.
        form: xls, et or xlsb.
        limits: see there.

    Raises:
        Unreadable: with a password, damaged, or past a limit.
    """
    looks = looks_of(content, limits.cells) if form != "xlsb" else CellStyles()
    if looks.encrypted:
        raise Unreadable("encrypted")
    found = _asked(content, limits)
    if "refused" in found:
        key = found["refused"]
        raise Unreadable(key, f".{form}" if key == "legacy" else "")
    sheets = {one["title"]: _sheet(one, looks, limits) for one in found["sheets"]}
    return Grid(
        sheets=sheets, names={}, properties={}, application=None, format=form, checkable=False, date1904=looks.date1904
    )


def _asked(content: bytes, limits: Limits) -> Mapping[str, Any]:
    wanted = (limits.legacy_bytes, math.ceil(limits.legacy_seconds), limits.cells)
    command = [sys.executable, str(_CHILD), *map(str, wanted)]
    patience = 2 * limits.legacy_seconds  # of the wall clock; the child's limit is processor time
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=patience)  # noqa: S603  # our own file
    except subprocess.TimeoutExpired:
        raise Unreadable("slow") from None
    if done.returncode == -getattr(signal, "SIGXCPU", 0):
        raise Unreadable("slow")
    try:
        answer: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        # Rust aborts where there is no memory; anything else is a fault that the file has found in it.
        raise Unreadable("memory" if b"memory allocation" in done.stderr else "died") from None
    return answer


def _sheet(one: Mapping[str, Any], looks: CellStyles, limits: Limits) -> Sheet:
    title = str(one["title"])
    here = looks.sheets.get(title, {})
    cells: dict[Spot, CellFact] = {}
    for row, column, kind, stored in one["cells"]:
        cells[row, column] = _fact(kind, stored, here.get((row, column), _PLAIN), looks.date1904, limits)
    merges = tuple(Box(title, *(int(number) for number in box)) for box in one["merges"])
    return Sheet(title=title, state=one["state"], cells=cells, merges=merges)


_PLAIN = CellStyle(number_format("General"), False, None)


def _fact(kind: str, stored: Any, look: CellStyle, date1904: bool, limits: Limits) -> CellFact:
    """A cell: its value by calamine, but a number with a format of its own as that shows it."""
    value, text, raw = _value(kind, stored, look, date1904, limits)
    struck = Struck(text, "") if look.struck and text else None
    return CellFact(value, text, raw=raw, number_format=look.format.code, struck=struck, result=look.result)


def _value(kind: str, stored: Any, look: CellStyle, date1904: bool, limits: Limits) -> tuple[Value, str, str]:
    """Typed value, text as read, text as stored."""
    if kind in ("number", "date") and look.number is not None and math.isfinite(look.number):
        return *_number(from_sheet(look.number), look, date1904), repr(look.number)
    match kind:
        case "number":
            return *_number(from_sheet(float(stored)), look, date1904), str(stored)
        case "date":
            text = _date(str(stored))
        case "bool":
            text = "TRUE" if stored else "FALSE"
        case _:
            text = str(stored)
            if len(text) > limits.cell_text:
                return SheetError(tr("（文字过长）", "(text too long)")), "", text
            text = look.format.display_text(text.replace("\r\n", "\n").replace("\r", "\n"))
    return text or None, text, str(stored)


def _number(value: Decimal, look: CellStyle, date1904: bool) -> tuple[Value, str]:
    shown = look.format.display(value, date1904)
    if shown is None:
        return SheetError(tr(f"（不是日期：{decimal_text(value)}）", f"(not a date: {decimal_text(value)})")), ""
    return (shown.strip() or None if look.format.moment else value), shown.strip()


def _date(text: str) -> str:
    try:
        return dates.chinese_date(datetime.date.fromisoformat(text))
    except ValueError:
        return text.replace("T", " ")
