"""The layout: the cell of every place, a pure function of form and row capacities, shared by writer and reader.

Apart from ``own_sheets``, this is the only module that knows addresses. Columns come from the definition; rows are
counted here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from xltool.form.blocks import LEVEL_COLUMNS, Block, FieldGrid, Level1, Level2, Matrix, PrintedText, Table
from xltool.form.defined_names import cell_name, explanation_name, group_name
from xltool.form.definition import Form
from xltool.form.explanations import EXPLANATIONS, explanation_cell
from xltool.form.field import ON_FORM, ON_HIDDEN, ON_PANEL, Field
from xltool.form.own_sheets import (
    PANEL,
    PANEL_FIRST_ROW,
    PANEL_GRADE_ROW,
    PANEL_WIDTH,
    STAMP,
    STAMP_HIDDEN_ROW,
)
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.result.roles import TOTAL_SCORE
from xltool.support.templates import cache_within_budget
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters, column_number

#: The estimated bytes of a layout with all its caches filled, and of each of its indicator rows.
_BYTES, _BYTES_OF_ROW = 100_000, 10_000


@dataclass(frozen=True)
class Slot:
    """One row of a table on the sheet, blank or not.

    Attributes:
        index: its index in the table, from 0.
        row: its row on the sheet.
        level1, level2: its groups.
    """

    index: int
    row: int
    level1: Level1
    level2: Level2


class Layout:
    """The layout of a form.

    Args:
        form: the form.
        capacities: rows per group of a table, by id; the form's own if missing.
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
        self.capacities = {key: (capacities or {}).get(key, group.rows) for key, (_, group) in form.groups.items()}
        self.panel = tuple(panel)
        self.explainable = tuple(explainable)
        self.moved = moved or {}
        self.issued = frozenset(issued)
        self._boxes: dict[Place, Box] = {}
        self._column_cells: dict[tuple[str, str], tuple[VariableRowCell, ...]] = {}
        self.first_rows: dict[str, int] = {}
        row = 2
        for block in form.blocks:
            self.first_rows[block.id] = row
            row += self.lines_of(block)
        self.last_row = max(row - 1, 2)  # the title, and a row for the heads beside it
        self.table_slots = {key: tuple(self._slots(table)) for key, table in form.tables.items()}
        #: The rows of the indicator table.
        self.slots = self.table_slots.get(form.indicator_table, ())

    def lines_of(self, block: Block) -> int:
        """The number of lines of a block."""
        match block:
            case Matrix():
                return block.head_lines + len(block.rows)
            case Table():
                return block.head_lines + sum(self.capacities[group] for group in block.groups)
            case PrintedText():
                return len(block.lines)
        on_sheet = [field for field in block.fields if field.sheet == ON_FORM]
        return max((max(field.line, field.label_line) for field in on_sheet), default=0)

    def head_row(self, key: str) -> int:
        """The row of the heads of a matrix or table, the lower one if there are two."""
        block = self.form.matrices.get(key) or self.form.tables[key]
        return self.first_rows[block.id] + block.head_lines - 1

    @property
    def beside_row(self) -> int:
        """The row of the heads of the columns beside the table: that of the indicator table, if the form has one."""
        return self.head_row(self.form.indicator_table) if self.form.indicator_table else 2

    @cached_property
    def verdict_row(self) -> int:
        """The row that shows the verdicts on what stands on no row of the form's sheet: that of the total score."""
        place = self.form.place(TOTAL_SCORE)
        box = self.issued_box(place) if place is not None else None
        return box.top if box is not None and box.sheet == self.form.sheet else self.last_row

    def _slots(self, table: Table) -> Iterator[Slot]:
        row = self.first_rows[table.id] + table.head_lines
        index = 0
        for level1 in table.level1:
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
    def _helpers(self) -> tuple[Field, ...]:
        """The columns beside the tables."""
        return tuple(one for table in self.form.tables.values() for one in table.columns.values() if one.helper)

    @cached_property
    def helper_span(self) -> tuple[int, int]:
        """The first and last column right of the table that belong to the form, from the gap on."""
        columns = [column_number(column.columns) for column in self._helpers]
        return len(self.form.widths) + 1, max(columns, default=column_number(self.verdict_column))

    @property
    def spacer(self) -> str:
        """The letters of the narrow column between the table and the columns beside it."""
        return column_letters(len(self.form.widths) + 1)

    @property
    def verdict_column(self) -> str:
        """The letters of the column with the verdict on each row, after the visible helper columns."""
        visible = [column_number(column.columns) for column in self._helpers if not column.hidden]
        return column_letters(max(visible, default=len(self.form.widths) + 1) + 1)

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
            line = self.head_row(place.block) + 1 + list(self.form.matrices[place.block].rows).index(place.row)
            return self.box_of(line, self.form.field(place).columns)
        if isinstance(place, VariableRowCell):
            slot = self.table_slots[place.block][place.row]
            if place.column in LEVEL_COLUMNS:
                return self.level_box(self.form.tables[place.block], slot, place.column)
            return self.box_of(slot.row, self.form.field(place).columns)
        return self._single_box(place)

    def _single_box(self, place: SingleCell) -> Box:
        if place.block == EXPLANATIONS:
            row = PANEL_FIRST_ROW + self.panel.index(place.key)
            return Box(PANEL, row, PANEL_WIDTH, row, PANEL_WIDTH)
        field = self.form.field(place)
        if field.sheet != ON_FORM:
            others = [name for name, other in self.form.fields.items() if other.sheet == field.sheet]
            sheet, first, column = (
                (PANEL, PANEL_GRADE_ROW, 3) if field.sheet == ON_PANEL else (STAMP, STAMP_HIDDEN_ROW, 2)
            )
            row = first + others.index(field.name)
            return Box(sheet, row, column, row, column)
        block = self.form.block_of[field.block]
        if isinstance(block, FieldGrid):
            return self.box_of(self.line_row(field), field.columns)
        first = self.first_rows[block.id]
        return self.box_of(first, field.columns, first + self.lines_of(block) - 1)

    def line_row(self, field: Field) -> int:
        """The row of a single cell in a grid."""
        return self.first_rows[field.block] + field.line - 1

    def block_box(self, block: Block, columns: str) -> Box:
        """The box of some columns over all lines of a block."""
        first = self.first_rows[block.id]
        return self.box_of(first, columns, first + max(1, self.lines_of(block)) - 1)

    def box_of(self, top: int, columns: str, bottom: int = 0) -> Box:
        """The box of some columns, such as ``C:I``, in one row or down to ``bottom``."""
        first, _, last = columns.partition(":")
        left = column_number(first)
        return Box(self.form.sheet, top, left, bottom or top, column_number(last) if last else left)

    def level_box(self, table: Table, slot: Slot, level: str) -> Box:
        """The box of a level's label, over all its rows."""
        level_id = getattr(slot, level).id
        rows = [other.row for other in self.table_slots[table.key] if getattr(other, level).id == level_id]
        return self.box_of(rows[0], table.columns[level].columns, rows[-1])

    @cached_property
    def places(self) -> tuple[Place, ...]:
        """All places, computed ones included, in reading order; labels are not places."""
        form = self.form
        places: list[Place] = list(map(SingleCell, form.fields))
        for rows in form.matrix_cells.values():
            places += [cell for of_row in rows.values() for cell in of_row.values()]
        for key, table in form.tables.items():
            columns = [name for name in table.columns if name not in LEVEL_COLUMNS]
            places += [VariableRowCell(key, slot.index, name) for slot in self.table_slots[key] for name in columns]
        return tuple(places)

    def column_cells(self, column: str, table: str = "") -> tuple[VariableRowCell, ...]:
        """The cells of all rows in a column, of the indicator table unless another is named."""
        block = table or self.form.indicator_table
        if (block, column) not in self._column_cells:
            rows = range(len(self.table_slots[block]) if block else 0)
            self._column_cells[block, column] = tuple(VariableRowCell(block, row, column) for row in rows)
        return self._column_cells[block, column]

    @cached_property
    def table_row_cells(self) -> Mapping[str, tuple[Mapping[str, VariableRowCell], ...]]:
        """The cells of each row of the tables that people fill in, by table, row and column."""
        return {key: tuple(self._row_cells(key, table)) for key, table in self.form.tables.items()}

    def _row_cells(self, key: str, table: Table) -> Iterator[Mapping[str, VariableRowCell]]:
        columns = table.row_columns
        for cells in zip(*(self.column_cells(column, key) for column in columns), strict=True):
            yield dict(zip(columns, cells, strict=True))

    @property
    def row_cells(self) -> tuple[Mapping[str, VariableRowCell], ...]:
        """The cells of each indicator row that people fill in, by column."""
        return self.table_row_cells.get(self.form.indicator_table, ())

    @property
    def level_cells(self) -> list[VariableRowCell]:
        """The cells of the rows of tables with the labels of levels, which are not places."""
        return [
            VariableRowCell(key, slot.index, level)
            for key, table in self.form.tables.items()
            for slot in self.table_slots[key]
            for level in table.level_columns
        ]

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
        """Whether the form asks for it: it is not computed, fixed, hidden or on the panel."""
        field = self.form.field(place)
        if isinstance(place, FixedRowCell):
            matrix = self.form.matrices[place.block]
            return matrix.has_value(place.row, place.column) and not (
                matrix.formula(place.row, place.column) or field.fixed_value is not None
            )
        return not (field.is_computed or field.helper or field.fixed_value is not None or field.sheet != ON_FORM)

    def is_locked(self, place: Place) -> bool:
        """Whether its value is the form's own: computed or fixed."""
        field = self.form.field(place)
        return not (self.is_requested(place) or field.sheet == ON_HIDDEN or field.helper)

    def fixed_value(self, place: Place) -> Decimal | str | None:
        """The fixed value of a place: a number, a text, or None."""
        if isinstance(place, FixedRowCell):
            return self.form.matrices[place.block].fixed_value(place.row, place.column)
        return self.form.field(place).fixed_value

    # ── defined names ───────────────────────────────────────────

    @cached_property
    def names(self) -> Mapping[str, Box]:
        """The defined names by which the reader finds cells: fields, fund cells, groups of rows, explanations."""
        single = [place for place in self.places if not isinstance(place, VariableRowCell)]
        names = {cell_name(place): self.box(place) for place in single}
        for key, table in self.form.tables.items():
            columns = [table.columns[name].columns for name in table.row_columns]
            span = f"{columns[0].partition(':')[0]}:{columns[-1].rpartition(':')[2]}"
            for group in table.groups:
                rows = [slot.row for slot in self.table_slots[key] if slot.level2.id == group]
                names[group_name(key, group)] = self.box_of(rows[0], span, rows[-1])
        names |= {explanation_name(rule): self.box(explanation_cell(rule)) for rule in self.explainable}
        return names
