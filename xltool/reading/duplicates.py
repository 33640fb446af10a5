"""Copies of a form inside its workbook: the same project twice is one form, and said to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xltool.form.blocks import PROJECT_NAME_CELL, PROJECT_UNIT_CELL, YEAR_CELL
from xltool.form.layout import Layout
from xltool.form.places import VariableRowCell
from xltool.language.functions import Value
from xltool.reading.change import Change
from xltool.reading.reader import Reading

#: So many differences are named.
_NAMED = 5


@dataclass(frozen=True)
class DuplicateForms:
    """The forms of a workbook, each once.

    Attributes:
        kept: the readings that are no copies of an earlier one.
        said: what is to be said of copies that say the same.
        disputed: of which of them another sheet has other contents, and what differs: nobody can tell which one holds.
    """

    kept: list[Reading]
    said: list[Change]
    disputed: Mapping[int, str]


def without_duplicates(readings: Sequence[Reading]) -> DuplicateForms:
    """The forms that are not copies of an earlier one."""
    kept: list[Reading] = []
    said: list[Change] = []
    disputed: dict[int, str] = {}
    for reading in readings:
        number = next((number for number, one in enumerate(kept) if _same_project(one, reading)), None)
        if number is None:
            kept.append(reading)
            continue
        differences = _differences(kept[number], reading)
        sheets = f"《{kept[number].identity.sheet}》和《{reading.identity.sheet}》"
        if differences:
            more = "……" if len(differences) > _NAMED else ""
            disputed.setdefault(number, f"{sheets}：{'；'.join(differences[:_NAMED])}{more}")
        else:
            said.append(Change("copy", None, reading.identity.sheet, {"found": reading.identity.sheet}))
    return DuplicateForms(kept, said, disputed)


def _same_project(one: Reading, other: Reading) -> bool:
    """Whether two forms say the same name, unit and year; a year that is none says nothing."""
    cells = (PROJECT_NAME_CELL, PROJECT_UNIT_CELL)
    here, there = ([reading.answers.at(cell) for cell in cells] for reading in (one, other))
    years = {
        year for reading in (one, other) if isinstance(year := reading.answers.at(YEAR_CELL), Decimal) and year % 1 == 0
    }
    return here == there and here[0] is not None and len(years) <= 1


def _differences(one: Reading, other: Reading) -> list[str]:
    here, there = _contents(one), _contents(other)
    found = []
    for label in [*here, *(label for label in there if label not in here)]:
        if here.get(label) != there.get(label):
            found.append(f"{label}：{here.get(label) or '空白'}／{there.get(label) or '空白'}")
    return found


def _contents(reading: Reading) -> dict[str, Value]:
    """What people filled in, by label; indicators by their place in their group, blank rows left out."""
    layout: Layout = reading.answers.layout
    found: dict[str, Value] = {}
    for place in layout.inputs:
        if not isinstance(place, VariableRowCell) and (value := reading.answers.at(place)) is not None:
            found[layout.form.label(place)] = value
    for group in layout.form.level2.values():
        number = 0
        for slot in (slot for slot in layout.slots if slot.level2 is group):
            row = {name: reading.answers.at(cell) for name, cell in layout.row_cells[slot.index].items()}
            if any(value is not None for value in row.values()):
                number += 1
                for name, value in row.items():
                    if value is not None:
                        found[f"{group.label}第 {number} 行 {layout.form.columns[name].label}"] = value
    return found
