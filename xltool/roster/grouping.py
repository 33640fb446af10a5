"""Assign rows of indicators to their projects, from a second table, or from one that repeats the project's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from xltool.language.days import parse_day
from xltool.roster.columns import INDICATOR_ONLY, RosterColumns, is_number, normalise_key
from xltool.roster.faults import Faults, quote
from xltool.roster.tables import RosterRow
from xltool.roster.values import parse_number


@dataclass
class IndicatorTable:
    """The row of a project with the rows of its indicators."""

    row: RosterRow
    indicators: list[RosterRow] = field(default_factory=list)

    def is_about(self, key: str, text: str) -> bool:
        """Whether a column of the project has this text."""
        return normalise_key(self.row.cells.get(key)) == normalise_key(text)


def attach_indicators(indicators: Sequence[RosterRow], tables: Sequence[IndicatorTable], faults: Faults) -> None:
    """Assign the rows of a second table to their projects; a blank code and name mean the project above.

    Args:
        indicators: the rows of the second table.
        tables: the projects, still without indicators.
        faults: collects the faults.
    """
    by_text: dict[tuple[str, str], list[IndicatorTable]] = {}
    for table in tables:
        for key in ("code", "name"):
            if table.row.cells.get(key):
                by_text.setdefault((key, normalise_key(table.row.cells[key])), []).append(table)
    above: IndicatorTable | None = None
    reported: set[tuple[str, str]] = set()
    for row in indicators:
        code_and_name = (row.cells.get("code", ""), row.cells.get("name", ""))
        if any(code_and_name):
            above = _find_project(row, by_text, faults, reported)
        elif above is None and not reported:
            chinese = "没有项目编码和项目名称；请填写是哪个项目的指标"
            faults.add(row.where, chinese, "whose indicator? fill in code or name")
            reported.add(("", ""))
        if above is not None:
            above.indicators.append(row)
    for table in tables:
        table.indicators = levels_repeated(table.indicators)


def _find_project(
    row: RosterRow, tables: dict[tuple[str, str], list[IndicatorTable]], faults: Faults, reported: set[tuple[str, str]]
) -> IndicatorTable | None:
    code, name = (row.cells.get(key, "") for key in ("code", "name"))
    matches = tables.get(("code", normalise_key(code)), []) if code else []
    matches = matches or [
        table for table in tables.get(("name", normalise_key(name)), []) if not (code and table.row.cells.get("code"))
    ]
    for key in ("name", "unit", "year"):
        if row.cells.get(key):
            matches = [table for table in matches if table.is_about(key, row.cells[key])] or matches
    if code and len({table.row.cells.get("year") for table in matches}) == 1:
        matches = matches[:1]  # check_projects reports a project that is listed twice
    subject = (normalise_key(code), normalise_key(name))
    if len(matches) != 1:
        if subject not in reported:  # one fault for each cause
            _report_no_match(row, matches, faults)
        reported.add(subject)
        return None
    if name and not matches[0].is_about("name", name) and subject not in reported:
        reported.add(subject)
        listed_name = quote(matches[0].row.cells.get("name", ""))
        chinese = f"“{quote(name)}”与{matches[0].row.where}的“{listed_name}”不一致（编码相同）；请改正编码或名称"
        faults.add(
            row.place("name"), chinese, f"'{quote(name)}' is not '{listed_name}' of {matches[0].row.where}; correct one"
        )
    return matches[0]


def _report_no_match(row: RosterRow, matches: Sequence[IndicatorTable], faults: Faults) -> None:
    quoted = quote(row.cells.get("code") or row.cells.get("name", ""))
    if matches:
        chinese = f"有 {len(matches)} 个项目叫“{quoted}”；请填写项目编码，或加上实施单位、年度"
        faults.add(row.where, chinese, f"{len(matches)} projects are '{quoted}'; fill in the code, or unit and year")
        return
    chinese = f"“{quoted}”的指标：项目不在名册中；请在名册里列出，或改正编码、名称"
    faults.add(row.where, chinese, f"indicators of '{quoted}', which is not listed; list it, or correct code and name")


def flat_rows(rows: Sequence[RosterRow], columns: RosterColumns, faults: Faults) -> list[IndicatorTable]:
    """The projects of a table with one line per indicator, which repeats the project's cells or leaves them blank.

    Args:
        rows: all lines.
        columns: the columns of the roster.
        faults: collects the faults.
    """
    tables: list[IndicatorTable] = []
    by_key: dict[tuple[str, ...], IndicatorTable] = {}
    current: IndicatorTable | None = None
    for row in rows:
        if current is None or not _is_same_project(row, current.row):
            current = by_key.get(_project_key(row))
        if current is None:
            current = IndicatorTable(row)
            tables.append(current)
            by_key.setdefault(_project_key(row), current)
        else:
            current.row = _merge_row(current.row, row, columns, faults)
        if any(row.cells.get(key) for key in INDICATOR_ONLY):
            current.indicators.append(row)
        elif row.where != current.row.where:
            chinese = f"与{current.row.where}是同一个项目，又没有指标；请删去这一行"
            faults.add(row.where, chinese, f"same project as {current.row.where}, and no indicator; remove the line")
    for table in tables:
        table.indicators = levels_repeated(table.indicators)
    return tables


def _project_key(row: RosterRow) -> tuple[str, ...]:
    year, code, name, unit = (normalise_key(row.cells.get(key)) for key in ("year", "code", "name", "unit"))
    return (year, code) if code else (year, name, unit)


def _is_same_project(row: RosterRow, first: RosterRow) -> bool:
    """Whether a line is about the project above, by code or by name and unit; blank cells are as above."""
    same = {
        key: not row.cells.get(key) or normalise_key(row.cells[key]) == normalise_key(first.cells.get(key))
        for key in ("year", "code", "name", "unit")
    }
    if row.cells.get("code") and first.cells.get("code"):
        return same["year"] and same["code"]
    if row.cells.get("name"):
        return same["year"] and same["name"] and same["unit"]
    return not row.cells.get("code")


def _merge_row(first: RosterRow, row: RosterRow, columns: RosterColumns, faults: Faults) -> RosterRow:
    """The project's row with the cells that a further line adds; contradictions are faults."""
    added = {}
    for key in columns.projects:
        text, before = row.cells.get(key, ""), first.cells.get(key, "")
        if text and not before and key not in first.faulty_columns:
            added[key] = text
        elif text and _differs(key, before, text):
            chinese = f"“{quote(text)}”与{first.where}的“{quote(before)}”不一致；同一个项目各行应相同，或只填第一行"
            english = f"'{quote(text)}' is not '{quote(before)}' of {first.where}; make them equal or leave it blank"
            faults.add(row.place(key), chinese, english)
    return replace(first, cells={**first.cells, **added}) if added else first


def _differs(key: str, text: str, other: str) -> bool:
    if normalise_key(text) == normalise_key(other):
        return False
    values = [parse_number(value) if is_number(key) else parse_day(value) for value in (text, other)]
    return values[0] is None or values[0] != values[1]


def levels_repeated(rows: Sequence[RosterRow]) -> list[RosterRow]:
    """Fill blank first and second levels of a project's rows from the row above, as in merged cells."""
    filled = []
    level1 = level2 = ""
    for row in rows:
        row_level1, row_level2 = (row.cells.get(key, "") for key in ("level1", "level2"))
        level2 = row_level2 or ("" if row_level1 and row_level1 != level1 else level2)
        level1 = row_level1 or ("" if row_level2 and not level1 else level1)
        filled.append(replace(row, cells={**row.cells, "level1": level1, "level2": level2}))
    return filled
