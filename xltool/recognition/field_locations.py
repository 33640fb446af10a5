"""Where each field of a form stands: by defined names, where those are gone by the stamp's layout, else by labels.

People may insert rows on a sheet whose protection they lifted; names move along, positions do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from xltool.form.blocks import FUNDS, INDICATORS, explanation_cell
from xltool.form.definition import LEVEL_COLUMNS, Form
from xltool.form.layout import MOST_ROWS, Layout, cell_name, explanation_name, group_name
from xltool.form.places import Place, VariableRowCell
from xltool.language.texts import fold_width
from xltool.recognition.agreement import MisplacedName, group_rows, reconcile
from xltool.recognition.by_labels import match_labels
from xltool.recognition.identify import Identity
from xltool.recognition.label_match import LabelMatch
from xltool.recognition.labels import label_meaning, vocabulary
from xltool.recognition.merged_rows import rows_spanned
from xltool.recognition.moved_columns import moved_columns
from xltool.recognition.sheet_view import SheetView
from xltool.rules.unread_parts import LEVEL1, UnreadParts
from xltool.workbook.box import Box
from xltool.workbook.defined_names import parse_reference
from xltool.workbook.grid import Grid

#: What is read by labels alone is never certain.
_BY_LABELS, _BY_STAMP = 0.95, 0.98

#: So many printed labels must stand where the stamp's layout has them, for positions to be trusted.
_LABELS_IN_PLACE = 0.9


@dataclass(frozen=True)
class FieldLocations:
    """A layout that says where everything is in this workbook, and by which means it was found.

    Attributes:
        by: ``names`` when every defined name led to its cell, ``stamp`` when the stamp said which form it is and
            positions or labels had to stand in, ``labels`` when nothing but labels was left.
        confidence: how sure the reading is, from 0 to 1; 1 only when every name was found.
        lost: places whose rows were deleted: their names lead nowhere, and at their old position stands another row.
        absent: places that this sheet does not have; their boxes say where they would be missed.
        inline: values that stand behind their label in one cell.
        known: boxes of labels, where the labels led to the fields.
        unknown_rows: rows of the indicator block whose levels are none of the form's.
        strayed: of such a form, the rows whose second level is none of the first level in them.
        doubt: what could not be read in full.
        dragged: places whose names lead elsewhere than their labels stand.
        by_levels: whether the rows of a form of ours were sorted, so that the second level in each says what it is.
    """

    layout: Layout
    by: str
    confidence: float
    lost: frozenset[Place]
    absent: frozenset[Place] = frozenset()
    inline: Mapping[Place, str] = field(default_factory=dict)
    known: frozenset[Box] = frozenset()
    unknown_rows: tuple[int, ...] = ()
    by_levels: bool = False
    strayed: tuple[int, ...] = ()
    doubt: UnreadParts = field(default_factory=UnreadParts)
    dragged: tuple[MisplacedName, ...] = ()


def locate_fields(grid: Grid, identity: Identity) -> FieldLocations:
    """Find every place that a person may have filled in or a formula computes."""
    if identity.located is not None:
        return _by_labels(identity, identity.located, "labels", _BY_LABELS)
    names = {name: box for name in identity.layout.names if (box := _led(grid, identity.sheet, name)) is not None}
    names = {name: box for name, box in names.items() if box.sheet in grid.sheets}
    if len(names) * 2 >= len(identity.layout.names):
        return _by_names(grid, identity, names)
    return _by_stamp(grid, identity)


def _led(grid: Grid, sheet: str, name: str) -> Box | None:
    """Where a name leads; where the sheet is a copy whose original is gone, the copy's own."""
    return parse_reference(grid.names.get(name, "")) or parse_reference(grid.sheet_names.get((sheet, name), ""))


# ── by names ────────────────────────────────────────────────────


