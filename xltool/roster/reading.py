"""Read a roster from .xlsx, .csv, .json or .jsonl. All faults are reported at once, with row and column."""

from __future__ import annotations

import csv
import datetime
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from xltool.language.numbers import decimal_text, from_sheet, multiply, round_half_up
from xltool.roster import json_rows
from xltool.roster.checking import check_projects
from xltool.roster.columns import RosterColumns, column_of_heading, fund_key, is_fund_key, unknown_source
from xltool.roster.faults import Faults, refuse_source
from xltool.roster.grouping import IndicatorTable, attach_indicators, flat_rows
from xltool.roster.model import Roster
from xltool.roster.tables import Cell, RosterRow, UnusableCell, is_head_row, line_name, table_rows
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr
from xltool.support.own_tables import ROSTER_NAME, ROSTER_PROPERTY, ROSTER_TITLE
from xltool.support.text_files import decode_text

#: The most rows and columns that are read of a sheet.
_MOST_ROWS, _MOST_COLUMNS = 200_000, 200

#: Control characters as Excel escapes them; openpyxl has already unescaped texts that only look like them.
_ESCAPED = re.compile("_x00([01][0-9A-Fa-f]|7[Ff])_")

#: Numbers of this size in a cell have lost their last digits.
_INEXACT = 1e15

_Lists = tuple[Sequence[IndicatorTable], tuple[str, ...]]

#: The columns of a roster for a form such as ``mof-2020/1``; for "", those for any form.
ColumnsFor = Callable[[str], RosterColumns]

#: The mark of a blank roster made by this package: the form, and the unit for amounts without one.
_MARK = re.compile(r"([a-z0-9-]+/[0-9]+) (万?元)")


def read_roster(content: bytes, file: str, columns_for: ColumnsFor, form: str = "") -> Roster:
    """Read a roster.

    Args:
        content: the bytes of the file.
        file: its name; the suffix determines the format.
        columns_for: the columns for a form, or for any form if none is named.
        form: the form that it is used for, such as ``mof-2020/1``; "" for the one that it was made for, or any.

    Raises:
        WrongUse: it is not a valid roster; lists every fault with row and column.
    """
    readers: dict[str, Callable[[bytes, RosterColumns, Faults], _Lists]] = {
        ".xlsx": _read_workbook, ".csv": _read_csv, ".json": _read_json, ".jsonl": _read_json_lines,
    }  # fmt: skip
    reader = readers.get(PurePath(file).suffix.lower())
    if reader is None:
        known = "、".join(readers)
        raise WrongUse(tr(f"名册 {file}：应是 {known} 文件", f"roster {file}: must be one of {known}"))
    faults = Faults(file)
    form_reference, unit = _read_mark(content, file) if reader is _read_workbook else ("", "")
    columns = columns_for(form or form_reference)
    listed, unread = reader(content, columns, faults)
    if form and unread and columns.has_budgets:
        _refuse_other_sources(unread, columns, columns_for(""), faults)
    without_unit = [table.row for table in listed if _lacks_unit(table.row)]
    if unit:
        listed = [
            replace(table, row=table.row.with_unit(unit)) if _lacks_unit(table.row) else table for table in listed
        ]
    projects = check_projects(listed, columns, faults)
    faults.refuse()
    return Roster(projects, file, unread, form_reference, () if unit else tuple(row.where for row in without_unit))


def _refuse_other_sources(
    headings: Sequence[str], columns: RosterColumns, of_any_form: RosterColumns, faults: Faults
) -> None:
    """Note headings that name a source of money which only other forms have, with those of this form."""
    known = [columns.heading(fund_key(source)) for source in columns.offered]
    for text in headings:
        if is_fund_key(column_of_heading(text, of_any_form.projects)[0]):
            refuse_source(faults.file, text, known, faults)


def _lacks_unit(row: RosterRow) -> bool:
    """Whether a row has amounts and its cell for the money unit is blank."""
    return row.cells.get("money_unit") == "" and row.has_amounts


@contextmanager
def _opening(file: str) -> Iterator[None]:
    """Turn the errors of openpyxl, which raises all kinds, into one that says what to do."""
    try:
        yield
    except Exception as error:
        kind = type(error).__name__
        chinese = f"名册 {file} 打不开（{kind}）；请用 Excel 或 WPS 打开，另存为 .xlsx"
        english = f"cannot open the roster {file} ({kind}); open it in Excel or WPS and save it as .xlsx"
        raise WrongUse(tr(chinese, english)) from None


