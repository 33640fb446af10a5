"""The package reader against its rules: each rule of zip, XML and sheet has its case, each refusal its own name."""

from __future__ import annotations

import ast
import io
import random
import struct
import tomllib
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
from books import MAIN, OFFICE, STRICT, book, cell, grid, links, made, parts
from contract import fill, result_of_workbook
from deep_size import deep_size
from fuzzing import Member, facts, facts_by_expat, members, packed
from project import ROOT

from xltool.language.functions import SheetError
from xltool.recognition.form_workbook import open_form_workbook
from xltool.support.templates import Templates, using
from xltool.workbook.compare import candidate_differences
from xltool.workbook.errors import Unreadable
from xltool.workbook.formulas import same_formula
from xltool.workbook.grid import EMPTY, CellFact, Spot
from xltool.workbook.limits import SAFE, Limits


def refused(content: bytes, limits: Limits = SAFE) -> str:
    with pytest.raises(Unreadable) as refusal:
        open_form_workbook(content, limits)
    return refusal.value.key


@pytest.fixture
def form(clean: dict[str, Any]) -> list[Member]:
    return members(fill(clean).content)


def sheet_of(form: list[Member]) -> Member:
    return next(one for one in form if one.name == b"xl/worksheets/sheet2.xml")


# ── the catalogue of refusals ───────────────────────────────────


def _raised_keys() -> set[str]:
    """Every key that some line of the program refuses a file by."""
    found = set()
    for file in (ROOT / "xltool").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in ("Unreadable", "refused") and node.args:
                    found |= {one.value for one in ast.walk(node.args[0]) if isinstance(one, ast.Constant)}
                found |= {one.value.value for one in node.keywords if one.arg == "key" and isinstance(one.value, ast.Constant)}  # fmt: skip
    return {key for key in found if isinstance(key, str)}


def test_every_refusal_is_a_case_of_the_file_format_rule_with_cause_and_remedy() -> None:
    cases = tomllib.loads((ROOT / "templates/workbook.toml").read_text("utf-8"))["P06"]["case"]
    keys = [case["key"] for case in cases]
    assert len(keys) == len(set(keys))
    assert {key for key in _raised_keys() if "_" in key or key in keys} - set(keys) == set()
    for case in cases:
        assert all(case[text] for text in ("message", "message_en", "fix", "fix_en")), case["key"]


# ── zip ─────────────────────────────────────────────────────────


def test_an_honest_zip_is_read_whoever_packed_it(clean: dict[str, Any], form: list[Member]) -> None:
    stored = [Member(one.name, one.data, method=0) for one in form]
    assert result_of_workbook(packed(form), "x")["record"] == clean
    assert result_of_workbook(packed(stored, comment=b"a comment"), "x")["record"] == clean
    assert result_of_workbook(packed(form) + b"\0\r\n", "x")["record"] == clean


@pytest.mark.parametrize("force64", [False, True])
def test_sizes_that_follow_the_data_and_zip64_are_understood(
    clean: dict[str, Any], form: list[Member], force64: bool
) -> None:
    class Pipe(io.RawIOBase):
        """A target that cannot seek, as a browser or a pipe: zipfile then writes sizes behind the data."""

        def __init__(self) -> None:
            self.content = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            self.content += data
            return len(data)

    target = Pipe()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for one in form:
            with package.open(one.name.decode(), "w", force_zip64=force64) as stream:
                stream.write(one.data)
    assert result_of_workbook(bytes(target.content), "x")["record"] == clean


@pytest.mark.parametrize(
    ("hazard", "name"),
    [
        ("V-005 leading slash", b"/xl/x.xml"), ("V-006 dot segment", b"./xl/x.xml"), ("V-007 parent", b"xl/../../x.xml"),
        ("V-008 empty segment", b"xl//x.xml"), ("V-009 backslash", b"xl\\x.xml"), ("drive", b"C:/x.xml"),
        ("control", b"xl/\x01.xml"), ("line feed", b"xl/a\nb.xml"), ("dot at the end", b"xl/.."),
    ],
)  # fmt: skip
def test_names_that_lead_elsewhere_are_refused(form: list[Member], hazard: str, name: bytes) -> None:
    assert refused(packed([*form, Member(name, b"x")])) == "zip_name", hazard


@pytest.mark.parametrize(
    ("hazard", "name"),
    [("V-010 duplicate path", b"xl/workbook.xml"), ("case only", b"xl/WORKBOOK.xml"),
     ("V-011 folder under a file", b"xl/workbook.xml/x")],
)  # fmt: skip
def test_two_entries_under_one_name_are_refused(form: list[Member], hazard: str, name: bytes) -> None:
    assert refused(packed([*form, Member(name, b"x")])) == "zip_duplicate", hazard


def test_v_012_encrypted_entries_are_refused(form: list[Member]) -> None:
    sheet_of(form).flags = 1
    assert refused(packed(form)) == "zip_encrypted"


