"""Converts between records and answers (values by place)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xltool.form.answers import Answers
from xltool.form.blocks import EXPLANATIONS, GOAL, explanation_cell
from xltool.form.definition import LEVEL_COLUMNS, Form
from xltool.form.layout import Layout
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.language.functions import Value
from xltool.result.record import Record


@dataclass(frozen=True)
class Paths:
    """The JSON Pointers of places; an indicator's index in the record is not its row on the sheet."""

    form: Form
    index_of_slot: Mapping[int, int]

    def path(self, place: Place) -> str:
        """The pointer of a place; for a blank row, which is not in the record, that of the whole list."""
        if isinstance(place, FixedRowCell):
            return f"/{place.block}/{list(self.form.fund_rows).index(place.row)}/{place.column}"
        if isinstance(place, VariableRowCell):
            index = self.index_of_slot.get(place.row)
            whole = index is None or place.column in LEVEL_COLUMNS
            return f"/{place.block}" if whole else f"/{place.block}/{index}/{place.column}"
        return f"/{EXPLANATIONS}" if place.block == EXPLANATIONS else f"/{place.name.replace('.', '/')}"


def needed_capacities(record: Record, form: Form) -> dict[str, int]:
    """Rows per second-level indicator: those of the form, or more if the record needs them."""
    counts = Counter(indicator["level2"] for indicator in record.table(form.indicator_table))
    return {key: max(group.rows, counts[group.label]) for key, group in form.level2.items()}


def answers_of_record(record: Record, layout: Layout) -> tuple[Answers, Paths]:
    """The record's values by place; indicators take the rows of their group in the record's order."""
    form = layout.form
    values: dict[Place, Value] = {}
    for name in form.fields:
        values[SingleCell(name)] = _value(record.value(name))
    for row, entry in zip(form.fund_rows, record.table(form.fund_table), strict=True):
        values |= {cell: _value(entry.get(column)) for column, cell in form.fund_cells[row].items()}
    index_of_slot = {}
    free = {key: [slot for slot in layout.slots if slot.level2.id == key] for key in form.level2}
    by_label = {group.label: key for key, group in form.level2.items()}
    for index, indicator in enumerate(record.table(form.indicator_table)):
        slot = free[by_label[indicator["level2"]]].pop(0)
        index_of_slot[slot.index] = index
        values |= {cell: _value(indicator.get(column)) for column, cell in layout.row_cells[slot.index].items()}
    values |= {explanation_cell(rule): text for rule, text in record.explanations.items()}
    return Answers(layout, values), Paths(form, index_of_slot)


def record_of_answers(answers: Answers, explanations: Mapping[str, str]) -> tuple[Record, Paths]:
    """The record of a form; blank indicator rows are dropped, values of the wrong kind are null."""
    layout = answers.layout
    form = layout.form

    def singles(names: Iterable[str]) -> dict[str, Any]:
        return {name: _json(SingleCell(name), answers, form) for name in names}

    indicators: list[dict[str, Any]] = []
    index_of_slot = {}
    for slot in layout.slots:
        row = {column: _json(cell, answers, form) for column, cell in layout.row_cells[slot.index].items()}
        if any(value is not None for value in row.values()):
            index_of_slot[slot.index] = len(indicators)
            indicators.append({"level1": slot.level1.label, "level2": slot.level2.label, **row})
    contents = {
        "form.id": form.id,
        "form.version": form.version,
        **singles(names_before_funds(form)),
        form.fund_table: [_fund_row(row, answers, form) for row in form.fund_rows],
        **singles(field.name for field in form.section(GOAL)),
        form.indicator_table: indicators,
        **singles(names_after_indicators(form)),
        EXPLANATIONS: [{"rule": rule, "text": text} for rule, text in explanations.items()],
    }
    return Record.of(contents), Paths(form, index_of_slot)


def names_before_funds(form: Form) -> list[str]:
    """The single fields at the beginning of a record: year, project and money unit, as far as the form has them."""
    return [name for name in form.fields if name.partition(".")[0] in ("year", "project", "money_unit")]


def names_after_indicators(form: Form) -> list[str]:
    """The single fields at the end of a record: total and grade, then those of a family of forms."""
    rest = [name for name in form.fields if form.fields[name].section != GOAL]
    first = ["total.weight", "total.score", "grade"]
    rest = [name for name in rest if name not in names_before_funds(form)]
    return [name for name in first if name in rest] + [name for name in rest if name not in first]


def _fund_row(row: str, answers: Answers, form: Form) -> dict[str, Any]:
    cells = {column: _json(cell, answers, form) for column, cell in form.fund_cells[row].items()}
    return {"source": row, "label": form.fund_rows[row].label, **cells}


def _json(place: Place, answers: Answers, form: Form) -> Any:
    field = form.field(place)
    value = answers.at(place)
    return None if value == field.source_row_text and value else field.kind.to_record(value, field.choices)


def _value(json_value: Any) -> Value:
    if isinstance(json_value, int | float):
        return Decimal(repr(json_value))
    return json_value  # type: ignore[no-any-return]  # Decimal, str or None: ensured by the schema


def sort_by_layout(record: Record, layout: Layout) -> Record:
    """The record with indicators and explanations in the order of the form; the order inside a group is kept."""
    groups = [group.label for group in layout.form.level2.values()]
    indicators, explanations = (record.table(block) for block in (layout.form.indicator_table, EXPLANATIONS))
    return record.with_tables(
        {
            layout.form.indicator_table: sorted(indicators, key=lambda row: groups.index(row["level2"])),
            EXPLANATIONS: sorted(explanations, key=lambda row: layout.explainable.index(row["rule"])),
        }
    )
