"""``xltool inspect`` shows a person, or a program, what the reader saw of one file."""

from __future__ import annotations

from pathlib import Path

import foreign
import pytest
import returned
from project import ROOT

from xltool import cli
from xltool.support import json_codec


def _inspected(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["inspect", *arguments])
    return int(str(stopped.value.code)), capsys.readouterr().out


def test_a_form_of_ours_is_shown_with_carriers_and_anchor(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    code, out = _inspected(capsys, str(ROOT / "examples/form1.xlsx"))
    assert code == 0
    for told in ("shanghai-2020/1", "隐藏页、文档属性、命名常量", "命名区域", "100.0%", "没有发现改动"):
        assert told in out


def test_a_foreign_form_is_shown_with_what_was_normalised_and_what_is_left(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    style = foreign.STYLES["notes below"]
    file = tmp_path / "甲.xlsx"
    file.write_bytes(foreign.workbook([(foreign.RECORDS["001"], style)]))
    code, out = _inspected(capsys, str(file))
    assert code == 0
    for told in ("栏目名称（不是下发的模板）", "P01", "（2020年度）", "填表人：张三"):
        assert told in out


def test_json_gives_the_reading_and_its_findings(capfdbinary: pytest.CaptureFixture[bytes], tmp_path: Path) -> None:
    file = tmp_path / "x.xlsx"
    file.write_bytes(returned.filled("clean"))
    with pytest.raises(SystemExit) as stopped:
        cli.main(["inspect", "--json", str(file)])
    [line] = capfdbinary.readouterr().out.decode("utf-8").splitlines()
    seen = json_codec.loads(line)
    assert stopped.value.code == 0 and seen["findings"] == []
    assert seen["reading"]["carriers"] == ["sheet", "property", "name"] and seen["reading"]["confidence"] == 1


def test_a_file_that_is_no_form_says_so_and_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    (tmp_path / "x.xlsx").write_text("不是表", "utf-8")
    code, out = _inspected(capsys, str(tmp_path / "x.xlsx"))
    assert code == 1 and "认不出" in out and "P06" in out
