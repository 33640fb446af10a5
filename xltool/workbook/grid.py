"""A workbook as plain facts: what stands in every cell and what is said about every sheet, nothing judged yet.

The rest of the reading knows no file format: whoever makes a Grid (``package``, ``legacy``) is a reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from xltool.language.functions import Value
from xltool.workbook.box import Box
from xltool.workbook.errors import Unreadable

#: Row and column of a cell, both from 1.
Spot = tuple[int, int]


class Struck(NamedTuple):
    """A text of which something is crossed out: what that is, and what is left."""

    gone: str
    left: str


class CellFact(NamedTuple):
    """What a cell holds. There are hundreds to a form, and a frozen dataclass would take thrice as long to make.

    Attributes:
        value: typed value; of a formula, the stored result. An error value of the sheet, and anything that cannot be
            read for certain, is a SheetError.
        text: what a person reads in it: a number as its format shows it. Of a money cell the value counts.
        formula: without its equals sign, a shared one as it reads in this cell; "" when there is none.
        raw: the stored text before any of that: of a number its digits, of a text the text with its escapes undone.
        number_format: the format code of its style.
        cached: False for a formula whose result the file does not store.
        locked: whether its style locks it once the sheet is protected.
        array: the range that an array formula or data table fills; "" for any other cell.
        raised: whether part of its text is superscript or subscript: 10² reads as 102.
        picture: whether it holds a picture and no value, as Excel keeps those that are placed in a cell.
        struck: what of it is crossed out; None where nothing is.
        result: whether it is the result of a formula that the reader cannot see.
    """

    value: Value
    text: str
    formula: str = ""
    raw: str = ""
    number_format: str = "General"
    cached: bool = True
    locked: bool = True
    array: str = ""
    raised: bool = False
    picture: bool = False
    struck: Struck | None = None
    result: bool = False


EMPTY = CellFact(None, "")


@dataclass(frozen=True)
class Validation:
    """A limit on what may be typed.

    Attributes:
        boxes: the cells it is for.
        kind: list, whole, decimal, date, time, textLength, custom or none.
        operator: between, greaterThan …; "" where the kind has none.
        formulas: one or two, without equals signs; a list's is a range, a name or a quoted enumeration.
        blank_allowed: whether the cell may stay empty.
        stops: whether it refuses a wrong entry instead of only warning, or saying nothing.
        extended: whether it is kept in the part of the sheet that only Excel 2010 and newer know (x14).
    """

    boxes: tuple[Box, ...]
    kind: str
    operator: str
    formulas: tuple[str, ...]
    blank_allowed: bool
    stops: bool
    extended: bool = False


@dataclass(frozen=True)
class ConditionalFormat:
    """One rule of a conditional format.

    Attributes:
        boxes: the cells it is for.
        kind: expression, cellIs, containsText, dataBar …
        operator: of ``cellIs``; "" for others.
        formulas: without equals signs.
        priority: the lower, the earlier.
        extended: as of a Validation.
    """

    boxes: tuple[Box, ...]
    kind: str
    operator: str
    formulas: tuple[str, ...]
    priority: int
    extended: bool = False


@dataclass(frozen=True)
class Protection:
    """How a sheet is locked.

    Attributes:
        password: whether lifting it takes one.
        allowed: what may be done all the same, by the names of the file format: formatCells, formatRows, sort …
    """

    password: bool
    allowed: frozenset[str]


@dataclass(frozen=True)
class Sheet:
    """A worksheet's facts.

    Attributes:
        title: its name.
        state: visible, hidden or veryHidden.
        cells: the cells that are not empty; an empty one with a style is no cell.
        merges: merged ranges.
        protection: None when it is not protected.
        hidden_rows, hidden_columns: runs of hidden ones, first and last.
        filtered: whether an automatic filter is set.
        comments: notes and threaded comments by cell, threaded replies after their comment.
        texts: what stands in its text boxes and shapes.
        pictures, charts, embedded: how many of each: images; charts; files and controls.
        partial: whether only its beginning was read, because it is large and no name of ours leads to it.
        oddities: what around its cells cannot be read, in the words of the part.
    """

    title: str
    state: str = "visible"
    cells: Mapping[Spot, CellFact] = field(default_factory=dict)
    merges: tuple[Box, ...] = ()
    validations: tuple[Validation, ...] = ()
    conditional_formats: tuple[ConditionalFormat, ...] = ()
    protection: Protection | None = None
    hidden_rows: tuple[tuple[int, int], ...] = ()
    hidden_columns: tuple[tuple[int, int], ...] = ()
    filtered: bool = False
    comments: Mapping[Spot, str] = field(default_factory=dict)
    texts: tuple[str, ...] = ()
    pictures: int = 0
    charts: int = 0
    embedded: int = 0
    partial: bool = False
    oddities: tuple[str, ...] = ()

    def row_hidden(self, row: int) -> bool:
        """Whether a row is hidden, by hand or by a filter."""
        return any(first <= row <= last for first, last in self.hidden_rows)

    def column_hidden(self, column: int) -> bool:
        """Whether a column is hidden."""
        return any(first <= column <= last for first, last in self.hidden_columns)


@dataclass(frozen=True)
class Grid:
    """A workbook's facts.

    Attributes:
        sheets: by name, in the order of the workbook; chart sheets and macro sheets are not among them.
        names: defined names of the workbook with what they refer to, without equals signs.
        sheet_names: those of one sheet only, by sheet and name.
        properties: custom document properties.
        application: the program that saved it, if it says so.
        format: xlsx, xlsm, xltx, xltm, xls, xlsb, ods or et: what the bytes are, not what the file is called.
        checkable: whether the format lets us see formulas, locks and validations; where not, they are empty here.
        date1904: whether serial dates count from 1904.
        macros: whether it carries any (they are never run).
        external_links: the files that its formulas ask.
        shared: whether several people may edit it at a time (the old shared workbook with its change log).
        structure_locked: whether sheets may not be added, removed or renamed.
        manual: whether it is recalculated on demand only, so that stored results may be old.
        repaired: whether a spreadsheet program says that it repaired the file.
        unread: sheets and parts beside them that cannot be read, with why; those sheets are not among the others.
    """

    sheets: Mapping[str, Sheet]
    names: Mapping[str, str]
    properties: Mapping[str, str]
    application: str | None
    format: str = "xlsx"
    checkable: bool = True
    sheet_names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    date1904: bool = False
    macros: bool = False
    external_links: tuple[str, ...] = ()
    shared: bool = False
    structure_locked: bool = False
    manual: bool = False
    repaired: bool = False
    unread: Mapping[str, Unreadable] = field(default_factory=dict)

    @property
    def cells(self) -> Mapping[str, Mapping[Spot, CellFact]]:
        """The cells by sheet, then by row and column."""
        return {title: sheet.cells for title, sheet in self.sheets.items()}

    @property
    def estimated_bytes(self) -> int:
        """The bytes that it takes when every cell has been asked for."""
        return 1_500 * sum(len(sheet.cells) for sheet in self.sheets.values())

    def at(self, sheet: str, row: int, column: int) -> CellFact:
        """A cell; an empty one where there is none."""
        facts = self.sheets.get(sheet)
        return facts.cells.get((row, column), EMPTY) if facts else EMPTY

    def all_cells(self) -> Iterator[tuple[str, Spot, CellFact]]:
        """Every cell of every sheet."""
        for title, sheet in self.sheets.items():
            for spot, fact in sheet.cells.items():
                yield title, spot, fact
