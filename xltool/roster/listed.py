"""The roster: which projects have to be submitted, and, where it says so, what was approved and booked for them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from xltool.errors import WrongUse
from xltool.speech import say

#: The columns of a roster with the headings they go by, and the English keys of JSON.
COLUMNS: dict[str, tuple[str, ...]] = {
    "year": ("年度", "年份", "预算年度"),
    "code": ("项目编码", "项目代码", "项目编号"),
    "name": ("项目名称",),
    "department": ("主管部门", "主管部门及代码"),
    "unit": ("实施单位", "项目单位", "单位名称", "预算单位", "资金使用单位"),
    "executed": ("全年执行数", "决算数", "执行数", "支出决算数"),
    "money_unit": ("金额单位",),
}

#: The columns of the second table, of approved indicators.
INDICATOR_COLUMNS: dict[str, tuple[str, ...]] = {
    "code": COLUMNS["code"],
    "name": COLUMNS["name"],
    "level2": ("二级指标",),
    "level3": ("三级指标", "指标名称"),
    "target": ("年度指标值", "指标值", "目标值"),
    "weight": ("分值", "权重"),
}

_NEEDED = ("year", "name", "unit")
_MOST_TOLD = 20


@dataclass(frozen=True)
class Approved:
    """An indicator as it was approved; None for what the roster does not say."""

    level2: str
    level3: str
    target: str | None
    weight: Decimal | None


@dataclass(frozen=True)
class Project:
    """A project of the roster.

    Attributes:
        year: the fiscal year.
        code: its code; "" when it has none.
        executed: what the accounts say was spent, in ``money_unit``; None when the roster does not say.
        indicators: as approved; empty when the roster does not say.
    """

    year: int
    name: str
    unit: str
    code: str = ""
    department: str = ""
    executed: Decimal | None = None
    money_unit: str = ""
    indicators: tuple[Approved, ...] = ()

    @property
    def key(self) -> str:
        """Its identity, see ``key_of``."""
        return key_of(self.year, self.code, self.name, self.unit)


def plain(text: str | None) -> str:
    """A text for comparing: NFKC, no white space, case folded. Names come padded and in full width."""
    return "".join(unicodedata.normalize("NFKC", text or "").casefold().split())


def key_of(year: int | None, code: str | None, name: str | None, unit: str | None) -> str:
    """The identity of a project: its code and year, or, without a code, name, unit and year."""
    own = f"code:{plain(code)}" if plain(code) else f"name:{plain(name)}|{plain(unit)}"
    return f"{year or '?'}|{own}"


@dataclass(frozen=True)
class Roster:
    """All projects that have to be submitted, in the order of the list."""

    projects: tuple[Project, ...]
    file: str = ""

    @cached_property
    def by_key(self) -> Mapping[str, Project]:
        """By identity, with and without code."""
        found = {key_of(one.year, "", one.name, one.unit): one for one in reversed(self.projects)}
        return found | {one.key: one for one in reversed(self.projects)}

    @cached_property
    def _by_year(self) -> Mapping[int, Sequence[Project]]:
        found: dict[int, list[Project]] = {}
        for one in self.projects:
            found.setdefault(one.year, []).append(one)
        return found

    def find(self, record: Mapping[str, Any], alike: Decimal) -> Project | None:
        """The project that a record is about, though its name or its unit may be written otherwise.

        Args:
            record: a form's record.
            alike: how like a name of the same unit must be to be taken for it, from 0 to 1.
        """
        year, project = record["year"], record["project"]
        for code in (project.get("code"), ""):
            own = self.by_key.get(key_of(year, code, project["name"], project["unit"]))
            if own is not None:
                return own
        of_year = self._by_year.get(year, ())
        same_name = [one for one in of_year if plain(one.name) == plain(project["name"])]
        if len(same_name) == 1:
            return same_name[0]
        return _nearest(project["name"], [one for one in of_year if plain(one.unit) == plain(project["unit"])], alike)


def _nearest(name: str | None, projects: Sequence[Project], alike: Decimal) -> Project | None:
    from rapidfuzz import fuzz, process

    names = [plain(one.name) for one in projects]
    best = process.extractOne(plain(name), names, scorer=fuzz.ratio, score_cutoff=float(alike * 100))
    return projects[best[2]] if best else None


@dataclass
class Faults:
    """What is wrong with a roster: all of it, each with its row and column."""

    file: str
    found: list[str] = field(default_factory=list)

    def add(self, where: str, chinese: str, english: str) -> None:
        """Note one fault."""
        self.found.append(f"{where}{say('：', ': ')}{say(chinese, english)}")

    def refuse(self) -> None:
        """Stop when there is any.

        Raises:
            WrongUse: with every fault.
        """
        if self.found:
            shown = "\n  ".join(self.found[:_MOST_TOLD])
            rest = len(self.found) - _MOST_TOLD
            more = say(f"\n  ……另有 {rest} 处", f"\n  and {rest} more") if rest > 0 else ""
            head = say(
                f"名册 {self.file} 有 {len(self.found)} 处错误", f"the roster {self.file} has {len(self.found)} faults"
            )
            raise WrongUse(f"{head}{say('：', ':')}\n  {shown}{more}")


@dataclass(frozen=True)
class Row:
    """One line of a table: where it stands, and its texts by column."""

    where: str
    cells: Mapping[str, str]


def rows(
    table: Iterable[Sequence[str]],
    columns: Mapping[str, Sequence[str]],
    where: str,
    needed: Sequence[str],
    faults: Faults,
) -> list[Row]:
    """The lines of a table whose first line that names a column is its head.

    Args:
        table: texts, line by line.
        columns: the columns and the headings they go by.
        where: how a line is named, with ``{}`` for its number from 1.
        needed: columns that must be there.
        faults: where to note what is wrong.
    """
    heads = {plain(heading): key for key, headings in columns.items() for heading in (key, *headings)}
    lines = enumerate(table, 1)
    at: dict[str, int] = {}
    for _, line in lines:
        at = {heads[plain(text)]: column for column, text in reversed(list(enumerate(line))) if plain(text) in heads}
        if len(at) > 1:
            break
    lacking = [columns[key][0] for key in needed if key not in at]
    if lacking:
        names = "、".join(lacking)
        faults.add(where.format(1), f"没有这些列：{names}", f"columns missing: {names}")
        return []
    found = []
    for number, line in lines:
        cells = {key: line[column].strip() if column < len(line) else "" for key, column in at.items()}
        if any(cells.values()):
            found.append(Row(where.format(number), cells))
    return found


def checked(projects: Sequence[Row], indicators: Mapping[str, Sequence[Row]], faults: Faults) -> tuple[Project, ...]:
    """The projects of these rows.

    Args:
        projects: one row for each.
        indicators: rows of approved indicators, by the project's plain code, or plain name where it has none.
        faults: where to note what is wrong.
    """
    found: dict[str, tuple[Row, Project]] = {}
    if not projects and not faults.found:
        faults.add(faults.file, "没有一个项目", "no project in it")
    known = set()
    for row in projects:
        own = (plain(row.cells.get("code")), plain(row.cells.get("name")))
        known |= set(own)
        project = _project(row, [one for key in own if key for one in indicators.get(key, ())], faults)
        if project is None:
            continue
        if project.key in found:
            faults.add(
                row.where, f"与{found[project.key][0].where}是同一个项目", f"same as {found[project.key][0].where}"
            )
        found.setdefault(project.key, (row, project))
    for key, lines in indicators.items():
        if key not in known:
            faults.add(lines[0].where, "指标表里的项目不在名册中", "indicators of a project that is not listed")
    return tuple(project for _, project in found.values())


def _project(row: Row, indicators: Sequence[Row], faults: Faults) -> Project | None:
    cells = row.cells
    for key in _NEEDED:
        if not cells.get(key):
            faults.add(f"{row.where}“{COLUMNS[key][0]}”", "没有填写", "blank")
    year = _year(row, faults) if cells.get("year") else None
    executed = _number(row, "executed", COLUMNS, faults)
    unit = cells.get("money_unit", "")
    if unit not in ("", "元", "万元"):
        faults.add(f"{row.where}“金额单位”", f"“{unit}”不是 元 或 万元", f"'{unit}' is neither 元 nor 万元")
    approved = tuple(one for line in indicators if (one := _approved(line, faults)) is not None)
    if year is None or not all(cells.get(key) for key in _NEEDED):
        return None
    texts = {key: cells.get(key, "") for key in ("name", "unit", "code", "department", "money_unit")}
    return Project(year=year, executed=executed, indicators=approved, **texts)


def _year(row: Row, faults: Faults) -> int | None:
    text = plain(row.cells["year"]).removesuffix("年度").removesuffix("年")
    if text.isascii() and text.isdigit() and len(text) == 4:
        return int(text)
    faults.add(f"{row.where}“年度”", f"“{row.cells['year']}”不是四位年份", f"'{row.cells['year']}' is no year")
    return None


def _number(row: Row, key: str, columns: Mapping[str, Sequence[str]], faults: Faults) -> Decimal | None:
    text = plain(row.cells.get(key)).replace(",", "")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if number.is_finite():
        return number
    faults.add(f"{row.where}“{columns[key][0]}”", f"“{row.cells[key]}”不是数值", f"'{row.cells[key]}' is no number")
    return None


def _approved(row: Row, faults: Faults) -> Approved | None:
    if not row.cells.get("level3"):
        faults.add(f"{row.where}“三级指标”", "没有填写", "blank")
        return None
    weight = _number(row, "weight", INDICATOR_COLUMNS, faults)
    return Approved(row.cells.get("level2", ""), row.cells["level3"], row.cells.get("target") or None, weight)
