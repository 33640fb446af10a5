"""Compares a roster with the ledger: what is missing, overdue, late, returned, accepted, or not on the roster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from xltool.ledger.project_status import ACCEPTED, RETURNED, ProjectStatus
from xltool.ledger.received import ReceivedSubmissions, UnreadableFile
from xltool.result.findings import REVIEW
from xltool.roster.model import Project, ProjectNames, Roster

#: The states of a project of the roster besides RETURNED and ACCEPTED: not submitted, before or after the deadline;
#: submitted late but accepted. UNLISTED is submitted and not on the roster.
MISSING, OVERDUE, LATE, UNLISTED = "missing", "overdue", "late", "unlisted"

#: Received but unreadable, or naming no project of the roster; received with errors that only the bureau can mend.
UNREADABLE, FOR_BUREAU = "unreadable", "bureau"


@dataclass(frozen=True)
class CoveredProject:
    """A project of the roster and what was received for it.

    Attributes:
        project: the project.
        standing: its status; None if it was never submitted.
        received: the day of its first submission.
        as_of: the day of the query.
        unread: the unreadable files received for it.
        for_bureau: whether its form has errors that only the bureau can mend.
    """

    project: Project
    standing: ProjectStatus | None
    received: date | None
    as_of: date
    unread: Sequence[UnreadableFile] = ()
    for_bureau: bool = False

    @property
    def late(self) -> int:
        """Days from its deadline to its first submission; 0 if it was in time or not submitted."""
        return _days(self.project.deadline, self.received)

    @property
    def overdue(self) -> int:
        """Days since its deadline if nothing was received; 0 on the day itself."""
        return 0 if self.standing or self.unread else _days(self.project.deadline, self.as_of)

    @property
    def state(self) -> str:
        """One of the states above, or RETURNED, REVIEW (late or not, because somebody has to act), LATE or ACCEPTED."""
        if self.standing is None:
            return UNREADABLE if self.unread else OVERDUE if self.overdue else MISSING
        if self.for_bureau:
            return FOR_BUREAU
        if self.standing.status in (RETURNED, REVIEW):
            return self.standing.status
        return LATE if self.late else ACCEPTED

    @property
    def days(self) -> int | None:
        """The days that belong to its state: overdue, open since the first return, or late; None for other states."""
        opened = self.standing.days_open if self.standing else 0
        return {OVERDUE: self.overdue, RETURNED: opened, LATE: self.late}.get(self.state)


def _days(since: date | None, until: date | None) -> int:
    return max(0, (until - since).days) if since and until else 0


class Counts(NamedTuple):
    """Numbers of projects: listed, submitted, accepted, late (of the submitted), overdue, unreadable."""

    listed: int
    submitted: int
    accepted: int
    late: int
    overdue: int
    unread: int = 0


@dataclass(frozen=True)
class Coverage:
    """Which projects of a roster have been submitted.

    Attributes:
        every: the projects of the roster, in its order.
        unlisted: projects that were submitted and are not on the roster.
    """

    every: tuple[CoveredProject, ...]
    unlisted: tuple[ProjectStatus, ...]

    @property
    def missing(self) -> tuple[Project, ...]:
        """The projects of the roster for which nothing was received, due or not."""
        return tuple(covered.project for covered in self.every if covered.standing is None and not covered.unread)

    @property
    def numbers(self) -> Counts:
        """The counts of the whole roster."""
        return _numbers(self.every)

    @property
    def by_department(self) -> Mapping[str, Counts]:
        """The counts of each department, in the order of the roster."""
        groups: dict[str, list[CoveredProject]] = {}
        for covered in self.every:
            groups.setdefault(covered.project.department or "—", []).append(covered)
        return {name: _numbers(group) for name, group in groups.items()}


def _numbers(projects: Sequence[CoveredProject]) -> Counts:
    submitted = [covered for covered in projects if covered.standing]
    accepted = sum(covered.standing.status == ACCEPTED for covered in submitted if covered.standing)
    late, overdue = sum(covered.late > 0 for covered in submitted), sum(covered.overdue > 0 for covered in projects)
    unread = sum(covered.state == UNREADABLE for covered in projects)
    return Counts(len(projects), len(submitted), accepted, late, overdue, unread)


def coverage_of(
    found: Sequence[ProjectStatus], roster: Roster, alike: Decimal, as_of: date, came: ReceivedSubmissions | None = None
) -> Coverage:
    """Compute the coverage of a roster.

    Args:
        found: all projects of the ledger.
        roster: the projects that have to be submitted.
        alike: the similarity that names need, see ``Roster.find``.
        as_of: the day of the query.
        came: the matched submissions; without them projects are matched by name alone.
    """
    came = came or ReceivedSubmissions({})
    by_key: dict[str, list[ProjectStatus]] = {}
    unlisted = []
    years = {status.year for status in roster.projects}
    for project_status in found:
        known = project_status.project.id in came.projects
        listed = came.projects[project_status.project.id] if known else roster.find(_named(project_status), alike)
        if listed is not None:
            by_key.setdefault(listed.key, []).append(project_status)
        elif project_status.project.year in years:
            unlisted.append(project_status)
    every = []
    for project in roster.projects:
        statuses = by_key.get(project.key, [])
        exact = [status for status in statuses if roster.is_named(_named(status))]
        # a name that is only similar, where the exact name was received too, is another project or a duplicate:
        # report it, unless it was issued to this project before its name was corrected
        unlisted += [
            status for status in statuses if exact and status not in exact and status.project.id not in came.sealed
        ]
        received = min((status.received for status in statuses), default=None)
        counts = _counting(exact or statuses)
        for_bureau = counts is not None and counts.project.id in came.for_bureau
        every.append(CoveredProject(project, counts, received, as_of, came.unread.get(project.key, ()), for_bureau))
    order = {status.project.id: position for position, status in enumerate(found)}
    return Coverage(tuple(every), tuple(sorted(unlisted, key=lambda status: order[status.project.id])))


def _named(standing: ProjectStatus) -> ProjectNames:
    """What the ledger knows of a project."""
    known = standing.project
    return ProjectNames(known.year, known.code, known.name, None, known.unit)


def _counting(statuses: Sequence[ProjectStatus]) -> ProjectStatus | None:
    """The status that counts if a project was submitted under several names: an accepted one, else the first."""
    return next((status for status in statuses if status.status == ACCEPTED), statuses[0] if statuses else None)
