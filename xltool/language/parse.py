"""Parse rule text into a typed tree: a small subset of Python's expression syntax; the rest is an error."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from decimal import Decimal
from typing import NoReturn, Protocol

from xltool.language import tree
from xltool.language.library import FUNCTIONS
from xltool.language.tree import Node
from xltool.language.types import Type


class LanguageError(ValueError):
    """A text that is not a valid expression; the message gives line, column and reason."""


class UnknownNameError(LanguageError):
    """An expression that uses a name that its scope does not know."""


class Scope(Protocol):
    """Resolves the names of an expression."""

    def resolve(self, name: str) -> Node | None:
        """The node that a (dotted) name stands for, or None if it is unknown."""

    def formula(self, name: str) -> Node | None:
        """The formula of the computed cell of that name, or None if it is not a computed cell."""


_ARITHMETIC: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
}  # fmt: skip


def parse(text: str, scope: Scope, result: Type | None = None) -> Node:
    """Parse and type-check ``text``.

    Args:
        text: an expression such as ``score < weight and not filled(deviation)``.
        scope: resolves its names.
        result: the required type of the expression; None allows any.

    Raises:
        LanguageError: the text is not a valid expression of that type; gives line, column and reason.
    """
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise LanguageError(f"第{error.lineno}行第{error.offset}列：语法错误（{error.msg}）：{text.strip()}") from None
    node = _Parser(text.strip(), scope).node(body)
    if result is not None and node.type is not result:
        raise LanguageError(f"第1行第1列：应为{result.value}，却是{node.type.value}：{text.strip()}")
    return node


def names_in(text: str) -> set[str]:
    """The (dotted) names that an expression uses, functions left out; none if it is no expression."""
    try:
        body = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return set()
    functions = {id(node.func) for node in ast.walk(body) if isinstance(node, ast.Call)}
    inner = {id(node.value) for node in ast.walk(body) if isinstance(node, ast.Attribute)}
    return {
        ast.unparse(node)
        for node in ast.walk(body)
        if isinstance(node, ast.Name | ast.Attribute) and id(node) not in functions | inner
    }


class _Parser:
    def __init__(self, text: str, scope: Scope) -> None:
        self.text = text
        self.scope = scope

    def refuse(self, at: ast.expr, reason: str, error: type[LanguageError] = LanguageError) -> NoReturn:
        before = self.text.splitlines()[at.lineno - 1].encode()[: at.col_offset].decode()  # ast counts bytes
        raise error(f"第{at.lineno}行第{len(before) + 1}列：{reason}：{self.text}")

    def node(self, at: ast.expr) -> Node:
        match at:
            case ast.Constant(value=bool()):
                self.refuse(at, "不用 True/False，请写条件")
            case ast.Constant(value=int() | float() as number):
                return tree.Number(Decimal(repr(number)))
            case ast.Constant(value=str() as text):
                return tree.Text(text)
            case ast.Name() | ast.Attribute():
                return self.named(at)
            case ast.UnaryOp(op=ast.USub()):
                return tree.Negative(self.typed(at.operand, Type.NUMBER))
            case ast.UnaryOp(op=ast.Not()):
                return tree.Not(self.typed(at.operand, Type.TRUTH))
            case ast.BinOp() if type(at.op) in _ARITHMETIC:
                left, right = self.typed(at.left, Type.NUMBER), self.typed(at.right, Type.NUMBER)
                return tree.Arithmetic(_ARITHMETIC[type(at.op)], left, right)
            case ast.BoolOp():
                items = tuple(self.typed(value, Type.TRUTH) for value in at.values)
                return tree.All(items) if isinstance(at.op, ast.And) else tree.Any(items)
            case ast.Compare():
                return self.comparison(at)
            case ast.IfExp():
                return self.choice(at)
            case ast.Call(func=ast.Name(), keywords=[]):
                return self.call(at)
            case _:
                self.refuse(at, "规则语言没有这种写法")

    def typed(self, at: ast.expr, wanted: Type) -> Node:
        node = self.node(at)
        if node.type is not wanted:
            self.refuse(at, f"此处应为{wanted.value}，却是{node.type.value}")
        return node

    def named(self, at: ast.Name | ast.Attribute) -> Node:
        name = ast.unparse(at)
        if (node := self.scope.resolve(name)) is None:
            self.refuse(at, f"不认识的名字 {name}", UnknownNameError)
        return node

    def comparison(self, at: ast.Compare) -> Node:
        nodes = [self.node(part) for part in (at.left, *at.comparators)]
        steps: list[Node] = []
        for sign_node, left, right, place in zip(at.ops, nodes, nodes[1:], at.comparators, strict=False):
            sign = _COMPARE.get(type(sign_node))
            if sign is None or left.type is not right.type or left.type not in (Type.NUMBER, Type.TEXT):
                self.refuse(place, f"不能比较{left.type.value}与{right.type.value}")
            if left.type is Type.TEXT and sign not in ("==", "!="):
                self.refuse(place, "文字没有大小，只能比较是否相同")  # "x">5 is TRUE in a sheet
            steps.append(tree.Compare(sign, left, right))
        return steps[0] if len(steps) == 1 else tree.All(tuple(steps))

    def choice(self, at: ast.IfExp) -> Node:
        test, then, other = self.typed(at.test, Type.TRUTH), self.node(at.body), self.node(at.orelse)
        if then.type is not other.type:
            self.refuse(at, f"两个分支类型不同：{then.type.value}、{other.type.value}")
        return tree.If(test, then, other, then.type)

    def call(self, at: ast.Call) -> Node:
        assert isinstance(at.func, ast.Name)
        if at.func.id == "computed":
            return self.computed(at)
        function = FUNCTIONS.get(at.func.id)
        if function is None:
            self.refuse(at, f"没有函数 {at.func.id}")
        args = tuple(self.node(arg) for arg in at.args)
        wanted = function.params
        if function.repeats:
            wanted = wanted[:-1] + wanted[-1:] * max(1, len(args) - len(wanted) + 1)
        if len(args) != len(wanted):
            self.refuse(at, f"{function.name} 要 {len(wanted)} 个参数，却有 {len(args)} 个")
        for arg, place, types in zip(args, at.args, wanted, strict=True):
            if arg.type not in types:
                self.refuse(place, f"{function.name} 的参数应为{_either(types)}，却是{arg.type.value}")
            if function.takes_blank and arg.type is not Type.WORDS and not isinstance(arg, tree.Cell):
                self.refuse(place, f"{function.name} 只能问一个单元格")
        return tree.Call(function, args)

    def computed(self, at: ast.Call) -> Node:
        """``computed(total.score)``: the formula of a computed cell, instead of the value in it."""
        if len(at.args) != 1 or not isinstance(at.args[0], ast.Name | ast.Attribute):
            self.refuse(at, "computed 要一个计算单元格的名字")
        name = ast.unparse(at.args[0])
        if (node := self.scope.formula(name)) is None:
            self.refuse(at, f"{name} 不是计算单元格")
        return node


def _either(types: Sequence[Type]) -> str:
    return "或".join(type_.value for type_ in types)
