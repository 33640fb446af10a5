"""The indicator block of a form by its labels: heads in one line or two, levels, rows, and what is no indicator."""

from __future__ import annotations

import itertools
import re

from xltool.form.blocks import GRADE_CELL
from xltool.form.definition import LEVEL_COLUMNS, Level1, Level2
from xltool.form.places import SingleCell
from xltool.recognition.label_match import LabelMatch, Level
from xltool.recognition.labels import Vocabulary, is_side, is_total, label_key, label_meaning
from xltool.workbook.box import Box

#: The heads of the indicator block tell the families apart better than anything else.
_HEAD_WEIGHT = 2

#: So many blank rows end an indicator block that has no total.
_BLANK_ROWS = 40

#: Heads are merged over so many lines at most.
_MOST_LINES = 3

#: After so many rows without any text only levels show that the block goes on.
_GAP = 2

#: So many known heads in a row between the indicators make it a row of heads that is printed again.
_HEADS_AGAIN = 3

#: How lines begin that are no indicators: notes, and who signs.
_NOTE = re.compile(
    r"^[(（]?(?:注|备注|说明|附注|(?:填表|填报|评分|有关|相关)说明)[)）]?(?:[:：、.\d]|$)"
    r"|^(?:填表人|填报人|制表|审核人|复核人|经办人|负责人|(?:单位|项目|财务|部门)负责人|主要领导|分管领导|联系人|联系电话|"
    r"填报日期|填表日期|[(（]?(?:单位)?[(（]?(?:盖章|公章)|签字|第\d+页)"
)
#: The head of a column of numbers that say nothing.
_SERIAL = "序号"
_FIGURE = re.compile(r"[-+]?[\d,.]+%?")
#: A longer text is no title.
_LONGEST_TITLE = 40
_YEAR_ALONE = re.compile(r"[(]?(?:19|20)\d\d年度?[)]?")
_SUBTOTAL = re.compile(r"(?:^|\D)小计(?:[(].*[)])?$|^分值小计|^得分小计")


# ── heads ───────────────────────────────────────────────────────


def read_heads(found: LabelMatch, words: Vocabulary, row: int) -> int:
    """Find the columns.

    Args:
        found: what is filled.
        words: the form's.
        row: the row in which most heads stand.

    Returns:
        The last row of the heads: they may take two lines, one head over several.
    """
    columns = [name for name in found.form.columns if not found.form.columns[name].helper]
    found.wanted += _HEAD_WEIGHT * len(columns)
    heads, last = _head_boxes(found, words, row)
    for box, text in heads:
        name = label_meaning(text, words.columns)
        over = any(_is_over(box, other) for other, _ in heads)
        if label_key(text) in words.beside:
            found.known.add(Box(box.sheet, 1, box.left, max(found.page.rows), box.right))
        elif name is not None and name not in found.heads:
            found.heads[name] = box
            found.meet(box, text, _HEAD_WEIGHT)
        elif is_side(text, words) or (over and name is not None) or _covers_known(found, box, heads):
            found.known.add(box)
            if label_key(text) == _SERIAL:
                found.known.add(Box(box.sheet, box.top, box.left, max(found.page.rows), box.right))
            found.side_heads += [box] if is_side(text, words) and box.left > _first(words, heads) else []
        elif not _FIGURE.fullmatch(label_key(text)):
            found.miss(text, _HEAD_WEIGHT)
            found.unread_heads.append(box)
    order = [columns.index(name) for name in sorted(found.heads, key=lambda one: found.heads[one].left)]
    found.strange += sum(left > right for left, right in itertools.pairwise(order))  # 分值 may precede the target
    return last


def _first(words: Vocabulary, heads: list[tuple[Box, str]]) -> int:
    """The column of the first head that the form has: what stands left of it is a number or a title."""
    return min(box.left for box, text in heads if label_meaning(text, words.columns) is not None)


