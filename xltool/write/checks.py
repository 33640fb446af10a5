"""The hidden sheet ``_check``: a column for each check, a row for each row of the form, a verdict in each cell.

A verdict is the number of the check (at fault), ``ok``, or blank. The lower the number, the worse; so the smallest
number in a row is what to tell its filler, and MATCH of a number in its own column finds the first cell at fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from xlsxwriter.worksheet import Worksheet

from xltool.findings import LEVEL_NAMES, LEVELS
from xltool.form.addresses import Addresses, cell
from xltool.form.answers import Answers
from xltool.form.layout import CHECK, LISTS, Layout
from xltool.form.letters import column_letters
from xltool.language import excel
from xltool.language.numbers import squeezed
from xltool.rules.catalogue import Catalogue, Question, Rule
from xltool.rules.check import Verdicts

#: What the sheet calls a level; sheets speak Chinese.
LEVEL_WORDS = {level: chinese for level, (chinese, _) in LEVEL_NAMES.items()}
PASSED, EXPLAINED, UNASKED, LATER = "通过", "已说明", "未涉及", "提交后检查"


class CheckSheet:
    """The verdicts of one workbook, as formulas and as their right values."""

    def __init__(self, catalogue: Catalogue, layout: Layout, verdicts: Verdicts) -> None:
        self.catalogue = catalogue
        self.layout = layout
        self.verdicts = verdicts
        self.questions = catalogue.in_sheet(layout)
        self.by_number = {question.number: question for question in reversed(self.questions)}
        self.width = max(self.by_number)
        self.rows = layout.last_row

    def column(self, number: int) -> str:
        """The range of a check's verdicts."""
        letters = column_letters(number)
        return f"'{CHECK}'!${letters}$1:${letters}${self.rows}"

    def write(self, check: Worksheet, lists: Worksheet) -> None:
        """Write verdicts, and on ``_lists`` a line for each number: rule, what to say, how to mend, where first."""
        for question in self.questions:
            done = check.write_formula(
                question.row - 1, question.number - 1, self._formula(question), None, self._value(question)
            )
            assert done == 0, question.rule.id
        for number, question in self.by_number.items():
            lists.write_string(number - 1, 0, question.rule.id)
            lists.write_string(number - 1, 1, self.saying(question))
            lists.write_string(number - 1, 2, question.case.fix)
            lists.write_formula(number - 1, 3, self._link(number), None, self.link_value(number))

    def _formula(self, question: Question) -> str:
        before = ",".join(cell(number, question.row) for number in question.before)
        when, must = self.catalogue.trees(question.check, question.item)
        return "=" + excel.verdict(when, must, question.number, before, Addresses(self.layout, question.item, CHECK))

    def _value(self, question: Question) -> Any:
        verdict = self.verdicts[question]
        return "" if verdict is None else question.number if verdict else "ok"

    def saying(self, question: Question) -> str:
        """What the row's verdict says: level, rule, what to do."""
        return f"【{LEVEL_WORDS[question.case.level]} {question.rule.id} {question.rule.name}】{question.case.fix}"

    def _link(self, number: int) -> str:
        box = self.layout.box(self.by_number[number].at)
        if box.sheet != self.layout.form.sheet:
            return f"=\"#'{box.sheet}'!{box.first}\""
        start = f"\"#'{box.sheet}'!{column_letters(box.left)}\""
        return f'=IFERROR({start}&MATCH({number},{self.column(number)},0),"")'

    def link_value(self, number: int) -> str:
        """The address of the first cell at fault, "" when there is none."""
        box = self.layout.box(self.by_number[number].at)
        if box.sheet != self.layout.form.sheet:
            return f"#'{box.sheet}'!{box.first}"
        rows = [question.row for question in self.faults if question.number == number]
        return f"#'{box.sheet}'!{column_letters(box.left)}{min(rows)}" if rows else ""

    @cached_property
    def faults(self) -> Sequence[Question]:
        """The questions at fault."""
        return [question for question in self.questions if self.verdicts[question]]

    def numbers(self, rule: Rule) -> list[int]:
        """The numbers of a rule's checks, worst first."""
        return sorted(number for number, question in self.by_number.items() if question.rule is rule)

    def last(self, level: str) -> int:
        """The highest number of a level; 0 when it has none."""
        worse = LEVELS[: LEVELS.index(level) + 1]
        return max((n for n, question in self.by_number.items() if question.case.level in worse), default=0)

    def row_verdict(self, row: int) -> tuple[str, str]:
        """The formula beside a row, and its value."""
        width = self.last("warning")  # informations stand on the panel: here they would be noise
        area = f"'{CHECK}'!$A{row}:${column_letters(width)}{row}"
        sayings = f"'{LISTS}'!$B$1:$B${self.width}"
        more = f'IF(COUNT({area})>1,"（本行共 "&COUNT({area})&" 处）","")'
        formula = f'=IF(COUNT({area})=0,"",INDEX({sayings},MIN({area}))&{more})'
        numbers = sorted(one.number for one in self.faults if one.row == row and one.number <= width)
        if not numbers:
            return formula, ""
        count = f"（本行共 {len(numbers)} 处）" if len(numbers) > 1 else ""
        return formula, self.saying(self.by_number[numbers[0]]) + count

    def state(self, rule: Rule, answers: Answers) -> str:
        """The word on a rule's line of the panel."""
        if rule.only_in == "python":
            return LATER
        own = [question for question in self.questions if question.rule is rule]
        faults = sorted(question.number for question in own if self.verdicts[question])
        if not faults:
            return PASSED if any(self.verdicts[question] is False for question in own) else UNASKED
        level = self.by_number[faults[0]].case.level
        if level == "warning" and rule.explainable and squeezed(str(answers.at(("explanations", rule.id)) or "")):
            return EXPLAINED
        return LEVEL_WORDS[level]

    def overall(self, answers: Answers) -> str:
        """The one verdict on the form."""
        states = [self.state(self.catalogue.rules[key], answers) for key in self.layout.panel]
        errors, warnings = states.count(LEVEL_WORDS["error"]), states.count(LEVEL_WORDS["warning"])
        if errors:
            return f"有 {errors} 类错误，请更正后再提交"
        return f"没有错误，可以提交；有 {warnings} 类警告，请核对或写明说明" if warnings else "检查通过，可以提交"

    def overall_formula(self, states: str) -> str:
        """The same, computed from the column of states."""
        errors, warnings = (f'COUNTIF({states},"{LEVEL_WORDS[level]}")' for level in ("error", "warning"))
        warned = f'"没有错误，可以提交；有 "&{warnings}&" 类警告，请核对或写明说明"'
        passed = f'IF({warnings}>0,{warned},"检查通过，可以提交")'
        return f'=IF({errors}>0,"有 "&{errors}&" 类错误，请更正后再提交",{passed})'
