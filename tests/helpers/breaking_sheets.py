"""What people do to sheets, rows and columns (S), and to what is locked or hidden (P)."""

from __future__ import annotations

import re
from typing import Any

from breaking import NOBODYS, Case, Mutation, formulas, to_field, to_label
from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.worksheet.datavalidation import DataValidation
from places import place_of

from xltool.form.printed_labels import printed_labels

_I, _W, _E = (("P04", level) for level in ("info", "warning", "error"))

# ── sheets ──────────────────────────────────────────────────────


def _rename(case: Case) -> None:
    """References follow the name; a text inside a formula does not."""
    old, new = f"'{case.title}'!", "'2024自评'!"
    sheet = case.sheet
    sheet.title = new.strip("'!")
    for defined in case.book.defined_names.values():
        defined.attr_text = (defined.attr_text or "").replace(old, new)
    for other in case.book:
        for cell in formulas(other):
            cell.value = "".join(piece if piece[:1] == '"' else piece.replace(old, new)
                                 for piece in re.split(r'("[^"]*")', cell.value))  # fmt: skip


def _notes(case: Case) -> None:
    notes = case.book.create_sheet("工作底稿")
    notes["A1"], notes["B2"] = "合同清单", 12.5


def _copied(case: Case) -> Any:
    """A copy of the form's sheet; a spreadsheet program copies results along, openpyxl does not store any."""
    other = case.book.copy_worksheet(case.sheet)
    other.title = "自评表 (2)"
    for cell in formulas(other):
        cell.value = None
    return other


def _copied_otherwise(case: Case) -> None:
    _copied(case)[case.layout.box(place_of("indicators", case.slot, "actual")).first] = "另一个完成值"


def _of_two_units(case: Case) -> None:
    other = _copied(case)
    for name, value in ((place_of("project", "name"), "另一个项目"), (place_of("project", "unit"), "另一个单位")):
        other[case.layout.box(name).first] = value


def _delete(*titles: str) -> Any:
    def apply(case: Case) -> None:
        for title in titles:
            del case.book[title]

    return apply


def _delete_form(case: Case) -> None:
    del case.book[case.title]
    for defined in case.book.defined_names.values():
        if f"'{case.title}'!" in (defined.attr_text or ""):
            defined.attr_text = f"'{case.title}'!#REF!"


def _no_carriers(case: Case) -> None:
    del case.book["_xltool"]
    case.book.custom_doc_props.props.clear()
    case.book.defined_names.clear()


def _moved_to_another_book(case: Case) -> None:
    """Its names go along, the other sheets and the stamp do not, and formulas ask the old file."""
    for title in [title for title in case.book.sheetnames if title != case.title]:
        del case.book[title]
    case.book.custom_doc_props.props.clear()
    for name, defined in list(case.book.defined_names.items()):
        if f"'{case.title}'!" not in (defined.attr_text or ""):
            del case.book.defined_names[name]
    for cell in formulas(case.sheet):
        cell.value = re.sub(r"'(自检|_check|_lists)'!", r"'[1]\1'!", cell.value)
    case.book.create_sheet("Sheet1")["A1"] = "汇总"


# ── rows and columns ────────────────────────────────────────────


def _row_between(case: Case) -> None:
    """A row inserted and filled between two groups, so that it belongs to none."""
    groups = list(case.layout.form.level2)
    row = next(slot.row for slot in case.layout.slots if slot.level2.id == groups[1])
    case.reshaped(row=row)
    case.sheet.cell(row, case.column("level3")).value = "不在任何一组的指标"


def _without_source(case: Case) -> None:
    case.reshaped(row=case.at("funds", case.source, "executed").row, number=-1)


def _without_group(case: Case) -> None:
    group = case.layout.slots[case.slot].level2.id
    rows = [slot.row for slot in case.layout.slots if slot.level2.id == group]
    case.reshaped(row=rows[0], number=-len(rows))


def _unmerged_rows(case: Case) -> None:
    rows = [slot.row for slot in case.layout.slots]
    for box in list(case.sheet.merged_cells.ranges):
        if rows[0] <= box.min_row and box.max_row <= rows[-1]:
            case.sheet.unmerge_cells(str(box))


