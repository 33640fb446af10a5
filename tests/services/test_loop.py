"""A loop that does not lie: what goes back, to whom, and what it carries."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from circle import answered, copied, listed, results, saved, stacked
from commands import ALL_OUTPUTS, run, run_process
from contract import fill
from fuzzing import Member, packed
from project import with_changes

from xltool.support import json_codec

# ── a workbook for each form ────────────────────────────────────


def test_every_form_of_a_workbook_goes_back_in_a_workbook_of_its_own(tmp_path: Path, clean: dict[str, Any]) -> None:
    content = fill(with_changes(clean, {"indicators.0.score": 3})).content
    (tmp_path / "交回").mkdir()
    (tmp_path / "交回/全部.xlsx").write_bytes(copied(content, ["乙项目", "丙项目", "a/b:c*"]))
    run("ingest", tmp_path / "交回", "--returns", tmp_path / "退回", "-o", tmp_path / "r.jsonl")
    lines = listed(tmp_path / "退回")
    assert [one["项目名称"] for one in lines] == [clean["project"]["name"], "乙项目", "丙项目", "a/b:c*"]
    files = {one["退回的文件"] for one in lines}
    assert files == {file.name for file in (tmp_path / "退回").glob("*.xlsx")} and len(files) == 4
    for line in lines:
        run("ingest", tmp_path / "退回" / line["退回的文件"], "-o", tmp_path / "again.jsonl")
        assert results(tmp_path / "again.jsonl")[0]["record"]["project"]["name"] == line["项目名称"]


def test_forms_below_each_other_on_one_sheet_are_kept_apart(tmp_path: Path, clean: dict[str, Any]) -> None:
    names = ["甲项目", "乙项目", "丙项目"]
    changes = [{"project.name": name, "indicators.0.score": 3} for name in names]
    content = stacked([fill(with_changes(clean, one)).content for one in changes])
    (tmp_path / "一张.xlsx").write_bytes(content)
    given = ("--ledger", tmp_path / "l.sqlite", "--returns", tmp_path / "退回", "-o", tmp_path / "r.jsonl")
    run("ingest", tmp_path / "一张.xlsx", *given)
    found = results(tmp_path / "r.jsonl")
    assert [one["record"]["project"]["name"] for one in found] == names
    assert not [one for result in found for one in result["findings"] if one["rule"] == "X02"]
    lines = listed(tmp_path / "退回")
    assert [one["项目名称"] for one in lines] == names and len({one["退回的文件"] for one in lines}) == 3
    status = run("ledger", "status", tmp_path / "l.sqlite")
    assert all(name in status.output for name in names)


def test_the_same_file_in_two_folders_goes_back_once_for_each_form(tmp_path: Path, clean: dict[str, Any]) -> None:
    content = copied(fill(with_changes(clean, {"indicators.0.score": 3})).content, ["乙项目"])
    for folder in ("甲", "乙"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "表.xlsx").write_bytes(content)
    run("ingest", tmp_path / "甲", tmp_path / "乙", "--returns", tmp_path / "退回", "-o", tmp_path / "r.jsonl")
    assert len(listed(tmp_path / "退回")) == len(list((tmp_path / "退回").glob("*.xlsx"))) == 2


# ── the form and the unit a roster was made for ─────────────────


def _for_shanghai(file: Path, unit: str | None = None) -> Any:
    assert run("issue", "--new-roster", file, "--form", "shanghai-2020").returncode == 0
    book = openpyxl.load_workbook(file)
    sheet = book["项目"]
    heads = {str(cell.value).rstrip("*"): cell.column for cell in sheet[1]}
    told = {
        "年度": 2024,
        "项目名称": "甲项目",
        "主管部门": "甲局",
        "实施单位": "甲中心",
        "当年财政拨款": 826500,
        "金额单位": unit,
    }
    for head, value in told.items():
        sheet.cell(2, heads[head], value)
    return book


@pytest.mark.parametrize("kept", ["as it is", "property lost", "name lost", "both lost, as in rosters of 0.3"])
def test_a_roster_made_for_a_form_is_not_issued_as_another(tmp_path: Path, kept: str) -> None:
    book = _for_shanghai(tmp_path / "空白.xlsx")
    if kept in ("property lost", "both lost, as in rosters of 0.3"):
        for name in list(book.custom_doc_props.names):
            del book.custom_doc_props[name]
    if kept in ("name lost", "both lost, as in rosters of 0.3"):
        del book.defined_names["xl_roster"]
    (tmp_path / "名册.xlsx").write_bytes(saved(book))
    for form in ([], ["--form", "mof-2020"], ["--form", "std-op-2020"]):
        refused = run("issue", tmp_path / "名册.xlsx", "-o", tmp_path / "签发", *form)
        assert refused.returncode == 2 and "是为“上海市财政项目支出绩效自评表" in refused.output, refused.output
        assert not (tmp_path / "签发").exists()
    dry = run("issue", tmp_path / "名册.xlsx", "--form", "mof-2020", "--dry-run")
    assert dry.returncode == 2
    if kept != "both lost, as in rosters of 0.3":
        assert run("issue", tmp_path / "名册.xlsx", "-o", tmp_path / "签发", "--form", "shanghai-2020").returncode == 0
        [form] = (tmp_path / "签发").glob("*/*.xlsx")
        assert openpyxl.load_workbook(form)["自评表"]["D7"].value == 826500


_ROSTER = "年度,项目名称,主管部门,实施单位,当年财政拨款{unit}\n"


@pytest.mark.parametrize(
    ("head", "rows", "form", "word"),
    [
        (",金额单位", ["100,"], "mof-2020", "没有写金额单位"),
        (",金额单位", ["100,万元", "200,"], "mof-2020", "第 3 行"),
        (",金额单位", ["826500,"], "shanghai-2020", "没有写金额单位"),
        ("", ["826500"], "mof-2020", "不像一个项目的预算"),
        ("", ["120"], "shanghai-2020", "不像一个项目的预算"),
        ("", ["58000", "61000", "300"], "mof-2020", "不像一个项目的预算"),
    ],
)
def test_amounts_of_an_unknown_unit_are_refused_before_anything_is_written(
    tmp_path: Path, head: str, rows: list[str], form: str, word: str
) -> None:
    lines = "".join(f"2024,项目{number},甲局,甲中心,{row}\n" for number, row in enumerate(rows))
    (tmp_path / "名册.csv").write_text(_ROSTER.format(unit=head) + lines, "utf-8")
    refused = run("issue", tmp_path / "名册.csv", "-o", tmp_path / "签发", "--form", form)
    assert refused.returncode == 2 and word in refused.output and "元或万元" in refused.output
    assert not (tmp_path / "签发").exists()


@pytest.mark.parametrize(
    ("head", "rows", "form"),
    [
        ("", ["120", "99.5"], "mof-2020"),
        ("（万元）", ["826500"], "mof-2020"),
        ("（元）", ["120"], "shanghai-2020"),
        (",金额单位", ["100,万元", ","], "mof-2020"),
        ("", [""], "mof-2020"),
    ],
)
def test_amounts_whose_unit_is_known_or_does_not_matter_are_issued(
    tmp_path: Path, head: str, rows: list[str], form: str
) -> None:
    lines = "".join(f"2024,项目{number},甲局,甲中心,{row}\n" for number, row in enumerate(rows))
    (tmp_path / "名册.csv").write_text(_ROSTER.format(unit=head) + lines, "utf-8")
    assert run("issue", tmp_path / "名册.csv", "-o", tmp_path / "签发", "--form", form).returncode == 0


# ── a roster that was corrected after its forms went out ────────


def _indicator(level2: str, level3: str, target: str, weight: int) -> dict[str, Any]:
    return {"level2": level2, "level3": level3, "target": target, "weight": weight}


ROWS = [
    _indicator("数量指标", "完成数量", "≥99项", 15), _indicator("数量指标", "检查次数", "≥12次", 15),
    _indicator("质量指标", "合格率", "≥95%", 20), _indicator("社会效益指标", "受益人数", "≥10人", 30),
    _indicator("服务对象满意度指标", "满意度", "≥90%", 10),
]  # fmt: skip
PROJECT = {
    "year": 2024, "name": "甲项目", "code": "A-1", "department": "甲局", "unit": "甲中心", "goal": "完成 99 项。",
    "money_unit": "万元", "funds": [{"source": "fiscal", "initial_budget": 100}], "indicators": ROWS,
}  # fmt: skip
OTHER = {**PROJECT, "name": "乙工程", "code": "B-2", "unit": "乙中心", "indicators": [
    _indicator("数量指标", "铺设管线", "≥3公里", 30), _indicator("质量指标", "验收合格率", "100%", 20),
    _indicator("社会效益指标", "受益户数", "≥80户", 30), _indicator("服务对象满意度指标", "住户满意度", "≥85%", 10),
]}  # fmt: skip


def _rows(*changes: tuple[int, dict[str, Any] | None]) -> list[dict[str, Any]]:
    said = dict(changes)
    kept = [{**row, **(said.get(at) or {})} for at, row in enumerate(ROWS) if said.get(at, row) is not None]
    return kept + [row for at, row in changes if at >= len(ROWS) and row]


#: Corrections of a roster, and what the form's X07 speaks of; "" where the form is not touched by it.
CORRECTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "name": ({"name": "甲项目（一期）"}, "项目名称"),
    "another name without a code": ({"name": "数字化改造工程", "code": None}, "项目名称"),
    "unit": ({"unit": "甲服务中心"}, "实施单位"),
    "department": ({"department": "市甲局"}, "主管部门"),
    "code": ({"code": "A-100"}, "项目编码"),
    "budget": ({"funds": [{"source": "fiscal", "initial_budget": 120}]}, "年初预算数由“100”改为“120”"),
    "another source": ({"funds": [{"source": "other", "initial_budget": 100}]}, "年初预算数"),
    "goal": ({"goal": "完成 39 项。"}, "年度总体目标|预期目标"),
    "target": ({"indicators": _rows((0, {"target": "≥39项"}))}, "由“≥99项”改为“≥39项”"),
    "weight": ({"indicators": _rows((0, {"weight": 20}), (1, {"weight": 10}))}, "分值"),
    "an indicator renamed": ({"indicators": _rows((1, {"level3": "巡查次数"}))}, "巡查次数"),
    "an indicator removed": ({"indicators": _rows((1, None), (0, {"weight": 30}))}, "取消数量指标“检查次数”"),
    "an indicator added": (
        {"indicators": _rows((0, {"weight": 10}), (5, _indicator("时效指标", "完成及时率", "≥98%", 5)))}, "增加时效指标"),
    "a first one added in the middle": (
        {"indicators": [_indicator("数量指标", "新增事项", "≥1项", 5), *_rows((0, {"weight": 10}))]}, "新增事项"),
    "money unit": ({"money_unit": "元", "funds": [{"source": "fiscal", "initial_budget": 2_000_000}]}, "年初预算数由“100”改为“200”"),
    "the same in another unit": ({"money_unit": "元", "funds": [{"source": "fiscal", "initial_budget": 1_000_000}]}, ""),
    "deadline": ({"deadline": "2025-04-30"}, ""),
    "contact": ({"contact": "张三", "phone": "1"}, ""),
    "everything": (
        {"name": "甲项目二期", "unit": "甲二中心", "goal": "完成 39 项。", "indicators": _rows((0, {"target": "≥39项"}))}, "5 处|4 处"),
}  # fmt: skip


def _issued(folder: Path, *projects: dict[str, Any], name: str = "签发") -> list[bytes]:
    (folder / "first.json").write_text(json_codec.dumps(list(projects)), "utf-8")
    assert run("issue", folder / "first.json", "-o", folder / name).returncode == 0
    manifest = [json_codec.loads(line) for line in (folder / name / "manifest.jsonl").read_text("utf-8").splitlines()]
    return [(folder / name / one["file"]).read_bytes() for one in manifest]


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The form of the project, issued together with that of the other."""
    content, _ = _issued(tmp_path_factory.mktemp("issued"), PROJECT, OTHER)
    return content


