"""A form as drawn in the report: the cells of the layout without addresses, and their texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from xltool.form.blocks import LEVEL_COLUMNS
from xltool.form.field import ON_FORM
from xltool.form.kinds import display_text
from xltool.form.layout import Layout
from xltool.form.places import Place
from xltool.form.printed_labels import printed_labels
from xltool.form.record import answers_of_record
from xltool.language.functions import Value
from xltool.result.findings import Finding, FindingPlace
from xltool.result.result import Result
from xltool.rules.loading import load_catalogue
from xltool.support.escaping import escape_controls
from xltool.support.templates import cache_within_budget
from xltool.workbook.box import Box

#: The most characters of a text in the page; the workbook has all of it.
_LONGEST = 3000


@dataclass(frozen=True)
class Shape:
    """The printed form of a definition for given row capacities.

    Attributes:
        widths: the relative widths of the columns.
        cells: top, left, rows, columns, role, text; the text is None for a cell with a value.
    """

    widths: tuple[float, ...]
    cells: tuple[tuple[int, int, int, int, str, str | None], ...]


@dataclass(frozen=True)
class Drawing:
    """One form as drawn.

    Attributes:
        shape: its printed part.
        values: the texts of its value cells, in the order of the shape's cells without text.
        pins: for each finding of the result the index of its cell in the shape, or those of its cells; None for a
            finding about the whole form.
    """

    shape: Shape
    values: tuple[str, ...]
    pins: tuple[int | list[int] | None, ...]


def draw(result: Result) -> Drawing:
    """Draw the form of a result that has a record."""
    record = result.record
    assert record is not None and result.form is not None
    reference = result.form.text
    form = load_catalogue(reference).form
    # only the rows in use, and one for each group without any
    used = Counter(record.column(form.indicator_table, "level2"))
    counts = {key: used[group.label] for key, group in form.level2.items()}
    plan = _plan(reference, tuple((key, max(1, number)) for key, number in counts.items()))
    answers, paths = answers_of_record(record, plan.layout)
    values = tuple(html_text(_printed(answers.at(place), place, plan.layout)) for place in plan.places)
    at = {paths.path(place): plan.index[place] for place in plan.places}
    at.pop(f"/{form.indicator_table}", None)  # the path of rows that are not in the record
    pins = tuple(_pins(finding, at, plan) for finding in result.findings)
    return Drawing(plan.shape, values, pins)


def _printed(value: Value, place: Place, layout: Layout) -> str:
    """A value as the form prints it: the year in brackets, the money unit in its label, a dash for no score."""
    field = layout.form.field(place)
    if value is None and not layout.is_input(place):
        value = layout.fixed_value(place)
    text = display_text(value, field.kind)
    if field.kind.name == "year" and text:
        return f"（{text} 年度）"
    return field.embedded_in.replace("{}", text) if field.embedded_in else text


def html_text(text: str) -> str:
    """A text as shown in the page: shortened, and with visible control characters."""
    cut = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…（共 {len(text)} 字）"
    return escape_controls(cut)


def _pins(finding: Finding, at: Mapping[str, int], plan: _Plan) -> int | list[int] | None:
    if not finding.places:
        return _pin(finding, at, plan)
    pins = [_pin(pin, at, plan) for pin in finding.places]
    return [pin for pin in pins if pin is not None] or None


def _pin(spot: Finding | FindingPlace, at: Mapping[str, int], plan: _Plan) -> int | None:
    whole_table = spot.path == f"/{plan.layout.form.indicator_table}"
    return at.get(spot.path, plan.labels.get(spot.label) if whole_table else None)


@dataclass(frozen=True)
class _Plan:
    layout: Layout
    shape: Shape
    places: tuple[Place, ...]
    index: Mapping[Place, int]
    labels: Mapping[str, int]


@cache_within_budget(lambda plan, *_: 2_000 * len(plan.shape.cells))
def _plan(reference: str, rows: tuple[tuple[str, int], ...]) -> _Plan:
    catalogue = load_catalogue(reference)
    layout, form = catalogue.layout(dict(rows)), catalogue.form
    drawn: list[tuple[Box, str, str | None, Place | None]] = []
    drawn += [(label.box, label.role, label.text, None) for label in printed_labels(layout)]
    for place in layout.places:
        field = form.field(place)
        if field.sheet == ON_FORM and not field.helper:
            role = "number" if field.kind.name in ("money", "points", "ratio") else field.kind.name
            drawn.append((layout.box(place), "unit" if field.embedded_in else role, None, place))
    drawn.sort(key=lambda item: (item[0].top, item[0].left))
    cells = tuple(
        (box.top, box.left, box.bottom - box.top + 1, box.right - box.left + 1, role, text)
        for box, role, text, _ in drawn
    )
    places = [(number, place) for number, (*_, place) in enumerate(drawn) if place is not None]
    at = {(box.top, box.left): number for number, (box, *_) in enumerate(drawn)}
    by_label: dict[str, int] = {}
    for slot in layout.slots:  # not by the printed text, which may include the points of the group
        for level in LEVEL_COLUMNS:
            box = layout.box(form.indicator_cell(slot.index, level))
            by_label.setdefault(getattr(slot, level).label, at[box.top, box.left])
    shape = Shape(tuple(form.widths.values()), cells)
    return _Plan(
        layout, shape, tuple(place for _, place in places), {place: number for number, place in places}, by_label
    )
