"""Parameters of definitions as values of the rule language."""

from __future__ import annotations

from decimal import Decimal
from typing import Any


def parse_parameter(value: Any) -> Decimal | str | tuple[str, ...]:
    """A parameter from TOML as a value of the rule language: number, text or list of texts."""
    if isinstance(value, list):
        return tuple(value)
    return value if isinstance(value, str) else Decimal(repr(value))
