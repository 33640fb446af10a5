"""Find the fields of a form on a sheet by the printed labels alone.

Rows and columns are not assumed: heads are found by their texts, values beside or below their labels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from xltool.form.blocks import GOAL, MONEY_UNIT_CELL, YEAR_CELL
from xltool.form.definition import Form
from xltool.form.places import SingleCell
from xltool.recognition.fund_block import read_funds
from xltool.recognition.indicator_block import is_other_block, read_heads, read_rows, read_total
from xltool.recognition.label_match import MONEY_UNIT, YEAR, LabelMatch
from xltool.recognition.labelled_sheet import LabelledSheet, LabelledText
from xltool.recognition.labels import vocabulary
from xltool.recognition.sheet_view import SheetView
from xltool.workbook.box import Box

_OWN_YEAR = re.compile(r"[(]?(?:19|20)\d\d(?:年度?)?[)]?")

_FIGURE = re.compile(r"[-+¥￥]?\d[\d,，.]*(?:万?元)?$")

#: Longer texts, in characters, are not labels.
_LONGEST = 16

#: The least number of amounts in a fund block.
_LEAST_FIGURES = 3

#: The least number of known heads in an indicator block.
_LEAST_HEADS = 4


def match_labels(form: Form, page: SheetView) -> LabelMatch | None:
    """Find the fields of a form; None if the sheet has no indicator block."""
    sheet = LabelledSheet(page, vocabulary(form))
    head = _best_row(sheet, lambda text: text.column)
    if head is None or head[1] < _LEAST_HEADS:
        return None
    match = LabelMatch(form, sheet)
    last = read_heads(match, head[0])
    match.expected_weight += len(form.fund_columns) + len(form.fund_rows) + len(form.fields_below_heads)
    below = [row for row, texts in sheet.rows.items() if row > last and is_other_block(texts)]
    end = max(page.rows) + 1
    funds = _best_row(sheet, lambda text: text.fund, before=head[0])
    if funds is not None and funds[1] >= 2:
        read_funds(match, funds[0], head[0])
    elif below_with_funds := [row for row in below if len({text.fund for text in sheet.rows[row]} - {None}) > 2]:
        read_funds(match, below_with_funds[0], end)
    _read_goals(match, [row for row in page.rows if row < head[0]], head[0])
    if below and not any(place.block == GOAL for place in match.boxes):
        _read_goals(match, below, end)
    read_rows(match, last)
    read_total(match, last)
    _read_lines(match, head[0])
    _read_heading(match, head[0])
    match.known_boxes |= {text.box for text in sheet.texts() if text.is_side}
    loose = list(_loose_texts(match, head[0]))
    match.stray_texts = len(loose)
    match.other_funds = not match.fund_heads and _are_funds(loose)
    if match.other_funds:
        match.unread_labels += [
            item.text for item in loose if not _FIGURE.match(item.key) and len(item.key) <= _LONGEST
        ]
    return match


def _are_funds(loose: list[LabelledText]) -> bool:
    """Whether the texts not recognised above the indicators are amounts, none of a source in the form."""
    sources = {item.source for item in loose} - {None, "total"}
    return not sources and sum(_FIGURE.match(item.key) is not None for item in loose) >= _LEAST_FIGURES


def _loose_texts(match: LabelMatch, head: int) -> Iterator[LabelledText]:
    """Yield the texts above the indicators, beside others, that are neither labels nor values."""
    right = max(box.right for box in match.heads.values())
    taken = match.known_boxes | set(match.boxes.values()) | {box for line in match.unread_lines for box in line.boxes}
    for row, texts in match.sheet.rows.items():
        if row < head and len(texts) > 1:
            yield from (item for item in texts if item.box not in taken and item.box.left <= right)


def head_rows(page: SheetView, form: Form) -> list[int]:
    """The head rows of indicator blocks; there are several if several forms are on one sheet."""
    sheet = LabelledSheet(page, vocabulary(form))
    return [row for row, texts in sheet.rows.items() if len({text.column for text in texts} - {None}) > _LEAST_HEADS]


def _best_row(
    sheet: LabelledSheet, meaning: Callable[[LabelledText], str | None], before: int = 1 << 30
) -> tuple[int, int] | None:
    """The row with the most different meanings, and their number; None if there are none."""
    counts = [(row, len({*map(meaning, texts)} - {None})) for row, texts in sheet.rows.items() if row < before]
    rows = [(row, count) for row, count in counts if count]
    return max(rows, key=lambda item: item[1], default=None)


# ── goal ────────────────────────────────────────────────────────


def _read_goals(match: LabelMatch, rows: Sequence[int], end: int) -> None:
    """Find the goal block among these rows; its values are above row ``end``."""
    best: dict[str, LabelledText] = {}
    for row in rows:
        in_row: dict[str, LabelledText] = {}
        # a side label on the left may have the same text as the head beside it
        for item in reversed(match.sheet.rows[row]):
            if item.goal is not None and item.goal not in in_row and item.box not in match.known_boxes:
                in_row[item.goal] = item
        if len(in_row) > len(best):
            best = in_row
    if len(best) == 1:  # each label is in a row of its own, with its text beside it
        texts = [item for row in reversed(rows) for item in match.sheet.rows[row] if item.box not in match.known_boxes]
        single = {item.goal: item for item in texts if item.goal is not None}
        best = single | best
    for name, label in best.items():
        match.count_found(label.box, label.text)
        below, right = match.page.below(label.box), match.page.right_of(label.box)
        down = len({item.box.top for item in best.values()}) < len(best) or not match.page.text(right)
        match.boxes[SingleCell(name)] = below if down and below.top < end else right


# ── lines of labels and values ──────────────────────────────────


def _read_lines(match: LabelMatch, head: int) -> None:
    expected = match.form.fields_in_lines
    match.expected_weight += len(expected)
    block = {box.top for box in match.boxes.values()} | {row for row, _ in match.rows}
    # the form's own labels come before synonyms: 实施单位 before 填报单位
    for item in sorted(match.sheet.texts(), key=lambda item: item.key not in match.sheet.words.own_labels):
        box, text = item.box, item.text
        if box in match.known_boxes or (box.top in block and box.top not in _free_rows(match)):
            continue
        name, value = item.field_and_value
        if name is None or (place := SingleCell(name)) in match.boxes:
            continue
        if match.form.is_at_foot(match.form.fields[name]) and box.top < head:
            continue
        match.count_found(box, text.partition(":")[0] if value else text)
        if value:
            match.boxes[place], match.inline_values[place] = box, value
        else:
            match.boxes[place] = _find_value(match, box)


def _free_rows(match: LabelMatch) -> set[int]:
    """The rows with values that may also have labels."""
    return {box.top for place, box in match.boxes.items() if isinstance(place, SingleCell) and place.block != GOAL}


def _find_value(match: LabelMatch, label: Box) -> Box:
    """The box of a label's value: on its right, or below it if there is another label on its right."""
    right = match.page.right_of(label)
    beside = match.sheet.at(right)
    if not beside.text:  # if cells were unmerged, the value comes after the blank rest of its label
        edge = max(box.right for box in match.heads.values())
        next_item = next(
            (item for item in match.sheet.rows.get(label.top, []) if right.left < item.box.left <= edge), None
        )
        if next_item is not None and next_item.box.top == label.top and not next_item.field_and_value[0]:
            return next_item.box
    under = match.sheet.at(match.page.below(label))
    is_label = bool(beside.text) and beside.field_and_value[0] is not None
    if is_label and under.text and under.field_and_value[0] is None:
        return under.box
    return right


