"""Writes the sheet 自检: one overall verdict, and one line per rule with a link to the first cell at fault."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from xltool.form.addresses import CellAddresses
from xltool.form.answers import Answers
from xltool.form.binding import cell_formulas
from xltool.form.check_targets import CheckTarget
from xltool.form.explanations import explanation_cell
from xltool.form.field import ON_PANEL
from xltool.form.layout import Layout
from xltool.form.own_sheets import (
    LIST_FIXES,
    LIST_LINKS,
    LISTS,
    PANEL,
    PANEL_FIRST_ROW,
    PANEL_GRADE_ROW,
    PANEL_HINT,
    PANEL_LABEL,
    PANEL_OVERALL,
    PANEL_TITLE,
    PANEL_VERDICT,
)
from xltool.form.places import Place
from xltool.language import excel
from xltool.language.functions import without_spaces_formula
from xltool.rules.rule import Rule
from xltool.write.check_results import CheckResults
from xltool.write.checks import CheckSheet
from xltool.write.panel_lines import EXPLAINED, LATER, LEVEL_WORDS, PASSED, UNASKED, PanelLine
from xltool.write.sheet import FittedSheet, cell_value
from xltool.write.style import AMBER, GREEN, LOCKED_TINT, RED, Styles

#: The cell of the overall verdict.
OVERALL_ROW = 3
OVERALL = f"$C${OVERALL_ROW}"

_HEADS = ("编号", "检查内容", "结果", "处数", "定位", "怎样更正", "说明（可填写）")
_WIDTHS = (7, 22, 12, 7, 16, 52, 40)


def write_panel(sheet: FittedSheet, styles: Styles, checks: CheckSheet, results: CheckResults) -> None:
    """Write the panel.

    Args:
        sheet: the sheet.
        styles: the formats of the workbook.
        checks: the checks of the layout.
        results: their values.
    """
    layout = checks.layout
    for number, width in enumerate(_WIDTHS):
        sheet.set_column(number, number, width)
    sheet.set_column(7, 7, None, None, {"hidden": True})
    title = styles.make(bold=True, font_size=16, font_name=layout.form.print.title_font, align="center")
    sheet.merge_range(PANEL_TITLE, "自检：填表时随时更新", title)
    sheet.set_row(0, 30)
    hint = "点“定位”到有问题的单元格。标“警告”且属实的，在“说明”一栏写明原因，提交时随表带走。"
    sheet.merge_range(PANEL_HINT, hint, styles.make(font_color="#606060", text_wrap=True))
    label = styles.make(border=1, bold=True, align="center")
    sheet.merge_range(PANEL_LABEL, "总体结论", label)
    overall = styles.make(border=1, bold=True, font_size=12, text_wrap=True, indent=1)
    sheet.merge_range(PANEL_OVERALL, "", overall)
    states = f"$C${PANEL_FIRST_ROW}:$C${PANEL_FIRST_ROW + len(layout.panel) - 1}"
    sheet.write_formula(PANEL_VERDICT, checks.overall_formula(states), overall, results.overall)
    sheet.set_row(2, 26)
    head = styles.label("head")
    for number, text in enumerate(_HEADS):
        sheet.write_string(PANEL_FIRST_ROW - 2, number, text, head)
    for row, (key, line) in enumerate(zip(layout.panel, results.lines, strict=True), PANEL_FIRST_ROW):
        _line(sheet, styles, row, checks.catalogue.rules[key], checks, line, results.answers)
    _colours(sheet, styles, states)
    sheet.freeze_panes(PANEL_FIRST_ROW - 1, 0)
    sheet.hide_gridlines(2)
    sheet.set_paper(9)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(PANEL_FIRST_ROW - 2)
    sheet.protect("", {"format_rows": True, "format_columns": True})


def _line(
    sheet: FittedSheet, styles: Styles, row: int, rule: Rule, checks: CheckSheet, line: PanelLine, answers: Answers
) -> None:
    """Write the line of one rule."""
    sheet.fit_row(row, 30)
    left = styles.make(border=1, text_wrap=True, indent=1)
    middle = styles.make(border=1, align="center")
    link = styles.make(border=1, align="center", font_color="#0563C1", underline=1)
    sheet.write_string(row - 1, 0, rule.id, middle)
    sheet.write_string(row - 1, 1, rule.name, left)
    numbers = checks.numbers(rule)
    if not numbers:
        sheet.write_string(row - 1, 2, LATER, middle)
        for column in (3, 4, 5):
            sheet.write_blank(row - 1, column, None, middle)
    else:
        columns = ",".join(checks.column(number) for number in numbers)
        worst = f"$H{row}"
        address = f"INDEX('{LISTS}'!{LIST_LINKS}{checks.width},{worst})"
        where = f'SUBSTITUTE(MID({address},2,99),"\'","")'
        fix = f"INDEX('{LISTS}'!{LIST_FIXES}{checks.width},{worst})"
        sheet.write_formula(f"H{row}", f'=IF(COUNT({columns})=0,"",MIN({columns}))', None, line.worst)
        sheet.write_formula(f"C{row}", _state_formula(rule, row, numbers, checks), middle, line.state)
        sheet.write_formula(f"D{row}", f'=IF({worst}="","",COUNT({columns}))', middle, line.places)
        sheet.write_formula(f"E{row}", f'=IF({worst}="","",HYPERLINK({address},{where}))', link, line.first)
        sheet.write_formula(f"F{row}", f'=IF({worst}="","",{fix})', left, line.fix)
    place = explanation_cell(rule.id)
    if rule.explainable:
        value = answers.at(place)
        style = styles.value("text", "@", True, True)
        sheet.write(row - 1, 6, value, style) if value is None else sheet.write_string(row - 1, 6, str(value), style)
        prompt = {
            "validate": "any",
            "input_title": f"{rule.id} {rule.name}",
            "input_message": "警告属实的，在此写明原因。",
        }
        sheet.data_validation(row - 1, 6, row - 1, 6, prompt)
    else:
        sheet.write_blank(row - 1, 6, None, styles.make(border=1, bg_color=LOCKED_TINT))


def _state_formula(rule: Rule, row: int, numbers: list[int], checks: CheckSheet) -> str:
    """The formula of a rule's state."""
    worst = f"$H{row}"
    passed = "+".join(f'COUNTIF({checks.column(number)},"ok")' for number in numbers)
    warning = f'"{LEVEL_WORDS["warning"]}"'
    if rule.explainable:
        warning = f'IF(LEN({without_spaces_formula(f"$G{row}")})>0,"{EXPLAINED}",{warning})'
    level = f'IF({worst}<={checks.last("warning")},{warning},"{LEVEL_WORDS["info"]}")'
    level = f'IF({worst}<={checks.last("error")},"{LEVEL_WORDS["error"]}",{level})'
    return f'=IF({worst}="",IF({passed}>0,"{PASSED}","{UNASKED}"),{level})'


