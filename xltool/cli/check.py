"""``xltool check``: the same checks on records."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import click

from xltool.cli import messages, output
from xltool.intake import files
from xltool.intake.records import read_record, source_label
from xltool.result.result import Result
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr


@click.command(
    help=tr("检查 JSON 记录，规则与工作簿相同；- 为标准输入。", "Check records by the same rules; - is stdin.")
)
@click.argument("record_files", metavar="RECORD.json...", nargs=-1, required=True, type=click.Path(path_type=Path))
@output.options
@output.waivers_option
def command(record_files: tuple[Path, ...], target: Path | None, fail_on: str, exceptions: Path | None) -> int:
    """Check every record; a file that is not a record is reported, and the others are still checked."""
    from xltool.rules.waivers import apply_waivers
    from xltool.services.read_and_check import result_of_record

    files.refuse_overwriting(None if target == output.STDOUT else target, record_files)
    messages.report_broken_definitions()
    refused = []
    waivers = output.read_waivers(exceptions, date.today())

    def results() -> Iterator[Result]:
        for file in record_files:
            try:
                record, content = read_record(file)
                name = source_label(file)
            except WrongUse as error:
                refused.append(str(error))
                continue
            yield apply_waivers(result_of_record(record, content, name), waivers, date.today())

    code = output.write_results(results(), target, fail_on)
    for reason in refused:
        click.echo(f"xltool: {reason}", err=True)
    return 2 if refused else code
