"""Writes results: a table on a terminal, JSON Lines to a pipe or file."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path

import click

from xltool.intake import files
from xltool.report import text
from xltool.result.findings import LEVELS
from xltool.result.result import ACCEPTED, Result
from xltool.rules.waivers import Waiver, expired_waivers, parse_waivers
from xltool.support import json_codec
from xltool.support.i18n import tr


def options(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options of all commands that produce results: the output file and the level for exit code 1."""
    where = tr("结果写到文件（JSON Lines）", "write the results to a file (JSON Lines)")
    when = tr("有这一级或更重的问题时退出码为 1", "exit 1 when there is a finding at this level or worse")
    levels = click.Choice(LEVELS)
    command = click.option("--fail-on", type=levels, default="error", show_default=True, help=when)(command)
    return click.option("-o", "--output", "target", type=click.Path(path_type=Path), help=where)(command)


def waivers_option(command: Callable[..., int]) -> Callable[..., int]:
    """Add the option for a table of waivers."""
    what = tr("豁免表（.csv）：豁免的问题照样列出，但不退回", "waivers (.csv): listed all the same, not returned")
    return click.option("--waivers", "exceptions", type=click.Path(path_type=Path), help=what)(command)


def read_waivers(file: Path | None, day: date) -> tuple[Waiver, ...]:
    """Read a table of waivers, and report those that have expired.

    Raises:
        WrongUse: no such file, or a faulty table.
    """
    if file is None:
        return ()
    waivers = parse_waivers(files.read_file(file), str(file))
    for waiver in expired_waivers(waivers, day):
        chinese = f"{file} 第 {waiver.row} 行：{waiver.rule} 的豁免已于 {waiver.until} 到期"
        click.echo(tr(chinese, f"{file} row {waiver.row}: {waiver.rule} expired on {waiver.until}"), err=True)
    return waivers


#: The target of ``-o -``.
STDOUT = Path("-")


def write_results(results: Iterable[Result], target: Path | None, fail_on: str) -> int:
    """Write results as they arrive; returns exit code 1 if any finding is at ``fail_on`` or worse, else 0."""
    failed = False
    kept = []
    on_terminal = sys.stdout.isatty() and target != STDOUT
    for result in results:
        failed |= result.reaches(fail_on)
        if not on_terminal:
            if target in (None, STDOUT):
                files.write_data_file(json_codec.dump_lines([result.as_json()]))
            if result.status != ACCEPTED and not result.superseded_by:
                click.echo(text.one_line(result), err=True)
        if on_terminal or target not in (None, STDOUT):
            kept.append(result)
    if target is not None and target != STDOUT:
        files.write_file(target, json_codec.dump_lines(item.as_json() for item in kept).encode("utf-8"))
        click.echo(tr(f"已写入 {target}（{len(kept)} 份）", f"wrote {target} ({len(kept)})"), err=True)
    if on_terminal:
        from rich.console import Console

        text.show_results(kept, Console(highlight=False))
    return 1 if failed else 0


def write_overview(file: Path, content: bytes) -> None:
    """Write an overview of the round to a file."""
    files.write_file(file, content)
    click.echo(tr(f"已写入 {file}", f"wrote {file}"), err=True)
