"""Open a workbook that may hold a form: the sheets of a form are read completely."""

from __future__ import annotations

from collections.abc import Collection

from xltool.form.own_sheets import NAME_PREFIX, OWN_SHEETS
from xltool.workbook.grid import Grid
from xltool.workbook.limits import SAFE, Limits
from xltool.workbook.open import open_workbook
from xltool.workbook.wanted import WantedSheets


def open_form_workbook(content: bytes, limits: Limits = SAFE, whole: Collection[str] = ()) -> Grid:
    """Read a workbook.

    Args:
        content: the bytes of the file, whatever it is called.
        limits: on the cost of reading it.
        whole: further sheets that are read to their end, however large they are.

    Raises:
        Unreadable: the file is something else, or cannot be read.
    """
    return open_workbook(content, limits, WantedSheets(OWN_SHEETS.union(whole), NAME_PREFIX))
