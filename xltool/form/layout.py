"""The layout: the cell of every place, a pure function of form and row capacities, shared by writer and reader.

Apart from ``own_sheets``, this is the only module that knows addresses. Columns come from the definition; rows are
counted here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from xltool.form import blocks
from xltool.form.blocks import EXPLANATIONS, explanation_cell
from xltool.form.defined_names import cell_name, explanation_name, group_name
from xltool.form.definition import LEVEL_COLUMNS, Field, Form, Level1, Level2
from xltool.form.own_sheets import (
    PANEL,
    PANEL_FIRST_ROW,
    PANEL_GRADE_ROW,
    PANEL_WIDTH,
    STAMP,
    STAMP_HIDDEN_ROW,
)
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.support.templates import cache_within_budget
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters, column_number

#: The estimated bytes of a layout with all its caches filled, and of each of its indicator rows.
_BYTES, _BYTES_OF_ROW = 100_000, 10_000


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

    def slots_within(self, capacities: Mapping[str, int]) -> list[int]:
        """The indexes of the slots of a form with fewer rows: the first ones of each group."""
        remaining = dict(capacities)
        indexes = []
        for slot in self.slots:
            remaining[slot.level2.id] -= 1
            indexes += [slot.index] if remaining[slot.level2.id] >= 0 else []
        return indexes

    def row_attribute(self, index: int, attribute: str) -> str:
        """An attribute that the form defines for an indicator row: the id of its level1 or level2, or its scoring."""
        slot = self.slots[index]
        return slot.level2.scoring if attribute == "scoring" else str(getattr(slot, attribute).id)

    @cached_property
    def slots_by_level(self) -> Mapping[str, Sequence[int]]:
        """The indexes of the rows of each first-level and second-level indicator."""
        indexes: dict[str, list[int]] = {}
        for slot in self.slots:
            for level in dict.fromkeys((slot.level1.id, slot.level2.id)):
                indexes.setdefault(level, []).append(slot.index)
        return indexes

    @cached_property
    def helper_span(self) -> tuple[int, int]:
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
            return self.box_of(line, self.form.field(place).columns)
        if isinstance(place, VariableRowCell):
            slot = self.slots[place.row]
            if place.column in LEVEL_COLUMNS:
                return self.level_box(slot, place.column)
            return self.box_of(slot.row, self.form.field(place).columns)
        return self._single_box(place)

    def _single_box(self, place: SingleCell) -> Box:
        if place.block == EXPLANATIONS:
            row = PANEL_FIRST_ROW + self.panel.index(place.key)
            return Box(PANEL, row, PANEL_WIDTH, row, PANEL_WIDTH)
        field = self.form.field(place)
        match field.section:
            case "heading" | "between" | "foot":
                return self.box_of(self.line_row(field), field.columns)
            case blocks.FUNDS:
                return self.box_of(self.funds_row, field.columns, self.funds_row + len(self.form.fund_rows))
            case blocks.GOAL:
                return self.box_of(self.goal_row + 1, field.columns)
            case blocks.TOTAL:
                return self.box_of(self.total_row, field.columns)
            case "panel":
                return Box(PANEL, PANEL_GRADE_ROW, 3, PANEL_GRADE_ROW, 3)
            case _:
                hidden = [name for name, candidate in self.form.fields.items() if candidate.section == "hidden"]
                row = STAMP_HIDDEN_ROW + hidden.index(field.name)
                return Box(STAMP, row, 2, row, 2)

    def line_row(self, field: Field) -> int:
        """The row of a field in a block of lines."""
        return self.first_rows[field.section] + field.line - 1

    def box_of(self, top: int, columns: str, bottom: int = 0) -> Box:
        """The box of some columns, such as ``C:I``, in one row or down to ``bottom``."""
        first, _, last = columns.partition(":")
        left = column_number(first)
        return Box(self.form.sheet, top, left, bottom or top, column_number(last) if last else left)

    def level_box(self, slot: Slot, level: str) -> Box:
        """The box of a level's label, over all its rows."""
        level_id = getattr(slot, level).id
        rows = [other.row for other in self.slots if getattr(other, level).id == level_id]
        return self.box_of(rows[0], self.form.columns[level].columns, rows[-1])

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
    def positions(self) -> Mapping[Place, int]:
        """The position of each place in reading order."""
        return {place: turn for turn, place in enumerate(self.places)}

    @cached_property
    def fields(self) -> tuple[tuple[Place, Field], ...]:
        """The places whose values are read, each with its field: all but those beside the table."""
        fields = ((place, self.form.field(place)) for place in self.places)
        return tuple((place, field) for place, field in fields if not field.helper)

    @cached_property
    def input_places(self) -> tuple[Place, ...]:
        """The places that people fill in on the form's sheet."""
        return tuple(place for place in self.places if self.is_input(place))

    @cached_property
    def printed_places(self) -> tuple[Place, ...]:
        """The places with a fixed value."""
        return tuple(place for place in self.places if self.is_locked(place) and place not in self.form.computed_cells)

    @cached_property
    def printed_values(self) -> Mapping[Place, Decimal | str | None]:
        """The fixed values by place."""
        return {place: self.fixed_value(place) for place in self.printed_places}

    @cached_property
    def sheets(self) -> frozenset[str]:
        """The sheets that have places."""
        return frozenset(self.box(place).sheet for place in (*self.places, *self._explanations))

    @property
    def _explanations(self) -> list[Place]:
        return list(map(explanation_cell, self.explainable))

    def is_input(self, place: Place) -> bool:
        """Whether people fill it in: the form asks for it, and it was not issued."""
        return place not in self.issued and self.is_requested(place)

    def is_requested(self, place: Place) -> bool:
        """Whether the form asks for it: it is not computed, fixed or hidden; fund parts are never computed."""
        field = self.form.field(place)
        if isinstance(place, FixedRowCell) and self.form.fund_rows[place.row].part:
            return field.source_row_text is None
        return not (
            field.is_computed or field.helper or field.fixed_value is not None or field.section in ("hidden", "panel")
        )

    def is_locked(self, place: Place) -> bool:
        """Whether its value is the form's own: computed or fixed."""
        field = self.form.field(place)
        return not (self.is_requested(place) or field.section == "hidden" or field.helper)

    def fixed_value(self, place: Place) -> Decimal | str | None:
        """The fixed value of a place: a number, a text, or None."""
        field = self.form.field(place)
        if isinstance(place, FixedRowCell) and self.form.fund_rows[place.row].part:
            return field.source_row_text or None
        return field.fixed_value

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
            names[group_name(self.form, key)] = self.box_of(rows[0], span, rows[-1])
        names |= {explanation_name(rule): self.box(explanation_cell(rule)) for rule in self.explainable}
        return names
