"""Who has handed in and who has not: states, days, departments, and a list of reminders that can be sent as it is."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import chromium
import commands
import openpyxl
import pytest
from contract import result_of_record, result_of_workbook, typed
from project import with_changes

from xltool.ledger.coverage import Coverage, coverage_of
from xltool.ledger.cross_form_checks import missing_findings
from xltool.ledger.folder_runs import separate_rounds
from xltool.ledger.project_status import project_statuses
from xltool.ledger.received import match_received
from xltool.ledger.reminders import reminder_rows, reminders
from xltool.ledger.store import Ledger
from xltool.report.html import report_page
from xltool.result.overview import Overview, OverviewEntry
from xltool.result.result import Result
from xltool.roster.model import Project, Roster
from xltool.support import json_codec
from xltool.support.own_tables import REMINDERS as COLUMNS
from xltool.tables import summary, summary_lines

DUE, DAY = date(2025, 3, 31), date(2025, 4, 10)
UNIT = "市培训中心"


def _listed(name: str, department: str = "甲局", deadline: date | None = DUE, **further: Any) -> Project:
    return Project(2024, name, UNIT, "", department, deadline=deadline, **further)


LISTED = Roster(
    (
        _listed("准时通过"),
        _listed("迟交通过", "乙局"),
        _listed("逾期未交", "乙局", contact="张三", phone="+86 871", email="zhang@example.com"),
        _listed("未到期", deadline=date(2025, 4, 30)),
        _listed("今天到期", deadline=DAY),
        _listed("没有期限", deadline=None),
        _listed("准时退回"),
        _listed("迟交退回", "乙局"),
        _listed("退回后通过", "", deadline=date(2025, 3, 1)),
        _listed("未到期退回", deadline=date(2025, 4, 30)),
    )
)

#: What came in: the name, the day, the score of the first indicator (18 points without a reason are an error).
SENT = [
    ("准时通过", date(2025, 3, 31), 20),
    ("准时退回", date(2025, 3, 20), 18),
    ("退回后通过", date(2025, 2, 20), 18),
    ("迟交通过", date(2025, 4, 2), 20),
    ("迟交退回", date(2025, 4, 5), 18),
    ("退回后通过", date(2025, 3, 20), 20),
    ("未到期退回", date(2025, 4, 9), 18),
    ("没有签发", date(2025, 4, 1), 20),
]


def _record(clean: dict[str, Any], name: str, score: int) -> dict[str, Any]:
    own = {"project.code": "", "project.name": name, "project.unit": UNIT, "project.department": "甲局"}
    return with_changes(clean, {**own, "indicators.0.score": score})


def _kept(ledger: Ledger, clean: dict[str, Any]) -> None:
    for number, (name, day, score) in enumerate(sorted(SENT, key=lambda one: one[1])):
        run = ledger.begin(day)
        result = result_of_record(_record(clean, name, score), str(number).encode(), f"{number}.xlsx")
        ledger.record(typed(result), run, day)
        ledger.complete(run)


@pytest.fixture
def cover(clean: dict[str, Any]) -> Coverage:
    with Ledger(None) as ledger:
        _kept(ledger, clean)
        return coverage_of(project_statuses(ledger, DAY), LISTED, Decimal("0.99"), DAY)


def test_each_project_of_the_roster_has_one_state_and_its_days(cover: Coverage) -> None:
    assert [(one.project.name, one.state, one.days_of_state, one.days_late) for one in cover.projects] == [
        ("准时通过", "accepted", None, 0),
        ("迟交通过", "late", 2, 2),
        ("逾期未交", "overdue", 10, 0),
        ("未到期", "missing", None, 0),
        ("今天到期", "missing", None, 0),
        ("没有期限", "missing", None, 0),
        ("准时退回", "returned", 21, 0),
        ("迟交退回", "returned", 5, 5),
        ("退回后通过", "accepted", None, 0),
        ("未到期退回", "returned", 1, 0),
    ]
    assert [one.project.name for one in cover.unlisted_projects] == ["没有签发"]


def test_the_numbers_are_told_by_department(cover: Coverage) -> None:
    assert cover.by_department == {"甲局": (6, 3, 1, 0, 0, 0), "乙局": (3, 2, 1, 2, 1, 0), "—": (1, 1, 1, 0, 0, 0)}
    assert cover.counts == (10, 6, 3, 2, 1, 0)
    assert [one.name for one in cover.missing_projects] == ["逾期未交", "未到期", "今天到期", "没有期限"]


def test_the_reminders_can_be_sent_as_they_are(cover: Coverage) -> None:
    about = "市培训中心：贵单位 2024 年度项目“{}”的绩效自评表"
    found = reminder_rows(reminders(cover))
    assert [(row[0], row[2], row[7], row[8], row[9]) for row in found] == [
        ("乙局", "逾期未交", "2025-03-31", 10, "催交"),
        ("乙局", "迟交退回", "2025-03-31", 5, "退回未改"),
        ("甲局", "未到期", "2025-04-30", "", "催交"),
        ("甲局", "今天到期", "2025-04-10", "", "催交"),
        ("甲局", "没有期限", "", "", "催交"),
        ("甲局", "准时退回", "2025-03-31", 21, "退回未改"),
        ("甲局", "未到期退回", "2025-04-30", 1, "退回未改"),
    ]
    assert [row[10] for row in found] == [
        about.format("逾期未交") + "应于 2025 年 3 月 31 日前报送，至今未收到，已逾期 10 天，请立即报送。",
        about.format("迟交退回") + "于 2025 年 4 月 5 日报送后审核未通过，已退回，至今 5 天；还有 2 处错误，请按退回意见更正后重新报送。"
        "报送期限 2025 年 3 月 31 日已过，请立即办理。",
        about.format("未到期") + "尚未收到，请于 2025 年 4 月 30 日前报送。",
        about.format("今天到期") + "尚未收到，请于 2025 年 4 月 10 日前报送。",
        about.format("没有期限") + "尚未收到，请尽快报送。",
        about.format("准时退回") + "于 2025 年 3 月 20 日报送后审核未通过，已退回，至今 21 天；还有 2 处错误，请按退回意见更正后重新报送。"
        "报送期限 2025 年 3 月 31 日已过，请立即办理。",
        about.format("未到期退回") + "于 2025 年 4 月 9 日报送后审核未通过，已退回，至今 1 天；还有 2 处错误，请按退回意见更正后重新报送。",
    ]  # fmt: skip
    assert found[0][4:7] == ["张三", "+86 871", "zhang@example.com"] and len(found[0]) == len(COLUMNS)


def test_a_finding_says_that_a_missing_project_is_overdue(cover: Coverage) -> None:
    told = [(one.rule, one.level, one.message) for one in missing_findings(cover.missing_projects, DAY)]
    assert told == [
        (
            "X01",
            "error",
            "名册上的项目没有提交：逾期未交（市培训中心，2024），应于 2025-03-31 前报送，已逾期 10 天",
        ),
        *(
            ("X01", "error", f"名册上的项目没有提交：{name}（市培训中心，2024）")
            for name in ("未到期", "今天到期", "没有期限")
        ),
    ]


def test_a_name_that_is_only_like_one_that_came_itself_is_not_hidden_behind_it(clean: dict[str, Any]) -> None:
    listed = Roster((_listed("城区道路养护项目（一期）"), _listed("乡村道路硬化工程（二标段）")))
    names = ("城区道路养护项目（二期）", "城区道路养护项目（一期）", "乡村道路硬化工程（一标段）")
    with Ledger(None) as ledger:
        for number, name in enumerate(names):
            run = ledger.begin(date(2025, 3, 29 + number))
            result = result_of_record(_record(clean, name, 20), str(number).encode(), "x")
            ledger.record(typed(result), run, date(2025, 3, 29 + number))
            ledger.complete(run)
        found = coverage_of(project_statuses(ledger, DAY), listed, Decimal("0.85"), DAY)
    assert [(one.project.name, one.state) for one in found.projects] == [
        ("城区道路养护项目（一期）", "accepted"), ("乡村道路硬化工程（二标段）", "accepted")
    ]  # fmt: skip
    assert [one.project.name for one in found.unlisted_projects] == ["城区道路养护项目（二期）"]


# ── the command ─────────────────────────────────────────────────


def _manifest() -> str:
    """What an issue writes: a line for each form."""
    return json_codec.dump_lines(
        {
            "issue": "2024-abc123", "number": number, "code": f"ABC123-{number:04d}-QK4M", "file": f"{number}.xlsx",
            "sha256": f"{number:064x}", "form": {"id": "mof-2020", "version": "1"}, "year": 2024,
            "project": {"name": one.name, "code": None, "department": one.department or None, "unit": one.unit},
            "deadline": one.deadline.isoformat() if one.deadline else None,
            "contact": one.contact or None, "phone": one.phone or None, "email": one.email or None,
        }
        for number, one in enumerate(LISTED.projects, 1)
    )  # fmt: skip


def _run(folder: Path, *arguments: str) -> commands.Done:
    return commands.run(*arguments, folder=folder)


@pytest.fixture
def folder(tmp_path: Path, clean: dict[str, Any]) -> Path:
    with Ledger(tmp_path / "l.sqlite") as ledger:
        _kept(ledger, clean)
    (tmp_path / "manifest.jsonl").write_text(_manifest(), "utf-8")
    return tmp_path


def test_the_manifest_of_an_issue_against_the_ledger(folder: Path) -> None:
    done = _run(folder, "ledger", "coverage", "l.sqlite", "--roster", "manifest.jsonl", "--as-of", "2025-04-10")
    assert done.returncode == 1
    assert done.stderr.decode().splitlines() == [
        "—：1/1 已交，1 核对通过，0 迟交，0 逾期未交",
        "乙局：2/3 已交，1 核对通过，2 迟交，1 逾期未交",
        "甲局：3/6 已交，1 核对通过，0 迟交，0 逾期未交",
        "名册 10 个，已交 6（60.0%），核对通过 3，迟交 2，未交 4（逾期 1）；不在名册上的 1：没有签发",
    ]
    lines = [json_codec.loads(line) for line in done.stdout.splitlines()]
    assert [(line["status"], line["name"], line["days"], line["deadline"], line["received"]) for line in lines] == [
        ("late", "迟交通过", 2, "2025-03-31", "2025-04-02"),
        ("overdue", "逾期未交", 10, "2025-03-31", None),
        ("missing", "未到期", None, "2025-04-30", None),
        ("missing", "今天到期", None, "2025-04-10", None),
        ("missing", "没有期限", None, None, None),
        ("returned", "准时退回", 21, "2025-03-31", "2025-03-20"),
        ("returned", "迟交退回", 5, "2025-03-31", "2025-04-05"),
        ("returned", "未到期退回", 1, "2025-04-30", "2025-04-09"),
        ("unlisted", "没有签发", None, None, "2025-04-01"),
    ]
    assert list(lines[0]) == ["status", "days", "deadline", "received", "year", "code", "name", "department", "unit"]


def test_the_reminders_are_written_as_csv_and_as_a_workbook(folder: Path, cover: Coverage) -> None:
    wanted = reminder_rows(reminders(cover))
    base = ("ledger", "coverage", "l.sqlite", "--roster", "manifest.jsonl", "--as-of", "2025-04-10", "-o", "c.jsonl")
    for name in ("催办.csv", "催办.xlsx"):
        done = _run(folder, *base, "--reminders", name)
        assert done.returncode == 1 and done.stdout == b""
        assert done.stderr.decode().splitlines()[-1] == f"已写入 {name}"
    content = (folder / "催办.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    read = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    wanted[0][5] = "'+86 871"  # harmless when it is opened
    assert read == [list(COLUMNS), *([str(cell) for cell in row] for row in wanted)]
    sheet = openpyxl.load_workbook(folder / "催办.xlsx")["催办清单"]
    wanted[0][5] = "+86 871"
    assert [list(row) for row in sheet.iter_rows(values_only=True)] == [
        list(COLUMNS),
        *([one if one != "" else None for one in row] for row in wanted),
    ]
    assert {cell.data_type for row in sheet for cell in row} == {"s", "n"}


@pytest.mark.parametrize(
    ("further", "told"),
    [
        (["--reminders", "a.txt"], "应是 .csv 或 .xlsx"),
        (["--reminders", "manifest.jsonl"], "不能覆盖"),
        (["-o", "l.sqlite"], "不能覆盖"),
        (["--reminders", "no/a.csv"], "写不了"),
        (["--as-of", "31.3.2025"], "--as-of"),
    ],
)
def test_wrong_use_is_one_clear_line(folder: Path, further: list[str], told: str) -> None:
    before = {file: file.read_bytes() for file in folder.iterdir()}
    done = _run(folder, "ledger", "coverage", "l.sqlite", "--roster", "manifest.jsonl", *further)
    lines = [line for line in done.stderr.decode().splitlines() if line.startswith("xltool:")]
    assert done.returncode == 2 and len(lines) == 1 and told in lines[0], done.stderr.decode()
    assert {file: file.read_bytes() for file in folder.iterdir()} == before


def test_a_roster_of_which_everything_is_accepted_in_time_has_no_line_and_no_reminder(folder: Path) -> None:
    (folder / "r.csv").write_text(f"年度,项目名称,实施单位,截止日期\n2024,准时通过,{UNIT},2025-03-31\n", "utf-8")
    done = _run(folder, "ledger", "coverage", "l.sqlite", "--roster", "r.csv", "--reminders", "c.csv")
    assert done.returncode == 0
    assert [json_codec.loads(line)["status"] for line in done.stdout.splitlines()] == ["unlisted"] * 6
    assert len((folder / "c.csv").read_text("utf-8-sig").splitlines()) == 1


# ── report and summary ──────────────────────────────────────────


@pytest.fixture
def overview(clean: dict[str, Any], cover: Coverage) -> Overview:
    entries = [
        OverviewEntry(
            typed(result_of_record(_record(clean, one.project.name, 20), b"", one.project.name)),
            days_late=one.days_late,
        )
        for one in cover.projects
        if one.project_status
    ]
    return Overview(entries, DAY, len(cover.projects), cover.missing_projects)


def test_the_summary_tells_days_and_overdue_projects(overview: Overview) -> None:
    table = list(csv.reader(io.StringIO(summary_lines.summary_table(overview).decode("utf-8-sig"))))
    assert table[0][-2:] == ["逾期天数", "状态"]
    assert {row[1]: (row[-2], row[-1]) for row in table[1:]} == {
        "准时通过": ("", "核对通过"), "迟交通过": ("2", "核对通过"), "逾期未交": ("10", "逾期未交"), "未到期": ("", "未交"),
        "今天到期": ("", "未交"), "没有期限": ("", "未交"), "准时退回": ("", "核对通过"), "迟交退回": ("5", "核对通过"),
        "退回后通过": ("", "核对通过"), "未到期退回": ("", "核对通过"),
    }  # fmt: skip
    book = openpyxl.load_workbook(io.BytesIO(summary.summary_workbook(overview)))
    assert "名册 10 项，未交 4（逾期 1），迟交 2" in book["汇总表"]["A2"].value
    heads = [cell.value for cell in book["图表"][4]][:5]
    assert heads == ["主管部门", "核对通过", "退回", "未交", "逾期未交"]
    assert overview.by_department == {"甲局": {"accepted": 6, "missing": 3}, "乙局": {"overdue": 1}}


def test_the_report_tells_days_and_overdue_projects(tmp_path: Path, overview: Overview) -> None:
    (tmp_path / "a.html").write_text(report_page(overview), "utf-8")
    with chromium.opened(tmp_path / "a.html") as watched:
        view = watched.page
        cards = dict(re.findall(r"(\d+)\n(\S+)", view.inner_text(".cards")))
        told = {name: int(number) for number, name in re.findall(r"(\d+)\n(\S+)", view.inner_text(".cards"))}
        assert told == {
            "收到": 6,
            "核对通过": 6,
            "退回": 0,
            "无法读取": 0,
            "名册": 10,
            "未交": 3,
            "逾期未交": 1,
            "迟交": 2,
        }, cards
        view.select_option("#status", "overdue")
        assert view.inner_text("#count") == "1 / 10 项"
        cells = view.locator("#table tbody tr td").all_inner_texts()
        assert (cells[0], cells[10], cells[-1]) == ("逾期未交", "10", "逾期未交")
        view.click("#clear")
        view.click("th button:has-text('逾期天数')")
        assert view.locator("#table tbody tr td:nth-child(11)").all_inner_texts()[:4] == ["10", "5", "2", ""]
        assert watched.trouble == []


def test_a_correction_that_cannot_be_read_is_asked_for_again(clean: dict[str, Any]) -> None:
    pdf = typed(result_of_workbook(b"%PDF-1.7", "交回/准时退回（更正）.pdf"))
    with Ledger(None) as ledger:
        _kept(ledger, clean)
        run = ledger.begin(DAY)
        ledger.record(pdf, run, DAY)
        statuses = project_statuses(ledger, DAY)
        likeness = Decimal("0.99")
        cover = coverage_of(statuses, LISTED, likeness, DAY, match_received(ledger, statuses, LISTED, likeness))
    [row] = [row for row in reminder_rows(reminders(cover)) if row[2] == "准时退回"]
    assert row[9] == "无法读取" and "于 2025 年 4 月 10 日报送的“准时退回（更正）.pdf”不能用：是 PDF 文件" in str(
        row[10]
    )
    [covered] = [one for one in cover.projects if one.project.name == "准时退回"]
    assert (covered.state, covered.days_late) == ("returned", 0)


def _answering(clean: dict[str, Any], unit: str, text: str, after: str | None, file: str) -> Result:
    record = with_changes(clean, {"project.code": None, "project.unit": unit, "goal.actual": text})
    result = result_of_record(record, text.encode(), file)
    reading = {"anchor": "names", "application": None, "confidence": Decimal(1), "format": "xlsx", "carriers": [],
               "rivals": [], "normalised": [], "unplaced": [], "round": 2 if after else 1, "after": after}  # fmt: skip
    return typed({**result, "reading": reading, "sheet": "自评表"})


def test_folders_of_two_rounds_are_two_rounds_though_the_later_one_is_read_first(clean: dict[str, Any]) -> None:
    first = _answering(clean, "培训中心（盖章）", "第一次写的", None, "乙/一.xlsx")
    answer = _answering(clean, "培训中心", "更正后写的", first.sha256[:16], "甲/一.xlsx")
    again = _answering(clean, "培训中心", "再更正后写的", answer.sha256[:16], "丙/一.xlsx")
    with Ledger(None) as ledger:
        run = ledger.begin(DAY)
        for result in sorted((first, answer, again), key=lambda one: one.file):
            ledger.record(result, run, DAY)
        assert len(ledger.projects()) == 2
        separate_rounds(ledger, run, DAY)
        ledger.complete(run)
        [status] = project_statuses(ledger, DAY)
        assert [one.submission.file for one in status.rounds] == ["乙/一.xlsx", "甲/一.xlsx", "丙/一.xlsx"]
        assert [one.submission.round for one in status.rounds] == [1, 2, 3] and not any(
            one.copies for one in status.rounds
        )
        assert ledger.fault() is None
