"""Bytes to result: the whole reading and checking of one workbook, or of one record. Pure: no files, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from xltool import __version__
from xltool.form import seals
from xltool.form.answers import Answers
from xltool.form.binding import Place
from xltool.form.record import Paths, answers_of_record, needed_capacities, record_of_answers
from xltool.language.functions import Value
from xltool.language.numbers import normalize
from xltool.result.findings import Finding, overall_verdict, sort_findings
from xltool.result.reading_summary import LeftoverCell, NormalisedCell, ReadingSummary, SealSummary
from xltool.result.record import Record
from xltool.result.result import UNREADABLE, CheckedBy, ComputedFigures, FormReference, Result
from xltool.rules import check
from xltool.rules.catalogue import Catalogue, load_catalogue, workbook_rules
from xltool.rules.unread_parts import FUNDS, INDICATORS, UnreadParts
from xltool.rules.validation import _result_verdict, schema_fault
from xltool.support import json_codec
from xltool.support.templates import Templates, cache_within_budget, using

if TYPE_CHECKING:
    from xltool.reading.change import Change
    from xltool.reading.leftover import Leftover
    from xltool.reading.reader import Reading
    from xltool.recognition.identify import Identity
    from xltool.recognition.seal_check import SealCheck
    from xltool.workbook.grid import Grid


@dataclass(frozen=True)
class ReadForm:
    """A form's result, and what it was made from.

    Attributes:
        result: what was found in it.
        reading: what the form says; None when there is none.
        paths: where its values stand in the record.
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
        cells.pop("/indicators", None)  # rows that are blank have no place in the record
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
    """The same, with the readings themselves, for those who send a form back."""
    with using(templates):
        return _read_and_check(content, file)


def _read_and_check(content: bytes, file: str) -> list[ReadForm]:
    from xltool.reading import older_versions
    from xltool.reading.duplicates import without_duplicates
    from xltool.reading.reader import read_form
    from xltool.recognition.form_workbook import open_form_workbook
    from xltool.recognition.identify import UnknownForm, known_list
    from xltool.support.own_tables import known_bytes
    from xltool.workbook.errors import Unreadable

    try:
        grid = open_form_workbook(content)
    except Unreadable as error:
        if ours := known_bytes(content):
            return [ReadForm(_unreadable(content, file, "P06", "own", ours))]
        return [ReadForm(_unreadable(content, file, "P06", error.key, error.reason))]
    if ours := known_list(grid):
        return [ReadForm(_unreadable(content, file, "P06", "own", ours))]
    try:
        grid, identities = _identified(content, grid)
        for identity in identities:
            older_versions.refuse_version(identity)
    except Unreadable as error:
        return [ReadForm(_unreadable(content, file, "P06", error.key, error.reason))]
    except UnknownForm as error:
        return [ReadForm(_unreadable(content, file, "P01", error.key, str(error)))]
    forms = without_duplicates([read_form(grid, identity) for identity in identities])
    return [
        ReadForm(_unreadable(content, file, "P04", "copy_differs", forms.disputed[number]))
        if number in forms.disputed
        else _of_form(content, file, grid, forms.kept, number, forms.said)
        for number in range(len(forms.kept))
    ]


def _identified(content: bytes, grid: Grid) -> tuple[Grid, list[Identity]]:
    """A workbook and its forms; what of a large sheet was left out is read where a form begins on it.

    Raises:
        Unreadable: a sheet that cannot be read may be the form.
        Unknown: no form of ours.
    """
    from xltool.recognition.form_workbook import open_form_workbook
    from xltool.recognition.identify import UnknownForm, identify

    try:
        identities = identify(grid)
    except UnknownForm as error:
        if grid.unread and error.key == "unknown":
            raise next(iter(grid.unread.values())) from None
        raise
    large = {one.sheet for one in identities if grid.sheets[one.sheet].partial}
    if large:
        grid = open_form_workbook(content, whole=large)
        identities = identify(grid)
    return grid, identities


def result_of_workbook(content: bytes, file: str, templates: Templates | None = None) -> Result:
    """The result of a workbook's first form; what every workbook of ours has is one."""
    return results_of_workbook(content, file, templates)[0]


def _of_form(
    content: bytes, file: str, grid: Grid, readings: list[Reading], number: int, copies: list[Change]
) -> ReadForm:
    from xltool.integrity import findings
    from xltool.integrity.leftovers import find_leftovers
    from xltool.reading import older_versions
    from xltool.reading.suspect_values import SuspectValues

    reading = readings[number]
    newer = older_versions.convert_to_newest(reading)
    told = reading if newer is None else newer.reading
    record, paths = record_of_answers(told.answers, told.explanations)
    address = findings.address_lookup(told)
    found = list(
        check.check_answers(
            told.identity.catalogue,
            told.answers,
            paths,
            told.explanations,
            address,
            told.ours,
            told.anchors.absent,
            told.anchors.doubt,
        )
    )
    catalogue, issued = reading.identity.catalogue, reading.identity.layout
    fresh = partial(_blank_reference, catalogue.form.reference, tuple(issued.capacities.items()))
    left, here = find_leftovers(grid, readings, number, fresh), paths if newer is None else newer.through(paths)
    doubts = SuspectValues(reading, catalogue.rules, here, findings.address_lookup(reading), tuple(found))
    found = [*doubts.findings_left(), *doubts.findings()] if reading.doubts else found
    found += findings.integrity_findings(grid, fresh, readings, number, here, left, found, copies)
    found += [findings.change_finding(workbook_rules(), one) for one in older_versions.version_changes(reading, newer)]
    left += newer.left(grid, reading) if newer is not None else []
    result = _result(content, file, record, found, _computed(told.answers, told.anchors.doubt))
    part = sum(one.identity.sheet == reading.identity.sheet for one in readings[: number + 1])
    summary = _summary(grid, reading, here, left, part)
    result = replace(result, sheet=reading.identity.sheet, reading=summary)
    return ReadForm(_assert_valid(result), told, paths)


