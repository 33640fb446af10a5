"""The marks of a returned form: each fault's state as a formula, its cell coloured by it, and a comment that explains.

A mark is mended once the rule's own formula on ``_check`` holds; where the sheet cannot judge the rule, once the
cell's content is no longer what was handed in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.worksheet import Worksheet

from xltool.form.blocks import explanation_cell
from xltool.form.own_sheets import CHECK
from xltool.form.places import Place
from xltool.form.stamps import Round
from xltool.language.functions import SheetError, Value, excel_string, without_spaces_formula
from xltool.language.numbers import without_spaces
from xltool.result.findings import BUREAU, LEVEL_NAMES, NOBODY, UNIT, Finding
from xltool.rules.rule import CheckInstance
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters
from xltool.write.check_results import EXPLAINED, LATER, CheckResults
from xltool.write.checks import CheckSheet
from xltool.write.sheet import shorten
from xltool.write.style import AMBER, GREEN, RED, Styles

#: The states of a mark that is not settled: an error, a warning, and one that only the next reading can settle.
OPEN, DOUBTED = "待更正", "待核对"
UNSETTLED = (OPEN, DOUBTED, LATER)

#: The states of one that is.
MENDED, CHANGED, RESTORED, NOTED, WAIVED = "已更正", "已改动", "已恢复", "无须更正", "已豁免"

#: The state of one that the unit cannot settle: whatever it does, the bureau has to decide.
FOR_BUREAU = "财政部门处理"

#: The states of one that nothing on the form changes.
_FIXED = (NOTED, WAIVED, FOR_BUREAU)

#: The first line of the list on the sheet 退回意见, and its columns with the state and with what was handed in.
FIRST_ROW, STATE_COLUMN, HANDED_COLUMN = 7, "I", "J"

#: The defined name of the column of states; a conditional format may not name another sheet in Excel 2007.
STATES = "xl_return_states"

#: A comment tells so many characters of a text.
_TOLD = 300


@dataclass(frozen=True)
class FindingMark:
    """A finding on a form that goes back.

    Attributes:
        finding: of its result, at one place.
        place: where on the form; None for a finding about the whole.
        handed: what stood there.
    """

    finding: Finding
    place: Place | None
    value_as_submitted: Value


@dataclass(frozen=True)
class LeftoverNote:
    """A text that stood outside the form: sheet, cell, what it said."""

    sheet: str
    cell: str
    text: str


@dataclass(frozen=True)
class ReturnNotes:
    """What goes back with a form.

    Attributes:
        turn: the round that the returned form opens.
        accepted: whether the form may stay as it is, with warnings to look at.
        file: the name of the file that was handed in.
        marks: the findings, worst first.
        strays: what stood outside the form.
    """

    round: Round
    accepted: bool
    file: str
    marks: tuple[FindingMark, ...]
    leftovers: tuple[LeftoverNote, ...]


class ReturnMarks:
    """The marks on one form; their order is that of the lines on the sheet 退回意见."""

    def __init__(self, notes: ReturnNotes, checks: CheckSheet, shown: CheckResults) -> None:
        self.notes = notes
        self.checks = checks
        self.shown = shown
        self.layout = checks.layout
        self.answers = shown.answers

    # ── states ──────────────────────────────────────────────────

    def state(self, number: int) -> tuple[str, str]:
        """The formula of a mark's state, "" for one that cannot change, and its value now."""
        mark = self.notes.marks[number]
        formula, value = self._settled(number, mark)
        rule = self.checks.catalogue.rules.get(mark.finding.rule)
        if rule is None or not rule.explainable or mark.finding.level != "warning" or value in _FIXED:
            return (f"={formula}" if formula else ""), value
        box = self.layout.box(explanation_cell(rule.id))
        said = without_spaces(str(self.answers.at(explanation_cell(rule.id)) or ""))
        squeeze = without_spaces_formula(f"'{box.sheet}'!{box.absolute}")
        explained = f'=IF(LEN({squeeze})>0,"{EXPLAINED}",{formula or excel_string(value)})'
        return explained, EXPLAINED if said else value

    def _settled(self, number: int, mark: FindingMark) -> tuple[str, str]:
        if mark.finding.waived:
            return "", WAIVED
        if mark.finding.actor == NOBODY:
            return "", NOTED
        if mark.finding.actor == BUREAU:
            return "", FOR_BUREAU
        if mark.place is None:
            return "", LATER
        locked = not self.layout.is_input(mark.place) if mark.place in self.layout.places else True
        questions = self._questions(mark)
        if questions:
            return self._by_rule(mark, questions, RESTORED if mark.place in self.layout.form.formulas else MENDED)
        if not locked:
            return self._by_content(number, mark)
        return "", RESTORED if mark.place in self.layout.places else LATER

    def _questions(self, mark: FindingMark) -> list[CheckInstance]:
        asked = self.checks.questions
        return [one for one in asked if one.rule.id == mark.finding.rule and one.at == mark.place]

    def _by_rule(self, mark: FindingMark, questions: Sequence[CheckInstance], mended: str) -> tuple[str, str]:
        cells = ",".join(f"'{CHECK}'!${column_letters(one.number)}${one.row}" for one in questions)
        still = f"COUNT({cells})>0"
        fault = any(map(self.shown.is_at_fault, questions))
        if (
            isinstance(mark.value_as_submitted, SheetError) and mended == MENDED
        ):  # the error value itself did not come back
            still, fault = f"OR({still},LEN({self._cell(mark.place)})=0)", True
        unsettled = _unsettled(mark)
        return f'IF({still},"{unsettled}","{mended}")', unsettled if fault else mended

    def _by_content(self, number: int, mark: FindingMark) -> tuple[str, str]:
        handed = f"${HANDED_COLUMN}${FIRST_ROW + number}"
        unsettled = _unsettled(mark)
        return f'IF(EXACT({self._cell(mark.place)}&"",{handed}&""),"{unsettled}","{CHANGED}")', unsettled

    def _cell(self, place: Place | None) -> str:
        assert place is not None
        box = self.layout.box(place)
        return f"'{box.sheet}'!{box.absolute.partition(':')[0]}"

    # ── colours ─────────────────────────────────────────────────

    def colour_open(self, sheet: Worksheet, styles: Styles) -> None:
        """Cells whose faults are not mended: red or amber. Call it before the twins are written."""
        for look, levels in ((RED, ("error",)), (AMBER, ("warning",))):
            for box, numbers in self._boxes(levels).items():
                self._colour(sheet, styles, box, _any_open(numbers), look)

    def colour_mended(self, sheet: Worksheet, styles: Styles) -> None:
        """Cells whose faults are all mended: green. Call it after the twins: a new fault is still red."""
        for box, numbers in self._boxes(("error", "warning")).items():
            self._colour(sheet, styles, box, f"NOT({_any_open(numbers)})", GREEN)

    def _boxes(self, levels: Sequence[str]) -> dict[Box, list[int]]:
        found: dict[Box, list[int]] = {}
        for number, mark in enumerate(self.notes.marks):
            if mark.place is None or mark.finding.actor != UNIT or mark.finding.waived:
                continue
            if mark.finding.level in levels:
                box = self.layout.box(mark.place)
                if box.sheet == self.layout.form.sheet:
                    found.setdefault(box, []).append(number)
        return found

    @staticmethod
    def _colour(sheet: Worksheet, styles: Styles, box: Box, test: str, look: Mapping[str, str]) -> None:
        options = {"type": "formula", "criteria": f"={test}", "format": styles.book.add_format(dict(look))}
        area = (box.top - 1, box.left - 1, box.bottom - 1, box.right - 1)
        done = sheet.conditional_format(*area, {**options, "stop_if_true": True})
        assert done == 0, box

    # ── comments ────────────────────────────────────────────────

    def comment(self, sheet: Worksheet) -> None:
        """A comment in each cell at fault: what is wrong, what is expected, how to mend it, which rule."""
        for box, numbers in self._boxes(("error", "warning")).items():
            text = "\n".join(self._told(self.notes.marks[number].finding) for number in numbers)
            lines = sum(1 + len(line) // 26 for line in text.split("\n"))
            look = {"author": "退回意见", "font_name": "宋体", "font_size": 9, "width": 330}
            done = sheet.write_comment(box.top - 1, box.left - 1, text, {**look, "height": min(420, 16 * lines + 16)})
            assert done == 0, box

    def _told(self, finding: Finding) -> str:
        return "\n".join(_lines(finding, self.rule_name(finding)))

    def rule_name(self, finding: Finding) -> str:
        """The Chinese name of a finding's rule."""
        rule = self.checks.catalogue.rules.get(finding.rule)
        return rule.name if rule else ""


def _lines(finding: Finding, name: str) -> Iterable[str]:
    yield f"【{LEVEL_NAMES[finding.level][0]} {finding.rule} {name}】"
    yield f"问题：{shorten(finding.message, _TOLD)}"
    if finding.found:
        yield f"交回时：{shorten(finding.found, _TOLD)}"
    if finding.expected:
        yield f"应为：{shorten(finding.expected, _TOLD)}"
    yield f"更正：{fix_text(finding)}"


def fix_text(finding: Finding) -> str:
    """How a finding is mended, and that it is not the unit's to mend where that is so."""
    return f"（由财政部门处理，单位不用改）{finding.fix}" if finding.actor == BUREAU else finding.fix


def _unsettled(mark: FindingMark) -> str:
    return OPEN if mark.finding.level == "error" else DOUBTED


def _any_open(numbers: Sequence[int]) -> str:
    tests = [f'INDEX({STATES},{number + 1})="{state}"' for number in numbers for state in UNSETTLED]
    return f"OR({','.join(tests)})"
