"""Bytes to result: the whole reading and checking of one workbook, or of one record. Pure: no files, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from xltool import __version__
from xltool.form import seals
from xltool.form.answers import Answers
from xltool.form.places import Place
from xltool.form.record import Paths, answers_of_record, needed_capacities, record_of_answers
from xltool.language.functions import Value
from xltool.language.numbers import normalize
from xltool.result.findings import Finding, overall_verdict, sort_findings
from xltool.result.issued_identity import issued_identity
from xltool.result.reading_summary import LeftoverCell, NormalisedCell, ReadingSummary, SealSummary
from xltool.result.record import Record
from xltool.result.result import UNREADABLE, CheckedBy, ComputedFigures, Result
from xltool.result.roles import FUND_SCORE, GRADE, RATE, SUBJECT, TOTAL_SCORE, YEAR
from xltool.rules import check
from xltool.rules.catalogue import Catalogue
from xltool.rules.loading import load_catalogue, workbook_rules
from xltool.rules.unread_parts import ROWS, UnreadParts
from xltool.rules.validation import result_validator, schema_fault
from xltool.rules.wrong_form import other_project_finding, without_code
from xltool.support import json_codec, resources
from xltool.support.templates import Templates, cache_within_budget, using

if TYPE_CHECKING:
    from xltool.reading.form_in_workbook import FormInWorkbook
    from xltool.reading.leftover import Leftover
    from xltool.reading.reader import Reading
    from xltool.recognition.seal_check import SealCheck
    from xltool.workbook.grid import Grid


@dataclass(frozen=True)
class ReadForm:
    """A form's result, and what it was made from.

    Attributes:
        result: what was found in it.
        reading: what the form says; None when there is none.
        paths: the paths of its values in the record.
    """

    result: Result
    reading: Reading | None = None
    paths: Paths | None = None

    @property
    def cells(self) -> Mapping[str, str]:
        """Sheet and first cell of every value, by its path in the record."""
        if self.reading is None or self.paths is None:
            return {}
        layout = self.reading.answers.layout
        cells = {self.paths.path(place): layout.box(place).address for place in layout.places}
        cells.pop(f"/{layout.form.indicator_table}", None)  # rows that are blank have no place in the record
        return cells


def results_of_workbook(content: bytes, file: str, templates: Templates | None = None) -> list[Result]:
    """Read and check every form of a workbook, ours first; whatever is wrong is a finding.

    Args:
        content: the bytes of the file.
        file: its name, for the results.
        templates: the owner of definitions and caches; the present one where none is named.

    Returns:
        At least one result: of a file that holds no form, the one that says so.
    """
    return [one.result for one in read_and_check(content, file, templates)]


def read_and_check(content: bytes, file: str, templates: Templates | None = None) -> list[ReadForm]:
    """The same, together with the readings, which a returned workbook needs."""
    with using(templates), resources.listed_once():
        return _read_and_check(content, file)


def _read_and_check(content: bytes, file: str) -> list[ReadForm]:
    from xltool.reading.older_versions import refuse_version
    from xltool.recognition.identify import UnknownForm
    from xltool.services.forms_in_workbook import NoForm, identify_forms, read_forms

    source = _Source(file, hashlib.sha256(content).hexdigest())
    try:
        grid, identities = identify_forms(content)
        for identity in identities:
            refuse_version(identity)
    except NoForm as error:
        return [ReadForm(_unreadable(source, error.rule, error.key, error.reason))]
    except UnknownForm as error:
        return [ReadForm(_unreadable(source, "P01", error.key, str(error)))]
    found = read_forms(grid, identities)
    return [
        ReadForm(_unreadable(source, "P04", "copy_differs", found.differences[number]))
        if number in found.differences
        else _check_form(source, form)
        for number, form in enumerate(found.forms)
    ]


def result_of_workbook(content: bytes, file: str, templates: Templates | None = None) -> Result:
    """The result of the first form; our own templates contain exactly one."""
    return results_of_workbook(content, file, templates)[0]


@dataclass(frozen=True)
class _Source:
    """The file that a result is about: its name, and the SHA-256 of its bytes."""

    file: str
    sha256: str


def _check_form(source: _Source, form: FormInWorkbook) -> ReadForm:
    """Put every question to one form: what its newest version asks, and what the workbook around it shows."""
    from xltool.integrity.findings import change_finding, integrity_findings
    from xltool.integrity.leftovers import find_leftovers, unread_sums
    from xltool.reading import older_versions

    reading = form.reading
    newer = older_versions.convert_to_newest(reading)
    current = reading if newer is None else newer.reading
    record, paths = record_of_answers(current.answers, current.explanations)
    own_paths = paths if newer is None else newer.paths_of_older(paths)
    if (finding := _wrong_form(reading, record)) is not None:
        result = _result(source, record, [], _computed(current.answers, None))
        result = replace(result, sheet=reading.identity.sheet, reading=_summary(form, own_paths, []))
        return ReadForm(_assert_valid(result.as_wrong_form(finding, [without_code(record.project)])), current, paths)
    blank = partial(_blank_reference, *_as_issued(reading))
    left = find_leftovers(form, blank)
    doubt = current.locations.doubt.with_incomplete_sums(unread_sums(reading, left))
    found = _without_suspects(reading, own_paths, partial(_rule_findings, current, paths, doubt))
    found += integrity_findings(form, blank, own_paths, left, found)
    found += [change_finding(workbook_rules(), one) for one in older_versions.version_changes(reading, newer)]
    left += newer.leftovers(form.grid, reading) if newer is not None else []
    result = _result(source, record, found, _computed(current.answers, doubt))
    summary = _summary(form, own_paths, left)
    return ReadForm(_assert_valid(replace(result, sheet=reading.identity.sheet, reading=summary)), current, paths)


def _wrong_form(reading: Reading, record: Record) -> Finding | None:
    """That a form was issued to one project and filled in for another; None where it may be its project's."""
    seal = _seal(reading.identity.seal_check)
    if seal is None or seal.issued is None:
        return None
    identity = issued_identity(record, seal.issued)
    if not identity.is_of_other_project:
        return None
    layout = reading.answers.layout
    places = (layout.form.place(role) for role in (SUBJECT, YEAR))
    place = next((one for one in places if one in layout.places), None)
    cell = None if place is None else layout.box(place).address
    return other_project_finding("other_project", identity.names, record.project, cell)


