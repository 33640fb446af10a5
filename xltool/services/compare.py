"""Two submissions, workbooks or records, to what differs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xltool.intake import files
from xltool.intake.records import read_record
from xltool.result.comparison import compare_records
from xltool.result.result import Result
from xltool.roster.columns import normalise_key
from xltool.services.read_and_check import result_of_record, result_of_workbook
from xltool.support.errors import WrongUse


@dataclass(frozen=True)
class SubmissionComparison:
    """The differences, one line per field or finding, and whether the names are those of one project."""

    lines: Sequence[dict[str, Any]]
    is_same_project: bool


def compare_submissions(before: Path, after: Path) -> SubmissionComparison:
    """Compare two files, each a workbook or a record in JSON; findings are compared by what they are about.

    Raises:
        WrongUse: one cannot be read.
    """
    old, new = _result(before), _result(after)
    assert old.record is not None and new.record is not None
    projects = old.record.project, new.record.project
    is_same = any(len({normalise_key(getattr(one, key)) for one in projects}) == 1 for key in ("name", "unit"))
    return SubmissionComparison(compare_records(old, new), is_same)


def _result(file: Path) -> Result:
    """The result of a file that can be read.

    Raises:
        WrongUse: it cannot.
    """
    if file.suffix.lower() == ".json":
        record, content = read_record(file)
        return result_of_record(record, content, str(file))
    result = result_of_workbook(files.read_file(file), str(file))
    if result.record is None:
        finding = result.findings[0]
        raise WrongUse(f"{file}：{finding.rule} {finding.message}；{finding.fix}")
    return result
