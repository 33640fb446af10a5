"""Places by their parts, as tests name them."""

from __future__ import annotations

from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell


def place_of(*parts: str | int) -> Place:
    """The place of ``"project", "name"``, of ``"funds", "total", "executed"`` or of ``"indicators", 7, "score"``."""
    match parts:
        case (str() as block, int() as row, str() as column):
            return VariableRowCell(block, row, column)
        case (str() as block, str() as row, str() as column):
            return FixedRowCell(block, row, column)
    return SingleCell(".".join(map(str, parts)))
