"""Selects the forms to export: each once, in a fixed order, and for the platform one per project."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from xltool.language.numbers import YUAN
from xltool.result.receipt_order import ANSWERED_DIGITS, ReceivedWorkbook, in_order
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.roster.columns import normalise_key
from xltool.roster.model import Project, Roster, project_key
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
        received: the number of the batch in which it was first received.
        is_superseded: whether another form was said to count in its place when it was ingested.
        is_outdated: whether it is of an issue before the roster was corrected.
    """

    result: Result
    project: Project | None = None
    received: int = 0
    is_superseded: bool = False
    is_outdated: bool = False

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
        assert self.result.project is not None
        return self.result.project.key

    @property
    def issue(self) -> str | None:
        """The number of the issue that it is of; None for a form that was not issued."""
        return self.result.seal.issue if self.result.seal else None

    @property
    def turn(self) -> tuple[bool, bool, bool, int, int]:
        """When it was sent, as the ledger counts; of one project the highest counts.

        With the names that it was issued with; not superseded; not of an issue before the roster was corrected; last
        received; of the last round.
        """
        own = self.result.is_of_its_project
        return own, not self.is_superseded, not self.is_outdated, self.received, self.result.round

    @property
    def rank(self) -> tuple[tuple[bool, bool, bool, int, int], bool, str, str]:
        """The sort key within a project: among those of one turn, issued, and then the last by name."""
        seal = self.result.seal
        return self.turn, seal is not None and seal.is_sound, self.file, self.sheet or ""

    @property
    def factor(self) -> Decimal | None:
        """The factor from its money unit to yuan; None if the unit is unknown."""
        return YUAN.get(self.record.money_unit or "")


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


@dataclass(frozen=True)
class Selection:
    """The forms to export.

    Attributes:
        kept: the form that counts for each project.
        refused: the others, each with the reason.
    """

    kept: Sequence[ExportedForm]
    refused: Sequence[RefusedForm]


def select_forms(batches: Sequence[Sequence[Result]], roster: Roster | None) -> Selection:
    """Select the form that counts for each project, in the same way as the ledger does.

    Args:
        batches: the results of one run of ingest each, in the order of receipt; where a form of one batch answers a
            form of another one, that order is followed instead.
        roster: the source of codes.
    """
    return _one_year_per_project(one_form_per_project(forms_to_export(batches, roster)), roster)


def _one_year_per_project(selection: Selection, roster: Roster | None) -> Selection:
    """The selection without forms of another year, where one of the right year is there for the same project."""
    others, _ = of_other_years(selection.kept, roster)
    of_year = {key: form for form in selection.kept if form not in others for key in _keys_of_any_year(form)}
    kept, refused = [], list(selection.refused)
    for form in selection.kept:
        instead = next((of_year[key] for key in _keys_of_any_year(form) if key in of_year), None)
        if form in others and instead is not None:
            refused.append(RefusedForm(form, "last_year", (instead.file,)))
        else:
            kept.append(form)
    return Selection(kept, refused)


def _keys_of_any_year(form: ExportedForm) -> Sequence[str]:
    names = form.record.project
    by_name = project_key(None, "", names.name, names.unit)
    return [project_key(None, names.code, names.name, names.unit), by_name]


def forms_to_export(batches: Sequence[Sequence[Result]], roster: Roster | None) -> list[ExportedForm]:
    """The forms that could be read, each once, as judged last, with their projects in the roster.

    Codes are never assigned by similarity: a project needs the code, or the name, of the roster.
    """
    exact = Decimal(1)
    received: dict[tuple[str, str], int] = {}
    judged: dict[str, Result] = {}
    superseded: set[tuple[str, str]] = set()
    for number, batch in enumerate(_in_order_of_receipt(batches)):
        for result in sort_results(batch):
            if result.record is not None:
                received.setdefault(result.key, number)
                judged[_place(result)] = result
                superseded |= {result.key} if result.superseded_by else set()
    return [
        ExportedForm(
            result,
            roster.find(result.project, exact) if roster else None,
            received[result.key],
            result.key in superseded,
        )
        for result in sort_results(judged.values())
        if result.project is not None
    ]


