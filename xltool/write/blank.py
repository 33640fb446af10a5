"""Blank templates of many sizes: what comes back is compared with one of its own size, and a master makes them fast."""

from __future__ import annotations

from functools import lru_cache

from xltool.form.layout import Layout
from xltool.rules.catalogue import Catalogue
from xltool.rules.frame import Frame
from xltool.write.stamping import Master

#: Of so many forms the master is kept, in all the sizes that it comes in.
_MASTERS = 16


def blank(catalogue: Catalogue, layout: Layout) -> bytes:
    """The blank template of a form with so many rows, cell for cell what ``build`` writes."""
    rows = tuple((key, _most(catalogue, key, number)) for key, number in layout.capacities.items())
    return _master(catalogue, rows).stamped(None, layout.capacities)


def _most(catalogue: Catalogue, group: str, number: int) -> int:
    """The rows that a master has for a group: as many as usual, or twice, four times … as many."""
    most = catalogue.form.level2[group].rows
    while most < number:
        most *= 2
    return most


@lru_cache(_MASTERS)
def _master(catalogue: Catalogue, rows: tuple[tuple[str, int], ...]) -> Master:
    return Master(Frame(catalogue, dict(rows)), sealed=False)
