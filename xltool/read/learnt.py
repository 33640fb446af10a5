"""Rows seen before: what expat once said of a row holds for every row that differs from it in its values alone.

Returned workbooks of one template share nearly all of their sheets, formulas first of all. A row's bytes without its
values are the key to what was learnt of it; the values themselves are put in where somebody asks for them. Anything out
of the ordinary, in the part or in one of its rows, is left to ``SheetPart``, which reads the whole part as if this room
were not there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import chain, takewhile
from typing import NamedTuple

from xltool.read.around import Around
from xltool.read.cells import Cells, Master, Raw
from xltool.read.grid import CellFact, Spot
from xltool.read.limits import Limits
from xltool.read.refusal import Unreadable
from xltool.read.sheet import SheetPart
from xltool.read.strings import Text
from xltool.read.xml import MAIN, long_run, plain

_BEGIN, _END, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"
_ROOT = re.compile(rb'<worksheet (?:[^<>]* )?xmlns="([^"]*)"[^<>]*>')
_SPACES = {MAIN.rstrip().encode(), b"http://purl.oclc.org/ooxml/spreadsheetml/main"}

_VALUE = re.compile(rb"<v>([^<]*)</v>")

#: Stands before the number of a value while a row is learnt; a row that has it already is not learnt.
_MARK = "\ue0ff"

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


#: A cell as stored but for its value: in its place the number that the value has in its row, and what holds where that
#: number is -1.
_Cell = tuple[str, str, int, "str | Text | None", "str | None", str, str]


@dataclass(frozen=True)
class _Row:
    """What was learnt of a row.

    Attributes:
        number: 0 where it has no cells.
        typed: the columns whose values no formula gives, the number of each value, and whether it is a shared text's.
        key: its bytes without its values.
        head: its bytes up to the first value.
        between: its bytes between each value and the next, and behind the last.
    """

    number: int
    cells: Mapping[int, _Cell]
    masters: tuple[tuple[str, Master], ...] = ()
    hidden: tuple[tuple[int, int], ...] = ()
    typed: tuple[tuple[int, int, bool], ...] = ()
    key: bytes = b""
    head: bytes = b""
    between: tuple[bytes, ...] = ()


_NO_ROW: tuple[_Row, Sequence[bytes]] = (_Row(0, {}), ())


@dataclass(frozen=True, eq=False)
class _RowCells(Mapping[Spot, Raw]):
    """Stored cells by row, each put together when it is asked for."""

    rows: Mapping[int, tuple[_Row, Sequence[bytes]]]

    def __getitem__(self, spot: Spot) -> Raw:
        row, values = self.rows[spot[0]]
        kind, style, at, fixed, formula, share, array = row.cells[spot[1]]
        return kind, style, fixed if at < 0 else values[at].decode("utf-8"), formula, share, array

    def __contains__(self, spot: object) -> bool:
        return isinstance(spot, tuple) and spot[0] in self.rows and spot[1] in self.rows[spot[0]][0].cells

    def __iter__(self) -> Iterator[Spot]:
        return ((number, column) for number, (row, _) in self.rows.items() for column in row.cells)

    def __len__(self) -> int:
        return sum([len(row.cells) for row, _ in self.rows.values()])


def unlike(here: Mapping[Spot, CellFact], there: Mapping[Spot, CellFact]) -> Iterator[Spot]:
    """The cells of two sheets whose formula or text may differ: all that do, and perhaps others.

    Results of formulas are not compared. Rows that are alike but for their values, as most are in a sheet that nobody
    fills in, are gone through without making facts of their cells.
    """
    one, other = _rows_of(here), _rows_of(there)
    if not one or not other:
        yield from dict.fromkeys((*here, *there))
        return
    shown_alike = _looks(here) == _looks(there)
    for number in dict.fromkeys((*one, *other)):
        row, values = one.get(number, _NO_ROW)
        other_row, other_values = other.get(number, _NO_ROW)
        if row is not other_row:
            yield from ((number, column) for column in {**row.cells, **other_row.cells})
            continue
        for column, at, is_shared in row.typed:
            if is_shared:
                same = _text(here, values[at]) == _text(there, other_values[at])
            else:
                same = shown_alike and values[at] == other_values[at]
            if not same:
                yield number, column


def _rows_of(cells: Mapping[Spot, CellFact]) -> Mapping[int, tuple[_Row, Sequence[bytes]]]:
    """Rows as they were learnt; none of a sheet that another reader has read."""
    return cells.raw.rows if isinstance(cells, Cells) and isinstance(cells.raw, _RowCells) else {}


def _looks(cells: Mapping[Spot, CellFact]) -> object:
    assert isinstance(cells, Cells)
    return cells.book.styles, cells.book.date1904


def _text(cells: Mapping[Spot, CellFact], stored: bytes) -> str | bytes:
    """A shared text by its number; the number, where there is none."""
    assert isinstance(cells, Cells)
    strings = cells.book.strings
    is_number = stored.isdigit() and len(stored) < 9 and int(stored) < len(strings)
    return strings[int(stored)].text if is_number else stored


#: Where rows are looked for: the sheet's name, the root's start tag, and limits.
_Place = tuple[str, bytes, Limits]


class _Seen(NamedTuple):
    """A row as it stood in a workbook: what was learnt of it, its bytes, its values."""

    row: _Row
    text: bytes
    values: Sequence[bytes]


@dataclass
class _Memory:
    """What was learnt of rows, by their bytes without their values, and the rows that the last such sheet had."""

    rows: dict[_Place, dict[bytes, _Row]] = field(default_factory=dict)
    last: dict[_Place, list[_Seen]] = field(default_factory=dict)
    size: int = 0

    def keep(self, place: _Place, learnt: Mapping[bytes, _Row]) -> None:
        """Remember rows; where it gets too much, begin anew."""
        short = {key: row for key, row in learnt.items() if len(key) < _LONGEST}
        self.rows.setdefault(place, {}).update(short)
        self._grow(sum(map(len, short)))

    def keep_last(self, place: _Place, rows: Iterable[_Seen]) -> None:
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
    begin, end = data.find(_BEGIN), data.rfind(_END)
    if len(data) > _LARGEST or begin < 0 or end < begin or long_run(data, limits.text_bytes) >= 0:
        return None
    around = _around(name, title, data[:begin], data[end + len(_END) :], limits)
    if around is None:
        return None
    root, around_cells = around
    found = _rows(data, begin + len(_BEGIN), end, (title, root, limits))
    if found is None:
        return None
    rows: dict[int, tuple[_Row, Sequence[bytes]]] = {}
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
    cells = _RowCells(rows)
    if len(cells) > most_cells:
        return None
    return SheetFacts(cells, masters, tuple(_joined(hidden)), around_cells)


def _rows(data: bytes, at: int, end: int, place: _Place) -> list[_Seen] | None:
    """The rows between two places of a part with their values; None where one is not understood.

    Where the mark of the end stands in a comment, rows do not begin as rows do, or are not well formed by themselves.
    """
    found: list[_Seen | tuple[bytes, bytes, Sequence[bytes]]] = []  # a row, or one whose key is yet to be looked up
    unknown: dict[bytes, list[bytes]] = {}
    new: list[Sequence[bytes]] = []  # values that nobody has looked at
    known, before = _MEMORY.rows.get(place, {}), _MEMORY.last.get(place, [])
    while at < end:
        last = before[len(found)] if len(found) < len(before) else None
        if last is not None and data.startswith(last.text, at):
            found.append(last)
            at += len(last.text)
            continue
        if last is not None and (same := _as_before(data, at, last.row)) is not None:
            stop, values = same
            found.append(_Seen(last.row, data[at:stop], values))
        else:
            stop = data.find(_ROW_END, at, end)
            stop = end if stop < 0 else stop + len(_ROW_END)
            pieces = _VALUE.split(data[at:stop])
            key, values = b"\0".join(pieces[::2]), pieces[1::2]
            if not key.startswith(b'<row r="') or len(found) >= _MOST_ROWS:
                return None
            if key not in known:
                unknown[key] = pieces[::2]
            found.append((key, data[at:stop], values))
        new.append(values)
        at = stop
    if unknown:
        learnt = dict(_learnt(unknown, place))
        _MEMORY.keep(place, learnt)
        known = known | learnt
    if any(not isinstance(one, _Seen) and one[0] not in known for one in found) or not plain(chain(*new)):
        return None
    rows = [one if isinstance(one, _Seen) else _Seen(known[one[0]], *one[1:]) for one in found]
    if new:
        _MEMORY.keep_last(place, rows)
    return rows


def _as_before(data: bytes, at: int, row: _Row) -> tuple[int, list[bytes]] | None:
    """Where a row ends and its values, if it is that of the last workbook but for these; None if it is another."""
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
    return at, values


@lru_cache(maxsize=64)
def _around(name: str, title: str, head: bytes, tail: bytes, limits: Limits) -> tuple[bytes, Around] | None:
    """The root's start tag and what stands around the cells; None where the whole part must be told to be damaged."""
    root = _ROOT.search(head)
    if root is None or root[1] not in _SPACES or b"<!" in head + tail:
        return None
    try:
        return root[0], SheetPart(name, title, limits, 0).read(head + _BEGIN + _END + tail).around
    except Unreadable:
        return None


