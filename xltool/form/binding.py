"""Resolves the names in expressions: ``score`` in a rule about indicator rows, ``funds.total.executed`` anywhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Self

from xltool.form.blocks import Matrix, Table
from xltool.form.check_targets import COLUMNS, FORM, LEVELS, ROWS, SUBTOTALS, CheckTarget
from xltool.form.definition import Form
from xltool.form.field import Field
from xltool.form.layout import Layout, Slot
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.language import tree
from xltool.language.parse import parse
from xltool.language.tree import Node
from xltool.language.types import Type
from xltool.result.roles import FUND_WEIGHT, REASON
from xltool.result.roles import REASONS as REASONS_ROLE
from xltool.support.templates import keep

#: Markers for the rows or columns of a binding: the item's own, or several.
KEY, PARTS, ALL, GROUP, OTHERS, EARLIER = "*key", "*parts", "*all", "*group", "*others", "*earlier"
EVERY, REASONS, OWN_PARTS = "*every", "*reasons", "*own parts"

#: The points for execution; some forms have no cell for it and print it in the head of the score.
_FUND_POINTS = f"means.{FUND_WEIGHT}"

#: What a name of a role begins with, and what a name of the label of a field with a role ends with.
ROLE, LABEL = "means.", ".label"


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
        if self.block in form.matrices:
            return self._matrix_label(form, form.matrices[self.block])
        if self.block:
            return self._table_label(form)
        assert isinstance(self.cell, SingleCell)
        total = form.total_label(self.field)
        return f"{total}的{self.field.label}" if total else self.field.label

    def _matrix_label(self, form: Form, matrix: Matrix) -> str:
        field_label, is_funds = self.field.label, self.block == form.fund_table
        if self.rows == PARTS:
            rows = "各项资金来源" if is_funds else "各行"
            return rows if self.column == KEY else f"{rows}的{field_label}"
        if self.rows == OWN_PARTS:
            return f"其中各项的{field_label}"
        if self.rows == EVERY:
            return f"资金各行的{field_label}" if is_funds else f"各行的{field_label}"
        if self.rows == KEY:
            return field_label
        row = matrix.rows[self.rows].label
        return row if self.column == KEY else f"{row}的{field_label}"

    def _table_label(self, form: Form) -> str:
        field_label = self.field.label
        if self.rows == KEY:
            return field_label
        if self.rows in _ROWS_LABELS:
            rows = _ROWS_LABELS[self.rows]
            return f"{rows if self.block == form.indicator_table else rows.replace('指标', '行')}的{field_label}"
        level1 = next(level for level in form.level1 if self.rows == f"{GROUP}:{level.id}")
        return f"{level1.label}的{field_label}"

    @property
    def is_of_item(self) -> bool:
        """Whether it refers to a cell of the item itself, such as another cell of the same row."""
        return KEY in (self.rows, self.column)

    @property
    def depends_on_item(self) -> bool:
        """Whether it refers to different cells for different items."""
        return self.is_of_item or self.rows in (OTHERS, EARLIER, GROUP, OWN_PARTS)

    def places(self, item: CheckTarget, layout: Layout) -> tuple[Place, ...]:
        """The places it refers to, for this item."""
        if self.cell is not None:
            return (self.cell,)
        if self.rows == REASONS:
            return explanation_places(layout)
        if self.block in layout.form.tables:
            rows = self._table_rows(item, layout.table_slots[self.block])
            return tuple(VariableRowCell(self.block, row, self.column) for row in rows)
        return self.matrix_cells(item, layout.form)

    def matrix_cells(self, item: CheckTarget, form: Form) -> tuple[FixedRowCell, ...]:
        """The cells of a matrix that it refers to, for this item."""
        column = str(item.key) if self.column == KEY else self.column
        rows = self._matrix_rows(item, form.matrices[self.block])
        return tuple(FixedRowCell(self.block, row, column) for row in rows)

    def _table_rows(self, item: CheckTarget, slots: Sequence[Slot]) -> Sequence[int]:
        if self.rows == KEY:
            return (int(item.key),)
        if self.rows == ALL:
            return [slot.index for slot in slots]
        if self.rows == OTHERS:
            return [slot.index for slot in slots if slot.index != item.key]
        if self.rows == EARLIER:
            return [slot.index for slot in slots if slot.index < int(item.key)]
        group = self.rows.partition(":")[2] or item.key
        return [slot.index for slot in slots if group in (slot.level1.id, slot.level2.id)]

    def _matrix_rows(self, item: CheckTarget, matrix: Matrix) -> Sequence[str]:
        if self.rows == KEY:
            return (str(item.key),)
        if self.rows == EVERY:
            return list(matrix.rows)
        if self.rows == PARTS:
            return matrix.parts(matrix.total)
        if self.rows == OWN_PARTS:
            return matrix.parts(str(item.key))
        return (self.rows,)


#: The markers for several cells.
_MANY = (PARTS, OWN_PARTS, ALL, GROUP, OTHERS, EARLIER, EVERY, REASONS)
#: The labels of several rows of the indicator table.
_ROWS_LABELS = {ALL: "各指标", OTHERS: "其他指标", EARLIER: "前面各指标", GROUP: "本组指标"}


def explanation_fields(form: Form) -> tuple[Place, ...]:
    """The cells outside the indicator rows in which units write explanations."""
    return form.places(REASONS_ROLE)


def explanation_places(layout: Layout) -> tuple[Place, ...]:
    """All cells in which units write explanations."""
    column = layout.form.column(REASON)
    in_rows = layout.column_cells(column) if column is not None else ()
    return (*in_rows, *explanation_fields(layout.form))


def named_place(form: Form, name: str) -> Place:
    """The place of a name: ``heading.name``, ``funds.total.executed``, or a role such as ``means.budget``."""
    name = name_of_role(form, FORM, name)
    match name.split("."):
        case [block_id, row, column] if isinstance(block := form.block_of.get(block_id), Matrix):
            return FixedRowCell(block.key, row, column)
    return SingleCell(form.names_of_fields.get(name, name))


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
    if path in form.fields:
        return f"{form.fields[path].full_name}.{rows}".strip(".")
    block, *cell = path.split(".")
    if block in form.tables:
        table = form.tables[block].id
        if (rows and rows != "every") or (not rows and each == table):
            return f"{rows}.{cell[0]}".strip(".")
        return f"{table}.{cell[0]}"
    return ".".join([form.matrices[block].id, rows or cell[0], cell[1]]) if cell else form.matrices[block].id


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
    if (key := form.names_of_fields.get(name)) is not None:
        return Binding(form.fields[key], SingleCell(key))
    parts = name.split(".")
    if parts == ["reasons"]:
        return _bind_reasons(form)
    for matrix in form.matrices.values():
        if (binding := _bind_matrix(matrix, each, parts)) is not None:
            return binding
    for table in form.tables.values():
        if (binding := _bind_table(form, table, each, parts)) is not None:
            return binding
    return None


def _bind_reasons(form: Form) -> Binding | None:
    """The binding of all cells in which units write explanations."""
    column = form.columns.get(form.column(REASON) or "")
    fields = [*([column] if column is not None else []), *map(form.field, explanation_fields(form))]
    return Binding(fields[0], rows=REASONS, column=column.name if column else "") if fields else None


def _bind_matrix(matrix: Matrix, each: str, parts: list[str]) -> Binding | None:
    """The binding of a name in a matrix."""
    rows, columns, key = matrix.rows, matrix.columns, matrix.key
    has_parts = any(row.part for row in rows.values())
    match parts:
        case [matrix.id, "every", column] if column in columns:
            return Binding(columns[column], None, key, EVERY, column)
        case [matrix.id, "parts", column] if column in columns and has_parts:
            return Binding(columns[column], None, key, PARTS, column)
        case [matrix.id, row, column] if column in columns and row in rows:
            return Binding(columns[column], FixedRowCell(key, row, column), key, row, column)
        case [row] if each == matrix.id + COLUMNS and (row in rows or (row == "parts" and has_parts)):
            number = next(field for field in columns.values() if field.kind.type is Type.NUMBER)
            return Binding(number, None, key, PARTS if row == "parts" else row, KEY)
        case ["parts", column] if each == matrix.id + SUBTOTALS and column in columns:
            return Binding(columns[column], None, key, OWN_PARTS, column)
        case [column] if each in (matrix.id + ROWS, matrix.id + SUBTOTALS) and column in columns:
            return Binding(columns[column], None, key, KEY, column)
    return None


def _bind_table(form: Form, table: Table, each: str, parts: list[str]) -> Binding | None:
    """The binding of a name in a table."""
    *rows_meant, column = parts
    field = table.columns.get(column)
    if field is None:
        return None
    is_indicators = table.key == form.indicator_table
    rows = ""
    match rows_meant:
        case [table.id]:
            rows = ALL
        case ["others"] if each == table.id:
            rows = OTHERS
        case ["earlier"] if each == table.id:
            rows = EARLIER
        case ["level1", key] if is_indicators and any(key == level1.id for level1 in form.level1):
            rows = f"{GROUP}:{key}"
        case ["group"] if is_indicators and each in LEVELS:
            rows = GROUP
        case [] if each == table.id:
            rows = KEY
    return Binding(field, None, table.key, rows, column) if rows else None


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
        if name == "parts.value":
            return self.resolve(f"parts.{self.value}")
        if name in self.definitions:
            return parse(self.definitions[name], self._without(name))  # a definition cannot refer to itself
        if name in self.params:
            return _constant(self.params[name])
        if name.startswith(ROLE) and name.endswith(LABEL):
            labelled = bind(self.form, self.each, name.removesuffix(LABEL))
            return tree.Text(labelled.field.label) if labelled else None
        binding = bind(self.form, self.each, name)
        if binding is None and name == _FUND_POINTS and "execution_weight" in self.params:
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
    """The computed cells with their formulas, each after those whose results it needs.

    Raises:
        CircularFormula: a formula needs its own result.
    """
    scope = FormScope(form, FORM)
    nodes = {place: parse(text, scope) for place, text in form.computed_cells.items()}
    sorted_nodes: dict[Place, Node] = {}

    def add(place: Place, path: tuple[Place, ...]) -> None:
        if place in path:
            raise CircularFormula(form.full_name(place))
        if place in sorted_nodes or place not in nodes:
            return
        for needed in _cells_read(form, nodes[place]):
            add(needed, (*path, place))
        sorted_nodes[place] = nodes[place]

    for place in nodes:
        add(place, ())
    return sorted_nodes


class CircularFormula(Exception):  # noqa: N818  # what is wrong with a definition
    """A formula that needs its own result; the name of its cell."""


def _cells_read(form: Form, node: Node) -> Iterator[Place]:
    """The cells outside tables that a formula reads."""
    for name in tree.cell_names(node):
        binding = bind(form, FORM, name)
        if binding is not None and binding.cell is not None:
            yield binding.cell
        elif binding is not None and binding.block in form.matrices:
            yield from binding.matrix_cells(CheckTarget(FORM), form)


@keep
def helper_formulas(form: Form) -> Mapping[str, Node]:
    """The computed columns beside the indicator rows with their formulas."""
    scope = FormScope(form, form.each_indicator)
    return {name: parse(column.formula, scope) for name, column in form.columns.items() if column.formula}
