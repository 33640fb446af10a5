"""A finding: what is wrong on a form, where, what was found and expected, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: The levels, worst first, with their names in Chinese and English.
LEVEL_NAMES = {"error": ("错误", "error"), "warning": ("警告", "warning"), "info": ("提示", "info")}
LEVELS = tuple(LEVEL_NAMES)

#: Who can mend what a finding says, with their names in Chinese and English.
UNIT, BUREAU, NOBODY = "unit", "bureau", "nobody"
ACTOR_NAMES = {UNIT: ("单位", "unit"), BUREAU: ("财政部门", "bureau"), NOBODY: ("无须处理", "nobody")}
ACTORS = tuple(ACTOR_NAMES)

#: The state of a form without an error, in which an amount or the identity is in doubt: somebody has to decide.
REVIEW = "review"


@dataclass(frozen=True)
class FindingPlace:
    """One of several places that have the same fault for the same reason: where it is, and what is wrong there."""

    path: str
    cell: str | None
    label: str
    message: str
    found: str | None
    expected: str | None


@dataclass(frozen=True)
class Finding:
    """One fault of a form.

    Attributes:
        rule: the rule's id, such as ``F05``.
        level: error, warning or info.
        path: JSON Pointer into the record.
        cell: sheet and first cell (``自评表!H7``); None when a record was checked.
        label: what people call the place.
        actor: who can mend it: the unit its form; the bureau by deciding, or by issuing the form again; nobody.
        explanation: what the unit wrote beside this warning, if it did.
        places: all places at fault, where one cause has several; ``path`` and ``cell`` are those of the first.
        review: whether it puts an amount or the identity of the form in doubt.
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
    actor: str
    explanation: str | None = None
    review: bool = False
    places: tuple[FindingPlace, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the result contract has it: ``explanation``, ``review`` and ``places`` only where there are any."""
        optional = {"explanation": self.explanation is not None, "review": self.review, "places": bool(self.places)}
        told = {key: value for key, value in vars(self).items() if optional.get(key, True)}
        return {**told, "places": [dict(vars(spot)) for spot in self.places]} if self.places else told


def finding_per_place(finding: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A finding of a result as one for each of its places, for those who mark or follow every place."""
    alone = {key: value for key, value in finding.items() if key != "places"}
    return [{**alone, **spot} for spot in finding.get("places", ())] or [alone]


def cells_text(finding: Mapping[str, Any]) -> str:
    """The cells at fault, the sheet named once (``自评表!F12、F13``); "" for a finding about the whole."""
    first, *further = [one["cell"] for one in finding_per_place(finding)]
    return "、".join([first or "", *(str(cell).rpartition("!")[2] for cell in further if cell)])


def usual_actor(level: str) -> str:
    """Who can mend a finding of a level, where nothing else is said."""
    return NOBODY if level == "info" else UNIT


def actor_of(finding: Mapping[str, Any]) -> str:
    """Who can mend a finding of a result; results of 0.3 do not say so themselves."""
    return str(finding.get("actor") or usual_actor(finding["level"]))


def is_effective(finding: Mapping[str, Any]) -> bool:
    """Whether a finding of a result counts: it was not waived."""
    return "waived" not in finding


def form_key(result: Mapping[str, Any]) -> tuple[str, str]:
    """What tells a form from every other: its workbook's contents, its sheet there and its number on the sheet.

    Of what could not be read the file's name says which it is: its contents may not even have been had.
    """
    if result["record"] is None:
        return result["sha256"], f"{result['file']}"
    part = (result["reading"] or {}).get("part", 1)
    return result["sha256"], f"{result['sheet'] or ''}{f'#{part}' if part > 1 else ''}"


def overall_verdict(findings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What findings make of a form that could be read: the keys ``status`` and ``review`` of its result."""
    standing = [one for one in findings if is_effective(one)]
    status = "returned" if any(one["level"] == "error" for one in standing) else "accepted"
    return {"status": status, "review": any(one.get("review", False) for one in standing)}


def result_state(result: Mapping[str, Any]) -> str:
    """What people are told of a result: its status, but REVIEW for one that is accepted while something is in doubt."""
    return REVIEW if result["status"] == "accepted" and result.get("review") else str(result["status"])


def left_to_bureau(result: Mapping[str, Any]) -> bool:
    """Whether a form is returned for errors none of which its unit can mend: it is not asked, the bureau is."""
    errors = {actor_of(one) for one in result["findings"] if one["level"] == "error" and is_effective(one)}
    return result["record"] is not None and bool(errors) and UNIT not in errors


def state_text(result: Mapping[str, Any]) -> str:
    """The same, but BUREAU for one that is returned and yet does not go back to its unit."""
    return BUREAU if left_to_bureau(result) else result_state(result)


def add_findings(result: Mapping[str, Any], findings: Sequence[Finding]) -> dict[str, Any]:
    """A result with findings that roster or ledger add; an error among them returns the form."""
    if not findings:
        return dict(result)
    every = [*result["findings"], *(finding.as_json() for finding in findings)]
    every.sort(key=lambda finding: LEVELS.index(finding["level"]))
    return {**result, **(overall_verdict(every) if result["record"] is not None else {}), "findings": every}


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, then in the order in which they were found."""
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))
