"""Formulas, ranges and cell addresses in a workbook's XML whose row numbers are adjusted when rows are removed.

A bulk template has more rows than a form needs. Removing rows at the end of a group leaves every formula as the writer
would have written it for the smaller form: an address keeps its row, and a range keeps those of its rows that remain.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable
from dataclasses import dataclass

#: A row by its number in the template, or a range: the text before its first row, first row, column, last row.
Token = int | tuple[str, int, str, int]

_REFERENCE = re.compile(
    r'"(?:[^"]|"")*"'  # a string in a formula: never an address
    r"|(?P<sheet>'[^']+'!|[^\W\d]\w*!)?(?<![\w.$])(?P<left>\$?[A-Z]{1,3}\$?)(?P<top>[0-9]{1,7})"
    r"(?::(?P<right>\$?[A-Z]{1,3}\$?)(?P<bottom>[0-9]{1,7}))?(?![\w(.])"
)

#: Placeholder of a range that has lost all its rows, until the comma next to it is removed as well.
_GONE = "\0"


class RowMap(dict[Token, str]):
    """Maps rows of the template to rows of the smaller form.

    Args:
        kept: the rows of the template that remain, in order.
    """

    def __init__(self, kept: Iterable[int]) -> None:
        self.kept = tuple(kept)
        super().__init__({row: str(now) for now, row in enumerate(self.kept, 1)})
        self._now = {row: now for now, row in enumerate(self.kept, 1)}

    def shifted(self, row: int) -> int | None:
        """The new number of a row; None for one that was removed."""
        return self._now.get(row)

    def as_if(self, row: int, other: int) -> RowMap:
        """The same map, but references to ``row`` lead to ``other``, a row that remains."""
        alias = RowMap(self.kept)
        alias[row], alias._now[row] = self[other], self._now[other]
        return alias

    def first_from(self, row: int) -> int:
        """The new number of the first remaining row from this one on; if there is none, the number of rows plus 1."""
        return self._now.get(row) or bisect_left(self.kept, row) + 1

    def last_to(self, row: int) -> int:
        """The new number of the last remaining row up to this one; 0 if there is none."""
        return self._now.get(row) or bisect_right(self.kept, row)

    def __missing__(self, token: Token) -> str:
        assert not isinstance(token, int), f"row {token} was taken out, and something kept speaks of it"
        before, top, right, bottom = token
        first, last = self.first_from(top), self.last_to(bottom)
        if first > last:
            text = _GONE
        elif first == last and before.rpartition("!")[2] == right:
            text = f"{before}{first}"
        else:
            text = f"{before}{first}:{right}{last}"
        self[token] = text
        return text


@dataclass(frozen=True)
class ShiftableText:
    """A text in pieces, with a token between each two pieces."""

    pieces: tuple[str, ...]
    tokens: tuple[Token, ...] = ()

    def text_at(self, rows: RowMap) -> str:
        """The text in the smaller form."""
        if not self.tokens:
            return self.pieces[0]
        parts = [""] * (2 * len(self.tokens) + 1)
        parts[::2] = self.pieces
        parts[1::2] = [rows[token] for token in self.tokens]
        text = "".join(parts)
        return text.replace(f",{_GONE}", "").replace(f"{_GONE},", "") if _GONE in text else text

    def is_removed(self, rows: RowMap) -> bool:
        """Whether the text consists of one address, and no row of that remains."""
        return any(
            rows.shifted(token) is None if isinstance(token, int) else rows[token] == _GONE for token in self.tokens
        )

    def __add__(self, other: ShiftableText) -> ShiftableText:
        return join_texts([self, other])


def join_texts(texts: Iterable[ShiftableText]) -> ShiftableText:
    """Concatenate texts."""
    pieces: list[str] = [""]
    tokens: list[Token] = []
    for text in texts:
        pieces[-1] += text.pieces[0]
        pieces += text.pieces[1:]
        tokens += text.tokens
    return ShiftableText(tuple(pieces), tuple(tokens))


def shiftable_text(text: str, sheet: str, sheets: Collection[str]) -> ShiftableText:
    """Parse a text, with its addresses as tokens.

    Args:
        text: a text with formulas or addresses, escaped as XML or not.
        sheet: the name of the sheet that contains it.
        sheets: the sheets whose rows move; addresses on others remain unchanged.
    """
    pieces: list[str] = []
    tokens: list[Token] = []
    end = start = 0
    for match in _REFERENCE.finditer(text):
        target = (match["sheet"] or "").strip("'!") or sheet
        if match["left"] is None or target not in sheets:
            continue
        before = (match["sheet"] or "") + match["left"]
        start = match.start()
        if match["bottom"] is None:
            pieces.append(text[end:start] + before)
            tokens.append(int(match["top"]))
        else:
            pieces.append(text[end:start])
            tokens.append((before, int(match["top"]), match["right"], int(match["bottom"])))
        end = match.end()
    pieces.append(text[end:])
    return ShiftableText(tuple(pieces), tuple(tokens))
