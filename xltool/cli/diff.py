"""``xltool diff``: two submissions of one project, field by field."""

from __future__ import annotations

from pathlib import Path

import click

from xltool.cli import lines
from xltool.intake import files
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
    """Compare two submissions; findings are matched by their subject."""
    from xltool.report import tables
    from xltool.services.compare import compare_submissions

    files.refuse_overwriting(target, [before, after])
    comparison = compare_submissions(before, after)
    if not comparison.is_same_project:
        click.echo(tr("注意：项目名称和实施单位都不同，可能不是同一个项目", "note: not the same project?"), err=True)
    lines.write_lines(comparison.lines, target, tables.show_differences)
    return 0