def _taken_in(
    folder: Path, content: bytes, roster: list[dict[str, Any]] | Path, again: str = ""
) -> list[dict[str, Any]]:
    """Hand a form in against a roster, send back, keep count, write the reminders."""
    file = folder / f"交回{again}" / "表.xlsx"
    file.parent.mkdir()
    file.write_bytes(content)
    listed_in = roster if isinstance(roster, Path) else folder / "now.json"
    if not isinstance(roster, Path):
        listed_in.write_text(json_codec.dumps(roster), "utf-8")
    given = ("--roster", listed_in, "--ledger", folder / "l.sqlite", "--returns", folder / f"退回{again}")
    run("ingest", file.parent, "-o", folder / "r.jsonl", *given, "--as-of", "2025-03-01")
    reminders = ("--reminders", folder / "催办.csv", "--as-of", "2025-03-02", "-o", folder / "c.jsonl")
    run("ledger", "coverage", folder / "l.sqlite", "--roster", listed_in, *reminders)
    return results(folder / "r.jsonl")


def _serious(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["rule"], one["level"], one["actor"]) for one in result["findings"]
            if one["level"] == "error" or one["rule"] in ("X06", "X07", "H03", "H04", "T10", "W06", "X01")]  # fmt: skip


@pytest.mark.parametrize("what", CORRECTIONS)
def test_what_the_roster_corrected_is_the_bureaus_to_issue_again_and_no_unit_is_asked(
    form: bytes, what: str, tmp_path: Path
) -> None:
    changes, word = CORRECTIONS[what]
    [result] = _taken_in(tmp_path, answered(form), [{**PROJECT, **changes}, OTHER])
    if word:
        assert _serious(result) == [("X07", "error", "bureau")], result["findings"]
        [told] = [one for one in result["findings"] if one["rule"] == "X07"]
        assert re.search(word, told["message"]) and "重新签发" in told["fix"], told["message"]
        assert list((tmp_path / "退回").glob("*.xlsx")) == []
        [line] = listed(tmp_path / "退回")
        assert line["状态"] == "不退回单位，须由财政部门处理" and line["退回的文件"] == ""
    else:
        assert _serious(result) == []
    reminded = (tmp_path / "催办.csv").read_text("utf-8-sig")
    assert "乙工程" in reminded and "甲" not in reminded.replace("甲局", ""), reminded


