"""A submission to the workbook that goes back: a fresh master filled again, each finding marked in its cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from xltool.form.answers import Answers
from xltool.form.explanations import explanation_cell
from xltool.form.kinds import display_text
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.form.seals import SealedValues
from xltool.form.stamps import Round
from xltool.issuing.reissue import reissue
from xltool.language.functions import SheetError, Value
from xltool.recognition.seal_check import SOUND, SealCheck
from xltool.result.findings import NOBODY, UNIT, Finding
from xltool.result.result import ACCEPTED, Result
from xltool.roster.model import Project
from xltool.services.read_and_check import ReadForm
from xltool.support.templates import Templates, using
from xltool.write.marks import FindingMark, LeftoverNote, ReturnNotes
from xltool.write.workbook import build

#: Further cells outside the form are counted, not listed.
_MOST_STRAYS = 40


def is_returned(result: Result) -> bool:
    """Whether a form goes back to its unit: it has an unexplained finding for it, and is not left to the bureau."""
    if result.record is None or result.is_left_to_bureau:
        return False
    return any(one.actor == UNIT and one.explanation is None for one in result.effective_findings)


def build_returned_workbook(
    checked_form: ReadForm,
    result: Result,
    project: Project | None = None,
    key: bytes | None = None,
    templates: Templates | None = None,
) -> bytes:
    """The workbook to send back.

    Args:
        checked_form: the submission, readable.
        result: its result, with what roster and ledger found as well.
        project: the roster's project that it is about: what was issued goes back as it is approved now.
        key: of the bureau, for the seal of a form that was issued with it.
        templates: the owner of definitions and caches; the present one where none is named.

    Returns:
        The bytes of an .xlsx file; the same for the same submission and findings.
    """
    with using(templates):
        return _build_returned_workbook(checked_form, result, project, key)


def _build_returned_workbook(
    checked_form: ReadForm, result: Result, project: Project | None, key: bytes | None
) -> bytes:
    reading = checked_form.reading
    assert reading is not None and result.reading is not None
    catalogue, submitted = reading.identity.catalogue, reading.answers
    layout, issued = _as_issued(catalogue.layout(submitted.layout.capacities), reading.identity.seal_check)
    places, absent = _by_address(submitted.layout), _by_path(checked_form)
    told = [one for finding in result.findings for one in finding.per_place()]
    marks = tuple(_mark(finding, places, absent, submitted) for finding in told)
    is_sound = (
        issued is not None and reading.identity.seal_check is not None and reading.identity.seal_check.state == SOUND
    )
    now = reissue(catalogue, submitted, issued, project, key) if issued and is_sound and project else None
    turn = Round(reading.identity.round.number + 1, result.sha256[:16])
    strays = [LeftoverNote(one.sheet, one.cell or "", one.raw) for one in result.reading.leftovers]
    # What was issued comes back as it was, or as it is approved now, like formulas that were overwritten.
    values = {**submitted.values, **(issued.values if issued else {})}
    if now is not None:
        layout, issued, values = now.layout, now.issued, dict(now.values)
        marks = tuple(_settled(replace(one, place=now.new_place(one.place) if one.place else None)) for one in marks)
        strays += [_without_place(submitted, place) for place in now.lost_inputs]
    notes = ReturnNotes(turn, result.status == ACCEPTED, result.file, marks, _listed(strays))
    return build(catalogue, Answers(layout, _kept(values)), notes=notes, issued=issued)


def _settled(mark: FindingMark) -> FindingMark:
    """Of a form that goes back with what is approved now, that it was issued with something else is settled."""
    if mark.finding.rule != "X07":
        return mark
    fix = "本工作簿里已换成现在批复的内容，请接着填报"
    return replace(mark, finding=replace(mark.finding, level="info", actor=NOBODY, fix=fix))


def _without_place(submitted: Answers, place: Place) -> LeftoverNote:
    """The note on the unit's input in the row of an indicator that is no longer approved."""
    box, field = submitted.layout.box(place), submitted.layout.form.field(place)
    return LeftoverNote(
        box.sheet, box.first, f"{field.label}：{display_text(submitted.at(place), field.kind)}（这个指标已取消）"
    )


def _as_issued(layout: Layout, found: SealCheck | None) -> tuple[Layout, SealedValues | None]:
    """A form that was issued goes back under its seal; a seal that contradicts itself gets no better by that."""
    if found is None:
        return layout, None
    values = found.values(layout)
    return layout.with_issued(values), SealedValues(found.seal, values, found.values_text)


def _by_address(layout: Layout) -> dict[str, Place]:
    """Places by where they stand in the workbook that was handed in, printed levels included."""
    found: dict[str, Place] = {}
    for place in (*layout.places, *layout.level_cells, *map(explanation_cell, layout.explainable)):
        found.setdefault(layout.box(place).address, place)
    return found


def _by_path(checked_form: ReadForm) -> dict[str, Place]:
    """Places that the workbook did not have, by their paths in the record: no address tells them apart."""
    assert checked_form.reading is not None and checked_form.paths is not None
    fields = (place for place in checked_form.reading.locations.absent_places if not isinstance(place, VariableRowCell))
    return {checked_form.paths.path(place): place for place in fields}


def _mark(finding: Finding, places: dict[str, Place], absent: dict[str, Place], submitted: Answers) -> FindingMark:
    place = absent.get(finding.path) or places.get(finding.cell or "")
    return FindingMark(finding, place, None if place is None else submitted.at(place))


def _kept(values: Mapping[Place, Value]) -> dict[Place, Value]:
    """The values to return: all that were filled in, except error values."""
    return {place: value for place, value in values.items() if not isinstance(value, SheetError)}


def _listed(strays: list[LeftoverNote]) -> tuple[LeftoverNote, ...]:
    if len(strays) <= _MOST_STRAYS:
        return tuple(strays)
    rest = len(strays) - _MOST_STRAYS
    return (*strays[:_MOST_STRAYS], replace(strays[-1], sheet="另有", cell="", text=f"{rest} 处，见原件"))
