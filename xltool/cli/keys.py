"""Reads the bureau's key for seals from a file or the environment; a command line would be visible to others."""

from __future__ import annotations

import os
from pathlib import Path

import click

from xltool.intake import files
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr

#: The environment variables with the key, and with the path of its file.
KEY, KEY_FILE = "XLTOOL_KEY", "XLTOOL_KEY_FILE"

#: The least length in bytes; a shorter key could be guessed.
_SHORTEST = 16

option = click.option(
    "--key-file", type=click.Path(path_type=Path),
    help=tr(f"签发密钥的文件（或环境变量 {KEY}、{KEY_FILE}）", f"file with the key of seals (or {KEY}, {KEY_FILE})"),
)  # fmt: skip


def read_key(file: Path | None) -> bytes | None:
    """The key; None if there is none.

    Args:
        file: from the command line; it takes precedence over the environment.

    Raises:
        WrongUse: the file cannot be read, or the key is too short.
    """
    named = file or (Path(os.environ[KEY_FILE]) if os.environ.get(KEY_FILE) else None)
    if named is None and not os.environ.get(KEY):
        return None
    content = files.read_file(named, "密钥文件") if named is not None else os.environ[KEY].encode()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # as PowerShell redirects output
        content = content.decode("utf-16", "replace").encode()
    key = content.removeprefix(b"\xef\xbb\xbf").strip()  # without the line feed or byte order mark of an editor
    if len(key) < _SHORTEST:
        raise WrongUse(
            tr(f"签发密钥太短：至少 {_SHORTEST} 个字节", f"the key is too short: {_SHORTEST} bytes at least")
        )
    return key