def _spoil(sheet: Any) -> None:
    sheet["H13"] = 20  # more than its weight


def _mend(sheet: Any) -> None:
    for row in sheet.iter_rows(min_row=13):
        if row[3].value and row[7].value is not None:
            row[7].value = row[6].value
        elif row[3].value and row[4].value:  # an indicator that was added
            row[5].value, row[7].value = str(row[4].value).lstrip("≥"), row[6].value
    for number in (7, 8, 9):
        if isinstance(sheet.cell(number, 4).value, int | float):
            sheet.cell(number, 5).value = sheet.cell(number, 6).value = sheet.cell(number, 4).value
        else:
            sheet.cell(number, 5).value = sheet.cell(number, 6).value = None


@pytest.mark.parametrize("what", CORRECTIONS)
def test_a_form_that_goes_back_carries_what_is_approved_now(form: bytes, what: str, tmp_path: Path) -> None:
    changes, word = CORRECTIONS[what]
    roster = [{**PROJECT, **changes}, OTHER]
    [first] = _taken_in(tmp_path, answered(form, _spoil), roster)
    assert ("X07" in {rule for rule, *_ in _serious(first)}) == bool(word)
    [file] = (tmp_path / "退回").glob("*.xlsx")
    book = openpyxl.load_workbook(file)
    _mend(book["自评表"])
    [second] = _taken_in(tmp_path, saved(book), roster, "再")
    assert _serious(second) == [], [one for one in second["findings"] if one["level"] != "info"]
    assert second["reading"]["seal"]["state"] == "sound" and second["reading"]["round"] == 2
    assert [one for one in second["findings"] if one["rule"].startswith("P") and one["level"] != "info"] == []
    names = {row["level3"] for row in second["record"]["indicators"]}
    assert names == {row["level3"] for row in {**PROJECT, **changes}["indicators"]}
    answers = {row["level3"]: row["actual"] for row in first["record"]["indicators"]}
    kept = {row["level3"]: row["actual"] for row in second["record"]["indicators"] if row["level3"] in answers}
    assert kept == {name: answers[name] for name in kept}


