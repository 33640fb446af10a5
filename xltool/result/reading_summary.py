"""How a form was read: the confidence, the seal, normalised values, and content outside the form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

#: The state of a seal that fits what was issued.
_SOUND = "sound"


@dataclass(frozen=True)
class SealSummary:
    """The seal of a form that was issued to a project.

    Attributes:
        text: as its carriers have it.
        issue: the issue's number.
        number: the form's number in the issue.
        code: printed in the footer of the form.
        due: the deadline, ISO 8601.
        state: ``sound``, ``broken`` or ``lost``.
        proof: the result of the verification with the bureau's key, see ``form.seals``.
        issued: the values it was issued with, by name; None where the seal is not sound.
    """

    text: str
    issue: str
    number: int
    code: str
    due: str | None
    state: str
    proof: str
    issued: Mapping[str, Any] | None

    @property
    def is_sound(self) -> bool:
        """Whether the form carries what it was issued with."""
        return self.state == _SOUND

    def as_json(self) -> dict[str, Any]:
        """As the result contract has it."""
        return dict(vars(self))

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> SealSummary:
        """The inverse of ``as_json``."""
        return SealSummary(**{"issued": None, **value})


@dataclass(frozen=True)
class NormalisedCell:
    """A value that differs from the content of its cell, such as a number typed as text.

    Attributes:
        path: JSON Pointer into the record.
        cell: sheet and first cell.
        raw: the content of the cell.
        value: what it was read as, as the record has it.
        why: for people.
    """

    path: str
    cell: str
    raw: str
    value: Decimal | int | str | None
    why: str


@dataclass(frozen=True)
class LeftoverCell:
    """Content outside the form; ``cell`` is None for a text box."""

    sheet: str
    cell: str | None
    raw: str


@dataclass(frozen=True)
class ReadingSummary:
    """How one form was read.

    Attributes:
        anchor: what its fields were found by: ``names``, ``stamp`` or ``labels``.
        application: the program that saved the workbook, as it calls itself.
        confidence: from 0 to 1.
        format: of the file, such as ``xlsx``.
        carriers: where the stamp was found: ``sheet``, ``property``, ``name``.
        rivals: other definitions that fit as well.
        part: which form of its sheet, from the top, counted from 1.
        round: the number of the submission round, from 1.
        after: the first 16 hex digits of the SHA-256 of the submission that it answers.
    """

    anchor: str
    application: str | None
    confidence: Decimal
    format: str
    carriers: tuple[str, ...]
    rivals: tuple[str, ...]
    normalised: tuple[NormalisedCell, ...]
    leftovers: tuple[LeftoverCell, ...]
    part: int = 1
    round: int = 1
    after: str | None = None
    seal: SealSummary | None = None

    def as_json(self) -> dict[str, Any]:
        """As the result contract has it: part, round and seal only where there is something to say."""
        return {
            **({"part": self.part} if self.part > 1 else {}),
            **({"round": self.round, "after": self.after} if self.round > 1 else {}),
            **({"seal": self.seal.as_json()} if self.seal else {}),
            "anchor": self.anchor,
            "application": self.application,
            "confidence": self.confidence,
            "format": self.format,
            "carriers": list(self.carriers),
            "rivals": list(self.rivals),
            "normalised": [dict(vars(one)) for one in self.normalised],
            "unplaced": [dict(vars(one)) for one in self.leftovers],
        }

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> ReadingSummary:
        """The inverse of ``as_json``."""
        return ReadingSummary(
            anchor=value["anchor"],
            application=value["application"],
            confidence=value["confidence"],
            format=value["format"],
            carriers=tuple(value["carriers"]),
            rivals=tuple(value["rivals"]),
            normalised=tuple(NormalisedCell(**one) for one in value["normalised"]),
            leftovers=tuple(LeftoverCell(**one) for one in value["unplaced"]),
            part=value.get("part", 1),
            round=value.get("round", 1),
            after=value.get("after"),
            seal=SealSummary.from_json(value["seal"]) if "seal" in value else None,
        )
