"""Finds the line of a key in the text of a TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence

_HEADER = re.compile(r"\s*\[+(?P<name>[^=]*?)\]+\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*(?P<key>(?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")


def line_of_key(text: str, path: Sequence[str]) -> int | None:
    """The line of a key, from 1; that of the nearest table around it if the key itself is in an inline table.

    Args:
        text: the text of the file.
        path: the key with those of the tables around it.
    """
    best: tuple[int, int] | None = None
    for number, found in _keys(text):
        common = len(found) if tuple(path[: len(found)]) == found else 0
        if common and (best is None or common > best[0]):
            best = common, number
    return best[1] if best else None


def _keys(text: str) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The lines of tables and keys, with their whole paths."""
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if (header := _HEADER.match(line)) is not None:
            table = _path(header["name"])
            yield number, table
        elif (key := _KEY.match(line)) is not None:
            yield number, (*table, *_path(key["key"]))


def _path(name: str) -> tuple[str, ...]:
    """The parts of a dotted name; none if it is no name, as in a text of several lines."""
    try:
        table = tomllib.loads(f"{name} = 1")
    except tomllib.TOMLDecodeError:
        return ()
    parts = []
    while isinstance(table, dict):
        key, table = next(iter(table.items()))
        parts.append(key)
    return tuple(parts)
