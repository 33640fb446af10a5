"""The ledger counts right, whatever comes in twice, under two names or after a kill; rosters are held against forms."""

from __future__ import annotations

import io
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import rounds
from commands import run_process
from contract import fill, per_place, result_of_record, typed
from project import ROOT, with_changes

from xltool.intake.records import parse_roster
from xltool.ledger.baseline import compare_with_roster
from xltool.ledger.coverage import coverage_of
from xltool.ledger.cross_form_checks import (
    NarrativeForm,
    cross_form_findings,
    missing_findings,
    number_texts,
    score_spread_finding,
    similar_pairs,
)
from xltool.ledger.project_status import ProjectStatus, project_statuses
from xltool.ledger.store import Ledger
from xltool.result.comparison import compare_records, differences
from xltool.result.record import Record
from xltool.roster.model import Project, Roster
from xltool.rules.code_findings import shared_rules
from xltool.support import json_codec
from xltool.support.errors import WrongUse

#: Larger by hand: 300 projects send 2,000 files; 500 files are killed at twenty moments.
PROJECTS = int(os.environ.get("XLTOOL_PROJECTS", "25"))
FILES, KILLS = int(os.environ.get("XLTOOL_FILES", "40")), int(os.environ.get("XLTOOL_KILLS", "3"))
DAY = date(2025, 3, 1)


def _recorded(sent: list[rounds.Sent], file: Path | None = None) -> Ledger:
    ledger = Ledger(file)
    for run in sorted({one.run for one in sent}):
        own = [one for one in sent if one.run == run]
        number = ledger.begin(own[0].day)
        for one in own:
            ledger.record(typed(one.result), number, one.day)
        ledger.complete(number)
    return ledger


@pytest.fixture(scope="module")
def world() -> list[rounds.Sent]:
    return list(rounds.sent(PROJECTS, 3, seed=1, more=1.66))


# ── a plain recount ─────────────────────────────────────────────


def _recount(sent: list[rounds.Sent], project: int, until: date) -> dict[str, Any]:
    """What the ledger has to say of a project, counted from the list of what was sent, as plainly as possible."""
    first_seen: dict[str, rounds.Sent] = {}
    for one in sent:
        first_seen.setdefault(one.result["sha256"], one)
    own = [one for one in first_seen.values() if one.project == project]
    last_of_round = {}
    for one in sorted(own, key=lambda one: (one.day, one.result["file"])):
        last_of_round[one.round] = one
    turns = [last_of_round[number] for number in sorted(last_of_round)]
    now, before = _faults(turns[-1]), _faults(turns[-2]) if len(turns) > 1 else set()
    days, since = 0, None
    for one in turns:
        if one.result["status"] == "returned":
            since = since or one.day
        elif since:
            days, since = days + (one.day - since).days, None
    return {
        "status": turns[-1].result["status"], "round": turns[-1].round, "rounds": len(turns),
        "versions": len(own), "fixed": len(before - now), "open": len(before & now), "new": len(now - before),
        "days": days + ((until - since).days if since else 0), "file": turns[-1].result["file"],
    }  # fmt: skip


def _faults(one: rounds.Sent) -> set[tuple[str, str, str]]:
    label = {"/indicators": lambda finding: finding["label"]}
    told = (spot for finding in one.result["findings"] for spot in per_place(finding))
    found = (finding for finding in told if finding["level"] != "info")
    return {(each["rule"], each["path"], label.get(each["path"], lambda _: "")(each)) for each in found}


def _told(standing: ProjectStatus) -> dict[str, Any]:
    turn = standing.current
    progress = turn.progress
    return {
        "status": standing.status, "round": turn.submission.round, "rounds": len(standing.rounds),
        "versions": sum(1 + len(one.copies) for one in standing.rounds), "fixed": len(progress.fixed),
        "open": len(progress.open), "new": len(progress.new), "days": standing.days_open, "file": turn.submission.file,
    }  # fmt: skip


