"""Batches survive what kills a process: each file has a result, in order, the same for any number of workers."""

from __future__ import annotations

import hashlib
import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sizes
from circle import listed, results
from commands import run
from contract import fill
from project import ROOT, with_changes

from xltool.result.result import Result
from xltool.services import batch, read_and_check, return_form
from xltool.support import json_codec
from xltool.workbook.limits import Limits

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limits are the system's")
FORM = (ROOT / "examples/form2.xlsx").read_bytes()
SIZES = int(os.environ.get("XLTOOL_SIZES") or 10)


@pytest.fixture(autouse=True)
def warm() -> None:
    """Workers inherit the form, so that a busy machine does not make them late."""
    batch.read_source(Made("warm"))


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


HELD: list[bytes] = []


def keep() -> bytes:
    """What a cache does: two files' worth stays in the process for ever."""
    HELD.append(bytes(150 * 1024**2))
    return FORM


def exhaust() -> bytes:
    """As much as one file may take, unless something is held already."""
    return FORM if bytes(350 * 1024**2) else b""


def stop() -> bytes:
    os._exit(0)


def fail() -> bytes:
    raise ZeroDivisionError


def leave() -> bytes:
    sys.exit(3)


def causes(sources: list[Made], jobs: int, limits: Limits | None = None) -> list[tuple[str, str]]:
    found = batch.read_all(sources, jobs, limits or Limits())
    return [(one.file, "" if one.record else one.findings[0].message) for one in found]


BAD = {
    "die": (die, "读取时程序中断，文件可能已损坏"),
    "leave": (leave, "读取时程序中断，文件可能已损坏"), "eat": (eat, "读取所需的内存过多，没有读完"),
    "stop": (stop, "读取时程序中断，文件可能已损坏"),
    "fail": (fail, "程序内部错误 ZeroDivisionError"),
}  # fmt: skip


@pytest.mark.parametrize("jobs", [2, 1, 3])
def test_what_kills_its_worker_is_one_finding_and_all_others_are_read(jobs: int) -> None:
    sources = [Made(f"{number} {name}", act) for number in range(2) for name, (act, _) in BAD.items()]
    sources = [one for bad in sources for one in (bad, Made(f"good after {bad.name}"))]
    found = causes(sources, jobs)
    assert [name for name, _ in found] == [one.name for one in sources]
    assert [cause for _, cause in found] == [BAD[one.name.split()[1]][1] if one.act in {act for act, _ in BAD.values()} else "" for one in sources]  # fmt: skip


@pytest.mark.parametrize("act", [sleep, hang, spin])
def test_what_takes_too_long_is_one_finding(act: Callable[[], bytes]) -> None:
    found = causes([Made("a"), Made("slow", act), Made("b"), Made("c")], 2, Limits(seconds=1.5))
    assert found == [("a", ""), ("slow", "读取超过时限，没有读完"), ("b", ""), ("c", "")]


def test_a_worker_that_died_of_those_before_does_not_blame_the_next(tmp_path: Path) -> None:
    mark = tmp_path / "mark"

    def once() -> bytes:
        if not mark.exists():
            mark.write_text("x")
            os.kill(os.getpid(), signal.SIGKILL)
        return FORM

    assert causes([Made("a"), Made("once", once), Made("b")], 1) == [("a", ""), ("once", ""), ("b", "")]


@pytest.mark.parametrize("jobs", [2, 1])
def test_no_file_pays_for_the_memory_of_those_before(jobs: int) -> None:
    sources = [Made(f"{number}", (keep, exhaust)[number % 2]) for number in range(8)]
    assert causes(sources, jobs) == [(one.name, "") for one in sources]


def test_what_fails_in_a_worker_that_has_read_others_is_tried_in_a_new_one() -> None:
    def first_only() -> bytes:
        assert not HELD, "something was left behind"
        return FORM

    def leave_behind() -> bytes:
        HELD.append(b"")
        return FORM

    sources = [Made("a", leave_behind), Made("b", first_only), Made("c", leave_behind), Made("d", fail)]
    assert causes(sources, 1) == [("a", ""), ("b", ""), ("c", ""), ("d", BAD["fail"][1])]


