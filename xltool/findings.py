"""A finding: what is wrong on a form, where, what was found and expected, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: The levels, worst first, with their names in Chinese and English.
LEVEL_NAMES = {"error": ("错误", "error"), "warning": ("警告", "warning"), "info": ("提示", "info")}
LEVELS = tuple(LEVEL_NAMES)


@dataclass(frozen=True)
class Finding:
    """One fault of a form.

    Attributes:
        rule: the rule's id, such as ``F05``.
        level: error, warning or info.
        path: JSON Pointer into the record.
        cell: sheet and first cell (``自评表!H7``); None when a record was checked.
        label: what people call the place.
        explanation: what the unit wrote beside this warning, if it did.
    """

    rule: str
    level: str
    path: str
    cell: str | None
    label: str
    message: str
    found: str | None
    expected: str | None
    fix: str
    basis: str
    explanation: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As the result contract has it: ``explanation`` only where there is one."""
        return {key: value for key, value in vars(self).items() if key != "explanation" or value is not None}


def stands(finding: Mapping[str, Any]) -> bool:
    """Whether a finding of a result counts: it was not waived."""
    return "waived" not in finding


def form_key(result: Mapping[str, Any]) -> tuple[str, str]:
    """What tells a form from every other: its workbook's contents, its sheet there and its number on the sheet."""
    part = (result["reading"] or {}).get("part", 1)
    return result["sha256"], f"{result['sheet'] or ''}{f'#{part}' if part > 1 else ''}"


def with_further(result: Mapping[str, Any], findings: Sequence[Finding]) -> dict[str, Any]:
    """A result with findings that roster or ledger add; an error among them returns the form."""
    if not findings:
        return dict(result)
    every = [*result["findings"], *(finding.as_json() for finding in findings)]
    every.sort(key=lambda finding: LEVELS.index(finding["level"]))
    status = result["status"]
    if status == "accepted" and any(one["level"] == "error" and stands(one) for one in every):
        status = "returned"
    return {**result, "status": status, "findings": every}


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, then in the order in which they were found."""
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))
