"""Finds forbidden changes to one of our workbooks, distinguished from what a program drops on saving.

The workbook is compared with a blank one of the same definition and capacities: texts, fixed values, merges,
validations, conditional formats, protection, names, hidden sheets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from xltool.form import stamps
from xltool.form.blocks import PROJECT_CODE_CELL, PROJECT_NAME_CELL, PROJECT_UNIT_CELL, YEAR_CELL, explanation_cell
from xltool.form.defined_names import explanation_name
from xltool.form.kinds import display_text
from xltool.form.layout import Layout
from xltool.form.own_sheets import CHECK, GUIDE, LISTS, NAME_PREFIX, PANEL, PANEL_GRADE_ROW, PANEL_WIDTH
from xltool.form.places import VariableRowCell
from xltool.reading.change import Change
from xltool.reading.reader import Reading
from xltool.recognition.displacement import Displacement, displacement_of
from xltool.recognition.identify import HELPERS, stamp_texts
from xltool.recognition.labels import label_key, label_meaning, vocabulary
from xltool.recognition.seal_check import LOST, SOUND, IssuedValueChange, change_text, issued_value_changes
from xltool.workbook.box import Box
from xltool.workbook.compare import candidate_differences, formula_at
from xltool.workbook.defined_names import parse_reference
from xltool.workbook.formulas import formula_without_addresses, same_formula
from xltool.workbook.grid import EMPTY, ConditionalFormat, Grid, Spot, Validation
from xltool.workbook.letters import column_letters, column_number

#: More changes of one kind than this are joined to one finding.
_MANY = 5

#: If more than this share of a sheet's formulas differ, another release wrote them, not a person.
_OTHER_RELEASE = 0.2

#: The prefix of the defined names of the cells for explanations.
_EXPLAINED = explanation_name("")

#: The first column of choices on the sheet of lists.
_CHOICES = 6


def tamper_changes(grid: Grid, fresh: Grid, reading: Reading) -> list[Change]:
    """Find all changes.

    Args:
        grid: the submitted workbook.
        fresh: a blank workbook of the form as issued.
        reading: what was read from the submitted workbook.
    """
    shifts = displacement_of(reading.locations)
    return [
        *_sheets(grid, reading),
        *_stamps(grid, reading),
        *_texts(grid, reading, shifts),
        *_fixed(reading),
        *_issued(reading),
        *_moves(reading, shifts),
        *_merges(grid, reading, shifts),
        *(_guards(grid, fresh, reading) if grid.checkable else ()),
        *_helpers(grid, fresh, reading, shifts),
    ]


# ── sheets ──────────────────────────────────────────────────────


def _sheets(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Sheets that were renamed, hidden or deleted."""
    issued, current = reading.locations.layout.form.sheet, reading.identity.sheet
    if current != issued:
        yield Change("renamed", None, issued, {"found": current, "wanted": issued})
    if grid.sheets[current].state != "visible":
        yield Change("hidden", None, current, {"found": current})
    missing = [title for title in HELPERS if title not in grid.sheets and title not in grid.unread]
    if missing:
        yield Change("sheets_gone", None, "、".join(missing), {"found": "、".join(missing)})


