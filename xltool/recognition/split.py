"""Split a sheet into its tables: forms and other tables one below another, each under its title."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from xltool.form.loading import load_form
from xltool.form.references import all_references
from xltool.recognition.by_labels import head_rows
from xltool.recognition.labels import Vocabulary, is_total, label_key, label_meaning, vocabulary
from xltool.recognition.sheet_view import SheetView
from xltool.recognition.table_kinds import load_table_kinds
from xltool.workbook.grid import Grid

#: The word in the titles of forms.
_FORM = "自评表"

#: The ending of titles of tables.
_TABLE = re.compile(r"(?:表|底稿|清单|一览|目录)(?:[(].*[)])?$")

#: Longer texts, in characters, are not titles, nor are those with such a beginning.
_LONGEST = 30
_NO_TITLE = re.compile(r"[(（]?(?:注|备注|说明|填表|填报|附注|\d+[.、]|[一二三四五六七八九十]+[.、])")

#: A table has a row with this many indicator heads, and this many rows with this many texts.
_HEADS, _ROWS, _TEXTS = 4, 3, 3

#: The number of heads of another block than the indicators in a row that mark the beginning of another form.
_OTHER_HEADS = 2


def split_tables(grid: Grid, sheet: str) -> list[SheetView]:
    """The tables on a sheet, each as a range of rows."""
    page = SheetView(grid, sheet)
    starts = [page.top, *_starts(page)]
    return [SheetView(grid, sheet, top, end - 1)
            for top, end in zip(starts, [*starts[1:], page.bottom + 1], strict=True)]  # fmt: skip


def _starts(page: SheetView) -> Iterator[int]:
    """Yield the rows at which tables begin below another."""
    forms = [load_form(reference) for reference in all_references()]
    words = [vocabulary(form) for form in forms]
    head = max((head_rows(page, form) for form in forms), key=len, default=[])
    titles = {row for pair in itertools.pairwise(head) if (row := _last_title(page, *pair))}
    before = page.top
    for row, boxes in page.rows.items():
        single_text = label_key(boxes[0][1]) if len(boxes) == 1 else ""
        has_title = row in titles or _is_title(single_text)
        if not has_title and not (len(boxes) >= _HEADS and row > page.top and _is_head_row(page, row, words)):
            continue
        above, below = _rows_between(page, before, row), _rows_between(page, row + has_title, page.bottom + 1)
        if not has_title and not _has_total(page, above, words):
            continue
        if (
            _is_table(page, above, words)
            and _is_table(page, below, words)
            and not _is_continued(page, above, below, words)
        ):
            yield row
            before = row


def _last_title(page: SheetView, first: int, second: int) -> int | None:
    """The row of the last form title between two head rows; None if there is none."""
    rows = [box.top for box, text in page.texts() if first < box.top < second and _FORM in label_key(text)]
    return rows[-1] if rows else None


def _is_title(text: str) -> bool:
    """Whether a text that is alone in its row may be the title of a table."""
    if not text or len(text) > _LONGEST or _NO_TITLE.match(text):
        return False
    return _FORM in text or (
        (text.endswith("表") or "表(" in text) and any(kind.is_titled([text]) for kind in load_table_kinds().kinds)
    )


def _rows_between(page: SheetView, top: int, end: int) -> list[int]:
    return [row for row in page.rows if top <= row < end]


def _is_table(page: SheetView, rows: list[int], words: list[Vocabulary]) -> bool:
    """Whether there is a table in these rows."""
    wide = [row for row in rows if len(page.rows[row]) >= _TEXTS]
    return len(wide) >= _ROWS and any(_is_head_row(page, row, words) for row in wide)


def _is_head_row(page: SheetView, row: int, words: list[Vocabulary]) -> bool:
    """Whether a row is the head of indicators, or of the widest block of a form without them."""
    texts = [text for _, text in page.rows[row]]
    return any(terms.columns_named(texts) >= min(_HEADS, terms.widest_number) for terms in words)


def _has_total(page: SheetView, rows: list[int], words: list[Vocabulary]) -> bool:
    """Whether there is a total below the heads of indicators; the funds may have one too."""
    first = next((row for row in rows if _is_head_row(page, row, words)), None)
    return first is not None and any(
        is_total(text, terms) for row in rows if row > first for _, text in page.rows[row] for terms in words
    )


def _is_continued(page: SheetView, above: list[int], below: list[int], words: list[Vocabulary]) -> bool:
    """Whether a form only continues under its title, which is repeated on the next page."""
    if _has_total(page, above, words):
        return False
    first = next(row for row in below if _is_head_row(page, row, words))
    opening = [[text for _, text in page.rows[row]] for row in below if row < first]
    return not any(
        len({label_meaning(text, terms.heads[key]) for text in texts} - {None})
        >= min(_OTHER_HEADS, len(terms.heads[key]))
        for texts in opening
        for terms in words
        for key in terms.heads
        if key != terms.widest
    )
