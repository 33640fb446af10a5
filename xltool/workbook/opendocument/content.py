"""Read the content of an OpenDocument workbook without the bulk of sheets that are not wanted.

All sheets are in one part. If it is large, it is inflated in pieces, and of each large sheet only the first rows are
kept, enough to recognise it.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from html import unescape
from typing import NamedTuple

from xltool.workbook.errors import Unreadable
from xltool.workbook.ooxml.parts import Parts

_PART = "content.xml"
_BEGIN, _END, _ROW_END = b"<table:table ", b"</table:table>", b"</table:table-row>"
_GROUPS = (b"<table:table-row-group", b"<table:table-header-rows", b"<table:table-rows")

#: How many times more bytes a sheet takes than in Excel's format.
_LARGE = 4

_NAME = re.compile(rb"""<table:table [^<>]*?table:name=(?:"([^"]*)"|'([^']*)')""")


class SheetsContent(NamedTuple):
    """The bytes of the part, and the titles of the sheets of which it contains only the first rows."""

    data: bytes
    partial: frozenset[str]


def read_content(parts: Parts, whole: Collection[str] = ()) -> SheetsContent:
    """Read the part with the sheets.

    Args:
        parts: the parts of the package.
        whole: sheets that are kept completely, however large they are.

    Raises:
        Unreadable: damaged, or too large.
    """
    if parts.size(_PART) <= parts.limits.foreign_bytes:
        return SheetsContent(parts.read(_PART), frozenset())
    cut = _Cut(parts, whole)
    for piece in parts.pieces(_PART):
        cut.feed(piece)
    return cut.done()


class _Cut:
    """Reads a part in pieces and leaves out the bulk of its large sheets."""

    def __init__(self, parts: Parts, whole: Collection[str]) -> None:
        self._parts, self._whole = parts, whole
        self._kept: list[bytes] = []
        self._size = 0
        self._rest = b""  # an incomplete tag, or the possible beginning of one
        self._sheet: _Sheet | None = None
        self._partial: set[str] = set()
        self._has_declarations = False  # whether there are comments or similar, in which tags do not count

    def feed(self, piece: bytes) -> None:
        """Process the next bytes."""
        self._has_declarations |= b"<!" in piece
        data = self._rest + piece
        while (stop := data.find(_END if self._sheet else _BEGIN)) >= 0:
            if self._sheet:
                self._keep(data[: stop + len(_END)])
                self._close()
                data = data[stop + len(_END) :]
            else:
                self._keep(data[:stop])
                data = data[stop:]
                if (close := data.find(b">")) < 0:
                    self._rest = data
                    return
                if data[close - 1 : close] == b"/":  # an empty sheet
                    self._keep(data[: close + 1])
                    data = data[close + 1 :]
                else:
                    self._sheet = _Sheet(_parse_title(data[: close + 1]))
        held_back = len(_END) - 1
        self._keep(data[:-held_back])
        self._rest = data[-held_back:]

    def done(self) -> SheetsContent:
        """The bytes that were kept, after all pieces were fed."""
        if self._has_declarations:
            return SheetsContent(self._parts.read(_PART), frozenset())
        self._keep(self._rest)
        if self._sheet:
            self._close()
        return SheetsContent(b"".join(self._kept), frozenset(self._partial))

    def _keep(self, data: bytes) -> None:
        if self._sheet:
            limits, is_whole = self._parts.limits, self._sheet.title in self._whole
            self._sheet.add(data, limits.part_bytes if is_whole else _LARGE * limits.foreign_bytes)
            return
        self._size += len(data)
        if self._size > self._parts.limits.part_bytes:
            raise Unreadable("zip_bomb", _PART)
        self._kept.append(data)

    def _close(self) -> None:
        sheet, self._sheet = self._sheet, None
        assert sheet is not None  # this is its end
        self._partial |= {sheet.title} if sheet.cut else set()
        self._keep(sheet.done(_LARGE * self._parts.limits.beginning_bytes))


class _Sheet:
    """A sheet of which a limited number of bytes is kept."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.cut = False
        self._kept: list[bytes] = []
        self._size = 0

    def add(self, data: bytes, most: int) -> None:
        """Process the next bytes."""
        if not self.cut:
            self._kept.append(data[: most - self._size])
            self._size += len(data)
            self.cut = self._size > most

    def done(self, most: int) -> bytes:
        """The bytes of the sheet. If it was cut, at most ``most`` bytes in whole rows; none if rows are grouped."""
        data = b"".join(self._kept)
        if not self.cut:
            return data
        data = data[:most]
        end = data.rfind(_ROW_END)
        if end < 0 or any(tag in data for tag in _GROUPS):
            return data[: data.find(b">") + 1] + _END
        return data[: end + len(_ROW_END)] + _END


def _parse_title(tag: bytes) -> str:
    match = _NAME.match(tag)
    return unescape((match[1] or match[2] or b"").decode("utf-8", "replace")) if match else ""
