"""Amounts of a roster whose money unit nobody has said: refused where a wrong guess would be ten thousand times off."""

from __future__ import annotations

from decimal import Decimal

from xltool.form.definition import Form
from xltool.language.numbers import YUAN, multiply
from xltool.language.numbers import decimal_text as number
from xltool.roster.columns import heading
from xltool.roster.faults import Faults
from xltool.roster.model import Roster

#: A project's budget in yuan is hardly more or less: beyond that the amount is likely in the other unit.
_MOST, _LEAST = Decimal(1_000_000_000), Decimal(1_000)

#: Nor are half of the projects of a roster larger than that.
_USUALLY_MOST = Decimal(100_000_000)

#: So many rows are named.
_NAMED = 10


def refuse_missing_money_unit(roster: Roster, form: Form, faults: Faults) -> None:
    """Note amounts whose unit is left blank, and those that can hardly be in the unit of the form.

    Args:
        roster: as it was read.
        form: to be issued.
        faults: where to note it.
    """
    if "initial_budget" not in form.fund_columns:
        return
    if roster.without_unit:
        rows = "、".join(roster.without_unit[:_NAMED]) + ("……" if len(roster.without_unit) > _NAMED else "")
        told = f"写了金额，没有写金额单位（表样的是{form.money_unit}）；请写明元或万元"
        english = f"amounts without a money unit; the form is in {form.money_unit}: write 元 or 万元"
        faults.add(f"{rows}“{heading('money_unit')}”", told, english)
        return
    silent = [one for one in roster.projects if not one.money_unit]
    amounts = {one.where: max(one.funds.values()) for one in silent if one.funds}
    doubted = [where for where, amount in amounts.items() if _is_doubtful(amount, form.money_unit)]
    large = sum(multiply(amount, YUAN[form.money_unit]) >= _USUALLY_MOST for amount in amounts.values())
    if not doubted and large * 2 > len(amounts) and form.money_unit != "元":
        doubted = list(amounts)
    if doubted:
        where, amount = doubted[0], amounts[doubted[0]]
        yuan = number(multiply(amount, YUAN[form.money_unit]))
        told = (
            f"没有写金额单位，按表样的“{form.money_unit}”读，{number(amount)} 就是 {yuan} 元，不像一个项目的预算"
            f"（这样的有 {len(doubted)} 个项目）；请加一栏“{heading('money_unit')}”写明元或万元"
        )
        english = (
            f"no money unit: in {form.money_unit}, as the form is, {number(amount)} is {yuan} yuan; state the unit"
        )
        faults.add(where, told, english)


def _is_doubtful(amount: Decimal, unit: str) -> bool:
    yuan = multiply(amount, YUAN[unit])
    return yuan >= _MOST or 0 < yuan < _LEAST
