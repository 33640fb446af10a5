"""Rows of a roster from JSON objects: flat ones, records, and lines of a manifest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from xltool.roster.columns import COLUMNS, INDICATOR_ONLY, RosterColumns, fund_key, unknown_source
from xltool.roster.faults import Faults, quote, refuse_source
from xltool.roster.grouping import IndicatorTable
from xltool.roster.tables import RosterRow, refuse_unfit_text
from xltool.support.i18n import tr

#: The keys inside ``project`` of a record; at the top level, the ``code`` of a manifest is that of the form.
_INNER = ("name", "code", "department", "unit")


def projects_of_json(
    objects: Iterable[tuple[str, Any]], columns: RosterColumns, faults: Faults
) -> Iterator[IndicatorTable]:
    """Yield the projects in JSON objects.

    Args:
        objects: pairs of a place for messages and a value.
        columns: the columns of the roster.
        faults: collects the faults.
    """
    for where, value in objects:
        if isinstance(value, dict):
            row = _project_row(where, value, columns, faults)
            yield IndicatorTable(row, list(_indicator_rows(where, value.get("indicators"), columns, faults)))
        else:
            faults.add(where, '应是一个对象；请写成 {"年度": …}', "must be an object")


def _project_row(where: str, record: Mapping[str, Any], columns: RosterColumns, faults: Faults) -> RosterRow:
    inner = record.get("project")
    flat = dict(record)
    if isinstance(inner, dict):
        names = {name for key in _INNER for name in (key, *COLUMNS[key])}
        flat = {key: value for key, value in record.items() if key not in names} | inner
    for key in ("goal", *columns.paths):
        if isinstance(flat.get(key), dict):  # a block of a record
            del flat[key]
    for key, paths in columns.paths.items():
        if all(flat.get(name) is None for name in (key, *COLUMNS[key])):
            flat[key] = next((value for path in paths if (value := _value_at(record, path)) is not None), None)
    flat |= _initial_budgets(where, record.get("funds"), columns, faults)
    for key in flat.keys() - columns.projects.keys():
        if source := unknown_source(key):
            refuse_source(f"{where}“{key}”", source, columns.offered, faults)
    row = _build_row(where, flat, columns.projects, faults)
    return row if "name" in columns.needed else row.with_subject()


def _value_at(record: Mapping[str, Any], path: str) -> Any:
    """The value of a record at a path of keys; None if it has none, or more than one value, there."""
    value: Any = record
    for key in path.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return None if isinstance(value, dict | list) else value


def _initial_budgets(where: str, funds: Any, columns: RosterColumns, faults: Faults) -> dict[str, Any]:
    """The initial budgets of a record's list of funds, or of an object ``{source: amount}``."""
    if funds is None:
        return {}
    lines = list(funds.items()) if isinstance(funds, dict) else None
    if isinstance(funds, list) and all(isinstance(line, dict) for line in funds):
        lines = [(line.get("source"), line.get("initial_budget")) for line in funds]
    if lines is None:
        chinese = "应是数组，各项写 source 和 initial_budget"
        faults.add(f"{where}“funds”", chinese, "must be an array of objects with source and initial_budget")
        return {}
    budgets: dict[str, Any] = {}
    for source, amount in lines:
        if not isinstance(source, str) or source not in columns.sources:
            refuse_source(f"{where}“funds”", str(source), columns.offered, faults)
        elif fund_key(source) in budgets:
            faults.add(f"{where}“funds”", f"来源“{source}”出现两次；请删去一个", f"source {source!r} twice; remove one")
        else:
            budgets[fund_key(source)] = amount
    return budgets


def _indicator_rows(where: str, lines: Any, columns: RosterColumns, faults: Faults) -> Iterator[RosterRow]:
    if lines is not None and not isinstance(lines, list):
        faults.add(f"{where}“indicators”", "应是数组，一项一个指标", "must be an array of indicators")
        return
    own_columns = {key: columns.indicators[key] for key in INDICATOR_ONLY}
    for number, line in enumerate(lines or (), 1):
        place = where + tr(f"指标 {number} ", f" indicator {number} ")
        if isinstance(line, dict):
            yield _build_row(place, line, own_columns, faults)
        else:
            faults.add(place, "应是一个对象", "must be an object")


def _build_row(
    where: str, values: Mapping[str, Any], columns: Mapping[str, Sequence[str]], faults: Faults
) -> RosterRow:
    cells: dict[str, str] = {}
    heads: dict[str, str] = {}
    spoilt = set()
    for key, headings in columns.items():
        name = next((name for name in (key, *headings) if values.get(name) is not None), None)
        if name is None:
            continue
        heads[key] = name
        text = _cell_text(values[name], f"{where}“{name}”", faults)
        cells[key] = text or ""
        if text is None:
            spoilt.add(key)
    return RosterRow(where, cells, heads, frozenset(spoilt))


def _cell_text(value: Any, place: str, faults: Faults) -> str | None:
    if isinstance(value, str):
        return refuse_unfit_text(value, place, faults)
    if isinstance(value, int | Decimal | float) and not isinstance(value, bool):
        return str(value)
    faults.add(
        place, f"应是文字或数值，不是 {quote(str(value))}", f"must be a text or a number, not {quote(str(value))}"
    )
    return None
