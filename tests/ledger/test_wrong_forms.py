"""Forms that are not those of their projects: another project's form, or another year's; nobody else is told of them."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from circle import Edit, answered, listed, results
from commands import run

from xltool.support import json_codec


def _indicator(level2: str, level3: str, target: str, weight: int) -> dict[str, Any]:
    return {"level2": level2, "level3": level3, "target": target, "weight": weight}


def _project(name: str, unit: str, code: str | None, budget: int, subject: str, year: int = 2025) -> dict[str, Any]:
    return {
        "year": year, "name": name, "code": code, "department": "县住建局", "unit": unit, "goal": f"完成{subject}。",
        "money_unit": "万元", "funds": [{"source": "fiscal", "initial_budget": budget}], "indicators": [
            _indicator("数量指标", f"{subject}数量", f"≥{budget}户", 30), _indicator("质量指标", "合格率", "≥95%", 20),
            _indicator("社会效益指标", f"{subject}受益人数", "≥10人", 30),
            _indicator("服务对象满意度指标", "满意度", "≥90%", 10),
        ],
    }  # fmt: skip


def _projects(coded: bool = True, year: int = 2025) -> list[dict[str, Any]]:
    """Two projects of one unit with like names, two of one name, and one of a unit with no other."""
    rows = [
        ("农村危房改造补助", "县建设中心", "A-16", 132, "改造"),
        ("农村危旧房改造补助", "县建设中心", "A-17", 48, "翻修"),
        ("薄弱环节改善", "第一中学", "A-18", 90, "校舍"),
        ("薄弱环节改善", "实验小学", "A-19", 70, "教室"),
        ("劳动仲裁办案", "仲裁院", "A-20", 20, "案件"),
    ]
    return [
        _project(name, unit, code if coded else None, budget, subject, year)
        for name, unit, code, budget, subject in rows
    ]


class _Round:
    """A folder with issued forms, what came, and what is said of it."""

    def __init__(self, folder: Path, projects: list[dict[str, Any]], issued: str = "签发") -> None:
        self.folder = folder
        self.forms = self.issue(projects, issued)
        self.roster = folder / issued / "manifest.jsonl"

    def issue(self, projects: list[dict[str, Any]], name: str) -> list[bytes]:
        (self.folder / f"{name}.json").write_text(json_codec.dumps(projects), "utf-8")
        assert run("issue", self.folder / f"{name}.json", "-o", self.folder / name).returncode == 0
        lines = (self.folder / name / "manifest.jsonl").read_text("utf-8").splitlines()
        return [(self.folder / name / json_codec.loads(line)["file"]).read_bytes() for line in lines]

    def take(self, sent: dict[str, bytes], *given: object, roster: Path | None = None) -> dict[str, dict[str, Any]]:
        """The results of what came, by the names of the files."""
        folder = self.folder / f"交回{len(list(self.folder.glob('交回*')))}"
        folder.mkdir()
        for name, content in sent.items():
            (folder / f"{name}.xlsx").write_bytes(content)
        target, returns = self.folder / "r.jsonl", self.folder / f"退回-{folder.name}"
        run("ingest", folder, "-o", target, "--returns", returns, "--as-of", "2026-03-20", "--summary",
            self.folder / "s.csv", *(("--roster", roster or self.roster)), *given)  # fmt: skip
        self.returned = {Path(line["交回的文件"]).stem: line for line in listed(returns)}
        self.sums = list(csv.DictReader(io.StringIO((self.folder / "s.csv").read_text("utf-8-sig"))))
        return {Path(one["file"]).stem: one for one in results(target)}

    def reminded(self) -> dict[str, str]:
        """What is said to a unit, by project and unit."""
        run("ledger", "coverage", self.folder / "l.sqlite", "--roster", self.roster, "--reminders",
            self.folder / "c.csv", "--as-of", "2026-03-25", "-o", self.folder / "c.jsonl")  # fmt: skip
        with (self.folder / "c.csv").open(encoding="utf-8-sig", newline="") as lines:
            return {
                f"{line['项目名称']}/{line['实施单位']}": f"{line['事由']}：{line['催办内容']}"
                for line in csv.DictReader(lines)
            }

    @property
    def ledger(self) -> tuple[str, Path]:
        return "--ledger", self.folder / "l.sqlite"


def _write(**cells: object) -> Edit:
    def edit(sheet: Any) -> None:
        for cell, value in cells.items():
            sheet[cell] = value

    return edit


def _said(result: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one["rule"], one["actor"], one["message"]) for one in result["findings"] if one["level"] != "info"]


#: How a unit makes another project's form look like its own: which form it takes, what it changes, and to whose.
ALIENS: dict[str, tuple[int, dict[str, object], int]] = {
    "name": (0, {"C3": "农村危旧房改造补助"}, 1),
    "name and budget": (0, {"C3": "农村危旧房改造补助", "D7": 48}, 1),
    "a name much like it": (0, {"C3": "农村危旧房改造补助。", "D7": 48}, 1),
    "unit": (3, {"G4": "第一中学"}, 2),
    "unit and budget": (3, {"G4": "第一中学", "D7": 90}, 2),
    "name and unit": (4, {"C3": "薄弱环节改善", "G4": "实验小学"}, 3),
    "unit of one project alone": (0, {"G4": "仲裁院"}, 4),
}


@pytest.mark.parametrize("coded", [True, False])
@pytest.mark.parametrize("what", ALIENS)
def test_a_form_filled_in_for_another_project_is_that_ones_and_cannot_be_used(
    what: str, coded: bool, tmp_path: Path
) -> None:
    taken, changes, wanted = ALIENS[what]
    projects = _projects(coded)
    round_ = _Round(tmp_path, projects)
    own, alien = answered(round_.forms[taken]), answered(round_.forms[taken], _write(**changes))
    found = round_.take({"a自己的": own, "z别人的": alien}, *round_.ledger)
    [(rule, actor, message)] = _said(found["z别人的"])
    assert (rule, actor) == ("P04", "unit") and f"签发给“{projects[taken]['name']}”" in message
    assert _said(found["a自己的"]) == [] and found["a自己的"]["status"] == "accepted"
    [sent_for] = found["z别人的"]["sent_for"]
    assert (sent_for["name"], sent_for["unit"]) == (projects[wanted]["name"], projects[wanted]["unit"])
    line = round_.returned["z别人的"]
    assert (line["项目名称"], line["实施单位"], line["退回的文件"]) == (sent_for["name"], sent_for["unit"], "")
    assert line["状态"] == "用错了表，请用签发给本项目的表重报"
    assert list(round_.returned) == ["z别人的"]
    told = round_.reminded()
    reminder = told[f"{sent_for['name']}/{sent_for['unit']}"]
    assert reminder.startswith("用错了表：") and "不能用" in reminder and "收到，" not in reminder
    assert f"{projects[taken]['name']}/{projects[taken]['unit']}" not in told
    states = [(one["实施单位"], one["状态"]) for one in round_.sums if one["状态"] != "未交"]
    assert sorted(states) == sorted([(projects[taken]["unit"], "核对通过"), (sent_for["unit"], "退回")])


@pytest.mark.parametrize("kept", [True, False])
def test_which_came_first_does_not_matter_and_the_form_of_the_project_that_was_meant_is_accepted(
    kept: bool, tmp_path: Path
) -> None:
    round_ = _Round(tmp_path, _projects())
    ledger = round_.ledger if kept else ()
    alien = answered(round_.forms[0], _write(C3="农村危旧房改造补助", D7=48))
    round_.take({"用错的": alien}, *ledger)
    round_.take({"自己的": answered(round_.forms[0])}, *ledger)
    found = round_.take({"用错的": alien, "改正的": answered(round_.forms[1])}, *ledger)
    assert found["改正的"]["status"] == "accepted" and [one[0] for one in _said(found["用错的"])] == ["P04"]
    if kept:
        told = round_.reminded()
        assert not [name for name in told if name.startswith("农村危")], told
        done = [(one["项目名称"], one["状态"]) for one in round_.sums if one["项目名称"].startswith("农村危")]
        assert sorted(done) == [("农村危房改造补助", "核对通过"), ("农村危旧房改造补助", "核对通过")]


@pytest.mark.parametrize("given", ["nothing", "ledger"])
def test_without_a_roster_such_a_form_wins_over_nothing_and_does_not_go_back(given: str, tmp_path: Path) -> None:
    round_ = _Round(tmp_path, _projects())
    (tmp_path / "交").mkdir()
    for name, content in (("a自己的", answered(round_.forms[0])),
                          ("z别人的", answered(round_.forms[0], _write(C3="农村危旧房改造补助", D7=48)))):  # fmt: skip
        (tmp_path / f"交/{name}.xlsx").write_bytes(content)
    run("ingest", tmp_path / "交", "-o", tmp_path / "r.jsonl", "--returns", tmp_path / "退",
        *(round_.ledger if given == "ledger" else ()))  # fmt: skip
    own, alien = results(tmp_path / "r.jsonl")
    assert (own["status"], _said(own)) == ("accepted", [])
    [(rule, actor, message)] = _said(alien)
    assert (rule, actor) == ("P04", "unit") and "填的是“农村危旧房改造补助”" in message
    assert list((tmp_path / "退").glob("*.xlsx")) == []
    run("export", tmp_path / "r.jsonl", "--to", "platform", "-o", tmp_path / "平台")
    tables = [file.read_text("utf-8-sig") for file in sorted((tmp_path / "平台").glob("*.csv"))]
    assert tables and any("农村危房" in text for text in tables) and "危旧房" not in "".join(tables)


@pytest.mark.parametrize("kept", [True, False])
def test_a_single_name_that_was_changed_is_mended_and_does_not_push_out_the_projects_own_form(
    kept: bool, tmp_path: Path
) -> None:
    """A name that no project of the roster has may be a slip: the form is its project's, and goes back restored."""
    round_ = _Round(tmp_path, _projects())
    ledger = round_.ledger if kept else ()
    changed = answered(round_.forms[4], _write(C3="劳动争议案件"))
    found = round_.take({"a自己的": answered(round_.forms[4]), "z改过的": changed}, *ledger)
    assert _said(found["a自己的"]) == [] and [one[0] for one in _said(found["z改过的"])] == ["P04"]
    assert [one["状态"] for one in round_.sums if one["实施单位"] == "仲裁院"] == ["核对通过"]
    [line] = round_.returned.values()
    back = tmp_path / "退回-交回0" / line["退回的文件"]
    again = round_.take({"再交": back.read_bytes()}, *ledger)["再交"]
    assert again["record"]["project"]["name"] == "劳动仲裁办案" and again["status"] == "accepted"


