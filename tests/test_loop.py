"""A loop that does not lie: what goes back, to whom, and what it carries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from circle import copied, listed, results, run, stacked
from conftest import with_changes

from xltool.fill import fill

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
