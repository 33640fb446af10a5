"""Locate every field of a form: by defined names, or by the layout of the stamp, or by labels.

People may insert rows after lifting the protection of a sheet; names then move along, positions do not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from xltool.form.blocks import LEVEL_COLUMNS, Table
from xltool.form.capacities import MOST_ROWS
from xltool.form.defined_names import cell_name, explanation_name, group_name
from xltool.form.definition import Form
from xltool.form.explanations import explanation_cell
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.form.printed_labels import printed_labels
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

#: The highest confidence of a reading by labels, and by the stamp; neither is ever certain.
_BY_LABELS, _BY_STAMP = 0.95, 0.98

#: The least share of printed labels in their issued positions for which positions are trusted.
_LABELS_IN_PLACE = 0.9


@dataclass(frozen=True)
class FieldLocations:
    """A layout with the places of this workbook, and how they were found.

    Attributes:
        layout: the form with its present boxes.
        method: ``names`` if every defined name was intact; ``stamp`` if the stamp identified the form, but positions or
            labels had to be used; ``labels`` if there were only labels.
        confidence: the confidence of the reading, from 0 to 1; 1 only if every name was found.
        deleted_places: places whose rows were deleted: their names are broken, and another row is where they were.
        absent_places: places that this sheet does not have; their boxes are where a reader would miss them.
        inline_values: values that follow their label in one cell.
        label_boxes: boxes of labels, if the fields were found by labels.
        unknown_rows: rows of tables whose levels are not in the form.
        by_levels: whether the rows of an issued form were sorted, so that they are read by their second level.
        misplaced_rows: the rows of such a form whose second level does not belong to their first level.
        doubt: the parts that could not be read completely.
        misplaced_names: places whose names refer to other cells than those beside their labels.
    """

    layout: Layout
    method: str
    confidence: float
    deleted_places: frozenset[Place]
    absent_places: frozenset[Place] = frozenset()
    inline_values: Mapping[Place, str] = field(default_factory=dict)
    label_boxes: frozenset[Box] = frozenset()
    unknown_rows: tuple[int, ...] = ()
    by_levels: bool = False
    misplaced_rows: tuple[int, ...] = ()
    doubt: UnreadParts = field(default_factory=UnreadParts)
    misplaced_names: tuple[MisplacedName, ...] = ()


def locate_fields(grid: Grid, identity: Identity) -> FieldLocations:
    """Locate every place that a person may have filled in or a formula computes."""
    if identity.label_match is not None:
        return _by_labels(identity, identity.label_match, "labels", _BY_LABELS)
    names = {name: box for name in identity.layout.names if (box := _named_box(grid, identity.sheet, name)) is not None}
    names = {name: box for name, box in names.items() if box.sheet in grid.sheets}
    if len(names) * 2 >= len(identity.layout.names):
        return _by_names(grid, identity, names)
    return _by_stamp(grid, identity)


def _named_box(grid: Grid, sheet: str, name: str) -> Box | None:
    """The box that a name refers to. If the sheet is a copy and its original is gone, the copy's own name counts."""
    return parse_reference(grid.names.get(name, "")) or parse_reference(grid.sheet_names.get((sheet, name), ""))


# ── by names ────────────────────────────────────────────────────


