"""Writes the sheet 退回意见 in front of a returned workbook: a line per finding, with its state and a link."""

from __future__ import annotations

from decimal import Decimal

from xlsxwriter import Workbook

from xltool.form.own_sheets import PANEL, REMARKS, REMARKS_PROGRESS, REMARKS_PROGRESS_LABEL
from xltool.language.functions import SheetError
from xltool.result.findings import LEVEL_NAMES, Finding
from xltool.result.roles import DEPARTMENT, SUBJECT, UNIT
from xltool.workbook.letters import column_number
from xltool.write.marks import (
    CHANGED,
    DOUBTED,
    FIRST_ROW,
    FOR_BUREAU,
    HANDED_COLUMN,
    MENDED,
    NOTED,
    OPEN,
    RESTORED,
    STATE_COLUMN,
    STATES,
    UNSETTLED,
    WAIVED,
    FindingMark,
    ReturnMarks,
    fix_text,
)
from xltool.write.panel_lines import EXPLAINED, LATER
from xltool.write.sheet import FittedSheet, shorten, text_height
from xltool.write.style import AMBER, GREEN, RED, Styles

_HEADS = ("序号", "级别", "规则", "位置", "栏目和问题", "交回时", "应为", "怎样更正", "状态")
_WIDTHS = (5, 6, 13, 12, 44, 20, 20, 34, 11)
_LAST, _STATE = STATE_COLUMN, column_number(STATE_COLUMN) - 1
_SIZE = 10

#: In remedies that ask for a fresh form, which the returned workbook is.
_TEMPLATE = "原模板重填"

#: The most characters of a text that a line shows; the cell itself has all of it.
_MOST_CHARACTERS = 200


def write_return_sheet(book: Workbook, sheet: FittedSheet, styles: Styles, marks: ReturnMarks) -> None:
    """Write the sheet.

    Args:
        book: the workbook.
        sheet: the sheet.
        styles: the formats of the workbook.
        marks: the marks of the returned form.
    """
    for number, width in enumerate(_WIDTHS):
        sheet.set_column(number, number, width)
    sheet.set_column(f"{HANDED_COLUMN}:{HANDED_COLUMN}", None, None, {"hidden": True})
    last = FIRST_ROW + max(1, len(marks.notes.marks)) - 1
    area = f"${STATE_COLUMN}${FIRST_ROW}:${STATE_COLUMN}${last}"
    book.define_name(STATES, f"='{REMARKS}'!{area}")
    _heading(sheet, styles, marks, area)
    for number, text in enumerate(_HEADS):
        sheet.write_string(FIRST_ROW - 2, number, text, styles.label("head"))
    sheet.set_row(FIRST_ROW - 2, 22)
    for number, mark in enumerate(marks.notes.marks):
        _line(sheet, styles, marks, number, mark)
    _write_leftovers(sheet, styles, marks, last + 2)
    _colours(sheet, styles, area)
    _page(sheet)


def _heading(sheet: FittedSheet, styles: Styles, marks: ReturnMarks, area: str) -> None:
    """Write title, project, advice and progress."""
    notes, answers, form = marks.notes, marks.answers, marks.layout.form
    title = styles.make(bold=True, font_size=16, font_name=form.print.title_font, align="center")
    heading = "核对意见" if notes.accepted else "退回意见"
    sheet.merge_range(
        0, 0, 0, len(_WIDTHS) - 1, f"{form.title}{heading}（更正后为第 {notes.round.number} 次提交）", title
    )
    sheet.set_row(0, 32)
    plain = styles.make(text_wrap=True, align="left", indent=1)
    places = dict.fromkeys(place for role in (SUBJECT, UNIT, DEPARTMENT) if (place := form.place(role)) is not None)
    parts = [f"{form.field(place).label}：{shorten(str(answers.at(place) or '（空白）'), 60)}" for place in places]
    lines = [
        "　　".join([*parts, f"交回的文件：{shorten(notes.file.replace(chr(92), '/').rpartition('/')[2], 60)}"]),
        _advice(marks),
    ]
    for row, text in enumerate(lines, 2):
        sheet.merge_range(f"A{row}:{_LAST}{row}", "", plain)
        sheet.write_string(row - 1, 0, text, plain)
        sheet.set_row(row - 1, text_height(text, sum(_WIDTHS), _SIZE) + 4)
    label = styles.make(border=1, bold=True, align="center")
    sheet.merge_range(REMARKS_PROGRESS_LABEL, "进度", label)
    strong = styles.make(border=1, bold=True, indent=1)
    sheet.merge_range(f"{REMARKS_PROGRESS}:{_LAST}4", "", strong)
    sheet.write_formula(REMARKS_PROGRESS, _progress_formula(area), strong, _progress(marks))
    sheet.set_row(3, 24)
    sheet.set_row(4, 6)


def _advice(marks: ReturnMarks) -> str:
    """What the unit has to do next, as a sentence."""
    sheet = marks.layout.form.sheet
    start = (
        "本表没有错误，下列警告请核对：属实的不必改数，"
        if marks.notes.accepted
        else "请按下列意见在本工作簿里更正，然后把本工作簿原样交回，不要另起新表。点“位置”到有问题的格子；警告属实的，"
    )
    fresh = any(_TEMPLATE in mark.finding.fix for mark in marks.notes.marks)
    return (
        f"{start}在《{PANEL}》页“说明”一栏写明原因。"
        f"《{sheet}》里没有更正的格子为红色或黄色，更正后变绿。锁定的格子不用改：被覆盖的公式已经恢复。"
        f"{'意见里说用原模板重填的，本工作簿就是，不用另找。' if fresh else ''}"
    )


