"""The formulas of a workbook in a form that depends neither on the row they stand in nor on the size of the workbook."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator

import openpyxl

from xltool.form.answers import Answers
from xltool.form.layout import Layout
from xltool.form.own_sheets import CHECK
from xltool.rules.catalogue import Catalogue
from xltool.write.workbook import build

#: A text, which stays as it is, or a reference to a cell or an area, with its sheet.
_TOKEN = re.compile(
    r'"(?:[^"]|"")*"'
    r"|(?:'(?P<sheet>[^']+)'!)?(?<![A-Za-z0-9_.])\$?(?P<left>[A-Z]{1,3})(?P<fixed>\$?)(?P<top>\d+)"
    r"(?::\$?(?P<right>[A-Z]{1,3})\$?(?P<bottom>\d+))?(?![\w(.])"
)


class RelativeFormulas:
    """Writes the formulas of one layout with rows by what they are: the own row, the last row of a second-level indicator.

    Args:
        layout: the layout of the workbook.
    """

    def __init__(self, layout: Layout) -> None:
        self._sheets = {layout.form.sheet, CHECK}  # both have the rows of the form
        self._blocks = sorted((row, block) for block, row in layout.first_rows.items())
        self._groups: dict[str, list[int]] = {}
        for slot in layout.slots:
            self._groups.setdefault(slot.level2.id, []).append(slot.row)

    def relative(self, at: str, formula: str) -> str:
        """A formula in its relative form.

        Args:
            at: the address of its cell, with the sheet.
            formula: its text.
        """
        own_sheet, _, cell = at.rpartition("!")
        own_row = int(re.sub(r"\D", "", cell))
        return _TOKEN.sub(lambda found: self._reference(found, own_sheet, own_row), formula)

    def _reference(self, found: re.Match[str], own_sheet: str, own_row: int) -> str:
        if found["left"] is None:
            return found[0]
        sheet, left, top = found["sheet"] or own_sheet, found["left"], int(found["top"])
        right, bottom = found["right"] or left, int(found["bottom"] or top)
        same_rows = sheet == own_sheet or {sheet, own_sheet} <= self._sheets
        if same_rows and not found["fixed"] and top == bottom == own_row:
            return f"[{sheet}!{left}:{right} of this row]"
        if sheet not in self._sheets:
            return f"[{sheet}!{left}{top}:{right}{bottom}]"
        return f"[{sheet}!{left} {self._row(top, last=False)} : {right} {self._row(bottom, last=True)}]"

    def _row(self, row: int, *, last: bool) -> str:
        """A row of the form by its place in its block; of an indicator row, by its place in its group."""
        for group, rows in self._groups.items():
            if row in rows:
                return f"{group} last" if last and row == rows[-1] else f"{group} {1 + rows.index(row)}"
        first, block = max((one for one in self._blocks if one[0] <= row), default=(1, "title"))
        return f"{block} {row - first}"


def relative_formulas_of(catalogue: Catalogue, layout: Layout) -> Iterator[str]:
    """The relative formulas of the blank workbook of a layout."""
    relative = RelativeFormulas(layout).relative
    book = openpyxl.load_workbook(io.BytesIO(build(catalogue, Answers(layout, {}))), read_only=True)
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    yield relative(f"{sheet.title}!{cell.coordinate}", str(cell.value))
