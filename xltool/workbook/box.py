"""A cell or merged range of a sheet, with the addresses that formats write."""

from __future__ import annotations

from dataclasses import dataclass

from xltool.workbook.letters import column_letters


@dataclass(frozen=True)
class Box:
    """One cell or one merged range of a sheet; rows and columns count from 1."""

    sheet: str
    top: int
    left: int
    bottom: int
    right: int

    @property
    def first(self) -> str:
        """The address of its first cell: ``H7``."""
        return f"{column_letters(self.left)}{self.top}"

    @property
    def range(self) -> str:
        """``C3`` or ``C3:I3``."""
        last = f"{column_letters(self.right)}{self.bottom}"
        return self.first if last == self.first else f"{self.first}:{last}"

    @property
    def address(self) -> str:
        """With its sheet, as people read it: ``自评表!H7``."""
        return f"{self.sheet}!{self.first}"

    @property
    def absolute(self) -> str:
        """``$H$7`` or ``$C$3:$I$3``."""
        first = f"${column_letters(self.left)}${self.top}"
        last = f"${column_letters(self.right)}${self.bottom}"
        return first if first == last else f"{first}:{last}"

    @property
    def merged(self) -> bool:
        """Whether it takes more than one cell."""
        return (self.top, self.left) != (self.bottom, self.right)
