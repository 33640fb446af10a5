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
from contract import results_of_workbook
from openpyxl.worksheet.worksheet import Worksheet

from xltool.recognition.field_locations import locate_fields
from xltool.recognition.form_workbook import open_form_workbook
from xltool.recognition.identify import identify

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
        grid = open_form_workbook(made[0])
        [identity] = identify(grid)
        return locate_fields(grid, identity).confidence

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


# ── other layouts ───────────────────────────────────────────────


def _columns(sheet: Worksheet) -> dict[str, int]:
    row = oddities.head(sheet)
    return {str(sheet.cell(row, column).value): column for column in range(1, sheet.max_column + 1)}


def _same_record(result: dict[str, Any], name: str = "001") -> bool:
    [before] = _results(_typed(name)[0])
    return bool(result["record"] == before["record"])


def _below(sheet: Worksheet, name: str, first: int) -> None:
    """Type another table onto the same sheet."""
    other = openpyxl.Workbook().create_sheet()
    foreign_tables.type_table(other, foreign_tables.TABLES[name])
    for row in other.iter_rows():
        for cell in row:
            if cell.value is not None:
                sheet.cell(cell.row + first - 1, cell.column).value = cell.value


@pytest.mark.parametrize("name", ["monitoring", "target application", "review workpaper"])
def test_a_table_of_another_kind_below_a_form_is_named_with_its_rows(name: str) -> None:
    book, sheet = _typed()
    [before] = _results(book)
    first = sheet.max_row + 3
    _below(sheet, name, first)
    for _ in range(2):
        [result] = _results(book)
        assert result["record"] == before["record"]
        new = [one for one in result["findings"] if one not in before["findings"]]
        assert [(one["rule"], one["level"]) for one in new] == [("P01", "info")], new
        assert f"第 {first} 行起像是" in new[0]["message"]


@pytest.mark.parametrize("lines", [("项目支出绩效自评表",), ("项目支出绩效自评表（续表）", "（2020年度）")])
def test_a_page_that_begins_with_the_title_and_heads_again_is_the_same_form(lines: tuple[str, ...]) -> None:
    book, sheet = _typed()
    oddities._split(sheet)
    for one in [one for one in sheet.merged_cells.ranges if one.min_row > oddities.head(sheet)]:
        sheet.unmerge_cells(str(one))
    row = oddities.head(sheet)
    heads = {column: sheet.cell(row, column).value for column in range(1, sheet.max_column + 1)}
    oddities.insert(sheet, row + 4, heads)
    for line in reversed(lines):
        oddities.insert(sheet, row + 4, {1: line})
    [result] = _results(book)
    assert _same_record(result)
    assert not {one["rule"] for one in result["findings"] if one["level"] == "error"} & {"W01", "S03", "P01", "P04"}


@pytest.mark.parametrize("mark", ["*", "①", "（必填）", "²", "※", "（注1）"])
def test_a_note_on_any_label_is_no_part_of_it(mark: str) -> None:
    book, sheet = _typed()
    labels = {"项目名称", "主管部门", "实施单位", "年度资金总额", "其他资金", "产出指标", "数量指标", "总分", "合计",
              "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "全年预算数"}  # fmt: skip
    marked = [cell for row in sheet.iter_rows() for cell in row if str(cell.value).strip() in labels]
    assert len(marked) > 10
    for cell in marked:
        cell.value = f"{cell.value}{mark}"
    [result] = _results(book)
    assert _same_record(result)


@pytest.mark.parametrize("head", ["完成率", "评分标准", "上半年完成值", "复核得分", "备注"])
def test_a_column_that_the_form_does_not_have_is_said_once_with_how_much_stands_in_it(head: str) -> None:
    book, sheet = _typed()
    columns = _columns(sheet)
    row, column = oddities.head(sheet), max(columns.values()) + 1
    sheet.cell(row, column).value = head
    for line in (row + 1, row + 2):
        sheet.cell(line, column).value = "见附件"
    [result] = _results(book)
    assert _same_record(result)
    assert [text for text in _said(result, "P01") if f"{head}（2 处内容）" in text] and not _said(result, "P04")


def test_a_target_beside_which_a_changed_one_stands_is_not_compared() -> None:
    book, sheet = _typed()
    columns, row = _columns(sheet), oddities.head(sheet)
    sheet.cell(row + 1, columns["年度指标值"]).value = "≥500个"
    sheet.cell(row + 1, columns["实际完成值"]).value = "100个"
    [before] = _results(book)
    about = {"S02", "S04", "S05", "S11", "V05", "T06"}
    assert about & {one["rule"] for one in before["findings"]}
    column = max(columns.values()) + 1
    sheet.cell(row, column).value = "调整后指标值"
    sheet.cell(row + 1, column).value = "≥100个"
    [result] = _results(book)
    assert not about & {one["rule"] for one in result["findings"] if one["path"].startswith("/indicators/0/")}
    assert any("调整后指标值" in text for text in _said(result, "P01"))


def test_rows_that_share_a_merged_weight_are_not_measured_against_it_one_by_one() -> None:
    book, sheet = _typed()
    columns, row = _columns(sheet), oddities.head(sheet) + 1
    weights = [sheet.cell(row + number, columns["分值"]).value for number in (0, 1)]
    for number in (0, 1):
        sheet.cell(row + number, columns["得分"]).value = weights[number]
        sheet.cell(row + number, columns["偏差原因分析及改进措施"]).value = None
    sheet.cell(row, columns["分值"]).value, sheet.cell(row + 1, columns["分值"]).value = sum(weights), None
    sheet.merge_cells(start_row=row, end_row=row + 1, start_column=columns["分值"], end_column=columns["分值"])
    for _ in range(2):
        [result] = _results(book)
        rows = ("/indicators/0/", "/indicators/1/")
        here = [one["rule"] for one in result["findings"] if str(one["path"]).startswith(rows)]
        assert not {"D01", "S02", "S04", "S05", "W04"}.intersection(here), here
        assert not _said(result, "W01")


def test_rows_that_share_weight_and_score_still_owe_a_reason_for_what_was_taken_off() -> None:
    book, sheet = _typed()
    columns, row = _columns(sheet), oddities.head(sheet) + 1
    weights = [sheet.cell(row + number, columns["分值"]).value for number in (0, 1)]
    for name, value in (("分值", sum(weights)), ("得分", sum(weights) - 3), ("偏差原因分析及改进措施", None)):
        sheet.cell(row, columns[name]).value, sheet.cell(row + 1, columns[name]).value = value, None
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=columns[name], end_column=columns[name])
    [result] = _results(book)
    assert "/indicators/0/deviation" in {one["path"] for one in result["findings"] if one["rule"] == "D01"}


