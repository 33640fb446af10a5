"""Thousands of files of random sizes, by one process and by two: the same results, and memory that does not grow.

``python benchmarks/memory.py 10000 12``: so many files, with so many rows a group at most (300 and 12 if nothing is
said). A third number measures so many processes alone; the files are the same in every run.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests/helpers"))

import sizes

from xltool.intake.sources import InputFile, find_sources
from xltool.services import batch
from xltool.support import json_codec

#: Memory is told so many times in a run, and looked at every so many seconds.
_TOLD, _EVERY = 10, 0.5


def main(number: int, most: int, *jobs: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        making = multiprocessing.get_context("spawn").Process(target=sizes.write, args=(Path(folder), number, most))
        making.start()  # what makes them is not measured
        making.join()
        sources = find_sources([folder])
        print(f"{number} files of up to {most} rows a group")
        digests = {_run(sources, count) for count in jobs or (1, 2)}
        assert len(digests) == 1, "the results depend on the number of processes"
        print("the same results")


def _run(sources: list[InputFile], jobs: int) -> str:
    """Read all of them and print how it went; the digest of the results."""
    digest, begun = hashlib.sha256(), time.monotonic()
    found: Counter[str] = Counter()
    memory = _Memory()
    memory.start()
    for number, result in enumerate(batch.read_all(sources, jobs), 1):
        # without the folder, so that the digests of two runs can be compared
        digest.update(json_codec.dumps(replace(result, file=Path(result.file).name).as_json()).encode())
        found[result.status] += 1
        if number % max(1, len(sources) // _TOLD) == 0:
            seconds = time.monotonic() - begun
            print(f"  {jobs} jobs: {number:6} files, {seconds:6.0f} s, {memory.told()}", flush=True)
    memory.ended.set()
    print(f"  {jobs} jobs: {dict(found)}, digest {digest.hexdigest()[:16]}", flush=True)
    return digest.hexdigest()


class _Memory(threading.Thread):
    """Looks at the memory of this process and its workers again and again."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.ended = threading.Event()
        self.own = self.largest = 0

    def run(self) -> None:
        while not self.ended.wait(_EVERY):
            workers = Path(f"/proc/self/task/{threading.main_thread().native_id}/children").read_text().split()
            self.own = _resident("self")
            self.largest = max([self.largest, *map(_resident, workers)])

    def told(self) -> str:
        """What was seen since the last time."""
        told = f"this process {self.own} MiB, the largest worker since {self.largest} MiB"
        self.largest = 0
        return told


def _resident(process: str) -> int:
    """MiB of memory that a process holds; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) // 1024 for line in lines if line.startswith("VmRSS")), 0)


if __name__ == "__main__":
    main(*(map(int, sys.argv[1:]) if len(sys.argv) > 2 else (300, 12)))
