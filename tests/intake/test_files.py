"""What a folder may hold: hostile names, links, pipes, devices, lock files, archives in archives, files of no permission."""

from __future__ import annotations

import json
import os
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import commands
import pytest
from contract import fill
from fuzzing import Member, packed

from xltool.intake.sources import InputFile, find_sources
from xltool.workbook.errors import Unreadable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither these names nor these files")


@pytest.fixture
def workbook(tmp_path: Path, clean: dict[str, Any]) -> Path:
    file = tmp_path / "来件/好表.xlsx"
    file.parent.mkdir()
    file.write_bytes(fill(clean).content)
    return file


def ingested(folder: Path, *paths: str) -> dict[str, str]:
    """The cause of each file by its name; "" for one that was accepted, also as a copy of another."""
    done = commands.run("ingest", "-o", "r.jsonl", "--", *(paths or (".",)), folder=folder)
    assert done.returncode in (0, 1), done.stderr
    lines = [line for line in done.stderr.decode("utf-8").splitlines() if not line.startswith("另有")]
    results = [json.loads(line) for line in (folder / "r.jsonl").read_text("utf-8").splitlines()]
    assert len(lines) == 1 + sum(one["status"] != "accepted" for one in results), (
        lines
    )  # one line each, whatever the name
    causes = ((one["file"], [found for found in one["findings"] if found["rule"] != "X02"]) for one in results)
    return {file: "".join(found["message"] for found in findings) for file, findings in causes}


NAMES = ("a\nb.xlsx", "-o.xlsx", "--help.xlsx", "字" * 83 + ".xlsx", "空 格.xlsx", "'\"$(x).xlsx", "a\u202egnp.xlsx", "[1].xlsx",
         "\x1b[31m.xlsx", "C:\\x.xlsx", "*.xlsx", "％.XLSX")  # fmt: skip


def test_any_name_is_read_and_told_on_one_line(workbook: Path) -> None:
    for name in NAMES:
        shutil.copy(workbook, workbook.parent / name)
    workbook.unlink()
    assert ingested(workbook.parent) == ingested(workbook.parent, *NAMES) == dict.fromkeys(NAMES, "")
    for name in NAMES:
        (workbook.parent / name).write_bytes(b"")
    assert ingested(workbook.parent) == dict.fromkeys(NAMES, "文件是空的（0 字节）")


def test_a_name_that_is_no_utf_8_is_told_by_its_bytes(workbook: Path) -> None:
    workbook.rename(workbook.parent / os.fsdecode("自评".encode("gbk") + b".xlsx"))
    assert list(ingested(workbook.parent)) == ["\\xd7\\xd4\\xc6\\xc0.xlsx"]


def test_what_is_no_file_is_named_and_never_waited_for(workbook: Path) -> None:
    folder = workbook.parent
    os.mkfifo(folder / "管道.xlsx")
    (folder / "链接.xlsx").symlink_to(workbook)
    (folder / "断链.xlsx").symlink_to(folder / "没有")
    (folder / "零.xlsx").symlink_to("/dev/zero")
    (folder / "夹.xlsx").mkdir()
    (folder / "夹链.xlsx").symlink_to(folder / "夹.xlsx", target_is_directory=True)
    shutil.copy(workbook, folder / "夹.xlsx/里面.xlsx")
    for lock in (
        "~$好表.xlsx",
        ".~好表.xlsx",
        ".~lock.好表.xlsx#",
        "._好表.xlsx",
        "Thumbs.db",
        ".DS_Store",
        "Desktop.ini",
    ):
        (folder / lock).write_bytes(b"lock")
    found = ingested(folder)
    assert found == {
        "好表.xlsx": "", "夹.xlsx/里面.xlsx": "", "管道.xlsx": "不是普通文件（管道），没有读取",
        **{f"{name}.xlsx": "不是普通文件（链接），没有读取" for name in ("链接", "断链", "零", "夹链")},
    }  # fmt: skip
    assert ingested(folder, "~$好表.xlsx") == {"~$好表.xlsx": "是 Excel 或 WPS 打开文件时的临时文件，不是填报表"}
    with pytest.raises(Unreadable, match="not_regular"):
        InputFile(Path("/dev/zero")).read()


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_named(workbook: Path) -> None:
    shutil.copy(workbook, workbook.parent / "锁.xlsx")
    (workbook.parent / "锁.xlsx").chmod(0)
    closed = workbook.parent / "关"
    closed.mkdir()
    closed.chmod(0)
    found = ingested(workbook.parent)
    closed.chmod(0o700)
    assert found["好表.xlsx"] == "" and "读不了" in found["锁.xlsx"] and "读不了" in found["关"]


