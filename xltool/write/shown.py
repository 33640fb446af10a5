"""What the formulas about verdicts show: the values that ``checks`` and ``panel`` write formulas for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xltool.findings import LEVEL_NAMES
from xltool.form.answers import Answers
from xltool.form.letters import column_letters
from xltool.language.numbers import squeezed
from xltool.rules.catalogue import Question, Rule
from xltool.rules.check import Verdicts

if TYPE_CHECKING:
    from xltool.write.checks import CheckSheet

#: What the sheet calls a level; sheets speak Chinese.
LEVEL_WORDS = {level: chinese for level, (chinese, _) in LEVEL_NAMES.items()}
PASSED, EXPLAINED, UNASKED, LATER = "通过", "已说明", "未涉及", "提交后检查"


@dataclass(frozen=True)
class Line:
    """A rule's line on the panel: its worst check, its state, how many places, the first of them, how to mend it."""

    worst: int | str
    state: str
    count: int | str
    first: str
    fix: str


class Shown:
    """The values of one workbook.

    Args:
        checks: its checks.
        verdicts: the verdict on each of them.
        answers: what stands in the form.
        now: where a row of the layout stands in the workbook, when rows were taken out of it.
    """

    def __init__(
        self,
        checks: CheckSheet,
        verdicts: Verdicts,
        answers: Answers,
        now: Callable[[int], int | None] = lambda row: row,
    ) -> None:
        self.checks = checks
        self.verdicts = verdicts
        self.answers = answers
        self.now = now
        self.faults: Sequence[Question] = [question for question in checks.questions if verdicts[question]]
        self._passed = {question.rule.id for question in checks.questions if verdicts[question] is False}
        self._by_rule: dict[str, list[int]] = {}
        self._by_row: dict[int, list[int]] = {}
        self._rows: dict[int, list[int]] = {}
        for question in self.faults:
            self._by_rule.setdefault(question.rule.id, []).append(question.number)
            self._by_row.setdefault(question.row, []).append(question.number)
            self._rows.setdefault(question.number, []).append(question.row)

    def verdict(self, question: Question) -> Any:
        """In a cell of ``_check``."""
        verdict = self.verdicts[question]
        return "" if verdict is None else question.number if verdict else "ok"

    def link(self, number: int) -> str:
        """The address of the first cell at fault, "" when there is none."""
        box = self.checks.box(number)
        if box.sheet != self.checks.layout.form.sheet:
            return f"#'{box.sheet}'!{box.first}"
        rows = self._rows.get(number)
        if not rows:
            return ""
        row = min(rows) if self.checks.by_number[number].in_row else box.top
        return f"#'{box.sheet}'!{column_letters(box.left)}{self.now(row)}"

    def row(self, row: int) -> str:
        """Beside a row: its worst fault, and how many it has."""
        numbers = [one for one in self._by_row.get(row, ()) if one <= self.checks.last("warning")]
        if not numbers:
            return ""
        count = f"（本行共 {len(numbers)} 处）" if len(numbers) > 1 else ""
        return self.checks.saying(self.checks.by_number[min(numbers)]) + count

    def line(self, rule: Rule) -> Line:
        """On the panel."""
        faults = self._by_rule.get(rule.id)
        if not faults:
            return Line("", self.state(rule), "", "", "")
        first, fix = self.link(min(faults)), self.checks.by_number[min(faults)].case.fix
        return Line(min(faults), self.state(rule), len(faults), first[1:].replace("'", ""), fix)

    def state(self, rule: Rule) -> str:
        """The word on a rule's line of the panel."""
        if rule.only_in == "python":
            return LATER
        faults = self._by_rule.get(rule.id)
        if not faults:
            return PASSED if rule.id in self._passed else UNASKED
        level = self.checks.by_number[min(faults)].case.level
        if level == "warning" and rule.explainable:
            explanation = self.answers.at(("explanations", rule.id))
            return EXPLAINED if squeezed(str(explanation or "")) else LEVEL_WORDS[level]
        return LEVEL_WORDS[level]

    @property
    def overall(self) -> str:
        """The one verdict on the form."""
        rules = self.checks.catalogue.rules
        states = [self.state(rules[key]) for key in self.checks.layout.panel]
        errors, warnings = states.count(LEVEL_WORDS["error"]), states.count(LEVEL_WORDS["warning"])
        if errors:
            return f"有 {errors} 类错误，请更正后再提交"
        return f"没有错误，可以提交；有 {warnings} 类警告，请核对或写明说明" if warnings else "检查通过，可以提交"
