"""The ledger's file: an SQLite database that is consistent at any time, with one transaction per submission.

It uses the rollback journal, not a write-ahead log, which is not safe on the network shares that bureaus use.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from xltool.ledger.statements import ANSWERS, CHANGED, COLUMNS, OUTDATED
from xltool.ledger.versions import prepare_ledger
from xltool.result.comparison import Subject, subject
from xltool.result.findings import LEVELS, Finding
from xltool.result.receipt_order import ReceivedWorkbook
from xltool.result.result import Result
from xltool.roster.columns import normalise_key
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr


@dataclass(frozen=True)
class Submission:
    """One submission in the ledger, without its result.

    Attributes:
        id: its number.
        sha256: the digest of its file.
        sheet: its sheet; "" for a file without a form.
        project: the number of its project; None if it could not be read.
        run: the number of the run that received it.
        received: the day it was first ingested.
        file: the name of its file.
        status: the state of its result.
        stamped: the round in its stamp.
        round: its round, from 1, counted over all submissions of the project.
        sealed: whether it was issued and its seal is intact.
    """

    id: int
    sha256: str
    sheet: str
    project: int | None
    run: int
    received: date
    file: str
    status: str
    stamped: int
    round: int
    sealed: bool

    @property
    def rank(self) -> tuple[int, bool, date, str, str]:
        """The sort key; the highest submission counts: last round, issued, last received, and then the last by name."""
        return self.round, self.sealed, self.received, self.file, self.sha256


@dataclass(frozen=True)
class ProjectIdentity:
    """A project in the ledger."""

    id: int
    year: int | None
    code: str | None
    name: str | None
    department: str | None
    unit: str | None


@dataclass(frozen=True)
class RecordedRun:
    """A finding in the ledger; its state is open, explained or waived."""

    rule: str
    level: str
    subject: Subject
    state: str


class Ledger:
    """An open ledger, used as a context manager; it must be opened and closed in the same thread.

    Args:
        file: the path of the file; None keeps the ledger in memory.
        create: whether a new file may be created.

    Raises:
        WrongUse: the file is missing, no ledger, damaged, or of a newer version.
    """

    def __init__(self, file: Path | None, create: bool = True) -> None:
        self.file = file
        if file is not None and not create and not file.is_file():
            raise WrongUse(tr(f"没有台账 {file}", f"no ledger {file}"))
        try:
            # transactions are begun and ended explicitly, not by the sqlite3 module
            self._db = sqlite3.connect(file or ":memory:", timeout=30, isolation_level=None)
            self._prepare()
        except sqlite3.Error as error:
            raise WrongUse(tr(f"打不开台账 {file}（{error}）", f"cannot open the ledger {file} ({error})")) from None

    def __enter__(self) -> Ledger:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _prepare(self) -> None:
        self._db.execute("PRAGMA foreign_keys = ON")
        self._db.execute("PRAGMA synchronous = FULL")
        with self.transaction():
            prepare_ledger(self._db, self.file)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit all or nothing; other programs wait up to thirty seconds for their turn.

        Raises:
            WrongUse: the disk is full, or another program holds the ledger.
        """
        try:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise WrongUse(tr(f"写不了台账 {self.file}（{error}）", f"cannot write {self.file} ({error})")) from None

    # ── runs ────────────────────────────────────────────────────

    def begin(self, as_of: date) -> int:
        """Begin a run, or resume the one that was interrupted; returns its number."""
        with self.transaction():
            interrupted = self._db.execute("SELECT id FROM run WHERE complete = 0 ORDER BY id DESC LIMIT 1").fetchone()
            if interrupted:
                return int(interrupted[0])
            return int(self._db.execute("INSERT INTO run (as_of) VALUES (?)", (as_of.isoformat(),)).lastrowid or 0)

    def complete(self, run: int) -> None:
        """Mark a run as complete."""
        with self.transaction():
            self._db.execute("UPDATE run SET complete = 1 WHERE id = ?", (run,))

    def workbooks(self, run: int) -> dict[int, tuple[str, ReceivedWorkbook]]:
        """The submissions of a run by their numbers: the name of the file, and which one it answers."""
        query = "SELECT id, file, sha256, json_extract(result, '$.reading.after') FROM submission WHERE run = ?"
        rows = self._db.execute(query, (run,)).fetchall()
        return {number: (file, ReceivedWorkbook(sha256, after)) for number, file, sha256, after in rows}

    def join_answers(self, run: int) -> None:
        """Join projects of one name and year where a form of a run answers one of the other project.

        A unit that was corrected makes another identity; a form that was read before the one that it answers could not
        be found to be of the same project.
        """
        with self.transaction():
            joined: dict[int, int] = {}
            for later, earlier, year, name, year_before, name_before in self._db.execute(ANSWERS, (run,)).fetchall():
                if year == year_before and normalise_key(name) == normalise_key(name_before) != "":
                    gone, kept = joined.get(later, later), joined.get(earlier, earlier)
                    if gone != kept:
                        self._join(gone, kept)
                        joined = {one: kept if into == gone else into for one, into in joined.items()} | {gone: kept}

    def _join(self, gone: int, kept: int) -> None:
        """Move everything of a project to another one."""
        for table in ("submission", "identity"):
            self._db.execute(f"UPDATE {table} SET project = ? WHERE project = ?", (kept, gone))  # noqa: S608
        self._db.execute("UPDATE OR REPLACE choice SET project = ? WHERE project = ?", (kept, gone))
        self._db.execute("DELETE FROM project WHERE id = ?", (gone,))
        self._settle(kept)

    def move_to_later_runs(self, levels: Mapping[int, int], as_of: date) -> None:
        """Move submissions to runs of their own, and recount the rounds of their projects.

        Args:
            levels: by the numbers of the submissions how many runs later; 0 to stay.
            as_of: the day of these runs.
        """
        with self.transaction():
            insert = "INSERT INTO run (as_of, complete) VALUES (?, 1)"
            wanted = sorted({level for level in levels.values() if level})
            runs = {level: self._db.execute(insert, (as_of.isoformat(),)).lastrowid for level in wanted}
            moved = [(runs[level], number) for number, level in levels.items() if level]
            self._db.executemany("UPDATE submission SET run = ? WHERE id = ?", moved)
            query = "SELECT DISTINCT project FROM submission WHERE project IS NOT NULL AND run = ?"
            projects = {project for one in runs.values() for (project,) in self._db.execute(query, (one,))}
            for project in sorted(projects):
                self._settle(project)

    # ── recording ───────────────────────────────────────────────

    def record(self, result: Result, run: int, as_of: date, listed: str = "") -> bool:
        """Store a result; known content changes nothing, unless it is judged differently now.

        Args:
            result: the result of a form, or of a file without a form.
            run: the number of the run.
            as_of: the day of receipt.
            listed: the key of the roster's project that it belongs to, whatever name the form has; "" for none.

        Returns:
            Whether its content was new.
        """
        with self.transaction():
            key = result.key
            known = self._db.execute("SELECT id, file FROM submission WHERE sha256 = ? AND sheet = ?", key).fetchone()
            if known:
                self._renew(known[0], replace(result, file=known[1]), listed)
                return False
            project = self._project_of(result, listed)
            values = (*key, project, run, as_of.isoformat(), result.file, result.state, result.round, result.round)
            contents = (json_codec.dumps(result.as_json()), *_names(result))
            marks = ", ".join("?" * len((*values, *contents)))
            names = "sha256, sheet, project, run, received, file, status, stamped, round, result, year, subject"
            cursor = self._db.execute(f"INSERT INTO submission ({names}) VALUES ({marks})", (*values, *contents))  # noqa: S608  # constant names
            self._note(int(cursor.lastrowid or 0), result)
            if project is not None:
                self._settle(project)
            return True

    def _renew(self, submission: int, result: Result, listed: str) -> None:
        """Store a new result for known content: rules, roster or waivers may have changed."""
        text = json_codec.dumps(result.as_json())
        [(before, former)] = self._db.execute("SELECT result, project FROM submission WHERE id = ?", (submission,))
        if text == before:
            return
        # what is now known as the form of another project leaves the one that it was counted for
        is_moved = (former is None) != (result.record is None)
        project = self._project_of(result, listed) if is_moved else former
        values = (text, result.state, project, *_names(result), submission)
        columns = "result = ?, status = ?, project = ?, year = ?, subject = ?"
        self._db.execute(f"UPDATE submission SET {columns} WHERE id = ?", values)  # noqa: S608  # constant names
        self._db.execute("DELETE FROM finding WHERE submission = ?", (submission,))
        self._note(submission, result)
        for changed in {former, project} - {None}:
            self._settle(changed)

    def _note(self, submission: int, result: Result) -> None:
        """Store the findings of a submission."""
        findings = [recorded for finding in result.findings for recorded in finding.per_place()]
        rows = [
            (submission, number, recorded.rule, recorded.level, *subject(recorded, result.record), _state(recorded))
            for number, recorded in enumerate(findings)
        ]
        self._db.executemany("INSERT INTO finding VALUES (?, ?, ?, ?, ?, ?, ?)", rows)

    def choose(self, result: Result) -> None:
        """Make this form count for its project, regardless of later ones, until another is chosen."""
        with self.transaction():
            key = result.key
            query = "SELECT id, project FROM submission WHERE sha256 = ? AND sheet = ? AND project IS NOT NULL"
            for submission, project in self._db.execute(query, key).fetchall():
                self._db.execute("INSERT OR REPLACE INTO choice VALUES (?, ?)", (project, submission))
                self._settle(project)

    def _project_of(self, result: Result, listed: str) -> int | None:
        """The project by code, or by name and unit; if the name was corrected, by the form it answers."""
        names = result.project
        if names is None:
            return None
        keys = [names.key, *([listed] if listed else [])]
        known = [self._db.execute("SELECT project FROM identity WHERE key = ?", (key,)).fetchone() for key in keys]
        project = next((int(row[0]) for row in known if row), None) or self._answered(result)
        project = project or int(self._db.execute("INSERT INTO project DEFAULT VALUES").lastrowid or 0)
        for key in keys:
            self._db.execute("INSERT OR IGNORE INTO identity VALUES (?, ?)", (key, project))
        return project

    def _answered(self, result: Result) -> int | None:
        """The project of the form that a submission answers."""
        after = result.reading.after if result.reading else None
        if not after or result.record is None:
            return None
        # compared by equality, not LIKE: the digits come from the stamp
        query = "SELECT p.id, p.name, p.unit FROM submission s JOIN project p ON p.id = s.project"
        row = self._db.execute(f"{query} WHERE substr(s.sha256, 1, 16) = ?", (after,)).fetchone()
        names = result.record.project
        # a form with both names changed is another project
        same = row and (
            normalise_key(row[1]) == normalise_key(names.name) or normalise_key(row[2]) == normalise_key(names.unit)
        )
        return int(row[0]) if same else None

    def _settle(self, project: int) -> None:
        """Recount the rounds of a project, and take its names from the submission that counts."""
        submissions = self.submissions("project = ?", project)
        if not submissions:
            self._forget(project)
            return
        outdated = {row[0] for row in self._db.execute(OUTDATED, (project,))}
        chosen = {row[0] for row in self._db.execute("SELECT submission FROM choice WHERE project = ?", (project,))}
        others = self._with_other_names(project)
        rank_of_round = {
            submission.id: (
                submission.id in chosen,
                submission.id not in others,
                submission.id not in outdated,
                submission.run,
                submission.stamped,
            )
            for submission in submissions
        }
        rounds: dict[tuple[bool, bool, bool, int, int], int] = {}
        last = 0
        for rank in sorted(set(rank_of_round.values())):
            last = rounds[rank] = max(rank[-1], last + 1)
        for submission in submissions:
            turn_round = rounds[rank_of_round[submission.id]]
            if turn_round != submission.round:
                self._db.execute("UPDATE submission SET round = ? WHERE id = ?", (turn_round, submission.id))
        current = max(self.submissions("project = ?", project), key=lambda submission: submission.rank)
        names = self.result(current.id).project
        assert names is not None  # every submission of a project has some
        values = (names.year, names.code, names.name, names.department, names.unit, project)
        self._db.execute(
            "UPDATE project SET year = ?, code = ?, name = ?, department = ?, unit = ? WHERE id = ?", values
        )

    def _with_other_names(self, project: int) -> set[int]:
        """The submissions with other names than they were issued with: P04 is on each of them."""
        suspects = self._db.execute(CHANGED, (project,)).fetchall()
        return {number for (number,) in suspects if not self.result(number).is_of_its_project}

    def _forget(self, project: int) -> None:
        """Remove a project without submissions."""
        for table, column in (("identity", "project"), ("choice", "project"), ("project", "id")):
            self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", (project,))  # noqa: S608  # constant names

    # ── reading ─────────────────────────────────────────────────

    def submissions(self, where: str = "1", *values: object) -> list[Submission]:
        """Submissions in the order of receipt."""
        query = f"SELECT {COLUMNS} FROM submission WHERE {where} ORDER BY id"  # noqa: S608  # never text from outside
        return [
            Submission(**{**row, "received": date.fromisoformat(str(row["received"])), "sealed": bool(row["sealed"])})  # type: ignore[arg-type]
            for row in self._rows(query, *values)
        ]

    def projects(self) -> list[ProjectIdentity]:
        """All projects, in the order of receipt."""
        names = "id, year, code, name, department, unit"
        return [ProjectIdentity(**row) for row in self._rows(f"SELECT {names} FROM project ORDER BY id")]  # type: ignore[arg-type]  # noqa: S608

    def findings(self) -> dict[int, list[RecordedRun]]:
        """The findings of every submission, by its number."""
        by_submission: dict[int, list[RecordedRun]] = {}
        for row in self._rows("SELECT * FROM finding ORDER BY submission, number"):
            subject_of_row = Subject(str(row["subject"]), str(row["place"]))
            recorded = RecordedRun(str(row["rule"]), str(row["level"]), subject_of_row, str(row["state"]))
            by_submission.setdefault(int(str(row["submission"])), []).append(recorded)
        return by_submission

    def result(self, submission: int) -> Result:
        """The result of a submission."""
        [(text,)] = self._db.execute("SELECT result FROM submission WHERE id = ?", (submission,))
        return Result.from_json(json_codec.loads(text))

    def _rows(self, query: str, *values: object) -> Iterator[dict[str, object]]:
        cursor = self._db.execute(query, values)
        names = [column[0] for column in cursor.description]
        for row in cursor:
            yield dict(zip(names, row, strict=True))

    def fault(self) -> str | None:
        """The faults found by the database's own check; None if it is intact."""
        messages = [str(row[0]) for row in self._db.execute("PRAGMA integrity_check")]
        messages += [f"foreign key {row}" for row in self._db.execute("PRAGMA foreign_key_check")]
        return None if messages == ["ok"] else "; ".join(messages)


def _state(finding: Finding) -> str:
    assert finding.level in LEVELS
    return "waived" if not finding.is_effective else "open" if finding.explanation is None else "explained"


def _names(result: Result) -> tuple[int | None, str | None]:
    """The year and the subject that a form names; None where nothing was read."""
    names = result.record.project if result.record else None
    return (names.year, names.name) if names else (None, None)