def test_the_ledger_s_figures_are_those_of_a_plain_recount(world: list[rounds.Sent]) -> None:
    until = rounds.FIRST_DAY.replace(month=6)
    with _recorded(world) as ledger:
        found = {one.project.name: one for one in project_statuses(ledger, until)}
        names = {one.result["record"]["project"]["name"]: one.project for one in world}
        assert set(found) == set(names)
        for name, project in names.items():
            assert _told(found[name]) == _recount(world, project, until), name
        assert len(ledger.submissions()) == len({one.result["sha256"] for one in world}) < len(world)
        assert ledger.fault() is None


def test_a_second_time_changes_nothing(world: list[rounds.Sent], tmp_path: Path) -> None:
    file = tmp_path / "l.sqlite"
    _recorded(world, file).__exit__()
    before = list(sqlite3.connect(file).iterdump())
    _recorded(world, file).__exit__()
    after = [line for line in sqlite3.connect(file).iterdump() if not line.startswith('INSERT INTO "run"')]
    assert after == [line for line in before if not line.startswith('INSERT INTO "run"')]


def test_a_form_judged_anew_is_renewed_and_stays_one_submission(clean: dict[str, Any]) -> None:
    result = result_of_record(clean, b"1", "a")
    stricter = {**result, "status": "returned", "findings": [_finding("D01", "error")]}
    waived = {
        **stricter,
        "status": "accepted",
        "findings": [{**_finding("D01", "error"), "waived": {"reason": "经批准", "approver": "甲", "until": None}}],
    }
    with Ledger(None) as ledger:
        run = ledger.begin(DAY)
        assert ledger.record(typed(result), run, DAY)
        for again, status, waivers in ((stricter, "returned", 0), (waived, "accepted", 1)):
            assert not ledger.record(typed({**again, "file": "b"}), run, DAY)
            [standing] = project_statuses(ledger, DAY)
            assert (standing.status, standing.current.waived, standing.current.submission.file) == (
                status,
                waivers,
                "a",
            )


def _answering(first: dict[str, Any]) -> dict[str, Any]:
    """How a form is read that was returned and comes again."""
    lists: dict[str, Any] = {key: [] for key in ("carriers", "rivals", "normalised", "unplaced")}
    answered = {"round": 2, "after": first["sha256"][:16]}
    return {**answered, "anchor": "names", "application": None, "confidence": 1, "format": "xlsx", **lists}


def _finding(rule: str, level: str, path: str = "/goal/actual") -> dict[str, Any]:
    texts = dict.fromkeys(("label", "message", "fix", "basis"), "x")
    return {"rule": rule, "level": level, "path": path, "cell": None, "found": None, "expected": None, **texts}


def test_what_was_explained_stands_and_is_not_counted_as_mended(clean: dict[str, Any]) -> None:
    first = result_of_record(clean, b"1", "a")
    first |= {"status": "returned", "findings": [_finding("Q04", "warning"), _finding("D01", "error")]}
    second = result_of_record(clean, b"2", "b")
    second["findings"] = [{**_finding("Q04", "warning"), "explanation": "发放问卷 120 份"}]
    second["reading"] = _answering(first)
    with Ledger(None) as ledger:
        for one in (first, second):
            run = ledger.begin(DAY)
            ledger.record(typed(one), run, DAY)
            ledger.complete(run)
        [standing] = project_statuses(ledger, DAY)
        [(key, [told])] = cross_form_findings(ledger, [standing]).by_form.items()
    assert key[0] == first["sha256"] and told.rule == "X02" and told.level == "info"
    assert told.message == "这是第 1 轮交过的；第 2 轮的 b 已经通过"
    last = standing.current
    assert (last.explained, len(last.progress.fixed), len(last.progress.open), len(last.progress.new)) == (1, 1, 0, 0)


