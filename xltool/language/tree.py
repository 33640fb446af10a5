"""The closed tree of the rule language, and the types of its nodes.

Text becomes a tree in ``parse``; ``excel``, ``evaluate`` and ``words`` read the same tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xltool.language.functions import Function


class Type(Enum):
    """What a node yields. The value is its Chinese name, for error messages."""

    NUMBER = "数值"
    TEXT = "文字"
    TRUTH = "真假"
    CELLS = "一组单元格"
    WORDS = "词表"


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
    """A list of texts, from the parameters of a rule."""

    values: tuple[str, ...]
    type: Type = Type.WORDS


@dataclass(frozen=True)
class Cell:
    """One cell of the form. ``name`` is looked up in the binding of the moment (which row, which column)."""

    name: str
    type: Type
    label: str


@dataclass(frozen=True)
class CellRange:
    """Several cells of one column or row of the form; only aggregates take them."""

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
    """Lazy: only the branch taken is computed."""

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
    """The nodes directly below."""
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
    """The names of the cells in a node."""
    if isinstance(node, Cell | CellRange):
        yield node.name
    for child in children(node):
        yield from cell_names(child)


def without_formula(node: Node) -> Iterator[str]:
    """The functions in a node that no formula of a sheet can give."""
    if isinstance(node, Call) and node.function.excel is None:
        yield node.function.name
    for child in children(node):
        yield from without_formula(child)


def is_sure(node: Node) -> bool:
    """Whether it has a value on every form that answers what it needs.

    Arithmetic may divide by nothing, a figure compared may be too large to be rounded, and what else takes figures is
    not looked at.
    """
    if isinstance(node, Call) and not node.function.takes_blank:
        return False
    numbers = isinstance(node, Arithmetic | Negative) or (isinstance(node, Compare) and node.left.type is Type.NUMBER)
    return not numbers and not isinstance(node, If | CellRange) and all(map(is_sure, children(node)))


def needs(node: Node) -> Iterator[Cell | Call]:
    """What must be answered before the node means anything.

    A cell is needed unless a function that takes blanks (``filled``, ``is_number`` …) stands around it;
    an aggregate is needed as a whole: the sum of no numbers is blank, not zero.
    Both branches of an ``if`` count, so that the sheet and we agree on when there is a verdict.
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
