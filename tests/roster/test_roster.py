"""A roster that forms can be issued from: what it says, from every format, and every fault with row and column."""

from __future__ import annotations

import datetime
import io
import random
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from commands import run
from project import ROOT

from xltool.intake.records import parse_roster
from xltool.language.days import parse_day
from xltool.ledger.store import Ledger
from xltool.roster.model import ApprovedIndicator, Project
from xltool.support import json_codec
from xltool.support.errors import WrongUse

MARCH = datetime.date(2025, 3, 31)

WHOLE = Project(
    2024, "职业技能培训", "市培训中心", "A1", "市人社局", Decimal("975000"), "元",
    (
        ApprovedIndicator("数量指标", "培训人次", "≥100", Decimal(30), "产出指标", "≥", "人次"),
        ApprovedIndicator("数量指标", "培训班次", "95%", Decimal("20.5"), "产出指标"),
        ApprovedIndicator("经济效益指标", "增收", "明显", None, "效益指标", "定性"),
    ),
    "培训 100 人次以上。\n促进就业。", {"total": Decimal(1000000), "fiscal": Decimal("826500.5")}, MARCH,
    "张三", "0871-6312", "zhang@example.com",
)  # fmt: skip
PLAIN = Project(2024, "道路养护", "市公路中心")

HEADS = ["年度", "项目编码", "项目名称", "主管部门", "实施单位", "年度总体目标", "年初预算数（元）", "其中：当年财政拨款", "决算数",
         "截止日期", "联系人", "联系电话", "邮箱"]  # fmt: skip
ROW = [2024, "A1", "职业技能培训", "市人社局", "市培训中心", "培训 100 人次以上。\n促进就业。", 1000000, "826,500.50", 975000,
       datetime.datetime(2025, 3, 31), "张三", "0871-6312", "ｚhang＠example.com"]  # fmt: skip
OTHER = [2024, None, "道路养护", None, "市公路中心"]
OF = ["项目编码", "项目名称", "一级指标", "二级指标", "三级指标", "指标性质", "年度指标值", "度量单位", "分值"]
LINES = [
    ["A1", "职业技能培训", "产出指标", "数量指标", "培训人次", "≥", "≥100", "人次", 30],
    [None, None, None, None, "培训班次", None, 0.95, None, 20.5],
    [None, None, "效益指标", "经济效益指标", "增收", "定性", "明显", None, None],
]


def _book(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, float) and cell.value < 1:
                    cell.number_format = "0%"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _csv(*rows: list[Any]) -> bytes:
    import csv

    target = io.StringIO(newline="")
    shown = [
        ["" if one is None else one.date() if isinstance(one, datetime.datetime) else one for one in row]
        for row in rows
    ]
    csv.writer(target).writerows(shown)
    return target.getvalue().encode("utf-8-sig")


def _faults(content: bytes, name: str) -> list[str]:
    with pytest.raises(WrongUse) as raised:
        parse_roster(content, name)
    head, *lines = str(raised.value).split("\n  ")
    assert head == f"名册 {name} 有 {len(lines)} 处错误："
    return lines


# ── the same from every format ──────────────────────────────────


def test_a_workbook_says_all_that_a_form_is_issued_from() -> None:
    roster = parse_roster(_book(项目=[["2024 年度"], HEADS, ROW, OTHER], 指标=[OF, *LINES]), "r.xlsx")
    assert roster.projects == (WHOLE, PLAIN)
    assert roster.unused_headings == ()
    assert [one.where for one in roster.projects] == ["《项目》第 3 行", "《项目》第 4 行"]
    assert [one.where for one in roster.projects[0].indicators] == [f"《指标》第 {number} 行" for number in (2, 3, 4)]
    assert len({hash(one) for one in roster.projects}) == 2


