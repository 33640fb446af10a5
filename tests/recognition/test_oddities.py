"""Forms of ours with what programs and people leave in the file: read as the base, and what is odd is said once."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from books import MAIN, OFFICE, PACKAGE
from breaking import parts_of, zipped
from contract import fill, result_of_workbook
from project import ROOT

from xltool.support import json_codec

Parts = dict[str, str]
Change = Callable[[Parts], None]


@cache
def base() -> bytes:
    """A completed form."""
    return fill(json_codec.loads((ROOT / "examples/form2.json").read_bytes())).content


def changed(change: Change, content: bytes | None = None) -> bytes:
    """The form after its parts were changed, the texts of the XML given as texts."""
    raw = parts_of(content or base())
    texts = {name: data.decode() for name, data in raw.items()}
    change(texts)
    return zipped({name: text.encode() for name, text in texts.items()})


def sheet_of(parts: Parts, title: str = "自评表") -> str:
    """The part of a sheet."""
    found = re.search(rf'<sheet name="{title}"[^>]* r:id="([^"]*)"', parts["xl/workbook.xml"])
    assert found
    target = re.search(rf'Id="{found[1]}"[^>]*Target="([^"]*)"', parts["xl/_rels/workbook.xml.rels"])
    assert target
    return "xl/" + target[1]


def with_cell(parts: Parts, spot: str, make: str, title: str = "自评表") -> None:
    """Write a cell anew, with the style it has: ``{}`` in ``make`` stands for its attributes."""
    name = sheet_of(parts, title)
    old = re.search(rf'<c r="{spot}"( s="\d+")?[^>]*?(?:/>|>.*?</c>)', parts[name])
    assert old, spot
    parts[name] = parts[name].replace(old[0], make.replace("{}", f'r="{spot}"{old[1] or ""}'))


def with_sheet(parts: Parts, title: str, xml: str, link: str = "rIdX") -> None:
    """A sheet of somebody else."""
    parts["xl/worksheets/sheet99.xml"] = xml
    kind = f'<Relationship Id="rIdX" Type="{OFFICE}/worksheet" Target="worksheets/sheet99.xml"/></Relationships>'
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace("</Relationships>", kind)
    one = f'<sheet name="{title}" sheetId="99" r:id="{link}"/></sheets>'
    parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("</sheets>", one)


def sheet(rows: str = "", around: str = "") -> str:
    return f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheetData>{rows}</sheetData>{around}</worksheet>'


def result(content: bytes) -> dict[str, Any]:
    return result_of_workbook(content, "form.xlsx")


@cache
def result_of_base() -> dict[str, Any]:
    return result(base())


def said(found: dict[str, Any]) -> set[tuple[str, str, str | None]]:
    return {(one["rule"], one["level"], one["cell"]) for one in found["findings"]}


def more(found: dict[str, Any]) -> list[dict[str, Any]]:
    """The findings that the form did not have before."""
    before = said(result_of_base())
    return [one for one in found["findings"] if (one["rule"], one["level"], one["cell"]) not in before]


def reads_as_the_base(content: bytes) -> list[dict[str, Any]]:
    """Whether a form is read as before; what is said besides."""
    found = result(content)
    assert found["record"] == result_of_base()["record"]
    assert said(result_of_base()) <= said(found)
    return more(found)


# ── texts and blanks ────────────────────────────────────────────


@pytest.mark.parametrize("tail", ["<si/>", "<si></si>", "<si ></si>", "<si/><si><t>x</t></si>", "<si><t/></si>",
                                  "<si><r><t>甲</t></r><rPh sb='0' eb='1'><t>jia</t></rPh></si>"])  # fmt: skip
@pytest.mark.parametrize("twice", [1, 2])
def test_an_empty_shared_text_is_one(tail: str, twice: int) -> None:
    def change(parts: Parts) -> None:
        parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace("</sst>", tail + "</sst>")

    for _ in range(twice):
        assert reads_as_the_base(changed(change)) == []


def test_an_empty_shared_text_among_the_others_shifts_none_of_them() -> None:
    def change(parts: Parts) -> None:
        first, *rest = parts["xl/sharedStrings.xml"].split("<si>")
        parts["xl/sharedStrings.xml"] = "<si>".join([first, *rest[:2]]) + "<si/><si>" + "<si>".join(rest[2:])
        for name in [one for one in parts if one.startswith("xl/worksheets/sheet")]:
            parts[name] = re.sub(
                r'(t="s"><v>)(\d+)(</v>)', lambda m: m[1] + str(int(m[2]) + (int(m[2]) > 1)) + m[3], parts[name]
            )

    assert reads_as_the_base(changed(change)) == []


@pytest.mark.parametrize("blank", ['t="s"><v></v></c>', 't="s"><v/></c>', 't="s"><v> </v></c>', 't="str"><v/></c>',
                                   't="str"><v></v></c>', 't="inlineStr"><is><t></t></is></c>', 't="inlineStr"><is/></c>',
                                   't="n"><v/></c>', "><v></v></c>", 't="b"><v/></c>', 't="e"><v/></c>', 't="d"><v></v></c>',
                                   't="inlineStr"><is><t>\u200e</t></is></c>', 't="inlineStr"><is><t>\u3164 </t></is></c>'])  # fmt: skip
def test_a_blank_cell_with_a_type_and_an_empty_value_is_blank(blank: str) -> None:
    def change(parts: Parts) -> None:
        name = sheet_of(parts)
        parts[name] = re.sub(r'<c (r="[A-I]\d+" s="\d+")/>', rf"<c \1 {blank}".replace("\\", "\\"), parts[name])

    content = changed(change)
    assert content != base()
    assert [one for one in reads_as_the_base(content) if one["level"] != "info"] == []


# ── pictures, and texts that became formulas ────────────────────

PICTURES = [
    '<c {} t="str"><f>_xlfn.DISPIMG("ID_0A",1)</f><v>=DISPIMG("ID_0A",1)</v></c>', '<c {} t="e"><f>DISPIMG("ID_0A",1)</f><v>#NAME?</v></c>',
    '<c {}><f>_xlfn.DISPIMG("ID_0A",1)</f></c>', '<c {} t="inlineStr"><is><t>=DISPIMG("ID_0A",1)</t></is></c>',
    '<c {} t="e" vm="1"><v>#VALUE!</v></c>', '<c {} t="e" vm="1"><f>_xlfn.IMAGE("https://a.cn/1.png")</f><v>#VALUE!</v></c>',
]  # fmt: skip


@pytest.mark.parametrize("cell", PICTURES)
def test_a_picture_in_a_cell_is_told_and_counts_as_blank(cell: str) -> None:
    spot = "F13"

    def change(parts: Parts) -> None:
        with_cell(parts, spot, cell.replace('"ID_0A"', "&quot;ID_0A&quot;"))

    found = result(changed(change))
    assert found["record"]["indicators"][0]["actual"] is None
    [told] = [one for one in more(found) if one["rule"] == "P04"]
    assert "图片" in told["message"] and told["cell"] == f"自评表!{spot}"
    assert any(one["cell"] == spot for one in found["reading"]["unplaced"])
    assert not any("公式" in one["message"] for one in more(found))


def places(found: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Rule, level and cell of every place with an error or a warning."""
    each = ((one, place) for one in found["findings"] for place in one.get("places") or [one])
    return [(one["rule"], one["level"], place["cell"]) for one, place in each if one["level"] != "info"]


