"""Blank templates of many sizes: what comes back is compared with one of its own size, and a master makes them fast."""

from __future__ import annotations

from xltool.form.layout import Layout
from xltool.rules.catalogue import Catalogue
from xltool.rules.frame import Frame
from xltool.write.stamping import Master

#: The master of each form: it grows when a form comes that has more rows.
_MASTERS: dict[Catalogue, Master] = {}


def blank(catalogue: Catalogue, layout: Layout) -> bytes:
    """The blank template of a form with so many rows, cell for cell what ``build`` writes."""
    master = _MASTERS.get(catalogue)
    known = master.layout.capacities if master else {}
    if master is None or any(rows > known[group] for group, rows in layout.capacities.items()):
        most = {group: _most(known.get(group, usual.rows), layout.capacities[group])
                for group, usual in catalogue.form.level2.items()}  # fmt: skip
        master = _MASTERS[catalogue] = Master(Frame(catalogue, most), sealed=False)
    return master.stamped(None, layout.capacities)


def _most(known: int, number: int) -> int:
    """The rows that a master has for a group: as many as before, or twice, four times … as many."""
    while known < number:
        known *= 2
    return known
