"""Forms that are not those of the projects they were filled in for: another project's form, or one of another year."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from xltool.form.loading import load_form
from xltool.ledger.approved_budget import approved_total
from xltool.ledger.received import name_likeness, project_identities
from xltool.result.findings import Finding
from xltool.result.issued_identity import changed_names, issued_names
from xltool.result.reading_summary import SealSummary
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.result.roles import INDICATOR, INITIAL_BUDGET, SUBJECT, UNIT, YEAR, roles_of
from xltool.roster.columns import normalise_key
from xltool.roster.model import Project, ProjectNames, Roster, convert_amount
from xltool.rules.wrong_form import other_project_finding, other_unit_finding, other_year_finding

#: The first year of an issue, which its number begins with.
_YEAR_OF_ISSUE = re.compile(r"\d{4}(?=-)")


@dataclass(frozen=True)
class _WrongForm:
    """What is wrong with a form, and the projects of the roster that it was filled in for."""

    finding: Finding
    projects: Sequence[Project]


def without_wrong_form(result: Result, roster: Roster) -> Result:
    """A result as the roster shows it: a wrong form is not judged, and belongs to whom it was filled in for.

    A form that was issued to one project and filled in for another must not stand for the first one, and one of
    another year for none.
    """
    wrong = None
    if result.seal is not None and (result.record is not None or result.sent_for):
        wrong = _SealedForm(result, result.seal, roster).find()
    elif result.record is not None:
        wrong = _typed_for_other_year(result.record.project, roster)
    if wrong is None:
        return result
    # the contents alone may have shown it, and where
    cell = result.findings[0].cell if result.is_wrong_form else None
    return result.as_wrong_form(replace(wrong.finding, cell=cell), project_identities(wrong.projects))


class _SealedForm:
    """A form that was issued to a project: its owner."""

    def __init__(self, result: Result, seal: SealSummary, roster: Roster) -> None:
        assert result.form is not None  # a seal stands on a form
        self.roster, self.alike, roles = roster, name_likeness(), roles_of(result.form.text)
        self.record = result.record
        self.named = result.record.project if result.record else result.sent_for[0]
        issued: Mapping[str, Any] = seal.issued or {}
        indicators = result.record.role_column(INDICATOR) if result.record else []
        years = {project.year for project in roster.projects}
        year = _YEAR_OF_ISSUE.match(seal.issue)
        if not issued and year and int(year[0]) not in years:
            issued = roles.named({YEAR: int(year[0])})
        self.issued = issued_names(self.named, issued, roles)
        owner = roster.match(self.issued, indicators, seal, self.alike)
        self.owner = owner or _in_other_year(self.issued, roster, self.alike)
        if seal.issued is None and self.owner is not None:  # the seal does not say what was issued; the roster does
            issued = {**issued, **roles.named({UNIT: self.owner.unit, SUBJECT: self.owner.name})}
            self.issued = issued_names(self.named, issued, roles)
        self.changed = changed_names(self.named, issued, roles)
        # a year that was changed tells nothing about the project
        self.wanted = self.named if self.named.year in years else replace(self.named, year=self.issued.year)

    def find(self) -> _WrongForm | None:
        """What is wrong with it; None if it is its owner's, of the right year."""
        project = self._other_project()
        if project is not None and self._is_same_but_for_year(project):
            return self._of_other_year(project)
        if project is not None:
            names = project_identities([project])[0]
            return _WrongForm(other_project_finding("listed_project", self.issued, names, None), [project])
        if projects := self._other_units_projects():
            return _WrongForm(other_unit_finding(self.issued, self.named), projects)
        if self.owner is not None and self.issued.year not in (None, self.owner.year):
            return self._of_other_year(self.owner)
        return None

    def _other_project(self) -> Project | None:
        """The project that the changed names are those of; None where they are its owner's.

        A code alone may be a slip; together with another name, or the budget, it is none.
        """
        if "code" in self.changed:
            project = self.roster.find(replace(self.wanted, name=None, unit=None), Decimal(1))
            is_meant = self.changed & {"name", "unit"} or (
                project and self.record and _has_budget(self.record, project)
            )
            if project is not None and is_meant and project is not self.owner:
                return project
        if not self.changed & {"name", "unit", "year"}:
            return None
        project = self.roster.find(replace(self.wanted, code=None), self.alike)
        if project is None or project is self.owner:
            return None
        return project if "name" in self.changed or self._is_own_unit(project) else None

    def _other_units_projects(self) -> Sequence[Project]:
        """The projects of the unit that is named instead of its owner's; none if it is their department."""
        if "unit" not in self.changed or (
            self.owner and normalise_key(self.owner.department) == normalise_key(self.named.unit)
        ):
            return ()
        listed = [one for one in self.roster.projects if one.year == self.wanted.year and self._is_own_unit(one)]
        return () if self.owner in listed else listed

    def _is_own_unit(self, project: Project) -> bool:
        return normalise_key(self.named.unit) == normalise_key(project.unit)

    def _is_same_but_for_year(self, project: Project) -> bool:
        return self.issued.year not in (None, project.year) and not self.changed & {"name", "unit", "code"}

    def _of_other_year(self, project: Project) -> _WrongForm:
        """That it is of another year; without a manifest the roster itself may have been corrected."""
        assert self.issued.year is not None
        key = "other_year" if project.issue else "perhaps_other_year"
        return _WrongForm(other_year_finding(key, self.issued.year, project.year, project.name), [project])


def _has_budget(record: Record, project: Project) -> bool:
    """Whether a form has the approved budget of a project."""
    amount = record.role_value(INITIAL_BUDGET)
    approved = approved_total(project.funds, load_form(record.form.text))
    if amount is None or approved is None:
        return False
    return Decimal(str(amount)) == convert_amount(approved, project.money_unit, record.money_unit)


def _in_other_year(names: ProjectNames, roster: Roster, least_likeness: Decimal) -> Project | None:
    """The only project of these names in another year of the roster."""
    years = {project.year for project in roster.projects} - {names.year}
    found = [roster.find(replace(names, year=year), least_likeness) for year in sorted(years)]
    projects = [project for project in found if project is not None]
    return projects[0] if len(projects) == 1 else None


def _typed_for_other_year(names: ProjectNames, roster: Roster) -> _WrongForm | None:
    """That a form that was not issued is of another year."""
    if names.year is None or roster.find(names, name_likeness()) is not None:
        return None
    project = _in_other_year(names, roster, name_likeness())
    if project is None:
        return None
    return _WrongForm(other_year_finding("typed_year", names.year, project.year, project.name), [project])