def test_a_code_alone_is_a_slip_and_with_the_budget_it_is_another_project(tmp_path: Path) -> None:
    round_ = _Round(tmp_path, _projects())

    def with_code(**cells: object) -> bytes:
        def edit(sheet: Any) -> None:
            sheet.parent["_xltool"]["B20"] = "A-17"  # this form does not print it
            _write(**cells)(sheet)

        return answered(round_.forms[0], edit)

    found = round_.take({"编码": with_code(), "编码和预算": with_code(D7=48)}, *round_.ledger)
    assert found["编码"]["record"]["project"]["code"] == "A-17" and [one[0] for one in _said(found["编码"])] == ["P04"]
    assert "农村危旧房改造补助/县建设中心" in round_.reminded()
    [sent_for] = found["编码和预算"]["sent_for"]
    assert sent_for["name"] == "农村危旧房改造补助"


@pytest.mark.parametrize("seal", [None, "{}"])
def test_where_the_seal_does_not_say_what_was_issued_the_roster_does(seal: str | None, tmp_path: Path) -> None:
    """What was issued is deleted from the hidden sheet, or overwritten."""

    def edit(sheet: Any) -> None:
        _write(C3="农村危旧房改造补助", D7=48)(sheet)
        sheet.parent["_xltool"]["A3"] = seal

    old = _Round(tmp_path, _projects(year=2024), "上年").forms[2]
    round_ = _Round(tmp_path, _projects())
    of_last_year = answered(old, lambda sheet: [_write(A2=2025)(sheet), _write(A3=seal)(sheet.parent["_xltool"])])
    found = round_.take({"a自己的": answered(round_.forms[0]), "z别人的": answered(round_.forms[0], edit),
                         "上年的": of_last_year}, *round_.ledger)  # fmt: skip
    assert _said(found["a自己的"]) == []
    assert [one["name"] for one in found["z别人的"]["sent_for"]] == ["农村危旧房改造补助"]
    assert [one["rule"] for one in found["上年的"]["findings"]] == ["X01"]


