"""The owner of what a process loads and learns: form definitions, compiled rules, and caches within a budget of bytes.

Functions anywhere in the house say with ``keep`` or ``cache_within_budget`` that what they return belongs to the owner.
Which owner that is, the edge decides: services take a ``Templates`` and work under it with ``using``; where nobody
names one, the process has its own for the environment as it is. So no definition is seen under other folders than its
own, a test begins with nothing loaded, and a server that runs for long knows how much it may remember.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from xltool.support.i18n import english

P = ParamSpec("P")
T = TypeVar("T")

#: The folders of a bureau's own definitions, as the environment names them.
_FOLDERS = "XLTOOL_TEMPLATES"

#: How many bytes of what can be made again are remembered, unless somebody wants it otherwise.
BUDGET = 200_000_000

#: What an entry costs beside its value: its key, its place in the order.
_ENTRY = 500

_ABSENT = object()


class Templates:
    """Owns definitions, which are kept, and caches with a common budget: the least recently used entry goes first.

    Args:
        folders: with form definitions of a bureau's own, before those of the package; those of the environment where
            nothing is said.
        budget: bytes that caches may take, by estimate.
        fast: whether what exists only for speed is used: rows read before are recognised, verdicts on rows that hold
            the same are remembered, blank and issued workbooks are stamped from one that was built. Results are equal.
    """

    def __init__(self, folders: Sequence[Path] | None = None, budget: int = BUDGET, fast: bool = True) -> None:
        self.folders = _folders_of(os.environ.get(_FOLDERS, "")) if folders is None else tuple(folders)
        self.budget = budget
        self.fast = fast
        self._kept: dict[object, Any] = {}
        self._cached: OrderedDict[object, tuple[Any, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.RLock()

    def __reduce__(self) -> tuple[object, ...]:
        """A process that is given one begins with nothing loaded."""
        return Templates, (self.folders, self.budget, self.fast)

    @property
    def bytes_cached(self) -> int:
        """The estimated bytes of the caches, which never exceed the budget."""
        return self._bytes

    def keep(self, key: object, make: Callable[[], T]) -> T:
        """The value of a key, made on first use and kept; for values of which there are as many as definitions."""
        found = self._kept.get(key, _ABSENT)
        if found is _ABSENT:
            found = self._kept.setdefault(key, make())
        return found  # type: ignore[no-any-return]  # what was made for this key

    def cache(self, key: object, make: Callable[[], T], estimate: Callable[[T], int]) -> T:
        """The value of a key, made again if it was dropped.

        Args:
            key: what tells it from everything else.
            make: makes it.
            estimate: the bytes that it takes, also with what it may yet learn.
        """
        try:
            self._cached.move_to_end(key)
            return self._cached[key][0]  # type: ignore[no-any-return]  # what was made for this key
        except KeyError:
            value = make()
        self._insert(key, value, estimate(value))
        return value

    def resize(self, key: object, size: int) -> None:
        """Count an entry that has grown; whatever is over the budget gives way, in the end the entry itself."""
        with self._lock:
            if key in self._cached:
                self._insert(key, self._cached[key][0], size)

    def _insert(self, key: object, value: object, size: int) -> None:
        with self._lock:
            self._remove(key)
            if size + _ENTRY > self.budget:
                return
            self._cached[key] = value, size
            self._bytes += size + _ENTRY
            while self._bytes > self.budget:
                self._remove(next(iter(self._cached)))

    def _remove(self, key: object) -> None:
        if (entry := self._cached.pop(key, None)) is not None:
            self._bytes -= entry[1] + _ENTRY

    def forget(self) -> None:
        """Begin anew, definitions and all."""
        with self._lock:
            self._kept.clear()
            self._cached.clear()
            self._bytes = 0


_chosen: ContextVar[Templates | None] = ContextVar("templates", default=None)
#: Of the process, for the environment that it was made in.
_of_process: dict[str, Templates] = {}


def current_templates() -> Templates:
    """The current owner; the process's own unless another is in use."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    folders = os.environ.get(_FOLDERS, "")
    if folders not in _of_process:
        _of_process.clear()  # what was loaded for other folders is of no use any more
        _of_process[folders] = Templates(_folders_of(folders))
    return _of_process[folders]


@contextmanager
def using(templates: Templates | None) -> Iterator[Templates]:
    """Work under an owner; under the one that there is where none is named."""
    owner = templates or current_templates()
    before = _chosen.set(owner)
    try:
        yield owner
    finally:
        _chosen.reset(before)


def keep(function: Callable[P, T]) -> Callable[P, T]:
    """Store the result of a function in the current owner, once for each combination of arguments."""

    @wraps(function)
    def kept(*args: P.args, **named: P.kwargs) -> T:
        assert not named, function.__name__
        return current_templates().keep((function, *args), lambda: function(*args, **named))

    return kept


def keep_by_language(function: Callable[P, T]) -> Callable[P, T]:
    """The same for results that contain texts for people: once for each language, too."""

    @wraps(function)
    def kept(*args: P.args, **named: P.kwargs) -> T:
        assert not named, function.__name__
        return current_templates().keep((function, english(), *args), lambda: function(*args, **named))

    return kept


def cache_within_budget(estimate: Callable[..., int]) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Store the results of a function in the current owner, within its budget.

    Args:
        estimate: the bytes of what it returned, from that and the arguments.
    """

    def decorate(function: Callable[P, T]) -> Callable[P, T]:
        @wraps(function)
        def cached(*args: P.args, **named: P.kwargs) -> T:
            assert not named, function.__name__
            return current_templates().cache(
                (function, *args), lambda: function(*args, **named), lambda value: estimate(value, *args)
            )

        return cached

    return decorate


def recount(function: Callable[..., object], args: tuple[object, ...], size: int) -> None:
    """Count what such a function returned for some arguments, which has grown since."""
    current_templates().resize((function.__wrapped__, *args), size)  # type: ignore[attr-defined]  # see wraps


def _folders_of(text: str) -> tuple[Path, ...]:
    return tuple(Path(part) for part in text.split(os.pathsep) if part)