def test_a_project_whose_name_was_corrected_on_the_returned_form_is_the_same_project(clean: dict[str, Any]) -> None:
    record = with_changes(clean, {"project.code": "", "project.name": "培训"})
    first = result_of_record(record, b"1", "a")
    second = result_of_record(with_changes(record, {"project.name": "职业技能培训项目"}), b"2", "b")
    second["reading"] = _answering(first)
    third = result_of_record(with_changes(record, {"project.name": "职业技能培训项目", "year": 2024}), b"3", "c")
    other = result_of_record(with_changes(record, {"project.name": "另一个", "project.unit": "另一家"}), b"4", "d")
    other["reading"] = second["reading"]
    with Ledger(None) as ledger:
        for number, one in enumerate((first, second, third, other)):
            run = ledger.begin(DAY)
            ledger.record(typed(one), run, DAY)
            ledger.complete(run)
            assert len(project_statuses(ledger, DAY)) == (2 if number == 3 else 1)
        assert sorted(len(one.rounds) for one in project_statuses(ledger, DAY)) == [1, 3]


def test_a_project_without_a_code_is_its_name_unit_and_year_in_any_width(clean: dict[str, Any]) -> None:
    names = ["培训 项目（一）", "培训项目(一)", "培训项目（一）　"]
    with Ledger(None) as ledger:
        run = ledger.begin(DAY)
        for number, name in enumerate(names):
            record = with_changes(clean, {"project.code": "", "project.name": name.strip()})
            ledger.record(typed(result_of_record(record, str(number).encode(), f"{number}")), run, DAY)
        record = with_changes(clean, {"project.code": "", "project.name": names[0], "year": 2023})
        ledger.record(typed(result_of_record(record, b"x", "x")), run, DAY)
        assert Counter(len(one.current.copies) for one in project_statuses(ledger, DAY)) == {2: 1, 0: 1}


# ── the file ────────────────────────────────────────────────────


def test_what_is_no_ledger_is_left_alone(tmp_path: Path) -> None:
    text, other, newer = tmp_path / "a.txt", tmp_path / "b.sqlite", tmp_path / "c.sqlite"
    text.write_text("项目名称\n" * 500, "utf-8")
    with sqlite3.connect(other) as base:
        base.execute("CREATE TABLE t (a)")
    Ledger(newer).__exit__()
    with sqlite3.connect(newer) as base:
        base.execute("PRAGMA user_version = 99")
    for file in (text, other, newer):
        before = file.read_bytes()
        with pytest.raises(WrongUse):
            Ledger(file)
        assert file.read_bytes() == before
    with pytest.raises(WrongUse):
        Ledger(tmp_path / "missing.sqlite", create=False)


def _many(folder: Path, number: int) -> None:
    """Workbooks of different projects, two versions of some: two are written, the others have other texts in them."""
    folder.mkdir()
    clean = json_codec.loads((ROOT / "templates/mof-2020/1/example.json").read_bytes())
    texts = {"project.code": "码码码码", "project.name": "名名名名", "goal.actual": "完成完成完成"}
    bases = [fill(with_changes(clean, {**texts, "indicators.0.score": score})).content for score in (20, 18)]
    for index in range(number):
        project = index if index % 10 else index // 2  # every tenth is another version of an earlier project
        own = {"码码码码": f"C-{project}", "名名名名": f"项目{project}", "完成完成完成": f"完成第{index}项"}
        (folder / f"{index:04d}.xlsx").write_bytes(_with_texts(bases[index % 3 == 0], own))


