"""How cells look: fonts, borders, tints. A closed set of formats, made once for a workbook."""

from __future__ import annotations

from functools import cache
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from xltool.form.definition import Form

#: Light enough to print as white on paper, plain enough to show where to type.
INPUT_TINT = "#FFF9E3"
SHUT_TINT = "#F2F2F2"
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
    """The formats of one workbook."""

    def __init__(self, book: Workbook, form: Form) -> None:
        self.book = book
        self.form = form
        self._made = cache(lambda items: book.add_format(dict(items)))

    def make(self, **properties: Any) -> Format:
        """A format in the form's font; equal properties give the same format."""
        base = {"font_name": self.form.print.font, "font_size": self.form.print.font_size, "valign": "vcenter"}
        made: Format = self._made(tuple(sorted({**base, **properties}.items())))
        return made

    def label(self, role: str) -> Format:
        """A printed text."""
        own = dict(_ROLES[role])
        if role == "title":
            own["font_name"] = self.form.print.title_font
        return self.make(**{"border": 1, "align": "center", "text_wrap": True, **own})

    def value(self, kind: str, number_format: str, open_to_input: bool, long_text: bool) -> Format:
        """A cell for a value: tinted and unlocked where people type."""
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

    def beside(self, **properties: Any) -> Format:
        """A cell outside the print area."""
        return self.make(**{"font_size": 9, "font_color": "#808080", **properties})
