"""Converts definitions of ``xltool.form/1`` to ``xltool.form/2``; ``older_rules.py`` the rules beside them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from xltool.form.older_rules import convert_expression
from xltool.result.roles import cell_key
from xltool.support.toml_text import Statement, statements, write_statements

#: The schemas of definitions.
OLD_SCHEMA, SCHEMA = "xltool.form/1", "xltool.form/2"

#: The blocks that each form of the first schema had, with what the second one has to say of them.
_BLOCKS: Mapping[str, Mapping[str, Any]] = {
    "heading": {"kind": "fields", "key": ""},
    "funds": {"kind": "matrix", "row_key": "source"},
    "goal": {"kind": "fields"},
    "between": {"kind": "fields", "key": ""},
    "indicators": {"kind": "table"},
    "total": {"kind": "fields", "style": "total"},
    "foot": {"kind": "fields", "key": ""},
    "notes": {"kind": "text"},
}
#: What the fields of the first schema were for, by their keys; rows and columns by their names.
_ROLES: Mapping[str, str] = {
    "year": "year", "subject": "project.name", "department": "project.department", "unit": "project.unit",
    "code": "project.code", "money_unit": "money_unit", "goal": "goal.expected", "goal_result": "goal.actual",
    "total_weight": "total.weight", "total_score": "total.score", "grade": "grade",
}  # fmt: skip
_FUND_ROLES: Mapping[str, str] = {
    "initial_budget": "initial_budget", "budget": "adjusted_budget", "executed": "executed", "rate": "execution_rate",
    "fund_weight": "weight", "fund_score": "score",
}  # fmt: skip
_INDICATOR_ROLES: Mapping[str, str] = {
    "indicator": "level3", "operator": "operator", "target": "target", "measure_unit": "measure_unit",
    "actual": "actual", "weight": "weight", "score": "score", "reason": "deviation",
}  # fmt: skip
_REASONS = ("goal.actual", "implementation", "deviation", "conclusion", "problems", "measures", "remarks")

#: Names of the base of the execution rate, which was a parameter.
_RATE_BASE: Mapping[str, str] = {
    "funds.total.rate_base": "means.budget", "funds.every.rate_base": "means.budget.every",
    "funds.parts.rate_base": "means.budget.parts", "rate_base_label": "means.budget.label",
}  # fmt: skip

#: The block of fields on the panel and on the hidden sheet.
_OFF_FORM = {"panel": "total", "hidden": "heading"}

#: The keys that have another name, in any block.
_KEYS = {"side_columns": "label_columns", "corner_columns": "row_label_columns", "beside": "helpers"}

#: The sum that a row of totals has by itself.
_SUM = re.compile(r"round\(sum\(funds\.parts\.\w+\), money_decimals\)")


class Converter:
    """Converts one definition.

    Args:
        text: the text of its ``form.toml``.
        parent: the tables of the definition that it extends, of the second schema; None if it extends none.
        versions: the names of single cells of its older versions, by version and by key in the record.
    """

    def __init__(
        self,
        text: str,
        parent: Mapping[str, Any] | None,
        versions: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
    ) -> None:
        self._versions = versions
        self.statements = list(statements(text))
        self.table = tomllib.loads(text)
        self.is_root = parent is None
        self.inherited = _names_of_cells(parent or {})
        #: The names of single cells by their keys in the record.
        self.names = {**self.inherited, **_RATE_BASE}
        for key, field in self.table.get("fields", {}).items():
            if isinstance(field, dict) and ("section" in field or key not in self.names):
                section = str(field.get("section", "heading"))
                block = _OFF_FORM.get(section, section)
                if key not in self.names:
                    self.names[key] = f"{block}.{self._cell_name(block, key)}"

    def _cell_name(self, block: str, key: str) -> str:
        """A name for a cell that is free in its block."""
        short = key.rpartition(".")[2]
        return key.replace(".", "_") if f"{block}.{short}" in self.names.values() else short

    # ── form.toml ───────────────────────────────────────────────

    def form_text(self) -> str:
        """The definition in the second schema."""
        converted: list[Statement] = []
        header: tuple[str, ...] = ()
        comments: tuple[str, ...] = ()
        for statement in self.statements:
            header, comments = (*header, *statement.header), (*comments, *statement.comments)
            pieces = _join(statement, [piece for leaf in _leaves(statement) for piece in self._convert(leaf)])
            if pieces:
                pieces[0] = replace(pieces[0], comments=comments, header=header)
                header = comments = ()
            converted += pieces
        if self.is_root:
            converted = self._with_blocks(converted)
        return write_statements([*converted, *self._roles(converted)])

    def _roles(self, converted: Sequence[Statement]) -> Iterator[Statement]:
        """The roles of the fields that the definition adds, which the first schema knew by their names."""
        fields = [key for key, field in self.table.get("fields", {}).items() if field and key not in self.inherited]
        funds = self.table.get("funds", {}).get("columns", {}) if self.is_root else {}
        columns = self.table.get("indicators", {}).get("columns", {})
        roles: dict[str, Any] = {role: self.names[key] for role, key in _ROLES.items() if key in fields}
        roles |= {"funds": "funds", "indicators": "indicators"} if self.is_root else {}
        roles |= {role: f"funds.total.{name}" for role, name in _FUND_ROLES.items() if name in funds}
        roles |= {
            role: f"indicators.{name}"
            for role, name in _INDICATOR_ROLES.items()
            if name in columns and (self.is_root or role in ("operator", "measure_unit"))
        }
        if "deviation" in fields:
            roles["reason"] = self.names["deviation"]
        own_reason = "kind" in self.table.get("funds", {}).get("columns", {}).get("deviation", {})
        if own_reason or any(key in fields for key in _REASONS):
            absent = [key for key, field in self.table.get("fields", {}).items() if field is False]
            reasons = [self.names[key] for key in _REASONS if key in self.names and key not in absent]
            roles["reasons"] = [*reasons, *(["funds.total.deviation"] if own_reason else [])]
        if signatures := [self.names[key] for key in fields if key.startswith("signatures.")]:
            roles["signatures"] = signatures
        known = {one.path[1] for one in converted if one.path[0] == "means"}
        yield from (Statement(("means", role), name) for role, name in roles.items() if role not in known)

    def _with_blocks(self, converted: list[Statement]) -> list[Statement]:
        """Put before the keys of each block what kind it is."""
        order: list[str] = next((one.value for one in converted if one.path == ("order",)), [])
        for block in order:
            first = next((n for n, one in enumerate(converted) if one.path[:2] == ("block", block)), len(converted))
            kinds = [Statement(("block", block, key), value) for key, value in _BLOCKS[block].items()]
            if first < len(converted):
                kinds[0] = replace(kinds[0], header=converted[first].header)
                converted[first] = replace(converted[first], header=())
            converted[first:first] = kinds
        return converted

    def _convert(self, one: Statement) -> Iterator[Statement]:  # noqa: C901, PLR0912  # one case for each table
        path, value = one.path, one.value
        match path:
            case ("schema",):
                yield replace(one, value=SCHEMA, raw="")
            case ("blocks",):
                yield replace(one, path=("order",))
            case ("notes",):
                if value is False:
                    yield replace(one, path=("block", "notes"))
                else:
                    yield from [] if self.is_root else [Statement(("block", "notes", "kind"), "text")]
                    yield replace(one, path=("block", "notes", "lines"))
            case ("params", "rate_base"):
                yield Statement(("means", "budget"), f"funds.total.{value}")
            case ("means", _):
                names = [self._name(name) for name in (value if isinstance(value, list) else [value])]
                yield replace(one, value=names if isinstance(value, list) else names[0], raw="")
            case ("fields", key):
                yield replace(one, path=("block", *self._cell(key)))
            case ("fields", key, prop):
                yield from self._field(one, key, prop)
            case ("funds", "rows", row, "part"):
                yield replace(one, path=("block", "funds", "rows", row, "adds_to"), value="total", raw="")
            case ("funds", "columns", column, "total_formula"):
                if value is not False and not _SUM.fullmatch(value):
                    yield from self._formula(one, ("block", "funds", "columns", column, "formula"))
            case ("funds", "columns", column, "total_fixed"):
                yield replace(one, path=("block", "funds", "columns", column, "fixed"))
            case ("funds", "columns", column, "part_text"):
                yield Statement(("block", "funds", "columns", column, "only"), ["total"])
                yield replace(one, path=("block", "funds", "columns", column, "elsewhere"))
            case ("funds" | "goal" | "indicators" | "total", *rest):
                new = ("block", path[0], *(_KEYS.get(key, key) for key in rest))
                yield from self._formula(one, new) if path[-1] == "formula" else [replace(one, path=new)]
            case ("versions", number, "renamed"):
                table = {self._old_name(number, name): self._crossing_name(to) for name, to in value.items()}
                yield replace(one, value=table, raw="")
            case ("versions", _, "added"):
                yield replace(one, value={self._crossing_name(name): to for name, to in value.items()}, raw="")
            case ("versions", number, "renamed", name):
                new = (*path[:3], self._old_name(number, name))
                yield replace(one, path=new, value=self._crossing_name(value), raw="")
            case ("versions", _, "added", name):
                yield replace(one, path=(*path[:3], self._crossing_name(name)))
            case ("versions", number, "dropped"):
                yield replace(one, value=[self._old_name(number, name) for name in value], raw="")
            case _:
                yield one

    def _cell(self, key: str) -> tuple[str, ...]:
        block, _, cell = self.names.get(key, f"heading.{key}").partition(".")
        return block, "cell", cell

    def _name(self, name: str) -> str:
        return self.names.get(name, name)

    def _field(self, one: Statement, key: str, prop: str) -> Iterator[Statement]:
        block, _, cell = path = self._cell(key)
        place = ("block", *path)
        value = one.value
        if prop == "section":
            in_record = f"{block}.{cell}" if block in ("goal", "total") else cell
            if key != in_record and key not in self.inherited:
                yield Statement((*place, "key"), key)
            if value in _OFF_FORM:
                yield Statement((*place, "on"), value)
            elif key in self.inherited and block in _OFF_FORM.values():
                yield Statement((*place, "on"), "form")
            if value == "goal" and key not in self.inherited:
                yield Statement((*place, "label_line"), 1)
                yield Statement((*place, "line"), 2)
        elif prop == "formula":
            yield from self._formula(one, (*place, "formula"))
        elif prop == "before":
            yield replace(one, path=(*place, prop), value=self._name(value), raw="")
        else:
            yield replace(one, path=(*place, prop))

    def _formula(self, one: Statement, path: tuple[str, ...]) -> Iterator[Statement]:
        text = one.value if one.value is False else convert_expression(one.value, self.names)
        yield replace(one, path=path, value=text, raw=one.raw if text == one.value else "")

    def _old_name(self, number: str, name: str) -> str:
        """A name in an older version."""
        return self._crossing_name(name, self._versions.get(number, {}))

    def _crossing_name(self, name: str, names: Mapping[str, str] = MappingProxyType({})) -> str:
        if name.startswith("fields."):
            key = name.removeprefix("fields.")
            return names.get(key) or self._name(key)
        return name.replace("level2.", "indicators.groups.") if name.startswith("level2.") else name


def _names_of_cells(table: Mapping[str, Any]) -> dict[str, str]:
    """The names of the single cells of a definition of the second schema, by their keys in the record."""
    return {
        cell_key(block_id, block, cell): f"{block_id}.{cell}"
        for block_id, block in table.get("block", {}).items()
        for cell in block.get("cell", {})
    }


def _leaves(one: Statement) -> Iterator[Statement]:
    """A statement with inline tables of fields, rows and columns taken apart."""
    if isinstance(one.value, dict) and one.path[0] in ("fields", "funds", "goal", "indicators", "total"):
        for key, value in one.value.items():
            yield from _leaves(Statement((*one.path, key), value))
    else:
        yield one


def _join(statement: Statement, pieces: list[Statement]) -> list[Statement]:
    """The pieces of an inline table as one inline table again, if they still have one table in common."""
    tables = {piece.path[:-1] for piece in pieces}
    if not isinstance(statement.value, dict) or len(tables) != 1 or len(next(iter(tables))) < 3:
        return pieces
    return [Statement(tables.pop(), {piece.path[-1]: piece.value for piece in pieces})]
