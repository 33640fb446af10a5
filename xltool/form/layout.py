"""The layout: the cell of every place, a pure function of form and row capacities, shared by writer and reader.

Apart from ``own_sheets``, this is the only module that knows addresses. Columns come from the definition; rows are
counted here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from xltool.form import blocks
from xltool.form.binding import CheckTarget
from xltool.form.blocks import EXPLANATIONS, explanation_cell
from xltool.form.definition import LEVEL_COLUMNS, LINE_BLOCKS, Field, Form, Level1, Level2
from xltool.form.own_sheets import (
    NAME_PREFIX,
    PANEL,
    PANEL_FIRST_ROW,
    PANEL_GRADE_ROW,
    PANEL_WIDTH,
    STAMP,
    STAMP_HIDDEN_ROW,
)
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr
from xltool.support.templates import cache_within_budget
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters, column_number

#: The most rows of a second-level indicator.
MOST_ROWS = 200

#: The estimated bytes of a layout with all its caches filled, and of each of its indicator rows.
_BYTES, _BYTES_OF_ROW = 100_000, 10_000


@dataclass(frozen=True)
class Label:
    """A text that the form prints; ``role`` determines its style."""

    box: Box
    text: str
    role: str  # title, label, head, side, level, total, note


@dataclass(frozen=True)
class Slot:
    """One indicator row of the sheet, blank or not."""

    index: int
    row: int
    level1: Level1
    level2: Level2


class Layout:
    """The layout of a form.

    Args:
        form: the form.
        capacities: rows per second-level indicator, by id; the form's own if missing.
        panel: the ids of the rules with a line on the panel, in order.
        explainable: those of them that the unit may explain.
        moved: the boxes of places in a workbook whose rows were shifted.
        issued: the places whose values were issued with the form, which the unit may not change.
    """

    def __init__(
        self,
        form: Form,
        capacities: Mapping[str, int] | None = None,
        panel: Sequence[str] = (),
        explainable: Sequence[str] = (),
        moved: Mapping[Place, Box] | None = None,
        issued: Collection[Place] = (),
    ) -> None:
        self.form = form
        self.capacities = {key: (capacities or {}).get(key, group.rows) for key, group in form.level2.items()}
        self.panel = tuple(panel)
        self.explainable = tuple(explainable)
        self.moved = moved or {}
        self.issued = frozenset(issued)
        self._boxes: dict[Place, Box] = {}
        self._column_cells: dict[str, tuple[VariableRowCell, ...]] = {}
        self.first_rows: dict[str, int] = {}
        row = 2
        for block in form.blocks:
            self.first_rows[block] = row
            row += self._rows_of(block)
        self.last_row = row - 1
        self.slots = tuple(self._slots())

    def _rows_of(self, block: str) -> int:
        """The number of rows of a block."""
        match block:
            case blocks.FUNDS:
                return 1 + len(self.form.fund_rows)
            case blocks.GOAL:
                return 2 if self.form.section(blocks.GOAL) else 0
            case blocks.INDICATORS:
                return 1 + sum(self.capacities.values())
            case blocks.TOTAL:
                return 1
            case blocks.NOTES:
                return len(self.form.notes)
        return max((field.line for field in self.form.section(block)), default=0)

    @property
    def funds_row(self) -> int:
        """The row of the heads of the fund block."""
        return self.first_rows[self.form.fund_table]

    @property
    def goal_row(self) -> int:
        """The row of the heads of the goal block."""
        return self.first_rows[blocks.GOAL]

    @property
    def indicators_row(self) -> int:
        """The row of the heads of the indicator block."""
        return self.first_rows[self.form.indicator_table]

    @property
    def total_row(self) -> int:
        """The row of the total."""
        return self.first_rows[blocks.TOTAL]

    def _slots(self) -> Iterator[Slot]:
        row = self.indicators_row + 1
        index = 0
        for level1 in self.form.level1:
            for level2 in level1.level2:
                for _ in range(self.capacities[level2.id]):
                    yield Slot(index, row, level1, level2)
                    index, row = index + 1, row + 1

    def part(self, capacities: Mapping[str, int]) -> list[int]:
        """The indexes of the slots of a form with fewer rows: the first ones of each group."""
        remaining = dict(capacities)
        indexes = []
        for slot in self.slots:
            remaining[slot.level2.id] -= 1
            indexes += [slot.index] if remaining[slot.level2.id] >= 0 else []
        return indexes

    def constant(self, index: int, attribute: str) -> str:
        """An attribute that the form defines for an indicator row: the id of its level1 or level2, or its scoring."""
        slot = self.slots[index]
        return slot.level2.scoring if attribute == "scoring" else str(getattr(slot, attribute).id)

    @cached_property
    def indices(self) -> Mapping[str, Sequence[int]]:
        """The indexes of the rows of each first-level and second-level indicator."""
        indexes: dict[str, list[int]] = {}
        for slot in self.slots:
            for level in dict.fromkeys((slot.level1.id, slot.level2.id)):
                indexes.setdefault(level, []).append(slot.index)
        return indexes

    @cached_property
    def beside(self) -> tuple[int, int]:
        """The first and last column right of the table that belong to the form, from the gap on."""
        columns = [column_number(column.columns) for column in self.form.columns.values() if column.helper]
        return len(self.form.widths) + 1, max(columns)

    @property
    def spacer(self) -> str:
        """The letters of the narrow column between the table and the columns beside it."""
        return column_letters(len(self.form.widths) + 1)

    @property
    def verdict_column(self) -> str:
        """The letters of the column with the verdict on each row, after the visible helper columns."""
        visible = [column.columns for column in self.form.columns.values() if column.helper and not column.hidden]
        return column_letters(max(map(column_number, visible)) + 1)

    # ── places ──────────────────────────────────────────────────

    def with_moved(self, moved: Mapping[Place, Box]) -> Layout:
        """The same layout with these places in other boxes; itself if none has moved."""
        if all(box == self.issued_box(place) for place, box in moved.items()):
            return self
        return Layout(self.form, self.capacities, self.panel, self.explainable, moved, self.issued)

    def with_panel(self, panel: Sequence[str], explainable: Sequence[str]) -> Layout:
        """The same layout with the panel lines of another release.

        Args:
            panel: the ids of the rules with a line, in order.
            explainable: those of them whose explanation is read.
        """
        return self._with(tuple(panel), tuple(explainable), self.issued)

    def with_issued(self, issued: Collection[Place]) -> Layout:
        """The same layout with values issued at these places."""
        return self._with(self.panel, self.explainable, frozenset(issued))

    @cache_within_budget(lambda made, *_: made.estimated_bytes)
    def _with(self, panel: tuple[str, ...], explainable: tuple[str, ...], issued: frozenset[Place]) -> Layout:
        """The same layout with another panel and other issued places; cached."""
        return Layout(self.form, self.capacities, panel, explainable, self.moved, issued)

    @property
    def estimated_bytes(self) -> int:
        """The estimated bytes with all caches filled."""
        return _BYTES + _BYTES_OF_ROW * len(self.slots)

    def box(self, place: Place) -> Box:
        """The box of a place."""
        return self.moved.get(place) or self.issued_box(place)

    def issued_box(self, place: Place) -> Box:
        """The box of a place as issued, before any shift."""
        box = self._boxes.get(place)
        if box is None:
            box = self._boxes[place] = self._issued_box(place)
        return box

    def _issued_box(self, place: Place) -> Box:
        if isinstance(place, FixedRowCell):
            line = self.funds_row + 1 + list(self.form.fund_rows).index(place.row)
            return self._box(line, self.form.field(place).columns)
        if isinstance(place, VariableRowCell):
            slot = self.slots[place.row]
            if place.column in LEVEL_COLUMNS:
                return self._level_box(slot, place.column)
            return self._box(slot.row, self.form.field(place).columns)
        return self._single_box(place)

    def _single_box(self, place: SingleCell) -> Box:
        if place.block == EXPLANATIONS:
            row = PANEL_FIRST_ROW + self.panel.index(place.key)
            return Box(PANEL, row, PANEL_WIDTH, row, PANEL_WIDTH)
        field = self.form.field(place)
        match field.section:
            case "heading" | "between" | "foot" as block:
                return self._box(self._line(block, field), field.columns)
            case blocks.FUNDS:
                return self._box(self.funds_row, field.columns, self.funds_row + len(self.form.fund_rows))
            case blocks.GOAL:
                return self._box(self.goal_row + 1, field.columns)
            case blocks.TOTAL:
                return self._box(self.total_row, field.columns)
            case "panel":
                return Box(PANEL, PANEL_GRADE_ROW, 3, PANEL_GRADE_ROW, 3)
            case _:
                hidden = [name for name, candidate in self.form.fields.items() if candidate.section == "hidden"]
                row = STAMP_HIDDEN_ROW + hidden.index(field.name)
                return Box(STAMP, row, 2, row, 2)

    def _line(self, block: str, field: Field) -> int:
        return self.first_rows[block] + field.line - 1

    def _box(self, top: int, columns: str, bottom: int = 0) -> Box:
        first, _, last = columns.partition(":")
        left = column_number(first)
        return Box(self.form.sheet, top, left, bottom or top, column_number(last) if last else left)

    def _level_box(self, slot: Slot, level: str) -> Box:
        """The box of a level's label, over all its rows."""
        level_id = getattr(slot, level).id
        rows = [other.row for other in self.slots if getattr(other, level).id == level_id]
        return self._box(rows[0], self.form.columns[level].columns, rows[-1])

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """All places, computed ones included, in reading order; labels are not places."""
        form = self.form
        places: list[Place] = list(map(SingleCell, form.fields))
        places += [cell for of_row in form.fund_cells.values() for cell in of_row.values()]
        columns = [name for name in form.columns if name not in LEVEL_COLUMNS]
        places += [form.indicator_cell(slot.index, name) for slot in self.slots for name in columns]
        return tuple(places)

    def column_cells(self, column: str) -> tuple[VariableRowCell, ...]:
        """The cells of all indicator rows in a column."""
        if column not in self._column_cells:
            rows = range(len(self.slots))
            self._column_cells[column] = tuple(self.form.indicator_cell(row, column) for row in rows)
        return self._column_cells[column]

    @cached_property
    def row_cells(self) -> tuple[Mapping[str, VariableRowCell], ...]:
        """The cells of each indicator row that people fill in, by column."""
        columns = self.form.row_columns
        rows = zip(*map(self.column_cells, columns), strict=True)
        return tuple(dict(zip(columns, cells, strict=True)) for cells in rows)

    @property
    def level_cells(self) -> list[VariableRowCell]:
        """The cells of the indicator rows with the labels of levels, which are not places."""
        return [self.form.indicator_cell(slot.index, level) for slot in self.slots for level in LEVEL_COLUMNS]

    @cached_property
    def order(self) -> Mapping[Place, int]:
        """The position of each place in reading order."""
        return {place: turn for turn, place in enumerate(self.places)}

    @cached_property
    def fields(self) -> tuple[tuple[Place, Field], ...]:
        """The places whose values are read, each with its field: all but those beside the table."""
        fields = ((place, self.form.field(place)) for place in self.places)
        return tuple((place, field) for place, field in fields if not field.helper)

    @cached_property
    def inputs(self) -> tuple[Place, ...]:
        """The places that people fill in on the form's sheet."""
        return tuple(place for place in self.places if self.is_input(place))

    @cached_property
    def printed(self) -> tuple[Place, ...]:
        """The places with a fixed value."""
        return tuple(place for place in self.places if self.is_locked(place) and place not in self.form.formulas)

    @cached_property
    def printed_values(self) -> Mapping[Place, Decimal | str | None]:
        """The fixed values by place."""
        return {place: self.fixed(place) for place in self.printed}

    @cached_property
    def sheets(self) -> frozenset[str]:
        """The sheets that have places."""
        return frozenset(self.box(place).sheet for place in (*self.places, *self._explanations))

    @property
    def _explanations(self) -> list[Place]:
        return list(map(explanation_cell, self.explainable))

    def is_input(self, place: Place) -> bool:
        """Whether people fill it in: the form asks for it, and it was not issued."""
        return place not in self.issued and self.is_asked(place)

    def is_asked(self, place: Place) -> bool:
        """Whether the form asks for it: it is not computed, fixed or hidden; fund parts are never computed."""
        field = self.form.field(place)
        if isinstance(place, FixedRowCell) and self.form.fund_rows[place.row].part:
            return field.source_row_text is None
        return not (
            field.computed or field.helper or field.fixed_value is not None or field.section in ("hidden", "panel")
        )

    def is_locked(self, place: Place) -> bool:
        """Whether its value is the form's own: computed or fixed."""
        field = self.form.field(place)
        return not (self.is_asked(place) or field.section == "hidden" or field.helper)

    def fixed(self, place: Place) -> Decimal | str | None:
        """The fixed value of a place: a number, a text, or None."""
        field = self.form.field(place)
        if isinstance(place, FixedRowCell) and self.form.fund_rows[place.row].part:
            return field.source_row_text or None
        return field.fixed_value

    def items(self, each: str, only: Sequence[str] = ()) -> Iterator[CheckTarget]:
        """The items that a rule about ``each`` applies to; only those with a key in ``only`` if that is not empty."""
        form = self.form
        targets: list[CheckTarget]
        match each:
            case blocks.EACH_FUND_ROW:
                targets = [
                    CheckTarget(each, row.id, row.label.removeprefix("其中：")) for row in form.fund_rows.values()
                ]
            case blocks.EACH_FUND_COLUMN:
                targets = [CheckTarget(each, column.name, column.label) for column in form.fund_columns.values()]
            case blocks.EACH_INDICATOR:
                targets = [CheckTarget(each, slot.index, slot.level2.label) for slot in self.slots]
            case "level1":
                targets = [CheckTarget(each, level1.id, level1.label) for level1 in form.level1]
            case "level2":
                targets = [CheckTarget(each, level2.id, level2.label) for level2 in form.level2.values()]
            case _:
                targets = [CheckTarget(each, "", "")]
        return (item for item in targets if not only or item.key in only)

    # ── printed texts ───────────────────────────────────────────

    def labels(self) -> Iterator[Label]:
        """Every printed text of the form's sheet, with its merged cells."""
        form, box = self.form, self._box
        yield Label(box(1, f"A:{list(form.widths)[-1]}"), form.title, "title")
        for field in form.fields.values():
            if field.section in LINE_BLOCKS and field.label_columns:
                text = field.print_label or field.label
                yield Label(box(self._line(field.section, field), field.label_columns), text, "label")
            elif field.section == "goal":
                yield Label(box(self.goal_row, field.columns), field.label, "head")
        yield Label(box(self.funds_row, form.fund_corner), "", "head")
        for column in form.fund_columns.values():
            yield Label(box(self.funds_row, column.columns), column.print_label or column.label, "head")
        for row_number, row in enumerate(form.fund_rows.values(), self.funds_row + 1):
            yield Label(box(row_number, form.fund_corner), row.label, "label")
        if form.section("goal"):
            yield Label(box(self.goal_row, form.goal_side, self.goal_row + 1), form.goal_label, "side")
        yield Label(box(self.indicators_row, form.indicators_side, self.slots[-1].row), form.indicators_label, "side")
        for column in form.columns.values():
            if not column.helper:
                yield Label(box(self.indicators_row, column.columns), column.print_label or column.label, "head")
        for level in LEVEL_COLUMNS:
            labels: dict[str, Label] = {}
            for slot in self.slots:
                level_of_slot = getattr(slot, level)
                labels.setdefault(
                    level_of_slot.id, Label(self._level_box(slot, level), form.level_label(level_of_slot), "level")
                )
            yield from labels.values()
        yield Label(box(self.total_row, form.total_columns), form.total_label, "total")
        for line, note in enumerate(form.notes, self.first_rows.get(blocks.NOTES, 0)):
            yield Label(box(line, f"A:{list(form.widths)[-1]}"), note, "note")
        yield from (Label(box(self.total_row, run), "", "total") for run in self._total_blanks())

    def _total_blanks(self) -> Iterator[str]:
        """The columns of the total's row without content, in runs such as ``F:G``."""
        columns_used = [self.form.total_columns, *(field.columns for field in self.form.section("total"))]
        boxes = [self._box(self.total_row, columns) for columns in columns_used]
        free = [n for n in range(1, len(self.form.widths) + 1) if not any(b.left <= n <= b.right for b in boxes)]
        for _, run in groupby(enumerate(free), lambda pair: pair[1] - pair[0]):
            numbers = [number for _, number in run]
            first, last = column_letters(numbers[0]), column_letters(numbers[-1])
            yield first if first == last else f"{first}:{last}"

    # ── defined names ───────────────────────────────────────────

    @cached_property
    def names(self) -> Mapping[str, Box]:
        """The defined names by which the reader finds cells: fields, fund cells, groups of rows, explanations."""
        single = [place for place in self.places if not isinstance(place, VariableRowCell)]
        names = {cell_name(place): self.box(place) for place in single}
        columns = [self.form.columns[name].columns for name in self.form.row_columns]
        span = f"{columns[0].partition(':')[0]}:{columns[-1].rpartition(':')[2]}"
        for key in self.form.level2:
            rows = [slot.row for slot in self.slots if slot.level2.id == key]
            names[group_name(self.form, key)] = self._box(rows[0], span, rows[-1])
        names |= {explanation_name(rule): self.box(explanation_cell(rule)) for rule in self.explainable}
        return names