def _head_boxes(found: LabelMatch, words: Vocabulary, row: int) -> tuple[list[tuple[Box, str]], int]:
    """The heads, the lowest first, and their last row."""
    page = found.page
    heads = list(page.rows[row])
    above = [
        one
        for top in range(row - _MOST_LINES + 1, row)
        for one in page.rows.get(top, ())
        if row <= one[0].bottom < row + _MOST_LINES or (one[0].bottom == row - 1 and _is_group(one[0], heads, words))
    ]
    tall = [box.bottom for box, text in (*heads, *above) if not is_side(text, words)]
    last = max((bottom for bottom in tall if bottom < row + _MOST_LINES), default=row)
    if last == row and _is_second_line(found, words, row + 1):
        last = row + 1
    below = [one for top in range(row + 1, last + 1) for one in page.rows.get(top, ())]
    left = min((box.left for box, text in heads if label_meaning(text, words.columns)), default=1)
    below = [one for one in below if one[0].left >= left and not _is_level(one, words)]
    return sorted([*above, *heads, *below], key=lambda one: (-one[0].top, one[0].left)), last


def _is_second_line(found: LabelMatch, words: Vocabulary, row: int) -> bool:
    """Whether a row says more of the heads above it: some of its texts are heads, and none of them a level."""
    line = found.page.rows.get(row, [])
    named = {label_meaning(text, words.columns) for _, text in line} - {None}
    return len(named) >= 2 and not any(_is_level(one, words) for one in line)


def _is_level(one: tuple[Box, str], words: Vocabulary) -> bool:
    return label_meaning(one[1], words.level1) is not None or label_meaning(one[1], words.level2) is not None


def _is_over(box: Box, other: Box) -> bool:
    """Whether a head stands over another and spans it."""
    return box.bottom < other.top and box.left <= other.left and other.right <= box.right and box.merged


def _is_group(box: Box, heads: list[tuple[Box, str]], words: Vocabulary) -> bool:
    """Whether a text above the heads is but the common title of some: 指标情况 over 年度指标值 and 实际完成值."""
    under = [label_meaning(text, words.columns) for other, text in heads if _is_over(box, other)]
    return len(under) > 1 and None not in under and box.left >= min(other.left for other, _ in heads)


def _covers_known(found: LabelMatch, box: Box, heads: list[tuple[Box, str]]) -> bool:
    """Whether a head is but the common title of heads that are known."""
    return any(_is_over(box, other) and other in found.known for other, _ in heads)


# ── rows ────────────────────────────────────────────────────────


def read_rows(found: LabelMatch, words: Vocabulary, head: int) -> None:
    """Find the rows of indicators, each with its second level.

    Args:
        found: what is filled.
        words: the form's.
        head: the last row of the heads.
    """
    found.wanted += len(found.form.level1)  # of second levels any may be missing
    _Rows(found, words, head).read()


