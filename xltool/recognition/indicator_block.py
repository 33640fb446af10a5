"""Read the indicator block of a form by its labels: heads in one line or two, levels, rows, and other lines."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

from xltool.form.blocks import GRADE_CELL, LEVEL_COLUMNS, Level1, Level2
from xltool.form.places import SingleCell
from xltool.recognition.label_match import LabelMatch, Level
from xltool.recognition.labelled_sheet import LabelledText
from xltool.workbook.box import Box

#: The weight of heads of the indicator block, which distinguish the families of forms best.
_HEAD_WEIGHT = 2

#: The number of blank rows that end an indicator block without a total.
_BLANK_ROWS = 40

#: The most lines that a head is merged over.
_MOST_LINES = 3

#: After this many blank rows, only levels or heads continue the block.
_GAP = 2

#: The least number of known heads in a row between indicators for a repeated head row.
_HEADS_AGAIN = 3

#: The beginnings of lines that are not indicators: notes and signatures.
_NOTE = re.compile(
    r"^[(（]?(?:注|备注|说明|附注|(?:填表|填报|评分|有关|相关)说明)[)）]?(?:[:：、.\d]|$)"
    r"|^(?:填表人|填报人|制表|审核人|复核人|经办人|负责人|(?:单位|项目|财务|部门)负责人|主要领导|分管领导|联系人|联系电话|"
    r"填报日期|填表日期|[(（]?(?:单位)?[(（]?(?:盖章|公章)|签字|第\d+页)"
)
#: The head of a column of serial numbers.
_SERIAL = "序号"
_FIGURE = re.compile(r"[-+]?[\d,.]+%?")
#: Longer texts, in characters, are not titles.
_LONGEST_TITLE = 40
_YEAR_ALONE = re.compile(r"[(]?(?:19|20)\d\d年度?[)]?")
_SUBTOTAL = re.compile(r"(?:^|\D)小计(?:[(].*[)])?$|^分值小计|^得分小计")


# ── heads ───────────────────────────────────────────────────────


def read_heads(match: LabelMatch, row: int) -> int:
    """Find the columns.

    Args:
        match: receives the results.
        row: the row with the most heads.

    Returns:
        The last row of the heads, which may take two lines, with one head over several.
    """
    columns = [name for name in match.form.columns if not match.form.columns[name].helper]
    match.expected_weight += _HEAD_WEIGHT * len(columns)
    heads, last = _head_texts(match, row)
    for item in heads:
        box, text, name = item.box, item.text, item.column
        over = any(_is_over(box, other.box) for other in heads)
        if item.key in match.sheet.words.helper_heads:
            match.known_boxes.add(Box(box.sheet, 1, box.left, max(match.page.rows), box.right))
        elif name is not None and name not in match.heads:
            match.heads[name] = box
            match.count_found(box, text, _HEAD_WEIGHT)
        elif item.is_side or (over and name is not None) or _covers_known(match, box, heads):
            match.known_boxes.add(box)
            if item.key == _SERIAL:
                match.known_boxes.add(Box(box.sheet, box.top, box.left, max(match.page.rows), box.right))
            match.side_heads += [box] if item.is_side and box.left > _first_column(heads) else []
        elif not _FIGURE.fullmatch(item.key):
            match.count_unknown(text, _HEAD_WEIGHT)
            match.unread_heads.append(box)
    order = [columns.index(name) for name in sorted(match.heads, key=lambda name: match.heads[name].left)]
    match.unknown_weight += sum(
        left > right for left, right in itertools.pairwise(order)
    )  # 分值 may precede the target
    return last


def _first_column(heads: list[LabelledText]) -> int:
    """The column of the first known head; heads on its left are serial numbers or titles."""
    return min(item.box.left for item in heads if item.column is not None)


def _head_texts(match: LabelMatch, row: int) -> tuple[list[LabelledText], int]:
    """The heads, the lowest first, and their last row."""
    rows = match.sheet.rows
    heads = list(rows[row])
    above = [
        item
        for top in range(row - _MOST_LINES + 1, row)
        for item in rows.get(top, ())
        if row <= item.box.bottom < row + _MOST_LINES or (item.box.bottom == row - 1 and _is_group(item.box, heads))
    ]
    tall = [item.box.bottom for item in (*heads, *above) if not item.is_side]
    last = max((bottom for bottom in tall if bottom < row + _MOST_LINES), default=row)
    if last == row and _is_second_line(match, row + 1):
        last = row + 1
    below = [item for top in range(row + 1, last + 1) for item in rows.get(top, ())]
    left = min((item.box.left for item in heads if item.column), default=1)
    below = [item for item in below if item.box.left >= left and not item.is_level]
    return sorted([*above, *heads, *below], key=lambda item: (-item.box.top, item.box.left)), last


def _is_second_line(match: LabelMatch, row: int) -> bool:
    """Whether a row is a second line of heads: at least two of its texts are heads, and none is a level."""
    line = match.sheet.rows.get(row, [])
    names = {item.column for item in line} - {None}
    return len(names) >= 2 and not any(item.is_level for item in line)


def _is_over(box: Box, other: Box) -> bool:
    """Whether a head is above another and spans it."""
    return box.bottom < other.top and box.left <= other.left and other.right <= box.right and box.merged


def _is_group(box: Box, heads: list[LabelledText]) -> bool:
    """Whether a text above heads is only their common title: 指标情况 over 年度指标值 and 实际完成值."""
    under = [item.column for item in heads if _is_over(box, item.box)]
    return len(under) > 1 and None not in under and box.left >= min(item.box.left for item in heads)


def _covers_known(match: LabelMatch, box: Box, heads: list[LabelledText]) -> bool:
    """Whether a head is only the common title of known heads."""
    return any(_is_over(box, item.box) and item.box in match.known_boxes for item in heads)


# ── rows ────────────────────────────────────────────────────────


def read_rows(match: LabelMatch, head: int) -> None:
    """Find the rows of indicators, each with its second level.

    Args:
        match: receives the results.
        head: the last row of the heads.
    """
    match.expected_weight += len(match.form.level1)  # second levels are optional
    _Rows(match, head).read()


class _Rows:
    """Reads the rows from top to bottom, keeping the current levels."""

    def __init__(self, match: LabelMatch, head: int) -> None:
        self.match, self.head, self.page, self.sheet = match, head, match.page, match.sheet
        self.level1: Level1 | None = None
        self.level2: Level2 | None = None
        self.seen: set[str] = set()
        self.noted = False
        self.other: tuple[Box, str] | None = None
        self.foreign: tuple[Box, str] | None = None

    def read(self) -> None:
        """Read all rows up to the total."""
        last = self.head
        for row in range(self.head + 1, max(self.sheet.rows, default=self.head) + 1):
            texts = self.sheet.rows.get(row, [])
            if (
                is_other_block(texts)
                or row > last + _BLANK_ROWS
                or (self._is_total(texts) and not self._has_more_levels(row))
            ):
                break
            if texts and row > last + _GAP and not self._resumes(texts):
                break
            last = row if texts else last
            if not self._is_no_indicator(texts):
                self._read_levels(row)
                self._keep(row)

    def _resumes(self, texts: Sequence[LabelledText]) -> bool:
        """Whether the block continues after blank rows: with levels, or with its heads."""
        return any(item.is_level for item in texts) or self._is_repeated_heads(texts)

    # ── rows that are not indicators ──

    def _is_total(self, texts: Sequence[LabelledText]) -> bool:
        return any(item.is_total for item in self._left_texts(texts))

    def _left_texts(self, texts: Sequence[LabelledText]) -> list[LabelledText]:
        """The texts in the columns of levels and names."""
        levels = self.match.heads.get("level3") or next(iter(self.match.heads.values()))
        return [item for item in texts if item.box.left <= levels.left]

    def _has_more_levels(self, row: int) -> bool:
        """Whether first levels follow below, so that a total is only that of a part."""
        return any(
            item.box.top > row and item.level1 is not None
            for line in range(row + 1, row + _BLANK_ROWS)
            for item in self.sheet.rows.get(line, [])
            if (head := self.match.heads.get("level1")) is not None and item.box.left == head.left
        )

    def _is_no_indicator(self, texts: Sequence[LabelledText]) -> bool:
        """Whether a row is a line, a note, a signature, the total of a part, or repeated heads."""
        if not texts:
            return True
        if _is_line(self.match, texts) or self._is_total(texts):
            return True
        if any(_SUBTOTAL.search(item.key) for item in self._left_texts(texts)):
            self.match.known_boxes |= {item.box for item in texts}
            return True
        if self._is_repeated_heads(texts) or self._is_repeated_heading(texts) or self._is_repeated_title(texts):
            self.match.known_boxes |= {item.box for item in texts}
            return True
        if self._is_note(texts):
            self.noted = True
            return True
        self.noted = self.noted and not any(item.is_level for item in texts)
        return self.noted

    def _is_repeated_heads(self, texts: Sequence[LabelledText]) -> bool:
        heads = self.match.heads
        same = sum(item.column in heads and heads[item.column].left == item.box.left for item in texts)
        return same >= _HEADS_AGAIN

    def _is_repeated_heading(self, texts: Sequence[LabelledText]) -> bool:
        """Whether a row repeats the heading above the heads, as on a new page with the project's name."""
        first = texts[0].field
        if first is None or self.match.form.fields[first].block != self.match.form.heading_block:
            return False
        above = {item.text for row, line in self.sheet.rows.items() if row < self.head for item in line}
        return all(item.field is not None or item.text in above for item in texts)

    def _is_repeated_title(self, texts: Sequence[LabelledText]) -> bool:
        """Whether a row is only the form's title, or its year, as on a new page."""
        first = texts[0]
        is_title = len(first.key) <= _LONGEST_TITLE and first.is_title
        return len(texts) == 1 and (is_title or _YEAR_ALONE.fullmatch(first.key) is not None)

    def _is_note(self, texts: Sequence[LabelledText]) -> bool:
        others = [item for item in texts if not item.is_level]
        if not others:
            return False
        box, text = others[0].box, others[0].text
        names = [name for name, head in self.match.heads.items()
                 if name not in LEVEL_COLUMNS and box.left <= head.left <= box.right]  # fmt: skip
        if box.right > box.left and len(names) >= _HEADS_AGAIN:
            return True
        head = self.match.heads.get("level3")
        before = head is not None and box.left < head.left
        return (before or len(others) == 1) and _NOTE.match("".join(text.split())) is not None

    # ── levels ──

    def _read_levels(self, row: int) -> None:
        match = self.match
        level = self._level_text(row, "level1")
        if level is not None and level.text:
            self._read_level1(level)
        level = self._level_text(row, "level2")
        level2 = self._read_level2(level)
        if level2 is not None and self.level1 is not None and level2 not in self.level1.level2:
            strayed = (match.groups[level2.id], level2.label, self.level1.label)
            match.misplaced_level2 += [strayed] if strayed not in match.misplaced_level2 else []
        if level2 or (level and level.text):
            self.level2, self.other = level2, (level.box, level.text) if level and not level2 else None

    def _read_level1(self, level: LabelledText) -> None:
        match, box, text = self.match, level.box, level.text
        level1 = next((level1 for level1 in match.form.level1 if level1.id == level.level1), None)
        if level1 is None:
            if text not in match.unknown_level1:
                match.unknown_level1.append(text)
                match.unread_labels.append(text)
        elif level1.id not in self.seen:
            self.seen.add(level1.id)
            match.count_found(box, text)
        else:
            match.known_boxes.add(box)
        if level1 is None or level1 is not self.level1:
            self.level2 = self.other = None
        self.level1, self.foreign = level1, None if level1 else (box, text)

    def _read_level2(self, level: LabelledText | None) -> Level2 | None:
        """The second level in a row, or the only one of its first level."""
        name = level.level2 if level is not None and level.text else None
        if name is None and self.level1 is not None:
            name = self._likely_level2(self.level1, level)
        if level is not None and name is not None:
            if level.text:
                self.match.known_boxes.add(level.box)
            self.match.groups.setdefault(name, level.box)
        return self.match.form.level2[name] if name else None

    def _likely_level2(self, level1: Level1, level: LabelledText | None) -> str | None:
        """The second level for rows with another name; None if the one above continues."""
        if level is None or not level.text:
            return level1.level2[0].id if len(level1.level2) == 1 else None
        stems = [(stem, level2.id) for level2 in level1.level2 for stem in self.sheet.words.stems.get(level2.id, ())]
        inside = {name for stem, name in stems if stem in level.key}
        return inside.pop() if len(inside) == 1 else None

    def _level_text(self, row: int, level: str) -> LabelledText | None:
        """The text in the column of a level, which may be blank; None if there is no such column."""
        head = self.match.heads.get(level)
        return self.sheet.at(self.page.box(row, head.left)) if head else None

    # ── rows ──

    def _keep(self, row: int) -> None:
        """Keep a row with any contents besides its levels."""
        cells = [self.page.box(row, box.left) for name, box in self.match.heads.items() if name not in LEVEL_COLUMNS]
        if not any(box.top == row and self.page.text(box) for box in cells):
            return
        if self.level2 is None and self.level1 is not None:
            self._keep_under_level1(row, self.level1)
        elif self.level2 is None:
            self.match.unknown_rows.append(row)
        else:
            self.match.rows.append((row, self.level2.id))
            if self.foreign:
                self.match.level1_by_rows.setdefault(self.foreign[1], self.foreign[0])
                self.match.known_boxes.add(self.foreign[0])

    def _keep_under_level1(self, row: int, level1: Level1) -> None:
        """Keep a row under its first level, if its second level is not in the form."""
        level2 = self._level_text(row, "level2")
        box, label = self.other or (level2.box if level2 else self.page.box(row, 1), "")
        group = level1.level2[0]
        if not any(level.label == label and level.level1 == level1.label for level in self.match.levels):
            self.match.levels.append(Level(box, label, level1.label, group.id))
            self.match.unread_labels += [label] if label else []
        self.match.known_boxes |= {box} if label else set()
        self.match.rows.append((row, group.id))


