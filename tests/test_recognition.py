"""A table that no definition covers is named and not judged; a form that one covers is read whatever oddity it has."""

from __future__ import annotations

import io
import os
from typing import Any

import foreign
import foreign_tables
import oddities
import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from xltool.pipeline import results_of_workbook
from xltool.read.identify import identify
from xltool.read.reader import read_form
from xltool.read.workbook import read

#: What each table looks like.
KINDS = {
    "monitoring": "绩效运行监控表", "target application": "绩效目标申报表", "approved targets": "绩效目标申报表",
    "transfer 2021": "转移支付绩效自评表", "transfer 2022": "转移支付绩效自评表",
    "transfer scored": "转移支付绩效自评表", "county special fund": "转移支付绩效自评表",
    "department by nature": "部门（单位）整体支出绩效自评表", "department list": "部门（单位）整体支出绩效自评表",
    "department by rubric": "评价表", "review workpaper": "底稿", "spot check": "底稿", "special bond": "评价表",
    "thirteen columns": "与现有定义都不符", "quantitative goals": "绩效目标完成情况表",
    "without points": "绩效目标完成情况表",
}  # fmt: skip


def _results(book: openpyxl.Workbook) -> list[dict[str, Any]]:
    target = io.BytesIO()
    book.save(target)
    return results_of_workbook(target.getvalue(), "x.xlsx")


def _typed(name: str = "001") -> tuple[openpyxl.Workbook, Worksheet]:
    content = foreign.workbook([(foreign.RECORDS[name], foreign.STYLES["as printed"])])
    book = openpyxl.load_workbook(io.BytesIO(content))
    return book, book.worksheets[0]


def _said(result: dict[str, Any], rule: str) -> list[str]:
    return [one["message"] for one in result["findings"] if one["rule"] == rule]


# ── named, not judged ───────────────────────────────────────────


@pytest.mark.parametrize("name", foreign_tables.TABLES)
def test_a_table_of_another_kind_is_named_by_one_finding_and_not_judged(name: str) -> None:
    for _ in range(2):
        [result] = results_of_workbook(foreign_tables.workbook(name), "x.xlsx")
        assert result["status"] == "unreadable" and result["record"] is None
        [finding] = result["findings"]
        assert (finding["rule"], finding["level"]) == ("P01", "error")
        assert KINDS[name] in finding["message"]


def test_the_labels_that_were_not_understood_are_named() -> None:
    [result] = results_of_workbook(foreign_tables.workbook("transfer 2021"), "x.xlsx")
    assert "中央补助" in result["findings"][0]["message"] and "地方资金" in result["findings"][0]["message"]
    [result] = results_of_workbook(foreign_tables.workbook("review workpaper"), "x.xlsx")
    assert "复核得分" in result["findings"][0]["message"]


def test_several_tables_of_other_kinds_are_named_each_in_one_finding() -> None:
    [result] = results_of_workbook(foreign_tables.workbook("monitoring", "target application"), "x.xlsx")
    [finding] = result["findings"]
    assert "绩效运行监控表" in finding["message"] and "绩效目标申报表" in finding["message"]


@pytest.mark.parametrize("name", foreign_tables.TABLES)
def test_a_table_of_another_kind_beside_a_form_is_information_on_the_forms_result(name: str) -> None:
    book, _ = _typed()
    foreign_tables.type_table(book.create_sheet("另一张"), foreign_tables.TABLES[name])
    book.move_sheet("另一张", -1)
    [result] = _results(book)
    assert result["sheet"] == "表1" and result["record"]["project"]["name"] == foreign.RECORDS["001"]["project_name"]
    [told] = [one for one in result["findings"] if "另一张" in one["message"]]
    assert (told["rule"], told["level"]) == ("P01", "info") and KINDS[name] in told["message"]


def test_a_sheet_that_is_no_table_at_all_is_no_form_and_of_no_kind() -> None:
    book = openpyxl.Workbook()
    for number in range(1, 9):
        book.active.append([f"第{number}季度", number * 3, number * 4])  # type: ignore[union-attr]
    [result] = _results(book)
    assert result["status"] == "unreadable" and "像是" not in result["findings"][0]["message"]


