"""Find the fields of a form on a sheet by the printed labels alone.

Rows, columns and the order of blocks are not assumed: heads are found by their texts, rows below them, values beside or
below their labels.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from xltool.form.definition import Form
from xltool.form.places import FixedRowCell
from xltool.recognition.heads import HEAD_WEIGHT, find_head_rows, is_other_block, read_heads
from xltool.recognition.label_match import LabelMatch
from xltool.recognition.labelled_sheet import LabelledSheet, LabelledText
from xltool.recognition.labels import vocabulary
from xltool.recognition.matrix_block import read_matrix
from xltool.recognition.sheet_view import SheetView
from xltool.recognition.single_fields import (
    labelled_fields,
    read_below_heads,
    read_heading,
    read_lines,
    read_totals,
    right_edge,
)
from xltool.recognition.table_block import read_table

_FIGURE = re.compile(r"[-+¥￥]?\d[\d,，.]*(?:万?元)?$")

#: Longer texts, in characters, are not labels.
_LONGEST = 16

#: The least number of amounts in a block of amounts.
_LEAST_FIGURES = 3

#: The least share of labels of single fields on a sheet for a form that has only these.
_LEAST_LABELS = 0.5

#: The least number of known heads in the head row of a form, if it has more.
_HEADS_OF_FORM = 5


def match_labels(form: Form, page: SheetView) -> LabelMatch | None:
    """Find the fields of a form; None if the sheet has none of its blocks, or lacks its indicators."""
    sheet = LabelledSheet(page, vocabulary(form))
    head_rows = find_head_rows(form, sheet)
    if not head_rows and not _has_fields_only(form, sheet):
        return None
    match = LabelMatch(form, sheet)
    end = max(page.rows) + 1
    main = head_rows.get(form.indicator_table)
    unknown_columns = {key: read_heads(match, key, row) for key, row in head_rows.items()}
    _expect_labels(match)
    tops = {key: first for key, (first, _) in match.head_lines.items()}
    for key in (key for key in form.matrices if key in head_rows):
        below = min((top for top in tops.values() if top > tops[key]), default=end)
        read_matrix(match, key, below, unknown_columns[key])
    texts_below_heads = _read_below_heads(match, main, end)
    for key in (key for key in form.tables if key in head_rows):
        read_table(match, key, {*tops.values(), *texts_below_heads} - {tops[key]})
    read_totals(match, match.head_lines[form.indicator_table][1] if main is not None else 0)
    read_lines(match, main or 0)
    read_heading(match, end if main is None else main)
    match.known_boxes |= {text.box for text in sheet.texts() if text.is_side}
    _count_loose_texts(match)
    return match


def _has_fields_only(form: Form, sheet: LabelledSheet) -> bool:
    """Whether a form has neither matrices nor tables, but most of its single fields are on a sheet."""
    if form.matrices or form.tables:
        return False
    return labelled_fields([*sheet.texts()]) >= max(2, _LEAST_LABELS * len(form.fields_in_lines))


def _expect_labels(match: LabelMatch) -> None:
    """Count the labels of all blocks of the form: heads, rows, first levels; second levels are optional."""
    form = match.form
    for table in form.tables.values():
        match.expected_weight += HEAD_WEIGHT * sum(not column.helper for column in table.columns.values())
        match.expected_weight += len([level for level in table.level1 if level.label])
    match.expected_weight += sum(len(matrix.columns) + len(matrix.rows) for matrix in form.matrices.values())
    match.expected_weight += len(form.fields_below_heads)


def _read_below_heads(match: LabelMatch, main: int | None, end: int) -> set[int]:
    """Find the texts below heads, above the indicators if they are there. Returns the rows of their labels."""
    order = [block.id for block in match.form.blocks]
    tables = match.form.tables
    indicators = order.index(tables[match.form.indicator_table].id) if match.form.indicator_table else len(order)
    heads = {row for lines in match.head_lines.values() for row in range(lines[0], lines[1] + 1)}
    known = set(match.known_boxes)
    for block in match.sheet.words.below_heads:
        above = [row for row in match.page.rows if main is None or row < main]
        if read_below_heads(match, block, above, main or end) or main is None:
            continue
        last, is_below = match.head_lines[match.form.indicator_table][1], order.index(block) > indicators
        rows = [
            row
            for row, texts in match.sheet.rows.items()
            if row > last
            and row not in heads
            and (is_below or is_other_block(match.sheet, match.form.indicator_table, texts))
        ]
        read_below_heads(match, block, rows, end)
    return {box.top for box in match.known_boxes - known}


# ── what is left ────────────────────────────────────────────────


def _count_loose_texts(match: LabelMatch) -> None:
    """Count the texts between the blocks that are neither labels nor values; amounts among them may be other funds."""
    loose = list(_loose_texts(match))
    match.stray_texts = len(loose)
    amounts = _matrices_of_amounts(match.form)
    match.other_funds = not any(key in match.heads for key in amounts) and _are_amounts(match, loose, amounts)
    if match.other_funds:
        match.unread_labels += [
            item.text for item in loose if not _FIGURE.match(item.key) and len(item.key) <= _LONGEST
        ]


def _matrices_of_amounts(form: Form) -> Mapping[str, str]:
    """The matrices with amounts, each with the row of its total."""
    return {
        key: matrix.total
        for key, matrix in form.matrices.items()
        if any(column.kind.name == "money" for column in matrix.columns.values())
    }


def _are_amounts(match: LabelMatch, loose: list[LabelledText], matrices: Mapping[str, str]) -> bool:
    """Whether the texts not recognised are amounts, none of a source in the form."""
    sources = {name for key in matrices for item in loose for name in item.rows(key)} - {*matrices.values()}
    return not sources and sum(_FIGURE.match(item.key) is not None for item in loose) >= _LEAST_FIGURES


def _loose_texts(match: LabelMatch) -> Iterator[LabelledText]:
    """Yield the texts down to the last block, beside others, that are neither labels nor values.

    Rows of tables are left out: what is unknown there is counted by row and column.
    """
    edge = right_edge(match)
    last = max((first for first, _ in match.head_lines.values()), default=0)
    last = max([last, *(box.top + 1 for place, box in match.boxes.items() if isinstance(place, FixedRowCell))])
    last = last if match.head_lines else max((box.top for box in match.boxes.values()), default=0) + 1
    in_tables = _rows_in_tables(match)
    taken = match.known_boxes | set(match.boxes.values()) | {box for line in match.unread_lines for box in line.boxes}
    for row, texts in match.sheet.rows.items():
        if row < last and row not in in_tables and len(texts) > 1:
            yield from (item for item in texts if item.box not in taken and item.box.left <= edge)


def _rows_in_tables(match: LabelMatch) -> set[int]:
    """The rows from the heads of each table to its last row, or to the next heads."""
    rows: set[int] = set()
    tops = sorted(first for first, _ in match.head_lines.values())
    for key in (key for key in match.form.tables if key in match.heads):
        first = match.head_lines[key][0]
        below = next((top for top in tops if top > first), None)
        last = max([match.head_lines[key][1], *match.rows_of(key)])
        rows |= set(range(first, min(last, below - 1 if below is not None else last) + 1))
    return rows


def head_rows(page: SheetView, form: Form) -> list[int]:
    """The head rows of a form's indicators; there are several if several forms are on one sheet.

    Of a form without indicators, those of its widest block.
    """
    sheet = LabelledSheet(page, vocabulary(form))
    key = sheet.words.widest
    if not key:
        return []
    least = min(_HEADS_OF_FORM, sheet.words.numbers[key])
    return [row for row, texts in sheet.rows.items() if len({text.head(key) for text in texts} - {None}) >= least]
