"""What people type: numbers (V), dates (D), texts (T); and what becomes of formulas (F)."""

from __future__ import annotations

import datetime
from typing import Any

from breaking import Case, Formula, Mutation, parts_of, to_amount, to_field, to_row, with_results, zipped
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.formula import ArrayFormula
from places import place_of

_W, _I = (("P04", level) for level in ("warning", "info"))
_NO_DATES = "no field of ours is a date: what people write stays the text it is"


def _wide(text: Any) -> str:
    return str(text).translate(str.maketrans("0123456789.", "０１２３４５６７８９．"))


def _times_ten_thousand(case: Case) -> None:
    """Yuan typed into a form in ten thousand yuan, in every amount of a row."""
    for column, field in case.layout.form.fund_columns.items():
        cell = case.at("funds", case.source, column)
        if field.kind.name == "money" and isinstance(cell.value, int | float):
            cell.value *= 10_000_000


def _rate(change: Any) -> Any:
    def apply(case: Case) -> None:
        row = next(row for row in case.record["funds"] if row["source"] == "total")
        case.at("funds", "total", "execution_rate").value = change(float(row["execution_rate"]))

    return apply


def _amounts(case: Case) -> dict[str, Any]:
    """The totals of the amounts, as programs store them."""
    row = next(row for row in case.record["funds"] if row["source"] == "total")
    return {
        case.layout.box(place_of("funds", "total", name)).first: row[name] for name in ("adjusted_budget", "executed")
    }


def _zero(case: Case) -> None:
    """A zero where nothing stood: the two are kept apart."""
    for row in case.layout.form.fund_rows.values():
        cell = case.at("funds", row.id, "executed")
        if row.part and cell.value is None:
            cell.value = 0
            return


def _raised(case: Case) -> None:
    cell = case.row("level3")
    cell.value = CellRichText(["灌溉面积10", TextBlock(InlineFont(vertAlign="superscript"), "2"), "亩"])


def _apostrophe(case: Case) -> None:
    cell = case.row("level3")
    cell.quotePrefix = True


def _mac(case: Case) -> None:
    from openpyxl.utils.datetime import CALENDAR_MAC_1904

    case.book.epoch = CALENDAR_MAC_1904
    _dated(case)


def _dated(case: Case) -> None:
    case.row("actual").value = datetime.datetime(2024, 3, 1)


def _serial(number: float) -> Any:
    return to_row("actual", lambda _: number, "yyyy-mm-dd")


def _stored(text: str, instead_of: str = "占位文字") -> Any:
    """A text that openpyxl would cut off, escape or not know."""

    def packed(data: bytes, _: Case) -> bytes:
        parts = parts_of(data)
        return zipped({name: part.replace(instead_of.encode(), text.encode()) for name, part in parts.items()})

    return packed