def test_a_folder_that_cannot_be_listed_is_named(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def walk(folder: Path, onerror: Any) -> Any:
        onerror(PermissionError(13, "Permission denied", str(folder / "关")))
        yield str(folder), [], ["好表.xlsx"]

    monkeypatch.setattr(os, "walk", walk)
    trouble = [source.trouble.key for source in find_sources([str(workbook.parent)]) if source.trouble]
    assert trouble == ["denied"]


def test_a_file_too_large_is_refused_before_it_is_read(workbook: Path) -> None:
    with (workbook.parent / "大.xlsx").open("wb") as stream:
        stream.truncate(3 * 1024**3)  # a sparse file: it takes no room, and reading it would take three gigabytes
    assert ingested(workbook.parent)["大.xlsx"] == "文件过大（3072.0 MB > 20 MB），不像一张自评表"


def test_each_entry_of_an_archive_is_judged_by_itself(workbook: Path) -> None:
    content = workbook.read_bytes()
    inner = packed([Member("里.xlsx".encode(), content)])
    entries = [
        Member("自评表.xlsx".encode("gbk"), content), Member(b"utf.xlsx", content, flags=0x800),
        Member(b"bad.xlsx", content, crc=1), Member(b"secret.xlsx", content, flags=1), Member(b"method.xlsx", content, method=12),
        Member(b"../../out.xlsx", content), Member(b"twice.xlsx", content), Member(b"twice.xlsx", b"other"),
        Member(b"bomb.xlsx", b"", size=10**9), Member(b"lie.xlsx", bytes(30_000_000), size=100), Member(b"inner.zip", inner),
        Member(b"~$lock.xlsx", b"x"), Member(b"__MACOSX/._a.xlsx", b"x"), Member(b"readme.txt", b"x"), Member(b"folder.xlsx/", b""),
    ]  # fmt: skip
    (workbook.parent / "包.zip").write_bytes(packed(entries))
    workbook.unlink()
    found = {name.removeprefix("包.zip!/"): message for name, message in ingested(workbook.parent).items()}
    assert {name: message for name, message in found.items() if not message} == {"自评表.xlsx": "", "utf.xlsx": ""}
    assert found["bad.xlsx"] == "文件损坏：bad.xlsx 的内容与校验码不符"
    assert found["secret.xlsx"] == "压缩包有密码：secret.xlsx"
    assert "压缩方法" in found["method.xlsx"] and "不安全" in found["../../out.xlsx"] and "两份" in found["twice.xlsx"]
    assert (
        "解压后过大" in found["bomb.xlsx"]
        and "解压后过大" in found["lie.xlsx"]
        and "压缩包里面又有压缩包" in found["inner.zip"]
    )
    assert "文本" in found["readme.txt"]
    assert len(found) == 11  # the two of one name share a line of this table


def test_an_archive_that_is_damaged_as_a_whole_is_one_finding(workbook: Path) -> None:
    content = packed([Member(b"a.xlsx", workbook.read_bytes())])
    (workbook.parent / "断.zip").write_bytes(content[:-30])
    (workbook.parent / "连.zip").write_bytes(content + content)
    (workbook.parent / "空.zip").write_bytes(b"")
    (workbook.parent / "图.zip").write_bytes(b"\xff\xd8\xff\xe0 JFIF")
    found = ingested(workbook.parent)
    assert {name: message[:5] for name, message in found.items() if message} == {
        "断.zip": "文件不完整", "连.zip": "文件前后或", "空.zip": "文件是空的", "图.zip": "是图片，不"}  # fmt: skip


def test_an_archive_of_a_mac_or_of_windows_is_read(workbook: Path) -> None:
    with zipfile.ZipFile(workbook.parent / "包.zip", "w") as archive:
        archive.write(workbook, "一科/表.xlsx")
        archive.mkdir("二科") if hasattr(archive, "mkdir") else None
    assert ingested(workbook.parent)["包.zip!/一科/表.xlsx"] == ""


def test_a_good_form_is_read_under_any_ending_and_everything_else_is_named(workbook: Path) -> None:
    content, folder = workbook.read_bytes(), workbook.parent
    good = (
        "a.xlsx.tmp",
        "b.xlsx.bak",
        "c.xlsx ",
        "d.xlsx.download",
        "e.xlsx_",
        "没有后缀",
        ".隐藏.xlsx",
        "f.et.crdownload",
    )
    for name in good:
        (folder / name).write_bytes(content)
    others = {
        "扫描.pdf": (b"%PDF-1.7", "PDF"), "自评.docx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "不完整"),
        "照片.jpg": (b"\xff\xd8\xff\xe0", "图片"), "包.rar": (b"Rar!\x1a\x07", "RAR"), "包.7z": (b"7z\xbc\xaf\x27\x1c", "RAR"),
        "空.tmp": (b"", "空的"), "f.csv": (b"1", "文本"), "g.mht": (b"1", "文本"), "h.ksheet": (b"1", "文本"),
        "i.uos": (b"1", "文本"), "j.html": (b"<html></html>", "网页"), "说明": (b"\xe8\xa1\xa8", "文本"), "钥匙.key": (b"x" * 20, "文本"),
    }  # fmt: skip
    for name, (given, _) in others.items():
        (folder / name).write_bytes(given)
    found = ingested(folder)
    assert {name: found[name] for name in good} == dict.fromkeys(good, "")
    assert set(found) == {*good, *others, "好表.xlsx"}
    for name, (_, word) in others.items():
        assert word in found[name], (name, found[name])


def test_an_archive_is_opened_under_any_ending_and_one_inside_it_is_to_be_unpacked(workbook: Path) -> None:
    content, folder = workbook.read_bytes(), workbook.parent
    workbook.unlink()
    inner = {
        "存.zip": packed([Member(b"a.xlsx", content, method=0)]), "压": packed([Member(b"a.xlsx", content)]),
        "里.rar": b"Rar!\x1a\x07", "好": content, "Thumbs.db": b"x",
    }  # fmt: skip
    outer = packed([Member(name.encode(), one, flags=0x800) for name, one in inner.items()])
    for name in ("交.zip", "交.zip.download", "没有后缀"):
        (folder / name).write_bytes(outer)
    found = ingested(folder)
    for name in ("交.zip", "交.zip.download", "没有后缀"):
        own = {key.removeprefix(f"{name}!/"): told for key, told in found.items() if key.startswith(f"{name}!/")}
        assert own.keys() == {"存.zip", "压", "里.rar", "好"} and own["好"] == ""
        assert all("压缩包里面又有压缩包" in own[one] for one in ("存.zip", "压")) and "RAR" in own["里.rar"]


def test_our_own_lists_and_books_are_no_submissions_and_may_be_written_again(tmp_path: Path) -> None:
    folder = tmp_path / "一切"
    folder.mkdir()
    roster = "年度,项目名称,实施单位,主管部门\n2024,甲项目,甲中心,甲局\n2024,乙项目,乙中心,乙局\n"
    (folder / "名册.csv").write_text(roster, "utf-8")
    for arguments in (
        ["issue", "--new-roster", "空白.xlsx"], ["issue", "名册.csv", "-o", "签发"],
        ["template", "-o", "交回.xlsx"],
    ):  # fmt: skip
        assert commands.run(*arguments, folder=folder).returncode == 0
    for form in folder.glob("签发/*/*.xlsx"):
        form.unlink()
    for _ in range(2):
        done = commands.run("ingest", ".", "-o", "r.jsonl", *commands.ALL_OUTPUTS, folder=folder)
        assert done.returncode == 1, done.stderr.decode()
        [result] = [json.loads(line) for line in (folder / "r.jsonl").read_text("utf-8").splitlines()]
        assert result["file"] == "交回.xlsx"
        told = done.stderr.decode()
        assert "本工具写的" in told and all(
            one in told for one in ("空白.xlsx", "签发清单.xlsx", "邮件合并.csv", "manifest.jsonl")
        )
    reminders = ["ledger", "coverage", "l.sqlite", "--roster", "名册.csv", "-o", "c.txt", "--reminders"]
    for name in ("催办.xlsx", "催办.csv"):
        commands.run(*reminders, name, folder=folder)
    for name in ("催办.xlsx", "催办.csv", "s.xlsx", "r.html", "r.jsonl", "l.sqlite"):
        found = commands.run("ingest", name, folder=folder)
        assert (found.returncode, found.stdout) == (0, b""), (name, found.stdout)


def test_an_output_that_is_somebodys_form_is_refused_though_a_folder_gives_it(workbook: Path) -> None:
    before = workbook.read_bytes()
    assert commands.run("ingest", workbook.parent, "-o", workbook).returncode == 2
    assert workbook.read_bytes() == before
