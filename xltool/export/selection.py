"""Selects the forms to export: each once, in a fixed order, and for the platform one per project."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xltool.language.numbers import YUAN
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.roster.model import Project, Roster
from xltool.support import json_codec

#: The length of keys, as on the platform.
KEY_LENGTH = 38


def export_key(*parts: object) -> str:
    """A key computed from contents: the same parts always give the same 38 characters, digits and A to F."""
    text = json_codec.dumps([str(part) for part in parts])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:KEY_LENGTH].upper()


def sort_results(results: Iterable[Result]) -> list[Result]:
    """The results in an order that does not depend on their original order, without exact repeats."""
    by_text = {json_codec.dumps(result.as_json()): result for result in results}
    return [
        by_text[text]
        for text in sorted(by_text, key=lambda text: (by_text[text].file, by_text[text].sheet or "", text))
    ]


@dataclass(frozen=True)
class ExportedForm:
    """A form to export.

    Attributes:
        result: its result, which has a record.
        project: its project in the roster; None if there is none.
    """

    result: Result
    project: Project | None = None

    @property
    def record(self) -> Record:
        """The record that the unit submitted."""
        assert self.result.record is not None
        return self.result.record

    @property
    def file(self) -> str:
        """The file it was submitted in."""
        return self.result.file

    @property
    def sheet(self) -> str | None:
        """The sheet it is on; None for a record."""
        return self.result.sheet

    @property
    def identity(self) -> str:
        """The project and the year; the same with and without a roster."""
        return self.record.project.key

    @property
    def factor(self) -> Decimal | None:
        """The factor from its money unit to yuan; None if the unit is unknown."""
        return YUAN.get(self.record.value("money_unit"))


@dataclass(frozen=True)
class RefusedForm:
    """A form that is not exported, or was submitted more than once.

    Attributes:
        form: the form.
        refusal: the key of the refusal.
        others: the other files.
    """

    form: ExportedForm
    refusal: str
    others: tuple[str, ...]


def forms_to_export(results: Sequence[Result], roster: Roster | None) -> list[ExportedForm]:
    """The forms that could be read, with their projects in the roster.

    Codes are never assigned by similarity: a project needs the code, or the name, of the roster.
    """
    exact = Decimal(1)
    return [
        ExportedForm(result, roster.find(result.record.project, exact) if roster else None)
        for result in results
        if result.record is not None
    ]


def one_form_per_project(forms: Sequence[ExportedForm]) -> tuple[list[ExportedForm], list[RefusedForm]]:
    """Select the form that counts for each project, and say why the others do not.

    A later round replaces an earlier one; equal contents count once; of different contents none counts, because it is
    unknown which is right.
    """
    groups: dict[str, list[ExportedForm]] = {}
    for form in forms:
        # forms without year or name are not the same project
        is_identified = form.record.project.year and form.record.project.name
        groups.setdefault(form.identity if is_identified else f"{form.file}|{len(groups)}", []).append(form)
    kept: list[ExportedForm] = []
    refused: list[RefusedForm] = []
    for group in groups.values():
        last = max(form.result.round for form in group)
        newest = [form for form in group if form.result.round == last]
        refused += [RefusedForm(form, "earlier", (newest[0].file,)) for form in group if form.result.round < last]
        if all(form.record == newest[0].record for form in newest):
            kept.append(newest[0])
            refused += [RefusedForm(form, "copy", (newest[0].file,)) for form in newest[1:]]
        else:
            refused += [
                RefusedForm(disputed, "twice", tuple(other.file for other in newest if other is not disputed))
                for disputed in newest
            ]
    return kept, refused
