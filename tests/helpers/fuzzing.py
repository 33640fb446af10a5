"""Mutated workbooks: bytes, zip directories and XML spoilt at random, each reproducible by its seed and steps."""

from __future__ import annotations

import dataclasses
import io
import random
import re
import resource
import signal
import struct
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import openpyxl
import xlsxwriter
from openpyxl.worksheet.formula import ArrayFormula
from project import ROOT

from xltool.recognition.form_workbook import open_form_workbook
from xltool.support.templates import Templates, using
from xltool.workbook.errors import Unreadable
from xltool.workbook.ooxml import shared_strings

Dice = random.Random
#: No input may take more: seconds of the processor, however busy it is, and memory.
MOST_SECONDS, MOST_BYTES = 10.0, 512 * 1024 * 1024


@dataclass
class Member:
    """An entry of a zip that a mutation may lie about."""

    name: bytes
    data: bytes
    method: int = 8
    flags: int = 0
    local_name: bytes | None = None
    crc: int | None = None
    size: int | None = None
    packed: bytes | None = None
    at: int | None = None


def members(content: bytes) -> list[Member]:
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        return [Member(one.filename.encode(), package.read(one)) for one in package.infolist()]


def packed(found: list[Member], comment: bytes = b"") -> bytes:
    """A zip of these members, whatever they claim."""
    body, directory = bytearray(), bytearray()
    for one in found:
        data = one.packed
        if data is None:
            stream = zlib.compressobj(1, zlib.DEFLATED, -15)
            data = stream.compress(one.data) + stream.flush() if one.method == 8 else one.data
        crc = zlib.crc32(one.data) if one.crc is None else one.crc
        size = len(one.data) if one.size is None else one.size
        at = len(body) if one.at is None else one.at
        name = one.name if one.local_name is None else one.local_name
        sizes = (crc & 0xFFFFFFFF, len(data), size & 0xFFFFFFFF)
        body += (
            struct.pack("<4s5H3L2H", b"PK\3\4", 20, one.flags, one.method, 0, 33, *sizes, len(name), 0) + name + data
        )
        directory += struct.pack(
            "<4s6H3L5H2L", b"PK\1\2", 20, 20, one.flags, one.method, 0, 33, *sizes, len(one.name), 0, 0, 0, 0, 0, at
        )
        directory += one.name
    end = (b"PK\5\6", 0, 0, len(found), len(found), len(directory), len(body), len(comment))
    return bytes(body + directory) + struct.pack("<4s4H2LH", *end) + comment


# ── seeds ───────────────────────────────────────────────────────


def seeds() -> dict[str, bytes]:
    """Workbooks of several makers, small enough to try thousands of times."""
    found = {"form1": (ROOT / "examples/form1.xlsx").read_bytes(), "form2": (ROOT / "examples/form2.xlsx").read_bytes()}
    return found | {"openpyxl": _by_openpyxl(), "xlsxwriter": _by_xlsxwriter()}


def _by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in range(1, 30):
        sheet.append([f"行{row}", row, row / 7, f"=B{row}*2", True, None, "x" * row])
    sheet["A40"] = ArrayFormula("A40:A42", "=B1:B3*2")
    sheet.merge_cells("A50:C52")
    sheet["A1"].comment = openpyxl.comments.Comment("批注", "x")
    sheet.add_data_validation(
        openpyxl.worksheet.datavalidation.DataValidation(type="list", formula1='"甲,乙"', sqref="C1:C9")
    )
    book.create_sheet("第二").sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _by_xlsxwriter() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("一")
        dates = book.add_format({"num_format": "yyyy-mm-dd"})
        raised = book.add_format({"font_script": 1})
        for row in range(30):
            sheet.write_row(row, 0, [f"t{row % 5}", row, row * 1.5, f"t{row}"])
            sheet.write_datetime(row, 5, __import__("datetime").datetime(2024, 1, 1 + row % 28), dates)
        sheet.write_rich_string("H1", "10", raised, "2")
        sheet.conditional_format("A1:B9", {"type": "cell", "criteria": ">", "value": 3})
        sheet.data_validation("D1:D9", {"validate": "whole", "criteria": "between", "minimum": 1, "maximum": 9})
        sheet.insert_textbox("J1", "文本框")
        sheet.protect("x")
        sheet.set_row(3, None, None, {"hidden": True})
    return target.getvalue()


# ── mutations ───────────────────────────────────────────────────

