"""A progress bar on a terminal for the work of a service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from xltool.services.progress import Tracker

T = TypeVar("T")


def progress_bar(words: str) -> Tracker:
    """A tracker that shows a bar on stderr if that is a terminal.

    Args:
        words: what is being done.
    """

    def track(items: Iterator[T], number: int, /) -> Iterator[T]:
        from rich import progress
        from rich.console import Console

        console = Console(stderr=True)
        hidden = not console.is_terminal
        yield from progress.track(items, words, number, console=console, transient=True, disable=hidden)

    return track
