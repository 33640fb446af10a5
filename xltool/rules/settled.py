"""The questions about nothing but what is given beforehand, and what the form computes from that.

A form that is issued with a fault among its locked values could never be mended by those who get it.
"""

from __future__ import annotations

from collections.abc import Callable

from xltool.form.layout import Layout
from xltool.form.names import Item, Place, meaning
from xltool.language import tree
from xltool.rules.catalogue import Catalogue, Question

_FORM = Item("form")


def settled(catalogue: Catalogue, layout: Layout, given: Callable[[Place], bool]) -> list[Question]:
    """Those of the questions that the sheet asks, informations apart.

    Args:
        catalogue: the rules.
        layout: of the form.
        given: whether the value of a place is given beforehand.
    """
    known = _Known(layout, given)
    asked = [question for question in catalogue.in_sheet(layout) if question.case.level != "info"]
    return [question for question in asked if known.all(catalogue, question)]


class _Known:
    """What is known beforehand."""

    def __init__(self, layout: Layout, given: Callable[[Place], bool]) -> None:
        self.layout = layout
        self.given = given

    def all(self, catalogue: Catalogue, question: Question) -> bool:
        """Whether every cell that a question is about is known, at least one of them given."""
        when, must = catalogue.trees(question.check, question.item)
        names = {name for node in (when, must) if node is not None for name in tree.names(node)}
        places = [place for name in names for place in self._places(name, question.item)]
        return bool(places) and all(map(self._is_known, places))

    def _places(self, name: str, item: Item) -> tuple[Place, ...]:
        meant = meaning(self.layout.form, item.each, name)
        assert meant is not None, name  # the parser has resolved every name
        return meant.places(item, self.layout)

    def _is_known(self, place: Place) -> bool:
        form = self.layout.form
        if self.given(place):
            return True
        if place[0] == "indicators" and form.field(place).beside:
            node = form.flags.get(str(place[2]))
            item = Item("indicators", place[1])
            return node is None or all(
                self._is_known(at) for name in tree.names(node) for at in self._places(name, item)
            )
        node = form.formulas.get(place)
        if node is None:
            return self.layout.fixed(place) is not None
        return all(self._is_known(at) for name in tree.names(node) for at in self._places(name, _FORM))
