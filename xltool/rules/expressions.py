"""The expressions of checks, each parsed and made ready once, whatever form of whatever layout it is asked of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache, cached_property, partial

from xltool.form.binding import Binding, CheckTarget, FormScope, bind
from xltool.form.blocks import EACH_INDICATOR
from xltool.form.definition import Form, is_computed_somewhere, is_known_name
from xltool.form.evaluation import CellResolver, EvalContext, RowMemo
from xltool.language import evaluate, tree
from xltool.language.functions import Value
from xltool.language.parse import parse
from xltool.language.tree import Cell, Node, Type
from xltool.rules.rule import Check

#: What a name in a message means: a cell, or what evaluates an expression.
MessageSource = Binding | Callable[[EvalContext], Value | bool]


class NotOnThisForm(Exception):  # noqa: N818  # not a fault: the rule was written for forms that have it
    """An expression names what other forms have and this one has not."""


class _RuleNames(FormScope):
    """The scope of a rule, which may be written for more forms than the one it is asked of."""

    def resolve(self, name: str) -> Node | None:
        node = super().resolve(name)
        if node is None and is_known_name(self.each, name):
            raise NotOnThisForm(name)
        return node

    def formula(self, name: str) -> Node | None:
        node = super().formula(name)
        if node is None and is_computed_somewhere(self.value if name == "value" else name):
            raise NotOnThisForm(name)
        return node


class Expressions:
    """What the checks of a form ask.

    Args:
        form: the form.
    """

    def __init__(self, form: Form) -> None:
        self.form = form
        self._trees: dict[tuple[object, ...], tuple[Node | None, Node]] = {}
        self._verdicts: dict[tuple[object, ...], Callable[[EvalContext], bool | None]] = {}
        self._reads: dict[tuple[object, ...], frozenset[str] | None] = {}
        self._fixed: dict[tuple[object, ...], Callable[[EvalContext], bool]] = {}
        self._memories: dict[tuple[object, ...], RowMemo[bytes]] = {}
        self._look = cache(partial(CellResolver, form))
        self._told: dict[tuple[object, ...], MessageSource] = {}

    def names(self, check: Check, item: CheckTarget) -> FormScope:
        """The scope of a check's expressions about an item."""
        params = {**check.rule.params, **self._own_params, **self._of_field(check), **self._standards(item)}
        return _RuleNames(self.form, check.rule.each, params, check.value, check.rule.definitions)

    @cached_property
    def _own_params(self) -> dict[str, Decimal | str | tuple[str, ...]]:
        """What the form itself fixes, for the rules that compare with it."""
        return {
            "declared_unit": self.form.money_unit,
            "execution_weight": self.form.execution_weight,
            "rate_base_label": self.form.fund_columns[self.form.rate_base].label,
        }

    def _of_field(self, check: Check) -> dict[str, Decimal | str | tuple[str, ...]]:
        """What the form itself says of the field at fault: its most characters, over those of the rule; its choices."""
        meant = bind(self.form, check.rule.each, check.at) if check.at else None
        if meant is None:
            return {}
        longest = {"longest": Decimal(meant.field.limit)} if meant.field.limit else {}
        return {**longest, **({"options": meant.field.choices} if meant.field.choices else {})}

    def _standards(self, item: CheckTarget) -> dict[str, Decimal]:
        for level1 in self.form.level1:
            if item.each == "level1" and item.key == level1.id:
                return {"standard": level1.weight, "standard_alone": level1.weight_alone}
        return {}

    def trees(self, check: Check, item: CheckTarget) -> tuple[Node | None, Node]:
        """The parsed ``when`` (None where there is none) and ``must``."""
        key = self._key(check, item)
        if key not in self._trees:
            names = self.names(check, item)
            when = parse(check.case.when, names, Type.TRUTH) if check.case.when else None
            self._trees[key] = (when, parse(check.case.must, names, Type.TRUTH))
        return self._trees[key]

    def _key(self, check: Check, item: CheckTarget) -> tuple[object, ...]:
        """What the expressions of a check depend on: the item alone where it brings parameters of its own."""
        standard = item.key if self._standards(item) else ""
        return check.rule.id, check.case.must, check.case.when, check.value, standard

    def verdict(self, check: Check, item: CheckTarget) -> Callable[[EvalContext], bool | None]:
        """What gives the verdict on a check of an item: True at fault, False holds, None nothing to judge."""
        key = self._key(check, item)
        if key not in self._verdicts:
            self._verdicts[key] = evaluate.compile_verdict(*self.trees(check, item), self._look(check.rule.each))
        return self._verdicts[key]

    def reads(self, check: Check, item: CheckTarget) -> frozenset[str] | None:
        """The columns that a check of an indicator row reads; None where it asks for anything beyond the row."""
        key = self._key(check, item)
        if key not in self._reads:
            trees = [one for one in self.trees(check, item) if one is not None]
            found = [self._look(item.each).reads(one) for one in trees] if item.each == EACH_INDICATOR else [None]
            known = [one for one in found if one is not None]
            self._reads[key] = frozenset().union(*known) if len(known) == len(found) else None
        return self._reads[key]

    def is_fixed(self, blank: EvalContext, check: Check) -> bool:
        """Whether a check of a blank indicator row has the same verdict whatever stands in other rows.

        It needs one of the row's own cells answered, or speaks only of rows that are not like this.
        """
        if blank.item.each != EACH_INDICATOR:
            return False
        key = self._key(check, blank.item)
        if key not in self._fixed:
            self._fixed[key] = self._fixing(check, blank.item)
        return self._fixed[key](blank)

    def _fixing(self, check: Check, item: CheckTarget) -> Callable[[EvalContext], bool]:
        """What says of a blank row that what else stands on the form does not matter."""
        when, must = self.trees(check, item)
        if self._needs_row(check, item):
            return lambda _: True
        look = self._look(item.each)
        if when is None or look.reads(when) is None or not tree.is_sure(must) or any(True for _ in tree.needs(must)):
            return lambda _: False
        speaks = evaluate.compile_value(when, look)
        return lambda blank: not speaks(blank)

    def _needs_row(self, check: Check, item: CheckTarget) -> bool:
        needed = (one for node in self.trees(check, item) if node is not None for one in tree.needs(node))
        meant = [bind(self.form, item.each, one.name) for one in needed if isinstance(one, Cell)]
        return any(one is not None and one.own and not one.field.helper for one in meant)

    def memory(self, reads: frozenset[str], asked: Sequence[tuple[int, object]]) -> RowMemo[bytes]:
        """What is remembered of verdicts that depend on the same columns, whatever layout they are asked in."""
        return self._memories.setdefault((reads, *(verdict for _, verdict in asked)), RowMemo(reads))

    def message_source(self, check: Check, item: CheckTarget, name: str) -> MessageSource:
        """What a name in a check's message means: a cell, or an expression to be evaluated."""
        key = (*self._key(check, item), name)
        if key not in self._told:
            node = parse(name, self.names(check, item))
            if isinstance(node, Cell):
                meant = bind(self.form, check.rule.each, node.name)
                assert meant is not None, node.name  # the parser has resolved it
                self._told[key] = meant
            else:
                self._told[key] = evaluate.compile_value(node, self._look(check.rule.each))
        return self._told[key]
