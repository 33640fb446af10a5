"""Where the names of a form lead, the labels beside their cells and the names around them, made to agree.

A name may be broken while its cell and its label stand, and it moves along when a cell is dragged into another row.
What names alone would file under the wrong label is read where the label stands, and said.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from xltool.form.blocks import TOTAL_SCORE_CELL, explanation_cell
from xltool.form.layout import Label, Layout, cell_name, explanation_name, group_name
from xltool.form.places import Place, VariableRowCell
from xltool.recognition.labels import label_key
from xltool.workbook.box import Box
from xltool.workbook.grid import Grid, Spot

#: How far the names in a row or column of a sheet have moved, each with how many say so.
#: A merged cell stands in no column: those it covers can go without it.
Moves = Mapping[tuple[str, int, int], Counter[int]]


@dataclass(frozen=True)
class MisplacedName:
    """A place whose name leads to another cell than its label: where the name leads, and where the label stands."""

    place: Place
    led: Box
    own: Box


@dataclass(frozen=True)
class ReconciledFields:
    """The names of a form with the boxes they should lead to.

    Attributes:
        found: boxes by name; a name that leads nowhere and whose cell cannot be found is not among them.
        strayed: the places whose names lead elsewhere.
    """

    found: Mapping[str, Box]
    strayed: tuple[MisplacedName, ...] = ()


def reconcile(grid: Grid, sheet: str, layout: Layout, found: Mapping[str, Box]) -> ReconciledFields:
    """The names of a form after their labels and their neighbours were asked.

    Args:
        grid: the workbook.
        sheet: the form's.
        layout: the form as issued, with as many rows as it has now.
        found: where the names lead, as far as they lead anywhere.
    """
    if found == layout.names:
        return ReconciledFields(found)
    names = _Names(grid, sheet, layout, found)
    mended, strayed = dict(found), []
    for place, name in names.single.items():
        now, own = found.get(name), names.own(place)
        if own is None or (now is not None and _corner(now) == _corner(own)):
            continue
        mended[name] = own
        if now is not None:
            strayed.append(MisplacedName(place, now, own))
    return ReconciledFields(mended, tuple(strayed))


def group_rows(grid: Grid, sheet: str, layout: Layout, found: Mapping[str, Box]) -> dict[str, Box]:
    """The rows of groups whose names lead nowhere: from their labels to the next label, group or total.

    Args:
        grid: the workbook.
        sheet: the form's.
        layout: the form as issued.
        found: where the names lead, as far as they lead anywhere.
    """
    form = layout.form
    names = {group_name(form, one.id): label_key(form.level_label(one)) for one in form.level2.values()}
    if sheet not in grid.sheets or all(name in found for name in names):
        return {}
    labels = _label_rows(grid, sheet, layout, frozenset(names.values()))
    tops = {name: found[name].top if name in found else labels.get(label) for name, label in names.items()}
    total = found.get(cell_name(TOTAL_SCORE_CELL))
    ends = [*tops.values(), total.top if total else None]
    made: dict[str, Box] = {}
    for number, (name, top) in enumerate(tops.items()):
        if name in found or top is None:
            continue
        beside = next((found[one] for one in names if one in found), layout.names[name])
        rows = layout.names[name].bottom - layout.names[name].top
        end = next((one for one in ends[number + 1 :] if one is not None), top + rows + 1)
        if end > top:
            made[name] = Box(sheet, top, beside.left, end - 1, beside.right)
    return made


def _label_rows(grid: Grid, sheet: str, layout: Layout, labels: frozenset[str]) -> dict[str, int]:
    """The rows of the second levels' labels, each where it stands first in a column of its own."""
    column = layout.issued_box(layout.form.indicator_cell(0, "level2")).left
    cells = grid.sheets[sheet].cells
    found: dict[str, int] = {}
    for row, left in sorted(spot for spot in cells if abs(spot[1] - column) <= _NEAR):
        fact = cells[row, left]
        if not fact.formula and (said := label_key(fact.text)) in labels:
            found.setdefault(said, row)
    return found


#: Columns may have been inserted or deleted left of the labels.
_NEAR = 3


def _corner(box: Box) -> tuple[str, int, int]:
    return box.sheet, box.top, box.left


