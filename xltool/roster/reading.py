"""A roster from a file: .xlsx, .csv, .json or .jsonl. All its faults are told at once, with row and column."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from xltool import jsons
from xltool.errors import WrongUse
from xltool.roster.listed import COLUMNS, INDICATOR_COLUMNS, Faults, Roster, Row, checked, plain, rows
from xltool.speech import say

_NEEDED = ("year", "name", "unit")
_INDICATOR_NEEDED = ("name", "level3")

#: A larger sheet is no roster.
_MOST_ROWS, _MOST_COLUMNS = 200_000, 200


def read_roster(content: bytes, file: str) -> Roster:
    """The roster in a file.

    Args:
        content: its bytes.
        file: its name; the ending says what it is.

    Raises:
        WrongUse: not a roster; says every fault with its row and column.
    """
    readers = {".xlsx": _from_workbook, ".csv": _from_csv, ".json": _from_json, ".jsonl": _from_json_lines}
    reader = readers.get(PurePath(file).suffix.lower())
    if reader is None:
        known = "、".join(readers)
        raise WrongUse(say(f"名册 {file}：应是 {known} 文件", f"roster {file}: must be one of {known}"))
    faults = Faults(file)
    projects, indicators = reader(content, faults)
    by_project: dict[str, list[Row]] = {}
    for row in indicators:
        by_project.setdefault(plain(row.cells.get("code")) or plain(row.cells.get("name")), []).append(row)
    found = checked(projects, by_project, faults)
    faults.refuse()
    return Roster(found, file)


_Tables = tuple[list[Row], list[Row]]


def _from_workbook(content: bytes, faults: Faults) -> _Tables:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=True)
        sheets = {sheet.title: _table(sheet) for sheet in book.worksheets}
    except Exception as error:  # the parser raises whatever it meets
        raise WrongUse(
            say(f"名册 {faults.file} 打不开（{type(error).__name__}）", f"cannot open roster ({type(error).__name__})")
        ) from None
    first, *others = sheets
    projects = rows(sheets[first], COLUMNS, f"《{first}》第 {{}} 行", _NEEDED, faults)
    indicators: list[Row] = []
    for name in others:
        heads = {plain(text) for line in sheets[name][:5] for text in line}
        if heads & {plain(heading) for heading in INDICATOR_COLUMNS["level3"]}:
            indicators += rows(sheets[name], INDICATOR_COLUMNS, f"《{name}》第 {{}} 行", _INDICATOR_NEEDED, faults)
    return projects, indicators


def _table(sheet: Any) -> list[list[str]]:
    lines = sheet.iter_rows(max_row=_MOST_ROWS, max_col=_MOST_COLUMNS, values_only=True)
    return [[_text(value) for value in line] for line in lines]


def _text(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


def _from_csv(content: bytes, faults: Faults) -> _Tables:
    table = list(csv.reader(io.StringIO(_decoded(content, faults), newline="")))
    return rows(table, COLUMNS, "第 {} 行", _NEEDED, faults), []


def _decoded(content: bytes, faults: Faults) -> str:
    for encoding in ("utf-8-sig", "gb18030"):  # Chinese Excel saves CSV as GBK
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise WrongUse(say(f"名册 {faults.file} 的编码既不是 UTF-8 也不是 GBK", f"{faults.file}: neither UTF-8 nor GBK"))


def _from_json(content: bytes, faults: Faults) -> _Tables:
    value = _loaded(content, faults.file)
    if not isinstance(value, list):
        raise WrongUse(say(f"名册 {faults.file} 应是一个数组，一项一个项目", f"{faults.file}: an array of projects"))
    return _from_objects(((f"第 {number} 项", one) for number, one in enumerate(value, 1)), faults)


def _from_json_lines(content: bytes, faults: Faults) -> _Tables:
    lines = _decoded(content, faults).split("\n")
    numbered = [(f"第 {number} 行", line) for number, line in enumerate(lines, 1) if line.strip()]
    return _from_objects(((where, _loaded(line, f"{faults.file} {where}")) for where, line in numbered), faults)


def _loaded(text: str | bytes, where: str) -> Any:
    try:
        return jsons.loads(text)
    except ValueError as error:
        raise WrongUse(say(f"名册 {where} 不是合法的 JSON：{error}", f"{where} is not JSON: {error}")) from None


def _from_objects(objects: Iterable[tuple[str, Any]], faults: Faults) -> _Tables:
    """Objects with the keys of a record (``project.name``) or flat ones (``name``), indicators as a list inside."""
    projects, indicators = [], []
    for where, one in objects:
        if not isinstance(one, dict):
            faults.add(where, "应是一个对象", "must be an object")
            continue
        inner = one.get("project")
        flat = {**one, **(inner if isinstance(inner, dict) else {})}
        own = Row(where, _named(flat, COLUMNS))
        projects.append(own)
        for number, line in enumerate(one.get("indicators") or (), 1):
            cells = _named(line, INDICATOR_COLUMNS) if isinstance(line, dict) else {}
            named = {key: own.cells.get(key, "") for key in ("code", "name")}
            indicators.append(Row(f"{where}指标 {number} ", {**cells, **named}))
    return projects, indicators


def _named(found: Mapping[str, Any], columns: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The columns by any of their names."""
    values = {}
    for key, headings in columns.items():
        value = next((found[name] for name in (key, *headings) if found.get(name) is not None), "")
        values[key] = str(value).strip()
    return values
