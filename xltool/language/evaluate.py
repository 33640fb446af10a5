"""Tree to function: an expression made ready once, then asked of one form after another in exact decimals.

One of the two worlds in which a rule lives. What a name means is settled while the expression is made ready, so that a
form costs no more than its own values. A function made here takes whatever the cells are looked up in.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any as Anything
from typing import Protocol

from xltool.language import tree
from xltool.language.functions import NoAnswer, SheetError, as_text
from xltool.language.numbers import add, divide, multiply, round_half_up
from xltool.language.tree import Node, Type
from xltool.support.templates import keep

#: From whatever the cells are looked up in to a value; the parser has seen to it that the types of values fit.
#: What they are looked up in has a dictionary ``known`` for what has been worked out about it so far, and another,
#: ``common``, for what is the same wherever in the form it is looked up.
Asked = Callable[[Anything], Anything]


class CellLookup(Protocol):
    """Where an expression finds its cells."""

    def cell(self, name: str) -> Asked:
        """What looks up the cell that the name means here."""

    def cells(self, name: str) -> Asked:
        """What looks up the cells that the name means here, as a sequence."""

    def common(self, nodes: Sequence[Node]) -> str:
        """In what words nodes mean the same cells for every item; "" where they do not."""


_COMPARE: dict[str, Callable[[Anything, Anything], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": add, "-": lambda left, right: add(left, right.copy_negate()), "*": multiply, "/": divide,
}  # fmt: skip


def compile_value(node: Node, cells: CellLookup) -> Callable[[Anything], Decimal | str | bool | None]:
    """What gives the node's value: None where something needed is unanswered, or a division is by zero."""
    needs, body = list(_needs([node], cells)), _value(node, cells)

    def asked(seen: Anything) -> Decimal | str | bool | None:
        try:
            for need in needs:
                if not need(seen):
                    return None
            return body(seen)  # type: ignore[no-any-return]  # see Asked
        except (NoAnswer, ArithmeticError):
            return None

    return asked


def compile_verdict(when: Node | None, must: Node, cells: CellLookup) -> Callable[[Anything], bool | None]:
    """What gives a verdict: True is at fault, False holds, None has nothing to judge.

    Args:
        when: the condition under which the rule speaks at all; None means always.
        must: what must hold then. Both must be answered, as in the sheet, whose AND() is not lazy.
        cells: where they find their cells.
    """
    is_sure = tree.is_sure(must)
    needs = list(_needs([must] if when is None else [when, must], cells))
    applies = _value(when, cells) if when is not None else None
    holds = _value(must, cells)

    def asked(seen: Anything) -> bool | None:
        try:
            for need in needs:
                if not need(seen):
                    return None
            right = applies is None or applies(seen)
            if is_sure and not right:  # what may have no value is asked for all the same: AND() is not lazy
                return False
            return not holds(seen) and bool(right)
        except (NoAnswer, ArithmeticError):
            return None

    return asked


# ── what must be answered ───────────────────────────────────────


def _needs(nodes: Sequence[Node], cells: CellLookup) -> Iterator[Callable[[Anything], bool]]:
    """Whether each thing that the nodes need is answered; what they need twice is asked once."""
    for needed in dict.fromkeys(one for node in nodes for one in tree.needs(node)):
        if isinstance(needed, tree.Call):
            yield _any_number(_once(_NUMBERS, needed.args, cells, _numbers(needed.args, cells)))
        elif needed.type is Type.NUMBER:
            yield _is_number(cells.cell(needed.name))
        else:
            yield _is_text(cells.cell(needed.name))


def _any_number(numbers: Asked) -> Callable[[Anything], bool]:
    return lambda seen: bool(numbers(seen))


def _is_number(cell: Asked) -> Callable[[Anything], bool]:
    return lambda seen: isinstance(cell(seen), Decimal)


def _is_text(cell: Asked) -> Callable[[Anything], bool]:
    def answered(seen: Anything) -> bool:
        found = cell(seen)  # a number in a text cell is read as its text, here and there
        return bool(found) and not isinstance(found, SheetError) if isinstance(found, str) else found is not None

    return answered


# ── values, where what is needed is answered ────────────────────


