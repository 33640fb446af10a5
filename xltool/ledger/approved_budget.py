"""The approved budget of a project as a form sums it up."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from xltool.form.definition import Form
from xltool.language.numbers import add
from xltool.result.roles import INITIAL_BUDGET


def approved_total(funds: Mapping[str, Decimal], form: Form) -> Decimal | None:
    """The approved budget in all: as listed, or added up of its sources; None if nothing is listed.

    Args:
        funds: the approved budgets by source. Of a source that is part of a listed one nothing is added once more;
            one that the form does not have counts as well.
        form: the form.
    """
    total = form.roles.row(INITIAL_BUDGET)
    if total is not None and total in funds:
        return funds[total]
    amounts = [amount for source, amount in funds.items() if not _is_in_listed(source, funds, form)]
    return add(*amounts) if amounts else None


def _is_in_listed(source: str, funds: Mapping[str, Decimal], form: Form) -> bool:
    """Whether a source is part of another one that is listed."""
    row = form.fund_rows.get(source)
    while row is not None and row.adds_to:
        if row.adds_to in funds:
            return True
        row = form.fund_rows.get(row.adds_to)
    return False