def test_the_name_of_a_sheet_alone_makes_it_no_table_of_a_kind() -> None:
    book, _ = _typed()
    notes = book.create_sheet("工作底稿")
    notes["A1"], notes["B2"] = "合同清单", 12.5
    [result] = _results(book)
    assert [(one["rule"], one["level"]) for one in result["findings"] if "工作底稿" in one["message"]] == [
        ("P04", "warning")
    ]


def test_a_form_that_nobody_filled_in_beside_one_that_somebody_did_is_information() -> None:
    book, _ = _typed()
    _, sheet = _typed("048")
    kept = {"一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"}
    kept |= {
        "项目支出绩效自评表",
        "年初预算数",
        "全年预算数",
        "全年执行数",
        "执行率",
        "年度资金总额",
        "产出指标",
        "效益指标",
    }
    blank = book.create_sheet("空表")
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value in kept:
                blank.cell(cell.row, cell.column).value = cell.value
    [result] = _results(book)
    assert [one["level"] for one in result["findings"] if "空表" in one["message"]] == ["info"]


# ── read, whatever oddity ───────────────────────────────────────


@pytest.mark.parametrize("oddity", oddities.ODDITIES)
def test_a_form_with_an_oddity_is_read_and_its_other_fields_are_right(oddity: str) -> None:
    """Each oddity on a quarter of the forms; XLTOOL_ALL tries every form."""
    names = list(foreign.SUPPORTED)
    start = list(oddities.ODDITIES).index(oddity) % 4
    wrong, count = [], 0
    for name in names if os.environ.get("XLTOOL_ALL") else names[start::4]:
        form = foreign.RECORDS[name]
        made = oddities.odd(form, oddity)
        if made is None:
            continue
        content, gone = made
        [result] = results_of_workbook(content, f"{name}.xlsx")
        record = foreign.shown(result["record"])
        for path, value in foreign.expected(form).items():
            here = record.get(path)
            same = here == value or (isinstance(value, str) and isinstance(here, str) and here.split() == value.split())
            count += not oddities.is_gone(path, gone)
            wrong += [(name, path, value, here)] if not same and not oddities.is_gone(path, gone) else []
    assert len(wrong) <= count / 20, wrong[:10]


@pytest.mark.parametrize("seed", range(6))
def test_forms_with_several_oddities_are_read(seed: int) -> None:
    import random

    dice = random.Random(seed)
    calm = [name for name in oddities.ODDITIES if not name.startswith("no ") and name != "no head of level2"]
    name = sorted(foreign.SUPPORTED)[seed * 2 % len(foreign.SUPPORTED)]
    made = None
    while made is None:
        chosen = dice.sample(calm, 3)
        if len({one.partition(" ")[0] for one in chosen}) == len(chosen):  # levels are not numbered twice
            made = oddities.odd(foreign.RECORDS[name], *chosen)
    [result] = results_of_workbook(made[0], "x.xlsx")
    assert result["status"] != "unreadable"
    assert len(result["record"]["indicators"]) == len(
        [one for one in foreign.RECORDS[name]["indicators"] if one["level3"] or one["actual"]]
    )


def test_confidence_falls_with_what_was_not_understood() -> None:
    def confidence(*names: str) -> float:
        made = oddities.odd(foreign.RECORDS["001"], *names)
        assert made is not None
        [identity] = identify(read(made[0]))
        return read_form(read(made[0]), identity).anchors.confidence

    plain, row, both = confidence(), confidence("fund row more"), confidence("fund row more", "evidence column")
    assert plain > row > both > 0.5


# ── what is not understood inside a form ────────────────────────


