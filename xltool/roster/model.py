"""The roster: the projects that must be submitted, with what was approved and booked for them, if known."""

from __future__ import annotations

import datetime
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Protocol

from xltool.language.numbers import YUAN, divide, multiply
from xltool.roster.columns import normalise_key

#: Two lists of indicators match if more than this share of them is equal.
_MATCHING_SHARE = 0.6


class IssuedSeal(Protocol):
    """The seal of an issued form."""

    @property
    def text(self) -> str:
        """The text of the seal, as stored in the form."""

    @property
    def issue(self) -> str:
        """The number of the issue."""

    @property
    def number(self) -> int:
        """The number of the form in the issue."""


@dataclass(frozen=True)
class ApprovedIndicator:
    """An approved indicator.

    Attributes:
        level1, level2, level3: the names of its levels; "" if the roster does not give level 1 or 2.
        target, weight: None if the roster does not give them.
        operator: ≥, ≤, =, 定性 …, if the roster has it apart from the target; else "".
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
    """A project of the roster. Texts that the roster does not give are "".

    Attributes:
        year: the fiscal year.
        name, unit: of the project and the unit that carries it out; equal if forms are about units as a whole.
        code: its code.
        department: the department in charge.
        executed: the amount spent according to the accounts, in ``money_unit``; None if the roster does not give it.
        money_unit: 元, 万元, or "".
        indicators: the approved indicators; empty if the roster does not give them.
        goal: the approved goal of the year.
        funds: the approved initial budgets in ``money_unit`` by source, a row of the fund table of a form, as far as
            the roster gives them.
        deadline: the last day for submission.
        contact, phone, email: the person to ask about it.
        division_code, division_name, department_code, unit_code: the codes of the budget platform.
        issue, number: the issue and number of its form, if the roster is a manifest.
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
        """Its identity, see ``project_key``."""
        return project_key(self.year, self.code, self.name, self.unit)

    def amount(self, source: str, money_unit: str | None) -> Decimal | None:
        """An approved budget in the money unit of a form; None if the roster does not give it."""
        budget = self.funds.get(source)
        return None if budget is None else convert_amount(budget, self.money_unit, money_unit)


def project_key(year: int | None, code: str | None, name: str | None, unit: str | None) -> str:
    """The identity of a project: code and year, or, without a code, name, unit and year."""
    identity = (
        f"code:{normalise_key(code)}" if normalise_key(code) else f"name:{normalise_key(name)}|{normalise_key(unit)}"
    )
    return f"{year or '?'}|{identity}"


