"""JSON in and out: decimals survive exactly, output is stable, UTF-8 always."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import simplejson


def dumps(value: Any, indent: int | None = None) -> str:
    """JSON text; one line unless ``indent`` is given."""
    return str(simplejson.dumps(value, ensure_ascii=False, use_decimal=True, indent=indent))


def canonical(value: Any) -> str:
    """JSON text that is the same for equal values: keys in order; what JSON does not know, such as dates, as text."""
    return str(simplejson.dumps(value, ensure_ascii=False, use_decimal=True, sort_keys=True, default=str))


def dump_lines(values: Iterable[Any]) -> str:
    """JSON Lines: one value a line."""
    return "".join(dumps(value) + "\n" for value in values)


def loads(text: str | bytes) -> Any:
    """A JSON value with exact decimals.

    Raises:
        ValueError: not JSON, a key twice in one object, or nested too deeply.
    """
    decoded = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    try:
        return simplejson.loads(decoded, use_decimal=True, object_pairs_hook=_without_repeats)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"repeated key {next(name for name in names if names.count(name) > 1)!r}")
    return found
