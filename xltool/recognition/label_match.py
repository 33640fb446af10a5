"""The result of matching the labels on a sheet with a form, and how much of the sheet was recognised."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from xltool.form.blocks import GOAL, LEVEL_COLUMNS, TOTAL
from xltool.form.definition import Form
from xltool.form.places import FixedRowCell, Place
from xltool.recognition.labelled_sheet import LabelledSheet
from xltool.recognition.labels import label_key
from xltool.recognition.sheet_view import SheetView
from xltool.workbook.box import Box

#: The money unit in a text: 「项目资金（万元）」, 「单位：元」.
MONEY_UNIT = re.compile(
    r"[(（]\s*(?:单位\s*[:：]?)?\s*(?:人民币)?\s*(万元|元)\s*[)）]|单位\s*[:：]\s*(?:人民币)?\s*(万元|元)"
)
_CHANGED = re.compile("(?:调整|变更|修正).*(?:指标|目标)值")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年")

#: The columns of points: a table without any of these heads is not scored.
POINTS = ("weight", "score")

#: The blocks and columns that only people fill in: names and points may be part of a blank form.
_FILLED, _VALUES = ("project", GOAL), ("target", "actual", "score")


@dataclass(frozen=True)
class FundLine:
    """A row of the fund block that is not in the form.

    Attributes:
        box: the box of its label.
        label: the text of the label.
        amounts: the texts in the form's columns, by column.
        boxes: their boxes.
    """

    box: Box
    label: str
    amounts: dict[str, str]
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
        boxes: single fields, and cells of the fund block, by place.
        inline_values: values that follow their label in one cell, by place.
        heads: the heads of columns of the indicator block.
        fund_heads: the heads of columns of the fund block.
        rows: the filled rows of the indicator block with their second level, in order.
        groups: the boxes of labels of second levels.
        known_boxes: boxes of labels, and of lines without contents.
        expected_weight: the weight of the labels in the form.
        discounted_weight: the weight of the labels found, synonyms counting for less than own labels.
        found_weight: the weight of the labels found, own labels and synonyms alike.
        unknown_weight: the weight of heads and labels that are not in the form.
        unread_labels: the labels that were not recognised, in reading order.
        unread_heads: the heads among them.
        side_heads: heads of columns without a meaning of their own, such as remarks.
        unread_lines: rows of the fund block that are not in the form.
        levels: second levels that are not in the form; their rows are read.
        level1_by_rows: first levels that are not in the form, with rows read by their second level, and their boxes.
        misplaced_level2: second levels under a first level that is not theirs: the box, and both labels.
        unknown_level1: first levels that are not in the form.
        unknown_rows: rows of the indicator block that belong to no group.
        amounts, lost_amounts: the number of amounts read in the fund block, and of those in rows or columns that the
            form does not have.
        stray_texts: the number of texts above the indicators that are neither labels nor values of the form.
        other_funds: whether there are amounts above the indicators, but no head of the form's fund block.
    """

    form: Form
    sheet: LabelledSheet
    boxes: dict[Place, Box] = field(default_factory=dict)
    inline_values: dict[Place, str] = field(default_factory=dict)
    heads: dict[str, Box] = field(default_factory=dict)
    fund_heads: dict[str, Box] = field(default_factory=dict)
    rows: list[tuple[int, str]] = field(default_factory=list)
    groups: dict[str, Box] = field(default_factory=dict)
    known_boxes: set[Box] = field(default_factory=set)
    unread_labels: list[str] = field(default_factory=list)
    unread_heads: list[Box] = field(default_factory=list)
    side_heads: list[Box] = field(default_factory=list)
    unread_lines: list[FundLine] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    misplaced_level2: list[tuple[Box, str, str]] = field(default_factory=list)
    unknown_level1: list[str] = field(default_factory=list)
    level1_by_rows: dict[str, Box] = field(default_factory=dict)
    unknown_rows: list[int] = field(default_factory=list)
    expected_weight: float = 0
    discounted_weight: float = 0
    found_weight: float = 0
    unknown_weight: float = 0
    amounts: int = 0
    lost_amounts: int = 0
    stray_texts: int = 0
    other_funds: bool = False

    @property
    def page(self) -> SheetView:
        """The sheet as people see it."""
        return self.sheet.page

    @property
    def fit(self) -> float:
        """The agreement of form and sheet, from 0 to 1: the share of labels, on either side, that match."""
        return min(
            1, 2 * self.discounted_weight / max(1, self.expected_weight + self.found_weight + self.unknown_weight)
        )

    @property
    def recognised_share(self) -> float:
        """The share of the table that was recognised, from 0 to 1: labels, rows and amounts."""
        lost = self.unknown_weight + len(self.unknown_rows) + self.lost_amounts / 2 + len(self.unknown_level1)
        lost += len(self.levels) / 2 + self.stray_texts / 4
        kept = self.found_weight + len(self.rows) + self.amounts / 2
        return kept / max(1, kept + lost)

    @property
    def confidence(self) -> float:
        """The confidence that this is the form, from 0 to 1: ``fit`` times ``understood``."""
        return self.fit * self.recognised_share

    @property
    def is_filled(self) -> bool:
        """Whether anything is filled in: a value of an indicator, an amount, the goal or the project's name."""
        if self.amounts or any(self.page.text(box) for place, box in self.boxes.items() if place.block in _FILLED):
            return True
        heads = [head for name, head in self.heads.items() if name in _VALUES]
        rows = [*(row for row, _ in self.rows), *self.unknown_rows]
        return any(self.page.text(self.page.box(row, head.left)) for row in rows for head in heads)

    @property
    def is_scored(self) -> bool:
        """Whether there are points: a head of weights or scores in either block."""
        return any(name in heads for heads in (self.heads, self.fund_heads) for name in POINTS)

    @property
    def missing_columns(self) -> frozenset[tuple[str, str]]:
        """Block and column of the heads that were not found, in blocks that were."""
        columns = {(self.form.indicator_table, name) for name, column in self.form.columns.items()
                   if not column.helper and name not in (*LEVEL_COLUMNS, *self.heads)}  # fmt: skip
        columns |= {(TOTAL, name) for block, name in columns if name in POINTS}
        columns |= {(self.form.fund_table, name) for name in self.form.fund_columns if name not in self.fund_heads}
        return frozenset(columns)

    @property
    def contested_columns(self) -> frozenset[tuple[str, str]]:
        """Block and column of heads with a second claimant, such as a target that was changed later."""
        changed = any(_CHANGED.search(label_key(self.page.text(box))) for box in self.unread_columns)
        return frozenset({(self.form.indicator_table, "target")} if changed else ())

    def is_in_unread_part(self, row: int, column: int) -> bool:
        """Whether a cell is in a row or column that is reported as not recognised."""
        if any(line.box.top == row for line in self.unread_lines):
            return True
        heads = any(box.left <= column <= box.right and box.top <= row <= box.bottom for box in self.unread_heads)
        return heads or any(_covers(box, row, column) for boxes in self.unread_columns.values() for box in boxes)

    @cached_property
    def unread_columns(self) -> dict[Box, list[Box]]:
        """The filled boxes below heads that are not in the form, by head."""
        first = max(box.top for box in self.heads.values())
        funds = {box.top for place, box in self.boxes.items() if isinstance(place, FixedRowCell)}
        funds |= {line.box.top for line in self.unread_lines}
        rows = {row for row, _ in self.rows} | {*self.unknown_rows}
        rows |= {box.top for place, box in self.boxes.items() if place.block == TOTAL}
        taken = self.known_boxes | set(self.boxes.values())
        unread: dict[Box, list[Box]] = {}
        for head in (*self.unread_heads, *self.side_heads):
            below = sorted(rows if head.bottom >= first else funds)
            cells = [self.page.box(row, column) for row in below if row > head.bottom
                     for column in range(head.left, head.right + 1)]  # fmt: skip
            filled = [box for box in dict.fromkeys(cells) if self.page.text(box) and box not in taken]
            if filled:
                unread[head] = filled
        return unread

    def contents(self) -> Iterator[Box]:
        """Yield the boxes of the indicators, except levels, in which people write free text."""
        for row in (*(row for row, _ in self.rows), *self.unknown_rows):
            for name, head in self.heads.items():
                if name not in LEVEL_COLUMNS:
                    yield self.page.box(row, head.left)

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
