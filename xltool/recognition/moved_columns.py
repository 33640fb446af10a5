"""Find the present columns of the indicator block of an issued form: names give its rows, heads its columns.

People insert, move and delete columns after lifting the protection of a sheet. The name of a group then only becomes
wider or narrower, so counting columns from its edge would confuse them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from xltool.form.defined_names import group_name
from xltool.form.layout import Layout
from xltool.form.places import VariableRowCell
from xltool.recognition.labels import label_meaning, vocabulary
from xltool.workbook.box import Box
from xltool.workbook.grid import Grid

#: The least number of heads in a head row.
_LEAST_HEADS = 4

#: The rows above the first group in which the head row is searched, because rows may have been inserted.
_ROWS_ABOVE = 60


@dataclass(frozen=True)
class ColumnShift:
    """The columns of a block that have moved.

    Attributes:
        columns: the first sheet column of each column that is left, by name.
        helper_beside: the distance that the helper columns beside the table have moved.
        deleted: the columns that were deleted.
    """

    columns: Mapping[str, int]
    helper_beside: int
    deleted: frozenset[str]

    def box(self, place: VariableRowCell, issued: Box, moved: Box) -> Box:
        """The present box of a place of the block: in the row of its name, in the column of its head."""
        left = self.columns.get(place.column, issued.left + self.helper_beside)
        return Box(moved.sheet, moved.top, left, moved.bottom, left + issued.right - issued.left)


def moved_columns(grid: Grid, sheet: str, layout: Layout, name_boxes: Mapping[str, Box]) -> ColumnShift | None:
    """The present columns by their heads; None if they are as issued.

    Args:
        grid: the workbook.
        sheet: the sheet of the form.
        layout: the form as issued.
        name_boxes: the boxes of the defined names.
    """
    groups = [
        box for key in layout.form.level2 if (box := name_boxes.get(group_name(layout.form.indicator_table, key)))
    ]
    if not groups:
        return None
    issued = {name: layout.issued_box(layout.form.indicator_cell(0, name)).left for name in layout.form.columns}
    first, last = (issued[name] for name in (layout.form.row_columns[0], layout.form.row_columns[-1]))
    group = min(groups, key=lambda box: box.top)
    shift = group.left - first
    table = {name: left for name, left in issued.items() if not layout.form.columns[name].helper}
    if group.right - last == shift and _are_as_issued(grid, sheet, layout, group.top, table, shift):
        return None
    row, heads = _find_heads(grid, sheet, layout, group.top)
    texts = {column for at, column in grid.sheets[sheet].cells if at == row}
    now, gone = _place_columns(table, heads, group, texts)
    beside = group.right - last
    if not gone and beside == shift and all(now[name] - left == shift for name, left in table.items()):
        return None
    return ColumnShift(now, beside, gone)


def _are_as_issued(grid: Grid, sheet: str, layout: Layout, top: int, table: Mapping[str, int], shift: int) -> bool:
    """Whether the heads are in their issued columns, right above the first group."""
    words = vocabulary(layout.form).columns
    row = top - 1
    return all(label_meaning(grid.at(sheet, row, left + shift).text, words) == name for name, left in table.items())


def _find_heads(grid: Grid, sheet: str, layout: Layout, top: int) -> tuple[int, Mapping[str, int]]:
    """The row of the heads and the column of each; 0 and none if there is no such row."""
    words = vocabulary(layout.form).columns
    for row in range(top - 1, max(0, top - _ROWS_ABOVE), -1):
        columns: dict[str, int] = {}
        for name, column in _heads_in_row(grid, sheet, row, words):
            columns.setdefault(name, column)
        if len(columns) >= _LEAST_HEADS:
            return row, columns
    return 0, {}


def _heads_in_row(grid: Grid, sheet: str, row: int, words: Mapping[str, str]) -> Iterator[tuple[str, int]]:
    facts = grid.sheets[sheet].cells
    for column in sorted(column for at, column in facts if at == row):
        if (name := label_meaning(facts[row, column].text, words)) is not None:
            yield name, column


def _place_columns(
    table: Mapping[str, int], heads: Mapping[str, int], group: Box, texts: Set[int]
) -> tuple[dict[str, int], frozenset[str]]:
    """The present column of every column: at its head, or next to a neighbour; gone if others are there."""
    now, gone = {}, set()
    taken = set(heads.values())
    for name, left in table.items():
        if name in heads:
            now[name] = heads[name]
            continue
        near = sorted((abs(left - table[other]), other) for other in heads)
        places = [left + heads[other] - table[other] for _, other in near[:2]] or [left]
        free = [place for place in places if place not in taken and place <= group.right]
        now[name] = next((place for place in free if place in texts), (free or places)[0])  # its head was retyped
        if not free:
            gone.add(name)
    return now, frozenset(gone)
