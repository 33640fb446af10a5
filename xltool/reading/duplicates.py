"""Finds copies of a form within a workbook: the same project twice counts as one form."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from xltool.form.layout import Layout
from xltool.form.places import VariableRowCell
from xltool.language.functions import Value
from xltool.reading.change import Change
from xltool.reading.form_in_workbook import FormInWorkbook, FormsInWorkbook
from xltool.reading.reader import Reading
from xltool.result.roles import SUBJECT, UNIT, YEAR
from xltool.workbook.grid import Grid

#: The most differences that are named.
_NAMED = 5


def without_duplicates(grid: Grid, readings: Sequence[Reading]) -> FormsInWorkbook:
    """The forms of a workbook, separated from copies of earlier ones."""
    kept: list[Reading] = []
    changes: list[Change] = []
    disputed: dict[int, str] = {}
    for reading in readings:
        number = next((number for number, earlier in enumerate(kept) if _same_project(earlier, reading)), None)
        if number is None:
            kept.append(reading)
            continue
        differences = _differences(kept[number], reading)
        sheets = f"《{kept[number].identity.sheet}》和《{reading.identity.sheet}》"
        if differences:
            more = "……" if len(differences) > _NAMED else ""
            disputed.setdefault(number, f"{sheets}：{'；'.join(differences[:_NAMED])}{more}")
        else:
            changes.append(Change("copy", None, reading.identity.sheet, {"found": reading.identity.sheet}))
    forms = tuple(FormInWorkbook(grid, kept, number, changes) for number in range(len(kept)))
    return FormsInWorkbook(forms, disputed)


def _same_project(earlier: Reading, other: Reading) -> bool:
    """Whether two forms have the same subject, unit and year; an invalid year is ignored."""
    first, second = ([_value(reading, role) for role in (SUBJECT, UNIT)] for reading in (earlier, other))
    years = {
        year for reading in (earlier, other) if isinstance(year := _value(reading, YEAR), Decimal) and year % 1 == 0
    }
    return first == second and first[0] is not None and len(years) <= 1


def _value(reading: Reading, role: str) -> Value:
    """The value of the cell with a role; None if the form has none."""
    place = reading.answers.layout.form.place(role)
    return None if place is None else reading.answers.at(place)


def _differences(earlier: Reading, other: Reading) -> list[str]:
    """The differences in content, with both values."""
    first, second = _contents(earlier), _contents(other)
    differences = []
    for label in [*first, *(label for label in second if label not in first)]:
        if first.get(label) != second.get(label):
            differences.append(f"{label}：{first.get(label) or '空白'}／{second.get(label) or '空白'}")
    return differences


def _contents(reading: Reading) -> dict[str, Value]:
    """The input of people by label; rows of tables by their number in the group, without blank rows."""
    layout: Layout = reading.answers.layout
    contents: dict[str, Value] = {}
    for place in layout.input_places:
        if not isinstance(place, VariableRowCell) and (value := reading.answers.at(place)) is not None:
            contents[layout.form.label(place)] = value
    for key, group in layout.form.groups.values():
        number, columns = 0, layout.form.tables[key].columns
        for slot in (slot for slot in layout.table_slots[key] if slot.level2 is group):
            row = {name: reading.answers.at(cell) for name, cell in layout.table_row_cells[key][slot.index].items()}
            if any(value is not None for value in row.values()):
                number += 1
                for name, value in row.items():
                    if value is not None:
                        contents[f"{group.label}第 {number} 行 {columns[name].label}"] = value
    return contents
