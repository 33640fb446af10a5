"""How far the rows and columns of our form have moved on their sheet, for what has no name of its own."""

from __future__ import annotations

from functools import cached_property, lru_cache

from xltool.form.definition import LEVEL_COLUMNS
from xltool.form.layout import Box, Label, Layout
from xltool.form.names import Place
from xltool.read.anchor import Anchors


def shifts_of(anchors: Anchors) -> Shifts:
    """What has moved on a sheet; of sheets on which nothing has, worked out once."""
    return _shifts(anchors.layout, anchors.absent | anchors.lost)


class Shifts:
    """Where issued rows and columns of the form's sheet are now.

    Args:
        layout: where places stand in this workbook.
        gone: those that it does not have.
    """

    def __init__(self, layout: Layout, gone: frozenset[Place]) -> None:
        self.layout = layout
        self._gone = gone

    @cached_property
    def _pairs(self) -> list[tuple[Box, Box]]:
        layout = self.layout
        places = [place for place in layout.places if place not in self._gone and not layout.form.field(place).beside]
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

    @cached_property
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

    @cached_property
    def labels(self) -> list[tuple[Label, Box]]:
        """The printed texts of the form's sheet, and where they are now."""
        return [(label, self.box(label.box)) for label in self.layout.labels()]

    @cached_property
    def ranges(self) -> frozenset[str]:
        """The ranges of the form's own cells, merged or not: places, printed texts, levels."""
        layout = self.layout
        levels = [("indicators", slot.index, level) for slot in layout.slots for level in LEVEL_COLUMNS]
        boxes = [layout.box(place) for place in (*layout.places, *levels)]
        return frozenset(box.range for box in (*boxes, *(now for _, now in self.labels)))

    def beside(self) -> list[Box]:
        """What we print right of the form: the flags and verdicts of its rows."""
        first, last = self.layout.beside
        right = _moved(self.columns, first - 1) - (first - 1)
        return [Box(self.sheet, 1, first + right, self.row(self.layout.last_row), last + right)]


_shifts = lru_cache(maxsize=32)(Shifts)


def _moved(known: dict[int, int], issued: int) -> int:
    if issued in known:
        return known[issued]
    below = min((one for one in known if one > issued), default=None)
    near = below if below is not None else max(known, default=issued)
    return issued + known.get(near, near) - near
