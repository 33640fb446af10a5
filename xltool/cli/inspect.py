"""``xltool inspect``: what the reader sees in one workbook."""

from __future__ import annotations

import click

from xltool.cli import messages
from xltool.intake import files
from xltool.intake.sources import find_sources
from xltool.result.result import UNREADABLE
from xltool.support import json_codec
from xltool.support.i18n import tr


@click.command(
    help=tr(
        "看清一份工作簿：哪个表样、怎样定位、哪个程序保存、改动了什么、规范化了什么、表外有什么。",
        "Show what the reader sees: which form, how it was anchored, who saved it, what was changed or left over.",
    )
)
@click.argument("file", metavar="FILE")
@click.option("--json", "as_json", is_flag=True, help=tr("输出 JSON，每张表一行", "JSON, a line for each form"))
def command(file: str, as_json: bool) -> int:
    """Show what the reader sees; returns exit code 1 if the workbook cannot be read."""
    from xltool.report import inspection
    from xltool.services import batch

    messages.report_broken_definitions()
    results = [result for source in find_sources((file,)) for result in batch.read_source(source)]
    if as_json:
        files.write_data_file(json_codec.dump_lines([inspection.inspection_json(result) for result in results]))
    else:
        from rich.console import Console

        for result in results:
            inspection.show_inspection(result, Console(highlight=False))
    return 1 if any(result.status == UNREADABLE for result in results) else 0
