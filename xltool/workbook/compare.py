"""Which cells of two sheets may differ: most of a sheet that nobody fills in is alike, and told so row by row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xltool.workbook.formulas import same_formula
from xltool.workbook.grid import EMPTY, CellFact, Spot
from xltool.workbook.ooxml.cells import StoredCells
from xltool.workbook.ooxml.row_templates import Cell, RowCells, RowComparison, RowTemplate, Said
from xltool.workbook.ooxml.shared_strings import RichString

_NO_ROW: tuple[RowTemplate, Sequence[bytes]] = (RowTemplate(0, {}), ())

#: A row is remembered beside so many others; hardly any is compared with more than one or two.
_MOST_PAIRS = 8

#: A cell in which nothing stands.
_BLANK: Cell = ("n", "", -1, None, None, "", "")


def candidate_differences(here: Mapping[Spot, CellFact], there: Mapping[Spot, CellFact]) -> Iterator[Spot]:
    """The cells of two sheets whose formula or text may differ: all that do, and perhaps others.

    Results of formulas are not compared. What two rows have in common but for their values is found once, and holds
    for every workbook that has rows like these.
    """
    one, other = _rows_of(here), _rows_of(there)
    if not one or not other:
        yield from dict.fromkeys((*here, *there))
        return
    shown_alike = _looks(here) == _looks(there)
    for number in dict.fromkeys((*one, *other)):
        row, values = one.get(number, _NO_ROW)
        other_row, other_values = other.get(number, _NO_ROW)
        pair = row.pairs.get(other_row)
        if pair is None:
            pair = _paired(row, other_row)
            if row is not _NO_ROW[0]:  # which lives for ever
                if len(row.pairs) >= _MOST_PAIRS:
                    row.pairs.clear()
                row.pairs[other_row] = pair
        for column in pair.always:
            yield number, column
        for column, one_text, other_text in pair.if_text_differs:
            if _said(here, one_text, values) != _said(there, other_text, other_values):
                yield number, column
        for column, at, other_at in pair.if_number_differs:
            if not shown_alike or values[at] != other_values[other_at]:
                yield number, column


def _paired(row: RowTemplate, other: RowTemplate) -> RowComparison:
    columns = {**row.cells, **other.cells}
    if row.shares or other.shares:  # formulas that are written out elsewhere
        return RowComparison(tuple(columns), (), ())
    unlike: list[int] = []
    texts: list[tuple[int, Said, Said]] = []
    figures: list[tuple[int, int, int]] = []
    for column in columns:
        cells = row.cells.get(column, _BLANK), other.cells.get(column, _BLANK)
        (
            (kind, style, at, _, formula, _, array),
            (other_kind, other_style, other_at, _, other_formula, _, other_array),
        ) = cells
        if array or other_array or (formula is None) != (other_formula is None):
            unlike += [column] if array != other_array or formula != other_formula else []
        elif formula is not None and other_formula is not None:
            unlike += [] if same_formula(formula, other_formula) else [column]
        elif (said := _text_of(cells[0])) is not None and (other_said := _text_of(cells[1])) is not None:
            texts.append((column, said, other_said))
        elif (kind, style) == (other_kind, other_style) and at >= 0 and other_at >= 0:
            figures.append((column, at, other_at))
        else:
            unlike.append(column)
    return RowComparison(tuple(unlike), tuple(texts), tuple(figures))


def _text_of(cell: Cell) -> Said | None:
    """What a cell without a formula says, if that is a text or nothing."""
    kind, _, at, fixed, *_ = cell
    if at >= 0:
        return at if kind == "s" else None
    return fixed.text if isinstance(fixed, RichString) else "" if fixed is None else None


def formula_at(cells: Mapping[Spot, CellFact], spot: Spot) -> str:
    """The formula of a cell; "" for none. Nothing else is made of it, for thousands may be asked for."""
    row, _ = _rows_of(cells).get(spot[0], _NO_ROW)
    cell = row.cells.get(spot[1])
    if cell is not None and not row.shares:
        return cell[4] or ""
    return cells.formula(spot) if isinstance(cells, StoredCells) else cells.get(spot, EMPTY).formula


def constants(cells: Mapping[Spot, CellFact]) -> Iterator[Spot]:
    """The cells that hold no formula, found without making facts of the others."""
    if rows := _rows_of(cells):
        yield from ((number, column) for number, (row, _) in rows.items() for column in row.constants)
    elif isinstance(cells, StoredCells):
        yield from (spot for spot, cell in cells.raw.items() if cell[3] is None and not cell[4])
    else:
        yield from (spot for spot, fact in cells.items() if not fact.formula)


def arrays(cells: Mapping[Spot, CellFact]) -> Iterator[Spot]:
    """The cells whose formula fills a range."""
    if rows := _rows_of(cells):
        yield from ((number, column) for number, (row, _) in rows.items() for column in row.arrays)
    elif isinstance(cells, StoredCells):
        yield from (spot for spot, cell in cells.raw.items() if cell[5])
    else:
        yield from (spot for spot, fact in cells.items() if fact.array)


def _rows_of(cells: Mapping[Spot, CellFact]) -> Mapping[int, tuple[RowTemplate, Sequence[bytes]]]:
    """Rows as they were learnt; none of a sheet that another reader has read."""
    return cells.raw.rows if isinstance(cells, StoredCells) and isinstance(cells.raw, RowCells) else {}


def _looks(cells: Mapping[Spot, CellFact]) -> object:
    assert isinstance(cells, StoredCells)
    return cells.book.styles, cells.book.date1904


def _said(cells: Mapping[Spot, CellFact], said: Said, values: Sequence[bytes]) -> str | bytes:
    """A text; of a shared one that there is not, its number."""
    if isinstance(said, str):
        return said
    assert isinstance(cells, StoredCells)
    stored, strings = values[said], cells.book.strings
    is_number = stored.isdigit() and len(stored) < 9 and int(stored) < len(strings)
    return strings[int(stored)].text if is_number else stored