def test_a_table_with_one_line_an_indicator_repeats_the_project_s_cells_or_leaves_them_blank() -> None:
    heads = [*HEADS, *OF[2:]]
    first, *rest = ([*line[2:]] for line in LINES)
    rest[0][4] = "95%"
    blank = [None] * len(HEADS)
    repeated = [2024, "A1", "职业技能培训", *blank[3:6], "1,000,000.00", *blank[7:9], "2025年3月31日", *blank[10:]]
    tables = {
        "blank": [[*ROW, *first], [*blank, *rest[0]], [*blank, *rest[1]], OTHER],
        "repeated": [[*ROW, *first], [*repeated, *rest[0]], [*ROW, *rest[1]], OTHER],
        "apart": [[*ROW, *first], [*ROW, *rest[0]], OTHER, [*repeated, *rest[1]]],
    }
    for name, table in tables.items():
        assert parse_roster(_csv(heads, *table), "r.csv").projects == (WHOLE, PLAIN), name
        assert parse_roster(_book(表=[heads, *table]), "r.xlsx").projects == (WHOLE, PLAIN), name


def test_what_projects_share_may_stand_in_one_cell_beside_all_of_them() -> None:
    heads = ["年度", "项目名称", "主管部门", "实施单位", "金额单位", "年初预算数"]
    rows = [
        [2024, "甲", "市教育局", "一中", "元", 5],
        [2024, "乙", None, None, "元", 6],
        [2024, "丙", None, "二中", "元", None],
    ]
    book = openpyxl.load_workbook(io.BytesIO(_book(项目=[["2024 年度项目"], heads, *rows])))
    book["项目"].merge_cells("A1:F1")
    for merged in ("C3:C5", "D3:D4", "F4:F5"):  # what one project has is no other's
        book["项目"].merge_cells(merged)
    target = io.BytesIO()
    book.save(target)
    found = parse_roster(target.getvalue(), "r.xlsx").projects
    assert [(one.department, one.unit) for one in found] == [
        ("市教育局", "一中"),
        ("市教育局", "一中"),
        ("市教育局", "二中"),
    ]
    assert [dict(one.funds) for one in found] == [{"total": 5}, {"total": 6}, {}]


def test_json_says_it_in_english_or_chinese_flat_or_as_a_record() -> None:
    indicators = [
        {"level1": "产出指标", "level2": "数量指标", "level3": "培训人次", "operator": "≥", "target": "≥100",
         "measure_unit": "人次", "weight": 30},
        {"level1": "产出指标", "level2": "数量指标", "level3": "培训班次", "target": "95%", "weight": 20.5},
        {"level1": "效益指标", "level2": "经济效益指标", "level3": "增收", "operator": "定性", "target": "明显", "weight": None},
    ]  # fmt: skip
    further = {
        "year": 2024, "money_unit": "元", "executed": 975000, "deadline": "20250331", "contact": "张三",
        "phone": "0871-6312", "email": "zhang@example.com", "indicators": indicators,
    }  # fmt: skip
    project = {"name": "职业技能培训", "code": "A1", "department": "市人社局", "unit": "市培训中心"}
    flat = {**project, **further, "goal": WHOLE.goal, "funds": {"total": 1000000, "fiscal": 826500.5, "other": None}}
    record = {
        **further, "project": project, "goal": {"expected": WHOLE.goal, "actual": "完成"},
        "funds": [{"source": "total", "initial_budget": 1000000, "executed": 1}, {"source": "fiscal", "initial_budget": 826500.5}],
        "total": {"weight": 100, "score": 90},
    }  # fmt: skip
    chinese = {**further, "funds": flat["funds"], "项目名称": "职业技能培训", "项目编码": "A1", "主管部门": "市人社局",
               "实施单位": "市培训中心", "年度总体目标": WHOLE.goal}  # fmt: skip
    plain = {"year": "2024年度", "name": "道路养护", "unit": "市公路中心"}
    for one in (flat, record, chinese):
        assert parse_roster(json_codec.dumps([one, plain]).encode(), "r.json").projects == (WHOLE, PLAIN)
        assert parse_roster(json_codec.dump_lines([one, plain]).encode(), "r.jsonl").projects == (WHOLE, PLAIN)


