"""Forms to try the rules on: random ones, and ones aimed at ties, blanks and wrong kinds."""

from __future__ import annotations

import random
from decimal import Decimal

from places import place_of

from xltool.form.answers import Answers
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.language.functions import Value
from xltool.language.numbers import round_half_up
from xltool.result.roles import BUDGET, FUND_SCORE

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


#: The parts of a target or an actual: every sign, way of writing figures, measure and ending that people use.
_SIGNS = ["", "", "", "≥", "≤", "=", ">=", "<=", "＞", "＜", "≧", "≦", "﹦", "═", "＝", "±", "不低于", "不少于", "不超过", "至少", "大于等于", "小于",
          "大于", "约", "-", "共"]  # fmt: skip
_FIGURES = ["100", "95", "95.00", "100.0", "１００", "９５．５", "0", "0.95", "1", "1,234", "1,234.5", "12,34", "1.2.3", "5.", ".5", "007", "99.995",
            "33.3", "2", "3", "123456789012345", "1234567890123456", "8755", "8676", "5 0", "一百"]  # fmt: skip
_MEASURES = ["", "", "%", "％", "个", "人次", "万元", "万", "元", "亿元", "‰", "百分比", "元/人*月", "年", "月前", "月", "个月", "天内", "左右", "人（次）",
             "个。", "公里以及配套设施", "倍"]  # fmt: skip
_ENDINGS = ["", "", "", "", "以上", "以下", "及以上", "及其以下", " ", "。", "\n"]
_SAYINGS = ["效果明显", "不断提升", "达成预期指标", "部分达成预期指标", "未达成预期指标", "无投诉", "完成1部宣传片,2套方案", "2024年12月底前", "9月前", "问卷调查98%", "已完成",
            "合规", "是", "3-5天", "1-12月", "≥", "%", "≥95%以上", "严格执行相关制度规定，厉行节约"]  # fmt: skip
_INDICATORS = [
    "培训人次",
    "合格率",
    "投诉率",
    "投诉处理率",
    "项目投入金额",
    "预算执行率",
    "项目总经费",
    "增长率",
    "成本节约率",
    "群众满意度（问卷）",
]


def value_text(dice: random.Random) -> str:
    """A target or an actual, as somebody may write it."""
    if dice.random() < 0.25:
        return dice.choice(_SAYINGS)
    return "".join(dice.choice(parts) for parts in (_SIGNS, _FIGURES, _MEASURES, _ENDINGS))


def random_answers(layout: Layout, seed: int) -> Answers:
    """A form filled at random: mostly plausible, everywhere something that is not."""
    dice = random.Random(seed)
    wild = dice.choice([0.02, 0.1, 0.5])
    values: dict[Place, Value] = {}
    for place in layout.places:
        if layout.is_input(place):
            values[place] = _wild(dice) if dice.random() < wild else _plausible(dice, layout, place)
    sheet = Answers(layout, values)
    values = sheet.recomputed_values()
    for place in layout.form.computed_cells:
        if dice.random() < wild / 2:
            values[place] = _wild(dice)
    if dice.random() < 0.3 and place_of("goal", "actual") in layout.positions:
        values[place_of("goal", "actual")] = values[place_of("goal", "expected")]
    for slot in layout.slots:  # pairs that differ by a hair, or not at all
        if dice.random() < 0.3:
            target = value_text(dice)
            values[place_of("indicators", slot.index, "target")] = target
            values[place_of("indicators", slot.index, "actual")] = target.lstrip("".join(_SIGNS)) or target
    for rule in layout.explainable:
        if dice.random() < 0.2:
            values[place_of("explanations", rule)] = dice.choice(["原因", " ", "\u3000", "x"])
    return Answers(layout, values)


