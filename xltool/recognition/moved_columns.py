"""Where the columns of our indicator block are now: names lead to its rows, the heads above them to its columns.

People insert, move and delete columns on a sheet whose protection they lifted. The name of a group only gets wider or
narrower then, so that counting columns from its edge would read one column for another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from xltool.form.layout import Layout, group_name
from xltool.form.places import VariableRowCell
from xltool.recognition.labels import label_meaning, vocabulary
from xltool.workbook.box import Box
from xltool.workbook.grid import Grid

#: So many heads in a row make it the row of the heads.
_LEAST_HEADS = 4

#: It is looked for so many rows above the first group: rows may have been inserted between.
_ROWS_ABOVE = 60


@dataclass(frozen=True)
class ColumnShift:
    """The columns of a block that are not as issued.

    Attributes:
        now: the first sheet column of each column that is left, by its name.
        beside: how far what stands beside the table has moved.
        gone: the columns that were deleted.
    """

    now: Mapping[str, int]
    helper_beside: int
    gone: frozenset[str]

    def box(self, place: VariableRowCell, issued: Box, moved: Box) -> Box:
        """Where a place of the block is: in the row where its name led, in the column that its head says."""
        left = self.now.get(place.column, issued.left + self.helper_beside)
        return Box(moved.sheet, moved.top, left, moved.bottom, left + issued.right - issued.left)


def moved_columns(grid: Grid, sheet: str, layout: Layout, found: Mapping[str, Box]) -> ColumnShift | None:
    """The columns by their heads; None where all stand beside each other as issued.

    Args:
        grid: the workbook.
        sheet: the form's.
        layout: the form as issued.
        found: where the defined names lead.
    """
    groups = [box for key in layout.form.level2 if (box := found.get(group_name(layout.form, key)))]
    if not groups:
        return None
    issued = {name: layout.issued_box(layout.form.indicator_cell(0, name)).left for name in layout.form.columns}
    first, last = (issued[name] for name in (layout.form.row_columns[0], layout.form.row_columns[-1]))
    group = min(groups, key=lambda one: one.top)
    shift = group.left - first
    table = {name: left for name, left in issued.items() if not layout.form.columns[name].helper}
    if group.right - last == shift and _as_issued(grid, sheet, layout, group.top, table, shift):
        return None
    row, heads = _heads(grid, sheet, layout, group.top)
    texts = {column for at, column in grid.sheets[sheet].cells if at == row}
    now, gone = _placed(table, heads, group, texts)
    beside = group.right - last
    if not gone and beside == shift and all(now[name] - left == shift for name, left in table.items()):
        return None
    return ColumnShift(now, beside, gone)


def _as_issued(grid: Grid, sheet: str, layout: Layout, top: int, table: Mapping[str, int], shift: int) -> bool:
    """Whether the heads stand where they were printed, right above the first group."""
    words = vocabulary(layout.form).columns
    row = top - 1
    return all(label_meaning(grid.at(sheet, row, left + shift).text, words) == name for name, left in table.items())


def _heads(grid: Grid, sheet: str, layout: Layout, top: int) -> tuple[int, Mapping[str, int]]:
    """The row of heads, and the columns that it names; none where there is no such row."""
    words = vocabulary(layout.form).columns
    for row in range(top - 1, max(0, top - _ROWS_ABOVE), -1):
        found: dict[str, int] = {}
        for name, column in _named(grid, sheet, row, words):
            found.setdefault(name, column)
        if len(found) >= _LEAST_HEADS:
            return row, found
    return 0, {}


def _named(grid: Grid, sheet: str, row: int, words: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    facts = grid.sheets[sheet].cells
    for column in sorted(column for at, column in facts if at == row):
        if (name := label_meaning(facts[row, column].text, words)) is not None:
            yield name, column


def _placed(
    table: Mapping[str, int], heads: Mapping[str, int], group: Box, texts: Set[int]
) -> tuple[dict[str, int], frozenset[str]]:
    """Every column of the table: where its head is, else beside a neighbour; gone where others stand there."""
    now, gone = {}, set()
    taken = set(heads.values())
    for name, left in table.items():
        if name in heads:
            now[name] = heads[name]
            continue
        near = sorted((abs(left - table[one]), one) for one in heads)
        places = [left + heads[one] - table[one] for _, one in near[:2]] or [left]
        free = [place for place in places if place not in taken and place <= group.right]
        now[name] = next((place for place in free if place in texts), (free or places)[0])  # a head that was retyped
        if not free:
            gone.add(name)
    return now, frozenset(gone)
