"""Read zip files strictly: whatever two programs might read differently is rejected.

Nothing is written to disk, and declared sizes are not trusted: bytes are counted while inflating.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from zlib_ng import zlib_ng

from xltool.support.i18n import tr
from xltool.support.text_files import decode_text
from xltool.workbook.errors import Unreadable
from xltool.workbook.limits import Limits

_END = struct.Struct("<4s4H2LH")
_END64_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")

_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF

#: Names that lead out of the folder, or that two programs may interpret differently.
_UNSAFE = re.compile(r"^/|^[A-Za-z]:|\\|[\x00-\x1f\x7f]|(?:^|/)\.{1,2}(?:/|$)|//")

#: Padding that mail gateways and storage append to a file.
_PADDING = b"\0\r\n \t\x1a"


class Bytes(Protocol):
    """Bytes, or a file mapped into memory."""

    def __len__(self) -> int: ...
    def __getitem__(self, key: slice, /) -> bytes: ...
    def rfind(self, what: bytes, start: int, end: int, /) -> int: ...  # noqa: D102  # as of bytes
    def find(self, what: bytes, start: int, end: int, /) -> int: ...  # noqa: D102


@dataclass(frozen=True)
class ZipEntry:
    """An entry of the directory.

    Attributes:
        name: the decoded name.
        stored_name: the bytes of the name.
        flags, method, crc: as declared in the directory.
        packed, size: the declared bytes, compressed and inflated.
        offset: the offset of its local header.
        data, end: the offsets of the beginning and end of its data.
        fault: why it must not be read; None if it may.
    """

    name: str
    stored_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    data: int = 0
    end: int = 0
    fault: Unreadable | None = None

    @property
    def folder(self) -> bool:
        """Whether it is a folder, which has no data."""
        return self.name.endswith("/")


class ZipFile:
    """A zip file with a checked directory.

    Args:
        content: its bytes.
        limits: on the cost of reading.
        most_entries: the most entries: ``limits.entries`` for a workbook, ``limits.archive_entries`` for an archive.

    Attributes:
        entries: in the order of the directory; those that must not be read have a ``fault``.

    Raises:
        Unreadable: not a zip file, truncated, or with an ambiguous directory.
    """

    def __init__(self, content: Bytes, limits: Limits, most_entries: int) -> None:
        self._content = content
        self._limits = limits
        self._left = limits.total_bytes
        number, start, size = _find_directory(content)
        if number > most_entries:
            raise Unreadable("zip_entries", str(number))
        entries = list(_read_entries(content, number, start, size))
        self.entries = tuple(_mark_faults(_locate_data(content, entry, start) for entry in entries))
        if not any(entry.fault for entry in self.entries):
            _refuse_hidden(content, self.entries, start)

    def read(self, entry: ZipEntry) -> bytes:
        """The bytes of an entry, with size and checksum verified.

        Raises:
            Unreadable: the entry is faulty or damaged, or past a limit.
        """
        if entry.fault is not None:
            raise entry.fault
        most = min(self._limits.part_bytes, self._left)
        if entry.size > most:
            raise _too_large(entry, self._limits)
        packed = self._content[entry.data : entry.end]
        data = packed if entry.method == _STORED else _inflate(packed, entry, most)
        if len(data) != entry.size or zlib_ng.crc32(data) != entry.crc:
            raise Unreadable("zip_crc", entry.name)
        self._left -= len(data)
        return data

    def pieces(self, entry: ZipEntry) -> Iterator[bytes]:
        """Yield the bytes of an entry in pieces; size and checksum are verified after the last.

        Raises:
            Unreadable: the entry is faulty or damaged, or past a limit.
        """
        if entry.fault is not None:
            raise entry.fault
        if entry.size > self._limits.skipped_bytes:
            raise _too_large(entry, self._limits)
        size = crc = 0
        for data in _pieces(self._content[entry.data : entry.end], entry):
            size, crc = size + len(data), zlib_ng.crc32(data, crc)
            if size > entry.size:
                raise Unreadable("zip_bomb", entry.name)
            yield data
        if size != entry.size or crc != entry.crc:
            raise Unreadable("zip_crc", entry.name)

    def beginning(self, entry: ZipEntry, most: int) -> bytes:
        """At most ``most`` bytes of an entry, not verified, to detect what it is.

        Raises:
            Unreadable: the entry is faulty or damaged.
        """
        if entry.fault is not None:
            raise entry.fault
        packed = self._content[entry.data : min(entry.end, entry.data + most)]
        if entry.method == _STORED:
            return packed
        try:
            return zlib_ng.decompressobj(-15).decompress(packed, most)
        except zlib_ng.error:  # type: ignore[misc]  # the stub does not declare an exception
            raise Unreadable("zip_damaged", entry.name) from None


def _inflate(packed: bytes, entry: ZipEntry, most: int) -> bytes:
    stream = zlib_ng.decompressobj(-15)
    try:
        # One byte more than allowed, to detect excess; the declared size is not trusted.
        data = stream.decompress(packed, most + 1)
    except zlib_ng.error:  # type: ignore[misc]  # the stub does not declare an exception
        raise Unreadable("zip_damaged", entry.name) from None
    if len(data) > most:
        raise Unreadable("zip_bomb", tr(f"{entry.name}，{_ratio(len(data), packed)}", f"{entry.name}"))
    if not stream.eof or stream.unused_data:
        raise Unreadable("zip_damaged", entry.name)
    return data


#: The most bytes of a piece, and the compressed bytes inflated at a time.
_PIECE, _PACKED_PIECE = 1024 * 1024, 64 * 1024


def _pieces(packed: bytes, entry: ZipEntry) -> Iterator[bytes]:
    if entry.method == _STORED:
        yield from (packed[at : at + _PIECE] for at in range(0, len(packed), _PIECE))
        return
    stream = zlib_ng.decompressobj(-15)
    try:
        for at in range(0, len(packed), _PACKED_PIECE):
            rest = packed[at : at + _PACKED_PIECE]
            while rest and not stream.eof:
                yield stream.decompress(rest, _PIECE)
                rest = stream.unconsumed_tail
    except zlib_ng.error:  # type: ignore[misc]  # the stub does not declare an exception
        raise Unreadable("zip_damaged", entry.name) from None
    if not stream.eof or stream.unused_data:
        raise Unreadable("zip_damaged", entry.name)


def _ratio(size: int, packed: bytes) -> str:
    return f"{size // 1024 // 1024} MB，{size // max(1, len(packed))}:1"


def _too_large(entry: ZipEntry, limits: Limits) -> Unreadable:
    sizes = f"{entry.size // 1024 // 1024} MB > {limits.part_bytes // 1024 // 1024} MB"
    return Unreadable("zip_bomb", f"{entry.name}，{sizes}, {entry.size // max(1, entry.packed)}:1")


def _find_directory(content: Bytes) -> tuple[int, int, int]:
    """Number of entries, offset and size of the directory."""
    length = len(content)
    at = content.rfind(b"PK\5\6", max(0, length - _END.size - _FULL16), length)
    if at < 0 or at + _END.size > length:
        raise Unreadable("zip_cut")
    _, disk, first_disk, entries_here, number, size, start, comment = _END.unpack(content[at : at + _END.size])
    rest = content[at + _END.size : length]
    if len(rest) < comment:
        raise Unreadable("zip_cut")
    if rest[comment:].strip(_PADDING):
        raise Unreadable("zip_stray")
    end = at
    if _FULL16 in (entries_here, number) or _FULL32 in (size, start):
        disk, first_disk, entries_here, number, size, start, end = _find_directory64(content, at)
    if disk or first_disk or entries_here != number:
        raise Unreadable("zip_volumes")
    if start + size != end:  # bytes before the first entry, or two concatenated files
        raise Unreadable("zip_cut" if start + size > end else "zip_stray")
    return number, start, size


def _find_directory64(content: Bytes, at: int) -> tuple[int, int, int, int, int, int, int]:
    locator = at - _END64_LOCATOR.size
    if locator < 0 or content[locator : locator + 4] != b"PK\6\7":
        raise Unreadable("zip_damaged", "zip64")
    _, _, end, _ = _END64_LOCATOR.unpack(content[locator : locator + _END64_LOCATOR.size])
    if end + _END64.size > locator or content[end : end + 4] != b"PK\6\6":
        raise Unreadable("zip_damaged", "zip64")
    _, _, _, _, disk, first_disk, entries_here, number, size, start = _END64.unpack(content[end : end + _END64.size])
    return disk, first_disk, entries_here, number, size, start, end


def _read_entries(content: Bytes, number: int, start: int, size: int) -> Iterator[ZipEntry]:
    directory = content[start : start + size]
    at = 0
    for _ in range(number):
        if at + _CENTRAL.size > size or directory[at : at + 4] != b"PK\1\2":
            raise Unreadable("zip_damaged", tr("目录", "directory"))
        head = _CENTRAL.unpack(directory[at : at + _CENTRAL.size])
        flags, method, crc, packed, unpacked, names, extras, comments, place = (*head[3:5], *head[7:13], head[16])
        at += _CENTRAL.size
        name, extra = directory[at : at + names], directory[at + names : at + names + extras]
        at += names + extras + comments
        if at > size:
            raise Unreadable("zip_damaged", tr("目录", "directory"))
        if _FULL32 in (packed, unpacked, place):
            unpacked, packed, place = _sizes64(extra, unpacked, packed, place)
        yield ZipEntry(_decode_name(name, flags), name, flags, method, crc, packed, unpacked, place)
    if at != size:
        raise Unreadable("zip_damaged", tr("目录", "directory"))


def _sizes64(extra: bytes, *values: int) -> Iterator[int]:
    """The values, in this order, with those that do not fit 32 bits taken from the zip64 extra field."""
    values64 = b""
    while len(extra) >= 4:
        kind, length = struct.unpack("<2H", extra[:4])
        if kind == 1:
            values64 = extra[4 : 4 + length]
            break
        extra = extra[4 + length :]
    for value in values:
        if value == _FULL32:
            if len(values64) < 8:
                raise Unreadable("zip_damaged", "zip64")
            value = int.from_bytes(values64[:8], "little")
            values64 = values64[8:]
        yield value


def _decode_name(name: bytes, flags: int) -> str:
    """Decode a name: Windows writes GBK without a flag, other systems UTF-8."""
    encodings = ("utf-8",) if flags & _UTF8 else ("utf-8", "gbk")
    text = decode_text(name, encodings)
    return name.decode(encodings[-1], "backslashreplace") if text is None else text


def _locate_data(content: Bytes, entry: ZipEntry, directory: int) -> ZipEntry:
    """The entry with the offsets of its data, or with a fault if its local header disagrees with the directory."""
    head = content[entry.offset : entry.offset + _LOCAL.size]
    if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
        return _with(entry, Unreadable("zip_damaged", entry.name))
    _, _, flags, method, _, _, crc, packed, size, names, extras = _LOCAL.unpack(head)
    name_at = entry.offset + _LOCAL.size
    data = name_at + names + extras
    located = _with(entry, None, data, data + entry.packed)
    if content[name_at : name_at + names] != entry.stored_name or method != entry.method:
        return _with(located, Unreadable("zip_local", entry.name))
    if located.end > directory:
        return _with(located, Unreadable("zip_damaged", entry.name))
    local = (crc, packed, size)
    sizes_follow = flags & _SIZES_FOLLOW or _FULL32 in (packed, size)
    if not sizes_follow and local != (entry.crc, entry.packed, entry.size):
        return _with(located, Unreadable("zip_local", entry.name))
    if (flags | entry.flags) & _ENCRYPTED:
        return _with(located, Unreadable("zip_encrypted", entry.name))
    if entry.method not in (_STORED, _DEFLATED):
        return _with(located, Unreadable("zip_method", f"{entry.name} ({entry.method})"))
    if entry.method == _STORED and entry.packed != entry.size:
        return _with(located, Unreadable("zip_damaged", entry.name))
    return located


def _with(entry: ZipEntry, fault: Unreadable | None, data: int | None = None, end: int | None = None) -> ZipEntry:
    e = entry
    data, end = e.data if data is None else data, e.end if end is None else end
    return ZipEntry(
        e.name, e.stored_name, e.flags, e.method, e.crc, e.packed, e.size, e.offset, data, end, e.fault or fault
    )


def _mark_faults(entries: Iterable[ZipEntry]) -> Iterator[ZipEntry]:
    """Mark faults between entries: overlaps and duplicate names."""
    entries = list(entries)
    names: dict[str, int] = {}
    for entry in entries:
        key = entry.name.rstrip("/").casefold()
        names[key] = names.get(key, 0) + 1
    by_offset = sorted(entries, key=lambda entry: (entry.offset, entry.end))
    overlapping = {id(after) for before, after in pairwise(by_offset) if after.offset < before.end}
    parents = {key.rpartition("/")[0] for key in names}
    for entry in entries:
        key = entry.name.rstrip("/").casefold()
        if _UNSAFE.search(entry.name):
            yield _with(entry, Unreadable("zip_name", entry.name))
        elif names[key] > 1 or (not entry.folder and any(key == parent for parent in parents)):
            yield _with(entry, Unreadable("zip_duplicate", entry.name))
        elif id(entry) in overlapping:
            yield _with(entry, Unreadable("zip_overlap", entry.name))
        else:
            yield entry


def _refuse_hidden(content: Bytes, entries: Iterable[ZipEntry], directory: int) -> None:
    """Reject a file with entries that the directory does not list."""
    at = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.offset > at and (at == 0 or content.find(b"PK\3\4", at, entry.offset) >= 0):
            raise Unreadable("zip_stray")
        at = max(at, entry.end)
    if at < directory and content.find(b"PK\3\4", at, directory) >= 0:
        raise Unreadable("zip_stray")
