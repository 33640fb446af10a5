"""Results to what is handed on: each once, in one order, and for the platform one form a project."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from xltool.language.numbers import YUAN
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.roster.model import Project, Roster, project_key
from xltool.support import json_codec

#: Keys have so many characters, as the platform's have.
KEY_LENGTH = 38


def export_key(*parts: object) -> str:
    """A key made from contents: the same parts always give the same 38 characters, digits and A to F."""
    text = json_codec.dumps([str(part) for part in parts])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:KEY_LENGTH].upper()


def sort_results(results: Iterable[Result]) -> list[Result]:
    """The results in an order that does not depend on how they were given, exact repeats left out."""
    told = {json_codec.dumps(result.as_json()): result for result in results}
    return [told[text] for text in sorted(told, key=lambda text: (told[text].file, told[text].sheet or "", text))]


@dataclass(frozen=True)
class ExportedForm:
    """A form that is handed on.

    Attributes:
        result: its result; it has a record.
        project: what the roster says of it.
    """

    result: Result
    project: Project | None = None

    @property
    def record(self) -> Record:
        """What the unit handed in."""
        assert self.result.record is not None
        return self.result.record

    @property
    def file(self) -> str:
        """The file it came in."""
        return self.result.file

    @property
    def sheet(self) -> str | None:
        """The sheet it stands on; None for a record."""
        return self.result.sheet

    @property
    def identity(self) -> str:
        """The project and the year; the same with and without a roster."""
        own = self.record["project"]
        return project_key(self.record["year"], own.get("code"), own["name"], own["unit"])

    @property
    def factor(self) -> Decimal | None:
        """What its money unit is in yuan; None where it is not known."""
        return YUAN.get(self.record["money_unit"])


@dataclass(frozen=True)
class RefusedForm:
    """A form that is not handed on, or was handed in more than once: the refusal, and the other files."""

    form: ExportedForm
    refusal: str
    others: tuple[str, ...]


def forms_to_export(results: Sequence[Result], roster: Roster | None) -> list[ExportedForm]:
    """The forms of results that could be read, with their projects of the roster.

    Codes are never given by likeness: a project has to have the code, or the name, of the roster.
    """
    exactly = Decimal(1)
    return [
        ExportedForm(result, roster.find(result.record, exactly) if roster else None)
        for result in results
        if result.record is not None
    ]


def one_form_per_project(forms: Sequence[ExportedForm]) -> tuple[list[ExportedForm], list[RefusedForm]]:
    """The form that counts for each project, and what is to be said of the others.

    A later round stands for an earlier one; the same contents are one form; of different ones none counts, since
    nobody here knows which.
    """
    groups: dict[str, list[ExportedForm]] = {}
    for form in forms:
        # what says neither year nor name is no project, and not the same as another such form
        own = form.record["year"] and form.record["project"]["name"]
        groups.setdefault(form.identity if own else f"{form.file}|{len(groups)}", []).append(form)
    kept: list[ExportedForm] = []
    said: list[RefusedForm] = []
    for group in groups.values():
        last = max(form.result.round for form in group)
        newest = [form for form in group if form.result.round == last]
        said += [RefusedForm(form, "earlier", (newest[0].file,)) for form in group if form.result.round < last]
        if all(form.record == newest[0].record for form in newest):
            kept.append(newest[0])
            said += [RefusedForm(form, "copy", (newest[0].file,)) for form in newest[1:]]
        else:
            said += [
                RefusedForm(one, "twice", tuple(other.file for other in newest if other is not one)) for one in newest
            ]
    return kept, said
