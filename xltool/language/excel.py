"""Tree to Excel formula: the other world in which a rule lives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from xltool.language import tree
from xltool.language.functions import quoted
from xltool.language.numbers import plain
from xltool.language.tree import Node, Type


class Addresses(Protocol):
    """Where a formula finds its cells."""

    def address(self, name: str) -> str:
        """The address of the cell that the name means here, such as ``自评表!G7``."""

    def addresses(self, name: str) -> str:
        """The range, or ranges parted by commas, that the name means here."""


def formula(node: Node, at: Addresses) -> str:
    """The formula of a value, without the equals sign: blank where something needed is unanswered."""
    body = expression(node, at)
    if test := answered((node,), at):
        body = f'IF({test},{body},"")'
    return f'IFERROR({body},"")'  # an error value anywhere leaves it blank, as it leaves us without an answer


def verdict(when: Node | None, must: Node, number: int, before: str, at: Addresses) -> str:
    """The formula of a verdict: ``number`` at fault, "ok", or blank where there is nothing to judge.

    Args:
        when: the condition under which the rule speaks at all; None means always.
        must: what must hold then.
        number: the number of the check, shown when it does not hold.
        before: the range that holds the verdicts of earlier checks of the same rule on the same place
            (one cause, one finding), or "".
        at: the addresses.
    """
    held = expression(must, at)
    fault = f"NOT({held})" if when is None else f"AND({expression(when, at)},NOT({held}))"
    body = f'IF({fault},{number},"ok")'
    if test := answered((must,) if when is None else (when, must), at):
        body = f'IF({test},{body},"")'
    if before:
        body = f'IF(COUNT({before})>0,"",{body})'
    return f'IFERROR({body},"")'


def faulty(when: Node | None, must: Node, at: Addresses) -> str:
    """The formula of a conditional format: TRUE where the rule is broken."""
    return f"IFERROR(NOT({allowed(when, must, at)}),FALSE)"


def allowed(when: Node | None, must: Node, at: Addresses) -> str:
    """The formula of a data validation: TRUE where the rule holds or cannot be judged yet."""
    body = expression(must, at)
    if when is not None:
        body = f"OR(NOT({expression(when, at)}),{body})"
    test = answered((must,) if when is None else (when, must), at)
    return f"IF({test},{body},TRUE)" if test else body


def answered(nodes: Iterable[Node], at: Addresses) -> str:
    """The condition that all needed cells are answered, or "" when nothing is needed."""
    tests = dict.fromkeys(_answered(needed, at) for node in nodes for needed in tree.needs(node))
    return f"AND({','.join(tests)})" if len(tests) > 1 else "".join(tests)


def _answered(needed: tree.Cell | tree.Call, at: Addresses) -> str:
    if isinstance(needed, tree.Call):
        return f"COUNT({','.join(_bare(arg, at) for arg in needed.args)})>0"
    address = at.address(needed.name)
    return f"ISNUMBER({address})" if needed.type is Type.NUMBER else f"LEN({address})>0"


def expression(node: Node, at: Addresses) -> str:
    """The bare formula of a node, brackets included where they matter."""
    match node:
        case tree.Number():
            return plain(node.value)
        case tree.Text():
            return quoted(node.value)
        case tree.Cell():
            return at.address(node.name)
        case tree.Cells():
            return at.addresses(node.name)
        case tree.Negative():
            return f"(0-{expression(node.value, at)})"  # -2^2 is 4 in a sheet: no unary minus, ever
        case tree.Arithmetic():
            return f"({expression(node.left, at)}{node.sign}{expression(node.right, at)})"
        case tree.Compare():
            return _compare(node, at)
        case tree.All():
            return f"AND({','.join(expression(item, at) for item in node.items)})"
        case tree.Any():
            return f"OR({','.join(expression(item, at) for item in node.items)})"
        case tree.Not():
            return f"NOT({expression(node.item, at)})"
        case tree.If():
            return f"IF({','.join(expression(part, at) for part in (node.test, node.then, node.other))})"
        case tree.Call():
            assert node.function.excel is not None, node.function.name  # load_catalogue and load_form have seen to it
            return node.function.excel(*(_argument(arg, at) for arg in node.args))
        case _:
            raise AssertionError(node)


def _argument(node: Node, at: Addresses) -> str | tuple[str, ...]:
    """What a function's formula is made with: the texts of a word list, else a formula without outer brackets."""
    return node.values if isinstance(node, tree.Words) else _bare(node, at)


def _bare(node: Node, at: Addresses) -> str:
    text = expression(node, at)
    return text[1:-1] if isinstance(node, tree.Arithmetic) else text


def _compare(node: tree.Compare, at: Addresses) -> str:
    left, right = node.left, node.right
    if left.type is Type.TEXT:
        same = f"EXACT({expression(left, at)},{expression(right, at)})"  # "a"="A" is TRUE in a sheet
        return same if node.sign == "==" else f"NOT({same})"
    sign = {"==": "=", "!=": "<>"}.get(node.sign, node.sign)
    return f"{_nine(left, at)}{sign}{_nine(right, at)}"


def _nine(node: Node, at: Addresses) -> str:
    """Nine decimals on both sides: of 594 exact ties plain doubles get 101 wrong, rounded ones none."""
    return plain(node.value) if isinstance(node, tree.Number) else f"ROUND({_bare(node, at)},9)"
