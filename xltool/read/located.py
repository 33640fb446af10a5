"""Where a form's fields stand on a sheet, found by nothing but the labels printed there.

Nothing is assumed about rows and columns: heads are found by their texts, values beside or below their labels.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from xltool.form.definition import LEVEL_COLUMNS, LINE_BLOCKS, Form, Level1, Level2
from xltool.form.layout import Box
from xltool.form.names import Place
from xltool.read.labels import Vocabulary, key, keys, meaning, vocabulary
from xltool.read.page import Page

#: What tells the money unit: 「项目资金（万元）」, 「单位：元」.
MONEY_UNIT = re.compile(
    r"[(（]\s*(?:单位\s*[:：]?)?\s*(?:人民币)?\s*(万元|元)\s*[)）]|单位\s*[:：]\s*(?:人民币)?\s*(万元|元)"
)
_OWN_YEAR = re.compile(r"[(]?(?:19|20)\d\d(?:年度?)?[)]?")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年")

#: A form's indicator block has at least so many heads that we know.
_LEAST_HEADS = 4

#: The heads of the indicator block tell the families apart better than anything else.
_HEAD_WEIGHT = 2

#: So many blank rows end an indicator block that has no total.
_BLANK_ROWS = 40


@dataclass
class Located:
    """What was found; filled while the sheet is looked through.

    Attributes:
        boxes: single fields, and cells of the fund block, by place.
        inline: values that stand behind their label in one cell, with the place they belong to.
        heads: columns of the indicator block, with their heads.
        rows: rows of the indicator block with content, each with its second level, in order.
        groups: where the label of a second level stands.
        known: boxes that hold labels.
        wanted, met: how many labels the form would have, and how many of them were found, own labels counting more.
        strayed: second levels that stand under a first level that is not theirs: where, and both labels.
        strange: texts in head rows that the form does not know.
    """

    form: Form
    page: Page
    boxes: dict[Place, Box] = field(default_factory=dict)
    inline: dict[Place, str] = field(default_factory=dict)
    heads: dict[str, Box] = field(default_factory=dict)
    rows: list[tuple[int, str]] = field(default_factory=list)
    groups: dict[str, Box] = field(default_factory=dict)
    known: set[Box] = field(default_factory=set)
    unknown_rows: list[int] = field(default_factory=list)
    strayed: list[tuple[Box, str, str]] = field(default_factory=list)
    wanted: float = 0
    met: float = 0
    strange: float = 0

    @property
    def fit(self) -> float:
        """How well the form fits, from 0 to 1: the share of labels, the form's and the sheet's, that agree."""
        return min(1, 2 * self.met / max(1, self.wanted + self.met_count + self.strange))

    met_count: float = 0

    def meet(self, box: Box, text: str, weight: float = 1) -> None:
        """Count a label that was found."""
        self.known.add(box)
        own = key(text) in vocabulary(self.form).own
        self.met += weight * (1 if own else 0.9)
        self.met_count += weight


def locate(form: Form, page: Page) -> Located | None:
    """Find a form's fields; None where there is no indicator block of it."""
    words = vocabulary(form)
    head = _best_row(page, words.columns)
    if head is None or head[1] < _LEAST_HEADS:
        return None
    found = Located(form, page)
    _heads(found, words, head[0])
    found.wanted += len(form.fund_columns) + len(form.fund_rows)
    funds = _best_row(page, words.funds, before=head[0])
    if funds is not None and funds[1] >= 2:
        _funds(found, words, funds[0], head[0])
    _goals(found, words, head[0])
    _indicators(found, words, head[0])
    _total(found, words, head[0])
    _lines(found, words, head[0])
    _heading(found, words, head[0])
    found.known |= {box for box, text in page.texts() if any(one in words.sides for one in keys(text))}
    return found


def heads(page: Page, form: Form) -> list[int]:
    """The rows that head an indicator block; several where several forms stand on one sheet."""
    words = vocabulary(form)
    return [row for row, count in _matches(page, words.columns) if count >= _LEAST_HEADS + 1]