def test_overlapping_entries_are_refused(form: list[Member]) -> None:
    form[2].at, form[2].packed = 0, b""
    form[2].name = form[2].local_name = form[0].name
    content = packed(form)
    form[2].name = b"xl/other.xml"
    assert refused(content) in ("zip_duplicate", "zip_overlap")
    quoted = [Member(b"a.xml", b"a" * 100, method=0), Member(b"b.xml", b"", method=0)]
    inner = packed([Member(b"b.xml", b"bbbb", method=0)])[:39]  # a whole entry inside the data of another
    quoted[0].data = inner + b"x" * 61
    quoted[1] = Member(b"b.xml", b"bbbb", method=0, at=35)
    assert refused(packed(quoted)) == "zip_overlap"


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"local_name": b"xl/other.xml"}, "zip_local"), ({"crc": 1}, "zip_crc"), ({"size": 10}, "zip_crc"),
        ({"size": 2**31}, "zip_bomb"), ({"method": 12, "packed": b"x"}, "zip_method"),
        ({"method": 14, "packed": b"x"}, "zip_method"), ({"packed": b"\xff\xff"}, "zip_damaged"),
        ({"packed": b""}, "zip_damaged"), ({"at": 10**8}, "zip_damaged"), ({"at": 7}, "zip_damaged"),
    ],
)  # fmt: skip
def test_an_entry_that_lies_is_refused_by_its_lie(form: list[Member], change: dict[str, Any], key: str) -> None:
    sheet = sheet_of(form)
    for name, value in change.items():
        setattr(sheet, name, value)
    assert refused(packed(form)) == key


def test_a_header_that_contradicts_the_directory_is_refused(form: list[Member]) -> None:
    content = bytearray(packed(form))
    content[14:18] = b"\1\2\3\4"  # the checksum in the first local header
    assert refused(bytes(content)) == "zip_local"


def test_two_files_in_one_are_refused(form: list[Member]) -> None:
    content = packed(form)
    assert refused(content + content) == "zip_stray"
    assert refused(b"#!/bin/sh\n" + content) == "zip_stray"
    assert refused(content[:100] + content) == "zip_stray"
    assert refused(content + b"<script>") == "zip_stray"
    hidden = bytearray(content)
    at = struct.unpack("<L", content[-6:-2])[0]
    hidden[at:at] = packed([Member(b"hidden.xml", b"x")])[:41]
    hidden[-6:-2] = struct.pack("<L", at + 41)
    assert refused(bytes(hidden)) == "zip_stray"


def test_what_is_cut_off_or_split_says_so(form: list[Member]) -> None:
    content = packed(form)
    assert {refused(content[:length]) for length in (10, 100, len(content) // 2, len(content) - 1)} == {"zip_cut"}
    volume = bytearray(content)
    volume[-18:-14] = struct.pack("<HH", 1, 1)
    assert refused(bytes(volume)) == "zip_volumes"


def test_bombs_are_counted_while_they_inflate() -> None:
    small = Limits(part_bytes=100_000, total_bytes=250_000)
    rows = '<row r="1"/>' * 20_000
    assert refused(book(rows), small) == "zip_bomb"
    honest = [Member(name, data) for name, data in ((one.name, one.data) for one in made(parts()))]
    sheet = next(one for one in honest if b"sheet1" in one.name)
    sheet.size = 500  # a lie, so that only counting helps
    sheet.data = sheet.data.replace(b"<sheetData>", b"<sheetData>" + rows.encode())
    assert refused(packed(honest), small) == "zip_bomb"
    many = parts()
    for number in range(4):
        many[f"xl/comments{number}.xml"] = f'<comments xmlns="{MAIN}">{" " * 70_000}</comments>'
    many["xl/worksheets/_rels/sheet1.xml.rels"] = links(*(("comments", f"/xl/comments{n}.xml") for n in range(4)))
    assert refused(packed(made(many)), small) == "zip_bomb"


def test_too_many_entries_are_refused(form: list[Member]) -> None:
    assert refused(packed([*form, *(Member(b"x%d" % number, b"") for number in range(1000))])) == "zip_entries"


def test_what_nobody_needs_is_not_even_inflated(clean: dict[str, Any], form: list[Member]) -> None:
    form.append(Member(b"xl/media/image1.png", b"", crc=1, size=99, packed=b"no deflate"))
    assert result_of_workbook(packed(form), "x")["record"] == clean


# ── XML ─────────────────────────────────────────────────────────


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "utf-16-le"])
def test_a_dtd_is_refused_in_any_encoding(codec: str) -> None:
    text = str(parts()["xl/worksheets/sheet1.xml"])
    with_dtd = f'<?xml version="1.0" encoding="{codec[:6]}"?><!DOCTYPE x [<!ENTITY a "b">]>{text}'
    assert refused(book(**{"xl/worksheets/sheet1.xml": with_dtd.encode(codec)})) == "xml_doctype"
    assert (
        grid('<row><c t="inlineStr"><is><t>&lt;!DOCTYPE x&gt;</t></is></c></row>').at("表", 1, 1).text == "<!DOCTYPE x>"
    )


@pytest.mark.parametrize(
    "part", ["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"]
)
def test_a_dtd_is_refused_in_any_part(part: str) -> None:
    assert refused(book(**{part: "<!DOCTYPE x>" + str(parts()[part])})) == "xml_doctype"


@pytest.mark.parametrize(
    ("codec", "declared", "key"),
    [("utf-8", "utf-8", ""), ("utf-8", "", ""), ("utf-8-sig", "UTF-8", ""), ("utf-16", "UTF-16", ""), ("utf-16", "", ""),
     ("gbk", "gbk", "xml_encoding"), ("latin-1", "iso-8859-1", "xml_encoding"), ("utf-7", "utf-7", "xml_encoding"),
     ("utf-8", "us-ascii", "xml_encoding"), ("utf-32", "", "xml_broken"), ("utf-8", "utf-16", "xml_broken"),
     ("gbk", "utf-8", "xml_broken"), ("utf-8", "no-such", "xml_encoding")],
)  # fmt: skip
def test_utf_8_and_utf_16_are_read_and_nothing_else(codec: str, declared: str, key: str) -> None:
    head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
    text = "数" if codec != "latin-1" else "x"
    strings = head + f'<sst xmlns="{MAIN}"><si><t>{text}</t></si></sst>'
    content = book('<row><c t="s"><v>0</v></c></row>', **{"xl/sharedStrings.xml": strings.encode(codec)})
    if key:
        assert refused(content) == key
    else:
        assert open_form_workbook(content).at("表", 1, 1).text == "数"


