"""The tables on one sheet: forms below each other, and other tables above or below a form, each under its title."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from xltool.form.definition import load_form, references
from xltool.recognition.by_labels import head_rows
from xltool.recognition.labels import Vocabulary, is_total, label_key, label_meaning, vocabulary
from xltool.recognition.sheet_view import SheetView
from xltool.recognition.table_kinds import load_table_kinds
from xltool.workbook.grid import Grid

#: What forms are called.
_FORM = "自评表"

#: What titles of tables end with.
_TABLE = re.compile(r"(?:表|底稿|清单|一览|目录)(?:[(].*[)])?$")

#: A longer text is no title, nor is one that begins like this.
_LONGEST = 30
_NO_TITLE = re.compile(r"[(（]?(?:注|备注|说明|填表|填报|附注|\d+[.、]|[一二三四五六七八九十]+[.、])")

#: So many heads of indicators in a row, or so many rows of so many texts, are a table.
_HEADS, _ROWS, _TEXTS = 4, 3, 3

#: So many heads of funds in a row tell that a form begins anew.
_FUND_HEADS = 2


def split_tables(grid: Grid, sheet: str) -> list[SheetView]:
    """The rows of each table on a sheet."""
    page = SheetView(grid, sheet)
    starts = [page.top, *_starts(page)]
    return [SheetView(grid, sheet, top, end - 1)
            for top, end in zip(starts, [*starts[1:], page.bottom + 1], strict=True)]  # fmt: skip


def _starts(page: SheetView) -> Iterator[int]:
    """The rows with which tables begin below another."""
    forms = [load_form(one) for one in references()]
    words = [vocabulary(form) for form in forms]
    found = max((head_rows(page, form) for form in forms), key=len, default=[])
    between = {row for pair in itertools.pairwise(found) if (row := _last_title(page, *pair))}
    before = page.top
    for row, boxes in page.rows.items():
        alone = label_key(boxes[0][1]) if len(boxes) == 1 else ""
        titled = row in between or _is_title(alone)
        if not titled and not (len(boxes) >= _HEADS and row > page.top and _heads(page, row, words)):
            continue
        above, below = _piece(page, before, row), _piece(page, row + titled, page.bottom + 1)
        if not titled and not _has_total(page, above, words):
            continue
        if _is_table(page, above, words) and _is_table(page, below, words) and not _goes_on(page, above, below, words):
            yield row
            before = row


def _last_title(page: SheetView, first: int, second: int) -> int | None:
    """The row of the last title of a form between two rows of heads."""
    rows = [box.top for box, text in page.texts() if first < box.top < second and _FORM in label_key(text)]
    return rows[-1] if rows else None


def _is_title(text: str) -> bool:
    """Whether a text that stands alone in its row may be the title of a table."""
    if not text or len(text) > _LONGEST or _NO_TITLE.match(text):
        return False
    return _FORM in text or (
        (text.endswith("表") or "表(" in text) and any(one.is_titled([text]) for one in load_table_kinds().kinds)
    )


def _piece(page: SheetView, top: int, end: int) -> list[int]:
    return [row for row in page.rows if top <= row < end]


def _is_table(page: SheetView, rows: list[int], words: list[Vocabulary]) -> bool:
    """Whether a table stands in these rows."""
    wide = [row for row in rows if len(page.rows[row]) >= _TEXTS]
    return len(wide) >= _ROWS and any(_heads(page, row, words) for row in wide)


def _heads(page: SheetView, row: int, words: list[Vocabulary]) -> bool:
    """Whether a row heads indicators."""
    texts = [text for _, text in page.rows[row]]
    return any(len({label_meaning(text, one.columns) for text in texts} - {None}) >= _HEADS for one in words)


def _has_total(page: SheetView, rows: list[int], words: list[Vocabulary]) -> bool:
    """Whether the row of a total stands below heads of indicators: the funds have one too."""
    first = next((row for row in rows if _heads(page, row, words)), None)
    return first is not None and any(
        is_total(text, one) for row in rows if row > first for _, text in page.rows[row] for one in words
    )


def _goes_on(page: SheetView, above: list[int], below: list[int], words: list[Vocabulary]) -> bool:
    """Whether a form but goes on under its title, which is printed again on the next page."""
    if _has_total(page, above, words):
        return False
    first = next(row for row in below if _heads(page, row, words))
    opening = [[text for _, text in page.rows[row]] for row in below if row < first]
    return not any(len({label_meaning(text, one.funds) for text in texts} - {None}) >= _FUND_HEADS
                   for texts in opening for one in words)  # fmt: skip
