"""The template is the official form: laid out, locked, guarded, stamped, and the same bytes every time."""

from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import libreoffice
import openpyxl
import pytest
from contract import fill
from project import ROOT

from xltool.form.answers import Answers
from xltool.form.capacities import parse_capacities
from xltool.form.references import all_references
from xltool.rules.loading import load_catalogue
from xltool.support import json_codec
from xltool.write.workbook import build

REFERENCES = all_references()


def blank(reference: str = "shanghai-2020/1", rows: list[str] | None = None) -> bytes:
    catalogue = load_catalogue(reference)
    return build(catalogue, Answers(catalogue.layout(parse_capacities(catalogue.form, rows or [])), {}))


@pytest.fixture(scope="module")
def book() -> Any:
    return openpyxl.load_workbook(io.BytesIO(blank()))


def test_the_sheets_stand_in_order_and_the_helpers_are_hidden(book: Any) -> None:
    assert book.sheetnames == ["填报说明", "自评表", "自检", "_lists", "_check", "_xltool"]
    assert [sheet.sheet_state for sheet in book] == ["visible"] * 3 + ["veryHidden"] * 3
    assert book.active.title == "自评表"


def test_the_form_stands_row_for_row_and_merge_for_merge(book: Any) -> None:
    sheet = book["自评表"]
    printed = [
        ("A1", "财政项目支出绩效自评表"), ("A3", "项目名称"), ("A4", "主管部门"), ("F4", "实施单位"), ("A5", "项目资金\n（元）"),
        ("D5", "年初预算数"), ("E5", "全年预算数"), ("F5", "全年执行数"), ("G5", "分值"), ("H5", "执行率"), ("I5", "得分"),
        ("C6", "年度资金总额"), ("C7", "其中：当年财政拨款"), ("C8", "上年结转资金"), ("C9", "其他资金"),
        ("G6", 10), ("G7", "—"), ("A10", "年度总体目标"), ("B10", "预算目标"), ("F10", "实际完成情况"),
        ("A12", "绩效指标"), ("B12", "一级指标"), ("C12", "二级指标"), ("D12", "三级指标"), ("E12", "年度\n指标值"),
        ("F12", "实际\n完成值"), ("G12", "分值"), ("H12", "得分"), ("I12", "偏差原因分析及\n改进措施"),
        ("B13", "产出指标"), ("C13", "数量指标"), ("C19", "质量指标"), ("C23", "时效指标"), ("C26", "成本指标"),
        ("B29", "效益指标"), ("C29", "经济效益指标"), ("C31", "社会效益指标"), ("C34", "生态效益指标"), ("C36", "可持续影响指标"),
        ("B40", "满意度指标"), ("C40", "服务对象满意度指标"), ("A43", "总分"),
    ]  # fmt: skip
    assert [(cell, sheet[cell].value) for cell, _ in printed] == printed
    merges = {str(one) for one in sheet.merged_cells.ranges}
    wanted = "A1:I1 A2:I2 A3:B3 C3:I3 A4:B4 C4:E4 G4:I4 A5:B9 A10:A11 B10:E10 F10:I10 B11:E11 F11:I11 A12:A42"
    wanted += " B13:B28 C13:C18 C19:C22 C23:C25 C26:C28 B29:B39 C29:C30 C31:C33 C34:C35 C36:C39 B40:B42 C40:C42 A43:F43"
    assert merges == set(wanted.split())


def test_the_national_form_differs_where_its_definition_says_so() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(blank("mof-2020/1")))["自评表"]
    assert (sheet["A1"].value, sheet["A5"].value, sheet["B10"].value) == (
        "项目支出绩效自评表",
        "项目资金\n（万元）",
        "预期目标",
    )


def test_rows_of_a_group_can_be_chosen() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(blank(rows=["数量指标=8", "cost=1"])))["自评表"]
    assert "C13:C20" in {str(one) for one in sheet.merged_cells.ranges}
    assert sheet["C28"].value == "成本指标" and sheet["B29"].value == "效益指标"


