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

from xltool.form.layout import Box
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import from_sheet
from xltool.read import dates
from xltool.read.grid import CellFact, Grid, Sheet, Spot
from xltool.read.limits import Limits
from xltool.read.refusal import Unreadable
from xltool.speech import say

_CHILD = Path(__file__).with_name("_calamine.py")


def read_legacy(content: bytes, form: str, limits: Limits) -> Grid:
    """The facts of an old workbook.

    Args:
        content: its bytes.
        form: xls, et or xlsb.
        limits: see there.

    Raises:
        Unreadable: with a password, damaged, or past a limit.
    """
    found = _asked(content, limits)
    if "refused" in found:
        key = found["refused"]
        raise Unreadable(key, f".{form}" if key == "legacy" else "")
    sheets = {one["title"]: _sheet(one, limits) for one in found["sheets"]}
    return Grid(sheets=sheets, names={}, properties={}, application=None, format=form, checkable=False)


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


def _sheet(one: Mapping[str, Any], limits: Limits) -> Sheet:
    title = str(one["title"])
    cells: dict[Spot, CellFact] = {}
    for row, column, kind, stored in one["cells"]:
        cells[row, column] = _fact(kind, stored, limits)
    merges = tuple(Box(title, *(int(number) for number in box)) for box in one["merges"])
    return Sheet(title=title, state=one["state"], cells=cells, merges=merges)


def _fact(kind: str, stored: Any, limits: Limits) -> CellFact:
    value: Value
    match kind:
        case "number":
            value = from_sheet(float(stored))
            return CellFact(value, _shown(value), raw=str(stored))
        case "date":
            text = _date(str(stored))
        case "bool":
            text = "TRUE" if stored else "FALSE"
        case _:
            text = str(stored)
            if len(text) > limits.cell_text:
                return CellFact(SheetError(say("（文字过长）", "(text too long)")), "", raw=text)
            text = text.replace("\r\n", "\n").replace("\r", "\n")
    return CellFact(text or None, text, raw=str(stored))


def _shown(value: Decimal) -> str:
    return format(value, "f")


def _date(text: str) -> str:
    try:
        return dates.people_write(datetime.date.fromisoformat(text))
    except ValueError:
        return text.replace("T", " ")
