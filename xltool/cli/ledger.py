"""``xltool ledger``: where the rounds stand, by project, by roster, by submission."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xltool.cli import lines
from xltool.intake import files
from xltool.result.findings import REVIEW
from xltool.roster.columns import normalise_key
from xltool.services import ingest
from xltool.support.errors import WrongUse
from xltool.support.escaping import csv_text
from xltool.support.i18n import tr
from xltool.support.own_tables import REMINDERS

if TYPE_CHECKING:
    from xltool.ledger.coverage import Coverage
    from xltool.ledger.project_status import ProjectRound, ProjectStatus

_FILE = click.Path(path_type=Path)

_AS_OF = click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
    help=tr("未结天数算到哪一天，默认今天", "the day up to which open days count, today by default"),
)  # fmt: skip

_PROJECT_COLUMNS = {
    "year": ("年度", "year"), "name": ("项目名称", "project"), "unit": ("实施单位", "unit"),
    "status": ("状态", "status"), "round": ("轮次", "round"), "errors": ("错误", "errors"),
    "warnings": ("警告", "warnings"), "fixed": ("已更正", "fixed"), "open": ("仍有", "open"), "new": ("新出现", "new"),
    "waived": ("豁免", "waived"), "days_open": ("未结天数", "days open"),
}  # fmt: skip
_TURN_COLUMNS = {
    "round": ("轮次", "round"), "received": ("收到", "received"), "status": ("状态", "status"),
    "errors": ("错误", "errors"), "warnings": ("警告", "warnings"), "explained": ("已说明", "explained"),
    "waived": ("豁免", "waived"), "fixed": ("已更正", "fixed"), "open": ("仍有", "open"), "new": ("新出现", "new"),
    "file": ("文件", "file"),
}  # fmt: skip
_COVERAGE_COLUMNS = {
    "status": ("状态", "status"), "days": ("天数", "days"), "deadline": ("截止日期", "deadline"),
    "year": ("年度", "year"), "name": ("项目名称", "project"), "department": ("主管部门", "department"),
    "unit": ("实施单位", "unit"),
}  # fmt: skip


@click.group(
    help=tr("台账：各项目到哪一轮、更正了什么、还差谁。", "The ledger: rounds, what was mended, who is missing.")
)
def command() -> None:
    """Take a subcommand; each names the ledger's file first."""


def _ledger(subcommand: Any) -> Any:
    return click.argument("ledger_file", metavar="LEDGER", type=_FILE)(subcommand)


def _day(as_of: datetime | None) -> date:
    return as_of.date() if as_of else date.today()


@command.command(
    help=tr("每个项目一行：状态、轮次、更正了几处。", "One line a project: status, round, what was mended.")
)
@_ledger
@_AS_OF
@lines.output_option
def status(ledger_file: Path, as_of: datetime | None, target: Path | None) -> None:
    """Tell where every project stands."""
    found = _standings(ledger_file, _day(as_of))
    told = [_project_line(one) for one in found]
    lines.write_lines(told, target, _shows(_PROJECT_COLUMNS))
    counts = Counter(line["status"] for line in told)
    open_days = [line["days_open"] for line in told if line["opened"]]
    longest = max(open_days, default=0)
    click.echo(
        tr(
            f"{len(told)} 个项目：核对通过 {counts['accepted']}，待核对 {counts[REVIEW]}，退回 {counts['returned']}；"
            f"未结最长 {longest} 天",
            f"{len(told)} projects: {counts['accepted']} accepted, {counts[REVIEW]} to be reviewed, "
            f"{counts['returned']} returned; open {longest} days",
        ),
        err=True,
    )


@command.command(help=tr("一个项目的每一轮。PROJECT 是项目编码或名称。", "Every round of a project, by code or name."))
@_ledger
@click.argument("project")
@_AS_OF
@lines.output_option
def history(ledger_file: Path, project: str, as_of: datetime | None, target: Path | None) -> None:
    """Tell every round of one project, and what was mended in it."""
    found = _one(_standings(ledger_file, _day(as_of)), project)
    click.echo(_title(found), err=True)
    lines.write_lines([_turn_line(turn) for turn in found.rounds], target, _shows(_TURN_COLUMNS))


