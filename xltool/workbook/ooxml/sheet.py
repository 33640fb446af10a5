"""Parse the part of one worksheet: cells on a fast path, everything else by ``SheetMetadata``.

Declared dimensions, spans and counts are ignored. Cells may come in any order and without references.
"""

from __future__ import annotations

from xltool.support.i18n import tr
from xltool.workbook import references
from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import Spot
from xltool.workbook.letters import column_letters
from xltool.workbook.limits import Limits
from xltool.workbook.namespaces import MAIN
from xltool.workbook.ooxml.cells import Raw, SharedFormula
from xltool.workbook.ooxml.shared_strings import RichString, RichTextBuilder
from xltool.workbook.ooxml.sheet_metadata import SheetMetadata
from xltool.workbook.ooxml.styles import bool_of
from xltool.workbook.ooxml.xml import Attributes, XmlPart, transitional_name

_OTHER, _CELL, _VALUE, _FORMULA, _ROW, _DATA, _INLINE, _TEXT, _ASIDE, _PLACE, _FONT, _STRIKE = range(12)


class _Elements(dict[str, int]):
    """The elements inside <sheetData>, by name."""

    def __missing__(self, name: str) -> int:
        return self.get(transitional_name(name), _OTHER)


_ELEMENTS = _Elements(
    {MAIN + name: number for name, number in (
        ("c", _CELL), ("v", _VALUE), ("f", _FORMULA), ("row", _ROW), ("sheetData", _DATA),
        ("is", _INLINE), ("t", _TEXT), ("rPh", _ASIDE), ("vertAlign", _PLACE), ("rPr", _FONT), ("strike", _STRIKE))}
)  # fmt: skip


