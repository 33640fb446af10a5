"""Results to the budget platform's tables, to CSV or Parquet for analysts; what is not among the rows, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from xltool.export.rows import ExportFinding
from xltool.result.findings import REVIEW
from xltool.result.result import RETURNED, UNREADABLE, Result
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
    """

    files: Mapping[str, bytes]
    counts: Mapping[str, int]
    results: Sequence[Result]
    exported: Sequence[Result]
    findings: Sequence[ExportFinding] = ()

    @property
    def unreadable(self) -> Sequence[Result]:
        """The results of unreadable files."""
        return [one for one in self.results if one.status == UNREADABLE]

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


def export_results(
    results: Sequence[Result], kind: str, roster: Roster | None = None, accepted: bool = False
) -> ExportedTables:
    """The tables of results.

    Args:
        results: of ingest or check.
        kind: ``platform``, ``csv`` or ``parquet``.
        roster: provides the platform's codes that no form contains.
        accepted: whether only forms that are accepted, and not to be reviewed, are wanted.
    """
    wanted = [one for one in results if one.state == "accepted"] if accepted else results
    return _EXPORTS[kind](results, wanted, roster)


def _platform(results: Sequence[Result], wanted: Sequence[Result], roster: Roster | None) -> ExportedTables:
    from xltool.export import writers
    from xltool.export.platform import load_platform
    from xltool.export.rows import export_rows

    platform = load_platform()
    export = export_rows(wanted, platform, roster)
    files = {f"{one.name}.csv": writers.platform_csv(one, export.rows[one.name]) for one in platform.tables}
    files["tables.sql"] = writers.platform_sql(platform)
    files[FINDINGS] = json_codec.dump_lines(one.as_json() for one in export.findings).encode("utf-8")
    counts = {name: len(rows) for name, rows in export.rows.items()}
    return ExportedTables(files, counts, results, [one.result for one in export.forms], export.findings)


def _csv(results: Sequence[Result], wanted: Sequence[Result], _: Roster | None) -> ExportedTables:
    from xltool.export import flat, writers

    tables = flat.flat_tables(wanted)
    files = {f"{one.name}.csv": writers.flat_csv(one) for one in tables}
    return ExportedTables(files, {one.name: len(one.rows) for one in tables}, results, wanted)


def _parquet(results: Sequence[Result], wanted: Sequence[Result], _: Roster | None) -> ExportedTables:
    from xltool.export import flat, writers

    tables, findings = flat.without_unfit(flat.flat_tables(wanted))
    files = {f"{one.name}.parquet": writers.parquet(one) for one in tables}
    return ExportedTables(files, {one.name: len(one.rows) for one in tables}, results, wanted, findings)


_Export = Callable[[Sequence[Result], Sequence[Result], Roster | None], ExportedTables]

_EXPORTS: Mapping[str, _Export] = {"platform": _platform, "csv": _csv, "parquet": _parquet}


def _project(result: Result) -> str:
    """Which project a result is about: of one that was mended and passed, the earlier rounds do not matter."""
    return result.record.project.key if result.record else project_key(None, None, None, None)
