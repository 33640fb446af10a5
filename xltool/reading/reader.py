"""Reads one form: the values of its places, and the state of its formulas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from xltool.form.addresses import CellAddresses
from xltool.form.answers import Answers
from xltool.form.binding import cell_formulas
from xltool.form.check_targets import CheckTarget
from xltool.form.codes import split_code
from xltool.form.explanations import explanation_cell
from xltool.form.field import Field
from xltool.form.layout import Layout
from xltool.form.places import FixedRowCell, Place, SingleCell
from xltool.language import excel
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import decimal_text, divide, round_half_up
from xltool.language.texts import clean, fold_width
from xltool.language.tree import Node
from xltool.language.types import Type
from xltool.reading.cell_contents import is_picture, text_typed
from xltool.reading.percent_points import PercentColumn, percent_columns
from xltool.reading.values import ReadValue, amount, as_ratio, is_placeholder, read_value
from xltool.recognition.field_locations import FieldLocations
from xltool.recognition.identify import Identity
from xltool.recognition.label_match import MONEY_UNIT
from xltool.result.roles import BUDGET, EXECUTED, RATE
from xltool.result.roles import MONEY_UNIT as MONEY_UNIT_ROLE
from xltool.support.i18n import tr
from xltool.support.templates import cache_within_budget
from xltool.workbook.formulas import normal_formula
from xltool.workbook.grid import EMPTY, CellFact, Grid
from xltool.workbook.number_formats.amounts import OtherAmount, as_other_amount


@dataclass(frozen=True)
class NormalisedValue:
    """A value that differs from the content of its cell: the place, the content, the value read, and the reason."""

    place: Place
    raw: str
    value: Value
    why: str


#: The reasons for doubt: an amount displayed otherwise than it is stored, text or a number crossed out, a picture.
SHOWN, STRUCK, STRUCK_NUMBER, PICTURE = "shown", "struck", "struck_number", "picture"


@dataclass(frozen=True)
class UncertainNumber:
    """A value in doubt.

    Attributes:
        key: one of the reasons above.
        shown: what the cell displays, or what is crossed out in it.
        stored: the stored content.
        group: equal for values that are in doubt for the same reason.
        remaining_text: the part of a text that is not crossed out.
    """

    key: str
    shown: str
    stored: str
    group: str
    remaining_text: str = ""


@dataclass(frozen=True)
class Reading:
    """What was read from a form in a workbook.

    Attributes:
        identity: which form it is.
        locations: where its fields are.
        answers: the values; a formula that is as issued has its recomputed value.
        application: the program that saved the workbook; None if unknown.
        stored_values: the workbook's own results of such formulas, if they differ.
        uncalculated: such formulas without a stored result.
        overwritten_formulas: computed places whose formula is missing or changed, with the formula found.
        explanations: the unit's explanations on the panel, by rule.
        normalised_values: the values that differ from the content of their cells.
        percent_columns: the columns of points typed as percentages.
        uncertain_numbers: the values in doubt, by place.
    """

    identity: Identity
    locations: FieldLocations
    answers: Answers
    application: str | None
    stored_values: dict[Place, Value] = field(default_factory=dict)
    uncalculated: tuple[Place, ...] = ()
    overwritten_formulas: dict[Place, str] = field(default_factory=dict)
    explanations: dict[str, str] = field(default_factory=dict)
    normalised_values: tuple[NormalisedValue, ...] = ()
    percent_columns: tuple[PercentColumn, ...] = ()
    uncertain_numbers: Mapping[Place, UncertainNumber] = field(default_factory=dict)

    @property
    def is_issued(self) -> bool:
        """Whether we issued the form, so that its formulas, locks and names are known."""
        return self.locations.method != "labels"


def read_form(grid: Grid, identity: Identity, locations: FieldLocations) -> Reading:
    """Read one form of a workbook.

    Args:
        grid: the workbook.
        identity: which form it is.
        locations: where its fields are.
    """
    reader = _Reader(grid, locations)
    answers = Answers(locations.layout, reader.values())
    stored, uncalculated, overwritten = {}, [], {}
    if grid.checkable:
        for place in cell_formulas(locations.layout.form):
            if locations.method == "labels" and not reader.fact(place).formula:
                continue  # a number that somebody typed
            if place in locations.absent_places:
                answers.put(place, answers.computed_value(place))
                continue
            is_kept, expected, value = reader.keeps_formula(place), answers.computed_value(place), answers.at(place)
            if not is_kept:
                overwritten[place] = reader.fact(place).formula
            elif not reader.fact(place).cached:
                uncalculated += [place] if expected is not None else []
            elif expected is not None and not is_same_result(value, expected) and not reader.doubts_numbers:
                stored[place] = value
            is_partial = locations.doubt.incomplete_sums and not is_kept  # not all of its summands were read
            if is_kept or (overwritten[place] and isinstance(value, SheetError | None) and not is_partial):
                answers.put(place, expected)  # also for a changed formula without a stored result
    if not grid.checkable:
        uncalculated = _as_computed(answers, locations)
    explanations = {}
    for rule in locations.layout.explainable:
        cell = explanation_cell(rule)
        text = reader.fact(cell).text
        if clean(text):
            explanations[rule] = clean(text)
            answers.put(cell, text)
    return Reading(
        identity, locations, answers, grid.application, stored, tuple(uncalculated), overwritten, explanations,
        tuple(reader.notes), tuple(reader.percentages), reader.doubts,
    )  # fmt: skip


def _as_computed(answers: Answers, locations: FieldLocations) -> list[Place]:
    """Correct computed places in formats whose formulas are not visible, where a text or blank result may be read as 0.

    Returns:
        The formulas of one of our forms without a stored result; they may have been cleared.
    """
    missing = []
    for place in cell_formulas(answers.layout.form):
        expected, value = answers.computed_value(place), answers.at(place)
        if value in (Decimal(0), "0") and not isinstance(expected, Decimal):
            answers.put(place, expected)
        if (
            value is None
            and expected is not None
            and locations.method != "labels"
            and place not in locations.deleted_places
        ):
            answers.put(place, expected)
            missing.append(place)
    return missing


class _Reader:
    """Reads the cells of one form, and notes the values that differ from their content."""

    def __init__(self, grid: Grid, locations: FieldLocations) -> None:
        self.grid = grid
        self.locations = locations
        self.layout = locations.layout
        self.notes: list[NormalisedValue] = []
        self.percentages: list[PercentColumn] = []
        self.doubts: dict[Place, UncertainNumber] = {}

    def fact(self, place: Place) -> CellFact:
        """The cell of a place."""
        if place in self.locations.inline_values:
            text = self.locations.inline_values[place]
            return CellFact(text, text, raw=text)
        if (
            place in self.locations.deleted_places
            or place in self.locations.absent_places
            or place in self.locations.doubt.places
        ):
            return EMPTY
        box = self.layout.box(place)
        return self.grid.at(box.sheet, box.top, box.left)

    def typed(self, fact: CellFact) -> str:
        """The text that became a formula when it was typed; "" for any other cell."""
        return text_typed(fact, self.grid.names) if fact.formula and isinstance(fact.value, SheetError) else ""

    def values(self) -> dict[Place, Value]:
        """Read the values of all places."""
        form = self.layout.form
        cell = form.place(MONEY_UNIT_ROLE)
        unit: Value = form.money_unit or None
        values: dict[Place, Value] = {}
        if cell is not None:
            values[cell] = unit = _embedded_value(self.fact(cell).text, form.field(cell))
        for place, named_field in self.layout.fields:
            if place not in values:
                values[place] = self._value(place, named_field, unit if isinstance(unit, str) else None)
        values |= _codes(self.layout, values)
        self._rates(values)
        self._empty_rows(values)
        self._points(values)
        return values

    def _value(self, place: Place, field: Field, unit: str | None) -> Value:
        """Read the value of a place."""
        fact = self.fact(place)
        if fact is EMPTY:
            return None
        if is_picture(fact):
            if self.layout.is_input(place):
                shown = tr("图片", "a picture")
                self.doubts[place] = UncertainNumber(PICTURE, shown, fact.raw, "")
            return None
        if not field.is_computed and (text := self.typed(fact)):
            fact = CellFact(text, text, raw=text)
            why = tr("文字以 -、+ 或 = 开头，被当成了公式", "a text that begins with a sign was taken for a formula")
            self._note(place, text, ReadValue(text, why))
        if field.embedded_in:
            return _embedded_value(fact.text, field)
        if isinstance(place, FixedRowCell) and fact.text and fact.text == field.elsewhere:
            return fact.text
        if fact.struck is not None and not self._is_computed(place, fact):
            return self._struck(place, field, fact, unit)
        read = read_value(fact, field, unit)
        if isinstance(read.value, Decimal) and field.kind.name == "money" and fact.number_format != "General":
            other_amount = as_other_amount(read.value, fact.number_format, unit)
            if other_amount is not None and not self._is_computed(place, fact):
                return self._shown_otherwise(place, fact, other_amount, unit)
        if read.why:
            self._note(place, fact.text or fact.raw, read)
        return read.value

    @property
    def doubts_numbers(self) -> bool:
        """Whether a number is in doubt, so that the workbook's results prove nothing."""
        return any(doubt.key in (SHOWN, STRUCK_NUMBER) for doubt in self.doubts.values())

    def _is_computed(self, place: Place, fact: CellFact) -> bool:
        """Whether a cell has the formula it was issued with, and is therefore recomputed."""
        return bool(fact.formula) and place in self.layout.form.computed_cells and self.keeps_formula(place)

    def _shown_otherwise(self, place: Place, fact: CellFact, shown: OtherAmount, unit: str | None) -> Value:
        """An amount displayed in another unit than it is stored; it is unknown which is meant."""
        why = tr(f"显示为 {shown.text}，存的是 {fact.raw}，不换算", f"shows {shown.text}, stores {fact.raw}; left open")
        stored = decimal_text(fact.value) if isinstance(fact.value, Decimal) else fact.raw
        self.doubts[place] = UncertainNumber(SHOWN, shown.text, stored, fact.number_format)
        self._note(place, fact.raw, ReadValue(None, why))
        as_typed = amount(shown.text, unit)
        # A text that would be read as a number after a return is not kept.
        return shown.text if as_typed is None else SheetError(f"（{why}）")

    def _struck(self, place: Place, field: Field, fact: CellFact, unit: str | None) -> Value:
        """A value that is partly crossed out: the rest of a text counts; a number does not."""
        assert fact.struck is not None  # tested by the caller
        struck, rest = fact.struck
        is_number = field.kind.type is not Type.TEXT and not clean(rest)
        key = STRUCK_NUMBER if is_number else STRUCK
        self.doubts[place] = UncertainNumber(key, clean(struck), fact.raw, place.row_name, clean(rest))
        why = tr(f"“{clean(struck)}”被划掉，没有读取", f"'{clean(struck)}' is struck out and not read")
        value = (
            SheetError(f"（{why}）")
            if is_number
            else read_value(CellFact(rest or None, rest, raw=rest), field, unit).value
        )
        self._note(place, fact.text, ReadValue(value, why))
        return value

    def _rates(self, values: dict[Place, Value]) -> None:
        """Normalise rates typed as percentages without a sign."""
        form = self.layout.form
        rate, executed, base = (form.column(role) for role in (RATE, EXECUTED, BUDGET))
        if rate is None or executed is None or base is None:
            return
        for row in form.fund_rows:
            place = form.fund_cell(row, rate)
            spent, budget = values.get(place.sibling(executed)), values.get(place.sibling(base))
            if not isinstance(spent, Decimal) or not isinstance(budget, Decimal) or not budget:
                continue
            read = as_ratio(values[place], divide(spent, budget))
            if read.why:
                self._note(place, self.fact(place).text, read)
                values[place] = read.value

    def _empty_rows(self, values: dict[Place, Value]) -> None:
        """Treat rows of tables with nothing but 无, ——, / or 0 as blank."""
        why = tr("整行是占位内容，按空行读取", "a row of placeholders, read as a blank one")
        rows = [row.values() for rows in self.layout.table_row_cells.values() for row in rows]
        for places in rows:
            filled = [place for place in places if values.get(place) is not None and place not in self.layout.issued]
            if filled and all(is_placeholder(values.get(place)) for place in places):
                for place in filled:
                    self._note(place, self.fact(place).text, ReadValue(None, why))
                    values[place] = None

    def _points(self, values: dict[Place, Value]) -> None:
        """Normalise points typed as percentages."""
        for column in percent_columns(self.layout, self.fact, values):
            self.percentages.append(column)
            for place, points in column.places.items():
                why = tr("百分数，按分数读取", "a percentage, read as points")
                self._note(place, self.fact(place).text or self.fact(place).raw, ReadValue(points, why))
                values[place] = points

    def _note(self, place: Place, raw: str, read: ReadValue) -> None:
        self.notes.append(NormalisedValue(place, raw, read.value, read.why))

    def keeps_formula(self, place: Place) -> bool:
        """Whether a computed place still has its formula."""
        return normal_formula(self.fact(place).formula) == formulas_as_issued(self.layout)[place]


