"""Blank templates of many sizes: what comes back is compared with one of its own size, and a master makes them fast."""

from __future__ import annotations

from xltool.form.answers import Answers
from xltool.form.layout import Layout
from xltool.rules.catalogue import Catalogue
from xltool.rules.issue_profile import IssueProfile
from xltool.support.templates import cache_within_budget, current_templates
from xltool.write.bulk.instantiate import BulkTemplate
from xltool.write.workbook import build

#: So many sizes, and stretches of rows, each of them remembers: hardly a form of another size has the same.
_KEPT = (1, 512)

#: Every group of a master has at least so many rows: few masters serve the forms of all usual sizes.
_STEPS = (0, 6, 12)


def blank_workbook(catalogue: Catalogue, layout: Layout) -> bytes:
    """The blank template of a form with so many rows, cell for cell what ``build`` writes."""
    if not current_templates().fast:
        return build(catalogue, Answers(layout, {}))
    return _master(catalogue, _most(catalogue, layout)).instantiate(None, layout.capacities)


def prepare_blank(catalogue: Catalogue, layout: Layout) -> None:
    """Make what blank templates of usual sizes have in common; of unusual ones each has its own."""
    rows = _most(catalogue, layout)
    if current_templates().fast and max(number for _, number in rows) <= max(
        *_STEPS, *(group.rows for group in catalogue.form.level2.values())
    ):
        _master(catalogue, rows)


def _most(catalogue: Catalogue, layout: Layout) -> tuple[tuple[str, int], ...]:
    """The rows of a form's master: those of a step in every group, or twice, four times … as many as usual in some."""
    usual = {key: group.rows for key, group in catalogue.form.level2.items()}
    for step in _STEPS:
        if all(number <= max(usual[key], step) for key, number in layout.capacities.items()):
            return tuple((key, max(rows, step)) for key, rows in usual.items())
    return tuple((key, _doubled(usual[key], number)) for key, number in layout.capacities.items())


def _doubled(rows: int, number: int) -> int:
    while rows < number:
        rows *= 2
    return rows


@cache_within_budget(lambda master, *_: master.estimated_bytes)
def _master(catalogue: Catalogue, rows: tuple[tuple[str, int], ...]) -> BulkTemplate:
    return BulkTemplate(IssueProfile(catalogue, dict(rows)), sealed=False, kept=_KEPT)
