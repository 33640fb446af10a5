"""Collects the faults of a roster, each with row, column and what to do, and reports all at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from xltool.support.errors import WrongUse
from xltool.support.escaping import escape_controls
from xltool.support.i18n import tr

_MOST_REPORTED = 100


@dataclass
class Faults:
    """The faults of a roster.

    Attributes:
        file: the name of the roster.
        messages: the messages.
    """

    file: str
    messages: list[str] = field(default_factory=list)

    def add(self, where: str, chinese: str, english: str) -> None:
        """Add a fault."""
        self.messages.append(escape_controls(f"{where}{tr('：', ': ')}{tr(chinese, english)}", line_feeds=False))

    def refuse(self, most: int | None = _MOST_REPORTED) -> None:
        """Raise an error if there are any faults.

        Args:
            most: the most faults that are listed, the rest are counted; None lists all.

        Raises:
            WrongUse: there are faults.
        """
        if self.messages:
            listed = "\n  ".join(self.messages[:most])
            rest = 0 if most is None else len(self.messages) - most
            more = tr(f"\n  ……另有 {rest} 处", f"\n  and {rest} more") if rest > 0 else ""
            head = tr(
                f"名册 {self.file} 有 {len(self.messages)} 处错误",
                f"the roster {self.file} has {len(self.messages)} faults",
            )
            raise WrongUse(f"{head}{tr('：', ':')}\n  {listed}{more}")


def refuse_source(where: str, source: str, sources: Iterable[str], faults: Faults) -> None:
    """Note a source of money that no form has, with those that there are."""
    known = "、".join(sources)
    faults.add(where, f"不认识的来源“{source}”；应是 {known} 之一", f"no source {source!r}: {known}")


def quote(text: str) -> str:
    """Shorten a text for a message."""
    return text if len(text) <= 40 else f"{text[:40]}…"
