"""Rows seen before: what expat once said of a row holds for every row that differs from it in its values alone.

Returned workbooks of one template share nearly all of their sheets, formulas first of all. A row is recognised by its
bytes between its values; the values themselves are put in where somebody asks for them. Anything out
of the ordinary, in the part or in one of its rows, is left to ``SheetPart``, which reads the whole part as if this room
were not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

from xltool.support.templates import cache_within_budget, current_templates, recount
from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import Spot
from xltool.workbook.limits import Limits
from xltool.workbook.namespaces import MAIN, STRICT_MAIN
from xltool.workbook.ooxml.cells import Raw, SharedFormula
from xltool.workbook.ooxml.row_templates import BEGIN, END, Place, RowCells, RowTemplate, parse_templates
from xltool.workbook.ooxml.sheet import SheetPart
from xltool.workbook.ooxml.sheet_metadata import SheetMetadata
from xltool.workbook.ooxml.xml import has_long_run, has_no_markup

_ROW, _ROW_END = b'<row r="', b"</row>"
_ROOT = re.compile(rb'<worksheet (?:[^<>]* )?xmlns="([^"]*)"[^<>]*>')
_SPACES = {MAIN.rstrip().encode(), STRICT_MAIN.rstrip().encode()}

_VALUE = re.compile(rb"<v>([^<]*)</v>")

#: Rows that were learnt may differ so much at one place.
_MOST_WAYS = 32

#: Bytes and rows of a part, bytes of a row that is remembered.
_LARGEST, _MOST_ROWS, _LONGEST = 4_000_000, 2_000, 200_000

#: The rows of one sheet take at most this share of the budget of all caches.
_SHARE = 4

#: The bytes that a row takes for each byte of its text between its values, and those of its values.
_BYTES_LEARNT, _BYTES_READ = 4, 2


@dataclass(frozen=True)
class SheetFacts:
    """What one worksheet's part says.

    Attributes:
        cells, masters, hidden_rows, around: as of ``SheetPart``.
    """

    cells: Mapping[Spot, Raw]
    masters: Mapping[str, Sequence[SharedFormula]]
    hidden_rows: Sequence[tuple[int, int]]
    around: SheetMetadata


class _KnownRow(NamedTuple):
    """A row as it stood in a workbook: what was learnt of it, its bytes, its values."""

    row: RowTemplate
    text: bytes
    values: Sequence[bytes]


class _NewRow(NamedTuple):
    """A row that has yet to be learnt: its bytes, its values, and its bytes between these."""

    text: bytes
    values: Sequence[bytes]
    markup: tuple[bytes, ...]


class _TrieNode:
    """Where rows that were learnt part: the bytes up to the next value, or up to the end of one."""

    def __init__(self) -> None:
        self.ways: list[tuple[bytes, _TrieNode | RowTemplate]] = []

    def insert(self, row: RowTemplate) -> None:
        """Learn another row, unless there are too many that differ from it at one place."""
        fork = self
        *inner, last = row.pieces
        for piece in inner:
            way = next((follows for known, follows in fork.ways if known == piece), None)
            if not isinstance(way, _TrieNode):
                way = _TrieNode()
                fork._add(piece, way)
            fork = way
        fork._add(last, row)

    def _add(self, piece: bytes, follows: _TrieNode | RowTemplate) -> None:
        if len(self.ways) < _MOST_WAYS:
            self.ways.append((piece, follows))

    def row(self, data: bytes, at: int) -> _KnownRow | None:
        """The row that begins here with its values; None if it is none that was learnt."""
        fork, start = self, at
        values: list[bytes] = []
        while True:
            for piece, follows in fork.ways:  # noqa: B007  # a loop of half the time that next() takes
                if data.startswith(piece, at):
                    break
            else:
                return None
            at += len(piece)
            if isinstance(follows, RowTemplate):
                return _KnownRow(follows, data[start:at], values)
            stop = data.find(b"<", at)
            values.append(data[at:stop])
            fork, at = follows, stop


@dataclass
class RowCache:
    """What was learnt of the rows of one sheet, by the text of their number, and the rows that it had last.

    Attributes:
        most: the bytes that it may take.
        size: those that it takes, by estimate.
    """

    most: int
    rows: dict[bytes, _TrieNode] = field(default_factory=dict)
    last: list[_KnownRow] = field(default_factory=list)
    size: int = 0

    def add(self, learnt: Iterable[RowTemplate]) -> None:
        """Remember rows; where it gets too much, begin anew."""
        for row in learnt:
            if row.size < _LONGEST:
                self.rows.setdefault(_number(row.pieces[0], 0), _TrieNode()).insert(row)
                self._grow(_BYTES_LEARNT * row.size)

    def add_last(self, rows: list[_KnownRow]) -> None:
        """Remember the rows of the sheet as they stood in a workbook."""
        grown = sum(len(one.text) for one in rows) - sum(len(one.text) for one in self.last)
        self.last = rows
        self._grow(_BYTES_READ * grown)

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > self.most:
            self.rows, self.last, self.size = {}, [], 0


@cache_within_budget(lambda known, _: known.size)
def row_cache_of(place: Place) -> RowCache:
    """What was learnt of the rows of a sheet of this title, start tag and limits."""
    return RowCache(current_templates().budget // _SHARE)


def read_sheet(name: str, title: str, data: bytes, limits: Limits, most_cells: int) -> SheetFacts:
    """Everything that a worksheet's part says.

    Raises:
        Unreadable: see ``SheetPart.read``.
    """
    found = read_with_cache(name, title, data, limits, most_cells) if current_templates().fast else None
    return found or read_with_expat(name, title, data, limits, most_cells)


def read_with_expat(name: str, title: str, data: bytes, limits: Limits, most_cells: int) -> SheetFacts:
    """The same without any memory."""
    part = SheetPart(name, title, limits, most_cells).read(data)
    return SheetFacts(part.cells, part.masters, part.hidden_rows, part.around)


def read_with_cache(name: str, title: str, data: bytes, limits: Limits, most_cells: int) -> SheetFacts | None:
    """The same, from rows that are known or can be learnt; None where the part is out of the ordinary."""
    begin, end = data.find(BEGIN), data.rfind(END)
    if len(data) > _LARGEST or begin < 0 or end < begin or has_long_run(data, limits.text_bytes) >= 0:
        return None
    around = _around(name, title, data[:begin], data[end + len(END) :], limits)
    if around is None:
        return None
    root, around_cells = around
    found = _rows(data, begin + len(BEGIN), end, (title, root, limits))
    if found is None:
        return None
    rows: dict[int, tuple[RowTemplate, Sequence[bytes]]] = {}
    masters: dict[str, list[SharedFormula]] = {}
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


def _rows(data: bytes, at: int, end: int, place: Place) -> list[_KnownRow] | None:
    """The rows between two places of a part; None where one is not understood.

    Where the mark of the end stands in a comment, rows do not begin as rows do, or are not well formed by themselves.
    """
    found: list[_KnownRow | _NewRow] = []
    known = row_cache_of(place)
    size, forks, last = known.size, known.rows, known.last
    while at < end:
        before = last[len(found)] if len(found) < len(last) else None
        if not data.startswith(_ROW, at) or len(found) >= _MOST_ROWS:
            return None
        one = _known_row(data, at, before, forks) or _taken_apart(data, at, end)
        found.append(one)
        at += len(one.text)
    rows = _all_seen(found, place, known)
    new = [one for number, one in enumerate(rows or ()) if number >= len(last) or one is not last[number]]
    sound = rows is not None and has_no_markup(chain.from_iterable(one.values for one in new))
    if rows is not None and sound and new:
        known.add_last(rows)
    if known.size != size:
        recount(row_cache_of, (place,), known.size)
    return rows if sound else None


def _known_row(data: bytes, at: int, before: _KnownRow | None, forks: Mapping[bytes, _TrieNode]) -> _KnownRow | None:
    """The row that begins here, if it is that of the last workbook or was learnt at any time."""
    if before is not None and data.startswith(before.text, at):
        return before
    fork = forks.get(_number(data, at))
    return fork.row(data, at) if fork is not None else None


def _number(data: bytes, at: int) -> bytes:
    """The number of the row that begins here, as it is written."""
    start = at + len(_ROW)
    return data[start : data.find(b'"', start)]


def _taken_apart(data: bytes, at: int, end: int) -> _NewRow:
    """The row that begins here: what is between its values, and these."""
    stop = data.find(_ROW_END, at, end)
    text = data[at : end if stop < 0 else stop + len(_ROW_END)]
    pieces = _VALUE.split(text)
    return _NewRow(text, pieces[1::2], tuple(pieces[::2]))


def _all_seen(found: Sequence[_KnownRow | _NewRow], place: Place, known: RowCache) -> list[_KnownRow] | None:
    """All rows, after what was not known has been learnt; None where one is not understood."""
    unknown = {one.markup for one in found if isinstance(one, _NewRow)}
    learnt = dict(parse_templates(unknown, place)) if unknown else {}
    known.add(learnt.values())
    if len(learnt) < len(unknown):
        return None
    return [_KnownRow(learnt[one.markup], one.text, one.values) if isinstance(one, _NewRow) else one for one in found]


@cache_within_budget(lambda _, name, title, head, tail, limits: 6 * (len(head) + len(tail)))
def _around(name: str, title: str, head: bytes, tail: bytes, limits: Limits) -> tuple[bytes, SheetMetadata] | None:
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
