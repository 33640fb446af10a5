"""Unreadable files that nobody has to send again: a readable form of their project has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xltool.ledger.project_status import ACCEPTED, ProjectStatus
from xltool.ledger.received import projects_of
from xltool.ledger.store import Ledger
from xltool.result.result import Result
from xltool.roster.model import Project, Roster


@dataclass(frozen=True)
class CountingForm:
    """The form that counts for a project.

    Attributes:
        file: the name of its file.
        is_accepted: whether it needs no correction.
        run: when it was received; a higher number is later.
    """

    file: str
    is_accepted: bool
    run: int


def readable_instead(projects: Sequence[Project], run: int, counting: Mapping[str, CountingForm]) -> str:
    """The file that counts instead of an unreadable one; "" if one of its projects still needs a readable form.

    Args:
        projects: those for which the file was sent.
        run: when it was received: what was sent after a form that has to be corrected may be the correction.
        counting: the form that counts for each project, by the project's key.
    """
    forms = [counting.get(project.key) for project in projects]
    if not forms or not all(form and (form.is_accepted or form.run >= run) for form in forms):
        return ""
    return "、".join(dict.fromkeys(form.file for form in forms if form))


def superseded_files(
    ledger: Ledger,
    statuses: Sequence[ProjectStatus],
    roster: Roster | None,
    listed: Mapping[int, Project | None],
    unreadable: Iterable[Result],
) -> Mapping[tuple[str, str], str]:
    """By the keys of unreadable results, the files that count instead.

    Args:
        ledger: the ledger.
        statuses: its projects.
        roster: None to take the projects of the ledger for it.
        listed: the roster's project of each project of the ledger, by its number.
        unreadable: results without a record.
    """
    projects = dict(listed)
    if roster is None:
        known = {status.project.id: project_of_form(ledger.result(status.current.submission.id)) for status in statuses}
        projects, roster = dict(known), Roster(tuple(project for project in known.values() if project))
        matches = {result.key: projects_of(result, roster, by_unit=False) for result in unreadable}
    else:
        matches = {result.key: projects_of(result, roster) for result in unreadable}
    counting: dict[str, CountingForm] = {}
    for status in statuses:
        project, current = projects.get(status.project.id), status.current.submission
        if project is not None:
            counting[project.key] = CountingForm(current.file, status.status == ACCEPTED, current.run)
    runs = {(item.sha256, item.sheet): item.run for item in ledger.submissions("project IS NULL")}
    files = {key: readable_instead(of, runs.get(key, 0), counting) for key, of in matches.items()}
    return {key: file for key, file in files.items() if file}


def project_of_form(result: Result) -> Project | None:
    """What a form says of its project, as a line of a roster; None if it does not say enough."""
    names, seal = result.project, result.seal
    if names is None or names.year is None or not names.name:
        return None
    issue, number = (seal.issue, str(seal.number)) if seal and seal.is_sound else ("", "")
    return Project(
        names.year, names.name, names.unit or "", names.code or "", names.department or "", issue=issue, number=number
    )