def _read_heading(match: LabelMatch, head: int) -> None:
    """Find title, year and money unit, wherever they are."""
    match.expected_weight += 1
    blocks = (match.form.fund_table, GOAL)
    first = min((box.top for place, box in match.boxes.items() if place.block in blocks), default=head)
    for item in match.sheet.texts():
        box, text = item.box, item.text
        if box.top >= head:
            break
        if item.is_title and box not in match.known_boxes:
            exact = YEAR.sub("", text).replace("度", "", 1)
            match.count_found(box, text if item.key in match.sheet.words.titles else exact)
        if MONEY_UNIT_CELL not in match.boxes and MONEY_UNIT.search(text):
            match.boxes[MONEY_UNIT_CELL] = box
            match.known_boxes.add(box)
            unit = MONEY_UNIT.search(text)
            match.discounted_weight += 0.5 * (unit is not None and match.form.money_unit in unit.groups())
    if MONEY_UNIT_CELL not in match.boxes and any(box.top > head for box in match.fund_heads.values()):
        row = max(box.top for box in match.fund_heads.values())
        side = next((item.box for item in match.sheet.rows[row] if MONEY_UNIT.search(item.text)), None)
        if side is not None:
            match.boxes[MONEY_UNIT_CELL] = side
    match.expected_weight += 0.5
    years = [(_year_rank(match, text), text.box.top, text.box) for text in match.sheet.texts() if text.box.top < first]
    best = max((item for item in years if item[0]), key=lambda item: item[:2], default=None)
    if best is not None:
        match.boxes[YEAR_CELL] = best[2]
        match.known_boxes.add(best[2])


def _year_rank(match: LabelMatch, item: LabelledText) -> int:
    """How reliably a text gives the form's year: 3 for a separate cell, 2 for a title, 1 for a heading, 0 for none."""
    if _OWN_YEAR.fullmatch(item.key):
        return 3 * (item.box not in match.known_boxes)
    if not YEAR.search(item.text) or re.search(r"年\s*\d+\s*月", item.text):
        return 0
    return 2 if item.is_title else 1
