"""The correction loop: a form goes back, is corrected as its comments say, comes in again, and the ledger knows."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import commands
import corrections
import libreoffice
import openpyxl
import pytest
from contract import fill, per_place, result_of_workbook, typed
from project import ROOT, with_changes

from xltool.form import stamps
from xltool.services.read_and_check import read_and_check
from xltool.services.return_form import build_returned_workbook, is_returned
from xltool.support import json_codec


def _seed(name: str) -> dict[str, Any]:
    return json_codec.loads((ROOT / f"examples/{name}.json").read_bytes())


def _clean(changes: dict[str, Any]) -> dict[str, Any]:
    return with_changes(json_codec.loads((ROOT / "templates/mof-2020/1/example.json").read_bytes()), changes)


#: Forms to send back: the two seeds, and three broken ones. What the unit mends beyond its comments stands beside.
BROKEN: dict[str, tuple[Callable[[], dict[str, Any]], dict[str, Any]]] = {
    "form1": (lambda: _seed("form1"), {}),
    "form2": (lambda: _seed("form2"), {}),
    "rows": (
        lambda: _clean(
            {
                "project.code": "A-1",
                "indicators.0.score": 18,
                "indicators.1.score": "",
                "indicators.2.level3": "指标1",
                "indicators.3.score": 12,
                "indicators.3.deviation": "无",
            }
        ),
        {},
    ),
    "heading": (lambda: _clean({"project.code": "A-2", "project.unit": "", "goal.actual": "", "indicators.4.deviation": "无", "indicators.4.score": 10}), {}),
    "formulas": (
        lambda: _clean({"project.code": "A-3", "total.score": 88, "grade": "中", "funds.total.score": 7, "funds.total.executed": 90, "indicators.0.weight": 30}),
        {"G13": 20},
    ),
}  # fmt: skip


def _ingest(folder: Path, *arguments: object) -> list[dict[str, Any]]:
    done = commands.run("ingest", *arguments, folder=folder)
    assert done.returncode in (0, 1), done.stderr.decode()
    return [json_codec.loads(line) for line in done.stdout.decode().splitlines()]


def _lines(folder: Path, *arguments: object) -> list[dict[str, Any]]:
    done = commands.run(*arguments, folder=folder)
    assert done.returncode == 0, done.stderr.decode()
    return [json_codec.loads(line) for line in done.stdout.decode().splitlines()]


def _open(result: dict[str, Any]) -> list[dict[str, Any]]:
    """What is to be settled, each place of a finding by itself."""
    told = (spot for finding in result["findings"] for spot in per_place(finding))
    return [one for one in told if one["level"] != "info" and "explanation" not in one]


@pytest.mark.libreoffice
def test_what_goes_back_is_corrected_as_its_comments_say_and_accepted_in_the_next_round(tmp_path: Path) -> None:
    sent, back, mended, saved = (tmp_path / name for name in ("交回", "退回", "更正", "再交"))
    for folder in (sent, mended):
        folder.mkdir()
    for name, (record, _) in BROKEN.items():
        (sent / f"{name}.xlsx").write_bytes(fill(record(), as_printed=True).content)
    first = _ingest(tmp_path, "交回", "--ledger", "l.sqlite", "--returns", "退回", "--as-of", "2025-03-01")
    assert {Path(one["file"]).stem: one["status"] for one in first} == {
        "form1": "returned", "form2": "accepted", "formulas": "returned", "heading": "returned", "rows": "returned",
    }  # fmt: skip
    returned = {file.stem.partition("（")[0]: file for file in back.glob("*.xlsx")}
    assert set(returned) == set(BROKEN)
    for name, file in returned.items():
        content, edited = corrections.corrected(file.read_bytes(), BROKEN[name][1])
        assert edited or name == "form2"  # form 2 has warnings only; the unit may hand it in as it is
        (mended / f"{name}.xlsx").write_bytes(content)
    libreoffice.converted(sorted(mended.glob("*.xlsx")), saved)
    second = _ingest(tmp_path, "再交", "--ledger", "l.sqlite", "--as-of", "2025-03-11")
    assert {Path(one["file"]).stem: (one["status"], one["reading"]["round"]) for one in second} == dict.fromkeys(
        BROKEN, ("accepted", 2)
    ), [finding for one in second for finding in one["findings"] if finding["level"] == "error"]
    for one in second:
        told = corrections.states((tmp_path / one["file"]).read_bytes())
        errors = {finding["rule"] for result in first if Path(result["file"]).stem == Path(one["file"]).stem
                  for finding in result["findings"] if finding["level"] == "error"}  # fmt: skip
        assert {state for rule, _, state in told if rule in errors} <= {"已更正", "已恢复", "已改动"}
    _the_ledger_knows(tmp_path, first, second)


def _the_ledger_knows(folder: Path, first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    told = {
        Path(line["file"]).stem: line
        for line in _lines(folder, "ledger", "status", "l.sqlite", "--as-of", "2025-04-01")
    }
    assert set(told) == set(BROKEN)
    for before, after in zip(first, second, strict=True):
        line = told[Path(after["file"]).stem]
        errors = sum(one["level"] == "error" for one in before["findings"])
        settled, left = _open(before), _open(after)
        assert (line["status"], line["round"], line["errors"]) == ("accepted", 2, 0)
        assert line["fixed"] >= errors
        assert line["fixed"] + line["open"] == len({(one["rule"], one["path"]) for one in settled})
        assert line["open"] + line["new"] == len(left)
        assert line["days_open"] == (10 if before["status"] == "returned" else 0)
    code = first[0]["record"]["project"]["name"]
    history = _lines(folder, "ledger", "history", "l.sqlite", code)
    assert [line["round"] for line in history] == [1, 2]
    diff = _lines(folder, "ledger", "diff", "l.sqlite", code)
    assert {line["state"] for line in diff if line["what"] == "finding"} >= {"fixed"}


def _returned(record: dict[str, Any], as_printed: bool = True) -> bytes:
    one = read_and_check(fill(record, as_printed).content, "甲.xlsx")[0]
    return build_returned_workbook(one, one.result)


@pytest.mark.parametrize("name", ["form1", "form2"])
def test_what_comes_back_unchanged_reads_the_same_but_for_the_round(name: str) -> None:
    content = fill(_seed(name), as_printed=True).content
    before = result_of_workbook(content, "甲.xlsx")
    again = _returned(_seed(name))
    after = result_of_workbook(again, "甲.xlsx")
    assert [one for one in after["findings"] if one["rule"].startswith("P")] == []
    assert after["reading"]["unplaced"] == []
    assert after["reading"]["round"] == 2 and after["reading"]["after"] == before["sha256"][:16]
    for key in ("year", "project", "goal", "indicators", "explanations", "money_unit"):
        assert after["record"][key] == before["record"][key]
    third = read_and_check(again, "甲.xlsx")[0]
    assert result_of_workbook(build_returned_workbook(third, third.result), "x")["reading"]["round"] == 3


def test_formulas_that_were_overwritten_come_back_as_formulas(clean: dict[str, Any]) -> None:
    content = _returned(with_changes(clean, {"total.score": 88, "funds.total.executed": 90}))
    sheet = openpyxl.load_workbook(io.BytesIO(content))["自评表"]
    total = next(row for row in sheet.iter_rows() if row[0].value == "总分")
    assert str(total[7].value).startswith("=") and str(sheet["F6"].value).startswith("=")
    told = corrections.states(content)
    assert {state for _, place, state in told if place in (f"自评表!{total[7].coordinate}", "自评表!F6")} == {"已恢复"}


def test_a_returned_form_is_the_same_bytes_every_time() -> None:
    assert _returned(_seed("form1")) == _returned(_seed("form1"))


def test_the_round_stands_in_all_three_carriers_of_the_stamp() -> None:
    with zipfile.ZipFile(io.BytesIO(_returned(_seed("form1")))) as package:
        parts = [
            package.read(name).decode() for name in ("docProps/custom.xml", "xl/workbook.xml", "xl/sharedStrings.xml")
        ]
    assert all(" round=2 after=" in part for part in parts)


def test_a_stamp_tells_its_round_and_one_without_is_the_first() -> None:
    plain = "xltool/1 mof-2020/1 quantity=6,cost=3"
    assert stamps.parse_round(plain) == stamps.Round(1, "")
    later = f"{plain} round=7 after=0123456789abcdef"
    assert stamps.parse_round(later) == stamps.Round(7, "0123456789abcdef")
    assert stamps.parse_stamp(later) == stamps.parse_stamp(plain) is not None
    assert stamps.parse_stamp(f"{plain} round=x") is None


def test_what_stood_outside_the_form_is_told_and_the_original_kept(tmp_path: Path, clean: dict[str, Any]) -> None:
    book = openpyxl.load_workbook(io.BytesIO(fill(with_changes(clean, {"indicators.0.score": 18})).content))
    book["自评表"]["AP3"].value = "请领导审阅"
    book.create_sheet("测算")["B2"].value = "=1+1"
    book["测算"]["B3"].value = "底稿"
    (tmp_path / "甲.xlsx").parent.mkdir(exist_ok=True)
    book.save(tmp_path / "甲.xlsx")
    [result] = _ingest(tmp_path, "甲.xlsx", "--returns", "退回")
    [file] = (tmp_path / "退回").glob("*.xlsx")
    texts = [
        str(cell.value) for row in openpyxl.load_workbook(file)["退回意见"].iter_rows() for cell in row if cell.value
    ]
    assert "自评表!AP3" in texts and "请领导审阅" in texts and "测算!B3" in texts and "底稿" in texts
    original = tmp_path / f"退回/originals/{result['sha256']}.xlsx"
    assert original.read_bytes() == (tmp_path / "甲.xlsx").read_bytes()
    assert "测算" not in openpyxl.load_workbook(file).sheetnames


def test_a_form_without_anything_to_mend_does_not_go_back(tmp_path: Path, clean: dict[str, Any]) -> None:
    assert not is_returned(typed(result_of_workbook(fill(clean).content, "x")))
    (tmp_path / "好.xlsx").write_bytes(fill(clean).content)
    _ingest(tmp_path, "好.xlsx", "--returns", "退回")
    assert [file.name for file in (tmp_path / "退回").glob("*.xlsx")] == []


def test_the_folder_of_returned_forms_is_never_read_as_submissions(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(fill(_seed("form1")).content)
    command = ("ingest", ".", "--returns", "退回")
    assert commands.run(*command, folder=tmp_path).returncode == 1
    again = commands.run(*command, folder=tmp_path)
    assert again.returncode == 2 and "退回" in again.stderr.decode()


def test_two_files_of_one_name_get_two_returned_forms(tmp_path: Path) -> None:
    for folder, name in (("甲", "form1"), ("乙", "form2")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "自评表.xlsx").write_bytes(fill(_seed(name), as_printed=True).content)
    _ingest(tmp_path, "甲", "乙", "--returns", "退回")
    assert len(list((tmp_path / "退回").glob("自评表*.xlsx"))) == 2
