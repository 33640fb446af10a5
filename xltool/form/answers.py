"""What stands in the places of one form, as the rules see it, and what its formulas make of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from xltool.form.layout import Layout
from xltool.form.names import Item, Meaning, Place, meaning
from xltool.language.evaluate import NoAnswer, evaluate
from xltool.language.functions import Value
from xltool.language.tree import Node

_FORM = Item("form")


class Answers:
    """Values by place: Decimal, text, an error value of the sheet, or None.

    Texts in number cells are kept as they are, so that Python judges what the sheet judges.
    """

    def __init__(self, layout: Layout, values: Mapping[Place, Value]) -> None:
        self.layout = layout
        self.values = values

    def at(self, place: Place) -> Value:
        """What stands at a place; the flags beside the table are computed, never read."""
        if place[0] == "indicators" and (flag := self.layout.form.flags.get(str(place[2]))) is not None:
            return self.evaluated(flag, Item("indicators", place[1]))
        return self.values.get(place)

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
        fresh = Answers(self.layout, {**self.values, **dict.fromkeys(self.layout.form.formulas)})
        values = dict(fresh.values)
        fresh.values = values
        for place, node in self.layout.form.formulas.items():
            values[place] = fresh.evaluated(node)
        return values


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
