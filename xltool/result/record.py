"""A record: the contents of one form as submitted. Frozen; JSON is only for exchange."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from xltool.result.roles import BUDGET, EXECUTED, MONEY_UNIT, PROJECT_NAMES, Roles, roles_of
from xltool.roster.model import ProjectNames

#: The unit's explanations on the panel, by rule: the only table that is no form's own but ours.
EXPLANATIONS = "explanations"

#: The names of the project of a form that gives none.
_NAMELESS = dict.fromkeys(PROJECT_NAMES)

#: A row of a table, read only: values by column.
Row = Mapping[str, Any]


@dataclass(frozen=True)
class FormReference:
    """Which form it is, in which version."""

    id: str
    version: str

    @property
    def text(self) -> str:
        """As people write it: ``mof-2020/1``."""
        return f"{self.id}/{self.version}"


@dataclass(frozen=True, slots=True)
class Record:
    """The contents of one form. Numbers are ``Decimal`` or ``int``, other values text or None.

    It has no attribute for any block: the form says which of its tables plays which part.

    Attributes:
        values: the values that a form has once, by name: ``form.id``, ``year``, ``project.name``.
        tables: the rows of each table, by its block.
        order: names and blocks in the order of the JSON, which equality ignores.
    """

    values: Mapping[str, Any]
    tables: Mapping[str, tuple[Row, ...]]
    order: tuple[str, ...] = field(compare=False)

    @staticmethod
    def of(contents: Mapping[str, Any]) -> Record:
        """A record of values by name and lists of rows by block, in the order of the JSON; it takes over the rows."""
        values = {name: value for name, value in contents.items() if not isinstance(value, list)}
        tables = {
            block: tuple(map(MappingProxyType, rows)) for block, rows in contents.items() if isinstance(rows, list)
        }
        return Record(MappingProxyType(values), MappingProxyType(tables), tuple(contents))

    @property
    def form(self) -> FormReference:
        """Its form."""
        return FormReference(self.values["form.id"], self.values["form.version"])

    @property
    def roles(self) -> Roles:
        """The keys of its values by role."""
        return roles_of(f"{self.values['form.id']}/{self.values['form.version']}")

    def role_value(self, role: str) -> Any:
        """The value of the cell with a role, such as the amount executed; None if blank or if the form has none."""
        path = self.roles.path(role)
        return None if path is None else self.at(path)

    def role_table(self, role: str) -> tuple[Row, ...]:
        """The rows of the table with a role; none if the form has no such table."""
        block = self.roles.path(role)
        return self.table(block) if block else ()

    def role_column(self, role: str) -> list[Any]:
        """The values in the column with a role, from the first row to the last; none if the form has no such column."""
        block, _, column = (self.roles.path(role) or "").rpartition(".")
        return self.column(block, column)

    @property
    def project(self) -> ProjectNames:
        """The names that the form gives for its project; a unit's, if the form is about a unit as a whole."""
        names = {key: self.at(path) for key, path in self.roles.project_names.items()}
        return ProjectNames(**{**_NAMELESS, **names})

    @property
    def money_unit(self) -> str | None:
        """元 or 万元; None if the form does not state it, or has no amounts."""
        roles = self.roles
        if roles.has(MONEY_UNIT):
            stated: str | None = self.role_value(MONEY_UNIT)
            return stated
        return (roles.money_unit or None) if roles.has(BUDGET) or roles.has(EXECUTED) else None

    @property
    def explanations(self) -> dict[str, str]:
        """The unit's explanations, by rule."""
        return {row["rule"]: row["text"] for row in self.table(EXPLANATIONS)}

    def value(self, name: str) -> Any:
        """The value with this name; None if it is blank, or the form has no such field."""
        return self.values.get(name)

    def at(self, path: str) -> Any:
        """The value at a path of a role: ``project.name``, ``funds.total.executed``; None if there is none."""
        block, *cell = path.split(".")
        if block not in self.tables or len(cell) != 2:
            return self.values.get(path)
        row = self.source_row(block, cell[0])
        return row.get(cell[1]) if row else None

    def pointer(self, path: str | None) -> str:
        """The JSON Pointer of a value or table at such a path; "", which is the whole record, where there is none."""
        if path is None:
            return ""
        block, *cell = path.split(".")
        if block not in self.tables or len(cell) != 2:
            return f"/{path.replace('.', '/')}"
        sources = self.column(block, self.roles.row_keys.get(block, "source"))
        return f"/{block}/{sources.index(cell[0])}/{cell[1]}" if cell[0] in sources else ""

    def table(self, block: str) -> tuple[Row, ...]:
        """The rows of a table; none if the form has no such table."""
        return self.tables.get(block, ())

    def column(self, block: str, name: str) -> list[Any]:
        """A column of a table, from the first row to the last."""
        return [row.get(name) for row in self.table(block)]

    def source_row(self, block: str, source: str) -> Row | None:
        """The row with this id, such as that of a source of money, in a table with fixed rows; None if it has none."""
        key = self.roles.row_keys.get(block, "source")
        return next((row for row in self.table(block) if row.get(key) == source), None)

    def with_tables(self, tables: Mapping[str, Iterable[Row]]) -> Record:
        """The same with other rows in these tables."""
        changed = {block: tuple(rows) for block, rows in tables.items()}
        return Record(
            self.values, MappingProxyType({**self.tables, **changed}), tuple(dict.fromkeys([*self.order, *changed]))
        )

    # ── JSON ────────────────────────────────────────────────────

    def as_json(self) -> dict[str, Any]:
        """As the record contract has it."""
        found: dict[str, Any] = {}
        for name in self.order:
            if name in self.tables:
                found[name] = [dict(row) for row in self.tables[name]]
                continue
            parent, _, key = name.rpartition(".")
            (found.setdefault(parent, {}) if parent else found)[key] = self.values[name]
        return found

    @staticmethod
    def from_json(record: Mapping[str, Any]) -> Record:
        """The record of a value that is valid against the record schema; it shares nothing with it."""
        contents: dict[str, Any] = {}
        for key, value in record.items():
            if isinstance(value, Mapping):
                contents |= {f"{key}.{name}": inner for name, inner in value.items()}
            else:
                contents[key] = [dict(row) for row in value] if isinstance(value, list) else value
        return Record.of(contents)

    def __reduce__(self) -> tuple[Any, ...]:
        """A process that is not forked gets it as JSON: its read-only mappings cannot be pickled."""
        return Record.from_json, (self.as_json(),)