def test_a_source_that_the_form_does_not_have_is_listed_with_its_amounts_and_silences_the_sums() -> None:
    made = oddities.odd(foreign.RECORDS["001"], "fund row more")
    assert made is not None
    for _ in range(2):
        [result] = results_of_workbook(made[0], "x.xlsx")
        [told] = [one for one in _said(result, "P01") if "上级补助资金" in one]
        assert "12" in told and "11" in told
        assert not _said(result, "F02")
        assert result["computed"]["execution_rate"] is None
    book = openpyxl.load_workbook(io.BytesIO(made[0]))
    found = oddities.at(book.worksheets[0], "上级补助资金")
    assert found is not None
    book.worksheets[0].delete_rows(found[0])
    form = foreign.RECORDS["001"]
    wrong = [{**row, "initial": "1.00"} if row["label"].startswith("其中") else row for row in form["funds"]]
    [result] = results_of_workbook(foreign.workbook([({**form, "funds": wrong}, foreign.Style())]), "x.xlsx")
    assert _said(result, "F02")


def _second_level(name: str, level1: str = "产出指标", row: int = 0) -> dict[str, Any]:
    import copy

    form = copy.deepcopy(foreign.RECORDS["001"])
    rows = [one for one in form["indicators"] if one["level1"] == level1]
    rows[row]["level2"] = name
    [result] = results_of_workbook(foreign.workbook([(form, foreign.Style())]), "x.xlsx")
    return result


def test_an_unknown_second_level_stays_under_its_first_level_with_a_warning_and_counts_in_the_totals() -> None:
    result = _second_level("政策知晓指标")
    [told] = [one for one in result["findings"] if one["rule"] == "T03"]
    assert told["level"] == "warning" and "政策知晓指标" in told["message"] and "产出指标" in told["message"]
    assert len(result["record"]["indicators"]) == 9
    assert not _said(result, "W01") and not _said(result, "S03")


def test_other_names_of_a_known_second_level_need_no_warning() -> None:
    for name, level1 in (("产出数量指标", "产出指标"), ("数量", "产出指标"), ("受益群众满意度指标", "满意度指标")):
        result = _second_level(name, level1)
        assert not _said(result, "T03"), name
        assert len(result["record"]["indicators"]) == 9


def test_rows_under_levels_that_the_form_does_not_have_silence_the_totals() -> None:
    import copy

    form = copy.deepcopy(foreign.RECORDS["001"])
    form["indicators"][0] |= {"level1": "管理指标", "level2": "制度建设"}
    [result] = results_of_workbook(foreign.workbook([(form, foreign.Style())]), "x.xlsx")
    assert not _said(result, "W01") and not _said(result, "S03") and not _said(result, "W02")
    assert result["computed"]["total_score"] is None
    assert any("没有读取" in one for one in _said(result, "P01"))


def test_rows_under_an_unknown_first_level_are_read_by_their_second_level_and_that_is_said_once() -> None:
    import copy

    form = copy.deepcopy(foreign.RECORDS["048"])
    for one in form["indicators"]:
        one |= {"level1": "成本指标"} if one["level2"] == "成本指标" else {}
    form["indicators"].sort(key=lambda one: one["level1"] != "成本指标")
    assert form["indicators"][0]["level1"] == "成本指标"
    [result] = results_of_workbook(foreign.workbook([(form, foreign.Style())]), "x.xlsx")
    [told] = [one for one in result["findings"] if one["rule"] == "T03"]
    assert told["level"] == "warning" and "成本指标" in told["message"]
    assert len(result["record"]["indicators"]) == len(form["indicators"])
    assert not _said(result, "W02")
    assert told["cell"] not in [one["cell"] for one in result["findings"] if one["rule"] == "P04"]


def test_a_sum_whose_parts_were_not_all_read_is_not_taken_for_its_own_value() -> None:
    made = oddities.odd(foreign.RECORDS["001"], "fund row more")
    assert made is not None
    book = openpyxl.load_workbook(io.BytesIO(made[0]))
    sheet = book.worksheets[0]
    found = oddities.at(sheet, "年度资金总额")
    assert found is not None
    sheet.cell(found[0], 6).value = f"=SUM(F{found[0] + 1}:F{found[0] + 4})"  # no program has calculated it
    [result] = _results(book)
    assert result["record"]["funds"][0]["executed"] is None
    assert not _said(result, "P03")