def _levels_in_every_row(case: Case) -> None:
    for slot in case.layout.slots:
        for name, level in (("level1", slot.level1), ("level2", slot.level2)):
            case.sheet.cell(slot.row, case.column(name)).value = level.label


def _sorted(case: Case, *columns: int) -> None:
    """The indicator rows sorted by their weights, or these columns of them alone by themselves."""
    rows = [slot.row for slot in case.layout.slots]
    width = len(case.layout.form.widths)
    spots = columns or range(case.column("level1"), width + 1)
    lines = [[case.sheet.cell(row, column).value for column in spots] for row in rows]
    weights = [case.sheet.cell(row, case.column("weight")).value for row in rows]
    if columns:
        ordered = sorted(lines, key=lambda line: str(line[0]))
    else:
        pairs = sorted(
            zip(weights, lines, strict=True), key=lambda one: (not isinstance(one[0], int | float), one[0] or 0)
        )
        ordered = [line for _, line in pairs]
    for row, line in zip(rows, ordered, strict=True):
        for column, value in zip(spots, line, strict=True):
            case.sheet.cell(row, column).value = value


def _sorted_rows(case: Case) -> None:
    _unmerged_rows(case)
    _levels_in_every_row(case)
    _sorted(case)


def _sorted_without_levels(case: Case) -> None:
    """Levels were printed once a group: most rows do not say any more where they belong."""
    _unmerged_rows(case)
    _sorted(case)


def _sorted_level(case: Case) -> None:
    _unmerged_rows(case)
    _levels_in_every_row(case)
    _sorted(case, case.column("level2"))


def _swapped_labels(case: Case) -> None:
    groups = list(dict.fromkeys(slot.level2.id for slot in case.layout.slots))
    cells = [case.at("indicators", next(slot.index for slot in case.layout.slots if slot.level2.id == group), "level2")
             for group in groups[:2]]  # fmt: skip
    cells[0].value, cells[1].value = cells[1].value, cells[0].value


def _merged(case: Case) -> None:
    row, column = case.row("deviation").row, case.column("deviation")
    case.sheet.merge_cells(start_row=row, end_row=row + 1, start_column=column, end_column=column)


def _unmerged(case: Case) -> None:
    for box in list(case.sheet.merged_cells.ranges):
        case.sheet.unmerge_cells(str(box))


def _copied_lower(case: Case) -> int:
    """The whole table once more below itself, as values; how far below."""
    down = case.layout.last_row + 4
    for row in range(1, case.layout.last_row + 1):
        for column in range(1, len(case.layout.form.widths) + 1):
            cell = case.sheet.cell(row, column)
            if cell.data_type != "f" and cell.value is not None:
                case.sheet.cell(row + down, column).value = cell.value
    return down


def _moved_lower(case: Case) -> None:
    _copied_lower(case)
    for place in case.layout.input_places:
        case.at(*place).value = None


def _many_rows(case: Case) -> None:
    """Thirty rows more in a group, each filled in."""
    first = next(slot for slot in case.layout.slots if slot.level2.id == case.layout.slots[case.slot].level2.id)
    case.reshaped(row=first.row + 1, number=30)
    for row in range(first.row + 1, first.row + 31):
        for name, value in (
            ("level3", f"增加的指标{row}"),
            ("target", "≥1个"),
            ("actual", "1个"),
            ("weight", 1),
            ("score", 1),
        ):
            case.sheet.cell(row, case.column(name)).value = value


def _beside_the_form(case: Case) -> None:
    """In the columns that are ours, right of the form and below it."""
    first, _ = case.layout.helper_span
    case.sheet.cell(case.layout.slots[1].row, first + 1).value = "这一行请领导看"
    case.sheet.cell(case.layout.slots[2].row, first + 5).value = "已核"


def _beside_the_panel(case: Case) -> None:
    case.book["自检"]["I9"], case.book["填报说明"]["A40"], case.book["_lists"]["Z9"] = "已核对", "补充说明", "底稿"


