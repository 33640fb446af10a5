"""P05: results of formulas that a workbook stores and that differ from the recomputed ones, each cause said once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

from xltool.form.answers import Answers
from xltool.form.kinds import display_text
from xltool.form.places import Place
from xltool.form.record import Paths
from xltool.reading.reader import Reading, is_same_result
from xltool.result.findings import Finding
from xltool.rules import check
from xltool.rules.rule import Rule
from xltool.support.i18n import tr
from xltool.workbook.grid import Grid

#: The most results that are named in a message; all are among the places of the finding.
_NAMED = 4


def stale_results(grid: Grid, rules: Mapping[str, Rule], reading: Reading, paths: Paths) -> Iterator[Finding]:
    """The finding about stored results that are not the right ones, if there are any.

    The usual cause is a program that does not calculate. Another one is a number typed as text: the formulas of the
    sheet leave it out, while it is read here as the number that a person sees.
    """
    rule, answers = rules["P05"], reading.answers
    if reading.stored_values:
        texts = _numbers_typed_as_text(grid, reading)
        key = "text_numbers" if texts and _explain(texts, reading) else "stale"
        listed = "、".join(_difference(place, reading) for place in list(reading.stored_values)[:_NAMED])
        more = tr("等", " and more") if len(reading.stored_values) > _NAMED else ""
        places = list(texts if key == "text_numbers" else reading.stored_values)
        values = {"listed": listed + more, "count": str(len(places))}
        box = answers.layout.box
        findings = [
            check.reader_finding(rule, key, place, answers, paths, values, box(place).address) for place in places
        ]
        yield (
            findings[0]
            if len(findings) == 1
            else replace(findings[0], places=tuple(finding.as_place() for finding in findings))
        )
    if reading.uncalculated:
        place, values = reading.uncalculated[0], {"count": str(len(reading.uncalculated))}
        yield check.reader_finding(rule, "missing", place, answers, paths, values, answers.layout.box(place).address)


def _difference(place: Place, reading: Reading) -> str:
    """A stored result beside the right one."""
    kind = reading.answers.layout.form.field(place).kind
    stored, right = (
        display_text(value, kind) or tr("空白", "blank")
        for value in (reading.stored_values[place], reading.answers.at(place))
    )
    label = reading.answers.layout.form.label(place)
    return tr(f"{label}存的是{stored}，应为{right}", f"{label} stores {stored} where {right} is right")


def _numbers_typed_as_text(grid: Grid, reading: Reading) -> dict[Place, str]:
    """The numbers whose cells hold a text, with that text."""
    texts = {}
    for normalised in reading.normalised_values:
        box = reading.answers.layout.box(normalised.place)
        cell = grid.at(box.sheet, box.top, box.left)
        if isinstance(normalised.value, Decimal) and isinstance(cell.value, str) and not cell.formula:
            texts[normalised.place] = cell.value
    return texts


def _explain(texts: Mapping[Place, str], reading: Reading) -> bool:
    """Whether the formulas give the stored results if these numbers are texts, as the sheet has them."""
    as_typed = Answers(reading.answers.layout, {**reading.answers.values, **texts}).recomputed_values()
    return all(is_same_result(value, as_typed.get(place)) for place, value in reading.stored_values.items())
