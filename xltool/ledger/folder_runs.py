"""Folders of several rounds that are ingested together: which was received first, so that the last form counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date

from xltool.ledger.store import Ledger
from xltool.result import receipt_order
from xltool.result.receipt_order import ReceivedWorkbook


def folder_of(file: str) -> str:
    """The folder that a file, or the archive that holds it, stands in."""
    return file.replace("\\", "/").partition("!/")[0].rpartition("/")[0]


def folder_levels(workbooks: Iterable[tuple[str, ReceivedWorkbook]]) -> Mapping[str, int]:
    """For each folder how many others were surely received before it.

    Args:
        workbooks: the names of files, and what they hold.
    """
    batches: dict[str, list[ReceivedWorkbook]] = defaultdict(list)
    for file, workbook in workbooks:
        batches[folder_of(file)].append(workbook)
    return receipt_order.receipt_levels(batches)


def separate_rounds(ledger: Ledger, run: int, as_of: date) -> None:
    """Give the folders of a run a run each, in the order of receipt, where the forms in them tell it."""
    ledger.join_answers(run)
    workbooks = ledger.workbooks(run)
    level = folder_levels((file, workbook) for file, workbook in workbooks.values())
    later = {number: level[folder_of(file)] for number, (file, _) in workbooks.items()}
    if any(later.values()):
        ledger.move_to_later_runs(later, as_of)
