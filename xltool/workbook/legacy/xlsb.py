"""Check binary workbooks (.xlsb) for cells that calamine does not read."""

from __future__ import annotations

from collections.abc import Iterator

#: Cells without a column, because they follow the one before; calamine 0.3x silently skips them.
_SHORT_CELLS = range(12, 19)


def has_short_cells(part: bytes) -> bool:
    """Whether a sheet's part has cells that calamine would skip."""
    return any(kind in _SHORT_CELLS for kind in _records(part))


def _records(part: bytes) -> Iterator[int]:
    """Yield the kind of every record. Kind and length have seven bits per byte, at most two and four bytes."""
    at = 0
    while at < len(part):
        kind, at = _number(part, at, 2)
        length, at = _number(part, at, 4)
        yield kind
        at += length


def _number(part: bytes, at: int, most: int) -> tuple[int, int]:
    number = 0
    for index in range(most):
        byte = part[at] if at < len(part) else 0
        at += 1
        number |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            break
    return number, at
