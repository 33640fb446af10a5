"""Progress of a long operation, reported to the caller, who may display it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

T = TypeVar("T")


class Tracker(Protocol):
    """Hands on what it is given, and sees it pass."""

    def __call__(self, items: Iterator[T], number: int, /) -> Iterator[T]:
        """The same items; ``number`` is how many there will be."""


def untracked(items: Iterator[T], number: int, /) -> Iterator[T]:
    """The same items, unseen."""
    return items