# ── another year ────────────────────────────────────────────────


@pytest.mark.parametrize("coded", [True, False])
@pytest.mark.parametrize("changes", [{}, {"A2": 2025}, {"A2": 2025, "D7": 48}])
@pytest.mark.parametrize("listed_in", ["manifest", "roster"])
def test_a_form_of_last_year_is_the_units_to_send_again_and_nothing_of_it_is_carried_over(
    listed_in: str, changes: dict[str, object], coded: bool, tmp_path: Path
) -> None:
    old = _Round(tmp_path, _projects(coded, 2024), "上年").forms
    round_ = _Round(tmp_path, _projects(coded))
    roster = round_.roster if listed_in == "manifest" else tmp_path / "签发.json"
    found = round_.take({"上年的": answered(old[0], _write(**changes))}, *round_.ledger, roster=roster)
    [one] = found["上年的"]["findings"]
    assert (one["rule"], one["level"], one["actor"]) == ("X01", "error", "unit") and "2024 年的表" in one["message"]
    assert "签发给本项目的 2025 年的表" in one["fix"]
    assert ("重新签发" in one["fix"]) == (listed_in == "roster")
    assert round_.returned["上年的"]["退回的文件"] == "" and found["上年的"]["record"] is None
    assert "2024 年的表" in round_.reminded()["农村危房改造补助/县建设中心"]
    later = round_.take({"今年的": answered(round_.forms[0])}, *round_.ledger, roster=roster)
    assert later["今年的"]["status"] == "accepted" and "农村危房改造补助/县建设中心" not in round_.reminded()