@pytest.mark.parametrize("spots", [["D13"], ["F13"], ["H13"], ["E7"], ["C3"], ["F13", "F14"], ["D13", "E14", "E7"]])
def test_a_picture_gives_one_finding_as_serious_as_the_blank_it_counts_as(spots: list[str]) -> None:
    def put(make: str) -> Change:
        return lambda parts: [with_cell(parts, spot, make) for spot in spots] and None

    blank, picture = result(changed(put("<c {}/>"))), result(changed(put(PICTURES[-1].replace('"', "'"))))
    cells = {f"自评表!{spot}" for spot in spots}
    errors = {cell for _, level, cell in places(blank) if level == "error"} & cells
    at_pictures = [place for place in places(picture) if place[2] in cells]
    assert sorted(at_pictures) == sorted(("P04", "error" if errors else "warning", cell) for cell in cells)
    assert [one for one in places(picture) if one[2] not in cells] == [
        one for one in places(blank) if one[2] not in cells
    ]


@pytest.mark.parametrize(
    ("spot", "typed", "rule"),
    [("F6", '<c {} t="inlineStr"><is><t>abc</t></is></c>', "P03"), ("F6", "<c {}><v>-3</v></c>", "F02"),
     ("I6", "<c {}><v>99</v></c>", "F06"), ("H6", '<c {} t="inlineStr"><is><t>abc</t></is></c>', "F05")],
)  # fmt: skip
def test_a_computed_cell_that_was_typed_over_has_one_error(spot: str, typed: str, rule: str) -> None:
    found = result(changed(lambda parts: with_cell(parts, spot, typed)))
    at_spot = [one for one in places(found) if one[1] == "error" and one[2] == f"自评表!{spot}"]
    assert at_spot == [(rule, "error", f"自评表!{spot}")]


