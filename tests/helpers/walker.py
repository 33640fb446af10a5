"""The plainest reading of a tree: every node looked at anew for every form, with no thought for time.

The program makes an expression into a function once and asks only what can be answered; whatever it leaves out must not
change a verdict. LibreOffice proves that the sheet agrees; this proves it of thousands of forms in a minute, and of the
rules that have no formula.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from xltool.form.answers import Answers
from xltool.form.binding import bind
from xltool.form.check_targets import CheckTarget
from xltool.language import tree
from xltool.language.functions import NoAnswer, SheetError, as_text
from xltool.language.numbers import add, divide, multiply, round_half_up
from xltool.language.tree import Node
from xltool.language.types import Type


def verdict(when: Node | None, must: Node, answers: Answers, item: CheckTarget) -> bool | None:
    """True at fault, False holds, None unanswered."""
    walker = _Walker(answers, item)
    try:
        applies = True if when is None else walker.evaluated(when)
        holds = walker.evaluated(must)
    except (NoAnswer, ArithmeticError):
        return None
    return bool(applies) and not holds


class _Walker:
    def __init__(self, answers: Answers, item: CheckTarget) -> None:
        self.answers = answers
        self.item = item

    def evaluated(self, node: Node) -> Any:
        for needed in tree.needs(node):
            if isinstance(needed, tree.Cell):
                self.value(needed)
            elif not self.numbers(needed.args):
                raise NoAnswer
        return self.value(node)

    def cells(self, name: str) -> list[Any]:
        layout = self.answers.layout
        meant = bind(layout.form, self.item.each, name)
        assert meant is not None, name
        return [self.answers.at(place) for place in meant.places(self.item, layout)]

    def numbers(self, args: Sequence[Node]) -> list[Decimal]:
        found: list[Any] = []
        for arg in args:
            found += self.cells(arg.name) if isinstance(arg, tree.CellRange | tree.Cell) else [self.value(arg)]
        if any(isinstance(one, SheetError) for one in found):
            raise NoAnswer
        return [one for one in found if isinstance(one, Decimal)]

    def value(self, node: Node) -> Any:
        match node:
            case tree.Number() | tree.Text():
                return node.value
            case tree.Cell():
                return self.answer(node)
            case tree.Negative():
                return self.value(node.value).copy_negate()
            case tree.Arithmetic(sign=sign):
                left, right = self.value(node.left), self.value(node.right)
                function = {"*": multiply, "/": divide}.get(sign, add)
                return function(left, right.copy_negate() if sign == "-" else right)
            case tree.Compare():
                return self.compare(node.sign, self.value(node.left), self.value(node.right))
            case tree.All() | tree.Any():
                found = [self.value(item) for item in node.items]
                return all(found) if isinstance(node, tree.All) else any(found)
            case tree.Not():
                return not self.value(node.item)
            case tree.If():
                return self.value(node.then if self.value(node.test) else node.other)
            case tree.Call(function=function) if function.over_cells:
                return function.evaluate(self.numbers(node.args))
            case tree.Call(function=function):
                return function.evaluate(*(self.argument(arg, function.takes_blank) for arg in node.args))
        raise AssertionError(node)

    def answer(self, node: tree.Cell) -> Decimal | str:
        [value] = self.cells(node.name)
        if node.type is Type.TEXT and isinstance(value, Decimal):
            value = as_text(value)
        if not isinstance(value, Decimal if node.type is Type.NUMBER else str) or isinstance(value, SheetError):
            raise NoAnswer
        if value == "":
            raise NoAnswer
        return value

    def argument(self, arg: Node, takes_blank: bool) -> Any:
        if isinstance(arg, tree.Words):
            return arg.values
        if isinstance(arg, tree.CellRange):
            return self.cells(arg.name)
        return self.cells(arg.name)[0] if isinstance(arg, tree.Cell) and takes_blank else self.value(arg)

    @staticmethod
    def compare(sign: str, left: Any, right: Any) -> bool:
        if isinstance(left, Decimal):
            left, right = round_half_up(left, 9), round_half_up(right, 9)
        less, same = (left < right if isinstance(left, Decimal) else None), left == right
        return {"==": same, "!=": not same, "<": less, "<=": less or same, ">": not (less or same), ">=": not less}[
            sign
        ]
