"""Finds forbidden changes to one of our workbooks, distinguished from what a program drops on saving.

The workbook is compared with a blank one of the same definition and capacities: texts, fixed values, merges,
validations, conditional formats, protection, names, hidden sheets.
"""

from __future__ import annotations

from collections.abc import Iterator

from xltool.form.kinds import display_text
from xltool.form.layout import Layout
from xltool.form.places import VariableRowCell
from xltool.integrity.guards import guard_changes
from xltool.integrity.helper_sheets import helper_sheet_changes
from xltool.reading.change import Change
from xltool.reading.reader import Reading
from xltool.recognition.displacement import Displacement, displacement_of
from xltool.recognition.identify import HELPERS, stamp_texts
from xltool.recognition.labels import label_key, label_meaning, vocabulary
from xltool.recognition.seal_check import LOST, SOUND, IssuedValueChange, change_text, issued_value_changes
from xltool.result.roles import CODE, SUBJECT, UNIT, YEAR
from xltool.workbook.box import Box
from xltool.workbook.grid import Grid

#: More changes of one kind than this are joined to one finding.
_MANY = 5


def tamper_changes(grid: Grid, fresh: Grid, reading: Reading) -> list[Change]:
    """Find all changes.

    Args:
        grid: the submitted workbook.
        fresh: a blank workbook of the form as issued.
        reading: what was read from the submitted workbook.
    """
    shifts = displacement_of(reading.locations)
    return [
        *_sheet_changes(grid, reading),
        *_stamp_changes(grid, reading),
        *_text_changes(grid, reading, shifts),
        *_fixed_value_changes(reading),
        *_issued_changes(reading),
        *_move_changes(reading, shifts),
        *_merge_changes(grid, reading, shifts),
        *(guard_changes(grid, fresh, reading) if grid.checkable else ()),
        *helper_sheet_changes(grid, fresh, reading, shifts),
    ]


# ── sheets ──────────────────────────────────────────────────────


