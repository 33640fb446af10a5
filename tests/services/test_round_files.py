"""A whole round through the commands: whoever sent something is not reminded of it, and what went back is accepted."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import libreoffice
import pytest
import round_files
from commands import run
from project import NODE
from round_files import SENDINGS, Project

from xltool.support import json_codec

#: What comes of a sending at first, where that is not "accepted".
RETURNED = {"points lost without a reason", "more points than there are", "a score left blank", "an actual left blank",
            "goal left blank", "returned blank", "only the money filled in", "a formula overwritten", "another year",
            "another project's name"}  # fmt: skip
UNREADABLE = {"a password", "a document", "a photo", "a csv"}

#: Sent a second time as it was in the first round; sent only after the deadline; of two versions one is at fault.
OLDER, LATE, EITHER = "good 1", "good 2", "two versions"

PROJECTS = round_files.projects(50)
SENDERS = dict(zip(SENDINGS, PROJECTS, strict=False))


@dataclass
class Round:
    """The folder in which the round happens."""

    folder: Path

    def path(self, name: str) -> Path:
        return self.folder / name

    @cached_property
    def forms(self) -> list[bytes]:
        """The issued forms, by the number of the project."""
        self.path("名册.csv").write_bytes(round_files.roster(PROJECTS))
        done = run("issue", self.path("名册.csv"), "-o", self.path("签发"))
        assert done.returncode == 0 and "T08" not in done.output, done.output
        manifest = [json_codec.loads(line) for line in self.path("签发/manifest.jsonl").read_text("utf-8").splitlines()]
        return [self.path(f"签发/{one['file']}").read_bytes() for one in manifest]

    def ingest(self, sent: str, day: str) -> list[dict[str, Any]]:
        target = self.path(f"{sent}.jsonl")
        done = run("ingest", self.path(sent), "-o", target, "--roster", self.path("签发/manifest.jsonl"), "--ledger",
                    self.path("台账.sqlite"), "--returns", self.path(f"{sent}-退回"), "--as-of", day, "--jobs", 1)  # fmt: skip
        assert done.returncode in (0, 1), done.output
        return [json_codec.loads(line) for line in target.read_text("utf-8").splitlines()]

    def reminded(self, name: str, day: str) -> dict[str, str]:
        """What a unit is told to do, by project."""
        done = run("ledger", "coverage", self.path("台账.sqlite"), "--roster", self.path("签发/manifest.jsonl"),
                    "--reminders", self.path(name), "--as-of", day)  # fmt: skip
        assert done.returncode in (0, 1), done.output
        with self.path(name).open(encoding="utf-8-sig", newline="") as lines:
            return {line["项目名称"]: f"{line['事由']}：{line['催办内容']}" for line in csv.DictReader(lines)}


@dataclass(frozen=True)
class Course:
    """What came of the round: results by file name, and who was reminded after each run."""

    round: Round
    files: dict[str, list[str]]
    first: dict[str, list[dict[str, Any]]]
    second: dict[str, list[dict[str, Any]]]
    after_first: dict[str, str]
    after_second: dict[str, str]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    libreoffice.needed()
    if shutil.which("node") is None or not (NODE / "node_modules").is_dir():
        pytest.skip("no node on this machine")
    own = Round(tmp_path_factory.mktemp("round"))
    files: dict[str, list[str]] = {}
    for folder in ("交回", "再交", "其他"):
        own.path(folder).mkdir()
    for kind, project in SENDERS.items():
        for sent in SENDINGS[kind](own.forms[project.number - 1], project, own.path("其他")):
            files.setdefault(kind, []).append(sent.name)
            own.path("再交" if kind == LATE else "交回").joinpath(sent.name).write_bytes(sent.content)
    first = _by_file(own.ingest("交回", "2025-03-20"))
    after_first = own.reminded("催办-1.csv", "2025-03-25")
    for kind, project in SENDERS.items():
        for number, content in enumerate(_answered(own, kind, project, first, files)):
            own.path("再交").joinpath(f"{project.name}-更正{number or ''}.xlsx").write_bytes(content)
    second = _by_file(own.ingest("再交", "2025-04-05"))
    return Course(own, files, first, second, after_first, own.reminded("催办-2.csv", "2025-04-06"))


def _by_file(results: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for result in results:
        found.setdefault(Path(result["file"].split("!")[0]).name, []).append(result)
    return found


def _answered(
    own: Round, kind: str, project: Project, first: dict[str, list[dict[str, Any]]], files: dict[str, list[str]]
) -> Iterator[bytes]:
    """What a unit sends on receiving what went back to it: the corrected workbook, or its form where none came."""
    if kind == LATE:
        return
    if kind == OLDER:
        yield own.path("交回").joinpath(files[kind][0]).read_bytes()
    elif kind in UNREADABLE:
        yield round_files.filled(own.forms[project.number - 1], project).save()
    elif kind in RETURNED | {EITHER}:
        names = [name for name in files[kind] if any(one["status"] == "returned" for one in first.get(name, []))]
        for name in names:
            back = next(iter(own.path("交回-退回").glob(f"{Path(name).stem}*.xlsx")), None)
            assert back is not None, f"{kind}: nothing went back"
            yield round_files.filled(back.read_bytes(), project).save()


# ── what must be seen ───────────────────────────────────────────


def _statuses(results: list[dict[str, Any]]) -> set[str]:
    return {one["status"] for one in results}


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", [one for one in SENDINGS if one != LATE])
def test_what_a_unit_sent_is_a_result_and_what_is_right_is_accepted(course: Course, kind: str) -> None:
    results = [one for name in course.files[kind] for one in course.first[name]]
    expected = "unreadable" if kind in UNREADABLE else "returned" if kind in RETURNED else "accepted"
    wanted = {"accepted", "returned"} if kind == EITHER else {expected}
    told = [(one["rule"], one["message"]) for result in results for one in result["findings"]]
    assert _statuses(results) == wanted, told


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", [one for one in SENDINGS if one not in RETURNED | UNREADABLE | {LATE, EITHER}])
def test_of_what_is_right_nothing_is_said_that_a_unit_has_to_mend(course: Course, kind: str) -> None:
    results = [one for name in course.files[kind] for one in course.first[name]]
    said = [(one["rule"], one["message"]) for result in results for one in result["findings"] if one["level"] != "info"]
    about_the_workbook = [one for one in said if one[0] in ("P01", "P04")]
    assert [one for one in said if one not in about_the_workbook] == []


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", [one for one in SENDINGS if one != LATE])
def test_whoever_sent_something_is_not_told_that_nothing_came(course: Course, kind: str) -> None:
    told = course.after_first.get(SENDERS[kind].name, "")
    assert "未收到" not in told, told
    if kind not in RETURNED | UNREADABLE | {EITHER}:
        assert told == ""


@pytest.mark.libreoffice
@pytest.mark.parametrize("kind", SENDINGS)
def test_what_went_back_and_was_corrected_is_accepted(course: Course, kind: str) -> None:
    project = SENDERS[kind]
    results = [
        one for name, found in course.second.items() for one in found if name.startswith((project.name, project.unit))
    ]
    errors = [(one["rule"], one["cell"], one["message"]) for result in results for one in result["findings"]
              if one["level"] == "error"]  # fmt: skip
    assert errors == [] and _statuses(results) <= {"accepted"}
    assert bool(results) == (kind in RETURNED | UNREADABLE | {OLDER, LATE, EITHER})
    assert project.name not in course.after_second, course.after_second[project.name]


@pytest.mark.libreoffice
def test_exactly_those_are_reminded_who_sent_nothing(course: Course) -> None:
    silent = {one.name for one in PROJECTS} - {one.name for one in SENDERS.values()}
    assert len(silent) == 50 - len(SENDINGS) >= 5
    assert set(course.after_second) == silent
    assert silent | {SENDERS[LATE].name} <= set(course.after_first)
