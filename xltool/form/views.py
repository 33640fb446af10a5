"""One form as an expression about one of its items sees it: names made into look-ups of cells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from xltool.form.names import ALL, EARLIER, GROUP, KEY, OTHERS, PARTS, Item, Meaning, meaning
from xltool.language.functions import Value
from xltool.language.tree import Node, names

if TYPE_CHECKING:
    from xltool.form.answers import Answers
    from xltool.form.definition import Form


class View:
    """The answers seen from an item.

    Attributes:
        item: what an expression is about.
        answers: the whole form.
        own: the item's own cells: of a row by column, of a fund column by row.
        blank: whether it is an indicator row in which nothing stands.
        known: what expressions have worked out so far, for others in which the same occurs.
    """

    def __init__(self, item: Item, answers: Answers, own: Mapping[str, Value], blank: bool = False) -> None:
        self.item = item
        self.answers = answers
        self.own = own
        self.blank = blank
        self.known: dict[object, Any] = {}


class Look:
    """Makes names into look-ups, for expressions about ``each``; the same ones serve every form laid out anyhow."""

    def __init__(self, form: Form, each: str) -> None:
        self._form = form
        self._each = each
        self._staying: dict[str, bool] = {}

    def _meaning(self, name: str) -> Meaning:
        found = meaning(self._form, self._each, name)
        assert found is not None, name  # the parser has resolved every name
        return found

    def cell(self, name: str) -> Callable[[View], Value]:
        """One cell."""
        meant = self._meaning(name)
        if meant.own:
            key = next(part for part in meant.path[1:] if part != KEY)
            return lambda view: view.own[key]
        place = meant.path
        return lambda view: view.answers.values.get(place)

    def cells(self, name: str) -> Callable[[View], Sequence[Value]]:
        """The cells of a column, or the fund cells that make up a sum."""
        _, which, column = self._meaning(name).path
        if which == PARTS:
            return self._parts(column)
        if which == ALL:
            return lambda view: view.answers.column(column)
        if which == OTHERS:
            return lambda view: [*view.answers.column(column)[: int(view.item.key)],
                                 *view.answers.column(column)[int(view.item.key) + 1 :]]  # fmt: skip
        if which == EARLIER:
            return lambda view: view.answers.column(column)[: int(view.item.key)]
        group = which.removeprefix(GROUP).removeprefix(":")
        return lambda view: view.answers.of_group(group or str(view.item.key), column)

    def stays_in_row(self, node: Node) -> bool:
        """Whether an expression about an indicator row asks for nothing beyond it, so that blank ones are alike."""
        meant = [self._meaning(name) for name in names(node)]
        return all(one.own and not one.many and self._stays(one.path[-1]) for one in meant)

    def _stays(self, column: str) -> bool:
        """The same of what stands in a column."""
        if column not in self._staying:
            flag = self._form.flags.get(column)
            self._staying[column] = flag is None or self.stays_in_row(flag)
        return self._staying[column]

    def _parts(self, column: str) -> Callable[[View], Sequence[Value]]:
        rows = [row.id for row in self._form.fund_rows.values() if row.part]
        if column == KEY:
            return lambda view: [view.own[row] for row in rows]
        return lambda view: [view.answers.values.get(("funds", row, column)) for row in rows]
