"""A result: what reading and checking found in one workbook or record. Frozen values; JSON only at its edge."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from xltool.result.findings import BUREAU, LEVELS, NOBODY, REVIEW, UNIT, Finding, overall_verdict
from xltool.result.issued_identity import IssuedIdentity, issued_identity
from xltool.result.reading_summary import ReadingSummary, SealSummary
from xltool.result.record import FormReference, Record
from xltool.roster.model import ProjectNames

#: The contract that the JSON of a result keeps.
SCHEMA = "xltool.result/1"

#: The statuses of a result.
ACCEPTED, RETURNED, UNREADABLE = "accepted", "returned", "unreadable"

#: The state of a form in whose place another one of its project counts.
SUPERSEDED = "superseded"

#: The rule that says which form a workbook holds, and whether its seal is ours.
_FORM_RULE = "P01"


@dataclass(frozen=True)
class ComputedFigures:
    """The key figures recomputed from the submitted values; None if they cannot be computed."""

    execution_rate: Decimal | None
    fund_score: Decimal | None
    total_score: Decimal | None
    grade: str | None


@dataclass(frozen=True)
class CheckedBy:
    """The version of the tool that checked a form, and the digest of form and rules; None if no form was read."""

    version: str
    digest: str | None


@dataclass(frozen=True)
class Result:
    """The result of checking one form, or of a file without one.

    Attributes:
        file: its name.
        sheet: the form's; None for a record, or where no form was read.
        sha256: of the file, in hex.
        status: as checked: ACCEPTED, RETURNED or UNREADABLE.
        record: the submitted contents; None if nothing could be read, or the form is not its project's.
        findings: worst first.
        review: whether an amount or the identity is in doubt.
        checked: None for results of 0.3, which do not say.
        sent_for: of a file that could not be read, or of a wrong form: the projects, where that can be told.
        superseded_by: the name of the file that counts for its project in its place: its own findings ask nothing of
            anybody; "" where it counts itself, or nothing else has come.
    """

    file: str
    sheet: str | None
    sha256: str
    status: str
    form: FormReference | None
    reading: ReadingSummary | None
    record: Record | None
    computed: ComputedFigures | None
    findings: tuple[Finding, ...]
    review: bool = False
    checked: CheckedBy | None = None
    sent_for: tuple[ProjectNames, ...] = ()
    superseded_by: str = ""

    # ── what follows from it ────────────────────────────────────

    @property
    def key(self) -> tuple[str, str]:
        """The identity of a form: the SHA-256 of its workbook, and its sheet, with its number there from the second on.

        An unreadable file is identified by its name instead, because its contents may not have been available.
        """
        if self.record is None and self.reading is None:
            return self.sha256, self.file
        part = self.reading.part if self.reading else 1
        return self.sha256, f"{self.sheet or ''}{f'#{part}' if part > 1 else ''}"

    @property
    def seal(self) -> SealSummary | None:
        """The seal of a form that was issued to a project; None if it has none."""
        return self.reading.seal if self.reading else None

    @property
    def is_wrong_form(self) -> bool:
        """Whether it is a form, but not the one that was issued to the project it was filled in for: none is judged."""
        return self.record is None and self.reading is not None

    @cached_property
    def issued_identity(self) -> IssuedIdentity | None:
        """Whose the form is by its seal; None without a record, or a seal that is sound."""
        if self.record is None or self.seal is None or self.seal.issued is None:
            return None
        return issued_identity(self.record, self.seal.issued)

    @property
    def is_of_its_project(self) -> bool:
        """Whether it names the project that it was issued to, or was issued to none."""
        return self.issued_identity is None or not self.issued_identity.changed

    @cached_property
    def project(self) -> ProjectNames | None:
        """The project that it belongs to: the one that it was issued to, else the one that it names."""
        if self.record is None:
            return None
        return self.issued_identity.names if self.issued_identity else self.record.project

    @property
    def round(self) -> int:
        """Which time around, counted from 1."""
        return self.reading.round if self.reading else 1

    @property
    def state(self) -> str:
        """SUPERSEDED, or the status, but REVIEW if the form is accepted although something is in doubt."""
        if self.superseded_by:
            return SUPERSEDED
        return REVIEW if self.status == ACCEPTED and self.review else self.status

    @cached_property
    def is_left_to_bureau(self) -> bool:
        """Whether it has errors and the unit can correct none of them, so that the bureau has to act."""
        errors = {one.actor for one in self.effective_findings if one.level == "error"}
        return self.record is not None and bool(errors) and UNIT not in errors

    @property
    def display_state(self) -> str:
        """The state, but BUREAU if only the bureau can resolve the errors, and RETURNED for a wrong form."""
        is_returned = self.is_wrong_form and not self.superseded_by
        return BUREAU if self.is_left_to_bureau else RETURNED if is_returned else self.state

    @property
    def effective_findings(self) -> tuple[Finding, ...]:
        """The findings that count: those not waived; none of a form that another one supersedes."""
        return () if self.superseded_by else tuple(one for one in self.findings if one.is_effective)

    @property
    def counts(self) -> Counter[str]:
        """How many findings count, by level."""
        return Counter(one.level for one in self.effective_findings)

    def reaches(self, level: str) -> bool:
        """Whether a finding that counts is at this level or worse."""
        return any(one.is_at_least(level) for one in self.effective_findings)

    # ── what is added ───────────────────────────────────────────

    def with_findings(self, findings: Sequence[Finding]) -> Result:
        """With further findings, of roster or ledger; an error among them returns the form."""
        if not findings:
            return self
        return self.judged_by(sorted([*self.findings, *findings], key=lambda one: LEVELS.index(one.level)))

    def superseded(self, file: str) -> Result:
        """The same where another file counts in its place: what it says is kept, and nobody has to act on it."""
        findings = tuple(replace(one, actor=NOBODY, review=False) for one in self.findings)
        return replace(self, findings=findings, review=False, superseded_by=file)

    def as_wrong_form(self, finding: Finding, projects: Sequence[ProjectNames]) -> Result:
        """Without what it says, and with this finding alone, beside those about the form that it is.

        Args:
            finding: that it is not the form of the project it was filled in for.
            projects: those that it was filled in for; several where only their unit can be told.
        """
        about_form = (one for one in self.findings if one.rule == _FORM_RULE and one.level == LEVELS[0])
        return replace(
            self, status=UNREADABLE, record=None, computed=None, review=False,
            findings=(finding, *about_form), sent_for=tuple(projects),
        )  # fmt: skip

    def judged_by(self, findings: Iterable[Finding]) -> Result:
        """The result with these findings instead of its own, and the status that follows from them."""
        every = tuple(findings)
        status, review = overall_verdict(every) if self.record is not None else (self.status, self.review)
        return replace(self, findings=every, status=status, review=review)

    # ── JSON ────────────────────────────────────────────────────

    def as_json(self) -> dict[str, Any]:
        """As the result contract has it; the last three keys only where there is something to say."""
        return {
            "schema": SCHEMA,
            "file": self.file,
            "sheet": self.sheet,
            "sha256": self.sha256,
            "status": self.status,
            "form": _object(self.form),
            "reading": self.reading.as_json() if self.reading else None,
            "record": self.record.as_json() if self.record else None,
            "computed": _object(self.computed),
            "findings": [one.as_json() for one in self.findings],
            "review": self.review,
            **({"checked": _object(self.checked)} if self.checked else {}),
            **({"sent_for": [_object(one) for one in self.sent_for]} if self.sent_for else {}),
            **({"superseded_by": self.superseded_by} if self.superseded_by else {}),
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Result:
        """The inverse of ``as_json``; results of version 0.3 lack ``review`` and ``checked``."""
        form, reading, record, computed, checked = (
            value.get(key) for key in ("form", "reading", "record", "computed", "checked")
        )
        return Result(
            file=value["file"],
            sheet=value["sheet"],
            sha256=value["sha256"],
            status=value["status"],
            form=None if form is None else FormReference(**form),
            reading=None if reading is None else ReadingSummary.from_json(reading),
            record=None if record is None else Record.from_json(record),
            computed=None if computed is None else ComputedFigures(**computed),
            findings=tuple(map(Finding.from_json, value["findings"])),
            review=value.get("review", False),
            checked=None if checked is None else CheckedBy(**checked),
            sent_for=tuple(ProjectNames(**one) for one in value.get("sent_for", ())),
            superseded_by=value.get("superseded_by", ""),
        )


def _object(value: object) -> dict[str, Any] | None:
    return None if value is None else dict(vars(value))