def _read_mark(content: bytes, file: str) -> tuple[str, str]:
    """The form for which a workbook was made as a roster, and its money unit; for version 0.3 only the form's name."""
    import openpyxl

    with _opening(file):
        book: Any = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=True)
        stored = next((str(prop.value) for prop in book.custom_doc_props.props if prop.name == ROSTER_PROPERTY), "")
        name = book.defined_names.get(ROSTER_NAME)
        for text in (stored, str(name.value).strip('="') if name is not None else ""):
            if match := _MARK.fullmatch(text.strip()):
                return match[1], match[2]
        for sheet in book.worksheets:
            title = next((str(line[0] or "") for line in sheet.iter_rows(max_row=1, max_col=1, values_only=True)), "")
            if title.startswith(ROSTER_TITLE):
                return title.removeprefix(ROSTER_TITLE), ""
    return "", ""


def _read_workbook(content: bytes, columns: RosterColumns, faults: Faults) -> _Lists:
    import openpyxl

    with _opening(faults.file):
        book = openpyxl.load_workbook(io.BytesIO(content), data_only=True, read_only=True)
        merged = _merged_cells(content)
        sheets = {
            sheet.title: _fill_down(_sheet_lines(sheet), merged.get(sheet.title, ()), columns)
            for sheet in book.worksheets
        }
    first = _find_project_sheet(sheets, columns)
    listed, unread = _read_table(sheets.pop(first, []), columns, line_name(first), faults)
    further: list[RosterRow] = []
    for name in sheets:
        if "level3" in _find_head(sheets[name], columns.indicators):
            needed = columns.needed_of_indicators
            table = table_rows(sheets[name], columns.indicators, line_name(name), needed, faults)
            further += _with_subjects(table.rows, columns)
            unread += table.unused_headings
    if further and listed:  # without projects, every indicator would be a fault
        attach_indicators(further, listed, faults)
    return listed, unread


def _with_subjects(rows: Sequence[RosterRow], columns: RosterColumns) -> list[RosterRow]:
    """The rows, named by their units where no column names projects and none is required."""
    return [row if "name" in columns.needed else row.with_subject() for row in rows]


def _find_project_sheet(sheets: Mapping[str, Sequence[Sequence[Cell]]], columns: RosterColumns) -> str:
    """The sheet with the projects: the first with the required columns, or else the first sheet."""
    heads = {name: _find_head(table, columns.projects).keys() for name, table in sheets.items()}
    having = (name for name, head in heads.items() if head >= set(columns.needed))
    return next(having, next(iter(sheets), ""))


def _find_head(table: Sequence[Sequence[Cell]], columns: Mapping[str, Sequence[str]]) -> Mapping[str, int]:
    """The columns in the head of a table, with their indices; empty if it has no head."""
    return next((named for line in table if len(named := is_head_row(line, columns)) > 1), {})


def _read_table(table: Sequence[Sequence[Cell]], columns: RosterColumns, where: str, faults: Faults) -> _Lists:
    """The projects of a table: one per line, or, if it has columns of indicators, one indicator per line."""
    all_columns = {**columns.projects, **columns.indicators}
    possible = all_columns if "level3" in _find_head(table, all_columns) else columns.projects
    parsed = table_rows(table, possible, where, columns.needed, faults)
    for source in filter(None, map(unknown_source, parsed.unused_headings)):
        refuse_source(faults.file, source, columns.offered, faults)
    rows = _with_subjects(parsed.rows, columns)
    if "level3" in parsed.columns:
        return flat_rows(rows, columns, faults), parsed.unused_headings
    return [IndicatorTable(row) for row in rows], parsed.unused_headings


#: The columns in which several projects may share one merged cell.
_SHARED = ("year", "department", "unit", "deadline")

#: A vertically merged cell: its column, first and last row, all counted from 1.
_Run = tuple[int, int, int]


