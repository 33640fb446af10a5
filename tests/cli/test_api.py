"""The Python front: its page runs, its names stay functions, its mistakes are told."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from commands import run
from project import ROOT

import xltool
from xltool.support import json_codec

EXAMPLE = ROOT / "examples/form2.json"


def test_the_examples_of_the_page_run_one_after_the_other(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "docs/api.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 7
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    (tmp_path / "page.py").write_text("\n".join(blocks), "utf-8")
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XLTOOL")}
    done = subprocess.run([sys.executable, "page.py"], cwd=tmp_path, env=environment, capture_output=True)
    assert done.returncode == 0, done.stderr.decode("utf-8")
    told = done.stdout.decode("utf-8")
    page = (ROOT / "docs/api.md").read_text("utf-8")
    assert re.search(r"print\(error\)  # (.*)", page)[1] in told  # type: ignore[index]
    assert "交回/form1.xlsx returned 1" in told.replace("\\", "/")
    assert len((tmp_path / "results.jsonl").read_text("utf-8").splitlines()) == 3


def test_the_page_tells_of_every_public_name() -> None:
    page = (ROOT / "docs/api.md").read_text("utf-8")
    assert [name for name in xltool.__all__ if name not in ("Record", "Result") and name not in page] == []


def test_its_types_are_seen_from_outside(tmp_path: Path) -> None:
    """A program of somebody else, checked strictly."""
    (tmp_path / "page.py").write_text(
        "import xltool\nimport xltool.workbook.grid\nimport xltool.services.fill\n"
        "reveal_type(xltool.load_form())\nreveal_type(xltool.fill('a'))\nreveal_type(xltool.read(b''))\n"
        "reveal_type(xltool.ingest('a', b'b', jobs=2))\nxltool.check(5)\n",
        "utf-8",
    )
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, "page.py"]
    done = subprocess.run(
        command, cwd=tmp_path, env={**os.environ, "MYPYPATH": str(ROOT)}, capture_output=True, text=True
    )
    kinds = re.findall(r'Revealed type is "(.*)"', done.stdout)
    record = "builtins.dict[builtins.str, Any]"
    plain = [re.sub(r"dict\[str, Any\]", record, kind).replace("builtins.list", "list") for kind in kinds]
    assert plain == [
        "xltool.form.definition.Form",
        "xltool.services.fill.FilledWorkbook",
        f"list[{record}]",
        f"typing.Iterator[{record}]",
    ], done.stdout
    assert len(re.findall(r"^page\.py.* error:", done.stdout, re.M)) == 1 and 'Argument 1 to "check"' in done.stdout


def test_every_room_can_be_imported_and_hides_no_function_of_the_front() -> None:
    code = (
        "import pkgutil, importlib, xltool;"
        "front = {name: getattr(xltool, name) for name in xltool.__all__};"
        "[importlib.import_module(one.name) for one in pkgutil.walk_packages(xltool.__path__, 'xltool.')"
        " if not one.name.endswith(('__main__', 'calamine_process'))];"
        "assert all(getattr(xltool, name) is one for name, one in front.items());"
        "print(xltool.read('examples/form1.xlsx')[0]['year'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "2020\n"), done.stderr


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, xltool; print([m for m in sys.modules if m.startswith('xltool.') or m in ('click', 'jsonschema', 'xlsxwriter')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    light = ["support", "support.errors", "support.i18n", "support.templates", "api"]
    assert done.stdout.strip() == str([f"xltool.{name}" for name in light])


def test_a_record_goes_round_by_path_bytes_and_value(tmp_path: Path) -> None:
    record = json_codec.loads(EXAMPLE.read_bytes())
    made = [xltool.fill(one, as_printed=True) for one in (EXAMPLE, str(EXAMPLE), EXAMPLE.read_bytes(), record)]
    assert len({one.content for one in made}) == 1 and made[0].remarks
    assert xltool.read(made[0].content) == [record]
    file = tmp_path / "表.xlsx"
    assert xltool.fill(record, as_printed=True, to=file).content == file.read_bytes()
    assert xltool.read(file) == xltool.read(str(file)) == [record]


def test_numbers_may_be_floats_and_are_what_they_show(clean: dict[str, Any]) -> None:
    clean["funds"][1]["executed"] = 129025.8
    clean["funds"][0]["executed"] = 129025.8
    clean["funds"][2]["executed"] = clean["funds"][3]["executed"] = None
    [record] = xltool.read(xltool.fill(clean).content)
    assert record["funds"][1]["executed"] == Decimal("129025.8")


def test_check_and_ingest_find_what_the_commands_find() -> None:
    told = run("check", EXAMPLE).stdout
    assert json_codec.loads(told) == json_codec.loads(json_codec.dumps(xltool.check(EXAMPLE)))
    lines = run("ingest", "examples", folder=ROOT).stdout.decode("utf-8").splitlines()
    results = [{**one, "file": Path(one["file"]).name} for one in xltool.ingest(ROOT / "examples")]
    assert [one["status"] for one in results].count("unreadable") == 2  # records are no workbooks
    assert results == [{**(was := json_codec.loads(line)), "file": Path(was["file"]).name} for line in lines]


def test_bytes_come_first_and_a_bad_one_stops_nothing() -> None:
    content = (ROOT / "examples/form2.xlsx").read_bytes()
    results = list(xltool.ingest(ROOT / "examples/form1.xlsx", b"no workbook", content, jobs=2))
    found = [(Path(one["file"]).name, one["status"]) for one in results]
    assert found == [("bytes 2", "unreadable"), ("bytes 3", "accepted"), ("form1.xlsx", "returned")]


def test_the_callers_mistakes_are_one_sentence(tmp_path: Path, clean: dict[str, Any]) -> None:
    faulty: dict[str, Any] = {**clean, "year": "many"}
    calls = {
        "没有表样 utopia": lambda: xltool.load_form("utopia"), "没有二级指标": lambda: xltool.write_template(rows={"无": 1}),
        "/year": lambda: xltool.check(faulty), "不是合法的 JSON": lambda: xltool.fill(b"no"),
        "读不了": lambda: xltool.check(tmp_path / "没有.json"), "写不了": lambda: xltool.write_template(to=tmp_path / "a/b.xlsx"),
        "P06": lambda: xltool.read(b"%PDF-1.7"), "P01": lambda: xltool.read(_empty()),
        "找不到文件": lambda: list(xltool.ingest(tmp_path / "没有.xlsx")),
    }  # fmt: skip
    for reason, call in calls.items():
        with pytest.raises(xltool.WrongUse, match=reason) as caught:
            call()
        assert "\n" not in str(caught.value)


def _empty() -> bytes:
    import io

    import openpyxl

    target = io.BytesIO()
    openpyxl.Workbook().save(target)
    return target.getvalue()


def test_a_template_is_what_the_command_writes(tmp_path: Path) -> None:
    run("template", "--rows", "成本指标=5", "-o", tmp_path / "a.xlsx")
    assert xltool.write_template(rows={"cost": 5}) == (tmp_path / "a.xlsx").read_bytes()


@pytest.mark.parametrize(("sources", "jobs"), [((b"x",), 0), ((b"x",), -1), (([],), 1), ((None,), 1)])
def test_what_cannot_be_read_at_all_is_refused_at_once(sources: tuple[Any, ...], jobs: int) -> None:
    with pytest.raises(xltool.WrongUse):
        xltool.ingest(*sources, jobs=jobs)


def test_two_owners_of_templates_share_no_definitions(tmp_path: Path) -> None:
    """The same name is one form here and another there, in every function, also while both are at work."""
    for name, threshold in (("one", 0.1), ("other", 0.9)):
        place = tmp_path / name / "somewhere-2024/1"
        place.mkdir(parents=True)
        head = 'schema = "xltool.form/2"\nid = "somewhere-2024"\nversion = "1"\nextends = "mof-2020/1"\n'
        (place / "form.toml").write_text(f'{head}name = "{name}"\ntitle = "{name}"\n', "utf-8")
        (place / "rules.toml").write_text(f"[F08.params]\nthreshold = {threshold}\n", "utf-8")
    owners = [xltool.Templates([tmp_path / "one"]), xltool.Templates([tmp_path / "other"])]
    record = json_codec.loads(EXAMPLE.read_bytes())
    record["form"] = {"id": "somewhere-2024", "version": "1"}

    def rules(result: dict[str, Any]) -> set[str]:
        return {finding["rule"] for finding in result["findings"]}

    for _ in range(2):  # the second time from what is kept
        assert [xltool.load_form("somewhere-2024", templates=owner).name for owner in owners] == ["one", "other"]
        assert ["F08" in rules(xltool.check(record, templates=owner)) for owner in owners] == [False, True]
    blank = [xltool.write_template("somewhere-2024", templates=owner) for owner in owners]
    filled = [xltool.fill(record, templates=owner).content for owner in owners]
    assert blank[0] != blank[1] and filled[0] != filled[1]
    names = [xltool.read(content, templates=owner)[0]["project"] for content, owner in zip(filled, owners, strict=True)]
    assert names == [record["project"]] * 2
    streams = [xltool.ingest(filled[0], filled[0], templates=owner) for owner in owners]
    for own, foreign in zip(*streams, strict=True):
        assert ["F08" in rules(result) for result in (own, foreign)] == [False, True]
    for call in (xltool.check, xltool.fill):
        with pytest.raises(xltool.WrongUse, match="somewhere-2024"):
            call(record, templates=xltool.Templates([]))
    with pytest.raises(xltool.WrongUse, match="somewhere-2024"):
        xltool.load_form("somewhere-2024")
