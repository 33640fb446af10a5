"""Limits on the cost of reading a workbook: far above any honest form, and low enough to keep a hostile one cheap."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Limits on one file. The defaults apply unless a caller sets others.

    The sizes come from honest workbooks: of 2,100 public ones the largest inflates to 60 MB and has 1,033 entries.
    There is no limit on the compression ratio, because a sheet with a million formatted rows compresses 1000:1.

    Attributes:
        file_bytes: size of a workbook file.
        archive_bytes: size of a .zip file with workbooks in it.
        entries: entries in the zip directory of a workbook.
        archive_entries: entries in the zip directory of an archive.
        part_bytes: one part, inflated.
        total_bytes: all parts that are read, inflated.
        depth: nesting of XML elements.
        text_bytes: one run of text or one attribute in XML.
        rows, columns: the last row and column.
        cells: non-empty cells in all sheets.
        merges: merged ranges, validations and conditional formats of a sheet, each.
        merged_cells: the cells in all merged ranges of a sheet.
        cell_text: characters in a cell.
        strings: shared strings.
        foreign_bytes: a sheet that is not wanted; of a larger one only the beginning is read.
        beginning_bytes: the length of that beginning.
        skipped_bytes: one part, inflated, of which only little is kept.
        seconds: processor time for one file.
        legacy_seconds, legacy_bytes: for the native reader of old formats, including its interpreter.
        memory_bytes: memory for reading one file, beyond what the program already uses.
    """

    file_bytes: int = 20 * _MIB
    archive_bytes: int = 1024 * _MIB
    entries: int = 1_000
    archive_entries: int = 20_000
    part_bytes: int = 64 * _MIB
    total_bytes: int = 100 * _MIB
    depth: int = 256
    text_bytes: int = _MIB
    rows: int = 1_048_576
    columns: int = 16_384
    cells: int = 500_000
    merges: int = 65_536
    merged_cells: int = 2_000_000
    cell_text: int = 32_767
    strings: int = 1_000_000
    foreign_bytes: int = _MIB
    beginning_bytes: int = 128 * 1024
    skipped_bytes: int = 512 * _MIB
    seconds: float = 8.0
    legacy_seconds: float = 4.0
    legacy_bytes: int = 320 * _MIB
    memory_bytes: int = 400 * _MIB


SAFE = Limits()


@contextmanager
def count_limited() -> Iterator[None]:
    """Stop the timer of the current file while something is loaded once for all files."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    seconds, interval = signal.setitimer(signal.ITIMER_PROF, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, seconds, interval)