@command.command(
    help=tr(
        "对照名册或签发清单（manifest.jsonl）：谁没有交、逾期、迟交、退回未改，谁不在名册上。",
        "Against a roster or an issue's manifest: missing, overdue, late, returned, not listed.",
    )
)
@_ledger
@click.option("--roster", required=True, type=_FILE, help=tr("名册（.xlsx .csv .json .jsonl）", "the roster"))
@_AS_OF
@click.option("--reminders", type=_FILE, help=tr("催办清单（.csv 或 .xlsx）", "list of reminders (.csv or .xlsx)"))
@lines.output_option
def coverage(
    ledger_file: Path, roster: Path, as_of: datetime | None, reminders: Path | None, target: Path | None
) -> int:
    """Tell what is missing or cannot be read; exit code 1 when anything is."""
    from xltool.ledger.coverage import coverage_of as covered
    from xltool.ledger.project_status import project_statuses
    from xltool.ledger.received import match_received
    from xltool.ledger.store import Ledger
    from xltool.rules.code_findings import shared_rules

    for file in (reminders, target):
        files.refuse_overwriting(file, (ledger_file, roster))
    make = _reminders_maker(reminders) if reminders else None
    alike = shared_rules()["H03"].params["name_alike"]
    assert isinstance(alike, Decimal)
    day = _day(as_of)
    listed = ingest.read_roster_file(roster)
    with Ledger(ledger_file, create=False) as ledger:
        found = project_statuses(ledger, day)
        cover = covered(found, listed, alike, day, match_received(ledger, found, listed, alike))
    lines.write_lines(_coverage_lines(cover), target, _shows(_COVERAGE_COLUMNS))
    _tell_coverage(cover)
    if reminders and make:
        files.write_file(reminders, make(cover))
        click.echo(tr(f"已写入 {reminders}", f"wrote {reminders}"), err=True)
    return 1 if cover.missing or cover.numbers.unread else 0


def _coverage_lines(cover: Coverage) -> list[dict[str, Any]]:
    """What is not as it should be: the projects of the roster but those accepted in time, and those not on it."""
    told = [
        _coverage_line(one.state, one.days, one.project.deadline, one.received, one.project)
        for one in cover.every
        if one.state != "accepted"
    ]
    return told + [_coverage_line("unlisted", None, None, one.received, one.project) for one in cover.unlisted]


def _coverage_line(
    status: str, days: int | None, deadline: date | None, received: date | None, project: Any
) -> dict[str, Any]:
    dates = {"deadline": deadline, "received": received}
    shown = {key: day.isoformat() if day else None for key, day in dates.items()}
    return {"status": status, "days": days, **shown, **_names(project)}


def _tell_coverage(cover: Coverage) -> None:
    from xltool.report.text import escape_markup

    for name, own in sorted(cover.by_department.items()):
        chinese = f"{own.submitted}/{own.listed} 已交，{own.accepted} 核对通过，{own.late} 迟交，{own.overdue} 逾期未交"
        english = f"{own.submitted}/{own.listed}, {own.accepted} accepted, {own.late} late, {own.overdue} overdue"
        click.echo(escape_markup(f"{name}{tr('：', ': ')}{tr(chinese, english)}"), err=True)
    every = cover.numbers
    share, missing = Decimal(every.submitted * 100) / every.listed, len(cover.missing)
    unread = tr(f"交来的无法读取 {every.unread}，", f"{every.unread} unreadable, ") if every.unread else ""
    chinese = (
        f"名册 {every.listed} 个，已交 {every.submitted}（{share:.1f}%），核对通过 {every.accepted}，"
        f"迟交 {every.late}，{unread}未交 {missing}（逾期 {every.overdue}）；不在名册上的 {len(cover.unlisted)}"
    )
    english = (
        f"{every.submitted} of {every.listed} submitted ({share:.1f}%), {every.accepted} accepted, {every.late} late, "
        f"{unread}{missing} missing ({every.overdue} overdue), {len(cover.unlisted)} not listed"
    )
    click.echo(tr(chinese, english), err=True)


def _reminders_maker(file: Path) -> Callable[[Coverage], bytes]:
    """What makes the list of reminders in the format that a file's name asks for.

    Raises:
        WrongUse: another ending.
    """
    makers = {".csv": _reminders_csv, ".xlsx": _reminders_xlsx}
    if file.suffix.lower() not in makers:
        raise WrongUse(tr(f"--reminders {file}：应是 .csv 或 .xlsx", f"--reminders {file}: must be .csv or .xlsx"))
    return makers[file.suffix.lower()]


def _reminders_csv(cover: Coverage) -> bytes:
    from xltool.ledger.reminders import reminder_rows, reminders

    return csv_text([list(REMINDERS), *reminder_rows(reminders(cover))]).encode("utf-8")


