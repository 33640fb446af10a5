"""Cells of indicator rows that people merged over several rows: a weight that is shared, with scores that are not."""

from __future__ import annotations

from collections.abc import Mapping

from xltool.form.definition import LEVEL_COLUMNS
from xltool.form.places import Place
from xltool.recognition.label_match import LabelMatch
from xltool.workbook.box import Box


def rows_spanned(located: LabelMatch, lines: Mapping[int, int]) -> dict[Place, int]:
    """For how many rows a cell speaks, where it is more than one.

    A cell that nobody merged speaks for the rows that another one is merged over while it is blank below.

    Args:
        located: the form.
        lines: the number of each row of indicators that was read, by its row on the sheet.
    """
    heads = {name: head for name, head in located.heads.items() if name not in LEVEL_COLUMNS}
    found: dict[Place, int] = {}
    for row, index in lines.items():
        boxes = {name: located.page.box(row, head.left) for name, head in heads.items()}
        merged = {name: _rows(box, lines) for name, box in boxes.items() if box.top == row}
        most = max((len(rows) for rows in merged.values()), default=1)
        if most == 1:
            continue
        widest = next(rows for rows in merged.values() if len(rows) == most)
        for name, rows in merged.items():
            below = [located.page.box(one, heads[name].left) for one in widest[1:]]
            blank = all(not located.page.text(box) or box.top <= row for box in below)
            number = most if blank else len(rows)
            if number > 1:
                found[located.form.indicator_cell(index, name)] = number
    return found


def _rows(box: Box, lines: Mapping[int, int]) -> list[int]:
    """The rows of indicators that a box covers."""
    return [row for row in range(box.top, box.bottom + 1) if row in lines]
