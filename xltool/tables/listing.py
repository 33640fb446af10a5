"""Writes a plain list as a workbook: a frozen head, one row per item, ready to be filtered and printed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from io import BytesIO

from xlsxwriter import Workbook

from xltool.write.sheet import FittedSheet, text_height

#: Fixed, so that the same list gives the same bytes.
_CREATED = datetime.datetime(2020, 1, 1)

#: Font size, least and greatest row height, in points; Excel allows 409.
_SIZE, _LOWEST, _HIGHEST = 10, 18, 400

_LOOK = {"font_name": "宋体", "font_size": _SIZE, "valign": "vcenter", "border": 1}


def list_workbook(
    title: str, heads: Sequence[str], widths: Sequence[float], rows: Sequence[Sequence[str | int]]
) -> bytes:
    """Build the workbook.

    Args:
        title: the name of its sheet.
        heads: the heads of the columns.
        widths: the widths of the columns, in Excel's units.
        rows: the rows; texts are written as texts, whatever they begin with.
    """
    target = BytesIO()
    book = Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "created": _CREATED})
    sheet: FittedSheet = book.add_worksheet(title, worksheet_class=FittedSheet)
    head = book.add_format({**_LOOK, "bold": True, "align": "center", "bg_color": "#DDEBF7", "text_wrap": True})
    text = book.add_format({**_LOOK, "text_wrap": True, "num_format": "@"})
    number = book.add_format({**_LOOK, "align": "center"})
    for column, (name, width) in enumerate(zip(heads, widths, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, name, head)
    sheet.set_row(0, 26)
    for line, row in enumerate(rows, 1):
        for column, value in enumerate(row):
            if isinstance(value, int):
                sheet.write_number(line, column, value, number)
            elif value:
                status = sheet.write_string(line, column, value, text)
                assert status == 0, (line, column)
            else:
                sheet.write_blank(line, column, None, text)
        heights = (text_height(str(value), width - 1, _SIZE) for value, width in zip(row, widths, strict=True))
        sheet.fit_row(line + 1, min(_HIGHEST, max(_LOWEST, *heights)))  # no program fits rows on opening
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(rows), len(heads) - 1)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    book.close()
    return target.getvalue()
