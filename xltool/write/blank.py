"""Blank templates of many sizes: what comes back is compared with one of its own size, and a master makes them fast."""

from __future__ import annotations

from functools import lru_cache

from xltool.form.layout import Layout
from xltool.rules.catalogue import Catalogue
from xltool.rules.frame import Frame
from xltool.write.stamping import Master

#: So many masters are kept, in all the sizes that their forms come in.
_MASTERS = 16


def blank(catalogue: Catalogue, layout: Layout) -> bytes:
    """The blank template of a form with so many rows, cell for cell what ``build`` writes."""
    return _master(catalogue, _most(catalogue, layout)).stamped(None, layout.capacities)


def _most(catalogue: Catalogue, layout: Layout) -> tuple[tuple[str, int], ...]:
    """The rows of a form's master: as usual, twice as many in every group, or twice, four times … in some of them."""
    usual = {key: group.rows for key, group in catalogue.form.level2.items()}
    for times in (1, 2):
        if all(number <= times * usual[key] for key, number in layout.capacities.items()):
            return tuple((key, times * rows) for key, rows in usual.items())
    return tuple((key, _doubled(usual[key], number)) for key, number in layout.capacities.items())


def _doubled(rows: int, number: int) -> int:
    while rows < number:
        rows *= 2
    return rows


@lru_cache(_MASTERS)
def _master(catalogue: Catalogue, rows: tuple[tuple[str, int], ...]) -> Master:
    return Master(Frame(catalogue, dict(rows)), sealed=False)
