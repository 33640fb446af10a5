"""The ways in which people break a form, as data: what is done, and what must come of it.

Each changes a workbook of ours through openpyxl, as somebody would in a spreadsheet program. ``codes`` are the
findings beyond those of the form itself, by rule and level with their number; ``record`` says what becomes of the
record: the same, or the paths that differ.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from xltool.form.layout import Layout
from xltool.form.names import Place
from xltool.rules.catalogue import load_catalogue


@dataclass(frozen=True)
class Case:
    """One workbook to break: its book, its form's sheet, and where things stand on it."""

    book: Any
    layout: Layout
    record: dict[str, Any]

    @property
    def sheet(self) -> Any:
        return next(sheet for sheet in self.book if sheet.title == self.layout.form.sheet)

    def at(self, *place: str | int) -> Any:
        box = self.layout.box(place)
        return self.book[box.sheet][box.first]

    @property
    def slot(self) -> int:
        """The first indicator row that holds something."""
        first = self.record["indicators"][0]["level2"]
        return next(slot.index for slot in self.layout.slots if slot.level2.label == first)

    def row(self, column: str) -> Any:
        return self.at("indicators", self.slot, column)

    @property
    def amount(self) -> Place:
        """An amount that people fill in."""
        source = next((row.id for row in self.layout.form.fund_rows.values() if row.part), "total")
        return ("funds", source, "executed")


@dataclass(frozen=True)
class Mutation:
    """What somebody did, and what must come of it.

    Attributes:
        id: as in the catalogue of reliability; a letter behind it tells several of one kind apart.
        apply: does it.
        codes: findings beyond the form's own: (rule, level) → how many; None where any number will do.
        status: of the result; "" where it stays what it was.
        record: whether it stays the same; a tuple of paths (patterns) that may differ.
        unplaced: how many cells are listed as outside the form; None where that does not matter.
        normalised: how many values are listed as normalised.
        loose: whether the rules may say more than is listed, for what was filled in has changed.
        starred: whether it is tried in pairs.
        skip: forms that have no such cell, or the fault already.
    """

    id: str
    apply: Callable[[Case], None]
    codes: dict[tuple[str, str], int | None] = field(default_factory=dict)
    status: str = ""
    record: tuple[str, ...] = ()
    unplaced: int | None = 0
    normalised: int = 0
    loose: bool = False
    starred: bool = False
    skip: tuple[str, ...] = ()


def moved(case: Case, at: int, number: int) -> None:
    """Rows inserted before row ``at`` with names, merges and formulas as spreadsheet programs adjust them."""
    sheet, title = case.sheet, case.layout.form.sheet

    def new(row: int) -> int:
        return row + number if row >= at else row

    def shifted(text: str) -> str:
        return re.sub(r"(\$?[A-Z]{1,2}\$?)(\d+)", lambda match: f"{match[1]}{new(int(match[2]))}", text)

    merges = [box.bounds for box in sheet.merged_cells.ranges]
    for box in list(sheet.merged_cells.ranges):
        sheet.merged_cells.remove(box)
    formulas = {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"}
    sheet.insert_rows(at, number)
    for cell, formula in formulas.items():
        sheet[shifted(cell)] = shifted(formula)
    for other in case.book:
        if other.title != title:
            for row in other.iter_rows():
                for cell in row:
                    if cell.data_type == "f" and "HYPERLINK" not in cell.value:
                        cell.value = re.sub(rf"('{title}'!)([$A-Z0-9:]+)", lambda m: m[1] + shifted(m[2]), cell.value)
    for left, top, right, bottom in merges:
        sheet.merge_cells(start_row=new(top), end_row=new(bottom), start_column=left, end_column=right)
    for defined in case.book.defined_names.values():
        if title in (defined.attr_text or ""):
            head, _, cells = defined.attr_text.rpartition("!")
            defined.attr_text = f"{head}!{shifted(cells)}"


def _sheet_of_notes(case: Case) -> None:
    notes = case.book.create_sheet("工作底稿")
    notes["A1"], notes["B2"] = "合同清单", 12.5


def _copied(case: Case, change: bool) -> None:
    other = case.book.copy_worksheet(case.sheet)
    other.title = "自评表 (2)"
    for row in other.iter_rows():  # a spreadsheet program copies results along; openpyxl does not store any
        for cell in row:
            if cell.data_type == "f":
                cell.value = None
    if change:
        box = case.layout.box(("indicators", case.slot, "actual"))
        other[box.first] = "另一个完成值"


def _unmerged(case: Case) -> None:
    for box in list(case.sheet.merged_cells.ranges):
        case.sheet.unmerge_cells(str(box))


def _drop_validations(case: Case) -> None:
    case.sheet.data_validations.dataValidation = []


def _drop_formats(case: Case) -> None:
    case.sheet.conditional_formatting = type(case.sheet.conditional_formatting)()


def _amount(change: Callable[[float], Any], number_format: str = "") -> Callable[[Case], None]:
    def apply(case: Case) -> None:
        cell = case.at(*case.amount)
        cell.value = change(cell.value)
        if number_format:
            cell.number_format = number_format

    return apply


def _row(column: str, change: Callable[[Any], Any]) -> Callable[[Case], None]:
    def apply(case: Case) -> None:
        cell = case.row(column)
        cell.value = change(cell.value)

    return apply


def _label(field_name: str, text: str) -> Callable[[Case], None]:
    def apply(case: Case) -> None:
        head = case.layout.indicators_row
        letters = case.layout.form.columns[field_name].columns.partition(":")[0]
        case.sheet[f"{letters}{head}"] = text

    return apply


def _delete(*titles: str) -> Callable[[Case], None]:
    def apply(case: Case) -> None:
        for title in titles:
            del case.book[title]

    return apply


def _rename(case: Case) -> None:
    old, new = case.layout.form.sheet, "2024自评"
    case.sheet.title = new
    for defined in case.book.defined_names.values():
        defined.attr_text = (defined.attr_text or "").replace(f"'{old}'", f"'{new}'")
    for sheet in case.book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    cell.value = cell.value.replace(f"'{old}'", f"'{new}'")


def _wide(text: Any) -> str:
    return str(text).translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))


