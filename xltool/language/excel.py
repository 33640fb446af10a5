"""Compile an expression to an Excel formula."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from xltool.language import tree
from xltool.language.functions import excel_string
from xltool.language.numbers import decimal_text
from xltool.language.tree import Node
from xltool.language.types import Type


class AddressLookup(Protocol):
    """Resolves the addresses of the cells in a formula."""

    def address(self, name: str) -> str:
        """The address of the named cell, such as ``自评表!G7``."""

    def addresses(self, name: str) -> str:
        """The range, or comma-separated ranges, of the named cells."""


def cell_formula(node: Node, at: AddressLookup) -> str:
    """The formula of a value, without the equals sign: blank if a needed cell is unanswered."""
    body = expression_formula(node, at)
    if test := answered_formula((node,), at):
        body = f'IF({test},{body},"")'
    return f'IFERROR({body},"")'  # an error value gives a blank; in ``evaluate`` it is NoAnswer


def verdict_formula(when: Node | None, must: Node, number: int, before: str, at: AddressLookup) -> str:
    """The formula of a verdict: ``number`` if violated, "ok" if satisfied, blank if there is nothing to judge.

    Args:
        when: the condition under which the rule applies; None means always.
        must: the condition that must then hold.
        number: the number of the check, shown when the condition does not hold.
        before: the range with the verdicts of earlier checks of the same rule on the same cell or row, or "";
            a fault among them suppresses this one.
        at: resolves the addresses.
    """
    condition = expression_formula(must, at)
    fault = f"NOT({condition})" if when is None else f"AND({expression_formula(when, at)},NOT({condition}))"
    body = f'IF({fault},{number},"ok")'
    if test := answered_formula((must,) if when is None else (when, must), at):
        body = f'IF({test},{body},"")'
    if before:
        body = f'IF(COUNT({before})>0,"",{body})'
    return f'IFERROR({body},"")'


def fault_formula(when: Node | None, must: Node, at: AddressLookup) -> str:
    """The formula of a conditional format: TRUE if the rule is violated."""
    return f"IFERROR(NOT({validation_formula(when, must, at)}),FALSE)"


def validation_formula(when: Node | None, must: Node, at: AddressLookup) -> str:
    """The formula of a data validation: TRUE if the rule is satisfied or cannot be judged yet."""
    body = expression_formula(must, at)
    if when is not None:
        body = f"OR(NOT({expression_formula(when, at)}),{body})"
    test = answered_formula((must,) if when is None else (when, must), at)
    return f"IF({test},{body},TRUE)" if test else body


def answered_formula(nodes: Iterable[Node], at: AddressLookup) -> str:
    """The condition that all needed cells are answered, or "" if none is needed."""
    tests = dict.fromkeys(_is_answered_formula(needed, at) for node in nodes for needed in tree.needs(node))
    return f"AND({','.join(tests)})" if len(tests) > 1 else "".join(tests)


def _is_answered_formula(needed: tree.Cell | tree.Call, at: AddressLookup) -> str:
    if isinstance(needed, tree.Call):
        return f"COUNT({','.join(_unbracketed_formula(arg, at) for arg in needed.args)})>0"
    address = at.address(needed.name)
    return f"ISNUMBER({address})" if needed.type is Type.NUMBER else f"LEN({address})>0"


def expression_formula(node: Node, at: AddressLookup) -> str:  # noqa: C901, PLR0911  # a line for each kind of node
    """The formula of a node without the tests for answered cells; with brackets where they matter."""
    match node:
        case tree.Number():
            return decimal_text(node.value)
        case tree.Text():
            return excel_string(node.value)
        case tree.Cell():
            return at.address(node.name)
        case tree.CellRange():
            return at.addresses(node.name)
        case tree.Negative():
            return f"(0-{expression_formula(node.value, at)})"  # -2^2 is 4 in a sheet: no unary minus, ever
        case tree.Arithmetic():
            return f"({expression_formula(node.left, at)}{node.sign}{expression_formula(node.right, at)})"
        case tree.Compare():
            return _compare_formula(node, at)
        case tree.All():
            return f"AND({','.join(expression_formula(item, at) for item in node.items)})"
        case tree.Any():
            return f"OR({','.join(expression_formula(item, at) for item in node.items)})"
        case tree.Not():
            return f"NOT({expression_formula(node.item, at)})"
        case tree.If():
            return f"IF({','.join(expression_formula(part, at) for part in (node.test, node.then, node.other))})"
        case tree.Call():
            assert node.function.excel is not None, node.function.name  # load_catalogue and load_form ensure it
            return node.function.excel(*(_argument_formula(arg, at) for arg in node.args))
        case _:
            raise AssertionError(node)


def _argument_formula(node: Node, at: AddressLookup) -> str | tuple[str, ...]:
    """An argument for a function's formula: the texts of a word list, or a formula without outer brackets."""
    return node.values if isinstance(node, tree.Words) else _unbracketed_formula(node, at)


def _unbracketed_formula(node: Node, at: AddressLookup) -> str:
    text = expression_formula(node, at)
    return text[1:-1] if isinstance(node, tree.Arithmetic) else text


def _compare_formula(node: tree.Compare, at: AddressLookup) -> str:
    left, right = node.left, node.right
    if left.type is Type.TEXT:
        equal = f"EXACT({expression_formula(left, at)},{expression_formula(right, at)})"  # "a"="A" is TRUE in a sheet
        return equal if node.sign == "==" else f"NOT({equal})"
    sign = {"==": "=", "!=": "<>"}.get(node.sign, node.sign)
    return f"{_rounded_formula(left, at)}{sign}{_rounded_formula(right, at)}"


def _rounded_formula(node: Node, at: AddressLookup) -> str:
    """The formula of one side of a comparison, rounded to nine decimals.

    Of 594 exact ties, plain doubles get 101 wrong and rounded ones none.
    """
    return decimal_text(node.value) if isinstance(node, tree.Number) else f"ROUND({_unbracketed_formula(node, at)},9)"
