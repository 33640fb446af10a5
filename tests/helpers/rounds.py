"""A seeded world of projects that submit, are returned, correct and submit again: what a ledger has to count."""

from __future__ import annotations

import copy
import datetime
import hashlib
import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from contract import result_of_record
from project import ROOT

from xltool.language.numbers import round_half_up
from xltool.support import json_codec

_DEPARTMENTS = ["人力资源和社会保障局", "教育局", "卫生健康委员会", "农业农村局", "交通运输局", "生态环境局", "民政局",
                "文化和旅游局", "水利局", "科学技术局", "市场监督管理局", "住房和城乡建设局"]  # fmt: skip
_UNITS = ["信息中心", "服务中心", "培训中心", "监测站", "管理处", "研究所", "保障中心"]
_SUBJECTS = ["职业技能培训", "校舍维修", "疾病预防", "高标准农田", "道路养护", "水质监测", "养老服务补贴", "非遗保护",
             "防汛物资储备", "科普活动", "食品抽检", "老旧小区改造", "信息系统运维", "合作交流"]  # fmt: skip
_PLACES = ["东城", "西山", "南湖", "北岭", "临江", "安平", "新河"]
_ACTUALS = ["全年完成{}项任务，{}按期推进，资金使用规范，受益群众{}人，未发生安全责任事故，验收全部合格。",
            "围绕{}项重点工作组织实施，{}取得预期效果，服务对象{}人次，回访反映良好，档案资料齐全。",
            "按计划组织{}批次活动，{}覆盖面持续扩大，累计惠及{}人，相关制度已经印发执行。"]  # fmt: skip

#: Faults that a round may bring: name → change to a record.
FAULTS = ("deviation", "overspent", "blank_score", "goal_copied", "placeholder", "total")

FIRST_DAY = datetime.date(2025, 3, 3)


@dataclass(frozen=True)
class Sent:
    """One file that came in: its result, the run it came in, its project, and the round its maker meant."""

    result: dict[str, Any]
    run: int
    project: int
    round: int

    @property
    def day(self) -> datetime.date:
        return FIRST_DAY + datetime.timedelta(days=10 * self.run)


def sent(projects: int, rounds: int, seed: int, more: float = 1.22) -> Iterator[Sent]:
    """Every submission, run by run, in the order of file names.

    Args:
        projects: how many projects.
        rounds: how many rounds, one run a round.
        seed: the same seed, the same world.
        more: how many further files a project sends in a round, on average: other versions and plain copies.
    """
    dice = random.Random(seed)
    worlds = [_Project(number, dice) for number in range(projects)]
    for run in range(rounds):
        batch: list[Sent] = []
        for world in worlds:
            if world.done or (run == 0 and dice.random() < 0.04):
                if dice.random() < 0.6 and world.last is not None:  # sent again, unchanged
                    again = {**world.last, "file": f"r{run}/{world.number:04d}-again.xlsx"}
                    batch.append(Sent(again, run, world.number, 0))
                continue
            batch += world.send(run, dice, more)
        yield from sorted(batch, key=lambda one: one.result["file"])


class _Project:
    def __init__(self, number: int, dice: random.Random) -> None:
        self.number = number
        self.record = _record(number, dice)
        self.faults = {fault for fault in FAULTS if dice.random() < 0.35}
        self.turn = 0
        self.done = False
        self.last: dict[str, Any] | None = None

    def send(self, run: int, dice: random.Random, more: float) -> Iterator[Sent]:
        self.turn += 1
        if self.turn > 1:
            self.faults = {fault for fault in self.faults if dice.random() < 0.35}
            self.faults |= {fault for fault in FAULTS if dice.random() < 0.05}
        stamped = self.turn if dice.random() < 0.5 else 1  # half of them answer on the returned workbook
        before = self.last
        for version in range(1 + _poisson(dice, more)):
            if version and dice.random() < 0.4 and self.last is not None:
                result = {**self.last}  # the same bytes under another name
            else:
                record = _with_faults(self.record, self.faults)
                record["goal"]["actual"] = (record["goal"]["actual"] or "") + "。" * version
                result = _result(record, f"{self.number}-{run}-{version}")
                _stamp(result, stamped, before)
                self.last = result
            result["file"] = f"r{run}/{self.number:04d}-{version}.xlsx"
            yield Sent(result, run, self.number, self.turn)
        assert self.last is not None
        self.done = self.last["status"] == "accepted"


