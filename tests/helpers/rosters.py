"""Rosters as bureaus have them: the real forms' projects and indicators, varied, with what makes lists hard."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any

import foreign

from xltool.form.codes import split_code
from xltool.form.loading import load_form
from xltool.roster.columns import normalise_key

#: Letters outside the first plane, of minorities' names, half-width and full-width ones, marks that XML and names mind.
_RARE = ["𠀀龘", "㑇镕", "（二期）", "A＆B<c>", "“十四五”", "㈠①", "é·naïve", "/\\:*?|", "CON", " 空 格 "]

_DEPARTMENTS = ["市教育局", "市卫生健康委员会", "市住房和城乡建设局", "市交通运输局", "市农业农村局", "市文化和旅游局",
                "市人民政府合作交流办公室", "CON"]  # fmt: skip


def lines(number: int, seed: int = 1, reference: str = "mof-2020/1", year: int = 2024) -> list[dict[str, Any]]:
    """So many projects as lines of a JSON roster.

    Args:
        number: of projects.
        seed: of the variation.
        reference: of the form they are for; its groups, and weights that add up to what it leaves for indicators.
        year: of all of them.
    """
    chance = random.Random(seed)
    form = load_form(reference)
    names = {
        normalise_key(name): group.id
        for group in form.level2.values()
        for name in (group.id, group.label, *group.synonyms)
    }
    sources = [record for record in foreign.SUPPORTED.values() if _rows(record, names)]
    return [
        {
            **_line(chance.choice(sources), index, chance, names, form.execution_weight, year),
            "code": f"53{seed:02}{index:08d}",
        }
        for index in range(number)
    ]


def _rows(record: dict[str, Any], names: dict[str, str]) -> list[dict[str, Any]]:
    return [row for row in record["indicators"]
            if normalise_key(row["level2"]) in names and row.get("level3") and row.get("target")]  # fmt: skip


def _line(
    record: dict[str, Any], index: int, chance: random.Random, names: dict[str, str], execution: Decimal, year: int
) -> dict[str, Any]:
    rows = [row for row in _rows(record, names) if chance.random() < 0.85] or _rows(record, names)[:1]
    rows += [
        dict(row, level3=f"{row['level3']}（新增{again}）") for again, row in enumerate(rows[: chance.randint(0, 2)])
    ]
    weights = _weights(len(rows), Decimal(100) - execution, chance)
    # names repeat, as those of yearly projects do; their codes do not
    name = (
        f"{split_code(record['project_name'] or '未名项目')[1]}{chance.choice(_RARE) if chance.random() < 0.2 else ''}"
    )
    name += "及配套设施建设与运行维护" * chance.randint(0, 12) if chance.random() < 0.05 else ""
    return {
        "year": year,
        "name": name,
        "department": chance.choice(_DEPARTMENTS),
        "unit": f"{record['unit'] or '某单位'}{index % 37 or ''}",
        "goal": (record["goals"] or {}).get("target") or "完成年度任务",
        "money_unit": "元",
        "funds": [{"source": "fiscal", "initial_budget": chance.randint(1, 10**10) / 100}],
        "deadline": f"{year + 1}-03-{chance.randint(10, 31)}",
        "contact": chance.choice(["张三", "李四", "欧阳𣎴"]),
        "phone": f"0871-{chance.randint(10**6, 10**7)}",
        "email": f"unit{index}@example.cn",
        "indicators": [
            {"level2": row["level2"], "level3": row["level3"], "target": row["target"], "weight": weight}
            for row, weight in zip(rows, weights, strict=True)
        ],
    }


def _weights(number: int, total: Decimal, chance: random.Random) -> list[Decimal]:
    """Weights in halves that add up to the total, none of them nothing."""
    halves = int(total * 2)
    cuts = sorted(chance.sample(range(1, halves), number - 1))
    return [Decimal(right - left) / 2 for left, right in zip([0, *cuts], [*cuts, halves], strict=True)]