def _colours(sheet: Worksheet, styles: Styles, states: str) -> None:
    """Colour the states and the overall verdict."""
    area = states.replace("$", "")
    for word, look in (
        (LEVEL_WORDS["error"], RED), (LEVEL_WORDS["warning"], AMBER), (PASSED, GREEN), (EXPLAINED, GREEN)
    ):  # fmt: skip
        cell_format = styles.book.add_format(look)
        sheet.conditional_format(area, {"type": "cell", "criteria": "==", "value": f'"{word}"', "format": cell_format})
    for start, look in (("有", RED), ("没有", AMBER), ("检查通过", GREEN)):
        cell_format = styles.book.add_format(look)
        rule = {"type": "text", "criteria": "begins with", "value": start, "format": cell_format, "stop_if_true": True}
        sheet.conditional_format(PANEL_OVERALL, rule)


def write_grade(
    sheet: Worksheet, styles: Styles, layout: Layout, answers: Answers, overwritten: frozenset[Place]
) -> None:
    """Write the fields of the form that are shown on the panel: the grade, which the official table does not print.

    Args:
        sheet: the panel.
        styles: the formats of the workbook.
        layout: the layout of the form.
        answers: the values of the form.
        overwritten: the places whose value is written instead of the formula.
    """
    form = layout.form
    for place, node in cell_formulas(form).items():
        field = form.field(place)
        if field.sheet != ON_PANEL:
            continue
        box, value = layout.box(place), answers.at(place)
        sheet.merge_range(f"A{PANEL_GRADE_ROW}:B{PANEL_GRADE_ROW}", field.label, styles.make(border=1, align="center"))
        style = styles.make(border=1, bold=True, align="center")
        if place in overwritten:
            sheet.write(box.first, value, style)
        else:
            formula = "=" + excel.cell_formula(node, CellAddresses(layout, CheckTarget("form"), PANEL))
            sheet.write_formula(box.first, formula, style, cell_value(value))
        names = "、".join(f"{value}" for value in field.choices)
        sheet.merge_range(
            f"D{box.top}:G{box.top}", f"由总分得出（{names}）", styles.make(border=1, font_color="#606060", indent=1)
        )
