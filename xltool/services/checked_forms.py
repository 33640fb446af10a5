"""From files to results, one at a time: the request, the stream of results, and the outcome of an ingest."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from xltool.intake.sources import InputFile
from xltool.result.findings import Finding
from xltool.result.overview import Overview
from xltool.result.result import Result
from xltool.roster.model import Roster
from xltool.rules.waivers import Waiver
from xltool.services.progress import Tracker, untracked
from xltool.support import json_codec

#: So many results are kept in memory until all have come; more wait in a temporary file.
_MOST_KEPT = 1000


@dataclass(frozen=True)
class IngestRequest:
    """What to ingest, and what to compare it with.

    Attributes:
        sources: the workbooks, in the order of their names.
        as_of: the day of receipt.
        jobs: how many processes read at a time.
        debug: whether to read in this process, so that an internal error shows its traceback.
        key: the bureau's key, to verify the seals of forms that were issued with it.
        waivers: the waivers, also for findings of ledger and roster.
        preferred: the names of files that count for their projects, whatever other files there are.
        roster: the projects that have to be submitted.
        ledger_file: the file of the ledger.
    """

    sources: Sequence[InputFile]
    as_of: date
    jobs: int = 1
    debug: bool = False
    key: bytes | None = None
    waivers: Sequence[Waiver] = ()
    preferred: Collection[str] = ()
    roster: Roster | None = None
    ledger_file: Path | None = None


@dataclass(frozen=True)
class Ingest:
    """The outcome of an ingest.

    Attributes:
        results: one for each form, in the order of the files' names.
        overview: the state of the round.
        collection_findings: findings about no one workbook.
        own_files: the names of our own lists and workbooks among the sources, which are no submissions.
    """

    results: Sequence[Result]
    overview: Overview
    collection_findings: Sequence[Finding] = ()
    own_files: Sequence[str] = ()


@dataclass
class CheckedForms:
    """The results of an ingest, one at a time, so that those of many thousand files are not in memory at once.

    Without roster and ledger they are compared with each other, to find copies and forms of earlier rounds (X02).

    Attributes:
        own_files: the names of our own lists and workbooks; complete once all files have been read.
        superseded: the numbers of the results that another form of their project supersedes; likewise.
    """

    request: IngestRequest
    track: Tracker = untracked
    own_files: list[str] = field(default_factory=list)
    superseded: frozenset[int] = frozenset()

    def __iter__(self) -> Iterator[Result]:
        if self.request.ledger_file is None and self.request.roster is None:
            return self._with_superseded(self._checked())
        return self._checked()

    def _checked(self) -> Iterator[Result]:
        from xltool.rules.seal_verification import verify_seal
        from xltool.rules.waivers import apply_waivers

        request = self.request
        for result in without_own_files(self.track(self._read(), len(request.sources)), self.own_files):
            yield apply_waivers(verify_seal(result, request.key), request.waivers, request.as_of)

    def _read(self) -> Iterator[Result]:
        from xltool.services import batch

        sources = self.request.sources
        if self.request.debug:
            return (one for source in sources for one in batch.read_source(source))
        return batch.read_all(sources, self.request.jobs)

    def _with_superseded(self, results: Iterator[Result]) -> Iterator[Result]:
        from xltool.ledger.superseded import ReceivedForm, superseded_forms

        sent: list[ReceivedForm] = []
        with closing(_Spool(len(self.request.sources))) as spool:
            for result in results:
                sent.append(ReceivedForm.of(result, result.file in self.request.preferred))
                spool.append(result)
            compared = superseded_forms(sent, spool.at)
            self.superseded = compared.uncounted
            for number in range(len(sent)):
                result = spool.at(number).with_findings(compared.findings.get(number, ()))
                instead = compared.superseded.get(number)
                yield result.superseded(instead) if instead else result


class _Spool:
    """Stores results until all are known: in memory, or in a temporary file if there are many."""

    def __init__(self, files: int) -> None:
        self._file = tempfile.TemporaryFile() if files > _MOST_KEPT else None  # noqa: SIM115  # closed by ``close``
        self._starts: list[int] = []
        self._kept: list[Result] = []

    def append(self, result: Result) -> None:
        if self._file is None:
            self._kept.append(result)
        else:
            self._starts.append(self._file.tell())
            self._file.write(json_codec.dump_lines([result.as_json()]).encode())

    def at(self, number: int) -> Result:
        """One of them, by its number."""
        if self._file is None:
            return self._kept[number]
        self._file.seek(self._starts[number])
        return Result.from_json(json_codec.loads(self._file.readline()))

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def without_own_files(found: Iterator[Result], own: list[str]) -> Iterator[Result]:
    """Yield the results that may be submissions; the names of our own lists and workbooks are added to ``own``."""
    for result in found:
        if is_own_file(result):
            own.append(result.file)
        else:
            yield result


def is_own_file(result: Result) -> bool:
    """Whether a result is about one of our own lists or workbooks, which are no submissions."""
    return result.record is None and all(one.level == "info" for one in result.findings)
