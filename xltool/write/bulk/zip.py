"""A zip file from members that are deflated already, so that what many files share is deflated once."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import NamedTuple

from zlib_ng import zlib_ng

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")

#: Deflate 2.0; no date but the first that a zip file can have.
_VERSION, _DEFLATED, _TIME, _DATE = 20, 8, 0, 0x21

#: A block that is stored: no last one, its length, and that inverted.
_STORED = struct.Struct("<BHH")
_SHORT, _SMALL = 200, 4_096

#: How hard it is tried; what one form alone holds is deflated in a third of the time, to a sixth more.
_USUAL, _QUICK = 6, 1

#: What ends a deflated stream whose parts were flushed.
_LAST = b"\x03\x00"


class DeflatedPart(NamedTuple):
    """A stretch of a member: its text, and the same deflated so that others may stand before and after it."""

    plain: bytes
    packed: bytes


class Member(NamedTuple):
    """A file in the zip: its name, its checksum, how long it is, and its deflated parts."""

    name: bytes
    crc: int
    size: int
    packed: tuple[bytes, ...]


def member(name: str, parts: Sequence[DeflatedPart]) -> Member:
    """A file from its parts."""
    crc = size = 0
    for plain, _ in parts:
        crc = zlib_ng.crc32(plain, crc)
        size += len(plain)
    return Member(name.encode(), crc, size, (*[one.packed for one in parts], _LAST))


def deflate(text: str, once: bool = False) -> DeflatedPart:
    """A stretch deflated by itself; a short one is stored, for a deflater costs more than it saves.

    Args:
        text: its text.
        once: whether one form alone is likely to hold it.
    """
    plain = text.encode()
    if len(plain) <= _SHORT:
        return DeflatedPart(plain, _STORED.pack(0, len(plain), len(plain) ^ 0xFFFF) + plain)
    # for a few kilobytes most of the time would go into clearing tables that they do not need
    window, memory = (12, 5) if len(plain) <= _SMALL else (zlib_ng.MAX_WBITS, zlib_ng.DEF_MEM_LEVEL)
    deflater = zlib_ng.compressobj(_QUICK if once else _USUAL, zlib_ng.DEFLATED, -window, memory)
    return DeflatedPart(plain, deflater.compress(plain) + deflater.flush(zlib_ng.Z_FULL_FLUSH))


def unzip(content: bytes) -> dict[str, str]:
    """The members of a workbook that we wrote, by name, in their order."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def zip_members(members: Iterable[Member]) -> bytes:
    """The zip file; the same bytes for the same members."""
    local: list[bytes] = []
    central: list[bytes] = []
    place = number = 0
    for number, (name, crc, size, parts) in enumerate(members, 1):  # noqa: B007  # the last number counts them
        packed = sum(map(len, parts))
        about = (_VERSION, 0, _DEFLATED, _TIME, _DATE, crc, packed, size, len(name), 0)
        local += (_LOCAL.pack(b"PK\x03\x04", *about), name, *parts)
        central += (_CENTRAL.pack(b"PK\x01\x02", _VERSION, *about, 0, 0, 0, 0, place), name)
        place += _LOCAL.size + len(name) + packed
    directory = b"".join(central)
    end = _END.pack(b"PK\x05\x06", 0, 0, number, number, len(directory), place, 0)
    return b"".join([*local, directory, end])
