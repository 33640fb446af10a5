"""Blank workbooks of any size, made quickly from bulk templates.

A submitted form is compared with the blank workbook of its size.
"""

from __future__ import annotations

from xltool.form.answers import Answers
from xltool.form.layout import Layout
from xltool.rules.catalogue import Catalogue
from xltool.rules.issue_profile import IssueProfile
from xltool.support.templates import cache_within_budget, current_templates
from xltool.write.bulk.instantiate import BulkTemplate
from xltool.write.workbook import build

#: How many sizes, and chunks of rows, each of them caches: forms of different sizes share hardly any.
_CACHE_SIZES = (1, 512)

#: The least rows per group of a bulk template, in steps, so that few templates serve all usual sizes.
_STEPS = (0, 6, 12)


def blank_workbook(catalogue: Catalogue, layout: Layout) -> bytes:
    """The blank workbook of a form with the rows of a layout, cell for cell what ``build`` writes."""
    if not current_templates().fast:
        return build(catalogue, Answers(layout, {}))
    return _bulk_template(catalogue, _template_rows(catalogue, layout)).instantiate(None, layout.capacities)


def prepare_blank(catalogue: Catalogue, layout: Layout) -> None:
    """Build the bulk template for a layout of usual size; for an unusual size it would serve that size alone."""
    rows = _template_rows(catalogue, layout)
    if current_templates().fast and max((number for _, number in rows), default=0) <= max(
        *_STEPS, *(group.rows for group in catalogue.form.level2.values())
    ):
        _bulk_template(catalogue, rows)


def _template_rows(catalogue: Catalogue, layout: Layout) -> tuple[tuple[str, int], ...]:
    """The rows per group of the bulk template for a layout.

    In usual sizes every group of indicators has at least the rows of a step; otherwise a group's usual rows are doubled
    until they suffice. Rows of other tables are not cut from a template: it has as many as the layout.
    """
    usual = {key: group.rows for key, group in catalogue.form.level2.items()}
    wanted = {key: layout.capacities[key] for key in usual}
    rows = {key: _double_until(usual[key], number) for key, number in wanted.items()}
    for step in _STEPS:
        if all(number <= max(usual[key], step) for key, number in wanted.items()):
            rows = {key: max(number, step) for key, number in usual.items()}
            break
    return tuple({**layout.capacities, **rows}.items())


def _double_until(rows: int, number: int) -> int:
    """``rows``, doubled until it is at least ``number``."""
    while rows < number:
        rows *= 2
    return rows


@cache_within_budget(lambda template, *_: template.estimated_bytes)
def _bulk_template(catalogue: Catalogue, rows: tuple[tuple[str, int], ...]) -> BulkTemplate:
    return BulkTemplate(IssueProfile(catalogue, dict(rows)), sealed=False, cache_sizes=_CACHE_SIZES)
