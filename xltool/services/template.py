"""A form to its blank template."""

from __future__ import annotations

from collections.abc import Sequence

from xltool.form.answers import Answers
from xltool.form.capacities import parse_capacities
from xltool.rules.loading import load_catalogue
from xltool.write.workbook import build


def blank_template(reference: str, rows: Sequence[str] = ()) -> bytes:
    """A blank template, the same bytes for the same arguments.

    Args:
        reference: the form, such as ``mof-2020/1``.
        rows: how many rows second-level indicators have, as people write it: ``数量指标=8``; others as the form says.

    Raises:
        WrongUse: no such form or indicator.
    """
    catalogue = load_catalogue(reference)
    return build(catalogue, Answers(catalogue.layout(parse_capacities(catalogue.form, rows)), {}))
