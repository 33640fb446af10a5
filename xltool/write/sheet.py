"""A worksheet with automatic row heights, and small helpers to measure and shorten texts."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from xlsxwriter.worksheet import Worksheet

from xltool.language.functions import Value
from xltool.support.escaping import escape_controls


class FittedSheet(Worksheet):  # type: ignore[misc]  # XlsxWriter ships no types
    """A worksheet whose row heights adapt when somebody types more.

    XlsxWriter marks every height as set by the user (``customHeight``), and programs then never change it. A height
    without that mark is shown as written and fitted anew when the row next changes.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fitted: set[int] = set()

    def fit_row(self, row: int, height: float, hidden: bool = False, level: int = 0) -> None:
        """Set a row's height in points, and let it grow.

        Args:
            row: the row, counted from 1.
            height: the height in points.
            hidden: whether the row is hidden.
            level: its outline level.
        """
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
    """The value of a formula as XlsxWriter stores it."""
    return float(value) if isinstance(value, Decimal) else value or ""


_NARROW = re.compile("[\0-\u1fff]+")


def text_width(line: str) -> float:
    """The width of a line in full-width characters; Latin letters and digits count for about half."""
    wide = len(_NARROW.sub("", line))
    return wide + 0.55 * (len(line) - wide)


def text_height(text: str, width: float, size: float) -> float:
    """The height in points that a wrapped text needs.

    Args:
        text: the text.
        width: the width of the column, in Excel's units.
        size: the font size in points.
    """
    per_line = max(1, int((width * 5.25 - 6) / size))  # a unit of width is about 7 pixels
    lines = sum(max(1, -(-text_width(line) // per_line)) for line in text.split("\n"))
    return float(lines * size * 1.36 + 6)


def shorten(text: str, most: int) -> str:
    """Cut a text from outside to ``most`` characters and make its control characters visible."""
    return escape_controls(text if len(text) <= most else f"{text[:most]}…（共 {len(text)} 字）")
