"""Amounts that their cells show otherwise than they store them, and what is crossed out, are said and left open."""

from __future__ import annotations

import datetime
import io
import random
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import libreoffice
import openpyxl
import pytest
from contract import fill, result_of_workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from project import ROOT

from xltool.workbook.legacy.biff import read_cell_styles


def result(record: dict[str, Any], edit: Callable[[Any], Any]) -> dict[str, Any]:
    """The result of a completed form after an edit of its sheet."""
    book = openpyxl.load_workbook(io.BytesIO(fill(record).content), rich_text=True)
    edit(book["自评表"])
    stream = io.BytesIO()
    book.save(stream)
    return result_of_workbook(stream.getvalue(), "x.xlsx")


def said(found: dict[str, Any], *cells: str) -> list[dict[str, Any]]:
    """The errors and warnings about cells."""
    wanted = {f"自评表!{cell}" for cell in cells}
    return [
        one
        for one in found["findings"]
        if one["level"] != "info" and wanted & {one["cell"], *(spot["cell"] for spot in one.get("places", ()))}
    ]


def formatted(cell: str, value: Any, number_format: str) -> Callable[[Any], Any]:
    def edit(sheet: Any) -> None:
        sheet[cell].value, sheet[cell].number_format = value, number_format

    return edit


#: Rules that would find something if the amount were taken as it is stored, or for nothing.
_FOLLOWS = ("F02", "F03", "F05", "F06", "F10", "P03", "P05", "S03")


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (926500, '0.00"元"', "926500.00元"), (926500, '#,##0.00"元"', "926,500.00元"), (926500, "0!.0,", "92.7（不是）"),
        (926500, '0!.0000"万元"', "92.6500万元"), (926500, '0"."00,', "9.27"), (926.5, '0.00"千元"', "926.50千元"),
        (0.00926, '0.00000"亿元"', "0.00926亿元"), (92.65, '0.00"万美元"', "92.65万美元"), (926500, "#,##0.00,", "926.50"), (0.9265, "0.00%", "92.65%"),
        (926500, '[>=10000]0!.0,"万";0', "92.7万"), (93, '0"0000"', "930000"), (926500, '[DBNum2]General"元"', "玖拾贰万陆仟伍佰元"),
        (926500, '0.00"元";-0.00"元";"—"', "926500.00元"),
    ],
)  # fmt: skip
def test_an_amount_shown_in_another_unit_is_an_error_and_stands_in_no_total(
    clean: dict[str, Any], value: Any, number_format: str, shown: str
) -> None:
    found = result(clean, formatted("F7", value, number_format))
    [one] = said(found, "F7")
    assert (one["rule"], one["level"]) == ("F01", "error")
    if "不是" not in shown:
        assert one["found"] == shown and shown in one["message"] and "万元" in one["message"]
    total, fiscal = found["record"]["funds"][:2]
    assert fiscal["executed"] is None and total["executed"] is None and total["execution_rate"] is None
    [note] = [one for one in found["reading"]["normalised"] if one["cell"] == "自评表!F7"]
    assert (float(note["raw"]), note["value"]) == (value, None)
    assert not [one for one in found["findings"] if one["level"] != "info" and one["rule"] in _FOLLOWS]


@pytest.mark.parametrize(
    "number_format",
    [
        "General", "0", "0.0", "0.00", "#,##0.00_ ", "#,##0.00_);[Red](#,##0.00)", "#,##0.00;[Red]-#,##0.00", '"¥"#,##0.00', "[$¥-804]#,##0.00", "[$￥-804]#,##0.00",
        '_ ¥* #,##0.00_ ;_ ¥* -#,##0.00_ ;_ ¥* "-"??_ ;_ @_ ', '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ ', '0.00"万元"', '#,##0.00"万"', "0.00E+00",
        '"$"#,##0.00_);("$"#,##0.00)', "@", "0.000000", "[DBNum2]General", '"人民币"0.00"万元"', "#,##0.##", "0.00_ ", "[Red]0.00", "[>100]0.00;0.0000", "000.00",
    ],
)  # fmt: skip
def test_an_amount_in_an_ordinary_format_is_what_is_stored(clean: dict[str, Any], number_format: str) -> None:
    plain = result(clean, lambda _: None)
    stored = plain["record"]["funds"][1]["executed"]
    found = result(clean, formatted("F7", float(stored), number_format))
    assert found["record"] == plain["record"]
    assert [one for one in found["findings"] if one["level"] != "info"] == [
        one for one in plain["findings"] if one["level"] != "info"
    ]


def test_nothing_is_nothing_in_every_unit(clean: dict[str, Any]) -> None:
    found = result(clean, formatted("F8", 0, '0.00"元"'))
    assert found["record"]["funds"][2]["executed"] == 0 and not said(found, "F8")


