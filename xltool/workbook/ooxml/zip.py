"""A zip file by the strictest reading of its directory: whatever two programs might read differently is refused.

Nothing is written to disk, and no size that the file claims is believed: parts are counted while they inflate.
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
_END64_PLACE = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")

_ENCRYPTED, _SIZES_FOLLOW, _UTF8 = 0x1, 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_FULL32, _FULL16 = 0xFFFFFFFF, 0xFFFF

#: Names that lead out of a folder, or that two programs may take for different files.
_UNSAFE = re.compile(r"^/|^[A-Za-z]:|\\|[\x00-\x1f\x7f]|(?:^|/)\.{1,2}(?:/|$)|//")

#: Padding that mail gateways and storage leave behind a file.
_PADDING = b"\0\r\n \t\x1a"


class Bytes(Protocol):
    """Bytes, or a file mapped into memory."""

    def __len__(self) -> int: ...
    def __getitem__(self, key: slice, /) -> bytes: ...
    def rfind(self, what: bytes, start: int, end: int, /) -> int: ...  # noqa: D102  # as of bytes
    def find(self, what: bytes, start: int, end: int, /) -> int: ...  # noqa: D102


@dataclass(frozen=True)
class ZipEntry:
    """A line of the directory.

    Attributes:
        name: as its maker saw it.
        stored_name: its bytes.
        at: where its local header begins.
        end: where its data end.
        data: where its data begin.
        fault: why it may not be read, if so.
    """

    name: str
    stored_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    at: int
    data: int = 0
    end: int = 0
    fault: Unreadable | None = None

    @property
    def folder(self) -> bool:
        """Whether it is a folder and holds nothing."""
        return self.name.endswith("/")


class ZipFile:
    """A zip file whose directory has been checked.

    Args:
        content: its bytes.
        limits: see there; ``entries`` for a workbook, ``archive_entries`` for an archive of workbooks.
        most_entries: how many entries it may have.

    Attributes:
        entries: in the order of the directory. One that may not be read says so in ``fault``.

    Raises:
        Unreadable: no zip, cut off, or a directory that can be read in two ways.
    """

    def __init__(self, content: Bytes, limits: Limits, most_entries: int) -> None:
        self._content = content
        self._limits = limits
        self._left = limits.total_bytes
        number, start, size = _directory(content)
        if number > most_entries:
            raise Unreadable("zip_entries", str(number))
        listed = list(_listed(content, number, start, size))
        self.entries = tuple(_faults_marked(_placed(content, one, start) for one in listed))
        if not any(one.fault for one in self.entries):
            _refuse_hidden(content, self.entries, start)

    def read(self, entry: ZipEntry) -> bytes:
        """The bytes of an entry, its size and checksum proven.

        Raises:
            Unreadable: a fault of the entry, or more bytes than the limits allow.
        """
        if entry.fault is not None:
            raise entry.fault
        most = min(self._limits.part_bytes, self._left)
        if entry.size > most:
            raise _too_large(entry, self._limits)
        packed = self._content[entry.data : entry.end]
        data = packed if entry.method == _STORED else _inflated(packed, entry, most)
        if len(data) != entry.size or zlib_ng.crc32(data) != entry.crc:
            raise Unreadable("zip_crc", entry.name)
        self._left -= len(data)
        return data

    def pieces(self, entry: ZipEntry) -> Iterator[bytes]:
        """The bytes of an entry piece by piece; its size and checksum are proven with the last.

        Raises:
            Unreadable: a fault of the entry, or more bytes than may be skipped.
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
        """At most so many bytes of an entry, unproven: enough to see what it is.

        Raises:
            Unreadable: a fault of the entry.
        """
        if entry.fault is not None:
            raise entry.fault
        packed = self._content[entry.data : min(entry.end, entry.data + most)]
        if entry.method == _STORED:
            return packed
        try:
            return zlib_ng.decompressobj(-15).decompress(packed, most)
        except zlib_ng.error:  # type: ignore[misc]  # its stub does not say that it is one
            raise Unreadable("zip_damaged", entry.name) from None


