"""Roles: where a form has what other rooms need of it. What a form does not have is absent, never 0.

A definition names the roles of its fields (``[means]``); rooms ask for the role and never for a block or a field by
name. Paths are keys of the record, joined by dots: ``project.name``, ``funds.total.executed``, ``indicators.target``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar

from xltool.support import resources
from xltool.support.errors import WrongDefinition
from xltool.support.templates import keep

T = TypeVar("T")

#: Roles of single cells: what the form is about, and its result.
YEAR, SUBJECT, DEPARTMENT, UNIT, CODE, MONEY_UNIT = "year", "subject", "department", "unit", "code", "money_unit"
GOAL, GOAL_RESULT = "goal", "goal_result"
TOTAL_WEIGHT, TOTAL_SCORE, GRADE = "total_weight", "total_score", "grade"

#: Roles of tables: one row per source of money; one row per indicator.
FUNDS, INDICATORS = "funds", "indicators"

#: Roles of cells of the fund table, in the row that sums the others; each names a column of that table, too.
INITIAL_BUDGET, BUDGET, EXECUTED = "initial_budget", "budget", "executed"
RATE, FUND_WEIGHT, FUND_SCORE = "rate", "fund_weight", "fund_score"

#: Roles of columns of the indicator table.
INDICATOR, OPERATOR, TARGET, MEASURE_UNIT = "indicator", "operator", "target", "measure_unit"
ACTUAL, WEIGHT, SCORE, REASON = "actual", "weight", "score", "reason"

#: Roles that several fields may have: where units explain deviations, who signs.
REASONS, SIGNATURES = "reasons", "signatures"

#: All roles.
ROLES = (
    YEAR, SUBJECT, DEPARTMENT, UNIT, CODE, MONEY_UNIT, FUNDS, INITIAL_BUDGET, BUDGET, EXECUTED, RATE, FUND_WEIGHT,
    FUND_SCORE, GOAL, GOAL_RESULT, INDICATORS, INDICATOR, OPERATOR, TARGET, MEASURE_UNIT, ACTUAL, WEIGHT, SCORE, REASON,
    TOTAL_WEIGHT, TOTAL_SCORE, GRADE, REASONS, SIGNATURES,
)  # fmt: skip

#: The roles of what stands first in a record, in this order; everything else follows in the order of the form.
FIRST_IN_RECORD = (
    YEAR, SUBJECT, DEPARTMENT, UNIT, CODE, MONEY_UNIT, FUNDS, GOAL, GOAL_RESULT, INDICATORS, TOTAL_WEIGHT, TOTAL_SCORE,
    GRADE,
)  # fmt: skip


#: The roles of the names that identify what a form is about, by their keys in rosters and seals.
PROJECT_NAMES: Mapping[str, str] = MappingProxyType(
    {"year": YEAR, "code": CODE, "name": SUBJECT, "department": DEPARTMENT, "unit": UNIT}
)
#: The words for roles, in Chinese and English.
ROLE_NAMES: Mapping[str, tuple[str, str]] = MappingProxyType({
    YEAR: ("年度", "year"), SUBJECT: ("项目名称", "project name"), DEPARTMENT: ("主管部门", "department"),
    UNIT: ("实施单位", "unit"), CODE: ("项目编码", "project code"), MONEY_UNIT: ("金额单位", "money unit"),
    FUNDS: ("资金", "funds"), INITIAL_BUDGET: ("年初预算数", "initial budget"), BUDGET: ("预算数", "budget"),
    EXECUTED: ("执行数", "executed"), RATE: ("执行率", "execution rate"),
    FUND_WEIGHT: ("执行率的分值", "execution weight"), FUND_SCORE: ("执行率得分", "execution score"),
    GOAL: ("年度目标", "goal"), GOAL_RESULT: ("目标完成情况", "goal result"),
    INDICATORS: ("绩效指标", "indicators"), INDICATOR: ("指标名称", "indicator"), OPERATOR: ("指标性质", "operator"),
    TARGET: ("指标值", "target"), MEASURE_UNIT: ("度量单位", "unit of measurement"), ACTUAL: ("完成值", "actual value"),
    WEIGHT: ("分值", "weight"), SCORE: ("得分", "score"), REASON: ("偏差原因", "reason"),
    TOTAL_WEIGHT: ("分值合计", "total weight"), TOTAL_SCORE: ("总分", "total score"), GRADE: ("等级", "grade"),
    REASONS: ("写原因的栏目", "fields for reasons"), SIGNATURES: ("签字", "signatures"),
})  # fmt: skip


@dataclass(frozen=True)
class Roles:
    """The fields of a form by role.

    Attributes:
        paths: the keys in the record of the fields with a role; a role that the form lacks is missing.
        money_unit: of the amounts on a form that has no field for it; "" where it is not said.
        labels: what the form calls its blocks, cells and columns, by their keys in the record: ``tasks``,
            ``project.name``, ``funds.executed``.
        row_keys: the keys of the ids of rows in the tables that have the same rows on every copy, by table.
    """

    paths: Mapping[str, tuple[str, ...]]
    money_unit: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    row_keys: Mapping[str, str] = field(default_factory=dict)

    def has(self, role: str) -> bool:
        """Whether the form has what this role stands for."""
        return role in self.paths

    def path(self, role: str) -> str | None:
        """The path of the one field with a role, such as ``project.name``; None if the form has none."""
        paths = self.paths.get(role)
        return paths[0] if paths else None

    def named(self, values: Mapping[str, T]) -> dict[str, T]:
        """Values by role as values by path, as in a seal; without those whose role the form lacks."""
        return {path: value for role, value in values.items() if (path := self.path(role)) is not None}

    def column(self, role: str) -> str | None:
        """The column with a role, in the fund table or the indicator table; None if the form has none."""
        path = self.path(role)
        if path is None or path.partition(".")[0] not in (self.path(FUNDS), self.path(INDICATORS)):
            return None
        return path.rpartition(".")[2]

    def row(self, role: str) -> str | None:
        """The row of the cell of the fund table with a role, such as ``total``; None if the form has none."""
        path = self.path(role)
        return path.split(".")[1] if path and path.count(".") == 2 else None

    @cached_property
    def project_names(self) -> Mapping[str, str]:
        """The paths of the names of a project, by their keys in rosters; without those that the form lacks."""
        return {key: path for key, role in PROJECT_NAMES.items() if (path := self.path(role)) is not None}

    @cached_property
    def tables(self) -> tuple[str, ...]:
        """The tables with a role: those of funds and indicators, as far as the form has them."""
        return tuple(path for role in (FUNDS, INDICATORS) if (path := self.path(role)) is not None)

    @property
    def total_row(self) -> str | None:
        """The row of the fund table that sums the others; None if the form has no such row."""
        return next((row for role in (BUDGET, INITIAL_BUDGET, EXECUTED, RATE) if (row := self.row(role))), None)


@keep
def roles_of(reference: str) -> Roles:
    """The roles of the fields of a form such as ``mof-2020/1``.

    A result may name a definition that is not at hand: the keys of the record are the same for all forms that have
    such a field, so those of the forms at hand are taken.
    """
    own = _roles_in_definition(reference)
    return own if own is not None else roles_at_hand()


@keep
def roles_at_hand() -> Roles:
    """The roles of the fields of all forms together."""
    paths: dict[str, tuple[str, ...]] = {}
    labels: dict[str, str] = {}
    row_keys: dict[str, str] = {}
    for known in resources.definitions():
        if (own := _roles_in_definition(known)) is not None:
            paths = {**own.paths, **paths}
            labels = {**own.labels, **labels}
            row_keys = {**own.row_keys, **row_keys}
    return Roles(MappingProxyType(paths), "", MappingProxyType(labels), MappingProxyType(row_keys))


@keep
def _roles_in_definition(reference: str) -> Roles | None:
    """The roles that a definition names; None if it is not at hand, or broken, which its loader reports."""
    if reference not in resources.definitions():
        return None
    try:
        return read_roles(resources.read_with_parents(reference, "form.toml"))
    except (WrongDefinition, AttributeError, KeyError, TypeError):  # nobody has checked it yet
        return None


def read_roles(table: Mapping[str, Any]) -> Roles:
    """The roles that a definition names, of the fields that it has."""
    listed = {}
    for role, named in table.get("means", {}).items():
        names = named if isinstance(named, list) else [named]
        paths = tuple(path for path in (record_path(table, name) for name in names) if path is not None)
        if paths:
            listed[role] = paths
    if SIGNATURES not in listed and (signed := tuple(_signatures(table))):
        listed[SIGNATURES] = signed
    labels = {path: label for block in _blocks(table) for path, label in _labels(*block)}
    row_keys = {block.get("key", key): block.get("row_key", "row") for key, block in _blocks(table)
                if block["kind"] == "matrix"}  # fmt: skip
    money_unit = table.get("money_unit", "")
    return Roles(MappingProxyType(listed), money_unit, MappingProxyType(labels), MappingProxyType(row_keys))


def _blocks(table: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The blocks of a definition, by their names."""
    blocks = table.get("block", {})
    yield from ((key, blocks[key]) for key in table.get("order", blocks) if key in blocks)


