"""Where each field of a workbook stands: by defined names, and where those are gone, by the stamp's layout.

People may insert rows on a sheet whose protection they lifted; names move along, positions do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from xltool.form.definition import LEVELS
from xltool.form.layout import Box, Layout, column_number
from xltool.form.names import Place
from xltool.read.grid import Grid

_REFERENCE = re.compile(r"^'?([^'!]+)'?!\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?$")


@dataclass(frozen=True)
class Anchors:
    """The boxes of all places, and by which means they were found.

    Attributes:
        by: ``names`` when every defined name led to its cell, ``stamp`` when positions had to stand in.
        confidence: the share of names that were found, from 0 to 1.
    """

    boxes: dict[Place, Box]
    by: str
    confidence: float

    def address(self, place: Place) -> str:
        """Sheet and first cell of a place, as it is in this workbook."""
        return self.boxes[place].address


def anchor(grid: Grid, layout: Layout) -> Anchors:
    """Find every place that a person may have filled in or a formula computes."""
    expected = layout.names()
    found = {name: box for name in expected if (box := _box(grid.names.get(name, ""))) is not None}
    boxes: dict[Place, Box] = {}
    levels = [("indicators", slot.index, level) for slot in layout.slots for level in LEVELS]
    for place in (*layout.places, *levels):
        own = layout.box(place)
        if place[0] == "indicators":
            slot = layout.slots[int(place[1])]
            name = f"xl_indicators_{slot.level2.id}"
        else:
            name = f"xl_{'_'.join(map(str, place))}"
        boxes[place] = _moved(own, expected[name], found.get(name))
    for rule in layout.explainable:
        own = layout.box(("explanations", rule))
        boxes["explanations", rule] = _moved(own, own, found.get(f"xl_explain_{rule}"))
    complete = len(found) == len(expected)
    return Anchors(boxes, "names" if complete else "stamp", round(len(found) / len(expected), 3))


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
