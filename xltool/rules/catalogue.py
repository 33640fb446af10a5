"""The catalogue of a form: which rules apply to it, to what, and in which order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cached_property

from xltool import __version__
from xltool.form.binding import bind
from xltool.form.check_targets import CheckTarget, check_targets
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.places import Place
from xltool.language import tree
from xltool.result.findings import LEVELS
from xltool.rules.applicability import Applicability, NotAsked
from xltool.rules.check_runner import CheckRunner
from xltool.rules.rule import Check, CheckInstance, Rule
from xltool.support.templates import cache_within_budget

#: Rows for a second-level indicator, by id.
Capacities = tuple[tuple[str, int], ...]

#: Number and row of a check of an item, the item, the place at fault.
_CheckSpot = tuple[int, int, CheckTarget, Place]

#: The estimated bytes of a check instance, and of its compiled form.
_BYTES_OF_CHECK, _BYTES_READY = 400, 800


class Catalogue:
    """All rules of a form.

    Args:
        form: the form.
        rules: the rules by id.
        applicability: the checks that the form can be asked, and those that it cannot.
        digest: SHA-256 of the definitions of form and rules, in hex.

    Attributes:
        checks: all checks that are evaluated, in the order of the catalogue; none about what the form lacks.
        expressions: their expressions.
    """

    def __init__(self, form: Form, rules: Mapping[str, Rule], applicability: Applicability, digest: str) -> None:
        self.form = form
        self.rules = rules
        self.applicability = applicability
        self.checks = tuple(applicability.checks)
        self.expressions = applicability.expressions
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
        groups = self.form.groups.items()
        return self._laid_out(tuple((key, requested.get(key, group.rows)) for key, (_, group) in groups))

    # Units may add rows as they like, so the number of layouts is unbounded.
    @cache_within_budget(lambda layout, *_: layout.estimated_bytes)
    def _laid_out(self, capacities: Capacities) -> Layout:
        """The layout for capacities that name every group."""
        return Layout(self.form, dict(capacities), self.on_panel, self.explainable)

    def applies(self, rule: Rule) -> bool:
        """Whether a rule has a check that applies to this form, or a case that code raises."""
        return any(case.key for case in rule.cases) or any(check.rule is rule for check in self.checks)

    @cached_property
    def not_asked(self) -> Mapping[str, tuple[NotAsked, ...]]:
        """What the form cannot be asked because it lacks what a rule needs, by rule; see ``applicability.reason``."""
        by_rule: dict[str, list[NotAsked]] = defaultdict(list)
        for one in self.applicability.not_asked:
            by_rule[one.rule].append(one)
        return {rule: tuple(of_rule) for rule, of_rule in by_rule.items()}

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
            scope = check.each, check.only
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
        if not item.is_row:
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
    if item.is_level:
        slots = (slot.index for slot in layout.slots if item.key in (slot.level1.id, slot.level2.id))
        return layout.form.indicator_cell(next(slots), item.each)
    binding = bind(layout.form, item.each, check.at)
    assert binding is not None, check.at  # checked by load_catalogue
    return binding.places(item, layout)[0]


def _row(place: Place, item: CheckTarget, layout: Layout) -> int:
    """The row of the form's sheet that shows a verdict."""
    if item.is_row:  # even if the cell at fault belongs to the whole form
        return item.slot(layout).row
    box = layout.issued_box(place)
    return box.top if box.sheet == layout.form.sheet else layout.verdict_row
