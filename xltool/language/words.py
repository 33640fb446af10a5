"""Render an expression in Chinese, for people who do not read formulas."""

from __future__ import annotations

from xltool.language import tree
from xltool.language.numbers import decimal_text
from xltool.language.tree import Node

_COMPARE = {"<": "小于", "<=": "不大于", ">": "大于", ">=": "不小于", "==": "等于", "!=": "不等于"}
_ARITHMETIC = {"+": "＋", "-": "－", "*": "×", "/": "÷"}


def words_of(node: Node) -> str:  # noqa: C901, PLR0911  # a line for each kind of node
    """The Chinese wording of a node."""
    match node:
        case tree.Number():
            return decimal_text(node.value)
        case tree.Text():
            return f"“{node.value}”"
        case tree.Words():
            return "、".join(f"“{value}”" for value in node.values)
        case tree.Cell() | tree.CellRange():
            return f"「{node.label}」"
        case tree.Negative():
            return f"－{words_of(node.value)}"
        case tree.Arithmetic():
            return f"（{words_of(node.left)}{_ARITHMETIC[node.sign]}{words_of(node.right)}）"
        case tree.Compare():
            return f"{words_of(node.left)}{_COMPARE[node.sign]}{words_of(node.right)}"
        case tree.All():
            return "，并且".join(map(words_of, node.items))
        case tree.Any():
            return "，或者".join(map(words_of, node.items))
        case tree.Not():
            return f"并非（{words_of(node.item)}）"
        case tree.If():
            return f"{words_of(node.then)}（当{words_of(node.test)}时），否则{words_of(node.other)}"
        case tree.Call():
            args = [words_of(arg) for arg in node.args]
            if node.function.repeats:
                first = len(node.function.params) - 1
                args[first:] = ["、".join(args[first:])]
            return node.function.words.format(*args)
