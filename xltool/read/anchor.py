"""Where each field of a workbook stands: by defined names, and where those are gone, by the stamp's layout.

People may insert rows on a sheet whose protection they lifted; names move along, positions do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from xltool.form.definition import LEVEL_COLUMNS
from xltool.form.layout import MOST_ROWS, Box, Layout
from xltool.form.letters import column_number
from xltool.form.names import Place
from xltool.read.grid import Grid
from xltool.read.identify import Identity

_REFERENCE = re.compile(r"^'?([^'!]+)'?!\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?$")


@dataclass(frozen=True)
class Anchors:
    """A layout that says where everything is in this workbook, and by which means it was found.

    Attributes:
        by: ``names`` when every defined name led to its cell, ``stamp`` when positions had to stand in.
        confidence: the share of names that were found, from 0 to 1.
        lost: places whose rows were deleted: their names lead nowhere, and at their old position stands another row.
    """

    layout: Layout
    by: str
    confidence: float
    lost: frozenset[Place]


def anchor(grid: Grid, identity: Identity) -> Anchors:
    """Find every place that a person may have filled in or a formula computes."""
    issued = identity.layout
    found = {name: box for name in issued.names() if (box := _box(grid.names.get(name, ""))) is not None}
    # Rows inserted into a group, or deleted from it, stretch or shrink the range that is named.
    rows = {key: box.bottom - box.top + 1 for key in issued.capacities if (box := found.get(f"xl_indicators_{key}"))}
    capacities = issued.capacities | {key: number for key, number in rows.items() if number <= MOST_ROWS}
    layout = identity.catalogue.layout(capacities)
    expected = layout.names()
    boxes: dict[Place, Box] = {}
    lost: set[Place] = set()
    levels = [("indicators", slot.index, level) for slot in layout.slots for level in LEVEL_COLUMNS]
    for place in (*layout.places, *levels):
        if place[0] == "indicators":
            name = f"xl_indicators_{layout.slots[int(place[1])].level2.id}"
        else:
            name = f"xl_{'_'.join(map(str, place))}"
        boxes[place] = _moved(layout.issued_box(place), expected[name], found.get(name))
        if "#REF!" in grid.names.get(name, ""):
            lost.add(place)
    for rule in layout.explainable:
        own = layout.issued_box(("explanations", rule))
        boxes["explanations", rule] = _moved(own, own, found.get(f"xl_explain_{rule}"))
    by = "names" if len(found) == len(expected) else "stamp"
    return Anchors(layout.with_moved(boxes), by, round(len(found) / len(expected), 3), frozenset(lost))


def _moved(own: Box, named: Box, now: Box | None) -> Box:
    """``own`` moved as far as the named box it belongs to has moved."""
    if now is None or now.sheet != named.sheet:
        return own
    down, right = now.top - named.top, now.left - named.left
    return Box(own.sheet, own.top + down, own.left + right, own.bottom + down, own.right + right)


def _box(reference: str) -> Box | None:
    match = _REFERENCE.match(reference.lstrip("="))
    if match is None:
        return None
    sheet, left, top, right, bottom = match.groups()
    return Box(sheet, int(top), column_number(left), int(bottom or top), column_number(right or left))
