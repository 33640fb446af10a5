"""A forbidden change to a workbook, as passed from the code that detects it to the code that words the message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
    """A forbidden change.

    Attributes:
        key: the case of the rule that reports it.
        cell: its address; None for a change without a cell.
        label: the label of the place.
        values: the texts for the placeholders of the message.
    """

    key: str
    cell: str | None = None
    label: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