def _matches(page: Page, meanings: dict[str, str] | object) -> Iterator[tuple[int, int]]:
    for row, boxes in page.rows.items():
        found = {name for _, text in boxes if (name := meaning(text, meanings)) is not None}  # type: ignore[arg-type]
        yield row, len(found)


def _best_row(page: Page, meanings: object, before: int = 1 << 30) -> tuple[int, int] | None:
    rows = [(row, count) for row, count in _matches(page, meanings) if count and row < before]
    return max(rows, key=lambda one: one[1], default=None)


def _heads(found: Located, words: Vocabulary, row: int) -> None:
    columns = [name for name in found.form.columns if not found.form.columns[name].beside]
    found.wanted += _HEAD_WEIGHT * len(columns)
    for box, text in found.page.rows[row]:
        name = meaning(text, words.columns)
        if key(text) in words.beside:
            found.known.add(Box(box.sheet, 1, box.left, max(found.page.rows), box.right))
        elif name is None or name in found.heads:
            found.strange += _HEAD_WEIGHT * (key(text) not in words.sides)
            found.known |= {box} if key(text) in words.sides else set()
        else:
            found.heads[name] = box
            found.meet(box, text, _HEAD_WEIGHT)
    order = [columns.index(name) for name in found.heads]
    found.strange += sum(left > right for left, right in itertools.pairwise(order))  # 分值 may precede the target


# ── funds ───────────────────────────────────────────────────────


def _funds(found: Located, words: Vocabulary, head: int, end: int) -> None:
    page = found.page
    columns: dict[str, Box] = {}
    for box, text in page.rows[head]:
        name = meaning(text, words.funds)
        if name is not None and name not in columns:
            columns[name] = box
            found.meet(box, text)
        elif MONEY_UNIT.search(text) or key(text) in words.sides or not columns:
            found.known.add(box)
        else:
            found.strange += 1
    first = min(box.left for box in columns.values())
    rows: set[str] = set()
    for row in range(head + 1, end):
        labels = [(box, text) for box, text in page.rows.get(row, []) if box.left < first and box.top == row]
        if any(meaning(text, words.goals) for _, text in page.rows.get(row, [])):
            break
        source = next(((box, text, name) for box, text in labels if (name := meaning(text, words.sources))), None)
        if source is None or source[2] in rows:
            found.strange += bool(labels and any(box.left < first - 1 for box, _ in labels)) and 0
            continue
        box, text, name = source
        rows.add(name)
        found.meet(box, text)
        for column, top in columns.items():
            found.boxes["funds", name, column] = page.box(row, top.left)


# ── goal ────────────────────────────────────────────────────────


def _goals(found: Located, words: Vocabulary, end: int) -> None:
    goals = found.form.section("goal")
    found.wanted += len(goals)
    best: dict[str, tuple[Box, str]] = {}
    for row, boxes in found.page.rows.items():
        if row >= end:
            break
        here: dict[str, tuple[Box, str]] = {}
        for box, text in reversed(boxes):  # a side label on the left may read like the head beside it
            name = meaning(text, words.goals)
            if name is not None and name not in here and box not in found.known:
                here[name] = (box, text)
        if len(here) > len(best):
            best = here
    for name, (box, text) in best.items():
        found.meet(box, text)
        below, right = found.page.below(box), found.page.right_of(box)
        down = len(best) > 1 or not found.page.text(right)
        found.boxes[tuple(name.split("."))] = below if down and below.top < end else right


# ── indicators ──────────────────────────────────────────────────