def test_amounts_in_doubt_for_one_reason_are_one_finding(clean: dict[str, Any]) -> None:
    def edit(sheet: Any) -> None:
        for cell in ("D7", "E7", "F7"):
            sheet[cell].value, sheet[cell].number_format = 926500, '0.00"元"'

    [one] = said(result(clean, edit), "D7", "E7", "F7")
    assert [spot["cell"] for spot in one["places"]] == ["自评表!D7", "自评表!E7", "自评表!F7"]


def test_a_score_keeps_its_exact_value_under_any_format(clean: dict[str, Any]) -> None:
    row = clean["indicators"][0]
    found = result(clean, formatted("H13", float(row["score"]), '0"分"'))
    assert found["record"]["indicators"][0]["score"] == row["score"] and not said(found, "H13")


def test_a_text_cell_whose_format_prints_a_unit_is_read_with_it(clean: dict[str, Any]) -> None:
    found = result(clean, formatted("F7", "926500", '@"元"'))
    [one] = said(found, "F7")
    assert one["rule"] == "F01" and one["found"] == "926500元" and found["record"]["funds"][1]["executed"] is None


def test_a_sheet_that_hides_its_zeros_shows_none_in_a_text_field(clean: dict[str, Any]) -> None:
    def edit(sheet: Any) -> None:
        sheet.sheet_view.showZeros = False
        sheet["F13"].value = sheet["F8"].value = 0

    found = result(clean, edit)
    assert found["record"]["indicators"][0]["actual"] is None and found["record"]["funds"][2]["executed"] == 0
    assert [one["raw"] for one in found["reading"]["normalised"] if one["cell"] == "自评表!F13"] == ["0"]


# ── what is crossed out ─────────────────────────────────────────


def test_a_text_that_is_crossed_out_is_said_and_not_read(clean: dict[str, Any]) -> None:
    def edit(sheet: Any) -> None:
        sheet["F13"].value, sheet["F13"].font = "58批", Font(strike=True)

    found = result(clean, edit)
    assert found["record"]["indicators"][0]["actual"] is None
    [one] = said(found, "F13")
    assert (one["rule"], one["level"]) == ("P04", "error") and "58批" in one["message"]  # an actual that is missing
    assert any(note["cell"] == "自评表!F13" and note["raw"] == "58批" for note in found["reading"]["normalised"])


def test_of_a_text_partly_crossed_out_the_rest_is_read(clean: dict[str, Any]) -> None:
    def edit(sheet: Any) -> None:
        sheet["F13"].value = CellRichText(
            TextBlock(InlineFont(strike=True), "95%"), TextBlock(InlineFont(b=True), "98%")
        )

    found = result(clean, edit)
    assert found["record"]["indicators"][0]["actual"] == "98%"
    [one] = [one for one in said(found, "F13") if one["rule"] == "P04"]
    assert one["found"] == "95%"


@pytest.mark.parametrize("cell", ["F7", "H13", "G13"])
def test_a_number_that_is_crossed_out_is_an_error_and_stands_in_no_total(clean: dict[str, Any], cell: str) -> None:
    def edit(sheet: Any) -> None:
        sheet[cell].font = Font(strike=True)

    found = result(clean, edit)
    [one] = said(found, cell)
    assert (one["rule"], one["level"]) == ("P04", "error")
    values = [*found["record"]["funds"][1].values()] if cell == "F7" else [*found["record"]["indicators"][0].values()]
    assert None in values
    assert not [one for one in found["findings"] if one["level"] == "error" and one["rule"] != "P04"]


def test_a_font_that_says_it_does_not_strike_does_not(clean: dict[str, Any]) -> None:
    def edit(sheet: Any) -> None:
        sheet["F13"].value, sheet["F13"].font = "58批", Font(strike=False)

    assert result(clean, edit)["record"]["indicators"][0]["actual"] == "58批"


# ── what was read before does not matter ────────────────────────


def test_rows_seen_before_have_the_formats_of_their_own_workbook(clean: dict[str, Any]) -> None:
    content = fill({**clean, "indicators": clean["indicators"]}).content
    plain = result_of_workbook(content, "x.xlsx")
    stored = [row["actual"] for row in plain["record"]["indicators"]]
    for number_format, shown in (("0.0%", "98.5%"), ("0.00", "0.99"), ('0.0"分"', "1.0分"), ("General", "0.985")):
        found = result(clean, formatted("F13", 0.985, number_format))
        assert found["record"]["indicators"][0]["actual"] == shown
    assert [row["actual"] for row in result_of_workbook(content, "x.xlsx")["record"]["indicators"]] == stored