def _by_names(grid: Grid, identity: Identity, found: Mapping[str, Box]) -> FieldLocations:
    issued, stood = identity.layout, len(found)
    found = {**found, **group_rows(grid, identity.sheet, issued, found)}
    # Rows inserted into a group, or deleted from it, stretch or shrink the range that is named.
    groups = {key: found.get(group_name(issued.form, key)) for key in issued.capacities}
    rows = {key: box.bottom - box.top + 1 for key, box in groups.items() if box}
    capacities = issued.capacities | {key: number for key, number in rows.items() if number <= MOST_ROWS}
    layout = identity.layout_of(capacities)
    expected = layout.names
    agreement = reconcile(grid, identity.sheet, layout, found)
    found = agreement.found
    columns = moved_columns(grid, identity.sheet, layout, found)
    intact = found == expected and stood == len(expected) and not agreement.strayed
    if intact and columns is None and all(title in grid.sheets for title in layout.sheets):
        anchors = FieldLocations(layout, "names", 1.0, frozenset())  # nothing has moved
        return _by_levels(grid, identity, anchors) if _are_sorted(grid, anchors) else anchors
    moves = _Moves(grid, identity.sheet, layout, expected, found)
    boxes: dict[Place, Box] = {}
    lost: set[Place] = set()
    for place, name in _named(layout):
        boxes[place] = box = moves.moved(layout.issued_box(place), name)
        if columns is not None and isinstance(place, VariableRowCell):
            boxes[place] = columns.box(place, layout.issued_box(place), box)
            lost |= {place} if place.column in columns.gone else set()
        if name not in found and "#REF!" in grid.names.get(name, ""):
            lost.add(place)
    absent = frozenset(place for place, box in boxes.items() if box.sheet not in grid.sheets)
    led = stood - len(agreement.strayed)
    by = "names" if led == len(expected) else "stamp"
    confidence = min(_BY_STAMP if columns else 1, round(led / len(expected), 3))
    anchors = FieldLocations(
        layout.with_moved(boxes), by, confidence, frozenset(lost), absent, dragged=agreement.strayed
    )
    return _by_levels(grid, identity, anchors) if _are_sorted(grid, anchors) else anchors


def _named(layout: Layout) -> Iterator[tuple[Place, str]]:
    """Every place, and the name that leads to it."""
    for place in (*layout.places, *layout.level_cells):
        if isinstance(place, VariableRowCell):
            yield place, group_name(layout.form, layout.slots[place.row].level2.id)
        else:
            yield place, cell_name(place)
    for rule in layout.explainable:
        yield explanation_cell(rule), explanation_name(rule)


class _Moves:
    """How far what is named has moved, and by that what stands beside it."""

    def __init__(
        self, grid: Grid, sheet: str, layout: Layout, expected: Mapping[str, Box], found: Mapping[str, Box]
    ) -> None:
        self.expected = expected
        self.found = found
        self.sheets = {layout.form.sheet: sheet}
        for title in {box.sheet for box in expected.values()} - {layout.form.sheet}:
            now = Counter(found[name].sheet for name, box in expected.items() if box.sheet == title and name in found)
            self.sheets[title] = now.most_common(1)[0][0] if now else title

    def moved(self, own: Box, name: str) -> Box:
        """``own`` moved as far as the named box it belongs to; where that name is gone, as the nearest one above."""
        named, now = self.expected[name], self.found.get(name)
        if now is None:
            near = min(self._near(own), default=None)
            if near is None:
                return Box(self.sheets[own.sheet], own.top, own.left, own.bottom, own.right)
            named, now = self.expected[near[1]], self.found[near[1]]
        down, right = now.top - named.top, now.left - named.left
        return Box(now.sheet, own.top + down, own.left + right, own.bottom + down, own.right + right)

    def _near(self, own: Box) -> Iterator[tuple[tuple[bool, int, int], str]]:
        for name in self.found:
            box = self.expected[name]
            if box.sheet == own.sheet:
                yield (box.top > own.top, abs(box.top - own.top), abs(box.left - own.left)), name


