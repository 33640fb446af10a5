"""The defined names by which the reader finds the cells of a form again, wherever rows have shifted."""

from __future__ import annotations

from xltool.form.definition import Form
from xltool.form.own_sheets import NAME_PREFIX
from xltool.form.places import Place


def cell_name(place: Place) -> str:
    """The defined name of a cell outside the groups of indicators."""
    return f"{NAME_PREFIX}{place.name.replace('.', '_')}"


def group_name(form: Form, group: str) -> str:
    """The defined name of the rows of a second-level indicator."""
    return f"{NAME_PREFIX}{form.indicator_table}_{group}"


def explanation_name(rule: str) -> str:
    """The defined name of the cell for the explanation of a rule."""
    return f"{NAME_PREFIX}explain_{rule}"
