"""``xltool inspect`` shows a person, or a program, what the reader saw of one file."""

from __future__ import annotations

from pathlib import Path

import foreign
import pytest
import returned
from commands import run
from project import ROOT

from xltool.support import json_codec


def _inspected(*arguments: object) -> tuple[int, str]:
    done = run("inspect", *arguments)
    return done.returncode, done.stdout.decode("utf-8")


def test_a_form_of_ours_is_shown_with_carriers_and_anchor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    code, out = _inspected(ROOT / "examples/form1.xlsx")
    assert code == 0
    for told in ("shanghai-2020/1", "隐藏页、文档属性、命名常量", "命名区域", "100.0%", "没有发现改动"):
        assert told in out


def test_a_foreign_form_is_shown_with_what_was_normalised_and_what_is_left(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    style = foreign.STYLES["notes below"]
    file = tmp_path / "甲.xlsx"
    file.write_bytes(foreign.workbook([(foreign.RECORDS["001"], style)]))
    code, out = _inspected(file)
    assert code == 0
    for told in ("栏目名称（不是下发的模板）", "P01", "（2020年度）", "填表人：张三"):
        assert told in out


def test_json_gives_the_reading_and_its_findings(tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(returned.filled("clean"))
    code, out = _inspected("--json", file)
    [line] = out.splitlines()
    seen = json_codec.loads(line)
    assert code == 0 and seen["findings"] == []
    assert seen["reading"]["carriers"] == ["sheet", "property", "name"] and seen["reading"]["confidence"] == 1


def test_a_file_that_is_no_form_says_so_and_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    (tmp_path / "x.xlsx").write_text("不是表", "utf-8")
    code, out = _inspected(tmp_path / "x.xlsx")
    assert code == 1 and "认不出" in out and "P06" in out