class _Rows:
    """Goes through the rows from above, with the levels that hold where it is."""

    def __init__(self, found: LabelMatch, words: Vocabulary, head: int) -> None:
        self.found, self.words, self.head, self.page = found, words, head, found.page
        self.level1: Level1 | None = None
        self.level2: Level2 | None = None
        self.seen: set[str] = set()
        self.noted = False
        self.other: tuple[Box, str] | None = None
        self.foreign: tuple[Box, str] | None = None

    def read(self) -> None:
        """Read every row up to the total."""
        last = self.head
        for row in range(self.head + 1, max(self.page.rows, default=self.head) + 1):
            boxes = self.page.rows.get(row, [])
            if (
                is_other_block(boxes, self.words)
                or row > last + _BLANK_ROWS
                or (self._is_total(boxes) and not self._goes_on(row))
            ):
                break
            if boxes and row > last + _GAP and not self._begins_again(boxes):
                break
            last = row if boxes else last
            if not self._is_no_indicator(boxes):
                self._levels(row)
                self._keep(row)

    def _begins_again(self, boxes: list[tuple[Box, str]]) -> bool:
        """Whether the block goes on behind rows that are blank: with levels, or with its heads."""
        return any(_is_level(one, self.words) for one in boxes) or self._is_heads_again(boxes)

    # ── what is no indicator ──

    def _is_total(self, boxes: list[tuple[Box, str]]) -> bool:
        return any(is_total(text, self.words) for text in self._left(boxes))

    def _left(self, boxes: list[tuple[Box, str]]) -> list[str]:
        """What stands in the columns of the levels and names."""
        levels = self.found.heads.get("level3") or next(iter(self.found.heads.values()))
        return [text for box, text in boxes if box.left <= levels.left]

    def _goes_on(self, row: int) -> bool:
        """Whether first levels follow below: then a total is but that of a part."""
        return any(
            box.top > row and label_meaning(text, self.words.level1) is not None
            for line in range(row + 1, row + _BLANK_ROWS)
            for box, text in self.page.rows.get(line, [])
            if (head := self.found.heads.get("level1")) is not None and box.left == head.left
        )

    def _is_no_indicator(self, boxes: list[tuple[Box, str]]) -> bool:
        """Whether a row is a line, a note, a signature, a part's total, or heads printed again."""
        if not boxes:
            return True
        if _is_line(self.found, self.words, boxes) or self._is_total(boxes):
            return True
        if any(_SUBTOTAL.search(label_key(text)) for text in self._left(boxes)):
            self.found.known |= {box for box, _ in boxes}
            return True
        if self._is_heads_again(boxes) or self._is_heading_again(boxes) or self._is_title_again(boxes):
            self.found.known |= {box for box, _ in boxes}
            return True
        if self._is_note(boxes):
            self.noted = True
            return True
        self.noted = self.noted and not any(_is_level(one, self.words) for one in boxes)
        return self.noted

    def _is_heads_again(self, boxes: list[tuple[Box, str]]) -> bool:
        names = [label_meaning(text, self.words.columns) for _, text in boxes]
        same = sum(name is not None and self.found.heads[name].left == box.left
                   for name, (box, _) in zip(names, boxes, strict=True) if name in self.found.heads)  # fmt: skip
        return same >= _HEADS_AGAIN

    def _is_heading_again(self, boxes: list[tuple[Box, str]]) -> bool:
        """Whether a row says what stands above the heads already: a page begins with the project's name."""
        names = [label_meaning(text, self.words.fields) for _, text in boxes]
        fields = self.found.form.fields
        if names[0] is None or fields[names[0]].section != "head":
            return False
        above = {text for row, line in self.page.rows.items() if row < self.head for _, text in line}
        return all(name is not None or text in above for name, (_, text) in zip(names, boxes, strict=True))

    def _is_title_again(self, boxes: list[tuple[Box, str]]) -> bool:
        """Whether a page begins with the form's title, or its year, alone in its row."""
        text = label_key(boxes[0][1])
        titled = len(text) <= _LONGEST_TITLE and any(one in text for one in self.words.titles)
        return len(boxes) == 1 and (titled or _YEAR_ALONE.fullmatch(text) is not None)

    def _is_note(self, boxes: list[tuple[Box, str]]) -> bool:
        own = [one for one in boxes if not _is_level(one, self.words)]
        if not own:
            return False
        box, text = own[0]
        names = [name for name, head in self.found.heads.items()
                 if name not in LEVEL_COLUMNS and box.left <= head.left <= box.right]  # fmt: skip
        if box.right > box.left and len(names) >= _HEADS_AGAIN:
            return True
        head = self.found.heads.get("level3")
        before = head is not None and box.left < head.left
        return (before or len(own) == 1) and _NOTE.match("".join(text.split())) is not None

    # ── levels ──

    def _levels(self, row: int) -> None:
        found = self.found
        box = self._level_box(row, "level1")
        text = self.page.text(box) if box else ""
        if box is not None and text:
            self._first(box, text, label_meaning(text, self.words.level1))
        box = self._level_box(row, "level2")
        text = self.page.text(box) if box else ""
        two = self._second(box, text)
        if two is not None and self.level1 is not None and two not in self.level1.level2:
            strayed = (found.groups[two.id], two.label, self.level1.label)
            found.strayed += [strayed] if strayed not in found.strayed else []
        if two or text:
            self.level2, self.other = two, (box, text) if box and not two else None

    def _first(self, box: Box, text: str, name: str | None) -> None:
        found = self.found
        one = next((one for one in found.form.level1 if one.id == name), None)
        if one is None:
            if text not in found.unknown_level1:
                found.unknown_level1.append(text)
                found.unread.append(text)
        elif one.id not in self.seen:
            self.seen.add(one.id)
            found.meet(box, text)
        else:
            found.known.add(box)
        if one is None or one is not self.level1:
            self.level2 = self.other = None
        self.level1, self.foreign = one, None if one else (box, text)

    def _second(self, box: Box | None, text: str) -> Level2 | None:
        """The second level that is printed in a row, or the only one that its first level has."""
        name = label_meaning(text, self.words.level2) if text else None
        if name is None and self.level1 is not None:
            name = self._likely(self.level1, text)
        if box is not None and name is not None:
            if text:
                self.found.known.add(box)
            self.found.groups.setdefault(name, box)
        return self.found.form.level2[name] if name else None

    def _likely(self, level1: Level1, text: str) -> str | None:
        """The second level as which the rows of another name are read; None where the one above goes on."""
        if not text:
            return level1.level2[0].id if len(level1.level2) == 1 else None
        stems = [(stem, one.id) for one in level1.level2 for stem in self.words.stems.get(one.id, ())]
        inside = {name for stem, name in stems if stem in label_key(text)}
        return inside.pop() if len(inside) == 1 else None

    def _level_box(self, row: int, level: str) -> Box | None:
        head = self.found.heads.get(level)
        return self.page.box(row, head.left) if head else None

    # ── rows ──

    def _keep(self, row: int) -> None:
        """Keep a row that holds anything but its levels."""
        cells = [self.page.box(row, box.left) for name, box in self.found.heads.items() if name not in LEVEL_COLUMNS]
        if not any(box.top == row and self.page.text(box) for box in cells):
            return
        if self.level2 is None and self.level1 is not None:
            self._unknown_level(row, self.level1)
        elif self.level2 is None:
            self.found.unknown_rows.append(row)
        else:
            self.found.rows.append((row, self.level2.id))
            if self.foreign:
                self.found.level1_by_rows.setdefault(self.foreign[1], self.foreign[0])
                self.found.known.add(self.foreign[0])

    def _unknown_level(self, row: int, level1: Level1) -> None:
        """Keep a row under its first level, whose second level is none of the form's."""
        box, label = self.other or (self._level_box(row, "level2") or self.page.box(row, 1), "")
        group = level1.level2[0]
        if not any(one.label == label and one.level1 == level1.label for one in self.found.levels):
            self.found.levels.append(Level(box, label, level1.label, group.id))
            self.found.unread += [label] if label else []
        self.found.known |= {box} if label else set()
        self.found.rows.append((row, group.id))


