"""The reading of one workbook: the values at their places, and what was done to its formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from xltool.form.addresses import CellAddresses
from xltool.form.answers import Answers
from xltool.form.binding import CheckTarget
from xltool.form.blocks import MONEY_UNIT_CELL, explanation_cell
from xltool.form.codes import split_code
from xltool.form.definition import LEVEL_COLUMNS, Field
from xltool.form.layout import Layout
from xltool.form.places import FixedRowCell, Place, SingleCell
from xltool.language import excel
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import decimal_text, divide, round_half_up
from xltool.language.texts import clean, fold_width
from xltool.language.tree import Node, Type
from xltool.reading.cell_contents import is_picture, text_typed
from xltool.reading.percent_points import PercentColumn, percent_columns
from xltool.reading.values import ReadValue, amount, as_ratio, is_placeholder, read_value
from xltool.recognition.field_locations import FieldLocations, locate_fields
from xltool.recognition.identify import Identity
from xltool.recognition.label_match import MONEY_UNIT
from xltool.support.i18n import tr
from xltool.support.templates import cache_within_budget
from xltool.workbook.formulas import normal_formula
from xltool.workbook.grid import EMPTY, CellFact, Grid
from xltool.workbook.number_formats.amounts import OtherAmount, as_other_amount


@dataclass(frozen=True)
class NormalisedValue:
    """A value that is not what its cell holds as it stands: where, what stands there, what was read, and why."""

    place: Place
    raw: str
    value: Value
    why: str


#: What is in doubt about a value: an amount shown otherwise than stored, text crossed out, a number crossed out.
SHOWN, STRUCK, STRUCK_NUMBER = "shown", "struck", "struck_number"


@dataclass(frozen=True)
class UncertainNumber:
    """A value that is in doubt.

    Attributes:
        key: one of the three words above.
        shown: what a person reads in the cell, or what is crossed out in it.
        stored: what the file has.
        group: what is alike in values that are in doubt for the same reason.
        left: what of a text is not crossed out.
    """

    key: str
    shown: str
    stored: str
    group: str
    left: str = ""


@dataclass(frozen=True)
class Reading:
    """What a form in a workbook says.

    Attributes:
        answers: the values; a formula that stands as issued has its recomputed value.
        stored: what the workbook itself stores for such formulas, where it differs.
        uncalculated: such formulas whose result the workbook does not store at all.
        overwritten: computed places whose formula is gone or changed, with the formula that stands there now.
        explanations: what the unit wrote on the panel, by rule.
        normalised: the values that were read otherwise than they stand.
        percentages: the columns of points in which percentages stand.
        doubts: the values that are in doubt, by place.
    """

    identity: Identity
    anchors: FieldLocations
    answers: Answers
    application: str | None
    stored: dict[Place, Value] = field(default_factory=dict)
    uncalculated: tuple[Place, ...] = ()
    overwritten: dict[Place, str] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)
    normalised: tuple[NormalisedValue, ...] = ()
    percentages: tuple[PercentColumn, ...] = ()
    doubts: Mapping[Place, UncertainNumber] = field(default_factory=dict)

    @property
    def ours(self) -> bool:
        """Whether the form was issued by us: then formulas, locks and names are known."""
        return self.anchors.by != "labels"


def read_form(grid: Grid, identity: Identity) -> Reading:
    """Read one form of a workbook."""
    anchors = locate_fields(grid, identity)
    reader = _Reader(grid, anchors)
    answers = Answers(anchors.layout, reader.values())
    stored, uncalculated, overwritten = {}, [], {}
    if grid.checkable:
        for place in anchors.layout.form.formulas:
            if anchors.by == "labels" and not reader.fact(place).formula:
                continue  # a figure that somebody typed
            if place in anchors.absent:
                answers.put(place, answers.with_computed(place))
                continue
            kept, right, here = reader.keeps_formula(place), answers.with_computed(place), answers.at(place)
            if not kept:
                overwritten[place] = reader.fact(place).formula
            elif not reader.fact(place).cached:
                uncalculated += [place] if right is not None else []
            elif right is not None and not _same(here, right) and not reader.doubts_numbers:
                stored[place] = here
            unsure = anchors.doubt.sums and not kept  # its parts were not all read
            if kept or (overwritten[place] and isinstance(here, SheetError | None) and not unsure):
                answers.put(place, right)  # also of another formula, which nobody has computed
    if not grid.checkable:
        uncalculated = _as_computed(answers, anchors)
    explanations = {}
    for rule in anchors.layout.explainable:
        cell = explanation_cell(rule)
        text = reader.fact(cell).text
        if clean(text):
            explanations[rule] = clean(text)
            answers.put(cell, text)
    return Reading(
        identity, anchors, answers, grid.application, stored, tuple(uncalculated), overwritten, explanations,
        tuple(reader.notes), tuple(reader.percentages), reader.doubts,
    )  # fmt: skip


def _as_computed(answers: Answers, anchors: FieldLocations) -> list[Place]:
    """In formats whose formulas cannot be seen, a formula that gives a text or nothing may be read as 0.

    Returns:
        The formulas of a form of ours that store no result: nobody can see whether they were cleared.
    """
    missing = []
    for place in answers.layout.form.formulas:
        right, here = answers.with_computed(place), answers.at(place)
        if here in (Decimal(0), "0") and not isinstance(right, Decimal):
            answers.put(place, right)
        if here is None and right is not None and anchors.by != "labels" and place not in anchors.lost:
            answers.put(place, right)
            missing.append(place)
    return missing


class _Reader:
    """Reads the cells of one form, and notes what it reads otherwise than it stands."""

    def __init__(self, grid: Grid, anchors: FieldLocations) -> None:
        self.grid = grid
        self.anchors = anchors
        self.layout = anchors.layout
        self.notes: list[NormalisedValue] = []
        self.percentages: list[PercentColumn] = []
        self.doubts: dict[Place, UncertainNumber] = {}

    def fact(self, place: Place) -> CellFact:
        """What stands at a place."""
        if place in self.anchors.inline:
            text = self.anchors.inline[place]
            return CellFact(text, text, raw=text)
        if place in self.anchors.lost or place in self.anchors.absent or place in self.anchors.doubt.places:
            return EMPTY
        box = self.layout.box(place)
        return self.grid.at(box.sheet, box.top, box.left)

    def typed(self, fact: CellFact) -> str:
        """The text that became a formula when it was typed; "" for any other cell."""
        return text_typed(fact, self.grid.names) if fact.formula and isinstance(fact.value, SheetError) else ""

    def values(self) -> dict[Place, Value]:
        """The values of all places."""
        form = self.layout.form
        unit = _inside(self.fact(MONEY_UNIT_CELL).text, form.field(MONEY_UNIT_CELL))
        found: dict[Place, Value] = {MONEY_UNIT_CELL: unit}
        for place, one in self.layout.fields:
            if place not in found:
                found[place] = self._value(place, one, unit if isinstance(unit, str) else None)
        found |= _codes(self.layout, found)
        self._rates(found)
        self._empty_rows(found)
        self._points(found)
        return found

    def _value(self, place: Place, one: Field, unit: str | None) -> Value:
        fact = self.fact(place)
        if fact is EMPTY or is_picture(fact):
            return None
        if not one.computed and (text := self.typed(fact)):
            fact = CellFact(text, text, raw=text)
            why = tr("文字以 -、+ 或 = 开头，被当成了公式", "a text that begins with a sign was taken for a formula")
            self._note(place, text, ReadValue(text, why))
        if one.embedded_in:
            return _inside(fact.text, one)
        if isinstance(place, FixedRowCell) and fact.text and fact.text == one.source_row_text:
            return fact.text
        if fact.struck is not None and not self._is_computed(place, fact):
            return self._struck(place, one, fact, unit)
        found = read_value(fact, one, unit)
        if isinstance(found.value, Decimal) and one.kind.name == "money" and fact.number_format != "General":
            shown = as_other_amount(found.value, fact.number_format, unit)
            if shown is not None and not self._is_computed(place, fact):
                return self._shown_otherwise(place, fact, shown, unit)
        if found.why:
            self._note(place, fact.text or fact.raw, found)
        return found.value

    @property
    def doubts_numbers(self) -> bool:
        """Whether a number is in doubt, so that what the workbook computed from it proves nothing."""
        return any(one.key != STRUCK for one in self.doubts.values())

    def _is_computed(self, place: Place, fact: CellFact) -> bool:
        """Whether a cell holds its formula, so that it is computed again."""
        return bool(fact.formula) and place in self.layout.form.formulas and self.keeps_formula(place)

    def _shown_otherwise(self, place: Place, fact: CellFact, shown: OtherAmount, unit: str | None) -> Value:
        """An amount that is shown in another unit than it is stored: nobody can say which is meant."""
        why = tr(f"显示为 {shown.text}，存的是 {fact.raw}，不换算", f"shows {shown.text}, stores {fact.raw}; left open")
        stored = decimal_text(fact.value) if isinstance(fact.value, Decimal) else fact.raw
        self.doubts[place] = UncertainNumber(SHOWN, shown.text, stored, fact.number_format)
        self._note(place, fact.raw, ReadValue(None, why))
        as_typed = amount(shown.text, unit)
        # What would be read as a number when it comes back is not kept as a text.
        return shown.text if as_typed is None else SheetError(f"（{why}）")

    def _struck(self, place: Place, one: Field, fact: CellFact, unit: str | None) -> Value:
        """A value of which something is crossed out: what is left counts; of a number, nothing."""
        assert fact.struck is not None  # asked before
        gone, left = fact.struck
        number = one.kind.type is not Type.TEXT and not clean(left)
        key = STRUCK_NUMBER if number else STRUCK
        self.doubts[place] = UncertainNumber(key, clean(gone), fact.raw, place.row_name, clean(left))
        why = tr(f"“{clean(gone)}”被划掉，没有读取", f"'{clean(gone)}' is struck out and not read")
        value = (
            SheetError(f"（{why}）") if number else read_value(CellFact(left or None, left, raw=left), one, unit).value
        )
        self._note(place, fact.text, ReadValue(value, why))
        return value

    def _rates(self, values: dict[Place, Value]) -> None:
        """Rates typed as percentages without a sign."""
        base = self.layout.form.rate_base
        for row in self.layout.form.fund_rows:
            place = self.layout.form.fund_cell(row, "execution_rate")
            spent, budget = values.get(place.sibling("executed")), values.get(place.sibling(base))
            if not isinstance(spent, Decimal) or not isinstance(budget, Decimal) or not budget:
                continue
            found = as_ratio(values[place], divide(spent, budget))
            if found.why:
                self._note(place, self.fact(place).text, found)
                values[place] = found.value

    def _empty_rows(self, values: dict[Place, Value]) -> None:
        """Indicator rows that say nothing but 无, ——, / or 0 are as blank as those that were left so."""
        columns = [name for name in self.layout.form.row_columns if name not in LEVEL_COLUMNS]
        why = tr("整行是占位内容，按空行读取", "a row of placeholders, read as a blank one")
        for places in zip(*map(self.layout.column_cells, columns), strict=True):
            said = [place for place in places if values.get(place) is not None and place not in self.layout.issued]
            if said and all(is_placeholder(values.get(place)) for place in places):
                for place in said:
                    self._note(place, self.fact(place).text, ReadValue(None, why))
                    values[place] = None

    def _points(self, values: dict[Place, Value]) -> None:
        """Points typed as percentages."""
        for column in percent_columns(self.layout, self.fact, values):
            self.percentages.append(column)
            for place, points in column.places.items():
                why = tr("百分数，按分数读取", "a percentage, read as points")
                self._note(place, self.fact(place).text or self.fact(place).raw, ReadValue(points, why))
                values[place] = points

    def _note(self, place: Place, raw: str, found: ReadValue) -> None:
        self.notes.append(NormalisedValue(place, raw, found.value, found.why))

    def keeps_formula(self, place: Place) -> bool:
        """Whether a computed place still holds its formula."""
        return normal_formula(self.fact(place).formula) == formulas_as_issued(self.layout)[place]


@cache_within_budget(lambda found, _: 1_000 * len(found))
def formulas_as_issued(layout: Layout) -> Mapping[Place, str]:
    """The formulas of the computed places by their meaning; of a form whose rows have not moved, made once."""

    def formula(place: Place, node: Node) -> str:
        return normal_formula(
            excel.cell_formula(node, CellAddresses(layout, CheckTarget("form"), layout.box(place).sheet))
        )

    return {place: formula(place, node) for place, node in layout.form.formulas.items()}


def _codes(layout: Layout, values: dict[Place, Value]) -> dict[Place, Value]:
    """Codes that stand before a name in one cell, and the names without them."""
    found: dict[Place, Value] = {}
    for one in (every for every in layout.form.fields.values() if every.prefix):
        place, code_place = SingleCell(one.name), SingleCell(one.prefix)
        value = values.get(place)
        if isinstance(value, str) and not isinstance(value, SheetError):
            code, found[place] = split_code(value)
            if code is not None:
                found[code_place] = code
    return found


def _inside(text: str, field: Field) -> Value:
    """The part of a printed label that is the value: 万元 in 「项目资金（万元）」, whatever else is printed there."""
    if not field.embedded_in:
        return clean(text) or None
    before, _, after = (_compared(part) for part in field.embedded_in.partition("{}"))
    found = re.fullmatch(f"{re.escape(before)}(.*){re.escape(after)}", _compared(text))
    if found is not None:
        return found[1] or None
    elsewhere = MONEY_UNIT.search(text)
    return next((unit for unit in elsewhere.groups() if unit), None) if elsewhere else None


def _compared(text: str) -> str:
    return re.sub(r"\s", "", fold_width(text))


def _same(stored: Value, right: Value) -> bool:
    if isinstance(stored, Decimal) and isinstance(right, Decimal):
        return round_half_up(stored, 9) == round_half_up(right, 9)
    return (stored or None) == right