VALUES: tuple[Mutation, ...] = (
    Mutation("V01", to_amount(str), normalised=1),
    Mutation("V02", to_amount(lambda value: f" ￥{value:,}\u00a0"), normalised=1),
    Mutation("V03", to_amount(_wide), normalised=1),
    Mutation("V04", to_amount(lambda value: f"{value}UNIT"), normalised=1),
    Mutation("V05", to_amount(lambda value: f"{value}亿元"), {("F01", "error"): 1}, "returned", ("funds", "total"), loose=True),
    Mutation("V06", _times_ten_thousand, {("F10", "warning"): None}, "", ("funds", "total"), loose=True, starred=True, alone=("S06", "S14")),
    Mutation("V07", _rate(lambda rate: round(rate * 100, 2)), {("P03", "info"): None}, normalised=1, only=("clean",),
             packed=with_results(_amounts), bound=True),
    Mutation("V07b", _rate(lambda rate: f"{rate * 100:.2f}％"), {("P03", "info"): None}, normalised=1, only=("clean",)),
    Mutation("V08", to_amount(lambda value: f"约{value}"), {("F01", "error"): 1}, "returned", ("funds", "total"), loose=True),
    Mutation("V08b", to_row("score", lambda _: "十分"), {("S01", "error"): 1}, "returned", ("indicators", "total"), loose=True),
    Mutation("V08c", to_amount(lambda value: f">{value}"), {("F01", "error"): 1}, "returned", ("funds", "total"), loose=True),
    Mutation("V09", to_row("score", lambda _: "无"), {}, "returned", ("indicators", "total"), normalised=1, loose=True),
    Mutation("V10", to_amount(lambda _: "（5）"), {("F01", "error"): 1}, "returned", ("funds", "total"), normalised=1, loose=True,
             otherwise="read as what it says, and an amount below zero is an error"),
    Mutation("V10b", to_amount(lambda _: "－５"), {("F01", "error"): 1}, "returned", ("funds", "total"), normalised=1, loose=True,
             otherwise="read as what it says, and an amount below zero is an error"),
    Mutation("V11", _zero, record=("funds",), skip=("012", "006", "048", "019")),
    Mutation("V12", to_amount(lambda _: "123456789012345678.25"), {("F10", "warning"): None}, "", ("funds", "total"), normalised=1,
             loose=True, skip=("form2",), otherwise="a text keeps all its digits, and so does the record; that it is too large is a doubt about the unit"),
    Mutation("V12b", to_amount(lambda _: 123456789012345678), {("F10", "warning"): None}, "", ("funds", "total"), loose=True, skip=("form2",),
             otherwise="a sheet shows fifteen digits of it; that it is too large is a doubt about the unit"),
    Mutation("V13", to_row("score", lambda value: value - 0.3 + 0.1 + 0.2),
             otherwise="what a sheet shows as 10 is 10: fifteen digits, as everywhere in a sheet"),
    Mutation("V14", to_row("score", lambda value: -1), {("S01", "error"): 1}, "returned", ("indicators", "total"), loose=True),
    Mutation("V14b", to_row("score", lambda value: value + 50), {("S02", "error"): 1}, "returned", ("indicators", "total"),
             loose=True, skip=("012",)),
    Mutation("V15", to_field("year", lambda _: 2024.5), {("H02", "error"): 1}, "returned", ("year",), loose=True),
    Mutation("V16", to_field("project_category", lambda _: "☑部门预算项目 □省直专项 □省对市县转移支付项目"), normalised=1, only=("012",),
             record=("project_category",)),
    Mutation("V16b", to_row("score", lambda _: True), {("S01", "error"): 1}, "returned", ("indicators", "total"), loose=True,
             otherwise="a score is no box to tick"),
    Mutation("V17", to_row("score", lambda _: "5；6"), {("S01", "error"): 1}, "returned", ("indicators", "total"), loose=True),
    Mutation("V17b", to_amount(lambda value: f"{value}\n{value}"), {("F01", "error"): 1}, "returned", ("funds", "total"), loose=True),
    Mutation("V18", to_amount(lambda value: "#REF!"), {("F01", "error"): 1}, "returned", ("funds", "total"), loose=True),
    Mutation("V18b", to_row("actual", lambda value: Formula("#N/A")), {("T04", "error"): 1}, "returned", ("indicators",), loose=True,
             packed=_stored("#SPILL!", "#N/A")),
    Mutation("V19", to_field("project.name", lambda _: None), {("H01", "error"): 1}, "returned", ("project",), loose=True),
    Mutation("V20", to_row("level3", lambda _: "指标1："), {("T04", "error"): 1}, "returned", ("indicators",), loose=True),
    Mutation("V20b", to_row("target", lambda _: "（请填写批复的指标值）"), {("T04", "error"): 1}, "returned", ("indicators",), loose=True),
    # dates
    Mutation("D01", _dated, record=("indicators",), loose=True),
    Mutation("D01b", _mac, record=("indicators",), loose=True),
    Mutation("D02", to_row("actual", lambda _: "2025.3.1"), record=("indicators",), loose=True, otherwise=_NO_DATES),
    Mutation("D03", to_row("actual", lambda _: "03/04/25"), record=("indicators",), loose=True, otherwise=_NO_DATES),
    Mutation("D04", _serial(-1), {}, "returned", ("indicators",), None, loose=True),
    Mutation("D04b", _serial(2958466), {}, "returned", ("indicators",), None, loose=True),
    Mutation("D04c", to_row("actual", lambda _: "2025-02-30"), record=("indicators",), loose=True, otherwise=_NO_DATES),
    Mutation("D05", to_row("actual", lambda _: " ２０２４年 ３月１日 "), record=("indicators",), normalised=1, loose=True),
    Mutation("D06", to_field("year", lambda _: datetime.datetime(2024, 5, 1)), {("H02", "error"): 1}, "returned", ("year",), loose=True),
    Mutation("D06b", to_field("year", lambda _: "2024年5月"), {("H02", "error"): 1}, "returned", ("year",), loose=True),
    Mutation("D07", to_row("actual", lambda _: datetime.datetime(2024, 3, 1, 12, 30)), record=("indicators",), loose=True,
             otherwise=_NO_DATES),
    Mutation("D08", to_row("actual", lambda _: "长期"), record=("indicators",), loose=True, otherwise=_NO_DATES),
    # texts
    Mutation("T01", to_row("level3", lambda text: f"\u3000{text}\u00a0\u200b"), normalised=1),
    Mutation("T01b", to_row("level3", lambda text: f"{text[:2]}\u200b{text[2:]}\u00ad"), {_I: 1}, record=("indicators",), normalised=1,
             loose=True),
    Mutation("T02", to_row("level3", lambda _: "甲\r\n乙\u2028丙"), record=("indicators",), normalised=1, loose=True),
    Mutation("T02b", to_row("level3", lambda text: "占位文字"), packed=_stored("甲_x000D_乙"), record=("indicators",),
             normalised=1, loose=True),
    Mutation("T03", to_row("level3", lambda _: "培訓人次⼈"), record=("indicators",), loose=True),
    Mutation("T04", to_row("level3", lambda text: f"“{text}”——（全部）"), record=("indicators",), loose=True),
    Mutation("T05", to_row("level3", lambda text: f"{text}𠀀😀👩\u200d🌾\ue000é"), record=("indicators",), loose=True),
    Mutation("T06", to_row("level3", lambda text: f"{text}\u202e倒过来"), {_W: 1}, record=("indicators",), loose=True),
    Mutation("T06b", to_row("level3", lambda text: "占位文字"), {_W: 1}, packed=_stored("甲_x0007_乙_xD800_"),
             record=("indicators",), normalised=1, loose=True),
    Mutation("T07", to_field("goal.expected", lambda _: "字" * 32_767), {("D08", "warning"): 1}, record=("goal",), loose=True),
    Mutation("T07b", to_field("goal.expected", lambda _: "占位文字"), {}, "returned", ("goal",), 1, packed=_stored("字" * 33_000),
             loose=True, otherwise="no cell may hold so much, so that no record may: it is listed whole, and the field is empty"),
    Mutation("T08", to_row("level3", lambda _: "=1+1 的意思"), record=("indicators",), loose=True),
    Mutation("T08b", to_row("level3", lambda _: "@SUM(A1)"), record=("indicators",), loose=True),
    Mutation("T09", to_row("level3", lambda _: "<b>甲</b>{{x}}'; DROP TABLE t;--&amp;%s"), record=("indicators",), loose=True),
    Mutation("T10", _raised, {_W: 1}, record=("indicators",), loose=True),
    Mutation("T11", _apostrophe),
)  # fmt: skip


