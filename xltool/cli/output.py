"""Results to where they were asked for: a table on a terminal, JSON Lines into a pipe or file."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click

from xltool import jsons
from xltool.cli import files
from xltool.findings import LEVELS
from xltool.report import text
from xltool.speech import say


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
                files.put_data(jsons.dumps(result) + "\n")
            if result["status"] != "accepted":
                click.echo(text.one_line(result), err=True)
        if on_terminal or target is not None:
            kept.append(result)
    if target is not None:
        files.write(target, "".join(jsons.dumps(result) + "\n" for result in kept).encode("utf-8"))
        click.echo(say(f"已写入 {target}（{len(kept)} 份）", f"wrote {target} ({len(kept)})"), err=True)
    if on_terminal:
        from rich.console import Console

        text.show(kept, Console(highlight=False))
    return 1 if failed else 0
