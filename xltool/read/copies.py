"""Copies of a form inside its workbook: the same project twice is one form, and said to be."""

from __future__ import annotations

from collections.abc import Sequence

from xltool.form.layout import Layout
from xltool.form.names import Place
from xltool.language.functions import Value
from xltool.read.reader import Reading
from xltool.read.tamper import Change

#: So many differences are named.
_NAMED = 5


def without_copies(readings: Sequence[Reading]) -> tuple[list[Reading], list[Change]]:
    """The forms that are not copies of an earlier one, and what is to be said of the copies."""
    kept: list[Reading] = []
    said: list[Change] = []
    for reading in readings:
        original = next((one for one in kept if _same_project(one, reading)), None)
        if original is None:
            kept.append(reading)
            continue
        differences = _differences(original, reading)
        given = {"found": reading.identity.sheet, "differences": "；".join(differences[:_NAMED])}
        said.append(Change("copy_differs" if differences else "copy", None, reading.identity.sheet, given))
    return kept, said


def _same_project(one: Reading, other: Reading) -> bool:
    names: list[Place] = [("project", "name"), ("project", "unit"), ("year",)]
    here, there = ([reading.answers.at(name) for name in names] for reading in (one, other))
    return here == there and here[0] is not None


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
        if place[0] != "indicators" and (value := reading.answers.at(place)) is not None:
            found[layout.form.label(place)] = value
    for group in layout.form.level2.values():
        number = 0
        for slot in (slot for slot in layout.slots if slot.level2 is group):
            row = {name: reading.answers.at(("indicators", slot.index, name)) for name in layout.form.row_columns}
            if any(value is not None for value in row.values()):
                number += 1
                for name, value in row.items():
                    if value is not None:
                        found[f"{group.label}第 {number} 行 {layout.form.columns[name].label}"] = value
    return found