# ── formulas ────────────────────────────────────────────────────


def _total(case: Case) -> str:
    return case.layout.box(place_of("total", "score")).first


def _score(case: Case) -> str:
    return case.layout.box(place_of("indicators", case.slot, "score")).first


def _own_score(case: Case) -> dict[str, Any]:
    return {_score(case): next(row["score"] for row in case.record["indicators"])}


def _with(formula: str) -> Any:
    """A formula of the user's own in an input."""

    def apply(case: Case) -> None:
        case.row("score").value = Formula(formula)
        case.row("score").data_type = "f"

    return apply


def _shortened(case: Case) -> None:
    """The sum without its last row, as after a row was deleted."""
    formula, last = case.at("total", "score").value, max(slot.row for slot in case.layout.slots)
    case.at("total", "score").value = formula.replace(f"${last})", f"${last - 1})")
    assert case.at("total", "score").value != formula


def _array(case: Case) -> None:
    cell, below = case.row("score"), case.sheet.cell(case.row("score").row + 1, case.row("score").column)
    case.sheet[cell.coordinate] = ArrayFormula(f"{cell.coordinate}:{below.coordinate}", f"={cell.value}*1")


def _own_total(case: Case) -> None:
    case.at("total", "score").value = case.record["total"]["score"]


FORMULAS: tuple[Mutation, ...] = (
    Mutation("F01", _own_total, {("P03", "info"): None}, starred=True, skip=("006", "048", "019"), alone=("P05", "P05b", "F02", "F06", "F07", "F07b", "V12", "V12b"),
             otherwise="the right value by whatever rounding is information: nothing has to be mended"),
    Mutation("F02", to_field("total.score", lambda _: 12.34), {("S03", "error"): 1}, "returned",
             ("total",), loose=True, starred=True, skip=("006", "048"),
             alone=("F05", "F06", "F07", "F07b", "S14b")),  # without a row the right total is not known: P03
    Mutation("F03", _with("=1*1"), {_W: 1}, packed=with_results(_own_score), bound=True, skip=("048",)),
    Mutation("F04", _with("=[1]Sheet1!$A$1"), {_W: 1}, packed=with_results(_own_score), bound=True, skip=("048",)),
    Mutation("F05", _with("=1*1"), {}, "returned", ("indicators", "total"), loose=True),
    Mutation("F06", None, {("P05", "warning"): 1}, packed=with_results(lambda case: {_total(case): 1.5}), bound=True, skip=("006", "048", "019", "012")),
    Mutation("F07", _shortened, {("S03", "error"): None}, "returned", ("total",), loose=True,
             packed=with_results(lambda case: {_total(case): 3.5}), bound=True, only=("clean", "form1", "form2", "009")),
    Mutation("F07b", _shortened, {("P03", "warning"): 1}, only=("clean", "form1", "form2", "009"), bound=True,
             otherwise="nobody has computed the changed formula, so that there is no wrong value"),
    Mutation("F08", _with("=RAND()*0+NOW()"), {_W: 1}, packed=with_results(_own_score), bound=True, skip=("048",)),
    Mutation("F08b", _with('=WEBSERVICE("http://x")'), {_W: 1}, packed=with_results(_own_score), bound=True, skip=("048",)),
    Mutation("F08c", _with('=HYPERLINK("http://x",1)'), {_W: 1}, packed=with_results(_own_score), bound=True, skip=("048",)),
    Mutation("F09", _array, {_W: None}, packed=with_results(_own_score), bound=True, skip=("048",), loose=True),
)  # fmt: skip