def test_a_negative_source_is_said_where_it_stands_and_not_of_the_sum_again() -> None:
    found = result(changed(lambda parts: with_cell(parts, "F7", "<c {}><v>-5</v></c>")))
    assert [cell for rule, _, cell in places(found) if rule == "F01"] == ["自评表!F7"]


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("-完成58批", "-完成58批"),
        ("+新增3项", "+新增3项"),
        ("完成", "=完成"),
        ("-A类3个", "-A类3个"),
        ("-完成&quot;好&quot;", '-完成"好"'),
    ],
)
@pytest.mark.parametrize("value", ['t="e"><f>{}</f><v>#NAME?</v></c>', "><f>{}</f></c>"])
def test_a_text_that_became_a_formula_is_quoted_as_it_was_typed(formula: str, text: str, value: str) -> None:
    def change(parts: Parts) -> None:
        with_cell(parts, "F13", "<c {} " + value.replace("{}", formula))

    found = result(changed(change))
    assert found["record"]["indicators"][0]["actual"] == text
    [told] = [one for one in more(found) if one["cell"] == "自评表!F13" and one["level"] == "error"]
    assert text in told["message"] and "单引号" in told["fix"]


@pytest.mark.parametrize("formula", ["SUM($A$1:A2)", "SUM(A:A)", "1/0", "B2*2", "'一 表'!B2", "合计"])
def test_a_formula_that_is_one_is_no_text(formula: str) -> None:
    def change(parts: Parts) -> None:
        with_cell(parts, "F13", f'<c {{}} t="e"><f>{formula}</f><v>#VALUE!</v></c>')
        named = "<definedName name='合计'>自评表!$H$43</definedName></definedNames>"
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("</definedNames>", named)

    found = result(changed(change))
    assert found["record"]["indicators"][0]["actual"] is None
    assert not any("单引号" in one["fix"] for one in more(found))


# ── what is none of ours ────────────────────────────────────────

FOREIGN = {
    "no id": ("<x/>", ""),
    "an id that is none": (sheet(), "rId404"),
    "another root": ("<html/>", "rIdX"),
    "not well formed": ("<worksheet", "rIdX"),
    "no part": ("", "rIdX"),
    "a cell that is none": (sheet('<row r="1"><c r="1A"><v>1</v></c></row>'), "rIdX"),
    "an encoding": ("<?xml version='1.0' encoding='gb2312'?>" + sheet(), "rIdX"),
    "a merged column": (sheet("", '<mergeCells><mergeCell ref="A:A"/></mergeCells>'), "rIdX"),
    "half a merge": (sheet("", '<mergeCells><mergeCell ref="#REF!"/><mergeCell/></mergeCells>'), "rIdX"),
}


@pytest.mark.parametrize("kind", FOREIGN)
@pytest.mark.parametrize("title", ["台账", "附件2"])
def test_a_sheet_that_is_none_of_ours_refuses_nothing_and_is_told_once(kind: str, title: str) -> None:
    xml, link = FOREIGN[kind]

    def change(parts: Parts) -> None:
        with_sheet(parts, title, xml, link)
        if not xml:
            del parts["xl/worksheets/sheet99.xml"]

    [told] = reads_as_the_base(changed(change))
    assert (told["rule"], told["level"]) == ("P04", "info") and title in told["message"]


def test_the_same_oddity_of_the_forms_own_sheet_is_never_passed_over() -> None:
    def broken(parts: Parts) -> None:
        parts[sheet_of(parts)] = "<worksheet"

    assert result(changed(broken))["status"] == "unreadable"

    def merged(parts: Parts) -> None:
        name = sheet_of(parts)
        parts[name] = re.sub(r"(<mergeCells[^>]*>)", r'\1<mergeCell ref="A:A"/>', parts[name])

    [told] = reads_as_the_base(changed(merged))
    assert (told["rule"], told["level"]) == ("P04", "info") and "A:A" in told["message"]


