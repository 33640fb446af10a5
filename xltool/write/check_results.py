"""Computes the values that ``checks`` and ``panel`` write with their formulas about verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from operator import getitem

from xltool.form.answers import Answers
from xltool.form.explanations import explanation_cell
from xltool.language.numbers import without_spaces
from xltool.rules.check_runner import HOLDS, places_at_fault
from xltool.rules.rule import CheckInstance, Rule
from xltool.workbook.letters import column_letters
from xltool.write.checks import CheckSheet
from xltool.write.panel_lines import EXPLAINED, LEVEL_WORDS, PASSED, PanelLine


class CheckResults:
    """The values of the check formulas in one workbook.

    Args:
        checks: the checks.
        verdicts: the effective verdict of each check, see ``check_runner``.
        answers: the values of the form.
        present_row: maps a row of the layout to its row in the workbook, if rows were taken out of it.
    """

    def __init__(
        self,
        checks: CheckSheet,
        verdicts: bytes,
        answers: Answers,
        present_row: Callable[[int], int | None] = lambda row: row,
    ) -> None:
        self.checks = checks
        self.verdicts = verdicts
        self.answers = answers
        self.present_row = present_row
        self.faults: Sequence[CheckInstance] = [checks.instances[number] for number in places_at_fault(verdicts)]
        self._by_rule: dict[str, list[int]] = {}
        self._by_row: dict[int, list[int]] = {}
        self._rows: dict[int, list[int]] = {}
        for instance in self.faults:
            self._by_rule.setdefault(instance.rule.id, []).append(instance.number)
            self._by_row.setdefault(instance.row, []).append(instance.number)
            self._rows.setdefault(instance.number, []).append(instance.row)

    @cached_property
    def cells(self) -> Sequence[int | str]:
        """The cells of ``_check``, in the order of ``CheckSheet.instances``."""
        return list(map(getitem, self.checks.cells, self.verdicts))

    def is_at_fault(self, instance: CheckInstance) -> bool:
        """Whether a check instance is at fault and not suppressed by another."""
        return instance in self.faults

    @cached_property
    def links(self) -> Sequence[str]:
        """The links to the first cells at fault, "" where there is none, in the order of ``CheckSheet.boxes``."""
        links = list(self.checks.idle_links)
        for number, rows in self._rows.items():
            box = self.checks.boxes[number]
            if box.sheet == self.checks.layout.form.sheet:
                row = min(rows) if self.checks.by_number[number].in_row else box.top
                links[self.checks.turns[number]] = f"#'{box.sheet}'!{column_letters(box.left)}{self.present_row(row)}"
        return links

    def row(self, row: int) -> str:
        """The verdict beside a row: its worst fault, and how many it has."""
        numbers = [number for number in self._by_row.get(row, ()) if number <= self.checks.last("warning")]
        if not numbers:
            return ""
        count = f"（本行共 {len(numbers)} 处）" if len(numbers) > 1 else ""
        return self.checks.verdict_formula(self.checks.by_number[min(numbers)]) + count

    @cached_property
    def lines(self) -> Sequence[PanelLine]:
        """The lines of the panel, in their order."""
        lines = list(self.checks.idle_lines)
        for turn, rule, checks in self.checks.checks_of_lines:
            if numbers := self._by_rule.get(rule.id):
                lines[turn] = self._line(rule, numbers)
            elif HOLDS in self.verdicts[checks]:
                lines[turn] = _PASSED
        return lines

    def _line(self, rule: Rule, numbers: Sequence[int]) -> PanelLine:
        """The line of a rule that is at fault."""
        worst = min(numbers)
        case, first = self.checks.by_number[worst].case, self.links[self.checks.turns[worst]]
        return PanelLine(worst, self._state(rule, case.level), len(numbers), first[1:].replace("'", ""), case.fix)

    def _state(self, rule: Rule, level: str) -> str:
        """The word for the state of a rule that is at fault."""
        if level == "warning" and rule.explainable:
            explanation = self.answers.at(explanation_cell(rule.id))
            return EXPLAINED if without_spaces(str(explanation or "")) else LEVEL_WORDS[level]
        return LEVEL_WORDS[level]

    @cached_property
    def overall(self) -> str:
        """The overall verdict."""
        states = [line.state for line in self.lines]
        errors, warnings = states.count(LEVEL_WORDS["error"]), states.count(LEVEL_WORDS["warning"])
        if errors:
            return f"有 {errors} 类错误，请更正后再提交"
        return f"没有错误，可以提交；有 {warnings} 类警告，请核对或写明说明" if warnings else "检查通过，可以提交"


_PASSED = PanelLine("", PASSED, "", "", "")
