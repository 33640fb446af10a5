"""Results as the contract has them, as JSON: that is what tests look at, and change to try what cannot be had."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from xltool.result.findings import Finding
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.services import fill as service
from xltool.services import read_and_check
from xltool.services.fill import FilledWorkbook
from xltool.support import json_codec
from xltool.support.templates import Templates, current_templates


def results_of_workbook(content: bytes, file: str) -> list[dict[str, Any]]:
    return [one.as_json() for one in read_and_check.results_of_workbook(content, file)]


def result_of_workbook(content: bytes, file: str) -> dict[str, Any]:
    return results_of_workbook(content, file)[0]


def result_of_record(record: dict[str, Any], content: bytes, file: str) -> dict[str, Any]:
    return read_and_check.result_of_record(Record.from_json(record), content, file).as_json()


def fill(record: dict[str, Any], as_printed: bool = False) -> FilledWorkbook:
    """A completed workbook; of the same record the same one, since hundreds of tests begin with it."""
    return _fill(current_templates(), json_codec.dumps(record), as_printed)


@lru_cache(maxsize=100)
def _fill(_: Templates, record: str, as_printed: bool) -> FilledWorkbook:
    return service.fill(Record.from_json(json_codec.loads(record)), as_printed)


def typed(result: dict[str, Any]) -> Result:
    """The same as the house holds it."""
    return Result.from_json(result)


def per_place(finding: dict[str, Any]) -> list[dict[str, Any]]:
    """A finding as one for each of its places."""
    return [one.as_json() for one in Finding.from_json(finding).per_place()]
