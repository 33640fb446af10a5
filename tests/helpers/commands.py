"""A command as people run it: in this process, which saves the start, or in one of its own where that matters."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

from click.testing import CliRunner

from xltool.cli import main

#: Options with which ``ingest`` writes all that it can write about submissions, for the roster ``名册.csv``.
ALL_OUTPUTS = ("--report", "r.html", "--summary", "s.xlsx", "--ledger", "l.sqlite", "--roster", "名册.csv")


class Done(subprocess.CompletedProcess[bytes]):
    """How a command ended, and what it said."""

    @property
    def output(self) -> str:
        """What it said as text, on stdout and then on stderr."""
        return (self.stdout + self.stderr).decode("utf-8")


def run(*arguments: object, given: bytes = b"", folder: Path | None = None) -> Done:
    """A command in this process, with what it says to whom, and how it ends."""
    words, code = [str(one) for one in arguments], 0
    moved = contextlib.chdir(folder) if folder else contextlib.nullcontext()
    with moved, CliRunner().isolation(input=given) as (out, err, _):
        try:
            main(words)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        sys.stdout.flush()
        sys.stderr.flush()
    return Done(words, code, out.getvalue(), err.getvalue())


def run_process(*arguments: object, given: bytes = b"", folder: Path | None = None, **environment: str) -> Done:
    """A command in a process of its own, whose environment says nothing of language and encoding but what is given."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("XLTOOL", "PYTHONIO", "PYTHONUTF8"))}
    command = [sys.executable, "-m", "xltool", *map(str, arguments)]
    done = subprocess.run(command, cwd=folder, env={**kept, **environment}, input=given, capture_output=True)
    return Done(command, done.returncode, done.stdout, done.stderr)
