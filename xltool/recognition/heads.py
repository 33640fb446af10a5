"""Find the heads of a matrix or table: the row with the most of them, in one line or two."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence

from xltool.form.blocks import Matrix, Table
from xltool.form.definition import Form
from xltool.recognition.label_match import MONEY_UNIT, LabelMatch
from xltool.recognition.labelled_sheet import LabelledSheet, LabelledText
from xltool.workbook.box import Box

#: The weight of heads of tables, which distinguish the families of forms best.
HEAD_WEIGHT = 2

#: The most lines that a head is merged over.
_MOST_LINES = 3

#: The least number of known heads in the head row of indicators, and of any other block.
_LEAST_HEADS, _LEAST_OF_OTHERS = 4, 2

#: The least number of known heads for a row to be that of another block, if the block has so many.
HEADS_OF_OTHERS = 3

#: The head of a column of serial numbers.
_SERIAL = "序号"
_FIGURE = re.compile(r"[-+]?[\d,.]+%?")


# ── rows ────────────────────────────────────────────────────────


def find_head_rows(form: Form, sheet: LabelledSheet) -> dict[str, int]:
    """The rows with the heads of the matrices and tables that are on a sheet, by key; none if it is another form.

    The indicators decide, if the form has them: without their heads it is another form.
    """
    found: dict[str, int] = {}
    main = form.indicator_table
    if main:
        row = _best_row(sheet.rows, main, min(_LEAST_HEADS, sheet.words.numbers[main]))
        if row is None:
            return {}
        found[main] = row
    for key in (*form.matrices, *form.tables):
        if key not in found and (row := _row_of_other(sheet, key, found, found.get(main))) is not None:
            found[key] = row
    return found


def _row_of_other(sheet: LabelledSheet, key: str, taken: dict[str, int], main: int | None) -> int | None:
    """The head row of a block other than the indicators: above them if it can be, otherwise below."""
    number = sheet.words.numbers[key]
    rows = {row: texts for row, texts in sheet.rows.items() if row not in taken.values()}
    if sheet.words.upper_heads[key]:
        rows = _with_lower_line(rows, key)
    above = rows if main is None else {row: texts for row, texts in rows.items() if row < main}
    best = _best_row(above, key, min(_LEAST_OF_OTHERS, number))
    if best is None and main is not None:
        least, indicators = min(HEADS_OF_OTHERS, number), sheet.words.indicators
        below = (row for row in rows if row > main and len(_columns(rows[row], key)) >= least)
        best = next((row for row in below if is_other_block(sheet, indicators, rows[row])), None)
    if best is None:
        return None
    lines = [best, best + 1] if len(rows[best]) > len(sheet.rows[best]) else [best]
    return max(lines, key=lambda row: len(_columns(sheet.rows[row], key)))


def _with_lower_line(rows: Mapping[int, Sequence[LabelledText]], key: str) -> dict[int, Sequence[LabelledText]]:
    """Rows with heads, each with the row below it, of a block whose heads take two lines."""
    with_heads = {row: texts for row, texts in rows.items() if _columns(texts, key)}
    return {row: [*texts, *with_heads.get(row + 1, ())] for row, texts in with_heads.items()}


def _best_row(rows: Mapping[int, Sequence[LabelledText]], key: str, least: int) -> int | None:
    """The row with the most different heads of a block; None if none has at least this many."""
    counts = [(row, len(_columns(texts, key))) for row, texts in rows.items()]
    best = max(counts, key=lambda item: item[1], default=(0, 0))
    return best[0] if best[1] >= max(1, least) else None


def _columns(texts: Sequence[LabelledText], key: str) -> set[str]:
    """The different columns of a block that texts head."""
    return {name for item in texts if (name := item.head(key)) is not None}


def is_other_block(sheet: LabelledSheet, table: str, texts: Sequence[LabelledText]) -> bool:
    """Whether a row is the head of another block than this table; some forms have these below it."""
    words = sheet.words
    others = [(len(_columns(texts, key)), min(HEADS_OF_OTHERS, words.numbers[key]))
              for key in words.heads if key != table]  # fmt: skip
    others += [(len({item.below_head(block) for item in texts} - {None}), 2) for block in words.below_heads]
    most = max((count for count, least in others if count >= least), default=0)
    return most > 0 and most > len(_columns(texts, table))


# ── columns ─────────────────────────────────────────────────────


def read_heads(match: LabelMatch, key: str, row: int) -> list[int]:
    """Find the columns of a matrix or table.

    Args:
        match: receives the results.
        key: the block.
        row: the row with the most heads.

    Returns:
        The columns of the heads that are not in the form.
    """
    block = match.block(key)
    match.heads[key] = {}
    heads, first, last = _head_texts(match, block, row)
    match.head_lines[key] = (first, last)
    if isinstance(block, Matrix):
        return _read_matrix_heads(match, key, heads)
    _read_table_heads(match, key, heads)
    return []


def _read_matrix_heads(match: LabelMatch, key: str, heads: list[LabelledText]) -> list[int]:
    columns, unknown_columns = match.heads[key], []
    for item in heads:
        box, text, name = item.box, item.text, item.head(key)
        if name is not None and name not in columns:
            columns[name] = box
            match.count_found(box, text)
        elif MONEY_UNIT.search(text) or item.is_side or not columns or _is_common(match, key, item, heads):
            match.known_boxes.add(box)
        else:
            match.count_unknown(text)
            match.unread_heads[box] = key
            unknown_columns.append(box.left)
    return unknown_columns


def _read_table_heads(match: LabelMatch, key: str, heads: list[LabelledText]) -> None:
    columns, found = [name for name, column in match.block(key).columns.items() if not column.helper], match.heads[key]
    first = min(item.box.left for item in heads if item.head(key) is not None)  # before it: serial numbers, titles
    for item in heads:
        box, text, name = item.box, item.text, item.head(key)
        if item.key in match.sheet.words.helper_heads:
            match.known_boxes.add(Box(box.sheet, 1, box.left, max(match.page.rows), box.right))
        elif name is not None and name not in found:
            found[name] = box
            match.count_found(box, text, HEAD_WEIGHT)
        elif item.is_side or _is_common(match, key, item, heads):
            match.known_boxes.add(box)
            if item.key == _SERIAL:
                match.known_boxes.add(Box(box.sheet, box.top, box.left, max(match.page.rows), box.right))
            if item.is_side and box.left > first:
                match.side_heads[box] = key
        elif not _FIGURE.fullmatch(item.key):
            match.count_unknown(text, HEAD_WEIGHT)
            match.unread_heads[box] = key
    order = [columns.index(name) for name in sorted(found, key=lambda name: found[name].left)]
    match.unknown_weight += sum(
        left > right for left, right in itertools.pairwise(order)
    )  # 分值 may precede the target


def _is_common(match: LabelMatch, key: str, item: LabelledText, heads: list[LabelledText]) -> bool:
    """Whether a head is only the common title of others: by its label, or because it spans known heads."""
    under = [other for other in heads if _is_over(item.box, other.box)]
    known = item.head(key) is not None or any(other.box in match.known_boxes for other in under)
    return item.is_upper_head(key) or (bool(under) and known)


# ── lines ───────────────────────────────────────────────────────


def _head_texts(match: LabelMatch, block: Matrix | Table, row: int) -> tuple[list[LabelledText], int, int]:
    """The heads, the lowest first, and their first and last row."""
    if isinstance(block, Table):
        return _table_head_texts(match, block.key, row)
    rows, key = match.sheet.rows, block.key
    lines = [row]
    for other in (row - 1, row + 1):
        if _is_other_line(match, block, other, {item.head(key) for item in rows[row]}):
            lines.append(other)
    left = min(item.box.left for line in lines for item in rows[line] if item.head(key) is not None)
    heads = [item for line in lines for item in rows[line] if line == row or item.box.left >= left]
    return sorted(heads, key=lambda item: (-item.box.top, item.box.left)), min(lines), max(lines)


def _is_other_line(match: LabelMatch, matrix: Matrix, row: int, known: set[str | None]) -> bool:
    """Whether a row beside the head row is another line of heads: it has heads that are missing there."""
    line = match.sheet.rows.get(row, [])
    names = {item.head(matrix.key) for item in line} - known - {None}
    is_upper = any(item.is_upper_head(matrix.key) for item in line)
    return (bool(names) or is_upper) and not any(item.rows(matrix.key) for item in line)


def _table_head_texts(match: LabelMatch, key: str, row: int) -> tuple[list[LabelledText], int, int]:
    rows = match.sheet.rows
    heads = list(rows[row])
    names = {item.head(key) for item in heads} | {None}
    above = [
        item
        for top in range(row - _MOST_LINES + 1, row)
        for item in rows.get(top, ())
        if row <= item.box.bottom < row + _MOST_LINES
        or (item.box.bottom == row - 1 and (_is_group(key, item, heads) or item.head(key) not in names))
    ]
    tall = [item.box.bottom for item in (*heads, *above) if not item.is_side]
    last = max((bottom for bottom in tall if bottom < row + _MOST_LINES), default=row)
    if last == row and _is_second_line(match, key, row + 1):
        last = row + 1
    below = [item for top in range(row + 1, last + 1) for item in rows.get(top, ())]
    left = min((item.box.left for item in heads if item.head(key)), default=1)
    below = [item for item in below if item.box.left >= left and not item.is_level(key)]
    texts = sorted([*above, *heads, *below], key=lambda item: (-item.box.top, item.box.left))
    # a text above the heads may be the content of the block above, as wide as several heads
    first = min(item.box.top for item in texts if item.head(key) is not None or item.is_upper_head(key))
    return texts, first, last


def _is_second_line(match: LabelMatch, key: str, row: int) -> bool:
    """Whether a row is a second line of heads: at least two of its texts are heads, and none is a level."""
    line = match.sheet.rows.get(row, [])
    return len(_columns(line, key)) >= 2 and not any(item.is_level(key) for item in line)


def _is_over(box: Box, other: Box) -> bool:
    """Whether a head is above another and spans it."""
    return box.bottom < other.top and box.left <= other.left and other.right <= box.right and box.merged


def _is_group(key: str, item: LabelledText, heads: list[LabelledText]) -> bool:
    """Whether a text above heads is only their common title: 指标情况 over 年度指标值 and 实际完成值."""
    under = [other.head(key) for other in heads if _is_over(item.box, other.box)]
    beside = item.box.left >= min(other.box.left for other in heads)
    return beside and (item.is_upper_head(key) or (len(under) > 1 and None not in under))
