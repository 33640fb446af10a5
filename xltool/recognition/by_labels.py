"""Where a form's fields stand on a sheet, found by nothing but the labels printed there.

Nothing is assumed about rows and columns: heads are found by their texts, values beside or below their labels.
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

#: A longer text is no label.
_LONGEST = 16

#: So many amounts are a block of funds.
_LEAST_FIGURES = 3

#: A form's indicator block has at least so many heads that we know.
_LEAST_HEADS = 4


def match_labels(form: Form, page: SheetView) -> LabelMatch | None:
    """Find a form's fields; None where there is no indicator block of it."""
    words = vocabulary(form)
    head = _best_row(page, words.columns)
    if head is None or head[1] < _LEAST_HEADS:
        return None
    found = LabelMatch(form, page)
    last = read_heads(found, words, head[0])
    found.wanted += len(form.fund_columns) + len(form.fund_rows) + len(form.section(GOAL))
    below = [row for row, boxes in page.rows.items() if row > last and is_other_block(boxes, words)]
    end = max(page.rows) + 1
    funds = _best_row(page, words.funds, before=head[0])
    if funds is not None and funds[1] >= 2:
        read_funds(found, words, funds[0], head[0])
    elif (other := next((row for row in below if _count(page, row, words.funds) > 2), None)) is not None:
        read_funds(found, words, other, end)
    _goals(found, words, [row for row in page.rows if row < head[0]], head[0])
    if below and not any(place.block == GOAL for place in found.boxes):
        _goals(found, words, below, end)
    read_rows(found, words, last)
    read_total(found, words, last)
    _lines(found, words, head[0])
    _heading(found, words, head[0])
    found.known |= {box for box, text in page.texts() if is_side(text, words)}
    loose = list(_loose(found, head[0]))
    found.loose = len(loose)
    found.other_funds = not found.fund_heads and _are_funds(loose, words)
    if found.other_funds:
        found.unread += [
            text for _, text in loose if not _FIGURE.match(label_key(text)) and len(label_key(text)) <= _LONGEST
        ]
    return found


def _are_funds(loose: list[tuple[Box, str]], words: Vocabulary) -> bool:
    """Whether what was not understood above the indicators are amounts, none of them of a source that the form has."""
    sources = {label_meaning(text, words.sources) for _, text in loose} - {None, "total"}
    return not sources and sum(_FIGURE.match(label_key(text)) is not None for _, text in loose) >= _LEAST_FIGURES


def _loose(found: LabelMatch, head: int) -> Iterator[tuple[Box, str]]:
    """What stands above the indicators, beside and below other texts, and is neither a label nor a value."""
    right = max(box.right for box in found.heads.values())
    taken = found.known | set(found.boxes.values()) | {box for line in found.unread_lines for box in line.boxes}
    for row, boxes in found.page.rows.items():
        if row < head and len(boxes) > 1:
            yield from (one for one in boxes if one[0] not in taken and one[0].left <= right)


def head_rows(page: SheetView, form: Form) -> list[int]:
    """The rows that head an indicator block; several where several forms stand on one sheet."""
    words = vocabulary(form)
    return [row for row, count in _matches(page, words.columns) if count >= _LEAST_HEADS + 1]


def _matches(page: SheetView, meanings: dict[str, str] | object) -> Iterator[tuple[int, int]]:
    for row, boxes in page.rows.items():
        found = {name for _, text in boxes if (name := label_meaning(text, meanings)) is not None}  # type: ignore[arg-type]
        yield row, len(found)


def _count(page: SheetView, row: int, meanings: Mapping[str, str]) -> int:
    return len({label_meaning(text, meanings) for _, text in page.rows[row]} - {None})


def _best_row(page: SheetView, meanings: object, before: int = 1 << 30) -> tuple[int, int] | None:
    rows = [(row, count) for row, count in _matches(page, meanings) if count and row < before]
    return max(rows, key=lambda one: one[1], default=None)


# ── goal ────────────────────────────────────────────────────────


def _goals(found: LabelMatch, words: Vocabulary, rows: Sequence[int], end: int) -> None:
    """Find the goal block among these rows, whose values stand above ``end``."""
    best: dict[str, tuple[Box, str]] = {}
    for row in rows:
        boxes = found.page.rows[row]
        here: dict[str, tuple[Box, str]] = {}
        for box, text in reversed(boxes):  # a side label on the left may read like the head beside it
            name = label_meaning(text, words.goals)
            if name is not None and name not in here and box not in found.known:
                here[name] = (box, text)
        if len(here) > len(best):
            best = here
    if len(best) == 1:  # each in a row of its own, its text beside it
        alone = {name: (box, text) for row in reversed(rows) for box, text in found.page.rows[row]
                 if (name := label_meaning(text, words.goals)) is not None and box not in found.known}  # fmt: skip
        best = alone | best
    for name, (box, text) in best.items():
        found.meet(box, text)
        below, right = found.page.below(box), found.page.right_of(box)
        down = len({box.top for box, _ in best.values()}) < len(best) or not found.page.text(right)
        found.boxes[SingleCell(name)] = below if down and below.top < end else right


