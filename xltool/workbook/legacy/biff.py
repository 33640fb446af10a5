"""Read from old workbooks (.xls, .et) what the display of cells needs: number formats, fonts and numbers.

calamine gives the values, but of a number format only whether it is a date. Damage results in missing cells, never
in an exception.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from xltool.workbook.grid import Spot
from xltool.workbook.legacy import ole
from xltool.workbook.number_formats.builtin import BUILT_IN
from xltool.workbook.number_formats.format import NumberFormat, number_format


class _Kind(IntEnum):
    """Kinds of records."""

    BEGIN, END, PASSWORD, EPOCH, FONT, FORMAT, STYLE, SHEET = 0x809, 0x0A, 0x2F, 0x22, 0x31, 0x41E, 0xE0, 0x85
    FORMULA, NUMBER, SHORT, SHORTS = 0x06, 0x203, 0x27E, 0xBD


#: Cells with texts, Booleans and errors; all begin with row, column and style.
_OTHERS = frozenset((0xFD, 0x204, 0xD6, 0x205))

_STRIKES = 0x0008
_WORKSHEET = 0


@dataclass(frozen=True)
class CellStyle:
    """The style of a cell, and the number in it.

    Attributes:
        format: its number format.
        struck: whether its font strikes out.
        number: the stored number; None for any other cell.
        result: whether it is the result of a formula.
    """

    format: NumberFormat
    struck: bool
    number: float | None
    result: bool = False


@dataclass
class CellStyles:
    """The styles of the cells of a workbook.

    Attributes:
        encrypted: whether it needs a password to open.
        date1904: whether serial dates count from 1904.
        sheets: the styles of cells, by the name of their sheet.
    """

    encrypted: bool = False
    date1904: bool = False
    sheets: dict[str, Mapping[Spot, CellStyle]] = field(default_factory=dict)


def read_cell_styles(content: bytes, most_cells: int) -> CellStyles:
    """Read the styles of the cells of an old workbook.

    Args:
        content: the bytes of the file.
        most_cells: the most cells that are read, in all sheets.
    """
    container = ole.Container(content)
    stream = container.streams.get("Workbook") or container.streams.get("Book")
    return _Workbook(container.data(stream), most_cells).cell_styles if stream else CellStyles()


class _Workbook:
    """The parse of the workbook's stream."""

    def __init__(self, data: bytes, most_cells: int) -> None:
        self.cell_styles = CellStyles()
        self._data, self._left = data, most_cells
        self._wide = data[4:6] == b"\x00\x06"  # texts are Unicode since Excel 97
        self._codes: dict[int, str] = {}
        self._struck: list[bool] = []
        self._styles: list[tuple[int, int]] = []
        self._formats: dict[int, tuple[NumberFormat, bool]] = {}
        sheets = list(self._globals())
        for name, at in () if self.cell_styles.encrypted else sheets:
            self.cell_styles.sheets[name] = dict(self._cells(at))

    def _records(self, at: int) -> Iterator[tuple[int, bytes]]:
        """Yield the records of a substream, up to its end."""
        depth = 0
        while at + 4 <= len(self._data):
            kind, length = struct.unpack_from("<HH", self._data, at)
            depth += (kind == _Kind.BEGIN) - (kind == _Kind.END)
            if depth <= 0:
                return
            if depth == 1:
                yield kind, self._data[at + 4 : at + 4 + length]
            at += 4 + length

    def _globals(self) -> Iterator[tuple[str, int]]:
        """Yield name and offset of every worksheet, after reading formats, fonts and styles."""
        for kind, body in self._records(0):
            match kind:
                case _Kind.PASSWORD:
                    self.cell_styles.encrypted = True
                    return
                case _Kind.EPOCH:
                    self.cell_styles.date1904 = body[:1] == b"\1"
                case _Kind.FONT if len(body) >= 4:
                    self._struck.append(bool(int.from_bytes(body[2:4], "little") & _STRIKES))
                case _Kind.FORMAT if len(body) >= 5:
                    self._codes[int.from_bytes(body[:2], "little")] = self._text(body[2:], 2 if self._wide else 1)
                case _Kind.STYLE if len(body) >= 4:
                    self._styles.append(struct.unpack_from("<HH", body))
                case _Kind.SHEET if len(body) >= 8 and body[5] == _WORKSHEET:
                    yield self._text(body[6:], 1), int.from_bytes(body[:4], "little")

    def _text(self, body: bytes, width: int) -> str:
        """Decode a text that follows its length."""
        length, rest = int.from_bytes(body[:width], "little"), body[width:]
        if not self._wide:
            return rest[:length].decode("gb18030", "replace")
        if rest[:1] and rest[0] & 1:
            return rest[1 : 1 + 2 * length].decode("utf-16-le", "replace")
        return rest[1 : 1 + length].decode("latin-1")

    def _cells(self, at: int) -> Iterator[tuple[Spot, CellStyle]]:
        for kind, body in self._records(at):
            if len(body) < 6:
                continue
            row, column, style = struct.unpack_from("<HHH", body)
            number: float | None = None
            if kind == _Kind.SHORTS:
                yield from self._short_numbers(row, column, body)
                continue
            if kind == _Kind.NUMBER and len(body) >= 14:
                [number] = struct.unpack_from("<d", body, 6)
            elif kind == _Kind.SHORT and len(body) >= 10:
                number = _decode_short(int.from_bytes(body[6:10], "little"))
            elif kind == _Kind.FORMULA and len(body) >= 14:
                number = None if body[12:14] == b"\xff\xff" else struct.unpack_from("<d", body, 6)[0]
            elif kind not in _OTHERS:
                continue
            yield (row + 1, column + 1), self._style_of(style, number, kind == _Kind.FORMULA)
            self._left -= 1
            if self._left < 0:
                return

    def _short_numbers(self, row: int, column: int, body: bytes) -> Iterator[tuple[Spot, CellStyle]]:
        """Yield several adjacent numbers of one record."""
        for place, at in enumerate(range(4, len(body) - 7, 6)):
            style, number = struct.unpack_from("<HL", body, at)
            yield (row + 1, column + place + 1), self._style_of(style, _decode_short(number))
            self._left -= 1

    def _style_of(self, style: int, number: float | None, result: bool = False) -> CellStyle:
        if style not in self._formats:
            font, code = self._styles[style] if style < len(self._styles) else (0, 0)
            font -= font > 4  # there is no font number 4
            text = self._codes.get(code) or BUILT_IN.get(code, "General")
            self._formats[style] = number_format(text), font < len(self._struck) and self._struck[font]
        return CellStyle(*self._formats[style], number, result)


def _decode_short(number: int) -> float:
    """Decode a number in four bytes: 30 bits of an integer or a double, and a flag for division by a hundred."""
    if number & 2:
        value = float((number >> 2) - (1 << 30 if number >> 31 else 0))
    else:
        [value] = struct.unpack("<d", struct.pack("<Q", (number & 0xFFFFFFFC) << 32))
    return value / 100 if number & 1 else value
