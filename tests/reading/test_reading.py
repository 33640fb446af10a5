"""Whatever arrives, there is a result; what was done to a workbook is found and named with its cell."""

from __future__ import annotations

import datetime
import io
import re
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from contract import fill, result_of_workbook


def _zip(names: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return target.getvalue()


STRANGERS = {
    "empty": b"",
    "text": "项目名称,得分\n".encode("gbk"),
    "html": b"<html><table></table></html>",
    "xml spreadsheet": b"<?xml version='1.0'?><Workbook/>",
    "pdf": b"%PDF-1.7 ...",
    "old xls": b"\xd0\xcf\x11\xe0" + b"\0" * 600,
    "encrypted": b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"),
    "archive": _zip({"a.txt": b"a"}),
    "hollow workbook": _zip({"[Content_Types].xml": b"<Types/>", "xl/workbook.xml": b"<workbook/>"}),
    "no workbook part": _zip({"[Content_Types].xml": b"<Types/>"}),
    "zip head only": b"PK\x03\x04 cut off",
}


@pytest.mark.parametrize("content", STRANGERS.values(), ids=STRANGERS.keys())
def test_a_file_that_is_no_form_gives_one_finding_that_says_what_to_do(content: bytes) -> None:
    for _ in range(2):
        result = result_of_workbook(content, "x.xlsx")
        assert result["status"] == "unreadable" and result["record"] is None
        [finding] = result["findings"]
        assert finding["rule"] in ("P06", "P01") and finding["level"] == "error"
        assert "{" not in finding["message"] and finding["fix"]


def test_every_cut_of_a_workbook_gives_a_result(clean: dict[str, Any]) -> None:
    content = fill(clean).content
    for part in range(0, len(content), len(content) // 40):
        assert result_of_workbook(content[:part], "x.xlsx")["status"] == "unreadable"


def test_flipped_bytes_never_raise(clean: dict[str, Any]) -> None:
    content = fill(clean).content
    for place in range(0, len(content), len(content) // 60):
        spoilt = bytearray(content)
        spoilt[place] ^= 0xFF
        assert result_of_workbook(bytes(spoilt), "x.xlsx")["status"] in ("accepted", "returned", "unreadable")


def _edited(content: bytes, edit: Callable[[Any], None]) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(content))
    edit(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _findings(content: bytes) -> list[tuple[str, str, str | None]]:
    return [(one["rule"], one["level"], one["cell"]) for one in result_of_workbook(content, "x.xlsx")["findings"]]


def test_another_workbook_is_told_from_ours() -> None:
    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    result = result_of_workbook(target.getvalue(), "x.xlsx")
    assert [finding["rule"] for finding in result["findings"]] == ["P01"]


def test_an_unknown_version_is_named(clean: dict[str, Any]) -> None:
    def edit(book: Any) -> None:
        book["_xltool"]["A1"] = book["_xltool"]["A1"].value.replace("mof-2020/1", "mof-2020/9")

    result = result_of_workbook(_edited(fill(clean).content, edit), "x.xlsx")
    assert result["findings"][0]["rule"] == "P01" and "mof-2020/9" in result["findings"][0]["message"]


@pytest.mark.parametrize("carriers", ["sheet", "property", "name"])
def test_one_carrier_of_the_stamp_is_enough(clean: dict[str, Any], carriers: str) -> None:
    def edit(book: Any) -> None:
        if carriers != "sheet":
            del book["_xltool"]
        if carriers != "property":
            book.custom_doc_props.props.clear()
        if carriers != "name":
            del book.defined_names["xl_stamp"]

    record = result_of_workbook(_edited(fill(clean).content, edit), "x.xlsx")["record"]
    assert record is not None
    if carriers != "sheet":
        record["project"]["code"] = clean["project"]["code"]  # the code stands on the hidden sheet
    assert record == clean


def test_without_defined_names_the_layout_leads_to_the_cells(clean: dict[str, Any]) -> None:
    result = result_of_workbook(_edited(fill(clean).content, lambda book: book.defined_names.clear()), "x.xlsx")
    assert result["record"] == clean
    assert result["reading"]["anchor"] == "stamp" and result["reading"]["confidence"] < 1


def test_a_file_that_nobody_recalculated_is_read_by_its_formulas(clean: dict[str, Any]) -> None:
    """openpyxl drops every stored result, as do other libraries."""
    content = _edited(fill(clean).content, lambda _: None)
    result = result_of_workbook(content, "x.xlsx")
    assert result["record"] == clean and result["status"] == "accepted"
    assert {finding["rule"] for finding in result["findings"]} == {"P05"}
    assert {finding["level"] for finding in result["findings"]} == {"info"}


def test_an_overwritten_formula_is_found_with_its_cell(clean: dict[str, Any]) -> None:
    def overwrite(cell: str, value: Any) -> list[tuple[str, str, str | None]]:
        content = _edited(fill(clean).content, lambda book: book["自评表"].__setitem__(cell, value))
        return [finding for finding in _findings(content) if finding[0] != "P05"]

    assert overwrite("H6", 0.99) == [("F05", "error", "自评表!H6")]
    assert overwrite("H6", 0.975) == [("P03", "info", "自评表!H6")]  # what the formula gives: nothing to mend
    assert overwrite("H6", None) == [("P03", "error", "自评表!H6")]
    assert overwrite("H6", "97.5") == [("F05", "error", "自评表!H6")]
    assert overwrite("D6", 999) == [("F02", "error", "自评表!D6"), ("F09", "warning", "自评表!E6")]
    assert overwrite("H43", 100) == [("S03", "error", "自评表!H43")]
    assert overwrite("D6", 100.001) == [("P03", "error", "自评表!D6")]  # within every tolerance, yet not the formula's


def test_an_overwritten_total_without_parts_is_said(clean: dict[str, Any]) -> None:
    def edit(book: Any) -> None:
        for cell in ("D7", "E7", "F7"):
            book["自评表"][cell] = None
        book["自评表"]["D6"], book["自评表"]["E6"], book["自评表"]["F6"] = 100, 100, 97.5

    found = [finding for finding in _findings(_edited(fill(clean).content, edit)) if finding[0] == "P03"]
    assert found == [("P03", "warning", f"自评表!{column}6") for column in "DEF"]


def test_findings_name_the_cells_where_they_are_now(clean: dict[str, Any]) -> None:
    content = _edited(_with_row(fill(clean).content, 1, 2), lambda book: book["自评表"].__setitem__("G15", 101))
    assert ("W04", "error", "自评表!G15") in _findings(content)


def test_a_percent_cell_is_read_as_people_read_it(clean: dict[str, Any]) -> None:
    def edit(book: Any) -> None:
        cell = book["自评表"]["F13"]
        cell.value, cell.number_format = 0.95, "0%"

    result = result_of_workbook(_edited(fill(clean).content, edit), "x.xlsx")
    assert result["record"]["indicators"][0]["actual"] == "95%"


def test_an_error_value_in_an_input_is_found(clean: dict[str, Any]) -> None:
    def edit(book: Any) -> None:
        book["自评表"]["H13"] = "#DIV/0!"
        book["自评表"]["H13"].data_type = "e"

    result = result_of_workbook(_edited(fill(clean).content, edit), "x.xlsx")
    assert ("S01", "自评表!H13") in {(finding["rule"], finding["cell"]) for finding in result["findings"]}
    assert result["record"]["indicators"][0]["score"] is None


def test_numbers_have_fifteen_digits(clean: dict[str, Any]) -> None:
    content = _edited(fill(clean).content, lambda book: book["自评表"].__setitem__("D8", 0.1 + 0.2))
    assert result_of_workbook(content, "x.xlsx")["record"]["funds"][2]["initial_budget"] == Decimal("0.3")


def _with_row(content: bytes, at: int, number: int) -> bytes:
    """Rows inserted (number > 0) or deleted before row ``at``, with names, merges and formulas as programs adjust them."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    sheet = book["自评表"]

    def moved(row: int) -> int:
        return row + number if row >= at else row

    merges = [box.bounds for box in sheet.merged_cells.ranges]
    for box in list(sheet.merged_cells.ranges):
        sheet.merged_cells.remove(box)
    formulas = {cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.data_type == "f"}
    (sheet.insert_rows if number > 0 else sheet.delete_rows)(at, abs(number))

    def shifted(text: str) -> str:
        return re.sub(r"(\$?[A-Z]{1,2}\$?)(\d+)", lambda match: f"{match[1]}{moved(int(match[2]))}", text)

    for cell, formula in formulas.items():
        sheet[shifted(cell)] = shifted(formula)
    book["自检"]["C4"] = shifted(book["自检"]["C4"].value)  # the grade, from the total
    for left, top, right, bottom in merges:
        sheet.merge_cells(start_row=moved(top), end_row=moved(bottom), start_column=left, end_column=right)
    for defined in book.defined_names.values():
        if "自评表" in (defined.attr_text or ""):
            head, _, cells = defined.attr_text.rpartition("!")
            defined.attr_text = f"{head}!{shifted(cells)}"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


@pytest.mark.parametrize(("at", "number"), [(1, 2), (15, 1), (15, 3), (17, -1), (20, 1), (41, 1)])
def test_rows_inserted_or_deleted_anywhere_change_nothing_that_is_read(
    clean: dict[str, Any], at: int, number: int
) -> None:
    result = result_of_workbook(_with_row(fill(clean).content, at, number), "x.xlsx")
    assert result["record"] == clean
    said = [(finding["rule"], finding["level"]) for finding in result["findings"]]
    assert said == [("P04", "warning"), ("P05", "info")]  # moved; openpyxl drops stored results


def test_an_indicator_written_into_an_inserted_row_is_read(clean: dict[str, Any]) -> None:
    content = _with_row(fill(clean).content, 14, 1)

    def edit(book: Any) -> None:
        sheet = book["自评表"]
        sheet["D14"], sheet["E14"], sheet["F14"], sheet["G14"], sheet["H14"] = "新增一行", "≥1", "1", 5, 5
        sheet["G13"], sheet["H13"] = 15, 15

    record = result_of_workbook(_edited(content, edit), "x.xlsx")["record"]
    assert [row["level3"] for row in record["indicators"][:3]] == ["培训人次", "新增一行", "培训合格率"]


@pytest.mark.parametrize(
    ("typed", "number_format", "read"),
    [
        (datetime.datetime(2024, 12, 31), "yyyy/m/d", "2024/12/31"),
        (datetime.datetime(2024, 12, 31), 'm"月"d"日"', "12月31日"),
        (datetime.datetime(2024, 12, 31), 'yyyy"年"m"月"', "2024年12月"),
        (datetime.datetime(2024, 12, 31), 'yyyy"年"', "2024年"),
        (datetime.datetime(2024, 12, 31, 18, 30), "yyyy-mm-dd hh:mm", "2024-12-31 18:30"),
        (datetime.time(9, 30), "h:mm", "9:30"),
        (datetime.timedelta(hours=36), "[h]:mm:ss", "36:00:00"),
        (datetime.timedelta(hours=36), '[h]"小时"', "36小时"),
        (1, "0%", "100%"), (0.985, "0.0%", "98.5%"), (0.98456, "0.00%", "98.46%"), (58, '0"批"', "58批"), (5, '0"‰"', "5‰"),
        (12345, '#,##0"人次"', "12,345人次"), (38, '[DBNum1]General"次"', "三十八次"), (1250000, '0!.0,"万"', "125.0万"),
        (-3, '0;"下降"0', "下降3"), (0, '0;-0;"—"', "—"), (0, "0;-0;;@", None), (0, "0;-0;0", "0"), (95, '[>=60]"合格";"不合格"', "合格"),
        (58, "General", "58"), (58.5, "0.00_ ", "58.50"), ("58", '@"人"', "58人"), (True, "General", "TRUE"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("column", ["F", "E"])
def test_a_text_field_is_read_as_its_cell_shows_it(
    clean: dict[str, Any], typed: Any, number_format: str, read: str | None, column: str
) -> None:
    def edit(book: openpyxl.Workbook) -> None:
        book["自评表"][f"{column}19"].value = typed
        book["自评表"][f"{column}19"].number_format = number_format

    row = result_of_workbook(_edited(fill(clean).content, edit), "x.xlsx")["record"]["indicators"][1]
    assert row["actual" if column == "F" else "target"] == read


@pytest.mark.parametrize("huge", [1e52, 1e300, -1e300, 1e-300])
def test_a_huge_number_is_no_accident(clean: dict[str, Any], huge: float) -> None:
    result = result_of_workbook(
        _edited(fill(clean).content, lambda book: book["自评表"].__setitem__("D8", huge)), "x.xlsx"
    )
    assert result["status"] in ("accepted", "returned") and result["record"]["funds"][2]["initial_budget"] is not None


def test_a_stray_cell_far_away_costs_nothing(clean: dict[str, Any]) -> None:
    content = _edited(fill(clean).content, lambda book: book["自评表"].__setitem__("XFD1000000", "x"))
    assert result_of_workbook(content, "x.xlsx")["record"] == clean


def test_a_garbled_stamp_is_no_accident(clean: dict[str, Any]) -> None:
    def edit(book: Any) -> None:
        book["_xltool"]["A1"] = "xltool/1 mof-2020/1 quantity=" + "9" * 5000
        del book.defined_names["xl_stamp"]
        book.custom_doc_props.props.clear()

    result = result_of_workbook(_edited(fill(clean).content, edit), "x.xlsx")
    assert {finding["rule"] for finding in result["findings"]} == {"P01", "P05"}
    assert result["reading"]["anchor"] == "labels" and result["reading"]["confidence"] < 1
    assert result["record"] == {**clean, "project": {**clean["project"], "code": None}, "grade": None}


def test_a_form_without_amounts_is_returned(clean: dict[str, Any]) -> None:
    def edit(book: Any) -> None:
        for cell in ("D7", "E7", "F7"):
            book["自评表"][cell] = None

    found = _findings(_edited(fill(clean).content, edit))
    assert ("F05", "error", "自评表!E6") in found  # one finding for the whole block


def test_the_weight_that_the_form_fixes_may_not_be_changed(clean: dict[str, Any]) -> None:
    content = _edited(fill(clean).content, lambda book: book["自评表"].__setitem__("G6", 20))
    assert ("W01", "error", "自评表!G6") in _findings(content)


def test_a_wrong_total_is_said_even_where_a_warning_names_its_cell(clean: dict[str, Any]) -> None:
    content = _edited(fill(clean).content, lambda book: book["自评表"].__setitem__("D6", 100.0050001))
    found = [finding for finding in _findings(content) if finding[2] == "自评表!D6" and finding[0] != "P05"]
    assert ("P03", "error", "自评表!D6") in found


def _raw(content: bytes, part: str, old: str, new: str) -> bytes:
    """A workbook with a piece of one part's XML replaced."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            data = source.read(name)
            if name == part:
                assert old.encode() in data
                data = data.replace(old.encode(), new.encode(), 1)
            made.writestr(name, data)
    return target.getvalue()


@pytest.mark.parametrize(
    ("cell", "rule"), [("C3", "H01"), ("F11", "Q02"), ("D13", "T04"), ("F13", "T04"), ("H13", "S01"), ("F7", "F01")]
)
@pytest.mark.parametrize("value", ["#N/A", "=1+1"])
def test_an_error_value_or_an_uncalculated_formula_is_found_in_any_input(
    clean: dict[str, Any], cell: str, rule: str, value: str
) -> None:
    def edit(book: Any) -> None:
        book["自评表"][cell] = value
        if value.startswith("#"):
            book["自评表"][cell].data_type = "e"

    assert (rule, "error", f"自评表!{cell}") in _findings(_edited(fill(clean).content, edit))


@pytest.mark.parametrize("blank", ["\u200b", "\u2003", "\ufeff", "\u00ad", " \u3000\n"])
def test_invisible_text_is_blank(clean: dict[str, Any], blank: str) -> None:
    content = _edited(fill(clean).content, lambda book: book["自评表"].__setitem__("C3", blank))
    assert ("H01", "error", "自评表!C3") in _findings(content)


@pytest.mark.parametrize(
    ("first", "number", "part"), [(8, 1, "上年结转资金"), (33, 2, "生态效益指标"), (40, 3, "服务对象满意度指标")]
)
def test_deleted_rows_are_said_and_no_other_row_is_read_for_them(
    clean: dict[str, Any], first: int, number: int, part: str
) -> None:
    """Names of deleted rows lead to #REF!, in every spreadsheet program."""
    book = openpyxl.load_workbook(io.BytesIO(_with_row(fill(clean).content, first, -number)))
    for defined in book.defined_names.values():
        if "自评表" in (defined.attr_text or "") and defined.name in _NAMES_OF[part]:
            defined.attr_text = "'自评表'!#REF!"
    target = io.BytesIO()
    book.save(target)
    result = result_of_workbook(target.getvalue(), "x.xlsx")
    assert part in {
        finding["message"].partition("”")[0][1:] for finding in result["findings"] if finding["rule"] == "P02"
    }
    lost = [row for row in result["record"]["indicators"] if row["level2"] == part]
    assert lost == [] and result["status"] == "returned"


_AMOUNTS = ("initial_budget", "adjusted_budget", "executed", "weight", "execution_rate", "score")
_NAMES_OF = {
    "上年结转资金": {f"xl_funds_carryover_{name}" for name in _AMOUNTS},
    "生态效益指标": {"xl_indicators_ecological"},
    "服务对象满意度指标": {"xl_indicators_service_satisfaction"},
}


def test_entities_and_monstrous_merges_are_refused(clean: dict[str, Any]) -> None:
    content = fill(clean).content
    entity = _raw(content, "xl/sharedStrings.xml", "<sst", '<!DOCTYPE x [<!ENTITY a "b">]><sst')
    merge = _raw(content, "xl/worksheets/sheet2.xml", '<mergeCell ref="A1:I1"/>', '<mergeCell ref="A100:XFD1048576"/>')
    for spoilt in (entity, merge):
        assert [finding["rule"] for finding in result_of_workbook(spoilt, "x.xlsx")["findings"]] == ["P06"]


def test_numbers_that_are_none_are_found(clean: dict[str, Any]) -> None:
    import re as regex

    content = fill(clean).content
    sheet = zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet2.xml").decode()
    cell = regex.search(r'<c r="H13"[^>]*><v>20</v></c>', sheet)
    assert cell is not None
    spoilt = _raw(content, "xl/worksheets/sheet2.xml", cell[0], cell[0].replace("20</v>", "1e999</v>"))
    assert ("S01", "error", "自评表!H13") in _findings(spoilt)


def test_a_text_longer_than_a_cell_may_hold_is_found(clean: dict[str, Any]) -> None:
    content = fill(clean).content
    spoilt = _raw(content, "xl/sharedStrings.xml", clean["goal"]["actual"], "字" * 40000)
    assert ("Q02", "error", "自评表!F11") in _findings(spoilt)


def test_a_sheet_without_a_name_is_listed_like_any_other(clean: dict[str, Any]) -> None:
    """No program writes one; a damaged file had it, and broke our own contract."""
    content = _edited(fill(clean).content, lambda book: book.create_sheet("ZZ").__setitem__("A1", "底稿"))
    parts = zipfile.ZipFile(io.BytesIO(content))
    named = {name: parts.read(name) for name in parts.namelist()}
    named["xl/workbook.xml"] = named["xl/workbook.xml"].replace(b'name="ZZ"', b'name=""')
    result = result_of_workbook(_zip(named), "x.xlsx")
    assert {"sheet": "", "cell": "A1", "raw": "底稿"} in result["reading"]["unplaced"]