def _rule_findings(
    reading: Reading, paths: Paths, doubt: UnreadParts, suspects: frozenset[Place] = frozenset()
) -> list[Finding]:
    from xltool.integrity.findings import address_lookup

    locations, answers, address = reading.locations, reading.answers, address_lookup(reading)
    return list(
        check.check_answers(
            reading.identity.catalogue, answers, paths, reading.explanations, address, reading.is_issued,
            locations.absent_places, replace(doubt, suspects=suspects),
        )
    )  # fmt: skip


def _without_suspects(reading: Reading, paths: Paths, rule_findings: Callable[..., list[Finding]]) -> list[Finding]:
    """The findings of the rules, with those that follow from an uncertain value replaced by one about that value.

    Args:
        reading: the form.
        paths: the paths of its values.
        rule_findings: returns the findings of the rules, without those at the places that it is given.
    """
    from xltool.integrity.findings import address_lookup
    from xltool.reading.suspect_values import SuspectValues

    found = rule_findings()
    if not reading.uncertain_numbers:
        return found
    doubts = SuspectValues(reading, reading.identity.catalogue.rules, paths, address_lookup(reading), tuple(found))
    return [*rule_findings(doubts.places), *doubts.findings()]


def _as_issued(reading: Reading) -> tuple[str, tuple[tuple[str, int], ...]]:
    """The form's definition, and how many rows it was issued with."""
    identity = reading.identity
    return identity.catalogue.form.reference, tuple(identity.layout.capacities.items())


def _summary(form: FormInWorkbook, paths: Paths, left: list[Leftover]) -> ReadingSummary:
    """The summary of a reading: its confidence, normalised values, and content outside the form."""
    reading, grid = form.reading, form.grid
    address, fields, turn = reading.answers.layout.box, reading.identity.catalogue.form, reading.identity.round
    normalised = (
        NormalisedCell(paths.path(one.place), address(one.place).address, one.raw,
                       fields.field(one.place).kind.to_record(one.value, fields.field(one.place).choices), one.why)
        for one in reading.normalised_values
    )  # fmt: skip
    return ReadingSummary(
        anchor=reading.locations.method,
        application=grid.application,
        confidence=Decimal(str(reading.locations.confidence)),
        format=grid.format,
        carriers=tuple(reading.identity.carriers),
        rivals=tuple(reading.identity.rivals),
        normalised=tuple(normalised),
        leftovers=tuple(LeftoverCell(one.sheet, one.cell or None, one.raw) for one in left),
        part=form.part,
        round=turn.number,
        after=turn.after or None,
        seal=_seal(reading.identity.seal_check),
    )


def _seal(found: SealCheck | None) -> SealSummary | None:
    if found is None:
        return None
    seal = found.seal
    issued = json_codec.loads(found.values_text) if found.state == "sound" else None
    return SealSummary(
        seals.seal_text(seal), seal.issue, seal.number, seal.code, seal.due or None, found.state,
        seals.seal_mac(seal, None), issued,
    )  # fmt: skip


