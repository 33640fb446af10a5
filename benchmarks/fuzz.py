"""Tries mutated workbooks for as long as it is told: ``python benchmarks/fuzz.py SECONDS [START]``.

Each failing input is saved, as small as it gets, in ``fuzz-failures/``; the last line is the tally.
"""

from __future__ import annotations

import resource
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests/helpers"))

from fuzzing import cases, limit_memory, seeds, smaller, tried  # noqa: E402  # the tests' folder is no package


def main() -> None:
    """Try, save what fails, and tell."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    start = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() // 1000
    found, folder = seeds(), ROOT / "fuzz-failures"
    for extra in sorted(Path(sys.argv[3]).iterdir()) if len(sys.argv) > 3 else ():
        found[extra.name] = extra.read_bytes()
    limit_memory()
    until = time.monotonic() + seconds
    tally: Counter[str] = Counter()
    slowest = 0.0
    for case in cases(found, start):
        if time.monotonic() > until:
            break
        trial = tried(case.content(found))
        tally[trial.status or "FAULT"] += 1
        slowest = max(slowest, trial.seconds)
        if trial.fault or trial.seconds > 2:
            folder.mkdir(exist_ok=True)
            (folder / f"{case.seed}-{case.number}-{case.steps}.bin").write_bytes(smaller(case, found))
            print(case, trial, flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    used = time.process_time()
    print(f"start {start}: {tally.total()} inputs, {used:.0f} s CPU, slowest {slowest:.2f} s, peak {peak} MiB, {tally}")


if __name__ == "__main__":
    main()
