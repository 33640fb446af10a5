"""The catalogue: ``rules.toml`` as frozen values, every expression parsed and typed on load."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache, cached_property, lru_cache, partial
from typing import Any

from xltool import resources
from xltool.errors import WrongDefinition
from xltool.findings import LEVELS
from xltool.form.definition import Form, is_computed_somewhere, load_form, means_something, parameter, references
from xltool.form.layout import Layout
from xltool.form.names import Item, Meaning, Names, Place, meaning
from xltool.form.views import Look, Memory, View
from xltool.language import evaluate, tree
from xltool.language.functions import Value
from xltool.language.parse import LanguageError, parse
from xltool.language.tree import Cell, Node, Type, without_formula
from xltool.rules.inquiry import Inquiry

#: Rows for a second-level indicator, by id.
Capacities = tuple[tuple[str, int], ...]

#: What a name in a message means: a cell, or what evaluates an expression.
Told = Meaning | Callable[[View], Value | bool]

#: So many layouts are kept, and of so many the questions that are ready to be put to forms of them, which are large.
_MOST_LAYOUTS, _MOST_READY = 512, 32

_PLACEHOLDER = re.compile(r"\{([^{}:]+)(?::([a-z]+))?\}")

#: Names in messages that the reader fills in, not the form.
_GIVEN = {"label", "reason", "stored", "right", "part"}


@dataclass(frozen=True)
class Case:
    """One thing that must hold, with what is said when it does not. Texts come in Chinese and English.

    Attributes:
        entry: whether it also limits what can be typed (data validation).
        mark: whether the cell at fault is coloured; not where a blank form would be full of colour.
        records_only: whether it is asked of records alone; of workbooks, P03 says it.
        key: under which the reader raises it; "" for a case that is evaluated.
    """

    level: str
    must: str
    when: str
    at: str
    value: tuple[str, ...]
    message: str
    message_en: str
    fix: str
    fix_en: str
    found: str
    expected: str
    expected_en: str
    entry: bool
    mark: bool
    records_only: bool
    key: str


@dataclass(frozen=True)
class Example:
    """Changes to the clean example record, by path, and whether the rule then finds something."""

    changes: Mapping[str, Any]
    finds: bool


@dataclass(frozen=True, eq=False)
class Rule:
    """A rule of the catalogue.

    Attributes:
        each: what it is asked about in turn.
        only: the items of ``each`` it is limited to, by key; empty for all.
        only_in: "" where formula and Python both check; python, workbook, reading or ledger (schema/rules.schema.json).
        explainable: whether the unit may explain it on the panel.
        why_python: why it has no formula, where ``only_in`` is python.
        off: whether it is asked only of forms that say ``off = false``.
        yields_to: the rules after whose errors and warnings about the same row it is silent: one cause, one finding.
        recomputes: whether it compares computed cells with what they should be, so that P03 need not.
        basis: where it comes from.
    """

    id: str
    name: str
    name_en: str
    why: str
    why_en: str
    each: str
    only: tuple[str, ...]
    only_in: str
    why_python: str
    off: bool
    yields_to: tuple[str, ...]
    params: Mapping[str, Decimal | str | tuple[str, ...]]
    lets: Mapping[str, str]
    explainable: bool
    recomputes: bool
    basis: str
    cases: tuple[Case, ...]
    examples: tuple[Example, ...]

    def case(self, key: str) -> Case:
        """The case that the reader raises under this key."""
        return next(case for case in self.cases if case.key == key)


@dataclass(frozen=True, eq=False)
class Check:
    """A case asked of one value: the smallest thing with a verdict."""

    rule: Rule
    case: Case
    value: str

    @property
    def at(self) -> str:
        """The name of the cell that is at fault when the case does not hold; "" for a whole group."""
        return self.case.at or self.value


@dataclass(frozen=True, eq=False)
class Question:
    """A check asked of one item of a laid-out form.

    Attributes:
        number: the column of the sheet ``_check`` it stands in; the lower, the worse.
        row: its row there, and the row of the form's sheet beside which its verdict is shown.
        at: the place at fault when it does not hold.
        before: numbers of the cases after which it is silent: the earlier ones of its rule about the same place,
            and those of the rules that its rule yields to about the same row.
    """

    number: int
    row: int
    check: Check
    item: Item
    at: Place
    before: tuple[int, ...]

    @property
    def rule(self) -> Rule:
        """Its rule."""
        return self.check.rule

    @property
    def in_row(self) -> bool:
        """Whether the place at fault is in the row; the reasons for all rows may be one cell of the whole form."""
        return self.item.each != "indicators" or self.at[0] == "indicators"

    @property
    def case(self) -> Case:
        """Its case."""
        return self.check.case


class NotOnThisForm(Exception):  # noqa: N818  # not a fault: the rule was written for forms that have it
    """An expression names what other forms have and this one has not."""


class _RuleNames(Names):
    """The scope of a rule, which may be written for more forms than the one it is asked of."""

    def resolve(self, name: str) -> Node | None:
        node = super().resolve(name)
        if node is None and means_something(self.each, name):
            raise NotOnThisForm(name)
        return node

    def formula(self, name: str) -> Node | None:
        node = super().formula(name)
        if node is None and is_computed_somewhere(self.value if name == "value" else name):
            raise NotOnThisForm(name)
        return node


class Catalogue:
    """All rules of a form.

    Attributes:
        checks: every check that is evaluated, in the order of the catalogue; none about what the form does not have.
    """

    def __init__(self, form: Form, rules: Mapping[str, Rule]) -> None:
        self.form = form
        self.rules = rules
        self.checks = tuple(
            Check(rule, case, value)
            for rule in rules.values()
            for case in rule.cases
            if not case.key and not rule.off
            for value in case.value or ("",)
        )
        self._trees: dict[tuple[object, ...], tuple[Node | None, Node]] = {}
        self._verdicts: dict[tuple[object, ...], Callable[[View], bool | None]] = {}
        self._reads: dict[tuple[object, ...], frozenset[str] | None] = {}
        self._settled: dict[tuple[object, ...], Callable[[View], bool]] = {}
        self._memories: dict[tuple[object, ...], Memory[bytes]] = {}
        self._look = cache(partial(Look, form))
        self._told: dict[tuple[object, ...], Told] = {}
        # Units may add rows as they like, so that there is no end of layouts.
        self._layouts = lru_cache(maxsize=_MOST_LAYOUTS)(self._laid_out)
        self._questions = lru_cache(maxsize=_MOST_READY)(self._numbered)
        self._inquiries = lru_cache(maxsize=_MOST_READY)(self._inquiry)

    @cached_property
    def explainable(self) -> tuple[str, ...]:
        """The ids of the rules that the unit may explain."""
        return tuple(rule.id for rule in self.rules.values() if rule.explainable and self.asks(rule))

    @cached_property
    def on_panel(self) -> tuple[str, ...]:
        """The ids of the rules with a line on the panel: all but those that a reader or a ledger raises."""
        return tuple(r.id for r in self.rules.values() if r.only_in not in ("reading", "ledger") and self.asks(r))

    def layout(self, capacities: Mapping[str, int] | None = None) -> Layout:
        """The form laid out, its panel with one line for each of these rules."""
        wanted = capacities or {}
        return self._layouts(tuple((key, wanted.get(key, group.rows)) for key, group in self.form.level2.items()))

    def _laid_out(self, capacities: Capacities) -> Layout:
        return Layout(self.form, dict(capacities), self.on_panel, self.explainable)

    def asks(self, rule: Rule) -> bool:
        """Whether anything of a rule is left to ask of this form, or for the reader to raise."""
        return any(case.key for case in rule.cases) or any(check.rule is rule for check in self.checks)

    def names(self, check: Check, item: Item) -> Names:
        """The scope of a check's expressions about an item."""
        params = {**check.rule.params, **self._own_params, **self._of_field(check), **self._standards(item)}
        return _RuleNames(self.form, check.rule.each, params, check.value, check.rule.lets)

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
        meant = meaning(self.form, check.rule.each, check.at) if check.at else None
        if meant is None:
            return {}
        longest = {"longest": Decimal(meant.field.limit)} if meant.field.limit else {}
        return {**longest, **({"options": meant.field.choices} if meant.field.choices else {})}

    def _standards(self, item: Item) -> dict[str, Decimal]:
        for level1 in self.form.level1:
            if item.each == "level1" and item.key == level1.id:
                return {"standard": level1.weight, "standard_alone": level1.weight_alone}
        return {}

    def trees(self, check: Check, item: Item) -> tuple[Node | None, Node]:
        """The parsed ``when`` (None where there is none) and ``must``."""
        key = self._key(check, item)
        if key not in self._trees:
            names = self.names(check, item)
            when = parse(check.case.when, names, Type.TRUTH) if check.case.when else None
            self._trees[key] = (when, parse(check.case.must, names, Type.TRUTH))
        return self._trees[key]

    def _key(self, check: Check, item: Item) -> tuple[object, ...]:
        """What the expressions of a check depend on: the item alone where it brings parameters of its own."""
        standard = item.key if self._standards(item) else ""
        return check.rule.id, check.case.must, check.case.when, check.value, standard

    def verdict(self, check: Check, item: Item) -> Callable[[View], bool | None]:
        """What gives the verdict on a check of an item: True at fault, False holds, None nothing to judge."""
        key = self._key(check, item)
        if key not in self._verdicts:
            self._verdicts[key] = evaluate.verdict(*self.trees(check, item), self._look(check.rule.each))
        return self._verdicts[key]

    def reads(self, check: Check, item: Item) -> frozenset[str] | None:
        """The columns that a check of an indicator row reads; None where it asks for anything beyond the row."""
        key = self._key(check, item)
        if key not in self._reads:
            trees = [one for one in self.trees(check, item) if one is not None]
            found = [self._look(item.each).reads(one) for one in trees] if item.each == "indicators" else [None]
            known = [one for one in found if one is not None]
            self._reads[key] = frozenset().union(*known) if len(known) == len(found) else None
        return self._reads[key]

    def is_settled_by(self, blank: View, check: Check) -> bool:
        """Whether a check of a blank indicator row has the same verdict whatever stands in other rows.

        It needs one of the row's own cells answered, or speaks only of rows that are not like this.
        """
        if blank.item.each != "indicators":
            return False
        key = self._key(check, blank.item)
        if key not in self._settled:
            self._settled[key] = self._settling(check, blank.item)
        return self._settled[key](blank)

    def _settling(self, check: Check, item: Item) -> Callable[[View], bool]:
        """What says of a blank row that what else stands on the form does not matter."""
        when, must = self.trees(check, item)
        if self._needs_row(check, item):
            return lambda _: True
        look = self._look(item.each)
        if when is None or look.reads(when) is None or not tree.is_sure(must) or any(True for _ in tree.needs(must)):
            return lambda _: False
        speaks = evaluate.value(when, look)
        return lambda blank: not speaks(blank)

    def _needs_row(self, check: Check, item: Item) -> bool:
        needed = (one for node in self.trees(check, item) if node is not None for one in tree.needs(node))
        meant = [meaning(self.form, item.each, one.name) for one in needed if isinstance(one, Cell)]
        return any(one is not None and one.own and not one.field.beside for one in meant)

    def memory(self, reads: frozenset[str], asked: Sequence[tuple[int, object]]) -> Memory[bytes]:
        """What is remembered of verdicts that depend on the same columns, whatever layout they are asked in."""
        return self._memories.setdefault((reads, *(verdict for _, verdict in asked)), Memory(reads))

    def told(self, check: Check, item: Item, name: str) -> Told:
        """What a name in a check's message means: a cell, or an expression to be evaluated."""
        key = (*self._key(check, item), name)
        if key not in self._told:
            node = parse(name, self.names(check, item))
            if isinstance(node, Cell):
                meant = meaning(self.form, check.rule.each, node.name)
                assert meant is not None, node.name  # the parser has resolved it
                self._told[key] = meant
            else:
                self._told[key] = evaluate.value(node, self._look(check.rule.each))
        return self._told[key]

    def in_sheet(self, layout: Layout) -> list[Question]:
        """The questions that formulas answer in the workbook."""
        asked = self.questions(layout)
        return [one for one in asked if one.rule.only_in != "python" and not one.case.records_only]

    def questions(self, layout: Layout) -> tuple[Question, ...]:
        """Every check of every item, numbered: one number is one column of ``_check``, no two in one cell."""
        return self._questions(tuple(layout.capacities.items()))

    def inquiry(self, layout: Layout, workbook: bool) -> Inquiry:
        """The questions that are asked of a form in a workbook of ours, or of one that stands by itself."""
        return self._inquiries(tuple(layout.capacities.items()), workbook)

    def _inquiry(self, capacities: Capacities, workbook: bool) -> Inquiry:
        asked = self._questions(capacities)
        skipped = [one.case.records_only if workbook else one.rule.only_in == "workbook" for one in asked]
        return Inquiry(
            self, self.layout(dict(capacities)), [one for one, skip in zip(asked, skipped, strict=True) if not skip]
        )

    def _numbered(self, capacities: Capacities) -> tuple[Question, ...]:
        layout = self.layout(dict(capacities))
        worst_first = sorted(self.checks, key=lambda check: LEVELS.index(check.case.level))
        asked: list[Question] = []
        number = 0
        for check in worst_first:
            taken: dict[int, int] = defaultdict(int)  # row → how many numbers of this check stand there
            places: set[Place] = set()
            for item in layout.items(check.rule.each, check.rule.only):
                at = place_of(check, item, layout)
                if at in places and not self._is_about_item(check, item):
                    continue  # a cell of the whole form, where others have one in each row
                places.add(at)
                row = _row(at, item, layout)
                taken[row] += 1
                asked.append(Question(number + taken[row], row, check, item, at, ()))
            number += max(taken.values(), default=0)
        order = {check: place for place, check in enumerate(self.checks)}
        asked.sort(key=lambda question: order[question.check])
        earlier: dict[tuple[str, Place, int], list[int]] = defaultdict(list)
        by_row: dict[tuple[str, int], list[int]] = defaultdict(list)
        for question in asked:
            if question.case.level != "info":
                by_row[question.rule.id, question.row].append(question.number)
        found = []
        for question in asked:
            numbers = earlier[question.rule.id, question.at, question.row]
            yielded = [number for rule in question.rule.yields_to for number in by_row[rule, question.row]]
            found.append(replace(question, before=(*numbers, *yielded)))
            numbers.append(question.number)
        return tuple(found)

    def _is_about_item(self, check: Check, item: Item) -> bool:
        """Whether its verdict may differ from item to item: it names a cell of theirs, or a group."""
        if item.each != "indicators":
            return True
        trees = [node for node in self.trees(check, item) if node is not None]
        meant = [meaning(self.form, item.each, name) for node in trees for name in tree.names(node)]
        return any(one is not None and (one.own or one.many) for one in meant)


