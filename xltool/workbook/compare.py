"""Finds the cells that may differ between two sheets. Rows of known templates are compared once and remembered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from xltool.workbook.formulas import same_formula
from xltool.workbook.grid import EMPTY, CellFact, Spot
from xltool.workbook.ooxml.cells import SharedTexts, StoredCells
from xltool.workbook.ooxml.row_templates import Cell, RowCells, RowComparison, RowTemplate, TextOrIndex
from xltool.workbook.ooxml.shared_strings import RichString

_NO_ROW: tuple[RowTemplate, Sequence[bytes]] = (RowTemplate(0, {}), ())

#: The most comparisons remembered for a row; hardly any row is compared with more than one or two others.
_MOST_PAIRS = 8

#: An empty cell.
_BLANK: Cell = ("n", "", -1, None, None, "", "")


def candidate_differences(cells: Mapping[Spot, CellFact], others: Mapping[Spot, CellFact]) -> Sequence[Spot]:
    """The cells whose formula or text may differ: all that do differ, and perhaps others.

    Results of formulas are not compared. Two sheets are compared once, and the comparison of two row templates is
    remembered and holds for every workbook that has such rows.
    """
    if not isinstance(cells, StoredCells):
        return tuple(_candidates(cells, others))
    if id(others) not in cells.differences:
        cells.differences[id(others)] = others, tuple(_candidates(cells, others))
    return cells.differences[id(others)][1]


def _candidates(cells: Mapping[Spot, CellFact], others: Mapping[Spot, CellFact]) -> Iterator[Spot]:
    rows, other_rows = _rows_of(cells), _rows_of(others)
    if not rows or not other_rows:
        yield from dict.fromkeys((*cells, *others))
        return
    same_styles = _styles_of(cells) == _styles_of(others)
    texts, other_texts = _shared_texts(cells), _shared_texts(others)
    for number in dict.fromkeys((*rows, *other_rows)):
        row, values = rows.get(number, _NO_ROW)
        other_row, other_values = other_rows.get(number, _NO_ROW)
        comparison = row.pairs.get(other_row)
        if comparison is None:
            comparison = _compare_rows(row, other_row)
            if row is not _NO_ROW[0]:  # which is never freed
                if len(row.pairs) >= _MOST_PAIRS:
                    row.pairs.clear()
                row.pairs[other_row] = comparison
        for column in comparison.always:
            yield number, column
        for column, text, other_text in comparison.if_text_differs:
            here = text if text.__class__ is str else texts[values[text]]  # type: ignore[index]  # a number, then
            other = other_text if other_text.__class__ is str else other_texts[other_values[other_text]]  # type: ignore[index]
            if here != other:
                yield number, column
        for column, at, other_at in comparison.if_number_differs:
            if not same_styles or values[at] != other_values[other_at]:
                yield number, column


def _compare_rows(row: RowTemplate, other: RowTemplate) -> RowComparison:
    columns = {**row.cells, **other.cells}
    if row.shares or other.shares:  # shared formulas, whose text is in another row
        return RowComparison(tuple(columns), (), ())
    always: list[int] = []
    texts: list[tuple[int, TextOrIndex, TextOrIndex]] = []
    numbers: list[tuple[int, int, int]] = []
    for column in columns:
        cells = row.cells.get(column, _BLANK), other.cells.get(column, _BLANK)
        (
            (kind, style, at, _, formula, _, array),
            (other_kind, other_style, other_at, _, other_formula, _, other_array),
        ) = cells
        if array or other_array or (formula is None) != (other_formula is None):
            always += [column] if array != other_array or formula != other_formula else []
        elif formula is not None and other_formula is not None:
            always += [] if same_formula(formula, other_formula) else [column]
        elif (text := _constant_text(cells[0])) is not None and (other_text := _constant_text(cells[1])) is not None:
            texts.append((column, text, other_text))
        elif (kind, style) == (other_kind, other_style) and at >= 0 and other_at >= 0:
            numbers.append((column, at, other_at))
        else:
            always.append(column)
    return RowComparison(tuple(always), tuple(texts), tuple(numbers))


def _constant_text(cell: Cell) -> TextOrIndex | None:
    """The text of a cell without a formula, "" for an empty cell; None for any other value."""
    kind, _, at, fixed, *_ = cell
    if at >= 0:
        return at if kind == "s" else None
    return fixed.text if isinstance(fixed, RichString) else "" if fixed is None else None


def formula_at(cells: Mapping[Spot, CellFact], spot: Spot) -> str:
    """The formula of a cell; "" if it has none. Cheap, because no ``CellFact`` is built for it."""
    row, _ = _rows_of(cells).get(spot[0], _NO_ROW)
    cell = row.cells.get(spot[1])
    if cell is not None and not row.shares:
        return cell[4] or ""
    return cells.formula(spot) if isinstance(cells, StoredCells) else cells.get(spot, EMPTY).formula


def constant_cells(cells: Mapping[Spot, CellFact]) -> Iterator[Spot]:
    """Yield the cells without a formula, without building the facts of the others."""
    if rows := _rows_of(cells):
        yield from ((number, column) for number, (row, _) in rows.items() for column in row.constants)
    elif isinstance(cells, StoredCells):
        yield from (spot for spot, cell in cells.raw.items() if cell[3] is None and not cell[4])
    else:
        yield from (spot for spot, fact in cells.items() if not fact.formula)


def array_cells(cells: Mapping[Spot, CellFact]) -> Iterator[Spot]:
    """Yield the cells with array formulas."""
    if rows := _rows_of(cells):
        yield from ((number, column) for number, (row, _) in rows.items() for column in row.arrays)
    elif isinstance(cells, StoredCells):
        yield from (spot for spot, cell in cells.raw.items() if cell[5])
    else:
        yield from (spot for spot, fact in cells.items() if fact.array)


def _rows_of(cells: Mapping[Spot, CellFact]) -> Mapping[int, tuple[RowTemplate, Sequence[bytes]]]:
    """The row templates and values of a sheet; empty if another reader has read it."""
    return cells.raw.rows if isinstance(cells, StoredCells) and isinstance(cells.raw, RowCells) else {}


def _styles_of(cells: Mapping[Spot, CellFact]) -> object:
    assert isinstance(cells, StoredCells)
    return cells.book.styles, cells.book.date1904


def _shared_texts(cells: Mapping[Spot, CellFact]) -> SharedTexts:
    assert isinstance(cells, StoredCells)
    return cells.book.texts
