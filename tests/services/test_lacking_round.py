"""A round of forms that lack scores, funds or a project of their own, from the workbooks to the lists."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import commands
import pytest
from contract import fill
from lacking import ROLES, lacking_forms, record_of
from project import with_changes

from xltool.support import json_codec

UNIT = "某市职业培训中心"


@pytest.fixture
def folder(tmp_path: Path, clean: dict[str, Any]) -> Iterator[Path]:
    """A folder with a workbook of each form, and their roster with another project."""
    with lacking_forms(tmp_path):
        (tmp_path / "收到").mkdir()
        for form in ROLES:
            record = record_of(form, with_changes(clean, {"project.name": form, "project.code": ""}))
            (tmp_path / "收到" / f"{form}.xlsx").write_bytes(fill(record.as_json()).content)
        names = ["unscored", "bare", UNIT, "没有交的"]
        lines = [["年度", "项目名称", "实施单位"], *(["2024", name, UNIT] for name in names)]
        (tmp_path / "名册.csv").write_text("".join(f"{','.join(line)}\n" for line in lines), "utf-8")
        yield tmp_path


def _run(folder: Path, *arguments: str) -> commands.Done:
    return commands.run(*arguments, folder=folder)


def test_the_lists_of_a_round_print_dashes_and_nobody_is_returned_for_them(folder: Path) -> None:
    lists = ["--ledger", "台账", "--summary", "汇总.csv", "--report", "报告.html", "--returns", "退回"]
    done = _run(folder, "ingest", "收到", "--roster", "名册.csv", *lists, "-o", "结果.jsonl")
    assert done.returncode == 1 and "没有交的" in done.stderr.decode()  # which is the only error
    results = [json_codec.loads(line) for line in (folder / "结果.jsonl").read_bytes().splitlines()]
    assert {(one["status"], one["review"]) for one in results} == {("accepted", False)}
    with (folder / "汇总.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {row["项目名称"]: [row["执行率"], row["得分"], row["等级"]] for row in csv.DictReader(file)}
    assert rows == {
        "bare": ["—", "—", "—"], "unscored": ["0.975", "—", "—"], UNIT: ["0.975", "99.32", "优"], "没有交的": ["", "", ""],
    }  # fmt: skip
    cover = _run(folder, "ledger", "coverage", "台账", "--roster", "名册.csv").stdout.splitlines()
    assert [json_codec.loads(line)["name"] for line in cover] == ["没有交的"]
    export = _run(folder, "export", "台账", "--to", "csv", "-o", "表")
    assert export.returncode == 0 and (folder / "表/forms.csv").read_bytes().count(b"\n") == 4


def test_two_of_them_are_compared_by_what_they_have(folder: Path) -> None:
    done = _run(folder, "diff", "收到/bare.xlsx", "收到/unscored.xlsx")
    paths = [json_codec.loads(line)["path"] for line in done.stdout.splitlines()]
    assert {"/form", "/project/name"} <= set(paths) and not [path for path in paths if path.startswith("/indicators")]
