"""Which checks can already be decided on a prefilled form, before the unit has typed anything.

A form issued with a fault among its locked values could never be mended by its recipient. Checks on the rest cannot be
decided before the unit has filled it in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from xltool.form.binding import bind, cell_formulas, helper_formulas
from xltool.form.check_targets import CheckTarget
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.language import tree
from xltool.language.tree import Node
from xltool.rules.expressions import Expressions
from xltool.rules.rule import CheckInstance

_FORM = CheckTarget("form")

IsPrefilled = Callable[[Place], bool]


def fully_prefilled(
    expressions: Expressions, layout: Layout, instances: Sequence[CheckInstance], is_prefilled: IsPrefilled
) -> list[CheckInstance]:
    """The check instances that depend on prefilled values alone, and on what the form computes from them.

    Args:
        expressions: the expressions of the checks.
        layout: the layout of the form.
        instances: the check instances; those of level info are skipped.
        is_prefilled: whether the value of a place is prefilled.
    """
    known = _Known(layout, is_prefilled)
    relevant = (instance for instance in instances if instance.case.level != "info")
    return [candidate for candidate in relevant if known.any_of(_trees(expressions, candidate), candidate.item)]


def _trees(expressions: Expressions, instance: CheckInstance) -> list[Node]:
    """The parsed expressions of a check instance."""
    return [node for node in expressions.trees(instance.check, instance.item) if node is not None]


class _Places:
    """A property of places that computed places inherit from the places they are computed from.

    Args:
        layout: the layout of the form.
        given: the places that have the property to begin with.
    """

    def __init__(self, layout: Layout, given: IsPrefilled) -> None:
        self.layout = layout
        self._known = {place: True for place in layout.places if given(place)}

    def has_property(self, place: Place) -> bool:
        """Whether a place has the property."""
        if place not in self._known:
            self._known[place] = self._is_inherited(place)
        return self._known[place]

    def _is_inherited(self, place: Place) -> bool:
        """Whether a place that is computed or printed by the form has the property."""
        form = self.layout.form
        if isinstance(place, VariableRowCell) and form.field(place).helper:
            node = helper_formulas(form).get(place.column)
            return node is None or self.is_inherited_by(node, CheckTarget(form.each_indicator, place.row))
        node = cell_formulas(form).get(place)
        return self.layout.fixed_value(place) is not None if node is None else self.is_inherited_by(node, _FORM)

    def is_inherited_by(self, node: Node, item: CheckTarget) -> bool:
        """Whether an expression about an item has the property."""
        raise NotImplementedError

    def places(self, name: str, item: CheckTarget) -> tuple[Place, ...]:
        """The places that a name refers to."""
        binding = bind(self.layout.form, item.each, name)
        assert binding is not None, name  # the parser has resolved every name
        return binding.places(item, self.layout)


class _Known(_Places):
    """Which values are known before the form is filled in."""

    def is_inherited_by(self, node: Node, item: CheckTarget) -> bool:
        return all(map(self.has_property, self._named(node, item)))

    def any_of(self, nodes: list[Node], item: CheckTarget) -> bool:
        """Whether expressions name at least one place, and all their places are known."""
        return any(True for node in nodes for _ in self._named(node, item)) and all(
            self.is_inherited_by(node, item) for node in nodes
        )

    def _named(self, node: Node, item: CheckTarget) -> Iterator[Place]:
        """The places named in an expression."""
        return (place for name in tree.cell_names(node) for place in self.places(name, item))


class AnswerableCells(_Places):
    """Which places may have a value.

    Args:
        layout: the layout of the form.
        given: whether a place may be filled in.
    """

    def answerable(self, expressions: Expressions, instances: Sequence[CheckInstance]) -> set[CheckInstance]:
        """The check instances that may have a verdict; the others need a cell that is always blank."""
        return {
            instance
            for instance in instances
            if all(self.is_inherited_by(node, instance.item) for node in _trees(expressions, instance))
        }

    def columns(self) -> frozenset[str]:
        """The columns of indicator rows that may have content."""
        columns = self.layout.form.columns
        return frozenset(name for name in columns if any(map(self.has_property, self.layout.column_cells(name))))

    def is_inherited_by(self, node: Node, item: CheckTarget) -> bool:
        """Whether all cells that an expression needs may have a value."""
        return all(self._may_have_value(needed, item) for needed in tree.needs(node))

    def _may_have_value(self, needed: tree.Cell | tree.Call, item: CheckTarget) -> bool:
        """Whether a cell may have a value, or any cell of an aggregate."""
        if isinstance(needed, tree.Cell):
            return self.has_property(self.places(needed.name, item)[0])
        return any(
            any(map(self.has_property, self.places(arg.name, item)))
            if isinstance(arg, tree.CellRange | tree.Cell)
            else True
            for arg in needed.args
        )