class _Names:
    """The single names of a form, and what their neighbours say of them."""

    def __init__(self, grid: Grid, sheet: str, layout: Layout, found: Mapping[str, Box]) -> None:
        self._grid, self._sheet, self._layout, self._found = grid, sheet, layout, found
        expected = layout.names
        places = [place for place in layout.places if not isinstance(place, VariableRowCell)]
        self.single: dict[Place, str] = {place: name for place in places if (name := cell_name(place)) in expected}
        self.single |= {explanation_cell(rule): explanation_name(rule) for rule in layout.explainable}
        self._rows: dict[tuple[str, int, int], Counter[int]] = defaultdict(Counter)
        self._columns: dict[tuple[str, int, int], Counter[int]] = defaultdict(Counter)
        for name in self.single.values():
            own, now = expected[name], found.get(name)
            if now is not None and self._counts(own, now):
                self._rows[own.sheet, own.top, 0][now.top - own.top] += 1
                self._columns[own.sheet, own.left, own.right][now.left - own.left] += 1

    def own(self, place: Place) -> Box | None:
        """Where a place is by its label and its neighbours; None where they cannot tell, or have no reason to."""
        issued, name = self._layout.issued_box(place), self.single[place]
        now = self._found.get(name)
        down, right = self._shift(place, issued)
        if now is not None and not self._doubtful(place, issued, now):
            return None
        if now is None and not self._column_stands(place, issued, right):
            return None
        label = self._label(issued)
        if label is not None and label.text:
            at = self._nearest(label, down)
            if at is not None:
                return self._moved(issued, at[0] - label.box.top, right)
        if self._stands_by(place, issued, label):
            return self._moved(issued, down, right)
        return None

    def _moved(self, issued: Box, down: int, right: int) -> Box:
        sheet = self._sheet if issued.sheet == self._layout.form.sheet else issued.sheet
        return Box(sheet, issued.top + down, issued.left + right, issued.bottom + down, issued.right + right)

    def _shift(self, place: Place, issued: Box) -> tuple[int, int]:
        """How far the neighbours of a place have moved, down and right."""
        down = _most(self._neighbours(self._rows, (issued.top, 0), place, issued))
        right = _most(self._neighbours(self._columns, (issued.left, issued.right), place, issued))
        return down or 0, right or 0

    def _neighbours(self, moves: Moves, line: tuple[int, int], place: Place, issued: Box) -> Counter[int]:
        """How far those in the same line have moved; where they do not agree, also those in the lines beside it."""
        others = self._others(moves[(issued.sheet, *line)], place, issued, down=moves is self._rows)
        if len(others) == 1 and others.total() > 1:
            return others
        first, *rest = [count for _, count in others.most_common()] or [0]
        if first > 1 and first > 2 * sum(rest):
            return Counter({others.most_common(1)[0][0]: first})
        return others + Counter(one for one in _beside(moves, issued.sheet, line) if one is not None)

    def _others(self, moves: Counter[int], place: Place, issued: Box, down: bool) -> Counter[int]:
        """The same without what the place itself says."""
        now = self._found.get(self.single[place])
        if now is None or not self._counts(issued, now):
            return moves
        return moves - Counter([now.top - issued.top if down else now.left - issued.left])

    def _counts(self, own: Box, now: Box) -> bool:
        """Whether a name leads to the sheet that its cell stands on."""
        return now.sheet == (self._sheet if own.sheet == self._layout.form.sheet else own.sheet)

    def _doubtful(self, place: Place, issued: Box, now: Box) -> bool:
        """Whether a name leads elsewhere than its neighbours would have it."""
        if not self._counts(issued, now):
            return True
        rows = self._neighbours(self._rows, (issued.top, 0), place, issued)
        columns = self._neighbours(self._columns, (issued.left, issued.right), place, issued)
        return now.top - issued.top not in rows or now.left - issued.left not in columns

    def _column_stands(self, place: Place, issued: Box, right: int) -> bool:
        """Whether the column of a place was not deleted: others of it are there, or its head is."""
        if self._others(self._columns[issued.sheet, issued.left, issued.right], place, issued, down=False):
            return True
        before, behind = _beside(self._columns, issued.sheet, (issued.left, issued.right))
        if issued.sheet != self._layout.form.sheet:
            return before == behind
        heads = [one for one in self._labels if one.role == "head" and one.box.left == issued.left
                 and one.box.top < issued.top]  # fmt: skip
        head = max(heads, key=lambda one: one.box.top, default=None)
        if head is None or not head.text:
            return before == behind
        return any(column == issued.left + right for _, column in self._printed.get(label_key(head.text), ()))

    def _stands_by(self, place: Place, issued: Box, label: Label | None) -> bool:
        """Whether the neighbours of a place without a label say that its row is still there."""
        if self._others(self._rows[issued.sheet, issued.top, 0], place, issued, down=True):
            return True
        above, below = _beside(self._rows, issued.sheet, (issued.top, 0))
        if issued.sheet != self._layout.form.sheet and above is None:  # alone on a hidden sheet
            return issued.sheet in self._grid.sheets
        return label is None and above is not None and above == below

    def _label(self, issued: Box) -> Label | None:
        """The printed text that says what a cell is: left of it in its row, or the head right above it."""
        if issued.sheet != self._layout.form.sheet:
            return None
        beside = [one for one in self._labels if one.box.top == issued.top and one.box.right < issued.left
                  and one.role in ("label", "total")]  # fmt: skip
        heads = [one for one in self._labels if one.box.top == issued.top - 1 and one.box.left == issued.left
                 and one.role == "head"]  # fmt: skip
        return max(beside, key=lambda one: one.box.left, default=None) or next(iter(heads), None)

    @cached_property
    def _labels(self) -> list[Label]:
        return list(self._layout.labels())

    @cached_property
    def _printed(self) -> Mapping[str, list[Spot]]:
        """Where the texts of labels stand on the sheet."""
        wanted = {label_key(one.text) for one in self._labels if one.text}
        found: dict[str, list[Spot]] = defaultdict(list)
        for spot, fact in self._grid.sheets[self._sheet].cells.items():
            if fact.text and not fact.formula and (said := label_key(fact.text)) in wanted:
                found[said].append(spot)
        return found

    def _nearest(self, label: Label, down: int) -> Spot | None:
        """The cell nearest to where a label should be that says the same."""
        row, column = label.box.top + down, label.box.left
        spots = self._printed.get(label_key(label.text), [])
        return min(spots, key=lambda one: (abs(one[1] - column), abs(one[0] - row)), default=None)


def _beside(
    moves: Mapping[tuple[str, int, int], Counter[int]], sheet: str, line: tuple[int, int]
) -> tuple[int | None, int | None]:
    """How far the lines before and behind one have moved; the one alone where there is no other."""
    lines = {(first, last): _most(found) for (title, first, last), found in moves.items() if title == sheet and found}
    above = max((one for one in lines if one < line), default=None)
    below = min((one for one in lines if one > line), default=None)
    before, after = (lines[one] if one is not None else None for one in (above, below))
    return (after if before is None else before), (before if after is None else after)


def _most(moves: Counter[int]) -> int | None:
    """What most say; None where nobody says anything."""
    return moves.most_common(1)[0][0] if moves else None