def test_nesting_and_runs_of_text_have_their_limits() -> None:
    deep = "<x>" * 300 + "</x>" * 300
    assert refused(book(deep)) == "xml_deep"
    assert refused(book(around=deep)) == "xml_deep"
    assert refused(book(strings=f"<si><t>{'a' * 1_100_000}</t></si>")) == "xml_long"
    assert refused(book(around=f'<x a="{"a" * 1_100_000}"/>')) == "xml_long"
    long = grid('<row><c t="s"><v>0</v></c></row>', f"<si><t>{'a' * 900_000}</t></si>").at("表", 1, 1)
    assert isinstance(long.value, SheetError)  # more than a cell holds, yet no reason to refuse the workbook


@pytest.mark.parametrize("spoilt", ["<row>", "&undeclared;", "<row r='1' r='2'/>", "\x01", "]]>", "<a:b/>", "</row>"])
def test_xml_that_is_not_well_formed_is_refused_with_its_part(spoilt: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        open_form_workbook(book(f'<row r="1"><c r="A1"><v>1</v></c></row>\n{spoilt}'))
    assert refusal.value.key == "xml_broken" and "xl/worksheets/sheet1.xml" in refusal.value.reason


# ── parts ───────────────────────────────────────────────────────


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml",
                                  "_rels/.rels", "xl/_rels/workbook.xml.rels"])  # fmt: skip
def test_a_part_that_is_missing_is_never_read_as_an_empty_one(part: str) -> None:
    assert refused(book(**{part: None})) == "part_missing"


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/styles.xml", "xl/workbook.xml"]
)
@pytest.mark.parametrize("text", ["<html><body/></html>", f'<x xmlns="{MAIN}"/>', "<worksheet/>"])
def test_a_part_that_is_something_else_is_never_read_as_an_empty_one(part: str, text: str) -> None:
    assert refused(book(**{part: text})) == "part_strange"


def test_two_sheets_of_one_name_are_refused_where_they_are_ours_and_else_the_second_is_told() -> None:
    twice = str(parts()["xl/workbook.xml"]).replace("</sheets>", '<sheet name="表" sheetId="2" r:id="r1"/></sheets>')
    found = open_form_workbook(book(**{"xl/workbook.xml": twice}))
    assert list(found.sheets) == ["表"] and found.unread["表"].key == "sheets_twice"
    name = "<definedNames><definedName name='xl_year'>表!$A$1</definedName></definedNames></workbook>"
    assert refused(book(**{"xl/workbook.xml": twice.replace("</workbook>", name)})) == "sheets_twice"


def test_a_name_of_ours_with_two_meanings_leads_nowhere_and_any_other_keeps_its_first() -> None:
    for name, kept in (("a", "1"), ("xl_year", "")):
        one = f"<definedName name='{name}'>"
        names = f"<definedNames>{one}1</definedName>{one}2</definedName></definedNames>"
        assert open_form_workbook(book(head=names)).names[name] == kept


def test_two_main_parts_are_refused() -> None:
    assert refused(book(**{"_rels/.rels": links(("officeDocument", "xl/workbook.xml"), ("officeDocument", "b.xml"))})) == "part_links"  # fmt: skip


def test_the_strict_format_is_read_like_the_transitional_one() -> None:
    transitional = parts('<row r="2"><c r="B2" t="s" s="2"><v>0</v></c><c r="C2" s="2"><v>0.5</v></c></row>', "<si><t>甲</t></si>",
                         '<mergeCells><mergeCell ref="A5:B6"/></mergeCells>')  # fmt: skip
    strict = {
        name: str(text).replace(OFFICE, f"{STRICT}/officeDocument/relationships").replace(MAIN, f"{STRICT}/spreadsheetml/main")
        for name, text in transitional.items()
    }  # fmt: skip
    assert open_form_workbook(packed(made(strict))).cells == open_form_workbook(packed(made(transitional))).cells
    assert open_form_workbook(packed(made(strict))).sheets["表"].merges != ()
    assert open_form_workbook(packed(made(strict))).at("表", 2, 3).text == "50.0%"


def test_a_prefix_instead_of_the_default_namespace_is_the_same() -> None:
    sheet = f'<x:worksheet xmlns:x="{MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>7</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    assert open_form_workbook(book(**{"xl/worksheets/sheet1.xml": sheet})).at("表", 1, 1).value == Decimal(7)
    foreign = f'<worksheet xmlns="{MAIN}" xmlns:y="y"><sheetData><y:row><y:c><y:v>7</y:v></y:c></y:row></sheetData></worksheet>'
    assert open_form_workbook(book(**{"xl/worksheets/sheet1.xml": foreign})).sheets["表"].cells == {}


