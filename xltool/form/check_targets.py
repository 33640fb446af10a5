"""The items of a form that rules apply to: rows and columns of funds, indicator rows, levels, or the form itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from xltool.form import blocks
from xltool.form.layout import Layout


@dataclass(frozen=True)
class CheckTarget:
    """An item that rules apply to: its key is a fund row, a fund column, a row number, or a level's id."""

    each: str
    key: str | int = ""
    label: str = ""

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table that has as many rows as a copy of the form needs."""
        return isinstance(self.key, int)

    @property
    def is_level(self) -> bool:
        """Whether it is a first-level or second-level indicator, of which no cell is at fault."""
        return self.each in ("level1", "level2")

    @property
    def is_column(self) -> bool:
        """Whether it is a column of a table with fixed rows."""
        return self.each.endswith(".columns")


def check_targets(layout: Layout, each: str, only: Sequence[str] = ()) -> Iterator[CheckTarget]:
    """The items that a rule about ``each`` applies to; only those with a key in ``only`` if that is not empty."""
    form = layout.form
    targets: list[CheckTarget]
    match each:
        case blocks.EACH_FUND_ROW:
            targets = [CheckTarget(each, row.id, row.label.removeprefix("其中：")) for row in form.fund_rows.values()]
        case blocks.EACH_FUND_COLUMN:
            targets = [CheckTarget(each, column.name, column.label) for column in form.fund_columns.values()]
        case blocks.EACH_INDICATOR:
            targets = [CheckTarget(each, slot.index, slot.level2.label) for slot in layout.slots]
        case "level1":
            targets = [CheckTarget(each, level1.id, level1.label) for level1 in form.level1]
        case "level2":
            targets = [CheckTarget(each, level2.id, level2.label) for level2 in form.level2.values()]
        case _:
            targets = [CheckTarget(each, "", "")]
    return (item for item in targets if not only or item.key in only)
