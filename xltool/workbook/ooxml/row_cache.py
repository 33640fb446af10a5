"""A cache of parsed rows: a row is parsed once, and reused for rows that differ from it only in their values.

Returned workbooks of one template share nearly all of their sheets, formulas above all. A row is recognised by its
bytes between the values; the values are filled in when a cell is read. Anything out of the ordinary, in the part or
in one of its rows, is left to ``SheetPart``, which reads the whole part without this cache.
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
from xltool.workbook.ooxml.row_templates import BEGIN, END, RowCells, RowTemplate, SheetKey, parse_templates
from xltool.workbook.ooxml.sheet import SheetPart
from xltool.workbook.ooxml.sheet_metadata import SheetMetadata
from xltool.workbook.ooxml.xml import has_long_run, has_no_markup

_ROW, _ROW_END = b'<row r="', b"</row>"
_ROOT = re.compile(rb'<worksheet (?:[^<>]* )?xmlns="([^"]*)"[^<>]*>')
_SPACES = {MAIN.rstrip().encode(), STRICT_MAIN.rstrip().encode()}

_VALUE = re.compile(rb"<v>([^<]*)</v>")

#: The most branches of a trie node.
_MOST_BRANCHES = 32

#: The most bytes and rows of a part, and the most bytes of a row that is cached.
_LARGEST, _MOST_ROWS, _LONGEST = 4_000_000, 2_000, 200_000

#: The rows of one sheet take at most one part in so many of the budget of all caches.
_SHARE = 6

#: Estimated memory per byte: of the markup of a cached template, and of the text of a row as last read.
_BYTES_PER_MARKUP, _BYTES_PER_TEXT = 4, 2


@dataclass(frozen=True)
class SheetFacts:
    """The contents of one worksheet's part.

    Attributes:
        cells, masters, hidden_rows, metadata: as in ``SheetPart``.
    """

    cells: Mapping[Spot, Raw]
    masters: Mapping[str, Sequence[SharedFormula]]
    hidden_rows: Sequence[tuple[int, int]]
    metadata: SheetMetadata


class _KnownRow(NamedTuple):
    """A row of a workbook whose template is known: the template, its bytes, its values."""

    row: RowTemplate
    text: bytes
    values: Sequence[bytes]


class _NewRow(NamedTuple):
    """A row whose template is not known: its bytes, its values, and its bytes between the values."""

    text: bytes
    values: Sequence[bytes]
    markup: tuple[bytes, ...]


class _TrieNode:
    """A node of a trie of row templates. Its branches are the bytes up to the next value or the end of the row.

    Attributes:
        branches: the bytes, their number, and where they lead: to another node, or to a template.
    """

    def __init__(self) -> None:
        self.branches: list[tuple[bytes, int, _TrieNode | None, RowTemplate | None]] = []

    def insert(self, row: RowTemplate) -> None:
        """Add a template, unless a node on its way has too many branches."""
        node = self
        *inner, last = row.pieces
        for piece in inner:
            child = next((branch for known, _, branch, _ in node.branches if known == piece), None)
            if child is None:
                child = _TrieNode()
                node._add(piece, child, None)
            node = child
        node._add(last, None, row)

    def _add(self, piece: bytes, child: _TrieNode | None, row: RowTemplate | None) -> None:
        if len(self.branches) < _MOST_BRANCHES:
            self.branches.append((piece, len(piece), child, row))

    def find(self, data: bytes, at: int) -> _KnownRow | None:  # the loop is the most of what an unseen workbook costs
        """The row that begins at ``at``, with its values; None if no template matches."""
        branches, start, starts_with, find = self.branches, at, data.startswith, data.find
        values: list[bytes] = []
        while True:
            for piece, length, child, row in branches:  # noqa: B007  # the loop takes half the time of next()
                if starts_with(piece, at):
                    break
            else:
                return None
            at += length
            if child is None:
                return _KnownRow(row, data[start:at], values) if row is not None else None
            stop = find(b"<", at)
            values.append(data[at:stop])
            branches, at = child.branches, stop


@dataclass
class RowCache:
    """The known row templates of one sheet by the text of their row number, and the rows of the sheet last read.

    Attributes:
        capacity: the most bytes that it may take.
        size: the estimated bytes that it takes.
    """

    capacity: int
    rows: dict[bytes, _TrieNode] = field(default_factory=dict)
    last_rows: list[_KnownRow] = field(default_factory=list)
    size: int = 0

    def add(self, templates: Iterable[RowTemplate]) -> None:
        """Add templates; if the cache grows too large, it is cleared."""
        for row in templates:
            if row.size < _LONGEST:
                self.rows.setdefault(_row_number(row.pieces[0], 0), _TrieNode()).insert(row)
                self._grow(_BYTES_PER_MARKUP * row.size)

    def add_last(self, rows: list[_KnownRow]) -> None:
        """Keep the rows of a sheet as last read, in place of those before."""
        growth = sum(len(row.text) for row in rows) - sum(len(row.text) for row in self.last_rows)
        self.last_rows = rows
        self._grow(_BYTES_PER_TEXT * growth)

    def _grow(self, size: int) -> None:
        self.size += size
        if self.size > self.capacity:
            self.rows, self.last_rows, self.size = {}, [], 0


@cache_within_budget(lambda known, _: known.size)
def row_cache_of(place: SheetKey) -> RowCache:
    """The cache for the rows of a sheet with this title, root tag and limits."""
    return RowCache(current_templates().budget // _SHARE)


def read_sheet(name: str, title: str, data: bytes, limits: Limits, most_cells: int) -> SheetFacts:
    """Read a worksheet's part, with the cache if it applies.

    Raises:
        Unreadable: as in ``SheetPart.read``.
    """
    facts = read_with_cache(name, title, data, limits, most_cells) if current_templates().fast else None
    return facts or read_with_expat(name, title, data, limits, most_cells)


def read_with_expat(name: str, title: str, data: bytes, limits: Limits, most_cells: int) -> SheetFacts:
    """Read a worksheet's part without the cache.

    Raises:
        Unreadable: as in ``SheetPart.read``.
    """
    part = SheetPart(name, title, limits, most_cells).read(data)
    return SheetFacts(part.cells, part.masters, part.hidden_rows, part.around)


def read_with_cache(name: str, title: str, data: bytes, limits: Limits, most_cells: int) -> SheetFacts | None:
    """Read a worksheet's part row by row with the cache; None if it is out of the ordinary."""
    begin, end = data.find(BEGIN), data.rfind(END)
    if len(data) > _LARGEST or begin < 0 or end < begin or has_long_run(data, limits.text_bytes) >= 0:
        return None
    root_and_metadata = _read_around(name, title, data[:begin], data[end + len(END) :], limits)
    if root_and_metadata is None:
        return None
    root, metadata = root_and_metadata
    known_rows = _read_rows(data, begin + len(BEGIN), end, (title, root, limits))
    if known_rows is None:
        return None
    rows: dict[int, tuple[RowTemplate, Sequence[bytes]]] = {}
    masters: dict[str, list[SharedFormula]] = {}
    hidden: list[tuple[int, int]] = []
    for row, _, values in known_rows:
        if row.number in rows:  # the other reader reports a row that occurs twice
            return None
        if row.number:
            rows[row.number] = (row, values)
        for share, master in row.masters:
            masters.setdefault(share, []).append(master)
        hidden += row.hidden
    cells = RowCells(rows)
    if len(cells) > most_cells:
        return None
    return SheetFacts(cells, masters, tuple(_merge_runs(hidden)), metadata)


