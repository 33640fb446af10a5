"""Parse the cell references of file formats strictly, into numbers and boxes."""

from __future__ import annotations

import re

from xltool.workbook.box import Box
from xltool.workbook.grid import Spot
from xltool.workbook.letters import column_number
from xltool.workbook.limits import Limits

_CELL = re.compile(r"\$?([A-Z]{1,3})\$?([1-9][0-9]{0,6})")


def parse_cell(reference: str, limits: Limits) -> Spot | None:
    """Parse ``B7`` into row and column; None if it is not a cell of a sheet."""
    match = _CELL.fullmatch(reference)
    if match is None:
        return None
    row, column = int(match[2]), column_number(match[1])
    return (row, column) if row <= limits.rows and column <= limits.columns else None


def parse_box(sheet: str, reference: str, limits: Limits) -> Box | None:
    """Parse ``B2:C7`` or ``B2``; None if it is not a range of a sheet."""
    first, _, last = reference.partition(":")
    begin, end = parse_cell(first, limits), parse_cell(last or first, limits)
    if begin is None or end is None:
        return None
    (top, left), (bottom, right) = begin, end
    return Box(sheet, min(top, bottom), min(left, right), max(top, bottom), max(left, right))


def parse_boxes(sheet: str, references: str, limits: Limits) -> tuple[Box, ...] | None:
    """Parse ``B2:C7 E3``; None if any of them is not a range of a sheet."""
    boxes = [parse_box(sheet, reference, limits) for reference in references.split()]
    return None if None in boxes else tuple(box for box in boxes if box is not None)
