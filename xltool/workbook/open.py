"""The entry point of reading: bytes to a ``Grid``, or an ``Unreadable`` that says what the file is instead."""

from __future__ import annotations

from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import Grid
from xltool.workbook.legacy.xlsb import has_short_cells
from xltool.workbook.limits import SAFE, Limits
from xltool.workbook.ooxml.package import main_type, read_package
from xltool.workbook.ooxml.parts import Parts
from xltool.workbook.ooxml.zip import ZipFile
from xltool.workbook.opendocument.reader import read_ods
from xltool.workbook.sniff import container_kind, ole_kind, zip_kind
from xltool.workbook.wanted import NONE_WANTED, WantedSheets

__all__ = ["Unreadable", "open_workbook"]


def open_workbook(content: bytes, limits: Limits = SAFE, wanted: WantedSheets = NONE_WANTED) -> Grid:
    """Read a workbook.

    Args:
        content: the bytes of the file, whatever it is called.
        limits: on the cost of reading it.
        wanted: the sheets that must be read completely.

    Raises:
        Unreadable: the file is something else, or cannot be read.
    """
    if len(content) > limits.file_bytes:
        raise Unreadable("large", f"{len(content) / 1024 / 1024:.1f} MB > {limits.file_bytes // 1024 // 1024} MB")
    if container_kind(content) == "ole":
        return _read_legacy(content, ole_kind(content), limits)
    package = ZipFile(content, limits, limits.entries)
    parts = Parts(package, limits)
    names = {name.lower() for name in parts.names()}
    mimetype = parts.read("mimetype") if "mimetype" in names else b""
    kind = zip_kind(names, mimetype, main_type(parts) if "[content_types].xml" in names else "")
    if kind == "package":
        return read_package(parts, wanted)
    if kind == "ods":
        return read_ods(parts, wanted)
    for name, data in parts.all():
        if kind == "xlsb" and name.lower().startswith("xl/worksheets/") and has_short_cells(data):
            raise Unreadable("xlsb_short")
    return _read_legacy(content, kind, limits)


def _read_legacy(content: bytes, kind: str, limits: Limits) -> Grid:
    from xltool.workbook.legacy.calamine import read_legacy

    return read_legacy(content, kind, limits)