def _read_rows(data: bytes, at: int, end: int, place: SheetKey) -> list[_KnownRow] | None:
    """Read the rows between two offsets of a part; None if any of them is out of the ordinary.

    If ``</sheetData>`` was found inside a comment, the rows do not begin as rows do, or are not well-formed.
    """
    parsed: list[_KnownRow | _NewRow] = []
    cache = row_cache_of(place)
    size, tries, last = cache.size, cache.rows, cache.last_rows
    while at < end:
        before = last[len(parsed)] if len(parsed) < len(last) else None
        if not data.startswith(_ROW, at) or len(parsed) >= _MOST_ROWS:
            return None
        row = _find_row(data, at, before, tries) or _split_row(data, at, end)
        parsed.append(row)
        at += len(row.text)
    rows = _complete(parsed, place, cache)
    new = [row for number, row in enumerate(rows or ()) if number >= len(last) or row is not last[number]]
    is_plain = rows is not None and has_no_markup(chain.from_iterable(row.values for row in new))
    if rows is not None and is_plain and new:
        cache.add_last(rows)
    if cache.size != size:
        recount(row_cache_of, (place,), cache.size)
    return rows if is_plain else None


def _find_row(data: bytes, at: int, before: _KnownRow | None, tries: Mapping[bytes, _TrieNode]) -> _KnownRow | None:
    """The row at an offset if it equals that of the last workbook or matches a template; None if neither."""
    if before is not None and data.startswith(before.text, at):
        return before
    trie = tries.get(_row_number(data, at))
    return trie.find(data, at) if trie is not None else None


def _row_number(data: bytes, at: int) -> bytes:
    """The number of the row that begins at an offset, as written."""
    start = at + len(_ROW)
    return data[start : data.find(b'"', start)]


def _split_row(data: bytes, at: int, end: int) -> _NewRow:
    """Split the row that begins at an offset into its values and the bytes between them."""
    stop = data.find(_ROW_END, at, end)
    text = data[at : end if stop < 0 else stop + len(_ROW_END)]
    pieces = _VALUE.split(text)
    return _NewRow(text, pieces[1::2], tuple(pieces[::2]))


def _complete(rows: Sequence[_KnownRow | _NewRow], place: SheetKey, cache: RowCache) -> list[_KnownRow] | None:
    """Parse the templates of new rows and add them to the cache; None if any row is out of the ordinary."""
    unknown = {row.markup for row in rows if isinstance(row, _NewRow)}
    templates = dict(parse_templates(unknown, place)) if unknown else {}
    cache.add(templates.values())
    if len(templates) < len(unknown):
        return None
    return [_KnownRow(templates[row.markup], row.text, row.values) if isinstance(row, _NewRow) else row for row in rows]


@cache_within_budget(lambda _, name, title, head, tail, limits: 6 * (len(head) + len(tail)))
def _read_around(name: str, title: str, head: bytes, tail: bytes, limits: Limits) -> tuple[bytes, SheetMetadata] | None:
    """The root tag and the sheet's metadata; None if the part is damaged or out of the ordinary."""
    root = _ROOT.search(head)
    if root is None or root[1] not in _SPACES or b"<!" in head + tail:
        return None
    try:
        return root[0], SheetPart(name, title, limits, 0).read(head + BEGIN + END + tail).around
    except Unreadable:
        return None


def _merge_runs(runs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Merge runs of rows that follow each other."""
    merged: list[tuple[int, int]] = []
    for begin, end in runs:
        if merged and begin == merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((begin, end))
    return iter(merged)
