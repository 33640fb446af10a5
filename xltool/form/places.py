"""The address of a value inside a form, without any sheet: only the layout knows where places stand.

There are three kinds, and none of them knows a block by name: a block is an attribute, and the form says which of its
blocks plays which part. As tuples they are hashed and compared as fast as any key.
"""

from __future__ import annotations

from typing import NamedTuple


class SingleCell(NamedTuple):
    """A cell that a form has once.

    Attributes:
        name: of its field, with that of its block before it where it has one: ``year``, ``project.name``.
    """

    name: str

    @property
    def block(self) -> str:
        """Its block; its own name where it stands for itself."""
        return self.name.partition(".")[0]

    @property
    def key(self) -> str:
        """What it is called in its block."""
        return self.name.rpartition(".")[2]

    @property
    def row_name(self) -> str:
        """What its row is called: it is a row by itself."""
        return self.name

    def sibling(self, key: str) -> SingleCell:
        """Another cell of the same block."""
        return SingleCell(f"{self.block}.{key}")


class FixedRowCell(NamedTuple):
    """A cell of a table that has the same rows on every copy of a form.

    Attributes:
        row: the id of its row.
        column: the name of its column.
    """

    block: str
    row: str
    column: str

    @property
    def name(self) -> str:
        """Block, row and column in one text."""
        return f"{self.block}.{self.row}.{self.column}"

    @property
    def row_name(self) -> str:
        """Block and row in one text."""
        return f"{self.block}.{self.row}"

    def sibling(self, column: str) -> FixedRowCell:
        """The cell of the same row in another column."""
        return FixedRowCell(self.block, self.row, column)


class VariableRowCell(NamedTuple):
    """A cell of a table that has as many rows as a copy of the form needs.

    Attributes:
        row: the number of its row among those of the table, from 0.
        column: the name of its column.
    """

    block: str
    row: int
    column: str

    @property
    def name(self) -> str:
        """Block, row and column in one text."""
        return f"{self.block}.{self.row}.{self.column}"

    @property
    def row_name(self) -> str:
        """Block and row in one text."""
        return f"{self.block}.{self.row}"

    def sibling(self, column: str) -> VariableRowCell:
        """The cell of the same row in another column."""
        return VariableRowCell(self.block, self.row, column)


#: The address of a value inside a form.
Place = SingleCell | FixedRowCell | VariableRowCell
