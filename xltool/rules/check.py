"""The check: every question of the catalogue put to one form, answered in exact decimals."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from xltool.form.answers import Answers
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
    """What is wrong on the form, one finding for each question at fault, in the order of the catalogue.

    Args:
        catalogue: the rules.
        answers: the form.
        paths: where its values stand in the record.
        explanations: what the unit wrote on the panel, by rule.
        address: sheet and cell of a place; None when the form stands in no workbook.
        workbook: whether that is a workbook of ours; where nothing is said, whether it is any.
        absent: the places that the form does not print.
        doubt: what of it was not read in full.
    """
    ours = address is not None if workbook is None else workbook
    inquiry = catalogue.check_runner(answers.layout, "workbook" if ours else "record")
    verdicts = inquiry.verdicts(answers)
    if doubt:
        verdicts = _without(verdicts, doubt, catalogue, inquiry.questions, answers)
    at = [
        number
        for number in places_at_fault(verdicts)
        if _is_printed(catalogue, inquiry.questions[number], answers, absent)
    ]
    spoken = {one.rule.id for one in map(inquiry.questions.__getitem__, at) if one.case.level != "info"}
    said = [inquiry.questions[number] for number in inquiry.faults(verdicts, set(at))]
    asked = [one for one in said if spoken.isdisjoint(one.rule.silent_after)]
    tellers = [MessageRenderer(catalogue, question, answers) for question in asked]
    alone = [_told(teller, paths, explanations, address) for teller in tellers]
    yield from grouping.group_by_cause(tellers, alone)


def _is_printed(catalogue: Catalogue, question: CheckInstance, answers: Answers, absent: Collection[Place]) -> bool:
    """Whether a form that is not ours prints what a case is asked for, or lacks it, as the case wants.

    What a case adds up is printed where any of it is.
    """
    if question.case.printed is None or not absent:
        return question.case.printed is not False
    printed = question.at not in absent and all(
        any(place not in absent for place in meant.places(question.item, answers.layout))
        for meant in bindings(catalogue, question)
        if meant.many
    )
    return question.case.printed is printed


def _without(
    verdicts: bytes, doubt: UnreadParts, catalogue: Catalogue, questions: Sequence[CheckInstance], answers: Answers
) -> bytes:
    """The verdicts, unanswered where what they depend on was not read in full."""
    found = bytearray(verdicts)
    for number in places_at_fault(verdicts):
        if doubt.covers(catalogue, questions[number], answers.layout):
            found[number] = UNANSWERED
    return bytes(found)


def _told(
    teller: MessageRenderer, paths: Paths, explanations: Mapping[str, str], address: Callable[[Place], str] | None
) -> Finding:
    """What is said of one question at fault."""
    question = teller.question
    explanation = explanations.get(question.rule.id) if question.case.level != "error" else None
    cell = address(question.at) if address else None
    path = paths.path(question.at)
    here = None if question.case.found else teller("", "")
    return make_finding(question.rule, question.case, teller, path, cell, teller.full_label, here, explanation)


def reader_finding(
    rule: Rule, key: str, place: Place, answers: Answers, paths: Paths, given: Mapping[str, str], cell: str
) -> Finding:
    """A finding that the reader raises about a cell, under the rule's case ``key``."""
    form = answers.layout.form
    label = form.label(place)
    here = display_text(answers.at(place), form.field(place).kind) or i18n.tr("空白", "blank")
    texts = {"label": label, "": here, **given}
    return make_finding(rule, rule.case(key), lambda name, _: texts[name], paths.path(place), cell, label, here)


def file_finding(rule: Rule, key: str, reason: str) -> Finding:
    """A finding that the reader raises about a whole file."""
    case = rule.case(key)
    message = i18n.tr(case.message, case.message_en).replace("{reason}", reason)
    label, fix = i18n.tr("文件", "file"), i18n.tr(case.fix, case.fix_en)
    return Finding(rule.id, case.level, "", None, label, message, None, None, fix, rule.basis, case.actor,
                   review=case.review)  # fmt: skip
