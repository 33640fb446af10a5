"""The check: every question of the catalogue put to one form, answered in exact decimals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from xltool import speech
from xltool.findings import Finding
from xltool.form.answers import Answers
from xltool.form.kinds import percent, shown
from xltool.form.names import Meaning, Place
from xltool.form.record import Paths
from xltool.language.functions import Value
from xltool.language.numbers import plain, rounded
from xltool.language.texts import cleaned
from xltool.rules.catalogue import Catalogue
from xltool.rules.rule import Question, Rule, finding


def findings(
    catalogue: Catalogue,
    answers: Answers,
    paths: Paths,
    explanations: Mapping[str, str],
    address: Callable[[Place], str] | None,
    workbook: bool | None = None,
) -> Iterator[Finding]:
    """What is wrong on the form, one finding for each question at fault, in the order of the catalogue.

    Args:
        catalogue: the rules.
        answers: the form.
        paths: where its values stand in the record.
        explanations: what the unit wrote on the panel, by rule.
        address: sheet and cell of a place; None when the form stands in no workbook.
        workbook: whether that is a workbook of ours; where nothing is said, whether it is any.
    """
    ours = address is not None if workbook is None else workbook
    inquiry = catalogue.inquiry(answers.layout, "workbook" if ours else "record")
    for number in inquiry.faults(inquiry.verdicts(answers)):
        question = inquiry.questions[number]
        teller = Teller(catalogue, question, answers)
        explanation = explanations.get(question.rule.id) if question.case.level == "warning" else None
        cell = address(question.at) if address else None
        path = paths.path(question.at)
        here = None if question.case.found else teller("", "")
        yield finding(question.rule, question.case, teller, path, cell, teller.full_label, here, explanation)


def raised(
    rule: Rule, key: str, place: Place, answers: Answers, paths: Paths, given: Mapping[str, str], cell: str
) -> Finding:
    """A finding that the reader raises about a cell, under the rule's case ``key``."""
    form = answers.layout.form
    label = form.label(place)
    here = shown(answers.at(place), form.field(place).kind) or speech.say("空白", "blank")
    texts = {"label": label, "": here, **given}
    return finding(rule, rule.case(key), lambda name, _: texts[name], paths.path(place), cell, label, here)


def raised_on_file(rule: Rule, key: str, reason: str) -> Finding:
    """A finding that the reader raises about a whole file."""
    case = rule.case(key)
    message = speech.say(case.message, case.message_en).replace("{reason}", reason)
    label, fix = speech.say("文件", "file"), speech.say(case.fix, case.fix_en)
    return Finding(rule.id, case.level, "", None, label, message, None, None, fix, rule.basis)


class Teller:
    """Fills the placeholders of a question's texts."""

    def __init__(self, catalogue: Catalogue, question: Question, answers: Answers) -> None:
        self.question = question
        self.answers = answers
        self.catalogue = catalogue

    def __call__(self, name: str, how: str) -> str:
        """The text of a name: ``label``, a cell, a parameter or an expression of ``let``; "" is the cell at fault."""
        form = self.answers.layout.form
        at = self.question.at
        if name == "label":
            return self.label
        if not name:
            return self._cell(at)
        shown_there = self.catalogue.expressions.told(self.question.check, self.question.item, name)
        if isinstance(shown_there, Meaning):
            return self._cell(shown_there.places(self.question.item, self.answers.layout)[0])
        value = shown_there(self.answers.view(self.question.item))
        if value is None:
            return speech.say("（无法计算）", "(no value)")
        if how == "cell" and isinstance(value, Decimal):
            return shown(value, form.field(at).kind)
        return _told(value, how)

    @property
    def label(self) -> str:
        """What people call the place at fault, in a sentence about its row."""
        item = self.question.item
        if item.each in ("level1", "level2", "funds.columns"):
            return item.label
        return self.answers.layout.form.label(self.question.at)

    @property
    def full_label(self) -> str:
        """The same with its row: 「数量指标“培训人次” 得分」."""
        item = self.question.item
        if item.each == "funds.columns":
            return self.answers.layout.form.label(self.question.at)
        if item.each != "indicators":
            return self.label
        name = self.answers.at(("indicators", item.key, "level3"))
        return f"{item.label}{f'“{cleaned(str(name))}”' if name else ''} {self.label}"

    def _cell(self, place: Place) -> str:
        value: Value = self.answers.at(place)
        return shown(value, self.answers.layout.form.field(place).kind) or speech.say("空白", "blank")


def _told(value: Decimal | str | bool, how: str) -> str:
    if not isinstance(value, Decimal):
        return str(value)
    match how:
        case "percent":
            return percent(rounded(value, 4))
        case "points":
            return plain(rounded(value, 2))
        case _:
            return plain(rounded(value, 9))
