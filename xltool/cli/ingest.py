"""``xltool ingest``: read completed workbooks, check them, report."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from xltool.cli import files, output
from xltool.speech import say


@click.command(
    help=say(
        "读取填好的工作簿并检查。PATH 可以是文件、文件夹、通配符或 .zip。",
        "Read and check completed workbooks. PATH is a file, folder, pattern or .zip.",
    )
)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@output.options
def command(paths: tuple[str, ...], target: Path | None, fail_on: str) -> int:
    """Read and check every workbook found."""
    found = files.sources(paths)
    files.refuse_overwriting(target, (source.file for source in found))
    debug = bool(click.get_current_context().find_root().params.get("debug"))
    return output.report(_results(found, debug), target, fail_on)


def _results(sources: list[files.Source], debug: bool) -> Iterator[dict[str, Any]]:
    from rich.console import Console
    from rich.progress import track

    from xltool.pipeline import result_of_unread, result_of_workbook

    console = Console(stderr=True)
    busy = say("读取", "reading")
    for source in track(sources, busy, console=console, transient=True, disable=not console.is_terminal):
        try:
            content = source.read()
        except files.CannotRead as error:
            yield result_of_unread(source.name, str(error))
            continue
        try:
            yield result_of_workbook(content, source.name)
        except Exception as error:  # our fault, yet the other forms of the batch must not suffer for it
            if debug:
                raise
            fault = say("程序内部错误", "internal error")
            yield result_of_unread(source.name, f"{fault} {type(error).__name__}", content)
