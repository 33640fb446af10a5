"""Rows and columns inserted and deleted through openpyxl as spreadsheet programs do it: names, merges and formulas follow."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.cell_range import MultiCellRange

_REFERENCE = re.compile(
    r"\"[^\"]*\"|(?P<sheet>'[^']+'!|[\w.\u4e00-\u9fff]+!)?(?P<one>\$?[A-Z]{1,3}\$?\d+)(?::(?P<two>\$?[A-Z]{1,3}\$?\d+))?(?![\w(])"
)
_CELL = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)")


class _Shape:
    """Lines of one sheet inserted (number > 0) before line ``at``, or deleted from it on."""

    def __init__(self, title: str, rows: bool, at: int, number: int) -> None:
        self.title, self.rows, self.at, self.number = title, rows, at, number

    def line(self, old: int) -> int | None:
        """Where a line is now; None when it is gone."""
        if old < self.at:
            return old
        return old + self.number if self.number > 0 or old >= self.at - self.number else None

    def span(self, first: int, last: int) -> tuple[int, int] | None:
        """Where a run of lines is now: inserted lines stretch it, deleted ones shrink it."""
        kept = [new for old in range(first, last + 1) if (new := self.line(old)) is not None]
        return (kept[0], kept[-1]) if kept else None

    def bounds(self, left: int, top: int, right: int, bottom: int) -> tuple[int, int, int, int] | None:
        found = self.span(top, bottom) if self.rows else self.span(left, right)
        if found is None:
            return None
        return (left, found[0], right, found[1]) if self.rows else (found[0], top, found[1], bottom)

    def formula(self, text: str, own: str) -> str:
        """A formula that stands on the sheet ``own``."""

        def moved(match: re.Match[str]) -> str:
            if match["one"] is None:
                return match[0]
            sheet = (match["sheet"] or f"'{own}'!")[:-1].strip("'")
            return match[0] if sheet != self.title else (match["sheet"] or "") + self._range(match["one"], match["two"])

        return _REFERENCE.sub(moved, text)

    def _range(self, one: str, two: str | None) -> str:
        parts = [_CELL.fullmatch(text) for text in (one, two or one)]
        (left, top), (right, bottom) = ((column_index_from_string(part[2]), int(part[4])) for part in parts if part)
        found = self.bounds(left, top, right, bottom)
        if found is None:
            return "#REF!"
        ends = ((found[0], found[1]), (found[2], found[3]))
        texts = [f"{part[1]}{get_column_letter(column)}{part[3]}{row}"
                 for part, (column, row) in zip(parts, ends, strict=True) if part]  # fmt: skip
        return texts[0] if two is None else ":".join(texts)


def reshaped(book: Any, title: str, *, row: int = 0, column: int = 0, number: int = 1) -> None:
    """Insert lines before a row or a column of a sheet, or with a negative number delete them from it on."""
    shape = _Shape(title, bool(row), row or column, number)
    sheet = book[title]
    merges = [box.bounds for box in sheet.merged_cells.ranges]
    for box in list(sheet.merged_cells.ranges):
        sheet.merged_cells.remove(box)
    sheet.merged_cells.ranges.clear()
    _lines(sheet, bool(row), number)(row or column, abs(number))
    for other in book:
        for cell in list(vars(other)["_cells"].values()):  # iter_rows() would make all that are not there
            if cell.data_type == "f" and isinstance(cell.value, str):
                cell.value = shape.formula(cell.value, other.title)
    for bounds in merges:
        if (now := shape.bounds(*bounds)) is not None and now[:2] != now[2:]:
            sheet.merge_cells(start_column=now[0], start_row=now[1], end_column=now[2], end_row=now[3])
    for defined in book.defined_names.values():
        defined.attr_text = shape.formula(defined.attr_text or "", "")
    _guards(sheet, shape)


def _lines(sheet: Any, rows: bool, number: int) -> Callable[[int, int], None]:
    names = ("insert_rows", "delete_rows") if rows else ("insert_cols", "delete_cols")
    found: Callable[[int, int], None] = getattr(sheet, names[number < 0])
    return found


def _guards(sheet: Any, shape: _Shape) -> None:
    """Validations and conditional formats with their formulas."""

    def area(sqref: Any) -> str:
        found = (shape.bounds(*box.bounds) for box in sqref.ranges)
        return " ".join(f"{get_column_letter(b[0])}{b[1]}:{get_column_letter(b[2])}{b[3]}" for b in found if b)

    kept = []
    for one in sheet.data_validations.dataValidation:
        if where := area(one.sqref):
            one.sqref = MultiCellRange(where)
            one.formula1 = shape.formula(one.formula1, sheet.title) if one.formula1 else one.formula1
            kept.append(one)
    sheet.data_validations.dataValidation = kept
    formats = ConditionalFormattingList()
    for block in sheet.conditional_formatting:
        if where := area(block.sqref):
            for rule in block.rules:
                rule.formula = [shape.formula(text, sheet.title) for text in rule.formula]
                formats.add(where, rule)
    sheet.conditional_formatting = formats
