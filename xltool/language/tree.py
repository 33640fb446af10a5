"""The node types of the rule language's syntax tree.

``parse`` turns text into a tree; ``excel``, ``evaluate`` and ``words`` each read it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from xltool.language.types import Type

if TYPE_CHECKING:
    from xltool.language.functions import Function


@dataclass(frozen=True)
class Number:
    value: Decimal
    type: Type = Type.NUMBER


@dataclass(frozen=True)
class Text:
    value: str
    type: Type = Type.TEXT


@dataclass(frozen=True)
class Words:
    """A list of texts, taken from the parameters of a rule."""

    values: tuple[str, ...]
    type: Type = Type.WORDS


@dataclass(frozen=True)
class Cell:
    """One cell of the form. ``name`` is resolved for the item that the expression is about (its row and column)."""

    name: str
    type: Type
    label: str


@dataclass(frozen=True)
class CellRange:
    """Several cells of one column or row of the form. Only aggregates accept them."""

    name: str
    label: str
    type: Type = Type.CELLS


@dataclass(frozen=True)
class Arithmetic:
    sign: str  # + - * /
    left: Node
    right: Node
    type: Type = Type.NUMBER


@dataclass(frozen=True)
class Negative:
    value: Node
    type: Type = Type.NUMBER


@dataclass(frozen=True)
class Compare:
    sign: str  # < <= > >= == !=
    left: Node
    right: Node
    type: Type = Type.TRUTH


@dataclass(frozen=True)
class All:
    items: tuple[Node, ...]
    type: Type = Type.TRUTH


@dataclass(frozen=True)
class Any:
    items: tuple[Node, ...]
    type: Type = Type.TRUTH


@dataclass(frozen=True)
class Not:
    item: Node
    type: Type = Type.TRUTH


@dataclass(frozen=True)
class If:
    """A lazy conditional: only the chosen branch is computed."""

    test: Node
    then: Node
    other: Node
    type: Type


@dataclass(frozen=True)
class Call:
    function: Function
    args: tuple[Node, ...]

    @property
    def type(self) -> Type:
        return self.function.result


Node = Number | Text | Words | Cell | CellRange | Arithmetic | Negative | Compare | All | Any | Not | If | Call


def children(node: Node) -> tuple[Node, ...]:
    """The direct children of a node."""
    match node:
        case Arithmetic() | Compare():
            return (node.left, node.right)
        case Negative():
            return (node.value,)
        case All() | Any():
            return node.items
        case Not():
            return (node.item,)
        case If():
            return (node.test, node.then, node.other)
        case Call():
            return node.args
        case _:
            return ()


def cell_names(node: Node) -> Iterator[str]:
    """Yield the names of all cells and cell ranges in a node."""
    if isinstance(node, Cell | CellRange):
        yield node.name
    for child in children(node):
        yield from cell_names(child)


def without_formula(node: Node) -> Iterator[str]:
    """Yield the names of the functions in a node that have no Excel formula."""
    if isinstance(node, Call) and node.function.excel is None:
        yield node.function.name
    for child in children(node):
        yield from without_formula(child)


def is_sure(node: Node) -> bool:
    """Whether the node has a value on every form on which the cells it needs are answered.

    Nodes that take numbers are never sure: arithmetic may divide by zero, and a number may be too large to be rounded
    for comparison.
    """
    if isinstance(node, Call) and not node.function.takes_blank:
        return False
    numbers = isinstance(node, Arithmetic | Negative) or (isinstance(node, Compare) and node.left.type is Type.NUMBER)
    return not numbers and not isinstance(node, If | CellRange) and all(map(is_sure, children(node)))


def needs(node: Node) -> Iterator[Cell | Call]:
    """Yield the cells and aggregates that must be answered before the node has a value.

    A cell is needed unless it is an argument of a function that takes blanks (``filled``, ``is_number`` …).
    An aggregate is needed as a whole: the sum of no numbers is blank, not zero.
    Both branches of an ``if`` count, so that the sheet and this package agree on when there is a verdict.
    """
    if isinstance(node, Cell):
        yield node
    elif isinstance(node, Call) and node.function.over_cells:
        if node.function.blank_when_empty:
            yield node
    elif isinstance(node, Call) and node.function.takes_blank:
        for arg in node.args:
            if not isinstance(arg, Cell):
                yield from needs(arg)
    else:
        for child in children(node):
            yield from needs(child)