def is_other_block(texts: Sequence[LabelledText]) -> bool:
    """Whether a row is the head of funds or goals; some forms have these below the indicators."""
    funds, goals = {item.fund for item in texts} - {None}, {item.goal for item in texts} - {None}
    columns = {item.column for item in texts} - {None}
    return (len(funds) >= _HEADS_AGAIN or len(goals) > 1) and len(columns) < max(len(funds), len(goals))


def _is_line(match: LabelMatch, texts: Sequence[LabelledText]) -> bool:
    """Whether a row is a line of label and value between the indicators, such as 其他需要说明事项."""
    first = next((item.text for item in texts if item.box.top == item.box.bottom or len(texts) == 1), "")
    name = texts[0].field if texts else None
    if name is None or not first:
        return False
    field = match.form.fields[name]
    return field in match.form.fields_in_lines and field.block != match.form.heading_block


# ── total ───────────────────────────────────────────────────────


def read_total(match: LabelMatch, head: int) -> None:
    """Find the row of the total: the first after the indicators that has its label.

    Args:
        match: receives the results.
        head: the last row of the heads.
    """
    names = [name for name in ("total.weight", "total.score") if name in match.form.fields]
    match.expected_weight += 1
    totals = [(row, item) for row, texts in match.sheet.rows.items() if row > head for item in texts if item.is_total]
    if not totals:
        return
    last = max((row for row, _ in match.rows), default=head)
    row, label = next((total for total in totals if total[0] > last), totals[0])
    match.count_found(label.box, label.text)
    for name in names:
        if (top := match.heads.get(name.partition(".")[2])) is not None:
            match.boxes[SingleCell(name)] = match.page.box(row, top.left)
    grade = match.form.fields.get(GRADE_CELL.name)
    for item in match.sheet.rows[row]:
        word = item.key.removeprefix("自评").removeprefix("等级")
        if grade is not None and word in grade.choices:
            match.boxes[GRADE_CELL] = item.box
            match.inline_values[GRADE_CELL] = word
