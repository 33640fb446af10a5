"""A round as people go through it: forms issued, answered in another program, copied, stacked, sent in, sent back."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from click.testing import CliRunner, Result
from openpyxl import Workbook

from xltool import jsons
from xltool.cli import cli

Edit = Callable[[Any], None]


def run(*arguments: object) -> Result:
    """A command in this process."""
    return CliRunner().invoke(cli, [str(one) for one in arguments], catch_exceptions=False)


def results(file: Path) -> list[dict[str, Any]]:
    """The results in a file."""
    return [jsons.loads(line) for line in file.read_text("utf-8").splitlines()]


def listed(folder: Path) -> list[dict[str, str]]:
    """The lines of the list of what goes back."""
    return list(csv.DictReader(io.StringIO((folder / "退回清单.csv").read_text("utf-8-sig"))))


def saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def copied(content: bytes, names: list[str]) -> bytes:
    """The form's sheet copied for further projects, as clerks with several projects do."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    for name in names:
        book.copy_worksheet(book["自评表"])["C3"] = name
    return saved(book)


def stacked(contents: list[bytes]) -> bytes:
    """The values of several forms below each other on one sheet."""
    book, row = Workbook(), 0
    sheet = book.active
    assert sheet is not None
    for content in contents:
        own = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["自评表"]
        for line in own.iter_rows(max_col=9):
            for cell in line:
                if cell.value is not None:
                    sheet.cell(row + cell.row, cell.column, cell.value)
        for area in own.merged_cells.ranges:
            if area.max_col <= 9:
                sheet.merge_cells(None, row + area.min_row, area.min_col, row + area.max_row, area.max_col)
        row += own.max_row + 2
    return saved(book)