def test_a_document_type_is_refused_wherever_it_stands() -> None:
    def change(parts: Parts) -> None:
        with_sheet(parts, "台账", '<!DOCTYPE a [<!ENTITY b "c">]>' + sheet())

    assert result(changed(change))["status"] == "unreadable"


@pytest.mark.parametrize(
    "part", ["docProps/app.xml", "docProps/custom.xml", "docProps/core.xml", "xl/theme/theme1.xml"]
)
@pytest.mark.parametrize("text", ["<broken", "", "<other/>"])
def test_parts_beside_the_sheets_refuse_nothing(part: str, text: str) -> None:
    def change(parts: Parts) -> None:
        if part in parts:
            parts[part] = text

    found = reads_as_the_base(changed(change))
    assert {one["level"] for one in found} <= {"info"}


def test_names_of_others_refuse_nothing_whatever_they_lead_to() -> None:
    names = (
        "<definedName name='a'>#REF!</definedName><definedName name='a'>1</definedName><definedName>x</definedName>"
        "<definedName name='b' localSheetId='99'>[3]台账!$A$1</definedName><definedName name='c' localSheetId='x'>1</definedName>"
        "<definedName name='_xlnm._FilterDatabase' localSheetId='1' hidden='1'>#REF!</definedName>"
        "<definedName name='c' hidden='1'>'[别的.xlsx]表'!$B$2</definedName>"
    )

    def change(parts: Parts) -> None:
        parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace("</definedNames>", names + "</definedNames>")

    assert reads_as_the_base(changed(change)) == []


def test_relationships_to_nowhere_refuse_nothing_where_nobody_needs_them() -> None:
    def change(parts: Parts) -> None:
        rels = "xl/_rels/workbook.xml.rels"
        more = "".join(
            f'<Relationship Id="q{kind}" Type="{OFFICE}/{kind}" Target="{target}"/>'
            for kind, target in (
                ("calcChain", "calcChain.xml"),
                ("theme", "../nowhere.xml"),
                ("externalLink", "gone.xml"),
                ("pivotCacheDefinition", "/xl/p.xml"),
                ("chartsheet", "chartsheets/sheet1.xml"),
            )
        )
        parts[rels] = parts[rels].replace("</Relationships>", more + "</Relationships>")
        parts["xl/externalLinks/_rels/e.xml.rels"] = "<broken"
        parts["xl/_rels/externalLink1.xml.rels"] = f'<Relationships xmlns="{PACKAGE}/relationships"/>'

    assert [one for one in reads_as_the_base(changed(change)) if one["level"] != "info"] == []


def test_comments_that_cannot_be_read_are_told_and_the_form_is_read() -> None:
    def change(parts: Parts) -> None:
        name = sheet_of(parts).rpartition("/")[2]
        parts[f"xl/worksheets/_rels/{name}.rels"] = (
            f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="c" Type="{OFFICE}/comments" '
            'Target="../comments9.xml"/></Relationships>'
        )
        parts["xl/comments9.xml"] = "<comments"

    found = reads_as_the_base(changed(change))
    assert any("comments9" in one["message"] and one["level"] == "info" for one in found)


# ── large sheets of others ──────────────────────────────────────


def test_a_large_sheet_of_others_is_named_and_not_read() -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="B{n}" t="str"><v>x</v></c></row>' for n in range(1, 30_000)
    )

    def change(parts: Parts) -> None:
        with_sheet(parts, "台账", sheet(rows))

    [told] = reads_as_the_base(changed(change))
    assert told["level"] == "info" and "台账" in told["message"]
    assert result(changed(change))["reading"]["unplaced"] == []


# ── rows of nothing ─────────────────────────────────────────────


