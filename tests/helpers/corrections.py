"""A unit that corrects a returned workbook: it reads the comments, and edits unlocked cells only."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

import openpyxl
from openpyxl.utils.cell import coordinate_from_string

FORM, REMARKS, PANEL = "自评表", "退回意见", "自检"

#: What a unit writes where the comment names this rule: sheet, row → cell and value.
_REASON = "因天气原因进度偏慢，下一步加强调度，确保按期完成"
_BY_RULE: dict[str, Callable[[Any, int], tuple[str, Any]]] = {
    "D01": lambda sheet, row: (f"I{row}", _REASON),
    "D02": lambda sheet, row: (f"I{row}", _REASON),
    "S01": lambda sheet, row: (f"H{row}", sheet[f"G{row}"].value),
    "S02": lambda sheet, row: (f"H{row}", sheet[f"G{row}"].value),
    "T04": lambda sheet, row: (f"D{row}", "设备完好率"),
    "H01": lambda sheet, row: (sheet_cell(sheet, row), "某市职业培训中心"),
    "Q02": lambda sheet, row: (f"F{row}", "全年培训 120 人次，98% 合格，持证上岗率 85%。"),
    "V02": lambda sheet, row: (f"F{row}", "100%"),
}


def sheet_cell(sheet: Any, row: int) -> str:
    """The heading cell with the comment."""
    return next(cell.coordinate for cell in sheet[row] if cell.comment)


def noted(book: Any) -> list[tuple[str, str]]:
    """Cell and rule of every comment at error level."""
    found = []
    for row in book[FORM].iter_rows():
        for cell in row:
            if cell.comment:
                found += [(cell.coordinate, rule) for rule in re.findall(r"【错误 ([A-Z]\d\d) ", cell.comment.text)]
    return found


def corrected(content: bytes, further: dict[str, Any] | None = None) -> tuple[bytes, list[str]]:
    """The workbook with every error mended as its comment says, and the cells that were edited.

    Args:
        content: a returned workbook.
        further: edits that no single comment can say, by cell.
    """
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[FORM]
    edits = dict(further or {})
    for cell, rule in noted(book):
        _, row = coordinate_from_string(cell)
        if rule in _BY_RULE:
            place, value = _BY_RULE[rule](sheet, row)
            edits[place] = value
    for place, value in edits.items():
        assert not sheet[place].protection.locked, place
        sheet[place].value = value
    target = io.BytesIO()
    book.save(target)
    return target.getvalue(), list(edits)


def states(content: bytes) -> list[tuple[str, str, str]]:
    """Rule, place and state of every line on the sheet 退回意见, as the workbook stores them."""
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True)[REMARKS]
    state = [cell.value for cell in sheet[6]].index("状态")
    lines = (line for line in sheet.iter_rows(min_row=7, values_only=True) if isinstance(line[0], int | float))
    return [(str(line[2]).split("\n")[0], str(line[3]), str(line[state])) for line in lines]
