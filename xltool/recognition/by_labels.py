"""Find the fields of a form on a sheet by the printed labels alone.

Rows and columns are not assumed: heads are found by their texts, values beside or below their labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from xltool.form.blocks import GOAL, MONEY_UNIT_CELL, YEAR_CELL
from xltool.form.definition import LINE_BLOCKS, Form
from xltool.form.places import SingleCell
from xltool.recognition.fund_block import read_funds
from xltool.recognition.indicator_block import is_other_block, read_heads, read_rows, read_total
from xltool.recognition.label_match import MONEY_UNIT, YEAR, LabelMatch
from xltool.recognition.labels import Vocabulary, is_side, label_key, label_meaning, vocabulary
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
    words = vocabulary(form)
    head = _best_row(page, words.columns)
    if head is None or head[1] < _LEAST_HEADS:
        return None
    match = LabelMatch(form, page)
    last = read_heads(match, words, head[0])
    match.expected_weight += len(form.fund_columns) + len(form.fund_rows) + len(form.section(GOAL))
    below = [row for row, boxes in page.rows.items() if row > last and is_other_block(boxes, words)]
    end = max(page.rows) + 1
    funds = _best_row(page, words.funds, before=head[0])
    if funds is not None and funds[1] >= 2:
        read_funds(match, words, funds[0], head[0])
    elif (other := next((row for row in below if _count_in_row(page, row, words.funds) > 2), None)) is not None:
        read_funds(match, words, other, end)
    _read_goals(match, words, [row for row in page.rows if row < head[0]], head[0])
    if below and not any(place.block == GOAL for place in match.boxes):
        _read_goals(match, words, below, end)
    read_rows(match, words, last)
    read_total(match, words, last)
    _read_lines(match, words, head[0])
    _read_heading(match, words, head[0])
    match.known_boxes |= {box for box, text in page.texts() if is_side(text, words)}
    loose = list(_loose_texts(match, head[0]))
    match.stray_texts = len(loose)
    match.other_funds = not match.fund_heads and _are_funds(loose, words)
    if match.other_funds:
        match.unread_labels += [
            text for _, text in loose if not _FIGURE.match(label_key(text)) and len(label_key(text)) <= _LONGEST
        ]
    return match


def _are_funds(loose: list[tuple[Box, str]], words: Vocabulary) -> bool:
    """Whether the texts not recognised above the indicators are amounts, none of a source in the form."""
    sources = {label_meaning(text, words.sources) for _, text in loose} - {None, "total"}
    return not sources and sum(_FIGURE.match(label_key(text)) is not None for _, text in loose) >= _LEAST_FIGURES


def _loose_texts(match: LabelMatch, head: int) -> Iterator[tuple[Box, str]]:
    """Yield the texts above the indicators, beside others, that are neither labels nor values."""
    right = max(box.right for box in match.heads.values())
    taken = match.known_boxes | set(match.boxes.values()) | {box for line in match.unread_lines for box in line.boxes}
    for row, boxes in match.page.rows.items():
        if row < head and len(boxes) > 1:
            yield from ((box, text) for box, text in boxes if box not in taken and box.left <= right)


def head_rows(page: SheetView, form: Form) -> list[int]:
    """The head rows of indicator blocks; there are several if several forms are on one sheet."""
    words = vocabulary(form)
    return [row for row, count in _count_meanings(page, words.columns) if count >= _LEAST_HEADS + 1]


def _count_meanings(page: SheetView, meanings: dict[str, str] | object) -> Iterator[tuple[int, int]]:
    for row, boxes in page.rows.items():
        names = {meaning for _, text in boxes if (meaning := label_meaning(text, meanings)) is not None}  # type: ignore[arg-type]
        yield row, len(names)


def _count_in_row(page: SheetView, row: int, meanings: Mapping[str, str]) -> int:
    return len({label_meaning(text, meanings) for _, text in page.rows[row]} - {None})


def _best_row(page: SheetView, meanings: object, before: int = 1 << 30) -> tuple[int, int] | None:
    rows = [(row, count) for row, count in _count_meanings(page, meanings) if count and row < before]
    return max(rows, key=lambda item: item[1], default=None)


# ── goal ────────────────────────────────────────────────────────


def _read_goals(match: LabelMatch, words: Vocabulary, rows: Sequence[int], end: int) -> None:
    """Find the goal block among these rows; its values are above row ``end``."""
    best: dict[str, tuple[Box, str]] = {}
    for row in rows:
        boxes = match.page.rows[row]
        in_row: dict[str, tuple[Box, str]] = {}
        for box, text in reversed(boxes):  # a side label on the left may have the same text as the head beside it
            name = label_meaning(text, words.goals)
            if name is not None and name not in in_row and box not in match.known_boxes:
                in_row[name] = (box, text)
        if len(in_row) > len(best):
            best = in_row
    if len(best) == 1:  # each label is in a row of its own, with its text beside it
        texts = [item for row in reversed(rows) for item in match.page.rows[row] if item[0] not in match.known_boxes]
        single = {name: (box, text) for box, text in texts if (name := label_meaning(text, words.goals)) is not None}
        best = single | best
    for name, (box, text) in best.items():
        match.count_found(box, text)
        below, right = match.page.below(box), match.page.right_of(box)
        down = len({box.top for box, _ in best.values()}) < len(best) or not match.page.text(right)
        match.boxes[SingleCell(name)] = below if down and below.top < end else right


# ── lines of labels and values ──────────────────────────────────


def _read_lines(match: LabelMatch, words: Vocabulary, head: int) -> None:
    expected = [field for field in match.form.fields.values() if field.section in LINE_BLOCKS and field.label_columns]
    match.expected_weight += len(expected)
    block = {box.top for box in match.boxes.values()} | {row for row, _ in match.rows}
    # the form's own labels come before synonyms: 实施单位 before 填报单位
    for box, text in sorted(match.page.texts(), key=lambda item: label_key(item[1]) not in words.own_labels):
        if box in match.known_boxes or (box.top in block and box.top not in _free_rows(match)):
            continue
        name, value = _split_label(words, text)
        if name is None or (place := SingleCell(name)) in match.boxes:
            continue
        if match.form.fields[name].section == "foot" and box.top < head:
            continue
        match.count_found(box, text.partition(":")[0] if value else text)
        if value:
            match.boxes[place], match.inline_values[place] = box, value
        else:
            match.boxes[place] = _find_value(match, box, words)


def _free_rows(match: LabelMatch) -> set[int]:
    """The rows with values that may also have labels."""
    return {box.top for place, box in match.boxes.items() if isinstance(place, SingleCell) and place.block != GOAL}


def _split_label(words: Vocabulary, text: str) -> tuple[str | None, str]:
    """The field that a text names, and the value after the label if both are in one cell."""
    name = label_meaning(text, words.fields)
    if name is not None:
        return name, ""
    label, colon, value = text.replace("：", ":").partition(":")
    name = label_meaning(label, words.fields) if colon else None
    return name, value.strip() if name else ""


def _find_value(match: LabelMatch, label: Box, words: Vocabulary) -> Box:
    """The box of a label's value: on its right, or below it if there is another label on its right."""
    right = match.page.right_of(label)
    text = match.page.text(right)
    if not text:  # if cells were unmerged, the value comes after the blank rest of its label
        edge = max(box.right for box in match.heads.values())
        next_item = next(
            (item for item in match.page.rows.get(label.top, []) if right.left < item[0].left <= edge), None
        )
        if next_item is not None and next_item[0].top == label.top and not _split_label(words, next_item[1])[0]:
            return next_item[0]
    below = match.page.below(label)
    is_label = bool(text) and _split_label(words, text)[0] is not None
    if is_label and match.page.text(below) and _split_label(words, match.page.text(below))[0] is None:
        return below
    return right


