"""The addresses of values inside a form, without any sheet: only the layout knows their cells.

There are three kinds, and none of them knows a block by name: a block is an attribute, and the form says which of its
blocks plays which part. Being tuples, they are hashed and compared fast.
"""

from __future__ import annotations

from typing import NamedTuple


class SingleCell(NamedTuple):
    """A cell that a form has once.

    Attributes:
        name: the name of its field, with that of its block if it has one: ``year``, ``project.name``.
    """

    name: str

    @property
    def block(self) -> str:
        """Its block; its own name if it has none."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """Its name within the block."""
        return self.name.rpartition(".")[2]

    @property
    def row_name(self) -> str:
        """The name of its row, which is its own."""
        return self.name

    def sibling(self, key: str) -> SingleCell:
        """Another cell of the same block."""
        return SingleCell(f"{self.block}.{key}")


class FixedRowCell(NamedTuple):
    """A cell of a table that has the same rows on every copy of a form.

    Attributes:
        block: the name of its table.
        row: the id of its row.
        column: the name of its column.
    """

    block: str
    row: str
    column: str

    @property
    def name(self) -> str:
        """Block, row and column, joined by dots."""
        return f"{self.block}.{self.row}.{self.column}"

    @property
    def row_name(self) -> str:
        """Block and row, joined by a dot."""
        return f"{self.block}.{self.row}"

    def sibling(self, column: str) -> FixedRowCell:
        """The cell of the same row in another column."""
        return FixedRowCell(self.block, self.row, column)


class VariableRowCell(NamedTuple):
    """A cell of a table that has as many rows as a copy of the form needs.

    Attributes:
        block: the name of its table.
        row: the index of its row in the table, from 0.
        column: the name of its column.
    """

    block: str
    row: int
    column: str

    @property
    def name(self) -> str:
        """Block, row and column, joined by dots."""
        return f"{self.block}.{self.row}.{self.column}"

    @property
    def row_name(self) -> str:
        """Block and row, joined by a dot."""
        return f"{self.block}.{self.row}"

    def sibling(self, column: str) -> VariableRowCell:
        """The cell of the same row in another column."""
        return VariableRowCell(self.block, self.row, column)


#: The address of a value inside a form.
Place = SingleCell | FixedRowCell | VariableRowCell