def _progress_formula(area: str) -> str:
    """The formula that counts the unsettled states."""
    counts = "".join(f'&"，{state} "&COUNTIF({area},"{state}")' for state in UNSETTLED)
    return f'="共 "&ROWS({area})&" 条"{counts}'


def _progress(marks: ReturnMarks) -> str:
    """The value of that formula."""
    states = [marks.state(number)[1] for number in range(len(marks.notes.marks))]
    return "，".join([f"共 {max(1, len(states))} 条", *(f"{state} {states.count(state)}" for state in UNSETTLED)])


def _line(sheet: FittedSheet, styles: Styles, marks: ReturnMarks, number: int, mark: FindingMark) -> None:
    """Write the line of one finding."""
    row, finding = FIRST_ROW + number, mark.finding
    middle = styles.make(border=1, align="center", text_wrap=True, font_size=_SIZE)
    left = styles.make(border=1, text_wrap=True, font_size=_SIZE, align="left", indent=1)
    texts = [
        (1, LEVEL_NAMES[finding.level][0], middle),
        (2, f"{finding.rule}\n{marks.rule_name(finding)}", middle),
        (4, _problem(finding), left),
        (5, shorten(finding.found or "", _MOST_CHARACTERS), left),
        (6, shorten(finding.expected or "", _MOST_CHARACTERS), left),
        (7, fix_text(finding), left),
    ]
    sheet.write_number(row - 1, 0, number + 1, middle)
    for column, text, style in texts:
        sheet.write_string(row - 1, column, text, style) if text else sheet.write_blank(row - 1, column, None, style)
    _link(sheet, styles, marks, row, mark)
    formula, value = marks.state(number)
    if formula:
        sheet.write_formula(row - 1, _STATE, formula, middle, value)
    else:
        sheet.write_string(row - 1, _STATE, value, middle)
    _write_submitted(sheet, row, mark)
    tallest = max(text_height(text, _WIDTHS[column] - 2, _SIZE) for column, text, _ in texts)
    sheet.fit_row(row, min(400, max(30, tallest)))


def _problem(finding: Finding) -> str:
    """The text that describes a finding, with its explanation and its waiver."""
    text = f"{shorten(finding.label, 80)}：\n{shorten(finding.message, _MOST_CHARACTERS)}"
    if finding.explanation is not None:
        text += f"\n单位说明：{shorten(finding.explanation, _MOST_CHARACTERS)}"
    if finding.waived:
        text += f"\n已豁免：{shorten(finding.waived.reason, _MOST_CHARACTERS)}"
    return text


def _link(sheet: FittedSheet, styles: Styles, marks: ReturnMarks, row: int, mark: FindingMark) -> None:
    """Write the link to the cell of a finding."""
    if mark.place is None:
        sheet.write_string(row - 1, 3, "整张表", styles.make(border=1, align="center", font_size=_SIZE))
        return
    box = marks.layout.box(mark.place)
    look = styles.make(border=1, align="center", font_color="#0563C1", underline=1, font_size=_SIZE)
    formula = f'=HYPERLINK("#\'{box.sheet}\'!{box.first}","{box.address}")'
    sheet.write_formula(row - 1, 3, formula, look, box.address)


def _write_submitted(sheet: FittedSheet, row: int, mark: FindingMark) -> None:
    """Write the value as submitted, for the formula that tests whether the cell was changed."""
    if isinstance(mark.value_as_submitted, Decimal):
        sheet.write_number(f"{HANDED_COLUMN}{row}", float(mark.value_as_submitted))
    elif mark.value_as_submitted and not isinstance(mark.value_as_submitted, SheetError):
        status = sheet.write_string(f"{HANDED_COLUMN}{row}", mark.value_as_submitted)
        assert status == 0, row


def _write_leftovers(sheet: FittedSheet, styles: Styles, marks: ReturnMarks, row: int) -> None:
    """List the texts outside the form, which are not read and not carried over."""
    if not marks.notes.leftovers:
        return
    head = styles.make(bold=True, font_size=_SIZE, align="left")
    sheet.merge_range(
        f"A{row}:{_LAST}{row}", "交回的工作簿里，下列内容在表外，没有读取，也没有带回本表（原件已存档）：", head
    )
    sheet.set_row(row - 1, 22)
    left = styles.make(border=1, text_wrap=True, font_size=_SIZE, align="left")
    for line, leftover in enumerate(marks.notes.leftovers, row + 1):
        text = shorten(leftover.text, _MOST_CHARACTERS)
        sheet.merge_range(f"A{line}:D{line}", "", left)
        sheet.write_string(line - 1, 0, f"{leftover.sheet}!{leftover.cell}" if leftover.cell else leftover.sheet, left)
        sheet.merge_range(f"E{line}:{_LAST}{line}", "", left)
        sheet.write_string(line - 1, 4, text, left)
        sheet.set_row(line - 1, min(400, max(20, text_height(text, sum(_WIDTHS[4:]), _SIZE))))


def _colours(sheet: FittedSheet, styles: Styles, area: str) -> None:
    """Colour the states."""
    looks = {OPEN: RED, DOUBTED: AMBER, LATER: AMBER}
    looks |= dict.fromkeys((MENDED, CHANGED, RESTORED, EXPLAINED, NOTED, WAIVED, FOR_BUREAU), GREEN)
    cells = area.replace("$", "")
    for word, look in looks.items():
        cell_format = styles.book.add_format(look)
        sheet.conditional_format(cells, {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": cell_format})


def _page(sheet: FittedSheet) -> None:
    """Set up the printed page and the protection."""
    sheet.freeze_panes(FIRST_ROW - 1, 0)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(FIRST_ROW - 2)
    sheet.set_footer("&C第 &P 页，共 &N 页")
    sheet.protect("", {"format_rows": True, "format_columns": True})
