"""Read a matrix by its labels: its rows in any order, and rows that are not in the form."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xltool.form.blocks import Matrix
from xltool.form.places import FixedRowCell
from xltool.recognition.label_match import LabelMatch, UnreadLine
from xltool.recognition.labelled_sheet import LabelledText
from xltool.workbook.box import Box

_DIGIT = re.compile(r"\d")
_AMOUNT = re.compile(r"[-+¥￥]?[\d,，.]+(?:万?元|%)?")


def read_matrix(match: LabelMatch, key: str, end: int, unknown_columns: Sequence[int]) -> None:
    """Find the rows of a matrix.

    Args:
        match: has its heads; receives the results.
        key: the matrix.
        end: the row of the heads of the next block.
        unknown_columns: the columns of the heads that are not in the form.
    """
    reader = _Rows(match, match.form.matrices[key])
    first, last = min(box.left for box in match.heads[key].values()), match.head_lines[key][1]
    for row in range(last + 1, end):
        texts = match.sheet.rows.get(row, [])
        if any(item.is_below_head for item in texts):
            break
        labels = [item for item in texts if item.box.left < first and item.box.top == row]
        if any(item.total is not None and not item.rows(key) for item in labels):
            break
        reader.read(row, labels)
        if reader.seen and labels:
            cells = [match.page.box(row, column) for column in unknown_columns]
            match.lost_cells += sum(reader.is_content(match.page.text(box)) for box in cells)


class _Rows:
    """Reads the rows from top to bottom, keeping the row under which labels are nested."""

    def __init__(self, match: LabelMatch, matrix: Matrix) -> None:
        self.match, self.matrix = match, matrix
        self.has_money = any(column.kind.name == "money" for column in matrix.columns.values())
        self.outer = {row.under for row in matrix.rows.values()} - {""}
        self.seen: set[str] = set()
        self.under = ""

    def read(self, row: int, labels: Sequence[LabelledText]) -> None:
        """Find the cells of a row with a known label; keep the contents of any other row."""
        match, key = self.match, self.matrix.key
        label, name = self._row_of(labels)
        if label is None or name in self.seen:
            texts = [item for item in labels if not _AMOUNT.fullmatch(item.key)]
            if texts and texts[-1].field is None:
                self._keep_unread(row, texts[-1].box, texts[-1].text)
            return
        self.seen.add(name)
        match.count_found(label.box, label.text)
        match.known_boxes |= {item.box for item in labels if item.rows(key)}
        if name in self.outer:  # the label of its sum may be beside it: 小计
            match.known_boxes |= {item.box for item in labels}
        for column, head in match.heads[key].items():
            match.boxes[FixedRowCell(key, name, column)] = match.page.box(row, head.left)
        match.cells += len(list(self._contents(row)))

    def _row_of(self, labels: Sequence[LabelledText]) -> tuple[LabelledText | None, str]:
        """The row that labels name, from the outer to the inner one, and the label that names it.

        A label that occurs under several others belongs to the one above it.
        """
        found: tuple[LabelledText | None, str] = (None, "")
        for item in labels:
            rows = [self.matrix.rows[name] for name in item.rows(self.matrix.key)]
            nested = [row.id for row in rows if row.under and row.under == self.under]
            alone = [row.id for row in rows if row.under] if len(rows) == 1 else []
            plain = [row.id for row in rows if not row.under]
            inner = next((name for name in nested if name not in self.seen), "")
            if inner or (found[0] is None and (plain or nested or alone)):
                found = item, inner or [*plain, *nested, *alone][0]
            self.under = next((name for name in plain if not inner), self.under)
        return found

    def _keep_unread(self, row: int, box: Box, text: str) -> None:
        contents = dict(self._contents(row))
        if not contents:
            return
        heads = self.match.heads[self.matrix.key]
        cells = tuple(self.match.page.box(row, heads[column].left) for column in contents)
        self.match.unread_lines.append(UnreadLine(self.matrix.key, box, text, contents, cells))
        self.match.count_unknown(text)
        self.match.lost_cells += len(contents)

    def _contents(self, row: int) -> Iterator[tuple[str, str]]:
        """Yield the columns in which a row has contents, with the displayed text: amounts, if there are any."""
        for column, head in self.match.heads[self.matrix.key].items():
            text = self.match.page.text(self.match.page.box(row, head.left))
            is_asked = not self.has_money or self.matrix.columns[column].kind.name == "money"
            if is_asked and self.is_content(text):
                yield column, text

    def is_content(self, text: str) -> bool:
        """Whether a text is an amount, or in a matrix without amounts any text."""
        return _DIGIT.search(text) is not None if self.has_money else bool(text)
