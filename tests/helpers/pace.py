"""Which tests wait for ``make test`` and which for ``make test-all``; the lists are in ``tests/pace.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping

from project import ROOT

#: The marks of the lists, as in ``pyproject.toml``.
MARKS = {"test": "thorough", "test-all": "slow"}


def load_pace() -> Mapping[str, list[str]]:
    """By list, its lines."""
    return tomllib.loads((ROOT / "tests/pace.toml").read_text("utf-8"))


def mark_of(node_id: str, pace: Mapping[str, list[str]]) -> str:
    """The mark of a test, "" for one that every command runs."""
    name = node_id.removeprefix("tests/")
    test = name.partition("[")[0]
    ways = {name, test, test.partition("::")[0]}
    return next((MARKS[key] for key in ("test-all", "test") if ways & set(pace[key])), "")
