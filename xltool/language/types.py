"""The types of the rule language."""

from __future__ import annotations

from enum import Enum


class Type(Enum):
    """The type of a node's value. The enum value is its Chinese name, for error messages."""

    NUMBER = "数值"
    TEXT = "文字"
    TRUTH = "真假"
    CELLS = "一组单元格"
    WORDS = "词表"
