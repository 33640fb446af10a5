"""What a workbook may cost: limits that no honest form comes near, and that keep a hostile one cheap."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_MIB = 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Limits on one file; the defaults hold unless a caller says otherwise.

    Sizes were set by what honest workbooks have: of 2,100 public ones the largest inflates to 60 MB and has 1,033
    entries. There is no limit on the ratio of packing: a sheet whose million rows were formatted packs 1000:1.

    Attributes:
        file_bytes: of a workbook, as it came.
        archive_bytes: of a .zip with workbooks in it, as it came.
        entries: of a workbook's zip directory.
        archive_entries: of an archive's.
        part_bytes: of one part, inflated.
        total_bytes: of all parts that are read, inflated.
        depth: of nested XML elements.
        text_bytes: of one run of text or one attribute in XML.
        rows, columns: the farthest cell.
        cells: that are not empty, in all sheets.
        merges: merged ranges, validations and conditional formats of a sheet, each.
        merged_cells: of a sheet, all merged ranges together.
        cell_text: letters in a cell.
        strings: shared texts.
        foreign_bytes: of a sheet that no name of ours leads to; of a larger one only the beginning is read.
        beginning_bytes: so much of it, to see what it is.
        skipped_bytes: of one part, inflated, of which but little is kept.
        seconds: of processor time for one file.
        legacy_seconds, legacy_bytes: for native code that reads an old format, its interpreter included.
        memory_bytes: that reading one file may take beside what the program has already.
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
    """Processor time that no file is to blame for: what is made once for all files of a kind stops the clock of one."""
    if not hasattr(signal, "setitimer"):
        yield
        return
    left, again = signal.setitimer(signal.ITIMER_PROF, 0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, left, again)
