"""The changes that CONTRIBUTING works out are so: applied to a copy of the repository, each does what it says."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT

#: A block that names its file behind the language.
_CHANGE = re.compile(r"^```(\w+) (\w\S*/\S+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with all changes of CONTRIBUTING made."""
    copy = tmp_path_factory.mktemp("contributing") / "repository"
    for folder in ("xltool", "templates", "tests", "docs", "schema", "examples"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for file in ("pyproject.toml", "README.md", "README.en.md", "CHANGELOG.md"):
        shutil.copy(ROOT / file, copy)
    changes = _CHANGE.findall(_guide())
    assert {path for _, path, _ in changes} >= {
        "templates/mof-2020/1/rules.toml", "templates/ourcity-2026/1/form.toml", "xltool/workbook/namespaces.py",
        "xltool/write/returned.py", "xltool/export/writers.py",
    }  # fmt: skip
    for language, path, text in changes:
        _apply(copy / path, language, text)
    return copy


def _apply(file: Path, language: str, text: str) -> None:
    """Change a file: a diff replaces its lines; what is no diff is added, or is a new file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    content = file.read_text("utf-8") if file.exists() else ""
    if language != "diff":
        file.write_text(f"{content}\n{text}" if content else text, "utf-8")
        return
    lines = text.splitlines(keepends=True)
    old = "".join(line[1:] for line in lines if line[0] in " -")
    assert content.count(old) == 1, f"{file}: not once in the file:\n{old}"
    file.write_text(content.replace(old, "".join(line[1:] for line in lines if line[0] in " +")), "utf-8")


def _guide() -> str:
    return (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def _done(repository: Path, *arguments: str, code: int = 0) -> str:
    environment = {**os.environ, "PYTHONPATH": str(repository), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("XLTOOL_LANG", None)
    done = subprocess.run([sys.executable, *arguments], cwd=repository, env=environment, capture_output=True)
    told = done.stdout.decode("utf-8") + done.stderr.decode("utf-8")
    assert done.returncode == code, told[-3000:]
    return told


def test_the_rule_and_the_column_are_in_everything_that_is_generated(repository: Path) -> None:
    written = _done(repository, "tests/helpers/generated.py").split()
    assert {"docs/rules.md", "examples/form1.xlsx", "examples/form2.xlsx"} <= set(written)
    assert {"docs/fields.md", "schema/record.schema.json", "docs/reference/commands.md"} <= set(written)
    assert "### Z01 年度指标值必填" in (repository / "docs/rules.md").read_text("utf-8")
    assert "| `funds[].unspent` | 结余数 |" in (repository / "docs/fields.md").read_text("utf-8")
    assert _done(repository, "tests/helpers/generated.py") == ""  # once generated, nothing is stale


def test_the_rule_is_described_and_its_examples_are_tried(repository: Path) -> None:
    assert "没有填写年度指标值" in _done(repository, "-m", "xltool", "rules", "Z01")
    told = _done(
        repository, "-m", "pytest", "-q", "-n", "0", "tests/rules/test_rules.py", "-k", "Z01 or every_evaluated"
    )
    assert re.search(r"\b4 passed", told), told


def test_a_mistake_in_the_rule_is_told_with_its_place(repository: Path) -> None:
    rules = repository / "templates/mof-2020/1/rules.toml"
    right = rules.read_text("utf-8")
    rules.write_text(right.replace('must = "filled(target)"              #', 'must = "filled(targett)"  #'), "utf-8")
    try:
        told = _done(repository, "-m", "xltool", "rules", "Z01", code=2).strip()
    finally:
        rules.write_text(right, "utf-8")
    assert "不认识的名字 targett" in told
    shown = re.findall(r"^ *xltool: .*targett.*$", _guide(), re.MULTILINE)
    assert [one.strip() for one in shown] == [told]


def test_the_column_of_funds_is_written_read_and_exported(repository: Path, tmp_path: Path) -> None:
    record = json.loads((repository / "templates/mof-2020/1/example.json").read_text("utf-8"))
    record["form"] = {"id": "ourcity-2026", "version": "1"}
    funds = [row for row in record["funds"] if row["source"] != "carryover"]
    for row in funds:
        del row["initial_budget"]
        row["unspent"] = 2.5 if row["source"] in ("total", "fiscal") else None
        row["label"] = row["label"].replace("当年财政拨款", "本年财政拨款")
    (tmp_path / "record.json").write_text(json.dumps({**record, "funds": funds}), "utf-8")
    book, results = str(tmp_path / "book.xlsx"), str(tmp_path / "results.jsonl")
    _done(repository, "-m", "xltool", "fill", str(tmp_path / "record.json"), "-o", book)
    _done(repository, "-m", "xltool", "ingest", book, "-o", results)
    read = json.loads(Path(results).read_text("utf-8"))
    assert read["status"] == "accepted" and read["record"]["funds"] == funds
    _done(repository, "-m", "xltool", "export", results, "--to", "jsonl", "-o", str(tmp_path / "tables"))
    rows = [json.loads(line) for line in (tmp_path / "tables/funds.jsonl").read_text("utf-8").splitlines()]
    assert [row["unspent"] for row in rows] == [2.5, 2.5, None]


def test_charts_of_the_new_namespace_are_counted(repository: Path, tmp_path: Path) -> None:
    (tmp_path / "count.py").write_text(
        "import io, zipfile, xlsxwriter\n"
        "from xltool.workbook.open import open_workbook\n"
        "target, changed = io.BytesIO(), io.BytesIO()\n"
        "book = xlsxwriter.Workbook(target)\n"
        "chart = book.add_chart({'type': 'pie'})\n"
        "chart.add_series({'values': '=Sheet1!$A$1:$A$3'})\n"
        "book.add_worksheet().insert_chart('C3', chart)\n"
        "book.close()\n"
        "with zipfile.ZipFile(target) as old, zipfile.ZipFile(changed, 'w') as new:\n"
        "    for name in old.namelist():\n"
        "        data = old.read(name)\n"
        "        if name == 'xl/drawings/drawing1.xml':\n"
        "            was = b'http://schemas.openxmlformats.org/drawingml/2006/chart'\n"
        "            assert was in data\n"
        "            data = data.replace(was, b'http://schemas.microsoft.com/office/drawing/2014/chartex')\n"
        "        new.writestr(name, data)\n"
        "for one in (target, changed):\n"
        "    print([sheet.charts for sheet in open_workbook(one.getvalue()).sheets.values()])\n",
        "utf-8",
    )
    assert _done(repository, str(tmp_path / "count.py")).split() == ["[1]", "[1]"]


def test_the_returned_workbook_has_the_column_and_its_states_still_count(repository: Path, tmp_path: Path) -> None:
    import openpyxl

    command = ("-m", "xltool", "ingest", "examples/form1.xlsx", "-o", str(tmp_path / "results.jsonl"))
    _done(repository, *command, "--returns", str(tmp_path / "back"), code=1)
    [file] = (tmp_path / "back").glob("*.xlsx")
    book = openpyxl.load_workbook(file)
    sheet = book["退回意见"]
    assert [cell.value for cell in sheet[6]][7:10] == ["怎样更正", "依据", "状态"]
    assert sheet["I7"].value.startswith("财预〔2020〕10号") and sheet["J7"].value.startswith("=IF(")
    assert book.defined_names["xl_return_states"].attr_text.startswith("'退回意见'!$J$7:$J$")
    assert sheet.column_dimensions["K"].hidden
    _done(repository, "-m", "xltool", "inspect", str(file))  # it can be handed in again as it is