# ── cells ───────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("inside", "value", "text"),
    [
        ('<c r="B2"><v>1.5</v></c>', Decimal("1.5"), "1.5"), ('<c r="B2" t="n"><v> 1 </v></c>', Decimal(1), "1"),
        ('<c r="B2"><v>0.30000000000000004</v></c>', Decimal("0.3"), "0.3"), ('<c r="B2"><v>1E-7</v></c>', Decimal("1E-7"), "0.0000001"),
        ('<c r="B2" s="2"><v>0.985</v></c>', Decimal("0.985"), "98.5%"), ('<c r="B2"><v></v></c>', None, ""),
        ('<c r="B2" t="s"><v>0</v></c>', "甲", "甲"), ('<c r="B2" t="s"><v> 0 </v></c>', "甲", "甲"),
        ('<c r="B2" t="s"><v>1</v></c>', "乙丙", "乙丙"), ('<c r="B2" t="s"><v>2</v></c>', "漢", "漢"),
        ('<c r="B2" t="inlineStr"><is><t>丁</t></is></c>', "丁", "丁"),
        ('<c r="B2" t="inlineStr"><is><r><t>a</t></r><r><rPr><b/></rPr><t> b</t></r><rPh><t>x</t></rPh></is></c>', "a b", "a b"),
        ('<c r="B2" t="str"><f>A1</f><v>戊</v></c>', "戊", "戊"), ('<c r="B2" t="b"><v>1</v></c>', "TRUE", "TRUE"),
        ('<c r="B2" t="b"><v>0</v></c>', "FALSE", "FALSE"), ('<c r="B2" t="e"><v>#DIV/0!</v></c>', "#DIV/0!", "#DIV/0!"),
        ('<c r="B2" t="e"><v>#SPILL!</v></c>', "#SPILL!", "#SPILL!"),
        ('<c r="B2" t="d"><v>2024-12-31</v></c>', "2024年12月31日", "2024年12月31日"),
        ('<c r="B2"><v><![CDATA[12]]></v></c>', Decimal(12), "12"), ('<c r="B2"><v>1<!-- x -->2</v></c>', Decimal(12), "12"),
        ('<c r="B2"><v>1&#50;</v></c>', Decimal(12), "12"), ('<c r="B2"><v>1<?x y?>2</v></c>', Decimal(12), "12"),
        ('<c r="B2" t="str"><v>a_x000D_\nb</v></c>', "a\nb", "a\nb"), ('<c r="B2" t="str"><v>_x005F_x000D_</v></c>', "_x000D_", "_x000D_"),
        ('<c r="B2" t="str"><v>_xD83D__xDE00_ _xD83D_ _xFFFF_</v></c>', "😀 \ufffd \ufffd", "😀 \ufffd \ufffd"),
        ('<c r="B2" t="inlineStr"><is><t xml:space="preserve"> x </t></is></c>', " x ", " x "),
    ],
)  # fmt: skip
def test_a_value_is_read_as_people_see_it(inside: str, value: Any, text: str) -> None:
    strings = "<si><t>甲</t></si><si><r><t>乙</t></r><r><t>丙</t></r></si><si><t>漢</t><rPh sb='0' eb='1'><t>かん</t></rPh></si>"
    found = cell(inside, strings)
    assert (found.value, found.text) == (value, text)


@pytest.mark.parametrize(
    "inside",
    ['<c r="B2" t="s"><v>1</v></c>', '<c r="B2" t="s"><v>-1</v></c>', '<c r="B2" t="s"><v>1.5</v></c>',
     '<c r="B2" t="s"><v>99999999999999999999</v></c>', '<c r="B2" t="s"><v>abc</v></c>',
     '<c r="B2"><v>INF</v></c>', '<c r="B2"><v>NaN</v></c>', '<c r="B2"><v>1E999</v></c>', '<c r="B2"><v>abc</v></c>',
     '<c r="B2"><v>1_000</v></c>', '<c r="B2"><v>١</v></c>', '<c r="B2"><v>0x10</v></c>', '<c r="B2"><v>1,5</v></c>',
     '<c r="B2" s="99"><v>1</v></c>', '<c r="B2" s="-1"><v>1</v></c>', '<c r="B2" t="x"><v>1</v></c>',
     '<c r="B2" t="b"><v>2</v></c>', '<c r="B2" t="d"><v>someday</v></c>', '<c r="B2"><f>1+1</f></c>',
     '<c r="B2"><f t="shared" si="7"/><v>1</v></c>', '<c r="B2"><v>1</v></c><c r="B2"><v>1</v></c>',
     '<c r="B2" s="1"><v>60</v></c>', '<c r="B2" s="1"><v>0</v></c>', '<c r="B2" s="1"><v>-1</v></c>',
     '<c r="B2" s="1"><v>2958466</v></c>', f'<c r="B2" t="str"><v>{"a" * 32768}</v></c>'],
)  # fmt: skip
def test_what_cannot_be_read_for_certain_is_an_error_of_that_cell(inside: str) -> None:
    found = cell(inside, "<si><t>甲</t></si>")
    assert isinstance(found.value, SheetError)


@pytest.mark.parametrize(
    "reference", ["A0", "XFE1", "A1048577", "AAAA1", "1", "A", "a1", "$A$1", "A1:B2", "A2", "", "甲1"]
)
def test_a_reference_that_is_no_cell_of_its_row_is_refused(reference: str) -> None:
    assert refused(book(f'<row r="1"><c r="{reference}"><v>1</v></c></row>')) == "bad_reference"


@pytest.mark.parametrize("row", ["0", "-1", "1048577", "abc", "99999999999", "1.5"])
def test_a_row_that_is_none_is_refused(row: str) -> None:
    assert refused(book(f'<row r="{row}"><c><v>1</v></c></row>')) == "bad_reference"


@pytest.mark.parametrize(
    "rows",
    ["<c/>", "<row><row/></row>", "<row><c><c/></c></row>", "<row><c><v>1<x/>2</v></c></row>", "<v>1</v>",
     "<row><c><v>1</v><v>2</v></c></row>", "<row><c><f>1</f><f>2</f></c></row>", "<row><v>1</v></row>",
     "<row><c t='inlineStr'><is><t>a</t></is><v>1</v></c></row>", "</sheetData><sheetData>"],
)  # fmt: skip
def test_a_structure_that_could_be_read_in_two_ways_is_refused(rows: str) -> None:
    assert refused(book(rows)) == "part_strange"


