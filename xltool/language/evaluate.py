"""Compile an expression to a Python function that evaluates it in exact decimals.

Names are resolved once, at compile time, so that evaluating a form costs no more than looking up its values. The
compiled function takes the context in which its cells are looked up.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import Any as Anything
from typing import Protocol

from xltool.language import tree
from xltool.language.functions import NoAnswer, SheetError, as_text
from xltool.language.numbers import add, divide, multiply, round_for_comparison
from xltool.language.tree import Node
from xltool.language.types import Type
from xltool.support.templates import keep

#: A compiled expression: from a context, in which cells are looked up, to a value; the parser guarantees its type.
#: A context has two dictionaries of memoised results: ``item_results`` for the current item, and ``common`` for results
#: that are the same for every item of the form.
Evaluator = Callable[[Anything], Anything]


class CellLookup(Protocol):
    """Resolves the cells of an expression at compile time."""

    def cell(self, name: str) -> Evaluator:
        """A function from a context to the value of the named cell."""

    def cells(self, name: str) -> Evaluator:
        """A function from a context to the values of the named cells, as a sequence."""

    def common(self, nodes: Sequence[Node]) -> str:
        """A key for nodes that refer to the same cells for every item of the form; "" if they do not."""


_COMPARE: dict[str, Callable[[Anything, Anything], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq, "!=": operator.ne,
}  # fmt: skip
_ARITHMETIC: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": add, "-": lambda left, right: add(left, right.copy_negate()), "*": multiply, "/": divide,
}  # fmt: skip


def compile_value(node: Node, cells: CellLookup) -> Callable[[Anything], Decimal | str | bool | None]:
    """Compile a node to a function from a context to its value.

    The function returns None if a needed cell is unanswered or the computation fails, as in a division by zero.
    """
    needs, body = list(_needs([node], cells)), _compile(node, cells)

    def evaluate(context: Anything) -> Decimal | str | bool | None:
        try:
            for need in needs:
                if not need(context):
                    return None
            return body(context)  # type: ignore[no-any-return]  # see Asked
        except (NoAnswer, ArithmeticError):
            return None

    return evaluate


def compile_verdict(when: Node | None, must: Node, cells: CellLookup) -> Callable[[Anything], bool | None]:
    """Compile a rule to a function from a context to True (violated), False (satisfied) or None (nothing to judge).

    Args:
        when: the condition under which the rule applies; None means always.
        must: the condition that must then hold. Both must be answered, because AND() in a sheet is not lazy.
        cells: resolves their cells.
    """
    is_sure = tree.is_sure(must)
    needs = list(_needs([must] if when is None else [when, must], cells))
    applies = _compile(when, cells) if when is not None else None
    holds = _compile(must, cells)

    def judge(context: Anything) -> bool | None:
        try:
            for need in needs:
                if not need(context):
                    return None
            is_applicable = applies is None or applies(context)
            if is_sure and not is_applicable:  # otherwise ``must`` is evaluated all the same: AND() is not lazy
                return False
            return not holds(context) and bool(is_applicable)
        except (NoAnswer, ArithmeticError):
            return None

    return judge


# ── cells that must be answered ─────────────────────────────────


def _needs(nodes: Sequence[Node], cells: CellLookup) -> Iterator[Callable[[Anything], bool]]:
    """Yield a test for each distinct cell or aggregate that the nodes need: whether it is answered."""
    for needed in dict.fromkeys(need for node in nodes for need in tree.needs(node)):
        if isinstance(needed, tree.Call):
            yield _any_number(_memoise(_NUMBERS, needed.args, cells, _compile_numbers(needed.args, cells)))
        elif needed.type is Type.NUMBER:
            yield _is_number(cells.cell(needed.name))
        else:
            yield _is_text(cells.cell(needed.name))


def _any_number(numbers: Evaluator) -> Callable[[Anything], bool]:
    return lambda context: bool(numbers(context))


def _is_number(cell: Evaluator) -> Callable[[Anything], bool]:
    return lambda context: isinstance(cell(context), Decimal)


def _is_text(cell: Evaluator) -> Callable[[Anything], bool]:
    def is_answered(context: Anything) -> bool:
        value = cell(context)  # a number in a text cell counts as text, as in the sheet
        return bool(value) and not isinstance(value, SheetError) if isinstance(value, str) else value is not None

    return is_answered


# ── values, once the needed cells are answered ──────────────────


def _compile(node: Node, cells: CellLookup) -> Evaluator:
    match node:
        case tree.Number() | tree.Text():
            constant = node.value
            return lambda _: constant
        case tree.Cell():
            return _compile_cell(node, cells)
        case tree.Negative():
            inner = _compile(node.value, cells)
            return lambda context: inner(context).copy_negate()
        case tree.Arithmetic():
            return _compile_binary(_ARITHMETIC[node.sign], _compile(node.left, cells), _compile(node.right, cells))
        case tree.Compare():
            return _compile_binary(
                _COMPARE[node.sign], _compile_operand(node.left, cells), _compile_operand(node.right, cells)
            )
        case tree.All() | tree.Any():
            items = [_compile(item, cells) for item in node.items]
            if all(map(tree.is_sure, node.items)):
                return _compile_lazy(isinstance(node, tree.Any), items)
            combine = all if isinstance(node, tree.All) else any
            return lambda context: combine([item(context) for item in items])  # not lazy: AND() is not
        case tree.Not():
            item = _compile(node.item, cells)
            return lambda context: not item(context)
        case tree.If():
            test, then, other = (_compile(part, cells) for part in (node.test, node.then, node.other))
            return lambda context: then(context) if test(context) else other(context)
        case tree.Call():
            return _compile_call(node, cells)
        case _:
            raise AssertionError(node)


def _compile_lazy(decides: bool, items: Sequence[Evaluator]) -> Evaluator:
    """Evaluate the conditions in order until one of them decides the result."""

    def evaluate(context: Anything) -> bool:
        for item in items:
            if bool(item(context)) is decides:
                return decides
        return not decides

    return evaluate


def _compile_binary(function: Callable[[Anything, Anything], Anything], left: Evaluator, right: Evaluator) -> Evaluator:
    return lambda context: function(left(context), right(context))


def _compile_operand(node: Node, cells: CellLookup) -> Evaluator:
    """Compile one side of a comparison. Numbers are compared at nine decimals, as in the sheet."""
    if node.type is not Type.NUMBER:
        return _compile(node, cells)
    if isinstance(node, tree.Number):
        constant = round_for_comparison(node.value)
        return lambda _: constant
    number = _compile(node, cells)
    return lambda context: round_for_comparison(number(context))


def _compile_cell(node: tree.Cell, cells: CellLookup) -> Evaluator:
    cell, is_text = cells.cell(node.name), node.type is Type.TEXT

    def read(context: Anything) -> Decimal | str:
        value = cell(context)
        if isinstance(value, Decimal):
            return as_text(value) if is_text else value
        if not value or not is_text or isinstance(value, SheetError):
            raise NoAnswer
        return value  # type: ignore[no-any-return]  # see Asked

    return read


def _compile_numbers(args: Sequence[Node], cells: CellLookup) -> Evaluator:
    """Compile to the list of numbers in the cells. SUM and COUNT skip texts and blanks, and fail on error values."""
    many = [cells.cells(arg.name) for arg in args if isinstance(arg, tree.CellRange)]
    single = [
        cells.cell(arg.name) if isinstance(arg, tree.Cell) else _compile(arg, cells)
        for arg in args
        if not isinstance(arg, tree.CellRange)
    ]

    def numbers(context: Anything) -> list[Decimal]:
        values = [value for cell_range in many for value in cell_range(context)] + [cell(context) for cell in single]
        decimals = [value for value in values if isinstance(value, Decimal)]
        if len(decimals) < len(values) and SheetError in map(type, values):
            raise NoAnswer
        return decimals

    return numbers


def _compile_call(node: tree.Call, cells: CellLookup) -> Evaluator:
    if any(isinstance(arg, tree.CellRange) for arg in node.args) or node.function.excel is None:
        return _memoise(_VALUE, (node,), cells, _compile_call_once(node, cells))
    return _compile_call_once(node, cells)


#: The kinds of results that are memoised.
_NUMBERS, _VALUE = "numbers", "value"


@keep
def _key(kind: str, nodes: tuple[Node, ...]) -> object:
    """An identity for each distinct kind and nodes: hashing the nodes for every look-up would be slow."""
    return object()


def _memoise(kind: str, nodes: tuple[Node, ...], cells: CellLookup, call: Evaluator) -> Evaluator:
    """Memoise a call that reads whole columns or compares long texts, because several rules contain it."""
    common_key = cells.common(nodes)
    key = _key(f"{kind} {common_key}", nodes)

    def known(context: Anything) -> Anything:
        value = context.item_results.get(key)
        if value is None:
            value = context.item_results[key] = call(context)
        return value

    def common(context: Anything) -> Anything:
        value = context.common.get(key)
        if value is None:
            value = context.common[key] = call(context)
        return value

    return common if common_key else known


def _compile_call_once(node: tree.Call, cells: CellLookup) -> Evaluator:
    function = node.function.evaluate
    if node.function.over_cells:
        numbers = _memoise(_NUMBERS, node.args, cells, _compile_numbers(node.args, cells))
        return lambda context: function(numbers(context))
    args = [_compile_argument(arg, cells, node.function.takes_blank) for arg in node.args]
    if len(args) == 1:
        [argument] = args
        return lambda context: function(argument(context))
    return lambda context: function(*[arg(context) for arg in args])


def _compile_argument(arg: Node, cells: CellLookup, takes_blank: bool) -> Evaluator:
    if isinstance(arg, tree.Words):
        words = arg.values
        return lambda _: words
    if isinstance(arg, tree.CellRange):
        return cells.cells(arg.name)
    return cells.cell(arg.name) if isinstance(arg, tree.Cell) and takes_blank else _compile(arg, cells)
