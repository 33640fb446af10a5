"""How far the rows and columns of our form have moved on their sheet, for what has no name of its own."""

from __future__ import annotations

from functools import cached_property

from xltool.form.definition import LEVEL_COLUMNS
from xltool.form.layout import Label, Layout
from xltool.form.places import Place
from xltool.recognition.field_locations import FieldLocations
from xltool.support.templates import cache_within_budget
from xltool.workbook.box import Box


def displacement_of(anchors: FieldLocations) -> Displacement:
    """What has moved on a sheet; of sheets on which nothing has, worked out once."""
    return _displacement(anchors.layout, anchors.absent | anchors.lost)


class Displacement:
    """Where issued rows and columns of the form's sheet are now.

    Args:
        layout: where places stand in this workbook.
        gone: those that it does not have.
    """

    def __init__(self, layout: Layout, gone: frozenset[Place]) -> None:
        self.layout = layout
        self._gone = gone

    @cached_property
    def _issued(self) -> list[tuple[Place, Box]]:
        """Every place on the form's sheet, with where it was issued."""
        layout = self.layout
        places = [place for place in layout.places if not layout.form.field(place).helper]
        found = [(place, layout.issued_box(place)) for place in places]
        return [(place, box) for place, box in found if box.sheet == layout.form.sheet]

    @cached_property
    def _pairs(self) -> list[tuple[Box, Box]]:
        return [(issued, self.layout.box(place)) for place, issued in self._issued if place not in self._gone]

    @cached_property
    def _levels(self) -> list[tuple[Box, Box]]:
        """The levels of one row that is left: their columns have no other place."""
        layout, lost = self.layout, self._gone
        row = next((cell.row for cell in layout.column_cells(LEVEL_COLUMNS[0]) if cell not in lost), 0)
        places = [layout.form.indicator_cell(row, level) for level in LEVEL_COLUMNS]
        return [(layout.issued_box(place), layout.box(place)) for place in places]

    @cached_property
    def rows(self) -> dict[int, int]:
        """Issued rows that hold places → where they are now."""
        return {issued.top: now.top for issued, now in self._pairs}

    @cached_property
    def columns(self) -> dict[int, int]:
        """Issued columns that begin a place → where they are now; a merged place begins where its first column was."""
        pairs = [*self._pairs, *self._levels]
        wide = {issued.left: now.left for issued, now in pairs if issued.left not in self.gone_columns}
        narrow = {issued.left: now.left for issued, now in pairs if issued.left == issued.right}
        return {**wide, **narrow}

    @cached_property
    def gone_rows(self) -> frozenset[int]:
        """Issued rows that were deleted, with all their places."""
        lost = {box.top for place, box in self._issued if place in self._gone}
        return frozenset(lost - {issued.top for issued, _ in self._pairs})

    @cached_property
    def gone_columns(self) -> frozenset[int]:
        """Issued columns that were deleted, with all places that took nothing but them."""
        lost = {box.left for place, box in self._issued if place in self._gone and box.left == box.right}
        return frozenset(lost - {issued.left for issued, _ in self._pairs if issued.left == issued.right})

    def gone(self, issued: Box) -> bool:
        """Whether what was printed in a box went with its row or column."""
        return issued.top in self.gone_rows or issued.left in self.gone_columns

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
        return _moved(self.rows, issued, self.gone_rows)

    def box(self, issued: Box) -> Box:
        """Where a printed text of the form's sheet is now."""
        top, bottom = self.row(issued.top), self.row(issued.bottom)
        left = _moved(self.columns, issued.left, self.gone_columns)
        return Box(self.sheet, top, left, max(top, bottom), left + issued.right - issued.left)

    @cached_property
    def labels(self) -> list[tuple[Label, Box]]:
        """The printed texts of the form's sheet that did not go with their row or column, and where they are now."""
        return [(label, self.box(label.box)) for label in self.layout.labels() if not self.gone(label.box)]

    @cached_property
    def ranges(self) -> frozenset[str]:
        """The ranges of the form's own cells, merged or not: places, printed texts, levels."""
        layout = self.layout
        boxes = [layout.box(place) for place in (*layout.places, *layout.level_cells)]
        return frozenset(box.range for box in (*boxes, *(now for _, now in self.labels)))

    def beside(self) -> tuple[int, int]:
        """The columns right of the form that are ours now, first and last: flags, verdicts, hidden steps."""
        first, last = self.layout.beside
        helpers = [name for name, column in self.layout.form.columns.items() if column.helper]
        steps = [self.layout.box(cell).left for name in helpers for cell in self.layout.column_cells(name)[:1]]
        right = _moved(self.columns, first - 1, self.gone_columns) - (first - 1)
        return first + right, max([last + right, *steps])


@cache_within_budget(lambda found, *_: 250 * len(found.layout.places))
def _displacement(layout: Layout, gone: frozenset[Place]) -> Displacement:
    """The same for all forms in which nothing has moved."""
    return Displacement(layout, gone)


def _moved(known: dict[int, int], issued: int, gone: frozenset[int]) -> int:
    """Where a line is: with itself, with the nearest one behind it, or before it where those behind were deleted."""
    if issued in known:
        return known[issued]
    below = min((one for one in known if one > issued), default=None)
    above = max((one for one in known if one < issued), default=None)
    if below is None or (above is not None and any(issued < one < below for one in gone)):
        below = above
    return issued if below is None else issued + known[below] - below
