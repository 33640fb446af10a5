"""One change to a workbook that may not be changed, as finders hand it to those who word it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
    """One thing that was changed: the case of rule P04 that says so, where, and what its message needs."""

    key: str
    cell: str | None = None
    label: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