def _place(result: Result) -> str:
    """A form of a file: the same form read in another run is judged anew; two files of one content are two."""
    return f"{result.file}|{'|'.join(result.key)}"


def _in_order_of_receipt(batches: Sequence[Sequence[Result]]) -> Sequence[Sequence[Result]]:
    workbooks = {
        str(number): [
            ReceivedWorkbook(result.sha256, result.reading.after if result.reading else None) for result in batch
        ]
        for number, batch in enumerate(batches)
    }
    return [batches[int(name)] for name in in_order(workbooks)]


def one_form_per_project(forms: Sequence[ExportedForm]) -> Selection:
    """Select the form that counts for each project, and say why the others do not: an earlier one, a copy, a version.

    Never none, and never two: of several versions of one turn the one with the highest rank counts.
    """
    kept: list[ExportedForm] = []
    refused: list[RefusedForm] = []
    for group in map(_with_outdated, _grouped(forms)):
        counting = max(group, key=lambda form: form.rank)
        kept.append(counting)
        for form in group:
            if form is not counting:
                copy = "copy" if form.record == counting.record else "twice"
                refusal = "earlier" if form.turn != counting.turn and copy != "copy" else copy
                refused.append(RefusedForm(form, refusal, (counting.file,)))
    return Selection(sorted(kept, key=lambda form: (form.file, form.sheet or "")), refused)


def _with_outdated(group: Sequence[ExportedForm]) -> Sequence[ExportedForm]:
    """The forms of a project; what is known of one form of an issue holds for every one of it."""
    outdated = {form.issue for form in group if _is_told_outdated(form.result)} - {None}
    return [replace(form, is_outdated=form.issue in outdated or _is_told_outdated(form.result)) for form in group]


def _is_told_outdated(result: Result) -> bool:
    return any(finding.rule == "X07" and finding.level == "error" for finding in result.effective_findings)


def _grouped(forms: Sequence[ExportedForm]) -> list[list[ExportedForm]]:
    """The forms of each project: of one identity, of one project of the roster, or an answer under a corrected name."""
    groups: dict[str, list[ExportedForm]] = {}
    group_of: dict[str, str] = {}
    by_digest = {form.result.sha256[:ANSWERED_DIGITS]: form for form in forms}
    for number, form in enumerate(sorted(forms, key=lambda form: form.received)):
        names = form.result.project or form.record.project
        # forms without year or name are not the same project
        keys = [form.identity] if names.year and names.name else [f"{form.file}|{number}"]
        keys += [form.project.key] if form.project else []
        answered = by_digest.get((form.result.reading.after if form.result.reading else None) or "")
        keys += [answered.identity] if answered and _is_named_alike(form, answered) else []
        known = dict.fromkeys(group_of[key] for key in keys if key in group_of)
        name = next(iter(known), keys[0])
        groups[name] = [*(member for other in (known or {name: None}) for member in groups.pop(other, [])), form]
        group_of = (
            {key: name if other in known else other for key, other in group_of.items()} if len(known) > 1 else group_of
        )
        group_of |= dict.fromkeys(keys, name)
    return list(groups.values())


def _is_named_alike(form: ExportedForm, answered: ExportedForm) -> bool:
    """Whether year and name, or year and unit, are the same: a form with both changed is another project's."""
    one, other = form.record.project, answered.record.project
    pairs = ((one.name, other.name), (one.unit, other.unit))
    return one.year == other.year and any(normalise_key(left) == normalise_key(right) != "" for left, right in pairs)


def of_other_years(forms: Sequence[ExportedForm], roster: Roster | None) -> tuple[Sequence[ExportedForm], str]:
    """The forms of another year than the roster's, or else than most of the others; and the years of those.

    Nothing is said of forms without a roster where no year has the majority.
    """
    years = {project.year for project in roster.projects} if roster else set[int]()
    if not years:
        counts = Counter(form.record.project.year for form in forms if form.record.project.year)
        years = {year for year, count in counts.items() if year and 2 * count > counts.total()}
    others = [form for form in forms if years and form.record.project.year not in years]
    return others, "、".join(map(str, sorted(years)))
