"""The blocks of a form from top to bottom: cells, matrices, tables, printed text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from xltool.form.field import Field

#: The columns of a table whose cells are printed labels, merged over their rows.
LEVEL_COLUMNS = ("level1", "level2")

#: The row of a cell in the formula of its column.
_ROW = re.compile(r"\brow\.")

#: How a block looks: as usual, or set off as the line of totals.
PLAIN, TOTAL_STYLE = "plain", "total"


@dataclass(frozen=True)
class Block:
    """A block: its cells, and the label that is printed over all of its lines.

    Attributes:
        id: its name in the definition.
        key: the group of its cells, or its table, in the record; "" if its cells stand at the top of the record.
        label: its label; "" if none is printed.
        synonyms: other spellings of the label on forms.
        label_columns: the sheet's columns of the label; "" if it is not printed.
        style: ``plain`` or ``total``.
        fields: its single cells.
    """

    id: str
    key: str = ""
    label: str = ""
    synonyms: tuple[str, ...] = ()
    label_columns: str = ""
    style: str = PLAIN
    fields: tuple[Field, ...] = ()

    @property
    def is_total(self) -> bool:
        """Whether it is a line of totals."""
        return self.style == TOTAL_STYLE


@dataclass(frozen=True)
class FieldGrid(Block):
    """A grid of labels and values, among them signatures."""


@dataclass(frozen=True)
class PrintedText(Block):
    """Printed text.

    Attributes:
        lines: one text a line.
    """

    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Head:
    """A head in the upper of two lines, over several columns."""

    label: str
    columns: str
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class MatrixRow:
    """One row of a matrix.

    Attributes:
        id: its id in the record and in names.
        label: its label.
        synonyms: other spellings of the label on forms.
        adds_to: the row whose sum it is part of; "" if it is part of none.
        under: the row in whose label its own is nested; "" if it has the whole label to itself.
    """

    id: str
    label: str
    synonyms: tuple[str, ...] = ()
    adds_to: str = ""
    under: str = ""

    @property
    def part(self) -> bool:
        """Whether it is part of the sum of another row."""
        return bool(self.adds_to)


@dataclass(frozen=True)
class Matrix(Block):
    """A table that has the same rows on every copy of the form.

    Attributes:
        row_key: the key of the row's id in the record.
        row_label_columns: the sheet's columns of the labels of rows; two for labels of two levels.
        rows: the rows by id.
        columns: the columns by name, from left to right.
        heads: the heads in the upper of two lines.
    """

    row_key: str = "row"
    row_label_columns: tuple[str, ...] = ()
    rows: Mapping[str, MatrixRow] = field(default_factory=dict)
    columns: Mapping[str, Field] = field(default_factory=dict)
    heads: tuple[Head, ...] = ()

    @property
    def head_lines(self) -> int:
        """The lines of its heads."""
        return 2 if self.heads else 1

    def row_label(self, row: str) -> str:
        """The label of a row in messages, without 其中, after that of the row under which it is nested."""
        label = self.rows[row].label.removeprefix("其中：")
        return f"{self.row_label(above)}{label}" if (above := self.rows[row].under) else label

    def parts(self, row: str) -> tuple[str, ...]:
        """The rows that add up to a row."""
        return tuple(part.id for part in self.rows.values() if part.adds_to == row)

    @cached_property
    def total(self) -> str:
        """The row that sums others and is part of none; the first row if none does."""
        sums = [row.id for row in self.rows.values() if not row.adds_to and self.parts(row.id)]
        return (sums or list(self.rows))[0]

    @property
    def subtotals(self) -> tuple[str, ...]:
        """The rows that others add up to, except the total."""
        return tuple(row for row in self.rows if self.parts(row) and row != self.total)

    def has_value(self, row: str, column: str) -> bool:
        """Whether the cell has a value of its own, not the text printed elsewhere."""
        only = self.columns[column].only
        return not only or row in only

    def formula(self, row: str, column: str) -> str:
        """The expression of the cell; "" if it is not computed. Amounts of a row that has parts are their sum."""
        definition = self.columns[column]
        if not self.has_value(row, column):
            return ""
        if definition.formula:
            return _ROW.sub(f"{self.id}.{row}.", definition.formula)
        if definition.kind.name != "money" or not self.parts(row):
            return ""
        names = (
            [f"{self.id}.parts.{column}"]
            if row == self.total
            else [f"{self.id}.{part}.{column}" for part in self.parts(row)]
        )
        return f"round(sum({', '.join(names)}), money_decimals)"

    def fixed_value(self, row: str, column: str) -> Decimal | str | None:
        """The number or text that the form prints in the cell; None if it prints none."""
        definition = self.columns[column]
        return definition.fixed_value if self.has_value(row, column) else definition.elsewhere or None


@dataclass(frozen=True)
class Level2:
    """A second-level indicator: a group of ``rows`` rows; ``scoring`` is the method of their reference scores."""

    id: str
    label: str
    rows: int
    scoring: str = "ratio"
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Level1:
    """A first-level indicator with its usual weight in points, if the form has points."""

    id: str
    label: str
    level2: tuple[Level2, ...]
    weight: Decimal | None = None
    weight_alone: Decimal | None = None
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table(Block):
    """A table that has as many rows as a copy of the form needs, in groups of up to two levels.

    Attributes:
        columns: the columns by name, from left to right; those beside the table last.
        level1: the groups; one without labels for a table without levels.
        heads: the heads in the upper of two lines.
        points_in_labels: whether the labels of first levels contain their points.
    """

    columns: Mapping[str, Field] = field(default_factory=dict)
    level1: tuple[Level1, ...] = ()
    heads: tuple[Head, ...] = ()
    points_in_labels: bool = False

    @property
    def head_lines(self) -> int:
        """The lines of its heads."""
        return 2 if self.heads else 1

    @cached_property
    def level_columns(self) -> tuple[str, ...]:
        """The columns with labels of levels: two, one or none."""
        return tuple(name for name in LEVEL_COLUMNS if name in self.columns)

    @property
    def group_column(self) -> str:
        """The column whose label tells the group of a row; "" for a table without levels."""
        return (self.level_columns or ("",))[-1]

    @cached_property
    def groups(self) -> Mapping[str, Level2]:
        """Every second-level indicator by id, in the order of the form."""
        return {group.id: group for level1 in self.level1 for group in level1.level2}

    @property
    def flag(self) -> str:
        """The column beside the rows that tells whether a row has content; "" if there is none."""
        return next((name for name, column in self.columns.items() if column.kind.name == "flag"), "")

    @cached_property
    def row_columns(self) -> tuple[str, ...]:
        """The columns that people fill in: neither levels nor columns beside the table."""
        return tuple(name for name, column in self.columns.items() if name not in LEVEL_COLUMNS and not column.helper)

    @cached_property
    def blank_row(self) -> Mapping[str, None]:
        """A blank row: all columns except those beside the table."""
        return {name: None for name, column in self.columns.items() if not column.helper}

    @cached_property
    def constants(self) -> Mapping[str, str]:
        """The columns beside the rows that show an attribute of the row, with that attribute."""
        return {name: column.row_attribute for name, column in self.columns.items() if column.row_attribute}
