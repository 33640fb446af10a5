"""Which cells of two sheets may differ: most of a sheet that nobody fills in is alike, and told so row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xltool.read.cells import Cells
from xltool.read.grid import CellFact, Spot
from xltool.read.rows import Row, RowCells

_NO_ROW: tuple[Row, Sequence[bytes]] = (Row(0, {}), ())


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
        if row is not other_row or row.shares:
            yield from ((number, column) for column in {**row.cells, **other_row.cells})
            continue
        for column, at, is_shared in row.typed:
            if is_shared:
                same = _text(here, values[at]) == _text(there, other_values[at])
            else:
                same = shown_alike and values[at] == other_values[at]
            if not same:
                yield number, column


def constants(cells: Mapping[Spot, CellFact]) -> Iterator[Spot]:
    """The cells that hold no formula, found without making facts of the others."""
    if rows := _rows_of(cells):
        yield from ((number, column) for number, (row, _) in rows.items() for column in row.constants)
    elif isinstance(cells, Cells):
        yield from (spot for spot, cell in cells.raw.items() if cell[3] is None and not cell[4])
    else:
        yield from (spot for spot, fact in cells.items() if not fact.formula)


def arrays(cells: Mapping[Spot, CellFact]) -> Iterator[Spot]:
    """The cells whose formula fills a range."""
    if rows := _rows_of(cells):
        yield from ((number, column) for number, (row, _) in rows.items() for column in row.arrays)
    elif isinstance(cells, Cells):
        yield from (spot for spot, cell in cells.raw.items() if cell[5])
    else:
        yield from (spot for spot, fact in cells.items() if fact.array)


def _rows_of(cells: Mapping[Spot, CellFact]) -> Mapping[int, tuple[Row, Sequence[bytes]]]:
    """Rows as they were learnt; none of a sheet that another reader has read."""
    return cells.raw.rows if isinstance(cells, Cells) and isinstance(cells.raw, RowCells) else {}


def _looks(cells: Mapping[Spot, CellFact]) -> object:
    assert isinstance(cells, Cells)
    return cells.book.styles, cells.book.date1904


def _text(cells: Mapping[Spot, CellFact], stored: bytes) -> str | bytes:
    """A shared text by its number; the number, where there is none."""
    assert isinstance(cells, Cells)
    strings = cells.book.strings
    is_number = stored.isdigit() and len(stored) < 9 and int(stored) < len(strings)
    return strings[int(stored)].text if is_number else stored
