"""One ingest from files to an overview: every form read, held against roster and ledger, and what all of them show."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from xltool.intake import files
from xltool.result.findings import Finding
from xltool.result.overview import Overview, OverviewEntry
from xltool.result.result import Result
from xltool.roster.model import Project, Roster
from xltool.rules.waivers import Waiver, apply_waivers
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr
from xltool.workbook.errors import Unreadable

if TYPE_CHECKING:
    from xltool.ledger.project_status import ProjectStatus
    from xltool.ledger.store import Ledger
    from xltool.services.read_and_check import ReadForm

T = TypeVar("T")
Key = tuple[str, str]

#: Of a roster's columns that mean nothing to us, so many are named.
_MOST_UNREAD = 20

#: The workbooks by their names.
Sources = Mapping[str, files.InputFile]


@dataclass
class Ingest:
    """What an ingest has brought.

    Attributes:
        results: one for each form, in the order of the files' names.
        overview: where the round stands.
        whole: findings about no one workbook.
    """

    results: list[Result]
    overview: Overview
    whole: list[Finding] = field(default_factory=list)


def results_with_progress(sources: list[files.InputFile], jobs: int, debug: bool) -> Iterator[Result]:
    """Read and check every workbook, in so many processes; whatever is wrong with one is a finding on it."""
    from xltool.services import batch

    # --debug shows where a fault of ours is, which only this process can.
    found = (one for source in sources for one in batch.read_source(source)) if debug else batch.read_all(sources, jobs)
    return with_progress(found, tr("读取", "reading"), len(sources))


def with_progress(found: Iterator[T], busy: str, number: int) -> Iterator[T]:
    """The same, with a bar that shows on a terminal how far it has come."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(found, busy, number, console=console, transient=True, disable=not console.is_terminal)


def read_again(sources: Sources, result: Result) -> ReadForm:
    """Read a form that could be read once more, for what its result does not hold.

    Raises:
        WrongUse: its file has changed since.
    """
    from xltool.services.read_and_check import read_and_check

    name = result.file
    with contextlib.suppress(Unreadable):
        for one in read_and_check(sources[name].read(), name):
            if one.result.key == result.key:
                return one
    raise file_changed_error(name)


def file_changed_error(name: str) -> WrongUse:
    """That a file is not what was read."""
    return WrongUse(tr(f"{name} 在读取时被改动，请重新运行", f"{name} has changed; run again"))


def read_roster_file(file: Path) -> Roster:
    """The roster in a file; columns that are not used are said, so that nothing is left out unseen.

    Raises:
        WrongUse: not there, or faulty.
    """
    from xltool.report.text import escape_markup
    from xltool.roster import reading

    found = reading.read_roster(files.read_file(file, "名册"), str(file))
    if unread := [head for head in found.unread if head != "序号"]:
        shown = _some(unread)
        click.echo(
            escape_markup(tr(f"名册 {file} 里没有用到的列：{shown}", f"columns of {file} not used: {shown}")), err=True
        )
    return found


def with_projects_named(sources: Sources, result: Result, roster: Roster) -> Result:
    """The result of a file that could not be read, with the projects that it was sent for, where that can be told."""
    from xltool.ledger.received import project_identities
    from xltool.roster import matching
    from xltool.workbook.text_extraction import extract_text

    projects = matching.projects_named_in(roster, result.file)
    if not projects:
        is_workbook = result.findings[0].rule == "P01"
        with contextlib.suppress(Unreadable):
            projects = matching.projects_named_in(
                roster, result.file, extract_text(sources[result.file].raw(), is_workbook)
            )
    return replace(result, sent_for=project_identities(projects)) if projects else result


def project_of(result: Result, roster: Roster | None) -> Project | None:
    """The roster's project that a form is about."""
    from xltool.rules.code_findings import shared_rules

    if roster is None or result.record is None:
        return None
    alike = shared_rules()["H03"].params["name_alike"]
    assert isinstance(alike, Decimal)
    return roster.match(result.record, result.seal, alike)


