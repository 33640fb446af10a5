"""A roster becomes one form for each project; what comes back is told apart: unchanged, changed, another's, not ours."""

from __future__ import annotations

import csv
import io
import os
import random
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import foreign
import libreoffice
import openpyxl
import pytest
import rosters
from commands import run
from openpyxl import Workbook
from places import place_of
from python_calamine import CalamineWorkbook

from xltool.cli import keys
from xltool.form.own_sheets import CHECK, PANEL
from xltool.form.places import Place
from xltool.form.record import record_of_answers
from xltool.form.references import all_references
from xltool.reading.reader import read_form
from xltool.recognition.field_locations import locate_fields
from xltool.recognition.form_workbook import open_form_workbook
from xltool.recognition.identify import identify
from xltool.services.read_and_check import read_and_check
from xltool.support import json_codec
from xltool.support.errors import WrongUse

#: Projects of the roster; by hand, XLTOOL_PROJECTS=2000.
PROJECTS = int(os.environ.get("XLTOOL_PROJECTS") or 60)
FEW_PROJECTS = 12

KEY = "the bureau's own key, kept in a file"


def _issued(folder: Path, number: int, seed: int = 1) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Path]:
    """A roster issued with a key: its lines, the manifest's, the folder."""
    folder.mkdir(exist_ok=True)
    roster, target, key = folder / "名册.jsonl", folder / "签发", folder / "key"
    lines = rosters.lines(number, seed)
    roster.write_text(json_codec.dump_lines(lines), "utf-8")
    key.write_text(f"{KEY}\n", "utf-8")
    done = run("issue", roster, "-o", target, "--key-file", key)
    assert done.returncode == 0, done.output
    return (
        lines,
        [json_codec.loads(line) for line in (target / "manifest.jsonl").read_text("utf-8").splitlines()],
        target,
    )


@pytest.fixture(scope="module", params=[FEW_PROJECTS, PROJECTS])
def issued(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[dict[str, Any]], list[dict[str, Any]], Path]:
    return _issued(tmp_path_factory.mktemp("issue"), request.param)


Issue = tuple[list[dict[str, Any]], list[dict[str, Any]], Path]


def test_every_project_gets_its_own_form_with_what_was_approved(issued: Issue) -> None:
    lines, manifest, folder = issued
    assert [one["number"] for one in manifest] == list(range(1, len(lines) + 1))
    assert len({one["file"].casefold() for one in manifest}) == len({one["code"] for one in manifest}) == len(lines)
    for line, entry in zip(lines, manifest, strict=True):
        content = (folder / entry["file"]).read_bytes()
        [identity] = identify(grid := open_form_workbook(content))
        reading = read_form(grid, identity, locate_fields(grid, identity))
        record = record_of_answers(reading.answers, {})[0].as_json()
        told = [(row["level2"], row["level3"], row["target"], row["weight"]) for row in line["indicators"]]
        order = list(identity.catalogue.form.level2)
        labels = {
            name: key
            for key, group in identity.catalogue.form.level2.items()
            for name in (group.label, *group.synonyms)
        }
        told.sort(key=lambda row: order.index(labels[row[0]]))
        read_back = [(row["level2"], row["level3"], row["target"], row["weight"]) for row in record["indicators"]]
        assert [row[1:] for row in read_back] == [
            (_clean(name), _clean(target), weight) for _, name, target, weight in told
        ]
        assert [labels[row[0]] for row in read_back] == [labels[row[0]] for row in told]
        assert record["project"] == {key: _clean(line[key]) for key in ("name", "code", "department", "unit")}
        assert (record["year"], record["goal"]["expected"]) == (line["year"], _clean(line["goal"]))
        fiscal = next(one for one in record["funds"] if one["source"] == "fiscal")
        assert fiscal["initial_budget"] * 10_000 == Decimal(str(line["funds"][0]["initial_budget"]))
        assert len(reading.answers.layout.slots) == sum(max(1, _rows(line, group, labels)) for group in order)
        assert identity.seal_check is not None and identity.seal_check.seal.code == entry["code"]


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _rows(line: dict[str, Any], group: str, labels: dict[str, str]) -> int:
    return sum(labels[row["level2"]] == group for row in line["indicators"])


