"""OpenDocument sheets are read as what they show, hostile ones refused; after a save by LibreOffice nothing is lost."""

from __future__ import annotations

import shutil
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import libreoffice
import pytest
from fuzzing import Member, packed
from project import NODE, ROOT

from xltool.language.functions import SheetError
from xltool.recognition.form_workbook import open_form_workbook
from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import Grid
from xltool.workbook.limits import Limits
from xltool.workbook.opendocument.formulas import excel_formula

URN = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = (f'xmlns:office="{URN}:office:1.0" xmlns:table="{URN}:table:1.0" xmlns:text="{URN}:text:1.0" xmlns:style="{URN}:style:1.0" '
          f'xmlns:draw="{URN}:drawing:1.0" xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"')  # fmt: skip


def book(rows: str, around: str = "", head: str = "", manifest: str = "") -> bytes:
    content = (
        f"<office:document-content {SPACES}>{head}<office:body><office:spreadsheet><table:table table:name='表' "
        f"table:style-name='ta1' table:protected='true'>{rows}</table:table>{around}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    found = [
        Member(b"mimetype", b"application/vnd.oasis.opendocument.spreadsheet", method=0),
        Member(b"content.xml", content.encode()),
    ]
    return packed([*found, Member(b"META-INF/manifest.xml", manifest.encode())] if manifest else found)


def grid(rows: str, around: str = "", limits: Limits = Limits()) -> Grid:  # noqa: B008  # frozen
    return open_form_workbook(book(rows, around), limits)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("saved")
    shutil.copy(ROOT / "examples/form1.xlsx", place / "form1.xlsx")
    libreoffice.converted([place / "form1.xlsx"], place, "ods:calc8")
    return place


@pytest.mark.libreoffice
def test_libreoffice_saves_the_same_facts_in_both_formats(saved: Path) -> None:
    old, new = (open_form_workbook((saved / f"form1.{form}").read_bytes()) for form in ("ods", "xlsx"))
    assert (old.format, old.checkable) == ("ods", False) and (old.application or "").startswith("LibreOffice")
    assert old.properties["xltool"] == new.properties["xltool"]

    def bare(text: str) -> str:
        return text.replace("$", "").replace("'", "").replace("TRUE()", "TRUE").replace("FALSE()", "FALSE")

    assert {name: bare(one) for name, one in old.names.items()} == {name: bare(one) for name, one in new.names.items()
                                                                    if not name.startswith("_xlnm.")}  # fmt: skip
    for title, sheet in new.sheets.items():
        assert sorted(box.range for box in old.sheets[title].merges) == sorted(box.range for box in sheet.merges)
        assert (old.sheets[title].protection is None) == (sheet.protection is None)
        for spot, fact in sheet.cells.items():
            theirs = old.at(title, *spot)
            assert bare(theirs.formula) == bare(fact.formula), (title, spot)
            if not fact.formula:
                assert (theirs.value, theirs.text) == (fact.value, fact.text), (title, spot)


@pytest.mark.parametrize(
    ("cell", "value", "text"),
    [
        ("office:value-type='float' office:value='1234.5'><text:p>1,234.50</text:p>", Decimal("1234.5"), "1,234.50"),
        ("office:value-type='float' office:value='0.333333333333333'><text:p>0.3</text:p>", Decimal("0.333333333333333"), "0.333333333333333"),
        ("office:value-type='percentage' office:value='0.95'><text:p>95%</text:p>", Decimal("0.95"), "95%"),
        ("office:value-type='date' office:date-value='2024-12-31'><text:p>31.12.24</text:p>", "2024年12月31日", "2024年12月31日"),
        ("office:value-type='time' office:time-value='PT08H30M00S'><text:p>8:30</text:p>", "08:30:00", "08:30:00"),
        ("office:value-type='boolean' office:boolean-value='true'><text:p>WAHR</text:p>", "TRUE", "TRUE"),
        ("office:value-type='string'><text:p>a<text:s text:c='2'/>b <text:span>c</text:span></text:p><text:p>d</text:p>", "a  b c\nd", "a  b c\nd"),
        ("office:value-type='string'><text:p>x</text:p><office:annotation><text:p>批注</text:p></office:annotation>", "x", "x"),
        ("><text:p>y</text:p>", "y", "y"),
        ("table:formula='of:=1/0' calcext:value-type='error' office:value-type='string'><text:p>#DIV/0!</text:p>", "#DIV/0!", "#DIV/0!"),
    ],
)  # fmt: skip
def test_a_cell_is_read_as_people_see_it(cell: str, value: Any, text: str) -> None:
    found = grid(f"<table:table-row><table:table-cell {cell}</table:table-cell></table:table-row>")
    assert (found.at("表", 1, 1).value, found.at("表", 1, 1).text) == (value, text)
    assert isinstance(found.at("表", 1, 1).value, SheetError) == ("error" in cell)
    assert found.sheets["表"].comments == ({(1, 1): "批注"} if "批注" in cell else {})


