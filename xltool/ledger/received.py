"""What has come for the projects of a roster: forms under whatever name, and files that cannot be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from xltool.ledger.project_status import ProjectStatus
from xltool.ledger.store import Ledger
from xltool.result.result import ProjectNames, Result
from xltool.roster.matching import projects_named_in
from xltool.roster.model import Project, Roster
from xltool.rules.code_findings import shared_rules


@dataclass(frozen=True)
class UnreadableFile:
    """A file that came and cannot be read, or that says of no listed project that it is about it.

    Attributes:
        why, fix: of its finding; of a form that is about no listed project, that.
    """

    file: str
    received: date
    why: str
    fix: str


@dataclass(frozen=True)
class ReceivedSubmissions:
    """What has come.

    Attributes:
        projects: the roster's project of each project of the ledger, by its number there; None for one not listed.
        for_bureau: the projects of the ledger whose errors only the bureau can mend, by their numbers.
        sealed: those whose form was issued.
        unread: what cannot be read, by the key of the project that it was sent for.
    """

    projects: Mapping[int, Project | None]
    for_bureau: frozenset[int] = frozenset()
    sealed: frozenset[int] = frozenset()
    unread: Mapping[str, Sequence[UnreadableFile]] = field(default_factory=dict)


def match_received(
    ledger: Ledger, found: Iterable[ProjectStatus], roster: Roster, alike: Decimal
) -> ReceivedSubmissions:
    """What a ledger has for the projects of a roster.

    Args:
        ledger: with every submission.
        found: its projects.
        roster: the projects that have to be submitted.
        alike: how like a name must be, see ``Roster.find``.
    """
    projects: dict[int, Project | None] = {}
    bureau, sealed = set(), set()
    unread: dict[str, list[UnreadableFile]] = {}
    for standing in found:
        turn = standing.current.submission
        result = ledger.result(turn.id)
        assert result.record is not None  # it is of a project
        listed = projects[standing.project.id] = roster.match(result.record, result.seal, alike)
        if result.seal is not None:
            sealed.add(standing.project.id)
        if result.is_left_to_bureau:
            bureau.add(standing.project.id)
        if listed is None:
            why, fix = "表上的项目名称、实施单位对不上名册", "请核对项目名称、实施单位后重新报送"
            for project in projects_named_in(roster, turn.file):
                unread.setdefault(project.key, []).append(UnreadableFile(turn.file, turn.received, why, fix))
    for one in ledger.submissions("project IS NULL"):
        result = ledger.result(one.id)
        first = result.findings[0]
        for project in projects_of(result, roster):
            told = UnreadableFile(one.file, one.received, first.message, first.fix)
            unread.setdefault(project.key, []).append(told)
    return ReceivedSubmissions(projects, frozenset(bureau), frozenset(sealed), unread)


def name_likeness() -> Decimal:
    """How like a name must be to be taken for that of the roster, from 0 to 1: a parameter of rule H03."""
    alike = shared_rules()["H03"].params["name_alike"]
    assert isinstance(alike, Decimal)
    return alike


def project_of(result: Result, roster: Roster | None) -> Project | None:
    """The roster's project that a form is about."""
    if roster is None or result.record is None:
        return None
    return roster.match(result.record, result.seal, name_likeness())


def projects_of(result: Result, roster: Roster) -> Sequence[Project]:
    """The projects that a file which could not be read was sent for, as was found when it came, or by its name."""
    if not result.sent_for:
        return projects_named_in(roster, result.file)
    named = ({"year": one.year, "project": vars(one)} for one in result.sent_for)
    found = (roster.find(one, Decimal(1)) for one in named)
    return [one for one in found if one is not None]


def project_identities(projects: Iterable[Project]) -> tuple[ProjectNames, ...]:
    """Projects as a result names them."""
    return tuple(
        ProjectNames(one.year, one.code or None, one.name, one.department or None, one.unit) for one in projects
    )
