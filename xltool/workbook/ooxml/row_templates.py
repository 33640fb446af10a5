"""Parsed rows with placeholders for their values, so that a row is parsed once and reused with other values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import NamedTuple

from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import Spot
from xltool.workbook.limits import Limits
from xltool.workbook.ooxml.cells import Raw, SharedFormula
from xltool.workbook.ooxml.shared_strings import RichString
from xltool.workbook.ooxml.sheet import SheetPart
from xltool.workbook.ooxml.xml import unescape_text

BEGIN, END = b"<sheetData>", b"</sheetData>"

#: Precedes the number of a value in a row that is parsed as a template; a row that contains it already has none.
_MARK = "\ue0ff"

#: The key of a row cache: the sheet's title, the root's start tag, and the limits.
SheetKey = tuple[str, bytes, Limits]


#: The bytes of a row up to its first value, between each value and the next, and after the last.
Markup = tuple[bytes, ...]

#: A stored cell with the number of its value in the row, followed by its fixed value, which applies if that number
#: is -1.
Cell = tuple[str, str, int, "str | RichString | None", "str | None", str, str]


#: A text, or the number of the value in the row that refers to a shared string.
TextOrIndex = int | str


class RowComparison(NamedTuple):
    """Which columns of two row templates may differ. All other columns are equal.

    Attributes:
        always: columns to compare cell by cell, whatever their values.
        if_text_differs: columns with the two texts; they differ if these do.
        if_number_differs: columns with the numbers of the two values; they differ if these values or the styles do.
    """

    always: tuple[int, ...]
    if_text_differs: tuple[tuple[int, TextOrIndex, TextOrIndex], ...]
    if_number_differs: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, eq=False)
class RowTemplate:
    """A parsed row without its values.

    Attributes:
        number: the row number; 0 if it has no cells.
        cells: its cells by column.
        masters: the shared formulas whose text is in this row, with their ``si``.
        hidden: the run of hidden rows that it makes; empty if it is visible.
        shares: whether it has shared formulas whose text is in another cell.
        pieces: its bytes up to the first value, between each value and the next, and after the last.
        pairs: comparisons with other templates, kept as long as the template.
    """

    number: int
    cells: Mapping[int, Cell]
    masters: tuple[tuple[str, SharedFormula], ...] = ()
    hidden: tuple[tuple[int, int], ...] = ()
    shares: bool = False
    pieces: tuple[bytes, ...] = ()
    pairs: dict[RowTemplate, RowComparison] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Its bytes without values."""
        return sum(map(len, self.pieces))

    @cached_property
    def constants(self) -> tuple[int, ...]:
        """The columns of the cells without a formula."""
        return tuple(column for column, cell in self.cells.items() if cell[4] is None and not cell[5])

    @cached_property
    def arrays(self) -> tuple[int, ...]:
        """The columns of the cells with array formulas."""
        return tuple(column for column, cell in self.cells.items() if cell[6])


@dataclass(frozen=True, eq=False)
class RowCells(Mapping[Spot, Raw]):
    """The stored cells of a sheet by row, each assembled on demand from template and value."""

    rows: Mapping[int, tuple[RowTemplate, Sequence[bytes]]]

    def __getitem__(self, spot: Spot) -> Raw:
        row, values = self.rows[spot[0]]
        kind, style, at, fixed, formula, share, array = row.cells[spot[1]]
        return kind, style, fixed if at < 0 else unescape_text(values[at]), formula, share, array

    def __contains__(self, spot: object) -> bool:
        return isinstance(spot, tuple) and spot[0] in self.rows and spot[1] in self.rows[spot[0]][0].cells

    def __iter__(self) -> Iterator[Spot]:
        return ((number, column) for number, (row, _) in self.rows.items() for column in row.cells)

    def __len__(self) -> int:
        return sum([len(row.cells) for row, _ in self.rows.values()])


def parse_templates(rows: Iterable[Markup], place: SheetKey) -> Iterator[tuple[Markup, RowTemplate]]:
    """Yield the templates of rows; rows out of the ordinary are left out.

    Rows with different numbers are parsed together, at the cost of reading one new part.
    """
    title, root, limits = place
    marked_rows = {markup: text for markup in rows if (text := _mark_values(markup)) is not None}
    numbers = {key: int(text[8 : text.index(b'"', 8)]) for key, text in marked_rows.items() if text.count(b"<row") == 1}
    batch = {key: marked_rows[key] for key in numbers} if len(set(numbers.values())) == len(numbers) else {}
    part = _parse_rows(b"".join(batch.values()), root, title, limits) if batch else None
    by_row: dict[int, dict[Spot, Raw]] = {}
    for spot, raw in part.cells.items() if part else ():
        by_row.setdefault(spot[0], {})[spot] = raw
    for markup, text in marked_rows.items():
        if part is not None and markup in batch:
            template = _build_template(part, by_row.get(numbers[markup], {}), numbers[markup], len(markup) - 1)
        else:
            single = _parse_rows(text, root, title, limits)
            template = _build_template(single, single.cells, 0, len(markup) - 1) if single else None
        if template:
            yield markup, replace(template, pieces=_pieces(markup))


def _pieces(markup: Markup) -> tuple[bytes, ...]:
    """Add the tags of the values to the markup, so that it matches only rows with values in the same places."""
    last = len(markup) - 1
    return tuple(
        (b"</v>" if number else b"") + piece + (b"<v>" if number < last else b"") for number, piece in enumerate(markup)
    )


def _mark_values(markup: Markup) -> bytes | None:
    """A row with marked numbers in place of its values; None if it contains anything out of the ordinary."""
    text = markup[0] + b"".join(f"<v>{_MARK}{number}</v>".encode() + piece for number, piece in enumerate(markup[1:]))
    special = any(mark in text for mark in (b"<!", b"<?", b"xmlns", b"\0"))
    is_plain = text.count(_MARK.encode()) == len(markup) - 1 and text[8 : text.find(b'"', 8)].isdigit()
    return text if is_plain and not special else None


def _parse_rows(rows: bytes, root: bytes, title: str, limits: Limits) -> SheetPart | None:
    try:
        return SheetPart("", title, limits, limits.cells).read(root + BEGIN + rows + END + b"</worksheet>")
    except Unreadable:
        return None


def _build_template(part: SheetPart, stored: Mapping[Spot, Raw], number: int, values: int) -> RowTemplate | None:
    """The template of a row in a parsed part. With ``number`` 0, the part holds just this row."""
    cells = {spot: _number_value(raw) for spot, raw in stored.items()}
    # There is no template if a number was lost, as in a cell that occurs twice, or is part of a formula.
    if sorted(at for _, _, at, *_ in cells.values() if at >= 0) != list(range(values)):
        return None
    if len(numbers := {row for row, _ in cells}) > 1:
        return None
    masters = (
        (share, master)
        for share, shared in part.masters.items()
        for master in shared
        if not number or master.spot[0] == number
    )
    runs = part.hidden_rows
    if number:
        runs = [(number, number)] if any(first <= number <= last for first, last in runs) else []
    by_column = {column: cell for (_, column), cell in cells.items()}
    shares = any(share for *_, share, _ in by_column.values())
    return RowTemplate(numbers.pop() if numbers else 0, by_column, tuple(masters), tuple(runs), shares)


def _number_value(raw: Raw) -> Cell:
    kind, style, value, formula, share, array = raw
    if isinstance(value, str) and value.startswith(_MARK):
        return kind, style, int(value[1:]), None, formula, share, array
    return kind, style, -1, value, formula, share, array