# ── streams, language, totals ───────────────────────────────────


def test_records_come_from_stdin_and_results_and_workbooks_go_to_stdout(tmp_path: Path, clean: dict[str, Any]) -> None:
    given = json_codec.dumps(clean).encode()
    filled = run_process("fill", "-", "-o", "-", given=given)
    assert filled.returncode == 0 and filled.stdout == fill(clean).content
    (tmp_path / "表.xlsx").write_bytes(filled.stdout)
    read = run("ingest", "表.xlsx", "-o", "-", folder=tmp_path)
    assert json_codec.loads(read.stdout)["record"] == clean and [one.name for one in tmp_path.iterdir()] == ["表.xlsx"]
    for arguments in (["check", "-"], ["check", "-", "-o", "-"]):
        checked = run(*arguments, given=given, folder=tmp_path)
        result = json_codec.loads(checked.stdout)
        assert checked.returncode == 0 and (result["record"], result["file"]) == (clean, "标准输入")
    broken = run("check", "-", given=b"{")
    assert broken.returncode == 2 and "标准输入" in broken.stderr.decode()
    report = run("ingest", "表.xlsx", "-o", "-", "--summary", "s.xlsx", folder=tmp_path)
    assert json_codec.loads(report.stdout)["record"] == clean


def test_what_units_read_is_chinese_whatever_the_operator_reads(
    tmp_path: Path, clean: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "交回").mkdir()
    content = fill(with_changes(clean, {"indicators.0.score": 88, "indicators.1.score": ""}), as_printed=True).content
    (tmp_path / "交回/a.xlsx").write_bytes(content)
    (tmp_path / "交回/b.pdf").write_bytes(b"%PDF-1.7")
    roster = "年度,项目名称,实施单位,主管部门,截止日期\n2024,b,乙中心,乙局,2024-12-31\n2024,丙,丙中心,丙局,2024-12-31\n"
    (tmp_path / "名册.csv").write_text(roster, "utf-8")
    made: dict[str, list[bytes]] = {}
    for language in ("en", "zh"):
        (folder := tmp_path / language).mkdir()
        for name in ("交回", "名册.csv"):
            (folder / name).symlink_to(tmp_path / name)
        monkeypatch.setenv("XLTOOL_LANG", language)
        run("ingest", "交回", "-o", "r.jsonl", "--as-of", "2025-01-10", "--returns", "退", *ALL_OUTPUTS, folder=folder)
        given = ["l.sqlite", "--roster", "名册.csv", "--as-of", "2025-01-11", "--reminders"]
        run("ledger", "coverage", *given, "m.csv", folder=folder)
        run("ledger", "coverage", *given, "m.xlsx", folder=folder)
        files = [
            "r.html",
            "s.xlsx",
            "m.csv",
            "m.xlsx",
            "退/退回清单.csv",
            *(f"退/{one.name}" for one in folder.glob("退/*.xlsx")),
        ]
        made[language] = [(folder / one).read_bytes() for one in files]
    assert len(made["zh"]) == 6 and made["en"] == made["zh"]


