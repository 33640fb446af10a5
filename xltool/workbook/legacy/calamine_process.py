"""The child process of ``calamine.py``: a workbook from stdin, its cells as JSON to stdout. Imports only calamine."""

import contextlib
import datetime
import io
import json
import math
import sys
from typing import Any

_VISIBLE = {"Visible": "visible", "Hidden": "hidden", "VeryHidden": "veryHidden"}


def _set_limits(memory: int, seconds: int) -> None:
    """Set the limits that the operating system enforces, if it can; this process may die, the machine must not."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def _to_json(value: Any) -> tuple[str, Any]:
    match value:
        case bool():
            return "bool", value
        case int() | float():
            return "number", repr(value)
        case datetime.datetime() if value.time() == datetime.time():
            return "date", value.date().isoformat()
        case datetime.datetime() | datetime.date() | datetime.time():
            return "date", value.isoformat()
        case datetime.timedelta():
            return "date", str(value)
    return "text", str(value)


def _read_cells(sheet: Any, left: int) -> list[list[Any]]:
    start = sheet.start
    if start is None:
        return []
    cells = []
    # Empty rows and columns before the first cell are left out, so the offsets are relative to that cell.
    for row, values in enumerate(sheet.to_python(skip_empty_area=True), start[0] + 1):
        for column, value in enumerate(values, start[1] + 1):
            if value != "" and not (isinstance(value, float) and not math.isfinite(value)):
                cells.append([row, column, *_to_json(value)])
        if len(cells) > left:
            raise OverflowError
    return cells


def _read_workbook(content: bytes, most_cells: int) -> dict[str, Any]:
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = []
        for index, metadata in enumerate(book.sheets_metadata):
            if (
                metadata.typ.name != "WorkSheet"
                if hasattr(metadata.typ, "name")
                else "WorkSheet" not in str(metadata.typ)
            ):
                continue
            sheet = book.get_sheet_by_index(index)
            cells = _read_cells(sheet, most_cells)
            most_cells -= len(cells)
            merges = [[a + 1, b + 1, c + 1, d + 1] for (a, b), (c, d) in sheet.merged_cell_ranges or ()]
            state = _VISIBLE.get(str(metadata.visible).rpartition(".")[2], "visible")
            sheets.append({"title": metadata.name, "state": state, "cells": cells, "merges": merges})
    except python_calamine.PasswordError:
        return {"refused": "encrypted"}
    except OverflowError:
        return {"refused": "many_cells"}
    except MemoryError:
        return {"refused": "memory"}
    except BaseException:  # a Rust panic is a BaseException
        return {"refused": "legacy"}
    return {"sheets": sheets}


if __name__ == "__main__":
    memory, seconds, most_cells = map(int, sys.argv[1:4])
    _set_limits(memory, seconds)
    answer = _read_workbook(sys.stdin.buffer.read(), most_cells)
    sys.stdout.buffer.write(json.dumps(answer).encode("ascii"))
