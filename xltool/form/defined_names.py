"""The defined names by which the reader finds the cells of a form again, wherever rows have shifted."""

from __future__ import annotations

from xltool.form.field import Field
from xltool.form.own_sheets import NAME_PREFIX
from xltool.form.places import Place


def cell_name(place: Place) -> str:
    """The defined name of a cell outside the groups of indicators."""
    return f"{NAME_PREFIX}{place.name.replace('.', '_')}"


def group_name(table: str, group: str) -> str:
    """The defined name of the rows of a group in a table; a table without levels is its own group."""
    return f"{NAME_PREFIX}{table}_{group}" if group != table else f"{NAME_PREFIX}{table}"


def list_name(field: Field) -> str:
    """The defined name of the choices of a field."""
    is_column = field.full_name.count(".") > 1
    return f"{NAME_PREFIX}list_{f'{field.block}.{field.name}' if is_column else field.name}".replace(".", "_")


def explanation_name(rule: str) -> str:
    """The defined name of the cell for the explanation of a rule."""
    return f"{NAME_PREFIX}explain_{rule}"