@cache_within_budget(lambda found, _: 1_000 * len(found))
def formulas_as_issued(layout: Layout) -> Mapping[Place, str]:
    """The normalised formulas of the computed places."""

    def formula(place: Place, node: Node) -> str:
        return normal_formula(
            excel.cell_formula(node, CellAddresses(layout, CheckTarget("form"), layout.box(place).sheet))
        )

    return {place: formula(place, node) for place, node in cell_formulas(layout.form).items()}


def _codes(layout: Layout, values: dict[Place, Value]) -> dict[Place, Value]:
    """Split project codes from the names that follow them in the same cell."""
    split: dict[Place, Value] = {}
    for prefixed in (each for each in layout.form.fields.values() if each.prefix):
        place, code_place = SingleCell(prefixed.name), SingleCell(prefixed.prefix)
        value = values.get(place)
        if isinstance(value, str) and not isinstance(value, SheetError):
            code, split[place] = split_code(value)
            if code is not None:
                split[code_place] = code
    return split


def _embedded_value(text: str, field: Field) -> Value:
    """The value embedded in a printed label: 万元 in 「项目资金（万元）」."""
    if not field.embedded_in:
        return clean(text) or None
    before, _, after = (_for_comparison(part) for part in field.embedded_in.partition("{}"))
    match = re.fullmatch(f"{re.escape(before)}(.*){re.escape(after)}", _for_comparison(text))
    if match is not None:
        return match[1] or None
    elsewhere = MONEY_UNIT.search(text)
    return next((unit for unit in elsewhere.groups() if unit), None) if elsewhere else None


def _for_comparison(text: str) -> str:
    return re.sub(r"\s", "", fold_width(text))


def is_same_result(stored: Value, right: Value) -> bool:
    """Whether two values are equal at nine decimals."""
    if isinstance(stored, Decimal) and isinstance(right, Decimal):
        return round_half_up(stored, 9) == round_half_up(right, 9)
    return (stored or None) == right
