"""Workbooks written part by part, for what no program writes."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from fuzzing import Member, packed

from xltool.recognition.form_workbook import open_form_workbook
from xltool.workbook.grid import CellFact, Grid
from xltool.workbook.limits import SAFE, Limits

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
STRICT = "http://purl.oclc.org/ooxml"

_TYPES = (
    f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.'
    'spreadsheetml.sheet.main+xml"/></Types>'
)
STYLES = (
    f'<styleSheet xmlns="{MAIN}"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.0%"/></numFmts><cellXfs>'
    '<xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="0"><protection locked="0"/></xf>'
    '<xf numFmtId="46"/><xf numFmtId="22"/><xf numFmtId="20"/></cellXfs>'
    '<dxfs><dxf><numFmt numFmtId="164" formatCode="yyyy"/><protection locked="0"/></dxf></dxfs></styleSheet>'
)


def links(*found: tuple[str, str]) -> str:
    body = "".join(
        f'<Relationship Id="r{number}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(found, 1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{body}</Relationships>'


def parts(rows: str = "", strings: str = "", around: str = "", head: str = "") -> dict[str, str | bytes]:
    """The parts of a workbook with one sheet 表.

    Args:
        rows: what stands in <sheetData>.
        strings: what stands in <sst>.
        around: what stands behind the cells.
        head: what stands in the workbook before its sheets.
    """
    return {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": links(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{head}<sheets><sheet name="表" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": links(
            ("worksheet", "worksheets/sheet1.xml"), ("sharedStrings", "sharedStrings.xml"), ("styles", "/xl/styles.xml")
        ),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE}"><dimension ref="A1"/><sheetData>'
        f"{rows}</sheetData>{around}</worksheet>",
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}" count="4294967295" uniqueCount="4294967295">{strings}</sst>',
        "xl/styles.xml": STYLES,
    }


def made(found: Mapping[str, str | bytes]) -> list[Member]:
    return [Member(name.encode(), text.encode() if isinstance(text, str) else text) for name, text in found.items()]


def book(rows: str = "", strings: str = "", around: str = "", head: str = "", **changes: str | bytes | None) -> bytes:
    """A workbook with one sheet; ``changes`` replace parts, by path."""
    found: dict[str, str | bytes | None] = {**parts(rows, strings, around, head), **changes}
    return packed(made({name: text for name, text in found.items() if text is not None}))


def grid(rows: str = "", strings: str = "", around: str = "", head: str = "", limits: Limits = SAFE) -> Grid:
    return open_form_workbook(book(rows, strings, around, head), limits)


def cell(inside: str, strings: str = "", head: str = "") -> CellFact:
    """The fact of B2, which is written so."""
    return grid(f'<row r="2">{inside}</row>', strings, head=head).at("表", 2, 2)


def container(*names: str, loop: bool = False) -> bytes:
    """An OLE2 file whose streams have these names and hold nothing."""
    entries = b""
    for name in ("Root Entry", *names):
        text = (name + "\0").encode("utf-16-le")
        entries += (
            text.ljust(64, b"\0") + struct.pack("<H", len(text)) + bytes(50) + struct.pack("<LL", 0, 0) + bytes(4)
        )
    sectors = -(-len(entries) // 512)
    table = [0xFFFFFFFD, *range(2, sectors + 1), 1 if loop else 0xFFFFFFFE]
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<LLLLLLLL", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head = head[:44] + struct.pack("<LLLLLLLL", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<L", 0) + b"\xff" * 432
    return (
        head.ljust(512, b"\xff")
        + struct.pack("<128L", *(table + [0xFFFFFFFF] * 128)[:128])
        + entries.ljust(sectors * 512, b"\0")
    )
