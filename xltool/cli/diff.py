"""``xltool diff``: two submissions of one project, field by field."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.cli import lines
from xltool.intake import files
from xltool.intake.records import read_record
from xltool.result.result import Result
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr

_FILE = click.Path(path_type=Path)


@click.command(
    help=tr(
        "比较同一项目的两份表（工作簿或 JSON 记录）：哪些栏目改了，哪些问题更正了、仍有、新出现。",
        "Compare two submissions of a project (workbooks or JSON records), field by field.",
    )
)
@click.argument("before", metavar="A", type=_FILE)
@click.argument("after", metavar="B", type=_FILE)
@lines.output_option
def command(before: Path, after: Path, target: Path | None) -> int:
    """Compare two submissions; findings are compared by what they are about."""
    from xltool.report import tables
    from xltool.result.comparison import compare_records
    from xltool.roster.columns import normalise_key

    files.refuse_overwriting(target, [before, after])
    old, new = _result(before), _result(after)
    names = [one.record["project"] for one in (old, new) if one.record]
    if normalise_key(names[0]["name"]) != normalise_key(names[1]["name"]) and normalise_key(
        names[0]["unit"]
    ) != normalise_key(names[1]["unit"]):
        click.echo(tr("注意：项目名称和实施单位都不同，可能不是同一个项目", "note: not the same project?"), err=True)
    lines.write_lines(compare_records(old, new), target, tables.show_differences)
    return 0


def _result(file: Path) -> Result:
    from xltool.services.read_and_check import result_of_record, result_of_workbook

    if file.suffix.lower() == ".json":
        record, content = read_record(file)
        return result_of_record(record, content, str(file))
    result = result_of_workbook(files.read_file(file), str(file))
    if result.record is None:
        finding = result.findings[0]
        raise WrongUse(f"{file}：{finding.rule} {finding.message}；{finding.fix}")
    return result