def _merged_cells(content: bytes) -> dict[str, list[_Run]]:
    """The vertically merged cells by sheet. Few rosters have any, and the read-only mode does not give them."""
    import openpyxl

    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        sheets = [name for name in parts.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        if not any(b"<mergeCell " in parts.read(name) for name in sheets):
            return {}
    merged: dict[str, list[_Run]] = {}
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        merged[sheet.title] = [(cells.min_col, cells.min_row, cells.max_row) for cells in sheet.merged_cells.ranges]
    return merged


def _fill_down(table: list[list[Cell]], merged: Sequence[_Run], columns: RosterColumns) -> list[list[Cell]]:
    """Copy the value of a vertically merged cell into each of its lines."""
    named = ((number, is_head_row(line, columns.projects)) for number, line in enumerate(table, 1))
    head, at = next(((number, names) for number, names in named if len(names) > 1), (0, {}))
    shared = {at[key] for key in _SHARED if key in at}
    for column, first, last in merged:
        if column - 1 in shared and first > head:
            for line in table[first:last]:
                line += [""] * (column - len(line))
                line[column - 1] = line[column - 1] or table[first - 1][column - 1]
    return table


def _sheet_lines(sheet: Any) -> list[list[Cell]]:
    sheet.reset_dimensions()  # WPS may declare that a sheet is only A1, and lines may differ in length
    lines = sheet.iter_rows(max_row=_MOST_ROWS)
    return [[_cell_text(cell) for cell in line[:_MOST_COLUMNS]] for line in lines]


def _cell_text(cell: Any) -> Cell:
    """The text of a cell as people see it: 0.95 in a percentage format is 95%."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        return UnusableCell(f"是错误值 {value}；请改正公式或直接填写", f"is the error {value}; mend the formula")
    if isinstance(value, bool):
        return UnusableCell(f"是逻辑值 {value}；请填写文字或数值", f"is {value}; write a text or a number")
    if isinstance(value, int | float):
        return _number_text(value, str(cell.number_format))
    if isinstance(value, datetime.datetime):
        return value.date().isoformat() if value.time() == datetime.time() else str(value)
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), str(value))


def _number_text(value: int | float, number_format: str) -> Cell:
    if abs(value) >= _INEXACT:
        chinese = f"{value:.0f} 是 15 位以上的数值，末位已经丢失；请把这一格设为文本格式，重新填写"
        return UnusableCell(
            chinese, f"{value:.0f} is a number of more than 15 digits, the last are lost; enter it as text"
        )
    exact = from_sheet(value)
    if "%" in number_format:
        return decimal_text(round_half_up(multiply(exact, from_sheet(100)), 7)) + "%"
    return decimal_text(exact)


def _read_csv(content: bytes, columns: RosterColumns, faults: Faults) -> _Lists:
    lines = csv.reader(io.StringIO(_decode(content, faults), newline=""))
    try:
        table = list(lines)
    except csv.Error as error:  # a cell of more than 131,072 characters, after an unpaired quotation mark
        place = line_name().format(lines.line_num)
        hint = tr("引号是否成对？", "are its quotation marks in pairs?")
        raise WrongUse(
            tr(f"名册 {faults.file} {place}读不了（{error}）；{hint}", f"{faults.file} {place}: {error}; {hint}")
        ) from None
    return _read_table(table, columns, line_name(), faults)


def _decode(content: bytes, faults: Faults) -> str:
    text = decode_text(content)
    if text is None:
        raise WrongUse(tr(f"名册 {faults.file} 的编码既不是 UTF-8 也不是 GBK", f"{faults.file}: neither UTF-8 nor GBK"))
    return text


def _read_json(content: bytes, columns: RosterColumns, faults: Faults) -> _Lists:
    value = _load_json(content, faults.file)
    if not isinstance(value, list):
        raise WrongUse(tr(f"名册 {faults.file} 应是一个数组，一项一个项目", f"{faults.file}: an array of projects"))
    numbered = ((tr(f"第 {number} 项", f"item {number}"), item) for number, item in enumerate(value, 1))
    return list(json_rows.projects_of_json(numbered, columns, faults)), ()


def _read_json_lines(content: bytes, columns: RosterColumns, faults: Faults) -> _Lists:
    lines = _decode(content, faults).split("\n")
    numbered = [(line_name().format(number), line) for number, line in enumerate(lines, 1) if line.strip()]
    values = ((where, _load_json(line, f"{faults.file} {where}")) for where, line in numbered)
    return list(json_rows.projects_of_json(values, columns, faults)), ()


def _load_json(text: str | bytes, where: str) -> Any:
    try:
        return json_codec.loads(text)
    except ValueError as error:
        raise WrongUse(tr(f"名册 {where} 不是合法的 JSON：{error}", f"{where} is not JSON: {error}")) from None
