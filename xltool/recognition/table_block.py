"""Read the rows of a table by its labels: levels, rows, and other lines between them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from xltool.form.blocks import LEVEL_COLUMNS, Level1, Level2
from xltool.recognition.heads import HEADS_OF_OTHERS, is_other_block
from xltool.recognition.label_match import LabelMatch, Level
from xltool.recognition.labelled_sheet import LabelledText
from xltool.workbook.box import Box

#: The number of blank rows that end a table with levels, or without, that has no total.
_BLANK_ROWS, _BLANK_ROWS_WITHOUT_LEVELS = 40, 12

#: After this many blank rows, only levels or heads continue a table with levels.
_GAP = 2

#: The least number of known heads in a row between others for a repeated head row.
_HEADS_AGAIN = HEADS_OF_OTHERS

#: The beginnings of lines that are not rows of a table: notes and signatures.
_NOTE = re.compile(
    r"^[(（]?(?:注|备注|说明|附注|(?:填表|填报|评分|有关|相关)说明)[)）]?(?:[:：、.\d]|$)"
    r"|^(?:填表人|填报人|制表|审核人|复核人|经办人|负责人|(?:单位|项目|财务|部门)负责人|主要领导|分管领导|联系人|联系电话|"
    r"填报日期|填表日期|[(（]?(?:单位)?[(（]?(?:盖章|公章)|签字|第\d+页)"
)
#: Longer texts, in characters, are not titles.
_LONGEST_TITLE = 40
_YEAR_ALONE = re.compile(r"[(]?(?:19|20)\d\d年度?[)]?")
_SUBTOTAL = re.compile(r"(?:^|\D)小计(?:[(].*[)])?$|^分值小计|^得分小计")


def read_table(match: LabelMatch, key: str, stops: Collection[int]) -> None:
    """Find the rows of a table, each with its group.

    Args:
        match: has the heads; receives the results.
        key: the table.
        stops: the rows at which other blocks begin.
    """
    _Rows(match, key, stops).read()


class _Rows:
    """Reads the rows from top to bottom, keeping the current levels."""

    def __init__(self, match: LabelMatch, key: str, stops: Collection[int]) -> None:
        self.match, self.key, self.stops = match, key, stops
        self.page, self.sheet, self.table = match.page, match.sheet, match.form.tables[key]
        self.heads, self.head = match.heads[key], match.head_lines[key][1]
        self.has_levels = bool(self.table.level_columns)
        self.name = match.form.name_column if key == match.form.indicator_table else self.table.row_columns[0]
        self.level1: Level1 | None = None
        self.level2: Level2 | None = None
        self.seen: set[str] = set()
        self.noted = False
        self.other: tuple[Box, str] | None = None
        self.foreign: tuple[Box, str] | None = None
        if not self.has_levels:
            [self.level1] = self.table.level1
            [self.level2] = self.level1.level2

    def read(self) -> None:
        """Read all rows up to the total or the next block."""
        last, most = self.head, _BLANK_ROWS if self.has_levels else _BLANK_ROWS_WITHOUT_LEVELS
        for row in range(self.head + 1, max(self.sheet.rows, default=self.head) + 1):
            texts = self.sheet.rows.get(row, [])
            if (
                row in self.stops
                or is_other_block(self.sheet, self.key, texts)
                or row > last + most
                or (self._is_total(texts) and not self._has_more_levels(row))
            ):
                break
            if texts and row > last + _GAP and not self._resumes(texts):
                break
            last = row if texts else last
            if not self._is_no_row(texts):
                self._read_levels(row)
                self._keep(row)

    def _resumes(self, texts: Sequence[LabelledText]) -> bool:
        """Whether the table continues after blank rows: with levels, or with its heads; without levels it may."""
        return not self.has_levels or any(item.is_level(self.key) for item in texts) or self._is_repeated_heads(texts)

    # ── lines that are not rows ──

    def _is_total(self, texts: Sequence[LabelledText]) -> bool:
        return any(item.total is not None for item in self._left_texts(texts))

    def _left_texts(self, texts: Sequence[LabelledText]) -> list[LabelledText]:
        """The texts in the columns of levels and names."""
        levels = self.heads.get(self.name) or next(iter(self.heads.values()))
        return [item for item in texts if item.box.left <= levels.left]

    def _has_more_levels(self, row: int) -> bool:
        """Whether first levels follow below, so that a total is only that of a part."""
        return any(
            item.box.top > row and item.level1(self.key) is not None
            for line in range(row + 1, row + _BLANK_ROWS)
            for item in self.sheet.rows.get(line, [])
            if (head := self.heads.get("level1")) is not None and item.box.left == head.left
        )

    def _is_no_row(self, texts: Sequence[LabelledText]) -> bool:
        """Whether a line is no row: a label with a value, a note, a signature, a subtotal, or repeated heads."""
        if not texts:
            return True
        if self._is_line(texts) or self._is_total(texts):
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
        self.noted = self.noted and not any(item.is_level(self.key) for item in texts)
        return self.noted

    def _is_line(self, texts: Sequence[LabelledText]) -> bool:
        """Whether it is a line of label and value between the rows, such as 其他需要说明事项."""
        first = next((item.text for item in texts if item.box.top == item.box.bottom or len(texts) == 1), "")
        name = texts[0].field
        if name is None or not first:
            return False
        form = self.match.form
        order = [block.id for block in form.blocks]
        field = form.fields[name]
        is_heading = field.block == form.heading_block and order.index(field.block) < order.index(self.table.id)
        return field in form.fields_in_lines and not is_heading

    def _is_repeated_heads(self, texts: Sequence[LabelledText]) -> bool:
        names = [(item, item.head(self.key)) for item in texts]
        same = sum(name in self.heads and self.heads[name].left == item.box.left for item, name in names if name)
        return same >= min(_HEADS_AGAIN, len(self.heads))

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
        others = [item for item in texts if not item.is_level(self.key)]
        if not others:
            return False
        box, text = others[0].box, others[0].text
        columns = [name for name in self.heads if name not in LEVEL_COLUMNS]
        names = [name for name in columns if box.left <= self.heads[name].left <= box.right]
        if box.right > box.left and len(names) >= max(2, min(_HEADS_AGAIN, len(columns))):
            return True
        head = self.heads.get(self.name)
        before = head is not None and box.left < head.left
        return (before or len(others) == 1) and _NOTE.match("".join(text.split())) is not None

    # ── levels ──

    def _read_levels(self, row: int) -> None:
        if not self.has_levels:
            self.match.groups.setdefault(self.key, next(iter(self.heads.values())))
            return
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
        level1 = next((level1 for level1 in self.table.level1 if level1.id == level.level1(self.key)), None)
        if level1 is None:
            if text not in match.unknown_level1:
                match.unknown_level1[text] = self.key
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
        name = level.level2(self.key) if level is not None and level.text else None
        if name is None and self.level1 is not None:
            name = self._likely_level2(self.level1, level)
        if level is not None and name is not None:
            if level.text:
                self.match.known_boxes.add(level.box)
            self.match.groups.setdefault(name, level.box)
        return self.table.groups[name] if name else None

    def _likely_level2(self, level1: Level1, level: LabelledText | None) -> str | None:
        """The second level for rows with another name; None if the one above continues."""
        if level is None or not level.text:
            return level1.level2[0].id if len(level1.level2) == 1 else None
        stems = [(stem, level2.id) for level2 in level1.level2 for stem in self.sheet.words.stems.get(level2.id, ())]
        inside = {name for stem, name in stems if stem in level.key}
        return inside.pop() if len(inside) == 1 else None

    def _level_text(self, row: int, level: str) -> LabelledText | None:
        """The text in the column of a level, which may be blank; None if there is no such column."""
        head = self.heads.get(level)
        return self.sheet.at(self.page.box(row, head.left)) if head else None

    # ── rows ──

    def _keep(self, row: int) -> None:
        """Keep a row with any contents besides its levels."""
        cells = [self.page.box(row, box.left) for name, box in self.heads.items() if name not in LEVEL_COLUMNS]
        if not any(box.top == row and self.page.text(box) for box in cells):
            return
        if self.level2 is None and self.level1 is not None:
            self._keep_under_level1(row, self.level1)
        elif self.level2 is None:
            self.match.unknown_rows[row] = self.key
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
