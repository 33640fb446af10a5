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
        project_status: its status; None if it was never submitted.
        received: the day on which anything was first received for it, readable or not.
        as_of: the day of the query.
        unreadable_files: the unreadable files received for it.
        for_bureau: whether its form has errors that only the bureau can mend.
    """

    project: Project
    project_status: ProjectStatus | None
    received: date | None
    as_of: date
    unreadable_files: Sequence[UnreadableFile] = ()
    for_bureau: bool = False

    @property
    def days_late(self) -> int:
        """Days from its deadline to the first receipt; 0 if something came in time, or nothing at all."""
        return _days(self.project.deadline, self.received)

    @property
    def days_overdue(self) -> int:
        """Days since its deadline if nothing was received; 0 on the day itself."""
        return 0 if self.project_status or self.unreadable_files else _days(self.project.deadline, self.as_of)

    @property
    def state(self) -> str:
        """One of the states above, or RETURNED, REVIEW (late or not, because somebody has to act), LATE or ACCEPTED."""
        if self.project_status is None:
            return UNREADABLE if self.unreadable_files else OVERDUE if self.days_overdue else MISSING
        if self.for_bureau:
            return FOR_BUREAU
        if self.project_status.status in (RETURNED, REVIEW):
            return self.project_status.status
        return LATE if self.days_late else ACCEPTED

    @property
    def is_correction_unreadable(self) -> bool:
        """Whether what was sent after the form was returned cannot be read."""
        if self.state != RETURNED or self.project_status is None:
            return False
        returned = self.project_status.current.submission.received
        return any(file.received > returned for file in self.unreadable_files)

    @property
    def days_of_state(self) -> int | None:
        """The days that belong to its state: overdue, open since the first return, or late; None for other states."""
        opened = self.project_status.days_open if self.project_status else 0
        return {OVERDUE: self.days_overdue, RETURNED: opened, LATE: self.days_late}.get(self.state)


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
        projects: the projects of the roster, in its order.
        unlisted_projects: projects that were submitted and are not on the roster.
        unmatched_files: unreadable files of which nothing says for which project they were sent; none where a
            readable form of every project has come.
    """

    projects: tuple[CoveredProject, ...]
    unlisted_projects: tuple[ProjectStatus, ...]
    unmatched_files: tuple[UnreadableFile, ...] = ()

    @property
    def missing_projects(self) -> tuple[Project, ...]:
        """The projects of the roster for which nothing was received, due or not."""
        return tuple(
            covered.project
            for covered in self.projects
            if covered.project_status is None and not covered.unreadable_files
        )

    @property
    def counts(self) -> Counts:
        """The counts of the whole roster."""
        return _numbers(self.projects)

    @property
    def by_department(self) -> Mapping[str, Counts]:
        """The counts of each department, in the order of the roster."""
        groups: dict[str, list[CoveredProject]] = {}
        for covered in self.projects:
            groups.setdefault(covered.project.department or "—", []).append(covered)
        return {name: _numbers(group) for name, group in groups.items()}


def _numbers(projects: Sequence[CoveredProject]) -> Counts:
    submitted = [covered for covered in projects if covered.project_status]
    accepted = sum(covered.project_status.status == ACCEPTED for covered in submitted if covered.project_status)
    late, overdue = (
        sum(covered.days_late > 0 for covered in submitted),
        sum(covered.days_overdue > 0 for covered in projects),
    )
    unread = sum(covered.state == UNREADABLE for covered in projects)
    return Counts(len(projects), len(submitted), accepted, late, overdue, unread)


def coverage_of(
    statuses: Sequence[ProjectStatus],
    roster: Roster,
    least_likeness: Decimal,
    as_of: date,
    received: ReceivedSubmissions | None = None,
) -> Coverage:
    """Compute the coverage of a roster.

    Args:
        statuses: all projects of the ledger.
        roster: the projects that have to be submitted.
        least_likeness: the similarity that names need, see ``Roster.find``.
        as_of: the day of the query.
        received: the matched submissions; without them projects are matched by name alone.
    """
    received = received or ReceivedSubmissions({})
    by_key: dict[str, list[ProjectStatus]] = {}
    unlisted = []
    years = {project.year for project in roster.projects}
    for status in statuses:
        project_id = status.project.id
        is_matched = project_id in received.projects
        listed = received.projects[project_id] if is_matched else roster.find(_named(status), least_likeness)
        if listed is not None:
            by_key.setdefault(listed.key, []).append(status)
        elif status.project.year in years:
            unlisted.append(status)
    projects = []
    for project in roster.projects:
        alike = by_key.get(project.key, [])
        exact = [status for status in alike if roster.is_named(_named(status))]
        # a name that is only similar, where the exact name was received too, is another project or a duplicate:
        # report it, unless it was issued to this project before its name was corrected
        unlisted += [
            status for status in alike if exact and status not in exact and status.project.id not in received.sealed
        ]
        unreadable = received.unreadable_files.get(project.key, ())
        days = [*(status.received for status in alike), *(file.received for file in unreadable)]
        first_day = min(days, default=None)
        counting = _counting(exact or alike)
        for_bureau = counting is not None and counting.project.id in received.for_bureau
        projects.append(CoveredProject(project, counting, first_day, as_of, unreadable, for_bureau))
    order = {status.project.id: position for position, status in enumerate(statuses)}
    unlisted.sort(key=lambda status: order[status.project.id])
    since = min((covered.received for covered in projects if covered.received), default=None)
    is_awaited = any(covered.project_status is None for covered in projects)
    unmatched = (file for file in received.unmatched_files if is_awaited and (since is None or file.received >= since))
    return Coverage(tuple(projects), tuple(unlisted), tuple(unmatched))


def _named(status: ProjectStatus) -> ProjectNames:
    """What the ledger knows of a project."""
    known = status.project
    return ProjectNames(known.year, known.code, known.name, None, known.unit)


def _counting(statuses: Sequence[ProjectStatus]) -> ProjectStatus | None:
    """The status that counts if a project was submitted under several names: an accepted one, else the first."""
    return next((status for status in statuses if status.status == ACCEPTED), statuses[0] if statuses else None)
