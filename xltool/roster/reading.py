"""A roster from a file: .xlsx, .csv, .json or .jsonl. All its faults are told at once, with row and column."""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from xltool.language.numbers import decimal_text, from_sheet, multiply, round_half_up
from xltool.roster import json_rows
from xltool.roster.checking import check_projects
from xltool.roster.columns import COLUMNS, INDICATOR_COLUMNS, INDICATOR_NEEDED, MONEY, NEEDED
from xltool.roster.faults import Faults
from xltool.roster.grouping import IndicatorTable, attach_indicators, flat_rows
from xltool.roster.model import Roster
from xltool.roster.tables import Cell, RosterRow, SpoiltHead, is_head_row, line_name, table_rows
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr
from xltool.support.own_tables import ROSTER_NAME, ROSTER_PROPERTY, ROSTER_TITLE
from xltool.support.text_files import decode_text

#: A larger sheet is no roster.
_MOST_ROWS, _MOST_COLUMNS = 200_000, 200

#: Control characters as Excel writes them; openpyxl has taken the mark from what only looks like one.
_ESCAPED = re.compile("_x00([01][0-9A-Fa-f]|7[Ff])_")

#: A cell's number with more digits has lost the last ones.
_INEXACT = 1e15

_Lists = tuple[Sequence[IndicatorTable], tuple[str, ...]]

#: What an empty roster of ours says of itself: the form, and the unit of amounts that say none.
_MARK = re.compile(r"([a-z0-9-]+/[0-9]+) (万?元)")


def read_roster(content: bytes, file: str) -> Roster:
    """The roster in a file.

    Args:
        content: its bytes.
        file: its name; the ending says what it is.

    Raises:
        WrongUse: not a roster; says every fault with its row and column.
    """
    readers: dict[str, Callable[[bytes, Faults], _Lists]] = {
        ".xlsx": _from_workbook, ".csv": _from_csv, ".json": _from_json, ".jsonl": _from_json_lines,
    }  # fmt: skip
    reader = readers.get(PurePath(file).suffix.lower())
    if reader is None:
        known = "、".join(readers)
        raise WrongUse(tr(f"名册 {file}：应是 {known} 文件", f"roster {file}: must be one of {known}"))
    faults = Faults(file)
    listed, unread = reader(content, faults)
    made_for, unit = _mark(content) if reader is _from_workbook else ("", "")
    without_unit = [one.row for one in listed if _lacks_unit(one.row)]
    if unit:
        listed = [replace(one, row=one.row.with_unit(unit)) if _lacks_unit(one.row) else one for one in listed]
    found = check_projects(listed, faults)
    faults.refuse()
    return Roster(found, file, unread, made_for, () if unit else tuple(row.where for row in without_unit))


def _lacks_unit(row: RosterRow) -> bool:
    """Whether a row has amounts and leaves the column of their unit blank."""
    return row.cells.get("money_unit") == "" and any(row.cells.get(key) for key in MONEY)


def _mark(content: bytes) -> tuple[str, str]:
    """The form that a workbook was made for as a roster, and its money unit; of a roster of 0.3 its name alone."""
    import openpyxl

    book: Any = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=True)
    own = next((str(one.value) for one in book.custom_doc_props.props if one.name == ROSTER_PROPERTY), "")
    name = book.defined_names.get(ROSTER_NAME)
    for text in (own, str(name.value).strip('="') if name is not None else ""):
        if found := _MARK.fullmatch(text.strip()):
            return found[1], found[2]
    for sheet in book.worksheets:
        title = next((str(line[0] or "") for line in sheet.iter_rows(max_row=1, max_col=1, values_only=True)), "")
        if title.startswith(ROSTER_TITLE):
            return title.removeprefix(ROSTER_TITLE), ""
    return "", ""


def _from_workbook(content: bytes, faults: Faults) -> _Lists:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=True)
        merged = _merged(content)
        sheets = {sheet.title: _filled_down(_table(sheet), merged.get(sheet.title, ())) for sheet in book.worksheets}
    except Exception as error:  # the parser raises whatever it meets
        kind = type(error).__name__
        chinese = f"名册 {faults.file} 打不开（{kind}）；请用 Excel 或 WPS 打开，另存为 .xlsx"
        english = f"cannot open the roster {faults.file} ({kind}); open it in Excel or WPS and save it as .xlsx"
        raise WrongUse(tr(chinese, english)) from None
    first = _with_projects(sheets)
    listed, unread = _listed(sheets.pop(first, []), line_name(first), faults)
    further: list[RosterRow] = []
    for name in sheets:
        if "level3" in _head(sheets[name], INDICATOR_COLUMNS):
            table = table_rows(sheets[name], INDICATOR_COLUMNS, line_name(name), INDICATOR_NEEDED, faults)
            further += table.rows
            unread += table.unread
    if further and listed:  # without projects, each of them would be said to belong to none
        attach_indicators(further, listed, faults)
    return listed, unread


def _with_projects(sheets: Mapping[str, Sequence[Sequence[Cell]]]) -> str:
    """The sheet that lists projects: the first with the columns for it, else the first, which then lacks them."""
    having = (name for name, table in sheets.items() if _head(table, COLUMNS).keys() >= set(NEEDED))
    return next(having, next(iter(sheets), ""))


