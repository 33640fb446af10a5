"""A worksheet of ours, and how it stores the value of a formula."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from xlsxwriter.worksheet import Worksheet

from xltool.language.functions import Value
from xltool.support.escaping import escape_controls


class FittedSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter ships no types
    """A sheet of ours.

    XlsxWriter marks every height as the user's own; then no program lets the row grow when somebody types more.

    A height without that mark is shown as it is and fitted anew at the next change of the row.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fitted: set[int] = set()

    def fit_row(self, row: int, height: float, hidden: bool = False, level: int = 0) -> None:
        """Set a row's height in points; it may grow. Rows count from 1; ``level`` is that of its outline."""
        self.set_row(row - 1, height, None, {"hidden": hidden, "level": level})
        self.fitted.add(row)

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        # XlsxWriter runs some fifty expressions over each formula to prefix functions newer than 2007; we use none,
        # and they are 40 % of the time it takes to write a form.
        return formula.removeprefix("=")

    def _xml_start_tag(self, tag: str, attributes: list[tuple[str, Any]] | None = None) -> None:
        if tag == "row" and attributes and attributes[0][1] in self.fitted:
            attributes = [(name, value) for name, value in attributes if name != "customHeight"]
        super()._xml_start_tag(tag, attributes or [])


def cell_value(value: Value) -> Any:
    """A formula's value as XlsxWriter stores it."""
    return float(value) if isinstance(value, Decimal) else value or ""


_NARROW = re.compile("[\0-\u1fff]+")


def span(line: str) -> float:
    """Width of a line in full-width characters: Latin letters and digits take about half."""
    wide = len(_NARROW.sub("", line))
    return wide + 0.55 * (len(line) - wide)


def height(text: str, width: float, size: float) -> float:
    """The height in points that a wrapped text needs.

    Args:
        text: what stands in the cell.
        width: of its column, in Excel's units.
        size: of its type, in points.
    """
    per_line = max(1, int((width * 5.25 - 6) / size))  # a unit of width is about 7 pixels
    lines = sum(max(1, -(-span(line) // per_line)) for line in text.split("\n"))
    return float(lines * size * 1.36 + 6)


def shorten(text: str, most: int) -> str:
    """A stranger's text to be told: cut to so many characters, with its control characters visible."""
    return escape_controls(text if len(text) <= most else f"{text[:most]}…（共 {len(text)} 字）")
