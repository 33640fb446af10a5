"""The roster: which projects have to be submitted, and, where it says so, what was approved and booked for them."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Protocol

from xltool.language.numbers import YUAN, divide, multiply
from xltool.roster.columns import normalise_key

#: The indicators of two lists are the same where more than this share of them is.
_MOSTLY = 0.6


class IssuedSeal(Protocol):
    """What a form that was issued says of its issue."""

    @property
    def text(self) -> str:
        """As its carriers have it."""

    @property
    def issue(self) -> str:
        """The issue's number."""

    @property
    def number(self) -> int:
        """The form's number in the issue."""


@dataclass(frozen=True)
class ApprovedIndicator:
    """An indicator as it was approved.

    Attributes:
        level1, level2: as the roster prints them; "" where it does not say.
        target, weight: None where the roster does not say.
        operator: ≥, ≤, =, 定性 …, in rosters that keep it apart from the target; else "".
        measure: the unit of measurement, likewise.
        where: its row in the roster, for messages.
    """

    level2: str
    level3: str
    target: str | None
    weight: Decimal | None
    level1: str = ""
    operator: str = ""
    measure: str = ""
    where: str = field(default="", compare=False)


@dataclass(frozen=True)
class Project:
    """A project of the roster; texts are "" where the roster does not say.

    Attributes:
        year: the fiscal year.
        code: its code.
        executed: what the accounts say was spent, in ``money_unit``; None when the roster does not say.
        money_unit: 元, 万元, or "".
        indicators: as approved; empty when the roster does not say.
        goal: the goal of the year as approved.
        funds: the approved initial budgets in ``money_unit``, by source (total, fiscal, carryover, other,
            special_account, own, central, local); only those that the roster says.
        deadline: the last day to hand it in.
        contact, phone, email: whom to ask for it.
        division_code, division_name, department_code, unit_code: what the budget platform calls them.
        issue, number: of the form that was issued to it, where the roster is an issue's manifest.
        where: its row in the roster, for messages.
    """

    year: int
    name: str
    unit: str
    code: str = ""
    department: str = ""
    executed: Decimal | None = None
    money_unit: str = ""
    indicators: tuple[ApprovedIndicator, ...] = ()
    goal: str = ""
    funds: Mapping[str, Decimal] = field(default_factory=dict, hash=False)
    deadline: datetime.date | None = None
    contact: str = ""
    phone: str = ""
    email: str = ""
    division_code: str = ""
    division_name: str = ""
    department_code: str = ""
    unit_code: str = ""
    issue: str = ""
    number: str = ""
    where: str = field(default="", compare=False)

    @property
    def key(self) -> str:
        """Its identity, see ``key_of``."""
        return project_key(self.year, self.code, self.name, self.unit)

    def amount(self, source: str, money_unit: str | None) -> Decimal | None:
        """An approved budget in the money unit of a form; None when the roster does not say."""
        found = self.funds.get(source)
        return None if found is None else convert_amount(found, self.money_unit, money_unit)


def project_key(year: int | None, code: str | None, name: str | None, unit: str | None) -> str:
    """The identity of a project: its code and year, or, without a code, name, unit and year."""
    own = f"code:{normalise_key(code)}" if normalise_key(code) else f"name:{normalise_key(name)}|{normalise_key(unit)}"
    return f"{year or '?'}|{own}"