def ingest(
    sources: Sources,
    found: Iterator[Result],
    ledger_file: Path | None,
    roster: Roster | None,
    as_of: date,
    waivers: Sequence[Waiver] = (),
    preferred: Collection[str] = (),
) -> Ingest:
    """Hold every result against the ledger that is kept, or one in memory, and the roster if there is one.

    Args:
        sources: the workbooks.
        found: their results, recorded as they come.
        ledger_file: where the ledger is kept.
        roster: the projects that have to be submitted.
        as_of: the day of receipt.
        waivers: also for what ledger and roster find.
        preferred: the names of files that count for their projects, whatever else came.
    """
    from xltool.ledger.store import Ledger

    with Ledger(ledger_file) as ledger:
        run = ledger.begin(as_of)
        gathering = _Ingestion(sources, ledger, run, roster, as_of, waivers, preferred)
        for result in found:
            gathering.add(result)
        ledger.complete(run)
        return gathering.outcome()


class _Ingestion:
    """An ingest on its way."""

    def __init__(
        self,
        sources: Sources,
        ledger: Ledger,
        run: int,
        roster: Roster | None,
        as_of: date,
        waivers: Sequence[Waiver],
        preferred: Collection[str],
    ) -> None:
        self.sources = sources
        self.preferred = preferred
        self.ledger = ledger
        self.run = run
        self.roster = roster
        self.as_of = as_of
        self.waivers = waivers
        self.results: list[Result] = []
        self.first: dict[Key, str] = {}

    def add(self, result: Result) -> None:
        from xltool.ledger.baseline import compare_with_roster
        from xltool.ledger.cross_form_checks import copy_finding

        if self.roster is not None and result.record is not None:
            found = compare_with_roster(result.record, self.roster, result.seal)
            result = _located(self.sources, result, found)
        elif self.roster is not None:
            result = with_projects_named(self.sources, result, self.roster)
        result = self._waived(result)
        key = result.key
        if key not in self.first:
            self.ledger.record(result, self.run, self.as_of, self._listed(result))
            if result.file in self.preferred:
                self.ledger.choose(result)
            self.first[key] = result.file
        elif result.record is not None:
            result = self._waived(result.with_findings([copy_finding(self.first[key])]))
        self.results.append(result)

    def _listed(self, result: Result) -> str:
        """The key of the roster's project that a form is surely about; "" for none."""
        found = project_of(result, self.roster)
        if found is None or self.roster is None or result.record is None:
            return ""
        return found.key if self.roster.is_sure(result.record, result.seal) else ""

    def _waived(self, result: Result) -> Result:
        return apply_waivers(result, self.waivers, self.as_of)

    def outcome(self) -> Ingest:
        from xltool.ledger import cross_form_checks
        from xltool.ledger.coverage import coverage_of
        from xltool.ledger.project_status import project_statuses
        from xltool.ledger.received import match_received
        from xltool.rules.code_findings import shared_rules

        found = project_statuses(self.ledger, self.as_of)
        over = cross_form_checks.cross_form_findings(self.ledger, found)
        further = [_located(self.sources, one, over.by_form.get(one.key, ())) for one in self.results]
        results = [self._waived(one) for one in further]
        whole = list(over.whole)
        listed: int | None = None
        lacking: Sequence[Project] = ()
        late: dict[int, int] = {}
        if self.roster is not None:
            alike = shared_rules()["H03"].params["name_alike"]
            assert isinstance(alike, Decimal)
            came = match_received(self.ledger, found, self.roster, alike)
            cover = coverage_of(found, self.roster, alike, self.as_of, came)
            listed, lacking = len(cover.every), cover.missing
            late = {one.standing.project.id: one.late for one in cover.every if one.standing}
            whole = [*cross_form_checks.missing_findings(lacking, self.as_of), *whole]
        remarks = list(over.whole)
        entries = self._entries(found, over, results, late)
        return Ingest(results, Overview(entries, self.as_of, listed, lacking, remarks), whole)

    def _entries(
        self, found: Sequence[ProjectStatus], over: Any, results: Sequence[Result], late: Mapping[int, int]
    ) -> list[OverviewEntry]:
        """Each project once, by the form that counts; and what could not be read of this batch."""
        years = {result.record["year"] for result in results if result.record}
        years |= {one.year for one in self.roster.projects} if self.roster else set()
        entries = []
        for standing in found:
            if years and standing.project.year not in years:
                continue
            turn = standing.current
            result = self.ledger.result(turn.submission.id)
            further = over.by_form.get((turn.submission.sha256, turn.submission.sheet), ())
            later = len(standing.rounds) > 1
            entries.append(
                OverviewEntry(
                    self._waived(result.with_findings(further)),
                    turn.submission.round,
                    standing.days_open,
                    len(turn.progress.fixed) if later else None,
                    len(turn.progress.new) if later else None,
                    late.get(standing.project.id, 0),
                )
            )
        return entries + [OverviewEntry(result) for result in results if result.record is None]


