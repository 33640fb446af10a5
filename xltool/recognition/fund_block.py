"""The fund block of a form by its labels: heads of amounts, rows of sources, and rows that are none of the form's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xltool.language.tree import Type
from xltool.recognition.label_match import MONEY_UNIT, FundLine, LabelMatch
from xltool.recognition.labels import Vocabulary, is_side, label_key, label_meaning
from xltool.workbook.box import Box

_FIGURE = re.compile(r"\d")
_AMOUNT = re.compile(r"[-+¥￥]?[\d,，.]+(?:万?元|%)?")


def read_funds(found: LabelMatch, words: Vocabulary, head: int, end: int) -> None:
    """Find the columns and rows of the fund block.

    Args:
        found: what is filled.
        words: the form's.
        head: the row of its heads.
        end: the row that heads the indicator block.
    """
    strange = _heads(found, words, head)
    first = min(box.left for box in found.fund_heads.values())
    rows: set[str] = set()
    for row in range(head + 1, end):
        if any(label_meaning(text, words.goals) for _, text in found.page.rows.get(row, [])):
            break
        labels = [one for one in found.page.rows.get(row, []) if one[0].left < first and one[0].top == row]
        _row(found, words, row, labels, rows)
        if rows and labels:
            cells = [found.page.box(row, column) for column in strange]
            found.lost_amounts += sum(bool(_FIGURE.search(found.page.text(box))) for box in cells)


def _heads(found: LabelMatch, words: Vocabulary, head: int) -> list[int]:
    """Find the heads; the columns of those that the form does not have are given back."""
    columns, strange = found.fund_heads, []
    for box, text in found.page.rows[head]:
        name = label_meaning(text, words.funds)
        if name is not None and name not in columns:
            columns[name] = box
            found.meet(box, text)
        elif MONEY_UNIT.search(text) or is_side(text, words) or not columns:
            found.known.add(box)
        else:
            found.miss(text)
            found.unread_heads.append(box)
            strange.append(box.left)
    return strange


def _row(found: LabelMatch, words: Vocabulary, row: int, labels: list[tuple[Box, str]], rows: set[str]) -> None:
    """Find the cells of a row whose label the form knows; keep the amounts of any other."""
    source = next(((box, text, name) for box, text in labels if (name := label_meaning(text, words.sources))), None)
    if source is None or source[2] in rows:
        said = [one for one in labels if not _AMOUNT.fullmatch(label_key(one[1]))]
        if said and label_meaning(said[-1][1], words.fields) is None:
            _unread(found, row, *said[-1])
        return
    box, text, name = source
    rows.add(name)
    found.meet(box, text)
    for column, top in found.fund_heads.items():
        found.boxes[found.form.fund_cell(name, column)] = found.page.box(row, top.left)
    found.amounts += len(list(_amounts(found, row)))


def _unread(found: LabelMatch, row: int, box: Box, text: str) -> None:
    amounts = dict(_amounts(found, row))
    if not amounts:
        return
    cells = tuple(found.page.box(row, found.fund_heads[column].left) for column in amounts)
    found.unread_lines.append(FundLine(box, text, amounts, cells))
    found.miss(text)
    found.lost_amounts += len(amounts)


def _amounts(found: LabelMatch, row: int) -> Iterator[tuple[str, str]]:
    """The columns of amounts in which a row has a figure, with what a person reads there."""
    for column, top in found.fund_heads.items():
        field = found.form.fund_columns[column]
        text = found.page.text(found.page.box(row, top.left))
        if field.kind.name == "money" and field.kind.type is Type.NUMBER and _FIGURE.search(text):
            yield column, text