def test_totals_count_only_forms_that_are_fit_and_say_how_many_are_not(tmp_path: Path, clean: dict[str, Any]) -> None:
    records = {
        "好": {"project.name": "甲", "project.code": "A"},
        "坏": {"project.name": "乙", "project.code": "B", "indicators.0.score": 88},
        "也好": {"project.name": "丙", "project.code": "C"},
    }
    for name, changes in records.items():
        (tmp_path / f"{name}.xlsx").write_bytes(fill(with_changes(clean, changes), as_printed=True).content)
    (tmp_path / "扫描.pdf").write_bytes(b"%PDF-1.7")
    run(
        "ingest",
        tmp_path,
        "--summary",
        tmp_path / "s.xlsx",
        "--report",
        tmp_path / "r.html",
        "-o",
        tmp_path / "r.jsonl",
    )
    sheet = openpyxl.load_workbook(tmp_path / "s.xlsx", data_only=True)["汇总表"]
    rows = [row for row in sheet.iter_rows(min_row=2, values_only=True) if any(row)]
    total = next(row for row in rows if str(row[1]).startswith("合计"))
    assert total[1] == "合计（4 项，2 项未计入合计：退回 1、无法读取 1）"
    assert total[5] == 2 * clean["funds"][0]["adjusted_budget"] and total[8] == float(clean["total"]["score"])
    assert "只算核对通过的 2 份，另有 2 份没有计入（退回 1、无法读取 1）" in rows[0][0]
    assert "只算核对通过的 2 份，另有 2 份没有计入（退回 1、无法读取 1）" in (tmp_path / "r.html").read_text("utf-8")


# ── what came and cannot be used ────────────────────────────────


def _docx(text: str) -> bytes:
    runs = "".join(f"<w:r><w:t>{letter}</w:t></w:r>" for letter in text)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    parts = {
        "[Content_Types].xml": f'<Types><Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
        "word/document.xml": f"<w:document><w:body><w:p>{runs}</w:p></w:body></w:document>",
    }
    return packed([Member(name.encode(), part.encode()) for name, part in parts.items()])


def _wrong_form(name: str) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"], book.active["A2"] = "设备采购清单", f"用于：{name}"
    return saved(book)


_INNER = packed([Member("甲项目.xlsx".encode(), b"x", flags=0x800)])

#: A file as it came, and the words that tell why it cannot be used.
UNUSABLE: dict[str, tuple[str, bytes, str]] = {
    "a scan that is called like the project": ("甲项目自评表（盖章）.pdf", b"%PDF-1.7", "PDF"),
    "a photo with the code": ("IMG_2024-A-17_1.jpg", b"\xff\xd8\xff\xe0", "图片"),
    "a part of the name": ("职业技能提升 终版.png", b"\x89PNG\r\n", "图片"),
    "the folder of the unit": ("甲中心/扫描0001.pdf", b"%PDF-1.7", "PDF"),
    "only the unit": ("甲中心.rar", b"Rar!\x1a\x07", "RAR"),
    "a document that says so inside": ("附件3.docx", _docx("项目名称：甲项目"), "Word"),
    "a workbook of something else": ("新建 Microsoft Excel 工作表.xlsx", _wrong_form("甲项目"), ""),
    "an archive in an archive": ("报送.zip", packed([Member("内.zip".encode(), _INNER, flags=0x800)]), "解压|压缩包"),
    "a table as text": ("导出.csv", "项目,金额\n甲项目,3\n".encode("gbk"), "CSV"),
    "a mail": ("邮件.eml", b"From: a@b.cn\nSubject: =?utf-8?B?55Sy6aG555uu?=\nMIME-Version: 1.0\n\nx", "邮件"),
    "a page": ("a.html", "<html><body>甲项目</body></html>".encode(), "网页"),
    "what is locked by a program": ("甲项目.xlsx", b"%TSD-Header-###%" + b"\x00" * 64, "加密"),
    "nothing": ("甲项目.xlsx", b"", "空的"),
    "half a file": ("甲项目 (1).xlsx.download", b"PK\x03\x04" + b"\x01" * 60, "不完整|损坏"),
}  # fmt: skip


@pytest.mark.parametrize("what", UNUSABLE)
def test_nobody_who_sent_something_is_told_that_nothing_has_come(what: str, tmp_path: Path) -> None:
    name, content, word = UNUSABLE[what]
    roster = [
        {"year": 2024, "name": "甲项目" if "职业" not in name else "甲区职业技能提升行动", "code": "2024-A-17", "department": "甲局", "unit": "甲中心"},
        {"year": 2024, "name": "乙工程", "code": "2024-B-18", "department": "甲局", "unit": "乙中心", "deadline": "2025-01-31"},
    ]  # fmt: skip
    (tmp_path / "名册.json").write_text(json_codec.dumps(roster), "utf-8")
    file = tmp_path / "交回" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    given = ("--roster", tmp_path / "名册.json", "--ledger", tmp_path / "l.sqlite", "--returns", tmp_path / "退回")
    told = run("ingest", tmp_path / "交回", "-o", tmp_path / "r.jsonl", *given, "--summary", tmp_path / "s.csv")
    [result] = results(tmp_path / "r.jsonl")
    assert [one["name"] for one in result["sent_for"]] == [roster[0]["name"]], result
    assert re.search(word, result["findings"][0]["message"] + result["findings"][0]["fix"])
    assert "X01" in told.output and "乙工程" in told.output and f"没有提交：{roster[0]['name']}" not in told.output
    [line] = listed(tmp_path / "退回")
    assert (line["项目名称"], line["实施单位"], line["状态"]) == (roster[0]["name"], "甲中心", "无法读取，请重报")
    reminders = ("--reminders", tmp_path / "催办.csv", "-o", tmp_path / "c.jsonl")
    cover = run("ledger", "coverage", tmp_path / "l.sqlite", "--roster", tmp_path / "名册.json", *reminders)
    assert "交来的不能用 1，未交 1" in cover.output, cover.output
    rows = list(csv.DictReader(io.StringIO((tmp_path / "催办.csv").read_text("utf-8-sig"))))
    by_unit = {row["实施单位"]: row for row in rows}
    assert by_unit["甲中心"]["事由"] == "无法读取" and "未收到" not in by_unit["甲中心"]["催办内容"]
    assert "至今未收到" in by_unit["乙中心"]["催办内容"]
    assert {one["status"] for one in results(tmp_path / "c.jsonl")} == {"unreadable", "overdue"}
    summary = (tmp_path / "s.csv").read_text("utf-8-sig")
    assert roster[0]["name"] in summary