def _inflated(packed: bytes, entry: ZipEntry, most: int) -> bytes:
    stream = zlib_ng.decompressobj(-15)
    try:
        # One byte more than allowed tells too much from just enough; the declared size is a claim, not a limit.
        data = stream.decompress(packed, most + 1)
    except zlib_ng.error:  # type: ignore[misc]  # its stub does not say that it is one
        raise Unreadable("zip_damaged", entry.name) from None
    if len(data) > most:
        raise Unreadable("zip_bomb", tr(f"{entry.name}，{_ratio(len(data), packed)}", f"{entry.name}"))
    if not stream.eof or stream.unused_data:
        raise Unreadable("zip_damaged", entry.name)
    return data


#: Bytes that come at a time of a part that is inflated piece by piece, at most, and those they are inflated from.
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
    except zlib_ng.error:  # type: ignore[misc]  # its stub does not say that it is one
        raise Unreadable("zip_damaged", entry.name) from None
    if not stream.eof or stream.unused_data:
        raise Unreadable("zip_damaged", entry.name)


def _ratio(size: int, packed: bytes) -> str:
    return f"{size // 1024 // 1024} MB，{size // max(1, len(packed))}:1"


def _too_large(entry: ZipEntry, limits: Limits) -> Unreadable:
    sizes = f"{entry.size // 1024 // 1024} MB > {limits.part_bytes // 1024 // 1024} MB"
    return Unreadable("zip_bomb", f"{entry.name}，{sizes}, {entry.size // max(1, entry.packed)}:1")


def _directory(content: Bytes) -> tuple[int, int, int]:
    """Number of entries, start and size of the directory."""
    length = len(content)
    at = content.rfind(b"PK\5\6", max(0, length - _END.size - _FULL16), length)
    if at < 0 or at + _END.size > length:
        raise Unreadable("zip_cut")
    _, disk, first_disk, here, number, size, start, comment = _END.unpack(content[at : at + _END.size])
    behind = content[at + _END.size : length]
    if len(behind) < comment:
        raise Unreadable("zip_cut")
    if behind[comment:].strip(_PADDING):
        raise Unreadable("zip_stray")
    end = at
    if _FULL16 in (here, number) or _FULL32 in (size, start):
        disk, first_disk, here, number, size, start, end = _directory64(content, at)
    if disk or first_disk or here != number:
        raise Unreadable("zip_volumes")
    if start + size != end:  # bytes before the first entry, or two files one behind the other
        raise Unreadable("zip_cut" if start + size > end else "zip_stray")
    return number, start, size


def _directory64(content: Bytes, at: int) -> tuple[int, int, int, int, int, int, int]:
    place = at - _END64_PLACE.size
    if place < 0 or content[place : place + 4] != b"PK\6\7":
        raise Unreadable("zip_damaged", "zip64")
    _, _, end, _ = _END64_PLACE.unpack(content[place : place + _END64_PLACE.size])
    if end + _END64.size > place or content[end : end + 4] != b"PK\6\6":
        raise Unreadable("zip_damaged", "zip64")
    _, _, _, _, disk, first_disk, here, number, size, start = _END64.unpack(content[end : end + _END64.size])
    return disk, first_disk, here, number, size, start, end


def _listed(content: Bytes, number: int, start: int, size: int) -> Iterator[ZipEntry]:
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
        yield ZipEntry(_decoded(name, flags), name, flags, method, crc, packed, unpacked, place)
    if at != size:
        raise Unreadable("zip_damaged", tr("目录", "directory"))


def _sizes64(extra: bytes, *values: int) -> Iterator[int]:
    """The values that do not fit 32 bits, from the extra field that holds those, in this order."""
    found = b""
    while len(extra) >= 4:
        kind, length = struct.unpack("<2H", extra[:4])
        if kind == 1:
            found = extra[4 : 4 + length]
            break
        extra = extra[4 + length :]
    for value in values:
        if value == _FULL32:
            if len(found) < 8:
                raise Unreadable("zip_damaged", "zip64")
            value = int.from_bytes(found[:8], "little")
            found = found[8:]
        yield value


