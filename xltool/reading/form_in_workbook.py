"""One form with the workbook around it: what is asked of a reading beyond its own cells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xltool.reading.change import Change
from xltool.reading.reader import Reading
from xltool.workbook.grid import Grid


@dataclass(frozen=True)
class FormInWorkbook:
    """One of the forms of a workbook.

    Attributes:
        grid: the workbook.
        readings: all its forms, each once.
        number: which of them, counted from 0.
        copies: what is to be said of copies of forms, on other sheets.
    """

    grid: Grid
    readings: Sequence[Reading]
    number: int = 0
    copies: Sequence[Change] = ()

    @property
    def reading(self) -> Reading:
        """The form itself."""
        return self.readings[self.number]

    @property
    def part(self) -> int:
        """Which form of its sheet it is, from the top, counted from 1."""
        own = self.reading.identity.sheet
        return sum(one.identity.sheet == own for one in self.readings[: self.number + 1])