def project_digest(key: str) -> str:
    """The digest of a project's identity in the seal of its form: 12 hex digits."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


@dataclass(frozen=True)
class ProjectNames:
    """What a form calls its project, or what is known of the project that a file was sent for."""

    year: int | None
    code: str | None
    name: str | None
    department: str | None
    unit: str | None

    @property
    def key(self) -> str:
        """Its identity, see ``project_key``."""
        return project_key(self.year, self.code, self.name, self.unit)


@dataclass(frozen=True)
class Roster:
    """The projects that must be submitted.

    Attributes:
        projects: in the order of the file.
        file: the name of the file.
        unused_headings: headings of the file that match no column, for a notice that they are not used.
        form_reference: the form for which the roster was made: its reference, or its name in rosters of version 0.3;
            "" if unknown.
        rows_without_unit: the rows with amounts whose cell for the money unit is blank.
    """

    projects: tuple[Project, ...]
    file: str = ""
    unused_headings: tuple[str, ...] = ()
    form_reference: str = ""
    rows_without_unit: tuple[str, ...] = ()

    @cached_property
    def by_key(self) -> Mapping[str, Project]:
        """The projects by identity, with and without code."""
        by_name = {
            project_key(project.year, "", project.name, project.unit): project for project in reversed(self.projects)
        }
        return by_name | {project.key: project for project in reversed(self.projects)}

    @cached_property
    def _by_name(self) -> Mapping[tuple[int | None, str], Sequence[Project]]:
        return _group_by(self.projects, lambda project: project.name)

    @cached_property
    def _by_unit(self) -> Mapping[tuple[int | None, str], Sequence[Project]]:
        return _group_by(self.projects, lambda project: project.unit)

    def find(self, names: ProjectNames, least_likeness: Decimal) -> Project | None:
        """The project that a form is about, even if its name or unit is written differently; None if not found.

        Args:
            names: what the form calls it.
            least_likeness: the least similarity of a name within the same unit, from 0 to 1.
        """
        listed = self._find_listed(names)
        if listed is not None:
            return listed
        same = self._by_name.get((names.year, normalise_key(names.name)), ())
        if normalise_key(names.name) == normalise_key(names.unit):  # the form is about a unit as a whole
            same = same or self._by_unit.get((names.year, normalise_key(names.unit)), ())
        if len(same) == 1:
            return same[0]
        return _find_similar(names.name, self._by_unit.get((names.year, normalise_key(names.unit)), ()), least_likeness)

    def match(
        self, names: ProjectNames, indicators: Sequence[str | None], seal: IssuedSeal | None, least_likeness: Decimal
    ) -> Project | None:
        """The project of a form, even if the roster was corrected after the form was issued; None if not found.

        Args:
            names: what the form calls it.
            indicators: the names of the form's indicators.
            seal: the form's seal; None if it has none.
            least_likeness: the least similarity of a name within the same unit, from 0 to 1.
        """
        project = self._find_listed(names) or self._issued_to(seal) or self.find(names, least_likeness)
        if project is None and seal is not None:  # an issued form is about some project of the roster
            project = self._of_other_year(names) or self._of_same_indicators(names, indicators)
        return project

    def is_sure(self, names: ProjectNames, seal: IssuedSeal | None) -> bool:
        """Whether the result of ``match`` rests on more than a similar name."""
        return seal is not None or self.is_named(names)

    def _issued_to(self, seal: IssuedSeal | None) -> Project | None:
        if seal is None:
            return None
        match = re.search(r" project=([0-9a-f]{12}) ", seal.text)
        return self._by_number.get((seal.issue, str(seal.number))) or self._by_digest.get(match[1] if match else "")

    @cached_property
    def _by_number(self) -> Mapping[tuple[str, str], Project]:
        return {(project.issue, project.number): project for project in self.projects if project.issue}

    @cached_property
    def _by_digest(self) -> Mapping[str, Project]:
        return {project_digest(project.key): project for project in reversed(self.projects)}

    def _of_other_year(self, names: ProjectNames) -> Project | None:
        """The only project with the code, or the name and unit, in any year: the year may have been corrected."""
        code, both = normalise_key(names.code), (normalise_key(names.name), normalise_key(names.unit))
        matches = [project for project in self.projects if code and normalise_key(project.code) == code]
        matches = matches or [
            project for project in self.projects if (normalise_key(project.name), normalise_key(project.unit)) == both
        ]
        return matches[0] if len(matches) == 1 else None

    def _of_same_indicators(self, names: ProjectNames, indicators: Sequence[str | None]) -> Project | None:
        """The only project of the same unit or department with most of the form's indicators."""
        own = {normalise_key(indicator) for indicator in indicators} - {""}
        matches = [
            project
            for project in self.projects
            if project.year == names.year
            and (
                normalise_key(project.unit) == normalise_key(names.unit)
                or normalise_key(project.department) == normalise_key(names.department) != ""
            )
            and len(own & {normalise_key(row.level3) for row in project.indicators})
            > _MATCHING_SHARE * max(len(own), len(project.indicators))
        ]
        return matches[0] if len(matches) == 1 else None

    def is_named(self, names: ProjectNames) -> bool:
        """Whether a project is listed under its code, or under its exact name and unit."""
        return self._find_listed(names) is not None

    def _find_listed(self, names: ProjectNames) -> Project | None:
        keys = (project_key(names.year, code, names.name, names.unit) for code in (names.code, ""))
        return next((self.by_key[key] for key in keys if key in self.by_key), None)


def _group_by(
    projects: Sequence[Project], text: Callable[[Project], str]
) -> Mapping[tuple[int | None, str], Sequence[Project]]:
    """Group the projects by year and normalised text."""
    groups: dict[tuple[int | None, str], list[Project]] = {}
    for project in projects:
        groups.setdefault((project.year, normalise_key(text(project))), []).append(project)
    return groups


def _find_similar(name: str | None, projects: Sequence[Project], least_likeness: Decimal) -> Project | None:
    from rapidfuzz import fuzz, process

    names = [normalise_key(project.name) for project in projects]
    best = process.extractOne(normalise_key(name), names, scorer=fuzz.ratio, score_cutoff=float(least_likeness * 100))
    return projects[best[2]] if best else None


def convert_amount(amount: Decimal, unit: str, wanted: str | None) -> Decimal:
    """Convert an amount of the roster to the form's money unit; unchanged if either unit is unknown."""
    if unit not in YUAN or wanted not in YUAN:
        return amount
    return divide(multiply(amount, YUAN[unit]), YUAN[wanted])