def _by_names(grid: Grid, identity: Identity, name_boxes: Mapping[str, Box]) -> FieldLocations:
    issued, intact_names = identity.layout, len(name_boxes)
    name_boxes = {**name_boxes, **group_rows(grid, identity.sheet, issued, name_boxes)}
    # Rows that are inserted into a group or deleted from it change the size of the named range.
    groups = {key: name_boxes.get(group_name(issued.form.groups[key][0], key)) for key in issued.capacities}
    rows = {key: box.bottom - box.top + 1 for key, box in groups.items() if box}
    capacities = issued.capacities | {key: number for key, number in rows.items() if number <= MOST_ROWS}
    layout = identity.layout_of(capacities)
    expected = layout.names
    agreement = reconcile(grid, identity.sheet, layout, name_boxes)
    name_boxes = agreement.boxes
    columns = moved_columns(grid, identity.sheet, layout, name_boxes)
    is_intact = name_boxes == expected and intact_names == len(expected) and not agreement.misplaced_names
    if is_intact and not columns and all(title in grid.sheets for title in layout.sheets):
        locations = FieldLocations(layout, "names", 1.0, frozenset())  # nothing has moved
        return _by_levels(grid, identity, locations) if _are_sorted(grid, locations) else locations
    moves = _Moves(grid, identity.sheet, layout, expected, name_boxes)
    boxes: dict[Place, Box] = {}
    lost: set[Place] = set()
    for place, name in _places_with_names(layout):
        boxes[place] = box = moves.present_box(layout.issued_box(place), name)
        if isinstance(place, VariableRowCell) and (shift := columns.get(place.block)) is not None:
            boxes[place] = shift.box(place, layout.issued_box(place), box)
            lost |= {place} if place.column in shift.deleted else set()
        if name not in name_boxes and "#REF!" in grid.names.get(name, ""):
            lost.add(place)
    absent = frozenset(place for place, box in boxes.items() if box.sheet not in grid.sheets)
    correct = intact_names - len(agreement.misplaced_names)
    by = "names" if correct == len(expected) else "stamp"
    confidence = min(_BY_STAMP if columns else 1, round(correct / len(expected), 3))
    locations = FieldLocations(
        layout.with_moved(boxes), by, confidence, frozenset(lost), absent, misplaced_names=agreement.misplaced_names
    )
    return _by_levels(grid, identity, locations) if _are_sorted(grid, locations) else locations


def _places_with_names(layout: Layout) -> Iterator[tuple[Place, str]]:
    """Yield every place with its name."""
    for place in (*layout.places, *layout.level_cells):
        if isinstance(place, VariableRowCell):
            yield place, group_name(place.block, layout.table_slots[place.block][place.row].level2.id)
        else:
            yield place, cell_name(place)
    for rule in layout.explainable:
        yield explanation_cell(rule), explanation_name(rule)


class _Moves:
    """The moves of named boxes, and of the boxes beside them."""

    def __init__(
        self, grid: Grid, sheet: str, layout: Layout, expected: Mapping[str, Box], name_boxes: Mapping[str, Box]
    ) -> None:
        self.expected = expected
        self.name_boxes = name_boxes
        self.sheets = {layout.form.sheet: sheet}
        for title in {box.sheet for box in expected.values()} - {layout.form.sheet}:
            now = Counter(
                name_boxes[name].sheet for name, box in expected.items() if box.sheet == title and name in name_boxes
            )
            self.sheets[title] = now.most_common(1)[0][0] if now else title

    def present_box(self, issued: Box, name: str) -> Box:
        """The issued box, moved as far as its named box; if that name is broken, as far as the nearest name above."""
        named, now = self.expected[name], self.name_boxes.get(name)
        if now is None:
            nearest = min(self._ranked_names(issued), default=None)
            if nearest is None:
                return Box(self.sheets[issued.sheet], issued.top, issued.left, issued.bottom, issued.right)
            named, now = self.expected[nearest[1]], self.name_boxes[nearest[1]]
        down, right = now.top - named.top, now.left - named.left
        return Box(now.sheet, issued.top + down, issued.left + right, issued.bottom + down, issued.right + right)

    def _ranked_names(self, issued: Box) -> Iterator[tuple[tuple[bool, int, int], str]]:
        for name in self.name_boxes:
            box = self.expected[name]
            if box.sheet == issued.sheet:
                yield (box.top > issued.top, abs(box.top - issued.top), abs(box.left - issued.left)), name


# ── sorted rows ─────────────────────────────────────────────────


def _are_sorted(grid: Grid, locations: FieldLocations) -> bool:
    """Whether the rows of any table with groups were sorted."""
    tables = locations.layout.form.tables.values()
    return any(_is_sorted(grid, locations, table) for table in tables if table.level_columns)