def test_a_record_is_a_line_of_a_roster() -> None:
    record = json_codec.loads((ROOT / "templates/mof-2020/1/example.json").read_bytes())
    [project] = parse_roster(json_codec.dumps([record]).encode(), "r.json").projects
    assert (project.name, project.code, project.money_unit) == ("职业技能培训项目", "330101-2024-0017", "万元")
    assert project.funds == {"total": Decimal(100), "fiscal": Decimal(100)} and project.executed is None
    assert [(one.level2, one.level3, one.target, one.weight) for one in project.indicators] == [
        (row["level2"], row["level3"], row["target"], Decimal(row["weight"])) for row in record["indicators"]
    ]


def test_a_line_of_an_issue_s_manifest_is_a_line_of_a_roster_and_its_short_code_is_not_the_project_s() -> None:
    line = {
        "issue": "20250301", "number": 1, "code": "250301-0001-QK4M", "file": "a.xlsx", "sha256": "0" * 64,
        "form": {"id": "mof-2020", "version": "1"}, "year": 2024,
        "project": {"name": "道路养护", "code": None, "department": None, "unit": "市公路中心"},
        "deadline": "2025-03-31", "contact": "李四", "phone": None, "email": None,
    }  # fmt: skip
    [project] = parse_roster(json_codec.dump_lines([line]).encode(), "m.jsonl").projects
    assert project == Project(
        2024, "道路养护", "市公路中心", deadline=MARCH, contact="李四", issue="20250301", number="1"
    )
    assert project.where == "第 1 行"


# ── headings and values ─────────────────────────────────────────


def test_the_money_unit_is_told_by_its_column_by_a_heading_or_above_the_table() -> None:
    def unit(*rows: list[Any]) -> tuple[str, Any]:
        [project] = parse_roster(_csv(*rows), "r.csv").projects
        return project.money_unit, dict(project.funds)

    own = [2024, "甲", "乙", "12.5"]
    told = ("万元", {"total": Decimal("12.5")})
    assert unit(["年度", "项目名称", "实施单位", "预算金额", "金额单位"], [*own, "万元"]) == told
    assert unit(["年度", "项目名称", "实施单位", "项目资金\n（万元）"], own) == told
    assert unit(["名册", "", "单位：万元"], ["年度", "项目名称", "实施单位", "预算数"], own) == told
    assert unit(["年度", "项目名称", "实施单位", "预算数"], own) == ("", told[1])
    assert unit(["年度", "项目名称", "实施单位", "上年结转资金年初预算数*"], own) == (
        "",
        {"carryover": Decimal("12.5")},
    )
    assert unit(["年度", "项目名称", "实施单位", "全年预算数（万元）"], own) == ("", {})


def test_what_no_column_means_is_said() -> None:
    assert parse_roster(
        _csv(["年度", "项目名称", "实施单位", "联系人员", ""], [2024, "甲", "乙", "张", ""]), "r.csv"
    ).unused_headings == ("联系人员",)


def test_amounts_are_told_in_the_form_s_money_unit() -> None:
    assert WHOLE.amount("fiscal", "万元") == Decimal("82.65005") and WHOLE.amount("fiscal", "元") == Decimal("826500.5")
    assert WHOLE.amount("other", "元") is None
    assert Project(2024, "甲", "乙", funds={"total": Decimal(3)}).amount("total", "万元") == 3


@pytest.mark.parametrize(
    "text", ["2025-03-31", "2025/3/31", "2025.3.31", "2025年3月31日", "20250331", "２０２５年 3 月 31 日"]
)
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    assert parse_day(text) == MARCH


