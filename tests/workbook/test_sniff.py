"""What comes instead of a workbook is called by its name, whatever the file is called; old formats are read, and said so."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import libreoffice
import pytest
from books import book, container, made, parts
from contract import fill, result_of_workbook
from fuzzing import Member, packed
from project import NODE, ROOT

from xltool.recognition.form_workbook import open_form_workbook
from xltool.workbook.errors import Unreadable
from xltool.workbook.limits import Limits


def zipped(**found: bytes) -> bytes:
    return packed([Member(name.encode(), data) for name, data in found.items()])


def word_as_package() -> bytes:
    found = parts()
    found["[Content_Types].xml"] = str(found["[Content_Types].xml"]).replace(
        "spreadsheetml.sheet", "wordprocessingml.document"
    )
    return packed(made(found))


STRANGERS = {
    "empty": b"", "zeros": bytes(5000), "pdf": b"%PDF-1.7\n%\xe2\xe3", "picture": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "picture png": b"\x89PNG\r\n\x1a\n", "picture heic": b"\0\0\0\x18ftypheic", "other_archive": b"Rar!\x1a\x07\x01",
    "other_archive 7z": b"7z\xbc\xaf\x27\x1c\0\4", "other_archive gz": b"\x1f\x8b\x08\0", "program": b"MZ\x90\0\3",
    "database": b"SQLite format 3\0", "word rtf": b"{\\rtf1\\ansi", "word": container("WordDocument", "1Table"),
    "word ppt": container("PowerPoint Document"), "word docx": word_as_package(),
    "word odt": zipped(mimetype=b"application/vnd.oasis.opendocument.text"), "mail msg": container("__substg1.0_0037001F"),
    "encrypted": container("EncryptionInfo", "EncryptedPackage"), "drm irm": container("\tDRMContent", "\x06DataSpaces"),
    "drm": b"\x62\x14\x23\x65\xff\0\0E-SafeNet   LOCK" + bytes(99), "drm tsd": b"%TSD-Header-###%" + bytes(99),
    "other_ole": container("Contents", "VisioDocument"), "cut": container("Workbook")[:520],
    "html": b"\xef\xbb\xbf <HTML><body><table><tr><td>1</td></tr></table>", "html gbk": "<table><tr><td>项目名称</td></tr>".encode("gbk"),
    "html utf-16": "<html><table></table></html>".encode("utf-16"), "mhtml": b"MIME-Version: 1.0\nContent-Type: multipart/related; xml:spreadsheet\n\n",
    "mhtml excel": b"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n",
    "xml2003": b"<?xml version='1.0'?><?mso-application progid=\"Excel.Sheet\"?><Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\"/>",
    "xml": b"<?xml version='1.0'?><x/>", "flat_ods": b'<?xml version="1.0"?><office:document xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>',
    "mail": b"Received: from x\r\nFrom: a@b.c\r\nSubject: =?gbk?B?xx?=\r\nMIME-Version: 1.0\r\n\r\n",
    "csv": "项目名称,得分\n甲,9\n".encode("gbk"), "csv utf-8": "项目名称\t得分\n甲\t9\n".encode(), "csv utf-16": "a\tb\n1\t2\n".encode("utf-16"),
    "text": "你好，附件请查收。".encode("gbk"), "json": b'{"form": {"id": "x"}}', "json lines": b'[{"a": 1}]',
    "text_table": b"ID;PWXL;N;E\nP;PGeneral", "old_excel": b"\x09\x04\x06\0\0\0\x10\0", "old_excel 2": b"\x09\0\4\0\2\0\x10\0",
    "archive": zipped(**{"a.txt": b"a"}), "ofd": zipped(**{"OFD.xml": b"<ofd/>"}), "numbers": zipped(**{"Index/Document.iwa": b"x"}),
    "unknown": bytes(range(1, 255)) * 9, "zip_cut": b"PK\3\4 cut off",
}  # fmt: skip


@pytest.mark.parametrize("name", STRANGERS)
def test_a_stranger_is_called_by_its_name(name: str) -> None:
    with pytest.raises(Unreadable) as refusal:
        open_form_workbook(STRANGERS[name])
    assert refusal.value.key == name.split()[0]
    [finding] = result_of_workbook(STRANGERS[name], "x.xlsx")["findings"]
    assert finding["rule"] == "P06" and "{" not in finding["message"] and finding["fix"]


def test_a_directory_that_runs_in_circles_ends() -> None:
    with pytest.raises(Unreadable):
        open_form_workbook(container("WordDocument", *map(str, range(9)), loop=True))


def test_the_name_of_a_file_says_nothing(clean: dict[str, Any]) -> None:
    content = fill(clean).content
    assert {
        result_of_workbook(content, f"x{end}")["status"] for end in (".xls", ".et", ".tmp", ".zip", ".xlsx ", "")
    } == {"accepted"}


# ── old and foreign formats ─────────────────────────────────────


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("saved")
    shutil.copy(ROOT / "examples/form2.xlsx", place / "form2.xlsx")
    for to in ("xls:MS Excel 97", "ods:calc8"):
        libreoffice.converted([place / "form2.xlsx"], place, to)
    return place


@pytest.mark.libreoffice
@pytest.mark.parametrize("form", ["xls", "ods"])
def test_every_value_of_an_old_format_is_read_and_the_rest_is_said_to_be_unknown(saved: Path, form: str) -> None:
    old, new = (
        open_form_workbook((saved / f"form2.{form}").read_bytes()),
        open_form_workbook((saved / "form2.xlsx").read_bytes()),
    )
    assert (old.format, old.checkable, new.checkable) == (form, False, True)
    assert {title: sheet.state != "visible" for title, sheet in old.sheets.items()} == {
        title: sheet.state != "visible" for title, sheet in new.sheets.items()}  # fmt: skip
    sheet = new.sheets["自评表"]
    typed = {spot: fact for spot, fact in sheet.cells.items() if not fact.formula}
    assert len(typed) > 80
    assert {spot: old.at("自评表", *spot).value for spot in typed} == {spot: fact.value for spot, fact in typed.items()}


@pytest.mark.libreoffice
def test_a_damaged_old_workbook_is_one_finding(saved: Path) -> None:
    content = (saved / "form2.xls").read_bytes()
    for spoilt in (content[: len(content) // 2], content[:3000] + bytes(5000) + content[8000:]):
        result = result_of_workbook(spoilt, "x.xls")
        assert result["status"] == "unreadable" and len(result["findings"]) == 1


@pytest.mark.libreoffice
def test_native_code_that_takes_too_much_is_stopped(saved: Path) -> None:
    content = (saved / "form2.xls").read_bytes()
    with pytest.raises(Unreadable) as slow:
        open_form_workbook(content, Limits(legacy_seconds=0.0005))
    with pytest.raises(Unreadable) as large:
        open_form_workbook(content, Limits(legacy_bytes=20_000_000))
    assert slow.value.key == "slow" and large.value.key in ("memory", "died")


def test_a_binary_workbook_with_short_cells_is_refused_and_not_read_in_part(tmp_path: Path) -> None:
    """calamine overlooks them; SheetJS and some versions of Excel write them."""
    if not (NODE / "node_modules/xlsx").exists():
        pytest.skip("SheetJS is not installed")
    target = tmp_path / "x.xlsb"
    subprocess.run(["node", NODE / "resave.js", "sheetjs", ROOT / "examples/form2.xlsx", target, "xlsb"], check=True)
    with pytest.raises(Unreadable, match="xlsb_short"):
        open_form_workbook(target.read_bytes())
    assert open_form_workbook(book()).format == "xlsx"
