"""A cell, note or text box that stands outside every form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Leftover:
    """A cell, note or text box outside every form.

    Attributes:
        sheet: where it is.
        cell: its cell; "" where it stands in none.
        raw: what it says.
        row: its row, of a cell of a form's sheet or of one that is none of ours; 0 for anything else.
        column: its column, where it has a row.
        typed: whether somebody typed it into a sheet of ours where nothing is printed.
    """

    sheet: str
    cell: str
    raw: str
    row: int = 0
    typed: bool = False
    column: int = 0
