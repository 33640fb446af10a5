"""Content of a workbook outside every form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Leftover:
    """A cell, comment or text box outside every form.

    Attributes:
        sheet: the name of its sheet.
        cell: its address; "" if it is not in a cell.
        raw: its text.
        row: its row, for a cell on the sheet of a form or on a foreign sheet; 0 otherwise.
        typed: whether somebody typed it into one of our sheets where nothing is printed.
        column: its column, if it has a row.
    """

    sheet: str
    cell: str
    raw: str
    row: int = 0
    typed: bool = False
    column: int = 0