def place_of(check: Check, item: Item, layout: Layout) -> Place:
    """The place at fault when a check does not hold of an item; of a group, its label."""
    if item.each in ("level1", "level2"):
        slots = (slot.index for slot in layout.slots if item.key in (slot.level1.id, slot.level2.id))
        return ("indicators", next(slots), item.each)
    meant = meaning(layout.form, item.each, check.at)
    assert meant is not None, check.at  # load_catalogue has seen to it
    return meant.places(item, layout)[0]


def _row(at: Place, item: Item, layout: Layout) -> int:
    if item.each == "indicators":  # also where the cell at fault is one for the whole form
        return layout.slots[int(item.key)].row
    box = layout.issued_box(at)
    return box.top if box.sheet == layout.form.sheet else layout.total_row


@cache
def load_catalogue(reference: str) -> Catalogue:
    """Read, check and freeze the rules of a form.

    Raises:
        WrongDefinition: with file, key and reason.
    """
    form = load_form(reference)
    file = f"{reference}/rules.toml"
    shared = [resources.read_toml(resources.folder("templates") / f"{name}.toml") for name in ("workbook", "ledger")]
    common = resources.merged(*shared)
    table = resources.merged(common, resources.read_extended(reference, "rules.toml"))
    resources.refuse_unless_valid(table, "rules", file)
    catalogue = Catalogue(form, {key: _rule(key, table[key]) for key in sorted(table, key=_family)})
    layout = Layout(form)  # not the catalogue's, whose panel these checks decide
    catalogue.checks = tuple(check for check in catalogue.checks if _is_asked(catalogue, layout, check, file))
    for rule in catalogue.rules.values():
        _refuse_wrong_yielding(catalogue, rule, file)
    return catalogue