def _typed(text: str) -> Callable[[Case], None]:
    """A text that looks like a formula."""

    def apply(case: Case) -> None:
        cell = case.row("level3")
        cell.value = text
        cell.data_type = "s"

    return apply


def _outside(case: Case) -> None:
    case.sheet.cell(case.layout.last_row + 3, 2).value = "填表人：张三"


def _stamp(text: str) -> Callable[[Case], None]:
    def apply(case: Case) -> None:
        cell = case.book["_xltool"]["A1"]
        cell.value = re.sub(r"xltool/1 [a-z0-9-]+/\d+", text, cell.value)

    return apply


def _no_carriers(case: Case) -> None:
    del case.book["_xltool"]
    case.book.custom_doc_props.props.clear()
    case.book.defined_names.clear()


def _inside_filled(case: Case) -> None:
    """A row inserted and filled between two groups, so that it belongs to none."""
    groups = list(case.layout.form.level2)
    row = next(slot.row for slot in case.layout.slots if slot.level2.id == groups[1])
    moved(case, row, 1)
    letters = case.layout.form.columns["level3"].columns.partition(":")[0]
    case.sheet[f"{letters}{row}"] = "不在任何一组的指标"


_I = ("P04", "info")
_W = ("P04", "warning")
_E = ("P04", "error")

