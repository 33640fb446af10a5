"""One form together with its workbook, for checks that go beyond the form's own cells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xltool.reading.change import Change
from xltool.reading.reader import Reading
from xltool.workbook.grid import Grid


@dataclass(frozen=True)
class FormInWorkbook:
    """One of the forms of a workbook.

    Attributes:
        grid: the workbook.
        readings: all its forms, without copies.
        number: the index of this form in ``readings``.
        copies: the changes to report about copies of forms on other sheets.
    """

    grid: Grid
    readings: Sequence[Reading]
    number: int = 0
    copies: Sequence[Change] = ()

    @property
    def reading(self) -> Reading:
        """The reading of this form."""
        return self.readings[self.number]

    @property
    def part(self) -> int:
        """The number of this form among those of its sheet, from the top, counted from 1."""
        sheet = self.reading.identity.sheet
        return sum(reading.identity.sheet == sheet for reading in self.readings[: self.number + 1])


@dataclass(frozen=True)
class FormsInWorkbook:
    """The forms of a workbook, ours first.

    Attributes:
        forms: each once.
        differences: by index in ``forms``, the differences from another sheet with the same project; it is
            unknown which is right.
    """

    forms: tuple[FormInWorkbook, ...]
    differences: Mapping[int, str]