@cache
def workbook_rules() -> Mapping[str, Rule]:
    """The rules that every form shares: all that is needed to say of a file that it is no form."""
    table = resources.read_toml(resources.folder("templates") / "workbook.toml")
    return {key: _rule(key, one) for key, one in table.items()}


def _refuse_wrong_yielding(catalogue: Catalogue, rule: Rule, file: str) -> None:
    """A rule may yield only to rules that are checked wherever it is, and that do not yield to it in turn."""
    behind = list(rule.yields_to)
    for key in behind:
        if (other := catalogue.rules.get(key)) is None:
            raise WrongDefinition(file, f"{rule.id}.yields_to", f"没有规则 {key}")
        if other.only_in not in ("", rule.only_in) or key == rule.id:
            raise WrongDefinition(file, f"{rule.id}.yields_to", f"{key} 不是处处都查，或者互相让")
        behind += [one for one in other.yields_to if one not in behind]


def _family(rule_id: str) -> tuple[int, str]:
    return ("PHFWSDVTQAX".find(rule_id[0]), rule_id)


def _rule(rule_id: str, table: Mapping[str, Any]) -> Rule:
    cases = tuple(_case(case, table) for case in table["case"])
    examples = tuple(Example(one["set"], one["finds"]) for one in table.get("example", ()))
    return Rule(
        id=rule_id,
        name=table["name"],
        name_en=table["name_en"],
        why=table["why"],
        why_en=table["why_en"],
        each=table.get("each", "form"),
        only=tuple(table.get("only", ())),
        only_in=table.get("only_in", ""),
        why_python=table.get("why_python", ""),
        off=table.get("off", False),
        yields_to=tuple(table.get("yields_to", ())),
        params={name: parameter(value) for name, value in table.get("params", {}).items()},
        lets=table.get("let", {}),
        explainable=table.get("explainable", False),
        recomputes=table.get("recomputes", False),
        basis=table["basis"],
        cases=cases,
        examples=examples,
    )


