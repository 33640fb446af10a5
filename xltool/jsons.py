"""JSON in and out: decimals survive exactly, output is stable, UTF-8 always."""

from __future__ import annotations

from typing import Any

import simplejson


def dumps(value: Any, indent: int | None = None) -> str:
    """JSON text; one line unless ``indent`` is given."""
    return str(simplejson.dumps(value, ensure_ascii=False, use_decimal=True, indent=indent))


def loads(text: str | bytes) -> Any:
    """A JSON value with exact decimals.

    Raises:
        ValueError: not JSON; says line and column.
    """
    return simplejson.loads(text.decode("utf-8-sig") if isinstance(text, bytes) else text, use_decimal=True)
