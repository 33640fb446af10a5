"""A form that another release issued: what differs for that reason is said once, and accuses nobody."""

from __future__ import annotations

import json
import lzma
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import run
from contract import results_of_workbook
from project import DATA, ROOT

from xltool.support.templates import Templates, using

FORM = 'schema = "xltool.form/2"\nid = "city-2024"\nversion = "1"\nextends = "mof-2020/1"\n'

#: What another release may have: fewer rules, another level, another message, another rule that may be explained.
OTHER_RULES = """
F01 = false
W02 = false
[F09]
why = "全年预算数变了"
[W05]
level = "error"
explainable = false
[T05]
name = "指标名称重复"
"""


def _folder(where: Path, rules: str) -> Path:
    place = where / "city-2024" / "1"
    place.mkdir(parents=True)
    (place / "form.toml").write_text(FORM, "utf-8")
    if rules:
        (place / "rules.toml").write_text(rules, "utf-8")
    return where


def _run(release: Templates, *arguments: str) -> str:
    with using(release):
        done = run(*arguments)
    assert done.returncode in (0, 1), done.output
    return done.stdout.decode("utf-8")


def _record() -> dict[str, Any]:
    record = json.loads((ROOT / "templates/mof-2020/1/example.json").read_text("utf-8"))
    record["form"] = {"id": "city-2024", "version": "1"}
    record["explanations"] = [{"rule": "F08", "text": "年底才下达"}, {"rule": "T08", "text": "批复如此"}]
    return record


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> tuple[Templates, Templates]:
    where = tmp_path_factory.mktemp("releases")
    return Templates([_folder(where / "now", "")]), Templates([_folder(where / "other", OTHER_RULES)])


def _filled(releases: tuple[Templates, Templates], by: int, to: Path) -> Path:
    (to / "r.json").write_text(json.dumps(_record()), "utf-8")
    _run(releases[by], "fill", str(to / "r.json"), "-o", str(to / "f.xlsx"))
    return to / "f.xlsx"


def _read(releases: tuple[Templates, Templates], by: int, file: Path) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(_run(releases[by], "ingest", str(file)))
    return result


def _label(sheet: Any, text: str) -> Any:
    return next(cell for row in sheet.iter_rows() for cell in row if cell.value == text)


def _about(result: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["rule"], one["level"]) for one in result["findings"] if one["rule"][0] == "P"]


@pytest.mark.parametrize("by", [0, 1])
def test_a_form_of_another_release_is_said_to_be_one_and_nothing_more(
    releases: tuple[Templates, Templates], by: int, tmp_path: Path
) -> None:
    file = _filled(releases, by, tmp_path)
    result = _read(releases, 1 - by, file)
    assert _about(result) == [("P04", "info")]
    assert result["record"]["explanations"] == _record()["explanations"]
    assert result["reading"]["anchor"] == "names" and result["reading"]["confidence"] == 1
    assert result["reading"]["unplaced"] == []
    assert _about(_read(releases, by, file)) == []


def test_what_was_changed_on_the_form_itself_is_found_whoever_issued_it(
    releases: tuple[Templates, Templates], tmp_path: Path
) -> None:
    file = _filled(releases, 1, tmp_path)
    book = openpyxl.load_workbook(file)
    _label(book["自评表"], "实施单位").value = "承办人"
    book["自评表"].cell(_label(book["自评表"], "总分").row, 8).value = 12
    book.save(file)
    found = {(one["rule"], one["level"]) for one in _read(releases, 0, file)["findings"]}
    assert {("P04", "warning"), ("S03", "error")} <= found


def test_a_changed_panel_is_tampering_on_a_form_of_this_release(
    releases: tuple[Templates, Templates], tmp_path: Path
) -> None:
    file = _filled(releases, 0, tmp_path)
    book = openpyxl.load_workbook(file)
    book["自检"]["C9"] = "通过"
    book.save(file)
    assert ("P04", "warning") in _about(_read(releases, 0, file))


def _released(name: str) -> bytes:
    return lzma.decompress((DATA / "releases" / name).read_bytes())


@pytest.mark.parametrize("file", sorted(one.name for one in (DATA / "releases").iterdir()))
def test_forms_of_0_3_1_get_nothing_above_information(file: str) -> None:
    for result in results_of_workbook(_released(file), file):
        assert [one for one in result["findings"] if one["rule"][0] == "P" and one["level"] != "info"] == []
        assert result["reading"]["anchor"] == "names" and result["reading"]["confidence"] == 1


def test_a_form_of_0_3_1_whose_printed_text_was_changed_is_found() -> None:
    book = openpyxl.load_workbook(BytesIO(_released("mof-filled.xlsx.xz")))
    _label(book["自评表"], "实施单位").value = "承办人"
    target = BytesIO()
    book.save(target)
    [result] = results_of_workbook(target.getvalue(), "a.xlsx")
    assert ("P04", "warning") in _about(result)