def _case(case: Mapping[str, Any], rule: Mapping[str, Any]) -> Case:
    texts = {key: case.get(key, "") for key in ("must", "when", "at", "message", "message_en", "fix", "fix_en")}
    return Case(
        level=case.get("level", rule.get("level", "error")),
        value=tuple(case.get("value", rule.get("value", ()))),
        found=case.get("found", ""),
        expected=case.get("expected", ""),
        expected_en=case.get("expected_en", case.get("expected", "")),
        entry=case.get("entry", False),
        mark=case.get("mark", case.get("level", rule.get("level", "error")) != "info"),
        records_only=case.get("records_only", False),
        key=case.get("key", ""),
        **texts,
    )


def _is_asked(catalogue: Catalogue, layout: Layout, check: Check, file: str) -> bool:
    """Whether this form has what the check is about.

    Raises:
        WrongDefinition: no form has it, or the check is no sound expression.
    """
    number = check.rule.cases.index(check.case) + 1
    key = f"{check.rule.id}.case[{number}]"
    items = list(layout.items(check.rule.each, check.rule.only))
    if not items:
        _refuse_unless_somewhere(check.rule, file)
        return False
    try:
        _parse_all(catalogue, check, items[0])
    except NotOnThisForm:
        return False
    except LanguageError as error:
        raise WrongDefinition(file, key, str(error)) from None
    return True