# ── what is locked or hidden ────────────────────────────────────


def _drop_validations(case: Case) -> None:
    case.sheet.data_validations.dataValidation = []


def _one_validation_elsewhere(case: Case) -> None:
    validation = DataValidation("whole", formula1="0", formula2="9")
    validation.add("AZ1:AZ60000")
    case.sheet.data_validations.dataValidation = [validation]


def _half_of_the_formats(case: Case) -> None:
    kept = ConditionalFormattingList()
    for number, block in enumerate(case.sheet.conditional_formatting):
        for rule in block.rules if number % 2 else ():
            kept.add(str(block.sqref), rule)
    case.sheet.conditional_formatting = kept


def _drop_formats(case: Case) -> None:
    case.sheet.conditional_formatting = ConditionalFormattingList()


def _own_password(case: Case) -> None:
    case.sheet.protection.set_password("1234")
    case.sheet.protection.enable()


def _hidden_verdicts(case: Case) -> None:
    """Formulas of the hidden checks overwritten by what everybody would like to read."""
    for cell in formulas(case.book["_check"])[:3]:
        cell.value = "ok"


def _panel_after_rows(case: Case) -> None:
    case.reshaped(row=1)
    case.book["自检"]["C9"] = "通过"


def _stamp(text: str) -> Any:
    def apply(case: Case) -> None:
        cell = case.book["_xltool"]["A1"]
        cell.value = re.sub(r"xltool/1 [a-z0-9-]+/\d+", text, cell.value)

    return apply


def _typo_in_goal(case: Case) -> None:
    label = next(
        one
        for one in printed_labels(case.layout)
        if one.role in ("head", "label") and one.box.top == case.layout.head_row("funds") and one.text
    )
    case.sheet[label.box.first] = label.text.replace("数", "数额")


# ── what was issued ─────────────────────────────────────────────


def _first_weights(case: Case) -> None:
    """Points moved from one indicator to another: the total stays right."""
    first, second = [slot.index for slot in case.layout.slots
                     if case.at("indicators", slot.index, "weight").value is not None][:2]  # fmt: skip
    for index, more in ((first, -1), (second, 1)):
        for column in ("weight", "score"):
            case.at("indicators", index, column).value += more


def _names_sorted(case: Case) -> None:
    """One column sorted by itself: the names of the indicators no longer belong to their rows."""
    _sorted(case, case.column("level3"))


def _swapped_projects(case: Case) -> None:
    case.at("project", "code").value, case.at("project", "name").value = "53000001", "另一个项目"


#: Rows and columns that were moved are told only where we know where they stood.
_MOVES = ("S11", "S12", "S13", "S17", "F01")

_GUARDS = "what the sheet would have refused or coloured is checked anew: information, and nothing to mend"

