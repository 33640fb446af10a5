"""A round as people go through it: forms issued, answered in another program, copied, stacked, sent in, sent back."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl import Workbook
from places import place_of

from xltool.form.places import Place
from xltool.recognition.form_workbook import open_form_workbook
from xltool.recognition.identify import identify
from xltool.support import json_codec

Edit = Callable[[Any], None]


def results(file: Path) -> list[dict[str, Any]]:
    """The results in a file."""
    return [json_codec.loads(line) for line in file.read_text("utf-8").splitlines()]


def listed(folder: Path) -> list[dict[str, str]]:
    """The lines of the list of what goes back."""
    return list(csv.DictReader(io.StringIO((folder / "退回清单.csv").read_text("utf-8-sig"))))


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def answered(content: bytes, edit: Edit | None = None) -> bytes:
    """An issued form with its inputs typed in, as a clerk would in another program; rows that are blank stay so."""
    [identity] = identify(open_form_workbook(content))
    layout, book = identity.layout, openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[layout.form.sheet]

    def put(place: Place, value: object) -> None:
        assert not sheet[layout.box(place).first].protection.locked, place
        sheet[layout.box(place).first] = value

    for source in layout.form.fund_rows:
        budget = sheet[layout.box(place_of("funds", source, "initial_budget")).first].value
        if source != "total" and budget is not None:
            put(place_of("funds", source, "adjusted_budget"), budget)
            put(place_of("funds", source, "executed"), budget)
    put(place_of("goal", "actual"), "按计划完成了全部任务，经问卷调查（有效样本 200 份）群众满意。")
    if sheet[layout.box(place_of("goal", "expected")).first].value is None:
        put(place_of("goal", "expected"), "完成全部任务。")
    for slot in layout.slots:
        row = {
            name: sheet[layout.box(place_of("indicators", slot.index, name)).first].value
            for name in ("target", "weight")
        }
        if row["weight"] is not None:
            put(place_of("indicators", slot.index, "actual"), re.sub(r"^[≥>=≤<≧﹦]+", "", str(row["target"])))
            put(place_of("indicators", slot.index, "score"), row["weight"])
    if edit is not None:
        edit(sheet)
    return saved(book)


def copied(content: bytes, names: list[str]) -> bytes:
    """The form's sheet copied for further projects, as clerks with several projects do."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for name in names:
        book.copy_worksheet(book["自评表"])["C3"] = name
    return saved(book)


def stacked(contents: list[bytes]) -> bytes:
    """The values of several forms below each other on one sheet."""
    book, row = Workbook(), 0
    sheet = book.active
    assert sheet is not None
    for content in contents:
        own = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["自评表"]
        for line in own.iter_rows(max_col=9):
            for cell in line:
                if cell.value is not None:
                    sheet.cell(row + cell.row, cell.column, cell.value)
        for area in own.merged_cells.ranges:
            if area.max_col <= 9:
                sheet.merge_cells(None, row + area.min_row, area.min_col, row + area.max_row, area.max_col)
        row += own.max_row + 2
    return saved(book)