def _stamps(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Stamps that are missing or contradict each other."""
    texts = stamp_texts(grid)
    if len(set(texts.values())) > 1:
        yield Change("stamps_differ", None, "模板标记", {"found": "；".join(dict.fromkeys(texts.values()))})
    elif len(texts) < (3 if grid.checkable else 1):
        missing = [name for carrier, name in _CARRIERS.items() if carrier not in texts]
        yield Change("stamps_gone", None, "模板标记", {"found": "、".join(missing)})


_CARRIERS = {"sheet": "隐藏页", "property": "文档属性", "name": "命名常量"}


# ── texts and values ────────────────────────────────────────────


def _texts(grid: Grid, reading: Reading, shifts: Displacement) -> Iterator[Change]:
    """Printed texts that were changed."""
    if reading.locations.label_boxes:  # located by labels: those that were found are right, and the others are missing
        return
    changes = []
    sheet = grid.sheets[reading.identity.sheet]
    words = vocabulary(reading.locations.layout.form)
    levels = {**words.level1, **words.level2}
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


def _fixed(reading: Reading) -> Iterator[Change]:
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


def _issued(reading: Reading) -> Iterator[Change]:
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
    changes = []
    for change in issued_value_changes(values, layout, current):
        texts = {
            "found": change_text(change, layout, change.present_value) or "空白",
            "wanted": change_text(change, layout, change.issued_value) or "空白",
        }
        label = _label(change, layout, reading)
        if change.place in _IDENTITY:
            yield Change("issued_project", layout.box(change.place).address, label, texts)
        else:
            changes.append(Change("issued", layout.box(change.place).address, label, texts))
    if len(changes) > _MANY:
        listed = "、".join(f"{change.cell}“{change.label}”" for change in changes[:_MANY])
        texts = {"count": str(len(changes)), "found": f"{listed}等", "wanted": "签发时的内容"}
        yield Change("issued_many", changes[0].cell, layout.form.sheet, texts)
    else:
        yield from changes


#: The places that identify the project.
_IDENTITY = {PROJECT_NAME_CELL, PROJECT_UNIT_CELL, PROJECT_CODE_CELL, YEAR_CELL}


def _label(change: IssuedValueChange, layout: Layout, reading: Reading) -> str:
    """The label of an issued place, with the indicator it belongs to."""
    label = layout.form.label(change.place)
    if not isinstance(change.place, VariableRowCell):
        return label
    name = reading.answers.at(change.place.sibling("level3"))
    return f"{layout.slots[change.place.row].level2.label}{f'“{name}”' if name else ''} {label}"


# ── rows, columns, merges ───────────────────────────────────────


def _moves(reading: Reading, shifts: Displacement) -> Iterator[Change]:
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


def _merges(grid: Grid, reading: Reading, shifts: Displacement) -> Iterator[Change]:
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


# ── guards: protection, validations, conditional formats, names ─


def _guards(grid: Grid, fresh: Grid, reading: Reading) -> Iterator[Change]:
    """Protection, validations, conditional formats and names that were removed.

    If several kinds are gone completely, a program dropped them.
    """
    issued_sheet, sheet = fresh.sheets[reading.locations.layout.form.sheet], grid.sheets[reading.identity.sheet]
    lost = {
        "保护": issued_sheet.protection is not None and sheet.protection is None,
        "数据验证": bool(issued_sheet.validations) and not sheet.validations,
        "条件格式": bool(issued_sheet.conditional_formats) and not sheet.conditional_formats,
        "命名区域": not any(name.startswith(NAME_PREFIX) for name in grid.names),
    }
    removed = [name for name, is_lost in lost.items() if is_lost]
    helpers = [grid.sheets[title] for title in HELPERS if title in grid.sheets]
    open_helpers = all(helper.protection is None for helper in helpers)
    if len(removed) > 1 or (lost["保护"] and open_helpers and helpers):
        yield Change("resaved", None, "防护", {"found": "、".join(removed)})
        return
    if lost["保护"]:
        yield Change("unprotected", None, reading.identity.sheet, {"found": reading.identity.sheet})
    sealed, other_release = reading.identity.seal_check, reading.identity.other_release
    # it is unknown which cells were locked instead, or limited by another release
    unsure = other_release or (sealed is not None and sealed.state == LOST)
    if (
        not lost["数据验证"]
        and not unsure
        and (uncovered := _uncovered(sheet.validations, issued_sheet.validations, reading)) > 1
    ):
        yield Change("validations", None, "数据验证", {"count": str(uncovered)})
    if (
        not lost["条件格式"]
        and not other_release
        and (changed_formats := _altered(sheet.conditional_formats, issued_sheet.conditional_formats, reading))
    ):
        yield Change("formats", None, "条件格式", {"count": str(changed_formats)})
    if removed and not lost["保护"]:
        yield Change("resaved", None, "防护", {"found": "、".join(removed)})
    issued = {name for name in fresh.names if name.startswith(NAME_PREFIX) and not name.startswith(_EXPLAINED)}
    issued |= {name for name in reading.identity.layout.names if name.startswith(_EXPLAINED)}
    names = [name for name in fresh.names if name in issued and name != stamps.NAME
             and (box := parse_reference(fresh.names[name])) is not None and not _is_valid_name(grid, name)
             and (box.sheet == reading.locations.layout.form.sheet or box.sheet in grid.sheets)]  # fmt: skip
    if reading.locations.deleted_places or 2 * len(names) > len(
        fresh.names
    ):  # P02 reports what was deleted; or a program broke them all
        names = [name for name in names if name not in grid.names]
    if names and not lost["命名区域"]:
        yield Change("names", None, "命名区域", {"count": str(len(names)), "found": "、".join(names[:3])})


def _is_valid_name(grid: Grid, name: str) -> bool:
    """Whether a name refers to a cell of this workbook."""
    box = parse_reference(grid.names.get(name, ""))
    return box is not None and box.sheet in grid.sheets


def _uncovered(current: tuple[Validation, ...], issued: tuple[Validation, ...], reading: Reading) -> int:
    """The number of cells that are no longer limited; programs join and split the ranges, but rarely all of them."""
    if len(current) == len(issued):
        return 0
    covered, expected = _cells(current, reading), _cells(issued, reading)
    if not displacement_of(
        reading.locations
    ).has_moved:  # limits that somebody added beside the form replace none of ours
        covered = {column: rows for column, rows in covered.items() if column in expected}
    return _number(expected) - _number(covered) - len(reading.identity.layout.issued)


def _altered(current: tuple[ConditionalFormat, ...], issued: tuple[ConditionalFormat, ...], reading: Reading) -> int:
    """The number of conditional formats that are gone or changed; additional ones do not count."""
    if [item.formulas for item in current] == [item.formulas for item in issued]:
        return 0
    missing = Counter(map(_condition, issued)) - Counter(map(_condition, current))
    if not missing:
        return 0
    covered = _cells(current, reading)
    is_fewer = any(rows & ~covered.get(column, 0) for column, rows in _cells(issued, reading).items())
    return sum(missing.values()) if is_fewer else 0


def _condition(conditional_format: ConditionalFormat) -> str:
    """The condition of a format, regardless of its addresses."""
    return (
        formula_without_addresses(conditional_format.formulas[0])
        if conditional_format.formulas
        else conditional_format.kind
    )


def _cells(ranges: Iterable[Validation | ConditionalFormat], reading: Reading) -> dict[int, int]:
    """The cells of a form, or near it, that some ranges cover: for each column a bit set of rows."""
    lowest = 2 * reading.locations.layout.last_row
    cells: dict[int, int] = {}
    for box in (box for guard in ranges for box in guard.boxes if box.top <= min(box.bottom, lowest)):
        rows = (1 << min(box.bottom, lowest) - box.top + 1) - 1 << box.top
        for column in range(box.left, min(box.right, box.left + 50) + 1):
            cells[column] = cells.get(column, 0) | rows
    return cells


def _number(cells: Mapping[int, int]) -> int:
    """The number of cells in such sets."""
    return sum(rows.bit_count() for rows in cells.values())


# ── the sheets beside the form ──────────────────────────────────


def _helpers(grid: Grid, fresh: Grid, reading: Reading, shifts: Displacement) -> Iterator[Change]:
    """Changes to the sheets that nobody fills in: printed texts, choices, formulas."""
    others: dict[str, int] = {}
    other_release = reading.identity.other_release
    for title in (title for title in (GUIDE, PANEL, LISTS, CHECK) if title in grid.sheets):
        cells, issued = grid.sheets[title].cells, fresh.sheets[title].cells
        changed = sorted(_changed(grid, fresh, title, reading, shifts))
        altered = [spot for spot in changed if formula_at(issued, spot) and formula_at(cells, spot)]
        if changed and other_release:  # another release printed and checked other things there
            others[f"《{title}》"] = len(changed)
        elif altered and len(altered) > _OTHER_RELEASE * sum(bool(fact.formula) for fact in issued.values()):
            others[f"《{title}》"] = len(altered)
        elif changed:
            key, label = ("lists", "选项表") if title == LISTS else ("helper", title)
            values = {"count": str(len(changed)), "found": title}
            yield Change(key, f"{title}!{Box(title, *changed[0], *changed[0]).first}", label, values)
    if others:
        yield Change("release", None, "自检", {"count": str(sum(others.values())), "found": "".join(others)})


def _changed(grid: Grid, fresh: Grid, title: str, reading: Reading, shifts: Displacement) -> Iterator[Spot]:
    """The cells of one of our sheets whose content differs; additions elsewhere are only listed as leftovers."""
    issued, layout = fresh.sheets[title].cells, reading.locations.layout
    fields = {(layout.box(explanation_cell(rule)).top, PANEL_WIDTH) for rule in layout.explainable}
    fields |= {(PANEL_GRADE_ROW, 3)}  # the grade is a field of the form
    for spot in candidate_differences(grid.sheets[title].cells, issued):
        if (title == PANEL and spot in fields) or (spot not in issued and (title != LISTS or spot[1] < _CHOICES)):
            continue
        if issued_formula := formula_at(issued, spot):
            formula = formula_at(grid.sheets[title].cells, spot)
            if grid.checkable and not _same(formula, issued_formula, reading, shifts):
                yield spot
            continue
        cell, issued_cell = grid.at(title, *spot), issued.get(spot, EMPTY)
        if re.sub(r"\s", "", cell.text) != re.sub(r"\s", "", issued_cell.text):
            yield spot


def _same(formula: str, issued: str, reading: Reading, shifts: Displacement) -> bool:
    """Whether a formula is the issued one, after adjusting that to displaced rows and columns."""
    if formula == issued:
        return True
    form, locations = reading.locations.layout.form, reading.locations
    same_rows = locations.layout.capacities == reading.identity.layout.capacities and not locations.label_boxes
    if formula and form.sheet in issued and (not same_rows or locations.deleted_places):
        return True  # programs differ in how they adjust it
    if shifts.has_moved or reading.identity.sheet != form.sheet:
        issued = shift_references(issued, form.sheet, shifts)
    return bool(formula) and same_formula(formula, issued)


def shift_references(formula: str, sheet: str, shifts: Displacement) -> str:
    """A formula as it reads after rows and columns of a sheet to which it refers have moved."""

    def shift(match: re.Match[str]) -> str:
        dollar, letters, dollar2, row = match[1], match[2], match[3], int(match[4])
        box = shifts.box(Box(sheet, row, column_number(letters), row, column_number(letters)))
        return f"{dollar}{column_letters(box.left)}{dollar2}{box.top}"

    def reference(match: re.Match[str]) -> str:
        return f"'{shifts.sheet}'!" + _CELL.sub(shift, match[1])

    return re.sub(rf"'{re.escape(sheet)}'!(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)", reference, formula)


_CELL = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)")