def _with_texts(content: bytes, texts: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as package, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as made:
        for entry in package.infolist():
            part = package.read(entry)
            if entry.filename == "xl/sharedStrings.xml":
                for old, new in texts.items():
                    part = part.replace(old.encode(), new.encode())
            made.writestr(entry, part)
    return target.getvalue()


def _content(file: Path) -> list[Any]:
    with sqlite3.connect(file) as base:
        assert base.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert base.execute("PRAGMA foreign_key_check").fetchall() == []
        names = "s.sha256, s.sheet, s.file, s.status, s.round, p.code, p.name, count(f.number)"
        joined = "submission s LEFT JOIN project p ON p.id = s.project LEFT JOIN finding f ON f.submission = s.id"
        return base.execute(f"SELECT {names} FROM {joined} GROUP BY s.id ORDER BY s.sha256, s.sheet").fetchall()


def _its_workers_end(group: int) -> None:
    """The workers of a killed ingest notice it; none waits for ever."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    os.killpg(group, signal.SIGKILL)
    pytest.fail("workers of a killed ingest are still there")


def test_a_ledger_that_was_killed_in_the_middle_is_whole_and_a_second_run_completes_it(tmp_path: Path) -> None:
    _many(tmp_path / "in", FILES)
    command = ("ingest", "in", "-o", "o.jsonl", "--as-of", "2025-03-01", "--ledger")
    start = time.monotonic()
    assert run_process(*command, "whole.sqlite", folder=tmp_path).returncode == 1
    whole, took = _content(tmp_path / "whole.sqlite"), time.monotonic() - start
    assert len(whole) == FILES
    dice, moments = random.Random(7), []
    for number in range(KILLS):
        name = f"{number}.sqlite"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        running = subprocess.Popen([sys.executable, "-m", "xltool", *command, name], cwd=tmp_path, **quiet)
        time.sleep(took * dice.uniform(0.2, 0.9))
        running.send_signal(signal.SIGKILL)
        running.wait()
        _its_workers_end(running.pid)
        kept = _content(tmp_path / name) if (tmp_path / name).exists() and (tmp_path / name).stat().st_size else []
        assert set(kept) <= set(whole) or len(kept) < FILES  # rounds are counted as forms come in
        assert len({one[:2] for one in kept}) == len(kept)
        moments.append(len(kept))
        assert run_process(*command, name, folder=tmp_path).returncode == 1
        assert _content(tmp_path / name) == whole
    sys.stdout.write(f"killed after {sorted(moments)} of {FILES} submissions\n")


# ── across forms ────────────────────────────────────────────────


def test_two_versions_in_one_round_are_told_with_the_one_that_counts(clean: dict[str, Any]) -> None:
    with Ledger(None) as ledger:
        run = ledger.begin(DAY)
        for number in (1, 2):
            record = with_changes(clean, {"goal.actual": f"完成 {number} 项"})
            ledger.record(typed(result_of_record(record, str(number).encode(), f"{number}.xlsx")), run, DAY)
        found = cross_form_findings(ledger, project_statuses(ledger, DAY))
    assert len(found.by_form) == 2
    for [finding] in found.by_form.values():
        assert (finding.rule, finding.level) == ("X02", "warning")
        assert "以 2.xlsx 为准" in finding.message and "实际完成情况" in finding.message


def test_the_spread_of_scores_leaves_out_a_form_that_another_version_puts_in_doubt(clean: dict[str, Any]) -> None:
    with Ledger(None) as ledger:
        run = ledger.begin(DAY)
        for number in range(11):
            for version in (1, 2) if number == 0 else (1,):
                changes = {"project.name": f"项目{'甲乙丙丁戊己庚辛壬癸子'[number]}", "project.code": f"C{number:03d}",
                           "goal.actual": f"完成 {version} 项"}  # fmt: skip
                content = f"{number}.{version}".encode()
                result = typed(result_of_record(with_changes(clean, changes), content, f"{number}.{version}.xlsx"))
                assert result.status == "accepted" and not result.review
                ledger.record(result, run, DAY)
        found = cross_form_findings(ledger, project_statuses(ledger, DAY)).of_collection
    whole = [one for one in found if one.label == "全部"]
    assert [("的 10 份" in one.message, "另有 1 份" in one.message) for one in whole] == [(True, True)]


def _form(number: int, text: str, unit: str = "", year: int = 2024, score: str = "95") -> NarrativeForm:
    return NarrativeForm(
        (str(number), ""), year, "局", unit or f"单位{number}", f"项目{number}", text, Decimal(score), "优"
    )


def test_look_alikes_are_those_that_comparing_all_pairs_finds() -> None:
    from rapidfuzz import fuzz

    dice = random.Random(5)
    letters = [chr(0x4E00 + number) for number in range(400)]
    texts = []
    for _ in range(120):
        text = dice.choices(letters, k=dice.randint(30, 400))
        texts.append("".join(text))
        for _ in range(dice.randint(0, 2)):  # near and not so near copies
            changed = [
                dice.choice(letters) if dice.random() < dice.choice([0.01, 0.04, 0.09, 0.2]) else one for one in text
            ]
            texts.append("".join(changed))
    forms = [_form(number, text) for number, text in enumerate(texts)]
    every = {
        frozenset((one.key, other.key))
        for at, one in enumerate(forms)
        for other in forms[at + 1 :]
        if fuzz.ratio(one.narrative, other.narrative) >= 90
    }
    found = {frozenset((one.key, other.key)) for one, other, _ in similar_pairs(forms, shared_rules()["X03"])}
    assert found <= every and len(every) > 50
    assert len(found) >= 0.98 * len(every)


def test_a_unit_s_own_forms_of_one_year_are_not_called_look_alikes() -> None:
    text = "全年完成各项任务，群众满意，资金使用规范，按期验收合格，成效明显，制度健全。"
    forms = [
        _form(1, text, "甲"),
        _form(2, text, "甲"),
        _form(3, text, "甲", 2023),
        _form(4, text, "乙"),
        _form(5, text[:20]),
    ]
    pairs = {(one.key[0], other.key[0]) for one, other, _ in similar_pairs(forms, shared_rules()["X03"])}
    assert pairs == {("1", "3"), ("1", "4"), ("2", "3"), ("2", "4"), ("3", "4")}


def test_scores_that_hardly_differ_are_told_by_department() -> None:
    rule = shared_rules()["X04"]
    assert [one.label for one in score_spread_finding([_form(n, "", score="98") for n in range(10)], rule)] == [
        "全部",
        "局",
    ]
    assert list(score_spread_finding([_form(n, "", score=str(80 + n)) for n in range(20)], rule)) == []
    assert number_texts([Decimal(90), Decimal(100)], ["优", "良"]) == (Decimal("0.5"), Decimal(95), Decimal(5))


# ── rosters ─────────────────────────────────────────────────────

_HEADS = ["年度", "项目编码", "项目名称", "主管部门", "实施单位", "决算数", "金额单位"]


def _roster(clean: dict[str, Any], **other: Any) -> Roster:
    own = clean["project"]
    values = {"year": clean["year"], "name": own["name"], "unit": own["unit"], "department": own["department"], **other}
    return Roster((Project(**values),))


def test_a_form_as_listed_has_no_finding_and_each_difference_is_one(clean: dict[str, Any]) -> None:
    from xltool.roster.model import ApprovedIndicator

    approved = tuple(
        ApprovedIndicator(row["level2"], row["level3"], row["target"], Decimal(row["weight"]))
        for row in clean["indicators"]
    )
    whole = _roster(
        clean, code=clean["project"]["code"], executed=Decimal("975000"), money_unit="元", indicators=approved
    )
    assert compare_with_roster(Record.from_json(clean), whole) == []
    changes = {
        "project.name": "职业培训项目", "project.unit": "培训中心", "funds.total.executed": 97, "indicators.0.weight": 25,
        "indicators.1.target": "≥90%", "indicators.2.level3": "按期完成",
    }  # fmt: skip
    found = compare_with_roster(Record.from_json(with_changes(clean, changes)), whole)
    assert [(one.rule, one.level, one.path) for one in found] == [
        ("H03", "error", "/project/name"),
        ("H04", "warning", "/project/unit"),
        ("X05", "warning", "/funds/0/executed"),
        ("W06", "warning", "/indicators/0/weight"),
        ("T10", "error", "/indicators/1/target"),
        ("T10", "error", "/indicators/2/level3"),
        ("T10", "error", "/indicators"),
    ]
    for one in found:
        assert "{" not in one.message and one.fix and one.basis
    missing = clean["indicators"][2]
    assert f"指标值 {missing['target']}" in found[-1].message and f"分值 {missing['weight']}" in found[-1].message


@pytest.mark.parametrize(
    ("typed", "approved", "same"),
    [("100%", "=100%", True), ("＝100%", "100%", True), (">=95%", "≥95%", True), ("≥ 95 ％", "≥95%", True),
     ("95%", "≥95%", False), ("≤95%", "≥95%", False), ("90%", "=100%", False)],
)  # fmt: skip
def test_a_target_is_as_approved_whatever_the_spelling_of_its_sign(
    clean: dict[str, Any], typed: str, approved: str, same: bool
) -> None:
    from xltool.roster.model import ApprovedIndicator

    row = clean["indicators"][1] | {"target": typed}
    record = clean | {"indicators": [row]}
    listed = _roster(clean, indicators=(ApprovedIndicator(row["level2"], row["level3"], approved, None),))
    found = compare_with_roster(Record.from_json(record), listed)
    assert [one.rule for one in found if one.path.endswith("/target")] == ([] if same else ["T10"])


def test_a_project_that_is_not_listed_is_told(clean: dict[str, Any]) -> None:
    other = Roster((Project(2024, "道路养护", "某市公路中心", code="Z-9"),))
    assert [(one.rule, one.level) for one in compare_with_roster(Record.from_json(clean), other)] == [
        ("X01", "warning")
    ]


def test_coverage_counts_each_listed_project_once(clean: dict[str, Any]) -> None:
    listed = Roster(
        tuple(Project(2024, f"项目{n}", "某市职业培训中心", department="甲局" if n < 3 else "乙局") for n in range(5))
    )
    with Ledger(None) as ledger:
        run = ledger.begin(DAY)
        for number in (0, 1, 3, 9):
            changes = {
                "project.code": "",
                "project.name": f"项目{number}",
                "indicators.0.score": 18 if number == 1 else 20,
            }
            ledger.record(typed(result_of_record(with_changes(clean, changes), str(number).encode(), "x")), run, DAY)
        cover = coverage_of(project_statuses(ledger, DAY), listed, Decimal("0.99"), DAY)
    assert cover.counts == (5, 3, 2, 0, 0, 0)
    assert [one.name for one in cover.missing_projects] == ["项目2", "项目4"]
    assert [one.project.name for one in cover.unlisted_projects] == ["项目9"]
    assert cover.by_department == {"甲局": (3, 2, 1, 0, 0, 0), "乙局": (2, 1, 1, 0, 0, 0)}
    assert [one.rule for one in missing_findings(cover.missing_projects, DAY)] == ["X01", "X01"]


def _workbook(file: Path, rows: list[list[Any]], indicators: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    sheet = book.create_sheet("指标")
    for row in indicators:
        sheet.append(row)
    book.save(file)
    return file.read_bytes()


def test_a_roster_reads_the_same_from_every_format(tmp_path: Path) -> None:
    row = [2024, "A1", "培训", "甲局", "甲中心", 97.5, "万元"]
    heads = ["项目编码", "项目名称", "二级指标", "三级指标", "年度指标值", "分值"]
    line = ["A1", "培训", "数量指标", "培训人次", "≥100人次", 20]
    book = parse_roster(_workbook(tmp_path / "r.xlsx", [["名册"], _HEADS, row], [heads, line]), "r.xlsx")
    inner = {"level2": "数量指标", "level3": "培训人次", "target": "≥100人次", "weight": 20}
    project = {"name": "培训", "code": "A1", "department": "甲局", "unit": "甲中心"}
    one = {"year": 2024, "project": project, "executed": 97.5, "money_unit": "万元", "indicators": [inner]}
    assert parse_roster(json_codec.dumps([one]).encode(), "r.json").projects == book.projects
    assert parse_roster((json_codec.dumps(one) + "\n").encode(), "r.jsonl").projects == book.projects
    text = ",".join(_HEADS) + "\r\n" + ",".join(map(str, row)) + "\r\n"
    for encoded in (text.encode("utf-8-sig"), text.encode("gb18030")):
        [listed] = parse_roster(encoded, "r.csv").projects
        assert (listed.key, listed.executed, listed.indicators) == (book.projects[0].key, Decimal("97.5"), ())


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([["年度", "项目名称"], [2024, "甲"]], ["实施单位"]),
        ([_HEADS, [24, "", "甲", "", "乙", "", ""]], ["第 2 行“年度”", "四位"]),
        ([_HEADS, [2024, "", "", "", "乙", "", ""], [2024, "", "甲", "", "", "x", "美元"]],
         ["第 2 行“项目名称”", "第 3 行“实施单位”", "第 3 行“决算数”", "第 3 行“金额单位”"]),
        ([_HEADS, [2024, "A", "甲", "", "乙", "", ""], [2024, "Ａ", "丙", "", "丁", "", ""]], ["第 3 行", "同一个项目"]),
        ([_HEADS], ["没有一个项目"]),
    ],
)  # fmt: skip
def test_every_fault_of_a_roster_is_told_with_row_and_column(tmp_path: Path, rows: list[Any], told: list[str]) -> None:
    content = _workbook(tmp_path / "r.xlsx", rows, [])
    with pytest.raises(WrongUse) as raised:
        parse_roster(content, "r.xlsx")
    assert [part for part in told if part not in str(raised.value)] == []


@pytest.mark.parametrize(("content", "name"), [(b"PK", "r.xlsx"), (b"\xff\xfe\x80", "r.csv"), (b"{", "r.json"), (b"{}", "r.json"), (b"x", "r.txt"), (b"[1]", "r.json")])  # fmt: skip
def test_what_is_no_roster_is_one_clear_error(content: bytes, name: str) -> None:
    with pytest.raises(WrongUse):
        parse_roster(content, name)


# ── diff ────────────────────────────────────────────────────────


def test_rows_are_matched_by_what_they_are_about_not_by_where_they_stand(clean: dict[str, Any]) -> None:
    same = Record.from_json(clean)
    assert differences(same, Record.from_json(clean)) == []
    changed = Record.from_json(
        with_changes(clean, {"indicators.1": "", "indicators.3.score": 9, "goal.actual": "完成"})
    )
    told = [(one.kind, one.path, one.label) for one in differences(same, changed)]
    assert told == [
        ("changed", "/goal/actual", "实际完成情况"),
        ("changed", "/indicators/2/score", "成本指标“人均培训成本” 得分"),
        ("removed", "/indicators/1", "质量指标“培训合格率”"),
    ]
    assert [one.kind for one in differences(changed, same)] == ["changed", "added", "changed"]


def test_a_row_whose_name_was_corrected_is_the_same_row(clean: dict[str, Any]) -> None:
    placeholder = with_changes(clean, {"indicators.2.level3": "指标1", "indicators.2.score": 9})
    mended = with_changes(clean, {"indicators.2.score": 8})
    records = map(Record.from_json, (placeholder, mended))
    told = [(one.kind, one.label) for one in differences(*records) if one.path.startswith("/indicators")]
    assert told == [("changed", "时效指标“培训按期完成率” 三级指标"), ("changed", "时效指标“培训按期完成率” 得分")]
    lines = compare_records(typed(result_of_record(placeholder, b"", "a")), typed(result_of_record(mended, b"", "b")))
    states = {(one["state"], one["rule"]) for one in lines if one["what"] == "finding"}
    assert {("fixed", "T04"), ("open", "D01")} <= states and ("new", "D01") not in states


def test_findings_are_compared_though_their_rows_have_moved(clean: dict[str, Any]) -> None:
    before = result_of_record(with_changes(clean, {"indicators.0.score": 18, "indicators.3.score": 9}), b"", "a")
    after = result_of_record(with_changes(clean, {"indicators.1": "", "indicators.3.score": 8}), b"", "b")
    told = {
        (one["state"], one["rule"], one["label"])
        for one in compare_records(typed(before), typed(after))
        if one["what"] == "finding"
    }
    assert ("fixed", "D01", "数量指标“培训人次” 偏差原因分析及改进措施") in told
    assert ("open", "D01", "成本指标“人均培训成本” 偏差原因分析及改进措施") in told
