"""Checks one form: applies every check instance of the catalogue, with exact decimals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from xltool.form.answers import Answers
from xltool.form.binding import cell_formulas
from xltool.form.definition import Form
from xltool.form.kinds import display_text
from xltool.form.places import Place
from xltool.form.record import Paths
from xltool.result.findings import Finding
from xltool.rules import grouping
from xltool.rules.catalogue import Catalogue
from xltool.rules.check_runner import UNANSWERED, places_at_fault
from xltool.rules.messages import MessageRenderer
from xltool.rules.rule import CheckInstance, Rule, make_finding
from xltool.rules.unread_parts import UnreadParts, bindings
from xltool.support import i18n


def check_answers(
    catalogue: Catalogue,
    answers: Answers,
    paths: Paths,
    explanations: Mapping[str, str],
    address: Callable[[Place], str] | None,
    workbook: bool | None = None,
    absent: Collection[Place] = (),
    doubt: UnreadParts | None = None,
) -> Iterator[Finding]:
    """Yield the findings about a form, one per check instance at fault, in the order of the catalogue.

    Args:
        catalogue: the rules.
        answers: the form.
        paths: the paths of its values in the record.
        explanations: the unit's explanations on the panel, by rule.
        address: returns sheet and cell of a place; None if the form is not in a workbook.
        workbook: whether the form is in one of our workbooks; None for any workbook if there is an ``address``.
        absent: the places that the form does not print.
        doubt: the parts that were not read completely.
    """
    ours = address is not None if workbook is None else workbook
    runner = catalogue.check_runner(answers.layout, "workbook" if ours else "record")
    verdicts = runner.verdicts(answers)
    if doubt:
        verdicts = _without_unread(verdicts, doubt, catalogue, runner.instances, answers)
    at = [
        number
        for number in places_at_fault(verdicts)
        if _is_printed(catalogue, runner.instances[number], answers, absent)
    ]
    rules_at_fault = {one.rule.id for one in map(runner.instances.__getitem__, at) if one.case.level != "info"}
    at_fault = [runner.instances[number] for number in runner.faults(verdicts, set(at))]
    candidates = [one for one in at_fault if rules_at_fault.isdisjoint(one.rule.silent_after)]
    reported = _without_consequences(candidates, answers.layout.form, ours)
    if doubt:
        reported = [one for one in reported if one.at not in doubt.suspects]
    renderers = [MessageRenderer(catalogue, instance, answers) for instance in reported]
    findings = [_finding(teller, paths, explanations, address) for teller in renderers]
    yield from grouping.group_by_cause(renderers, findings)


def _without_consequences(instances: Sequence[CheckInstance], form: Form, ours: bool) -> list[CheckInstance]:
    """The check instances at fault, one per computed cell.

    What a rule that recomputes a cell says mends whatever else is wrong with the figure. In our workbooks a computed
    cell that holds what may not be typed has lost its formula, which P03 reports, or follows from the cells it adds up.
    """
    recomputed = {one.at for one in instances if one.rule.recomputes}

    def is_consequence(one: CheckInstance) -> bool:
        if one.rule.recomputes or one.case.level != "error" or one.at not in cell_formulas(form):
            return False
        return one.at in recomputed or (ours and one.case.validates_input)

    return [one for one in instances if not is_consequence(one)]


def _is_printed(catalogue: Catalogue, instance: CheckInstance, answers: Answers, absent: Collection[Place]) -> bool:
    """Whether a case applies to a form that is not ours, which may or may not print the place of the case.

    A sum counts as printed if any of its summands is.
    """
    if instance.case.printed is None or not absent:
        return instance.case.printed is not False
    printed = instance.at not in absent and all(
        any(place not in absent for place in binding.places(instance.item, answers.layout))
        for binding in bindings(catalogue, instance)
        if binding.has_many_cells
    )
    return instance.case.printed is printed


def _without_unread(
    verdicts: bytes, doubt: UnreadParts, catalogue: Catalogue, instances: Sequence[CheckInstance], answers: Answers
) -> bytes:
    """The verdicts, unanswered for check instances that depend on unread parts."""
    judged = bytearray(verdicts)
    for number in places_at_fault(verdicts):
        if doubt.covers(catalogue, instances[number], answers.layout):
            judged[number] = UNANSWERED
    return bytes(judged)


def _finding(
    renderer: MessageRenderer, paths: Paths, explanations: Mapping[str, str], address: Callable[[Place], str] | None
) -> Finding:
    """The finding of one check instance at fault."""
    instance = renderer.instance
    explanation = explanations.get(instance.rule.id) if instance.case.level != "error" else None
    cell = address(instance.at) if address else None
    path = paths.path(instance.at)
    value = None if instance.case.found else renderer("", "")
    return make_finding(instance.rule, instance.case, renderer, path, cell, renderer.full_label, value, explanation)


def reader_finding(
    rule: Rule, key: str, place: Place, answers: Answers, paths: Paths, values: Mapping[str, str], cell: str
) -> Finding:
    """A finding that the reader raises about a cell, of the rule's case ``key``."""
    form = answers.layout.form
    label = form.label(place)
    value = display_text(answers.at(place), form.field(place).kind) or i18n.tr("空白", "blank")
    texts = {"label": label, "": value, **values}
    return make_finding(rule, rule.case(key), lambda name, _: texts[name], paths.path(place), cell, label, value)


def file_finding(rule: Rule, key: str, reason: str) -> Finding:
    """A finding that the reader raises about a whole file, of the rule's case ``key``."""
    case = rule.case(key)
    message = i18n.tr(case.message, case.message_en).replace("{reason}", reason)
    label, fix = i18n.tr("文件", "file"), i18n.tr(case.fix, case.fix_en)
    return Finding(rule.id, case.level, "", None, label, message, None, None, fix, rule.basis, case.actor,
                   review=case.review)  # fmt: skip