def _indicators(found: Located, words: Vocabulary, head: int) -> None:
    page = found.page
    found.wanted += len(found.form.level1)  # of second levels any may be missing
    level1: Level1 | None = None
    level2: Level2 | None = None
    last, seen = head, set()
    for row in range(head + 1, max(page.rows, default=head) + 1):
        boxes = page.rows.get(row, [])
        if _ends(found, words, boxes) or (row > last + _BLANK_ROWS):
            break
        if _is_line(found, words, boxes):
            continue
        one, box1 = _level1(found, words, row)
        if one is not None:
            if box1 is not None and one.id not in seen:
                seen.add(one.id)
                found.meet(box1, page.text(box1))
            level2 = None if level1 is not one else level2
            level1 = one
        two = _level2(found, words, row, level1)
        if two is not None and level1 is not None and two not in level1.level2:
            found.strayed.append((found.groups[two.id], two.label, level1.label))
        level2 = two or level2
        last = row if boxes else last
        _row(found, row, level2 if two or not _has_level_text(found, row) else None)


def _row(found: Located, row: int, level2: Level2 | None) -> None:
    """Keep a row that holds anything but its levels."""
    cells = [found.page.box(row, box.left) for name, box in found.heads.items() if name not in LEVEL_COLUMNS]
    if not any(box.top == row and found.page.text(box) for box in cells):
        return
    if level2 is None:
        found.unknown_rows.append(row)
    else:
        found.rows.append((row, level2.id))


def _level_box(found: Located, row: int, level: str) -> Box | None:
    head = found.heads.get(level)
    return found.page.box(row, head.left) if head else None


def _level1(found: Located, words: Vocabulary, row: int) -> tuple[Level1 | None, Box | None]:
    box = _level_box(found, row, "level1")
    name = meaning(found.page.text(box), words.level1) if box else None
    if box is None or name is None:
        return None, None
    found.known.add(box)
    return next(one for one in found.form.level1 if one.id == name), box


def _level2(found: Located, words: Vocabulary, row: int, level1: Level1 | None) -> Level2 | None:
    box = _level_box(found, row, "level2")
    text = found.page.text(box) if box else ""
    name = meaning(text, words.level2) if text else None
    if name is None and level1 is not None and len(level1.level2) == 1 and not text:
        name = level1.level2[0].id
    if box is not None and name is not None:
        found.known.add(box)
        found.groups.setdefault(name, box)
    return found.form.level2[name] if name else None


def _has_level_text(found: Located, row: int) -> bool:
    """Whether a level is printed in this row that we do not know; a row without any belongs to the one above."""
    box = _level_box(found, row, "level2")
    return bool(box and found.page.text(box))


def _ends(found: Located, words: Vocabulary, boxes: list[tuple[Box, str]]) -> bool:
    levels = found.heads.get("level3") or next(iter(found.heads.values()))
    left = [text for box, text in boxes if box.left <= levels.left]
    return any(not words.totals.isdisjoint((key(text),)) for text in left) or any(
        key(text).startswith(("注1", "备注")) or key(text) == "注" for text in left[:1]
    )


def _is_line(found: Located, words: Vocabulary, boxes: list[tuple[Box, str]]) -> bool:
    """Whether a row is a line of label and value between the indicators, such as 其他需要说明事项."""
    first = next((text for box, text in boxes if box.top == box.bottom or len(boxes) == 1), "")
    name = meaning(boxes[0][1], words.fields) if boxes else None
    return name is not None and bool(first) and found.form.fields[name].section in ("between", "foot")


def _total(found: Located, words: Vocabulary, head: int) -> None:
    names = [name for name in ("total.weight", "total.score") if name in found.form.fields]
    found.wanted += 1
    for row, boxes in found.page.rows.items():
        label = next(((box, text) for box, text in boxes if key(text) in words.totals), None)
        if row <= head or label is None:
            continue
        found.meet(*label)
        for name in names:
            if (top := found.heads.get(name.partition(".")[2])) is not None:
                found.boxes[tuple(name.split("."))] = found.page.box(row, top.left)
        grade = found.form.fields.get("grade")
        for box, text in boxes:
            word = key(text).removeprefix("自评").removeprefix("等级")
            if grade is not None and word in grade.choices:
                found.boxes["grade",] = box
                found.inline["grade",] = word
        return


