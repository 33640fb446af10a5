"""What stands in the places of one form, as the rules see it, and what its formulas make of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xltool.form.layout import Layout
from xltool.form.names import Item, Meaning, Place, meaning
from xltool.language.evaluate import evaluate
from xltool.language.functions import NoAnswer, Value
from xltool.language.tree import Node

_FORM = Item("form")


class Answers:
    """Values by place: Decimal, text, an error value of the sheet, or None.

    Texts in number cells are kept as they are, so that Python judges what the sheet judges.
    """

    def __init__(self, layout: Layout, values: Mapping[Place, Value]) -> None:
        self.layout = layout
        self.values = values
        self._beside: dict[Place, Value] = {}

    def at(self, place: Place) -> Value:
        """What stands at a place; what stands beside the table is computed once, never read."""
        if place[0] != "indicators" or not self.layout.form.columns[str(place[2])].beside:
            return self.values.get(place)
        if place not in self._beside:
            self._beside[place] = self._computed(place)
        return self._beside[place]

    def _computed(self, place: Place) -> Value:
        column = str(place[2])
        if constant := self.layout.form.columns[column].constant:
            return self.layout.constant(int(place[1]), constant)
        return self.evaluated(self.layout.form.flags[column], Item("indicators", place[1]))

    def bound(self, item: Item) -> Bound:
        """The answers as an expression about ``item`` sees them."""
        return Bound(self, item)

    def evaluated(self, node: Node, item: Item = _FORM) -> Value:
        """A formula's value, None where something needed is unanswered."""
        try:
            value = evaluate(node, self.bound(item))
        except NoAnswer:
            return None
        assert isinstance(value, Decimal | str)
        return value

    def recomputed(self) -> dict[Place, Value]:
        """All values, every computed one computed anew from what people filled in."""
        return dict(as_on_sheet(self, as_printed=False).answers.values)


@dataclass(frozen=True)
class OnSheet:
    """What a workbook of some answers shows.

    Attributes:
        answers: the values on the sheet.
        own: for each locked place where the answers say otherwise, what the form itself has there.
        overwritten: those of them that are written over all the same.
    """

    answers: Answers
    own: Mapping[Place, Value]
    overwritten: frozenset[Place]


def as_on_sheet(answers: Answers, as_printed: bool) -> OnSheet:
    """The values that a workbook of these answers shows.

    Args:
        answers: what a record says.
        as_printed: whether figures that differ from formulas and fixed texts are written over them, as units do.
    """
    layout = answers.layout
    values = dict(answers.values)
    sheet = Answers(layout, values)
    own: dict[Place, Value] = {}
    locked = [place for place in layout.places if layout.is_locked(place) and place not in layout.form.formulas]
    for place in [*locked, *layout.form.formulas]:
        node = layout.form.formulas.get(place)
        right = layout.fixed(place) if node is None else sheet.evaluated(node)
        said = answers.at(place)
        if said != right and not (said is None and right == layout.form.field(place).part_text):
            own[place] = right
        if place not in own or not as_printed:
            values[place] = right
    return OnSheet(Answers(layout, values), own, frozenset(own) if as_printed else frozenset())


class Bound:
    """Answers seen from one item of a rule."""

    def __init__(self, answers: Answers, item: Item) -> None:
        self.answers = answers
        self.item = item

    def _meaning(self, name: str) -> Meaning:
        found = meaning(self.answers.layout.form, self.item.each, name)
        assert found is not None, name  # the parser has resolved every name
        return found

    def place(self, name: str) -> Place:
        """The place a name means."""
        return self._meaning(name).places(self.item, self.answers.layout)[0]

    def value(self, name: str) -> Value:
        """What stands in the cell a name means."""
        return self.answers.at(self.place(name))

    def values(self, name: str) -> Sequence[Value]:
        """What stands in the cells a name means."""
        places = self._meaning(name).places(self.item, self.answers.layout)
        return [self.answers.at(place) for place in places]
