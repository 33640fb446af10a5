"""Twenty seconds of mutated workbooks, other ones every day; ``benchmarks/fuzz.py`` tries them for hours."""

from __future__ import annotations

import os
import time

from fuzzing import MOST_SECONDS, cases, seeds, tried

SECONDS = float(os.environ.get("XLTOOL_FUZZ_SECONDS", "20"))
#: The same all day, so that a failure can be seen again: XLTOOL_FUZZ_START=… repeats it on another day.
START = int(os.environ.get("XLTOOL_FUZZ_START", int(time.time()) // 86_400 * 10_000_000))


def test_no_mutated_workbook_crashes_hangs_or_goes_without_a_result() -> None:
    found = seeds()
    until = time.monotonic() + SECONDS
    statuses: dict[str, int] = {}
    for case in cases(found, START):
        if time.monotonic() > until:
            break
        trial = tried(case.content(found))
        assert not trial.fault and trial.seconds < MOST_SECONDS, (case, trial)
        statuses[trial.status] = statuses.get(trial.status, 0) + 1
    assert len(statuses) > 2 and sum(statuses.values()) > SECONDS, statuses
