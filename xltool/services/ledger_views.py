"""Views of a ledger: the status of every project, the rounds of one, coverage of a roster, comparison of two rounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from xltool.ledger.coverage import UNREADABLE, Coverage, coverage_of
from xltool.ledger.project_status import ProjectRound, ProjectStatus, project_statuses
from xltool.ledger.received import match_received, name_likeness
from xltool.ledger.reminders import reminder_rows, reminders
from xltool.ledger.store import Ledger
from xltool.result.comparison import compare_records
from xltool.roster.columns import normalise_key
from xltool.roster.model import ProjectNames, Roster
from xltool.support.errors import WrongUse
from xltool.support.escaping import csv_text, escape_markup
from xltool.support.i18n import tr
from xltool.support.own_tables import REMINDERS

#: Of several projects of one name, so many are named.
_MOST_NAMED = 5


@dataclass(frozen=True)
class LedgerStatus:
    """The status of all projects: one line per project, their number by status, and the most days that one is open."""

    lines: Sequence[dict[str, Any]]
    counts: Counter[str]
    longest_open: int


def ledger_status(ledger_file: Path, as_of: date) -> LedgerStatus:
    """The status of every project.

    Raises:
        WrongUse: no ledger, or a damaged one.
    """
    lines = [_project_line(one) for one in _statuses(ledger_file, as_of)]
    longest = max((line["days_open"] for line in lines if line["opened"]), default=0)
    return LedgerStatus(lines, Counter(line["status"] for line in lines), longest)


@dataclass(frozen=True)
class ProjectHistory:
    """One project in a ledger: its title, and lines."""

    title: str
    lines: Sequence[dict[str, Any]]


def project_history(ledger_file: Path, project: str, as_of: date) -> ProjectHistory:
    """Every round of a project, named by its code or name.

    Raises:
        WrongUse: no ledger; no such project, or several.
    """
    status = _find(_statuses(ledger_file, as_of), project)
    return ProjectHistory(_title(status), [_round_line(project_round) for project_round in status.rounds])


def compare_rounds(ledger_file: Path, project: str, rounds: tuple[int, int] | None, as_of: date) -> ProjectHistory:
    """Two rounds of one project compared, field by field.

    Args:
        ledger_file: where the ledger is.
        project: its code or name.
        rounds: which; None for the last two.
        as_of: the day.

    Raises:
        WrongUse: no ledger; no such project, or several; no such rounds.
    """
    status = _find(_statuses(ledger_file, as_of), project)
    by_round = {project_round.submission.round: project_round.submission for project_round in status.rounds}
    wanted = rounds or tuple(sorted(by_round)[-2:])
    if len(wanted) < 2 or any(one not in by_round for one in wanted):
        known = "、".join(map(str, sorted(by_round)))
        raise WrongUse(tr(f"{project} 有第 {known} 轮，凑不成两轮", f"{project} has rounds {known}"))
    with Ledger(ledger_file, create=False) as ledger:
        before, after = (ledger.result(by_round[one].id) for one in wanted)
    return ProjectHistory(_title(status), compare_records(before, after))


def ledger_coverage(ledger_file: Path, roster: Roster, as_of: date) -> Coverage:
    """Which projects of a roster have been submitted.

    Raises:
        WrongUse: no ledger, or a damaged one.
    """
    alike = name_likeness()
    with Ledger(ledger_file, create=False) as ledger:
        found = project_statuses(ledger, as_of)
        return coverage_of(found, roster, alike, as_of, match_received(ledger, found, roster, alike))


def coverage_lines(coverage: Coverage) -> list[dict[str, Any]]:
    """What is not as it should be: the projects of the roster but those accepted in time, and those not on it.

    Unreadable files that no project owns come last, under the file's name.
    """
    lines = [
        _coverage_line(one.state, one.days_of_state, one.project.deadline, one.received, one.project)
        for one in coverage.projects
        if one.state != "accepted"
    ]
    lines += [_coverage_line("unlisted", None, None, one.received, one.project) for one in coverage.unlisted_projects]
    return lines + [
        _coverage_line(UNREADABLE, None, None, one.received, ProjectNames(None, None, one.own_name, None, None))
        for one in coverage.unmatched_files
    ]


def reminders_table(coverage: Coverage) -> bytes:
    """The list of reminders as CSV."""
    return csv_text([list(REMINDERS), *reminder_rows(reminders(coverage))]).encode("utf-8")


def reminders_workbook(coverage: Coverage) -> bytes:
    """The list of reminders as .xlsx."""
    from xltool.tables.listing import list_workbook

    return list_workbook("催办清单", list(REMINDERS), list(REMINDERS.values()), reminder_rows(reminders(coverage)))


# ── projects ────────────────────────────────────────────────────


def _statuses(ledger_file: Path, as_of: date) -> list[ProjectStatus]:
    with Ledger(ledger_file, create=False) as ledger:
        return project_statuses(ledger, as_of)


def _find(statuses: Sequence[ProjectStatus], wish: str) -> ProjectStatus:
    """The project of that code or name; part of a name will do when only one has it.

    Raises:
        WrongUse: none, or several.
    """
    own = normalise_key(wish)
    exact = [one for one in statuses if own in (normalise_key(one.project.code), normalise_key(one.project.name))]
    for matching in (exact, [one for one in statuses if own in normalise_key(one.project.name)]):
        if len(matching) == 1:
            return matching[0]
        if matching:
            titles = "；".join(_title(one) for one in matching[:_MOST_NAMED])
            raise WrongUse(tr(f"“{wish}”不止一个项目：{titles}", f"'{wish}' is not one project: {titles}"))
    raise WrongUse(tr(f"台账里没有项目“{wish}”", f"no project '{wish}' in the ledger"))


def _title(status: ProjectStatus) -> str:
    one = status.project
    title = f"{one.year or '—'} {one.code or ''} {one.name or '—'}（{one.unit or '—'}）"
    return escape_markup(title.replace("  ", " "))


# ── lines ───────────────────────────────────────────────────────


def _names(project: Any) -> dict[str, Any]:
    return {key: getattr(project, key) for key in ("year", "code", "name", "department", "unit")}


def _coverage_line(
    status: str, days: int | None, deadline: date | None, received: date | None, project: Any
) -> dict[str, Any]:
    dates = {"deadline": deadline, "received": received}
    texts = {key: day.isoformat() if day else None for key, day in dates.items()}
    return {"status": status, "days": days, **texts, **_names(project)}


def _numbers(project_round: ProjectRound) -> dict[str, Any]:
    return {
        "status": project_round.submission.status,
        "round": project_round.submission.round,
        "errors": project_round.counts.get("error", 0),
        "warnings": project_round.counts.get("warning", 0),
        "explained": project_round.explained,
        "waived": project_round.waived,
        "fixed": len(project_round.progress.fixed),
        "open": len(project_round.progress.open),
        "new": len(project_round.progress.new),
    }


def _project_line(status: ProjectStatus) -> dict[str, Any]:
    submission = status.current.submission
    return {
        **_names(status.project),
        **_numbers(status.current),
        "opened": status.opened.isoformat() if status.opened else None,
        "days_open": status.days_open,
        "received": submission.received.isoformat(),
        "file": submission.file,
        "sha256": submission.sha256,
    }


def _round_line(project_round: ProjectRound) -> dict[str, Any]:
    submission, copies, progress = (
        project_round.submission,
        [one.file for one in project_round.copies],
        project_round.progress,
    )
    return {
        "received": submission.received.isoformat(),
        **_numbers(project_round),
        "subjects": {
            state: [one.name for one in found]
            for state, found in (("fixed", progress.fixed), ("open", progress.open), ("new", progress.new))
        },
        "file": submission.file,
        "copies": copies,
        "sha256": submission.sha256,
    }