def test_a_weight_and_a_score_that_are_merged_over_rows_belong_to_the_first_of_them() -> None:
    book, sheet = _typed()
    row = oddities.head(sheet) + 1
    columns = {sheet.cell(row - 1, column).value: column for column in range(1, 12)}
    weights = [sheet.cell(row + number, columns["分值"]).value for number in (0, 1)]
    for name in ("分值", "得分"):
        sheet.cell(row, columns[name]).value = sum(weights)
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=columns[name], end_column=columns[name])
    for _ in range(2):
        [result] = _results(book)
        first, second = result["record"]["indicators"][:2]
        assert (first["weight"], first["score"]) == (sum(weights), sum(weights))
        assert (second["weight"], second["score"]) == (None, None)
        about = f"!{openpyxl.utils.get_column_letter(columns['分值'])}{row + 1}"
        assert not _said(result, "W01") and not _said(result, "S03")
        assert not [one for one in result["findings"] if str(one["cell"]).endswith(about)]


@pytest.mark.parametrize("as_text", [False, True])
def test_weights_in_percent_are_points_and_said_once(as_text: bool) -> None:
    book, sheet = _typed()
    [before] = _results(book)
    row = oddities.head(sheet)
    column = next(one for one in range(1, 12) if sheet.cell(row, one).value == "分值")
    for line in range(row + 1, oddities.last(sheet) + 1):
        cell = sheet.cell(line, column)
        weight = cell.value
        cell.value = f"{weight}%" if as_text else weight / 100
        cell.number_format = "0%"
    [result] = _results(book)
    assert [one["weight"] for one in result["record"]["indicators"]] == [
        one["weight"] for one in before["record"]["indicators"]
    ]
    further = [one for one in result["findings"] if one not in before["findings"]]
    assert [(one["rule"], one["level"]) for one in further] == [("W04", "warning")]


def test_heads_in_two_lines_are_read_under_their_common_title() -> None:
    book, sheet = _typed("009")
    row = oddities.head(sheet)
    heads = {sheet.cell(row, column).value: column for column in range(1, sheet.max_column + 1)}
    three = ("指标性质", "指标值", "度量单位")
    oddities.insert(sheet, row + 1, {heads[name]: name for name in three})
    for name in three:
        sheet.cell(row, heads[name]).value = "年度指标值" if name == "指标性质" else None
    sheet.merge_cells(start_row=row, end_row=row, start_column=heads["指标性质"], end_column=heads["度量单位"])
    [result] = _results(book)
    printed = foreign.RECORDS["009"]["indicators"]
    filled = [one for one in printed if one["level3"]]
    assert [(one["operator"], one["target"], one["measure_unit"]) for one in result["record"]["indicators"]] == [
        (one["op"] or None, one["target"] or None, one["unit"] or None) for one in filled
    ]


def test_a_form_without_one_indicator_is_recognised_and_says_that_alone() -> None:
    book, sheet = _typed("048")
    first, bottom = oddities.head(sheet) + 1, sheet.max_row
    levels = {*(one["level1"] for one in foreign.RECORDS["048"]["indicators"]), "总分"}
    levels |= {one["level2"] for one in foreign.RECORDS["048"]["indicators"]}
    for row in range(first, bottom + 1):
        for cell in sheet[row]:
            if cell.value not in levels and not isinstance(cell, openpyxl.cell.cell.MergedCell):
                cell.value = None
    [result] = _results(book)
    assert result["form"]["id"] == "mof-2020" and result["record"]["indicators"] == []
    assert [(one["rule"], one["level"]) for one in result["findings"] if one["rule"][0] in "TWSV"] == [("T01", "error")]


def test_a_column_that_was_not_found_is_said_once_and_nothing_follows_from_it() -> None:
    made = oddities.odd(foreign.RECORDS["001"], "no head of score")
    assert made is not None
    [result] = results_of_workbook(made[0], "x.xlsx")
    [told] = [one for one in _said(result, "P01") if "没有找到栏目" in one]
    assert "得分" in told
    assert not [one for one in result["findings"] if one["rule"][0] == "S"]