def _labels(block_id: str, block: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The labels of a block and of its cells and columns, by their keys in the record."""
    if block.get("label"):
        yield block.get("key", block_id), block["label"]
    for cell, contents in block.get("cell", {}).items():
        yield cell_key(block_id, block, cell), contents.get("label", cell)
    for column, contents in block.get("columns", {}).items():
        yield f"{block.get('key', block_id)}.{column}", contents.get("label", column)


def _signatures(table: Mapping[str, Any]) -> Iterator[str]:
    """The keys in the record of the cells of blocks of signatures."""
    for block_id, block in _blocks(table):
        if block["kind"] == "signatures":
            yield from (cell_key(block_id, block, cell) for cell in block.get("cell", {}))


def record_path(table: Mapping[str, Any], name: str) -> str | None:
    """The path in the record of what a definition names; None if it has no such block, cell, row or column.

    Args:
        table: the definition.
        name: a block (``funds``), a cell (``heading.name``), a column of a table (``indicators.target``) or a cell of a
            matrix (``funds.total.executed``).
    """
    first, *rest = name.split(".")
    block = table.get("block", {}).get(first)
    if block is None or first not in table.get("order", table["block"]):
        return None
    key = block.get("key", first)
    match rest:
        case []:
            return key if block["kind"] in ("matrix", "table") else None
        case [cell] if cell in block.get("cell", {}):
            return cell_key(first, block, cell)
        case [column] if block["kind"] == "table" and column in block["columns"]:
            return f"{key}.{column}"
        case [row, column] if block["kind"] == "matrix" and row in block["rows"] and column in block["columns"]:
            return f"{key}.{row}.{column}"
    return None


def cell_key(block_id: str, block: Mapping[str, Any], cell: str) -> str:
    """The key in the record of a single cell: its own, or its name in the group of its block."""
    group = block.get("key", block_id) if block["kind"] in ("fields", "signatures") else ""
    return str(block["cell"][cell].get("key") or (f"{group}.{cell}" if group else cell))
