"""Find the present columns of the tables of an issued form: names give its rows, heads its columns.

People insert, move and delete columns after lifting the protection of a sheet. The name of a group then only becomes
wider or narrower, so counting columns from its edge would confuse them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from xltool.form.blocks import Table
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


def moved_columns(grid: Grid, sheet: str, layout: Layout, name_boxes: Mapping[str, Box]) -> Mapping[str, ColumnShift]:
    """The present columns of tables by their heads; without those whose columns are as issued.

    Args:
        grid: the workbook.
        sheet: the sheet of the form.
        layout: the form as issued.
        name_boxes: the boxes of the defined names.
    """
    shifts = {key: _table_shift(grid, sheet, layout, table, name_boxes) for key, table in layout.form.tables.items()}
    return {key: shift for key, shift in shifts.items() if shift is not None}


def _table_shift(
    grid: Grid, sheet: str, layout: Layout, table: Table, name_boxes: Mapping[str, Box]
) -> ColumnShift | None:
    groups = [box for group in table.groups if (box := name_boxes.get(group_name(table.key, group)))]
    if not groups or not layout.table_slots[table.key]:
        return None
    boxes = {name: layout.issued_box(VariableRowCell(table.key, 0, name)) for name in table.columns}
    first, last = boxes[table.row_columns[0]].left, boxes[table.row_columns[-1]].right
    group = min(groups, key=lambda box: box.top)
    shift = group.left - first
    issued = {name: box.left for name, box in boxes.items() if not table.columns[name].helper}
    if group.right - last == shift and _are_as_issued(grid, sheet, layout, table, group.top, issued, shift):
        return None
    rows, heads = _find_heads(grid, sheet, layout, table, group.top)
    texts = {column for at, column in grid.sheets[sheet].cells if at in rows}
    now, gone = _place_columns(issued, heads, group, texts)
    beside = group.right - last
    if not gone and beside == shift and all(now[name] - left == shift for name, left in issued.items()):
        return None
    return ColumnShift(now, beside, gone)


def _are_as_issued(
    grid: Grid, sheet: str, layout: Layout, table: Table, top: int, issued: Mapping[str, int], shift: int
) -> bool:
    """Whether the heads are in their issued columns, right above the first group."""
    words = vocabulary(layout.form).heads[table.key]
    rows = range(top - 1, max(0, top - 1 - table.head_lines), -1)
    return all(
        any(label_meaning(grid.at(sheet, row, left + shift).text, words) == name for row in rows)
        for name, left in issued.items()
    )


def _find_heads(grid: Grid, sheet: str, layout: Layout, table: Table, top: int) -> tuple[range, Mapping[str, int]]:
    """The rows of the heads and the column of each; none if there are no such rows."""
    terms = vocabulary(layout.form)
    words = terms.heads[table.key]
    for row in range(top - 1, max(0, top - _ROWS_ABOVE), -1):
        columns: dict[str, int] = {}
        lines = range(row, max(0, row - table.head_lines), -1)
        for line in lines:
            for name, column in _heads_in_row(grid, sheet, line, words):
                columns.setdefault(name, column)
        if len(columns) >= min(_LEAST_HEADS, terms.numbers[table.key]):
            return lines, columns
    return range(0), {}


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
