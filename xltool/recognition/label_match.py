"""The result of matching the labels on a sheet with a form, and how much of the sheet was recognised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from xltool.form.blocks import LEVEL_COLUMNS, Matrix, Table
from xltool.form.definition import Form
from xltool.form.places import FixedRowCell, Place, SingleCell
from xltool.recognition.labelled_sheet import LabelledSheet
from xltool.recognition.labels import label_key
from xltool.recognition.sheet_view import SheetView
from xltool.result.roles import ACTUAL, CODE, DEPARTMENT, SCORE, SUBJECT, TARGET, UNIT
from xltool.workbook.box import Box

#: The money unit in a text: 「项目资金（万元）」, 「单位：元」.
MONEY_UNIT = re.compile(
    r"[(（]\s*(?:单位\s*[:：]?)?\s*(?:人民币)?\s*(万元|元)\s*[)）]|单位\s*[:：]\s*(?:人民币)?\s*(万元|元)"
)
_CHANGED = re.compile("(?:调整|变更|修正).*(?:指标|目标)值")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年")

#: The cells and columns that only people fill in: points and years may be part of a blank form.
_FILLED, _VALUES = (SUBJECT, DEPARTMENT, UNIT, CODE), (TARGET, ACTUAL, SCORE)


@dataclass(frozen=True)
class UnreadLine:
    """A row of a matrix that is not in the form.

    Attributes:
        block: the key of the matrix.
        box: the box of its label.
        label: the text of the label.
        contents: the texts in the form's columns, by column.
        boxes: their boxes.
    """

    block: str
    box: Box
    label: str
    contents: dict[str, str]
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Level:
    """A second level that is not in the form, or has no label.

    Attributes:
        box: its box, or where it should be.
        label: its text; "" if there is none.
        level1: the first level that it is under.
        group: the second level as which its rows are read.
    """

    box: Box
    label: str
    level1: str
    group: str


@dataclass
class LabelMatch:
    """The labels of a form that were found on a sheet; filled while the sheet is read.

    Attributes:
        form: the form.
        sheet: the sheet, or a part of it, with its texts labelled.
        boxes: single fields, and cells of matrices, by place.
        inline_values: values that follow their label in one cell, by place.
        heads: the heads of columns, by the key of their matrix or table; of those that were found.
        head_lines: the first and last row of these heads.
        rows: the filled rows of tables with their group, in order.
        groups: the boxes of labels of groups.
        known_boxes: boxes of labels, and of lines without contents.
        expected_weight: the weight of the labels in the form.
        discounted_weight: the weight of the labels found, synonyms counting for less than own labels.
        found_weight: the weight of the labels found, own labels and synonyms alike.
        unknown_weight: the weight of heads and labels that are not in the form.
        unread_labels: the labels that were not recognised, in reading order.
        unread_heads: the heads among them, with the key of their matrix or table.
        side_heads: heads of columns without a meaning of their own, such as remarks, with the key of their table.
        unread_lines: rows of matrices that are not in the form.
        levels: second levels that are not in the form; their rows are read.
        level1_by_rows: first levels that are not in the form, with rows read by their second level, and their boxes.
        misplaced_level2: second levels under a first level that is not theirs: the box, and both labels.
        unknown_level1: first levels that are not in the form, with the key of their table.
        unknown_rows: rows of tables that belong to no group, with the key of their table.
        cells, lost_cells: the number of filled cells read in matrices, and of those in rows or columns that the form
            does not have.
        stray_texts: the number of texts between the blocks that are neither labels nor values of the form.
        other_funds: whether there are amounts, but no head of the form's amounts.
    """

    form: Form
    sheet: LabelledSheet
    boxes: dict[Place, Box] = field(default_factory=dict)
    inline_values: dict[Place, str] = field(default_factory=dict)
    heads: dict[str, dict[str, Box]] = field(default_factory=dict)
    head_lines: dict[str, tuple[int, int]] = field(default_factory=dict)
    rows: list[tuple[int, str]] = field(default_factory=list)
    groups: dict[str, Box] = field(default_factory=dict)
    known_boxes: set[Box] = field(default_factory=set)
    unread_labels: list[str] = field(default_factory=list)
    unread_heads: dict[Box, str] = field(default_factory=dict)
    side_heads: dict[Box, str] = field(default_factory=dict)
    unread_lines: list[UnreadLine] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    misplaced_level2: list[tuple[Box, str, str]] = field(default_factory=list)
    unknown_level1: dict[str, str] = field(default_factory=dict)
    level1_by_rows: dict[str, Box] = field(default_factory=dict)
    unknown_rows: dict[int, str] = field(default_factory=dict)
    expected_weight: float = 0
    discounted_weight: float = 0
    found_weight: float = 0
    unknown_weight: float = 0
    cells: int = 0
    lost_cells: int = 0
    stray_texts: int = 0
    other_funds: bool = False

    @property
    def page(self) -> SheetView:
        """The sheet as people see it."""
        return self.sheet.page

    # ── how well it fits ────────────────────────────────────────

    @property
    def fit(self) -> float:
        """The agreement of form and sheet, from 0 to 1: the share of labels, on either side, that match."""
        return min(
            1, 2 * self.discounted_weight / max(1, self.expected_weight + self.found_weight + self.unknown_weight)
        )

    @property
    def recognised_share(self) -> float:
        """The share of the sheet that was recognised, from 0 to 1: labels, rows and cells of every block."""
        lost = self.unknown_weight + len(self.unknown_rows) + self.lost_cells / 2 + len(self.unknown_level1)
        lost += len(self.levels) / 2 + self.stray_texts / 4
        kept = self.found_weight + len(self.rows) + self.cells / 2
        return kept / max(1, kept + lost)

    @property
    def confidence(self) -> float:
        """The confidence that this is the form, from 0 to 1: ``fit`` times ``recognised_share``."""
        return self.fit * self.recognised_share

    @property
    def is_filled(self) -> bool:
        """Whether anything is filled in: a row of a table, a cell of a matrix, a text below its head, or a name."""
        names = {place for role in _FILLED if (place := self.form.place(role)) is not None}
        names |= {SingleCell(each.name) for each in self.form.fields_below_heads}
        if self.cells or any(self.page.text(box) for place, box in self.boxes.items() if place in names):
            return True
        columns = {self.form.column(role) for role in _VALUES}
        rows = [(row, self.form.groups[group][0]) for row, group in self.rows]
        return any(
            self.page.text(self.page.box(row, head.left))
            for row, key in (*rows, *self.unknown_rows.items())
            for name, head in self.heads[key].items()
            if key != self.form.indicator_table or name in columns
        )

    @property
    def has_points(self) -> bool:
        """Whether there are points: a head of weights or scores in any block."""
        return any(
            self.form.columns_by_block[key][name].kind.name == "points"
            for key, heads in self.heads.items()
            for name in heads
        )

    # ── what was not read ───────────────────────────────────────

    def block(self, key: str) -> Matrix | Table:
        """The matrix or table with a key."""
        return self.form.matrices.get(key) or self.form.tables[key]

    @property
    def missing_columns(self) -> frozenset[tuple[str, str]]:
        """Block and column of the heads that were not found; of cells of totals, the group and their key in it."""
        columns = {
            (key, name)
            for key, of_block in self.form.columns_by_block.items()
            for name, column in of_block.items()
            if not column.helper and name not in (*LEVEL_COLUMNS, *self.heads.get(key, ()))
        }
        above = self.form.columns_of_totals
        columns |= {(cell.block, cell.key) for cell, column in above.items() if column in columns}
        return frozenset(columns)

    @property
    def contested_columns(self) -> frozenset[tuple[str, str]]:
        """Block and column of heads with a second claimant, such as a target that was changed later."""
        target = self.form.column(TARGET)
        changed = any(_CHANGED.search(label_key(self.page.text(box))) for box in self.unread_columns)
        return frozenset({(self.form.indicator_table, target)} if changed and target is not None else ())

    def is_in_unread_part(self, row: int, column: int) -> bool:
        """Whether a cell is in a row or column that is reported as not recognised."""
        if any(line.box.top == row for line in self.unread_lines):
            return True
        heads = any(box.left <= column <= box.right and box.top <= row <= box.bottom for box in self.unread_heads)
        return heads or any(_covers(box, row, column) for boxes in self.unread_columns.values() for box in boxes)

    @cached_property
    def unread_columns(self) -> dict[Box, list[Box]]:
        """The filled boxes below heads that are not in the form, by head."""
        taken = self.known_boxes | set(self.boxes.values())
        unread: dict[Box, list[Box]] = {}
        for head, key in (*self.unread_heads.items(), *self.side_heads.items()):
            cells = [self.page.box(row, column) for row in sorted(self.rows_of(key)) if row > head.bottom
                     for column in range(head.left, head.right + 1)]  # fmt: skip
            filled = [box for box in dict.fromkeys(cells) if self.page.text(box) and box not in taken]
            if filled:
                unread[head] = filled
        return unread

    def rows_of(self, key: str) -> set[int]:
        """The rows of a matrix or table; the lines of totals belong to the indicators."""
        if key in self.form.matrices:
            rows = {box.top for place, box in self.boxes.items()
                    if isinstance(place, FixedRowCell) and place.block == key}  # fmt: skip
            return rows | {line.box.top for line in self.unread_lines if line.block == key}
        rows = {row for row, group in self.rows if self.form.groups[group][0] == key}
        rows |= {row for row, table in self.unknown_rows.items() if table == key}
        if key == self.form.indicator_table:
            rows |= {self.boxes[cell].top for cell in self.form.columns_of_totals if cell in self.boxes}
        return rows

    def contents(self) -> Iterator[Box]:
        """Yield the boxes of rows of tables, except levels, in which people write free text."""
        rows = [(row, self.form.groups[group][0]) for row, group in self.rows]
        for row, key in (*rows, *self.unknown_rows.items()):
            for name, head in self.heads[key].items():
                if name not in LEVEL_COLUMNS:
                    yield self.page.box(row, head.left)

    # ── counting ────────────────────────────────────────────────

    def count_found(self, box: Box, text: str, weight: float = 1) -> None:
        """Count a label that was found."""
        self.known_boxes.add(box)
        is_own = label_key(text) in self.sheet.words.own_labels
        self.discounted_weight += weight * (1 if is_own else 0.9)
        self.found_weight += weight

    def count_unknown(self, text: str, weight: float = 1) -> None:
        """Count a label that was not recognised."""
        self.unknown_weight += weight
        if text and text not in self.unread_labels:
            self.unread_labels.append(text)


def _covers(box: Box, row: int, column: int) -> bool:
    return box.top <= row <= box.bottom and box.left <= column <= box.right
