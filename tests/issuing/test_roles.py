"""A roster and its forms have what a definition has: a source more, or parts less, without a line of code."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from commands import Done, run
from project import DATA, templates

from xltool.form.loading import load_form
from xltool.form.places import FixedRowCell
from xltool.intake.records import parse_roster
from xltool.issuing.plan import plan_issue
from xltool.recognition.form_workbook import open_form_workbook
from xltool.services.issue import issue_forms
from xltool.services.read_and_check import read_and_check
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.templates import Templates
from xltool.tables.new_roster import new_roster
from xltool.tables.roster_columns import indicator_columns, project_columns

FOLDERS = (DATA / "rosters", DATA / "families")


@pytest.fixture(autouse=True)
def _own_definitions() -> Iterator[None]:
    with templates(*FOLDERS):
        yield


def _csv(*rows: list[Any]) -> bytes:
    target = io.StringIO(newline="")
    csv.writer(target).writerows(rows)
    return target.getvalue().encode("utf-8-sig")


def _issue(folder: Path, form: str, *rows: list[Any]) -> Done:
    (folder / "r.csv").write_bytes(_csv(*rows))
    done = run("issue", "r.csv", "-o", "out", "--form", form, folder=folder)
    assert done.returncode == 0, done.output
    return done


def _records(folder: Path) -> list[dict[str, Any]]:
    """The records of the issued forms, which are as issued and as sealed."""
    records = []
    for file in sorted((folder / "out").rglob("0*.xlsx"), key=lambda file: file.name):
        [form] = read_and_check(file.read_bytes(), file.name)
        assert form.result.seal and form.result.seal.is_sound
        assert not [finding for finding in form.result.findings if finding.rule[0] == "P"], form.result.findings
        assert form.result.record is not None
        records.append(form.result.record.as_json())
    return records


def _heads(form: str) -> list[str]:
    definition = load_form(form)
    return [column.head for column in (*project_columns(definition), *indicator_columns(definition))]


INDICATOR_HEADS = ["二级指标", "三级指标", "年度指标值", "分值"]
INDICATOR = ["数量指标", "培训人次", "≥100人次", 90]


# ── a source of money more ──────────────────────────────────────


def test_a_source_of_money_in_a_definition_is_a_column_of_the_roster_is_issued_and_read_back(tmp_path: Path) -> None:
    assert "专项债券资金" in _heads("bonds-2024/1") and "专项债券资金" not in _heads("mof-2020/1")
    heads = ["年度", "项目名称", "实施单位", "其中：债券资金（万元）", "其他资金", "年初预算数", *INDICATOR_HEADS]
    row = [2024, "道路", "公路中心", 12, 3, 15, *INDICATOR]
    for form in ("", "bonds-2024/1"):
        [project] = parse_roster(_csv(heads, row), "r.csv", form).projects
        assert dict(project.funds) == {"total": Decimal(15), "bonds": Decimal(12), "other": Decimal(3)}
    assert "没有用到" not in _issue(tmp_path, "bonds-2024", heads, row).output
    [record] = _records(tmp_path)
    assert {line["source"]: line["initial_budget"] for line in record["funds"]} == {
        "total": 15, "fiscal": None, "carryover": None, "other": 3, "bonds": 12,
    }  # fmt: skip
    [listed] = parse_roster((tmp_path / "out/manifest.jsonl").read_bytes(), "m.jsonl").projects
    assert listed.funds == project.funds


def test_a_heading_that_two_forms_use_has_the_meaning_of_the_form_that_is_issued() -> None:
    content = _csv(["年度", "项目名称", "实施单位", "自有资金", "合计"], [2024, "道路", "公路中心", 5, 7])
    for form, source in (("bonds-2024/1", "bonds"), ("sichuan-2022/1", "own"), ("", "own")):
        roster = parse_roster(content, "r.csv", form)
        assert dict(roster.projects[0].funds) == {source: Decimal(5)}
        assert roster.unused_headings == ("合计",)  # the form's word for its sum may be the sum of anything here


def test_a_source_that_only_other_forms_have_is_refused_with_those_of_the_form() -> None:
    heads = ["年度", "项目名称", "实施单位", "专项债券资金（万元）"]
    with pytest.raises(WrongUse) as refused:
        parse_roster(_csv(heads, [2024, "道路", "甲中心", 5], [2024, "桥梁", "乙中心", 5]), "r.csv", "mof-2020/1")
    assert str(refused.value).splitlines()[1:] == [
        "  r.csv：不认识的来源“专项债券资金（万元）”；应是 年初预算数、当年财政拨款、上年结转资金、其他资金 之一"
    ]
    line = {"year": 2024, "name": "道路", "unit": "公路中心", "money_unit": "元", "funds": {"bonds": 1000000}}
    content = json_codec.dump_lines([line]).encode()
    with pytest.raises(WrongUse, match="不认识的来源“bonds”；应是 total、fiscal、carryover、other 之一"):
        parse_roster(content, "r.jsonl", "mof-2020/1")
    with pytest.raises(WrongUse) as refused:
        plan_issue(parse_roster(content, "r.jsonl"), "mof-2020/1")
    assert str(refused.value).splitlines()[1:] == [
        "  第 1 行“专项债券资金”：表样没有资金来源“专项债券资金”；现有：年度资金总额、其中：当年财政拨款、上年结转资金、其他资金"
    ]
    roster = parse_roster(_csv(heads, [2024, "道路", "甲中心", 5]), "r.csv", "transfer/1")
    assert roster.unused_headings == ("专项债券资金（万元）",)  # a form without approved budgets needs none


@pytest.mark.parametrize(
    ("form", "known"),
    [
        ("bonds-2024/1", "total、fiscal、carryover、other、bonds"),
        ("sichuan-2022/1", "total、fiscal、other、special_account、own"),
        ("", "total、fiscal、carryover、other、special_account、own、central、local、bonds"),
    ],
)
def test_a_source_that_no_form_has_is_refused_with_those_that_there_are(form: str, known: str) -> None:
    line = {"year": 2024, "name": "道路", "unit": "公路中心"}
    contents = {
        "r.jsonl": json_codec.dump_lines([{**line, "funds": {"bank": 5}}]).encode(),
        "flat.jsonl": json_codec.dump_lines([{**line, "funds.bank": 5}]).encode(),
        "r.csv": _csv(["年度", "项目名称", "实施单位", "funds.bank"], [2024, "道路", "公路中心", 5]),
    }
    for name, content in contents.items():
        with pytest.raises(WrongUse) as refused:
            parse_roster(content, name, form)
        [fault] = str(refused.value).splitlines()[1:]
        assert f"不认识的来源“bank”；应是 {known}" in fault and fault.endswith(" 之一")


# ── parts less ──────────────────────────────────────────────────


def test_what_a_form_does_not_have_is_no_column_of_its_roster() -> None:
    lacking = {"项目编码", "主管部门", "实施单位", "年度总体目标", "年初预算数", "年度指标值", "分值", "指标性质"}
    heads = {head.rstrip("*") for head in _heads("bare-2024/1")}
    assert not heads & lacking
    assert {"年度", "项目名称", "三级指标", "截止日期"} <= heads


def test_a_form_of_few_parts_is_issued_and_what_it_lacks_is_said_and_nowhere_in_it(tmp_path: Path) -> None:
    assert "没有用到" not in _issue(tmp_path, "bare-2024", ["年度", "项目名称"], [2024, "道路"]).output
    [record] = _records(tmp_path)
    assert record["project"]["name"] == "道路" and record["year"] == 2024
    [file] = (tmp_path / "out").glob("*-道路.xlsx")  # no folder of a department
    done = run("ingest", file, "--roster", "r.csv", folder=tmp_path)
    assert not {"X01", "H03", "H04"} & {one["rule"] for one in json_codec.loads(done.stdout)["findings"]}
    assert "没有提交" not in done.output
    (tmp_path / "out").rename(tmp_path / "before")
    more = ["项目编码", "主管部门", "实施单位", "年度总体目标", "年初预算数", *INDICATOR_HEADS]
    row = ["C-1", "甲局", "乙中心", "修路", 5, *INDICATOR]
    done = _issue(tmp_path, "bare-2024", ["年度", "项目名称", *more], [2024, "道路", *row])
    assert "没有用到：实施单位、主管部门、项目编码、年度总体目标、年初预算数、年度指标值、分值" in done.output
    [record] = _records(tmp_path)
    [form] = read_and_check(next((tmp_path / "out").rglob("0*.xlsx")).read_bytes(), file.name)
    assert form.result.seal is not None
    issued = {str(value) for value in form.result.seal.issued.values() if value is not None}
    assert issued == {"2024", "道路", "培训人次"}
    assert [line["level3"] for line in record["indicators"]] == ["培训人次"]


def test_forms_of_units_are_issued_by_unit_and_found_again(tmp_path: Path) -> None:
    heads = ["年度", "实施单位", "主管部门", "当年财政拨款", "金额单位", *INDICATOR_HEADS]
    first, second = [2024, "甲中心", "市局", 12, "万元"], [2024, "乙中心", "市局", 5, "万元"]
    further = ["", "", "", "", "", "质量指标", "合格率", "≥95%", 60]
    _issue(tmp_path, "unit-2024", heads, [*first, *INDICATOR[:3], 30], further, [*second, *INDICATOR])
    records = _records(tmp_path)
    assert [record["project"]["unit"] for record in records] == ["甲中心", "乙中心"]
    assert [len(record["indicators"]) for record in records] == [2, 1]
    files = sorted(file.name for file in (tmp_path / "out").rglob("0*.xlsx"))
    assert files == ["0001-甲中心.xlsx", "0002-乙中心.xlsx"]
    for roster in ("r.csv", "out/manifest.jsonl"):
        done = run("ingest", "out", "--roster", roster, folder=tmp_path)
        results = [json_codec.loads(line) for line in done.stdout.decode().splitlines()]
        told = {finding["rule"] for result in results for finding in result["findings"]}
        assert len(results) == 2 and not told & {"H03", "H04", "X01"}, (roster, done.output)
        assert "没有提交" not in done.output


def test_sources_of_two_levels_have_headings_of_two_levels_and_each_sum_is_compared(tmp_path: Path) -> None:
    money = ["年初预算数", "基本支出", "基本支出财政拨款", "项目支出财政拨款（万元）"]
    assert [head for head in _heads("dept-overall/1") if "支出" in head] == [
        "基本支出财政拨款", "基本支出其他资金", "项目支出财政拨款", "项目支出其他资金",
    ]  # fmt: skip
    heads = ["年度", "实施单位", *money]
    roster = parse_roster(_csv(heads, [2024, "甲中心", 17, 12, 12, 5]), "r.csv", "dept-overall/1")
    [form] = plan_issue(roster, "dept-overall/1").forms
    assert {place.row: value for place, value in form.values.items() if isinstance(place, FixedRowCell)} == {
        "basic_fiscal": 12, "basic_other": None, "project_fiscal": 5, "project_other": None,
    }  # fmt: skip
    (tmp_path / "r.csv").write_bytes(_csv(heads, [2024, "甲中心", 18, 13, 12, 5], [2024, "乙中心", 18, "", 12, 5]))
    told = run("issue", "r.csv", "--dry-run", "--form", "dept-overall", folder=tmp_path).output
    assert told.splitlines()[1:] == [
        "  第 2 行“基本支出”：总额 13 与各资金来源合计 12 不相等",
        "  第 3 行“年初预算数”：总额 18 与各资金来源合计 17 不相等",
    ]


@pytest.mark.parametrize("spare", [0, 2])
@pytest.mark.parametrize("form", ["dept-overall/1", "transfer/1", "indicators-first/1", "bare-2024/1"])
def test_forms_of_other_blocks_are_stamped_as_they_are_written_and_read_as_issued(form: str, spare: int) -> None:
    heads = ["年度", "项目名称", "实施单位", *INDICATOR_HEADS]
    rows = [[2024, "道路", "甲中心", *INDICATOR], [2024, "桥梁", "乙中心"]]
    plan = plan_issue(parse_roster(_csv(heads, *rows), "r.csv", form), form, spare)
    stamped = [issued.content for issued in issue_forms(plan)]
    plain = Templates(FOLDERS, fast=False)
    for content, issued in zip(stamped, issue_forms(plan, templates=plain), strict=True):
        [read] = read_and_check(content, "x.xlsx")
        assert read.result.form and read.result.form.text == form
        assert read.result.seal and read.result.seal.is_sound
        assert not [finding for finding in read.result.findings if finding.rule[0] == "P"], read.result.findings
        grid, written = open_form_workbook(content), open_form_workbook(issued.content)
        for title, sheet in written.sheets.items():
            spots = sheet.cells.keys() | grid.sheets[title].cells.keys()
            assert [spot for spot in spots if grid.at(title, *spot) != written.at(title, *spot)] == [], title


def test_a_roster_may_call_things_as_the_form_does() -> None:
    heads = ["年度", "转移支付（项目）名称", "地方主管部门", "资金使用单位"]
    for form in ("transfer/1", ""):
        [project] = parse_roster(_csv(heads, [2024, "道路", "市局", "甲中心"]), "r.csv", form).projects
        assert (project.name, project.department, project.unit) == ("道路", "市局", "甲中心")
    [unit] = parse_roster(_csv(["年度", "部门（单位）名称"], [2024, "甲局"]), "r.csv", "dept-overall/1").projects
    assert (unit.name, unit.unit) == ("甲局", "甲局")


@pytest.mark.parametrize(
    ("form", "heads", "groups"),
    [
        ("flat-2024", [], [[], []]),
        ("tall-2024", ["一级指标*"], [["产出指标"], ["效益指标"]]),
        ("mof-2020", ["一级指标", "二级指标*"], [["产出指标", "数量指标"], ["效益指标", "社会效益指标"]]),
    ],
)
def test_indicators_belong_to_the_lowest_level_that_a_form_has(
    form: str, heads: list[str], groups: list[list[str]], tmp_path: Path
) -> None:
    definition = load_form(f"{form}/1")
    assert [head for head in _heads(f"{form}/1") if head.rstrip("*") in ("一级指标", "二级指标")] == heads
    rows = [[2024, "道路", "甲中心", *group, name, "≥100", 45] for group, name in zip(groups, "甲乙", strict=True)]
    _issue(
        tmp_path,
        form,
        ["年度", "项目名称", "实施单位", *(head.rstrip("*") for head in heads), *INDICATOR_HEADS[1:]],
        *rows,
    )
    [record] = _records(tmp_path)
    assert [row["level3"] for row in record["indicators"]] == ["甲", "乙"]
    levels = [row.get(definition.tables["indicators"].group_column) for row in record["indicators"]]
    assert levels == [group[-1] if group else None for group in groups]
    new_roster(definition)  # with as many drop-downs as there are levels


def test_a_name_in_a_roster_of_units_is_not_used_and_said(tmp_path: Path) -> None:
    heads = ["年度", "项目名称", "实施单位"]
    assert "没有用到的列：项目名称" in _issue(tmp_path, "dept-overall", heads, [2024, "整体支出", "甲中心"]).output
    [project] = parse_roster(_csv(heads, [2024, "整体支出", "甲中心"]), "r.csv", "dept-overall/1").projects
    assert (project.name, project.unit) == ("甲中心", "甲中心")


def test_what_tells_projects_apart_is_required() -> None:
    def faults(form: str, *rows: list[Any]) -> list[str]:
        with pytest.raises(WrongUse) as refused:
            parse_roster(_csv(*rows), "r.csv", form)
        return [line.strip() for line in str(refused.value).splitlines()[1:]]

    missing = "请在表头里补上（表头是第一个写有这些名称的行）"
    assert faults("mof-2020/1", ["年度", "实施单位"], [2024, "甲"]) == [f"第 1 行：没有这些列：项目名称；{missing}"]
    assert faults("dept-overall/1", ["年度", "主管部门"], [2024, "甲"]) == [f"第 1 行：没有这些列：实施单位；{missing}"]
    assert faults("dept-overall/1", ["年度", "实施单位"], [2024, ""]) == ["第 2 行“实施单位”：没有填写；请补上"]
    assert faults("bare-2024/1", ["年度", "项目名称"], [2024, ""]) == ["第 2 行“项目名称”：没有填写；请补上"]
    assert faults("", ["年度", "截止日期"], [2024, ""]) == ["第 2 行“项目名称”：没有填写；请补上"]
