"""Converts between records and answers (values by place)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xltool.form.answers import Answers
from xltool.form.blocks import LEVEL_COLUMNS, Table
from xltool.form.definition import Form
from xltool.form.explanations import EXPLANATIONS, explanation_cell
from xltool.form.layout import Layout, Slot
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.language.functions import Value
from xltool.result.record import Record, Row


@dataclass(frozen=True)
class Paths:
    """The JSON Pointers of places; the index of a table's row in the record is not its row on the sheet.

    Attributes:
        form: the form.
        index_of_slot: the index in the record of each row that is not blank, by table and row.
    """

    form: Form
    index_of_slot: Mapping[str, Mapping[int, int]]

    def path(self, place: Place) -> str:
        """The pointer of a place; for a blank row, which is not in the record, that of the whole list."""
        if isinstance(place, FixedRowCell):
            return f"/{place.block}/{list(self.form.matrices[place.block].rows).index(place.row)}/{place.column}"
        if isinstance(place, VariableRowCell):
            index = self.index_of_slot[place.block].get(place.row)
            whole = index is None or place.column in LEVEL_COLUMNS
            return f"/{place.block}" if whole else f"/{place.block}/{index}/{place.column}"
        return f"/{EXPLANATIONS}" if place.block == EXPLANATIONS else f"/{place.name.replace('.', '/')}"


def needed_capacities(record: Record, form: Form) -> dict[str, int]:
    """Rows per group of a table: those of the form, or more if the record needs them."""
    needed: dict[str, int] = {}
    for key, table in form.tables.items():
        counts = Counter(_group_of(table, row) for row in record.table(key))
        needed |= {group_id: max(group.rows, counts[group_id]) for group_id, group in table.groups.items()}
    return needed


def _group_of(table: Table, row: Row) -> str:
    """The id of the group of a record's row."""
    if not table.group_column:
        return table.key
    return next(group.id for group in table.groups.values() if group.label == row[table.group_column])


def answers_of_record(record: Record, layout: Layout) -> tuple[Answers, Paths]:
    """The record's values by place; rows of tables take the rows of their group in the record's order."""
    form = layout.form
    values: dict[Place, Value] = {}
    for name in form.fields:
        values[SingleCell(name)] = _value(record.value(name))
    for key, rows in form.matrix_cells.items():
        for cells, entry in zip(rows.values(), record.table(key), strict=True):
            values |= {cell: _value(entry.get(column)) for column, cell in cells.items()}
    index_of_slot: dict[str, dict[int, int]] = {}
    for key, table in form.tables.items():
        index_of_slot[key] = {}
        free: dict[str, list[Slot]] = {group: [] for group in table.groups}
        for slot in layout.table_slots[key]:
            free[slot.level2.id].append(slot)
        for index, row in enumerate(record.table(key)):
            slot = free[_group_of(table, row)].pop(0)
            index_of_slot[key][slot.index] = index
            cells_of_row = layout.table_row_cells[key][slot.index]
            values |= {cell: _value(row.get(column)) for column, cell in cells_of_row.items()}
    values |= {explanation_cell(rule): text for rule, text in record.explanations.items()}
    return Answers(layout, values), Paths(form, index_of_slot)


def record_of_answers(answers: Answers, explanations: Mapping[str, str]) -> tuple[Record, Paths]:
    """The record of a form; blank rows of tables are dropped, values of the wrong kind are null."""
    layout = answers.layout
    form = layout.form
    index_of_slot: dict[str, dict[int, int]] = {}
    contents: dict[str, Any] = {"form.id": form.id, "form.version": form.version}
    for name in form.names_in_record:
        if name in form.matrices:
            contents[name] = [_matrix_row(name, row, answers) for row in form.matrices[name].rows]
        elif name in form.tables:
            contents[name], index_of_slot[name] = _table_rows(name, answers)
        else:
            contents[name] = _json(SingleCell(name), answers, form)
    contents[EXPLANATIONS] = [{"rule": rule, "text": text} for rule, text in explanations.items()]
    return Record.of(contents), Paths(form, index_of_slot)


def _table_rows(key: str, answers: Answers) -> tuple[list[dict[str, Any]], dict[int, int]]:
    """The rows of a table that are not blank, and their indexes by row of the table."""
    layout, table = answers.layout, answers.layout.form.tables[key]
    rows: list[dict[str, Any]] = []
    index_of_slot = {}
    for slot, cells in zip(layout.table_slots[key], layout.table_row_cells[key], strict=True):
        row = {column: _json(cell, answers, layout.form) for column, cell in cells.items()}
        if any(value is not None for value in row.values()):
            index_of_slot[slot.index] = len(rows)
            rows.append({level: getattr(slot, level).label for level in table.level_columns} | row)
    return rows, index_of_slot


def _matrix_row(key: str, row: str, answers: Answers) -> dict[str, Any]:
    form = answers.layout.form
    matrix = form.matrices[key]
    cells = {column: _json(cell, answers, form) for column, cell in form.matrix_cells[key][row].items()}
    return {matrix.row_key: row, "label": matrix.rows[row].label, **cells}


def _json(place: Place, answers: Answers, form: Form) -> Any:
    field = form.field(place)
    value = answers.at(place)
    return None if value and value == field.elsewhere else field.kind.to_record(value, field.choices)


def _value(json_value: Any) -> Value:
    if isinstance(json_value, int | float):
        return Decimal(repr(json_value))
    return json_value  # type: ignore[no-any-return]  # Decimal, str or None: ensured by the schema


def sort_by_layout(record: Record, layout: Layout) -> Record:
    """The record with rows of tables and explanations in the order of the form; order inside a group is kept."""
    tables: dict[str, list[Row]] = {}
    for key, table in layout.form.tables.items():
        groups = list(table.groups)
        tables[key] = sorted(record.table(key), key=lambda row: groups.index(_group_of(table, row)))  # used at once
    explanations = sorted(record.table(EXPLANATIONS), key=lambda row: layout.explainable.index(row["rule"]))
    return record.with_tables({**tables, EXPLANATIONS: explanations})
