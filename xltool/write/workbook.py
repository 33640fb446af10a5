"""Writes the workbook of a form: the form's sheet laid out and locked, its checks, its panel, its stamp.

Answers in, bytes out. Every formula is written with its correct value, because programs that show a file without
calculating it (Protected View, previews, libraries) show what is stored.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from xltool.form.addresses import CellAddresses, boxes_of_runs
from xltool.form.answers import Answers, sheet_contents
from xltool.form.binding import cell_formulas, helper_formulas
from xltool.form.check_targets import SUBTOTALS, CheckTarget
from xltool.form.codes import join_code
from xltool.form.defined_names import list_name
from xltool.form.definition import Form
from xltool.form.field import ON_FORM, Field
from xltool.form.layout import Layout
from xltool.form.own_sheets import CHECK, FIRST_CELL, GUIDE, LISTS, PANEL, REMARKS, STAMP, VERDICTS
from xltool.form.places import Place, SingleCell
from xltool.form.printed_labels import printed_labels
from xltool.form.seals import SealedValues
from xltool.form.stamps import FIRST
from xltool.language import excel
from xltool.language.functions import Value
from xltool.rules.catalogue import Capacities, Catalogue
from xltool.rules.rule import CheckInstance
from xltool.support.templates import cache_within_budget
from xltool.workbook.box import Box
from xltool.workbook.letters import column_letters
from xltool.write import guide, panel, returned, stamp
from xltool.write.check_results import CheckResults
from xltool.write.checks import CheckSheet
from xltool.write.heights import Heights, is_hidden_row
from xltool.write.marks import ReturnMarks, ReturnNotes
from xltool.write.sheet import FittedSheet, cell_value
from xltool.write.style import AMBER, RED, Styles

#: Fixed, so that the same input gives the same bytes.
_CREATED = datetime.datetime(2020, 1, 1)

_FORM = CheckTarget("form")

#: XlsxWriter's codes of paper sizes.
_PAPER = {"A4": 9}

#: The most characters of the formula of a validation.
_LONGEST_VALIDATION = 255

#: A row up to this height in points holds one line of text; a higher one is meant for long texts.
_LEAST_LINE = 40


def build(
    catalogue: Catalogue,
    answers: Answers,
    as_printed: bool = False,
    tidy_rows: bool = False,
    notes: ReturnNotes | None = None,
    issued: SealedValues | None = None,
) -> bytes:
    """Build a workbook.

    Args:
        catalogue: the rules of the form.
        answers: the values of the form; computed places are computed anew.
        as_printed: write the answers' own values over formulas whose result differs.
        tidy_rows: hide unused indicator rows, as the filter does.
        notes: the findings to send back to the unit; None for a form that is not returned.
        issued: the seal under which the form is issued; the answers' layout says which places are locked.

    Returns:
        The bytes of an .xlsx file; the same for the same input.
    """
    target = BytesIO()
    book = Workbook(target, {"in_memory": True, "strings_to_numbers": False})
    book.set_calc_mode("auto")
    book.set_properties({"title": catalogue.form.title, "created": _CREATED})
    _Writer(book, catalogue, answers, as_printed, notes, issued).write(tidy_rows)
    book.close()
    return target.getvalue()


class _Writer:
    """Writes one workbook; every method writes one part of it."""

    def __init__(
        self,
        book: Workbook,
        catalogue: Catalogue,
        answers: Answers,
        as_printed: bool,
        notes: ReturnNotes | None,
        issued: SealedValues | None,
    ) -> None:
        self.book = book
        self.issued = issued
        self.notes = notes
        self.catalogue = catalogue
        self.layout: Layout = answers.layout
        self.form: Form = catalogue.form
        contents = sheet_contents(answers, as_printed)
        self.answers, self.overwritten = contents.answers, contents.overwritten_places
        self.styles = Styles(book, self.form)
        self.beside = {name: column for name, column in self.form.columns.items() if column.helper}
        table = self.form.tables.get(self.form.indicator_table)
        self.flag = table.columns[table.flag].columns if table is not None and table.flag else ""
        self.spacer, self.verdict = self.layout.spacer, self.layout.verdict_column
        # Sheets are added in the order of the tabs.
        front = [] if notes is None else [book.add_worksheet(REMARKS, worksheet_class=FittedSheet)]
        names = (GUIDE, self.form.sheet, PANEL, LISTS, CHECK, STAMP)
        sheets: list[FittedSheet] = [book.add_worksheet(name, worksheet_class=FittedSheet) for name in names]
        self.front: list[FittedSheet] = front
        self.guide, self.sheet, self.panel, self.lists, self.check, self.stamp = sheets
        self.checks = CheckSheet(catalogue, self.layout)
        runner = catalogue.check_runner(self.layout, "sheet")
        self.results = CheckResults(self.checks, runner.without_suppressed(runner.verdicts(self.answers)), self.answers)

    def write(self, tidy_rows: bool) -> None:
        """Write all parts."""
        self._columns()
        self._heights(tidy_rows)
        self._labels()
        self._values()
        self._inputs()
        marks = None if self.notes is None else ReturnMarks(self.notes, self.checks, self.results)
        if marks:
            marks.colour_open(self.sheet, self.styles)  # open faults before the twins, mended ones after them: red wins
        self._twins()
        if marks:
            marks.colour_mended(self.sheet, self.styles)
            marks.comment(self.sheet)
            returned.write_return_sheet(self.book, self.front[0], self.styles, marks)
        self._beside(tidy_rows)
        self._page()
        self.checks.write(self.check, self.lists, self.results.cells, self.results.links)
        self._lists()
        panel.write_panel(self.panel, self.styles, self.checks, self.results)
        panel.write_grade(self.panel, self.styles, self.layout, self.answers, self.overwritten)
        guide.write_guide(self.guide, self.styles, self.form, self.issued)
        current_round = FIRST if self.notes is None else self.notes.round
        stamp.write_stamp(self.book, self.stamp, self.answers, self.issued, self.catalogue.release, current_round)
        for name, box in self.layout.names.items():
            self.book.define_name(name, f"='{box.sheet}'!{box.absolute}")
        for hidden in (self.lists, self.check, self.stamp):
            hidden.very_hidden()
            hidden.protect()
        start = (*self.front, self.sheet)[0]
        start.activate()
        start.set_first_sheet()

    # ── the form's sheet ────────────────────────────────────────

    def _columns(self) -> None:
        for letters, width in self.form.widths.items():
            self.sheet.set_column(f"{letters}:{letters}", width)
        self.sheet.set_column(f"{self.spacer}:{self.spacer}", 1.5)
        for column in self.beside.values():
            self.sheet.set_column(f"{column.columns}:{column.columns}", 9, None, {"hidden": column.hidden})
        self.sheet.set_column(f"{self.verdict}:{self.verdict}", 60)

    def _heights(self, tidy_rows: bool) -> None:
        """Set the row heights: those of merged cells are computed, because no program fits them; others may grow."""
        heights = Heights(self.layout)
        for row, height in heights.fixed_rows(self.answers.at).items():
            self.sheet.set_row(row - 1, height)
        at, slots = self.answers.at, self.layout.slots
        flags = self.layout.column_cells(self.form.tables[self.form.indicator_table].flag) if self.flag else ()
        unused = {cell.row for cell in flags if tidy_rows and at(cell) == 0}
        hidden = unused | {slot.index for slot in slots if is_hidden_row(self.layout, slot.index, at)}
        for index, height in heights.slots(range(len(slots)), hidden, at).items():
            self.sheet.fit_row(slots[index].row, height, index in hidden)

    def _labels(self) -> None:
        for label in printed_labels(self.layout):
            self._put(label.box, label.text, self.styles.label(label.role))

    def _values(self) -> None:
        """Write the values of all fields on the form's sheet."""
        for place in self.layout.places:
            field = self.form.field(place)
            if field.sheet == ON_FORM and not field.helper:
                self._value(place, field)

    def _value(self, place: Place, field: Field) -> None:
        """Write one value, formula or embedded text."""
        box, value = self.layout.box(place), self.answers.at(place)
        is_long = field.label_line or field.height > _LEAST_LINE or field.full_name in self.form.explanation_names
        long_text = field.kind.name == "text" and bool(is_long)
        number_format = field.number_format or field.kind.number_format(self.form.money_decimals)
        style = self.styles.value(field.kind.name, number_format, self.layout.is_input(place), long_text)
        if field.embedded_in:
            self._put(box, self._embedded_text(field), self.styles.label("unit"))
        elif place in self.form.computed_cells and place not in self.overwritten:
            node = cell_formulas(self.form)[place]
            formula = "=" + excel.cell_formula(node, CellAddresses(self.layout, _FORM, self.form.sheet))
            self._formula(box, formula, value, style)
        else:
            self._put(box, join_code(self.form, place, self.answers.at), style)

    def _embedded_text(self, field: Field) -> str:
        """A printed text with the value that is embedded in it."""
        return field.embedded_in.replace("{}", str(self.answers.at(SingleCell(field.name)) or ""))

    def _put(self, box: Box, value: object, style: Any) -> None:
        """Write a value to a box, merging its cells."""
        if box.merged:
            self._merge(box, style)
        _write(self.sheet, box.top - 1, box.left - 1, value, style)

    def _merge(self, box: Box, style: Any) -> None:
        status = self.sheet.merge_range(box.top - 1, box.left - 1, box.bottom - 1, box.right - 1, "", style)
        assert status == 0, box

    def _formula(self, box: Box, formula: str, value: Value, style: Any) -> None:
        if box.merged:
            self._merge(box, style)
        status = self.sheet.write_formula(box.top - 1, box.left - 1, formula, style, cell_value(value))
        assert status == 0, box

    # ── input: prompts, limits, their twins ─────────────────────

    def _inputs(self) -> None:
        """Add prompts, drop-downs and limits to the input cells."""
        limiting: dict[Place, list[CheckInstance]] = {}
        for check in self.catalogue.checks_of(self.layout):
            if check.case.validates_input:
                limiting.setdefault(check.at, []).append(check)
        for place in self.layout.input_places:
            self._validate(place, self.form.field(place), limiting.get(place, []))

    def _validate(self, place: Place, field: Field, instances: list[CheckInstance]) -> None:
        options: dict[str, Any] = {"validate": "any"}
        if field.choices:
            options = {"validate": "list", "source": f"={list_name(field)}"}
        elif instances:
            tests = (excel.validation_formula(*self._trees(instance), self._at(instance)) for instance in instances)
            if formula := _joined(list(dict.fromkeys(tests))):
                options = {"validate": "custom", "value": formula}
        if field.prompt:
            options |= {"input_title": field.label[:32], "input_message": field.prompt[:255]}
        if instances:
            rules = "、".join(dict.fromkeys(instance.rule.id for instance in instances))
            fixes = "；".join(dict.fromkeys(instance.case.fix for instance in instances))
            options |= {"error_title": f"{field.label}（{rules}）"[:32], "error_message": f"{fixes}。"[:255]}
        if len(options) > 1:
            box = self.layout.box(place)
            status = self.sheet.data_validation(box.top - 1, box.left - 1, box.top - 1, box.left - 1, options)
            assert status == 0, (place, options)

    def _trees(self, instance: CheckInstance) -> tuple[Any, Any]:
        return self.catalogue.expressions.trees(instance.check, instance.item)

    def _at(self, instance: CheckInstance) -> CellAddresses:
        return CellAddresses(self.layout, instance.item, self.form.sheet)

    def _twins(self) -> None:
        """Add a conditional format for every check: pasting destroys validations without notice."""
        columns: dict[int, list[CheckInstance]] = {}
        for instance in self.catalogue.sheet_checks(self.layout):
            if instance.case.highlight and instance.in_row and self.layout.box(instance.at).sheet == self.form.sheet:
                columns.setdefault(instance.number, []).append(instance)
        looks = {"error": RED, "warning": AMBER, "info": AMBER}
        formats = {level: self.book.add_format(look) for level, look in looks.items()}
        for _, instances in sorted(columns.items()):
            boxes = boxes_of_runs(self.layout, [instance.at for instance in instances])
            if instances[0].item.each.endswith(SUBTOTALS):  # each has parts of its own
                boxes = [self.layout.box(instance.at) for instance in instances]
            firsts = {self.layout.box(instance.at).top: instance for instance in instances}
            for box in boxes:
                instance = firsts[box.top]
                look = {"type": "formula", "format": formats[instance.case.level], "stop_if_true": True}
                look["criteria"] = "=" + excel.fault_formula(*self._trees(instance), self._at(instance))
                full = self.layout.box(instance.at) if box.top == box.bottom else box
                status = self.sheet.conditional_format(
                    full.top - 1, full.left - 1, full.bottom - 1, full.right - 1, look
                )
                assert status == 0, instance.rule.id

    # ── beside the print area ───────────────────────────────────

    def _beside(self, tidy_rows: bool) -> None:
        """Write the columns outside the print area: helper columns, verdicts, and the link to the panel."""
        head = self.layout.beside_row
        for column in self.beside.values():
            label = self.styles.helper(align="center", text_wrap=True)
            self.sheet.write(f"{column.columns}{head}", column.label, label)
        # An unmerged cell with a tall font keeps each row at its least height when a program fits the row.
        strut = self.styles.make(font_size=15, font_color="#FFFFFF")
        formulas = _flags(self.catalogue, tuple(self.layout.capacities.items()))
        for slot in self.layout.slots:
            for name, column in self.beside.items():
                self._row_cell(slot.index, name, column, formulas)
            self.sheet.write_string(f"{self.spacer}{slot.row}", " ", strut)
        if self.flag:
            self.sheet.autofilter(f"{self.flag}{head}:{self.flag}{self.layout.slots[-1].row}")
            if tidy_rows:
                self.sheet.filter_column(self.flag, "x > 0")
        self.sheet.write(f"{self.verdict}{head}", VERDICTS, self.styles.helper())
        verdict = self.styles.helper(font_color="#9C0006", text_wrap=True)
        overall = self.styles.helper(bold=True, font_size=11, font_color="#000000", text_wrap=True)
        link = f"=HYPERLINK(\"#'{PANEL}'!{FIRST_CELL}\",\"自检结论：\"&'{PANEL}'!{panel.OVERALL})"
        self.sheet.write_formula(f"{self.verdict}1", link, overall, f"自检结论：{self.results.overall}")
        for row in range(2, self.layout.last_row + 1):
            if row != head:
                formula = self.checks.row_formula(row)
                self.sheet.write_formula(f"{self.verdict}{row}", formula, verdict, self.results.row(row))

    def _row_cell(self, index: int, name: str, column: Field, formulas: Mapping[Place, str]) -> None:
        """Write one cell beside an indicator row: a formula, or an attribute of the row that the form defines."""
        place = self.form.indicator_cell(index, name)
        box, value = self.layout.box(place), self.answers.at(place)
        style = self.styles.helper(
            align="center", num_format=column.kind.number_format(self.form.money_decimals), shrink=True
        )
        if column.row_attribute:
            _write(self.sheet, box.top - 1, box.left - 1, value, style)
        else:
            self._formula(box, formulas[place], value, style)

    def _page(self) -> None:
        """Set up the printed page and the protection."""
        sheet, page = self.sheet, self.form.print
        sheet.set_paper(_PAPER[page.paper])
        if page.orientation == "landscape":
            sheet.set_landscape()
        inches = {side: value / 2.54 for side, value in page.margins_cm.items()}
        sheet.set_margins(**inches)
        sheet.center_horizontally()
        sheet.print_area(0, 0, self.layout.last_row - 1, len(self.form.widths) - 1)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0, page.repeat_lines - 1)
        sheet.print_black_and_white()  # the tints are for the screen
        code = f"　　编号 {self.issued.seal.code}" if self.issued else ""
        sheet.set_footer(f'&C&"{page.font}"&9第 &P 页，共 &N 页{code}')
        sheet.hide_gridlines(2)
        sheet.freeze_panes(1, 0)
        sheet.ignore_errors({"number_stored_as_text": f"{FIRST_CELL}:{self.verdict}{self.layout.last_row}"})
        first = next(iter(self.layout.input_places), None)
        sheet.set_selection(FIRST_CELL if first is None else self.layout.box(first).first)
        allowed = {"autofilter": True, "format_rows": True, "select_locked_cells": True, "select_unlocked_cells": True}
        sheet.protect("", allowed)

    def _lists(self) -> None:
        """Write the choices of drop-downs behind defined names: Excel limits inline lists to 255 characters."""
        fields = (field for _, field in self.form.fields_of_record if field.choices)
        for number, field in enumerate(fields):
            column = 6 + number
            for row, choice in enumerate(field.choices):
                value = Decimal(choice) if field.kind.name == "year" else choice
                _write(self.lists, row, column - 1, value, None)
            letters = column_letters(column)
            area = f"${letters}$1:${letters}${len(field.choices)}"
            self.book.define_name(list_name(field), f"='{LISTS}'!{area}")