# ── rows that were sorted ───────────────────────────────────────


def _are_sorted(grid: Grid, anchors: FieldLocations) -> bool:
    """Whether the second levels of the rows are all there, but in another order: sorting takes along what is printed.

    No program sorts what is merged: while a group's label is still merged over its rows, somebody retyped it.
    """
    layout, levels = anchors.layout, vocabulary(anchors.layout.form).level2
    cells = layout.column_cells("level2")
    sheet = layout.box(cells[0]).sheet
    if sheet not in grid.sheets or not layout.slots:
        return False
    merged = {(box.top, box.left, box.bottom) for box in grid.sheets[sheet].merges}
    groups = map(layout.box, cells)
    if any(box.bottom > box.top and (box.top, box.left, box.bottom) in merged for box in groups):
        return False
    seen: dict[str, set[str]] = {}
    for slot in layout.slots:
        box, place = layout.box(cells[slot.index]), cells[slot.index].sibling("level3")
        text = "" if place in anchors.lost else grid.at(box.sheet, layout.box(place).top, box.left).text
        if text and (name := label_meaning(text, levels)) is not None:
            seen.setdefault(slot.level2.id, set()).add(name)
    strays = any(names - {group} for group, names in seen.items())
    return strays and set().union(*seen.values()) == set(layout.form.level2)


def _by_levels(grid: Grid, identity: Identity, anchors: FieldLocations) -> FieldLocations:
    """The same form with its indicator rows taken for what the second level in each of them says."""
    located = match_labels(identity.catalogue.form, SheetView(grid, identity.sheet))
    if located is None or not located.rows:
        return anchors
    column = located.heads["level2"].left if "level2" in located.heads else 0
    sure = [one for one in located.rows if located.page.text(located.page.box(one[0], column))]
    unsure = sorted({row for row, _ in located.rows} - {row for row, _ in sure})
    located.rows, located.unknown_rows = sure, [*located.unknown_rows, *unsure]
    read = _by_labels(identity, located, "stamp", _BY_STAMP)
    names = anchors.layout
    others = [place for place, _ in _named(names) if not isinstance(place, VariableRowCell)]
    boxes: dict[Place, Box] = {**read.layout.moved, **{place: names.box(place) for place in others}}
    absent = {place for place in read.absent if isinstance(place, VariableRowCell)} | {
        one for one in anchors.absent if one in others
    }
    lost = frozenset(place for place in anchors.lost if place in others)
    return replace(
        read, layout=read.layout.with_moved(boxes), lost=lost, absent=frozenset(absent), by_levels=True,
        strayed=tuple(_strayed(identity.catalogue.form, located)),
    )  # fmt: skip


def _strayed(form: Form, located: LabelMatch) -> Iterator[int]:
    """The rows that say a first and a second level which do not belong together."""
    words, page = vocabulary(form), located.page
    for row, group in located.rows:
        head = located.heads.get("level1")
        text = page.text(page.box(row, head.left)) if head else ""
        one = label_meaning(text, words.level1) if text else None
        if one is not None and all(
            level2.id != group for level1 in form.level1 if level1.id == one for level2 in level1.level2
        ):
            yield row


# ── by the stamp ────────────────────────────────────────────────


def _by_stamp(grid: Grid, identity: Identity) -> FieldLocations:
    layout, page = identity.layout, SheetView(grid, identity.sheet)
    labels = [label for label in layout.labels() if label.text]
    here = [_compared(page.text(page.box(label.box.top, label.box.left))) == _compared(label.text) for label in labels]
    share = sum(here) / len(labels)
    located = match_labels(layout.form, page) if share < _LABELS_IN_PLACE else None
    if located is not None and located.rows:
        return _by_labels(identity, located, "stamp", _BY_STAMP)
    boxes = {place: _on(layout.issued_box(place), layout, identity.sheet) for place, _ in _named(layout)}
    absent = frozenset(place for place, box in boxes.items() if box.sheet not in grid.sheets)
    return FieldLocations(layout.with_moved(boxes), "stamp", round(_BY_STAMP * share, 3), frozenset(), absent)