def _refuse_unless_somewhere(rule: Rule, file: str) -> None:
    layouts = (Layout(load_form(one)) for one in references())
    if not any(True for layout in layouts for _ in layout.items(rule.each, rule.only)):
        raise WrongDefinition(file, f"{rule.id}.only", f"{rule.each} 里没有 {'、'.join(rule.only)}")


def _parse_all(catalogue: Catalogue, check: Check, item: Item) -> None:
    """Parse every expression of a check: what must hold, where it is at fault, what the messages show."""
    trees = [tree for tree in catalogue.trees(check, item) if tree is not None]
    missing = [name for tree in trees for name in without_formula(tree)]
    if missing and check.rule.only_in != "python":
        raise LanguageError(f'{missing[0]} 没有公式，只能用在 only_in = "python" 的规则里')
    names = catalogue.names(check, item)
    if item.each not in ("level1", "level2"):
        parse(check.at or "''", names)
        if not check.at:
            raise LanguageError("没有写 at 或 value：不知道错在哪一格")
    case = check.case
    for text in (case.message, case.message_en, case.found, case.expected, case.expected_en):
        for name, _ in placeholders(text):
            if name not in _GIVEN:
                parse(name, names)


def placeholders(text: str) -> list[tuple[str, str]]:
    """The names in a message and how each is shown: ``{exact:percent}`` is ("exact", "percent")."""
    return _PLACEHOLDER.findall(text)


def fill_in(text: str, show: Any) -> str:
    """A message with its placeholders replaced by ``show(name, how)``."""
    return _PLACEHOLDER.sub(lambda match: str(show(match[1], match[2] or "")), text)