def test_cells_come_in_any_order_and_without_references() -> None:
    found = grid(
        '<row r="5"><c r="C5"><v>53</v></c><c r="A5"><v>51</v></c></row><row r="2"><c r="B2" s="1"/><c><v>23</v></c></row>'
        "<row><c><v>31</v></c><c/><c><v>33</v></c></row><row r='9'/><row><c><v>101</v></c></row>"
    )  # fmt: skip
    values = {spot: int(fact.value) for spot, fact in found.sheets["表"].cells.items()}  # type: ignore[arg-type]
    assert values == {(5, 3): 53, (5, 1): 51, (2, 3): 23, (3, 1): 31, (3, 3): 33, (10, 1): 101}


def test_no_claim_of_size_is_believed() -> None:
    rows = '<row r="7" spans="1:1"><c r="D7" t="s"><v>0</v></c></row>'
    found = grid(rows, "<si><t>x</t></si>")  # the dimension says A1, the strings say that they are four milliards
    assert found.at("表", 7, 4).text == "x"


def test_1904_and_1900_count_their_days() -> None:
    def date(serial: str, style: int = 1, head: str = "") -> str:
        return cell(f'<c r="B2" s="{style}"><v>{serial}</v></c>', head=head).text

    assert [date(one) for one in ("1", "59", "61", "45657", "2958465")] == [
        "1900/1/1", "1900/2/28", "1900/3/1", "2024/12/31", "9999/12/31"]  # fmt: skip
    assert [date(one, head='<workbookPr date1904="1"/>') for one in ("0", "44195")] == [
        "1904/1/1",
        "2024/12/31",
    ]
    assert date("45657.5", 5) == "2024/12/31 12:00" and date("0.5", 6) == "12:00" and date("1.5", 4) == "36:00:00"


def test_shared_and_array_formulas_are_read_in_each_of_their_cells() -> None:
    rows = (
        '<row r="1"><c r="A1"><f t="shared" ref="A1:B3" si="0">C1*$D$1+SUM(E:E)+LOG10(2)&amp;"C1"+\'C1\'!C1</f><v>1</v></c>'
        '<c r="B1"><f t="shared" si="0"/><v>2</v></c></row><row r="2"><c r="A2"><f t="shared" si="0"/><v>3</v></c></row>'
        '<row r="3"><c r="A3"><f t="array" ref="A3:A5">B1:B3*2</f><v>3</v></c><c r="B3"><f t="shared" si="0"/></c></row>'
        '<row r="6"><c r="A6"><f t="shared" si="5"/><v>4</v></c></row><row r="7"><c r="A7"><f t="shared" ref="A6:A7" si="5">A1</f></c></row>'
    )  # fmt: skip
    found = grid(rows)
    assert found.at("表", 1, 2).formula == "D1*$D$1+SUM(F:F)+LOG10(2)&\"C1\"+'C1'!D1"
    assert found.at("表", 2, 1).formula == "C2*$D$1+SUM(E:E)+LOG10(2)&\"C1\"+'C1'!C2"
    assert (found.at("表", 3, 1).formula, found.at("表", 3, 1).array) == ("B1:B3*2", "A3:A5")
    assert not found.at("表", 3, 2).cached and found.at("表", 1, 2).cached
    assert found.at("表", 6, 1).formula == "#REF!"  # one row up from row 1


def test_cached_and_missing_results_are_told_apart() -> None:
    assert cell('<c r="B2" t="str"><f>A1</f><v></v></c>').cached
    assert cell('<c r="B2"><f>A1</f><v>0</v></c>').cached
    assert not cell('<c r="B2"><f>A1</f></c>').cached
    assert not cell('<c r="B2"><f>A1</f><v></v></c>').cached


def test_raised_letters_are_noted() -> None:
    strings = "<si><r><t>10</t></r><r><rPr><vertAlign val='superscript'/></rPr><t>2</t></r></si>"
    found = cell('<c r="B2" t="s"><v>0</v></c>', strings)
    assert found.text == "102" and found.raised
    assert not cell('<c r="B2" t="s"><v>0</v></c>', strings.replace("superscript", "baseline")).raised


def test_number_formats_of_differential_styles_are_not_those_of_cells() -> None:
    found = cell('<c r="B2" s="2"><v>0.5</v></c>')
    assert (found.number_format, found.locked) == ("0.0%", True)
    assert not cell('<c r="B2" s="3"><v>0.5</v></c>').locked


# ── around the cells ────────────────────────────────────────────