SHEETS: tuple[Mutation, ...] = (
    Mutation("S01", _rename, {_W: 1}, after=9),
    Mutation("S02", lambda case: case.book.move_sheet("自检", -2)),
    Mutation("S03", lambda case: setattr(case.sheet, "sheet_state", "hidden"), {_W: 1}),
    Mutation("S03b", lambda case: setattr(case.sheet, "sheet_state", "veryHidden"), {_W: 1}),
    Mutation("S04", _notes, {_W: 1}, unplaced=2),
    Mutation("S05", _delete_form, {("P01", "error"): 1}, "unreadable", ("",), None, after=9),
    Mutation("S05b", _delete("自检"), {_W: 1}, record=("grade", "explanations"),
             otherwise="the official form has no such sheet: all of it can be read without"),
    Mutation("S05c", _delete("_lists", "_check"), {_W: 1}, otherwise="hidden helpers: all of the form can be read without"),
    Mutation("S06", lambda case: _copied(case) and None, {_W: 1}, unplaced=None),
    Mutation("S07", _copied_otherwise, {_E: 1}, "unreadable", ("",), None, starred=True,
             alone=("S05", "S23", "V19", "V06")),
    Mutation("S08", _moved_to_another_book, {("P01", "warning"): 1}, record=("project.code", "grade", "explanations"),
             loose=True, unplaced=None, alone=_MOVES),
    Mutation("S09", _no_carriers, {("P01", "warning"): 1}, record=("project.code", "grade", "explanations"), loose=True,
             unplaced=None, alone=_MOVES),
    Mutation("S10", _of_two_units, results=2, unplaced=None),
    Mutation("S11", lambda case: case.reshaped(row=1), {_W: 1}, starred=True, after=5),
    Mutation("S12", lambda case: case.reshaped(row=case.layout.slots[1].row), {_W: 1}, starred=True, after=4),
    Mutation("S13", _row_between, {_E: 1, _W: 1}, "returned", unplaced=1, starred=True, after=3,
             skip=("048",)),  # whose total was typed: P03 says so instead of S03, which needs every row
    Mutation("S14", _without_source, {("P02", "error"): 1, _W: 1}, "returned", ("funds", "total"), loose=True, skip=("012",), after=8),
    Mutation("S14b", _without_group, {("P02", "error"): 1, _W: 1}, "returned", ("indicators", "total"), loose=True, after=8),
    Mutation("S14c", lambda case: case.reshaped(row=case.at("project", "unit").row, number=-1), {("P02", "error"): None},
             "returned", ("project",), loose=True, after=8),
    Mutation("S15", _sorted_rows, {_I: None}, loose=True, skip=("012", "019"), alone=_MOVES),
    Mutation("S15b", _sorted_without_levels, {("P01", "error"): 1}, "returned", ("indicators", "total"), unplaced=None,
             loose=True, only=("form1", "form2"), otherwise="the rows lost what they belong to, which nobody can guess"),
    Mutation("S16", _sorted_level, {_E: 1, _I: None}, "returned", ("indicators", "total"), unplaced=None, loose=True,
             skip=("012",), alone=_MOVES),
    Mutation("S16b", _names_sorted, {_E: None}, "returned", ("indicators",), loose=True, only=("issued",)),
    Mutation("S17", lambda case: case.reshaped(column=case.column("actual")), {_W: 1}, starred=True, after=6),
    Mutation("S17b", lambda case: case.reshaped(column=1), {_W: 1}, after=8),
    Mutation("S17c", lambda case: case.reshaped(column=case.layout.helper_span[0] + 3), {_I: 1},
             otherwise="among our hidden columns: the form itself has not moved", after=8),
    Mutation("S18", lambda case: case.reshaped(column=case.column("actual"), number=-1), {("P02", "error"): None}, "returned",
             ("funds", "goal", "indicators", "project", "total"), unplaced=None, loose=True, after=8),
    Mutation("S18b", lambda case: case.reshaped(column=case.column("deviation"), number=-1), {("P02", "error"): None}, "returned",
             ("funds", "goal", "indicators", "project", "total"), unplaced=None, loose=True, skip=("012",), after=8),
    Mutation("S19", lambda case: setattr(case.sheet.row_dimensions[6], "hidden", True)),
    Mutation("S19b", lambda case: setattr(case.sheet.column_dimensions["D"], "hidden", True)),
    Mutation("S20", _unmerged),
    Mutation("S21", _merged, {_W: 1}, skip=("012",)),
    Mutation("S22", lambda case: setattr(case.sheet.column_dimensions["C"], "width", 40)),
    Mutation("S22b", lambda case: setattr(case.sheet, "freeze_panes", "D13")),
    Mutation("S23", _moved_lower, {_W: 1}, "returned", ("",), None, loose=True, alone=("V06", "F01", "F02")),
    Mutation("S24", lambda case: _copied_lower(case) and None, {_W: 1}, unplaced=None),
    Mutation("S25", _many_rows, {_W: 1}, record=("indicators", "total"), loose=True, status="returned",
             otherwise="the rows are all read, and their points are too many by now", skip=("012",), after=8),
    Mutation("S26", lambda case: setattr(case.sheet.cell(case.layout.last_row + 3, 2), "value", "另附说明三页"), {_W: 1}, unplaced=1),
    Mutation("S26b", _beside_the_form, {_W: 1}, unplaced=2),
    Mutation("S26c", _beside_the_panel, {_W: None}, unplaced=3),
    Mutation("S27", lambda case: case.sheet.__setitem__("XFD1048576", " "), alone=_MOVES),
)  # fmt: skip

