"""Build projects from their rows: every value is valid, and no project or indicator occurs twice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from xltool.roster import values
from xltool.roster.columns import TEXTS, RosterColumns, fund_key, normalise_key
from xltool.roster.faults import Faults, quote
from xltool.roster.grouping import IndicatorTable
from xltool.roster.model import ApprovedIndicator, Project
from xltool.roster.tables import RosterRow


def check_projects(tables: Sequence[IndicatorTable], columns: RosterColumns, faults: Faults) -> tuple[Project, ...]:
    """Build the projects.

    Args:
        tables: the row of each project with those of its indicators.
        columns: the columns of the roster.
        faults: collects the faults.
    """
    if not tables and not faults.messages:
        chinese = "没有一个项目；请在表头下面一行一个地填写应报送的项目"
        faults.add(faults.file, chinese, "no project in it; list them below the head, one a line")
    projects: dict[str, Project] = {}
    for table in tables:
        project = _build_project(table, columns, faults)
        if project is None:
            continue
        before = projects.setdefault(project.key, project)
        if before is not project:
            chinese = f"与{before.where}是同一个项目（编码和年度，或名称、单位和年度相同）；请删去一个，或改正编码"
            faults.add(project.where, chinese, f"same project as {before.where}; remove one, or correct the code")
    return tuple(projects.values())


def _build_project(table: IndicatorTable, columns: RosterColumns, faults: Faults) -> Project | None:
    row = table.row
    needed = _needed(row, columns)
    for key in needed:
        _refuse_blank(row, key, faults)
    year = values.read_year(row, faults)
    numbers = {source: values.read_number(row, fund_key(source), faults) for source in columns.sources}
    executed = values.read_number(row, "executed", faults)
    unit = values.read_money_unit(row, faults)
    deadline, email = values.read_deadline(row, faults), values.read_email(row, faults)
    indicators = tuple(_approved_indicators(table.indicators, faults))
    texts = {key: row.cells.get(key, "") for key in TEXTS}
    if year is None or not all(texts.get(key, key) for key in needed):
        return None
    return Project(
        year=year,
        executed=executed,
        money_unit=unit,
        indicators=indicators,
        funds={source: amount for source, amount in numbers.items() if amount is not None},
        deadline=deadline,
        email=email,
        where=row.where,
        **texts,
    )


def _needed(row: RosterRow, columns: RosterColumns) -> tuple[str, ...]:
    """The cells that must be filled in; what a table has a column for names its projects, else their unit does."""
    subject = "name" if "name" in row.heads or "unit" not in columns.needed else "unit"
    return tuple(dict.fromkeys((*columns.needed, subject)))


def _refuse_blank(row: RosterRow, key: str, faults: Faults) -> bool:
    """Note a fault if a required cell is blank. Returns whether it is."""
    if row.cells.get(key) or key in row.faulty_columns:
        return False
    faults.add(row.place(key), "没有填写；请补上", "blank; fill it in")
    return True


def _approved_indicators(rows: Sequence[RosterRow], faults: Faults) -> Iterator[ApprovedIndicator]:
    rows_by_name: dict[tuple[str, str], RosterRow] = {}
    for row in rows:
        weight = values.read_number(row, "weight", faults)
        if weight is not None and weight < 0:
            chinese = f"“{row.cells['weight']}”是负数；分值不能小于 0，请改正"
            faults.add(row.place("weight"), chinese, f"'{row.cells['weight']}' is negative; correct it")
        if _refuse_blank(row, "level3", faults) or "level3" in row.faulty_columns:
            continue
        group = row.cells.get("level2") or row.cells.get("level1")
        subject = normalise_key(group), normalise_key(row.cells["level3"])
        before = rows_by_name.setdefault(subject, row)
        if before is not row:
            quoted = quote(row.cells["level3"])
            chinese = f"“{quoted}”与{before.where}是同一个指标（二级、三级指标都相同）；请删去一个，或改名"
            faults.add(row.place("level3"), chinese, f"'{quoted}' is the indicator of {before.where}; remove or rename")
        yield _build_indicator(row, weight)


def _build_indicator(row: RosterRow, weight: Decimal | None) -> ApprovedIndicator:
    texts = {key: row.cells.get(key, "") for key in ("level1", "level2", "level3", "operator", "measure")}
    return ApprovedIndicator(target=row.cells.get("target") or None, weight=weight, where=row.where, **texts)
