"""Memos of functions of short texts; they have no owner, because their results do not depend on definitions.

Each holds a bounded number of texts of bounded length, so that all together are bounded in bytes; longer texts are
worked out each time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

#: An entry has a place in a table and an object for its result; a letter takes up to four bytes in either.
_ENTRY, _LETTER = 500, 8


class Memo(NamedTuple):
    """Of which function, how many entries there are at most, of what length, and of what size beside their letters."""

    name: str
    entries: int
    longest: int
    entry: int
    forget: Callable[[], None]

    @property
    def most_bytes(self) -> int:
        """The bytes of a memo full of the longest texts."""
        return self.entries * (self.entry + _LETTER * self.longest)


#: All there are.
MEMOS: list[Memo] = []


class _Texts(dict[str, Any]):
    """What a function makes of texts; a look-up that finds one is no call of Python, and there are thousands a form.

    Longer texts are worked out each time. When it is full, it begins anew.
    """

    def __init__(self, function: Callable[..., Any], entries: int, longest: int) -> None:
        super().__init__()
        self._function, self._entries, self._longest = function, entries, longest

    def __missing__(self, text: str) -> Any:
        value = self._function(text)
        if len(text) <= self._longest:
            if len(self) >= self._entries:
                self.clear()
            self[text] = value
        return value


def memo(entries: int, longest: int = 0, entry: int = _ENTRY) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Remember what a function makes of its arguments.

    Args:
        entries: so many results are remembered.
        longest: of a text, the only argument, that is no longer; 0 for arguments that are bounded by what they are.
        entry: the bytes of an entry without the letters of its text.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        cached: Any = _Texts(function, entries, longest) if longest else lru_cache(entries)(function)
        forget = cached.clear if longest else cached.cache_clear
        MEMOS.append(Memo(f"{function.__module__}.{function.__qualname__}", entries, longest, entry, forget))
        return cast("Callable[P, T]", cached.__getitem__ if longest else cached)

    return decorate


def forget_memos() -> None:
    """Forget everything that any of them holds."""
    for one in MEMOS:
        one.forget()