def _located(sources: Sources, result: Result, findings: Sequence[Finding]) -> Result:
    """The result with further findings, each with its cell: the workbook is asked again where they stand."""
    if any(finding.path for finding in findings):
        cells = read_again(sources, result).cells
        findings = [replace(finding, cell=cells.get(finding.path)) for finding in findings]
    return result.with_findings(findings)


#: So many results are kept in memory until all have come; more wait in a temporary file.
_MOST_KEPT = 1000


def with_superseded(
    found: Iterator[Result], preferred: Collection[str], number: int, passed: set[int]
) -> Iterator[Result]:
    """The results with what only several of them show: copies, and forms of earlier rounds (X02).

    Args:
        found: as they come.
        preferred: the names of files that count for their projects.
        number: of the files.
        passed: where to put the numbers of the results whose project another one counts for.
    """
    from xltool.ledger.superseded import ReceivedForm, superseded_findings

    sent: list[ReceivedForm] = []
    with tempfile.TemporaryFile() as spool:
        kept: list[Result] = []
        for result in found:
            sent.append(ReceivedForm.of(result, spool.tell(), result.file in preferred))
            if number > _MOST_KEPT:
                spool.write(json_codec.dump_lines([result.as_json()]).encode())
            else:
                kept.append(result)

        def load(at: int) -> Result:
            if number <= _MOST_KEPT:
                return kept[at]
            spool.seek(sent[at].place)
            return Result.from_json(json_codec.loads(spool.readline()))

        further, left = superseded_findings(sent, load)
        passed.update(left)
        for at in range(len(sent)):
            yield load(at).with_findings(further.get(at, ()))


def is_own_file(result: Result) -> bool:
    """Whether a result is about one of our own lists or books, which nobody has sent."""
    return result.record is None and all(one.level == "info" for one in result.findings)


def without_own_files(found: Iterable[Result], own: list[str]) -> Iterator[Result]:
    """The results of what may have been sent; the names of our own lists and books go into ``own``."""
    for result in found:
        if is_own_file(result):
            own.append(result.file)
        else:
            yield result


def report_left_out(own: Sequence[str], byproducts: Sequence[str]) -> None:
    """Say what is nobody's submission: our own lists and books, and what programs and systems leave behind."""
    from xltool.report.text import escape_markup

    if own:
        shown = _some(own)
        told = f"另有 {len(own)} 个文件是本工具写的清单、汇总表、名册、结果等，不是自评表，没有核对：{shown}"
        click.echo(escape_markup(tr(told, f"{len(own)} files are lists and books of our own: {shown}")), err=True)
    if byproducts:
        told = f"另有 {len(byproducts)} 个系统或程序留下的文件（~$、Thumbs.db 等），没有读取"
        click.echo(tr(told, f"{len(byproducts)} files that programs and systems left were not read"), err=True)


def _some(names: Sequence[str]) -> str:
    return "、".join(names[:_MOST_UNREAD]) + ("……" if len(names) > _MOST_UNREAD else "")


def report_findings(findings: Sequence[Finding], most: int = 20) -> None:
    """The findings about no one workbook, to stderr; of many of one rule only the first are told."""
    from xltool.report.text import escape_markup

    told: dict[str, int] = {}
    for finding in findings:
        told[finding.rule] = told.get(finding.rule, 0) + 1
        if told[finding.rule] <= most:
            click.echo(escape_markup(f"{finding.rule} {finding.message}{tr('；', '; ')}{finding.fix}"), err=True)
    for rule, count in told.items():
        if count > most:
            rest = count - most
            click.echo(tr(f"{rule} 另有 {rest} 条", f"{rule}: {rest} more"), err=True)
