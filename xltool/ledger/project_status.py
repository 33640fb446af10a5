"""Where each project stands: its rounds, what was mended between them, what is open and for how long."""

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
        submission: the one that counts in this round.
        copies: further ones of the same round, with other contents.
        counts: how many findings at each level count.
        explained: warnings that the unit explained.
        waived: findings that were waived.
        progress: errors and warnings against the round before.
    """

    submission: Submission
    copies: tuple[Submission, ...]
    counts: Mapping[str, int]
    explained: int
    waived: int
    progress: Progress


@dataclass(frozen=True)
class ProjectStatus:
    """A project and its rounds, the last one last.

    Attributes:
        opened: the day it was first returned and the unit has not mended it since; None when it is not open.
        days_open: days from then to acceptance, or to the day asked about; 0 when it was never returned.
    """

    project: ProjectIdentity
    rounds: tuple[ProjectRound, ...]
    opened: date | None
    days_open: int

    @property
    def current(self) -> ProjectRound:
        """The round that counts."""
        return self.rounds[-1]

    @property
    def status(self) -> str:
        """Its status: accepted, REVIEW or returned."""
        return self.current.submission.status

    @property
    def received(self) -> date:
        """The day on which the first of its submissions came in."""
        return min(one.received for turn in self.rounds for one in (turn.submission, *turn.copies))


def project_statuses(ledger: Ledger, as_of: date) -> list[ProjectStatus]:
    """Every project, in the order of year, department, unit and name.

    Args:
        ledger: the ledger.
        as_of: the day up to which open days count.
    """
    noted = ledger.findings()
    by_project: dict[int, list[Submission]] = {}
    for submission in ledger.submissions("project IS NOT NULL"):
        by_project.setdefault(submission.project or 0, []).append(submission)
    found = [_standing(known, by_project[known.id], noted, as_of) for known in ledger.projects()]
    return sorted(found, key=lambda one: _order(one.project))


def _order(known: ProjectIdentity) -> tuple[Any, ...]:
    return known.year or 0, known.department or "", known.unit or "", known.name or "", known.id


def _standing(
    known: ProjectIdentity, submissions: Sequence[Submission], noted: Mapping[int, Sequence[RecordedRun]], as_of: date
) -> ProjectStatus:
    rounds: dict[int, list[Submission]] = {}
    for one in submissions:
        rounds.setdefault(one.round, []).append(one)
    turns: list[ProjectRound] = []
    before: Sequence[Subject] = ()
    for number in sorted(rounds):
        *copies, current = sorted(rounds[number], key=lambda one: one.rank)
        own = noted.get(current.id, ())
        standing = [one for one in own if one.state != "waived"]
        # what a unit explained is settled, though it stands; what it need not mend does not count
        serious = [one for one in standing if one.level != "info"]
        subjects = [one.subject for one in serious if one.state == "open"]
        explained = {one.subject for one in serious} - set(subjects)
        states = Counter(one.state for one in own)
        counts = Counter(one.level for one in standing)
        since = progress(before, [*subjects, *explained]).without(explained)
        turns.append(ProjectRound(current, tuple(copies), counts, states["explained"], states["waived"], since))
        before = subjects
    opened, days = _open(turns, as_of)
    return ProjectStatus(known, tuple(turns), opened, days)


def _open(turns: Sequence[ProjectRound], as_of: date) -> tuple[date | None, int]:
    """Since when it has been open, and how many days it was open in all, every stretch counted."""
    since: date | None = None
    days = 0
    for turn in turns:
        submission = turn.submission
        if submission.status == RETURNED and since is None:
            since = submission.received
        elif submission.status in (ACCEPTED, REVIEW) and since is not None:
            days += (submission.received - since).days
            since = None
    if since is not None:
        days += max(0, (as_of - since).days)
    return since, days
