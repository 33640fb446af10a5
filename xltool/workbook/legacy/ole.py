"""Read the container of old Office files: the names of its streams, and their data.

Chains of sectors may be circular or lead out of the file; they are followed only for as many sectors as the file has.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_LAST = 0xFFFFFFFA  # higher numbers are markers, not sectors
_ENTRY = 128


@dataclass(frozen=True)
class Stream:
    """A stream or storage of the container."""

    name: str
    start: int
    size: int


class Container:
    """The directory of an OLE2 file. Damage results in missing streams, never in an exception.

    Args:
        content: bytes that begin with ``MAGIC``.
    """

    def __init__(self, content: bytes) -> None:
        self._content = content
        head = content[:512].ljust(512, b"\0")
        shift = int.from_bytes(head[30:32], "little")
        self._size = 1 << shift if shift in (9, 12) else 512
        self._first_directory = int.from_bytes(head[48:52], "little")
        self._table = self._sectors(struct.unpack("<109L", head[76:512]), int.from_bytes(head[68:72], "little"))
        self.streams = {stream.name: stream for stream in self._directory()}

    def head(self, stream: Stream) -> bytes:
        """The first sector of a stream that is not a mini stream, enough to detect what it is."""
        return self._sector(stream.start)

    def data(self, stream: Stream) -> bytes:
        """The data of a stream that is not a mini stream, as far as its chain of sectors goes."""
        sectors: list[bytes] = []
        sector, left = stream.start, min(stream.size, len(self._content))
        while sector < _LAST and left > 0:
            sectors.append(self._sector(sector)[:left])
            left -= self._size
            sector = self._table[sector] if sector < len(self._table) else _LAST
        return b"".join(sectors)

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        return self._content[at : at + self._size]

    def _sectors(self, first: tuple[int, ...], more: int) -> list[int]:
        """The allocation table: for each sector, the number of the next."""
        table: list[int] = []
        table_sectors = [number for number in first if number < _LAST]
        most = len(self._content) // self._size + 1
        while more < _LAST and len(table_sectors) < most:
            numbers = self._numbers(more)
            if not numbers:
                break
            table_sectors += [number for number in numbers[:-1] if number < _LAST]
            more = numbers[-1]
        for sector in table_sectors[:most]:
            table += self._numbers(sector)
        return table

    def _numbers(self, sector: int) -> tuple[int, ...]:
        data = self._sector(sector)
        return struct.unpack(f"<{len(data) // 4}L", data[: len(data) // 4 * 4])

    def _directory(self) -> Iterator[Stream]:
        sector, sectors_read = self._first_directory, set[int]()
        while sector < _LAST and sector not in sectors_read:
            sectors_read.add(sector)
            data = self._sector(sector)
            for at in range(0, len(data) - _ENTRY + 1, _ENTRY):
                entry = data[at : at + _ENTRY]
                length = min(int.from_bytes(entry[64:66], "little"), 64)
                if length > 2:
                    name = entry[: length - 2].decode("utf-16-le", "replace")
                    yield Stream(name, *struct.unpack("<LL", entry[116:124]))
            sector = self._table[sector] if sector < len(self._table) else _LAST
