"""``xltool ledger``: the state of the rounds, by project, by roster, by submission."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xltool.cli import lines, messages
from xltool.intake import files
from xltool.result.findings import REVIEW
from xltool.support.errors import WrongUse
from xltool.support.escaping import escape_markup
from xltool.support.i18n import tr

if TYPE_CHECKING:
    from xltool.ledger.coverage import Coverage

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
    """The group of subcommands; the first argument of each is the ledger's file."""


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
    """Show the status of every project."""
    from xltool.services.ledger_views import ledger_status

    statuses = ledger_status(ledger_file, _day(as_of))
    lines.write_lines(statuses.lines, target, _table_of(_PROJECT_COLUMNS))
    number, counts, longest = len(statuses.lines), statuses.counts, statuses.longest_open
    click.echo(
        tr(
            f"{number} 个项目：核对通过 {counts['accepted']}，待核对 {counts[REVIEW]}，退回 {counts['returned']}；"
            f"未结最长 {longest} 天",
            f"{number} projects: {counts['accepted']} accepted, {counts[REVIEW]} to be reviewed, "
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
    """Show every round of one project, and what was mended in it."""
    from xltool.services.ledger_views import project_history

    rounds = project_history(ledger_file, project, _day(as_of))
    click.echo(rounds.title, err=True)
    lines.write_lines(rounds.lines, target, _table_of(_TURN_COLUMNS))


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
    """Show what is missing or cannot be read; returns exit code 1 if anything is."""
    from xltool.services import ledger_views

    for file in (reminders, target):
        files.refuse_overwriting(file, (ledger_file, roster))
    make = _reminders_writer(reminders) if reminders else None
    cover = ledger_views.ledger_coverage(ledger_file, messages.read_roster_reporting_unused(roster), _day(as_of))
    lines.write_lines(ledger_views.coverage_lines(cover), target, _table_of(_COVERAGE_COLUMNS))
    _report_coverage(cover)
    if reminders and make:
        files.write_file(reminders, make(cover))
        click.echo(tr(f"已写入 {reminders}", f"wrote {reminders}"), err=True)
    return 1 if cover.missing_projects or cover.counts.unread else 0


def _report_coverage(cover: Coverage) -> None:
    from xltool.ledger.cross_form_checks import unmatched_findings

    for name, counts in sorted(cover.by_department.items()):
        chinese = (
            f"{counts.submitted}/{counts.listed} 已交，{counts.accepted} 核对通过，"
            f"{counts.late} 迟交，{counts.overdue} 逾期未交"
        ) + (f"，{counts.unread} 交来的不能用" if counts.unread else "")
        english = (
            f"{counts.submitted}/{counts.listed}, {counts.accepted} accepted, "
            f"{counts.late} late, {counts.overdue} overdue"
        ) + (f", {counts.unread} unusable" if counts.unread else "")
        click.echo(escape_markup(f"{name}{tr('：', ': ')}{tr(chinese, english)}"), err=True)
    total = cover.counts
    share, missing = Decimal(total.submitted * 100) / total.listed, len(cover.missing_projects)
    unread = tr(f"交来的不能用 {total.unread}，", f"{total.unread} unusable, ") if total.unread else ""
    unlisted = [status.project.name or "—" for status in cover.unlisted_projects]
    names = tr(f"：{'、'.join(unlisted)}", f": {', '.join(unlisted)}") if unlisted else ""
    chinese = (
        f"名册 {total.listed} 个，已交 {total.submitted}（{share:.1f}%），核对通过 {total.accepted}，"
        f"迟交 {total.late}，{unread}未交 {missing}（逾期 {total.overdue}）；"
        f"不在名册上的 {len(unlisted)}{names}"
    )
    english = (
        f"{total.submitted} of {total.listed} submitted ({share:.1f}%), {total.accepted} accepted, {total.late} late, "
        f"{unread}{missing} missing ({total.overdue} overdue), {len(unlisted)} not listed{names}"
    )
    click.echo(escape_markup(tr(chinese, english)), err=True)
    messages.report_findings(list(unmatched_findings(cover.unmatched_files)))


def _reminders_writer(file: Path) -> Callable[[Coverage], bytes]:
    """The function that writes the list of reminders in the format of the file's suffix.

    Raises:
        WrongUse: another suffix.
    """
    from xltool.services.ledger_views import reminders_table, reminders_workbook

    makers = {".csv": reminders_table, ".xlsx": reminders_workbook}
    if file.suffix.lower() not in makers:
        raise WrongUse(tr(f"--reminders {file}：应是 .csv 或 .xlsx", f"--reminders {file}: must be .csv or .xlsx"))
    return makers[file.suffix.lower()]


@command.command(
    help=tr("一个项目的两轮相比，默认最后两轮。", "Two rounds of a project compared, by default the last two.")
)
@_ledger
@click.argument("project")
@click.option("--rounds", nargs=2, type=int, metavar="A B", help=tr("比较哪两轮", "which rounds"))
@lines.output_option
def diff(ledger_file: Path, project: str, rounds: tuple[int, int] | None, target: Path | None) -> None:
    """Compare two rounds of one project, field by field."""
    from xltool.report import tables
    from xltool.services.ledger_views import compare_rounds

    differences = compare_rounds(ledger_file, project, rounds, date.today())
    click.echo(differences.title, err=True)
    lines.write_lines(differences.lines, target, tables.show_differences)


def _table_of(columns: Mapping[str, tuple[str, str]]) -> Any:
    from xltool.report import tables

    return lambda rows, console: tables.show_table(rows, columns, console)
