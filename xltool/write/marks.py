"""Marks a returned form: a formula for the state of each fault, colours by state, and comments that explain.

A fault counts as mended when the rule's own formula on ``_check`` holds; where the sheet cannot judge the rule, when
the content of the cell differs from what was submitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xlsxwriter.worksheet import Worksheet

from xltool.form.explanations import explanation_cell
from xltool.form.own_sheets import CHECK
from xltool.form.places import Place
from xltool.form.stamps import Round
from xltool.language.functions import SheetError, Value, excel_string, without_spaces_formula
from xltool.language.numbers import decimal_text, without_spaces
from xltool.result.findings import BUREAU, LEVEL_NAMES, NOBODY, UNIT, Finding
from xltool.rules.rule import CheckInstance
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters
from xltool.write.check_results import CheckResults
from xltool.write.checks import CheckSheet
from xltool.write.panel_lines import EXPLAINED, LATER
from xltool.write.sheet import shorten
from xltool.write.style import AMBER, GREEN, RED, Styles

#: The states of an unsettled mark: an error, a warning, and one that only the next reading can settle.
OPEN, DOUBTED = "待更正", "待核对"
UNSETTLED = (OPEN, DOUBTED, LATER)

#: The states of a settled mark.
MENDED, CHANGED, RESTORED, NOTED, WAIVED = "已更正", "已改动", "已恢复", "无须更正", "已豁免"

#: The state of a mark that the unit cannot settle: the bureau has to decide.
FOR_BUREAU = "财政部门处理"

#: Where rules are checked that compare a form with the roster.
_ROSTER = "ledger"

#: The states that no change on the form affects.
_FIXED = (NOTED, WAIVED, FOR_BUREAU)

#: The first line of the list on the sheet 退回意见, and the columns of the state and of the value as submitted.
FIRST_ROW, STATE_COLUMN, HANDED_COLUMN = 7, "I", "J"

#: The defined name of the column of states; a conditional format may not name another sheet in Excel 2007.
STATES = "xl_return_states"

#: The most characters of a text that a comment shows.
_MOST_CHARACTERS = 300


@dataclass(frozen=True)
class FindingMark:
    """A finding on a form that is returned.

    Attributes:
        finding: as in the result.
        place: its place on the form; None for a finding about the whole form.
        value_as_submitted: the content of that place when the form was submitted.
    """

    finding: Finding
    place: Place | None
    value_as_submitted: Value


@dataclass(frozen=True)
class LeftoverNote:
    """A text found outside the form.

    Attributes:
        sheet: the name of its sheet.
        cell: its address; "" for none.
        text: the text.
    """

    sheet: str
    cell: str
    text: str


@dataclass(frozen=True)
class ReturnNotes:
    """The notes that are returned with a form.

    Attributes:
        round: the round that the returned form opens.
        accepted: whether the form may stay as it is, with warnings to look at.
        file: the name of the submitted file.
        marks: the findings, worst first.
        leftovers: the texts outside the form.
    """

    round: Round
    accepted: bool
    file: str
    marks: tuple[FindingMark, ...]
    leftovers: tuple[LeftoverNote, ...]


class ReturnMarks:
    """The marks on one form, in the order of the lines on the sheet 退回意见."""

    def __init__(self, notes: ReturnNotes, checks: CheckSheet, shown: CheckResults) -> None:
        self.notes = notes
        self.checks = checks
        self.shown = shown
        self.layout = checks.layout
        self.answers = shown.answers

    # ── states ──────────────────────────────────────────────────

    def state(self, number: int) -> tuple[str, str]:
        """The formula of a mark's state ("" if the state cannot change), and its value now."""
        mark = self.notes.marks[number]
        formula, value = self._state_unexplained(number, mark)
        rule = self.checks.catalogue.rules.get(mark.finding.rule)
        if rule is None or not rule.explainable or mark.finding.level != "warning" or value in _FIXED:
            return (f"={formula}" if formula else ""), value
        box = self.layout.box(explanation_cell(rule.id))
        explanation = without_spaces(str(self.answers.at(explanation_cell(rule.id)) or ""))
        squeeze = without_spaces_formula(f"'{box.sheet}'!{box.absolute}")
        formula_with_explanation = f'=IF(LEN({squeeze})>0,"{EXPLAINED}",{formula or excel_string(value)})'
        return formula_with_explanation, EXPLAINED if explanation else value

    def _state_unexplained(self, number: int, mark: FindingMark) -> tuple[str, str]:
        """Formula and value of a mark's state, leaving explanations aside."""
        if mark.finding.waived:
            return "", WAIVED
        if mark.finding.actor == NOBODY:
            return "", NOTED
        if mark.finding.actor == BUREAU:
            return "", FOR_BUREAU
        if mark.place is None:
            return "", LATER
        locked = not self.layout.is_input(mark.place) if mark.place in self.layout.places else True
        instances = self._questions(mark)
        if instances:
            return self._by_rule(mark, instances, RESTORED if mark.place in self.layout.form.computed_cells else MENDED)
        if not locked:
            return self._by_content(number, mark)
        return "", RESTORED if mark.place in self.layout.places and self._is_restored(mark) else LATER

    def _is_restored(self, mark: FindingMark) -> bool:
        """Whether a locked place has what the roster expects; all that rules of the form expect there is restored."""
        rule, expected = self.checks.catalogue.rules.get(mark.finding.rule), mark.finding.expected
        if rule is None or rule.checked_by != _ROSTER or expected is None or mark.place is None:
            return True
        value = self.answers.recomputed_values().get(mark.place, self.answers.at(mark.place))
        text = decimal_text(value) if isinstance(value, Decimal) else str(value or "")
        return without_spaces(text) == without_spaces(expected)

    def _questions(self, mark: FindingMark) -> list[CheckInstance]:
        """The check instances of a mark's rule at its place."""
        checks = self.checks.instances
        return [check for check in checks if check.rule.id == mark.finding.rule and check.at == mark.place]

    def _by_rule(self, mark: FindingMark, instances: Sequence[CheckInstance], mended: str) -> tuple[str, str]:
        """State from the verdicts of the rule's checks on ``_check``."""
        cells = ",".join(f"'{CHECK}'!${column_letters(instance.number)}${instance.row}" for instance in instances)
        still = f"COUNT({cells})>0"
        fault = any(map(self.shown.is_at_fault, instances))
        if (
            isinstance(mark.value_as_submitted, SheetError) and mended == MENDED
        ):  # the error value itself did not come back
            still, fault = f"OR({still},LEN({self._cell(mark.place)})=0)", True
        unsettled = _unsettled(mark)
        return f'IF({still},"{unsettled}","{mended}")', unsettled if fault else mended

    def _by_content(self, number: int, mark: FindingMark) -> tuple[str, str]:
        """State from whether the content of the cell was changed."""
        submitted = f"${HANDED_COLUMN}${FIRST_ROW + number}"
        unsettled = _unsettled(mark)
        return f'IF(EXACT({self._cell(mark.place)}&"",{submitted}&""),"{unsettled}","{CHANGED}")', unsettled

    def _cell(self, place: Place | None) -> str:
        assert place is not None
        box = self.layout.box(place)
        return f"'{box.sheet}'!{box.absolute.partition(':')[0]}"

    # ── colours ─────────────────────────────────────────────────

    def colour_open(self, sheet: Worksheet, styles: Styles) -> None:
        """Colour cells with open faults red or amber; must run before the twins are written."""
        for look, levels in ((RED, ("error",)), (AMBER, ("warning",))):
            for box, numbers in self._boxes(levels).items():
                self._colour(sheet, styles, box, _any_open(numbers), look)

    def colour_mended(self, sheet: Worksheet, styles: Styles) -> None:
        """Colour cells whose faults are all mended green; must run after the twins, so that a new fault shows red."""
        for box, numbers in self._boxes(("error", "warning")).items():
            self._colour(sheet, styles, box, f"NOT({_any_open(numbers)})", GREEN)

    def _boxes(self, levels: Sequence[str]) -> dict[Box, list[int]]:
        """The boxes of the marks of these levels that the unit has to settle, with the numbers of the marks."""
        boxes: dict[Box, list[int]] = {}
        for number, mark in enumerate(self.notes.marks):
            if mark.place is None or mark.finding.actor != UNIT or mark.finding.waived:
                continue
            if mark.finding.level in levels:
                box = self.layout.box(mark.place)
                if box.sheet == self.layout.form.sheet:
                    boxes.setdefault(box, []).append(number)
        return boxes

    @staticmethod
    def _colour(sheet: Worksheet, styles: Styles, box: Box, test: str, look: Mapping[str, str]) -> None:
        """Add a conditional format to a box."""
        options = {"type": "formula", "criteria": f"={test}", "format": styles.book.add_format(dict(look))}
        area = (box.top - 1, box.left - 1, box.bottom - 1, box.right - 1)
        status = sheet.conditional_format(*area, {**options, "stop_if_true": True})
        assert status == 0, box

    # ── comments ────────────────────────────────────────────────

    def comment(self, sheet: Worksheet) -> None:
        """Write a comment to each cell at fault: what is wrong, what is expected, how to mend it, which rule."""
        for box, numbers in self._boxes(("error", "warning")).items():
            text = "\n".join(self._comment_text(self.notes.marks[number].finding) for number in numbers)
            lines = sum(1 + len(line) // 26 for line in text.split("\n"))
            look = {"author": "退回意见", "font_name": "宋体", "font_size": 9, "width": 330}
            status = sheet.write_comment(box.top - 1, box.left - 1, text, {**look, "height": min(420, 16 * lines + 16)})
            assert status == 0, box

    def _comment_text(self, finding: Finding) -> str:
        """The part of a comment for one finding."""
        return "\n".join(_lines(finding, self.rule_name(finding)))

    def rule_name(self, finding: Finding) -> str:
        """The Chinese name of a finding's rule; "" for an unknown rule."""
        rule = self.checks.catalogue.rules.get(finding.rule)
        return rule.name if rule else ""


def _lines(finding: Finding, name: str) -> Iterable[str]:
    """The lines of a comment for one finding."""
    yield f"【{LEVEL_NAMES[finding.level][0]} {finding.rule} {name}】"
    yield f"问题：{shorten(finding.message, _MOST_CHARACTERS)}"
    if finding.found:
        yield f"交回时：{shorten(finding.found, _MOST_CHARACTERS)}"
    if finding.expected:
        yield f"应为：{shorten(finding.expected, _MOST_CHARACTERS)}"
    yield f"更正：{fix_text(finding)}"


def fix_text(finding: Finding) -> str:
    """How to mend a finding; of what is for the bureau to do, the unit needs to know only that."""
    return "由财政部门处理，单位不用改；有不同意见的，请告知财政部门" if finding.actor == BUREAU else finding.fix


def _unsettled(mark: FindingMark) -> str:
    """The state of a mark that is not mended."""
    return OPEN if mark.finding.level == "error" else DOUBTED


def _any_open(numbers: Sequence[int]) -> str:
    """A formula: whether any of these marks is unsettled."""
    tests = [f'INDEX({STATES},{number + 1})="{state}"' for number in numbers for state in UNSETTLED]
    return f"OR({','.join(tests)})"
