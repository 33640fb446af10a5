"""Rows seen before: what expat once said of a row holds for every row that differs from it in its values alone.

Returned workbooks of one template share nearly all of their sheets, formulas first of all. A row's bytes without its
values are the key to what was learnt of it; the values themselves are put in where somebody asks for them. Anything out
of the ordinary, in the part or in one of its rows, is left to ``SheetPart``, which reads the whole part as if this room
were not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, takewhile
from typing import NamedTuple

from xltool.read.around import Around
from xltool.read.cells import Master, Raw
from xltool.read.grid import Spot
from xltool.read.limits import Limits
from xltool.read.refusal import Unreadable
from xltool.read.rows import BEGIN, END, Place, Row, RowCells, learn
from xltool.read.sheet import SheetPart
from xltool.read.xml import MAIN, long_run, plain

_ROW_END = b"</row>"
_ROOT = re.compile(rb'<worksheet (?:[^<>]* )?xmlns="([^"]*)"[^<>]*>')
_SPACES = {MAIN.rstrip().encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main"}

_VALUE = re.compile(rb"<v>([^<]*)</v>")

#: Bytes and rows of a part, bytes of a row, and bytes of all rows that are remembered.
_LARGEST, _MOST_ROWS, _LONGEST, _MOST_BYTES = 4_000_000, 2_000, 200_000, 20_000_000


@dataclass(frozen=True)
class SheetFacts:
    """What one worksheet's part says.

    Attributes:
        cells, masters, hidden_rows, around: as of ``SheetPart``.
    """

    cells: Mapping[Spot, Raw]
    masters: Mapping[str, Sequence[Master]]
    hidden_rows: Sequence[tuple[int, int]]
    around: Around


class _Seen(NamedTuple):
    """A row as it stood in a workbook: what was learnt of it, its bytes, its values."""

    row: Row
    text: bytes
    values: Sequence[bytes]


class _Unseen(NamedTuple):
    """A row that has yet to be looked up by its key: its bytes without its values, also one by one."""

    key: bytes
    text: bytes
    values: Sequence[bytes]
    markup: Sequence[bytes]


@dataclass
class _Memory:
    """What was learnt of rows, by their bytes without their values, and the rows that the last such sheet had."""

    rows: dict[Place, dict[bytes, Row]] = field(default_factory=dict)
    last: dict[Place, list[_Seen]] = field(default_factory=dict)
    size: int = 0

    def keep(self, place: Place, learnt: Mapping[bytes, Row]) -> None:
        """Remember rows; where it gets too much, begin anew."""
        short = {key: row for key, row in learnt.items() if len(key) < _LONGEST}
        self.rows.setdefault(place, {}).update(short)
        self._grow(sum(map(len, short)))

    def keep_last(self, place: Place, rows: Iterable[_Seen]) -> None:
        """Remember the rows of a sheet, as far as what was learnt of them is remembered."""
        known = self.rows.get(place, {})
        before, now = self.last.get(place, []), list(takewhile(lambda one: one.row.key in known, rows))
        self.last[place] = now
        self._grow(sum(len(one.text) for one in now) - sum(len(one.text) for one in before))

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > _MOST_BYTES:
            self.forget()

    def forget(self) -> None:
        """Begin anew."""
        self.rows.clear()
        self.last.clear()
        self.size = 0


_MEMORY = _Memory()


def read_sheet(name: str, title: str, data: bytes, limits: Limits, most_cells: int) -> SheetFacts:
    """Everything that a worksheet's part says.

    Raises:
        Unreadable: see ``SheetPart.read``.
    """
    return from_memory(name, title, data, limits, most_cells) or by_expat(name, title, data, limits, most_cells)


def forget() -> None:
    """Begin anew, as in a new process."""
    _MEMORY.forget()
    _around.cache_clear()


def by_expat(name: str, title: str, data: bytes, limits: Limits, most_cells: int) -> SheetFacts:
    """The same without any memory."""
    part = SheetPart(name, title, limits, most_cells).read(data)
    return SheetFacts(part.cells, part.masters, part.hidden_rows, part.around)


def from_memory(name: str, title: str, data: bytes, limits: Limits, most_cells: int) -> SheetFacts | None:
    """The same, from rows that are known or can be learnt; None where the part is out of the ordinary."""
    begin, end = data.find(BEGIN), data.rfind(END)
    if len(data) > _LARGEST or begin < 0 or end < begin or long_run(data, limits.text_bytes) >= 0:
        return None
    around = _around(name, title, data[:begin], data[end + len(END) :], limits)
    if around is None:
        return None
    root, around_cells = around
    found = _rows(data, begin + len(BEGIN), end, (title, root, limits))
    if found is None:
        return None
    rows: dict[int, tuple[Row, Sequence[bytes]]] = {}
    masters: dict[str, list[Master]] = {}
    hidden: list[tuple[int, int]] = []
    for row, _, values in found:
        if row.number in rows:  # a row that comes twice is for the other reader to tell
            return None
        if row.number:
            rows[row.number] = (row, values)
        for share, master in row.masters:
            masters.setdefault(share, []).append(master)
        hidden += row.hidden
    cells = RowCells(rows)
    if len(cells) > most_cells:
        return None
    return SheetFacts(cells, masters, tuple(_joined(hidden)), around_cells)


def _rows(data: bytes, at: int, end: int, place: Place) -> list[_Seen] | None:
    """The rows between two places of a part; None where one is not understood.

    Where the mark of the end stands in a comment, rows do not begin as rows do, or are not well formed by themselves.
    """
    found: list[_Seen | _Unseen] = []
    last = _MEMORY.last.get(place, [])
    while at < end:
        before = last[len(found)] if len(found) < len(last) else None
        one = (before and _as_before(data, at, before)) or _taken_apart(data, at, end)
        if not one.text.startswith(b'<row r="') or len(found) >= _MOST_ROWS:
            return None
        found.append(one)
        at += len(one.text)
    known = _known([one for one in found if isinstance(one, _Unseen)], place)
    rows = [_Seen(known[one.key], one.text, one.values) if isinstance(one, _Unseen) and one.key in known else one
            for one in found]  # fmt: skip
    seen = [one for one in rows if isinstance(one, _Seen)]
    new = [one for number, one in enumerate(seen) if number >= len(last) or one is not last[number]]
    if len(seen) < len(rows) or not plain(chain.from_iterable(one.values for one in new)):
        return None
    if new:
        _MEMORY.keep_last(place, seen)
    return seen


def _known(unseen: Sequence[_Unseen], place: Place) -> Mapping[bytes, Row]:
    """What is known of rows by their keys, after what was not has been learnt."""
    known = _MEMORY.rows.get(place, {})
    unknown = {one.key: one.markup for one in unseen if one.key not in known}
    if not unknown:
        return known
    learnt = dict(learn(unknown, place))
    _MEMORY.keep(place, learnt)
    return known | learnt


def _taken_apart(data: bytes, at: int, end: int) -> _Unseen:
    """The row that begins here: what is between its values, and these."""
    stop = data.find(_ROW_END, at, end)
    text = data[at : end if stop < 0 else stop + len(_ROW_END)]
    pieces = _VALUE.split(text)
    return _Unseen(b"\0".join(pieces[::2]), text, pieces[1::2], pieces[::2])


def _as_before(data: bytes, at: int, before: _Seen) -> _Seen | None:
    """The row that begins here, if it is that of the last workbook, or is but for its values; None if it is another."""
    if data.startswith(before.text, at):
        return before
    row, start = before.row, at
    if not data.startswith(row.head, at):
        return None
    at += len(row.head)
    values = []
    for piece in row.between:
        stop = data.find(b"<", at)
        if not data.startswith(piece, stop):
            return None
        values.append(data[at:stop])
        at = stop + len(piece)
    return _Seen(row, data[start:at], values)


@lru_cache(maxsize=64)
def _around(name: str, title: str, head: bytes, tail: bytes, limits: Limits) -> tuple[bytes, Around] | None:
    """The root's start tag and what stands around the cells; None where the whole part must be told to be damaged."""
    root = _ROOT.search(head)
    if root is None or root[1] not in _SPACES or b"<!" in head + tail:
        return None
    try:
        return root[0], SheetPart(name, title, limits, 0).read(head + BEGIN + END + tail).around
    except Unreadable:
        return None


def _joined(runs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Runs of rows that follow each other as one."""
    found: list[tuple[int, int]] = []
    for begin, end in runs:
        if found and begin == found[-1][1] + 1:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return iter(found)
