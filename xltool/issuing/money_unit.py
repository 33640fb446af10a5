"""Rejects amounts of a roster without a money unit, if a wrong guess would be off by a factor of ten thousand."""

from __future__ import annotations

from decimal import Decimal

from xltool.form.definition import Form
from xltool.language.numbers import YUAN, multiply
from xltool.language.numbers import decimal_text as number
from xltool.result.roles import INITIAL_BUDGET
from xltool.roster.columns import heading
from xltool.roster.faults import Faults
from xltool.roster.model import Roster

#: The plausible range of a project's budget in yuan; outside of it the amount is probably in the other unit.
_MOST, _LEAST = Decimal(1_000_000_000), Decimal(1_000)

#: Hardly any roster has a larger budget for half of its projects.
_USUALLY_MOST = Decimal(100_000_000)

#: The most rows that are named.
_NAMED = 10


def refuse_missing_money_unit(roster: Roster, form: Form, faults: Faults) -> None:
    """Note amounts without a unit, and those that are implausible in the unit of the form.

    Args:
        roster: the roster.
        form: the form to issue.
        faults: collects the faults.
    """
    if form.column(INITIAL_BUDGET) is None:
        return
    if roster.rows_without_unit:
        rows = "、".join(roster.rows_without_unit[:_NAMED]) + ("……" if len(roster.rows_without_unit) > _NAMED else "")
        chinese = f"写了金额，没有写金额单位（表样的是{form.money_unit}）；请写明元或万元"
        english = f"amounts without a money unit; the form is in {form.money_unit}: write 元 or 万元"
        faults.add(f"{rows}“{heading('money_unit')}”", chinese, english)
        return
    without_unit = [project for project in roster.projects if not project.money_unit]
    amounts = {project.where: max(project.funds.values()) for project in without_unit if project.funds}
    doubtful = [where for where, amount in amounts.items() if _is_doubtful(amount, form.money_unit)]
    large = sum(multiply(amount, YUAN[form.money_unit]) >= _USUALLY_MOST for amount in amounts.values())
    if not doubtful and large * 2 > len(amounts) and form.money_unit != "元":
        doubtful = list(amounts)
    if doubtful:
        where, amount = doubtful[0], amounts[doubtful[0]]
        yuan = number(multiply(amount, YUAN[form.money_unit]))
        chinese = (
            f"没有写金额单位，按表样的“{form.money_unit}”读，{number(amount)} 就是 {yuan} 元，不像一个项目的预算"
            f"（这样的有 {len(doubtful)} 个项目）；请加一栏“{heading('money_unit')}”写明元或万元"
        )
        english = (
            f"no money unit: in {form.money_unit}, as the form is, {number(amount)} is {yuan} yuan; state the unit"
        )
        faults.add(where, chinese, english)


def _is_doubtful(amount: Decimal, unit: str) -> bool:
    yuan = multiply(amount, YUAN[unit])
    return yuan >= _MOST or 0 < yuan < _LEAST