@pytest.mark.parametrize(
    "text", ["", "2025-02-30", "2025-3", "3/31/2025", "25-03-31", "45747", "2025-03/31", "2025年3月底", "2025331"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert parse_day(text) is None


# ── faults ──────────────────────────────────────────────────────


def test_every_fault_of_a_workbook_is_told_with_row_heading_and_what_to_do() -> None:
    heads = [*HEADS, "金额单位"]
    rows = [
        [24, "A1", "职业技能培训", None, "市培训中心", "x" * 3, "约100", "1,2", 1e16, "3月底", None, None, "zhang", "美元"],
        [2024, 51000021000000019951, "道_x0007_路", None, None, None, None, None, None, datetime.datetime(2025, 3, 31, 17), None, None, "a@b", None],
        [2024, "A3", "绿化", None, "园林中心", None, 5, None, "#REF!", None, None, None, None, "万元"],
        [2024, "Ａ3", "绿化二", None, "园林中心"],
        [None, None, None, "只有部门"],
    ]  # fmt: skip
    lines = [
        [None, None, None, None, "没有主"],
        ["A3", "绿化", "产出指标", "数量指标", "植树", None, None, None, -5],
        [None, None, None, None, "植 树", None, None, None, "很多"],
        [None, None, None, "质量指标", None, None, "≥95%", None, 5],
        ["A3", "道路", None, None, "成活率"],
        ["Z9", None, None, "数量指标", "不在"],
        [None, None, None, "数量指标", "也不在"],
    ]
    assert _faults(_book(项目=[heads, *rows], 指标=[OF, *lines]), "r.xlsx") == [
        "《项目》第 2 行“决算数”：10000000000000000 是 15 位以上的数值，末位已经丢失；请把这一格设为文本格式，重新填写",
        "《项目》第 2 行“金额单位”：“美元”与表头的“元”不一致，请改成一样的",
        "《项目》第 3 行“项目编码”：51000021000000020480 是 15 位以上的数值，末位已经丢失；请把这一格设为文本格式，重新填写",
        "《项目》第 3 行“项目名称”：有控制字符（U+0007），请删去",
        "《项目》第 4 行“决算数”：是错误值 #REF!；请改正公式或直接填写",
        "《项目》第 4 行“金额单位”：“万元”与表头的“元”不一致，请改成一样的",
        "《指标》第 2 行：没有项目编码和项目名称；请填写是哪个项目的指标",
        "《指标》第 6 行“项目名称”：“道路”与《项目》第 4 行的“绿化”不一致（编码相同）；请改正编码或名称",
        "《指标》第 7 行：“Z9”的指标：项目不在名册中；请在名册里列出，或改正编码、名称",
        "《项目》第 2 行“年度”：“24”不是四位年份；请写成 2024",
        "《项目》第 2 行“年初预算数（元）”：“约100”不是数值；请只写数字，例如 1234.56",
        "《项目》第 2 行“其中：当年财政拨款”：“1,2”不是数值；请只写数字，例如 1234.56",
        "《项目》第 2 行“截止日期”：“3月底”不是日期；请写成 2025-03-31",
        "《项目》第 2 行“邮箱”：“zhang”不是一个邮箱；请写成 name@example.com",
        "《项目》第 3 行“实施单位”：没有填写；请补上",
        "《项目》第 3 行“截止日期”：“2025-03-31 17:00:00”不是日期；请写成 2025-03-31",
        "《指标》第 3 行“分值”：“-5”是负数；分值不能小于 0，请改正",
        "《指标》第 4 行“分值”：“很多”不是数值；请只写数字，例如 1234.56",
        "《指标》第 4 行“三级指标”：“植 树”与《指标》第 3 行是同一个指标（二级、三级指标都相同）；请删去一个，或改名",
        "《指标》第 5 行“三级指标”：没有填写；请补上",
        "《项目》第 5 行：与《项目》第 4 行是同一个项目（编码和年度，或名称、单位和年度相同）；请删去一个，或改正编码",
        "《项目》第 6 行“年度”：没有填写；请补上",
        "《项目》第 6 行“项目名称”：没有填写；请补上",
        "《项目》第 6 行“实施单位”：没有填写；请补上",
    ]


def test_faults_of_a_csv_table() -> None:
    heads = ["年度", "项目编码", "项目名称", "实施单位", "预算数", "截止日期", "三级指标", "分值"]
    rows = [
        [2024, "A1", "培训", "中心", "100", "2025-03-31", "人次", "10"],
        ["", "", "", "", "100.0", "2025年4月1日", "班次", "10"],
        [2024, "A1", "培训班", "", "", "", "满意", "10"],
        [2024, "A1", "培训", "中心", "", "", "", ""],
        [2024, "A2", "绿化" + "长" * 32766, "中心", "", "", "植树", ""],
    ]
    assert _faults(_csv(heads, *rows), "r.csv") == [
        "第 6 行“项目名称”：有 32768 个字符，一格最多 32767 个，请缩短",
        "第 3 行“截止日期”：“2025年4月1日”与第 2 行的“2025-03-31”不一致；同一个项目各行应相同，或只填第一行",
        "第 4 行“项目名称”：“培训班”与第 2 行的“培训”不一致；同一个项目各行应相同，或只填第一行",
        "第 5 行：与第 2 行是同一个项目，又没有指标；请删去这一行",
    ]


def test_faults_of_json() -> None:
    objects = [
        {"name": "甲", "unit": "乙", "year": True, "funds": [{"source": "bank", "initial_budget": 1}], "deadline": "2025"},
        {"project": {"name": "丙", "unit": "丁", "code": ["A"]}, "year": 2024, "funds": 5, "indicators": {"level3": "x"}},
        {"name": "戊", "unit": "己", "year": 2024, "funds": [{"source": "own", "initial_budget": "12345678901234567"}],
         "indicators": [5, {"level3": "a", "level2": "b", "weight": -1}, {"level3": "a", "level2": "b", "weight": "1e9999"}]},
        7,
        {"name": "a\ud800", "unit": "u", "year": 2024},
    ]  # fmt: skip
    assert _faults(
        json_codec.dumps(objects)
        .encode("utf-8", "surrogatepass")
        .replace("\ud800".encode("utf-8", "surrogatepass"), b"\\ud800"),
        "r.json",
    ) == [
        "第 1 项“funds”：不认识的来源“bank”；应是 total、fiscal、carryover、other、special_account、own、central、local 之一",
        "第 1 项“year”：应是文字或数值，不是 True",
        "第 2 项“funds”：应是数组，各项写 source 和 initial_budget",
        "第 2 项“code”：应是文字或数值，不是 ['A']",
        "第 2 项“indicators”：应是数组，一项一个指标",
        "第 3 项指标 1 ：应是一个对象",
        '第 4 项：应是一个对象；请写成 {"年度": …}',
        "第 5 项“name”：有控制字符（U+D800），请删去",
        "第 1 项“deadline”：“2025”不是日期；请写成 2025-03-31",
        "第 3 项“funds.own”：“12345678901234567”超过 15 位，表格存不下；请核对",
        "第 3 项指标 2 “weight”：“-1”是负数；分值不能小于 0，请改正",
        "第 3 项指标 3 “weight”：“1e9999”不是数值；请只写数字，例如 1234.56",
        "第 3 项指标 3 “level3”：“a”与第 3 项指标 2 是同一个指标（二级、三级指标都相同）；请删去一个，或改名",
    ]


def test_faults_are_in_english_where_english_is_spoken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XLTOOL_LANG", "en")
    with pytest.raises(WrongUse) as raised:
        parse_roster(_csv(["年度", "项目名称", "实施单位", "邮箱"], [2024, "甲", "", "无"]), "r.csv")
    assert str(raised.value).split("\n  ") == [
        "the roster r.csv has 2 faults:",
        "row 2“实施单位”: blank; fill it in",
        "row 2“邮箱”: '无' is no mail address; write it like name@example.com",
    ]


def test_indicators_of_two_projects_of_one_name_are_told_apart_by_their_units() -> None:
    projects = [HEADS[:5], [2024, None, "培训", None, "甲中心"], [2024, None, "培训", None, "乙中心"]]
    heads = ["项目名称", "实施单位", "三级指标", "分值"]
    book = _book(项目=projects, 指标=[heads, ["培训", "乙中心", "班次", 5], ["培训", "甲中心", "人次", 4]])
    assert [[one.level3 for one in project.indicators] for project in parse_roster(book, "r.xlsx").projects] == [
        ["人次"],
        ["班次"],
    ]
    assert _faults(_book(项目=projects, 指标=[heads, ["培训", None, "班次", 5]]), "r.xlsx") == [
        "《指标》第 2 行：有 2 个项目叫“培训”；请填写项目编码，或加上实施单位、年度"
    ]


def test_a_cover_sheet_may_stand_before_the_projects() -> None:
    cover = [["2024 年度绩效自评项目名册"], ["项目名称", "见下页"], ["某市财政局"]]
    assert parse_roster(_book(封面=cover, 项目=[HEADS, ROW, OTHER], 指标=[OF, *LINES]), "r.xlsx").projects == (
        WHOLE,
        PLAIN,
    )


def test_a_quotation_mark_too_many_is_said_with_its_line() -> None:
    content = ('年度,项目名称,实施单位\n2024,甲,乙\n2024,丙,"丁\n' + "2024,戊,己\n" * 20_000).encode()
    with pytest.raises(WrongUse, match="引号是否成对"):
        parse_roster(content, "r.csv")


def test_columns_that_are_not_used_are_said(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("序号,年度,项目名称,实施单位,经办人\n1,2024,甲,乙,丙\n", "utf-8")
    Ledger(tmp_path / "l.sqlite").__exit__()
    done = run("ledger", "coverage", "l.sqlite", "--roster", "r.csv", folder=tmp_path)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "名册 r.csv 里没有用到的列：经办人",
        "—：0/1 已交，0 核对通过，0 迟交，0 逾期未交",
        "名册 1 个，已交 0（0.0%），核对通过 0，迟交 0，未交 1（逾期 0）；不在名册上的 0",
    ]


#: Texts that have gone wrong in one format or another: quotes, formulas, escapes, rare and invisible characters.
RARE = ["“引号”\"", "=1+1", "-", "+86", "@x", "'0", "_x0041_", "𠮷𠀀", "😀", "a\u0301", "\u2028", "甲\n乙", "㎡ m² ①", "ﬁ", "007", "1e5", "TRUE",
        "100%", "2025-03-31", "#N/A", "NaN", "，,；;", "\u202e", "ｘ　ｙ", "\ufffd", "\ue000", "—", "null", "<b>&amp;"]  # fmt: skip


def test_rare_texts_are_the_same_from_every_format() -> None:
    dice = random.Random(11)

    def text() -> str:
        return "字" + "".join(dice.choices(RARE, k=3)) + "尾"

    projects = [[2024, f"C{number}", text(), text(), text(), text()] for number in range(150)]
    lines = [[row[1], row[2], "数量指标", f"{text()}{number}", text()] for row in projects for number in range(2)]
    heads, of = HEADS[:6], ["项目编码", "项目名称", "二级指标", "三级指标", "年度指标值"]
    objects = [
        {
            **dict(zip(("year", "code", "name", "department", "unit", "goal"), row, strict=True)),
            "indicators": [
                dict(zip(("level2", "level3", "target"), line[2:], strict=True)) for line in lines if line[0] == row[1]
            ],
        }
        for row in projects
    ]
    wanted = parse_roster(json_codec.dumps(objects).encode(), "r.json").projects

    def kept(row: list[Any]) -> list[str]:  # a separator of lines is a line feed, as in a cell
        return [text.replace("\u2028", "\n") for text in row]

    assert [[one.name, one.department, one.unit, one.goal] for one in wanted] == [kept(row[2:]) for row in projects]
    told = [[line.level3, line.target] for one in wanted for line in one.indicators]
    assert told == [kept(line[3:]) for line in lines]
    by_code = {row[1]: row for row in projects}
    tables = {
        "r.jsonl": json_codec.dump_lines(objects).encode(),
        "r.csv": _csv([*heads, *of[2:]], *[[*by_code[line[0]], *line[2:]] for line in lines]),
        "r.xlsx": _written({"项目": [heads, *projects], "指标": [of, *lines]}),
    }
    for name, content in tables.items():
        assert parse_roster(content, name).projects == wanted, name


def _written(sheets: dict[str, list[list[Any]]]) -> bytes:
    """A workbook by XlsxWriter: openpyxl would take texts for formulas and errors."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for at, row in enumerate(rows):
                for column, value in enumerate(row):
                    (sheet.write_number if isinstance(value, int) else sheet.write_string)(at, column, value)
    return target.getvalue()