@pytest.mark.parametrize("act", ["eat", "die", "spin", "fail"])
def test_a_file_that_was_not_read_to_its_end_is_told_by_its_digest(monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    acts = {"eat": eat, "die": die, "spin": spin, "fail": fail}
    monkeypatch.setattr("xltool.services.read_and_check.results_of_workbook", lambda *_: acts[act]())
    [found] = batch.read_all([Made("one")], 1, Limits(seconds=1.5))
    assert (found.status, found.sha256) == ("unreadable", hashlib.sha256(FORM).hexdigest())


def test_no_memory_left_for_the_parser_is_no_fault_of_the_workbook() -> None:
    from xml.parsers import expat

    from xltool.workbook.ooxml import xml

    def parse(*_: object) -> None:
        error = expat.ExpatError("out of memory: line 1, column 0")
        error.code = 1
        raise error

    part = xml.XmlPart("x", Limits())
    part.parser = SimpleNamespace(Parse=parse)  # type: ignore[assignment]
    with pytest.raises(MemoryError):
        part.parse(b"<a/>")


@pytest.mark.parametrize("number", [15, 70])
def test_results_are_the_same_for_any_number_of_workers(number: int) -> None:
    sources = [Made(f"{one}", fail) if one % 7 == 3 else Made(f"{one}") for one in range(number)]
    lines: list[str] = [
        json_codec.dump_lines(one.as_json() for one in batch.read_all(sources, jobs)) for jobs in (1, 2, 5)
    ]
    assert lines[0] == lines[1] == lines[2]


@pytest.mark.parametrize(("number", "most"), [(3, 2), (SIZES, 12)])
def test_forms_of_many_sizes_are_all_read_whatever_the_number_of_workers_and_their_order(
    tmp_path: Path, number: int, most: int
) -> None:
    from xltool.intake.sources import find_sources

    sizes.write(tmp_path, number, most)
    sources = find_sources([str(tmp_path)])
    once, twice = [list(batch.read_all(sources, jobs)) for jobs in (1, 2)]
    assert once == twice
    assert [one.status for one in once] == ["returned"] * number
    assert list(batch.read_all(sources[::-1]))[::-1] == once


def test_a_batch_that_is_given_up_leaves_no_process_behind() -> None:
    import multiprocessing

    found = batch.read_all([Made(str(number)) for number in range(100)], 2)
    next(found)
    found.close()  # type: ignore[attr-defined]
    assert [one for one in multiprocessing.active_children() if "Fork" in type(one).__name__] == []


def test_nothing_to_read_is_nothing() -> None:
    assert list(batch.read_all([], 4)) == []


def test_one_file_that_is_bad_changes_nothing_for_the_others(tmp_path: Path) -> None:
    alone = list(batch.read_all([Made("good")]))
    among = list(batch.read_all([Made("die", die), Made("good"), Made("eat", eat)]))
    assert alone == among[1:2]


def test_workers_that_start_afresh_give_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on Windows and macOS, where nothing is inherited and the main module is imported once more."""
    import runpy

    from xltool.intake.sources import InputFile

    runpy.run_module("xltool", run_name="__mp_main__")
    sources = [InputFile(ROOT / f"examples/{name}.xlsx") for name in ("form1", "form2")]
    inherited = list(batch.read_all(sources, 2))
    monkeypatch.setattr(sys, "platform", "darwin")
    assert list(batch.read_all(sources, 2)) == inherited


# ── what goes back ──────────────────────────────────────────────


@pytest.fixture
def sent(tmp_path: Path, clean: dict[str, Any]) -> Path:
    """Three forms with something to mend."""
    folder = tmp_path / "交回"
    folder.mkdir()
    for number in range(3):
        record = with_changes(clean, {"project.name": f"项目{number}", "indicators.0.score": 3})
        (folder / f"{number}.xlsx").write_bytes(fill(record).content)
    return folder


def test_a_file_refused_for_a_limit_is_listed_with_its_original(
    tmp_path: Path, sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = read_and_check.results_of_workbook
    monkeypatch.setattr(
        read_and_check, "results_of_workbook", lambda *given: eat() if "1.xlsx" in given[1] else read(*given)
    )
    run("ingest", sent, "--returns", tmp_path / "退回", "-o", tmp_path / "r.jsonl")
    lines = listed(tmp_path / "退回")
    assert [bool(one["退回的文件"]) for one in lines] == [True, False, True]
    original = (sent / "1.xlsx").read_bytes()
    assert (tmp_path / "退回" / lines[1]["原件"]).read_bytes() == original
    assert results(tmp_path / "r.jsonl")[1]["sha256"] == hashlib.sha256(original).hexdigest()


def test_a_workbook_that_cannot_be_written_is_said_and_costs_no_other(
    tmp_path: Path, sent: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = return_form.build_returned_workbook
    wrong = {"项目0": eat, "项目1": die}

    def returned_workbook(examined: Any, result: Result, *given: Any) -> bytes:
        act = wrong.get(result.record.project.name or "" if result.record else "")
        return act() if act else written(examined, result, *given)

    monkeypatch.setattr(return_form, "build_returned_workbook", returned_workbook)
    done = run("ingest", sent, "--returns", tmp_path / "退回", "-o", tmp_path / "r.jsonl")
    lines = listed(tmp_path / "退回")
    assert [bool(one["退回的文件"]) for one in lines] == [False, False, True] and all(one["原件"] for one in lines)
    assert "0.xlsx：没有写成退回的表（所需的内存过多）" in done.output and "1 份退回的表" in done.output


def test_what_goes_back_is_the_same_for_any_number_of_workers(tmp_path: Path, sent: Path) -> None:
    for jobs in ("1", "2"):
        run("ingest", sent, "--returns", tmp_path / jobs, "--jobs", jobs, "-o", tmp_path / "r.jsonl")
    names = sorted(str(one.relative_to(tmp_path / "1")) for one in (tmp_path / "1").rglob("*") if one.is_file())
    assert len(names) == 7
    assert all((tmp_path / "1" / one).read_bytes() == (tmp_path / "2" / one).read_bytes() for one in names)
