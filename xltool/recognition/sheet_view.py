"""A sheet as people see it: cells and merged ranges as boxes beside and below each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from xltool.language.texts import clean
from xltool.workbook.box import Box
from xltool.workbook.grid import EMPTY, CellFact, Grid, Spot

#: The last row that a sheet can have.
LAST_ROW = 1_048_576

#: Larger merged ranges, in cells, are ignored; no field of a form is that large.
_LARGEST = 5000


@dataclass(frozen=True)
class SheetView:
    """A sheet, or the rows of it that hold one table."""

    grid: Grid
    sheet: str
    top: int = 1
    bottom: int = LAST_ROW

    @cached_property
    def cells(self) -> Mapping[Spot, CellFact]:
        """The cells of these rows with visible contents, by row and column."""
        facts = self.grid.sheets[self.sheet].cells
        inside = ((spot, fact) for spot, fact in facts.items() if self.top <= spot[0] <= self.bottom)
        return {spot: fact for spot, fact in sorted(inside, key=lambda item: item[0]) if clean(fact.text)}

    @cached_property
    def _merged(self) -> Mapping[Spot, Box]:
        boxes: dict[Spot, Box] = {}
        for box in self.grid.sheets[self.sheet].merges:
            height, width = box.bottom - box.top + 1, box.right - box.left + 1
            if height * width <= _LARGEST:
                spots = [(row, column) for row in range(box.top, box.bottom + 1)
                         for column in range(box.left, box.right + 1)]  # fmt: skip
                # a blank merged range over filled cells would hide them, so it is ignored
                if spots[0] in self.cells or not any(spot in self.cells for spot in spots[1:]):
                    boxes |= dict.fromkeys(spots, box)
        return boxes

    @cached_property
    def rows(self) -> Mapping[int, list[tuple[Box, str]]]:
        """The boxes of every filled row, from left to right, with their texts."""
        rows: dict[int, list[tuple[Box, str]]] = {}
        for (row, column), fact in self.cells.items():
            rows.setdefault(row, []).append((self.box(row, column), fact.text))
        return rows

    def fact(self, box: Box) -> CellFact:
        """The first cell of a box."""
        return self.grid.sheets[self.sheet].cells.get((box.top, box.left), EMPTY)

    def text(self, box: Box) -> str:
        """The text in a box; "" if it is blank."""
        return clean(self.fact(box).text)

    def box(self, row: int, column: int) -> Box:
        """The merged range that a cell is part of, or the cell itself."""
        return self._merged.get((row, column)) or Box(self.sheet, row, column, row, column)

    def right_of(self, box: Box) -> Box:
        """The box on the right of a box, in its first row."""
        return self.box(box.top, box.right + 1)

    def below(self, box: Box) -> Box:
        """The box below a box, in its first column."""
        return self.box(box.bottom + 1, box.left)

    def texts(self) -> Iterator[tuple[Box, str]]:
        """Yield every filled box with its text, in reading order."""
        for row in self.rows.values():
            yield from row
