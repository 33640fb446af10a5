"""Writes lines of data: JSON Lines to a pipe or a file, a table on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xltool.intake import files
from xltool.support import json_codec
from xltool.support.i18n import tr

if TYPE_CHECKING:
    from rich.console import Console

Lines = Sequence[dict[str, Any]]


def output_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option for the output file."""
    where = tr("写到文件（JSON Lines）", "write to a file (JSON Lines)")
    return click.option("-o", "--output", "target", type=click.Path(path_type=Path), help=where)(command)


def write_lines(lines: Lines, target: Path | None, show: Callable[[Lines, Console], None]) -> None:
    """Write lines to ``target``, or to stdout; as a table if that is a terminal."""
    if target is not None:
        files.write_file(target, json_codec.dump_lines(lines).encode("utf-8"))
    elif sys.stdout.isatty():
        from rich.console import Console

        show(lines, Console(highlight=False))
    else:
        files.write_data_file(json_codec.dump_lines(lines))
