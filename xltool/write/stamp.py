"""The stamp: which form this is, in three carriers that no one program destroys together.

A hidden sheet, the custom document properties, and a defined name that holds a constant.
"""

from __future__ import annotations

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from xltool.form import stamps
from xltool.form.answers import Answers
from xltool.form.kinds import shown
from xltool.form.layout import Layout


def write(
    book: Workbook, sheet: Worksheet, layout: Layout, answers: Answers, turn: stamps.Round = stamps.FIRST
) -> None:
    """Write all three carriers, and the hidden fields."""
    text = stamps.text(layout, turn)
    sheet.write_string(stamps.CELL, text)
    book.set_custom_property(stamps.PROPERTY, text, "text")
    book.define_name(stamps.NAME, f'="{text}"')
    for name, field in layout.form.fields.items():
        if field.section == "hidden":
            place = tuple(name.split("."))
            box = layout.box(place)
            sheet.write_string(box.top - 1, 0, field.label)
            if value := shown(answers.at(place), field.kind):
                sheet.write_string(box.top - 1, box.left - 1, value)
