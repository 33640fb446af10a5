"""What is wrong with a roster: all of it at once, each with its row and column, and what to do."""

from __future__ import annotations

from dataclasses import dataclass, field

from xltool.support.errors import WrongUse
from xltool.support.escaping import escape_controls
from xltool.support.i18n import tr

_MOST_TOLD = 100


@dataclass
class Faults:
    """The faults of a roster as they are found."""

    file: str
    found: list[str] = field(default_factory=list)

    def add(self, where: str, chinese: str, english: str) -> None:
        """Note one fault."""
        self.found.append(escape_controls(f"{where}{tr('：', ': ')}{tr(chinese, english)}", line_feeds=False))

    def refuse(self, most: int | None = _MOST_TOLD) -> None:
        """Stop when there is any.

        Args:
            most: how many are told, the others counted; None tells all.

        Raises:
            WrongUse: with every fault.
        """
        if self.found:
            shown = "\n  ".join(self.found[:most])
            rest = 0 if most is None else len(self.found) - most
            more = tr(f"\n  ……另有 {rest} 处", f"\n  and {rest} more") if rest > 0 else ""
            head = tr(
                f"名册 {self.file} 有 {len(self.found)} 处错误", f"the roster {self.file} has {len(self.found)} faults"
            )
            raise WrongUse(f"{head}{tr('：', ':')}\n  {shown}{more}")


def quote(text: str) -> str:
    """A text as a message tells it: long ones are cut."""
    return text if len(text) <= 40 else f"{text[:40]}…"
