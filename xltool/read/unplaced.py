"""What stands in a workbook outside its form: nothing of it is lost, everything is listed once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xltool.form.layout import Box
from xltool.form.letters import column_letters
from xltool.language.texts import cleaned
from xltool.read.grid import Grid, Spot
from xltool.read.identify import helpers
from xltool.read.reader import Reading
from xltool.read.shifts import Shifts

#: How the notes of a form that was returned begin: level and rule.
_OUR_NOTE = re.compile(r"【(?:错误|警告) [A-Z][0-9]{2} ")


@dataclass(frozen=True)
class Unplaced:
    """A cell, note or text box outside every form; ``cell`` is "" where it stands in none."""

    sheet: str
    cell: str
    raw: str
    row: int = 0


def unplaced(grid: Grid, readings: Sequence[Reading], number: int) -> list[Unplaced]:
    """What the result of one form has to list: what else stands on its sheet; the first also lists other sheets.

    Args:
        grid: the workbook.
        readings: all its forms.
        number: which of them.
    """
    own = readings[number].identity.sheet
    taken = {reading.identity.sheet for reading in readings}
    sheets = [own] if number == next(n for n, one in enumerate(readings) if one.identity.sheet == own) else []
    if number == 0:
        sheets += [sheet for sheet in grid.sheets if sheet not in taken and sheet not in helpers(grid)]
    found: list[Unplaced] = []
    for sheet in sheets:
        known = {spot for one in readings if one.identity.sheet == sheet for spot in _known(one)}
        found += _cells(grid, sheet, known)
        found += _notes(grid, sheet)
    return found


def _cells(grid: Grid, sheet: str, known: set[Spot]) -> Iterator[Unplaced]:
    cells = grid.sheets[sheet].cells
    for row, column in sorted(spot for spot in cells if spot not in known):
        fact = cells[row, column]
        if cleaned(fact.text) or fact.formula:
            yield Unplaced(sheet, f"{column_letters(column)}{row}", fact.raw or fact.text or f"={fact.formula}", row)


def _notes(grid: Grid, sheet: str) -> Iterator[Unplaced]:
    for (row, column), text in sorted(grid.sheets[sheet].comments.items(), key=lambda one: one[0]):
        if is_our_note(text):
            continue
        yield Unplaced(sheet, f"{column_letters(column)}{row}", text)
    for text in grid.sheets[sheet].texts:
        yield Unplaced(sheet, "", text)


def is_our_note(text: str) -> bool:
    """Whether a note is one that a returned form brings along."""
    return _OUR_NOTE.search(text) is not None


def _known(reading: Reading) -> Iterator[Spot]:
    """The cells of a form: its labels, its places, and what we print beside it."""
    anchors, sheet = reading.anchors, reading.identity.sheet
    boxes: list[Box] = [anchors.layout.box(place) for place in anchors.layout.places if place not in anchors.absent]
    if anchors.known:
        boxes += anchors.known
    else:
        shifts = Shifts(anchors)
        boxes += [shifts.box(label.box) for label in anchors.layout.labels()]
        boxes += shifts.beside()
    for box in boxes:
        if box.sheet == sheet:
            yield from ((row, column) for row in range(box.top, box.bottom + 1)
                        for column in range(box.left, box.right + 1))  # fmt: skip


def is_inside(reading: Reading, one: Unplaced) -> bool:
    """Whether a cell stands between the rows of the indicator block: content that belongs to no row of the form."""
    layout = reading.anchors.layout
    tops = [layout.box(("indicators", slot.index, "level3")).top for slot in layout.slots
            if ("indicators", slot.index, "level3") not in reading.anchors.absent]  # fmt: skip
    if one.sheet != reading.identity.sheet or not tops or not one.row:
        return False
    return one.row in reading.anchors.unknown_rows or (min(tops) <= one.row <= max(tops) and one.row not in tops)