# ── lines of labels and values ──────────────────────────────────


def _lines(found: LabelMatch, words: Vocabulary, head: int) -> None:
    expected = [one for one in found.form.fields.values() if one.section in LINE_BLOCKS and one.label_columns]
    found.wanted += len(expected)
    block = {box.top for box in found.boxes.values()} | {row for row, _ in found.rows}
    # what the form calls a field itself comes before what others call it: 实施单位 before 填报单位
    for box, text in sorted(found.page.texts(), key=lambda one: label_key(one[1]) not in words.own):
        if box in found.known or (box.top in block and box.top not in _free_rows(found)):
            continue
        name, value = _labelled(words, text)
        if name is None or (place := SingleCell(name)) in found.boxes:
            continue
        if found.form.fields[name].section == "foot" and box.top < head:
            continue
        found.meet(box, text.partition(":")[0] if value else text)
        if value:
            found.boxes[place], found.inline[place] = box, value
        else:
            found.boxes[place] = _value_box(found, box, words)


def _free_rows(found: LabelMatch) -> set[int]:
    """Rows that hold values and may hold labels too."""
    return {box.top for place, box in found.boxes.items() if isinstance(place, SingleCell) and place.block != GOAL}


def _labelled(words: Vocabulary, text: str) -> tuple[str | None, str]:
    """The field that a text names, and the value behind the label where both are in one cell."""
    name = label_meaning(text, words.fields)
    if name is not None:
        return name, ""
    label, colon, value = text.replace("：", ":").partition(":")
    name = label_meaning(label, words.fields) if colon else None
    return name, value.strip() if name else ""


def _value_box(found: LabelMatch, label: Box, words: Vocabulary) -> Box:
    """The box of a label's value: the one on the right, or below where that is another label."""
    right = found.page.right_of(label)
    text = found.page.text(right)
    if not text:  # where cells were unmerged, the value stands behind the blank rest of its label
        edge = max(box.right for box in found.heads.values())
        next_one = next(
            ((box, said) for box, said in found.page.rows.get(label.top, []) if right.left < box.left <= edge), None
        )
        if next_one is not None and next_one[0].top == label.top and not _labelled(words, next_one[1])[0]:
            return next_one[0]
    below = found.page.below(label)
    is_label = bool(text) and _labelled(words, text)[0] is not None
    if is_label and found.page.text(below) and _labelled(words, found.page.text(below))[0] is None:
        return below
    return right


def _heading(found: LabelMatch, words: Vocabulary, head: int) -> None:
    """Title, year and money unit, wherever they stand."""
    found.wanted += 1
    blocks = (found.form.fund_table, GOAL)
    first = min((box.top for place, box in found.boxes.items() if place.block in blocks), default=head)
    for box, text in found.page.texts():
        if box.top >= head:
            break
        if any(title in label_key(text) for title in words.titles) and box not in found.known:
            exact = YEAR.sub("", text).replace("度", "", 1)
            found.meet(box, text if label_key(text) in words.titles else exact)
        if MONEY_UNIT_CELL not in found.boxes and MONEY_UNIT.search(text):
            found.boxes[MONEY_UNIT_CELL] = box
            found.known.add(box)
            unit = MONEY_UNIT.search(text)
            found.met += 0.5 * (unit is not None and found.form.money_unit in unit.groups())
    if MONEY_UNIT_CELL not in found.boxes and any(box.top > head for box in found.fund_heads.values()):
        row = max(box.top for box in found.fund_heads.values())
        side = next((box for box, text in found.page.rows[row] if MONEY_UNIT.search(text)), None)
        if side is not None:
            found.boxes[MONEY_UNIT_CELL] = side
    found.wanted += 0.5
    years = [(_year_rank(found, words, box, text), box.top, box) for box, text in found.page.texts() if box.top < first]
    best = max((one for one in years if one[0]), key=lambda one: one[:2], default=None)
    if best is not None:
        found.boxes[YEAR_CELL] = best[2]
        found.known.add(best[2])


def _year_rank(found: LabelMatch, words: Vocabulary, box: Box, text: str) -> int:
    """How surely a text says the form's year: a cell of its own most, then its title, then a heading; 0 for none."""
    if _OWN_YEAR.fullmatch(label_key(text)):
        return 3 * (box not in found.known)
    if not YEAR.search(text) or re.search(r"年\s*\d+\s*月", text):
        return 0
    return 2 if any(title in label_key(text) for title in words.titles) else 1
