"""Which tests wait for ``make test`` and which for ``make test-all``; the lists are in ``tests/pace.toml``."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from project import ROOT


@dataclass(frozen=True)
class Pace:
    """The lists of ``tests/pace.toml``.

    Attributes:
        lines: by mark, as in ``pyproject.toml``, the tests that it belongs to.
        samples: by test, of how many of its parameters one is tried by ``make test``.
    """

    lines: dict[str, frozenset[str]]
    samples: dict[str, int]

    def marks(self, node_ids: Sequence[str]) -> Iterator[str]:
        """The mark of each test, in the order of the tests; "" for one that every command runs."""
        seen: Counter[str] = Counter()
        for node_id in node_ids:
            name = node_id.removeprefix("tests/")
            test = name.partition("[")[0]
            left_out = seen[test] % self.samples.get(test, 1) > 0
            seen[test] += 1
            names = {name, test, test.partition("::")[0]}
            yield "slow" if left_out else next((mark for mark in ("slow", "thorough") if names & self.lines[mark]), "")


def load_pace() -> Pace:
    """The lists as they are in the file."""
    lists = tomllib.loads((ROOT / "tests/pace.toml").read_text("utf-8"))
    lines = {"thorough": frozenset(lists["test"]), "slow": frozenset(lists["test-all"])}
    return Pace(lines, lists["one-in"])
