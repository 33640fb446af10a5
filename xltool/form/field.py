"""A field of a form: a cell that it has once, or a column of one of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from xltool.form.kinds import Kind

#: Where a single cell stands: on the form's sheet, on the panel with the checks, on the hidden sheet.
ON_FORM, ON_PANEL, ON_HIDDEN = "form", "panel", "hidden"


@dataclass(frozen=True)
class Field:
    """One single cell of the form, or one column of a matrix or of a table.

    Attributes:
        name: its key in the record: that of a column, or of a cell with its group (``project.name``, ``executed``).
        full_name: its name in definitions and rules: ``heading.name``, ``funds.columns.executed``.
        label: its label in messages.
        kind: the kind of its values.
        block: the id of its block.
        sheet: where a single cell stands: ``form``, ``panel`` or ``hidden``.
        synonyms: other spellings of its label on forms.
        print_label: the printed label, if it differs from ``label``.
        columns: the sheet's columns it takes, such as ``C:I``; "" if the layout decides.
        label_columns: the columns of its printed label; "" if it has none.
        line: its line in its block, from 1.
        label_line: the line of its label.
        prompt: the text shown when its cell is selected.
        choices: the values allowed; empty for any.
        height: the least height of its line in points; 0 for the usual one.
        embedded_in: the printed text that contains its value, with ``{}`` in its place.
        prefix: the record key of the field whose value is printed before its own, with a hyphen (``code-name``).
        fixed_value: the text or number of a fixed field.
        formula: the expression of a computed field; ``row.`` stands for the row of a cell in a matrix.
        only: for a column of a matrix, the rows in which it has a value; empty for all.
        elsewhere: the text printed in its other rows.
        number_format: Excel's format code, if it is not that of the kind.
        limit: the greatest length in characters that the official form allows; 0 for no limit.
        required: whether it must be filled in.
        helper: whether it is beside the table, outside the print area, and never read back.
        hidden: whether its column is hidden: a step of a computation.
        row_attribute: the attribute of a row that it shows: ``level1``, ``level2`` (their ids) or ``scoring``.
    """

    name: str
    label: str
    kind: Kind
    full_name: str = ""
    block: str = ""
    sheet: str = ON_FORM
    synonyms: tuple[str, ...] = ()
    print_label: str = ""
    columns: str = ""
    label_columns: str = ""
    line: int = 1
    label_line: int = 0
    prompt: str = ""
    choices: tuple[str, ...] = ()
    height: float = 0
    embedded_in: str = ""
    prefix: str = ""
    fixed_value: Decimal | str | None = None
    formula: str = ""
    only: tuple[str, ...] = ()
    elsewhere: str = ""
    number_format: str = ""
    limit: int = 0
    required: bool = False
    helper: bool = False
    hidden: bool = False
    row_attribute: str = ""

    @property
    def is_computed(self) -> bool:
        """Whether its value comes from a formula."""
        return bool(self.formula)

    @property
    def printed_label(self) -> str:
        """The label as printed."""
        return self.print_label or self.label