def test_openpyxl_and_calamine_open_every_form_and_see_the_same(issued: Issue) -> None:
    lines, manifest, folder = issued
    for line, entry in zip(lines, manifest, strict=True):
        content = (folder / entry["file"]).read_bytes()
        sheet = openpyxl.load_workbook(io.BytesIO(content))["自评表"]
        other = (
            CalamineWorkbook.from_filelike(io.BytesIO(content))
            .get_sheet_by_name("自评表")
            .to_python(skip_empty_area=False)
        )
        assert sheet["C3"].value == other[2][2] == _clean(line["name"])
        assert sheet["C3"].protection.locked and sheet.protection.sheet
        weights = {cell.value for (cell,) in sheet["G13:G200"] if isinstance(cell.value, int | float)}
        assert {float(row["weight"]) for row in line["indicators"]} <= weights
        assert entry["code"] in sheet.oddFooter.center.text


def test_libreoffice_recalculates_what_is_stored(issued: Issue, tmp_path: Path) -> None:
    _, manifest, folder = issued
    sample = 50 if len(manifest) >= 2000 else min(6, len(manifest) // 4)
    chosen = random.Random(3).sample(manifest, sample)
    files = []
    for entry in chosen:
        files.append(tmp_path / f"{entry['number']}.xlsx")
        files[-1].write_bytes((folder / entry["file"]).read_bytes())
    compared = 0
    for file, saved in zip(files, libreoffice.converted(files, tmp_path / "saved"), strict=True):
        here, there = (openpyxl.load_workbook(one, data_only=True) for one in (file, saved))
        for title in ("自评表", PANEL, CHECK):
            for row in here[title].iter_rows():
                for cell in row:
                    ours, theirs = cell.value or None, there[title][cell.coordinate].value or None
                    same = (
                        abs(ours - theirs) < 1e-9
                        if isinstance(ours, float) and isinstance(theirs, float)
                        else ours == theirs
                    )
                    assert same, (file.name, title, cell.coordinate, ours, theirs)
                    compared += ours is not None
    assert compared > 500 * sample, compared


def test_the_same_roster_is_issued_in_the_same_bytes(issued: Issue, tmp_path: Path) -> None:
    _, manifest, folder = issued
    _, again, other = _issued(tmp_path / "again", len(manifest))
    assert again == manifest
    for name in ("manifest.jsonl", "签发清单.xlsx", "邮件合并.csv", *(one["file"] for one in manifest)):
        assert (folder / name).read_bytes() == (other / name).read_bytes(), name


def test_the_lists_name_every_form_and_are_safe_to_open(issued: Issue) -> None:
    lines, manifest, folder = issued
    table = list(csv.reader(io.StringIO((folder / "邮件合并.csv").read_bytes().decode("utf-8-sig"), newline="")))
    sheet = openpyxl.load_workbook(folder / "签发清单.xlsx").active
    assert table[0] == [cell.value for cell in sheet[1]] == [
        "编号", "年度", "项目编码", "项目名称", "主管部门", "实施单位", "截止日期", "联系人", "电话", "邮箱", "文件"
    ]  # fmt: skip
    assert len(table) == sheet.max_row == len(lines) + 1
    assert [row[-1] for row in table[1:]] == [one["file"] for one in manifest]
    assert [row[9] for row in table[1:]] == [line["email"] for line in lines]
    for one in manifest:  # nothing that Windows refuses, no folder but that of the department
        assert re.fullmatch(r'[^<>:"/\\|?*\x00-\x1f]+/\d{4,}-[^<>:"/\\|?*\x00-\x1f]+\.xlsx', one["file"]), one["file"]
        assert not re.match(r"(?i)(con|nul|aux|prn)[./]", one["file"]), one["file"]


def test_a_manifest_serves_as_a_roster(issued: Issue, tmp_path: Path) -> None:
    _, manifest, folder = issued
    done = run(
        "ingest", folder / manifest[0]["file"], "--roster", folder / "manifest.jsonl", "-o", tmp_path / "r.jsonl"
    )
    assert "X01 名册上的项目没有提交" in done.output
    [result] = [json_codec.loads(line) for line in (tmp_path / "r.jsonl").read_text("utf-8").splitlines()]
    assert not [one for one in result["findings"] if one["rule"] in ("X01", "H03", "H04")]


# ── what comes back ─────────────────────────────────────────────


def _filled(content: bytes) -> Workbook:
    """The form with its inputs typed in, as a clerk would, in another program."""
    [identity] = identify(open_form_workbook(content))
    layout, book = identity.layout, openpyxl.load_workbook(io.BytesIO(content))
    sheet = book[layout.form.sheet]

    def put(place: Place, value: object) -> None:
        assert place in layout.input_places, place
        assert not sheet[layout.box(place).first].protection.locked, place
        sheet[layout.box(place).first] = value

    budget = sheet[layout.box(place_of("funds", "fiscal", "initial_budget")).first].value
    put(place_of("funds", "fiscal", "adjusted_budget"), budget)
    put(place_of("funds", "fiscal", "executed"), budget)
    put(place_of("goal", "actual"), "按计划完成了全部任务，群众满意。")
    for slot in layout.slots:
        row = {
            name: sheet[layout.box(place_of("indicators", slot.index, name)).first].value
            for name in ("target", "weight")
        }
        if row["weight"] is not None:
            put(place_of("indicators", slot.index, "actual"), re.sub(r"^[≥>=≤<≧﹦]+", "", str(row["target"])) + " ")
            put(place_of("indicators", slot.index, "score"), row["weight"])
    return book


def _saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _cell(book: Workbook, content: bytes, place: Place) -> Any:
    [identity] = identify(open_form_workbook(content))
    return book["自评表"][identity.layout.box(place).first]


def _told(result: dict[str, Any]) -> list[tuple[str, str, str | None]]:
    return [(one["rule"], one["level"], one["cell"]) for one in result["findings"]
            if one["rule"] in ("P01", "P03", "P04", "X02") and one["level"] != "info"]  # fmt: skip


@pytest.mark.parametrize("innocent", [3, 50])
def test_each_kind_of_tampering_is_named_and_nobody_else_is_accused(tmp_path: Path, innocent: int) -> None:
    """Forms filled in, some of them changed where they may not be."""
    lines, manifest, folder = _issued(tmp_path, max(21, innocent), seed=9)
    returned, expected = tmp_path / "returned", {}
    returned.mkdir()
    _, elsewhere, other = _issued(tmp_path / "other", 3, seed=11)  # the same key, another roster
    run("issue", tmp_path / "other" / "名册.jsonl", "-o", tmp_path / "foreign", "--key-file", _other_key(tmp_path))
    sent = {7, 11, 13, 17, 21, *range(1, innocent + 1)}
    contents = {one["number"]: (folder / one["file"]).read_bytes() for one in manifest if one["number"] in sent}
    for number, content in contents.items():
        book = _filled(content)
        match number:
            case 7:  # a weight
                cell = _cell(book, content, place_of("indicators", 0, "weight"))
                cell.value = float(cell.value) + 1
                expected[number] = [("P04", "error", f"自评表!{cell.coordinate}")]
            case 11:  # a target
                cell = _cell(book, content, place_of("indicators", 0, "target"))
                cell.value = "≥1"
                expected[number] = [("P04", "error", f"自评表!{cell.coordinate}")]
            case 13:  # another project's name and unit over this one's
                for place, key in ((place_of("project", "name"), "name"), (place_of("project", "unit"), "unit")):
                    _cell(book, content, place).value = lines[20][key] + "改"
                expected[number] = [("P04", "error", "自评表!C3")]
            case 17:  # the seal's own values, so that they fit a changed weight
                cell = _cell(book, content, place_of("indicators", 0, "weight"))
                own = book["_xltool"]["A3"]
                own.value = own.value.replace(f'weight": {json_codec.dumps(Decimal(str(cell.value)))}', 'weight": 1', 1)
                cell.value = 1
                expected[number] = [("P04", "error", None)]
        (returned / f"{number:03}.xlsx").write_bytes(_saved(book))
    stolen = _filled(contents[21])  # a neighbour's form, handed in under one's own name
    _cell(stolen, contents[21], place_of("project", "unit")).value = "另一个单位"
    (returned / "stolen.xlsx").write_bytes(_saved(stolen))
    foreign_file = next((tmp_path / "foreign").rglob("00*.xlsx"))
    (returned / "foreign.xlsx").write_bytes(_saved(_filled(foreign_file.read_bytes())))
    record = next(iter(foreign.RECORDS.values()))
    (returned / "typed.xlsx").write_bytes(foreign.workbook([(record, foreign.STYLES["as printed"])]))

    done = run("ingest", returned, "--key-file", tmp_path / "key", "-o", tmp_path / "r.jsonl",
               "--ledger", tmp_path / "l.sqlite")  # fmt: skip
    results = {
        Path(one["file"]).stem: one
        for one in map(json_codec.loads, (tmp_path / "r.jsonl").read_text("utf-8").splitlines())
    }
    assert len(results) == len(sent) + 3, done.output
    for number in contents:
        own = results[f"{number:03}"]
        assert _told(own) == expected.get(number, []), (number, own["findings"])
        assert (
            own["reading"]["seal"]["proof"] == "proven"
            and own["reading"]["seal"]["code"] == manifest[number - 1]["code"]
        )
    assert _told(results["stolen"]) == [("P04", "error", "自评表!G4")]
    assert _told(results["foreign"]) == [("P01", "error", None)]
    assert "不是本单位签发" in str(results["foreign"]["findings"])
    assert [one for one in _told(results["typed"]) if one[0] == "P01"] == [("P01", "warning", None)] * 2
    assert "没有签发标识" in str(results["typed"]["findings"]) and elsewhere and other


def test_an_approved_budget_cannot_be_changed_unseen(tmp_path: Path) -> None:
    """Where the sources are listed the others are locked blank; of a total alone the list tells."""
    lines = rosters.lines(2)
    lines[0]["funds"] = [{"source": "total", "initial_budget": 5000}, {"source": "fiscal", "initial_budget": 5000}]
    lines[1]["funds"] = [{"source": "total", "initial_budget": 7000}]
    (tmp_path / "r.jsonl").write_text(json_codec.dump_lines(lines), "utf-8")
    run("issue", tmp_path / "r.jsonl", "-o", tmp_path / "out")
    listed, back = [], []
    for number, file in enumerate(sorted((tmp_path / "out").rglob("0*.xlsx"), key=lambda file: file.name)):
        content = file.read_bytes()
        book = _filled(content)
        place: Place = place_of("funds", "carryover" if number == 0 else "fiscal", "initial_budget")
        cell = _cell(book, content, place)
        assert cell.value is None and cell.protection.locked is (number == 0)
        cell.value = 999
        back.append(tmp_path / f"{number}.xlsx")
        back[-1].write_bytes(_saved(book))
        listed.append(read_and_check(_saved(book), "x")[0].result.as_json())
    assert [told for told in _told(listed[0]) if told[0] == "P04" and told[1] == "error"]
    assert not [told for told in _told(listed[1]) if told[1] == "error" and told[0] in ("P04", "F01")]
    done = run("ingest", *back, "--roster", tmp_path / "out/manifest.jsonl")
    told = {(result["file"][-6:], one["expected"]) for result in map(json_codec.loads, done.stdout.splitlines())
            for one in result["findings"] if one["rule"] == "X06"}  # fmt: skip
    assert {file for file, _ in told} == {"0.xlsx", "1.xlsx"}


def test_one_issued_form_that_comes_back_for_two_projects_is_told_on_the_one_it_was_not_issued_to(
    tmp_path: Path,
) -> None:
    lines = [{**line, "code": None} for line in rosters.lines(2)]
    (tmp_path / "r.json").write_text(json_codec.dumps(lines), "utf-8")
    assert run("issue", tmp_path / "r.json", "-o", tmp_path / "out").returncode == 0
    content = next((tmp_path / "out").rglob("0001*.xlsx")).read_bytes()
    (tmp_path / "back").mkdir()
    for name in ("own", "copied"):
        book = _filled(content)
        if name == "copied":
            _cell(book, content, place_of("project", "name")).value = "另一个项目"
        (tmp_path / "back" / f"{name}.xlsx").write_bytes(_saved(book))
    run("ingest", tmp_path / "back", "-o", tmp_path / "r.jsonl", "--ledger", tmp_path / "l.sqlite")
    copied, own = map(json_codec.loads, (tmp_path / "r.jsonl").read_text("utf-8").splitlines())
    assert _told(copied) == [("P04", "error", "自评表!C3")]
    assert _told(own) == []
    assert own["reading"]["seal"]["proof"] == "unsigned"


@pytest.mark.parametrize("reference", all_references())
def test_every_form_can_be_issued_and_nothing_of_it_is_taken_for_changed(reference: str, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(json_codec.dump_lines(rosters.lines(3, 5, reference)), "utf-8")
    run("issue", tmp_path / "r.jsonl", "-o", tmp_path / "out", "--form", reference)
    forms = sorted((tmp_path / "out").rglob("0*.xlsx"))
    assert len(forms) == 3
    for file in forms:
        [one] = read_and_check(file.read_bytes(), file.name)
        assert not [told for told in one.result.findings if told.rule[0] == "P"], one.result.findings
        assert one.result.form and one.result.form.text == reference
        assert one.result.seal and one.result.seal.is_sound
        assert one.result.reading and one.result.reading.confidence == 1


def _other_key(folder: Path) -> Path:
    key = folder / "other key"
    key.write_text("somebody else's key, long enough", "utf-8")
    return key


# ── the command ─────────────────────────────────────────────────


def _wrong(*arguments: str | Path) -> str:
    done = run(*arguments)
    assert done.returncode == 2, done.output
    return done.stderr.decode("utf-8")


def test_all_faults_of_a_roster_are_told_before_anything_is_written(tmp_path: Path) -> None:
    lines = rosters.lines(3)
    lines[0]["indicators"][0]["weight"] += 1
    lines[1]["indicators"][0]["level2"] = "幸福指标"
    lines[1]["indicators"][1]["target"] = ""
    lines[2]["year"] = 1999
    lines[2]["funds"] = [{"source": "total", "initial_budget": 5}, {"source": "fiscal", "initial_budget": 3}]
    roster, target = tmp_path / "r.jsonl", tmp_path / "out"
    roster.write_text(json_codec.dump_lines(lines), "utf-8")
    told = _wrong("issue", roster, "-o", target)
    assert "第 1 行" in told and "W01" in told and "101" in told
    assert "第 2 行指标 1 “二级指标”：“幸福指标”不是表样的二级指标；现有：数量指标、质量指标" in told
    assert "第 2 行指标 2 “年度指标值”" in told
    assert "第 3 行“年度”：1999 不在表样的年度里" in told
    assert "第 3 行“年初预算数”：总额 5 与各资金来源合计 3 不相等" in told
    assert not target.exists()


def test_a_fault_is_told_as_what_it_is_and_nothing_that_follows_from_it(tmp_path: Path) -> None:
    lines = rosters.lines(2)
    lines[0]["indicators"][0] |= {"level1": "效益指标", "level2": "数量指标"}
    lines[1]["indicators"][0]["level2"] = "数理指标"  # the weights of the others add up to less
    lines[1]["deadline"] = "2020-01-01"
    roster = tmp_path / "r.jsonl"
    roster.write_text(json_codec.dump_lines(lines), "utf-8")
    told = _wrong("issue", roster, "-o", tmp_path / "out").splitlines()[1:]
    places = [line.partition("：")[0].strip() for line in told]
    assert places == ["第 1 行指标 1 “一级指标”", "第 2 行指标 1 “二级指标”", "第 2 行“截止日期”"]
    assert "“效益指标”下没有“数量指标”，它属于产出指标" in told[0] and "2020-01-01 在 2024 年度之前" in told[2]


def test_what_a_form_does_not_ask_for_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_text(json_codec.dump_lines(rosters.lines(1, reference="hubei-2020/1")), "utf-8")
    done = run("issue", tmp_path / "r.jsonl", "-o", tmp_path / "out", "--form", "hubei-2020")
    assert "表样没有这些栏目，名册里写的没有用到：年初预算数、分值" in done.output
    (tmp_path / "r.jsonl").write_text(json_codec.dump_lines(rosters.lines(1)), "utf-8")
    assert "没有用到" not in run("issue", tmp_path / "r.jsonl", "--dry-run").output


@pytest.mark.parametrize(
    ("arguments", "ending"),
    [(("issue", "--new-roster", "名册.csv"), ".xlsx"), (("template", "-o", "x.docx"), ".xlsx"),
     (("ingest", "x.xlsx", "--report", "r.pdf"), ".html"), (("ingest", "x.xlsx", "--summary", "s.docx"), ".csv")],
)  # fmt: skip
def test_a_file_gets_no_name_that_its_contents_belie(arguments: tuple[str, ...], ending: str) -> None:
    told = _wrong(*arguments)
    assert arguments[-1] in told and "结尾" in told and ending in told


def test_a_dry_run_writes_nothing_and_an_issue_goes_only_into_its_own_folder(tmp_path: Path) -> None:
    roster, target = tmp_path / "r.jsonl", tmp_path / "out"
    roster.write_text(json_codec.dump_lines(rosters.lines(2)), "utf-8")
    assert "2 个项目" in run("issue", roster, "--dry-run").output
    assert list(tmp_path.iterdir()) == [roster]
    assert "缺少 -o" in _wrong("issue", roster)
    assert "缺少名册" in _wrong("issue", "-o", target)
    assert "没有密钥" in run("issue", roster, "-o", target).output
    before = {file: file.read_bytes() for file in target.rglob("*") if file.is_file()}
    run("issue", roster, "-o", target)  # interrupted, and run again
    assert {file: file.read_bytes() for file in target.rglob("*") if file.is_file()} == before
    roster.write_text(json_codec.dump_lines(rosters.lines(3)), "utf-8")
    assert "不是这一次的签发" in _wrong("issue", roster, "-o", target)


def test_a_key_comes_from_a_file_or_the_environment_however_an_editor_saved_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    for content in (KEY.encode(), f"{KEY}\r\n".encode("utf-16"), f"\ufeff{KEY}\n".encode()):
        file.write_bytes(content)
        assert keys.read_key(file) == KEY.encode()
    assert keys.read_key(None) is None
    monkeypatch.setenv(keys.KEY_FILE, str(file))
    assert keys.read_key(None) == KEY.encode()
    monkeypatch.delenv(keys.KEY_FILE)
    monkeypatch.setenv(keys.KEY, KEY)
    assert keys.read_key(None) == KEY.encode()
    file.write_bytes(b"short\n")
    with pytest.raises(WrongUse, match="太短"):
        keys.read_key(file)
    with pytest.raises(WrongUse, match="读不了"):
        keys.read_key(tmp_path / "nowhere")


def test_spare_rows_are_open_and_the_rows_of_approved_indicators_are_not(tmp_path: Path) -> None:
    roster = tmp_path / "r.jsonl"
    roster.write_text(json_codec.dump_lines(rosters.lines(1)), "utf-8")
    run("issue", roster, "-o", tmp_path / "out", "--spare", "2")
    content = next((tmp_path / "out").rglob("0001*.xlsx")).read_bytes()
    [identity] = identify(open_form_workbook(content))
    sheet = openpyxl.load_workbook(io.BytesIO(content))[identity.layout.form.sheet]
    spare: Counter[str] = Counter()
    for slot in identity.layout.slots:
        cell = sheet[identity.layout.box(place_of("indicators", slot.index, "level3")).first]
        assert cell.protection.locked == (cell.value is not None), cell.coordinate
        assert not sheet.row_dimensions[slot.row].hidden
        spare[slot.level2.id] += cell.value is None
    assert set(spare.values()) == {2}
