"""The order in which batches of forms were received, from the forms themselves: each says which one it answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

#: So many hex digits of a workbook's digest stand in the form that answers it.
ANSWERED_DIGITS = 16


class ReceivedWorkbook(NamedTuple):
    """A workbook: its digest, and the digits of the one that it answers; None if it answers none."""

    sha256: str
    after: str | None


def receipt_levels(batches: Mapping[str, Iterable[ReceivedWorkbook]]) -> Mapping[str, int]:
    """For each batch how many others were surely received before it, one after the other.

    A batch with a form that answers one of another batch is later than that batch. Batches that answer each other,
    such as folders of departments in which all rounds lie together, say nothing of their order.
    """
    before = _before(batches)
    found = dict.fromkeys(batches, 0)
    for _ in found:
        moved = {name: max((found[earlier] + 1 for earlier in before[name]), default=0) for name in found}
        if moved == found:
            return found
        found = moved
    return dict.fromkeys(batches, 0)  # a circle: they say nothing


def in_order(batches: Mapping[str, Iterable[ReceivedWorkbook]]) -> Sequence[str]:
    """The names of the batches in the order of receipt; where the forms do not say, in their present order."""
    before = _before(batches)
    left, placed = list(batches), list[str]()
    while left:
        following = next((name for name in left if before[name] <= set(placed)), left[0])
        left.remove(following)
        placed.append(following)
    return placed


def _before(batches: Mapping[str, Iterable[ReceivedWorkbook]]) -> Mapping[str, set[str]]:
    """For each batch those with a workbook that one of its own answers, unless they answer each other."""
    workbooks = {name: list(batch) for name, batch in batches.items()}
    holders: dict[str, set[str]] = defaultdict(set)
    for name, batch in workbooks.items():
        for workbook in batch:
            holders[workbook.sha256[:ANSWERED_DIGITS]].add(name)
    before: dict[str, set[str]] = {name: set() for name in workbooks}
    for name, batch in workbooks.items():
        for workbook in batch:
            answered = holders.get(workbook.after or "", set())
            if name not in answered:  # batches that hold both say nothing
                before[name] |= answered - holders[workbook.sha256[:ANSWERED_DIGITS]]
    return {name: {other for other in others if name not in before[other]} for name, others in before.items()}
