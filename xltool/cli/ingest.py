"""``xltool ingest``: read completed workbooks, check them, report."""

from __future__ import annotations

import os
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
@click.option(
    "--jobs", type=click.IntRange(1, 256), help=say("同时读取的进程数，默认为处理器的个数", "processes at a time")
)
@output.options
def command(paths: tuple[str, ...], jobs: int | None, target: Path | None, fail_on: str) -> int:
    """Read and check every workbook found."""
    found = files.sources(paths)
    files.refuse_overwriting(target, (source.file for source in found))
    debug = bool(click.get_current_context().find_root().params.get("debug"))
    return output.report(_results(found, jobs or os.cpu_count() or 1, debug), target, fail_on)


def _results(sources: list[files.Source], jobs: int, debug: bool) -> Iterator[dict[str, Any]]:
    from rich.console import Console
    from rich.progress import track

    from xltool import batch

    # --debug shows where a fault of ours is, which only this process can.
    found = (one for source in sources for one in batch.results_of(source)) if debug else batch.results(sources, jobs)
    console = Console(stderr=True)
    busy = say("读取", "reading")
    yield from track(found, busy, len(sources), console=console, transient=True, disable=not console.is_terminal)
