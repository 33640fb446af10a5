"""Reads records and results from files, for the commands that take them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from xltool.form.references import all_references
from xltool.form.roster import columns_of_roster
from xltool.intake import files
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.roster.model import Roster
from xltool.rules.validation import schema_fault
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr

#: The path that means standard input.
STDIN = Path("-")


def read_record(file: Path) -> tuple[Record, bytes]:
    """A record and the bytes it was read from; ``-`` is stdin.

    Raises:
        WrongUse: no such file, not JSON, or not a record; says where and why.
    """
    content = sys.stdin.buffer.read() if file == STDIN else files.read_file(file)
    return valid_record(content, source_label(file)), content


def source_label(file: Path) -> str:
    """The name of a file in messages."""
    return tr("标准输入", "stdin") if file == STDIN else str(file)


def valid_record(content: bytes, name: str) -> Record:
    """Parse and validate a record.

    Args:
        content: the JSON.
        name: the name of the file in messages.

    Raises:
        WrongUse: not JSON, or not a record; says where and why.
    """
    try:
        record = json_codec.loads(content)
    except ValueError as error:
        raise WrongUse(tr(f"{name} 不是合法的 JSON：{error}", f"{name} is not JSON: {error}")) from None
    if (reason := schema_fault(record)) is not None:
        raise WrongUse(tr(f"{name} 不符合记录格式：{reason}", f"{name} is not a valid record: {reason}"))
    return Record.from_json(record)


def read_roster_file(file: Path, form: str = "") -> Roster:
    """Read a roster.

    Args:
        file: the roster.
        form: the form that it is used for, such as ``mof-2020/1``; "" for any.

    Raises:
        WrongUse: the file is missing or faulty.
    """
    return parse_roster(files.read_file(file, "名册"), str(file), form)


def parse_roster(content: bytes, name: str, form: str = "") -> Roster:
    """Parse a roster, with the columns of a form or, if none is named, of all forms.

    Args:
        content: the bytes of the file.
        name: the name of the file; the suffix determines the format.
        form: the form that it is used for, such as ``mof-2020/1``; "" for any.

    Raises:
        WrongUse: it is faulty; lists every fault with row and column.
    """
    from xltool.roster.reading import read_roster

    return read_roster(content, name, columns_of_roster, form)


def read_results(file: str) -> Iterator[Result]:
    """Yield the results in a JSON Lines file, as written by ingest and check; ``-`` is stdin.

    Raises:
        WrongUse: no such file, an empty file, or a line that is not a result; says which and why.
    """
    name = tr("标准输入", "stdin") if file == "-" else file
    content = sys.stdin.buffer.read() if file == "-" else files.read_file(Path(file))
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        chinese = f"{name} 的编码是 UTF-16（PowerShell 的 > 会这样写）；结果请用 ingest 的 -o 写到文件"
        raise WrongUse(tr(chinese, f"{name} is UTF-16, as PowerShell's > writes: use ingest -o"))
    if content.startswith(b"PK\3\4"):
        chinese = f"{name} 是 Excel 工作簿或压缩包；这里要的是 ingest -o 写出的 .jsonl"
        raise WrongUse(tr(chinese, f"{name} is a workbook or an archive: give what ingest -o has written"))
    numbered = [(number, line) for number, line in enumerate(content.splitlines(), 1) if line.strip()]
    if not numbered:
        raise WrongUse(tr(f"{name} 里没有结果", f"no results in {name}"))
    for number, line in numbered:
        where = tr(f"{name} 第 {number} 行", f"{name} line {number}")
        try:
            result = json_codec.loads(line)
        except ValueError as error:
            raise WrongUse(tr(f"{where}不是合法的 JSON：{error}", f"{where} is not JSON: {error}")) from None
        if (fault := _unknown_form(result) or schema_fault(result, "result")) is not None:
            raise WrongUse(tr(f"{where}不是 ingest 的结果：{fault}", f"{where} is no result: {fault}"))
        yield Result.from_json(result)


def _unknown_form(result: object) -> str | None:
    """The fault that a result is about a form without definition here; None if there is one."""
    form = result.get("form") if isinstance(result, dict) else None
    if not isinstance(form, dict) or f"{form.get('id')}/{form.get('version')}" in all_references():
        return None
    named = f"{form.get('id')}/{form.get('version')}"
    return tr(f"这里没有表样 {named}（XLTOOL_TEMPLATES？）", f"no form {named} here (XLTOOL_TEMPLATES?)")
