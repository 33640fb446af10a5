"""Cell formats: fonts, borders, tints. Each format is created once per workbook."""

from __future__ import annotations

from functools import cache
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from xltool.form.definition import Form

#: Light enough to print as white, strong enough to show where to type.
INPUT_TINT = "#FFF9E3"
LOCKED_TINT = "#F2F2F2"
RED = {"bg_color": "#FFC7CE", "font_color": "#9C0006"}
AMBER = {"bg_color": "#FFEB9C", "font_color": "#7F5700"}
GREEN = {"bg_color": "#C6EFCE", "font_color": "#00611F"}

_ROLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 18, "border": 0},
    "label": {},
    "head": {},
    "side": {"rotation": 270, "text_wrap": False},  # one character below the other
    "unit": {},
    "level": {},
    "total": {"bold": True},
    "note": {"border": 0, "align": "left", "font_size": 9},
}


class Styles:
    """The formats of one workbook, in the fonts of its form."""

    def __init__(self, book: Workbook, form: Form) -> None:
        self.book = book
        self.form = form
        self._cached_format = cache(lambda items: book.add_format(dict(items)))

    def make(self, **properties: Any) -> Format:
        """A format in the form's font; equal properties return the same format."""
        base = {"font_name": self.form.print.font, "font_size": self.form.print.font_size, "valign": "vcenter"}
        cell_format: Format = self._cached_format(tuple(sorted({**base, **properties}.items())))
        return cell_format

    def label(self, role: str) -> Format:
        """The format of a printed text.

        Args:
            role: the role of the label in the layout, for example ``title`` or ``head``.
        """
        properties = dict(_ROLES[role])
        if role == "title":
            properties["font_name"] = self.form.print.title_font
        return self.make(**{"border": 1, "align": "center", "text_wrap": True, **properties})

    def value(self, kind: str, number_format: str, open_to_input: bool, long_text: bool) -> Format:
        """The format of a cell that holds a value: tinted and unlocked where people type.

        Args:
            kind: the name of the field's kind.
            number_format: an Excel number format.
            open_to_input: whether the cell is unlocked.
            long_text: whether to align the value for reading several lines.
        """
        properties: dict[str, Any] = {"border": 1, "align": "center", "num_format": number_format}
        if kind == "year":
            properties["border"] = 0
        if kind in ("text", "choice", "level"):
            properties["text_wrap"] = True
        else:
            properties["shrink"] = True  # a number that does not fit would show ####
        if long_text:
            properties |= {"align": "left", "indent": 1, "valign": "top" if kind == "text" else "vcenter"}
        if open_to_input:
            properties |= {"bg_color": INPUT_TINT, "locked": False}
        return self.make(**properties)

    def helper(self, **properties: Any) -> Format:
        """The format of a cell outside the print area."""
        return self.make(**{"font_size": 9, "font_color": "#808080", **properties})