@pytest.mark.parametrize("reference", REFERENCES)
def test_inputs_are_open_and_tinted_and_all_else_is_locked(reference: str) -> None:
    catalogue = load_catalogue(reference)
    layout = catalogue.layout()
    sheet = openpyxl.load_workbook(io.BytesIO(blank(reference)))["自评表"]
    assert sheet.protection.sheet and not sheet.protection.autoFilter and not sheet.protection.formatRows
    opened = {cell.coordinate for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    expected = {layout.box(place).first for place in layout.input_places}
    boxes = [layout.box(place).range for place in layout.input_places]
    merged = {cell.coordinate for box in boxes if ":" in box for row in sheet[box] for cell in row}
    assert expected <= opened and opened - expected <= merged
    assert {sheet[cell].fill.fgColor.rgb for cell in expected} == {"FFFFF9E3"}
    assert all(not layout.is_input(place) for place in catalogue.form.computed_cells)


def test_the_panel_lets_explanations_be_typed_beside_what_may_be_explained(book: Any) -> None:
    sheet = book["自检"]
    opened = {sheet.cell(cell.row, 1).value for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert opened == set(load_catalogue("shanghai-2020/1").explainable)


def test_every_limit_has_its_prompt_its_error_text_and_its_twin(book: Any) -> None:
    sheet = book["自评表"]
    limits = {str(cell): one for one in sheet.data_validations.dataValidation for cell in str(one.sqref).split()}
    layout = load_catalogue("shanghai-2020/1").layout()
    assert set(limits) == {layout.box(place).first for place in layout.input_places}
    twins = {str(one.sqref) for one in sheet.conditional_formatting}
    for cell, one in limits.items():
        assert one.prompt and one.promptTitle
        if one.type is None:
            continue
        assert one.error and one.errorTitle and one.errorStyle in (None, "stop")
        if one.type == "custom":
            assert len(one.formula1) <= 255
        column = cell.rstrip("0123456789")
        row = int(cell[len(column) :])
        covers = [t for t in twins for part in t.split() for a, _, b in [part.partition(":")]
                  if a.startswith(column) and int(a.lstrip("ABCDEFGHI")) <= row <= int((b or a).lstrip("ABCDEFGHI"))]  # fmt: skip
        assert covers, f"{cell} has a validation without a conditional format"


def test_drop_downs_stand_behind_defined_names(book: Any) -> None:
    lists = [one for one in book["自评表"].data_validations.dataValidation if one.type == "list"]
    assert [one.formula1 for one in lists] == ["xl_list_year"]
    assert book.defined_names["xl_list_year"].attr_text.startswith("'_lists'!")


def test_the_stamp_stands_in_three_carriers(book: Any) -> None:
    stamp = book["_xltool"]["A1"].value
    assert stamp.startswith("xltool/1 shanghai-2020/1 quantity=6,")
    assert book.defined_names["xl_stamp"].attr_text == f'"{stamp}"'
    assert {one.name: one.value for one in book.custom_doc_props.props} == {"xltool": stamp}


def test_it_prints_on_one_page_width_of_a4(book: Any) -> None:
    sheet = book["自评表"]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation or "portrait") == (9, "portrait")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToWidth in (None, 1) and sheet.page_setup.fitToHeight == 0
    assert sheet.print_area.replace("$", "").endswith("A1:I43")
    assert sheet.print_title_rows.replace("$", "") == "1:2"


def test_unused_rows_are_put_away_by_a_filter_that_works_on_the_protected_sheet(clean: dict[str, Any]) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(fill(clean).content))["自评表"]
    assert sheet.auto_filter.ref == "K12:K42" and sheet.protection.autoFilter is False
    hidden = {row for row, dimension in sheet.row_dimensions.items() if dimension.hidden}
    used = {row for row in range(13, 43) if sheet.cell(row, 4).value}
    assert len(used) == len(clean["indicators"]) and hidden == set(range(13, 43)) - used


def test_no_formula_is_younger_than_excel_2007(book: Any) -> None:
    import re

    allowed = {
        "IF",
        "IFERROR",
        "AND",
        "OR",
        "NOT",
        "TRUE",
        "FALSE",
        "ROUND",
        "ABS",
        "MIN",
        "MAX",
        "SUM",
        "COUNT",
        "COUNTIF",
        "ISNUMBER",
        "ISERROR",
        "LEN",
        "SUBSTITUTE",
        "CLEAN",
        "FIND",
        "EXACT",
        "INDEX",
        "MATCH",
        "HYPERLINK",
        "MID",
        "LEFT",
        "RIGHT",
        "TEXT",
        "VALUE",
    }
    seen = set()
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert len(cell.value) < 8192
                    seen |= set(re.findall(r"([A-Z][A-Z0-9.]+)\(", re.sub(r'"[^"]*"', "", cell.value)))
    assert len(seen) > 15 and seen <= allowed


@pytest.mark.parametrize("reference", REFERENCES)
def test_the_same_input_gives_the_same_bytes(reference: str) -> None:
    assert blank(reference) == blank(reference)


LONG = "对口支援工作、援外保障工作以及课题研究项目的顺利开展，为完成市委交办的工作任务提供必要保障。"


def _text(length: int, mark: str) -> str:
    """A text of that many characters whose end can be looked for."""
    return (LONG * 10)[: length - len(mark)] + mark


def test_the_longest_texts_of_real_forms_are_printed_to_their_last_character(tmp_path: Path) -> None:
    """What does not fit its cell is not in the PDF; so every text ends in a mark of its own."""
    record = json_codec.loads((ROOT / "examples/form1.json").read_bytes())
    record["project"].update(name=_text(42, "甲"), department=_text(18, "乙"), unit=_text(20, "丙"))
    record["goal"] = {"expected": _text(253, "丁"), "actual": _text(228, "戊")}
    marks = list("甲乙丙丁戊")
    for number, row in enumerate(record["indicators"]):
        for column, length in (("level3", 21), ("target", 60), ("actual", 31), ("deviation", 145)):
            mark = f"{number}{column[0]}"
            row[column] = _text(length, mark)
            marks.append(mark)
    record["indicators"][0]["level3"] = _text(125, "0l")
    file = tmp_path / "long.xlsx"
    file.write_bytes(fill(record).content)
    [pdf] = libreoffice.converted([file], tmp_path / "pdf", "pdf")
    printed = subprocess.run(["pdftotext", "-raw", pdf, "-"], check=True, capture_output=True).stdout.decode()
    squeezed = "".join(printed.split())
    missing = [mark for mark in marks if mark not in squeezed]
    assert not missing
    info = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True).stdout.decode()
    assert "(A4)" in info
