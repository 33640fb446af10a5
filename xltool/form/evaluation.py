"""One form as an expression about one of its items sees it: names made into look-ups of cells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from xltool.form.binding import (
    ALL,
    EARLIER,
    EVERY,
    GROUP,
    KEY,
    OTHERS,
    PARTS,
    REASONS,
    Binding,
    CheckTarget,
    bind,
    explanation_fields,
)
from xltool.language.functions import Value
from xltool.language.tree import Node, cell_names
from xltool.support.templates import current_templates

if TYPE_CHECKING:
    from xltool.form.answers import Answers
    from xltool.form.definition import Form


#: So many bytes of the rows of a group are remembered by each memory; a row counts so many beside its texts.
_MOST_BYTES, _ROW = 32_000, 250

T = TypeVar("T")


class EvalContext:
    """The answers seen from an item.

    Attributes:
        item: what an expression is about.
        answers: the whole form.
        own: the item's own cells: of a row by column, of a fund column by row.
        errors: whether it is an indicator row in which error values stand.
        known: what expressions have worked out so far, for others in which the same occurs.
        common: the same of what does not depend on the item.
    """

    def __init__(self, item: CheckTarget, answers: Answers, own: Mapping[str, Value], errors: bool = False) -> None:
        self.item = item
        self.answers = answers
        self.own = own
        self.errors = errors
        self.known: dict[object, Any] = {}
        self.common = answers.common


class RowMemo(Generic[T]):
    """What was found of rows, by what they hold: another row of the same group that holds the same needs no asking.

    Args:
        reads: the columns that it depends on.
    """

    def __init__(self, reads: Collection[str]) -> None:
        self._key: Callable[[Mapping[str, Value]], object] = itemgetter(*sorted(reads)) if reads else lambda _: ()
        self._found: dict[str, dict[object, T]] = {}
        self._sizes: dict[str, int] = {}
        self._is_used = current_templates().fast

    def of(self, view: EvalContext, group: str, find: Callable[[EvalContext], T]) -> T:
        """What is found of a row.

        Args:
            view: the row.
            group: its second-level indicator.
            find: finds it, where nothing is remembered.
        """
        if view.errors or not self._is_used:  # an error value is equal to the text that shows it
            return find(view)
        key = self._key(view.own)
        try:
            return self._found[group][key]
        except KeyError:
            known = self._found.setdefault(group, {})
        found = find(view)
        size = self._sizes.get(group, 0) + _size(key)
        if size > _MOST_BYTES:
            known.clear()
            size = _size(key)
        if size <= _MOST_BYTES:
            known[key] = found
            self._sizes[group] = size
        return found


def _size(key: object) -> int:
    """The bytes of a row that is remembered, by estimate."""
    values = key if isinstance(key, tuple) else (key,)
    return _ROW + 2 * sum(len(one) for one in values if isinstance(one, str))


class CellResolver:
    """Makes names into look-ups, for expressions about ``each``; the same ones serve every form laid out anyhow."""

    def __init__(self, form: Form, each: str) -> None:
        self._form = form
        self._each = each
        self._reads: dict[str, frozenset[str] | None] = {}

    def _meaning(self, name: str) -> Binding:
        found = bind(self._form, self._each, name)
        assert found is not None, name  # the parser has resolved every name
        return found

    def cell(self, name: str) -> Callable[[EvalContext], Value]:
        """One cell."""
        meant = self._meaning(name)
        if meant.own:
            key = meant.column if meant.rows == KEY else meant.rows
            return lambda view: view.own[key]
        place = meant.cell
        assert place is not None, name  # one cell that is not the item's own is the same one for all
        return lambda view: view.answers.values.get(place)

    def cells(self, name: str) -> Callable[[EvalContext], Sequence[Value]]:
        """The cells of a column, or the fund cells that make up a sum."""
        meant = self._meaning(name)
        rows, column = meant.rows, meant.column
        if rows == REASONS:
            return self._reasons(column)
        if rows == PARTS:
            return self._parts(column)
        if rows == EVERY:
            cells = [of_row[column] for of_row in self._form.fund_cells.values()]
            return lambda view: [view.answers.values.get(cell) for cell in cells]
        if rows == ALL:
            return lambda view: view.answers.column(column)
        if rows == OTHERS:
            return lambda view: [*view.answers.column(column)[: int(view.item.key)],
                                 *view.answers.column(column)[int(view.item.key) + 1 :]]  # fmt: skip
        if rows == EARLIER:
            return lambda view: view.answers.column(column)[: int(view.item.key)]
        group = rows.removeprefix(GROUP).removeprefix(":")
        return lambda view: view.answers.of_group(group or str(view.item.key), column)

    def common(self, nodes: Sequence[Node]) -> str:
        """The ``each`` in which nodes mean the same cells for every item; "" where they do not, or mean none."""
        meant = [self._meaning(name) for node in nodes for name in cell_names(node)]
        return self._each if meant and not any(one.depends_on_item for one in meant) else ""

    def reads(self, node: Node) -> frozenset[str] | None:
        """The columns that an expression about an indicator row reads; None where it asks for anything beyond the row.

        What stands beside the table counts as what it is computed from, so that rows with the same there are alike.
        """
        found: frozenset[str] = frozenset()
        for one in map(self._meaning, cell_names(node)):
            own = self._column_reads(one.column) if one.own and not one.many else None
            if own is None:
                return None
            found |= own
        return found

    def _column_reads(self, column: str) -> frozenset[str] | None:
        """The same of what stands in a column; what the form says of a row is the same in the whole group."""
        if column not in self._reads:
            flag = self._form.flags.get(column)
            said = frozenset() if column in self._form.constants else frozenset([column])
            self._reads[column] = said if flag is None else self.reads(flag)
        return self._reads[column]

    def _reasons(self, column: str) -> Callable[[EvalContext], Sequence[Value]]:
        places, in_rows = explanation_fields(self._form), column in self._form.columns

        def found(view: EvalContext) -> Sequence[Value]:
            rows = view.answers.column(column) if in_rows else ()
            return [*rows, *(view.answers.values.get(place) for place in places)]

        return found

    def _parts(self, column: str) -> Callable[[EvalContext], Sequence[Value]]:
        rows = [row.id for row in self._form.fund_rows.values() if row.part]
        if column == KEY:
            return lambda view: [view.own[row] for row in rows]
        cells = [self._form.fund_cell(row, column) for row in rows]
        return lambda view: [view.answers.values.get(cell) for cell in cells]
