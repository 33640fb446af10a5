"""The texts that a form prints: its title, the labels of fields, columns and levels, the heads, the notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from xltool.form.blocks import Block, FieldGrid, Matrix, MatrixRow, PrintedText, Table
from xltool.form.definition import level_label
from xltool.form.field import ON_FORM
from xltool.form.layout import Layout
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters, column_numbers


@dataclass(frozen=True)
class Label:
    """A text that the form prints; ``role`` determines its style."""

    box: Box
    text: str
    role: str  # title, label, head, side, level, total, note


def printed_labels(layout: Layout) -> Iterator[Label]:
    """Every printed text of the form's sheet, with its merged cells."""
    form = layout.form
    yield Label(layout.box_of(1, _full_width(layout)), form.title, "title")
    for block in form.blocks:
        if layout.lines_of(block):
            yield from _labels_of(layout, block)


def _full_width(layout: Layout) -> str:
    return f"A:{list(layout.form.widths)[-1]}"


def _labels_of(layout: Layout, block: Block) -> Iterator[Label]:
    if block.label_columns:
        yield Label(layout.block_box(block, block.label_columns), block.label, "total" if block.is_total else "side")
    match block:
        case FieldGrid():
            yield from _grid_labels(layout, block)
        case Matrix():
            yield from _matrix_labels(layout, block)
        case Table():
            yield from _table_labels(layout, block)
        case PrintedText():
            for row, text in enumerate(block.lines, layout.first_rows[block.id]):
                yield Label(layout.box_of(row, _full_width(layout)), text, "note")


def _grid_labels(layout: Layout, block: FieldGrid) -> Iterator[Label]:
    first = layout.first_rows[block.id]
    for field in block.fields:
        if field.sheet == ON_FORM and field.label_line:  # above its cell
            row = first + field.label_line - 1
            yield Label(layout.box_of(row, field.label_columns or field.columns), field.printed_label, "head")
        elif field.sheet == ON_FORM and field.label_columns:
            yield Label(layout.box_of(layout.line_row(field), field.label_columns), field.printed_label, "label")
    if block.is_total:
        yield from (Label(layout.box_of(first, run), "", "total") for run in _unused_columns(layout, block))


def _unused_columns(layout: Layout, block: FieldGrid) -> Iterator[str]:
    """The columns of a line of totals without content, in runs such as ``F:G``."""
    on_form = [field.columns for field in block.fields if field.sheet == ON_FORM]
    used = {number for columns in (block.label_columns, *on_form) if columns for number in column_numbers(columns)}
    free = [number for number in range(1, len(layout.form.widths) + 1) if number not in used]
    for _, run in groupby(enumerate(free), lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        first, last = column_letters(numbers[0]), column_letters(numbers[-1])
        yield first if first == last else f"{first}:{last}"


def _matrix_labels(layout: Layout, matrix: Matrix) -> Iterator[Label]:
    row = layout.head_row(matrix.key)
    labels = matrix.row_label_columns
    if labels:
        yield Label(layout.box_of(layout.first_rows[matrix.id], _span(labels), row), "", "head")
    yield from _heads(layout, matrix)
    for number, matrix_row in enumerate(matrix.rows.values(), row + 1):
        yield from _row_labels(layout, matrix, matrix_row, number)


def _span(columns: tuple[str, ...]) -> str:
    """The columns from the first to the last."""
    first, last = columns[0].partition(":")[0], columns[-1].rpartition(":")[2]
    return first if first == last else f"{first}:{last}"


def _row_labels(layout: Layout, matrix: Matrix, row: MatrixRow, number: int) -> Iterator[Label]:
    """The label of a row, in the second column of labels if it is nested under another row."""
    columns = matrix.row_label_columns
    if not columns:
        return
    nested = [other for other in matrix.rows.values() if other.under == row.id]
    if row.under:
        yield Label(layout.box_of(number, columns[-1]), row.label, "label")
    elif nested:  # its label goes down over the rows under it, beside which it is the sum
        yield Label(layout.box_of(number, columns[0], number + len(nested)), row.label, "label")
        yield Label(layout.box_of(number, columns[-1]), "小计", "label")
    else:
        yield Label(layout.box_of(number, _span(columns)), row.label, "label")


def _heads(layout: Layout, block: Matrix | Table) -> Iterator[Label]:
    """The heads of columns; in two lines where some stand under a common head."""
    upper = layout.first_rows[block.id]
    lower = upper + block.head_lines - 1
    under_head: set[int] = set()
    for head in block.heads:
        under_head |= set(column_numbers(head.columns))
        yield Label(layout.box_of(upper, head.columns), head.label, "head")
    for column in block.columns.values():
        if not column.helper:
            top = lower if under_head & set(column_numbers(column.columns)) else upper
            yield Label(layout.box_of(top, column.columns, lower), column.printed_label, "head")


def _table_labels(layout: Layout, table: Table) -> Iterator[Label]:
    yield from _heads(layout, table)
    for level in table.level_columns:
        labels: dict[str, Label] = {}
        for slot in layout.table_slots[table.key]:
            level_of_slot = getattr(slot, level)
            if level_of_slot.id not in labels:
                box = layout.level_box(table, slot, level)
                labels[level_of_slot.id] = Label(box, level_label(table, level_of_slot), "level")
        yield from labels.values()
