"""How far the rows and columns of our form have moved on their sheet, for what has no name of its own."""

from __future__ import annotations

from functools import cached_property

from xltool.form.layout import Box
from xltool.read.anchor import Anchors


class Shifts:
    """Where issued rows and columns of the form's sheet are now."""

    def __init__(self, anchors: Anchors) -> None:
        self.anchors = anchors
        self.layout = anchors.layout

    @cached_property
    def _pairs(self) -> list[tuple[Box, Box]]:
        layout = self.layout
        gone = self.anchors.absent | self.anchors.lost
        places = [place for place in layout.places if place not in gone and not layout.form.field(place).beside]
        pairs = [(layout.issued_box(place), layout.box(place)) for place in places]
        return [(issued, now) for issued, now in pairs if issued.sheet == layout.form.sheet]

    @cached_property
    def rows(self) -> dict[int, int]:
        """Issued rows that hold places → where they are now."""
        return {issued.top: now.top for issued, now in self._pairs}

    @cached_property
    def columns(self) -> dict[int, int]:
        """Issued columns that begin a place → where they are now."""
        return {issued.left: now.left for issued, now in self._pairs}

    @property
    def sheet(self) -> str:
        """The form's sheet under its present name."""
        return self._pairs[0][1].sheet if self._pairs else self.layout.form.sheet

    @property
    def any(self) -> bool:
        """Whether anything has moved."""
        return any(here != now for here, now in (*self.rows.items(), *self.columns.items()))

    def row(self, issued: int) -> int:
        """Where a row is now: moved with itself, else with the nearest row below, else above, that holds places."""
        return _moved(self.rows, issued)

    def box(self, issued: Box) -> Box:
        """Where a printed text of the form's sheet is now."""
        top, bottom = self.row(issued.top), self.row(issued.bottom)
        left = _moved(self.columns, issued.left)
        return Box(self.sheet, top, left, max(top, bottom), left + issued.right - issued.left)

    def beside(self) -> list[Box]:
        """What we print right of the form: the flags and verdicts of its rows."""
        first, last = self.layout.beside
        right = _moved(self.columns, first - 1) - (first - 1)
        return [Box(self.sheet, 1, first + right, self.row(self.layout.last_row), last + right)]


def _moved(known: dict[int, int], issued: int) -> int:
    if issued in known:
        return known[issued]
    below = min((one for one in known if one > issued), default=None)
    near = below if below is not None else max(known, default=issued)
    return issued + known.get(near, near) - near
