"""Names to cell addresses: where the formulas of an item find their cells."""

from __future__ import annotations

from collections.abc import Iterable

from xltool.form.binding import Binding, CheckTarget, bind
from xltool.form.layout import Layout
from xltool.form.places import Place
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters


class CellAddresses:
    """The addresses of names as an expression about ``item`` sees them.

    An item's own cells are relative, all others absolute, so that one formula serves a whole column.

    Args:
        layout: where places stand.
        item: what the expression is about.
        sheet: the sheet the formula stands on; cells of other sheets get their sheet's name.
    """

    def __init__(self, layout: Layout, item: CheckTarget, sheet: str) -> None:
        self.layout = layout
        self.item = item
        self.sheet = sheet

    def _meaning(self, name: str) -> Binding:
        found = bind(self.layout.form, self.item.each, name)
        assert found is not None, name  # the parser has resolved every name
        return found

    def address(self, name: str) -> str:
        """One cell."""
        meant = self._meaning(name)
        box = self.layout.box(meant.places(self.item, self.layout)[0])
        return self._prefix(box) + (box.first if meant.own else box.absolute.partition(":")[0])

    def addresses(self, name: str) -> str:
        """Ranges, parted by commas; here one unless the cells lie apart."""
        places = self._meaning(name).places(self.item, self.layout)
        return ",".join(self._prefix(box) + box.absolute for box in boxes_of_runs(self.layout, places))

    def _prefix(self, box: Box) -> str:
        return "" if box.sheet == self.sheet else f"'{box.sheet}'!"


def boxes_of_runs(layout: Layout, places: Iterable[Place]) -> list[Box]:
    """The fewest boxes that hold these cells of one column, first cells of merged ranges counting."""
    found: list[Box] = []
    for place in places:
        box = layout.box(place)
        if found and (found[-1].sheet, found[-1].left, found[-1].bottom + 1) == (box.sheet, box.left, box.top):
            found[-1] = Box(box.sheet, found[-1].top, box.left, box.top, box.left)
        else:
            found.append(Box(box.sheet, box.top, box.left, box.top, box.left))
    return found


def cell_address(column: int, row: int) -> str:
    """``H7``, for the helper sheets."""
    return f"{column_letters(column)}{row}"
