"""Reads a form again, for what its result does not contain: the cells of its values, and their contents."""

from __future__ import annotations

import contextlib

from xltool.intake.sources import InputFile
from xltool.result.result import Result
from xltool.services.read_and_check import ReadForm, read_and_check
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr
from xltool.workbook.errors import Unreadable


def read_again(source: InputFile, result: Result) -> ReadForm:
    """Read the form of a result again.

    Args:
        source: its workbook.
        result: of a form that could be read.

    Raises:
        WrongUse: the file has changed since.
    """
    with contextlib.suppress(Unreadable):
        for one in read_and_check(source.read(), source.name):
            if one.result.key == result.key:
                return one
    raise file_changed_error(source.name)


def file_changed_error(name: str) -> WrongUse:
    """That a file is not what was read."""
    return WrongUse(tr(f"{name} 在读取时被改动，请重新运行", f"{name} has changed; run again"))