def _stamp(result: dict[str, Any], stamped: int, before: dict[str, Any] | None) -> None:
    reading: dict[str, Any] = {"anchor": "names", "application": "WPS 表格", "confidence": Decimal(1), "format": "xlsx"}
    reading |= {"carriers": [], "rivals": [], "normalised": [], "unplaced": []}
    if stamped > 1 and before is not None:
        reading |= {"round": stamped, "after": before["sha256"][:16]}
    result["reading"] = reading


def _result(record: dict[str, Any], salt: str) -> dict[str, Any]:
    content = hashlib.sha256(f"{salt}{json_codec.dumps(record)}".encode()).digest()
    result = result_of_record(record, content, "x")
    result["sheet"] = "自评表"
    return result


def _poisson(dice: random.Random, mean: float) -> int:
    return sum(dice.random() < mean / 4 for _ in range(4))


_BASES = [ROOT / "templates/mof-2020/1/example.json", ROOT / "examples/form1.json", ROOT / "examples/form2.json"]


def _record(number: int, dice: random.Random) -> dict[str, Any]:
    record = json_codec.loads(dice.choice(_BASES).read_bytes())
    department = f"安平市{dice.choice(_DEPARTMENTS)}"
    place, subject = dice.choice(_PLACES), dice.choice(_SUBJECTS)
    record["year"] = 2024
    record["project"] = {
        "name": f"{place}{subject}项目（{number}）",
        "code": f"3301-2024-{number:04d}" if dice.random() < 0.5 else None,
        "department": department,
        "unit": f"{department.removesuffix('局')}{place}{dice.choice(_UNITS)}",
    }
    _money(record, dice)
    text = dice.choice(_ACTUALS).format(dice.randint(3, 40), subject, dice.randint(100, 90000))
    record["goal"]["actual"] = f"{place}{text}" + "".join(dice.sample(_SUBJECTS, 4)) + str(dice.random())
    for row in record["indicators"]:
        row["deviation"] = None
        row["score"] = row["weight"]
    return compute(record)


def _money(record: dict[str, Any], dice: random.Random) -> None:
    scale = 1 if record["money_unit"] == "万元" else 10_000
    budget = Decimal(dice.randint(1000, 90_000)) / 100 * scale
    amounts = {
        "initial_budget": budget,
        "adjusted_budget": budget,
        "executed": round_half_up(budget * dice.randint(91, 100) / 100, 2),
    }
    for row in record["funds"]:
        if row["source"] in ("total", "fiscal"):
            row |= amounts


def compute(record: dict[str, Any]) -> dict[str, Any]:
    """The record with its computed figures right."""
    total = record["funds"][0]
    total["execution_rate"] = round_half_up(total["executed"] / total["adjusted_budget"], 4)
    total["score"] = round_half_up(10 * max(Decimal(0), min(Decimal(1), total["execution_rate"])), 2)
    points = [total["score"], *(row["score"] for row in record["indicators"] if row["score"] is not None)]
    score = round_half_up(sum(points, Decimal(0)), 2)
    record["total"] = {"weight": record["total"]["weight"], "score": score}
    record["grade"] = "优" if score >= 90 else "良" if score >= 80 else "中" if score >= 60 else "差"
    return record


def _with_faults(record: dict[str, Any], faults: set[str]) -> dict[str, Any]:
    record = copy.deepcopy(record)
    rows = record["indicators"]
    if "deviation" in faults:
        rows[0]["score"] = rows[0]["weight"] - 1
    if "overspent" in faults:
        for row in record["funds"][:2]:
            row["executed"] = row["adjusted_budget"] + 5
    if "blank_score" in faults:
        rows[1]["score"] = None
    if "goal_copied" in faults:
        record["goal"]["actual"] = record["goal"]["expected"]
    if "placeholder" in faults:
        rows[2]["level3"] = "指标1"
    record = compute(record)
    if "total" in faults:
        record["total"]["score"] += 7
    return record
