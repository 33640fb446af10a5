"""Evaluation context: resolves the names of an expression to cells of one form, relative to one item."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, Generic, Protocol, TypeVar

from xltool.form.binding import (
    ALL,
    EARLIER,
    EVERY,
    GROUP,
    KEY,
    OTHERS,
    OWN_PARTS,
    PARTS,
    REASONS,
    Binding,
    bind,
    explanation_fields,
    helper_formulas,
)
from xltool.form.check_targets import CheckTarget
from xltool.form.definition import Form
from xltool.form.places import Place
from xltool.language.functions import SheetError, Value
from xltool.language.tree import Node, cell_names
from xltool.support.templates import current_templates

#: The most bytes of rows per group in a memo, and the bytes of a row in addition to its texts.
_MOST_BYTES, _BYTES_OF_ROW = 256_000, 250

T = TypeVar("T")

#: What an expression about an indicator row may read: a column of the row, or a single cell of the form.
RowInput = str | Place


class FormCells(Protocol):
    """What an expression can ask of a form: single values, and those of a column of the indicator table.

    Attributes:
        common: results of subexpressions that do not depend on an item.
    """

    common: dict[object, Any]

    @property
    def values(self) -> Mapping[Place, Value]:
        """The values by place, without those beside the table."""

    def column_values(self, name: str, table: str = "") -> Sequence[Value]:
        """The cells of all rows in a column, of the indicator table unless another is named."""

    def group_values(self, level: str, name: str) -> Sequence[Value]:
        """The cells in a column that belong to a first-level or second-level indicator."""


class EvalContext:
    """The answers, relative to an item.

    Attributes:
        item: the subject of an expression.
        answers: the whole form.
        item_cells: the item's own cells: those of a row by column, those of a fund column by row.
        has_errors: whether the item is an indicator row with error values.
        item_results: results of subexpressions, to be reused by other expressions.
        common: results that do not depend on the item.
    """

    def __init__(
        self, item: CheckTarget, answers: FormCells, item_cells: Mapping[str, Value], has_errors: bool = False
    ) -> None:
        self.item = item
        self.answers = answers
        self.item_cells = item_cells
        self.has_errors = has_errors
        self.item_results: dict[object, Any] = {}
        self.common = answers.common


class RowMemo(Generic[T]):
    """Memoises a row-level result by the values that it reads: of columns of the row, and of single cells of the form.

    Rows of the same group with equal values there share the result.

    Args:
        reads: the columns and the single cells that the result depends on.
    """

    def __init__(self, reads: Collection[RowInput]) -> None:
        columns = sorted(name for name in reads if isinstance(name, str))
        self._key: Callable[[Mapping[str, Value]], object] = itemgetter(*columns) if columns else lambda _: ()
        self._cells = [place for place in reads if not isinstance(place, str)]
        self._results: dict[str, dict[object, T]] = {}
        self._sizes: dict[str, int] = {}
        self._is_used = current_templates().fast

    def result(self, view: EvalContext, group: str, find: Callable[[EvalContext], T]) -> T:
        """The result for a row.

        Args:
            view: the row.
            group: its second-level indicator.
            find: computes the result.
        """
        if view.has_errors or not self._is_used:  # an error value equals its own text
            return find(view)
        key = self._key(view.item_cells)
        if self._cells:
            cells = tuple(map(view.answers.values.get, self._cells))
            if SheetError in map(type, cells):
                return find(view)
            key = key, cells
        try:
            return self._results[group][key]
        except KeyError:
            known = self._results.setdefault(group, {})
        result = find(view)
        size = self._sizes.get(group, 0) + _BYTES_OF_ROW + _size(key)
        if size > _MOST_BYTES:
            known.clear()
            size = _BYTES_OF_ROW + _size(key)
        if size <= _MOST_BYTES:
            known[key] = result
            self._sizes[group] = size
        return result


def _size(key: object) -> int:
    """The estimated bytes of the texts of a memoised row."""
    if isinstance(key, tuple):
        return sum(map(_size, key))
    return 2 * len(key) if isinstance(key, str) else 0


class CellResolver:
    """Resolves names to cell lookups, for expressions about ``each``; the lookups serve every layout of the form."""

    def __init__(self, form: Form, each: str) -> None:
        self._form = form
        self._each = each
        self._inputs: dict[str, frozenset[RowInput] | None] = {}

    def _bind(self, name: str) -> Binding:
        binding = bind(self._form, self._each, name)
        assert binding is not None, name  # the parser has resolved every name
        return binding

    def cell(self, name: str) -> Callable[[EvalContext], Value]:
        """The lookup of one cell."""
        binding = self._bind(name)
        if binding.is_of_item:
            key = binding.column if binding.rows == KEY else binding.rows
            return lambda view: view.item_cells[key]
        place = binding.cell
        assert place is not None, name  # a single cell that is not the item's own is the same for all items
        return lambda view: view.answers.values.get(place)

    def cells(self, name: str) -> Callable[[EvalContext], Sequence[Value]]:
        """The lookup of the cells of a column, or of the fund cells that make up a sum."""
        binding = self._bind(name)
        rows, column = binding.rows, binding.column
        if rows == REASONS:
            return self._reasons(column)
        if rows == PARTS:
            return self._parts(binding)
        if rows == EVERY:
            cells = [of_row[column] for of_row in self._form.matrix_cells[binding.block].values()]
            return lambda view: [view.answers.values.get(cell) for cell in cells]
        if rows == OWN_PARTS:
            matrix, by_row = self._form.matrices[binding.block], self._form.matrix_cells[binding.block]
            return lambda view: [
                view.answers.values.get(by_row[row][column]) for row in matrix.parts(str(view.item.key))
            ]
        table = "" if binding.block == self._form.indicator_table else binding.block
        if rows == ALL:
            return lambda view: view.answers.column_values(column, table)
        if rows == OTHERS:
            return lambda view: [*view.answers.column_values(column, table)[: int(view.item.key)],
                                 *view.answers.column_values(column, table)[int(view.item.key) + 1 :]]  # fmt: skip
        if rows == EARLIER:
            return lambda view: view.answers.column_values(column, table)[: int(view.item.key)]
        group = rows.removeprefix(GROUP).removeprefix(":")
        return lambda view: view.answers.group_values(group or str(view.item.key), column)

    def common(self, nodes: Sequence[Node]) -> str:
        """``each`` if the nodes refer to the same cells for every item; "" if not, or if they refer to none."""
        bindings = [self._bind(name) for node in nodes for name in cell_names(node)]
        return self._each if bindings and not any(binding.depends_on_item for binding in bindings) else ""

    def reads(self, node: Node) -> frozenset[str] | None:
        """The columns that an expression about an indicator row reads; None if it reads anything beyond the row."""
        inputs = self.inputs(node)
        columns = frozenset(name for name in inputs or () if isinstance(name, str))
        return columns if columns == inputs else None

    def inputs(self, node: Node) -> frozenset[RowInput] | None:
        """The columns and single cells that an expression about an indicator row reads; None if it reads other rows.

        Columns beside the table count as those from which they are computed, so that rows with equal input are equal.
        """
        inputs: frozenset[RowInput] = frozenset()
        for binding in map(self._bind, cell_names(node)):
            found = self._inputs_of(binding)
            if found is None:
                return None
            inputs |= found
        return inputs

    def _inputs_of(self, binding: Binding) -> frozenset[RowInput] | None:
        if binding.has_many_cells:
            return None
        if binding.is_of_item:
            return self._column_inputs(binding.column)
        return None if binding.cell is None else frozenset([binding.cell])

    def _column_inputs(self, column: str) -> frozenset[RowInput] | None:
        """What a column depends on; attributes of rows, equal in a whole group, do not count."""
        if column not in self._inputs:
            flag = helper_formulas(self._form).get(column)
            table = self._form.tables.get(self._form.indicator_table)
            is_constant = table is not None and column in table.constants
            columns: frozenset[RowInput] = frozenset() if is_constant else frozenset([column])
            self._inputs[column] = columns if flag is None else self.inputs(flag)
        return self._inputs[column]

    def _reasons(self, column: str) -> Callable[[EvalContext], Sequence[Value]]:
        places = explanation_fields(self._form)

        def lookup(view: EvalContext) -> Sequence[Value]:
            rows = view.answers.column_values(column) if column else ()
            return [*rows, *(view.answers.values.get(place) for place in places)]

        return lookup

    def _parts(self, binding: Binding) -> Callable[[EvalContext], Sequence[Value]]:
        matrix = self._form.matrices[binding.block]
        rows = matrix.parts(matrix.total)
        if binding.column == KEY:
            return lambda view: [view.item_cells[row] for row in rows]
        cells = [self._form.matrix_cells[binding.block][row][binding.column] for row in rows]
        return lambda view: [view.answers.values.get(cell) for cell in cells]
