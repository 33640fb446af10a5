"""Results to the budget platform's tables, to CSV or Parquet for analysts; what is not among the rows, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from xltool.export.rows import ExportFinding
from xltool.export.selection import Selection, of_other_years, select_forms, sort_results
from xltool.ledger.cross_form_checks import cross_form_findings
from xltool.ledger.project_status import project_statuses
from xltool.ledger.store import Ledger
from xltool.result.findings import REVIEW
from xltool.result.result import ACCEPTED, RETURNED, UNREADABLE, Result
from xltool.roster.model import Roster, project_key
from xltool.support import json_codec

#: The file of findings beside the platform's tables.
FINDINGS = "findings.jsonl"


@dataclass(frozen=True)
class ExportedTables:
    """The contents of an export.

    Attributes:
        files: names of files with their contents.
        counts: how many rows each table has.
        results: what was to be exported.
        exported: the results that have rows.
        findings: what was found on the way.
        superseded: the files in whose place another one of their project was exported.
        other_years: the files of other years than the roster, or the others, are of.
    """

    files: Mapping[str, bytes]
    counts: Mapping[str, int]
    results: Sequence[Result]
    exported: Sequence[Result]
    findings: Sequence[ExportFinding] = ()
    superseded: Sequence[str] = ()
    other_years: Sequence[str] = ()

    @property
    def unreadable(self) -> Sequence[Result]:
        """What could not be read, and what nothing readable has come for."""
        return [one for one in self.results if one.status == UNREADABLE and not one.superseded_by]

    @property
    def errors(self) -> Sequence[ExportFinding]:
        """The findings that excluded forms."""
        return [one for one in self.findings if one.finding.level == "error"]

    @property
    def notes(self) -> Counter[str]:
        """The number of findings that excluded nothing, by level."""
        return Counter(one.finding.level for one in self.findings if one.finding.level != "error")

    @property
    def returned(self) -> int:
        """The number of exported forms that should be returned."""
        return sum(one.status == RETURNED for one in self.exported)

    @property
    def in_doubt(self) -> int:
        """The number of exported forms that are to be reviewed."""
        return sum(one.state == REVIEW for one in self.exported)

    @property
    def returned_left_out(self) -> int:
        """The number of forms that should be returned and whose projects were not exported."""
        return sum(one.status == RETURNED for one in self._left_out())

    @property
    def in_doubt_left_out(self) -> int:
        """The number of forms that are to be reviewed and whose projects were not exported."""
        return sum(one.state == REVIEW for one in self._left_out())

    def _left_out(self) -> Sequence[Result]:
        kept = set(map(_project, self.exported))
        return [one for one in self.results if _project(one) not in kept]

    def reaches(self, level: str) -> bool:
        """Whether anything at this level or worse was found, or something could not be read."""
        return bool(self.unreadable) or any(one.finding.is_at_least(level) for one in self.findings)


def export_batches(
    batches: Sequence[Sequence[Result]], kind: str, roster: Roster | None = None, accepted: bool = False
) -> ExportedTables:
    """The tables of results: of each project the form that counts.

    Args:
        batches: of ingest or check, one for each run, in the order of receipt.
        kind: ``platform``, ``csv`` or ``parquet``.
        roster: provides the platform's codes that no form contains.
        accepted: whether only forms that are accepted, and not to be reviewed, are wanted.
    """
    selection = select_forms(batches, roster)
    known = {key for form in selection.kept for key in (form.identity, form.project.key if form.project else "")}
    results = sort_results(one for batch in batches for one in batch)
    unread = [one for one in results if one.record is None and not _is_readable_elsewhere(one, known)]
    results = [*(form.result for form in selection.kept), *unread]
    kept = [form for form in selection.kept if not accepted or form.result.state == ACCEPTED]
    tables = _EXPORTS[kind](results, Selection(kept, selection.refused), [] if accepted else unread, roster)
    superseded = [refused.form.file for refused in selection.refused if refused.refusal != "copy"]
    others, _ = of_other_years(kept, roster)
    return replace(tables, superseded=superseded, other_years=[form.file for form in others])


def _is_readable_elsewhere(result: Result, known: Collection[str]) -> bool:
    """Whether readable forms have come of all projects that an unreadable file was sent for."""
    return bool(result.sent_for) and all(names.key in known for names in result.sent_for)


def results_of_ledger(ledger_file: Path, as_of: date) -> list[Result]:
    """The form that counts for each project of a ledger, with what the other forms show.

    Args:
        ledger_file: where the ledger is kept.
        as_of: the day.

    Raises:
        WrongUse: no ledger, or a damaged one.
    """
    with Ledger(ledger_file, create=False) as ledger:
        statuses = project_statuses(ledger, as_of)
        further = cross_form_findings(ledger, statuses).by_form
        results = [ledger.result(status.current.submission.id) for status in statuses]
    return [result.with_findings(further.get(result.key, ())) for result in results]


def _platform(
    results: Sequence[Result], selection: Selection, unread: Sequence[Result], roster: Roster | None
) -> ExportedTables:
    from xltool.export import writers
    from xltool.export.platform import load_platform
    from xltool.export.rows import rows_of_selection

    platform = load_platform()
    export = rows_of_selection(selection, platform, roster)
    files = {f"{one.name}.csv": writers.platform_csv(one, export.rows[one.name]) for one in platform.tables}
    files["tables.sql"] = writers.platform_sql(platform)
    files[FINDINGS] = json_codec.dump_lines(one.as_json() for one in export.findings).encode("utf-8")
    counts = {name: len(rows) for name, rows in export.rows.items()}
    return ExportedTables(files, counts, results, [one.result for one in export.forms], export.findings)


def _csv(results: Sequence[Result], selection: Selection, unread: Sequence[Result], _: Roster | None) -> ExportedTables:
    from xltool.export import flat, writers

    wanted = [*(form.result for form in selection.kept), *unread]
    tables = flat.flat_tables(wanted)
    files = {f"{one.name}.csv": writers.flat_csv(one) for one in tables}
    return ExportedTables(files, {one.name: len(one.rows) for one in tables}, results, wanted)


def _parquet(
    results: Sequence[Result], selection: Selection, unread: Sequence[Result], _: Roster | None
) -> ExportedTables:
    from xltool.export import flat, writers

    wanted = [*(form.result for form in selection.kept), *unread]
    tables, findings = flat.without_unfit(flat.flat_tables(wanted))
    files = {f"{one.name}.parquet": writers.parquet(one) for one in tables}
    return ExportedTables(files, {one.name: len(one.rows) for one in tables}, results, wanted, findings)


_Export = Callable[[Sequence[Result], Selection, Sequence[Result], Roster | None], ExportedTables]

_EXPORTS: Mapping[str, _Export] = {"platform": _platform, "csv": _csv, "parquet": _parquet}


def _project(result: Result) -> str:
    """Which project a result is about: of one that was mended and passed, the earlier rounds do not matter."""
    return result.project.key if result.project else project_key(None, None, None, None)
