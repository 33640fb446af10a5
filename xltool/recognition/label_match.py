"""What was found of a form on a sheet by nothing but the labels printed there, and how much of it was understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from xltool.form.blocks import GOAL, TOTAL
from xltool.form.definition import LEVEL_COLUMNS, Form
from xltool.form.places import FixedRowCell, Place
from xltool.recognition.labels import label_key, vocabulary
from xltool.recognition.sheet_view import SheetView
from xltool.workbook.box import Box

#: What tells the money unit: 「项目资金（万元）」, 「单位：元」.
MONEY_UNIT = re.compile(
    r"[(（]\s*(?:单位\s*[:：]?)?\s*(?:人民币)?\s*(万元|元)\s*[)）]|单位\s*[:：]\s*(?:人民币)?\s*(万元|元)"
)
_CHANGED = re.compile("(?:调整|变更|修正).*(?:指标|目标)值")
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*年")

#: The columns of points: a table in which they have no head anywhere is scored by nobody.
POINTS = ("weight", "score")

#: Fields that nobody prints, and columns: names and points may be part of a blank form.
_FILLED, _VALUES = ("project", GOAL), ("target", "actual", "score")


@dataclass(frozen=True)
class FundLine:
    """A row of the fund block that is none of the form's.

    Attributes:
        box: its label.
        label: what the label says.
        amounts: what stands in the form's columns, by column.
        boxes: where that stands.
    """

    box: Box
    label: str
    amounts: dict[str, str]
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Level:
    """A second level that is none of the form's, or is not printed.

    Attributes:
        box: where it stands, or should stand.
        label: what it says; "" where nothing is printed.
        level1: the first level it stands under.
        group: the second level as which its rows are read.
    """

    box: Box
    label: str
    level1: str
    group: str


@dataclass
class LabelMatch:
    """What was found; filled while the sheet is looked through.

    Attributes:
        boxes: single fields, and cells of the fund block, by place.
        inline: values that stand behind their label in one cell, with the place they belong to.
        heads: columns of the indicator block, with their heads.
        fund_heads: columns of the fund block, with their heads.
        rows: rows of the indicator block with content, each with its second level, in order.
        groups: where the label of a second level stands.
        known: boxes that hold labels, and lines that are no content.
        wanted, met: how many labels the form would have, and how many of them were found, own labels counting more.
        met_count: how many labels were found, each for one.
        strange: how many heads and labels the form does not know.
        unread: labels that were not understood, in the order in which they were met.
        unread_heads: heads among them.
        side_heads: heads of columns that mean nothing by themselves, such as remarks.
        unread_lines: rows of the fund block that are none of the form's.
        levels: second levels that are none of the form's; their rows are read.
        level1_by_rows: those of them whose rows are read as what their second level says, and where they stand.
        strayed: second levels that stand under a first level that is not theirs: where, and both labels.
        unknown_level1: first levels that are none of the form's.
        unknown_rows: rows of the indicator block that belong to no group.
        amounts, lost_amounts: how many figures of the fund block were read, and how many stand in rows or columns that
            are none of the form's.
        loose: how many texts above the indicators are neither a label nor a value of the form.
        other_funds: whether amounts stand there, and not one head of the form's fund block.
    """

    form: Form
    page: SheetView
    boxes: dict[Place, Box] = field(default_factory=dict)
    inline: dict[Place, str] = field(default_factory=dict)
    heads: dict[str, Box] = field(default_factory=dict)
    fund_heads: dict[str, Box] = field(default_factory=dict)
    rows: list[tuple[int, str]] = field(default_factory=list)
    groups: dict[str, Box] = field(default_factory=dict)
    known: set[Box] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)
    unread_heads: list[Box] = field(default_factory=list)
    side_heads: list[Box] = field(default_factory=list)
    unread_lines: list[FundLine] = field(default_factory=list)
    levels: list[Level] = field(default_factory=list)
    strayed: list[tuple[Box, str, str]] = field(default_factory=list)
    unknown_level1: list[str] = field(default_factory=list)
    level1_by_rows: dict[str, Box] = field(default_factory=dict)
    unknown_rows: list[int] = field(default_factory=list)
    wanted: float = 0
    met: float = 0
    met_count: float = 0
    strange: float = 0
    amounts: int = 0
    lost_amounts: int = 0
    loose: int = 0
    other_funds: bool = False

    @property
    def fit(self) -> float:
        """How well the form fits, from 0 to 1: the share of labels, the form's and the sheet's, that agree."""
        return min(1, 2 * self.met / max(1, self.wanted + self.met_count + self.strange))

    @property
    def understood(self) -> float:
        """The share of what stands inside the table that was understood, from 0 to 1: labels, rows and amounts."""
        lost = self.strange + len(self.unknown_rows) + self.lost_amounts / 2 + len(self.unknown_level1)
        lost += len(self.levels) / 2 + self.loose / 4
        kept = self.met_count + len(self.rows) + self.amounts / 2
        return kept / max(1, kept + lost)

    @property
    def worth(self) -> float:
        """How sure it is that this is the form, from 0 to 1: how well its labels fit, by what was understood."""
        return self.fit * self.understood

    @property
    def is_filled(self) -> bool:
        """Whether anything was filled in: a value of an indicator, an amount, the goal or the project's name."""
        if self.amounts or any(self.page.text(box) for place, box in self.boxes.items() if place.block in _FILLED):
            return True
        heads = [head for name, head in self.heads.items() if name in _VALUES]
        rows = [*(row for row, _ in self.rows), *self.unknown_rows]
        return any(self.page.text(self.page.box(row, head.left)) for row in rows for head in heads)

    @property
    def is_scored(self) -> bool:
        """Whether points are given anywhere: a head of weights or scores in either block."""
        return any(name in heads for heads in (self.heads, self.fund_heads) for name in POINTS)

    @property
    def missing(self) -> frozenset[tuple[str, str]]:
        """Block and column of the heads that were not found, in blocks that were."""
        columns = {(self.form.indicator_table, name) for name, one in self.form.columns.items()
                   if not one.helper and name not in (*LEVEL_COLUMNS, *self.heads)}  # fmt: skip
        columns |= {(TOTAL, name) for block, name in columns if name in POINTS}
        columns |= {(self.form.fund_table, name) for name in self.form.fund_columns if name not in self.fund_heads}
        return frozenset(columns)

    @property
    def contested(self) -> frozenset[tuple[str, str]]:
        """Block and column of heads beside which another one claims the same: a target that was changed later."""
        changed = any(_CHANGED.search(label_key(self.page.text(box))) for box in self.unread_columns)
        return frozenset({(self.form.indicator_table, "target")} if changed else ())

    def tables_around(self, row: int, column: int) -> bool:
        """Whether a cell stands in a row or column of which it is said that it was not understood."""
        if any(line.box.top == row for line in self.unread_lines):
            return True
        heads = any(box.left <= column <= box.right and box.top <= row <= box.bottom for box in self.unread_heads)
        return heads or any(_covers(box, row, column) for boxes in self.unread_columns.values() for box in boxes)

    @cached_property
    def unread_columns(self) -> dict[Box, list[Box]]:
        """What stands in the table below heads that the form does not have, by head."""
        first = max(box.top for box in self.heads.values())
        funds = {box.top for place, box in self.boxes.items() if isinstance(place, FixedRowCell)}
        funds |= {line.box.top for line in self.unread_lines}
        rows = {row for row, _ in self.rows} | {*self.unknown_rows}
        rows |= {box.top for place, box in self.boxes.items() if place.block == TOTAL}
        taken = self.known | set(self.boxes.values())
        found: dict[Box, list[Box]] = {}
        for head in (*self.unread_heads, *self.side_heads):
            below = sorted(rows if head.bottom >= first else funds)
            cells = [self.page.box(row, column) for row in below if row > head.bottom
                     for column in range(head.left, head.right + 1)]  # fmt: skip
            kept = [box for box in dict.fromkeys(cells) if self.page.text(box) and box not in taken]
            if kept:
                found[head] = kept
        return found

    def contents(self) -> Iterator[Box]:
        """The boxes of the indicators in which people write what they like."""
        for row in (*(row for row, _ in self.rows), *self.unknown_rows):
            for name, head in self.heads.items():
                if name not in LEVEL_COLUMNS:
                    yield self.page.box(row, head.left)

    def meet(self, box: Box, text: str, weight: float = 1) -> None:
        """Count a label that was found."""
        self.known.add(box)
        own = label_key(text) in vocabulary(self.form).own
        self.met += weight * (1 if own else 0.9)
        self.met_count += weight

    def miss(self, text: str, weight: float = 1) -> None:
        """Count a label that was not understood."""
        self.strange += weight
        if text and text not in self.unread:
            self.unread.append(text)


def _covers(box: Box, row: int, column: int) -> bool:
    return box.top <= row <= box.bottom and box.left <= column <= box.right
