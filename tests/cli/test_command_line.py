"""The commands as people and scripts meet them: exit codes, streams, languages, consoles that speak GBK."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import commands
import pytest
from contract import fill
from project import ROOT

from xltool.support import json_codec

Run = Callable[..., commands.Done]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def _run(*arguments: object, **environment: str) -> commands.Done:
        if environment:
            return commands.run_process(*arguments, folder=tmp_path, **environment)
        return commands.run(*arguments, folder=tmp_path)

    return _run


@pytest.fixture
def workbook(tmp_path: Path, clean: dict[str, Any]) -> Path:
    file = tmp_path / "好表.xlsx"
    file.write_bytes(fill(clean).content)
    return file


def results(done: commands.Done) -> list[dict[str, Any]]:
    return [json_codec.loads(line) for line in done.stdout.decode("utf-8").splitlines()]


def test_template_writes_a_file_named_after_the_form(run: Run, tmp_path: Path) -> None:
    done = run("template", "--form", "shanghai-2020")
    assert (done.returncode, done.stdout) == (0, b"")
    assert (tmp_path / "财政项目支出绩效自评表.xlsx").read_bytes()[:2] == b"PK"


def test_fill_and_ingest_round_trip_through_files(run: Run, tmp_path: Path) -> None:
    assert run("fill", ROOT / "examples/form1.json", "-o", "a.xlsx").returncode == 0
    done = run("ingest", "a.xlsx")
    assert done.returncode == 1  # findings at error level
    [result] = results(done)
    assert result["record"] == json_codec.loads((ROOT / "examples/form1.json").read_bytes())
    assert done.stderr.decode("utf-8").startswith("a.xlsx: D01 自评表!I36 ")


def test_accepted_workbooks_exit_0_and_are_silent_to_people(run: Run, workbook: Path) -> None:
    done = run("ingest", workbook)
    assert (done.returncode, done.stderr) == (0, b"")
    assert results(done)[0]["status"] == "accepted"


def test_fail_on_lowers_the_bar(run: Run) -> None:
    form2 = ROOT / "examples/form2.xlsx"  # warnings only
    assert [run("ingest", form2, "--fail-on", level).returncode for level in ("error", "warning", "info")] == [0, 1, 1]


def test_a_folder_a_pattern_and_an_archive_give_each_workbook_once_in_order(
    run: Run, workbook: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "收表"
    (folder / "二科").mkdir(parents=True)
    for name in ("乙.xlsx", "甲.xlsx", "二科/丙.xlsx", "~$甲.xlsx", "说明.txt"):
        shutil.copy(workbook, folder / name)
    with zipfile.ZipFile(folder / "包.zip", "w") as archive:
        archive.write(workbook, "里面/丁.xlsx")
        archive.writestr("读我.txt", "x")
    done = run("ingest", "收表", "收表/甲.xlsx", "收*/*.xlsx")
    names = [result["file"].replace("\\", "/") for result in results(done)]
    assert names == sorted(names) and len(names) == 6
    read = {result["file"].rpartition("/")[2] for result in results(done) if result["status"] == "accepted"}
    assert read == {"甲.xlsx", "乙.xlsx", "丙.xlsx", "丁.xlsx", "说明.txt"}  # a form, whatever it is called


def test_results_do_not_depend_on_the_order_of_arguments(run: Run) -> None:
    one, two = ROOT / "examples/form1.xlsx", ROOT / "examples/form2.xlsx"
    assert run("ingest", one, two).stdout == run("ingest", two, one, two).stdout


def test_a_batch_does_not_die_of_one_file(run: Run, workbook: Path, tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 no")
    done = run("ingest", workbook, "坏.xlsx")
    assert done.returncode == 1
    assert {result["status"] for result in results(done)} == {"accepted", "unreadable"}


def test_results_go_to_a_file(run: Run, workbook: Path, tmp_path: Path) -> None:
    done = run("ingest", workbook, "-o", "r.jsonl")
    assert (done.returncode, done.stdout) == (0, b"")
    assert json_codec.loads((tmp_path / "r.jsonl").read_bytes())["status"] == "accepted"


def test_originals_are_never_touched(run: Run, workbook: Path) -> None:
    before = (workbook.read_bytes(), workbook.stat().st_mtime_ns)
    run("ingest", workbook)
    assert (workbook.read_bytes(), workbook.stat().st_mtime_ns) == before


def test_check_finds_in_a_record_what_ingest_finds_in_its_workbook(run: Run) -> None:
    done = run("check", ROOT / "examples/form2.json")
    [result] = results(done)
    ingested = results(run("ingest", ROOT / "examples/form2.xlsx"))[0]["findings"]
    told = ("rule", "level", "path", "message")
    assert [[one[key] for key in told] for one in result["findings"]] == [
        [one[key] for key in told] for one in ingested
    ]
    assert len(ingested) > 8
    assert all(finding["cell"] is None and finding["path"].startswith("/") for finding in result["findings"])
    assert result["findings"][0]["path"] == "/funds/0/execution_rate"


def test_check_goes_on_after_a_file_that_is_no_record(run: Run, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text('{"form": {"id": "mof-2020", "version": "1"}}', "utf-8")
    done = run("check", "bad.json", ROOT / "examples/form2.json")
    assert done.returncode == 2 and len(results(done)) == 1
    assert "bad.json" in done.stderr.decode("utf-8")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["ingest", "nowhere.xlsx"], "nowhere.xlsx"),
        (["ingest", "*.nothing"], "*.nothing"),
        (["template", "--form", "utopia"], "没有表样 utopia"),
        (["template", "--rows", "数量=8"], "没有二级指标"),
        (["template", "--rows", "数量指标=many"], "行数应为"),
        (["template", "-o", "no/such/folder/x.xlsx"], "写不了"),
        (["fill", "nowhere.json", "-o", "x.xlsx"], "读不了"),
        (["rules", "Z99"], "没有规则 Z99"),
        (["schema", "nothing"], "没有 schema nothing"),
        (["frobnicate"], "frobnicate"),
        (["ingest", "--fail-on", "never", "x"], "--fail-on"),
    ],
)
def test_wrong_use_is_one_clear_line_and_exit_2(run: Run, arguments: list[str], reason: str) -> None:
    done = run(*arguments)
    lines = done.stderr.decode("utf-8").strip().splitlines()
    assert (done.returncode, done.stdout, len(lines)) == (2, b"", 1)
    assert lines[0].startswith("xltool: ") and reason in lines[0]


def test_a_control_character_in_a_name_does_not_reach_the_terminal(run: Run, tmp_path: Path) -> None:
    name = "a\x1b[31m.xlsx"
    try:
        (tmp_path / name).write_bytes(b"")
    except OSError:
        pytest.skip("this file system has no such names")
    done = run("ingest", name)
    assert b"\x1b" not in done.stderr and done.returncode == 1


@pytest.mark.parametrize(("encoding", "every"), [("gbk", 6), ("gbk", 1), ("ascii", 1)])
def test_every_command_survives_a_console_that_is_not_utf8(
    run: Run, workbook: Path, tmp_path: Path, encoding: str, every: int
) -> None:
    record = json_codec.loads((ROOT / "examples/form1.json").read_bytes())
    record["indicators"][5]["level3"] = "生僻字𠮷与emoji😀•"
    (tmp_path / "rare.json").write_text(json_codec.dumps(record), "utf-8")
    commands: list[list[object]] = [
        ["--help"], ["template", "-o", "t.xlsx"], ["fill", "rare.json", "-o", "f.xlsx"], ["ingest", "f.xlsx"],
        ["check", "rare.json"], ["rules"], ["rules", "F05"], ["forms"], ["forms", "mof-2020"], ["schema", "record"],
        ["demo", "d"], ["ingest", "nowhere"],
    ]  # fmt: skip
    run("fill", "rare.json", "-o", "f.xlsx")
    for command in commands[::every]:
        done = run(*command, PYTHONIOENCODING=encoding)
        assert b"Traceback" not in done.stderr and "内部错误".encode("gbk") not in done.stderr, command
        assert done.returncode in ((0,) if command[0] not in ("ingest", "check") else (1, 2)), (command, done.stderr)
    piped = run("ingest", "f.xlsx", PYTHONIOENCODING=encoding)
    assert "𠮷" in piped.stdout.decode("utf-8")  # data is UTF-8 whatever the console


def test_english_is_spoken_when_asked_for(run: Run) -> None:
    done = run("ingest", ROOT / "examples/form1.xlsx", XLTOOL_LANG="en")
    assert "without a reason and measures" in done.stderr.decode("utf-8")
    assert "Write one blank template" in run("template", "--help", XLTOOL_LANG="en").stdout.decode("utf-8")


def test_every_rule_and_form_and_schema_can_be_explained(run: Run) -> None:
    rules = run("rules").stdout.decode().split("\n")
    assert len([line for line in rules if line]) > 25
    for rule in ("F05", "d01"):
        assert "更正" in run("rules", rule).stdout.decode()
    assert "mof-2020/1" in run("forms").stdout.decode()
    assert "goal.expected" in run("forms", "shanghai-2020").stdout.decode()
    for name in ("record", "result", "form", "rules"):
        assert json_codec.loads(run("schema", name).stdout)["$schema"].endswith("2020-12/schema")


def test_on_a_terminal_there_is_a_table(tmp_path: Path) -> None:
    pty = pytest.importorskip("pty")
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "xltool", "ingest", str(ROOT / "examples/form1.xlsx")]
    process = subprocess.Popen(
        command, stdout=child, stderr=child, env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1"}
    )
    os.close(child)
    seen = b""
    while True:
        try:
            part = os.read(parent, 65536)
        except OSError:
            break
        if not part:
            break
        seen += part
    assert process.wait() == 1
    shown = seen.decode("utf-8")
    assert "合作交流工作业务费" in shown and "D01" in shown and "退回" in shown and '"schema"' not in shown


def test_an_entry_that_cannot_be_read_is_a_finding_on_that_entry(run: Run, workbook: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "包.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(workbook, "好.xlsx")
        archive.write(workbook, "坏.xlsx")
        broken_at = archive.getinfo("坏.xlsx").header_offset
    content = bytearray((tmp_path / "包.zip").read_bytes())
    content[broken_at + 200 : broken_at + 400] = bytes(200)
    (tmp_path / "包.zip").write_bytes(content)
    (tmp_path / "不是.zip").write_bytes(b"PK\x03\x04 no archive")
    done = run("ingest", "包.zip", "不是.zip", "-o", "r.jsonl")
    lines = (tmp_path / "r.jsonl").read_text("utf-8").splitlines()
    assert done.returncode == 1
    assert sorted(json_codec.loads(line)["status"] for line in lines) == ["accepted", "unreadable", "unreadable"]


@pytest.mark.parametrize("command", ["ingest", "check", "fill"])
def test_no_command_writes_over_what_it_reads(
    run: Run, tmp_path: Path, clean: dict[str, Any], workbook: Path, command: str
) -> None:
    record = tmp_path / "r.json"
    record.write_text(json_codec.dumps(clean), "utf-8")
    file = workbook if command == "ingest" else record
    before = file.read_bytes()
    done = run(command, file, "-o", file)
    assert done.returncode == 2 and file.read_bytes() == before


def test_template_does_not_overwrite_unasked(run: Run, tmp_path: Path) -> None:
    (tmp_path / "项目支出绩效自评表.xlsx").write_bytes(b"filled in")
    assert run("template").returncode == 2
    assert (tmp_path / "项目支出绩效自评表.xlsx").read_bytes() == b"filled in"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
def test_a_name_that_is_no_utf8_is_carried(run: Run, workbook: Path, tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/" + "自评表".encode("gbk") + b".xlsx"
    shutil.copy(os.fsencode(workbook), name)
    workbook.unlink()
    done = run("ingest", ".", "-o", "r.jsonl")
    assert done.returncode == 0
    assert "\\xd7" in json_codec.loads((tmp_path / "r.jsonl").read_text("utf-8"))["file"]


def test_two_spellings_of_a_path_give_one_result_whatever_their_order(run: Run, workbook: Path) -> None:
    one, two = run("ingest", workbook.name, workbook), run("ingest", workbook, workbook.name)
    assert one.stdout == two.stdout and len(results(one)) == 1


def test_an_archive_without_workbooks_and_a_workbook_called_zip_are_not_lost(
    run: Run, workbook: Path, tmp_path: Path
) -> None:
    shutil.copy(workbook, tmp_path / "表.zip")
    with zipfile.ZipFile(tmp_path / "空.zip", "w") as archive:
        archive.writestr("说明.pdf", "x")
    found = {result["file"]: result["status"] for result in results(run("ingest", "表.zip", "空.zip"))}
    assert found == {"表.zip": "accepted", "空.zip!/说明.pdf": "unreadable"}


@pytest.mark.parametrize("text", ['{"a": 1, "a": 2}', "[" * 100_000, "not json", '{"form": 1}', "[]", ""])
def test_what_is_no_record_is_refused_in_one_line(run: Run, tmp_path: Path, text: str) -> None:
    (tmp_path / "r.json").write_text(text, "utf-8")
    for command in (["check", "r.json"], ["fill", "r.json", "-o", "x.xlsx"]):
        done = run(*command)
        lines = done.stderr.decode("utf-8").strip().splitlines()
        assert done.returncode == 2 and len(lines) == 1 and "r.json" in lines[0] and "内部错误" not in lines[0]


def test_a_text_too_long_for_a_cell_is_refused(run: Run, tmp_path: Path, clean: dict[str, Any]) -> None:
    clean["goal"]["actual"] = "😀" * 32767
    (tmp_path / "r.json").write_text(json_codec.dumps(clean), "utf-8")
    done = run("fill", "r.json", "-o", "x.xlsx")
    assert done.returncode == 2 and "文字过长" in done.stderr.decode("utf-8")


def test_a_fault_of_ours_is_a_finding_on_its_file_and_the_batch_goes_on(
    run: Run, workbook: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xltool.services import read_and_check

    shutil.copy(workbook, tmp_path / "坏.xlsx")
    right = read_and_check.results_of_workbook
    monkeypatch.setattr(
        read_and_check, "results_of_workbook", lambda content, file: 1 / 0 if "坏" in file else right(content, file)
    )
    done = run("ingest", "坏.xlsx", workbook)
    assert done.returncode == 1
    assert sorted(one["status"] for one in results(done)) == ["accepted", "unreadable"]
    with pytest.raises(ZeroDivisionError):
        run("--debug", "ingest", "坏.xlsx")


def test_documents_beside_workbooks_are_results_and_byproducts_are_counted(
    run: Run, workbook: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "交回"
    (folder / "附件").mkdir(parents=True)
    shutil.copy(workbook, folder / "表.xlsx")
    for name in ("签发清单.PDF", "附件/说明.docx", "附件/~$说明.docx", "附件/退回清单.csv"):
        (folder / name).write_bytes(b"%PDF-1.4")
    with zipfile.ZipFile(folder / "包.zip", "w") as archive:
        archive.write(workbook, "市局/表.xlsx")
        archive.writestr("市局/扫描件.jpg", "x")
    done = run("ingest", "交回")
    assert [Path(one["file"]).name for one in results(done)] == [
        "扫描件.jpg",
        "表.xlsx",
        "签发清单.PDF",
        "表.xlsx",
        "说明.docx",
        "退回清单.csv",
    ]
    [told] = [line for line in done.stderr.decode("utf-8").splitlines() if line.startswith("另有")]
    assert "另有 1 个系统或程序留下的文件" in told
    assert "另有" not in run("ingest", workbook).stderr.decode("utf-8")
