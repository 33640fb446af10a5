"""The formulas of a form, ready to compute values: those of its computed cells, and those beside the indicator rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from xltool.form.binding import cell_formulas, helper_formulas
from xltool.form.check_targets import FORM
from xltool.form.definition import Form
from xltool.form.evaluation import CellResolver, EvalContext, RowMemo
from xltool.form.places import Place
from xltool.language import evaluate
from xltool.language.functions import Value
from xltool.language.tree import Node
from xltool.language.types import Type
from xltool.support.templates import keep


@dataclass(frozen=True)
class CompiledFormulas:
    """The formulas of a form, compiled once for all its copies.

    Attributes:
        cells: the functions of computed cells, in an order in which they can be computed.
        helpers: the functions of columns beside the table, for a row and its second-level indicator.
        reads: by column beside the table that is computed, the input columns it depends on; None if it depends on more
            than its row.
    """

    cells: Mapping[Place, Callable[[EvalContext], Value]]
    helpers: Mapping[str, Callable[[EvalContext, str], Value]]
    reads: Mapping[str, frozenset[str] | None]


@keep
def compiled_formulas(form: Form) -> CompiledFormulas:
    """Compile the formulas of a form."""
    of_form, of_row = CellResolver(form, FORM), CellResolver(form, form.each_indicator)
    helpers = helper_formulas(form)
    reads = {name: of_row.reads(node) for name, node in helpers.items()}
    return CompiledFormulas(
        {place: _compile(node, of_form) for place, node in cell_formulas(form).items()},
        {name: _memoised(_compile(node, of_row), reads[name]) for name, node in helpers.items()},
        reads,
    )


def _memoised(
    value: Callable[[EvalContext], Value], reads: frozenset[str] | None
) -> Callable[[EvalContext, str], Value]:
    """Memoise by the columns read: targets and actual values are often equal."""
    if reads is None:
        return lambda view, _: value(view)
    row_memo: RowMemo[Value] = RowMemo(reads)
    return lambda view, group: row_memo.result(view, group, value)


def _compile(node: Node, resolver: CellResolver) -> Callable[[EvalContext], Value]:
    """Compile the formula of a cell, which is never a truth value."""
    assert node.type in (Type.NUMBER, Type.TEXT), node
    return cast("Callable[[EvalContext], Value]", evaluate.compile_value(node, resolver))
