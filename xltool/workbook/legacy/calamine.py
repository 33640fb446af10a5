"""Read old workbooks (.xls, .et, .xlsb) with calamine, in a separate process that may die.

calamine is native code: it may abort, which no ``except`` catches, or allocate all memory. It gives values, merged
ranges and visibility, but no formulas, locks, validations and defined names, and it reads error values as blank cells.
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
from xltool.workbook.grid import CellFact, Grid, Sheet, Spot, StruckText
from xltool.workbook.legacy.biff import CellStyle, CellStyles, read_cell_styles
from xltool.workbook.limits import Limits
from xltool.workbook.number_formats.format import number_format

_CHILD = Path(__file__).with_name("calamine_process.py")


def read_legacy(content: bytes, form: str, limits: Limits) -> Grid:
    """Read an old workbook.

    Args:
        content: the bytes of the file.
        form: xls, et or xlsb.
        limits: on the cost of reading.

    Raises:
        Unreadable: with a password, damaged, or past a limit.
    """
    styles = read_cell_styles(content, limits.cells) if form != "xlsb" else CellStyles()
    if styles.encrypted:
        raise Unreadable("encrypted")
    answer = _run_child(content, limits)
    if "refused" in answer:
        key = answer["refused"]
        raise Unreadable(key, f".{form}" if key == "legacy" else "")
    sheets = {sheet["title"]: _build_sheet(sheet, styles, limits) for sheet in answer["sheets"]}
    return Grid(
        sheets=sheets, names={}, properties={}, application=None, format=form, checkable=False, date1904=styles.date1904
    )


def _run_child(content: bytes, limits: Limits) -> Mapping[str, Any]:
    arguments = (limits.legacy_bytes, math.ceil(limits.legacy_seconds), limits.cells)
    command = [sys.executable, str(_CHILD), *map(str, arguments)]
    timeout = 2 * limits.legacy_seconds  # wall-clock time; the child's own limit is processor time
    try:
        process = subprocess.run(command, input=content, capture_output=True, timeout=timeout)  # noqa: S603  # our own file
    except subprocess.TimeoutExpired:
        raise Unreadable("slow") from None
    if process.returncode == -getattr(signal, "SIGXCPU", 0):
        raise Unreadable("slow")
    try:
        answer: dict[str, Any] = json.loads(process.stdout)
    except ValueError:
        # Rust aborts if memory runs out; any other death is a bug in calamine that the file triggered.
        raise Unreadable("memory" if b"memory allocation" in process.stderr else "died") from None
    return answer


def _build_sheet(sheet: Mapping[str, Any], styles: CellStyles, limits: Limits) -> Sheet:
    title = str(sheet["title"])
    cell_styles = styles.sheets.get(title, {})
    cells: dict[Spot, CellFact] = {}
    for row, column, kind, stored in sheet["cells"]:
        cells[row, column] = _build_cell(kind, stored, cell_styles.get((row, column), _PLAIN), styles.date1904, limits)
    merges = tuple(Box(title, *(int(number) for number in box)) for box in sheet["merges"])
    return Sheet(title=title, state=sheet["state"], cells=cells, merges=merges)


_PLAIN = CellStyle(number_format("General"), False, None)


def _build_cell(kind: str, stored: Any, style: CellStyle, date1904: bool, limits: Limits) -> CellFact:
    """The facts of a cell: calamine's value, but a number as its format displays it."""
    value, text, raw = _read_value(kind, stored, style, date1904, limits)
    struck = StruckText(text, "") if style.struck and text else None
    return CellFact(value, text, raw=raw, number_format=style.format.code, struck=struck, result=style.result)


def _read_value(kind: str, stored: Any, style: CellStyle, date1904: bool, limits: Limits) -> tuple[Value, str, str]:
    """Typed value, text as a person sees it, text as stored."""
    if kind in ("number", "date") and style.number is not None and math.isfinite(style.number):
        return *_read_number(from_sheet(style.number), style, date1904), repr(style.number)
    match kind:
        case "number":
            return *_read_number(from_sheet(float(stored)), style, date1904), str(stored)
        case "date":
            text = _read_date(str(stored))
        case "bool":
            text = "TRUE" if stored else "FALSE"
        case _:
            text = str(stored)
            if len(text) > limits.cell_text:
                return SheetError(tr("（文字过长）", "(text too long)")), "", text
            text = style.format.display_text(text.replace("\r\n", "\n").replace("\r", "\n"))
    return text or None, text, str(stored)


def _read_number(value: Decimal, style: CellStyle, date1904: bool) -> tuple[Value, str]:
    text = style.format.display(value, date1904)
    if text is None:
        return SheetError(tr(f"（不是日期：{decimal_text(value)}）", f"(not a date: {decimal_text(value)})")), ""
    return (text.strip() or None if style.format.is_moment else value), text.strip()


def _read_date(text: str) -> str:
    try:
        return dates.chinese_date(datetime.date.fromisoformat(text))
    except ValueError:
        return text.replace("T", " ")