@pytest.mark.parametrize("shown", ["0%", "General"])
def test_the_total_of_a_column_in_percent_belongs_to_it(shown: str) -> None:
    book, sheet = _typed()
    columns, row = _columns(sheet), oddities.head(sheet)
    total = oddities.last(sheet) + 1
    for name in ("分值", "得分"):
        for line in range(row + 1, total + 1):
            cell = sheet.cell(line, columns[name])
            if isinstance(cell.value, int | float):
                cell.value, cell.number_format = cell.value / 100, shown if line == total else "0%"
    [result] = _results(book)
    assert _same_record(result)
    assert not _said(result, "W01") and not _said(result, "S03")


def test_funds_below_the_indicators_are_the_funds() -> None:
    rows = [
        ["项目支出绩效自评表"], ["（2023年度）"], ["填报单位（盖章）：某市教育局"], ["项目名称", "", "基层培训"],
        ["主管部门", "", "某市教育局", "", "实施单位", "某培训中心"],
        ["年度总体目标", "预期目标", "", "", "实际完成情况"], ["", "举办3期", "", "", "举办了3期，发放问卷90份"],
        ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"],
        ["", "产出指标", "数量指标", "培训期数", "≥3期", "3期", 50, 50], ["", "效益指标", "社会效益指标", "持证率", "≥80%", "82%", 30, 30],
        ["", "满意度指标", "服务对象满意度指标", "学员满意度", "≥90%", "95%", 10, 10],
        ["项目资金（万元）", "", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
        ["", "年度资金总额", 100, 100, 97.5, 10, "97.5%", 9.75], ["", "其中：当年财政拨款", 100, 100, 97.5],
        ["总分", "", "", "", "", "", 100, 99.75],
    ]  # fmt: skip
    book = openpyxl.Workbook()
    sheet = book.create_sheet("表", 0)
    for row in rows:
        sheet.append([one or None for one in row])
    [result] = _results(book)
    assert len(result["record"]["indicators"]) == 3 and result["record"]["project"]["unit"] == "某培训中心"
    assert [one["executed"] for one in result["record"]["funds"]][:2] == [97.5, 97.5]
    assert result["computed"]["total_score"] == 99.75
    assert not [one for one in result["findings"] if one["level"] == "error"]


def test_goals_in_a_row_each_are_read() -> None:
    book = openpyxl.Workbook()
    sheet = book.create_sheet("表", 0)
    rows = [
        ["项目支出绩效自评表"], ["（2023年度）"], ["项目名称", "", "基层培训"], ["主管部门", "", "某市教育局", "", "实施单位", "某培训中心"],
        ["项目资金（万元）", "", "年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分"],
        ["", "年度资金总额", 100, 100, 97.5, 10, "97.5%", 9.75], ["", "其中：当年财政拨款", 100, 100, 97.5],
        ["年度总体目标", "举办培训3期"], ["实际完成情况", "举办了3期，发放问卷90份"],
        ["绩效指标", "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析及改进措施"],
        ["", "产出指标", "数量指标", "培训期数", "≥3期", "3期", 90, 90], ["总分", "", "", "", "", "", 100, 99.75],
    ]  # fmt: skip
    for row in rows:
        sheet.append([one or None for one in row])
    [result] = _results(book)
    assert result["record"]["goal"] == {"expected": "举办培训3期", "actual": "举办了3期，发放问卷90份"}
    assert not _said(result, "Q02")
