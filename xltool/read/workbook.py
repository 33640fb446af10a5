"""Bytes to a Grid, or to one sentence that says what they are instead."""

from __future__ import annotations

import datetime
import math
import re
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from xltool.form.layout import column_number
from xltool.language.functions import SheetError
from xltool.language.numbers import from_sheet
from xltool.read.grid import CellFact, Grid, Sheet
from xltool.read.shown import as_shown
from xltool.speech import say

#: Limits on what is unpacked: a form is some 60 KB; these keep a bomb from filling the memory.
MOST_ENTRIES, MOST_BYTES, MOST_CELLS = 2000, 200 * 1024 * 1024, 200_000

#: No cell holds a longer text.
MOST_LETTERS = 32767

_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="\$?([A-Z]{1,3})\$?(\d{1,7}):\$?([A-Z]{1,3})\$?(\d{1,7})"')


class Unreadable(Exception):  # noqa: N818  # about the file, not about us
    """The bytes are no workbook that can be read; the text says what they are."""


def read(content: bytes) -> Grid:
    """The facts of an .xlsx file.

    Raises:
        Unreadable: with what the file is instead, or why it cannot be read.
    """
    _refuse_strangers(content)
    import openpyxl

    try:
        warnings.simplefilter("ignore", UserWarning)  # what openpyxl cannot keep is nothing that we need
        formulas = openpyxl.load_workbook(BytesIO(content))
        values = openpyxl.load_workbook(BytesIO(content), data_only=True)
        properties = vars(formulas)["custom_doc_props"].props  # the type stubs do not know them
        return Grid(
            sheets={
                sheet.title: Sheet(sheet.title, sheet.sheet_state, dict(_cells(sheet, values[sheet.title])))
                for sheet in formulas.worksheets
            },
            names={name: str(defined.attr_text) for name, defined in formulas.defined_names.items()},
            properties={one.name: str(one.value) for one in properties},
            application=_application(content),
        )
    except Unreadable:
        raise
    except Exception as error:  # the parsers raise whatever they meet; to the user every one means the same
        raise Unreadable(
            say(f"文件损坏，打不开（{type(error).__name__}）", f"damaged ({type(error).__name__})")
        ) from error


def _cells(sheet: Any, values: Any) -> Iterator[tuple[tuple[int, int], CellFact]]:
    # iter_rows() would make every cell up to the farthest one, and a stray cell may be 300,000 rows away.
    made = vars(sheet).get("_cells", {})  # a chart sheet has none
    if len(made) > MOST_CELLS:
        raise Unreadable(say("单元格过多，不是一张自评表", "too many cells for a form"))
    results = vars(values).get("_cells", {})
    for at, cell in made.items():
        if cell.value is not None and at in results:
            formula = _formula(cell.value)
            found = results[at]
            yield at, _fact(found.value if formula else cell.value, found.data_type, found.number_format, formula)


def _formula(value: Any) -> str:
    if not isinstance(value, str):
        return str(getattr(value, "text", "") or "?").removeprefix("=") if hasattr(value, "ref") else ""  # array, table
    return value[1:] if value.startswith("=") and len(value) > 1 else ""


def _fact(value: Any, data_type: str, number_format: str, formula: str) -> CellFact:
    if data_type == "e":
        return CellFact(SheetError(value), str(value), formula)
    if isinstance(value, bool):
        return CellFact("TRUE" if value else "FALSE", "TRUE" if value else "FALSE", formula)
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return CellFact(SheetError("#NUM!"), "#NUM!", formula)
        number = from_sheet(value)
        return CellFact(number, as_shown(number, number_format), formula)
    if isinstance(value, datetime.date | datetime.time | datetime.timedelta):
        text = _date(value)
        return CellFact(text, text, formula)
    if value is None and formula:
        return CellFact(SheetError(say("（公式没有计算）", "(not calculated)")), "", formula)
    # openpyxl leaves a carriage return that Excel escaped as it is
    text = "" if value is None else str(value).replace("_x000D_", "")
    if len(text) > MOST_LETTERS:
        return CellFact(SheetError(say("（文字过长）", "(text too long)")), "", formula)
    return CellFact(text or None, text, formula)


def _date(value: Any) -> str:
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        value = value.date()
    return f"{value.year}年{value.month}月{value.day}日" if type(value) is datetime.date else str(value)


def _refuse_strangers(content: bytes) -> None:
    """Say what a file is that is no .xlsx."""
    head = content[:512].lstrip()
    if not content:
        raise Unreadable(say("文件是空的", "the file is empty"))
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise Unreadable(say("文件有打开密码", "the file is encrypted"))
        raise Unreadable(say("是旧版 .xls 或 Word 文件，不是 .xlsx 工作簿", "an old .xls or Word file, not .xlsx"))
    if content.startswith(b"%PDF"):
        raise Unreadable(say("是 PDF 文件，不是 Excel 工作簿", "a PDF file, not a workbook"))
    if head[:1] in (b"{", b"["):
        raise Unreadable(say("是 JSON 文件；检查记录用 xltool check", "a JSON file; records are for xltool check"))
    if head[:1] == b"<":
        raise Unreadable(say("是网页或 XML 文件，不是 .xlsx 工作簿", "a web page or XML file, not .xlsx"))
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            entries = package.infolist()
            names = {entry.filename for entry in entries}
            if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > MOST_BYTES:
                raise Unreadable(say("文件解压后过大，可能已损坏", "too large when unpacked"))
            for name in names:
                if name.startswith("xl/") and name.endswith(".xml"):
                    _refuse_traps(package.read(name))
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError):
        raise Unreadable(say("不是 Excel 工作簿，或者没有传完整", "not a workbook, or cut off")) from None
    if "content.xml" in names:
        raise Unreadable(say("是 OpenDocument 表格（.ods），不是 .xlsx 工作簿", "an OpenDocument sheet, not .xlsx"))
    if "xl/workbook.xml" not in names and "[Content_Types].xml" not in names:
        raise Unreadable(say("是压缩包，不是 Excel 工作簿", "an archive, not a workbook"))


def _refuse_traps(part: bytes) -> None:
    """What no spreadsheet program writes and no parser should meet: entities, and merges over a whole sheet."""
    if b"<!DOCTYPE" in part or b"<!ENTITY" in part:
        raise Unreadable(say("文件里有外部定义，可能是恶意文件", "it declares entities"))
    merged = sum(
        (int(bottom) - int(top) + 1) * (column_number(right.decode()) - column_number(left.decode()) + 1)
        for left, top, right, bottom in _MERGE.findall(part)
    )
    if merged > MOST_CELLS:
        raise Unreadable(say("合并的单元格过多，不是一张自评表", "too many merged cells for a form"))


def _application(content: bytes) -> str | None:
    with zipfile.ZipFile(BytesIO(content)) as package:
        try:
            text = package.read("docProps/app.xml").decode("utf-8", "replace")
        except KeyError:
            return None
    match = re.search(r"<(?:\w+:)?Application>([^<]{1,100})<", text)
    return match[1] if match else None