def _learnt(rows: Mapping[bytes, list[bytes]], place: _Place) -> Iterator[tuple[bytes, _Row]]:
    """What expat says of rows whose values are numbered; those that are not understood are left out.

    Rows of one number each go to the parser together, which is what it costs to read a part that nobody has seen.
    """
    title, root, limits = place
    marked = {key: text for key, markup in rows.items() if (text := _marked(markup)) is not None}
    numbers = {key: int(text[8 : text.index(b'"', 8)]) for key, text in marked.items() if text.count(b"<row") == 1}
    together = {key: marked[key] for key in numbers} if len(set(numbers.values())) == len(numbers) else {}
    part = _parsed(b"".join(together.values()), root, title, limits) if together else None
    by_row: dict[int, dict[Spot, Raw]] = {}
    for spot, raw in part.cells.items() if part else ():
        by_row.setdefault(spot[0], {})[spot] = raw
    for key, text in marked.items():
        if part is not None and key in together:
            found = _row(part, by_row.get(numbers[key], {}), numbers[key], len(rows[key]) - 1)
        else:
            alone = _parsed(text, root, title, limits)
            found = _row(alone, alone.cells, 0, len(rows[key]) - 1) if alone else None
        if found:
            yield key, _with_bytes(found, rows[key])


def _marked(markup: list[bytes]) -> bytes | None:
    """A row with numbers for its values; None for one that has something special in it."""
    text = markup[0] + b"".join(f"<v>{_MARK}{number}</v>".encode() + piece for number, piece in enumerate(markup[1:]))
    special = any(mark in text for mark in (b"<!", b"<?", b"xmlns", b"\0"))
    plainly = text.count(_MARK.encode()) == len(markup) - 1 and text[8 : text.find(b'"', 8)].isdigit()
    return text if plainly and not special else None