def test_repeats_cost_nothing_where_they_are_empty_and_are_written_out_where_not() -> None:
    rows = (
        "<table:table-row table:number-rows-repeated='3'><table:table-cell table:number-columns-repeated='2'/><table:table-cell "
        "table:number-columns-repeated='2' office:value-type='float' office:value='7'/></table:table-row>"
        "<table:table-row table:number-rows-repeated='1048572' table:visibility='collapse'><table:table-cell "
        "table:number-columns-repeated='16384'/></table:table-row><table:table-row><table:table-cell "
        "table:number-columns-spanned='2' table:number-rows-spanned='1'><text:p>x</text:p></table:table-cell></table:table-row>"
    )  # fmt: skip
    sheet = grid(rows).sheets["表"]
    assert sorted(sheet.cells) == [(1, 3), (1, 4), (2, 3), (2, 4), (3, 3), (3, 4), (1_048_576, 1)]
    assert sheet.hidden_rows == ((4, 1_048_575),) and [box.range for box in sheet.merges] == ["A1048576:B1048576"]
    assert sheet.protection is not None


def test_names_hidden_sheets_and_changes_that_were_undone_are_told_apart() -> None:
    around = (
        "<table:table table:name='藏' table:style-name='ta2'><table:named-expressions><table:named-expression table:name='a' "
        "table:expression='1'/></table:named-expressions></table:table><table:named-expressions><table:named-range table:name='a' "
        "table:cell-range-address='$表.$A$1:.$B$2'/></table:named-expressions>"
    )  # fmt: skip
    head = "<office:automatic-styles><style:style style:name='ta2'><style:table-properties table:display='false'/></style:style></office:automatic-styles>"
    undone = "<table:tracked-changes><table:deletion><table:table-cell><text:p>old</text:p></table:table-cell></table:deletion></table:tracked-changes>"
    found = open_form_workbook(
        book(
            "<table:table-row><table:table-cell><text:p>new</text:p></table:table-cell></table:table-row>",
            around,
            head + undone,
        )
    )
    assert found.names == {"a": "表!$A$1:$B$2"} and found.sheet_names == {("藏", "a"): "1"}
    assert [sheet.state for sheet in found.sheets.values()] == ["visible", "hidden"]
    assert {spot: fact.text for spot, fact in found.sheets["表"].cells.items()} == {(1, 1): "new"}


@pytest.mark.parametrize(
    ("open_formula", "formula"),
    [("of:=SUM([.A1:.B2];[$'一 x'.$C$1];\"[.A1];\")", "SUM(A1:B2,'一 x'!$C$1,\"[.A1];\")"), ("of:=[一.A1]&[.B$2]", "一!A1&B$2"),
     ("msoxl:=A1+1", "A1+1"), ("of:=[.#REF!]", "#REF!"), ("", "")],
)  # fmt: skip
def test_formulas_are_told_in_the_words_of_excel(open_formula: str, formula: str) -> None:
    assert excel_formula(open_formula) == formula


