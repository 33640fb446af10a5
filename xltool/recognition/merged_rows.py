"""Cells of rows of tables that people merged over several rows, such as a shared weight with separate scores."""

from __future__ import annotations

from collections.abc import Mapping

from xltool.form.blocks import LEVEL_COLUMNS
from xltool.form.places import Place, VariableRowCell
from xltool.recognition.label_match import LabelMatch
from xltool.workbook.box import Box


def rows_spanned(match: LabelMatch, key: str, lines: Mapping[int, int]) -> dict[Place, int]:
    """The number of rows that a cell applies to, if it is more than one.

    A cell that is not merged applies to the rows of a merged cell beside it if the cells below it are blank.

    Args:
        match: the form by its labels.
        key: a table.
        lines: the index of each of its rows that was read, by its row on the sheet.
    """
    heads = {name: head for name, head in match.heads.get(key, {}).items() if name not in LEVEL_COLUMNS}
    spans: dict[Place, int] = {}
    for row, index in lines.items():
        boxes = {name: match.page.box(row, head.left) for name, head in heads.items()}
        merged = {name: _rows_covered(box, lines) for name, box in boxes.items() if box.top == row}
        most = max((len(rows) for rows in merged.values()), default=1)
        if most == 1:
            continue
        widest = next(rows for rows in merged.values() if len(rows) == most)
        for name, rows in merged.items():
            below = [match.page.box(other, heads[name].left) for other in widest[1:]]
            blank = all(not match.page.text(box) or box.top <= row for box in below)
            number = most if blank else len(rows)
            if number > 1:
                spans[VariableRowCell(key, index, name)] = number
    return spans


def _rows_covered(box: Box, lines: Mapping[int, int]) -> list[int]:
    """The rows that a box covers."""
    return [row for row in range(box.top, box.bottom + 1) if row in lines]