def _value(node: Node, cells: CellLookup) -> Asked:
    match node:
        case tree.Number() | tree.Text():
            constant = node.value
            return lambda _: constant
        case tree.Cell():
            return _answer(node, cells)
        case tree.Negative():
            inner = _value(node.value, cells)
            return lambda seen: inner(seen).copy_negate()
        case tree.Arithmetic():
            return _of_two(_ARITHMETIC[node.sign], _value(node.left, cells), _value(node.right, cells))
        case tree.Compare():
            return _of_two(_COMPARE[node.sign], _compared(node.left, cells), _compared(node.right, cells))
        case tree.All() | tree.Any():
            items = [_value(one, cells) for one in node.items]
            if all(map(tree.is_sure, node.items)):
                return _until(isinstance(node, tree.Any), items)
            together = all if isinstance(node, tree.All) else any
            return lambda seen: together([item(seen) for item in items])  # not lazy: AND() is not
        case tree.Not():
            item = _value(node.item, cells)
            return lambda seen: not item(seen)
        case tree.If():
            test, then, other = (_value(one, cells) for one in (node.test, node.then, node.other))
            return lambda seen: then(seen) if test(seen) else other(seen)
        case tree.Call():
            return _call(node, cells)
        case _:
            raise AssertionError(node)


def _until(decides: bool, items: Sequence[Asked]) -> Asked:
    """The truths one after the other, until one of them decides."""

    def asked(seen: Anything) -> bool:
        for item in items:
            if bool(item(seen)) is decides:
                return decides
        return not decides

    return asked


def _of_two(function: Callable[[Anything, Anything], Anything], left: Asked, right: Asked) -> Asked:
    return lambda seen: function(left(seen), right(seen))


def _compared(node: Node, cells: CellLookup) -> Asked:
    """One side of a comparison: numbers at nine decimals, in the sheet as well."""
    if node.type is not Type.NUMBER:
        return _value(node, cells)
    if isinstance(node, tree.Number):
        constant = round_half_up(node.value, 9)
        return lambda _: constant
    number = _value(node, cells)
    return lambda seen: round_half_up(number(seen), 9)


def _answer(node: tree.Cell, cells: CellLookup) -> Asked:
    cell, is_text = cells.cell(node.name), node.type is Type.TEXT

    def answer(seen: Anything) -> Decimal | str:
        found = cell(seen)
        if isinstance(found, Decimal):
            return as_text(found) if is_text else found
        if not found or not is_text or isinstance(found, SheetError):
            raise NoAnswer
        return found  # type: ignore[no-any-return]  # see Asked

    return answer


def _numbers(args: Sequence[Node], cells: CellLookup) -> Asked:
    """The numbers among the cells; SUM and COUNT pass over texts and blanks, and fail on error values."""
    many = [cells.cells(arg.name) for arg in args if isinstance(arg, tree.CellRange)]
    single = [
        cells.cell(arg.name) if isinstance(arg, tree.Cell) else _value(arg, cells)
        for arg in args
        if not isinstance(arg, tree.CellRange)
    ]

    def numbers(seen: Anything) -> list[Decimal]:
        found = [one for group in many for one in group(seen)] + [one(seen) for one in single]
        proper = [one for one in found if isinstance(one, Decimal)]
        if len(proper) < len(found) and SheetError in map(type, found):
            raise NoAnswer
        return proper

    return numbers


def _call(node: tree.Call, cells: CellLookup) -> Asked:
    if any(isinstance(arg, tree.CellRange) for arg in node.args) or node.function.excel is None:
        return _once(_VALUE, (node,), cells, _called(node, cells))
    return _called(node, cells)


#: What is worked out of nodes once.
_NUMBERS, _VALUE = "numbers", "value"


@keep
def _key(what: str, nodes: tuple[Node, ...]) -> object:
    """The same for what reads alike; a node itself takes long to look up."""
    return object()


def _once(what: str, nodes: tuple[Node, ...], cells: CellLookup, call: Asked) -> Asked:
    """What looks at whole columns or compares long texts, and occurs in several rules, is worked out once."""
    words = cells.common(nodes)
    key = _key(f"{what} {words}", nodes)

    def known(seen: Anything) -> Anything:
        found = seen.known.get(key)
        if found is None:
            found = seen.known[key] = call(seen)
        return found

    def common(seen: Anything) -> Anything:
        found = seen.common.get(key)
        if found is None:
            found = seen.common[key] = call(seen)
        return found

    return common if words else known


def _called(node: tree.Call, cells: CellLookup) -> Asked:
    function = node.function.evaluate
    if node.function.over_cells:
        numbers = _once(_NUMBERS, node.args, cells, _numbers(node.args, cells))
        return lambda seen: function(numbers(seen))
    args = [_argument(arg, cells, node.function.takes_blank) for arg in node.args]
    if len(args) == 1:
        [only] = args
        return lambda seen: function(only(seen))
    return lambda seen: function(*[arg(seen) for arg in args])


def _argument(arg: Node, cells: CellLookup, takes_blank: bool) -> Asked:
    if isinstance(arg, tree.Words):
        words = arg.values
        return lambda _: words
    if isinstance(arg, tree.CellRange):
        return cells.cells(arg.name)
    return cells.cell(arg.name) if isinstance(arg, tree.Cell) and takes_blank else _value(arg, cells)
