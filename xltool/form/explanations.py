"""The unit's explanations on the panel, one for each rule that may be explained."""

from __future__ import annotations

from xltool.form.places import SingleCell
from xltool.result.record import EXPLANATIONS
from xltool.support.memo import memo

__all__ = ["EXPLANATIONS", "explanation_cell"]


@memo(256, 16)
def explanation_cell(rule: str) -> SingleCell:
    """The cell for the unit's explanation of a rule."""
    return SingleCell(f"{EXPLANATIONS}.{rule}")
