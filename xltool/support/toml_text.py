"""The text of TOML files: its keys one by one with their comments, the line of a key, and writing keys again."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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


@dataclass(frozen=True)
class Statement:
    """A key of a TOML file.

    Attributes:
        path: its whole path.
        value: its value.
        raw: the text of the value; "" to have it written anew.
        comments: the lines of comment above it.
        header: the lines of comment above the table that it is the first key of.
    """

    path: tuple[str, ...]
    value: Any
    raw: str = ""
    comments: tuple[str, ...] = ()
    header: tuple[str, ...] = ()


def statements(text: str) -> Iterator[Statement]:
    """The keys of a TOML file from first to last, with their comments.

    Raises:
        tomllib.TOMLDecodeError: it is not TOML.
    """
    tomllib.loads(text)
    table: tuple[str, ...] = ()
    comments: list[str] = []
    header: list[str] = []
    lines = iter(text.splitlines())
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            comments += [line.strip()] if line.strip() else []
        elif (match := _HEADER.match(line)) is not None:
            table, header, comments = _path(match["name"]), comments, []
        else:
            statement = line
            while not _is_toml(statement):
                statement += "\n" + next(lines)
            path, value = _leaf(tomllib.loads(statement), statement)
            raw = statement.partition("=")[2].strip()
            yield Statement((*table, *path), value, raw, tuple(comments), tuple(header))
            comments, header = [], []


def _leaf(table: Mapping[str, Any], statement: str) -> tuple[tuple[str, ...], Any]:
    """The key of a statement, dotted or not, and its value."""
    path: list[str] = []
    depth = len(_path(statement.partition("=")[0].strip()))
    value: Any = table
    for _ in range(depth):
        key, value = next(iter(value.items()))
        path.append(key)
    return tuple(path), value


def _is_toml(text: str) -> bool:
    try:
        tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return False
    return True


def write_statements(converted: Sequence[Statement]) -> str:
    """The text of a TOML file with these keys, each table once, in the order of their first keys."""
    tables: dict[tuple[str, ...], list[Statement]] = {(): []}
    for one in converted:
        tables.setdefault(one.path[:-1], []).append(one)
    lines: list[str] = []
    for path, keys in tables.items():
        if path:
            header = [line for one in keys for line in one.header]
            lines += ["", *header, f"[{'.'.join(map(_key, path))}]"]
        for one in keys:
            lines += [*([] if path else one.header), *one.comments]
            lines.append(f"{_key(one.path[-1])} = {one.raw or toml_value(one.value)}")
    return "\n".join(lines).strip() + "\n"


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else json.dumps(key, ensure_ascii=False)


def toml_value(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(map(toml_value, value))}]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_key(key)} = {toml_value(inner)}" for key, inner in value.items()) + " }"
    return repr(value)
