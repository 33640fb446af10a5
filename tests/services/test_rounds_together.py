"""Several rounds ingested together: what a later form supersedes asks nothing of anybody, and one form counts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import round_files
from click.testing import CliRunner, Result
from round_files import SENDINGS, Project

from xltool.cli import cli
from xltool.support import json_codec

PROJECTS = round_files.projects(7)
CORRECTED, UNREADABLE, GOOD, NUMBERED, WITHDRAWN, COPIED, FRESH = PROJECTS


def _run(*arguments: object) -> Result:
    done = CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=False)
    assert done.exit_code in (0, 1), done.output
    return done


@dataclass
class Rounds:
    """Two rounds in two folders; the second is before the first by name."""

    folder: Path
    forms: list[bytes]

    def path(self, name: str) -> Path:
        return self.folder / name

    def form(self, project: Project) -> bytes:
        return self.forms[project.number - 1]

    def ingest(self, name: str, *folders: str, **options: object) -> list[dict[str, Any]]:
        """Ingest folders into ``NAME.jsonl`` and ``NAME-退回``."""
        further = [part for key, value in options.items() for part in (f"--{key}", value)]
        _run("ingest", *(self.path(one) for one in folders), "-o", self.path(f"{name}.jsonl"), "--returns",
             self.path(f"{name}-退回"), "--jobs", 1, *further)  # fmt: skip
        return [json_codec.loads(line) for line in self.path(f"{name}.jsonl").read_text("utf-8").splitlines()]

    def listed(self, name: str) -> list[dict[str, str]]:
        text = self.path(f"{name}-退回/退回清单.csv").read_text("utf-8-sig")
        return list(csv.DictReader(io.StringIO(text)))


def _desk_with_fault(form: bytes, project: Project) -> round_files.Desk:
    desk = round_files.filled(form, project)
    desk.put(next(row for row, _ in desk.rows()), desk.column("得分"), 25)
    return desk


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    folder = tmp_path_factory.mktemp("rounds")
    (folder / "名册.csv").write_bytes(round_files.roster(PROJECTS))
    _run("issue", folder / "名册.csv", "-o", folder / "签发")
    lines = (folder / "签发/manifest.jsonl").read_text("utf-8").splitlines()
    own = Rounds(folder, [(folder / "签发" / json_codec.loads(line)["file"]).read_bytes() for line in lines])
    for name in ("乙-第一次", "丙-第二次"):
        own.path(name).mkdir()
    first = {
        f"{CORRECTED.name}.xlsx": _desk_with_fault(own.form(CORRECTED), CORRECTED).save(),
        f"{UNREADABLE.name}（盖章）.pdf": b"%PDF-1.7\n%%EOF\n",
        f"{GOOD.name}.xlsx": round_files.filled(own.form(GOOD), GOOD).save(),
        f"{NUMBERED.number:04d}-扫描件.pdf": b"%PDF-1.7\n%%EOF\n\n",
        "微信图片.jpg": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + bytes(200),
        f"{WITHDRAWN.name}.xlsx": round_files.filled(own.form(WITHDRAWN), WITHDRAWN).save(),
        f"{FRESH.name}.xlsx": _desk_with_fault(own.form(FRESH), FRESH).save(),
    }
    for sent in SENDINGS["good 1"](own.form(COPIED), COPIED, folder):
        first |= {sent.name: sent.content, f"另存-{sent.name}": round_files.filled(sent.content, COPIED).save() + b""}
    for name, content in first.items():
        own.path("乙-第一次").joinpath(name).write_bytes(content)
    own.ingest("一", "乙-第一次", ledger=own.path("台账.sqlite"), roster=own.path("签发/manifest.jsonl"),
               **{"as-of": "2025-03-28"})  # fmt: skip
    back = next(own.path("一-退回").glob(f"{CORRECTED.name}*.xlsx")).read_bytes()
    second = {
        f"{CORRECTED.name}-更正.xlsx": round_files.filled(back, CORRECTED).save(),
        f"{UNREADABLE.name}.xlsx": round_files.filled(own.form(UNREADABLE), UNREADABLE).save(),
        f"{NUMBERED.name}.xlsx": round_files.filled(own.form(NUMBERED), NUMBERED).save(),
        f"{FRESH.name}.xlsx": round_files.filled(own.form(FRESH), FRESH).save(),
    }
    for name, content in second.items():
        own.path("丙-第二次").joinpath(name).write_bytes(content)
    own.ingest("二", "丙-第二次", ledger=own.path("台账.sqlite"), roster=own.path("签发/manifest.jsonl"),
               **{"as-of": "2025-04-10"})  # fmt: skip
    return own


SUPERSEDED = {f"{CORRECTED.name}.xlsx", f"{UNREADABLE.name}（盖章）.pdf", f"{FRESH.name}.xlsx"}


def _ways(rounds: Rounds) -> Iterator[tuple[str, dict[str, object]]]:
    manifest = rounds.path("签发/manifest.jsonl")
    yield "without roster and ledger", {}
    yield "with a roster", {"roster": manifest}
    yield "with a new ledger", {"ledger": rounds.path("新.sqlite")}
    yield "with both", {"ledger": rounds.path("台账.sqlite"), "roster": manifest, "as-of": "2025-04-20"}


@pytest.mark.parametrize("number", range(4))
def test_what_was_superseded_asks_nothing_when_everything_is_ingested_again(rounds: Rounds, number: int) -> None:
    way, options = list(_ways(rounds))[number]
    name = f"全部{number}"
    results = rounds.ingest(name, "乙-第一次", "丙-第二次", **options)
    superseded = {Path(one["file"]).name: one for one in results if one.get("superseded_by")}
    wanted = SUPERSEDED | ({f"{NUMBERED.number:04d}-扫描件.pdf"} if way != "without" else set())
    assert wanted <= set(superseded), way
    for file in wanted:
        findings = superseded[file]["findings"]
        assert {one["actor"] for one in findings} == {"nobody"} and not superseded[file]["review"]
        assert [(one["rule"], one["level"]) for one in findings if one["rule"] == "X02"] == [("X02", "info")]
        assert superseded[file]["superseded_by"].startswith(str(rounds.path("丙-第二次")))
    returned = [one for one in rounds.listed(name) if Path(one["交回的文件"]).name != "微信图片.jpg"]
    assert [one for one in returned if not one["状态"].startswith("核对通过")] == []
    assert not list(rounds.path(f"{name}-退回").glob("*退回*.xlsx"))


def test_the_same_contents_saved_again_are_one_form(rounds: Rounds) -> None:
    results = [one for one in rounds.ingest("一-再", "乙-第一次") if COPIED.name in one["file"]]
    said = {one["message"] for result in results for one in result["findings"] if one["rule"] == "X02"}
    assert len(results) == 2 and len(said) == 1 and "内容相同" in said.pop()
    assert not any(result["review"] for result in results)


@pytest.mark.parametrize("source", ["results", "results in another order", "the ledger"])
def test_an_export_of_several_rounds_has_each_project_once(rounds: Rounds, source: str) -> None:
    given = {"results": ["一.jsonl", "二.jsonl"], "the ledger": ["台账.sqlite"]}.get(source, ["二.jsonl", "一.jsonl"])
    target = rounds.path(f"平台-{source}")
    done = _run("export", *map(rounds.path, given), "--to", "platform", "-o", target, "--accepted",
                "--roster", rounds.path("名册.csv"))  # fmt: skip
    with (target / "PM_PERF_SELF_EVAL.csv").open(encoding="utf-8-sig", newline="") as lines:
        codes = [line["pro_code"] for line in csv.DictReader(lines)]
    assert sorted(codes) == sorted(one.code for one in PROJECTS), done.output
    if source != "the ledger":
        assert f"{CORRECTED.name}.xlsx" in done.output and "不导出，同一项目另有作数的一份" in done.output


def test_lateness_counts_from_the_first_thing_that_came_and_everything_unreadable_is_followed_up(
    rounds: Rounds,
) -> None:
    first = rounds.path("一次.sqlite")
    rounds.ingest(
        "又一", "乙-第一次", ledger=first, roster=rounds.path("签发/manifest.jsonl"), **{"as-of": "2025-03-28"}
    )
    done = _run("ledger", "coverage", first, "--roster", rounds.path("签发/manifest.jsonl"), "--as-of", "2025-04-05",
                "--reminders", rounds.path("催.csv"), "-o", rounds.path("c.jsonl"))  # fmt: skip
    assert "交来的不能用 2" in done.output and "有 1 份交来的文件打不开或者不是自评表" in done.output
    told = {
        one["项目名称"]: one["催办内容"]
        for one in csv.DictReader(io.StringIO(rounds.path("催.csv").read_text("utf-8-sig")))
    }
    for project in (UNREADABLE, NUMBERED):
        assert "不能用：是 PDF 文件" in told[project.name] and "未收到" not in told[project.name]
    lines = [json_codec.loads(line) for line in rounds.path("c.jsonl").read_text("utf-8").splitlines()]
    assert [one["name"] for one in lines if one["status"] == "unreadable"] == [
        UNREADABLE.name,
        NUMBERED.name,
        "微信图片.jpg",
    ]
    after = _run("ledger", "coverage", rounds.path("台账.sqlite"), "--roster", rounds.path("签发/manifest.jsonl"),
                 "--as-of", "2025-04-20")  # fmt: skip
    assert "迟交 0" in after.output and "打不开" not in after.output


def test_a_withdrawn_project_is_named_and_counts_nowhere(rounds: Rounds) -> None:
    rest = [one for one in PROJECTS if one is not WITHDRAWN]
    rounds.path("名册-撤一个.csv").write_bytes(round_files.roster(rest))
    options = {"roster": rounds.path("名册-撤一个.csv"), "ledger": rounds.path("台账.sqlite"),
               "summary": rounds.path("汇总.xlsx"), "report": rounds.path("报告.html")}  # fmt: skip
    results = rounds.ingest("撤", "乙-第一次", "丙-第二次", **options)
    assert len(results) == len(list(rounds.path("乙-第一次").iterdir())) + len(list(rounds.path("丙-第二次").iterdir()))
    sheet = openpyxl.load_workbook(rounds.path("汇总.xlsx"), data_only=True)["汇总表"]
    rows = [row for row in sheet.iter_rows(min_row=2, values_only=True) if any(row)]
    assert f"不在名册上的 1：{WITHDRAWN.name}" in rows[0][0] and f"核对通过 {len(rest)}" in rows[0][0]
    total = next(row for row in rows if str(row[1]).startswith("合计"))
    assert abs(total[5] - float(sum(one.budget for one in rest))) < 1e-6 and total[13] == f"核对通过 {len(rest)}"
    page = rounds.path("报告.html").read_text("utf-8")
    assert f"不在名册上的 1 个项目交来了表，不计入合计：{WITHDRAWN.name}" in page
    done = _run("ledger", "coverage", rounds.path("台账.sqlite"), "--roster", rounds.path("名册-撤一个.csv"))
    assert f"不在名册上的 1：{WITHDRAWN.name}" in done.output


def test_what_a_unit_reads_names_no_folder_and_no_option(rounds: Rounds) -> None:
    folder = rounds.path("两份")
    (folder / "甲").mkdir(parents=True)
    for name, score in (("甲/一稿.xlsx", 25), ("甲/二稿.xlsx", 24)):
        desk = round_files.filled(rounds.form(CORRECTED), CORRECTED)
        desk.put(next(row for row, _ in desk.rows()), desk.column("得分"), score)
        (folder / name).write_bytes(desk.save())
    results = rounds.ingest("两", "两份", roster=rounds.path("签发/manifest.jsonl"))
    [said] = {one["message"] for result in results for one in result["findings"] if one["rule"] == "X02"}
    assert str(folder) in said  # the bureau is told where they lie
    books = list(rounds.path("两-退回").glob("*.xlsx"))
    assert len(books) == 2
    for book in books:
        cells = [str(cell.value) for row in openpyxl.load_workbook(book)["退回意见"] for cell in row if cell.value]
        assert any("一稿.xlsx、二稿.xlsx；以 二稿.xlsx 为准" in cell for cell in cells)
        assert not [cell for cell in cells if str(folder) in cell or "--" in cell or "xltool" in cell]


def test_the_department_is_that_of_the_roster(rounds: Rounds) -> None:
    renamed = [replace(one, department=f"{one.department}（大部制）") for one in PROJECTS]
    rounds.path("名册-部门.csv").write_bytes(round_files.roster(renamed))
    options = {"roster": rounds.path("名册-部门.csv"), "summary": rounds.path("部门.csv")}
    rounds.ingest("部门", "丙-第二次", **options)
    lines = list(csv.DictReader(io.StringIO(rounds.path("部门.csv").read_text("utf-8-sig"))))
    assert lines and {line["主管部门"] for line in lines} == {one.department for one in renamed}
