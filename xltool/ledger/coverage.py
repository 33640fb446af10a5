"""A roster against the ledger: what is missing, overdue, late, sent back or accepted, and what nobody asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from xltool.ledger.project_status import ACCEPTED, RETURNED, ProjectStatus
from xltool.ledger.received import ReceivedSubmissions, UnreadableFile
from xltool.result.findings import REVIEW
from xltool.roster.model import Project, Roster

#: The states of a project of the roster, but for RETURNED and ACCEPTED: never submitted, and not due yet or due;
#: submitted after its deadline, and in order. UNLISTED is submitted and not on the roster.
MISSING, OVERDUE, LATE, UNLISTED = "missing", "overdue", "late", "unlisted"

#: Something came that cannot be read, or names no project of the list; all errors of what came are the bureau's.
UNREADABLE, FOR_BUREAU = "unreadable", "bureau"


@dataclass(frozen=True)
class CoveredProject:
    """A project of the roster and what came of it.

    Attributes:
        standing: its rounds; None when it was never submitted.
        received: the day it first came in.
        as_of: the day asked about.
        unread: what came for it and cannot be read.
        for_bureau: whether its form has errors, none of which its unit can mend.
    """

    project: Project
    standing: ProjectStatus | None
    received: date | None
    as_of: date
    unread: Sequence[UnreadableFile] = ()
    for_bureau: bool = False

    @property
    def late(self) -> int:
        """Days from its deadline to its first submission; 0 when it came in time, or not at all."""
        return _days(self.project.deadline, self.received)

    @property
    def overdue(self) -> int:
        """Days since its deadline while nothing has come; 0 on the day itself."""
        return 0 if self.standing or self.unread else _days(self.project.deadline, self.as_of)

    @property
    def state(self) -> str:
        """One of the words above, or RETURNED, REVIEW (late or not: somebody has to act), LATE or ACCEPTED."""
        if self.standing is None:
            return UNREADABLE if self.unread else OVERDUE if self.overdue else MISSING
        if self.for_bureau:
            return FOR_BUREAU
        if self.standing.status in (RETURNED, REVIEW):
            return self.standing.status
        return LATE if self.late else ACCEPTED

    @property
    def days(self) -> int | None:
        """The days of its state: overdue, open since it was first returned, or late; None where there are none."""
        opened = self.standing.days_open if self.standing else 0
        return {OVERDUE: self.overdue, RETURNED: opened, LATE: self.late}.get(self.state)


def _days(since: date | None, until: date | None) -> int:
    return max(0, (until - since).days) if since and until else 0


class Counts(NamedTuple):
    """How many projects are listed, submitted, accepted, late (of the submitted), overdue; unread: came unreadable."""

    listed: int
    submitted: int
    accepted: int
    late: int
    overdue: int
    unread: int = 0


@dataclass(frozen=True)
class Coverage:
    """Who has submitted, of those who have to.

    Attributes:
        every: the projects of the roster, in its order.
        unlisted: submitted, not on the roster.
    """

    every: tuple[CoveredProject, ...]
    unlisted: tuple[ProjectStatus, ...]

    @property
    def missing(self) -> tuple[Project, ...]:
        """On the roster, and nothing has come, due or not."""
        return tuple(one.project for one in self.every if one.standing is None and not one.unread)

    @property
    def numbers(self) -> Counts:
        """The numbers of the whole roster."""
        return _numbers(self.every)

    @property
    def by_department(self) -> Mapping[str, Counts]:
        """The numbers of each department, in the order of the roster."""
        found: dict[str, list[CoveredProject]] = {}
        for one in self.every:
            found.setdefault(one.project.department or "—", []).append(one)
        return {name: _numbers(own) for name, own in found.items()}


def _numbers(every: Sequence[CoveredProject]) -> Counts:
    submitted = [one for one in every if one.standing]
    accepted = sum(one.standing.status == ACCEPTED for one in submitted if one.standing)
    late, overdue = sum(one.late > 0 for one in submitted), sum(one.overdue > 0 for one in every)
    unread = sum(one.state == UNREADABLE for one in every)
    return Counts(len(every), len(submitted), accepted, late, overdue, unread)


def coverage_of(
    found: Sequence[ProjectStatus], roster: Roster, alike: Decimal, as_of: date, came: ReceivedSubmissions | None = None
) -> Coverage:
    """The coverage of a roster.

    Args:
        found: every project of the ledger.
        roster: the projects that have to be submitted.
        alike: how like a name must be, see ``Roster.find``.
        as_of: the day asked about.
        came: what else is known of what has come; without it names alone tell.
    """
    came = came or ReceivedSubmissions({})
    by_key: dict[str, list[ProjectStatus]] = {}
    unlisted = []
    years = {one.year for one in roster.projects}
    for standing in found:
        known = standing.project.id in came.projects
        listed = came.projects[standing.project.id] if known else roster.find(_named(standing), alike)
        if listed is not None:
            by_key.setdefault(listed.key, []).append(standing)
        elif standing.project.year in years:
            unlisted.append(standing)
    every = []
    for project in roster.projects:
        own = by_key.get(project.key, [])
        sure = [one for one in own if roster.is_named(_named(one))]
        # a name that is only like one that has come itself is another project, or the same once more: to be looked at
        # but for one that was issued to this project, before its name was corrected
        unlisted += [one for one in own if sure and one not in sure and one.project.id not in came.sealed]
        received = min((one.received for one in own), default=None)
        counts = _counting(sure or own)
        for_bureau = counts is not None and counts.project.id in came.for_bureau
        every.append(CoveredProject(project, counts, received, as_of, came.unread.get(project.key, ()), for_bureau))
    order = {one.project.id: place for place, one in enumerate(found)}
    return Coverage(tuple(every), tuple(sorted(unlisted, key=lambda one: order[one.project.id])))


def _named(standing: ProjectStatus) -> dict[str, Any]:
    """What ``Roster.find`` asks of a record."""
    known = standing.project
    return {"year": known.year, "project": {"code": known.code, "name": known.name, "unit": known.unit}}


def _counting(own: Sequence[ProjectStatus]) -> ProjectStatus | None:
    """Of the standings of one project under several names: one that is accepted, else the first."""
    return next((one for one in own if one.status == ACCEPTED), own[0] if own else None)
