"""Lists the content of a workbook outside its form, so that nothing is lost silently."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from xltool.form.definition import Form
from xltool.form.explanations import explanation_cell
from xltool.form.field import ON_FORM
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
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import round_half_up
from xltool.language.texts import clean
from xltool.reading.cell_contents import is_picture
from xltool.reading.form_in_workbook import FormInWorkbook
from xltool.reading.leftover import Leftover
from xltool.reading.reader import Reading
from xltool.recognition.displacement import Displacement, displacement_of
from xltool.recognition.identify import helper_sheets
from xltool.recognition.labels import label_key
from xltool.rules.unread_parts import LEVEL1, ROWS
from xltool.support.templates import cache_within_budget, keep
from xltool.workbook.box import Box
from xltool.workbook.compare import candidate_differences, constant_cells
from xltool.workbook.grid import EMPTY, Grid, Spot
from xltool.workbook.letters import column_letters

#: The beginning of the verdict above the form.
_OVERALL = "自检结论"

#: The beginning of the comments in a returned form: level and rule.
_OUR_NOTE = re.compile(r"【(?:错误|警告) [A-Z][0-9]{2} ")


def find_leftovers(form: FormInWorkbook, fresh: Callable[[], Grid] | None = None) -> list[Leftover]:
    """List the leftovers for the result of one form.

    The first form on a sheet lists the rest of that sheet; the first form of the workbook also lists the other sheets.

    Args:
        form: the form, with its workbook.
        fresh: returns a blank workbook of the form as issued, to recognise what was typed on its other sheets.
    """
    grid, readings, number = form.grid, form.readings, form.number
    own_sheet = form.reading.identity.sheet
    form_sheets = {reading.identity.sheet for reading in readings}
    sheets = [own_sheet] if form.part == 1 else []
    if number == 0:
        sheets += [sheet for sheet in grid.sheets if sheet not in form_sheets and sheet not in helper_sheets(grid)]
    leftovers: list[Leftover] = []
    for sheet in sheets:
        known = frozenset().union(*(_known(grid, other) for other in readings if other.identity.sheet == sheet))
        leftovers += _cells(grid, sheet, known)
        leftovers += _notes(grid, sheet)
    leftovers += _unread(grid, form.reading)
    if number == 0 and fresh is not None and readings[0].is_issued:
        for sheet in helper_sheets(grid):
            if sheet in grid.sheets:
                leftovers += _typed(grid, sheet, fresh(), readings[0])
                leftovers += _notes(grid, sheet)
    return leftovers


def _unread(grid: Grid, reading: Reading) -> Iterator[Leftover]:
    """Field contents that were rejected (too long, invalid) and are reported by no other finding."""
    for place, value in reading.answers.values.items():
        if (
            value is None
            and place not in reading.locations.absent_places
            and place not in reading.locations.deleted_places
        ):
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
        ):  # a label that lacks its embedded value
            box = reading.answers.layout.box(place)
            if text := clean(grid.at(box.sheet, box.top, box.left).text):
                yield Leftover(box.sheet, box.first, text)


def _typed(grid: Grid, title: str, fresh: Grid, reading: Reading) -> Iterator[Leftover]:
    """Content typed on one of the form's other sheets, except in explanations and fields."""
    layout, cells = reading.locations.layout, grid.sheets[title].cells
    issued = fresh.sheets[title].cells if title in fresh.sheets else {}
    boxes = [layout.box(explanation_cell(rule)) for rule in layout.explainable]
    fields = layout.form.fields.items()
    boxes += [layout.box(SingleCell(name)) for name, field in fields if field.sheet != ON_FORM]
    field_spots = {(box.top, box.left) for box in boxes if box.sheet == title}
    last_column = max((column for _, column in issued), default=0) if reading.identity.other_release else 0
    for spot in sorted(
        spot for spot in candidate_differences(cells, issued) if spot in cells and spot not in field_spots
    ):
        if reading.identity.other_release and not (spot[1] > last_column or _is_for_units(title, spot)):
            continue  # printed there by another release
        if (title == STAMP and spot[1] == 1 and spot[0] <= STAMP_ROWS) or (
            title == REMARKS and spot[1] <= REMARKS_WIDTH
        ):
            continue
        cell, issued_cell = cells[spot], issued.get(spot, EMPTY)
        if cell.formula or not clean(cell.text) or label_key(cell.text) == label_key(issued_cell.text):
            continue
        if title == GUIDE and (seal := reading.identity.seal_check) is not None and seal.seal.code in cell.text:
            continue  # the line about the seal in the guide of an issued form
        if not issued_cell.formula or grid.checkable:  # where formulas are not visible, their results appear as content
            is_free = not issued_cell.formula and not issued_cell.text and not reading.identity.other_release
            yield Leftover(title, f"{column_letters(spot[1])}{spot[0]}", cell.raw or cell.text, typed=is_free)


