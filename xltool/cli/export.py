"""``xltool export``: results to the budget platform's tables, to CSV and to Parquet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xltool.intake import files, records
from xltool.report.text import escape_markup, one_line
from xltool.result.findings import LEVELS, REVIEW
from xltool.result.result import ACCEPTED, RETURNED, UNREADABLE, Result
from xltool.roster.model import project_key
from xltool.services import ingest
from xltool.support import json_codec
from xltool.support.i18n import tr

if TYPE_CHECKING:
    from xltool.export.rows import ExportFinding
    from xltool.roster.model import Roster

_PATH = click.Path(path_type=Path)

#: What is written: names of files with their contents.
Made = dict[str, bytes]


@click.command(
    help=tr(
        "把 ingest 的结果导出成预算平台的表、CSV 或 Parquet。RESULTS 是 results.jsonl，可以几个；- 为标准输入。",
        "Results of ingest to the budget platform's tables, CSV or Parquet. RESULTS: JSON Lines files, - for stdin.",
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
    """Write the tables into a folder, and say what is not in them and why."""
    results = [result for file in results_files for result in records.read_results(file)]
    chosen = [one for one in results if one.state == ACCEPTED] if accepted else results
    listed = ingest.read_roster_file(roster) if roster else None
    made, told, counts, handed_on = _MAKERS[kind](chosen, listed)
    inputs = [*(Path(one) for one in results_files if one != "-"), *([roster] if roster else [])]
    for name in made:
        files.refuse_overwriting(folder / name, inputs)
    files.make_folder(folder)
    for name, content in made.items():
        files.write_file(folder / name, content)
    _tell(results, handed_on, told, folder)
    if kind == "platform" and listed is None:
        chinese = "没有名册，财政区划、主管部门、单位的代码为空（--roster）"
        click.echo(tr(chinese, "without --roster the codes are blank"), err=True)
    where = tr(f"已写入 {folder}：", f"wrote {folder}: ")
    listing = tr("、", ", ").join(tr(f"{name} {count} 行", f"{name} {count}") for name, count in counts.items())
    click.echo(where + listing, err=True)
    levels = [one.finding.level for one in told] + ["error"] * any(one.status == UNREADABLE for one in results)
    return 1 if any(LEVELS.index(level) <= LEVELS.index(fail_on) for level in levels) else 0


#: Files with their contents, what was found, how many rows of each table, and the results that have rows.
Tables = tuple[Made, Sequence["ExportFinding"], dict[str, int], Sequence[Result]]


def _platform(results: Sequence[Result], roster: Roster | None) -> Tables:
    from xltool.export import writers
    from xltool.export.platform import load_platform
    from xltool.export.rows import export_rows

    platform = load_platform()
    export = export_rows(results, platform, roster)
    made = {f"{one.name}.csv": writers.platform_csv(one, export.rows[one.name]) for one in platform.tables}
    made["tables.sql"] = writers.platform_sql(platform)
    made["findings.jsonl"] = json_codec.dump_lines(one.as_json() for one in export.findings).encode("utf-8")
    counts = {name: len(rows) for name, rows in export.rows.items()}
    return made, export.findings, counts, [one.result for one in export.forms]


def _csv(results: Sequence[Result], _: Roster | None) -> Tables:
    from xltool.export import flat, writers

    tables = flat.flat_tables(results)
    made = {f"{one.name}.csv": writers.flat_csv(one) for one in tables}
    return made, [], {one.name: len(one.rows) for one in tables}, results


def _parquet(results: Sequence[Result], _: Roster | None) -> Tables:
    from xltool.export import flat, writers

    tables, told = flat.without_unfit(flat.flat_tables(results))
    made = {f"{one.name}.parquet": writers.parquet(one) for one in tables}
    return made, told, {one.name: len(one.rows) for one in tables}, results


_MAKERS = {"platform": _platform, "csv": _csv, "parquet": _parquet}


def _tell(results: Sequence[Result], handed_on: Sequence[Result], told: Sequence[ExportFinding], folder: Path) -> None:
    """What is not among the rows, each with its reason; warnings are counted, they stand in the folder."""
    for result in results:
        if result.status == UNREADABLE:
            click.echo(one_line(result), err=True)
    for one in told:
        if one.finding.level == "error":
            click.echo(_line(one), err=True)
    out = len({one.file for one in told if one.finding.level == "error"})
    if out:
        click.echo(tr(f"{out} 份表有错误，没有导出", f"{out} forms have errors and were not exported"), err=True)
    rest = Counter(one.finding.level for one in told if one.finding.level != "error")
    if rest:
        where = folder / "findings.jsonl"
        counts = tr(
            f"警告 {rest['warning']} 条、提示 {rest['info']} 条", f"{rest['warning']} warnings, {rest['info']} notes"
        )
        click.echo(tr(f"另有{counts}，见 {where}", f"{counts}, see {where}"), err=True)
    returned = sum(one.status == RETURNED for one in handed_on)
    kept = set(map(_project, handed_on))
    left = sum(one.status == RETURNED and _project(one) not in kept for one in results)
    if returned:
        chinese = f"注意：其中 {returned} 份应当退回更正，也导出了（只要通过的，用 --accepted）"
        click.echo(tr(chinese, f"note: {returned} of them should be returned (--accepted leaves them out)"), err=True)
    doubted = sum(one.state == REVIEW for one in handed_on)
    unsettled = sum(one.state == REVIEW and _project(one) not in kept for one in results)
    if doubted:
        chinese = f"注意：其中 {doubted} 份待核对（金额或身份有疑问），也导出了（只要核对通过的，用 --accepted）"
        click.echo(tr(chinese, f"note: {doubted} of them are to be reviewed (--accepted leaves them out)"), err=True)
    if unsettled:
        told_as = tr(f"{unsettled} 份待核对（金额或身份有疑问），没有导出", f"{unsettled} to be reviewed, not exported")
        click.echo(told_as, err=True)
    if left:
        click.echo(
            tr(f"{left} 份应当退回更正，没有导出", f"{left} that should be returned were not exported"), err=True
        )


def _project(result: Result) -> str:
    """Which project a result is about: of one that was mended and passed, the earlier rounds do not matter."""
    record = result.record
    own = record["project"] if record else {}
    return project_key(record["year"] if record else None, own.get("code"), own.get("name"), own.get("unit"))


def _line(told: ExportFinding) -> str:
    one = told.finding
    found = f"（{one.found}）" if one.found else ""
    rule = one.rule or tr("平台", "platform")
    return escape_markup(f"{told.file}: {rule} {one.label} {one.message}{found}{tr('；', '; ')}{one.fix}")
