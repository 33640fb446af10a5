"""Rows of indicators put to their projects: from a second table, or from one that repeats the project's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from xltool.language.days import parse_day
from xltool.roster.columns import COLUMNS, INDICATOR_ONLY, NUMBERS, normalise_key
from xltool.roster.faults import Faults, quote
from xltool.roster.tables import RosterRow
from xltool.roster.values import number_of


@dataclass
class IndicatorTable:
    """A project's row with the rows of its indicators."""

    row: RosterRow
    indicators: list[RosterRow] = field(default_factory=list)

    def is_about(self, key: str, text: str) -> bool:
        """Whether it has this text in a column."""
        return normalise_key(self.row.cells.get(key)) == normalise_key(text)


def attach_indicators(indicators: Sequence[RosterRow], listed: Sequence[IndicatorTable], faults: Faults) -> None:
    """Put the rows of a second table to their projects; blank code and name mean the project above.

    Args:
        indicators: the rows of the second table.
        listed: the projects, without indicators so far.
        faults: where to note what is wrong.
    """
    by: dict[tuple[str, str], list[IndicatorTable]] = {}
    for one in listed:
        for key in ("code", "name"):
            if one.row.cells.get(key):
                by.setdefault((key, normalise_key(one.row.cells[key])), []).append(one)
    above: IndicatorTable | None = None
    told: set[tuple[str, str]] = set()
    for row in indicators:
        own = (row.cells.get("code", ""), row.cells.get("name", ""))
        if any(own):
            above = _owner(row, by, faults, told)
        elif above is None and not told:
            chinese = "没有项目编码和项目名称；请填写是哪个项目的指标"
            faults.add(row.where, chinese, "whose indicator? fill in code or name")
            told.add(("", ""))
        if above is not None:
            above.indicators.append(row)
    for one in listed:
        one.indicators = levels_repeated(one.indicators)


def _owner(
    row: RosterRow, by: dict[tuple[str, str], list[IndicatorTable]], faults: Faults, told: set[tuple[str, str]]
) -> IndicatorTable | None:
    code, name = (row.cells.get(key, "") for key in ("code", "name"))
    found = by.get(("code", normalise_key(code)), []) if code else []
    found = found or [
        one for one in by.get(("name", normalise_key(name)), []) if not (code and one.row.cells.get("code"))
    ]
    for key in ("name", "unit", "year"):
        if row.cells.get(key):
            found = [one for one in found if one.is_about(key, row.cells[key])] or found
    if code and len({one.row.cells.get("year") for one in found}) == 1:
        found = found[:1]  # a project that is listed twice is told where it is listed
    subject = (normalise_key(code), normalise_key(name))
    if len(found) != 1:
        if subject not in told:  # one cause, one fault
            _not_one(row, found, faults)
        told.add(subject)
        return None
    if name and not found[0].is_about("name", name) and subject not in told:
        told.add(subject)
        right = quote(found[0].row.cells.get("name", ""))
        chinese = f"“{quote(name)}”与{found[0].row.where}的“{right}”不一致（编码相同）；请改正编码或名称"
        faults.add(row.place("name"), chinese, f"'{quote(name)}' is not '{right}' of {found[0].row.where}; correct one")
    return found[0]


def _not_one(row: RosterRow, found: Sequence[IndicatorTable], faults: Faults) -> None:
    shown = quote(row.cells.get("code") or row.cells.get("name", ""))
    if found:
        chinese = f"有 {len(found)} 个项目叫“{shown}”；请填写项目编码，或加上实施单位、年度"
        faults.add(row.where, chinese, f"{len(found)} projects are '{shown}'; fill in the code, or unit and year")
        return
    chinese = f"“{shown}”的指标：项目不在名册中；请在名册里列出，或改正编码、名称"
    faults.add(row.where, chinese, f"indicators of '{shown}', which is not listed; list it, or correct code and name")


def flat_rows(rows: Sequence[RosterRow], faults: Faults) -> list[IndicatorTable]:
    """The projects of a table with one line an indicator, which repeats the project's cells or leaves them blank.

    Args:
        rows: all lines.
        faults: where to note what is wrong.
    """
    found: list[IndicatorTable] = []
    by_key: dict[tuple[str, ...], IndicatorTable] = {}
    current: IndicatorTable | None = None
    for row in rows:
        if current is None or not _goes_on(row, current.row):
            current = by_key.get(_key(row))
        if current is None:
            current = IndicatorTable(row)
            found.append(current)
            by_key.setdefault(_key(row), current)
        else:
            current.row = _merged(current.row, row, faults)
        if any(row.cells.get(key) for key in INDICATOR_ONLY):
            current.indicators.append(row)
        elif row.where != current.row.where:
            chinese = f"与{current.row.where}是同一个项目，又没有指标；请删去这一行"
            faults.add(row.where, chinese, f"same project as {current.row.where}, and no indicator; remove the line")
    for one in found:
        one.indicators = levels_repeated(one.indicators)
    return found


def _key(row: RosterRow) -> tuple[str, ...]:
    year, code, name, unit = (normalise_key(row.cells.get(key)) for key in ("year", "code", "name", "unit"))
    return (year, code) if code else (year, name, unit)


def _goes_on(row: RosterRow, first: RosterRow) -> bool:
    """Whether a line is about the project above: by its code, or by name and unit; what is blank is as above."""
    same = {
        key: not row.cells.get(key) or normalise_key(row.cells[key]) == normalise_key(first.cells.get(key))
        for key in ("year", "code", "name", "unit")
    }
    if row.cells.get("code") and first.cells.get("code"):
        return same["year"] and same["code"]
    if row.cells.get("name"):
        return same["year"] and same["name"] and same["unit"]
    return not row.cells.get("code")


def _merged(first: RosterRow, row: RosterRow, faults: Faults) -> RosterRow:
    """The project's row with what a further line adds; what it says otherwise is a fault."""
    added = {}
    for key in COLUMNS:
        here, before = row.cells.get(key, ""), first.cells.get(key, "")
        if here and not before and key not in first.spoilt:
            added[key] = here
        elif here and _differs(key, before, here):
            chinese = f"“{quote(here)}”与{first.where}的“{quote(before)}”不一致；同一个项目各行应相同，或只填第一行"
            english = f"'{quote(here)}' is not '{quote(before)}' of {first.where}; make them equal or leave it blank"
            faults.add(row.place(key), chinese, english)
    return replace(first, cells={**first.cells, **added}) if added else first


def _differs(key: str, one: str, other: str) -> bool:
    if normalise_key(one) == normalise_key(other):
        return False
    values = [number_of(text) if key in NUMBERS else parse_day(text) for text in (one, other)]
    return values[0] is None or values[0] != values[1]


def levels_repeated(rows: Sequence[RosterRow]) -> list[RosterRow]:
    """The rows of one project whose blank first and second levels are those above, as in merged cells."""
    found = []
    level1 = level2 = ""
    for row in rows:
        own1, own2 = (row.cells.get(key, "") for key in ("level1", "level2"))
        level2 = own2 or ("" if own1 and own1 != level1 else level2)
        level1 = own1 or ("" if own2 and not level1 else level1)
        found.append(replace(row, cells={**row.cells, "level1": level1, "level2": level2}))
    return found