def _is_sorted(grid: Grid, locations: FieldLocations, table: Table) -> bool:
    """Whether all groups are there, but in another order: sorting moves the printed texts along.

    Programs do not sort merged cells: if the label of a group is still merged over its rows, the labels were retyped.
    """
    layout, levels = locations.layout, vocabulary(locations.layout.form).level2[table.key]
    slots, cells = layout.table_slots[table.key], layout.column_cells(table.group_column, table.key)
    sheet = layout.box(cells[0]).sheet if cells else ""
    if sheet not in grid.sheets:
        return False
    merged = {(box.top, box.left, box.bottom) for box in grid.sheets[sheet].merges}
    groups = map(layout.box, cells)
    if any(box.bottom > box.top and (box.top, box.left, box.bottom) in merged for box in groups):
        return False
    names_by_group: dict[str, set[str]] = {}
    for slot in slots:
        box, place = layout.box(cells[slot.index]), cells[slot.index].sibling(_name_column(layout.form, table))
        text = "" if place in locations.deleted_places else grid.at(box.sheet, layout.box(place).top, box.left).text
        if text and (name := label_meaning(text, levels)) is not None:
            names_by_group.setdefault(slot.level2.id, set()).add(name)
    has_strays = any(names - {group} for group, names in names_by_group.items())
    return has_strays and set().union(*names_by_group.values()) == set(table.groups)


def _name_column(form: Form, table: Table) -> str:
    """The column that names a row."""
    return form.name_column if table.key == form.indicator_table else table.row_columns[0]


def _by_levels(grid: Grid, identity: Identity, locations: FieldLocations) -> FieldLocations:
    """Read the rows of an issued form by the group in each of them."""
    form = identity.catalogue.form
    match = match_labels(form, SheetView(grid, identity.sheet))
    if match is None or not match.rows:
        return locations
    unsure = {row: form.groups[group][0] for row, group in match.rows if not _has_group(match, row, group)}
    match.rows = [(row, group) for row, group in match.rows if row not in unsure]
    match.unknown_rows |= unsure
    read = _by_labels(identity, match, "stamp", _BY_STAMP)
    names = locations.layout
    others = [place for place, _ in _places_with_names(names) if not isinstance(place, VariableRowCell)]
    boxes: dict[Place, Box] = {**read.layout.moved, **{place: names.box(place) for place in others}}
    absent = {place for place in read.absent_places if isinstance(place, VariableRowCell)} | {
        place for place in locations.absent_places if place in others
    }
    deleted = frozenset(place for place in locations.deleted_places if place in others)
    return replace(
        read, layout=read.layout.with_moved(boxes), deleted_places=deleted, absent_places=frozenset(absent),
        by_levels=True, misplaced_rows=tuple(_misplaced_rows(form, match)),
    )  # fmt: skip


def _has_group(match: LabelMatch, row: int, group: str) -> bool:
    """Whether the label of its group is in the row itself; tables without levels need none."""
    key = match.form.groups[group][0]
    name = match.form.tables[key].group_column
    head = match.heads[key].get(name)
    return not name or bool(match.page.text(match.page.box(row, head.left if head is not None else 0)))


def _misplaced_rows(form: Form, match: LabelMatch) -> Iterator[int]:
    """Yield the rows whose first and second level do not belong together."""
    words, page = vocabulary(form), match.page
    for row, group in match.rows:
        key = form.groups[group][0]
        head = match.heads[key].get(LEVEL_COLUMNS[0])
        text = page.text(page.box(row, head.left)) if head else ""
        level1_id = label_meaning(text, words.level1[key]) if text else None
        level1 = next((level1 for level1 in form.tables[key].level1 if level1.id == level1_id), None)
        if level1 is not None and all(level2.id != group for level2 in level1.level2):
            yield row


# ── by the stamp ────────────────────────────────────────────────


def _by_stamp(grid: Grid, identity: Identity) -> FieldLocations:
    layout, page = identity.layout, SheetView(grid, identity.sheet)
    labels = [label for label in printed_labels(layout) if label.text]
    in_place = [
        _comparable(page.text(page.box(label.box.top, label.box.left))) == _comparable(label.text) for label in labels
    ]
    share = sum(in_place) / len(labels)
    match = match_labels(layout.form, page) if share < _LABELS_IN_PLACE else None
    if match is not None and match.rows:
        return _by_labels(identity, match, "stamp", _BY_STAMP)
    boxes = {
        place: _on_sheet(layout.issued_box(place), layout, identity.sheet) for place, _ in _places_with_names(layout)
    }
    absent = frozenset(place for place, box in boxes.items() if box.sheet not in grid.sheets)
    return FieldLocations(layout.with_moved(boxes), "stamp", round(_BY_STAMP * share, 3), frozenset(), absent)


def _on_sheet(box: Box, layout: Layout, sheet: str) -> Box:
    return Box(sheet, box.top, box.left, box.bottom, box.right) if box.sheet == layout.form.sheet else box


