"""The displacement of the rows and columns of a form on its sheet, for contents without names."""

from __future__ import annotations

from functools import cached_property

from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.form.printed_labels import Label, printed_labels
from xltool.recognition.field_locations import FieldLocations
from xltool.support.templates import cache_within_budget
from xltool.workbook.box import Box


def displacement_of(locations: FieldLocations) -> Displacement:
    """The displacement of a form; cached for forms in which nothing has moved."""
    return _displacement(locations.layout, locations.absent_places | locations.deleted_places)


class Displacement:
    """The present positions of issued rows and columns of the form's sheet.

    Args:
        layout: the form with the places of this workbook.
        is_deleted: the places that the workbook does not have.
    """

    def __init__(self, layout: Layout, deleted: frozenset[Place]) -> None:
        self.layout = layout
        self._deleted = deleted

    @cached_property
    def _issued(self) -> list[tuple[Place, Box]]:
        """Every place on the form's sheet with its issued box."""
        layout = self.layout
        places = [place for place in layout.places if not layout.form.field(place).helper]
        boxes = [(place, layout.issued_box(place)) for place in places]
        return [(place, box) for place, box in boxes if box.sheet == layout.form.sheet]

    @cached_property
    def _pairs(self) -> list[tuple[Box, Box]]:
        return [(issued, self.layout.box(place)) for place, issued in self._issued if place not in self._deleted]

    @cached_property
    def _levels(self) -> list[tuple[Box, Box]]:
        """The level cells of one remaining row of each table, because level columns have no other places."""
        layout, gone = self.layout, self._deleted
        places = []
        for key, table in layout.form.tables.items():
            rows = [cell.row for level in table.level_columns[:1] for cell in layout.column_cells(level, key)
                    if cell not in gone]  # fmt: skip
            places += [VariableRowCell(key, (rows or [0])[0], level) for level in table.level_columns]
        return [(layout.issued_box(place), layout.box(place)) for place in places]

    @cached_property
    def rows(self) -> dict[int, int]:
        """Present rows by issued row, for rows with places."""
        return {issued.top: now.top for issued, now in self._pairs}

    @cached_property
    def columns(self) -> dict[int, int]:
        """Present columns by issued column, for columns in which a place begins, merged or not."""
        pairs = [*self._pairs, *self._levels]
        wide = {issued.left: now.left for issued, now in pairs if issued.left not in self.deleted_columns}
        narrow = {issued.left: now.left for issued, now in pairs if issued.left == issued.right}
        return {**wide, **narrow}

    @cached_property
    def deleted_rows(self) -> frozenset[int]:
        """Issued rows that were deleted with all their places."""
        deleted = {box.top for place, box in self._issued if place in self._deleted}
        return frozenset(deleted - {issued.top for issued, _ in self._pairs})

    @cached_property
    def deleted_columns(self) -> frozenset[int]:
        """Issued columns that were deleted with all places that occupied only them."""
        deleted = {box.left for place, box in self._issued if place in self._deleted and box.left == box.right}
        return frozenset(deleted - {issued.left for issued, _ in self._pairs if issued.left == issued.right})

    def is_deleted(self, issued: Box) -> bool:
        """Whether the contents of an issued box were deleted with its row or column."""
        return issued.top in self.deleted_rows or issued.left in self.deleted_columns

    @property
    def sheet(self) -> str:
        """The present name of the form's sheet."""
        return self._pairs[0][1].sheet if self._pairs else self.layout.form.sheet

    @cached_property
    def has_moved(self) -> bool:
        """Whether anything has moved."""
        return any(issued != now for issued, now in (*self.rows.items(), *self.columns.items()))

    def row(self, issued: int) -> int:
        """The present row of an issued row: its own, or next to the nearest row below, else above, with places."""
        return _present_line(self.rows, issued, self.deleted_rows)

    def box(self, issued: Box) -> Box:
        """The present box of a printed text of the form's sheet."""
        top, bottom = self.row(issued.top), self.row(issued.bottom)
        left = _present_line(self.columns, issued.left, self.deleted_columns)
        return Box(self.sheet, top, left, max(top, bottom), left + issued.right - issued.left)

    @cached_property
    def labels(self) -> list[tuple[Label, Box]]:
        """The printed texts of the form's sheet that were not deleted, with their present boxes."""
        return [(label, self.box(label.box)) for label in printed_labels(self.layout) if not self.is_deleted(label.box)]

    @cached_property
    def ranges(self) -> frozenset[str]:
        """The ranges of the form's own cells, merged or not: places, printed texts, levels."""
        layout = self.layout
        boxes = [layout.box(place) for place in (*layout.places, *layout.level_cells)]
        return frozenset(box.range for box in (*boxes, *(now for _, now in self.labels)))

    def beside(self) -> tuple[int, int]:
        """The first and last helper column on the right of the form: flags, verdicts, hidden steps."""
        first, last = self.layout.helper_span
        helpers = [(key, name) for key, table in self.layout.form.tables.items()
                   for name, column in table.columns.items() if column.helper]  # fmt: skip
        cells = [cell for key, name in helpers for cell in self.layout.column_cells(name, key)[:1]]
        steps = [self.layout.box(cell).left for cell in cells]
        right = _present_line(self.columns, first - 1, self.deleted_columns) - (first - 1)
        return first + right, max([last + right, *steps])


@cache_within_budget(lambda displacement, *_: 250 * len(displacement.layout.places))
def _displacement(layout: Layout, gone: frozenset[Place]) -> Displacement:
    """The displacement of a layout, cached."""
    return Displacement(layout, gone)


def _present_line(lines: dict[int, int], issued: int, gone: frozenset[int]) -> int:
    """The present number of an issued line.

    A line without places of its own moves with the next line, or with the previous one if lines before the next were
    deleted.
    """
    if issued in lines:
        return lines[issued]
    below = min((line for line in lines if line > issued), default=None)
    above = max((line for line in lines if line < issued), default=None)
    if below is None or (above is not None and any(issued < line < below for line in gone)):
        below = above
    return issued if below is None else issued + lines[below] - below
