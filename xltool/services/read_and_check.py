"""Bytes to result: the whole reading and checking of one workbook, or of one record. Pure: no files, no clock."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from xltool import __version__
from xltool.form import seals
from xltool.form.answers import Answers
from xltool.form.binding import Place
from xltool.form.record import Paths, Record, needed_capacities, placed, recorded
from xltool.language.functions import Value
from xltool.language.numbers import tidy
from xltool.result.findings import Finding, in_order, verdict
from xltool.rules import check
from xltool.rules.catalogue import Catalogue, load_catalogue, workbook_rules
from xltool.rules.unread_parts import FUNDS, INDICATORS, Doubt
from xltool.rules.validation import _result_verdict, why_not_valid
from xltool.support import json_codec

if TYPE_CHECKING:
    from xltool.reading.change import Change
    from xltool.reading.reader import Reading
    from xltool.reading.unplaced_cell import Unplaced
    from xltool.recognition.identify import Identity
    from xltool.recognition.seal_check import Sealed
    from xltool.workbook.grid import Grid

Result = dict[str, Any]

#: So many blank workbooks are kept to compare with, of half a megabyte each.
_FRESH = 16


@dataclass(frozen=True)
class Examined:
    """A form's result, and what it was made from.

    Attributes:
        result: as the result contract has it.
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


def results_of_workbook(content: bytes, file: str) -> list[Result]:
    """Read and check every form of a workbook, ours first; whatever is wrong is a finding.

    Args:
        content: the bytes of the file.
        file: its name, for the results.

    Returns:
        At least one result: of a file that holds no form, the one that says so.
    """
    return [one.result for one in examined(content, file)]


