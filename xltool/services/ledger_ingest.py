"""An ingest with a ledger, in a file or in memory: compares forms with the roster and counts rounds."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from xltool.intake.sources import InputFile
from xltool.ledger.baseline import compare_with_roster
from xltool.ledger.coverage import coverage_of
from xltool.ledger.cross_form_checks import (
    CrossFormFindings,
    copy_finding,
    cross_form_findings,
    missing_findings,
    readable_finding,
    unlisted_findings,
    unmatched_findings,
)
from xltool.ledger.folder_runs import separate_rounds
from xltool.ledger.project_status import ProjectStatus, project_statuses
from xltool.ledger.readable import superseded_files
from xltool.ledger.received import (
    ReceivedSubmissions,
    match_received,
    name_likeness,
    project_identities,
    project_of,
)
from xltool.ledger.store import Ledger
from xltool.ledger.wrong_forms import without_wrong_form
from xltool.result.findings import Finding
from xltool.result.overview import Overview, OverviewEntry
from xltool.result.result import Result
from xltool.roster.matching import projects_named_in
from xltool.roster.model import Project, Roster
from xltool.rules.waivers import apply_waivers
from xltool.services.checked_forms import CheckedForms, Ingest, IngestRequest
from xltool.services.read_again import read_again
from xltool.workbook.errors import Unreadable
from xltool.workbook.text_extraction import extract_text


def ingest_into_ledger(request: IngestRequest, forms: CheckedForms) -> Ingest:
    """Record every result as it comes, and say what roster and ledger show."""
    with Ledger(request.ledger_file) as ledger:
        run = ledger.begin(request.as_of)
        ingestion = _LedgerIngest(request, ledger, run)
        for result in forms:
            ingestion.add(result)
        separate_rounds(ledger, run, request.as_of)
        ledger.complete(run)
        return replace(ingestion.outcome(), own_files=forms.own_files)


class _LedgerIngest:
    """An ingest on its way."""

    def __init__(self, request: IngestRequest, ledger: Ledger, run: int) -> None:
        self.request = request
        self.roster = request.roster
        self.ledger = ledger
        self.run = run
        self.sources = {source.name: source for source in request.sources}
        self.results: list[Result] = []
        self.first: dict[tuple[str, str], str] = {}

    def add(self, result: Result) -> None:
        """Record a result with the findings about the roster; a file whose bytes were received before is a copy."""
        result = self._waived(self._against_roster(result))
        if result.key not in self.first:
            self.ledger.record(result, self.run, self.request.as_of, self._listed(result))
            if result.file in self.request.preferred:
                self.ledger.choose(result)
            self.first[result.key] = result.file
        elif result.record is not None or result.is_wrong_form:
            result = self._waived(result.with_findings([copy_finding(self.first[result.key])]))
        self.results.append(result)

    def _against_roster(self, result: Result) -> Result:
        if self.roster is None:
            return result
        result = without_wrong_form(result, self.roster)
        if result.is_wrong_form:
            return result
        if result.record is None:
            return _with_projects_named(self.sources[result.file], result, self.roster)
        return self._located(result, compare_with_roster(result.record, self.roster, result.seal))

    def _located(self, result: Result, findings: Sequence[Finding]) -> Result:
        """The result with further findings, each with its cell; the workbook is read again for that."""
        if any(finding.path for finding in findings):
            cells = read_again(self.sources[result.file], result).cells
            findings = [replace(finding, cell=cells.get(finding.path)) for finding in findings]
        return result.with_findings(findings)

    def _listed(self, result: Result) -> str:
        """The key of the roster's project that a form is surely about; "" for none."""
        found = project_of(result, self.roster)
        if found is None or self.roster is None or result.record is None:
            return ""
        return found.key if self.roster.is_sure(result.record.project, result.seal) else ""

    def _waived(self, result: Result) -> Result:
        return apply_waivers(result, self.request.waivers, self.request.as_of)

    def outcome(self) -> Ingest:
        """The outcome, once all results have been added."""
        statuses = project_statuses(self.ledger, self.request.as_of)
        alike = name_likeness()
        received = match_received(self.ledger, statuses, self.roster, alike) if self.roster else ReceivedSubmissions({})
        cross_form = cross_form_findings(self.ledger, statuses, received.projects)
        unread = [one for one in self.results if one.record is None]
        readable = superseded_files(self.ledger, statuses, self.roster, received.projects, unread)
        results = [self._finished(one, cross_form, readable) for one in self.results]
        whole = list(cross_form.of_collection)
        listed: int | None = None
        missing: Sequence[Project] = ()
        late: dict[int, int] = {}
        of_collection = list(cross_form.of_collection)
        unlisted = received.unlisted
        if self.roster is not None:
            coverage = coverage_of(statuses, self.roster, alike, self.request.as_of, received)
            listed, missing = len(coverage.projects), coverage.missing_projects
            late = {one.project_status.project.id: one.days_late for one in coverage.projects if one.project_status}
            unlisted |= {one.project.id for one in coverage.unlisted_projects}
            of_collection = [*unmatched_findings(coverage.unmatched_files), *of_collection]
            whole = [*missing_findings(missing, self.request.as_of), *of_collection]
        standing = _Standing(late, unlisted, received.projects)
        entries = self._entries(statuses, cross_form, results, standing)
        if names := [entry.project("name") or "—" for entry in entries if not entry.is_listed]:
            of_collection = [*unlisted_findings(names), *of_collection]
            whole = [*whole, *unlisted_findings(names)]
        return Ingest(results, Overview(entries, self.request.as_of, listed, missing, of_collection), whole)

    def _finished(
        self, result: Result, cross_form: CrossFormFindings, readable: Mapping[tuple[str, str], str]
    ) -> Result:
        """A result with what the others show; of one that another supersedes nothing more is asked."""
        if file := readable.get(result.key):
            return result.with_findings([readable_finding(file)]).superseded(file)
        result = self._waived(self._located(result, cross_form.by_form.get(result.key, ())))
        current = cross_form.superseded.get(result.key)
        return result.superseded(current) if current else result

    def _entries(
        self,
        statuses: Sequence[ProjectStatus],
        cross_form: CrossFormFindings,
        results: Sequence[Result],
        standing: _Standing,
    ) -> list[OverviewEntry]:
        """Each project once, by the form that counts; and what could not be read of this batch."""
        years = {result.record.project.year for result in results if result.record}
        years |= {one.year for one in self.roster.projects} if self.roster else set()
        counting = (one for one in statuses if not years or one.project.year in years)
        entries = [self._entry(one, cross_form, standing) for one in counting]
        unread = {one.key: one for one in reversed(results) if one.record is None and not one.superseded_by}
        return entries + [OverviewEntry(result) for result in reversed(unread.values())]

    def _entry(self, status: ProjectStatus, cross_form: CrossFormFindings, standing: _Standing) -> OverviewEntry:
        current, progress = status.current.submission, status.current.progress
        further = cross_form.by_form.get((current.sha256, current.sheet), ())
        is_later = len(status.rounds) > 1
        return OverviewEntry(
            self._waived(self.ledger.result(current.id).with_findings(further)),
            current.round,
            status.days_open,
            len(progress.fixed) if is_later else None,
            len(progress.new) if is_later else None,
            standing.days_late.get(status.project.id, 0),
            status.project.id not in standing.unlisted,
            standing.department(status.project.id),
        )


@dataclass(frozen=True)
class _Standing:
    """What the roster says of the projects of the ledger, by their numbers there.

    Attributes:
        days_late: from the deadline to the first receipt.
        unlisted: the projects that are not on it.
        projects: the projects that they are on it.
    """

    days_late: Mapping[int, int]
    unlisted: Collection[int]
    projects: Mapping[int, Project | None]

    def department(self, number: int) -> str:
        """The department of the roster's project; "" where there is none."""
        project = self.projects.get(number)
        return project.department if project and number not in self.unlisted else ""


def _with_projects_named(source: InputFile, result: Result, roster: Roster) -> Result:
    """The result of an unreadable file, with the projects that its name or texts mention."""
    projects = projects_named_in(roster, result.file)
    if not projects:
        is_workbook = result.findings[0].rule == "P01"
        with contextlib.suppress(Unreadable):
            projects = projects_named_in(roster, result.file, extract_text(source.raw(), is_workbook))
    return replace(result, sent_for=project_identities(projects)) if projects else result
