"""Batches survive what kills a process: each file has a result, in order, the same for any number of workers."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from xltool import batch, jsons
from xltool.read.limits import Limits

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limits are the system's")
FORM = (ROOT / "examples/form2.xlsx").read_bytes()


@pytest.fixture(autouse=True)
def warm() -> None:
    """Workers inherit the form, so that a busy machine does not make them late."""
    batch.results_of(Made("warm"))


@dataclass(frozen=True)
class Made:
    """A source that does what it likes when it is read."""

    name: str
    act: Callable[[], bytes] = lambda: FORM

    def read(self) -> bytes:
        return self.act()


def die() -> bytes:
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


def sleep() -> bytes:
    time.sleep(60)
    return b""


def hang() -> bytes:
    signal.signal(signal.SIGPROF, signal.SIG_IGN)  # native code that hears no clock
    return sleep()


def spin() -> bytes:
    while True:
        pass


def eat() -> bytes:
    return bytes(2 * 1024**3)


def fail() -> bytes:
    raise ZeroDivisionError


def leave() -> bytes:
    sys.exit(3)


def causes(sources: list[Made], jobs: int, limits: Limits | None = None) -> list[tuple[str, str]]:
    found = batch.results(sources, jobs, limits or Limits())
    return [(one["file"], "" if one["record"] else one["findings"][0]["message"]) for one in found]


BAD = {
    "die": (die, "读取时程序中断，文件可能已损坏"),
    "leave": (leave, "读取时程序中断，文件可能已损坏"), "eat": (eat, "读取所需的内存过多，没有读完"),
    "fail": (fail, "程序内部错误 ZeroDivisionError"),
}  # fmt: skip


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_what_kills_its_worker_is_one_finding_and_all_others_are_read(jobs: int) -> None:
    sources = [Made(f"{number} {name}", act) for number in range(2) for name, (act, _) in BAD.items()]
    sources = [one for bad in sources for one in (bad, Made(f"good after {bad.name}"))]
    found = causes(sources, jobs)
    assert [name for name, _ in found] == [one.name for one in sources]
    assert [cause for _, cause in found] == [BAD[one.name.split()[1]][1] if one.act in {act for act, _ in BAD.values()} else "" for one in sources]  # fmt: skip


@pytest.mark.parametrize("act", [sleep, hang, spin])
def test_what_takes_too_long_is_one_finding(act: Callable[[], bytes]) -> None:
    before = time.monotonic()
    found = causes([Made("a"), Made("slow", act), Made("b"), Made("c")], 2, Limits(seconds=1.5))
    assert found == [("a", ""), ("slow", "读取超过时限，没有读完"), ("b", ""), ("c", "")]
    assert time.monotonic() - before < 30


def test_a_worker_that_died_of_those_before_does_not_blame_the_next(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def once() -> bytes:
        if not mark.exists():
            mark.write_text("x")
            os.kill(os.getpid(), signal.SIGKILL)
        return FORM

    assert causes([Made("a"), Made("once", once), Made("b")], 1) == [("a", ""), ("once", ""), ("b", "")]


def test_results_are_the_same_for_any_number_of_workers() -> None:
    sources = [Made(f"{number}", fail) if number % 7 == 3 else Made(f"{number}") for number in range(70)]
    lines: list[str] = [jsons.lines(batch.results(sources, jobs)) for jobs in (1, 2, 5)]
    assert lines[0] == lines[1] == lines[2]


def test_a_batch_that_is_given_up_leaves_no_process_behind() -> None:
    import multiprocessing

    found = batch.results([Made(str(number)) for number in range(100)], 2)
    next(found)
    found.close()  # type: ignore[attr-defined]
    assert [one for one in multiprocessing.active_children() if "Fork" in type(one).__name__] == []


def test_nothing_to_read_is_nothing() -> None:
    assert list(batch.results([], 4)) == []


def test_one_file_that_is_bad_changes_nothing_for_the_others(tmp_path: Path) -> None:
    alone: list[dict[str, Any]] = list(batch.results([Made("good")]))
    among = list(batch.results([Made("die", die), Made("good"), Made("eat", eat)]))
    assert alone == among[1:2]


def test_workers_that_start_afresh_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows and macOS, where nothing is inherited and the main module is imported once more."""
    import runpy

    from xltool.cli import files

    runpy.run_module("xltool", run_name="__mp_main__")
    sources = [files.Source(ROOT / f"examples/{name}.xlsx") for name in ("form1", "form2")]
    inherited = list(batch.results(sources, 2))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert list(batch.results(sources, 2)) == inherited
