"""Cell references of the file format as numbers and boxes, strictly: what is no reference is refused."""

from __future__ import annotations

import re

from xltool.workbook.box import Box
from xltool.workbook.grid import Spot
from xltool.workbook.letters import column_number
from xltool.workbook.limits import Limits

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")


def parse_cell(reference: str, limits: Limits) -> Spot | None:
    """Row and column of ``B7``; None for what is no cell of a sheet."""
    match = _CELL.fullmatch(reference)
    if match is None:
        return None
    row, column = int(match[2]), column_number(match[1])
    return (row, column) if row <= limits.rows and column <= limits.columns else None


def parse_box(sheet: str, reference: str, limits: Limits) -> Box | None:
    """``B2:C7`` or ``B2``; None for what is no range of a sheet."""
    first, _, last = reference.partition(":")
    begin, end = parse_cell(first, limits), parse_cell(last or first, limits)
    if begin is None or end is None:
        return None
    (top, left), (bottom, right) = begin, end
    return Box(sheet, min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def parse_boxes(sheet: str, references: str, limits: Limits) -> tuple[Box, ...] | None:
    """``B2:C7 E3``; None when any of them is no range of a sheet."""
    found = [parse_box(sheet, one, limits) for one in references.split()]
    return None if None in found else tuple(one for one in found if one is not None)
