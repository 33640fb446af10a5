"""``xltool export``: results to the budget platform's tables, to CSV and to Parquet."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xltool.cli import messages
from xltool.cli.messages import say
from xltool.intake import files, records
from xltool.report.text import one_line
from xltool.result.findings import LEVELS
from xltool.support.escaping import escape_markup
from xltool.support.i18n import tr

if TYPE_CHECKING:
    from xltool.export.rows import ExportFinding
    from xltool.result.result import Result
    from xltool.services.export import ExportedTables

_PATH = click.Path(path_type=Path)


@click.command(
    help=tr(
        "把收到的表导出成预算平台的表、CSV 或 Parquet，每个项目一份。RESULTS 是台账，或各轮的 results.jsonl，"
        "先收的写在前面；- 为标准输入。",
        "Forms to the budget platform's tables, CSV or Parquet, one for each project. RESULTS: a ledger, or results of "
        "ingest, those of the first round first; - for stdin.",
    )
)
@click.argument("results_files", metavar="RESULTS...", nargs=-1, required=True)
@click.option(
    "--to", "kind", type=click.Choice(["platform", "csv", "parquet"]), required=True,
    help=tr("platform 预算平台的表；csv、parquet 给分析的人用", "the platform's tables, or tables for analysts"),
)  # fmt: skip
@click.option("-o", "--output", "folder", type=_PATH, required=True, help=tr("写到哪个文件夹", "folder to write"))
@click.option(
    "--roster", type=_PATH,
    help=tr("名册：财政区划、主管部门、单位、项目的代码（只用于 platform）", "roster with the platform's codes"),
)  # fmt: skip
@click.option("--accepted", is_flag=True, help=tr("只导出通过的表", "export accepted forms alone"))
@click.option(
    "--fail-on", type=click.Choice(LEVELS), default="error", show_default=True,
    help=tr("有这一级或更重的问题时退出码为 1", "exit 1 when there is a finding at this level or worse"),
)  # fmt: skip
def command(
    results_files: tuple[str, ...], kind: str, folder: Path, roster: Path | None, accepted: bool, fail_on: str
) -> int:
    """Write the tables to a folder, and report what is not in them and why."""
    from xltool.services.export import export_batches

    batches = [_read(file) for file in results_files]
    listed = messages.read_roster_reporting_unused(roster) if roster else None
    tables = export_batches(batches, kind, listed, accepted)
    inputs = [*(Path(file_name) for file_name in results_files if file_name != "-"), *([roster] if roster else [])]
    for name in tables.files:
        files.refuse_overwriting(folder / name, inputs)
    files.make_folder(folder)
    for name, content in tables.files.items():
        files.write_file(folder / name, content)
    _report(tables, folder)
    if kind == "platform" and listed is None:
        chinese = "没有名册，财政区划、主管部门、单位的代码为空（--roster）"
        click.echo(tr(chinese, "without --roster the codes are blank"), err=True)
    where = tr(f"已写入 {folder}：", f"wrote {folder}: ")
    listing = tr("、", ", ").join(tr(f"{name} {count} 行", f"{name} {count}") for name, count in tables.counts.items())
    click.echo(where + listing, err=True)
    return 1 if tables.reaches(fail_on) else 0


def _read(file: str) -> list[Result]:
    """The results in a file, or those that count in a ledger."""
    from xltool.services.export import results_of_ledger

    if file != "-" and files.is_database(Path(file)):
        return results_of_ledger(Path(file), date.today())
    return list(records.read_results(file))


def _report(tables: ExportedTables, folder: Path) -> None:
    """Report what was not exported, each with its reason; warnings are only counted."""
    from xltool.services.export import FINDINGS

    for result in tables.unreadable:
        click.echo(one_line(result), err=True)
    for finding in tables.errors:
        click.echo(_line(finding), err=True)
    if number := len({finding.file for finding in tables.errors}):
        say(f"{number} 份表有错误，没有导出", f"{number} forms have errors and were not exported")
    if names := tables.superseded:
        listing = messages.some_names(names)
        say(
            f"{len(names)} 份不导出，同一项目另有作数的一份：{listing}",
            f"{len(names)} are not exported, others of their projects count: {listing}",
        )
    if names := tables.other_years:
        listing = messages.some_names(names)
        say(
            f"注意：其中 {len(names)} 份是别的年度的，也导出了：{listing}",
            f"note: {len(names)} are of another year and were exported: {listing}",
        )
    if notes := tables.notes:
        where, (warnings, infos) = folder / FINDINGS, (notes["warning"], notes["info"])
        chinese, english = f"警告 {warnings} 条、提示 {infos} 条", f"{warnings} warnings, {infos} notes"
        say(f"另有{chinese}，见 {where}", f"{english}, see {where}")
    if number := tables.returned:
        chinese = f"注意：其中 {number} 份应当退回更正，也导出了（只要通过的，用 --accepted）"
        say(chinese, f"note: {number} of them should be returned (--accepted leaves them out)")
    if number := tables.in_doubt:
        chinese = f"注意：其中 {number} 份待核对（金额或身份有疑问），也导出了（只要核对通过的，用 --accepted）"
        say(chinese, f"note: {number} of them are to be reviewed (--accepted leaves them out)")
    if number := tables.in_doubt_left_out:
        say(f"{number} 份待核对（金额或身份有疑问），没有导出", f"{number} to be reviewed, not exported")
    if number := tables.returned_left_out:
        say(f"{number} 份应当退回更正，没有导出", f"{number} that should be returned were not exported")


def _line(export_finding: ExportFinding) -> str:
    finding = export_finding.finding
    value = f"（{finding.found}）" if finding.found else ""
    rule = finding.rule or tr("平台", "platform")
    return escape_markup(
        f"{export_finding.file}: {rule} {finding.label} {finding.message}{value}{tr('；', '; ')}{finding.fix}"
    )