def _read_heading(match: LabelMatch, words: Vocabulary, head: int) -> None:
    """Find title, year and money unit, wherever they are."""
    match.expected_weight += 1
    blocks = (match.form.fund_table, GOAL)
    first = min((box.top for place, box in match.boxes.items() if place.block in blocks), default=head)
    for box, text in match.page.texts():
        if box.top >= head:
            break
        if any(title in label_key(text) for title in words.titles) and box not in match.known_boxes:
            exact = YEAR.sub("", text).replace("度", "", 1)
            match.count_found(box, text if label_key(text) in words.titles else exact)
        if MONEY_UNIT_CELL not in match.boxes and MONEY_UNIT.search(text):
            match.boxes[MONEY_UNIT_CELL] = box
            match.known_boxes.add(box)
            unit = MONEY_UNIT.search(text)
            match.discounted_weight += 0.5 * (unit is not None and match.form.money_unit in unit.groups())
    if MONEY_UNIT_CELL not in match.boxes and any(box.top > head for box in match.fund_heads.values()):
        row = max(box.top for box in match.fund_heads.values())
        side = next((box for box, text in match.page.rows[row] if MONEY_UNIT.search(text)), None)
        if side is not None:
            match.boxes[MONEY_UNIT_CELL] = side
    match.expected_weight += 0.5
    years = [(_year_rank(match, words, box, text), box.top, box) for box, text in match.page.texts() if box.top < first]
    best = max((item for item in years if item[0]), key=lambda item: item[:2], default=None)
    if best is not None:
        match.boxes[YEAR_CELL] = best[2]
        match.known_boxes.add(best[2])


def _year_rank(match: LabelMatch, words: Vocabulary, box: Box, text: str) -> int:
    """How reliably a text gives the form's year: 3 for a separate cell, 2 for a title, 1 for a heading, 0 for none."""
    if _OWN_YEAR.fullmatch(label_key(text)):
        return 3 * (box not in match.known_boxes)
    if not YEAR.search(text) or re.search(r"年\s*\d+\s*月", text):
        return 0
    return 2 if any(title in label_key(text) for title in words.titles) else 1