def test_what_is_said_around_the_cells_is_read() -> None:
    x14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
    around = f"""<sheetProtection sheet="1" password="CC1A" formatRows="0" selectLockedCells="1"/><autoFilter ref="A1:B2"/>
    <mergeCells><mergeCell ref="B2:C4"/></mergeCells>
    <conditionalFormatting sqref="A1:A3 C1"><cfRule type="expression" dxfId="0" priority="2"><formula>A1&gt;1</formula></cfRule>
    <cfRule type="cellIs" operator="between" priority="1"><formula>1</formula><formula>2</formula></cfRule></conditionalFormatting>
    <dataValidations><dataValidation type="list" allowBlank="1" showErrorMessage="1" sqref="D1 D3:D4"><formula1>"甲,乙"</formula1></dataValidation>
    <dataValidation type="whole" errorStyle="warning" showErrorMessage="1" sqref="E1"><formula1>1</formula1><formula2>9</formula2></dataValidation></dataValidations>
    <extLst><ext xmlns:x14="{x14}" xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:dataValidations>
    <x14:dataValidation type="list" showErrorMessage="1"><x14:formula1><xm:f>'别表'!$A$1:$A$3</xm:f></x14:formula1><xm:sqref>F1:F9</xm:sqref></x14:dataValidation>
    </x14:dataValidations><x14:conditionalFormattings><x14:conditionalFormatting><x14:cfRule type="expression" priority="3">
    <xm:f>F1=1</xm:f></x14:cfRule><xm:sqref>F1</xm:sqref></x14:conditionalFormatting></x14:conditionalFormattings></ext></extLst>"""
    rows = '<row r="1" hidden="1"/><row r="2" hidden="1"/><row r="3" hidden="0"/><row r="9" hidden="true"/>'
    content = book(rows, around=around)
    sheet = open_form_workbook(content).sheets["表"]
    assert [box.range for box in sheet.merges] == ["B2:C4"] and sheet.filtered
    assert sheet.hidden_rows == ((1, 2), (9, 9)) and sheet.row_hidden(2) and not sheet.row_hidden(3)
    assert sheet.protection is not None and sheet.protection.password
    assert sheet.protection.allowed == {"formatRows", "objects", "scenarios", "selectUnlockedCells"}
    found = [(" ".join(box.range for box in one.boxes), one.kind, one.operator, one.formulas, one.stops, one.extended)
             for one in sheet.validations]  # fmt: skip
    assert found == [
        ("D1 D3:D4", "list", "", ('"甲,乙"',), True, False), ("E1", "whole", "between", ("1", "9"), False, False),
        ("F1:F9", "list", "", ("'别表'!$A$1:$A$3",), True, True),
    ]  # fmt: skip
    formats = [
        (len(one.boxes), one.kind, one.operator, one.formulas, one.priority, one.extended)
        for one in sheet.conditional_formats
    ]
    assert formats == [
        (2, "expression", "", ("A1>1",), 2, False), (2, "cellIs", "between", ("1", "2"), 1, False),
        (1, "expression", "", ("F1=1",), 3, True),
    ]  # fmt: skip


def test_what_lies_on_a_sheet_is_read() -> None:
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    shape = "<xdr:sp><xdr:txBody><a:p><a:r><a:t>框里</a:t></a:r></a:p><a:p><a:r><a:t>两行</a:t></a:r></a:p></xdr:txBody></xdr:sp>"
    found: dict[str, str | bytes] = parts()
    found["xl/worksheets/_rels/sheet1.xml.rels"] = links(
        ("comments", "../comments1.xml"), ("drawing", "../drawings/drawing1.xml"), ("oleObject", "../embeddings/o.bin"),
        ("image", "../media/no.png"))  # fmt: skip
    found["xl/comments1.xml"] = (
        f'<comments xmlns="{MAIN}"><commentList><comment ref="B3"><text><r><t>批</t></r><r><t>注</t></r></text></comment></commentList></comments>'
    )
    found["xl/drawings/drawing1.xml"] = (
        f'<xdr:wsDr xmlns:xdr="{drawing}/spreadsheetDrawing" xmlns:a="{drawing}/main" xmlns:mc="http://schemas.openxmlformats.org/'
        f'markup-compatibility/2006"><mc:AlternateContent><mc:Choice Requires="x">{shape}</mc:Choice><mc:Fallback>{shape}<xdr:pic/>'
        f"</mc:Fallback></mc:AlternateContent><xdr:pic/><xdr:pic/></xdr:wsDr>"
    )
    sheet = open_form_workbook(packed(made(found))).sheets["表"]
    assert sheet.comments == {(3, 2): "批注"} and sheet.texts == ("框里\n两行",)
    assert (sheet.pictures, sheet.charts, sheet.embedded) == (2, 0, 1)


def test_texts_of_the_old_drawing_language_are_read_though_it_is_no_sound_xml() -> None:
    """Of text boxes, WordArt and check boxes; the boxes of notes only repeat their notes."""
    found: dict[str, str | bytes] = parts()
    found["xl/worksheets/_rels/sheet1.xml.rels"] = links(("vmlDrawing", "../drawings/vmlDrawing1.vml"))
    found["xl/drawings/vmlDrawing1.vml"] = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        "<v:shape><v:textbox><div><font>请财务\n 复核</font><br>第二行 &amp; 其他</div></v:textbox></v:shape>"
        "<v:shape><v:textbox><div>注</div></v:textbox><x:ClientData ObjectType='Note'><x:Row>1</x:Row></x:ClientData></v:shape>"
        "<v:shape><v:textpath string='艺术字'/></v:shape><v:shape><v:textbox><div></div></v:textbox></v:shape></xml>"
    )
    assert open_form_workbook(packed(made(found))).sheets["表"].texts == ("请财务 复核\n第二行 & 其他", "艺术字")


