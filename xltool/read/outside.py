"""What stands in a workbook outside the form: notes in margins, further sheets. Nothing of it is read; it is told."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from xltool.form.layout import (
    CHECK,
    GUIDE,
    LISTS,
    PANEL,
    PANEL_WIDTH,
    REMARKS,
    STAMP,
    Box,
    Layout,
)
from xltool.form.letters import column_letters, column_number
from xltool.read.grid import Grid, Sheet
from xltool.speech import say

_OURS = {GUIDE, LISTS, CHECK, STAMP, REMARKS}
_OUR_NOTE = re.compile(r"【(错误|警告) [A-Z][0-9]{2} ")


@dataclass(frozen=True)
class Outside:
    """A cell outside the form: its sheet, its address, what a person reads in it."""

    sheet: str
    cell: str
    text: str


def outside(grid: Grid, layout: Layout) -> list[Outside]:
    """What belongs neither to the form nor to the sheets that come with it: cells, notes, text boxes, pictures."""
    return [one for sheet in grid.sheets.values() for one in (*_cells_of(sheet, layout), *_drawn(sheet))]


def _cells_of(sheet: Sheet, layout: Layout) -> Iterator[Outside]:
    if sheet.title in _OURS:
        return
    known = _known(layout) if sheet.title == layout.form.sheet else None
    for (row, column), fact in sorted(sheet.cells.items()):
        text = fact.text.strip()
        if not text or (fact.formula and known is not None):
            continue  # the verdicts beside the table are formulas
        if sheet.title == PANEL and column <= PANEL_WIDTH + 1:
            continue
        if known is None or not known.holds(row, column, text):
            yield Outside(sheet.title, f"{column_letters(column)}{row}", text)


def _drawn(sheet: Sheet) -> Iterator[Outside]:
    """What lies above the cells. The notes of a returned form are ours, and begin with the rule."""
    for (row, column), text in sorted(sheet.comments.items()):
        if not _OUR_NOTE.search(text):
            yield Outside(sheet.title, f"{column_letters(column)}{row}", say(f"批注：{text}", f"note: {text}"))
    for text in sheet.texts:
        yield Outside(sheet.title, "", say(f"文本框：{text}", f"text box: {text}"))
    counted = ((sheet.pictures, "图片", "pictures"), (sheet.charts, "图", "charts"), (sheet.embedded, "附件", "files"))
    for number, chinese, english in counted:
        if number:
            yield Outside(sheet.title, "", say(f"{chinese} {number} 个", f"{number} {english}"))


@dataclass(frozen=True)
class _Known:
    cells: frozenset[tuple[int, int]]
    texts: frozenset[str]
    width: int

    def holds(self, row: int, column: int, text: str) -> bool:
        return (row, column) in self.cells or (column <= self.width + 3 and _squeezed(text) in self.texts)


def _known(layout: Layout) -> _Known:
    """The form's own cells, where rows were shifted too, and the texts it prints, wherever they have moved."""
    boxes = [layout.box(place) for place in layout.places]
    labels = list(layout.labels())
    boxes += [label.box for label in labels]
    inside = {cell for box in boxes if box.sheet == layout.form.sheet for cell in _cells(box)}
    texts = {_squeezed(label.text) for label in labels}
    texts |= {_squeezed(field.label) for field in layout.form.columns.values()} | {"逐行自检结果"}
    return _Known(frozenset(inside), frozenset(texts), column_number(list(layout.form.widths)[-1]))


def _cells(box: Box) -> Iterator[tuple[int, int]]:
    for row in range(box.top, box.bottom + 1):
        for column in range(box.left, box.right + 1):
            yield row, column


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)