def _parsed(rows: bytes, root: bytes, title: str, limits: Limits) -> SheetPart | None:
    try:
        return SheetPart("", title, limits, limits.cells).read(root + _BEGIN + rows + _END + b"</worksheet>")
    except Unreadable:
        return None


def _row(part: SheetPart, found: Mapping[Spot, Raw], number: int, values: int) -> _Row | None:
    """The row of this number out of a part; of a part of one row and some empty ones, whatever it is."""
    cells = {spot: _numbered(raw) for spot, raw in found.items()}
    # A number that got lost, as in a cell that occurs twice, or that stands in a formula, is not understood.
    if sorted(at for _, _, at, *_ in cells.values() if at >= 0) != list(range(values)):
        return None
    if len(numbers := {row for row, _ in cells}) > 1:
        return None
    masters = (
        (share, one) for share, every in part.masters.items() for one in every if not number or one.spot[0] == number
    )
    runs = part.hidden_rows
    if number:
        runs = [(number, number)] if any(first <= number <= last for first, last in runs) else []
    by_column = {column: cell for (_, column), cell in cells.items()}
    typed = tuple((column, at, kind == "s") for column, (kind, _, at, _, formula, share, _) in by_column.items()
                  if at >= 0 and formula is None and not share)  # fmt: skip
    return _Row(numbers.pop() if numbers else 0, by_column, tuple(masters), tuple(runs), typed)


def _with_bytes(row: _Row, markup: Sequence[bytes]) -> _Row:
    head, *others = markup
    between = tuple(
        b"</v>" + piece + (b"" if number == len(others) else b"<v>") for number, piece in enumerate(others, 1)
    )
    return replace(row, key=b"\0".join(markup), head=head + b"<v>" if others else head, between=between)


def _numbered(raw: Raw) -> _Cell:
    kind, style, value, formula, share, array = raw
    if isinstance(value, str) and value.startswith(_MARK):
        return kind, style, int(value[1:]), None, formula, share, array
    return kind, style, -1, value, formula, share, array


def _joined(runs: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Runs of rows that follow each other as one."""
    found: list[tuple[int, int]] = []
    for begin, end in runs:
        if found and begin == found[-1][1] + 1:
            found[-1] = (found[-1][0], end)
        else:
            found.append((begin, end))
    return iter(found)
