"""The expressions of checks, each parsed and compiled once and used for all forms of all layouts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from functools import cache, cached_property, partial

from xltool.form.binding import ROLE, Binding, FormScope, bind
from xltool.form.blocks import Block, Table
from xltool.form.check_targets import CheckTarget
from xltool.form.definition import Form
from xltool.form.evaluation import CellResolver, EvalContext, RowInput, RowMemo
from xltool.form.references import is_computed_somewhere, is_known_name
from xltool.language import evaluate, tree
from xltool.language.functions import Value
from xltool.language.numbers import decimal_text
from xltool.language.parse import parse
from xltool.language.tree import Cell, Node
from xltool.language.types import Type
from xltool.result.roles import ROLES
from xltool.rules.rule import Check, Rule

#: The source of a name in a message: a cell, or a function that evaluates an expression.
MessageSource = Binding | Callable[[EvalContext], Value | bool]


#: The name of the column beside the rows of a table that tells whether a row has content.
_USED = "used"


class NotOnThisForm(Exception):  # noqa: N818  # not an error: the rule was written for forms that have it
    """An expression names something that other forms have and this one lacks."""


class _RuleScope(FormScope):
    """The scope of a rule, which may have been written for other forms as well.

    Attributes:
        optional: the names and roles that a form may lack although no form at hand has them.
    """

    optional: Collection[str] = ()

    def resolve(self, name: str) -> Node | None:
        node = super().resolve(name)
        if node is None and name == _USED and (table := self.form.block_of.get(self.each)) is not None:
            node = self._is_used(table)
        role = name.removeprefix(ROLE).partition(".")[0]
        if node is None and (name in self.optional or role in self.optional or is_known_name(self.each, name)):
            raise NotOnThisForm(name)
        return node

    def _is_used(self, table: Block) -> Node | None:
        """1 for a row with content, of a table that has no column beside its rows for that."""
        if not isinstance(table, Table):
            return None
        return parse(f"1 if {' or '.join(f'filled({column})' for column in table.row_columns)} else 0", self)

    def formula(self, name: str) -> Node | None:
        node = super().formula(name)
        name = self.value if name == "value" else name
        if node is None and is_computed_somewhere(name):
            raise NotOnThisForm(name)
        return node


class Expressions:
    """The compiled expressions of the checks of a form.

    Args:
        form: the form.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self._trees: dict[tuple[object, ...], tuple[Node | None, Node]] = {}
        self._verdicts: dict[tuple[object, ...], Callable[[EvalContext], bool | None]] = {}
        self._inputs: dict[tuple[object, ...], frozenset[RowInput] | None] = {}
        self._fixed: dict[tuple[object, ...], Callable[[EvalContext], bool]] = {}
        self._memories: dict[tuple[object, ...], RowMemo[bytes]] = {}
        self._resolver = cache(partial(CellResolver, form))
        self._sources: dict[tuple[object, ...], MessageSource] = {}

    def scope(self, check: Check, item: CheckTarget) -> FormScope:
        """The scope of a check's expressions about an item."""
        params = {**check.rule.params, **self._form_params, **self._field_params(check), **self._standards(item)}
        scope = _RuleScope(self.form, check.each, params, check.value, check.rule.definitions)
        scope.optional = check.case.optional
        return scope

    def scope_of_texts(self, rule: Rule) -> FormScope:
        """The scope of a rule's texts that are the same for every finding."""
        return _RuleScope(self.form, "form", {**rule.params, **self._form_params}, "", rule.definitions)

    @cached_property
    def _form_params(self) -> dict[str, Decimal | str | tuple[str, ...]]:
        """The parameters that the form defines, for the rules that compare with them."""
        return {
            "declared_unit": self.form.money_unit,
            "execution_weight": self.form.execution_weight,
            **_level1_texts(self.form),
        }

    def _field_params(self, check: Check) -> dict[str, Decimal | str | tuple[str, ...]]:
        """The parameters that the field at fault defines: its maximum length, before the rule's, and its choices."""
        binding = bind(self.form, check.each, check.at) if check.at else None
        if binding is None:
            return {}
        longest = {"longest": Decimal(binding.field.limit)} if binding.field.limit else {}
        return {**longest, **({"options": binding.field.choices} if binding.field.choices else {})}

    def _standards(self, item: CheckTarget) -> dict[str, Decimal]:
        """The standard weights of a first level."""
        for level1 in self.form.level1:
            if item.each == "level1" and item.key == level1.id and level1.weight is not None:
                return {"standard": level1.weight, "standard_alone": level1.weight_alone or level1.weight}
        return {}

    def trees(self, check: Check, item: CheckTarget) -> tuple[Node | None, Node]:
        """The parsed ``when`` (None without one) and ``must``."""
        key = self._key(check, item)
        if key not in self._trees:
            names = self.scope(check, item)
            when = parse(self._on_form(check, check.case.when), names, Type.TRUTH) if check.case.when else None
            self._trees[key] = (when, parse(self._on_form(check, check.case.must), names, Type.TRUTH))
        return self._trees[key]

    def _on_form(self, check: Check, text: str) -> str:
        """An expression as it reads on this form: what it may lack is not filled in where it does."""
        for name in check.case.optional:
            named = f"{ROLE}{name}" if name in ROLES else name
            if bind(self.form, check.each, named) is None:
                text = text.replace(f"filled({named})", "(1 == 0)")
        return text

    def _key(self, check: Check, item: CheckTarget) -> tuple[object, ...]:
        """What the expressions of a check depend on; an item is part of it only if it has parameters of its own."""
        standard = item.key if self._standards(item) else ""
        return check.rule.id, check.case.must, check.case.when, check.each, check.value, standard

    def verdict(self, check: Check, item: CheckTarget) -> Callable[[EvalContext], bool | None]:
        """The compiled verdict of a check: True at fault, False if it holds, None if it cannot be judged."""
        key = self._key(check, item)
        if key not in self._verdicts:
            self._verdicts[key] = evaluate.compile_verdict(*self.trees(check, item), self._resolver(check.each))
        return self._verdicts[key]

    def inputs(self, check: Check, item: CheckTarget) -> frozenset[RowInput] | None:
        """The columns and single cells that a check of an indicator row reads; None if it reads other rows."""
        key = self._key(check, item)
        if key not in self._inputs:
            trees = [node for node in self.trees(check, item) if node is not None]
            inputs = [self._resolver(item.each).inputs(node) for node in trees] if item.is_row else [None]
            known_inputs = [found for found in inputs if found is not None]
            self._inputs[key] = frozenset().union(*known_inputs) if len(known_inputs) == len(inputs) else None
        return self._inputs[key]

    def is_fixed(self, blank: EvalContext, check: Check) -> bool:
        """Whether a check of a blank indicator row has the same verdict regardless of other rows.

        That is so if it needs a cell of its own row, or applies only to rows of another kind.
        """
        if not blank.item.is_row:
            return False
        key = self._key(check, blank.item)
        if key not in self._fixed:
            self._fixed[key] = self._fixing(check, blank.item)
        return self._fixed[key](blank)

    def _fixing(self, check: Check, item: CheckTarget) -> Callable[[EvalContext], bool]:
        """The compiled test for ``is_fixed``."""
        when, must = self.trees(check, item)
        if self._needs_row(check, item):
            return lambda _: True
        resolver = self._resolver(item.each)
        if (
            when is None
            or resolver.reads(when) is None
            or not tree.is_sure(must)
            or any(True for _ in tree.needs(must))
        ):
            return lambda _: False
        applies = evaluate.compile_value(when, resolver)
        return lambda blank: not applies(blank)

    def _needs_row(self, check: Check, item: CheckTarget) -> bool:
        """Whether a check needs an input cell of its own row."""
        needed = (cell for node in self.trees(check, item) if node is not None for cell in tree.needs(node))
        bindings = [bind(self.form, item.each, cell.name) for cell in needed if isinstance(cell, Cell)]
        return any(binding is not None and binding.is_of_item and not binding.field.helper for binding in bindings)

    def row_memo(self, reads: frozenset[RowInput], asked: Sequence[tuple[int, object]]) -> RowMemo[bytes]:
        """The cache of verdicts that depend on the same columns, shared by all layouts."""
        return self._memories.setdefault((reads, *(verdict for _, verdict in asked)), RowMemo(reads))

    def message_source(self, check: Check, item: CheckTarget, name: str) -> MessageSource:
        """The source of a name in a check's message: a cell, or an expression to evaluate."""
        key = (*self._key(check, item), name)
        if key not in self._sources:
            node = parse(name, self.scope(check, item))
            if isinstance(node, Cell):
                binding = bind(self.form, check.each, node.name)
                assert binding is not None, node.name  # resolved by the parser
                self._sources[key] = binding
            else:
                self._sources[key] = evaluate.compile_value(node, self._resolver(check.each))
        return self._sources[key]


def _level1_texts(form: Form) -> dict[str, str]:
    """The usual weights of the first levels, and those where there is no satisfaction, as sentences name them."""
    weights = [(one.label.removesuffix("指标"), one.weight, one.weight_alone) for one in form.level1]
    alone = [
        f"{name}可为 {decimal_text(other)}" for name, usual, other in weights if other is not None and other != usual
    ]
    return {
        "level1_weights": "、".join(f"{name} {decimal_text(usual)}" for name, usual, _ in weights if usual is not None),
        "level1_weights_alone": "、".join(alone) or "不变",
    }
