"""Writes the stamp (which form this is) and the seal (to whom it was issued), each in three carriers.

The carriers are a hidden sheet, the custom document properties, and a defined name that holds a constant: no single
program destroys all three.
"""

from __future__ import annotations

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from xltool.form import seals, stamps
from xltool.form.answers import Answers
from xltool.form.field import ON_HIDDEN
from xltool.form.kinds import display_text
from xltool.form.own_sheets import RELEASE_CELL, SEAL_CELL, SEAL_VALUES_CELL, STAMP_CELL
from xltool.form.places import SingleCell
from xltool.form.seals import SealedValues


def write_stamp(
    book: Workbook, sheet: Worksheet, answers: Answers, issued: SealedValues | None, release: str, turn: stamps.Round
) -> None:
    """Write the stamp, the seal if the form is issued, and the hidden fields.

    Args:
        book: the workbook.
        sheet: the hidden sheet.
        answers: the values of the form.
        issued: the seal and the sealed values; None for a form that is not issued to a project.
        release: the release of the tool that writes the workbook, as text.
        turn: the round of submission that the workbook opens.
    """
    layout = answers.layout
    sheet.write_string(RELEASE_CELL, release)
    carriers = [(STAMP_CELL, stamps.PROPERTY, stamps.NAME, stamps.stamp_text(layout, turn))]
    if issued is not None:
        carriers.append((SEAL_CELL, seals.PROPERTY, seals.NAME, seals.seal_text(issued.seal)))
        status = sheet.write_string(SEAL_VALUES_CELL, issued.texts) if issued.texts else 0
        assert status == 0, issued.seal
    for cell, property_name, name, text in carriers:
        sheet.write_string(cell, text)
        book.set_custom_property(property_name, text, "text")
        book.define_name(name, f'="{text}"')
    for name, field in layout.form.fields.items():
        if field.sheet == ON_HIDDEN:
            place = SingleCell(name)
            box = layout.box(place)
            sheet.write_string(box.top - 1, 0, field.label)
            if value := display_text(answers.at(place), field.kind):
                sheet.write_string(box.top - 1, box.left - 1, value)