def _is_for_units(title: str, spot: Spot) -> bool:
    """Whether a cell of the panel is, in any release, one for explanations."""
    return title == PANEL and spot[1] == PANEL_WIDTH and spot[0] >= PANEL_FIRST_ROW


def _cells(grid: Grid, sheet: str, known: frozenset[Spot]) -> Iterator[Leftover]:
    """Cells of a sheet other than the known ones."""
    if grid.sheets[sheet].partial:  # the sheet is reported as a whole, not by its many thousand cells
        return
    cells = grid.sheets[sheet].cells
    for row, column in sorted(spot for spot in cells if spot not in known):
        cell = cells[row, column]
        if clean(cell.text) or cell.formula:
            yield Leftover(
                sheet, f"{column_letters(column)}{row}", cell.raw or cell.text or f"={cell.formula}", row, column=column
            )


def _notes(grid: Grid, sheet: str) -> Iterator[Leftover]:
    """Comments and text boxes of a sheet, except our own comments."""
    for (row, column), text in sorted(grid.sheets[sheet].comments.items(), key=lambda item: item[0]):
        if is_our_note(text):
            continue
        yield Leftover(sheet, f"{column_letters(column)}{row}", text)
    for text in grid.sheets[sheet].texts:
        yield Leftover(sheet, "", text)


def is_our_note(text: str) -> bool:
    """Whether a comment is one that a returned form brings along."""
    return _OUR_NOTE.search(text) is not None


def _known(grid: Grid, reading: Reading) -> frozenset[Spot]:
    """The cells of a form: its labels, its places, and what is printed beside it."""
    locations, sheet = reading.locations, reading.identity.sheet
    if locations.label_boxes:
        facts = grid.sheets[sheet].cells
        notes = frozenset(map(label_key, locations.layout.form.notes))
        note_spots = [spot for spot in facts if notes and label_key(facts[spot].text) in notes]
        return _spots([*_places(locations.layout, locations.absent_places), *locations.label_boxes], sheet).union(
            note_spots
        )
    shifts = displacement_of(locations)
    first, last = _beside(grid, sheet, shifts)
    ours = _of_ours(shifts, locations.absent_places | locations.deleted_places, sheet, last)
    return ours - frozenset(_typed_beside(grid, reading, first, last))


def _beside(grid: Grid, sheet: str, shifts: Displacement) -> tuple[int, int]:
    """The first and last column right of the form that belong to it; columns may have been inserted among them."""
    first, last = shifts.beside()
    cells, row = grid.sheets[sheet].cells, shifts.row(shifts.layout.beside_row)
    while (row, last + 1) in cells and label_key(cells[row, last + 1].text) in _printed_beside(shifts.layout.form):
        last += 1
    return first, last


def _places(layout: Layout, missing: frozenset[Place]) -> list[Box]:
    """The boxes of all places that exist on the sheet."""
    return [layout.box(place) for place in layout.places if place not in missing]