def cell_name(place: Place) -> str:
    """The defined name of a cell outside the groups of indicators."""
    return f"{NAME_PREFIX}{place.name.replace('.', '_')}"


def group_name(form: Form, group: str) -> str:
    """The defined name of the rows of a second-level indicator."""
    return f"{NAME_PREFIX}{form.indicator_table}_{group}"


def explanation_name(rule: str) -> str:
    """The defined name of the cell for the explanation of a rule."""
    return f"{NAME_PREFIX}explain_{rule}"


def capacities_from(form: Form, options: Sequence[str]) -> dict[str, int]:
    """Parse capacities such as ``数量指标=8`` or ``quantity=8``.

    Raises:
        WrongUse: no such second-level indicator, or not a number from 1 to 200.
    """
    by_name = {name: group.id for group in form.level2.values() for name in (group.id, group.label, *group.synonyms)}
    capacities = {}
    for option in options:
        name, _, number = option.partition("=")
        if name not in by_name:
            known = "、".join(group.label for group in form.level2.values())
            raise WrongUse(
                tr(f"--rows {option}：没有二级指标“{name}”；现有：{known}", f"--rows {option}: no such group: {known}")
            )
        if not number.isascii() or not number.isdigit() or not 1 <= int(number) <= MOST_ROWS:
            hint = f"--rows {name}=8"
            reason = tr(
                f"行数应为 1 到 {MOST_ROWS} 的整数，例如 {hint}", f"a number from 1 to {MOST_ROWS}, as in {hint}"
            )
            raise WrongUse(f"--rows {option}: {reason}")
        capacities[by_name[name]] = int(number)
    return capacities


def fields_of_section(form: Form) -> Iterator[tuple[str, Field]]:
    """All fields with their full names, for references and schemas."""
    yield from form.fields.items()
    for name, column in form.fund_columns.items():
        yield f"{form.fund_table}[].{name}", column
    for name, column in form.columns.items():
        if not column.helper:
            yield f"{form.indicator_table}[].{name}", column