def examined(content: bytes, file: str) -> list[Examined]:
    """The same, with the readings themselves, for those who send a form back."""
    from xltool.reading import older_versions
    from xltool.reading.duplicates import without_copies
    from xltool.reading.reader import read_form
    from xltool.recognition.form_workbook import open_form_workbook
    from xltool.recognition.identify import Unknown, known_list
    from xltool.support.own_tables import known_bytes
    from xltool.workbook.errors import Unreadable

    try:
        grid = open_form_workbook(content)
    except Unreadable as error:
        if ours := known_bytes(content):
            return [Examined(_unreadable(content, file, "P06", "own", ours))]
        return [Examined(_unreadable(content, file, "P06", error.key, error.reason))]
    if ours := known_list(grid):
        return [Examined(_unreadable(content, file, "P06", "own", ours))]
    try:
        grid, identities = _identified(content, grid)
        for identity in identities:
            older_versions.refuse(identity)
    except Unreadable as error:
        return [Examined(_unreadable(content, file, "P06", error.key, error.reason))]
    except Unknown as error:
        return [Examined(_unreadable(content, file, "P01", error.key, str(error)))]
    forms = without_copies([read_form(grid, identity) for identity in identities])
    return [
        Examined(_unreadable(content, file, "P04", "copy_differs", forms.disputed[number]))
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
    from xltool.recognition.identify import Unknown, identify

    try:
        identities = identify(grid)
    except Unknown as error:
        if grid.unread and error.key == "unknown":
            raise next(iter(grid.unread.values())) from None
        raise
    large = {one.sheet for one in identities if grid.sheets[one.sheet].partial}
    if large:
        grid = open_form_workbook(content, whole=large)
        identities = identify(grid)
    return grid, identities


def result_of_workbook(content: bytes, file: str) -> Result:
    """The result of a workbook's first form; what every workbook of ours has is one."""
    return results_of_workbook(content, file)[0]


def _of_form(
    content: bytes, file: str, grid: Grid, readings: list[Reading], number: int, copies: list[Change]
) -> Examined:
    from xltool.integrity import findings
    from xltool.integrity.unplaced import unplaced
    from xltool.reading import older_versions
    from xltool.reading.suspect_values import Doubts

    reading = readings[number]
    newer = older_versions.as_newest(reading)
    told = reading if newer is None else newer.reading
    record, paths = recorded(told.answers, told.explanations)
    address = findings.addresses(told)
    found = list(
        check.findings(
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
    fresh = partial(_fresh, catalogue.form.reference, tuple(issued.capacities.items()))
    left, here = unplaced(grid, readings, number, fresh), paths if newer is None else newer.through(paths)
    doubts = Doubts(reading, catalogue.rules, here, findings.addresses(reading), tuple(found))
    found = [*doubts.kept(), *doubts.findings()] if reading.doubts else found
    found += findings.remarks(grid, fresh, readings, number, here, left, found, copies)
    found += [findings.raised(workbook_rules(), one) for one in older_versions.changes(reading, newer)]
    left += newer.left(grid, reading) if newer is not None else []
    result = _result(content, file, record, found, told.answers)
    if told.anchors.doubt:
        result["computed"] |= _unsure(told.anchors.doubt, told.answers)
    result["sheet"] = reading.identity.sheet
    part = sum(one.identity.sheet == reading.identity.sheet for one in readings[: number + 1])
    result["reading"] = {**({"part": part} if part > 1 else {}), **_reading(grid, reading, here, left)}
    return Examined(_proven(result), told, paths)


def _reading(grid: Grid, reading: Reading, paths: Paths, left: list[Unplaced]) -> dict[str, Any]:
    """How sure the result is, what was read otherwise than it stands, and what is left over."""
    address = reading.answers.layout.box
    form, turn = reading.identity.catalogue.form, reading.identity.turn
    later = {"round": turn.number, "after": turn.after or None} if turn.number > 1 else {}
    return {
        **later,
        **_seal(reading.identity.sealed),
        "anchor": reading.anchors.by,
        "application": grid.application,
        "confidence": reading.anchors.confidence,
        "format": grid.format,
        "carriers": list(reading.identity.carriers),
        "rivals": list(reading.identity.rivals),
        "normalised": [
            {"path": paths.path(one.place), "cell": address(one.place).address, "raw": one.raw,
             "value": form.field(one.place).kind.record(one.value, form.field(one.place)), "why": one.why}
            for one in reading.normalised
        ],
        "unplaced": [{"sheet": one.sheet, "cell": one.cell or None, "raw": one.raw} for one in left],
    }  # fmt: skip


def _seal(found: Sealed | None) -> dict[str, Any]:
    if found is None:
        return {}
    seal = found.seal
    told = {"text": seals.text(seal), "issue": seal.issue, "number": seal.number, "code": seal.code}
    issued = json_codec.loads(found.written) if found.state == "sound" else None
    state = {"due": seal.due or None, "state": found.state, "proof": seals.proof(seal, None), "issued": issued}
    return {"seal": {**told, **state}}


@lru_cache(_FRESH)
def _fresh(reference: str, capacities: tuple[tuple[str, int], ...]) -> Grid:
    """A blank workbook of a form, as it was issued."""
    from xltool.recognition.form_workbook import open_form_workbook
    from xltool.workbook.limits import uncounted
    from xltool.write.bulk.blank import blank, prepare

    catalogue = load_catalogue(reference)
    layout = catalogue.layout(dict(capacities))
    with uncounted():
        prepare(catalogue, layout)
    return open_form_workbook(blank(catalogue, layout))


def result_of_record(record: Record, content: bytes, file: str) -> Result:
    """Check a record that stands by itself.

    Args:
        record: valid against the record schema, see ``why_not_valid``.
        content: the bytes it came from.
        file: the name of its file.
    """
    catalogue = catalogue_of(record)
    answers, paths = placed(record, catalogue.layout(needed_capacities(record, catalogue.form)))
    explanations = {one["rule"]: one["text"] for one in record.get("explanations", ())}
    found = list(check.findings(catalogue, answers, paths, explanations, None))
    return _proven(_result(content, file, record, found, answers))


def catalogue_of(record: Record) -> Catalogue:
    """The rules of a record's form."""
    return load_catalogue(f"{record['form']['id']}/{record['form']['version']}")


def _proven(result: Result) -> Result:
    """The result, after its schema has been asked: a result that breaks the contract is our fault."""
    reason = why_not_valid(result, "result")
    assert reason is None, reason
    return result


def _result(content: bytes, file: str, record: Record, found: list[Finding], answers: Answers) -> Result:
    findings = [finding.as_json() for finding in in_order(found)]
    judged = verdict(findings)
    return {
        "schema": "xltool.result/1",
        "file": file,
        "sheet": None,
        "sha256": hashlib.sha256(content).hexdigest(),
        "status": judged["status"],
        "form": record["form"],
        "reading": None,
        "record": record,
        "computed": _computed(answers),
        "findings": findings,
        "review": judged["review"],
        "checked": {"version": __version__, "digest": catalogue_of(record).digest},
    }


def _computed(answers: Answers) -> dict[str, Any]:
    """What the formulas give for what was handed in, whatever stands in their cells."""
    values = answers.recomputed()
    wanted: dict[str, Place] = {
        "execution_rate": ("funds", "total", "execution_rate"),
        "fund_score": ("funds", "total", "score"),
        "total_score": ("total", "score"),
        "grade": ("grade",),
    }
    return {name: _json(values.get(place)) for name, place in wanted.items()}


def _unsure(doubt: Doubt, answers: Answers) -> dict[str, None]:
    """What cannot be computed, since part of it was not read."""
    of_funds = ("execution_rate", "fund_score") if FUNDS in doubt.sums else ()
    place: Place = ("funds", "total", "score")
    scored = answers.at(place) is None or answers.recomputed().get(place) is not None
    of_all = ("total_score", "grade") if not (scored and doubt.sums.isdisjoint((FUNDS, INDICATORS))) else ()
    return dict.fromkeys((*of_funds, *of_all))


def _json(value: Value) -> Any:
    return tidy(value) if isinstance(value, Decimal) else value


def result_of_unread(file: str, reason: str, content: bytes = b"", key: str = "unreadable") -> Result:
    """The result of a file that could not be read for a reason outside it: no permission, or a fault of ours.

    Args:
        file: its name.
        reason: why, for people: all of it, or what the case leaves open.
        content: its bytes, as far as they could be had.
        key: the case of rule P06.
    """
    return _unreadable(content, file, "P06", key, reason)


def warm() -> None:
    """Load what every result needs, so that processes forked from this one have it; forms are loaded when they come."""
    _result_verdict()
    workbook_rules()


def _unreadable(content: bytes, file: str, rule: str, key: str, reason: str) -> Result:
    finding = check.raised_on_file(workbook_rules()[rule], key, reason)
    return _proven(
        {
            "schema": "xltool.result/1",
            "file": file,
            "sheet": None,
            "sha256": hashlib.sha256(content).hexdigest(),
            "status": "unreadable",
            "form": None,
            "reading": None,
            "record": None,
            "computed": None,
            "findings": [finding.as_json()],
            "review": False,
            "checked": {"version": __version__, "digest": None},
        }
    )