def _decoded(name: bytes, flags: int) -> str:
    """The name as its maker saw it: Windows writes GBK without saying so, other systems UTF-8."""
    encodings = ("utf-8",) if flags & _UTF8 else ("utf-8", "gbk")
    text = decode_text(name, encodings)
    return name.decode(encodings[-1], "backslashreplace") if text is None else text


def _placed(content: Bytes, entry: ZipEntry, directory: int) -> ZipEntry:
    """The entry with its data's place, and with what its own header says otherwise than the directory."""
    head = content[entry.at : entry.at + _LOCAL.size]
    if len(head) < _LOCAL.size or head[:4] != b"PK\3\4":
        return _with(entry, Unreadable("zip_damaged", entry.name))
    _, _, flags, method, _, _, crc, packed, size, names, extras = _LOCAL.unpack(head)
    name_at = entry.at + _LOCAL.size
    data = name_at + names + extras
    placed = _with(entry, None, data, data + entry.packed)
    if content[name_at : name_at + names] != entry.stored_name or method != entry.method:
        return _with(placed, Unreadable("zip_local", entry.name))
    if placed.end > directory:
        return _with(placed, Unreadable("zip_damaged", entry.name))
    said = (crc, packed, size)
    sizes_follow = flags & _SIZES_FOLLOW or _FULL32 in (packed, size)
    if not sizes_follow and said != (entry.crc, entry.packed, entry.size):
        return _with(placed, Unreadable("zip_local", entry.name))
    if (flags | entry.flags) & _ENCRYPTED:
        return _with(placed, Unreadable("zip_encrypted", entry.name))
    if entry.method not in (_STORED, _DEFLATED):
        return _with(placed, Unreadable("zip_method", f"{entry.name} ({entry.method})"))
    if entry.method == _STORED and entry.packed != entry.size:
        return _with(placed, Unreadable("zip_damaged", entry.name))
    return placed


def _with(entry: ZipEntry, fault: Unreadable | None, data: int | None = None, end: int | None = None) -> ZipEntry:
    e = entry
    data, end = e.data if data is None else data, e.end if end is None else end
    return ZipEntry(
        e.name, e.stored_name, e.flags, e.method, e.crc, e.packed, e.size, e.at, data, end, e.fault or fault
    )


def _faults_marked(entries: Iterable[ZipEntry]) -> Iterator[ZipEntry]:
    """Entries with the faults that show only beside the others: overlaps and names that occur twice."""
    entries = list(entries)
    names: dict[str, int] = {}
    for one in entries:
        key = one.name.rstrip("/").casefold()
        names[key] = names.get(key, 0) + 1
    in_place = sorted(entries, key=lambda one: (one.at, one.end))
    overlapping = {id(other) for one, other in pairwise(in_place) if other.at < one.end}
    parents = {key.rpartition("/")[0] for key in names}
    for one in entries:
        key = one.name.rstrip("/").casefold()
        if _UNSAFE.search(one.name):
            yield _with(one, Unreadable("zip_name", one.name))
        elif names[key] > 1 or (not one.folder and any(key == parent for parent in parents)):
            yield _with(one, Unreadable("zip_duplicate", one.name))
        elif id(one) in overlapping:
            yield _with(one, Unreadable("zip_overlap", one.name))
        else:
            yield one


def _refuse_hidden(content: Bytes, entries: Iterable[ZipEntry], directory: int) -> None:
    """Refuse a whole file that hides entries between those that the directory lists."""
    at = 0
    for one in sorted(entries, key=lambda one: one.at):
        if one.at > at and (at == 0 or content.find(b"PK\3\4", at, one.at) >= 0):
            raise Unreadable("zip_stray")
        at = max(at, one.end)
    if at < directory and content.find(b"PK\3\4", at, directory) >= 0:
        raise Unreadable("zip_stray")