def test_what_is_said_about_the_workbook_is_read() -> None:
    head = (
        '<fileRecoveryPr repairLoad="1"/><workbookProtection lockStructure="1"/><calcPr calcMode="manual"/><definedNames>'
        "<definedName name='a'>表!$A$1</definedName><definedName name='b' localSheetId='0'>1</definedName></definedNames>"
    )
    found = parts(head=head)
    kinds = [("worksheet", "worksheets/sheet1.xml"), ("externalLink", "externalLinks/e1.xml"), ("revisionHeaders", "r.xml"),
             ("vbaProject", "vbaProject.bin")]  # fmt: skip
    found["xl/_rels/workbook.xml.rels"] = links(*kinds)
    found["xl/externalLinks/e1.xml"] = f'<externalLink xmlns="{MAIN}"/>'
    outside = links(("externalLinkPath", "别的.xlsx")).replace("/>", ' TargetMode="External"/>')
    found["xl/externalLinks/_rels/e1.xml.rels"] = outside
    found["[Content_Types].xml"] = str(found["[Content_Types].xml"]).replace(
        "vnd.openxmlformats-officedocument.spreadsheetml.sheet.main", "vnd.ms-excel.sheet.macroEnabled.main")  # fmt: skip
    grid = open_form_workbook(packed(made(found)))
    assert (grid.names, grid.sheet_names) == ({"a": "表!$A$1"}, {("表", "b"): "1"})
    assert (grid.repaired, grid.structure_locked, grid.manual, grid.shared, grid.macros) == (True,) * 5
    assert grid.external_links == ("别的.xlsx",) and grid.format == "xlsm" and grid.checkable


# ── cost ────────────────────────────────────────────────────────


def test_a_million_empty_rows_and_cells_leave_nothing() -> None:
    rows = "".join(f'<row r="{row}" s="1" customFormat="1" ht="15"/>' for row in range(1, 1_048_577))
    content = book(rows)
    assert open_form_workbook(content).sheets["表"].cells == {}
    styled = "".join(f'<row r="{row}">{"<c s=" + chr(34) + "1" + chr(34) + "/>"}</row>' for row in range(1, 50_000))
    assert open_form_workbook(book(styled)).sheets["表"].cells == {}


def test_a_cell_in_the_farthest_corner_costs_nothing() -> None:
    found = grid('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')
    assert list(found.sheets["表"].cells) == [(1_048_576, 16_384)]


def test_too_many_cells_or_merges_are_refused() -> None:
    small = Limits(cells=100, merges=10, strings=10)
    assert refused(book("<row>" + "<c><v>1</v></c>" * 101 + "</row>"), small) == "many_cells"
    merge = "<mergeCells>" + "".join(f'<mergeCell ref="A{row}:B{row}"/>' for row in range(1, 13)) + "</mergeCells>"
    assert refused(book(around=merge), small) == "many_merges"
    assert refused(book(around='<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>')) == "many_merges"
    assert refused(book(strings="<si/>" * 11), small) == "many_strings"


# ── what was learnt ─────────────────────────────────────────────

_LEARN = '<row r="1"><c r="A1"><f>B1+1</f><v>{}</v></c><c r="B1" t="s"><v>{}</v></c></row><row r="2" hidden="1"/>'


@pytest.mark.parametrize(
    "values",
    [("1", "0"), ("2", "1"), ("1e3", "0"), ("", ""), ("&#50;", "0"), ("&amp;", "0"), ("<![CDATA[3]]>", "0"), ("1<!-- -->2", "0"),
     ("1\r\n", "0"), ("\x01", "0"), ("]]>", "0"), ("\ue0ff0", "\ue0ff1"), ("</v><v>", "0"), ("甲", "0"), ("a" * 40_000, "0"),
     ("&apos;&quot;&lt;&gt;&amp;lt;", "0"), ("&amp;#50;", "0"), ("&am", "0"), ("&lt", "0"), ("1&#10;2", "0"), ("&APOS;", "0"),
     ("\x00", "0"), ("\ufffe", "0"), ("&undeclared;", "0"), ("<x/>", "0")],
)  # fmt: skip
def test_a_row_that_is_known_is_read_as_one_that_is_not(values: tuple[str, str]) -> None:
    strings = "<si><t>甲</t></si><si><t>乙</t></si>"
    known, other = (book(_LEARN.format(*pair), strings) for pair in (("7", "0"), values))
    assert facts(known) == facts_by_expat(known)  # now it is known
    assert facts(other) == facts_by_expat(other)


def test_bytes_that_are_no_text_are_not_healed_by_their_neighbours() -> None:
    known = book(_LEARN.format("7", "0"), "<si><t>甲</t></si>")
    assert facts(known) == facts_by_expat(known)
    sheet = str(parts(_LEARN.format("@", "%"))["xl/worksheets/sheet1.xml"]).encode()
    halves = sheet.replace(b"@", b"\xe7\x94").replace(b"%", b"\xb2")
    content = book(**{"xl/worksheets/sheet1.xml": halves})
    assert facts(content) == facts_by_expat(content) and refused(content) == "xml_broken"


@pytest.mark.parametrize(
    "rows",
    ['<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="B1"><v>2</v></c></row>',
     '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
     '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="B1"><v>2</v></c></row>',
     '<row r="1"><c r="A1"><v>1</v></c></row><!-- <sheetData> --><row r="2"><c><v>2</v></c></row>',
     '<row r="1"><c r="A1"><v>1</v></c></row><row><c><v>2</v></c></row>', '<row r="3"/><row r="4"><c><v>2</v></c><c><v>3</v></c></row>',
     '<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1</f><v>1</v></c></row><row r="2"><c r="A2"><f t="shared" si="0"/><v>2</v></c></row>',
     '<row r="1"><c r="A1"><v>1</v></c></row>\n  <row r="2"><c r="A2"><v>2</v></c></row>',
     '<row r="1"><c r="A1" t="inlineStr"><is><t>&#xe0ff;0</t></is></c><c r="B1"><v>5</v></c></row>',
     '<row r="1"><c r="A1"><v xml:space="preserve">1</v></c><c r="B1"><v>5</v></c></row>',
     '<row r="1" xmlns:q="q"><c r="A1"><v>1</v></c></row>', '<row r="1"><c r="A1" xmlns="q"><v>1</v></c></row>'],
)  # fmt: skip
def test_rows_of_every_shape_are_learnt_rightly_or_not_at_all(rows: str) -> None:
    for content in [book(rows)] * 2:
        assert facts(content) == facts_by_expat(content)


