"""What was received for the projects of a roster: forms under any name, and files that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from xltool.ledger.project_status import ProjectStatus
from xltool.ledger.store import Ledger
from xltool.result.result import Result
from xltool.result.roles import INDICATOR
from xltool.roster.matching import projects_named_in
from xltool.roster.model import Project, ProjectNames, Roster
from xltool.rules.code_findings import shared_rules
from xltool.support.escaping import own_name


@dataclass(frozen=True)
class UnreadableFile:
    """A received file that cannot be read, or whose form names no project of the roster.

    Attributes:
        file: its name.
        received: the day of receipt.
        why: the reason, from its finding.
        fix: what to do, from its finding.
        is_form: whether it can be read and is only the wrong form for its project.
    """

    file: str
    received: date
    why: str
    fix: str
    is_form: bool = False

    @property
    def own_name(self) -> str:
        """Its name without folders."""
        return own_name(self.file)


@dataclass(frozen=True)
class ReceivedSubmissions:
    """What was received.

    Attributes:
        projects: the roster's project of each project of the ledger, by its number there; None if it is not listed.
        for_bureau: the numbers of the projects whose errors only the bureau can mend.
        sealed: the numbers of the projects whose form was issued.
        unreadable_files: the unreadable files, by the key of the project that they were sent for.
        unmatched_files: the unreadable files of which nothing says for which project they were sent.
    """

    projects: Mapping[int, Project | None]
    for_bureau: frozenset[int] = frozenset()
    sealed: frozenset[int] = frozenset()
    unreadable_files: Mapping[str, Sequence[UnreadableFile]] = field(default_factory=dict)
    unmatched_files: Sequence[UnreadableFile] = ()

    @property
    def unlisted(self) -> frozenset[int]:
        """The numbers of the projects that are not on the roster."""
        return frozenset(number for number, project in self.projects.items() if project is None)


def match_received(
    ledger: Ledger, statuses: Iterable[ProjectStatus], roster: Roster, least_likeness: Decimal
) -> ReceivedSubmissions:
    """Match the submissions of a ledger with the projects of a roster.

    Args:
        ledger: the ledger.
        statuses: its projects.
        roster: the projects that have to be submitted.
        least_likeness: the similarity that names need, see ``Roster.find``.
    """
    projects: dict[int, Project | None] = {}
    bureau, sealed = set(), set()
    unread: dict[str, list[UnreadableFile]] = {}
    unmatched: dict[tuple[str, str], UnreadableFile] = {}
    for status in statuses:
        current = status.current.submission
        result = ledger.result(current.id)
        listed = projects[status.project.id] = _match(result, roster, least_likeness)
        if result.seal is not None:
            sealed.add(status.project.id)
        if result.is_left_to_bureau:
            bureau.add(status.project.id)
        if listed is None:
            why, fix = "表上的项目名称、实施单位对不上名册", "请核对项目名称、实施单位后重新报送"
            for project in projects_named_in(roster, current.file):
                unread.setdefault(project.key, []).append(UnreadableFile(current.file, current.received, why, fix))
    for submission in ledger.submissions("project IS NULL"):
        result = ledger.result(submission.id)
        first = result.findings[0]
        unreadable_file = UnreadableFile(
            submission.file, submission.received, first.message, first.fix, result.is_wrong_form
        )
        of_projects = projects_of(result, roster)
        for project in of_projects:
            unread.setdefault(project.key, []).append(unreadable_file)
        if not of_projects:
            unmatched.setdefault((submission.sha256, unreadable_file.own_name), unreadable_file)
    return ReceivedSubmissions(projects, frozenset(bureau), frozenset(sealed), unread, tuple(unmatched.values()))


def name_likeness() -> Decimal:
    """The similarity that a name needs to match one in the roster, from 0 to 1: a parameter of rule H03."""
    likeness = shared_rules()["H03"].params["name_alike"]
    assert isinstance(likeness, Decimal)
    return likeness


def project_of(result: Result, roster: Roster | None) -> Project | None:
    """The roster's project that a form is about; None if there is none."""
    if roster is None or result.record is None:
        return None
    return _match(result, roster, name_likeness())


def _match(result: Result, roster: Roster, least_likeness: Decimal) -> Project | None:
    """The roster's project that a form which could be read is about."""
    record, names = result.record, result.project
    assert record is not None and names is not None
    return roster.match(names, record.role_column(INDICATOR), result.seal, least_likeness)


def projects_of(result: Result, roster: Roster, by_unit: bool = True) -> Sequence[Project]:
    """The projects that an unreadable file was sent for, as recorded on receipt, or by its name.

    Args:
        result: that of the file.
        roster: the projects.
        by_unit: whether the name of a unit alone is enough.
    """
    if not result.sent_for:
        return projects_named_in(roster, result.file, by_unit=by_unit)
    projects = (roster.find(names, Decimal(1)) for names in result.sent_for)
    return [project for project in projects if project is not None]


def project_identities(projects: Iterable[Project]) -> tuple[ProjectNames, ...]:
    """Projects as named in a result."""
    return tuple(
        ProjectNames(project.year, project.code or None, project.name, project.department or None, project.unit)
        for project in projects
    )
