"""A rule's line on the panel, and the words that stand in it."""

from __future__ import annotations

from typing import NamedTuple

from xltool.result.findings import LEVEL_NAMES
from xltool.rules.rule import Rule

#: The Chinese word for each level, as shown on sheets.
LEVEL_WORDS = {level: chinese for level, (chinese, _) in LEVEL_NAMES.items()}
PASSED, EXPLAINED, UNASKED, LATER = "通过", "已说明", "未涉及", "提交后检查"


class PanelLine(NamedTuple):
    """A rule's line on the panel.

    Attributes:
        worst: the number of its worst check at fault, or "".
        state: the word for its state.
        places: how many cells are at fault, or "".
        first: the address of the first of them.
        fix: how to mend it.
    """

    worst: int | str
    state: str
    places: int | str
    first: str
    fix: str


def idle_line(rule: Rule) -> PanelLine:
    """A rule's line if none of its checks has a verdict."""
    return PanelLine("", LATER if rule.checked_by == "python" else UNASKED, "", "", "")