@pytest.mark.parametrize(
    "word",
    ["无", "不涉及", "——", "—", "/", "\\", "-", "无。", "N/A", "不适用", "0", "暂无", "此项不涉及", "无此项", "／"],
)
@pytest.mark.parametrize("number", ["", "<v>0</v>"])
def test_a_row_of_placeholders_is_no_indicator(word: str, number: str) -> None:
    row = _blank_row()

    def change(parts: Parts) -> None:
        for column in "DEF":
            with_cell(parts, f"{column}{row}", f'<c {{}} t="inlineStr"><is><t>{word}</t></is></c>')
        for column in "GH":
            with_cell(parts, f"{column}{row}", f"<c {{}}>{number}</c>")

    assert reads_as_the_base(changed(change)) == []


def test_a_row_that_says_anything_stays_an_indicator() -> None:
    row = _blank_row()

    def change(parts: Parts) -> None:
        for column, text in (("D", "无障碍设施"), ("E", "无"), ("F", "无")):
            with_cell(parts, f"{column}{row}", f'<c {{}} t="inlineStr"><is><t>{text}</t></is></c>')

    assert len(result(changed(change))["record"]["indicators"]) == len(result(base())["record"]["indicators"]) + 1


def _blank_row() -> int:
    """A row of the indicators in which nothing stands."""
    parts = {name: data.decode() for name, data in parts_of(base()).items()}
    return next(row for row in range(13, 43) if re.search(rf'<c r="D{row}" s="\d+"/>', parts[sheet_of(parts)]))


# ── letters that look like others ───────────────────────────────

LOOK_ALIKE = [
    "\u200b项目",
    "项\u00ad目",
    "\u202a项目\u202c",
    "项\u00a0目",
    "项⽬",
    "\ufeff项目",
    "项\u2063目",
    "项\u2005目",
]


@pytest.mark.parametrize("text", LOOK_ALIKE)
def test_labels_and_names_are_compared_as_they_look(text: str) -> None:
    from xltool.recognition.labels import label_key
    from xltool.roster.columns import normalise_key

    assert label_key(text) == label_key("项目") and normalise_key(text) == normalise_key("项目")


def test_radicals_are_the_characters_they_look_like() -> None:
    from xltool.language.texts import fold_width

    assert fold_width("⻔⻓⻅⻋⻢⻰⻬⻘⺠⼈⾯㈱ＡＢ") == "门长见车马龙齐青民人面(株)AB"


# ── names, labels and neighbours ────────────────────────────────


def with_name(parts: Parts, name: str, meaning: str | None) -> None:
    """Let a name lead elsewhere; None takes it away."""
    pattern = rf'<definedName name="{name}"[^>]*>[^<]*</definedName>'
    assert re.search(pattern, parts["xl/workbook.xml"]), name
    new = "" if meaning is None else f'<definedName name="{name}">{meaning}</definedName>'
    parts["xl/workbook.xml"] = re.sub(pattern, lambda _: new, parts["xl/workbook.xml"])


def names_of(content: bytes) -> list[str]:
    found = re.findall(r'<definedName name="(xl_[^"]*)"', parts_of(content)["xl/workbook.xml"].decode())
    return [name for name in found if name != "xl_stamp"]


BROKEN = ["#REF!", "'自评表'!#REF!", "[1]自评表!$C$3", "'没有的表'!$C$3", "1", None]


