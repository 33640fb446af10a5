"""Results to where they were asked for: a table on a terminal, JSON Lines into a pipe or file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import click

from xltool import jsons
from xltool.cli import files
from xltool.findings import LEVELS
from xltool.report import text
from xltool.speech import say


def options(command: Callable[..., int]) -> Callable[..., int]:
    """The options of every command that gives results: where they go, and what makes it fail."""
    where = say("结果写到文件（JSON Lines）", "write the results to a file (JSON Lines)")
    when = say("有这一级或更重的问题时退出码为 1", "exit 1 when there is a finding at this level or worse")
    levels = click.Choice(LEVELS)
    command = click.option("--fail-on", type=levels, default="error", show_default=True, help=when)(command)
    return click.option("-o", "--output", "target", type=click.Path(path_type=Path), help=where)(command)


def report(results: Iterable[dict[str, Any]], target: Path | None, fail_on: str) -> int:
    """Put out results as they come; the exit code says whether any finding is at ``fail_on`` or worse."""
    failed = False
    kept = []
    on_terminal = sys.stdout.isatty()
    for result in results:
        worst = LEVELS.index(fail_on)
        failed |= any(LEVELS.index(finding["level"]) <= worst for finding in result["findings"])
        if not on_terminal:
            if target is None:
                files.put_data(jsons.lines([result]))
            if result["status"] != "accepted":
                click.echo(text.one_line(result), err=True)
        if on_terminal or target is not None:
            kept.append(result)
    if target is not None:
        files.write(target, jsons.lines(kept).encode("utf-8"))
        click.echo(say(f"已写入 {target}（{len(kept)} 份）", f"wrote {target} ({len(kept)})"), err=True)
    if on_terminal:
        from rich.console import Console

        text.show(kept, Console(highlight=False))
    return 1 if failed else 0