def _comparable(text: str) -> str:
    return "".join(fold_width(text).split())


# ── by labels ───────────────────────────────────────────────────


def _by_labels(identity: Identity, match: LabelMatch, by: str, most: float) -> FieldLocations:
    form = identity.catalogue.form
    counts = Counter(group for _, group in match.rows)
    capacities = {key: min(MOST_ROWS, max(1, counts[key])) for key in form.groups}
    layout = identity.layout_of(capacities)
    rows = {key: [row for row, group in match.rows if group == key][:MOST_ROWS] for key in form.groups}
    boxes: dict[Place, Box] = {}
    absent: set[Place] = set()
    covered: set[Place] = set()
    spans: dict[Place, int] = {}
    title = Box(identity.sheet, match.page.top, 1, match.page.top, 1)
    for key in form.tables:
        rows_of_slots = _rows_of_slots(layout, key, rows)
        for index, row in rows_of_slots.items():
            group = layout.table_slots[key][index].level2.id
            for column in form.tables[key].columns:
                cell = VariableRowCell(key, index, column)
                boxes[cell] = box = _row_box(match, group, column, row) or title
                if column not in match.heads.get(key, {}) or row is None:
                    absent.add(cell)
                elif box.top != row and column not in LEVEL_COLUMNS:  # a merged cell belongs to its first row
                    boxes[cell] = Box(box.sheet, row, box.left, row, box.left)
                    covered.add(cell)
        lines = {row: index for index, row in rows_of_slots.items() if row is not None}
        spans |= rows_spanned(match, key, lines)
    for place, _ in _places_with_names(layout):
        issued = layout.issued_box(place)
        if by == "stamp" and issued.sheet != form.sheet and issued.sheet in match.page.grid.sheets:
            boxes[place] = issued
        elif place not in boxes:
            boxes[place] = match.boxes.get(place, title)
            if place not in match.boxes:
                absent.add(place)
    over = {row: form.groups[group][0] for row, group in match.rows if row not in rows[group]}
    return FieldLocations(
        layout.with_moved(boxes), by, round(most * match.confidence, 3), frozenset(), frozenset(absent),
        match.inline_values, frozenset(match.known_boxes), tuple(sorted({*match.unknown_rows, *over})),
        doubt=_unread_parts(match, by, {*over.values()}, frozenset(covered), spans),
    )  # fmt: skip


def _rows_of_slots(layout: Layout, key: str, rows: Mapping[str, Sequence[int]]) -> dict[int, int | None]:
    """The row of the sheet for each slot of a table; None for a slot of a group without rows."""
    found: dict[int, int | None] = {}
    counts: Counter[str] = Counter()
    for slot in layout.table_slots[key]:
        group = slot.level2.id
        found[slot.index] = rows[group][counts[group]] if counts[group] < len(rows[group]) else None
        counts[group] += 1
    return found


def _unread_parts(
    match: LabelMatch, by: str, over: Collection[str], covered: frozenset[Place], spans: Mapping[Place, int]
) -> UnreadParts:
    """The parts that were not read completely; in an issued form these are only merged cells.

    Args:
        match: the form by its labels.
        by: the means by which it was found.
        over: the tables with more rows than a form may have.
        covered: cells that are covered by a merged cell above them.
        spans: cells that apply to several rows, with their number.
    """
    if by != "labels":
        return UnreadParts(places=covered, spans=spans)
    form = match.form
    sums = {line.block for line in match.unread_lines} | {*match.unknown_rows.values()} | {*over}
    sums |= {key for key in form.tables if key not in match.heads}
    is_empty = bool(form.indicator_table) and not any(
        form.groups[group][0] == form.indicator_table for _, group in match.rows
    )
    sums |= {form.indicator_table} if is_empty else set()
    sums |= {LEVEL1} if is_empty or match.unknown_level1 else set()
    return UnreadParts(frozenset(sums), match.missing_columns | match.contested_columns, covered, spans)


def _row_box(match: LabelMatch, group: str, column: str, row: int | None) -> Box | None:
    """The box of a cell in a row of a table; for a group without rows, where a reader would look for it."""
    heads = match.heads.get(match.form.groups[group][0])
    if not heads:
        return None
    head = heads.get(column) or next(iter(heads.values()))
    if row is not None:
        return match.page.box(row, head.left)
    return match.groups.get(group, head)