_HARD = [b"0", b"-1", b"4294967295", b"1E999", b"NaN", b"INF", b"1.5", b"", b"XFD1048576", b"A0", b"A1:XFD1048576",
         b"A1048577", b"XFE1", b"&#x31;", b"<![CDATA[9]]>", b"_x000D_", b"_xD800_", b"\xff\xfe", b"#REF!",
         b"99999999999999999999", b"true", b"\xef\xbf\xbf", b"&amp;", b"&lt;", b"a" * 40000, b"../../x", b"\xe2\x80\xae",
         b"1e-320", b"0x10", b"1_000", b"\xd9\xa1", b"2958466", b"60", b"shared", b"inlineStr", b"e", b"d"]  # fmt: skip
_PIECES = [b"<!DOCTYPE x>", b'<!DOCTYPE x [<!ENTITY a "b">]>', b"<x>" * 300 + b"</x>" * 300, b"<x/>" * 2000,
           b"<!-- -->", b"<?p x?>", b'<c r="A1"><v>1</v></c>', b"<v>1</v>", b'<row r="1"/>', b"<row/>", b"<c/>",
           b'<row r="1048576"><c r="XFD1048576" t="s"><v>0</v></c></row>', b'<f t="shared" si="0"/>', b"</row>",
           b'<f t="array" ref="A1:XFD1048576">1</f>', b'<mergeCell ref="A1:XFD1048576"/>', b"<is><t>x</t></is>",
           b'<c r="B2" t="s"><v>-1</v></c>', b"<r><t>x</t></r>", b"<rPh><t>x</t></rPh>", b"\0", b"&", b"]]>", b"<t>",
           b'<row r="7"><c r="C7" s="99999"><f t="shared" si="9" ref="A1:C9">A1</f></c></row>']  # fmt: skip
_NAMES = [b"../../evil", b"/xl/workbook.xml", b"xl\\workbook.xml", b"C:\\x", b"xl//a", b"./a", b"XL/WORKBOOK.XML", b"\0",
          b"a\nb", b"xl/workbook.xml/x", b"\xd7\xd4", b""]  # fmt: skip


def _spoil_xml(dice: Dice, data: bytes) -> bytes:
    if not data:
        return data
    at = dice.randrange(len(data))
    match dice.randrange(10):
        case 0:
            return data[:at] + bytes([dice.randrange(256)]) + data[at + 1 :]
        case 1:
            return data[:at] + data[at + dice.choice([1, 5, 50, 500]) :]
        case 2:
            return data[:at] + data[at : at + dice.choice([5, 50, 500, 5000])] * 2 + data[at:]
        case 3 | 4:
            return _at_one(dice, data, rb'"[^"<]*"', lambda _: b'"' + dice.choice(_HARD) + b'"')
        case 5:
            return _at_one(dice, data, rb">[^<]*<", lambda _: b">" + dice.choice(_HARD) + b"<")
        case 6:
            return _at_one(dice, data, rb">", lambda _: b">" + dice.choice(_PIECES))
        case 7:
            return _at_one(dice, data, rb' [a-z:A-Z0-9]+="[^"<]*"', lambda _: b"")
        case 8:
            return _at_one(dice, data, rb"</?[a-z:A-Z0-9]+", lambda m: m[0].swapcase())
    codec = dice.choice(["utf-16", "utf-16-be", "gbk", "utf-32", "utf-7"])
    return data.decode("utf-8", "replace").encode(codec, "replace")


def _at_one(dice: Dice, data: bytes, pattern: bytes, change: Callable[[re.Match[bytes]], bytes]) -> bytes:
    found = list(re.finditer(pattern, data))
    if not found:
        return data
    one = dice.choice(found)
    return data[: one.start()] + change(one) + data[one.end() :]


def _spoil_part(dice: Dice, content: bytes) -> bytes:
    found = members(content)
    for _ in range(dice.choice([1, 1, 1, 2, 4])):
        one = dice.choice([member for member in found if member.name.endswith((b"xml", b"rels"))] or found)
        one.data = _spoil_xml(dice, one.data)
    return packed(found)