#: What was issued and is something else now, told cell by cell.
_ISSUED = ("issued",)

LOCKED: tuple[Mutation, ...] = (
    Mutation("P01", lambda case: case.sheet.protection.disable(), {_I: 1}),
    Mutation("P02", _own_password),
    Mutation("P03", to_label("level3", "三级 指标"), otherwise="the same label, as people read it"),
    Mutation("P03b", _typo_in_goal, {_W: 1}),
    Mutation("P04", to_label("actual", "计划完成数"), {_W: 1}),
    Mutation("P05", to_field("funds.total.weight", lambda _: 30), {("W01", "error"): 1},
             "returned", ("total.weight", "total.score", "funds"), loose=True, skip=("012",)),
    Mutation("P05b", _first_weights, {_E: 2}, "returned", ("indicators",), loose=True, only=_ISSUED),
    Mutation("P05c", lambda case: setattr(case.row("target"), "value", "≥1人次"), {_E: 1}, "returned", ("indicators",), loose=True,
             only=_ISSUED),
    Mutation("P06", to_field("money_unit", lambda _: "项目资金\n（亿元）"), {}, "returned", ("money_unit",), loose=True, unplaced=None),
    Mutation("P06b", to_field("money_unit", lambda text: text.replace("万元", "元") if "万元" in text else text.replace("元", "万元")),
             {("H05", "error"): 1}, "returned", ("money_unit",), loose=True, skip=("009",)),
    Mutation("P07", to_field("project.code", lambda _: "53000002"), {_E: 1}, "returned", ("project.code",), only=_ISSUED),
    Mutation("P08b", _swapped_projects, {_E: 1}, "unreadable", loose=True, only=_ISSUED,
             otherwise=NOBODYS),
    Mutation("P09", to_field("project.code", lambda code: f" {code}　"), normalised=1, only=_ISSUED),
    Mutation("P09b", to_field("project.code", lambda code: code[:-2]), {_E: 1}, "returned", ("project.code",), only=_ISSUED),
    Mutation("P09c", to_field("project.code", lambda _: 5.3e17), {_E: 1}, "returned", ("project.code",), only=_ISSUED),
    Mutation("P08", _swapped_labels, {_E: 2}, "returned"),
    Mutation("P10", _drop_validations, {_I: 1}, otherwise=_GUARDS),
    Mutation("P10b", _one_validation_elsewhere, {_I: 1}, otherwise=_GUARDS),
    Mutation("P11", to_field("year", lambda _: 1999), {("H02", "error"): 1}, "returned", ("year",), loose=True),
    Mutation("P11b", to_field("project_category", lambda _: "其它类"), {("H06", "error"): 1}, "returned", ("project_category",), loose=True,
             only=("012",)),
    Mutation("P12", to_field("year", lambda year: f" {year} 年度 "), normalised=1),
    Mutation("P12b", to_field("project_category", lambda _: "部门 预算项目　"), normalised=1, only=("012",), record=("project_category",)),
    Mutation("P13", lambda case: case.book["_lists"].__setitem__("F2", "1999"), {_W: 1}, unplaced=1),
    Mutation("P13b", _hidden_verdicts, {_W: 1}, unplaced=None),
    Mutation("P13c", _panel_after_rows, {_W: 2}, unplaced=1, after=8),
    Mutation("P14", _drop_formats, {_I: 1}, otherwise=_GUARDS),
    Mutation("P14b", _half_of_the_formats, {_I: 1}, otherwise=_GUARDS),
    Mutation("P15", _delete("_xltool"), {_I: 1, _W: 1}, record=("project.code",)),
    Mutation("P16", _stamp("xltool/2 other"), {_E: 1}, "returned"),
    Mutation("P17", lambda case: case.book.custom_doc_props.props.clear(), {_I: 1}, otherwise="the other two carriers say it all; that one is gone is information"),
)  # fmt: skip