@cache_within_budget(lambda spots, *_: 200 * len(spots))  # forms in which nothing has moved share their displacement
def _of_ours(shifts: Displacement, missing: frozenset[Place], sheet: str, last: int) -> frozenset[Spot]:
    """The cells of a form that has our layout."""
    first, _ = shifts.beside()
    beside = Box(sheet, 1, first, shifts.row(shifts.layout.last_row), last)
    return _spots([*_places(shifts.layout, missing), *(box for _, box in shifts.labels), beside], sheet)


def _spots(boxes: Sequence[Box], sheet: str) -> frozenset[Spot]:
    """The cells of boxes on a sheet."""
    return frozenset(
        (row, column)
        for box in boxes
        if box.sheet == sheet
        for row in range(box.top, box.bottom + 1)
        for column in range(box.left, box.right + 1)
    )


def _typed_beside(grid: Grid, reading: Reading, first: int, last: int) -> Iterator[Spot]:
    """Cells right of the form with content that people typed: no formula, no result of one, nothing printed there."""
    layout, cells = reading.locations.layout, grid.sheets[reading.identity.sheet].cells
    helpers = [name for name, column in layout.form.columns.items() if column.helper]
    names = {layout.box(layout.form.indicator_cell(0, name)).left: name for name in helpers}
    rows = {layout.box(cell).top: cell.row for cell in layout.column_cells(layout.form.name_column)}
    printed = _printed_beside(layout.form)
    for spot in constant_cells(cells):
        if not first <= spot[1] <= last:
            continue
        fact = cells[spot]
        if fact.result or label_key(fact.text) in printed or fact.text.startswith(("【", _OVERALL)):
            continue
        if spot[0] in rows and spot[1] in names:  # a result without its formula, as left by pasting values
            place = layout.form.indicator_cell(rows[spot[0]], names[spot[1]])
            if _is_result(fact.value, reading.answers.at(place), grid.checkable):
                continue
        yield spot


@keep
def _printed_beside(form: Form) -> frozenset[str]:
    """The label keys of texts printed beside the form: heads, and the attributes of rows."""
    heads = [column.label for column in form.columns.values() if column.helper]
    row_attributes = [attribute for level2 in form.level2.values() for attribute in (level2.id, level2.scoring)]
    return frozenset(map(label_key, ("", VERDICTS, *heads, *row_attributes, *(level1.id for level1 in form.level1))))


def _is_result(value: Value, expected: Value, checkable: bool) -> bool:
    """Whether a value is the result that a formula would have."""
    if isinstance(value, Decimal) and isinstance(expected, Decimal):
        return not checkable or round_half_up(value, 9) == round_half_up(expected, 9)
    return value == (expected or None) or (not checkable and not isinstance(expected, Decimal))


def is_inside(reading: Reading, leftover: Leftover) -> bool:
    """Whether a leftover is between the rows of the indicator table: content that belongs to no row of the form."""
    layout = reading.locations.layout
    cells = layout.column_cells(layout.form.name_column)
    tops = [layout.box(cell).top for cell in cells if cell not in reading.locations.absent_places]
    if leftover.sheet != reading.identity.sheet or not tops or not leftover.row:
        return False
    return leftover.row in reading.locations.unknown_rows or (
        min(tops) <= leftover.row <= max(tops) and leftover.row not in tops
    )


def unread_sums(reading: Reading, leftovers: Sequence[Leftover]) -> frozenset[str]:
    """The sums of an issued form that lack a summand: a row was deleted, or has content but no place in the form."""
    deleted = {type(place) for place in reading.locations.deleted_places}
    inside = reading.is_issued and any(is_inside(reading, leftover) for leftover in leftovers)
    funds = {reading.locations.layout.form.fund_table} if FixedRowCell in deleted else set()
    return frozenset(funds | ({ROWS, LEVEL1} if inside or VariableRowCell in deleted else set()))
