"""The catalogue of a form: which rules apply to it, to what, in which order; wrong definitions are rejected on load."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from xltool import __version__
from xltool.form.binding import bind, cell_formulas
from xltool.form.blocks import EACH_INDICATOR
from xltool.form.check_targets import CheckTarget, check_targets
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.loading import load_form
from xltool.form.places import Place
from xltool.form.printed_labels import printed_labels
from xltool.form.references import all_references, broken_definitions
from xltool.language import tree
from xltool.language.parse import LanguageError, parse
from xltool.language.tree import without_formula
from xltool.result.findings import LEVELS
from xltool.rules.check_runner import CheckRunner
from xltool.rules.expressions import Expressions, NotOnThisForm
from xltool.rules.rule import Check, CheckInstance, Rule, parse_rule, placeholder_names
from xltool.support import json_codec, resources
from xltool.support.errors import WrongDefinition
from xltool.support.templates import cache_within_budget, keep, keep_by_language

#: Rows for a second-level indicator, by id.
Capacities = tuple[tuple[str, int], ...]

#: Number and row of a check of an item, the item, the place at fault.
_CheckSpot = tuple[int, int, CheckTarget, Place]

#: The estimated bytes of a check instance, and of its compiled form.
_BYTES_OF_CHECK, _BYTES_READY = 400, 800

#: Names in messages that code fills in, not the form.
_FILLED_BY_CODE = {"label", "reason", "stored", "right", "part", "count", "names", "found", "expected"}


class Catalogue:
    """All rules of a form.

    Args:
        form: the form.
        rules: the rules by id.
        checks: all checks that are evaluated, in the order of the catalogue; none about what the form lacks.
        expressions: their expressions.
        digest: SHA-256 of the definitions of form and rules, in hex.
    """

    def __init__(
        self, form: Form, rules: Mapping[str, Rule], checks: Sequence[Check], expressions: Expressions, digest: str
    ) -> None:
        self.form = form
        self.rules = rules
        self.checks = tuple(checks)
        self.expressions = expressions
        self.digest = digest
        self._about_item: dict[Check, bool] = {}

    @cached_property
    def explainable(self) -> tuple[str, ...]:
        """The ids of the rules that the unit may explain."""
        return tuple(rule.id for rule in self.rules.values() if rule.explainable and self.applies(rule))

    @cached_property
    def on_panel(self) -> tuple[str, ...]:
        """The ids of the rules with a line on the panel: all but those raised by the reader or the ledger."""
        return tuple(r.id for r in self.rules.values() if r.checked_by not in ("reading", "ledger") and self.applies(r))

    @property
    def release(self) -> str:
        """The release as written to workbooks: version, and digest of form and rules."""
        return f"xltool {__version__} {self.digest[:16]}"

    def layout(self, capacities: Mapping[str, int] | None = None) -> Layout:
        """The layout of the form for these capacities, with a panel line for each rule in ``on_panel``."""
        requested = capacities or {}
        return self._laid_out(tuple((key, requested.get(key, group.rows)) for key, group in self.form.level2.items()))

    # Units may add rows as they like, so the number of layouts is unbounded.
    @cache_within_budget(lambda layout, *_: layout.estimated_bytes)
    def _laid_out(self, capacities: Capacities) -> Layout:
        """The layout for capacities that name every group."""
        return Layout(self.form, dict(capacities), self.on_panel, self.explainable)

    def applies(self, rule: Rule) -> bool:
        """Whether a rule has a check that applies to this form, or a case that code raises."""
        return any(case.key for case in rule.cases) or any(check.rule is rule for check in self.checks)

    @cached_property
    def cases_not_applied(self) -> Mapping[str, tuple[int, ...]]:
        """The cases that do not apply because the form lacks a field they need, by rule, as numbers from 1."""
        used_cases = {id(check.case) for check in self.checks}
        numbers_by_rule = {
            rule.id: tuple(n for n, case in enumerate(rule.cases, 1) if not case.key and id(case) not in used_cases)
            for rule in self.rules.values() if not rule.disabled
        }  # fmt: skip
        return {key: numbers for key, numbers in numbers_by_rule.items() if numbers}

    def sheet_checks(self, layout: Layout) -> list[CheckInstance]:
        """The check instances that formulas answer in the workbook."""
        return [instance for instance in self.checks_of(layout) if _applies_to(instance, "sheet")]

    def checks_of(self, layout: Layout) -> tuple[CheckInstance, ...]:
        """All check instances of a layout; a number is a column of ``_check``, and no two instances share a cell."""
        return self._numbered(tuple(layout.capacities.items()))

    def check_runner(self, layout: Layout, audience: str) -> CheckRunner:
        """The compiled checks of a layout.

        Args:
            layout: the layout.
            audience: ``record`` for records alone, ``workbook`` for forms in our workbooks, ``sheet`` for the checks
                that the workbook itself evaluates.
        """
        return self._check_runner(tuple(layout.capacities.items()), audience)

    @cache_within_budget(lambda runner, *_: _BYTES_READY * len(runner.instances))
    def _check_runner(self, capacities: Capacities, of: str) -> CheckRunner:
        instances = [instance for instance in self._numbered(capacities) if _applies_to(instance, of)]
        return CheckRunner(self.expressions, self.layout(dict(capacities)), instances)

    @cache_within_budget(lambda instances, *_: _BYTES_OF_CHECK * len(instances))
    def _numbered(self, capacities: Capacities) -> tuple[CheckInstance, ...]:
        """Number the check instances, and find for each those that suppress it."""
        spots = self._spots(self.layout(dict(capacities)))
        by_row: dict[str, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
        for check in self.checks:
            if check.case.level != "info":
                of_rule = by_row[check.rule.id]
                for number, row, *_ in spots[check]:
                    of_rule[row].append(number)
        earlier: dict[str, dict[tuple[Place, int], list[int]]] = defaultdict(lambda: defaultdict(list))
        instances = []
        for check in self.checks:
            suppressed_by = earlier[check.rule.id]
            suppressing = [
                by_row[rule] for rule in (*check.rule.suppressed_by, *check.case.suppressed_by) if rule in by_row
            ]
            for number, row, item, place in spots[check]:
                numbers = suppressed_by[place, row]
                from_rules = [
                    suppressing_number for rows in suppressing if row in rows for suppressing_number in rows[row]
                ]
                instances.append(CheckInstance(number, row, check, item, place, (*numbers, *from_rules)))
                numbers.append(number)
        return tuple(instances)

    def _spots(self, layout: Layout) -> Mapping[Check, Sequence[_CheckSpot]]:
        """Number the cells of ``_check`` for each check: worse checks get lower numbers."""
        spots_by_check: dict[Check, list[_CheckSpot]] = {}
        items: dict[tuple[str, Sequence[str]], list[CheckTarget]] = {}
        number = 0
        for check in sorted(self.checks, key=lambda check: LEVELS.index(check.case.level)):
            spots = spots_by_check[check] = []
            counts: dict[int, int] = defaultdict(int)  # row → how many numbers of this check are used there
            places: set[Place] = set()
            scope = check.rule.each, check.rule.only
            if scope not in items:
                items[scope] = list(check_targets(layout, *scope))
            for item in items[scope]:
                place = place_of_check(check, item, layout)
                if place in places and not self._is_about_item(check, item):
                    continue  # one cell for the whole form, where other forms have one per row
                places.add(place)
                row = _row(place, item, layout)
                counts[row] += 1
                spots.append((number + counts[row], row, item, place))
            number += max(counts.values(), default=0)
        return spots_by_check

    def _is_about_item(self, check: Check, item: CheckTarget) -> bool:
        """Whether the verdict may differ from item to item, because the check reads a cell or a group of the item."""
        if item.each != EACH_INDICATOR:
            return True
        if check not in self._about_item:
            self._about_item[check] = self._names_item(check, item)
        return self._about_item[check]

    def _names_item(self, check: Check, item: CheckTarget) -> bool:
        """Whether a check reads a cell or a group of the item."""
        trees = [node for node in self.expressions.trees(check, item) if node is not None]
        bindings = [bind(self.form, item.each, name) for node in trees for name in tree.cell_names(node)]
        return any(binding is not None and (binding.is_of_item or binding.has_many_cells) for binding in bindings)


def _applies_to(instance: CheckInstance, of: str) -> bool:
    """Whether a check instance applies to records, to workbooks, or on the workbook's own sheet."""
    if of == "record":
        return instance.rule.checked_by != "workbook"
    return not instance.case.records_only and (of == "workbook" or instance.case.checked_by != "python")