MUTATIONS: tuple[Mutation, ...] = (
    Mutation("S01", _rename, {_W: 1}),
    Mutation("S02", lambda case: case.book.move_sheet("自检", -2)),
    Mutation("S03", lambda case: setattr(case.sheet, "sheet_state", "hidden"), {_W: 1}),
    Mutation("S04", _sheet_of_notes, {_W: 1}, unplaced=2),
    Mutation("S05", _delete("自检"), {_W: 1}, record=("grade", "explanations")),
    Mutation("S06", lambda case: _copied(case, False), {_W: 1}, unplaced=None),
    Mutation("S07", lambda case: _copied(case, True), {_E: 1}, "returned", unplaced=None, starred=True),
    Mutation("S11", lambda case: moved(case, 1, 1), {_W: 1}, starred=True),
    Mutation("S12", lambda case: moved(case, case.layout.slots[1].row, 1), {_W: 1}, starred=True),
    Mutation("S13", _inside_filled, {_E: 1, _W: 1}, "returned", unplaced=1, starred=True),
    Mutation("S19", lambda case: setattr(case.sheet.row_dimensions[6], "hidden", True)),
    Mutation("S20", _unmerged),
    Mutation("S22", lambda case: setattr(case.sheet.column_dimensions["C"], "width", 40)),
    Mutation("S26", _outside, {_W: 1}, unplaced=1),
    Mutation("S27", lambda case: case.sheet.__setitem__("XFD1048576", " ")),
    Mutation("P01", lambda case: case.sheet.protection.disable(), {_I: 1}),
    Mutation("P03", _label("level3", "三级 指标"), {}),
    Mutation("P04", _label("actual", "计划完成数"), {_W: 1}),
    Mutation("P05", lambda case: setattr(case.at("funds", "total", "weight"), "value", 30), {("W01", "error"): 1},
             "returned", ("total.weight", "total.score", "funds"), loose=True, skip=("012",)),
    Mutation("P06", lambda case: setattr(case.at("money_unit"), "value", "项目资金\n（亿元）"), {}, "returned",
             ("money_unit",), loose=True),
    Mutation("P10", _drop_validations, {_I: 1}),
    Mutation("P13", lambda case: case.book["_lists"].__setitem__("F2", "1999"), {_W: 1}),
    Mutation("P14", _drop_formats, {_I: 1}),
    Mutation("P15", _delete("_xltool"), {_I: 1, _W: 1}, record=("project.code",)),
    Mutation("P16", _stamp("xltool/1 mof-2020/7"), {("P01", "error"): 1}, "unreadable", ("",), None),
    Mutation("P16b", _stamp("xltool/2 other"), {_E: 1}, "returned"),
    Mutation("P17", lambda case: case.book.custom_doc_props.props.clear(), {_I: 1}),
    Mutation("S09", _no_carriers, {("P01", "warning"): 1}, record=("project.code", "grade", "explanations"), loose=True,
             unplaced=None),
    Mutation("V01", _amount(str), normalised=1),
    Mutation("V02", _amount(lambda value: f" ￥{value:,} "), normalised=1),
    Mutation("V03", _amount(_wide), normalised=1),
    Mutation("V04", _amount(lambda value: f"{value}UNIT"), normalised=1),
    Mutation("V05", _amount(lambda value: f"{value}亿元"), {("F01", "error"): 1}, "returned", ("funds", "total"),
             loose=True),
    Mutation("V08", _amount(lambda value: f"约{value}"), {("F01", "error"): 1}, "returned", ("funds", "total"),
             loose=True),
    Mutation("V09", lambda case: setattr(case.row("score"), "value", "无"), {}, "returned",
             ("indicators", "total"), normalised=1, loose=True),
    Mutation("V10", lambda case: setattr(case.at(*case.amount), "value", "（5）"), {("F01", "error"): 1}, "returned",
             ("funds", "total"), normalised=1, loose=True),
    Mutation("V13", _row("score", lambda value: value - 0.3 + 0.1 + 0.2)),
    Mutation("V14", _row("score", lambda value: -1), {("S01", "error"): 1}, "returned", ("indicators", "total"),
             loose=True),
    Mutation("V18", _amount(lambda value: "#REF!"), {("F01", "error"): 1}, "returned", ("funds", "total"), loose=True),
    Mutation("V19", lambda case: setattr(case.at("project", "name"), "value", None), {("H01", "error"): 1}, "returned",
             ("project",), loose=True),
    Mutation("T01", _row("level3", lambda text: f"\u3000{text}\u00a0\u200b")),
    Mutation("T05", _row("level3", lambda text: f"{text}𠀀😀"), record=("indicators",), loose=True),
    Mutation("T08", _typed("=1+1 的意思"), record=("indicators",), loose=True, unplaced=None),
    Mutation("F01", lambda case: setattr(case.at("total", "score"), "value", case.record["total"]["score"]),
             {("P03", "info"): None}, starred=True),
    Mutation("F02", lambda case: setattr(case.at("total", "score"), "value", 12.34), {("S03", "error"): 1}, "returned",
             ("total",), loose=True, starred=True, skip=("006", "048")),
    Mutation("F03", _row("score", lambda value: f"={value}*1"), {}, "returned", ("indicators", "total"), loose=True),
    Mutation("I01", _stamp("xltool/1 nowhere-1999/1"), {("P01", "error"): 1}, "unreadable", ("",), None),
    Mutation("O01", lambda case: _comment(case), {_I: 1}, unplaced=1),
)  # fmt: skip


def _comment(case: Case) -> None:
    from openpyxl.comments import Comment

    case.row("score").comment = Comment("请核对这一项", "审核")


def layout_of(record: dict[str, Any]) -> Layout:
    from xltool.form.record import needed_capacities

    catalogue = load_catalogue(f"{record['form']['id']}/{record['form']['version']}")
    return catalogue.layout(needed_capacities(record, catalogue.form))


def case_of(book: Any, record: dict[str, Any]) -> Case:
    return Case(book, layout_of(record), copy.deepcopy(record))
