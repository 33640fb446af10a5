"""One sheet as people see it: cells and merged ranges as boxes beside and below each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from xltool.language.texts import clean
from xltool.workbook.box import Box
from xltool.workbook.grid import EMPTY, CellFact, Grid, Spot

#: No sheet has more rows.
LAST_ROW = 1_048_576

#: A merged range of more cells holds no single field of a form.
_LARGEST = 5000


@dataclass(frozen=True)
class SheetView:
    """A sheet, or the rows of one that hold a form."""

    grid: Grid
    sheet: str
    top: int = 1
    bottom: int = LAST_ROW

    @cached_property
    def cells(self) -> Mapping[Spot, CellFact]:
        """The cells of these rows that hold something a person sees, by row and column."""
        facts = self.grid.sheets[self.sheet].cells
        inside = ((spot, fact) for spot, fact in facts.items() if self.top <= spot[0] <= self.bottom)
        return {spot: fact for spot, fact in sorted(inside, key=lambda one: one[0]) if clean(fact.text)}

    @cached_property
    def _merged(self) -> Mapping[Spot, Box]:
        found: dict[Spot, Box] = {}
        for box in self.grid.sheets[self.sheet].merges:
            height, width = box.bottom - box.top + 1, box.right - box.left + 1
            if height * width <= _LARGEST:
                spots = [(row, column) for row in range(box.top, box.bottom + 1)
                         for column in range(box.left, box.right + 1)]  # fmt: skip
                # a range that was merged over others than it is now shows nothing, and hides what stands in it
                if spots[0] in self.cells or not any(spot in self.cells for spot in spots[1:]):
                    found |= dict.fromkeys(spots, box)
        return found

    @cached_property
    def rows(self) -> Mapping[int, list[tuple[Box, str]]]:
        """Of every row that holds something, its boxes from left to right with their texts."""
        found: dict[int, list[tuple[Box, str]]] = {}
        for (row, column), fact in self.cells.items():
            found.setdefault(row, []).append((self.box(row, column), fact.text))
        return found

    def fact(self, box: Box) -> CellFact:
        """What the first cell of a box holds."""
        return self.grid.sheets[self.sheet].cells.get((box.top, box.left), EMPTY)

    def text(self, box: Box) -> str:
        """What a person reads in a box; "" where nothing stands."""
        return clean(self.fact(box).text)

    def box(self, row: int, column: int) -> Box:
        """The merged range a cell is part of, or the cell."""
        return self._merged.get((row, column)) or Box(self.sheet, row, column, row, column)

    def right_of(self, box: Box) -> Box:
        """What stands right of a box, in its first row."""
        return self.box(box.top, box.right + 1)

    def below(self, box: Box) -> Box:
        """What stands below a box, in its first column."""
        return self.box(box.bottom + 1, box.left)

    def texts(self) -> Iterator[tuple[Box, str]]:
        """Every box that holds something, with its text, in reading order."""
        for row in self.rows.values():
            yield from row