def test_a_typed_form_of_another_year_says_so_and_one_with_a_slip_has_a_way_out(tmp_path: Path) -> None:
    round_ = _Round(tmp_path, _projects())
    record = round_.take({"自己的": answered(round_.forms[0])})["自己的"]["record"]
    (tmp_path / "记录.json").write_text(json_codec.dumps({**record, "year": 2024, "explanations": []}), "utf-8")
    run("fill", tmp_path / "记录.json", "-o", tmp_path / "做的.xlsx", "--as-printed")
    [one] = round_.take({"自己做的": (tmp_path / "做的.xlsx").read_bytes()})["自己做的"]["findings"]
    assert (one["rule"], one["level"], one["actor"]) == ("X01", "error", "unit") and "改正年度" in one["fix"]


def test_results_of_several_rounds_exported_together_keep_the_projects_own(tmp_path: Path) -> None:
    round_ = _Round(tmp_path, _projects())
    alien = answered(round_.forms[0], _write(C3="农村危旧房改造补助", D7=48))
    files = []
    for number, sent in enumerate([{"z用错的": alien}, {"自己的": answered(round_.forms[0])}, {"z用错的": alien}]):
        round_.take(sent, *round_.ledger)
        files.append(tmp_path / f"结果{number}.jsonl")
        files[-1].write_bytes((tmp_path / "r.jsonl").read_bytes())
    run("export", *files, "--to", "csv", "-o", tmp_path / "表")
    text = "".join(file.read_text("utf-8-sig") for file in sorted((tmp_path / "表").glob("forms*.csv")))
    assert "农村危房改造补助" in text and "危旧房" not in text


# ── what a returned workbook says of itself ─────────────────────


def test_a_line_says_restored_only_where_the_workbook_has_what_is_expected(tmp_path: Path) -> None:
    projects = _projects()
    round_ = _Round(tmp_path, projects)
    roster = tmp_path / "名册.json"
    roster.write_text(json_codec.dumps([{**projects[0], "executed": 100}, *projects[1:]]), "utf-8")
    content = answered(round_.forms[0], _write(H13=99, E13="≥1户"))
    round_.take({"表": content}, roster=roster)
    back = tmp_path / "退回-交回0" / round_.returned["表"]["退回的文件"]
    sheet = openpyxl.load_workbook(back, data_only=True)["退回意见"]
    states = {(str(row[2].value)[:3], row[6].value): row[8].value for row in sheet.iter_rows(min_row=7) if row[2].value}
    assert states["T10", "≥132户"] == states["P04", "≥132户"] == "已恢复"
    assert states["X05", "100"] == "提交后检查"
