"""Records of forms of other families, right in their figures, with the contents of one of the usual form."""

from __future__ import annotations

from typing import Any

from xltool.form.answers import Answers
from xltool.form.blocks import LEVEL_COLUMNS
from xltool.form.definition import Form
from xltool.form.record import answers_of_record, needed_capacities, record_of_answers
from xltool.result.record import Record
from xltool.rules.loading import load_catalogue

#: What stands in every cell for text that the usual form does not have.
TEXT = "按规定办理，没有问题"


def family_record(reference: str, clean: dict[str, Any], **names: str) -> Record:
    """A record of a form.

    Args:
        reference: the form, such as ``transfer/1``.
        clean: a record of ``mof-2020/1``.
        names: of the project: ``name``, ``unit``, ``department``, ``code``.
    """
    catalogue = load_catalogue(reference)
    form, usual = catalogue.form, Record.from_json({**clean, "project": {**clean["project"], **names}})
    contents: dict[str, Any] = {"form.id": form.id, "form.version": form.version}
    for name in form.names_in_record:
        if name in form.matrices:
            contents[name] = _matrix_rows(form, name, usual)
        elif name in form.tables:
            contents[name] = _table_rows(form, name, usual)
        else:
            contents[name] = usual.values.get(name, TEXT)
    record = Record.of({**contents, "explanations": []})
    answers, _ = answers_of_record(record, catalogue.layout(needed_capacities(record, form)))
    computed = answers.recomputed_values()
    values = {**answers.values, **{place: computed[place] for place in form.computed_cells}}
    return record_of_answers(Answers(answers.layout, values), {})[0]


def _matrix_rows(form: Form, name: str, usual: Record) -> list[dict[str, Any]]:
    """The rows: amounts of the first source in the first row that sums no others, texts in every row."""
    matrix, source = form.matrices[name], usual.source_row("funds", "fiscal") or {}
    first = next(row for row in matrix.rows if not matrix.parts(row))
    rows = []
    for row in matrix.rows:
        cells = {
            column: TEXT if field.kind.name == "text" else source.get(column) if row == first else None
            for column, field in matrix.columns.items()
        }
        printed = {
            column: matrix.fixed_value(row, column) for column in matrix.columns if matrix.has_value(row, column)
        }
        shown = {column: value for column, value in printed.items() if value is not None}
        rows.append({matrix.row_key: row, "label": matrix.rows[row].label, **cells, **shown})
    return rows


def _table_rows(form: Form, name: str, usual: Record) -> list[dict[str, Any]]:
    """The rows of the same table, or a row of texts in each group."""
    table = form.tables[name]
    rows = [{column: row.get(column) for column in table.blank_row} for row in usual.table(name)]
    groups = [(level1.label, level2.label) for level1 in table.level1 for level2 in level1.level2]
    levels = [
        {level: label for level, label in zip(LEVEL_COLUMNS, labels, strict=True) if level in table.columns}
        for labels in groups
    ]
    return rows or [dict.fromkeys(table.blank_row, TEXT) | of_group for of_group in levels]