def _reminders_xlsx(cover: Coverage) -> bytes:
    from xltool.ledger.reminders import reminder_rows, reminders
    from xltool.tables.listing import list_workbook

    return list_workbook("催办清单", list(REMINDERS), list(REMINDERS.values()), reminder_rows(reminders(cover)))


@command.command(
    help=tr("一个项目的两轮相比，默认最后两轮。", "Two rounds of a project compared, by default the last two.")
)
@_ledger
@click.argument("project")
@click.option("--rounds", nargs=2, type=int, metavar="A B", help=tr("比较哪两轮", "which rounds"))
@lines.output_option
def diff(ledger_file: Path, project: str, rounds: tuple[int, int] | None, target: Path | None) -> None:
    """Compare two rounds of one project, field by field."""
    from xltool.ledger.store import Ledger
    from xltool.report import tables
    from xltool.result.comparison import compare_records

    found = _one(_standings(ledger_file, date.today()), project)
    by_round = {turn.submission.round: turn.submission for turn in found.rounds}
    wanted = rounds or tuple(sorted(by_round)[-2:])
    if len(wanted) < 2 or any(one not in by_round for one in wanted):
        known = "、".join(map(str, sorted(by_round)))
        raise WrongUse(tr(f"{project} 有第 {known} 轮，凑不成两轮", f"{project} has rounds {known}"))
    with Ledger(ledger_file, create=False) as ledger:
        before, after = (ledger.result(by_round[one].id) for one in wanted)
    click.echo(_title(found), err=True)
    lines.write_lines(compare_records(before, after), target, tables.show_differences)


def _standings(ledger_file: Path, as_of: date) -> list[ProjectStatus]:
    from xltool.ledger.project_status import project_statuses
    from xltool.ledger.store import Ledger

    with Ledger(ledger_file, create=False) as ledger:
        return project_statuses(ledger, as_of)


def _shows(columns: Mapping[str, tuple[str, str]]) -> Any:
    from xltool.report import tables

    return lambda told, console: tables.show_table(told, columns, console)


def _one(found: Sequence[ProjectStatus], wish: str) -> ProjectStatus:
    """The project of that code or name; part of a name will do when only one has it.

    Raises:
        WrongUse: none, or several.
    """
    own = normalise_key(wish)
    exact = [one for one in found if own in (normalise_key(one.project.code), normalise_key(one.project.name))]
    for matching in (exact, [one for one in found if own in normalise_key(one.project.name)]):
        if len(matching) == 1:
            return matching[0]
        if matching:
            told = "；".join(_title(one) for one in matching[:5])
            raise WrongUse(tr(f"“{wish}”不止一个项目：{told}", f"'{wish}' is not one project: {told}"))
    raise WrongUse(tr(f"台账里没有项目“{wish}”", f"no project '{wish}' in the ledger"))


def _title(found: ProjectStatus) -> str:
    from xltool.report.text import escape_markup

    one = found.project
    return escape_markup(
        f"{one.year or '—'} {one.code or ''} {one.name or '—'}（{one.unit or '—'}）".replace("  ", " ")
    )


def _names(one: Any) -> dict[str, Any]:
    return {key: getattr(one, key) for key in ("year", "code", "name", "department", "unit")}


def _numbers(turn: ProjectRound) -> dict[str, Any]:
    return {
        "status": turn.submission.status,
        "round": turn.submission.round,
        "errors": turn.counts.get("error", 0),
        "warnings": turn.counts.get("warning", 0),
        "explained": turn.explained,
        "waived": turn.waived,
        "fixed": len(turn.progress.fixed),
        "open": len(turn.progress.open),
        "new": len(turn.progress.new),
    }


def _project_line(one: ProjectStatus) -> dict[str, Any]:
    submission = one.current.submission
    opened = one.opened.isoformat() if one.opened else None
    return {
        **_names(one.project),
        **_numbers(one.current),
        "opened": opened,
        "days_open": one.days_open,
        "received": submission.received.isoformat(),
        "file": submission.file,
        "sha256": submission.sha256,
    }


def _turn_line(turn: ProjectRound) -> dict[str, Any]:
    submission, copies, progress = turn.submission, [one.file for one in turn.copies], turn.progress
    return {
        "received": submission.received.isoformat(),
        **_numbers(turn),
        "subjects": {
            state: [one.name for one in found]
            for state, found in (("fixed", progress.fixed), ("open", progress.open), ("new", progress.new))
        },
        "file": submission.file,
        "copies": copies,
        "sha256": submission.sha256,
    }
