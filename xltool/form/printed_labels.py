"""The texts that a form prints: its title, the labels of fields, columns and levels, the heads, the notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from xltool.form import blocks
from xltool.form.definition import LEVEL_COLUMNS, LINE_BLOCKS
from xltool.form.layout import Layout
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters


@dataclass(frozen=True)
class Label:
    """A text that the form prints; ``role`` determines its style."""

    box: Box
    text: str
    role: str  # title, label, head, side, level, total, note


def printed_labels(layout: Layout) -> Iterator[Label]:
    """Every printed text of the form's sheet, with its merged cells."""
    form, box = layout.form, layout.box_of
    yield Label(box(1, f"A:{list(form.widths)[-1]}"), form.title, "title")
    for field in form.fields.values():
        if field.section in LINE_BLOCKS and field.label_columns:
            text = field.print_label or field.label
            yield Label(box(layout.line_row(field), field.label_columns), text, "label")
        elif field.section == "goal":
            yield Label(box(layout.goal_row, field.columns), field.label, "head")
    yield Label(box(layout.funds_row, form.fund_corner), "", "head")
    for column in form.fund_columns.values():
        yield Label(box(layout.funds_row, column.columns), column.print_label or column.label, "head")
    for row_number, row in enumerate(form.fund_rows.values(), layout.funds_row + 1):
        yield Label(box(row_number, form.fund_corner), row.label, "label")
    if form.section("goal"):
        yield Label(box(layout.goal_row, form.goal_side, layout.goal_row + 1), form.goal_label, "side")
    yield Label(box(layout.indicators_row, form.indicators_side, layout.slots[-1].row), form.indicators_label, "side")
    for column in form.columns.values():
        if not column.helper:
            yield Label(box(layout.indicators_row, column.columns), column.print_label or column.label, "head")
    for level in LEVEL_COLUMNS:
        labels: dict[str, Label] = {}
        for slot in layout.slots:
            level_of_slot = getattr(slot, level)
            labels.setdefault(
                level_of_slot.id, Label(layout.level_box(slot, level), form.level_label(level_of_slot), "level")
            )
        yield from labels.values()
    yield Label(box(layout.total_row, form.total_columns), form.total_label, "total")
    for line, note in enumerate(form.notes, layout.first_rows.get(blocks.NOTES, 0)):
        yield Label(box(line, f"A:{list(form.widths)[-1]}"), note, "note")
    yield from (Label(box(layout.total_row, run), "", "total") for run in _total_blanks(layout))


def _total_blanks(layout: Layout) -> Iterator[str]:
    """The columns of the total's row without content, in runs such as ``F:G``."""
    columns_used = [layout.form.total_columns, *(field.columns for field in layout.form.section("total"))]
    boxes = [layout.box_of(layout.total_row, columns) for columns in columns_used]
    free = [n for n in range(1, len(layout.form.widths) + 1) if not any(b.left <= n <= b.right for b in boxes)]
    for _, run in groupby(enumerate(free), lambda pair: pair[1] - pair[0]):
        numbers = [number for _, number in run]
        first, last = column_letters(numbers[0]), column_letters(numbers[-1])
        yield first if first == last else f"{first}:{last}"
