"""Whose an issued form is: the project in its seal against the one that its contents name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xltool.result.block_names import FUNDS
from xltool.result.record import Record
from xltool.roster.columns import normalise_key
from xltool.roster.model import ProjectNames

#: The names of a project, by the names of their values in a seal.
_NAMES = {
    "year": "year",
    "code": "project.code",
    "name": "project.name",
    "department": "project.department",
    "unit": "project.unit",
}


@dataclass(frozen=True)
class IssuedIdentity:
    """The project that a form was issued to, compared with its record.

    Attributes:
        names: the issued names; those of the record where nothing was issued.
        changed: the names that the record has otherwise: ``name``, ``unit``, ``code``, ``year``; blank ones are not in.
        is_budget_changed: whether an approved budget was changed.
    """

    names: ProjectNames
    changed: frozenset[str]
    is_budget_changed: bool

    @property
    def is_of_other_project(self) -> bool:
        """Whether the form was surely filled in for another project: one name may be a slip, two facts are none."""
        return bool(self.changed - {"code"}) and len(self.changed) + self.is_budget_changed > 1


def issued_identity(record: Record, issued: Mapping[str, Any]) -> IssuedIdentity:
    """Compare a record with the values that its form was issued with.

    Args:
        record: the record.
        issued: the values in the seal of its form, by name.
    """
    names = issued_names(record.project, issued)
    budgets = {name: value for name, value in issued.items() if name.startswith(f"{FUNDS}.")}
    is_budget_changed = any(not same_value(value, _budget(record, name)) for name, value in budgets.items())
    return IssuedIdentity(names, changed_names(record.project, issued), is_budget_changed)


def issued_names(named: ProjectNames, issued: Mapping[str, Any]) -> ProjectNames:
    """The names in a seal; those of the form where the seal has none."""
    return ProjectNames(**{key: issued.get(name) or getattr(named, key) for key, name in _NAMES.items()})


def changed_names(named: ProjectNames, issued: Mapping[str, Any]) -> frozenset[str]:
    """The names that identify a project and are not as issued; blank ones are reported by other rules."""
    values = {key: (name, getattr(named, key)) for key, name in _NAMES.items() if key != "department"}
    return frozenset(
        key
        for key, (name, value) in values.items()
        if name in issued and value not in (None, "") and not same_value(issued[name], value)
    )


def _budget(record: Record, name: str) -> Any:
    """An amount of a record by its name in a seal: ``funds.fiscal.initial_budget``."""
    _, source, column = name.split(".")
    row = record.source_row(FUNDS, source)
    return row.get(column) if row else None


def same_value(issued: Any, value: Any) -> bool:
    """Whether a value is as issued; of texts, spaces and width do not matter."""
    if isinstance(issued, str) or isinstance(value, str):
        return normalise_key(str(issued or "")) == normalise_key(str(value or ""))
    if issued is None or value is None:
        return issued is None and value is None
    return Decimal(str(issued)) == Decimal(str(value))
