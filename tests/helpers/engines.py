"""Two programs besides LibreOffice that recalculate a workbook, inside this process and in a fraction of a second."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import cellrune
import formualizer
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import coordinate_from_string

#: What the formulas at these addresses (``自评表!C3``) of a workbook give.
Engine = Callable[[bytes, Iterable[str]], dict[str, object]]


def _by_formualizer(content: bytes, cells: Iterable[str]) -> dict[str, object]:
    book = formualizer.load_workbook_bytes(content)
    book.evaluate_all()
    return {at: book.get_value(*_position(at)) for at in cells}


def _by_cellrune(content: bytes, cells: Iterable[str]) -> dict[str, object]:
    with cellrune.Workbook.from_bytes(content) as book:
        report = book.calculate()
        assert report["unavailable_count"] == 0, report
        wanted: dict[str, list[tuple[str, int, int]]] = {}
        for at in cells:
            sheet, row, column = _position(at)
            wanted.setdefault(sheet, []).append((at, row, column))
        values = {}
        for sheet, places in wanted.items():
            last = f"{get_column_letter(max(one[2] for one in places))}{max(one[1] for one in places)}"
            rows = book.read_values(sheet, "A1", last)
            values.update({at: rows[row - 1][column - 1].get("value") for at, row, column in places})
        return values


def _position(at: str) -> tuple[str, int, int]:
    sheet, _, cell = at.rpartition("!")
    letters, row = coordinate_from_string(cell)
    return sheet, row, _column(letters)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


ENGINES: Mapping[str, Engine] = {"formualizer": _by_formualizer, "cellrune": _by_cellrune}
