"""The approved budget of a project by source of money: what of it is issued, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.places import Place
from xltool.form.roster import columns_of_roster
from xltool.language.functions import Value
from xltool.language.numbers import add
from xltool.language.numbers import decimal_text as number
from xltool.result.roles import INITIAL_BUDGET
from xltool.roster.columns import fund_key
from xltool.roster.model import Project


@dataclass(frozen=True)
class BudgetFault:
    """A fault of an approved budget: the column of the roster, and what is wrong, in Chinese and in English."""

    column: str
    chinese: str
    english: str


def approved_budgets(project: Project, form: Form, layout: Layout) -> dict[Place, Value]:
    """The approved budgets that are issued; a total that the form computes is only compared.

    If some sources are listed, the others have no budget and are locked blank.
    """
    column = form.column(INITIAL_BUDGET)
    if column is None:  # some forms ask for the adjusted budget alone
        return {}
    cells = {source: form.fund_cell(source, column) for source in form.fund_rows}
    requested = {source: cell for source, cell in cells.items() if layout.is_requested(cell)}
    values: dict[Place, Value] = {
        cell: project.amount(source, form.money_unit) for source, cell in requested.items() if source in project.funds
    }
    if project.funds.keys() - {form.roles.row(INITIAL_BUDGET)}:
        values = {**dict.fromkeys(requested.values()), **values}
    return values


def budget_faults(project: Project, form: Form) -> Iterator[BudgetFault]:
    """Sources that the form does not have, and amounts that differ from the sum of their parts."""
    if form.column(INITIAL_BUDGET) is None:
        return
    for source in project.funds:
        if source not in form.fund_rows:
            yield _unknown_source(source, form)
    columns = columns_of_roster(form.reference)
    for source, amount in project.funds.items():
        if (parts := _parts(project, form, source)) and sum(parts) != amount:
            total, added_up = number(amount), number(add(*parts))
            chinese = f"总额 {total} 与各资金来源合计 {added_up} 不相等"
            english = f"{total} in total, {added_up} by sources"
            yield BudgetFault(columns.heading(fund_key(source)), chinese, english)


def _unknown_source(source: str, form: Form) -> BudgetFault:
    name, rows = columns_of_roster("").heading(fund_key(source)), form.fund_rows
    known = "、".join(f"{rows[row.under].label if row.under else ''}{row.label}" for row in rows.values())
    return BudgetFault(name, f"表样没有资金来源“{name}”；现有：{known}", f"no source {source} on the form: {known}")


def _parts(project: Project, form: Form, source: str) -> list[Decimal]:
    """The amounts that a source is the sum of, as listed or added up of their own parts."""
    parts = [key for key, row in form.fund_rows.items() if row.adds_to == source]
    if source == form.roles.row(INITIAL_BUDGET):
        parts += [key for key in project.funds if key not in form.fund_rows]
    amounts: list[Decimal] = []
    for part in parts:
        amounts += [project.funds[part]] if part in project.funds else _parts(project, form, part)
    return amounts
