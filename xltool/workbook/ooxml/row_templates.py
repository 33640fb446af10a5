"""What expat says of single rows, to be said only once: cells with numbers in the place of their values."""

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

#: Stands before the number of a value while a row is learnt; a row that has it already is not learnt.
_MARK = "\ue0ff"

#: Where rows are looked for: the sheet's name, the root's start tag, and limits.
Place = tuple[str, bytes, Limits]


#: The bytes of a row up to its first value, between each value and the next, and behind the last.
Markup = tuple[bytes, ...]

#: A cell as stored but for its value: in its place the number that the value has in its row, and what holds where that
#: number is -1.
Cell = tuple[str, str, int, "str | RichString | None", "str | None", str, str]


#: A text: the number of the value that is its number among the shared ones, or the text itself.
Said = int | str


class RowComparison(NamedTuple):
    """Two rows beside each other.

    Attributes:
        unlike: the columns that may differ whatever their values are.
        texts: those that are alike when the two texts are.
        figures: those that are alike when the values with these numbers are, and look alike.
    """

    always: tuple[int, ...]
    if_text_differs: tuple[tuple[int, Said, Said], ...]
    if_number_differs: tuple[tuple[int, int, int], ...]


@dataclass(frozen=True, eq=False)
class RowTemplate:
    """What was learnt of a row.

    Attributes:
        number: 0 where it has no cells.
        shares: whether formulas in it are written out elsewhere.
        pieces: its bytes up to the first value, between each value and the next, and behind the last.
        pairs: what was found of it beside other rows; it is forgotten with the row.
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
        """How many bytes it takes without its values."""
        return sum(map(len, self.pieces))

    @cached_property
    def constants(self) -> tuple[int, ...]:
        """The columns of cells without a formula."""
        return tuple(column for column, cell in self.cells.items() if cell[4] is None and not cell[5])

    @cached_property
    def arrays(self) -> tuple[int, ...]:
        """The columns of formulas that fill a range."""
        return tuple(column for column, cell in self.cells.items() if cell[6])


@dataclass(frozen=True, eq=False)
class RowCells(Mapping[Spot, Raw]):
    """Stored cells by row, each put together when it is asked for."""

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


def parse_templates(rows: Iterable[Markup], place: Place) -> Iterator[tuple[Markup, RowTemplate]]:
    """What expat says of rows whose values are numbered; those that are not understood are left out.

    Rows of one number each go to the parser together, which is what it costs to read a part that nobody has seen.
    """
    title, root, limits = place
    marked = {markup: text for markup in rows if (text := _marked(markup)) is not None}
    numbers = {key: int(text[8 : text.index(b'"', 8)]) for key, text in marked.items() if text.count(b"<row") == 1}
    together = {key: marked[key] for key in numbers} if len(set(numbers.values())) == len(numbers) else {}
    part = _parsed(b"".join(together.values()), root, title, limits) if together else None
    by_row: dict[int, dict[Spot, Raw]] = {}
    for spot, raw in part.cells.items() if part else ():
        by_row.setdefault(spot[0], {})[spot] = raw
    for markup, text in marked.items():
        if part is not None and markup in together:
            found = _row(part, by_row.get(numbers[markup], {}), numbers[markup], len(markup) - 1)
        else:
            alone = _parsed(text, root, title, limits)
            found = _row(alone, alone.cells, 0, len(markup) - 1) if alone else None
        if found:
            yield markup, replace(found, pieces=_pieces(markup))


def _pieces(markup: Markup) -> tuple[bytes, ...]:
    """With the tags of the values, by which they are told from anything else."""
    last = len(markup) - 1
    return tuple(
        (b"</v>" if number else b"") + piece + (b"<v>" if number < last else b"") for number, piece in enumerate(markup)
    )


def _marked(markup: Markup) -> bytes | None:
    """A row with numbers for its values; None for one that has something special in it."""
    text = markup[0] + b"".join(f"<v>{_MARK}{number}</v>".encode() + piece for number, piece in enumerate(markup[1:]))
    special = any(mark in text for mark in (b"<!", b"<?", b"xmlns", b"\0"))
    plainly = text.count(_MARK.encode()) == len(markup) - 1 and text[8 : text.find(b'"', 8)].isdigit()
    return text if plainly and not special else None


def _parsed(rows: bytes, root: bytes, title: str, limits: Limits) -> SheetPart | None:
    try:
        return SheetPart("", title, limits, limits.cells).read(root + BEGIN + rows + END + b"</worksheet>")
    except Unreadable:
        return None


def _row(part: SheetPart, found: Mapping[Spot, Raw], number: int, values: int) -> RowTemplate | None:
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
    shares = any(share for *_, share, _ in by_column.values())
    return RowTemplate(numbers.pop() if numbers else 0, by_column, tuple(masters), tuple(runs), shares)


def _numbered(raw: Raw) -> Cell:
    kind, style, value, formula, share, array = raw
    if isinstance(value, str) and value.startswith(_MARK):
        return kind, style, int(value[1:]), None, formula, share, array
    return kind, style, -1, value, formula, share, array