@pytest.mark.parametrize(
    ("rows", "key"),
    [
        ("<table:table-row table:number-rows-repeated='1048577'/>", "bad_reference"),
        ("<table:table-row><table:table-cell table:number-columns-repeated='99999999999'/></table:table-row>", "bad_reference"),
        ("<table:table-row table:number-rows-repeated='-1'/>", "bad_reference"),
        ("<table:table-row table:number-rows-repeated='1000000'><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>", "many_cells"),
        ("<table:table-row table:number-rows-repeated='900'><table:table-cell table:number-columns-repeated='900'><text:p>x</text:p></table:table-cell></table:table-row>", "many_cells"),
        ("<table:table-row><table:table-cell table:number-rows-spanned='1048576' table:number-columns-spanned='999'/></table:table-row>", "many_merges"),
        ("<table:table-row><table:table-cell><table:table table:name='in'/></table:table-cell></table:table-row>", "part_strange"),
        ("</table:table><table:table table:name='表'>", "sheets_twice"), ("<x:y/>", "xml_broken"),
    ],
)  # fmt: skip
def test_what_claims_too_much_is_refused(rows: str, key: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        grid(rows)
    assert refusal.value.key == key


def test_a_password_is_told() -> None:
    manifest = f'<manifest:manifest xmlns:manifest="{URN}:manifest:1.0"><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>'
    with pytest.raises(Unreadable) as refusal:
        open_form_workbook(book("", manifest=manifest))
    assert refusal.value.key == "encrypted"


def test_sheetjs_writes_it_in_lines_and_is_read(tmp_path: Path) -> None:
    if not (NODE / "node_modules/xlsx").exists():
        pytest.skip("SheetJS is not installed")
    subprocess.run(
        ["node", NODE / "resave.js", "sheetjs", ROOT / "examples/form2.xlsx", tmp_path / "x.ods", "ods"], check=True
    )
    ours, theirs = (
        open_form_workbook((ROOT / "examples/form2.xlsx").read_bytes()),
        open_form_workbook((tmp_path / "x.ods").read_bytes()),
    )
    typed = {spot: fact.value for spot, fact in ours.sheets["自评表"].cells.items() if not fact.formula}
    assert {spot: theirs.at("自评表", *spot).value for spot in typed} == typed


@pytest.mark.parametrize("around", [("<table:table-row>", "</table:table-row>"), ("<table:table-row-group><table:table-row>",
                                    "</table:table-row></table:table-row-group>")])  # fmt: skip
def test_of_a_large_sheet_that_is_none_of_ours_only_the_beginning_is_read(around: tuple[str, str]) -> None:
    begin, end = around
    cell = "<table:table-cell office:value-type='float' office:value='{0}'><text:p>{0}</text:p></table:table-cell>"
    rows = "".join(begin + cell.format(n) * 3 + end for n in range(16_000))
    other = "<table:table table:name='后 面'><table:table-row><table:table-cell><text:p>甲</text:p></table:table-cell></table:table-row></table:table>"
    named = "<table:named-expressions><table:named-range table:name='{}' table:cell-range-address=\"$'表'.$A$1\"/></table:named-expressions>"
    for limits in (Limits(), Limits(beginning_bytes=1000)):
        found = open_form_workbook(book(rows, other), limits)
        assert found.sheets["表"].partial and len(found.sheets["表"].cells) < 20_000
        assert found.at("后 面", 1, 1).text == "甲" and not found.sheets["后 面"].partial
    for name, whole in (("xl_year", ()), ("a", ("表",))):
        found = open_form_workbook(book(rows, other + named.format(name)), Limits(), whole)
        assert not found.sheets["表"].partial and found.at("表", 16_000, 3).value == 15_999
    commented = open_form_workbook(book(rows + "<!-- <table:table table:name='x'> -->", other))
    assert not commented.sheets["表"].partial


def test_a_part_that_is_skipped_is_proven_all_the_same() -> None:
    rows = "<table:table-row><table:table-cell><text:p>甲</text:p></table:table-cell></table:table-row>" * 40_000
    content = bytearray(book(rows))
    content[len(content) // 3] ^= 0xFF
    with pytest.raises(Unreadable) as refusal:
        open_form_workbook(bytes(content))
    assert refusal.value.key.startswith(("zip", "xml"))
    with pytest.raises(Unreadable) as refusal:
        open_form_workbook(book(rows), Limits(skipped_bytes=1_000_000))
    assert refusal.value.key == "zip_bomb"
