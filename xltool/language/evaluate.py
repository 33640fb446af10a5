"""Tree to value: exact decimals, one of the two worlds in which a rule lives."""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any as Anything
from typing import Protocol

from xltool.language import tree
from xltool.language.functions import NoAnswer, SheetError, Value, as_text
from xltool.language.numbers import added, divided, multiplied, rounded
from xltool.language.tree import Node, Type


class Answers(Protocol):
    """Where an evaluation finds the values of cells."""

    def value(self, name: str) -> Value:
        """What stands in the cell that the name means here."""

    def values(self, name: str) -> Sequence[Value]:
        """What stands in the cells that the name means here."""


_COMPARE: dict[str, Callable[[Anything, Anything], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip


def evaluate(node: Node, answers: Answers) -> Decimal | str | bool:
    """The node's value.

    Raises:
        NoAnswer: a needed cell is unanswered, or a division by zero.
    """
    for needed in tree.needs(node):
        _answer(needed, answers)
    try:
        return _value(node, answers)
    except ArithmeticError:  # a division by zero, an overflow
        raise NoAnswer from None


def _answer(needed: tree.Cell | tree.Call, answers: Answers) -> Decimal | str:
    if isinstance(needed, tree.Call):
        numbers = _numbers(needed.args, answers)
        if not numbers:
            raise NoAnswer
        return needed.function.evaluate(numbers)  # type: ignore[no-any-return]  # a Function's callables are untyped
    value = answers.value(needed.name)
    if needed.type is Type.TEXT and isinstance(value, Decimal):
        value = as_text(value)  # a number in a text cell is read as its text, here and there
    wanted = Decimal if needed.type is Type.NUMBER else str
    if not isinstance(value, wanted) or isinstance(value, SheetError) or value == "":
        raise NoAnswer
    return value


def _numbers(args: Sequence[Node], answers: Answers) -> list[Decimal]:
    """The numbers among the cells; SUM and COUNT pass over texts and blanks, and fail on error values."""
    found: list[Value] = []
    for arg in args:
        if isinstance(arg, tree.Cells):
            found += answers.values(arg.name)
        elif isinstance(arg, tree.Cell):
            found.append(answers.value(arg.name))
        else:
            value = _value(arg, answers)
            assert isinstance(value, Decimal)
            found.append(value)
    if any(isinstance(value, SheetError) for value in found):
        raise NoAnswer
    return [value for value in found if isinstance(value, Decimal)]


def _value(node: Node, answers: Answers) -> Decimal | str | bool:
    match node:
        case tree.Number() | tree.Text():
            return node.value
        case tree.Cell():
            return _answer(node, answers)
        case tree.Negative():
            return _number(node.value, answers).copy_negate()
        case tree.Arithmetic():
            return _arithmetic(node.sign, _number(node.left, answers), _number(node.right, answers))
        case tree.Compare():
            left, right = _value(node.left, answers), _value(node.right, answers)
            if isinstance(left, Decimal) and isinstance(right, Decimal):
                left, right = rounded(left, 9), rounded(right, 9)
            return _COMPARE[node.sign](left, right)
        case tree.All():
            return all([_value(item, answers) for item in node.items])  # noqa: C419  # not lazy: AND() is not
        case tree.Any():
            return any([_value(item, answers) for item in node.items])  # noqa: C419
        case tree.Not():
            return not _value(node.item, answers)
        case tree.If():
            return _value(node.then if _value(node.test, answers) else node.other, answers)
        case tree.Call():
            return _call(node, answers)
        case _:
            raise AssertionError(node)


def _number(node: Node, answers: Answers) -> Decimal:
    value = _value(node, answers)
    assert isinstance(value, Decimal)
    return value


def _arithmetic(sign: str, left: Decimal, right: Decimal) -> Decimal:
    match sign:
        case "+":
            return added(left, right)
        case "-":
            return added(left, right.copy_negate())
        case "*":
            return multiplied(left, right)
        case _:
            return divided(left, right)


def _call(node: tree.Call, answers: Answers) -> Decimal | str | bool:
    function = node.function
    args: list[object] = []
    if function.over_cells:
        args.append(_numbers(node.args, answers))
    else:
        for arg in node.args:
            if isinstance(arg, tree.Words):
                args.append(arg.values)
            elif isinstance(arg, tree.Cells):
                args.append(answers.values(arg.name))
            elif isinstance(arg, tree.Cell) and function.takes_blank:
                args.append(answers.value(arg.name))
            else:
                args.append(_value(arg, answers))
    return function.evaluate(*args)  # type: ignore[no-any-return]  # a Function's callables are untyped