@cache_within_budget(lambda grid, *_: grid.estimated_bytes)
def _blank_reference(reference: str, capacities: tuple[tuple[str, int], ...]) -> Grid:
    """A blank workbook of a form, as it was issued."""
    from xltool.recognition.form_workbook import open_form_workbook
    from xltool.workbook.limits import count_limited
    from xltool.write.bulk.blank import blank_workbook, prepare_blank

    catalogue = load_catalogue(reference)
    layout = catalogue.layout(dict(capacities))
    with count_limited():
        prepare_blank(catalogue, layout)
    return open_form_workbook(blank_workbook(catalogue, layout))


def result_of_record(record: Record, content: bytes, file: str, templates: Templates | None = None) -> Result:
    """Check a record without a workbook.

    Args:
        record: valid against the record schema, see ``why_not_valid``.
        content: the bytes it came from.
        file: the name of its file.
        templates: the owner of definitions and caches; the present one where none is named.
    """
    with using(templates):
        return _result_of_record(record, content, file)


def _result_of_record(record: Record, content: bytes, file: str) -> Result:
    catalogue = catalogue_of(record)
    answers, paths = answers_of_record(record, catalogue.layout(needed_capacities(record, catalogue.form)))
    found = list(check.check_answers(catalogue, answers, paths, record.explanations, None))
    source = _Source(file, hashlib.sha256(content).hexdigest())
    return _assert_valid(_result(source, record, found, _computed(answers, None)))


def catalogue_of(record: Record) -> Catalogue:
    """The rules of a record's form."""
    return load_catalogue(record.form.text)


def _assert_valid(result: Result) -> Result:
    """The result, after its schema has been asked: a result that breaks the contract is our fault."""
    reason = schema_fault(result.as_json(), "result")
    assert reason is None, reason
    return result


def _result(source: _Source, record: Record, found: list[Finding], computed: ComputedFigures) -> Result:
    findings = tuple(sort_findings(found))
    status, review = overall_verdict(findings)
    return Result(
        file=source.file,
        sheet=None,
        sha256=source.sha256,
        status=status,
        form=record.form,
        reading=None,
        record=record,
        computed=computed,
        findings=findings,
        review=review,
        checked=CheckedBy(__version__, catalogue_of(record).digest),
    )


def _computed(answers: Answers, doubt: UnreadParts | None) -> ComputedFigures:
    """The key figures recomputed from the submitted values; None if a value they need is in doubt, or for no field."""
    values, form = answers.recomputed_values(), answers.layout.form

    def computed(role: str) -> Value:
        place = form.place(role)
        return None if place is None else values.get(place)

    grade = computed(GRADE)
    found = ComputedFigures(
        execution_rate=_number(computed(RATE)),
        fund_score=_number(computed(FUND_SCORE)),
        total_score=_number(computed(TOTAL_SCORE)),
        grade=grade if isinstance(grade, str) else None,
    )
    return replace(found, **_unsure(doubt, answers)) if doubt else found


def _unsure(doubt: UnreadParts, answers: Answers) -> dict[str, None]:
    """The figures that cannot be computed, because part of their input was not read."""
    form = answers.layout.form
    funds, indicators = form.fund_table, form.indicator_table
    of_funds = ("execution_rate", "fund_score") if funds in doubt.incomplete_sums else ()
    place = form.place(FUND_SCORE)
    scored = place is None or answers.at(place) is None or answers.recomputed_values().get(place) is not None
    is_complete = scored and doubt.incomplete_sums.isdisjoint((funds, indicators, ROWS))
    of_all = () if is_complete else ("total_score", "grade")
    return dict.fromkeys((*of_funds, *of_all))


def _number(value: Value) -> Decimal | None:
    return normalize(value) if isinstance(value, Decimal) else None


def unreadable_result(file: str, reason: str, content: bytes = b"", key: str = "unreadable") -> Result:
    """The result of a file that could not be read for another reason than its content, such as missing permission.

    Args:
        file: its name.
        reason: why, for people: all of it, or what the case leaves open.
        content: its bytes, as far as they could be had.
        key: the case of rule P06.
    """
    return _unreadable(_Source(file, hashlib.sha256(content).hexdigest()), "P06", key, reason)


def preload() -> None:
    """Load what every result needs, so that forked processes share it; forms are loaded on demand."""
    result_validator()
    workbook_rules()


def _unreadable(source: _Source, rule: str, key: str, reason: str) -> Result:
    finding = check.file_finding(workbook_rules()[rule], key, reason)
    return _assert_valid(
        Result(
            file=source.file,
            sheet=None,
            sha256=source.sha256,
            status=UNREADABLE,
            form=None,
            reading=None,
            record=None,
            computed=None,
            findings=(finding,),
            checked=CheckedBy(__version__, None),
        )
    )
