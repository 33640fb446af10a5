"""From bytes to the forms in them: opened, identified and read, each once; or the reason why there are none."""

from __future__ import annotations

from xltool.reading.duplicates import without_duplicates
from xltool.reading.form_in_workbook import FormsInWorkbook
from xltool.reading.reader import read_form
from xltool.recognition.field_locations import locate_fields
from xltool.recognition.form_workbook import open_form_workbook
from xltool.recognition.identify import Identity, UnknownForm, identify, known_list
from xltool.support.own_tables import known_bytes
from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import Grid


class NoForm(Exception):  # noqa: N818  # about the file, not about us
    """A file has no form; ``rule`` and ``key`` name the finding to report, ``reason`` fills its placeholder."""

    def __init__(self, rule: str, key: str, reason: str) -> None:
        super().__init__(reason)
        self.rule, self.key, self.reason = rule, key, reason


def identify_forms(content: bytes) -> tuple[Grid, list[Identity]]:
    """A workbook and its forms; what of a large sheet was left out is read where a form begins on it.

    Raises:
        NoForm: it cannot be read, is one of our own lists, or has no form that a definition covers.
    """
    try:
        grid = open_form_workbook(content)
    except Unreadable as error:
        if ours := known_bytes(content):
            raise NoForm("P06", "own", ours) from None
        raise NoForm("P06", error.key, error.reason) from None
    if ours := known_list(grid):
        raise NoForm("P06", "own", ours)
    try:
        return _identify(content, grid)
    except Unreadable as error:
        raise NoForm("P06", error.key, error.reason) from None
    except UnknownForm as error:
        raise NoForm("P01", error.key, str(error)) from None


def _identify(content: bytes, grid: Grid) -> tuple[Grid, list[Identity]]:
    """The same of a workbook that was opened.

    Raises:
        Unreadable: a sheet that cannot be read may be the form.
        UnknownForm: it has no form that a definition covers.
    """
    try:
        identities = identify(grid)
    except UnknownForm as error:
        if grid.unread and error.key == "unknown":
            raise next(iter(grid.unread.values())) from None
        raise
    large = {one.sheet for one in identities if grid.sheets[one.sheet].partial}
    if large:
        grid = open_form_workbook(content, whole=large)
        identities = identify(grid)
    return grid, identities


def read_forms(grid: Grid, identities: list[Identity]) -> FormsInWorkbook:
    """Read the identified forms of a workbook: locate their fields, read their values, set copies apart."""
    located = [(identity, locate_fields(grid, identity)) for identity in identities]
    return without_duplicates(grid, [read_form(grid, identity, locations) for identity, locations in located])