class SheetPart(XmlPart):
    """The parse of a worksheet's part.

    Args:
        name: the name of the part.
        title: the title of the sheet, for its boxes.
        limits: on the cost of reading.
        most_cells: the most cells it may have, after those of other sheets.

    Attributes:
        cells: the cells that are not empty, as stored.
        masters: the shared formulas whose text is in this part, by ``si``.
        hidden_rows: runs of hidden rows, first and last.
        around: the metadata of the sheet.
    """

    def __init__(self, name: str, title: str, limits: Limits, most_cells: int) -> None:
        super().__init__(name, limits)
        self.cells: dict[Spot, Raw] = {}
        self.masters: dict[str, list[SharedFormula]] = {}
        self.hidden_rows: list[tuple[int, int]] = []
        self.around = SheetMetadata(self, title, limits)
        self._title, self._most_cells = title, most_cells
        self._rich = RichTextBuilder(self)
        self._columns: dict[str, int] = {}
        self._row, self._row_text, self._in_row = 0, "", False
        self._before: str | int = 0  # the cell before this one: its reference, or its column
        self._cell: Attributes | None = None
        self._open = _OTHER
        self._value: str | RichString | None = None
        self._formula: str | None = None
        self._special: Attributes = {}
        self._data_seen = False
        starts = {**self.around.starts, MAIN + "sheetData": self._enter_data}
        self.with_handlers(MAIN + "worksheet", starts, self.around.ends)

    def read(self, data: bytes) -> SheetPart:
        """Parse the part and return self.

        Raises:
            Unreadable: damaged, past a limit, or with an invalid reference.
        """
        self.parse(data)
        if not self._data_seen:
            raise Unreadable("part_strange", tr(f"{self.name} 没有 sheetData", f"{self.name} has no sheetData"))
        return self

    def read_beginning(self, data: bytes) -> SheetPart:
        """Parse the first bytes of the part and return self.

        Raises:
            Unreadable: as in ``read``.
        """
        self.parse_beginning(data)
        return self

    def _enter_data(self, _: Attributes) -> None:
        """Switch to the fast path until the end of the cells."""
        if self._data_seen:
            raise self.unreadable("part_strange")
        self._data_seen = True
        self.start_text()
        self.parser.StartElementHandler = self._data_start
        self.parser.EndElementHandler = self._data_end

    def _leave_data(self) -> None:
        self.end_text()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.end(MAIN + "sheetData")

    # ── the fast path: called for every element of every cell ───

    def _data_start(self, name: str, attributes: Attributes) -> None:
        kind = _ELEMENTS[name]
        if self._open:  # an element inside a value or a formula is ambiguous
            raise self.unreadable("part_strange")
        if kind == _CELL:
            if self._cell is not None or not self._in_row:
                raise self.unreadable("part_strange")
            self._cell = attributes
        elif kind == _VALUE:
            self._start_value(kind)
        elif kind == _FORMULA:
            self._start_value(kind)
            self._special = attributes
        elif kind == _ROW:
            self._begin_row(attributes)
        else:
            self._other_start(kind, attributes)

    def _data_end(self, name: str) -> None:
        kind = _ELEMENTS[name]
        if kind == _CELL:
            if self._value is None and self._formula is None:
                self._skip_cell()
            else:
                self._end_cell()
        elif kind == _VALUE:
            self._set_value("".join(self._pieces))
        elif kind == _FORMULA:
            if self._formula is not None:
                raise self.unreadable("part_strange")
            self._formula, self._open = "".join(self._pieces), _OTHER
        elif kind == _ROW:
            self._end_row()
        else:
            self._other_end(kind)

    def _start_value(self, kind: int) -> None:
        if self._cell is None:
            raise self.unreadable("part_strange")
        self._open = kind
        self._pieces.clear()

    def _set_value(self, value: str | RichString) -> None:
        if self._value is not None:
            raise self.unreadable("part_strange")
        self._value, self._open = value, _OTHER

    def _begin_row(self, attributes: Attributes) -> None:
        if self._in_row:
            raise self.unreadable("part_strange")
        self._in_row, self._before = True, 0
        text = attributes.get("r")
        if text is None:
            self._row += 1
        else:
            self._row = int(text) if text.isdecimal() and text.isascii() and len(text) < 8 else 0
        if not 1 <= self._row <= self._limits.rows:
            raise self.unreadable("bad_reference")
        self._row_text = text or str(self._row)
        if "hidden" in attributes and bool_of(attributes["hidden"]):
            _extend(self.hidden_rows, self._row)

    def _end_row(self) -> None:
        self._in_row = False
        if len(self.cells) > self._most_cells:
            raise Unreadable("many_cells", str(self._limits.cells))

    def _skip_cell(self) -> None:
        """Leave out an empty cell with a style; the next cell without a reference follows it."""
        assert self._cell is not None  # this is its end
        self._before = self._cell.get("r") or self._column_before() + 1
        self._cell = None

    def _end_cell(self) -> None:
        attributes = self._cell
        assert attributes is not None  # this is its end
        value, formula, share, array = self._value, self._formula, "", ""
        self._cell = self._value = self._formula = None
        spot = self._spot(attributes.get("r"))
        if self._special:
            formula, share, array = self._special_formula(spot, formula or "")
        kind, style = attributes.get("t", "n"), attributes.get("s", "")
        if kind == "e" and formula is None and not share and "vm" in attributes:
            kind = "picture"  # stored as an error for programs without pictures in cells
        # A cell that occurs twice has no reliable value.
        self.cells[spot] = _TWICE if spot in self.cells else (kind, style, value, formula, share, array)

    def _spot(self, reference: str | None) -> Spot:
        if reference is None:
            column = self._column_before() + 1
            if column > self._limits.columns:
                raise self.unreadable("bad_reference")
            self._before = column
            return self._row, column
        self._before = reference
        column = self._columns.get(reference.removesuffix(self._row_text), 0)
        return self._row, column or self._new_column(reference)

    def _new_column(self, reference: str) -> int:
        spot = references.parse_cell(reference, self._limits)
        if spot is None or spot[0] != self._row or "$" in reference:
            raise self.unreadable("bad_reference")
        self._columns[column_letters(spot[1])] = spot[1]
        return spot[1]

    def _column_before(self) -> int:
        return self._before if isinstance(self._before, int) else self._new_column(self._before)

    # ── features of few cells ───────────────────────────────────

    def _special_formula(self, spot: Spot, formula: str) -> tuple[str | None, str, str]:
        """Formula, ``si`` of a shared formula in another cell, range of an array formula."""
        attributes, self._special = self._special, {}
        match attributes.get("t", "normal"):
            case "shared":
                share = attributes.get("si", "?")
                if not formula:
                    return None, share, ""
                box = references.parse_box(self._title, attributes.get("ref", ""), self._limits)
                self.masters.setdefault(share, []).append(SharedFormula(spot, formula, box))
                return formula, "", ""
            case "array":
                return formula, "", attributes.get("ref", "")
            case "dataTable":
                inputs = ",".join(attributes[key] for key in ("r1", "r2") if key in attributes)
                return f"TABLE({inputs})", "", attributes.get("ref", "")
        return formula, "", ""

    def _other_start(self, kind: int, attributes: Attributes) -> None:
        self._depth += 1
        if self._depth > self._limits.depth:
            raise self.unreadable("xml_deep")
        if kind == _INLINE:
            self._start_value(_OTHER)
            self._rich.begin()
        elif kind == _TEXT:
            self._start_value(kind)
        elif kind == _ASIDE:
            self._rich.begin_phonetic()
        elif kind == _PLACE:
            self._rich.set_position(attributes)
        elif kind == _FONT:
            self._rich.set_font()
        elif kind == _STRIKE:
            self._rich.set_strike(attributes)
        elif kind == _DATA:
            raise self.unreadable("part_strange")

    def _other_end(self, kind: int) -> None:
        if kind == _DATA:
            self._leave_data()
            return
        self._depth -= 1
        if kind == _TEXT:
            self._open = _OTHER
            self._rich.end_run()
            self.start_text()
        elif kind == _ASIDE:
            self._rich.end_phonetic()
        elif kind == _INLINE:
            self._set_value(self._rich.result())


#: Replaces a cell that occurs twice.
_TWICE: Raw = ("twice", "", "", None, "", "")


def _extend(runs: list[tuple[int, int]], number: int) -> None:
    """Add a row to the runs of rows; a row next to the last run extends it."""
    if runs and runs[-1][1] + 1 == number:
        runs[-1] = (runs[-1][0], number)
    else:
        runs.append((number, number))
