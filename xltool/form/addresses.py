"""The cell addresses of names in formulas."""

from __future__ import annotations

from collections.abc import Iterable

from xltool.form.binding import Binding, bind
from xltool.form.check_targets import CheckTarget
from xltool.form.layout import Layout
from xltool.form.places import Place
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters


class CellAddresses:
    """The addresses of names in an expression about an item.

    The item's own cells have relative addresses, all others absolute, so that one formula serves a whole column.

    Args:
        layout: the layout.
        item: the subject of the expression.
        sheet: the sheet of the formula; cells of other sheets are prefixed with their sheet's name.
    """

    def __init__(self, layout: Layout, item: CheckTarget, sheet: str) -> None:
        self.layout = layout
        self.item = item
        self.sheet = sheet

    def _bind(self, name: str) -> Binding:
        binding = bind(self.layout.form, self.item.each, name)
        assert binding is not None, name  # the parser has resolved every name
        return binding

    def address(self, name: str) -> str:
        """The address of one cell."""
        binding = self._bind(name)
        box = self.layout.box(binding.places(self.item, self.layout)[0])
        return self._prefix(box) + (box.first if binding.is_of_item else box.absolute.partition(":")[0])

    def addresses(self, name: str) -> str:
        """Ranges, separated by commas; a single one if the cells are adjacent."""
        places = self._bind(name).places(self.item, self.layout)
        return ",".join(self._prefix(box) + box.absolute for box in boxes_of_runs(self.layout, places))

    def _prefix(self, box: Box) -> str:
        return "" if box.sheet == self.sheet else f"'{box.sheet}'!"


def boxes_of_runs(layout: Layout, places: Iterable[Place]) -> list[Box]:
    """The fewest boxes that contain these cells of one column; a merged range counts by its first cell."""
    boxes: list[Box] = []
    for place in places:
        box = layout.box(place)
        if boxes and (boxes[-1].sheet, boxes[-1].left, boxes[-1].bottom + 1) == (box.sheet, box.left, box.top):
            boxes[-1] = Box(box.sheet, boxes[-1].top, box.left, box.top, box.left)
        else:
            boxes.append(Box(box.sheet, box.top, box.left, box.top, box.left))
    return boxes


def cell_address(column: int, row: int) -> str:
    """An address such as ``H7``."""
    return f"{column_letters(column)}{row}"
