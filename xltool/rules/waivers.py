"""Waivers: exceptions to rules as data, each with a reason, an approver and an expiry date.

A waived finding remains in the result, marked as waived, and no longer causes the form to be returned.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from io import StringIO

from xltool.language.days import parse_day
from xltool.language.numbers import without_spaces
from xltool.result.findings import AppliedWaiver, Finding
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr
from xltool.support.text_files import decode_text

#: The columns of the table: key, heads in Chinese and in English, whether it is required.
COLUMNS = (
    ("rule", "规则", "rule", True),
    ("code", "项目编码", "code", False),
    ("project", "项目名称", "project", False),
    ("unit", "单位", "unit", False),
    ("year", "年度", "year", True),
    ("reason", "理由", "reason", True),
    ("approver", "批准人", "approver", True),
    ("until", "有效期至", "until", True),
)


@dataclass(frozen=True)
class Waiver:
    """One exception.

    Attributes:
        rule: the id of the rule.
        code, project, unit: the forms concerned; all that are not blank must match, and at least one is not blank.
        year: the year of the forms.
        reason: the reason.
        approver: who approved it.
        until: its last day.
        row: its row in the table, for messages.
    """

    rule: str
    code: str
    project: str
    unit: str
    year: int
    reason: str
    approver: str
    until: date
    row: int

    def covers(self, record: Record) -> bool:
        """Whether it applies to a form."""
        names = record.project
        pairs = ((self.code, names.code), (self.project, names.name), (self.unit, names.unit))
        return names.year == self.year and all(
            without_spaces(mine) == without_spaces(theirs or "") for mine, theirs in pairs if mine
        )


def parse_waivers(content: bytes, file: str) -> tuple[Waiver, ...]:
    """Parse the waivers of a CSV table, as saved by Excel or WPS (UTF-8 or GBK).

    Raises:
        WrongUse: with every fault of the table, by row and column.
    """
    if content.startswith((b"PK\3\4", b"\xd0\xcf\x11\xe0")):
        raise WrongUse(
            tr(f"{file} 是 Excel 工作簿；请打开后另存为“CSV UTF-8”", f"{file} is a workbook: save it as CSV UTF-8")
        )
    try:
        text = decode_text(content) or content.decode("gb18030", "replace")
        rows = list(csv.reader(StringIO(text, newline="")))
    except csv.Error as error:
        raise WrongUse(tr(f"{file} 不是 CSV 表（{error}）", f"{file} is no CSV ({error})")) from None
    heads = [head.strip() for head in rows[0]] if rows else []
    places = {key: next((n for n, head in enumerate(heads) if head in names), None) for key, *names, _ in COLUMNS}
    missing = [(chinese, english) for key, chinese, english, _ in COLUMNS if places[key] is None]
    faults = [tr(f"没有“{chinese}”一栏", f"no column {english}") for chinese, english in missing]
    waivers = []
    if not faults:
        for number, row in enumerate(rows[1:], 2):
            cells = {
                key: row[column].strip() if column is not None and column < len(row) else ""
                for key, column in places.items()
            }
            if any(cells.values()):
                faults += (
                    row_faults := [tr(f"第 {number} 行：", f"row {number}: ") + fault for fault in _faults(cells)]
                )
                waivers += [] if row_faults else [_waiver(cells, number)]
    if faults:
        raise WrongUse(f"{file}：{'；'.join(faults)}")
    return tuple(waivers)


def _faults(cells: Mapping[str, str]) -> Iterator[str]:
    """The faults of one row."""
    for key, chinese, english, needed in COLUMNS:
        if needed and not cells[key]:
            yield tr(f"“{chinese}”没有填写", f"{english} is blank")
    if cells["rule"] and not re.fullmatch(r"[A-Za-z]\d\d", cells["rule"]):
        yield tr(f"规则“{cells['rule']}”不是编号，例如 F08", f"rule {cells['rule']!r} is no id such as F08")
    if not (cells["code"] or cells["project"] or cells["unit"]):
        yield tr("项目编码、项目名称、单位至少填一样", "one of code, project, unit must be filled in")
    if cells["year"] and not re.fullmatch(r"\d{4}", cells["year"]):
        yield tr(f"年度“{cells['year']}”不是四位数字", f"year {cells['year']!r} has not four digits")
    if cells["until"] and parse_day(cells["until"]) is None:
        yield tr(f"有效期“{cells['until']}”不是日期，例如 2025-12-31", f"until {cells['until']!r} is no date")


def _waiver(cells: Mapping[str, str], row: int) -> Waiver:
    """The waiver of a row without faults."""
    until = parse_day(cells["until"])
    assert until is not None  # checked by _faults
    texts = {key: cells[key] for key in ("code", "project", "unit", "reason", "approver")}
    return Waiver(rule=cells["rule"].upper(), year=int(cells["year"]), until=until, row=row, **texts)


def apply_waivers(result: Result, waivers: Sequence[Waiver], today: date) -> Result:
    """Mark the findings that waivers cover as waived; the result is accepted if it has no other errors."""
    record = result.record
    if record is None or not waivers:
        return result
    effective = {waiver.rule: waiver for waiver in reversed(waivers) if waiver.until >= today and waiver.covers(record)}
    return result.judged_by(_with_waiver(finding, effective.get(finding.rule)) for finding in result.findings)


def _with_waiver(finding: Finding, waiver: Waiver | None) -> Finding:
    """The finding, marked if there is a waiver for it."""
    if waiver is None:
        return finding
    return replace(finding, waived=AppliedWaiver(waiver.reason, waiver.approver, waiver.until.isoformat()))


def expired_waivers(waivers: Sequence[Waiver], today: date) -> tuple[Waiver, ...]:
    """The waivers that have expired."""
    return tuple(waiver for waiver in waivers if waiver.until < today)
