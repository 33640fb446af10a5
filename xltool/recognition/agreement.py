"""Reconcile the defined names of a form with the labels beside their cells and the neighbouring names.

A name may be broken although its cell and label are in place, and it moves along when its cell is dragged to another
row. A value that the name would file under the wrong label is read beside its label, and the difference is reported.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from xltool.form.blocks import Table
from xltool.form.defined_names import cell_name, explanation_name, group_name
from xltool.form.explanations import explanation_cell
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.form.printed_labels import Label, printed_labels
from xltool.recognition.labels import label_key
from xltool.workbook.box import Box
from xltool.workbook.grid import Grid, Spot

#: For each row or column of a sheet, the distances that its names have moved, with the number of names for each.
#: Merged cells have columns of their own, because single columns under them may be deleted.
Moves = Mapping[tuple[str, int, int], Counter[int]]


@dataclass(frozen=True)
class MisplacedName:
    """A place whose name refers to another cell than the one beside its label.

    Attributes:
        place: the place.
        name_box: the cell that the name refers to.
        label_box: the cell beside its label.
    """

    place: Place
    name_box: Box
    label_box: Box


@dataclass(frozen=True)
class ReconciledFields:
    """The names of a form with their correct boxes.

    Attributes:
        boxes: boxes by name, without broken names whose cells cannot be found.
        misplaced_names: the places whose names refer to other cells.
    """

    boxes: Mapping[str, Box]
    misplaced_names: tuple[MisplacedName, ...] = ()


def reconcile(grid: Grid, sheet: str, layout: Layout, name_boxes: Mapping[str, Box]) -> ReconciledFields:
    """Reconcile the names of a form with its labels and with neighbouring names.

    Args:
        grid: the workbook.
        sheet: the sheet of the form.
        layout: the form as issued, with its present number of rows.
        name_boxes: the boxes that the names refer to, without broken names.
    """
    if name_boxes == layout.names:
        return ReconciledFields(name_boxes)
    names = _Names(grid, sheet, layout, name_boxes)
    boxes, misplaced = dict(name_boxes), []
    for place, name in names.single.items():
        now, correct = name_boxes.get(name), names.correct_box(place)
        if correct is None or (now is not None and _corner(now) == _corner(correct)):
            continue
        boxes[name] = correct
        if now is not None:
            misplaced.append(MisplacedName(place, now, correct))
    return ReconciledFields(boxes, tuple(misplaced))


def group_rows(grid: Grid, sheet: str, layout: Layout, name_boxes: Mapping[str, Box]) -> dict[str, Box]:
    """Find the rows of groups with broken names: from their label to the next label, group or block.

    Args:
        grid: the workbook.
        sheet: the sheet of the form.
        layout: the form as issued.
        name_boxes: the boxes that the names refer to, without broken names.
    """
    boxes: dict[str, Box] = {}
    for table in layout.form.tables.values():
        if sheet in grid.sheets and table.level_columns:
            boxes |= _rows_of_table(grid, sheet, layout, table, name_boxes)
    return boxes


def _rows_of_table(
    grid: Grid, sheet: str, layout: Layout, table: Table, name_boxes: Mapping[str, Box]
) -> Mapping[str, Box]:
    names = {group_name(table.key, level2.id): label_key(level2.label) for level2 in table.groups.values()}
    if all(name in name_boxes for name in names):
        return {}
    labels = _label_rows(grid, sheet, layout, table, frozenset(names.values()))
    tops = {name: name_boxes[name].top if name in name_boxes else labels.get(label) for name, label in names.items()}
    ends = [*tops.values(), _row_below(layout, table, name_boxes)]
    boxes: dict[str, Box] = {}
    for number, (name, top) in enumerate(tops.items()):
        if name in name_boxes or top is None:
            continue
        sibling = next((name_boxes[other] for other in names if other in name_boxes), layout.names[name])
        rows = layout.names[name].bottom - layout.names[name].top
        end = next((row for row in ends[number + 1 :] if row is not None), top + rows + 1)
        if end > top:
            boxes[name] = Box(sheet, top, sibling.left, end - 1, sibling.right)
    return boxes


def _row_below(layout: Layout, table: Table, name_boxes: Mapping[str, Box]) -> int | None:
    """The present row below a table, by the nearest name below it; None if there is none."""
    last = max(slot.row for slot in layout.table_slots[table.key])
    below = [(box.top, name) for name, box in layout.names.items()
             if box.sheet == layout.form.sheet and box.top > last and name in name_boxes]  # fmt: skip
    top, name = min(below, default=(0, ""))
    return name_boxes[name].top - (top - last - 1) if name else None


def _label_rows(grid: Grid, sheet: str, layout: Layout, table: Table, labels: frozenset[str]) -> dict[str, int]:
    """The rows of the groups' labels; for each, the first one in reading order."""
    column = layout.issued_box(VariableRowCell(table.key, 0, table.group_column)).left
    cells = grid.sheets[sheet].cells
    rows: dict[str, int] = {}
    for row, left in sorted(spot for spot in cells if abs(spot[1] - column) <= _NEAR):
        fact = cells[row, left]
        if not fact.formula and (label := label_key(fact.text)) in labels:
            rows.setdefault(label, row)
    return rows


