"""A cell or merged range of a sheet, with its address in the notations that file formats use."""

from __future__ import annotations

from dataclasses import dataclass

from xltool.workbook.letters import column_letters


@dataclass(frozen=True)
class Box:
    """One cell or one merged range of a sheet. Rows and columns count from 1."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def first(self) -> str:
        """The address of the first cell, such as ``H7``."""
        return f"{column_letters(self.left)}{self.top}"

    @property
    def range(self) -> str:
        """The address of the range: ``C3`` or ``C3:I3``."""
        last = f"{column_letters(self.right)}{self.bottom}"
        return self.first if last == self.first else f"{self.first}:{last}"

    @property
    def address(self) -> str:
        """The address of the first cell with its sheet, as people read it: ``自评表!H7``."""
        return f"{self.sheet}!{self.first}"

    @property
    def absolute(self) -> str:
        """The absolute address: ``$H$7`` or ``$C$3:$I$3``."""
        first = f"${column_letters(self.left)}${self.top}"
        last = f"${column_letters(self.right)}${self.bottom}"
        return first if first == last else f"{first}:{last}"

    @property
    def merged(self) -> bool:
        """Whether it covers more than one cell."""
        return (self.top, self.left) != (self.bottom, self.right)
