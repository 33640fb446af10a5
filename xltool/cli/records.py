"""Records from files, for the commands that take them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from xltool import jsons
from xltool.errors import WrongUse
from xltool.pipeline import why_not_valid
from xltool.speech import say


def read_record(file: Path) -> tuple[dict[str, Any], bytes]:
    """A record and the bytes it came from.

    Raises:
        WrongUse: no such file, no JSON, or no record; says where and why.
    """
    try:
        content = file.read_bytes()
    except OSError as error:
        raise WrongUse(say(f"读不了 {file}（{error.strerror}）", f"cannot read {file} ({error.strerror})")) from None
    try:
        record = jsons.loads(content)
    except ValueError as error:
        raise WrongUse(say(f"{file} 不是合法的 JSON：{error}", f"{file} is not JSON: {error}")) from None
    if (reason := why_not_valid(record)) is not None:
        raise WrongUse(say(f"{file} 不符合记录格式：{reason}", f"{file} is not a valid record: {reason}"))
    return record, content