def is_other_block(boxes: list[tuple[Box, str]], words: Vocabulary) -> bool:
    """Whether a row heads the funds or the goal: some forms print them below the indicators."""
    funds = {label_meaning(text, words.funds) for _, text in boxes} - {None}
    goals = {label_meaning(text, words.goals) for _, text in boxes} - {None}
    columns = {label_meaning(text, words.columns) for _, text in boxes} - {None}
    return (len(funds) >= _HEADS_AGAIN or len(goals) > 1) and len(columns) < max(len(funds), len(goals))


def _is_line(found: LabelMatch, words: Vocabulary, boxes: list[tuple[Box, str]]) -> bool:
    """Whether a row is a line of label and value between the indicators, such as 其他需要说明事项."""
    first = next((text for box, text in boxes if box.top == box.bottom or len(boxes) == 1), "")
    name = label_meaning(boxes[0][1], words.fields) if boxes else None
    return name is not None and bool(first) and found.form.fields[name].section in ("between", "foot")


# ── total ───────────────────────────────────────────────────────


def read_total(found: LabelMatch, words: Vocabulary, head: int) -> None:
    """Find the total's row: the last one that is called so.

    Args:
        found: what is filled.
        words: the form's.
        head: the last row of the heads.
    """
    names = [name for name in ("total.weight", "total.score") if name in found.form.fields]
    found.wanted += 1
    totals = [(row, box, text) for row, boxes in found.page.rows.items() if row > head for box, text in boxes
              if is_total(text, words)]  # fmt: skip
    if not totals:
        return
    last = max((row for row, _ in found.rows), default=head)
    row, box, text = next((one for one in totals if one[0] > last), totals[0])
    found.meet(box, text)
    for name in names:
        if (top := found.heads.get(name.partition(".")[2])) is not None:
            found.boxes[SingleCell(name)] = found.page.box(row, top.left)
    grade = found.form.fields.get(GRADE_CELL.name)
    for box, text in found.page.rows[row]:
        word = label_key(text).removeprefix("自评").removeprefix("等级")
        if grade is not None and word in grade.choices:
            found.boxes[GRADE_CELL] = box
            found.inline[GRADE_CELL] = word