def _on(box: Box, layout: Layout, sheet: str) -> Box:
    return Box(sheet, box.top, box.left, box.bottom, box.right) if box.sheet == layout.form.sheet else box


def _compared(text: str) -> str:
    return "".join(fold_width(text).split())


# ── by labels ───────────────────────────────────────────────────


def _by_labels(identity: Identity, located: LabelMatch, by: str, most: float) -> FieldLocations:
    form = identity.catalogue.form
    counts = Counter(group for _, group in located.rows)
    capacities = {key: min(MOST_ROWS, max(1, counts[key])) for key in form.level2}
    layout = identity.layout_of(capacities)
    boxes: dict[Place, Box] = {}
    absent: set[Place] = set()
    covered: set[Place] = set()
    lines: dict[int, int] = {}
    rows = {key: [row for row, group in located.rows if group == key][:MOST_ROWS] for key in form.level2}
    for slot in layout.slots:
        index = slot.index - next(other.index for other in layout.slots if other.level2 is slot.level2)
        row = rows[slot.level2.id][index] if index < len(rows[slot.level2.id]) else None
        lines |= {row: slot.index} if row is not None else {}
        for column in form.columns:
            cell = form.indicator_cell(slot.index, column)
            boxes[cell] = box = _indicator_box(located, slot.level2.id, column, row)
            if column not in located.heads or row is None:
                absent.add(cell)
            elif box.top != row and column not in LEVEL_COLUMNS:  # a merged cell belongs to the first of its rows
                boxes[cell] = Box(box.sheet, row, box.left, row, box.left)
                covered.add(cell)
    title = Box(identity.sheet, located.page.top, 1, located.page.top, 1)
    for place, _ in _named(layout):
        issued = layout.issued_box(place)
        if by == "stamp" and issued.sheet != form.sheet and issued.sheet in located.page.grid.sheets:
            boxes[place] = issued
        elif place not in boxes:
            boxes[place] = located.boxes.get(place, title)
            if place not in located.boxes:
                absent.add(place)
    over = {row for key, found in rows.items() if counts[key] > MOST_ROWS for row, group in located.rows if group == key
            and row not in found}  # fmt: skip
    return FieldLocations(
        layout.with_moved(boxes), by, round(most * located.worth, 3), frozenset(), frozenset(absent), located.inline,
        frozenset(located.known), tuple(sorted({*located.unknown_rows, *over})),
        doubt=_doubt(located, by, bool(over), frozenset(covered), rows_spanned(located, lines)),
    )  # fmt: skip


def _doubt(
    located: LabelMatch, by: str, over: bool, covered: frozenset[Place], spoken: Mapping[Place, int]
) -> UnreadParts:
    """What was not read in full: of a form of ours nothing but what people merged.

    Args:
        located: the form.
        over: whether it has more rows than any form.
        by: by what it was found.
        covered: cells that a merged one above them covers.
        spoken: cells that speak for several rows.
    """
    if by != "labels":
        return UnreadParts(places=covered, spans=spoken)
    here = {
        FUNDS: bool(located.unread_lines),
        INDICATORS: bool(located.unknown_rows or over or not located.rows),
        LEVEL1: bool(located.unknown_level1 or not located.rows),
    }
    sums = frozenset(name for name, is_so in here.items() if is_so)
    return UnreadParts(sums, located.missing | located.contested, covered, spoken)


def _indicator_box(located: LabelMatch, group: str, column: str, row: int | None) -> Box:
    """Where a cell of an indicator row is; of a group without rows, where one would look for it."""
    head = located.heads.get(column) or next(iter(located.heads.values()))
    if row is not None:
        return located.page.box(row, head.left)
    return located.groups.get(group, head)
