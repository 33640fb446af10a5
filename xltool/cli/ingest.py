"""``xltool ingest``: read completed workbooks, check them, report, send back, keep count."""

from __future__ import annotations

import os
from contextlib import nullcontext
from datetime import date, datetime
from pathlib import Path

import click

from xltool.cli import keys, messages, output
from xltool.cli.progress import progress_bar
from xltool.intake import files
from xltool.intake.sources import byproducts, find_sources, sources_named
from xltool.services import returns
from xltool.services.checked_forms import CheckedForms, IngestRequest
from xltool.services.ingest import ingest
from xltool.services.overview_files import report_file, summary_file
from xltool.support import i18n
from xltool.support.i18n import tr

_PATH = click.Path(path_type=Path)


@click.command(
    help=tr(
        "读取填好的工作簿并检查。PATH 可以是文件、文件夹、通配符或 .zip。",
        "Read and check completed workbooks. PATH is a file, folder, pattern or .zip.",
    )
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@click.option(
    "--jobs", type=click.IntRange(1, 256), help=tr("同时读取的进程数，默认为处理器的个数", "processes at a time")
)
@output.options
@click.option("--report", "page", type=_PATH, help=tr("网页报告，一个文件，离线可看（.html）", "report as one .html"))
@click.option(
    "--returns", "folder", type=_PATH,
    help=tr("退回的表写到这个文件夹：问题标在格子里，更正后可直接再交", "folder for marked-up forms to send back"),
)  # fmt: skip
@click.option("--summary", type=_PATH, help=tr("自评结果汇总表（.xlsx 或 .csv）", "summary table (.xlsx or .csv)"))
@click.option("--ledger", type=_PATH, help=tr("台账：记下每次提交，没有就新建（.sqlite）", "ledger, made if missing"))
@click.option("--roster", type=_PATH, help=tr("名册：应交的项目（.xlsx .csv .json .jsonl）", "the projects expected"))
@click.option(
    "--as-of", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
    help=tr("收表日期，默认今天", "day of receipt, today by default"),
)  # fmt: skip
@click.option(
    "--prefer", "preferred", multiple=True, metavar="FILE",
    help=tr("同一项目有几份时以这个文件为准，可写多次", "the file that counts for its project; may be repeated"),
)  # fmt: skip
@keys.option
@output.waivers_option
def command(  # noqa: PLR0913  # a command takes one argument for each of its options
    paths: tuple[str, ...],
    jobs: int | None,
    target: Path | None,
    fail_on: str,
    page: Path | None,
    folder: Path | None,
    summary: Path | None,
    ledger: Path | None,
    roster: Path | None,
    as_of: datetime | None,
    preferred: tuple[str, ...],
    key_file: Path | None,
    exceptions: Path | None,
) -> int:
    """Read and check every workbook found."""
    files.refuse_ending(page, "--report", ".html", ".htm")
    files.refuse_ending(summary, "--summary", ".xlsx", ".csv")
    named = [file for file in (roster, exceptions, key_file) if file]
    outputs = [file for file in (target, page, summary, ledger) if file and file != output.STDOUT]
    sources = find_sources(paths, named, outputs)
    for file in outputs:
        files.refuse_overwriting(file, [*(source.file for source in sources), *named])
    if folder is not None:
        returns.refuse_sources_inside(folder, sources)
    messages.report_broken_definitions()
    day = as_of.date() if as_of else date.today()
    waivers = output.read_waivers(exceptions, day)
    key = keys.read_key(key_file)
    ignored = byproducts(paths, sources)
    request = IngestRequest(
        sources=sources,
        as_of=day,
        jobs=jobs or os.cpu_count() or 1,
        debug=bool(click.get_current_context().find_root().params.get("debug")),
        key=key,
        waivers=waivers,
        preferred=sources_named(preferred, sources),
        roster=messages.read_roster_reporting_unused(roster) if roster else None,
        ledger_file=ledger,
    )
    track = progress_bar(tr("读取", "reading"))
    if not (page or folder or summary or ledger or roster):
        forms = CheckedForms(request, track)
        code = output.write_results(forms, target, fail_on)
        messages.report_left_out(forms.own_files, ignored)
        return code
    for_units = i18n.for_units if page or folder or summary or ledger else nullcontext
    with for_units():
        outcome = ingest(request, track)
    code = output.write_results(outcome.results, target, fail_on)
    messages.report_left_out(outcome.own_files, ignored)
    messages.report_findings(outcome.collection_findings)
    if any(finding.is_at_least(fail_on) for finding in outcome.collection_findings):
        code = 1
    if folder is not None:
        approved, track = returns.ApprovedContents(request.roster, key), progress_bar(tr("写退回的表", "writing"))
        with for_units():
            written = returns.write_returns(
                folder, sources, outcome.results, approved, request.jobs, request.debug, track
            )
        messages.report_returns(folder, written)
    if page is not None:
        output.write_overview(page, report_file(outcome.overview))
    if summary is not None:
        output.write_overview(summary, summary_file(outcome.overview, summary.suffix.lower()))
    return code
