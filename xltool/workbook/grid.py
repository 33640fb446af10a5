"""A workbook as plain data: the contents of every cell and the properties of every sheet. Nothing is judged yet.

Every reader of a file format produces a ``Grid``; nothing behind it depends on the format.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from xltool.language.functions import Value
from xltool.workbook.box import Box
from xltool.workbook.errors import Unreadable

#: Row and column of a cell, both counted from 1.
Spot = tuple[int, int]


class StruckText(NamedTuple):
    """A text that is partly or wholly crossed out: the crossed-out text, and the rest."""

    struck: str
    remaining: str


class CellFact(NamedTuple):
    """The contents of a cell. A named tuple, because a form has hundreds and frozen dataclasses are three times slower.

    Attributes:
        value: typed value; for a formula, the stored result. An error value of the sheet, and anything that cannot be
            read for certain, is a SheetError.
        text: the text that a person sees: a number as its format displays it. For money cells, ``value`` is used.
        formula: without the equals sign, a shared one as it reads in this cell; "" if there is none.
        raw: the stored text: the digits of a number, a text with its escapes decoded.
        number_format: the format code of its style.
        cached: False for a formula whose result is not stored in the file.
        locked: whether its style locks it once the sheet is protected.
        array: the range that an array formula or data table fills; "" for any other cell.
        raised: whether part of its text is superscript or subscript: 10² reads as 102.
        picture: whether it holds a picture and no value, as Excel stores a picture placed in a cell.
        struck: the crossed-out text; None if nothing is crossed out.
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
    struck: StruckText | None = None
    result: bool = False


EMPTY = CellFact(None, "")


@dataclass(frozen=True)
class Validation:
    """A data validation: a limit on what may be typed.

    Attributes:
        boxes: the cells it applies to.
        kind: list, whole, decimal, date, time, textLength, custom or none.
        operator: between, greaterThan …; "" if the kind has none.
        formulas: one or two, without equals signs; a list has a range, a name or a quoted enumeration.
        blank_allowed: whether the cell may stay empty.
        stops: whether it rejects a wrong entry, instead of warning or doing nothing.
        extended: whether it is stored in the extension that only Excel 2010 and later know (x14).
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
        boxes: the cells it applies to.
        kind: expression, cellIs, containsText, dataBar …
        operator: for ``cellIs``; "" for others.
        formulas: without equals signs.
        priority: lower numbers come first.
        extended: as in ``Validation``.
    """

    boxes: tuple[Box, ...]
    kind: str
    operator: str
    formulas: tuple[str, ...]
    priority: int
    extended: bool = False


@dataclass(frozen=True)
class Protection:
    """The protection of a sheet.

    Attributes:
        password: whether a password is needed to lift it.
        allowed: the actions that stay allowed, by the names of the file format: formatCells, formatRows, sort …
    """

    password: bool
    allowed: frozenset[str]


@dataclass(frozen=True)
class Sheet:
    """The contents of a worksheet.

    Attributes:
        title: its name.
        state: visible, hidden or veryHidden.
        cells: the cells that are not empty; an empty cell with a style is left out.
        merges: merged ranges.
        validations: data validations.
        conditional_formats: the rules of its conditional formats.
        protection: None if it is not protected.
        hidden_rows, hidden_columns: runs of hidden ones, first and last.
        filtered: whether an automatic filter is set.
        comments: notes and threaded comments by cell, threaded replies after their comment.
        texts: the texts of its text boxes and shapes.
        pictures, charts, embedded: the number of images, of charts, and of embedded files and controls.
        partial: whether only its beginning was read, because it is large and not a wanted sheet.
        oddities: the invalid merges and the unreadable parts of the sheet, as the file writes them.
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
    """The contents of a workbook.

    Attributes:
        sheets: by name, in the order of the workbook, without chart sheets and macro sheets.
        names: the defined names of the workbook and what they refer to, without equals signs.
        properties: custom document properties.
        application: the program that saved it, if the file says so.
        format: xlsx, xlsm, xltx, xltm, xls, xlsb, ods or et, by its bytes, not its file name.
        checkable: whether the reader sees formulas, locks and validations; if not, they are empty here.
        sheet_names: the defined names of single sheets, by sheet and name.
        date1904: whether serial dates count from 1904.
        macros: whether it contains macros (they are never run).
        external_links: the files that its formulas refer to.
        shared: whether several people may edit it at a time (the old shared workbook with its change log).
        structure_locked: whether sheets may not be added, removed or renamed.
        manual: whether it is recalculated on demand only, so that stored results may be outdated.
        repaired: whether a spreadsheet program recorded that it repaired the file.
        unread: the sheets and other parts that cannot be read, each with the error; such sheets are not in ``sheets``.
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
        """The estimated memory in bytes once every cell has been read."""
        return 1_500 * sum(len(sheet.cells) for sheet in self.sheets.values())

    def at(self, sheet: str, row: int, column: int) -> CellFact:
        """The cell at a row and column; an empty one if there is none."""
        facts = self.sheets.get(sheet)
        return facts.cells.get((row, column), EMPTY) if facts else EMPTY

    def all_cells(self) -> Iterator[tuple[str, Spot, CellFact]]:
        """Every cell of every sheet."""
        for title, sheet in self.sheets.items():
            for spot, fact in sheet.cells.items():
                yield title, spot, fact