def test_what_is_remembered_has_an_end() -> None:
    with using(Templates(budget=20_000_000)) as owner:
        for number in range(120):
            open_form_workbook(book(f'<row r="1"><c r="A1"><f>"{"x" * 190_000}{number}"</f><v>1</v></c></row>'))
            assert owner.bytes_cached <= owner.budget
        assert owner.bytes_cached > 0
        for number in range(9):  # rows that are short but for what stands in them
            rows = "".join(
                f'<row r="{row}"><c r="A{row}" t="str"><v>{"x" * 30_000}</v></c></row>' for row in range(1, 100)
            )
            open_form_workbook(
                book(rows, **{"xl/workbook.xml": str(parts()["xl/workbook.xml"]).replace("表", f"表{number}")})
            )
            assert 0 < owner.bytes_cached <= owner.budget
        assert deep_size([value for value, _ in owner._cached.values()]) <= owner.budget


@pytest.mark.parametrize(
    ("values", "different"),
    [(("7", "0"), set()), (("8", "0"), set()), (("7", "1"), {(1, 2)}), (("", "1"), {(1, 2)}), (("7", "9"), {(1, 2)})],
)
def test_cells_that_differ_are_told_without_looking_at_results(
    values: tuple[str, str], different: set[tuple[int, int]]
) -> None:
    """Shared texts are compared as texts: their numbers differ from workbook to workbook."""
    one, other = "<si><t>甲</t></si><si><t>乙</t></si>", "<si><t>丙</t></si><si><t>甲</t></si>"
    issued = open_form_workbook(book(_LEARN.format("7", "0"), one)).sheets["表"].cells
    assert (
        set(candidate_differences(open_form_workbook(book(_LEARN.format(*values), one)).sheets["表"].cells, issued))
        == different
    )
    moved = open_form_workbook(book(_LEARN.format("7", "1"), other)).sheets["表"].cells
    assert set(candidate_differences(moved, issued)) == set()
    changed = open_form_workbook(book(_LEARN.format("7", "0").replace("B1+1", "B1+2"), one)).sheets["表"].cells
    assert (1, 1) in set(candidate_differences(changed, issued))


def test_other_styles_may_make_other_texts_of_the_same_figures() -> None:
    rows = '<row r="1"><c r="A1" s="0"><v>0.5</v></c></row>'
    styles = str(parts()["xl/styles.xml"])
    percent = styles.replace('numFmtId="0"', 'numFmtId="9"', 1)
    assert percent != styles
    one, other = (
        open_form_workbook(book(rows)).sheets["表"].cells,
        open_form_workbook(book(rows, **{"xl/styles.xml": percent})).sheets["表"].cells,
    )
    assert set(candidate_differences(one, other)) == {(1, 1)} and set(candidate_differences(one, one)) == set()
    plain, shown = (book(rows.replace('s="0"', f's="{style}"'), **{"xl/styles.xml": styles}) for style in (0, 1))
    assert set(
        candidate_differences(
            open_form_workbook(shown).sheets["表"].cells, open_form_workbook(plain).sheets["表"].cells
        )
    ) == {(1, 1)}


_CELLS = [
    "", '<c r="{}"/>', '<c r="{}" s="0"/>', '<c r="{}"><v>5</v></c>', '<c r="{}"><v>6</v></c>', '<c r="{}" t="b"><v>1</v></c>',
    '<c r="{}" t="s"><v>0</v></c>', '<c r="{}" t="s"><v>1</v></c>', '<c r="{}" t="s"><v>9</v></c>', '<c r="{}" t="str"><v>甲</v></c>',
    '<c r="{}" t="inlineStr"><is><t>甲</t></is></c>', '<c r="{}" t="inlineStr"><is><t>乙</t></is></c>',
    '<c r="{}"><f>B1+1</f><v>7</v></c>', '<c r="{}"><f>$B$1 + 1</f><v>8</v></c>', '<c r="{}"><f>B1+2</f><v>7</v></c>',
    '<c r="{}"><f t="array" ref="{}">B1+1</f><v>7</v></c>', '<c r="{}"><f t="shared" ref="{}" si="0">B1+1</f><v>7</v></c>',
]  # fmt: skip


def test_cells_of_any_two_rows_that_differ_are_told_whoever_wrote_them() -> None:
    """Twice each: what is found of two rows is remembered."""
    chance = random.Random(7)

    def cells() -> Mapping[Spot, CellFact]:
        row = "".join(chance.choice(_CELLS).replace("{}", f"{letter}1") for letter in "ABCDE")
        first, second = chance.choice(["甲乙", "乙甲"])
        strings = f"<si><t>{first}</t></si><si><t>{second}</t></si>"
        return open_form_workbook(book(f'<row r="1">{row}</row>', strings)).sheets["表"].cells

    def differ(one: CellFact, other: CellFact) -> bool:
        if one.formula or other.formula:
            return not same_formula(one.formula, other.formula)
        return one.text != other.text

    for _ in range(300):
        here, there = cells(), cells()
        wanted = {spot for spot in {*here, *there} if differ(here.get(spot, EMPTY), there.get(spot, EMPTY))}
        for _ in range(2):
            assert wanted <= set(candidate_differences(here, there))
            assert all(
                here[spot].formula for spot in candidate_differences(here, here)
            )  # one that is written out elsewhere
