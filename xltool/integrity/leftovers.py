"""What stands in a workbook outside its form: nothing of it is lost, everything is listed once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from xltool.form.blocks import explanation_cell
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.own_sheets import (
    GUIDE,
    PANEL,
    PANEL_FIRST_ROW,
    PANEL_WIDTH,
    REMARKS,
    REMARKS_WIDTH,
    STAMP,
    STAMP_ROWS,
    VERDICTS,
)
from xltool.form.places import Place, SingleCell
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import round_half_up
from xltool.language.texts import clean
from xltool.reading.cell_contents import is_picture
from xltool.reading.form_in_workbook import FormInWorkbook
from xltool.reading.leftover import Leftover
from xltool.reading.reader import Reading
from xltool.recognition.displacement import Displacement, displacement_of
from xltool.recognition.identify import is_helper_sheet
from xltool.recognition.labels import label_key
from xltool.support.templates import cache_within_budget, keep
from xltool.workbook.box import Box
from xltool.workbook.compare import candidate_differences, constants
from xltool.workbook.grid import EMPTY, Grid, Spot
from xltool.workbook.letters import column_letters

#: How the verdict above the form begins.
_OVERALL = "自检结论"

#: How the notes of a form that was returned begin: level and rule.
_OUR_NOTE = re.compile(r"【(?:错误|警告) [A-Z][0-9]{2} ")


def find_leftovers(form: FormInWorkbook, fresh: Callable[[], Grid] | None = None) -> list[Leftover]:
    """What the result of one form has to list: what else stands on its sheet; the first also lists other sheets.

    Args:
        form: the form, with the workbook around it.
        fresh: gives a blank workbook of the form, as issued, to tell what was typed into the sheets beside it.
    """
    grid, readings, number = form.grid, form.readings, form.number
    own = form.reading.identity.sheet
    taken = {reading.identity.sheet for reading in readings}
    sheets = [own] if form.part == 1 else []
    if number == 0:
        sheets += [sheet for sheet in grid.sheets if sheet not in taken and sheet not in is_helper_sheet(grid)]
    found: list[Leftover] = []
    for sheet in sheets:
        known = frozenset().union(*(_known(grid, one) for one in readings if one.identity.sheet == sheet))
        found += _cells(grid, sheet, known)
        found += _notes(grid, sheet)
    found += _unread(grid, form.reading)
    if number == 0 and fresh is not None and readings[0].ours:
        for sheet in is_helper_sheet(grid):
            if sheet in grid.sheets:
                found += _typed(grid, sheet, fresh(), readings[0])
                found += _notes(grid, sheet)
    return found


def _unread(grid: Grid, reading: Reading) -> Iterator[Leftover]:
    """What stands in a field but cannot be its value and is told nowhere else: a text that no cell may hold."""
    for place, value in reading.answers.values.items():
        if value is None and place not in reading.anchors.absent and place not in reading.anchors.lost:
            box = reading.answers.layout.box(place)
            fact = grid.at(box.sheet, box.top, box.left)
            if is_picture(fact):
                yield Leftover(box.sheet, box.first, fact.raw or f"={fact.formula}")
                continue
        if isinstance(value, SheetError):
            box = reading.answers.layout.box(place)
            fact = grid.at(box.sheet, box.top, box.left)
            if fact.raw and not fact.text and not fact.formula:
                yield Leftover(box.sheet, box.first, fact.raw)
        elif (
            value is None and reading.answers.layout.form.field(place).embedded_in
        ):  # a label that does not say its part
            box = reading.answers.layout.box(place)
            if text := clean(grid.at(box.sheet, box.top, box.left).text):
                yield Leftover(box.sheet, box.first, text)


def _typed(grid: Grid, title: str, fresh: Grid, reading: Reading) -> Iterator[Leftover]:
    """What somebody typed into one of our sheets beside the form, where it is no explanation and no field."""
    layout, cells = reading.anchors.layout, grid.sheets[title].cells
    issued = fresh.sheets[title].cells if title in fresh.sheets else {}
    boxes = [layout.box(explanation_cell(rule)) for rule in layout.explainable]
    fields = layout.form.fields.items()
    boxes += [layout.box(SingleCell(name)) for name, field in fields if field.section in ("panel", "hidden")]
    own = {(box.top, box.left) for box in boxes if box.sheet == title}
    wide = max((column for _, column in issued), default=0)
    for spot in sorted(spot for spot in candidate_differences(cells, issued) if spot in cells and spot not in own):
        if reading.identity.other_release and not (spot[1] > wide or _is_for_units(title, spot)):
            continue  # what another release printed there
        if (title == STAMP and spot[1] == 1 and spot[0] <= STAMP_ROWS) or (
            title == REMARKS and spot[1] <= REMARKS_WIDTH
        ):
            continue
        here, wanted = cells[spot], issued.get(spot, EMPTY)
        if here.formula or not clean(here.text) or label_key(here.text) == label_key(wanted.text):
            continue
        if title == GUIDE and (sealed := reading.identity.seal_check) is not None and sealed.seal.code in here.text:
            continue  # what the guide of an issued form says of its seal
        if not wanted.formula or grid.checkable:  # where formulas cannot be seen, results stand for them
            free = not wanted.formula and not wanted.text and not reading.identity.other_release
            yield Leftover(title, f"{column_letters(spot[1])}{spot[0]}", here.raw or here.text, typed=free)


def _is_for_units(title: str, spot: Spot) -> bool:
    """Whether the panel of any release leaves a cell to the units: those for explanations."""
    return title == PANEL and spot[1] == PANEL_WIDTH and spot[0] >= PANEL_FIRST_ROW


def _cells(grid: Grid, sheet: str, known: frozenset[Spot]) -> Iterator[Leftover]:
    if grid.sheets[sheet].partial:  # it is named, and nobody wants its hundred thousand cells
        return
    cells = grid.sheets[sheet].cells
    for row, column in sorted(spot for spot in cells if spot not in known):
        fact = cells[row, column]
        if clean(fact.text) or fact.formula:
            yield Leftover(
                sheet, f"{column_letters(column)}{row}", fact.raw or fact.text or f"={fact.formula}", row, column=column
            )


def _notes(grid: Grid, sheet: str) -> Iterator[Leftover]:
    for (row, column), text in sorted(grid.sheets[sheet].comments.items(), key=lambda one: one[0]):
        if is_our_note(text):
            continue
        yield Leftover(sheet, f"{column_letters(column)}{row}", text)
    for text in grid.sheets[sheet].texts:
        yield Leftover(sheet, "", text)


def is_our_note(text: str) -> bool:
    """Whether a note is one that a returned form brings along."""
    return _OUR_NOTE.search(text) is not None


def _known(grid: Grid, reading: Reading) -> frozenset[Spot]:
    """The cells of a form: its labels, its places, and what we print beside it."""
    anchors, sheet = reading.anchors, reading.identity.sheet
    if anchors.known:
        facts = grid.sheets[sheet].cells
        notes = frozenset(map(label_key, anchors.layout.form.notes))
        said = [spot for spot in facts if notes and label_key(facts[spot].text) in notes]
        return _spots([*_places(anchors.layout, anchors.absent), *anchors.known], sheet).union(said)
    shifts = displacement_of(anchors)
    first, last = _beside(grid, sheet, shifts)
    ours = _of_ours(shifts, anchors.absent | anchors.lost, sheet, last)
    return ours - frozenset(_typed_beside(grid, reading, first, last))


def _beside(grid: Grid, sheet: str, shifts: Displacement) -> tuple[int, int]:
    """The columns right of the form that are ours, first and last: columns may have been inserted among them."""
    first, last = shifts.beside()
    cells, row = grid.sheets[sheet].cells, shifts.row(shifts.layout.indicators_row)
    while (row, last + 1) in cells and label_key(cells[row, last + 1].text) in _printed_beside(shifts.layout.form):
        last += 1
    return first, last


def _places(layout: Layout, gone: frozenset[Place]) -> list[Box]:
    return [layout.box(place) for place in layout.places if place not in gone]


@cache_within_budget(lambda spots, *_: 200 * len(spots))  # forms of ours in which nothing has moved share their shifts
def _of_ours(shifts: Displacement, gone: frozenset[Place], sheet: str, last: int) -> frozenset[Spot]:
    first, _ = shifts.beside()
    beside = Box(sheet, 1, first, shifts.row(shifts.layout.last_row), last)
    return _spots([*_places(shifts.layout, gone), *(box for _, box in shifts.labels), beside], sheet)


def _spots(boxes: Sequence[Box], sheet: str) -> frozenset[Spot]:
    return frozenset(
        (row, column)
        for box in boxes
        if box.sheet == sheet
        for row in range(box.top, box.bottom + 1)
        for column in range(box.left, box.right + 1)
    )


def _typed_beside(grid: Grid, reading: Reading, first: int, last: int) -> Iterator[Spot]:
    """What people typed right of the form: neither a formula, nor the result of one, nor what we print there."""
    layout, cells = reading.anchors.layout, grid.sheets[reading.identity.sheet].cells
    helpers = [name for name, one in layout.form.columns.items() if one.helper]
    names = {layout.box(layout.form.indicator_cell(0, name)).left: name for name in helpers}
    rows = {layout.box(cell).top: cell.row for cell in layout.column_cells("level3")}
    printed = _printed_beside(layout.form)
    for spot in constants(cells):
        if not first <= spot[1] <= last:
            continue
        fact = cells[spot]
        if fact.result or label_key(fact.text) in printed or fact.text.startswith(("【", _OVERALL)):
            continue
        if spot[0] in rows and spot[1] in names:  # a result without its formula, as values that were pasted are
            place = layout.form.indicator_cell(rows[spot[0]], names[spot[1]])
            if _is_result(fact.value, reading.answers.at(place), grid.checkable):
                continue
        yield spot


@keep
def _printed_beside(form: Form) -> frozenset[str]:
    """Heads, and what the form says of its rows."""
    heads = [column.label for column in form.columns.values() if column.helper]
    said = [one for level2 in form.level2.values() for one in (level2.id, level2.scoring)]
    return frozenset(map(label_key, ("", VERDICTS, *heads, *said, *(level1.id for level1 in form.level1))))


def _is_result(here: Value, right: Value, checkable: bool) -> bool:
    if isinstance(here, Decimal) and isinstance(right, Decimal):
        return not checkable or round_half_up(here, 9) == round_half_up(right, 9)
    return here == (right or None) or (not checkable and not isinstance(right, Decimal))


def is_inside(reading: Reading, one: Leftover) -> bool:
    """Whether a cell stands between the rows of the indicator block: content that belongs to no row of the form."""
    layout = reading.anchors.layout
    cells = layout.column_cells("level3")
    tops = [layout.box(cell).top for cell in cells if cell not in reading.anchors.absent]
    if one.sheet != reading.identity.sheet or not tops or not one.row:
        return False
    return one.row in reading.anchors.unknown_rows or (min(tops) <= one.row <= max(tops) and one.row not in tops)