def test_a_photo_beside_a_form_that_is_in_order_asks_for_nothing(tmp_path: Path, clean: dict[str, Any]) -> None:
    own = clean["project"]
    line = {"year": clean["year"], **{key: own[key] for key in ("name", "code", "department", "unit")}}
    (tmp_path / "名册.json").write_text(json_codec.dumps([line]), "utf-8")
    (tmp_path / "交回").mkdir()
    (tmp_path / f"交回/{own['name']}.xlsx").write_bytes(fill(clean).content)
    (tmp_path / f"交回/{own['name']}佐证.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    given = ("--roster", tmp_path / "名册.json", "--ledger", tmp_path / "l.sqlite")
    run("ingest", tmp_path / "交回", "-o", tmp_path / "r.jsonl", *given)
    reminders = ("--reminders", tmp_path / "催办.csv", "-o", tmp_path / "c.jsonl")
    assert (
        run("ledger", "coverage", tmp_path / "l.sqlite", "--roster", tmp_path / "名册.json", *reminders).returncode == 0
    )
    assert results(tmp_path / "c.jsonl") == [] and len((tmp_path / "催办.csv").read_text("utf-8").splitlines()) == 1


# ── a form that was issued again ────────────────────────────────


def _issued_twice(folder: Path, changes: dict[str, Any]) -> tuple[bytes, bytes, Path]:
    """A project's form of the first issue and of the second, and the manifest of the second."""
    old, _ = _issued(folder, PROJECT, OTHER)
    new, _ = _issued(folder, {**PROJECT, **changes}, {**OTHER, "goal": "另有更正。"}, name="重发")
    return old, new, folder / "重发/manifest.jsonl"


def test_an_old_form_that_comes_after_the_form_was_issued_again_is_said_and_goes_back_as_approved_now(
    tmp_path: Path,
) -> None:
    old, new, manifest = _issued_twice(tmp_path, {"indicators": _rows((0, {"target": "≥39项"}))})
    [first] = _taken_in(tmp_path, answered(old), manifest)
    assert _serious(first) == [("X07", "error", "unit")]
    [told] = [one for one in first["findings"] if one["rule"] == "X07"]
    issues = [
        json_codec.loads((tmp_path / name / "manifest.jsonl").read_text("utf-8").partition("\n")[0])["issue"]
        for name in ("签发", "重发")
    ]
    assert all(issue in told["message"] for issue in issues) and "由“≥99项”改为“≥39项”" in told["message"]
    [file] = (tmp_path / "退回").glob("*.xlsx")
    [second] = _taken_in(tmp_path, file.read_bytes(), manifest, "再")
    assert _serious(second) == [] and second["status"] == "accepted"
    assert second["record"]["indicators"][0]["target"] == "≥39项"
    assert second["reading"]["seal"]["issue"] == issues[1] and second["reading"]["seal"]["state"] == "sound"
    [third] = _taken_in(tmp_path, answered(new), manifest, "三")
    assert _serious(third) == []


def test_a_form_of_another_issue_with_the_same_contents_is_said_and_taken(tmp_path: Path) -> None:
    old, _, manifest = _issued_twice(tmp_path, {})
    [result] = _taken_in(tmp_path, answered(old), manifest)
    assert [(one["level"], one["actor"]) for one in result["findings"] if one["rule"] == "X07"] == [("info", "nobody")]
    assert result["status"] == "accepted"


@pytest.mark.parametrize("roster", ["manifest", "roster"])
def test_an_old_form_that_comes_again_does_not_push_out_the_one_issued_again(tmp_path: Path, roster: str) -> None:
    changes = {"name": "甲项目（一期）", "code": None, "indicators": _rows((0, {"target": "≥39项"}))}
    old, new, manifest = _issued_twice(tmp_path, changes)
    now = manifest if roster == "manifest" else [{**PROJECT, **changes}, OTHER]
    _taken_in(tmp_path, answered(old), now)
    [accepted] = _taken_in(tmp_path, answered(new), now, "二")
    assert accepted["status"] == "accepted" and _serious(accepted) == []

    def later(sheet: Any) -> None:
        sheet["I13"] = "又改了一改"

    [again] = _taken_in(tmp_path, answered(old, later), now, "三")
    assert {rule for rule, *_ in _serious(again)} == {"X07"}
    assert next(one["message"] for one in again["findings"] if one["rule"] == "X02").endswith("已经通过")
    [line] = [
        json_codec.loads(one)
        for one in run("ledger", "status", tmp_path / "l.sqlite").output.splitlines()
        if one.startswith("{")
    ]
    assert (line["status"], line["name"]) == ("accepted", "甲项目（一期）")
    assert "甲" not in (tmp_path / "催办.csv").read_text("utf-8-sig").replace("甲局", "")


def test_a_roster_that_is_corrected_twice_and_back_asks_for_nothing(form: bytes, tmp_path: Path) -> None:
    wrong = [{**PROJECT, "indicators": _rows((0, {"target": "≥9项"}))}, OTHER]
    [first] = _taken_in(tmp_path, answered(form), wrong)
    assert _serious(first) == [("X07", "error", "bureau")]
    [again] = _taken_in(
        tmp_path, answered(form), [{**PROJECT, "indicators": _rows((0, {"target": "≥39项"}))}, OTHER], "二"
    )
    assert "≥39项" in again["findings"][0]["message"]
    [last] = _taken_in(tmp_path, answered(form), [PROJECT, OTHER], "三")
    assert _serious(last) == []
    assert "甲" not in (tmp_path / "催办.csv").read_text("utf-8-sig").replace("甲局", "")


def test_projects_taken_off_the_roster_added_to_it_and_swapped_are_told(form: bytes, tmp_path: Path) -> None:
    [gone] = _taken_in(tmp_path, answered(form), [OTHER])
    assert _serious(gone) == [("X01", "warning", "bureau")]
    assert list((tmp_path / "退回").glob("*.xlsx")) == [] or gone["status"] == "accepted"
    third = {**OTHER, "name": "丙工程", "code": "C-3", "unit": "丙中心"}
    [with_more] = _taken_in(tmp_path, answered(form), [PROJECT, OTHER, third], "二")
    assert _serious(with_more) == []
    assert "丙工程" in (tmp_path / "催办.csv").read_text("utf-8-sig")
    swapped = [{**PROJECT, "indicators": OTHER["indicators"]}, {**OTHER, "indicators": PROJECT["indicators"]}]
    [mixed] = _taken_in(tmp_path, answered(form), swapped, "三")
    assert _serious(mixed) == [("X07", "error", "bureau")]
    assert "取消数量指标“完成数量”" in mixed["findings"][0]["message"]


def test_what_the_unit_changed_itself_is_still_the_units_to_mend(form: bytes, tmp_path: Path) -> None:

    def spoil(sheet: Any) -> None:
        sheet["E13"] = "≥9项"  # a locked target
        sheet["D7"] = 90

    [result] = _taken_in(tmp_path, answered(form, spoil), [PROJECT, OTHER])
    assert {(rule, actor) for rule, _, actor in _serious(result)} >= {("P04", "unit"), ("T10", "unit"), ("X06", "unit")}
    [file] = (tmp_path / "退回").glob("*.xlsx")
    sheet = openpyxl.load_workbook(file)["自评表"]
    assert (sheet["E13"].value, sheet["D7"].value) == ("≥99项", 100)


def test_a_form_under_a_key_goes_back_under_it_or_as_it_was_issued(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("the bureau's own key, kept in a file")
    (tmp_path / "first.json").write_text(json_codec.dumps([PROJECT, OTHER]), "utf-8")
    run("issue", tmp_path / "first.json", "-o", tmp_path / "签发", "--key-file", tmp_path / "key")
    [form] = (tmp_path / "签发").glob("*/*甲项目.xlsx")
    (tmp_path / "now.json").write_text(
        json_codec.dumps([{**PROJECT, "indicators": _rows((0, {"target": "≥39项"}))}, OTHER]), "utf-8"
    )
    (tmp_path / "表.xlsx").write_bytes(answered(form.read_bytes(), _spoil))
    for name, given, target, proof in (
        ("有", ("--key-file", tmp_path / "key"), "≥39项", "proven"),
        ("无", (), "≥99项", "proven"),
    ):
        run(
            "ingest",
            tmp_path / "表.xlsx",
            "--roster",
            tmp_path / "now.json",
            "--returns",
            tmp_path / name,
            "-o",
            tmp_path / "r.jsonl",
            *given,
        )
        [file] = (tmp_path / name).glob("*.xlsx")
        run("ingest", file, "-o", tmp_path / "r.jsonl", "--key-file", tmp_path / "key")
        [again] = results(tmp_path / "r.jsonl")
        assert again["record"]["indicators"][0]["target"] == target
        assert (again["reading"]["seal"]["state"], again["reading"]["seal"]["proof"]) == ("sound", proof)


# ── copies and older rounds ─────────────────────────────────────


@pytest.mark.parametrize("kept", ["", "ledger", "summary"])
def test_copies_and_forms_of_older_rounds_are_told_with_and_without_a_ledger(
    tmp_path: Path, clean: dict[str, Any], kept: str
) -> None:
    (tmp_path / "交回").mkdir()
    first = fill(with_changes(clean, {"indicators.0.score": 3})).content
    (tmp_path / "交回/甲.xlsx").write_bytes(first)
    (tmp_path / "交回/甲 - 副本.xlsx").write_bytes(first)
    run("ingest", tmp_path / "交回/甲.xlsx", "--returns", tmp_path / "退回", "-o", tmp_path / "r.jsonl")
    [file] = (tmp_path / "退回").glob("*.xlsx")
    (tmp_path / "交回/甲（更正）.xlsx").write_bytes(file.read_bytes())
    given = {"ledger": ("--ledger", tmp_path / "l.sqlite"), "summary": ("--summary", tmp_path / "s.csv"), "": ()}[kept]
    run("ingest", tmp_path / "交回", "-o", tmp_path / "r.jsonl", *given)
    told = {
        Path(one["file"]).name: [finding["message"] for finding in one["findings"] if finding["rule"] == "X02"]
        for one in results(tmp_path / "r.jsonl")
    }
    assert told["甲（更正）.xlsx"] == []
    assert "逐字节相同" in "".join(told["甲.xlsx"] + told["甲 - 副本.xlsx"])
    assert any("以第 2 轮的" in one and "甲（更正）.xlsx" in one for one in told["甲.xlsx"] + told["甲 - 副本.xlsx"])
    if kept == "summary":
        assert (tmp_path / "s.csv").read_text("utf-8-sig").count(clean["project"]["name"]) == 1


@pytest.mark.parametrize("ledger", [True, False])
def test_which_of_two_forms_counts_is_said_and_can_be_overruled(
    tmp_path: Path, clean: dict[str, Any], ledger: bool
) -> None:
    (tmp_path / "交回").mkdir()
    for name, score in (("一.xlsx", 3), ("二.xlsx", 4)):
        content = fill(
            with_changes(clean, {"indicators.0.score": score, "indicators.0.deviation": "天气原因；改进"})
        ).content
        (tmp_path / "交回" / name).write_bytes(content)
    given = ("--ledger", tmp_path / "l.sqlite") if ledger else ()
    counting = []
    for wish in ((), ("--prefer", "一.xlsx"), ("--prefer", tmp_path / "交回/二.xlsx")):
        run("ingest", tmp_path / "交回", "-o", tmp_path / "r.jsonl", "--summary", tmp_path / "s.csv", *given, *wish)
        [line] = csv.DictReader(io.StringIO((tmp_path / "s.csv").read_text("utf-8-sig")))
        counting.append(line["得分"])
        told = [one for result in results(tmp_path / "r.jsonl") for one in result["findings"] if one["rule"] == "X02"]
        assert told
        if not wish:
            assert "为准" in told[0]["message"] and "--prefer" in told[0]["fix"] and told[0]["actor"] == "bureau"
    score = {one["file"].rpartition("/")[2]: one["record"]["total"]["score"] for one in results(tmp_path / "r.jsonl")}
    assert counting == [str(score["二.xlsx"]), str(score["一.xlsx"]), str(score["二.xlsx"])]
    assert run("ingest", tmp_path / "交回", "--prefer", "没有.xlsx", "-o", tmp_path / "r.jsonl").returncode == 2


def test_an_issued_form_counts_before_one_that_was_typed_anew(form: bytes, tmp_path: Path) -> None:
    (tmp_path / "交回").mkdir()
    (tmp_path / "交回/a签发.xlsx").write_bytes(answered(form))
    run("ingest", tmp_path / "交回", "-o", tmp_path / "r.jsonl")
    [record] = [one["record"] for one in results(tmp_path / "r.jsonl")]
    (tmp_path / "交回/z自己做.xlsx").write_bytes(fill({**record, "explanations": []}).content)
    for given in ((), ("--ledger", tmp_path / "l.sqlite")):
        run("ingest", tmp_path / "交回", "-o", tmp_path / "r.jsonl", *given)
        told = [one for result in results(tmp_path / "r.jsonl") for one in result["findings"] if one["rule"] == "X02"]
        assert told and all("a签发.xlsx 为准" in one["message"] for one in told)


def test_a_neighbours_form_with_ones_own_name_on_it_is_no_correction_of_the_roster(form: bytes, tmp_path: Path) -> None:

    def rename(sheet: Any) -> None:
        sheet["C3"], sheet["G4"] = OTHER["name"], OTHER["unit"]

    [result] = _taken_in(tmp_path, answered(form, rename), [PROJECT, OTHER])
    assert [(one["rule"], one["level"], one["actor"]) for one in result["findings"]] == [("P04", "error", "unit")]
    assert list((tmp_path / "退回").glob("*.xlsx")) == []
