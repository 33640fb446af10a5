"""A finding: what is wrong on a form, where, what was found and expected, and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
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
    """One of several places with the same fault and the same cause."""

    path: str
    cell: str | None
    label: str
    message: str
    found: str | None
    expected: str | None


@dataclass(frozen=True)
class AppliedWaiver:
    """The exception that a finding was waived by; ``until`` is its last day, ISO 8601."""

    reason: str
    approver: str
    until: str


@dataclass(frozen=True)
class Finding:
    """One fault of a form.

    Attributes:
        rule: the rule's id, such as ``F05``.
        level: error, warning or info.
        path: JSON Pointer into the record.
        cell: sheet and first cell (``自评表!H7``); None when a record was checked.
        label: what people call the place.
        actor: who can resolve it: the unit by correcting its form, the bureau by deciding or issuing again, or nobody.
        explanation: what the unit wrote beside this warning, if it did.
        review: whether it puts an amount or the identity of the form in doubt.
        places: all places at fault, where one cause has several; ``path`` and ``cell`` are those of the first.
        waived: the waiver that covers it; a waived finding is still listed but no longer counts.
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
    waived: AppliedWaiver | None = None

    @property
    def is_effective(self) -> bool:
        """Whether it counts: it was not waived."""
        return self.waived is None

    def is_at_least(self, level: str) -> bool:
        """Whether it is of this level or a worse one."""
        return LEVELS.index(self.level) <= LEVELS.index(level)

    @property
    def cells_text(self) -> str:
        """The cells at fault, naming the sheet once (``自评表!F12、F13``); "" for a finding about the whole form."""
        first, *further = [one.cell for one in self.places] or [self.cell]
        return "、".join([first or "", *(cell.rpartition("!")[2] for cell in further if cell)])

    def as_place(self) -> FindingPlace:
        """Where it is and what is wrong there, for a finding that joins it with others."""
        return FindingPlace(self.path, self.cell, self.label, self.message, self.found, self.expected)

    def per_place(self) -> list[Finding]:
        """One for each of its places, for those who mark or follow every place."""
        return [replace(self, places=(), **vars(spot)) for spot in self.places] or [self]

    def as_json(self) -> dict[str, Any]:
        """As the result contract has it: what a finding need not have only where there is any."""
        told = {key: value for key, value in vars(self).items() if key not in _OPTIONAL or value not in (None, False)}
        del told["places"]
        if self.places:
            told["places"] = [dict(vars(spot)) for spot in self.places]
        if self.waived:
            told["waived"] = dict(vars(self.waived))
        return told

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Finding:
        """The inverse of ``as_json``; results of version 0.3 lack ``actor``, which is derived from the level."""
        own = dict(value)
        own.setdefault("actor", usual_actor(own["level"]))
        if "places" in own:
            own["places"] = tuple(FindingPlace(**spot) for spot in own["places"])
        if "waived" in own:
            own["waived"] = AppliedWaiver(**own["waived"])
        return Finding(**own)


#: The keys that a finding of a result need not have.
_OPTIONAL = ("explanation", "review", "places", "waived")


def usual_actor(level: str) -> str:
    """The actor for findings of a level, unless the rule names another."""
    return NOBODY if level == "info" else UNIT


def overall_verdict(findings: Iterable[Finding]) -> tuple[str, bool]:
    """The status that follows from the findings of a form, and whether anything is in doubt."""
    effective = [one for one in findings if one.is_effective]
    status = "returned" if any(one.level == "error" for one in effective) else "accepted"
    return status, any(one.review for one in effective)


def sort_findings(findings: Iterable[Finding]) -> list[Finding]:
    """Worst first, then in the order in which they were found."""
    return sorted(findings, key=lambda finding: LEVELS.index(finding.level))
