"""Whose an issued form is: the project in its seal against the one that its contents name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from xltool.result.record import Record
from xltool.result.roles import FUNDS, Roles
from xltool.roster.columns import normalise_key
from xltool.roster.model import ProjectNames


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
    roles = record.roles
    names = issued_names(record.project, issued, roles)
    budgets = {name: value for name, value in issued.items() if name.startswith(f"{roles.path(FUNDS)}.")}
    is_budget_changed = any(not same_value(value, record.at(name)) for name, value in budgets.items())
    return IssuedIdentity(names, changed_names(record.project, issued, roles), is_budget_changed)


def issued_names(named: ProjectNames, issued: Mapping[str, Any], roles: Roles) -> ProjectNames:
    """The names in a seal of a form with these roles; those of the form where the seal has none."""
    return replace(named, **{key: issued[path] for key, path in roles.project_names.items() if issued.get(path)})


def changed_names(named: ProjectNames, issued: Mapping[str, Any], roles: Roles) -> frozenset[str]:
    """The names that identify a project and are not as issued; blank ones are reported by other rules.

    Of a form about a unit as a whole, whose name and unit are one cell, only the name counts: it is one fact.
    """
    keys: dict[str, str] = {}
    for key, path in roles.project_names.items():
        if key != "department":
            keys.setdefault(path, key)
    values = {path: getattr(named, key) for path, key in keys.items()}
    return frozenset(
        keys[path]
        for path, value in values.items()
        if path in issued and value not in (None, "") and not same_value(issued[path], value)
    )


def same_value(issued: Any, value: Any) -> bool:
    """Whether a value is as issued; of texts, spaces and width do not matter."""
    if isinstance(issued, str) or isinstance(value, str):
        return normalise_key(str(issued or "")) == normalise_key(str(value or ""))
    if issued is None or value is None:
        return issued is None and value is None
    return Decimal(str(issued)) == Decimal(str(value))