def _spoil_directory(dice: Dice, content: bytes) -> bytes:
    found = members(content)
    one = dice.choice(found)
    match dice.randrange(12):
        case 0:
            found.insert(dice.randrange(len(found)), Member(one.name, dice.choice(found).data))
        case 1:
            one.name = dice.choice(_NAMES)
        case 2:
            one.local_name = dice.choice(_NAMES)
        case 3:
            one.crc = dice.randrange(2**32)
        case 4:
            one.size = dice.choice([0, 1, len(one.data) + 1, 2**32 - 1])
        case 5:
            one.method = dice.choice([0, 1, 9, 12, 14, 93, 99])
        case 6:
            one.flags = dice.choice([1, 8, 0x40, 0x800, 0x2000])
        case 7:
            one.at = dice.choice([0, 1, 2**32 - 1, len(content) // 2])
        case 8:
            found.remove(one)
        case 9:
            one.data = dice.choice(found).data
        case 10:
            found += [Member(b"x%d" % number, b"") for number in range(dice.choice([10, 1000]))]
        case _:
            one.packed = bytes(dice.randrange(256) for _ in range(dice.randrange(200)))
    return packed(found, dice.choice([b"", b"", b"", b"comment"]))


def _spoil_bytes(dice: Dice, content: bytes) -> bytes:
    at = dice.randrange(len(content))
    match dice.randrange(6):
        case 0 | 1:
            spoilt = bytearray(content)
            for _ in range(dice.choice([1, 3, 10])):
                spoilt[dice.randrange(len(spoilt))] = dice.randrange(256)
            return bytes(spoilt)
        case 2:
            return content[:at]
        case 3:
            return content[:at] + content[at + dice.choice([1, 10, 100, 1000]) :]
        case 4:
            return dice.choice([content, b"junk", b"\0" * 100]) + content
        case _:
            return content + dice.choice([content, b"junk", b"\0" * 100])


def mutated(dice: Dice, content: bytes) -> bytes:
    """One step: a workbook that is still a zip is spoilt inside, mostly."""
    try:
        members(content)
    except Exception:
        return _spoil_bytes(dice, content)
    return dice.choices([_spoil_part, _spoil_directory, _spoil_bytes], [8, 2, 1])[0](dice, content)


# ── trials ──────────────────────────────────────────────────────


@dataclass(frozen=True)
class Case:
    seed: str
    number: int
    steps: int

    def content(self, found: dict[str, bytes]) -> bytes:
        content = found[self.seed]
        for step in range(self.steps):
            content = mutated(Dice(f"{self.seed} {self.number} {step}"), content) or b"x"
        return content


def cases(found: dict[str, bytes], start: int) -> Iterator[Case]:
    """Cases without end; another ``start`` gives others."""
    names = sorted(found)
    number = start
    while True:
        dice = Dice(f"case {number}")
        yield Case(dice.choice(names), number, dice.choice([1, 1, 1, 2, 3]))
        number += 1


def _too_long(*_: object) -> None:
    raise TimeoutError


@dataclass(frozen=True)
class Trial:
    fault: str
    status: str
    seconds: float


def facts(content: bytes) -> Any:
    """Everything that the reader says of a workbook, in a form that can be compared: its facts, or why there are none."""
    try:
        grid = open_form_workbook(content)
    except Unreadable as error:
        return error.key, error.reason
    sheets = {title: dataclasses.replace(sheet, cells=dict(sheet.cells)) for title, sheet in grid.sheets.items()}
    unread = {part: (error.key, error.reason) for part, error in grid.unread.items()}  # exceptions are never equal
    return dataclasses.replace(grid, sheets=sheets, unread=unread)


def facts_by_expat(content: bytes) -> Any:
    """The same by the parser alone, without anything learnt before."""
    with (
        using(Templates(fast=False)),
        mock.patch.object(shared_strings, "_parse_separately", lambda *_: None),
    ):
        return facts(content)


def tried(content: bytes) -> Trial:
    """What becomes of one input: a fault of ours, or the status of its result."""
    from contract import result_of_workbook

    before = time.perf_counter()
    previous = signal.signal(signal.SIGVTALRM, _too_long)
    signal.setitimer(signal.ITIMER_VIRTUAL, MOST_SECONDS)
    try:
        result = result_of_workbook(content, "x.xlsx")
        fault = "" if len(result["findings"]) or result["status"] == "accepted" else "no finding"
        status = result["status"] + " " + (result["findings"][0]["rule"] if result["findings"] else "")
        if content.startswith(b"PK") and facts(content) != facts_by_expat(content):
            fault = "what was learnt is not what the parser says"
    except BaseException as error:
        fault, status = f"{type(error).__name__}: {error}", ""
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)
    return Trial(fault, status, time.perf_counter() - before)


def limit_memory() -> None:
    """Let whatever needs more than it may fail here and now."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MOST_BYTES, used + MOST_BYTES))


def smaller(case: Case, found: dict[str, bytes]) -> bytes:
    """The failing input with as few steps as still fail."""
    for steps in range(1, case.steps):
        content = Case(case.seed, case.number, steps).content(found)
        if tried(content).fault:
            return content
    return case.content(found)