def place_of_check(check: Check, item: CheckTarget, layout: Layout) -> Place:
    """The place at fault if a check does not hold for an item; the label of a group."""
    if item.each in ("level1", "level2"):
        slots = (slot.index for slot in layout.slots if item.key in (slot.level1.id, slot.level2.id))
        return layout.form.indicator_cell(next(slots), item.each)
    binding = bind(layout.form, item.each, check.at)
    assert binding is not None, check.at  # checked by load_catalogue
    return binding.places(item, layout)[0]


def _row(place: Place, item: CheckTarget, layout: Layout) -> int:
    """The row of the form's sheet that shows a verdict."""
    if item.each == EACH_INDICATOR:  # even if the cell at fault belongs to the whole form
        return layout.slots[int(item.key)].row
    box = layout.issued_box(place)
    return box.top if box.sheet == layout.form.sheet else layout.total_row


@keep_by_language
def definition_fault(reference: str) -> WrongDefinition | None:
    """Why a definition cannot be used; None if it can."""
    try:
        load_catalogue(reference)
    except WrongDefinition as error:
        return error
    return None


def definition_faults() -> dict[str, WrongDefinition]:
    """The bureau's own definitions that cannot be used, each with the reason."""
    faults = (
        (reference, broken_definitions().get(reference) or definition_fault(reference))
        for reference in resources.own_definitions()
    )
    return {reference: error for reference, error in faults if error is not None}


