"""Roles: where a form has what other rooms need of it. What a form does not have is absent, never 0.

A definition names the roles of its fields (``[means]``); rooms ask for the role and never for a block or a field by
name. Paths are keys of the record, joined by dots: ``project.name``, ``funds.total.executed``, ``indicators.target``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from xltool.support import resources
from xltool.support.templates import keep

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

#: The roles in the order in which records list what has one; tables stand where their role does.
ROLES = (
    YEAR, SUBJECT, DEPARTMENT, UNIT, CODE, MONEY_UNIT, FUNDS, INITIAL_BUDGET, BUDGET, EXECUTED, RATE, FUND_WEIGHT,
    FUND_SCORE, GOAL, GOAL_RESULT, INDICATORS, INDICATOR, OPERATOR, TARGET, MEASURE_UNIT, ACTUAL, WEIGHT, SCORE, REASON,
    TOTAL_WEIGHT, TOTAL_SCORE, GRADE, REASONS, SIGNATURES,
)  # fmt: skip


@dataclass(frozen=True)
class Roles:
    """The fields of a form by role.

    Attributes:
        paths: the keys in the record of the fields with a role; a role that the form lacks is missing.
    """

    paths: Mapping[str, tuple[str, ...]]

    def path(self, role: str) -> str | None:
        """The path of the one field with a role, such as ``project.name``; None if the form has none."""
        paths = self.paths.get(role)
        return paths[0] if paths else None

    def column(self, role: str) -> str | None:
        """The column with a role, in the fund table or the indicator table; None if the form has none."""
        path = self.path(role)
        return path.rpartition(".")[2] if path else None

    def row(self, role: str) -> str | None:
        """The row of the cell of the fund table with a role, such as ``total``; None if the form has none."""
        path = self.path(role)
        return path.split(".")[1] if path and path.count(".") == 2 else None


@keep
def roles_of(reference: str) -> Roles:
    """The roles of the fields of a form such as ``mof-2020/1``.

    A result may name a definition that is not at hand: the keys of the record are the same for all forms that have
    such a field, so those of the forms at hand are taken.
    """
    if reference in resources.definitions():
        return read_roles(resources.read_with_parents(reference, "form.toml"))
    paths: dict[str, tuple[str, ...]] = {}
    for known in resources.definitions():
        paths = {**roles_of(known).paths, **paths}
    return Roles(MappingProxyType(paths))


def read_roles(table: Mapping[str, Any]) -> Roles:
    """The roles that a definition names, of the fields that it has."""
    listed = {}
    for role, named in table.get("means", {}).items():
        paths = tuple(path for path in (named if isinstance(named, list) else (named,)) if _exists(table, path))
        if paths:
            listed[role] = paths
    return Roles(MappingProxyType(listed))


def _exists(table: Mapping[str, Any], path: str) -> bool:
    """Whether a definition has a field, a cell of the fund table, a column of the indicator table, or such a table."""
    match path.split("."):
        case ["funds", row, column]:
            return row in table["funds"]["rows"] and column in table["funds"]["columns"]
        case ["indicators", column]:
            return column in table["indicators"]["columns"]
    return path in table["fields"] or path in ("funds", "indicators")
