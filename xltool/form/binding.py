"""Resolves the names in expressions: ``score`` in a rule about indicator rows, ``funds.total.executed`` anywhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Self

from xltool.form import blocks
from xltool.form.blocks import EACH_FUND_COLUMN, EACH_FUND_ROW, EACH_INDICATOR
from xltool.form.check_targets import CheckTarget
from xltool.form.definition import Field, Form
from xltool.form.layout import Layout
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.language import tree
from xltool.language.parse import parse
from xltool.language.tree import Node
from xltool.language.types import Type
from xltool.support.templates import keep

#: Markers for the rows or columns of a binding: the item's own, or several.
KEY, PARTS, ALL, GROUP, OTHERS, EARLIER = "*key", "*parts", "*all", "*group", "*others", "*earlier"
EVERY, REASONS = "*every", "*reasons"

#: The points for execution; some forms have no cell for it and print it in the head of the score.
_FUND_POINTS = ("means.fund_weight", "funds.total.weight")

#: What a name of a role begins with, and what a name of the label of a field with a role ends with.
ROLE, LABEL = "means.", ".label"

#: Where units write explanations: a column of the indicators, and these fields as far as a form has them.
_REASON_COLUMN = "deviation"
_REASON_FIELDS = ("goal.actual", "implementation", "deviation", "conclusion", "problems", "measures", "remarks")


@dataclass(frozen=True)
class Binding:
    """The meaning of a name: a field, and one cell of the form or cells of a table by row and column.

    Attributes:
        field: the field.
        cell: the cell, if it is the same for all items.
        block: the table; "" for a single cell.
        rows: the row, or a marker for the item's own or for several.
        column: the column, or a marker for the item's own; "" for a single cell.
    """

    field: Field
    cell: SingleCell | FixedRowCell | None = None
    block: str = ""
    rows: str = ""
    column: str = ""

    @property
    def block_and_column(self) -> tuple[str, str]:
        """The block, and the column in it or the key of a single cell."""
        if isinstance(self.cell, SingleCell):
            return self.cell.block, self.cell.key
        return self.block, self.column

    @cached_property
    def has_many_cells(self) -> bool:
        """Whether it refers to several cells."""
        return self.rows.startswith(_MANY)

    def label(self, form: Form) -> str:
        """Its label, for a sentence about the item."""
        if self.rows == REASONS:
            return "写原因的各栏"
        if self.block == form.fund_table:
            return self._fund_label(form)
        if self.block == form.indicator_table:
            return self._indicator_label(form)
        if isinstance(self.cell, SingleCell) and self.cell.name.startswith(f"{blocks.TOTAL}."):
            return f"{form.total_label}的{self.field.label}"
        return self.field.label

    def _fund_label(self, form: Form) -> str:
        field_label = self.field.label
        if self.rows == PARTS:
            return "各项资金来源" if self.column == KEY else f"各项资金来源的{field_label}"
        if self.rows == EVERY:
            return f"资金各行的{field_label}"
        if self.rows == KEY:
            return field_label
        row = form.fund_rows[self.rows].label
        return row if self.column == KEY else f"{row}的{field_label}"

    def _indicator_label(self, form: Form) -> str:
        field_label = self.field.label
        if self.rows == KEY:
            return field_label
        if self.rows in _ROWS_LABELS:
            return f"{_ROWS_LABELS[self.rows]}的{field_label}"
        level1 = next(level for level in form.level1 if self.rows == f"{GROUP}:{level.id}")
        return f"{level1.label}的{field_label}"

    @property
    def is_of_item(self) -> bool:
        """Whether it refers to a cell of the item itself, such as another cell of the same row."""
        return KEY in (self.rows, self.column)

    @property
    def depends_on_item(self) -> bool:
        """Whether it refers to different cells for different items."""
        return self.is_of_item or self.rows in (OTHERS, EARLIER, GROUP)

    def places(self, item: CheckTarget, layout: Layout) -> tuple[Place, ...]:
        """The places it refers to, for this item."""
        if self.cell is not None:
            return (self.cell,)
        if self.rows == REASONS:
            return explanation_places(layout)
        if self.block == layout.form.indicator_table:
            rows = self._indicator_rows(item, layout)
            return tuple(VariableRowCell(self.block, row, self.column) for row in rows)
        column = str(item.key) if self.column == KEY else self.column
        return tuple(FixedRowCell(self.block, row, column) for row in self._fund_rows(item, layout.form))

    def _indicator_rows(self, item: CheckTarget, layout: Layout) -> Sequence[int]:
        if self.rows == KEY:
            return (int(item.key),)
        if self.rows == ALL:
            return [slot.index for slot in layout.slots]
        if self.rows == OTHERS:
            return [slot.index for slot in layout.slots if slot.index != item.key]
        if self.rows == EARLIER:
            return [slot.index for slot in layout.slots if slot.index < int(item.key)]
        group = self.rows.partition(":")[2] or item.key
        return [slot.index for slot in layout.slots if group in (slot.level1.id, slot.level2.id)]

    def _fund_rows(self, item: CheckTarget, form: Form) -> Sequence[str]:
        if self.rows == KEY:
            return (str(item.key),)
        if self.rows == EVERY:
            return list(form.fund_rows)
        if self.rows == PARTS:
            return [row.id for row in form.fund_rows.values() if row.part]
        return (self.rows,)


#: The markers for several cells.
_MANY = (PARTS, ALL, GROUP, OTHERS, EARLIER, EVERY, REASONS)
#: The labels of several rows of the indicator table.
_ROWS_LABELS = {ALL: "各指标", OTHERS: "其他指标", EARLIER: "前面各指标", GROUP: "本组指标"}


def explanation_fields(form: Form) -> list[Place]:
    """The cells outside the indicator rows in which units write explanations."""
    cells: list[Place] = [SingleCell(name) for name in _REASON_FIELDS if name in form.fields]
    return [
        *cells,
        *([form.fund_cell(blocks.FUND_TOTAL, _REASON_COLUMN)] if _REASON_COLUMN in form.fund_columns else []),
    ]


def explanation_places(layout: Layout) -> tuple[Place, ...]:
    """All cells in which units write explanations."""
    in_rows = layout.column_cells(_REASON_COLUMN) if _REASON_COLUMN in layout.form.columns else ()
    return (*in_rows, *explanation_fields(layout.form))


def named_place(form: Form, name: str) -> Place:
    """The place of a full name: a field, or a cell of the fund table such as ``funds.total.executed``."""
    match name_of_role(form, "form", name).split("."):
        case [blocks.FUNDS, row, column]:
            return form.fund_cell(row, column)
    return SingleCell(name_of_role(form, "form", name))


def name_of_role(form: Form, each: str, name: str) -> str:
    """The name of the field that a name such as ``means.budget`` refers to by its role; any other name unchanged.

    ``means.budget`` is the cell with the role, in an expression about a row the row's own cell;
    ``means.budget.every`` are the cells of its column in all rows, ``means.budget.parts`` those of the sources.
    A role that the form lacks keeps its name, which nothing has.
    """
    if not name.startswith(ROLE):
        return name
    role, _, rows = name.removeprefix(ROLE).partition(".")
    path = form.roles.path(role)
    if path is None:
        return name
    table, _, column = path.rpartition(".")
    if table == form.indicator_table and (rows or each == EACH_INDICATOR):
        return path if rows == "every" else f"{rows}.{column}".strip(".")
    return f"{form.fund_table}.{rows}.{column}" if rows and path.count(".") > 1 else f"{path}.{rows}".strip(".")


def bind(form: Form, each: str, name: str) -> Binding | None:
    """The binding of ``name`` in an expression about ``each``; None if there is none."""
    known: dict[tuple[str, str], Binding | None] = form.bindings
    key = each, name
    if key not in known:
        if len(known) >= _MOST_BINDINGS:
            known.clear()
        known[key] = _find_binding(form, each, name)
    return known[key]


#: The most bindings cached per form; its rules and formulas have fewer.
_MOST_BINDINGS = 4096


def _find_binding(form: Form, each: str, name: str) -> Binding | None:
    name = name_of_role(form, each, name)
    if name in form.fields:
        return Binding(form.fields[name], SingleCell(name))
    parts = name.split(".")
    if parts == ["reasons"]:
        return Binding(form.columns["level3"], rows=REASONS, column=_REASON_COLUMN)
    return _bind_funds(form, each, parts) or _bind_indicators(form, each, parts)


def _bind_funds(form: Form, each: str, parts: list[str]) -> Binding | None:
    """The binding of a name in the fund table."""
    rows, columns, table = form.fund_rows, form.fund_columns, form.fund_table
    has_parts = any(row.part for row in rows.values())
    match parts:
        case [blocks.FUNDS, "every", column] if column in columns:
            return Binding(columns[column], None, table, EVERY, column)
        case [blocks.FUNDS, "parts", _] | ["parts"] if not has_parts:
            return None
        case [blocks.FUNDS, "parts", column] if column in columns:
            return Binding(columns[column], None, table, PARTS, column)
        case [blocks.FUNDS, row, column] if column in columns and row in rows:
            return Binding(columns[column], form.fund_cell(row, column), table, row, column)
        case [blocks.FUND_TOTAL | "parts" as row] if each == EACH_FUND_COLUMN:
            money = next(field for field in columns.values() if field.kind.type is Type.NUMBER)
            return Binding(money, None, table, PARTS if row == "parts" else row, KEY)
        case [column] if each == EACH_FUND_ROW and column in columns:
            return Binding(columns[column], None, table, KEY, column)
    return None


def _bind_indicators(form: Form, each: str, parts: list[str]) -> Binding | None:
    """The binding of a name in the indicator table."""
    *rows_meant, column = parts
    field = form.columns.get(column)
    if field is None:
        return None
    rows = ""
    match rows_meant:
        case [blocks.INDICATORS]:
            rows = ALL
        case ["others"] if each == EACH_INDICATOR:
            rows = OTHERS
        case ["earlier"] if each == EACH_INDICATOR:
            rows = EARLIER
        case ["level1", key] if any(key == level1.id for level1 in form.level1):
            rows = f"{GROUP}:{key}"
        case ["group"] if each in ("level1", "level2"):
            rows = GROUP
        case [] if each == EACH_INDICATOR:
            rows = KEY
    return Binding(field, None, form.indicator_table, rows, column) if rows else None


class FormScope:
    """The scope of an expression: cells of the form, parameters, ``let`` names, and ``value``.

    Args:
        form: the form.
        each: the kind of item that the expression is about.
        params: parameters of the rule; they override those of the form.
        value: the name that ``value`` stands for.
        definitions: further names, each with its expression.
    """

    def __init__(
        self,
        form: Form,
        each: str,
        params: Mapping[str, Decimal | str | tuple[str, ...]] | None = None,
        value: str = "",
        definitions: Mapping[str, str] | None = None,
    ) -> None:
        self.form = form
        self.each = each
        self.params = {**form.params, "money_decimals": Decimal(form.money_decimals), **(params or {})}
        self.value = value
        self.definitions = definitions or {}

    def resolve(self, name: str) -> Node | None:
        """The node of a name; None if it is unknown."""
        if name == "value":
            return self.resolve(self.value)
        if name in self.definitions:
            return parse(self.definitions[name], self._without(name))  # a definition cannot refer to itself
        if name in self.params:
            return _constant(self.params[name])
        if name.startswith(ROLE) and name.endswith(LABEL):
            labelled = bind(self.form, self.each, name.removesuffix(LABEL))
            return tree.Text(labelled.field.label) if labelled else None
        binding = bind(self.form, self.each, name)
        if binding is None and name in _FUND_POINTS and "execution_weight" in self.params:
            return _constant(self.params["execution_weight"])  # a parameter of the form, which has no cell for it
        if binding is None:
            return None
        if binding.has_many_cells:
            return tree.CellRange(name, binding.label(self.form))
        return tree.Cell(name, binding.field.kind.type, binding.label(self.form))

    def _without(self, name: str) -> Self:
        """The same scope without one of its definitions."""
        scope = copy(self)
        scope.definitions = {key: text for key, text in self.definitions.items() if key != name}
        return scope

    def formula(self, name: str) -> Node | None:
        """The formula of the computed cell with this name."""
        name = self.value if name == "value" else name
        return cell_formulas(self.form).get(named_place(self.form, name))


def _constant(value: Decimal | str | tuple[str, ...]) -> Node:
    if isinstance(value, Decimal):
        return tree.Number(value)
    return tree.Words(value) if isinstance(value, tuple) else tree.Text(value)


@keep
def cell_formulas(form: Form) -> Mapping[Place, Node]:
    """The computed cells with their formulas, in an order in which they can be computed."""
    scope = FormScope(form, "form")
    return {place: parse(text, scope) for place, text in form.computed_cells.items()}


@keep
def helper_formulas(form: Form) -> Mapping[str, Node]:
    """The computed columns beside the indicator rows with their formulas."""
    scope = FormScope(form, EACH_INDICATOR)
    return {name: parse(column.formula, scope) for name, column in form.columns.items() if column.formula}