def test_the_same_rows_with_other_styles_are_shown_anew(clean: dict[str, Any]) -> None:
    def packed(number_format: str) -> bytes:
        book = openpyxl.load_workbook(io.BytesIO(fill(clean).content))
        book["自评表"]["F13"].value, book["自评表"]["F13"].number_format = 0.985, number_format
        stream = io.BytesIO()
        book.save(stream)
        return stream.getvalue()

    first, second = packed('0.0"甲"'), packed('0.0"乙"')
    seen = [result_of_workbook(one, "x.xlsx")["record"]["indicators"][0]["actual"] for one in (first, second, first)]
    assert seen == ["1.0甲", "1.0乙", "1.0甲"]


def test_a_deadline_in_figures_is_compared_as_one_in_words(clean: dict[str, Any]) -> None:
    def edit(sheet: Any) -> None:
        sheet["E13"].value = "2024年6月前"
        sheet["F13"].value, sheet["F13"].number_format = datetime.datetime(2024, 12, 31), "yyyy/m/d"

    found = result(clean, edit)
    assert found["record"]["indicators"][0]["actual"] == "2024/12/31"
    assert [one["rule"] for one in said(found, "F13", "E13") if one["rule"].startswith("V")]
    assert Decimal(clean["indicators"][0]["weight"]) > 0


# ── other formats ───────────────────────────────────────────────


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A form with formats and crossed-out cells."""
    book = openpyxl.load_workbook(ROOT / "examples/form1.xlsx", rich_text=True)
    sheet = book["自评表"]
    for cell, value, number_format in (
        ("F13", 58, '0"批"'), ("F19", 0.985, "0.0%"), ("F26", datetime.datetime(2020, 12, 31), 'm"月"d"日"'),
        ("F29", datetime.timedelta(hours=36), "[h]:mm:ss"), ("F7", 129025.8, '0.00"万元"'), ("F36", 12, "@"),
    ):  # fmt: skip
        sheet[cell].value, sheet[cell].number_format = value, number_format
    sheet["F37"].font = Font(strike=True)
    sheet["F38"].value = CellRichText(TextBlock(InlineFont(strike=True), "旧话"), TextBlock(InlineFont(b=True), "新话"))
    file = tmp_path_factory.mktemp("form") / "form.xlsx"
    book.save(file)
    return file


@pytest.fixture(scope="module")
def old_form(form: Path) -> bytes:
    """The form, saved by LibreOffice as .xls."""
    [file] = libreoffice.converted([form], form.parent, "xls")
    return file.read_bytes()


@pytest.mark.libreoffice
@pytest.mark.parametrize("ending", ["xlsx", "ods", "xls"])
def test_what_a_cell_shows_does_not_depend_on_the_format_of_the_file(form: Path, ending: str, tmp_path: Path) -> None:
    [file] = [form] if ending == "xlsx" else libreoffice.converted([form], tmp_path, ending)
    found = result_of_workbook(file.read_bytes(), file.name)
    rows = {place["cell"]: place for place in found["reading"]["normalised"]}
    actual = [row["actual"] for row in found["record"]["indicators"]]
    assert actual[:4] == ["58批", "98.5%", "12月31日", "36:00:00"]
    assert found["record"]["funds"][1]["executed"] is None and rows["自评表!F7"]["value"] is None
    [amount] = [one for one in said(found, "F7") if one["rule"] == "F01"]
    assert amount["found"] == "129025.80万元"
    assert rows["自评表!F37"]["value"] is None
    if ending != "xls":  # of the runs of a text an old workbook is not asked
        assert rows["自评表!F38"]["value"] == "新话"
    assert not [one for one in found["findings"] if "表外" in one["message"]]


@pytest.mark.libreoffice
def test_an_old_workbook_with_a_password_is_said_to_have_one(old_form: bytes) -> None:
    content = bytearray(old_form)
    begin = content.index(b"\x09\x08\x10\x00\x00\x06\x05\x00")  # the workbook's own beginning
    content[begin + 20 : begin + 24] = (
        b"\x2f\x00" + content[begin + 22 : begin + 24]
    )  # its next record asks for a password
    found = result_of_workbook(bytes(content), "x.xls")
    assert found["status"] == "unreadable" and "打开密码" in found["findings"][0]["message"]


@pytest.mark.libreoffice
@pytest.mark.parametrize("number", [15, 60])
def test_a_damaged_old_workbook_has_fewer_looks_and_no_exception(old_form: bytes, number: int) -> None:
    whole = sum(map(len, read_cell_styles(old_form, 500_000).sheets.values()))
    chance = random.Random(number)
    for _ in range(number):
        broken = bytearray(old_form)
        for _ in range(chance.choice((1, 20, 500))):
            broken[chance.randrange(512, len(broken))] = chance.randrange(256)
        found = read_cell_styles(
            bytes(broken[: chance.choice((len(broken), chance.randrange(600, len(broken))))]), 500_000
        )
        assert sum(map(len, found.sheets.values())) <= whole * 2
    assert whole > 500