@cache_within_budget(lambda found, *_: 1_200 * len(found))  # workbooks written in a row are often of one size
def _flags(catalogue: Catalogue, capacities: Capacities) -> Mapping[Place, str]:
    """The formulas beside the indicator rows, by place."""
    layout, form = catalogue.layout(dict(capacities)), catalogue.form
    formulas = helper_formulas(form)

    def formula(index: int, name: str) -> str:
        return "=" + excel.cell_formula(
            formulas[name], CellAddresses(layout, CheckTarget(form.each_indicator, index), form.sheet)
        )

    return {cell: formula(cell.row, name) for name in formulas for cell in layout.column_cells(name)}


def _joined(tests: Sequence[str]) -> str:
    """The formula of a validation by as many tests as it has room for; longer ones are silently absent in Excel.

    What is not tested while typing is still marked by its check.
    """
    while tests:
        formula = f"=AND({','.join(tests)})" if len(tests) > 1 else f"={tests[0]}"
        if len(formula) <= _LONGEST_VALIDATION:
            return formula
        tests = tests[:-1]
    return ""


def _write(sheet: Worksheet, row: int, column: int, value: object, style: Any) -> None:
    """Write a value; assert that XlsxWriter, which fails softly, has written it."""
    if isinstance(value, Decimal | int):
        status = sheet.write_number(row, column, float(value), style)
    elif isinstance(value, str) and value:
        status = sheet.write_string(row, column, value, style)
    else:
        status = sheet.write_blank(row, column, None, style)
    assert status == 0 or (status == -1 and style is None), (sheet.name, row, column, value)