def project_digest(key: str) -> str:
    """The mark of a project's identity in the seal of its form: 12 hex digits."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class Roster:
    """All projects that have to be submitted, in the order of the list.

    Attributes:
        file: its name.
        unread: headings of the file that mean no column, so that nothing is left out unseen.
        made_for: the form that it was made for: its reference, or, in rosters of 0.3, its name; "" where nothing says.
        without_unit: the rows that leave their column of the money unit blank though they have amounts.
    """

    projects: tuple[Project, ...]
    file: str = ""
    unread: tuple[str, ...] = ()
    form_reference: str = ""
    without_unit: tuple[str, ...] = ()

    @cached_property
    def by_key(self) -> Mapping[str, Project]:
        """By identity, with and without code."""
        found = {project_key(one.year, "", one.name, one.unit): one for one in reversed(self.projects)}
        return found | {one.key: one for one in reversed(self.projects)}

    @cached_property
    def _by_name(self) -> Mapping[tuple[int, str], Sequence[Project]]:
        return _grouped(self.projects, lambda one: one.name)

    @cached_property
    def _by_unit(self) -> Mapping[tuple[int, str], Sequence[Project]]:
        return _grouped(self.projects, lambda one: one.unit)

    def find(self, record: Mapping[str, Any], alike: Decimal) -> Project | None:
        """The project that a record is about, though its name or its unit may be written otherwise.

        Args:
            record: a form's record.
            alike: how like a name of the same unit must be to be taken for it, from 0 to 1.
        """
        year, project = record["year"], record["project"]
        own = self._named(record)
        if own is not None:
            return own
        same_name = self._by_name.get((year, normalise_key(project["name"])), ())
        if len(same_name) == 1:
            return same_name[0]
        return _nearest(project["name"], self._by_unit.get((year, normalise_key(project["unit"])), ()), alike)

    def match(self, record: Mapping[str, Any], seal: IssuedSeal | None, alike: Decimal) -> Project | None:
        """The project that a form is about, though the roster may have been corrected since the form was issued.

        Args:
            record: the form's record.
            seal: what its result says of its seal; None for a form that has none.
            alike: how like a name of the same unit must be to be taken for it, from 0 to 1.
        """
        found = self._named(record) or self._issued_to(seal) or self.find(record, alike)
        if found is None and seal is not None:  # a form of ours is about some project of the roster
            found = self._of_other_year(record) or self._of_same_indicators(record)
        return found

    def is_sure(self, record: Mapping[str, Any], seal: IssuedSeal | None) -> bool:
        """Whether what ``match`` finds is told by more than a name that is alike."""
        return seal is not None or self.is_named(record)

    def _issued_to(self, seal: IssuedSeal | None) -> Project | None:
        if seal is None:
            return None
        mark = re.search(r" project=([0-9a-f]{12}) ", seal.text)
        return self._by_number.get((seal.issue, str(seal.number))) or self._by_mark.get(mark[1] if mark else "")

    @cached_property
    def _by_number(self) -> Mapping[tuple[str, str], Project]:
        return {(one.issue, one.number): one for one in self.projects if one.issue}

    @cached_property
    def _by_mark(self) -> Mapping[str, Project]:
        return {project_digest(one.key): one for one in reversed(self.projects)}

    def _of_other_year(self, record: Mapping[str, Any]) -> Project | None:
        """The only project of its code, or its name and unit, in any year: the year was corrected."""
        own = record["project"]
        code, names = normalise_key(own.get("code")), (normalise_key(own["name"]), normalise_key(own["unit"]))
        alike = [one for one in self.projects if code and normalise_key(one.code) == code]
        alike = alike or [one for one in self.projects if (normalise_key(one.name), normalise_key(one.unit)) == names]
        return alike[0] if len(alike) == 1 else None

    def _of_same_indicators(self, record: Mapping[str, Any]) -> Project | None:
        """The only project of the same unit or department that has most of the form's indicators."""
        own, names = record["project"], {normalise_key(row.get("level3")) for row in record["indicators"]} - {""}
        alike = [
            one
            for one in self.projects
            if one.year == record["year"]
            and (
                normalise_key(one.unit) == normalise_key(own["unit"])
                or normalise_key(one.department) == normalise_key(own["department"]) != ""
            )
            and len(names & {normalise_key(row.level3) for row in one.indicators})
            > _MOSTLY * max(len(names), len(one.indicators))
        ]
        return alike[0] if len(alike) == 1 else None

    def is_named(self, record: Mapping[str, Any]) -> bool:
        """Whether the project that a record is about is listed under its code, or its very name and unit."""
        return self._named(record) is not None

    def _named(self, record: Mapping[str, Any]) -> Project | None:
        year, project = record["year"], record["project"]
        keys = (project_key(year, code, project["name"], project["unit"]) for code in (project.get("code"), ""))
        return next((self.by_key[key] for key in keys if key in self.by_key), None)


def _grouped(
    projects: Sequence[Project], text: Callable[[Project], str]
) -> Mapping[tuple[int, str], Sequence[Project]]:
    """The projects by year and a text of theirs."""
    found: dict[tuple[int, str], list[Project]] = {}
    for one in projects:
        found.setdefault((one.year, normalise_key(text(one))), []).append(one)
    return found


def _nearest(name: str | None, projects: Sequence[Project], alike: Decimal) -> Project | None:
    from rapidfuzz import fuzz, process

    names = [normalise_key(one.name) for one in projects]
    best = process.extractOne(normalise_key(name), names, scorer=fuzz.ratio, score_cutoff=float(alike * 100))
    return projects[best[2]] if best else None


def convert_amount(amount: Decimal, unit: str, wanted: str | None) -> Decimal:
    """An amount of the roster in the form's money unit; the same where the roster does not say its own."""
    if unit not in YUAN or wanted not in YUAN:
        return amount
    return divide(multiply(amount, YUAN[unit]), YUAN[wanted])
