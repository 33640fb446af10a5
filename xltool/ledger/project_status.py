"""The status of each project: its rounds, what was mended between them, what is open and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from xltool.ledger.store import Ledger, ProjectIdentity, RecordedRun, Submission
from xltool.result.comparison import Progress, Subject, progress
from xltool.result.findings import REVIEW

#: The statuses of a project; the third is REVIEW.
RETURNED, ACCEPTED = "returned", "accepted"


@dataclass(frozen=True)
class ProjectRound:
    """One round of a project.

    Attributes:
        submission: the submission that counts in this round.
        copies: other submissions of the same round, with other contents.
        counts: how many effective findings there are per level.
        explained: how many warnings the unit explained.
        waived: how many findings were waived.
        progress: errors and warnings compared with the previous round.
    """

    submission: Submission
    copies: tuple[Submission, ...]
    counts: Mapping[str, int]
    explained: int
    waived: int
    progress: Progress


@dataclass(frozen=True)
class ProjectStatus:
    """A project and its rounds in order.

    Attributes:
        project: the project.
        rounds: its rounds, the last one last.
        opened: the day of the first return that has not been mended since; None if it is not open.
        days_open: the days from a return to acceptance, or to the day of the query; 0 if it was never returned.
    """

    project: ProjectIdentity
    rounds: tuple[ProjectRound, ...]
    opened: date | None
    days_open: int

    @property
    def current(self) -> ProjectRound:
        """The last round, which counts."""
        return self.rounds[-1]

    @property
    def status(self) -> str:
        """Its status: accepted, REVIEW or returned."""
        return self.current.submission.status

    @property
    def received(self) -> date:
        """The day on which its first submission was received."""
        return min(submission.received for each in self.rounds for submission in (each.submission, *each.copies))


def project_statuses(ledger: Ledger, as_of: date) -> list[ProjectStatus]:
    """All projects, ordered by year, department, unit and name.

    Args:
        ledger: the ledger.
        as_of: the last day counted as open.
    """
    noted = ledger.findings()
    by_project: dict[int, list[Submission]] = {}
    for submission in ledger.submissions("project IS NOT NULL"):
        by_project.setdefault(submission.project or 0, []).append(submission)
    statuses = [_status_of(project, by_project[project.id], noted, as_of) for project in ledger.projects()]
    return sorted(statuses, key=lambda status: _order(status.project))


def _order(known: ProjectIdentity) -> tuple[Any, ...]:
    return known.year or 0, known.department or "", known.unit or "", known.name or "", known.id


def _status_of(
    known: ProjectIdentity, submissions: Sequence[Submission], noted: Mapping[int, Sequence[RecordedRun]], as_of: date
) -> ProjectStatus:
    """The status of one project."""
    rounds: dict[int, list[Submission]] = {}
    for item in submissions:
        rounds.setdefault(item.round, []).append(item)
    project_rounds: list[ProjectRound] = []
    before: Sequence[Subject] = ()
    for number in sorted(rounds):
        *copies, current = sorted(rounds[number], key=lambda item: item.rank)
        recorded = noted.get(current.id, ())
        effective = [item for item in recorded if item.state != "waived"]
        # an explained warning is settled but remains; information does not count
        serious = [item for item in effective if item.level != "info"]
        subjects = [item.subject for item in serious if item.state == "open"]
        explained = {item.subject for item in serious} - set(subjects)
        states = Counter(item.state for item in recorded)
        counts = Counter(item.level for item in effective)
        since = progress(before, [*subjects, *explained]).without(explained)
        project_rounds.append(
            ProjectRound(current, tuple(copies), counts, states["explained"], states["waived"], since)
        )
        before = subjects
    opened, days = _open(project_rounds, as_of)
    return ProjectStatus(known, tuple(project_rounds), opened, days)


def _open(rounds: Sequence[ProjectRound], as_of: date) -> tuple[date | None, int]:
    """The day since which a project is open, and the total number of days it was open."""
    since: date | None = None
    days = 0
    for project_round in rounds:
        submission = project_round.submission
        if submission.status == RETURNED and since is None:
            since = submission.received
        elif submission.status in (ACCEPTED, REVIEW) and since is not None:
            days += (submission.received - since).days
            since = None
    if since is not None:
        days += max(0, (as_of - since).days)
    return since, days
