"""Read the fund block of a form by its labels: heads of amounts, rows of sources, and rows that are not in the form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xltool.language.types import Type
from xltool.recognition.label_match import MONEY_UNIT, FundLine, LabelMatch
from xltool.recognition.labelled_sheet import LabelledText
from xltool.workbook.box import Box

_FIGURE = re.compile(r"\d")
_AMOUNT = re.compile(r"[-+¥￥]?[\d,，.]+(?:万?元|%)?")


def read_funds(match: LabelMatch, head: int, end: int) -> None:
    """Find the columns and rows of the fund block.

    Args:
        match: receives the results.
        head: the row of its heads.
        end: the head row of the indicator block.
    """
    unknown_columns = _read_heads(match, head)
    first = min(box.left for box in match.fund_heads.values())
    rows: set[str] = set()
    for row in range(head + 1, end):
        if any(item.goal for item in match.sheet.rows.get(row, [])):
            break
        labels = [item for item in match.sheet.rows.get(row, []) if item.box.left < first and item.box.top == row]
        _read_row(match, row, labels, rows)
        if rows and labels:
            cells = [match.page.box(row, column) for column in unknown_columns]
            match.lost_amounts += sum(bool(_FIGURE.search(match.page.text(box))) for box in cells)


def _read_heads(match: LabelMatch, head: int) -> list[int]:
    """Find the heads. Returns the columns of those that are not in the form."""
    columns, unknown_columns = match.fund_heads, []
    for item in match.sheet.rows[head]:
        box, text, name = item.box, item.text, item.fund
        if name is not None and name not in columns:
            columns[name] = box
            match.count_found(box, text)
        elif MONEY_UNIT.search(text) or item.is_side or not columns:
            match.known_boxes.add(box)
        else:
            match.count_unknown(text)
            match.unread_heads.append(box)
            unknown_columns.append(box.left)
    return unknown_columns


def _read_row(match: LabelMatch, row: int, labels: list[LabelledText], rows: set[str]) -> None:
    """Find the cells of a row with a known label; keep the amounts of any other row."""
    source = next((item for item in labels if item.source), None)
    if source is None or source.source is None or source.source in rows:
        texts = [item for item in labels if not _AMOUNT.fullmatch(item.key)]
        if texts and texts[-1].field is None:
            _keep_unread(match, row, texts[-1].box, texts[-1].text)
        return
    rows.add(source.source)
    match.count_found(source.box, source.text)
    for column, top in match.fund_heads.items():
        match.boxes[match.form.fund_cell(source.source, column)] = match.page.box(row, top.left)
    match.amounts += len(list(_amounts(match, row)))


def _keep_unread(match: LabelMatch, row: int, box: Box, text: str) -> None:
    amounts = dict(_amounts(match, row))
    if not amounts:
        return
    cells = tuple(match.page.box(row, match.fund_heads[column].left) for column in amounts)
    match.unread_lines.append(FundLine(box, text, amounts, cells))
    match.count_unknown(text)
    match.lost_amounts += len(amounts)


def _amounts(match: LabelMatch, row: int) -> Iterator[tuple[str, str]]:
    """Yield the amount columns in which a row has digits, with the displayed text."""
    for column, top in match.fund_heads.items():
        field = match.form.fund_columns[column]
        text = match.page.text(match.page.box(row, top.left))
        if field.kind.name == "money" and field.kind.type is Type.NUMBER and _FIGURE.search(text):
            yield column, text