#: The most columns by which the labels may have moved, because others were inserted or deleted on their left.
_NEAR = 3


def _corner(box: Box) -> tuple[str, int, int]:
    return box.sheet, box.top, box.left


class _Names:
    """The names of single cells of a form, and the moves of their neighbours."""

    def __init__(self, grid: Grid, sheet: str, layout: Layout, name_boxes: Mapping[str, Box]) -> None:
        self._grid, self._sheet, self._layout, self._name_boxes = grid, sheet, layout, name_boxes
        expected = layout.names
        places = [place for place in layout.places if not isinstance(place, VariableRowCell)]
        self.single: dict[Place, str] = {place: name for place in places if (name := cell_name(place)) in expected}
        self.single |= {explanation_cell(rule): explanation_name(rule) for rule in layout.explainable}
        self._rows: dict[tuple[str, int, int], Counter[int]] = defaultdict(Counter)
        self._columns: dict[tuple[str, int, int], Counter[int]] = defaultdict(Counter)
        for name in self.single.values():
            issued, now = expected[name], name_boxes.get(name)
            if now is not None and self._is_on_sheet(issued, now):
                self._rows[issued.sheet, issued.top, 0][now.top - issued.top] += 1
                self._columns[issued.sheet, issued.left, issued.right][now.left - issued.left] += 1

    def correct_box(self, place: Place) -> Box | None:
        """The box of a place by its label and neighbours; None if its name is plausible, or they cannot tell."""
        issued, name = self._layout.issued_box(place), self.single[place]
        now = self._name_boxes.get(name)
        down, right = self._shift(place, issued)
        if now is not None and not self._is_doubtful(place, issued, now):
            return None
        if now is None and not self._has_column(place, issued, right):
            return None
        label = self._label_of(issued)
        if label is not None and label.text:
            spot = self._find_label(label, down)
            if spot is not None:
                return self._move(issued, spot[0] - label.box.top, right)
        if self._has_row(place, issued, label):
            return self._move(issued, down, right)
        return None

    def _move(self, issued: Box, down: int, right: int) -> Box:
        sheet = self._sheet if issued.sheet == self._layout.form.sheet else issued.sheet
        return Box(sheet, issued.top + down, issued.left + right, issued.bottom + down, issued.right + right)

    def _shift(self, place: Place, issued: Box) -> tuple[int, int]:
        """The distance that the neighbours of a place have moved, down and right."""
        down = _most_common(self._neighbour_moves(self._rows, (issued.top, 0), place, issued))
        right = _most_common(self._neighbour_moves(self._columns, (issued.left, issued.right), place, issued))
        return down or 0, right or 0

    def _neighbour_moves(self, moves: Moves, line: tuple[int, int], place: Place, issued: Box) -> Counter[int]:
        """The moves of the names in the same line; if these do not agree, also of the lines beside it."""
        others = self._other_moves(moves[(issued.sheet, *line)], place, issued, down=moves is self._rows)
        if len(others) == 1 and others.total() > 1:
            return others
        first, *rest = [count for _, count in others.most_common()] or [0]
        if first > 1 and first > 2 * sum(rest):
            return Counter({others.most_common(1)[0][0]: first})
        return others + Counter(move for move in _moves_beside(moves, issued.sheet, line) if move is not None)

    def _other_moves(self, moves: Counter[int], place: Place, issued: Box, down: bool) -> Counter[int]:
        """The moves without that of the place itself."""
        now = self._name_boxes.get(self.single[place])
        if now is None or not self._is_on_sheet(issued, now):
            return moves
        return moves - Counter([now.top - issued.top if down else now.left - issued.left])

    def _is_on_sheet(self, issued: Box, now: Box) -> bool:
        """Whether a name refers to the sheet of its cell."""
        return now.sheet == (self._sheet if issued.sheet == self._layout.form.sheet else issued.sheet)

    def _is_doubtful(self, place: Place, issued: Box, now: Box) -> bool:
        """Whether a name has moved in another way than its neighbours."""
        if not self._is_on_sheet(issued, now):
            return True
        rows = self._neighbour_moves(self._rows, (issued.top, 0), place, issued)
        columns = self._neighbour_moves(self._columns, (issued.left, issued.right), place, issued)
        return now.top - issued.top not in rows or now.left - issued.left not in columns

    def _has_column(self, place: Place, issued: Box, right: int) -> bool:
        """Whether the column of a place still exists: other names in it are left, or its head is."""
        if self._other_moves(self._columns[issued.sheet, issued.left, issued.right], place, issued, down=False):
            return True
        before, after = _moves_beside(self._columns, issued.sheet, (issued.left, issued.right))
        if issued.sheet != self._layout.form.sheet:
            return before == after
        heads = [label for label in self._labels if label.role == "head" and label.box.left == issued.left
                 and label.box.top < issued.top]  # fmt: skip
        head = max(heads, key=lambda label: label.box.top, default=None)
        if head is None or not head.text:
            return before == after
        return any(column == issued.left + right for _, column in self._printed.get(label_key(head.text), ()))

    def _has_row(self, place: Place, issued: Box, label: Label | None) -> bool:
        """Whether the row of a place without a label still exists, by its neighbours."""
        if self._other_moves(self._rows[issued.sheet, issued.top, 0], place, issued, down=True):
            return True
        above, below = _moves_beside(self._rows, issued.sheet, (issued.top, 0))
        if issued.sheet != self._layout.form.sheet and above is None:  # the only name on a hidden sheet
            return issued.sheet in self._grid.sheets
        return label is None and above is not None and above == below

    def _label_of(self, issued: Box) -> Label | None:
        """The label of a cell: left of it in its row, or the head right above it."""
        if issued.sheet != self._layout.form.sheet:
            return None
        beside = [label for label in self._labels if label.box.top == issued.top and label.box.right < issued.left
                  and label.role in ("label", "total")]  # fmt: skip
        heads = [label for label in self._labels if label.box.top == issued.top - 1 and label.box.left == issued.left
                 and label.role == "head"]  # fmt: skip
        return max(beside, key=lambda label: label.box.left, default=None) or next(iter(heads), None)

    @cached_property
    def _labels(self) -> list[Label]:
        return list(printed_labels(self._layout))

    @cached_property
    def _printed(self) -> Mapping[str, list[Spot]]:
        """The cells on the sheet with the text of each label."""
        wanted = {label_key(label.text) for label in self._labels if label.text}
        spots: dict[str, list[Spot]] = defaultdict(list)
        for spot, fact in self._grid.sheets[self._sheet].cells.items():
            if fact.text and not fact.formula and (key := label_key(fact.text)) in wanted:
                spots[key].append(spot)
        return spots

    def _find_label(self, label: Label, down: int) -> Spot | None:
        """The cell with the text of a label that is nearest to its expected place."""
        row, column = label.box.top + down, label.box.left
        spots = self._printed.get(label_key(label.text), [])
        return min(spots, key=lambda spot: (abs(spot[1] - column), abs(spot[0] - row)), default=None)


def _moves_beside(
    moves: Mapping[tuple[str, int, int], Counter[int]], sheet: str, line: tuple[int, int]
) -> tuple[int | None, int | None]:
    """The moves of the nearest lines before and after a line; if there is only one, it counts for both."""
    lines = {
        (first, last): _most_common(counts)
        for (title, first, last), counts in moves.items()
        if title == sheet and counts
    }
    above = max((other for other in lines if other < line), default=None)
    below = min((other for other in lines if other > line), default=None)
    before, after = (lines[other] if other is not None else None for other in (above, below))
    return (after if before is None else before), (before if after is None else after)


def _most_common(moves: Counter[int]) -> int | None:
    """The most common move; None if there is none."""
    return moves.most_common(1)[0][0] if moves else None