@pytest.mark.parametrize("number", range(6))
def test_every_name_may_be_broken_where_its_cell_stands(number: int) -> None:
    for turn, name in enumerate(names_of(base())):
        if turn % 6 == number:

            def change(parts: Parts, name: str = name, meaning: str | None = BROKEN[turn // 6 % len(BROKEN)]) -> None:
                with_name(parts, name, meaning)

            [told] = reads_as_the_base(changed(change))
            assert (told["rule"], told["level"]) == ("P04", "info") and name in told["message"], name


@pytest.mark.parametrize("which", ["xl_funds_fiscal", "xl_project", "xl_goal", "xl_total", "xl_funds_total", "xl_indicators",
                                   "xl_explain", "xl_year", "xl_indicators_so", "xl_indicators_s", "xl_indicators_q"])  # fmt: skip
def test_all_names_of_a_row_or_a_block_may_be_broken(which: str) -> None:
    def change(parts: Parts) -> None:
        for name in names_of(base()):
            if name.startswith(which):
                with_name(parts, name, "#REF!")

    assert {one["level"] for one in reads_as_the_base(changed(change))} == {"info"}


def test_a_name_that_leads_to_another_sheet_is_no_reason_to_read_there() -> None:
    def change(parts: Parts) -> None:
        with_name(parts, "xl_project_unit", "'自检'!$B$2")

    found = result(changed(change))
    assert found["record"]["project"] == result(base())["record"]["project"]
    [told] = [one for one in more(found) if one["rule"] == "P04"]
    assert told["level"] == "error" and "自检!B2" in told["message"]


def test_an_amount_that_was_dragged_to_another_row_is_never_filed_under_its_old_name() -> None:
    """What Excel does: the name moves along, the name of the cell below breaks, formulas follow."""

    def change(parts: Parts) -> None:
        name = sheet_of(parts)
        value = re.search(r'<c r="F7"[^>]*>(<v>.*?</v>)</c>', parts[name])
        assert value
        with_cell(parts, "F8", "<c {}>" + value[1] + "</c>")
        with_cell(parts, "F7", "<c {}/>")
        with_name(parts, "xl_funds_fiscal_executed", "'自评表'!$F$8")
        with_name(parts, "xl_funds_carryover_executed", "#REF!")

    before, found = result(base())["record"]["funds"], result(changed(change))
    rows = {row["source"]: row for row in found["record"]["funds"]}
    assert rows["fiscal"]["executed"] is None
    assert rows["carryover"]["executed"] == next(row for row in before if row["source"] == "fiscal")["executed"]
    [told] = [one for one in more(found) if "F8" in one["message"] and one["rule"] == "P04"]
    assert told["level"] == "error" and told["cell"] == "自评表!F7" and found["status"] == "returned"


def test_a_text_that_was_dragged_into_another_line_is_told() -> None:
    def change(parts: Parts) -> None:
        with_name(parts, "xl_project_department", "'自评表'!$G$4:$I$4")
        with_name(parts, "xl_project_unit", "#REF!")

    found = result(changed(change))
    assert found["record"]["project"] == result(base())["record"]["project"]
    assert [one["level"] for one in more(found) if one["rule"] == "P04"] == ["error", "info"]


def test_a_copy_of_the_sheet_whose_original_was_deleted_is_read_by_its_own_names() -> None:
    def change(parts: Parts) -> None:
        book = parts["xl/workbook.xml"].replace('name="自评表"', 'name="自评表 (2)"')
        number = re.findall(r'<sheet name="([^"]*)"', book).index("自评表 (2)")
        for name, meaning in re.findall(r"<definedName name=\"(xl_[^\"]*)\">('自评表'![^<]*)</definedName>", book):
            local = meaning.replace("'自评表'", "'自评表 (2)'")
            book = book.replace(
                f'<definedName name="{name}">{meaning}</definedName>',
                f'<definedName name="{name}">#REF!</definedName>'
                f'<definedName name="{name}" localSheetId="{number}">{local}</definedName>',
            )
        parts["xl/workbook.xml"] = book

    found = result(changed(change))
    assert found["record"] == result(base())["record"] and found["reading"]["anchor"] != "labels"
    assert not [one for one in more(found) if one["level"] == "error"]


# ── heads with notes ────────────────────────────────────────────


@pytest.mark.parametrize(
    "note",
    [
        "{}（注2）",
        "{}①",
        "{}（权重）",
        "{}*",
        "{}²",
        "*{}",
        "{}＊",
        "{}[1]",
        "{}【必填】",
        "{} 注1",
        "{}（见填表说明）※",
    ],
)
def test_a_head_with_a_note_is_the_head_that_it_is(note: str) -> None:
    from xltool.form.loading import load_form
    from xltool.recognition.labels import label_meaning, vocabulary

    words = vocabulary(load_form("shanghai-2020/1"))
    for text, name in (("年度指标值", "target"), ("实际完成值", "actual"), ("分值", "weight"), ("得分", "score")):
        assert label_meaning(note.format(text), words.heads["indicators"]) == name
    assert label_meaning(note.format("全年执行数"), words.heads["funds"]) == "executed"
    assert label_meaning(note.format("得分率"), words.heads["indicators"]) is None
    assert label_meaning("其他资金（上级补助）", words.rows["funds"]) is None


# ── much that nobody asks for ───────────────────────────────────


def test_texts_of_a_large_sheet_cost_the_form_nothing_and_are_not_mixed_up() -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>{{}}</v></c></row>' for n in range(1, 40_000))

    def change(parts: Parts) -> None:
        strings = "xl/sharedStrings.xml"
        number = parts[strings].count("<si>")
        many = "".join(f"<si><t>凭证摘要第 {n} 号，材料款</t></si>" for n in range(40_000))
        parts[strings] = parts[strings].replace("</sst>", many + "</sst>")
        with_sheet(parts, "台账", sheet(rows.replace("{}", str(number + 7))))

    [told] = reads_as_the_base(changed(change))
    assert told["level"] == "info" and "台账" in told["message"]


@pytest.mark.parametrize("last", [3_000, 30_000])
def test_a_form_on_a_large_sheet_without_a_stamp_is_read_to_its_end(last: int) -> None:
    """Values pasted into a sheet of one's own, far below which something else stands."""

    def change(parts: Parts) -> None:
        parts["xl/workbook.xml"] = re.sub(r"<definedNames>.*</definedNames>", "", parts["xl/workbook.xml"], flags=re.S)
        parts.pop("docProps/custom.xml", None)
        parts["_rels/.rels"] = re.sub(r'<Relationship [^>]*custom-properties"[^>]*/>', "", parts["_rels/.rels"])
        with_cell(parts, "A1", '<c {} t="str"><v>x</v></c>', "_xltool")
        name = sheet_of(parts)
        far = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="B{n}"><v>2</v></c></row>' for n in range(100, last))
        parts[name] = parts[name].replace("</sheetData>", far + "</sheetData>")

    found = result(changed(change))
    assert found["record"]["indicators"] == result(base())["record"]["indicators"]
    assert found["record"]["funds"] == result(base())["record"]["funds"]


@pytest.mark.parametrize("kind", ["theme", "calcChain", "worksheet", "sharedStrings"])
def test_two_relationships_under_one_id_are_refused_only_where_the_form_hangs_on_them(kind: str) -> None:
    def change(parts: Parts) -> None:
        rels = "xl/_rels/workbook.xml.rels"
        more = "".join(
            f'<Relationship Id="d" Type="{OFFICE}/{kind}" Target="{target}"/>' for target in ("a.xml", "b.xml")
        )
        parts[rels] = parts[rels].replace("</Relationships>", more + "</Relationships>")

    if kind in ("worksheet", "sharedStrings"):
        assert result(changed(change))["status"] == "unreadable"
    else:
        assert reads_as_the_base(changed(change)) == []


# ── stored results that are not the right ones ──────────────────


def with_result(parts: Parts, spot: str, shown: str, title: str = "自评表") -> None:
    """Replace the stored result of a formula."""
    name = sheet_of(parts, title)
    old = re.search(rf'(<c r="{spot}"[^>]*><f>[^<]*</f>)<v>[^<]*</v>', parts[name])
    assert old, spot
    parts[name] = parts[name].replace(old[0], f"{old[1]}<v>{shown}</v>")


@pytest.mark.parametrize("typed", ["20分", "20", "２０"])
def test_a_number_typed_as_text_that_the_formulas_leave_out_is_one_finding(typed: str) -> None:
    def change(parts: Parts) -> None:
        with_cell(parts, "H13", f'<c {{}} t="inlineStr"><is><t>{typed}</t></is></c>')
        with_result(parts, "H43", "73.4")
        with_result(parts, "C4", "中", "自检")

    found = result(changed(change))
    [finding] = [one for one in more(found) if one["level"] != "info"]
    assert (finding["rule"], finding["level"], finding["cell"], finding["actor"]) == (
        "P05",
        "warning",
        "自评表!H13",
        "unit",
    )
    assert "73.4" in finding["message"] and "93.4" in finding["message"] and "只填数字" in finding["fix"]
    assert str(found["record"]["total"]["score"]) == "93.4" and found["record"]["grade"] == "优"


def test_results_that_a_program_did_not_renew_are_one_finding_with_all_its_places() -> None:
    def change(parts: Parts) -> None:
        with_cell(parts, "H13", '<c {} t="inlineStr"><is><t>20分</t></is></c>')
        with_result(parts, "H43", "70")  # not what the formulas give, with or without the text
        with_result(parts, "C4", "中", "自检")

    [finding] = [one for one in more(result(changed(change))) if one["level"] != "info"]
    assert (finding["rule"], finding["actor"]) == ("P05", "nobody")
    assert [place["cell"] for place in finding["places"]] == ["自评表!H43", "自检!C4"]
