"""Many files to results, in processes that may die: a file that kills its reader is one finding, and no other suffers.

Results come in the order of the files and are the same for any number of workers, see ``workers``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from typing import Protocol

from xltool.result.result import Result
from xltool.services import workers
from xltool.support import json_codec
from xltool.support.i18n import tr
from xltool.support.templates import Templates, current_templates, using
from xltool.workbook.errors import Unreadable
from xltool.workbook.limits import SAFE, Limits


class WorkbookSource(Protocol):
    """A source of the bytes of a workbook."""

    @property
    def name(self) -> str:
        """Its name, for the result."""

    def read(self) -> bytes:
        """Its bytes.

        Raises:
            Unreadable: it gives none.
        """


def read_all(
    sources: Sequence[WorkbookSource], jobs: int = 1, limits: Limits = SAFE, templates: Templates | None = None
) -> Iterator[Result]:
    """Yield the results of all sources, in order; several for a workbook with several forms.

    Args:
        sources: the sources of the workbooks, whose bytes are read in the workers.
        jobs: how many workers at a time.
        limits: seconds and memory for each file.
        templates: the owner of definitions and caches, also in the workers; the current one if None.
    """
    return _read_all(sources, jobs, limits, templates or current_templates())


def _read_all(sources: Sequence[WorkbookSource], jobs: int, limits: Limits, templates: Templates) -> Iterator[Result]:
    from xltool.services import read_and_check

    with using(templates):
        read_and_check.preload()
    with closing(workers.run_tasks(sources, _read, jobs, limits, templates)) as found:
        for source, answer in zip(sources, found, strict=True):
            if isinstance(answer, workers.Failure):
                with using(templates):
                    failed = _failed(source, answer, limits)
                yield failed
            else:
                yield from map(Result.from_json, json_codec.loads(answer))


def read_source(source: WorkbookSource) -> list[Result]:
    """Read and check one source in this process, whatever that may cost: a result for each form in it.

    Raises:
        Exception: a fault of ours; ``results`` makes a finding of it.
    """
    from xltool.services import read_and_check

    try:
        content = source.read()
    except Unreadable as error:
        return [read_and_check.unreadable_result(source.name, error.reason, key=error.key)]
    return read_and_check.results_of_workbook(content, source.name)


def _read(source: WorkbookSource) -> bytes:
    return json_codec.dumps([one.as_json() for one in read_source(source)]).encode("utf-8")


def _digest(source: WorkbookSource) -> bytes:
    return hashlib.sha256(source.read()).hexdigest().encode()


def _failed(source: WorkbookSource, failure: workers.Failure, limits: Limits) -> Result:
    """The result of a file whose processing failed; its digest still identifies it."""
    from xltool.services import read_and_check

    [digest] = workers.run_tasks([source], _digest, 1, limits)
    if failure.key == "fault":
        result = read_and_check.unreadable_result(
            source.name, f"{tr('程序内部错误', 'internal error')} {failure.fault}"
        )
    else:
        result = read_and_check.unreadable_result(source.name, "", key=failure.key)
    return result if isinstance(digest, workers.Failure) else replace(result, sha256=digest.decode())
