"""A form's sheet as somebody copies it into a workbook of their own: values only, the blocks in any order."""

from __future__ import annotations

import io
from collections.abc import Sequence

import openpyxl

from xltool.form.layout import Layout

#: Where the blocks begin; above is the title.
_FIRST = 2


def rearranged(content: bytes, layout: Layout, order: Sequence[str] = ()) -> bytes:
    """The form of a completed workbook without any mark of ours.

    Args:
        content: the workbook.
        layout: its layout.
        order: the ids of its blocks from top to bottom; as they are if empty.
    """
    source = openpyxl.load_workbook(io.BytesIO(content), data_only=True)[layout.form.sheet]
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    width, moves = len(layout.form.widths), {1: 1}
    row = _FIRST
    for name in order or [block.id for block in layout.form.blocks]:
        first = layout.first_rows[name]
        for line in range(layout.lines_of(layout.form.block_of[name])):
            moves[first + line] = row
            row += 1
    for old, new in moves.items():
        for cell in source[old][:width]:
            if cell.value is not None:
                sheet.cell(new, cell.column, cell.value).number_format = cell.number_format
    for box in source.merged_cells.ranges:
        if box.min_row in moves and box.max_col <= width:
            new = moves[box.min_row]
            sheet.merge_cells(
                start_row=new, end_row=new + box.max_row - box.min_row, start_column=box.min_col, end_column=box.max_col
            )
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