def usable_forms() -> list[str]:
    """The definitions whose form and rules can be used."""
    return [reference for reference in all_references() if definition_fault(reference) is None]


@keep
def load_catalogue(reference: str) -> Catalogue:
    """Read, check and freeze the rules of a form.

    Raises:
        WrongDefinition: with file, key and reason.
    """
    form = load_form(reference)
    file = f"{reference}/rules.toml"
    shared = [resources.read_toml(resources.folder("templates") / f"{name}.toml") for name in ("workbook", "ledger")]
    common = resources.merge_tables(*shared)
    table = resources.merge_tables(common, resources.read_with_parents(reference, "rules.toml"))
    resources.refuse_unless_valid(table, "rules", file)
    rules = {key: parse_rule(key, table[key]) for key in sorted(table, key=_family)}
    expressions, layout = Expressions(form), _laid_out(form, reference)
    checks = [check for check in _checks(rules) if _is_asked(expressions, layout, check, file)]
    catalogue = Catalogue(form, rules, checks, expressions, _digest(reference, table))
    for rule in rules.values():
        _refuse_wrong_suppression(catalogue, rule, file)
    return catalogue


def _laid_out(form: Form, reference: str) -> Layout:
    """The layout of a form without a panel, whose lines depend on the checks.

    Raises:
        WrongDefinition: the form cannot be laid out, or a formula needs its own result.
    """
    try:
        layout = Layout(form)
        if reference in resources.own_definitions():  # those we ship are covered by tests
            _ = layout.names, list(printed_labels(layout)), [layout.box(place) for place in layout.places]
    except (AssertionError, LookupError, StopIteration, ValueError) as error:
        reason = f"{type(error).__name__} {error}"
        raise WrongDefinition(f"{reference}/form.toml", "blocks", f"按这样写排不出一张表：{reason}") from None
    needed = {place: _places_read(node, layout) for place, node in cell_formulas(form).items()}
    for place in needed:
        if place in _dependencies(place, needed):
            raise WrongDefinition(f"{reference}/form.toml", place.name, "公式要用到它自己的结果，成了环")
    return layout


def _places_read(node: tree.Node, layout: Layout) -> set[Place]:
    """The places that a formula reads."""
    bindings = (bind(layout.form, "form", name) for name in tree.cell_names(node))
    return {
        place for binding in bindings if binding is not None for place in binding.places(CheckTarget("form"), layout)
    }


def _dependencies(place: Place, needed: Mapping[Place, set[Place]]) -> set[Place]:
    """All places that a computed place depends on, directly or through other formulas."""
    places: set[Place] = set()
    remaining = [place]
    while remaining:
        new = needed.get(remaining.pop(), set()) - places
        places |= new
        remaining += new
    return places


def _digest(reference: str, rules: resources.Table) -> str:
    """The digest of definitions that a result names; it does not depend on how the files are formatted."""
    tables = {"form": resources.read_with_parents(reference, "form.toml"), "rules": rules}
    return hashlib.sha256(json_codec.canonical(tables).encode("utf-8")).hexdigest()


def _checks(rules: Mapping[str, Rule]) -> Iterator[Check]:
    """All checks of the rules that are evaluated."""
    for rule in rules.values():
        for case in rule.cases:
            if not case.key and not rule.disabled:
                yield from (Check(rule, case, value) for value in case.value or ("",))


