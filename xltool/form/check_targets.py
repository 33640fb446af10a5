"""The items of a form that rules apply to: rows and columns of matrices, rows of tables, levels, or the form itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xltool.form.blocks import Matrix, Table
from xltool.form.layout import Layout, Slot

#: The ``each`` of rules about the form as a whole, and about the groups of indicators.
FORM, LEVELS = "form", ("level1", "level2")

#: The endings of the ``each`` of rules about the rows or the columns of a matrix, or about its rows that are sums of
#: others and parts of its total: ``funds.rows``.
ROWS, COLUMNS, SUBTOTALS = ".rows", ".columns", ".subtotals"


@dataclass(frozen=True)
class CheckTarget:
    """An item that rules apply to: its key is a row or a column of a matrix, a row number, or a level's id."""

    each: str
    key: str | int = ""
    label: str = ""

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table that has as many rows as a copy of the form needs."""
        return isinstance(self.key, int)

    def slot(self, layout: Layout) -> Slot:
        """The row of the table that it is."""
        return layout.table_slots[layout.form.block_of[self.each].key][int(self.key)]

    @property
    def is_level(self) -> bool:
        """Whether it is a first-level or second-level indicator, of which no cell is at fault."""
        return self.each in ("level1", "level2")

    @property
    def is_column(self) -> bool:
        """Whether it is a column of a table with fixed rows."""
        return self.each.endswith(".columns")


def check_targets(layout: Layout, each: str, only: Sequence[str] = ()) -> Iterator[CheckTarget]:
    """The items that a rule about ``each`` applies to; only those with a key in ``only`` if that is not empty.

    A form without such a block has none.
    """
    return (item for item in _targets(layout, each) if not only or item.key in only)


def _targets(layout: Layout, each: str) -> Iterator[CheckTarget]:
    form = layout.form
    block = form.block_of.get(each.removesuffix(ROWS).removesuffix(COLUMNS).removesuffix(SUBTOTALS))
    match block:
        case Matrix() if each.endswith(ROWS):
            yield from (CheckTarget(each, row, block.row_label(row)) for row in block.rows)
        case Matrix() if each.endswith(SUBTOTALS):
            yield from (CheckTarget(each, row, block.row_label(row)) for row in block.subtotals)
        case Matrix() if each.endswith(COLUMNS):
            yield from (CheckTarget(each, column.name, column.label) for column in block.columns.values())
        case Table() if each == block.id:
            yield from (CheckTarget(each, slot.index, slot.level2.label) for slot in layout.table_slots[block.key])
        case _ if each == LEVELS[0] and each in form.columns:
            yield from (CheckTarget(each, level1.id, level1.label) for level1 in form.level1)
        case _ if each == LEVELS[1] and each in form.columns:
            yield from (CheckTarget(each, level2.id, level2.label) for level2 in form.level2.values())
        case _ if each == FORM:
            yield CheckTarget(each)
