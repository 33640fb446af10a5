"""What can be said of a form of which only some places hold anything: those that are given beforehand.

A form that is issued with a fault among its locked values could never be mended by those who get it. And of what is
asked about the rest, nothing can be answered before they have filled it in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from xltool.form.binding import CheckTarget, bind
from xltool.form.blocks import EACH_INDICATOR
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.language import tree
from xltool.language.tree import Node
from xltool.rules.expressions import Expressions
from xltool.rules.rule import CheckInstance

_FORM = CheckTarget("form")

IsPrefilled = Callable[[Place], bool]


def fully_prefilled(
    expressions: Expressions, layout: Layout, asked: Sequence[CheckInstance], given: IsPrefilled
) -> list[CheckInstance]:
    """Those of the questions that are about nothing but what is given, and what the form makes of that.

    Args:
        expressions: what they ask.
        layout: of the form.
        asked: the questions; informations are passed over.
        given: whether the value of a place is given beforehand.
    """
    known = _Known(layout, given)
    serious = (question for question in asked if question.case.level != "info")
    return [one for one in serious if known.any_of(_trees(expressions, one), one.item)]


def _trees(expressions: Expressions, question: CheckInstance) -> list[Node]:
    return [node for node in expressions.trees(question.check, question.item) if node is not None]


class _Places:
    """Of which places something is true: it is of those that are given, and of those that the form fills in.

    Args:
        layout: of the form.
        given: of which it is true beforehand.
    """

    def __init__(self, layout: Layout, given: IsPrefilled) -> None:
        self.layout = layout
        self._known = {place: True for place in layout.places if given(place)}

    def place(self, place: Place) -> bool:
        """Whether it is true of a place."""
        if place not in self._known:
            self._known[place] = self._of_form(place)
        return self._known[place]

    def _of_form(self, place: Place) -> bool:
        form = self.layout.form
        if isinstance(place, VariableRowCell) and form.field(place).helper:
            node = form.flags.get(place.column)
            return node is None or self.node(node, CheckTarget(EACH_INDICATOR, place.row))
        node = form.formulas.get(place)
        return self.layout.fixed(place) is not None if node is None else self.node(node, _FORM)

    def node(self, node: Node, item: CheckTarget) -> bool:
        """Whether it is true of an expression about an item."""
        raise NotImplementedError

    def places(self, name: str, item: CheckTarget) -> tuple[Place, ...]:
        """The places that a name means."""
        meant = bind(self.layout.form, item.each, name)
        assert meant is not None, name  # the parser has resolved every name
        return meant.places(item, self.layout)


class _Known(_Places):
    """Whether a value is known beforehand."""

    def node(self, node: Node, item: CheckTarget) -> bool:
        return all(map(self.place, self._named(node, item)))

    def any_of(self, nodes: list[Node], item: CheckTarget) -> bool:
        """Whether all that some expressions are about is known, and they are about anything."""
        return any(True for node in nodes for _ in self._named(node, item)) and all(
            self.node(node, item) for node in nodes
        )

    def _named(self, node: Node, item: CheckTarget) -> Iterator[Place]:
        return (place for name in tree.cell_names(node) for place in self.places(name, item))


class AnswerableCells(_Places):
    """Of which places a value may stand in.

    Args:
        layout: of the form.
        given: whether a place may hold a value.
    """

    def questions(self, expressions: Expressions, asked: Sequence[CheckInstance]) -> set[CheckInstance]:
        """Those of the questions that can have a verdict: something that any other one needs is blank."""
        return {one for one in asked if all(self.node(node, one.item) for node in _trees(expressions, one))}

    def columns(self) -> frozenset[str]:
        """The columns of indicator rows in which anything may stand."""
        columns = self.layout.form.columns
        return frozenset(name for name in columns if any(map(self.place, self.layout.column_cells(name))))

    def node(self, node: Node, item: CheckTarget) -> bool:
        """Whether all that an expression about an item needs may be answered."""
        return all(self._need(needed, item) for needed in tree.needs(node))

    def _need(self, needed: tree.Cell | tree.Call, item: CheckTarget) -> bool:
        """A cell, or of an aggregate one of its cells, or whatever else it is made of."""
        if isinstance(needed, tree.Cell):
            return self.place(self.places(needed.name, item)[0])
        return any(
            any(map(self.place, self.places(arg.name, item))) if isinstance(arg, tree.CellRange | tree.Cell) else True
            for arg in needed.args
        )