# ── lines of labels and values ──────────────────────────────────


def _lines(found: Located, words: Vocabulary, head: int) -> None:
    expected = [one for one in found.form.fields.values() if one.section in LINE_BLOCKS and one.label_columns]
    found.wanted += len(expected)
    block = {box.top for box in found.boxes.values()} | {row for row, _ in found.rows}
    for box, text in list(found.page.texts()):
        if box in found.known or (box.top in block and box.top not in _free_rows(found)):
            continue
        name, value = _labelled(words, text)
        if name is None or tuple(name.split(".")) in found.boxes:
            continue
        place: Place = tuple(name.split("."))
        if found.form.fields[name].section == "foot" and box.top < head:
            continue
        found.meet(box, text.partition(":")[0] if value else text)
        if value:
            found.boxes[place], found.inline[place] = box, value
        else:
            found.boxes[place] = _value_box(found, box, words)


def _free_rows(found: Located) -> set[int]:
    """Rows that hold values and may hold labels too."""
    return {box.top for place, box in found.boxes.items() if place[0] not in ("funds", "goal", "indicators")}


def _labelled(words: Vocabulary, text: str) -> tuple[str | None, str]:
    """The field that a text names, and the value behind the label where both are in one cell."""
    name = meaning(text, words.fields)
    if name is not None:
        return name, ""
    label, colon, value = text.replace("：", ":").partition(":")
    name = meaning(label, words.fields) if colon else None
    return name, value.strip() if name else ""


def _value_box(found: Located, label: Box, words: Vocabulary) -> Box:
    """The box of a label's value: the one on the right, or below where that is another label."""
    right = found.page.right_of(label)
    text = found.page.text(right)
    if not text:  # where cells were unmerged, the value stands behind the blank rest of its label
        next_one = next(
            ((box, said) for box, said in found.page.rows.get(label.top, []) if box.left > right.left), None
        )
        if next_one is not None and next_one[0].top == label.top and not _labelled(words, next_one[1])[0]:
            return next_one[0]
    below = found.page.below(label)
    is_label = bool(text) and _labelled(words, text)[0] is not None
    if is_label and found.page.text(below) and _labelled(words, found.page.text(below))[0] is None:
        return below
    return right


def _heading(found: Located, words: Vocabulary, head: int) -> None:
    """Title, year and money unit, wherever they stand."""
    found.wanted += 1
    first = min((box.top for place, box in found.boxes.items() if place[0] in ("funds", "goal")), default=head)
    for box, text in found.page.texts():
        if box.top >= head:
            break
        if any(title in key(text) for title in words.titles) and box not in found.known:
            exact = YEAR.sub("", text).replace("度", "", 1)
            found.meet(box, text if key(text) in words.titles else exact)
        if ("money_unit",) not in found.boxes and MONEY_UNIT.search(text):
            found.boxes["money_unit",] = box
            found.known.add(box)
            unit = MONEY_UNIT.search(text)
            found.met += 0.5 * (unit is not None and found.form.money_unit in unit.groups())
    found.wanted += 0.5
    years = [(_year_rank(found, words, box, text), box.top, box) for box, text in found.page.texts() if box.top < first]
    best = max((one for one in years if one[0]), key=lambda one: one[:2], default=None)
    if best is not None:
        found.boxes["year",] = best[2]
        found.known.add(best[2])


def _year_rank(found: Located, words: Vocabulary, box: Box, text: str) -> int:
    """How surely a text says the form's year: a cell of its own most, then its title, then a heading; 0 for none."""
    if _OWN_YEAR.fullmatch(key(text)):
        return 3 * (box not in found.known)
    if not YEAR.search(text) or re.search(r"年\s*\d+\s*月", text):
        return 0
    return 2 if any(title in key(text) for title in words.titles) else 1
