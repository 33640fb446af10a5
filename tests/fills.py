"""Forms to try the rules on: random ones, and ones aimed at ties, blanks and wrong kinds."""

from __future__ import annotations

import random
from decimal import Decimal

from xltool.form.answers import Answers
from xltool.form.layout import Layout
from xltool.form.names import Place
from xltool.language.functions import Value
from xltool.language.numbers import rounded

_SPACES = ["  ", "\u3000", "\u00a0", " 无 ", "无\n"]
_WORDS = [
    "无",
    "/",
    "—",
    "0",
    "指标1",
    "XX",
    "（100字以内）",
    "培训人次",
    "≥95%",
    "58批",
    "a",
    "A",
    "*",
    "?",
    "~*",
    "=1+1",
    "'x",
    "１２",
    "1e5",
    "-",
    "……",
    "43.2/37.24",
    '引"号',
    "100",
    "真",
]
TEXTS = _SPACES + _WORDS
NUMBERS = [
    "0",
    "1",
    "-1",
    "0.1",
    "0.2",
    "0.3",
    "2.675",
    "1.005",
    "10",
    "100",
    "99.99",
    "100.01",
    "12.5",
    "33.33",
    "66.67",
    "6",
    "15",
    "20",
    "50",
    "0.005",
    "0.015",
    "129025.8",
    "380000",
    "826500",
    "636500",
    "627430.69",
    "1e15",
    "1e-9",
    "123456789012.34",
    "0.9",
    "0.95",
    "0.90005",
    "0.89995",
]


def random_answers(layout: Layout, seed: int) -> Answers:
    """A form filled at random: mostly plausible, everywhere something that is not."""
    dice = random.Random(seed)
    wild = dice.choice([0.02, 0.1, 0.5])
    values: dict[Place, Value] = {}
    for place in layout.places:
        if layout.is_input(place):
            values[place] = _wild(dice) if dice.random() < wild else _plausible(dice, layout, place)
    sheet = Answers(layout, values)
    values = sheet.recomputed()
    for place in layout.form.formulas:
        if dice.random() < wild / 2:
            values[place] = _wild(dice)
    if dice.random() < 0.3:
        values["goal", "actual"] = values["goal", "expected"]
    for rule in layout.explainable:
        if dice.random() < 0.2:
            values["explanations", rule] = dice.choice(["原因", " ", "\u3000", "x"])
    return Answers(layout, values)


def _wild(dice: random.Random) -> Value:
    kind = dice.random()
    return None if kind < 0.3 else dice.choice(TEXTS) if kind < 0.6 else Decimal(dice.choice(NUMBERS))


def _plausible(dice: random.Random, layout: Layout, place: Place) -> Value:
    kind = layout.form.field(place).kind.name
    if place[0] == "indicators" and dice.random() < 0.4:
        return None
    match kind:
        case "year":
            return Decimal(dice.choice([2020, 2024, 1999, 20200]))
        case "money":
            return dice.choice([None, Decimal(dice.randint(0, 10**9)) / 100, Decimal(dice.choice([100, 90, 30, 0]))])
        case "points":
            return Decimal(dice.choice([0, 5, 6, 10, 15, 20])) + Decimal(dice.choice([0, 0, 0, "0.5", "0.125"]))
        case "choice":
            return dice.choice(layout.form.field(place).choices)
        case _:
            return dice.choice(["培训人次", "合格率", "≥95%", "100%", "43.2", "进度偏慢，下一步加快"])


def aimed_answers(layout: Layout) -> list[Answers]:
    """Execution rates and scores on and beside every boundary of rounding and thresholds."""
    found = []
    rows = layout.form.fund_rows.values()
    row = next((one.id for one in rows if one.part), "total")  # forms with one row of funds have it filled in
    budgets = [
        "38/12.90258",
        "200/180",
        "200/179.99",
        "3/1",
        "3/2",
        "8/1",
        "10000/9999.5",
        "10000/333.45",
        "10000/333.55",
        "0/0",
        "0/5",
        "7/7.01",
    ]
    budgets += ["100/89.995", "1/0.00005"]
    for budget, spent in (pair.split("/") for pair in budgets):
        for offset in ("0", "0.0001", "-0.0001", "0.00005", "0.0002"):
            values: dict[Place, Value] = {
                ("funds", row, "initial_budget"): rounded(Decimal(budget) * 10 / 13, 2),
                ("funds", row, "adjusted_budget"): Decimal(budget),
                ("funds", row, layout.form.rate_base): Decimal(budget),
                ("funds", row, "executed"): Decimal(spent),
            }
            values = Answers(layout, values).recomputed()
            rate = values[("funds", "total", "execution_rate")]
            if isinstance(rate, Decimal):
                values[("funds", "total", "execution_rate")] = rate + Decimal(offset)
                score = values[("funds", "total", "score")]
                assert isinstance(score, Decimal)
                values[("funds", "total", "score")] = score + Decimal(offset) * 100
            values[("total", "score")] = Decimal("89.995") + Decimal(offset) * 100
            values[("total", "weight")] = Decimal("10") + Decimal(offset)
            found.append(Answers(layout, values))
    return found