def _sheet_changes(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Sheets that were renamed, hidden or deleted."""
    issued, current = reading.locations.layout.form.sheet, reading.identity.sheet
    if current != issued:
        yield Change("renamed", None, issued, {"found": current, "wanted": issued})
    if grid.sheets[current].state != "visible":
        yield Change("hidden", None, current, {"found": current})
    missing = [title for title in HELPERS if title not in grid.sheets and title not in grid.unread]
    if missing:
        yield Change("sheets_gone", None, "、".join(missing), {"found": "、".join(missing)})


def _stamp_changes(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Stamps that are missing or contradict each other."""
    texts = stamp_texts(grid)
    if len(set(texts.values())) > 1:
        yield Change("stamps_differ", None, "模板标记", {"found": "；".join(dict.fromkeys(texts.values()))})
    elif len(texts) < (3 if grid.checkable else 1):
        missing = [name for carrier, name in _CARRIERS.items() if carrier not in texts]
        yield Change("stamps_gone", None, "模板标记", {"found": "、".join(missing)})


_CARRIERS = {"sheet": "隐藏页", "property": "文档属性", "name": "命名常量"}


# ── texts and values ────────────────────────────────────────────


def _text_changes(grid: Grid, reading: Reading, shifts: Displacement) -> Iterator[Change]:
    """Printed texts that were changed."""
    if reading.locations.label_boxes:  # located by labels: those that were found are right, and the others are missing
        return
    changes = []
    sheet = grid.sheets[reading.identity.sheet]
    words = vocabulary(reading.locations.layout.form)
    levels = words.levels
    for label, box in shifts.labels:
        cell = grid.at(box.sheet, box.top, box.left)
        if label.text and cell.text != label.text and label_key(cell.text) != label_key(label.text):
            neighbours = (grid.at(box.sheet, row, box.left) for row in (box.top - 1, box.top + 1))
            if any(label_key(fact.text) == label_key(label.text) for fact in neighbours):
                continue  # a printed text that was displaced differently from the values below it
            values = {"found": cell.text or "空白", "wanted": label.text.replace("\n", "")}
            if (
                label.role == "level"
                and (level := label_meaning(cell.text, levels))
                and level != label_meaning(label.text, levels)
            ):
                yield Change("level", box.address, values["wanted"], values)
                continue
            changes.append(Change("text", box.address, values["wanted"], values))
    if len(changes) > _MANY:
        listed = "、".join(f"{change.cell}“{change.label}”" for change in changes[:_MANY])
        current = "；".join(f"{change.cell}：{change.values['found']}" for change in changes)
        yield Change(
            "texts",
            changes[0].cell,
            sheet.title,
            {"count": str(len(changes)), "listed": f"{listed}等", "found": current},
        )
    else:
        yield from changes


def _fixed_value_changes(reading: Reading) -> Iterator[Change]:
    """Fixed values that were changed."""
    layout, answers = reading.locations.layout, reading.answers
    missing = reading.locations.absent_places | reading.locations.deleted_places
    for place in layout.printed_places:
        if place in missing or layout.form.field(place).embedded_in:
            continue
        issued, value = layout.fixed_value(place), answers.at(place)
        if value != issued:
            kind = layout.form.field(place).kind
            values = {"found": display_text(value, kind) or "空白", "wanted": display_text(issued, kind) or "空白"}
            yield Change("fixed", layout.box(place).address, layout.form.label(place), values)


def _issued_changes(reading: Reading) -> Iterator[Change]:
    """Issued values that were changed: the identity of the project, indicators, targets, weights."""
    seal_check, layout = reading.identity.seal_check, reading.locations.layout
    if seal_check is None:
        return
    if seal_check.state != SOUND:
        yield Change(f"seal_{seal_check.state}", None, "签发标识", {"found": seal_check.seal.code})
        if seal_check.state == LOST:
            return
    values = seal_check.values(layout)
    current = {place: reading.answers.at(place) for place in values}
    identity = {layout.form.place(role) for role in _IDENTITY}
    changes = []
    for change in issued_value_changes(values, layout, current):
        if change.place in reading.locations.deleted_places:
            continue  # its row is gone, which P02 reports
        texts = {
            "found": change_text(change, layout, change.present_value) or "空白",
            "wanted": change_text(change, layout, change.issued_value) or "空白",
        }
        label = _label(change, layout, reading)
        if change.place in identity:
            yield Change("issued_project", layout.box(change.place).address, label, texts)
        else:
            changes.append(Change("issued", layout.box(change.place).address, label, texts))
    if len(changes) > _MANY:
        listed = "、".join(f"{change.cell}“{change.label}”" for change in changes[:_MANY])
        texts = {"count": str(len(changes)), "found": f"{listed}等", "wanted": "签发时的内容"}
        yield Change("issued_many", changes[0].cell, layout.form.sheet, texts)
    else:
        yield from changes


#: The roles of the places that identify the project.
_IDENTITY = (SUBJECT, UNIT, CODE, YEAR)


def _label(change: IssuedValueChange, layout: Layout, reading: Reading) -> str:
    """The label of an issued place, with the indicator it belongs to."""
    label = layout.form.label(change.place)
    if not isinstance(change.place, VariableRowCell):
        return label
    name = reading.answers.at(change.place.sibling(layout.form.name_column))
    return f"{layout.slots[change.place.row].level2.label}{f'“{name}”' if name else ''} {label}"


# ── rows, columns, merges ───────────────────────────────────────


def _move_changes(reading: Reading, shifts: Displacement) -> Iterator[Change]:
    """Rows and columns that were inserted, deleted or moved."""
    if reading.locations.label_boxes:
        return
    issued = reading.identity.layout.capacities
    current = reading.locations.layout.capacities
    first = min(shifts.rows.values(), default=1) - min(shifts.rows, default=1)
    grown = sum(current[key] - issued[key] for key in current)
    if first:
        yield Change("moved", None, reading.identity.sheet, {"count": str(first)})
    if grown > 0:
        yield Change("rows_added", None, reading.identity.sheet, {"count": str(grown)})
    elif grown < 0:
        yield Change("rows_deleted", None, reading.identity.sheet, {"count": str(-grown)})
    elif len({current - issued for issued, current in shifts.rows.items()}) > 1:
        yield Change("rows_moved", None, reading.identity.sheet)
    if any(issued != current for issued, current in shifts.columns.items()):
        yield Change("columns_moved", None, reading.identity.sheet)


def _merge_changes(grid: Grid, reading: Reading, shifts: Displacement) -> Iterator[Change]:
    """Merged ranges that cover several inputs."""
    layout, sheet = reading.locations.layout, reading.identity.sheet
    unknown = [box for box in grid.sheets[sheet].merges if box.range not in shifts.ranges]
    if not unknown:
        return
    inputs = {layout.box(place).first for place in layout.input_places if place not in reading.locations.absent_places}
    for box in unknown:
        rows, columns = range(box.top, min(box.bottom, box.top + 300) + 1), range(box.left, min(box.right, 60) + 1)
        cells = {Box(sheet, row, column, row, column).first for row in rows for column in columns}
        if len(cells & inputs) > 1:
            yield Change("merged", box.address, box.range, {"found": box.range})