def _summary(grid: Grid, reading: Reading, paths: Paths, left: list[Leftover], part: int) -> ReadingSummary:
    """How sure the result is, what was read otherwise than it stands, and what is left over."""
    address = reading.answers.layout.box
    form, turn = reading.identity.catalogue.form, reading.identity.round
    normalised = (
        NormalisedCell(paths.path(one.place), address(one.place).address, one.raw,
                       form.field(one.place).kind.record(one.value, form.field(one.place)), one.why)
        for one in reading.normalised
    )  # fmt: skip
    return ReadingSummary(
        anchor=reading.anchors.by,
        application=grid.application,
        confidence=Decimal(str(reading.anchors.confidence)),
        format=grid.format,
        carriers=tuple(reading.identity.carriers),
        rivals=tuple(reading.identity.rivals),
        normalised=tuple(normalised),
        leftovers=tuple(LeftoverCell(one.sheet, one.cell or None, one.raw) for one in left),
        part=part,
        round=turn.number,
        after=turn.after or None,
        seal=_seal(reading.identity.seal_check),
    )


def _seal(found: SealCheck | None) -> SealSummary | None:
    if found is None:
        return None
    seal = found.seal
    issued = json_codec.loads(found.written) if found.state == "sound" else None
    return SealSummary(
        seals.seal_text(seal), seal.issue, seal.number, seal.code, seal.due or None, found.state,
        seals.mac_of(seal, None), issued,
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
    """Check a record that stands by itself.

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
    explanations = {one["rule"]: one["text"] for one in record.get("explanations", ())}
    found = list(check.check_answers(catalogue, answers, paths, explanations, None))
    return _assert_valid(_result(content, file, record, found, _computed(answers, None)))


def catalogue_of(record: Record) -> Catalogue:
    """The rules of a record's form."""
    return load_catalogue(f"{record['form']['id']}/{record['form']['version']}")


def _assert_valid(result: Result) -> Result:
    """The result, after its schema has been asked: a result that breaks the contract is our fault."""
    reason = schema_fault(result.as_json(), "result")
    assert reason is None, reason
    return result


def _result(content: bytes, file: str, record: Record, found: list[Finding], computed: ComputedFigures) -> Result:
    findings = tuple(sort_findings(found))
    status, review = overall_verdict(findings)
    return Result(
        file=file,
        sheet=None,
        sha256=hashlib.sha256(content).hexdigest(),
        status=status,
        form=FormReference(**record["form"]),
        reading=None,
        record=record,
        computed=computed,
        findings=findings,
        review=review,
        checked=CheckedBy(__version__, catalogue_of(record).digest),
    )


def _computed(answers: Answers, doubt: UnreadParts | None) -> ComputedFigures:
    """What the formulas give for what was handed in, whatever stands in their cells; nothing where it is in doubt."""
    values = answers.with_recomputed()
    grade = values.get(("grade",))
    found = ComputedFigures(
        execution_rate=_number(values.get(("funds", "total", "execution_rate"))),
        fund_score=_number(values.get(("funds", "total", "score"))),
        total_score=_number(values.get(("total", "score"))),
        grade=grade if isinstance(grade, str) else None,
    )
    return replace(found, **_unsure(doubt, answers)) if doubt else found


def _unsure(doubt: UnreadParts, answers: Answers) -> dict[str, None]:
    """What cannot be computed, since part of it was not read."""
    of_funds = ("execution_rate", "fund_score") if FUNDS in doubt.sums else ()
    place: Place = ("funds", "total", "score")
    scored = answers.at(place) is None or answers.with_recomputed().get(place) is not None
    of_all = ("total_score", "grade") if not (scored and doubt.sums.isdisjoint((FUNDS, INDICATORS))) else ()
    return dict.fromkeys((*of_funds, *of_all))


def _number(value: Value) -> Decimal | None:
    return normalize(value) if isinstance(value, Decimal) else None


def unreadable_result(file: str, reason: str, content: bytes = b"", key: str = "unreadable") -> Result:
    """The result of a file that could not be read for a reason outside it: no permission, or a fault of ours.

    Args:
        file: its name.
        reason: why, for people: all of it, or what the case leaves open.
        content: its bytes, as far as they could be had.
        key: the case of rule P06.
    """
    return _unreadable(content, file, "P06", key, reason)


def preload() -> None:
    """Load what every result needs, so that processes forked from this one have it; forms are loaded when they come."""
    _result_verdict()
    workbook_rules()


def _unreadable(content: bytes, file: str, rule: str, key: str, reason: str) -> Result:
    finding = check.file_finding(workbook_rules()[rule], key, reason)
    return _assert_valid(
        Result(
            file=file,
            sheet=None,
            sha256=hashlib.sha256(content).hexdigest(),
            status=UNREADABLE,
            form=None,
            reading=None,
            record=None,
            computed=None,
            findings=(finding,),
            checked=CheckedBy(__version__, None),
        )
    )
