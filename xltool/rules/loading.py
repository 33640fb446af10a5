"""Loads the rules of a form: the definitions become a catalogue; wrong ones are rejected with file and key."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping

from xltool.form.binding import bind, cell_formulas
from xltool.form.check_targets import CheckTarget
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.loading import load_form
from xltool.form.places import Place
from xltool.form.printed_labels import printed_labels
from xltool.form.references import all_references, broken_definitions
from xltool.language import tree
from xltool.rules.applicability import Applicability
from xltool.rules.catalogue import Catalogue
from xltool.rules.expressions import Expressions
from xltool.rules.rule import Rule, parse_rule
from xltool.rules.texts import with_form_texts
from xltool.support import json_codec, resources
from xltool.support.errors import WrongDefinition
from xltool.support.templates import keep, keep_by_language


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
    expressions = Expressions(form)
    rules = {key: with_form_texts(parse_rule(key, table[key]), expressions, file) for key in sorted(table, key=_family)}
    applicability = Applicability(_laid_out(form, reference), expressions, file)
    for rule in rules.values():
        applicability.add(rule)
    catalogue = Catalogue(form, rules, applicability, _digest(reference, table))
    known_ids = {*rules, *_ids_in_files(reference)}
    for rule in rules.values():
        _refuse_wrong_suppression(catalogue, rule, known_ids, file)
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


@keep
def workbook_rules() -> Mapping[str, Rule]:
    """The rules that all forms share: sufficient to report that a file is not a form."""
    table = resources.read_toml(resources.folder("templates") / "workbook.toml")
    return {key: parse_rule(key, rule_table) for key, rule_table in table.items()}


def _refuse_wrong_suppression(catalogue: Catalogue, rule: Rule, known: Collection[str], file: str) -> None:
    """Reject a rule that is suppressed by rules that are not checked wherever it is, or that it suppresses in turn."""
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
