"""Mutated workbooks, other ones every day; ``benchmarks/fuzz.py`` tries them for hours."""

from __future__ import annotations

import datetime
import os
from collections import Counter
from itertools import islice

from fuzzing import cases, seeds, tried

#: The same all day, so that a failure can be seen again: XLTOOL_FUZZ_START=… repeats it on another day.
START = int(os.environ.get("XLTOOL_FUZZ_START") or datetime.date.today().toordinal() * 10_000_000)


def test_no_mutated_workbook_crashes_hangs_or_goes_without_a_result() -> None:
    _try(START, 60)


def test_no_mutated_workbook_of_many_crashes_hangs_or_goes_without_a_result() -> None:
    _try(START + 60, 600)


def _try(start: int, number: int) -> None:
    found, statuses = seeds(), Counter[str]()
    for case in islice(cases(found, start), number):
        trial = tried(case.content(found))
        assert not trial.fault, (case, trial)
        statuses[trial.status] += 1
    assert len(statuses) > 2 and statuses.total() == number, statuses