@keep
def workbook_rules() -> Mapping[str, Rule]:
    """The rules that all forms share: sufficient to report that a file is not a form."""
    table = resources.read_toml(resources.folder("templates") / "workbook.toml")
    return {key: parse_rule(key, rule_table) for key, rule_table in table.items()}


def _refuse_wrong_suppression(catalogue: Catalogue, rule: Rule, file: str) -> None:
    """Reject a rule that is suppressed by rules that are not checked wherever it is, or that it suppresses in turn."""
    known = {*catalogue.rules, *_ids_in_files(catalogue.form.reference)}
    for key in rule.silent_after:
        if key not in known:
            raise WrongDefinition(file, f"{rule.id}.silent_after", f"没有规则 {key}")
    suppressing = list(_suppressing(rule))
    for key in suppressing:
        if (other := catalogue.rules.get(key)) is None and key in known:
            continue  # a form may lack it
        if other is None:
            raise WrongDefinition(file, f"{rule.id}.yields_to", f"没有规则 {key}")
        # What is checked only after submission has no effect on the sheet: there the rule is not suppressed.
        if other.checked_by not in ("", "python", rule.checked_by) or key == rule.id:
            raise WrongDefinition(file, f"{rule.id}.yields_to", f"{key} 不是处处都查，或者互相让")
        suppressing += [rule_id for rule_id in _suppressing(other) if rule_id not in suppressing]


def _ids_in_files(reference: str) -> set[str]:
    """The ids in the rule files of a form and of the forms it extends, including rules that it drops."""
    ids: set[str] = set()
    while reference in (known := resources.definitions()):
        rules, folder = known[reference] / "rules.toml", known[reference]
        ids |= set(resources.read_toml(rules)) if rules.exists() else set()
        reference = str(resources.read_toml(folder / "form.toml").get("extends", ""))
    return ids


def _suppressing(rule: Rule) -> tuple[str, ...]:
    """The rules that suppress a rule or any of its cases."""
    return (*rule.suppressed_by, *(key for case in rule.cases for key in case.suppressed_by))


def _family(rule_id: str) -> tuple[int, str]:
    """The sort key of a rule id."""
    return ("PHFWSDVTQAX".find(rule_id[0]), rule_id)


def _is_asked(expressions: Expressions, layout: Layout, check: Check, file: str) -> bool:
    """Whether this form has what a check is about.

    Raises:
        WrongDefinition: no form has it, or the expression is wrong.
    """
    number = check.rule.cases.index(check.case) + 1
    key = f"{check.rule.id}.case[{number}]"
    items = list(check_targets(layout, check.rule.each, check.rule.only))
    if not items:
        _refuse_unless_somewhere(check.rule, file)
        return False
    try:
        _parse_all(expressions, check, items[0])
    except NotOnThisForm:
        return False
    except LanguageError as error:
        raise WrongDefinition(file, key, str(error)) from None
    return True


def _refuse_unless_somewhere(rule: Rule, file: str) -> None:
    """Reject a rule that is limited to items that no form has."""
    layouts = (Layout(load_form(reference)) for reference in all_references())
    if not any(True for layout in layouts for _ in check_targets(layout, rule.each, rule.only)):
        raise WrongDefinition(file, f"{rule.id}.only", f"{rule.each} 里没有 {'、'.join(rule.only)}")


def _parse_all(expressions: Expressions, check: Check, item: CheckTarget) -> None:
    """Parse all expressions of a check: the condition, the place at fault, the placeholders of its messages."""
    parsed = [tree for tree in expressions.trees(check, item) if tree is not None]
    missing = [name for tree in parsed for name in without_formula(tree)]
    if missing and check.case.checked_by != "python":
        raise LanguageError(f'{missing[0]} 没有公式，只能用在 only_in = "python" 的规则或 case 里')
    names = expressions.scope(check, item)
    if item.each not in ("level1", "level2"):
        parse(check.at or "''", names)
        if check.at and bind(expressions.form, item.each, check.at) is None:
            raise NotOnThisForm(check.at)  # it has a value on this form, but no cell
        if not check.at:
            raise LanguageError("没有写 at 或 value：不知道错在哪一格")
    case = check.case
    grouped = (case.group_message, case.group_message_en)
    for text in (case.message, case.message_en, case.found, case.expected, case.expected_en, *grouped):
        for name, _ in placeholder_names(text):
            if name not in _FILLED_BY_CODE:
                parse(name, names)