def _head(table: Sequence[Sequence[Cell]], columns: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
    """What the head of a table names; nothing where it has none."""
    return next((named for line in table if len(named := is_head_row(line, columns)) > 1), {})


def _listed(table: Sequence[Sequence[Cell]], where: str, faults: Faults) -> _Lists:
    """The projects of a table: one a line, or, where it has columns of indicators, one indicator a line."""
    both = {**COLUMNS, **INDICATOR_COLUMNS}
    columns = both if "level3" in _head(table, both) else COLUMNS
    found = table_rows(table, columns, where, NEEDED, faults)
    if "level3" in found.columns:
        return flat_rows(found.rows, faults), found.unread
    return [IndicatorTable(row) for row in found.rows], found.unread


#: What several projects may share, in one cell beside all of them.
_SHARED = ("year", "department", "unit", "deadline")

#: A cell merged downwards: its column, first and last row, all from 1.
_Run = tuple[int, int, int]


def _merged(content: bytes) -> dict[str, list[_Run]]:
    """The cells that are merged downwards, by sheet; few rosters have any, and the reader of lines does not tell."""
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        if not any(b"<mergeCell " in parts.read(name) for name in sheets):
            return {}
    found: dict[str, list[_Run]] = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        found[sheet.title] = [(one.min_col, one.min_row, one.max_row) for one in sheet.merged_cells.ranges]
    return found


def _filled_down(table: list[list[Cell]], merged: Sequence[_Run]) -> list[list[Cell]]:
    """A table in which what several projects share stands in the line of each."""
    heads = ((number, names) for number, line in enumerate(table, 1) if len(names := is_head_row(line, COLUMNS)) > 1)
    head, at = next(heads, (0, {}))
    shared = {at[key] for key in _SHARED if key in at}
    for column, first, last in merged:
        if column - 1 in shared and first > head:
            for line in table[first:last]:
                line += [""] * (column - len(line))
                line[column - 1] = line[column - 1] or table[first - 1][column - 1]
    return table


def _table(sheet: Any) -> list[list[Cell]]:
    sheet.reset_dimensions()  # WPS may say that a sheet is A1 only; and lines need not be as long as the longest
    lines = sheet.iter_rows(max_row=_MOST_ROWS)
    return [[_cell(cell) for cell in line[:_MOST_COLUMNS]] for line in lines]


def _cell(cell: Any) -> Cell:
    """A cell as people read it: 0.95 in the format of a percentage is 95%."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        return SpoiltHead(f"是错误值 {value}；请改正公式或直接填写", f"is the error {value}; mend the formula")
    if isinstance(value, bool):
        return SpoiltHead(f"是逻辑值 {value}；请填写文字或数值", f"is {value}; write a text or a number")
    if isinstance(value, int | float):
        return _number(value, str(cell.number_format))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else str(value)
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), str(value))


def _number(value: int | float, number_format: str) -> Cell:
    if abs(value) >= _INEXACT:
        chinese = f"{value:.0f} 是 15 位以上的数值，末位已经丢失；请把这一格设为文本格式，重新填写"
        return SpoiltHead(
            chinese, f"{value:.0f} is a number of more than 15 digits, the last are lost; enter it as text"
        )
    exact = from_sheet(value)
    if "%" in number_format:
        return decimal_text(round_half_up(multiply(exact, from_sheet(100)), 7)) + "%"
    return decimal_text(exact)


def _from_csv(content: bytes, faults: Faults) -> _Lists:
    lines = csv.reader(io.StringIO(_decoded(content, faults), newline=""))
    try:
        table = list(lines)
    except csv.Error as error:  # a cell of more than 131,072 characters, which is a quotation mark too many
        place = line_name().format(lines.line_num)
        hint = tr("引号是否成对？", "are its quotation marks in pairs?")
        raise WrongUse(
            tr(f"名册 {faults.file} {place}读不了（{error}）；{hint}", f"{faults.file} {place}: {error}; {hint}")
        ) from None
    return _listed(table, line_name(), faults)


def _decoded(content: bytes, faults: Faults) -> str:
    text = decode_text(content)
    if text is None:
        raise WrongUse(tr(f"名册 {faults.file} 的编码既不是 UTF-8 也不是 GBK", f"{faults.file}: neither UTF-8 nor GBK"))
    return text


def _from_json(content: bytes, faults: Faults) -> _Lists:
    value = _loaded(content, faults.file)
    if not isinstance(value, list):
        raise WrongUse(tr(f"名册 {faults.file} 应是一个数组，一项一个项目", f"{faults.file}: an array of projects"))
    numbered = ((tr(f"第 {number} 项", f"item {number}"), one) for number, one in enumerate(value, 1))
    return list(json_rows.projects_of_json(numbered, faults)), ()


def _from_json_lines(content: bytes, faults: Faults) -> _Lists:
    lines = _decoded(content, faults).split("\n")
    numbered = [(line_name().format(number), line) for number, line in enumerate(lines, 1) if line.strip()]
    found = ((where, _loaded(line, f"{faults.file} {where}")) for where, line in numbered)
    return list(json_rows.projects_of_json(found, faults)), ()


def _loaded(text: str | bytes, where: str) -> Any:
    try:
        return json_codec.loads(text)
    except ValueError as error:
        raise WrongUse(tr(f"名册 {where} 不是合法的 JSON：{error}", f"{where} is not JSON: {error}")) from None