def paired_answers(layout: Layout, seed: int) -> Answers:
    """Rows whose target and actual can mostly be compared: reached, missed by a hair, far above, in words."""
    dice = random.Random(seed)
    values: dict[Place, Value] = {}
    for slot in layout.slots:
        target, actual = _pair(dice)
        weight = Decimal(dice.choice(["10", "6", "12.5", "3.71", "20"]))
        score = (
            weight
            if dice.random() < 0.5
            else round_half_up(weight * dice.randint(0, 100) / 100, dice.choice([0, 1, 2]))
        )
        row: dict[str, Value] = {
            "level3": dice.choice(_INDICATORS),
            "target": target,
            "actual": actual,
            "weight": weight,
            "score": score,
        }
        if score < weight and dice.random() < 0.7:
            row["deviation"] = dice.choice(["进度偏慢", "进度偏慢，下一步加快", "未完成", "无"])
        values |= {place_of("indicators", slot.index, name): value for name, value in row.items()}
    return Answers(layout, values)


def _pair(dice: random.Random) -> tuple[str, str]:
    if dice.random() < 0.1:
        return dice.choice(_SAYINGS), dice.choice(_SAYINGS)
    measure = dice.choice(_MEASURES[:12])
    target = Decimal(dice.choice(["100", "95", "0", "1", "8755", "0.5", "38.75", "99.995", "1234.5"]))
    step = dice.choice(["0", "0", "0.001", "-0.001", "1", "-1", "0.5", "-0.45"])
    actual = max(Decimal(0), target + Decimal(step)) * dice.choice([1, 1, 1, 2, Decimal("1.3"), 10000])
    other = measure if dice.random() < 0.8 else dice.choice(_MEASURES)
    return f"{dice.choice(_SIGNS[:20])}{_figures(dice, target)}{measure}", f"{_figures(dice, actual)}{other}"


def _figures(dice: random.Random, number: Decimal) -> str:
    text = f"{number:,f}" if dice.random() < 0.2 else f"{number:f}"
    return text.translate({ord("0") + digit: ord("０") + digit for digit in range(10)}) if dice.random() < 0.1 else text


def _wild(dice: random.Random) -> Value:
    kind = dice.random()
    return None if kind < 0.3 else dice.choice(TEXTS) if kind < 0.6 else Decimal(dice.choice(NUMBERS))


def _plausible(dice: random.Random, layout: Layout, place: Place) -> Value:
    kind, key = layout.form.field(place).kind.name, place.name.rpartition(".")[2]
    if isinstance(place, VariableRowCell) and dice.random() < 0.4:
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
        case _ if key in ("target", "actual"):
            return value_text(dice)
        case _ if key == "level3":
            return dice.choice(_INDICATORS)
        case _:
            return dice.choice(
                [
                    "培训人次",
                    "≥95%",
                    "100%",
                    "43.2",
                    "进度偏慢，下一步加快",
                    "未完成",
                    "受疫情影响",
                    "发放问卷100份",
                    "无",
                ]
            )


def aimed_answers(layout: Layout) -> list[Answers]:
    """Execution rates and scores on and beside every boundary of rounding and thresholds."""
    found = []
    # the first source that is filled in; forms with one row of funds have that filled in
    budget_column = str(layout.form.column(BUDGET))
    row = next(one for one in layout.form.fund_rows if layout.is_requested(place_of("funds", one, budget_column)))
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
                place_of("funds", row, "initial_budget"): round_half_up(Decimal(budget) * 10 / 13, 2),
                place_of("funds", row, "adjusted_budget"): Decimal(budget),
                place_of("funds", row, str(layout.form.column(BUDGET))): Decimal(budget),
                place_of("funds", row, "executed"): Decimal(spent),
            }
            values = Answers(layout, values).recomputed_values()
            rate = values[place_of("funds", "total", "execution_rate")]
            if isinstance(rate, Decimal):
                values[place_of("funds", "total", "execution_rate")] = rate + Decimal(offset)
            if isinstance(rate, Decimal) and layout.form.place(FUND_SCORE) is not None:
                score = values[place_of("funds", "total", "score")]
                assert isinstance(score, Decimal)
                values[place_of("funds", "total", "score")] = score + Decimal(offset) * 100
            values[place_of("total", "score")] = Decimal("89.995") + Decimal(offset) * 100
            values[place_of("total", "weight")] = Decimal("10") + Decimal(offset)
            found.append(
                Answers(layout, {place: value for place, value in values.items() if place in layout.positions})
            )
    return found
