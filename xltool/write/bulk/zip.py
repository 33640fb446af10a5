"""A zip file from members that are already deflated, so that what many files share is deflated once."""

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

#: Version 2.0, deflated, and the earliest date that a zip file can have.
_VERSION, _DEFLATED, _TIME, _DATE = 20, 8, 0, 0x21

#: The head of a stored block: not the last block, its length, and the length inverted.
_STORED = struct.Struct("<BHH")
_SHORT, _SMALL = 200, 4_096

#: Compression levels; what only one form holds is deflated in a third of the time, to a sixth more bytes.
_USUAL, _QUICK = 6, 1

#: The end of a deflated stream whose parts were flushed.
_LAST = b"\x03\x00"


class DeflatedPart(NamedTuple):
    """A part of a member.

    Attributes:
        plain: its bytes.
        packed: the same deflated, in a form that allows other parts before and after it.
    """

    plain: bytes
    packed: bytes


class Member(NamedTuple):
    """A file in the zip.

    Attributes:
        name: its name.
        crc: its checksum.
        size: its length before compression.
        packed: its deflated parts.
    """

    name: bytes
    crc: int
    size: int
    packed: tuple[bytes, ...]


def member(name: str, parts: Sequence[DeflatedPart]) -> Member:
    """Join parts to a member."""
    crc = size = 0
    for plain, _ in parts:
        crc = zlib_ng.crc32(plain, crc)
        size += len(plain)
    return Member(name.encode(), crc, size, (*[part.packed for part in parts], _LAST))


def deflate(text: str, once: bool = False) -> DeflatedPart:
    """Deflate a part by itself; a short one is stored, because setting up a compressor costs more than it saves.

    Args:
        text: the text.
        once: whether only one form is likely to contain it.
    """
    plain = text.encode()
    if len(plain) <= _SHORT:
        return DeflatedPart(plain, _STORED.pack(0, len(plain), len(plain) ^ 0xFFFF) + plain)
    # for a few kilobytes most of the time would go into clearing tables that are not needed
    window, memory = (12, 5) if len(plain) <= _SMALL else (zlib_ng.MAX_WBITS, zlib_ng.DEF_MEM_LEVEL)
    deflater = zlib_ng.compressobj(_QUICK if once else _USUAL, zlib_ng.DEFLATED, -window, memory)
    return DeflatedPart(plain, deflater.compress(plain) + deflater.flush(zlib_ng.Z_FULL_FLUSH))


def unzip(content: bytes) -> dict[str, str]:
    """The members of a workbook that XlsxWriter wrote, by name, in their order."""
    with zipfile.ZipFile(BytesIO(content)) as book:
        return {name: book.read(name).decode() for name in book.namelist()}


def zip_members(members: Iterable[Member]) -> bytes:
    """The bytes of the zip file; the same for the same members."""
    local: list[bytes] = []
    central: list[bytes] = []
    offset = number = 0
    for number, (name, crc, size, parts) in enumerate(members, 1):  # noqa: B007  # after the loop: their number
        packed = sum(map(len, parts))
        header = (_VERSION, 0, _DEFLATED, _TIME, _DATE, crc, packed, size, len(name), 0)
        local += (_LOCAL.pack(b"PK\x03\x04", *header), name, *parts)
        central += (_CENTRAL.pack(b"PK\x01\x02", _VERSION, *header, 0, 0, 0, 0, offset), name)
        offset += _LOCAL.size + len(name) + packed
    directory = b"".join(central)
    end = _END.pack(b"PK\x05\x06", 0, 0, number, number, len(directory), offset, 0)
    return b"".join([*local, directory, end])
