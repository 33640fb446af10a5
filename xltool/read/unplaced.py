"""What stands in a workbook outside its form: nothing of it is lost, everything is listed once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from xltool.form.layout import Box, Layout
from xltool.form.letters import column_letters
from xltool.form.names import Place
from xltool.language.texts import cleaned
from xltool.read.grid import Grid, Spot
from xltool.read.identify import helpers
from xltool.read.reader import Reading
from xltool.read.shifts import Shifts, shifts_of

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
        known = frozenset().union(*(_known(one) for one in readings if one.identity.sheet == sheet))
        found += _cells(grid, sheet, known)
        found += _notes(grid, sheet)
    return found


def _cells(grid: Grid, sheet: str, known: frozenset[Spot]) -> Iterator[Unplaced]:
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


def _known(reading: Reading) -> frozenset[Spot]:
    """The cells of a form: its labels, its places, and what we print beside it."""
    anchors, sheet = reading.anchors, reading.identity.sheet
    if anchors.known:
        return _spots([*_places(anchors.layout, anchors.absent), *anchors.known], sheet)
    return _of_ours(shifts_of(anchors), anchors.absent, sheet)


def _places(layout: Layout, absent: frozenset[Place]) -> list[Box]:
    return [layout.box(place) for place in layout.places if place not in absent]


@lru_cache(maxsize=32)  # forms of ours in which nothing has moved share their shifts
def _of_ours(shifts: Shifts, absent: frozenset[Place], sheet: str) -> frozenset[Spot]:
    return _spots([*_places(shifts.layout, absent), *(box for _, box in shifts.labels), *shifts.beside()], sheet)


def _spots(boxes: Sequence[Box], sheet: str) -> frozenset[Spot]:
    return frozenset(
        (row, column)
        for box in boxes
        if box.sheet == sheet
        for row in range(box.top, box.bottom + 1)
        for column in range(box.left, box.right + 1)
    )


def is_inside(reading: Reading, one: Unplaced) -> bool:
    """Whether a cell stands between the rows of the indicator block: content that belongs to no row of the form."""
    layout = reading.anchors.layout
    tops = [layout.box(("indicators", slot.index, "level3")).top for slot in layout.slots
            if ("indicators", slot.index, "level3") not in reading.anchors.absent]  # fmt: skip
    if one.sheet != reading.identity.sheet or not tops or not one.row:
        return False
    return one.row in reading.anchors.unknown_rows or (min(tops) <= one.row <= max(tops) and one.row not in tops)
