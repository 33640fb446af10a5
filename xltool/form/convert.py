"""Converts the contents of one form to another: the values that have a place there, and those that have none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from xltool.form.answers import Answers, recompute
from xltool.form.blocks import Table
from xltool.form.definition import Form
from xltool.form.explanations import explanation_cell
from xltool.form.field import Field
from xltool.form.kinds import display_text
from xltool.form.layout import Layout
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.form.versions import Crossing
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import YUAN, divide, multiply, normalize, round_half_up
from xltool.result.roles import MONEY_UNIT
from xltool.support.i18n import tr

#: The greatest length of a text in a cell.
_LONGEST = 32767


@dataclass(frozen=True)
class ConversionLeftover:
    """A value of the old form that has no place in the new one, and the reason."""

    place: Place
    value: Value
    why: str


@dataclass(frozen=True)
class ConvertedAmount:
    """An amount that the new form has in another unit."""

    place: Place
    before: Decimal
    after: Decimal


@dataclass(frozen=True)
class Conversion:
    """The result of a conversion.

    Attributes:
        answers: the new form, with its computed places computed.
        origins: the place in the old form of each place that is not new.
        printed_values: the old values of places that the new form computes or prints itself, in its unit.
        explanations: the explanations of rules that may be explained in the new form.
        leftovers: the values of the old form that have no place in the new one.
        overruled_values: the values of places that the new form computes or prints differently.
        converted_amounts: the amounts in another unit.
    """

    answers: Answers
    origins: Mapping[Place, Place]
    printed_values: Mapping[Place, Value]
    explanations: Mapping[str, str]
    leftovers: tuple[ConversionLeftover, ...]
    overruled_values: tuple[ConversionLeftover, ...]
    converted_amounts: tuple[ConvertedAmount, ...]


def convert(
    old: Answers, explanations: Mapping[str, str], form: Form, make_layout: Callable[[Mapping[str, int]], Layout],
    crossing: Crossing,
) -> Conversion:  # fmt: skip
    """Convert the contents of a form to another form.

    Args:
        old: the contents of the old form.
        explanations: the unit's explanations on the panel, by rule.
        form: the new form.
        make_layout: returns the layout of the new form for row capacities.
        crossing: the names of old fields in the new form.
    """
    groups = {key: _groups(key, old, form.tables.get(key), crossing) for key in old.layout.form.tables}
    used = {group: len(of_table.get(group, ([], []))[0]) for of_table in groups.values() for group in of_table}
    needed = {group: max(definition.rows, used.get(group, 0)) for group, (_, definition) in form.groups.items()}
    layout = make_layout(needed)
    rows = {key: _rows(key, of_table, layout) for key, of_table in groups.items()}
    return _Converter(old, layout, crossing, rows).convert(explanations)


def _groups(
    key: str, old: Answers, new: Table | None, crossing: Crossing
) -> dict[str | None, tuple[list[int], list[int]]]:
    """The old rows of a table by new group: rows up to the last one with content, and the blank ones after it."""
    table, slots = old.layout.form.tables[key], old.layout.table_slots[key]
    cells = old.layout.table_row_cells[key]
    filled = {slot.index for slot in slots if any(old.at(cell) is not None for cell in cells[slot.index].values())}
    groups: dict[str | None, tuple[list[int], list[int]]] = {}
    for group in table.groups if new is not None else ():
        rows = [slot.index for slot in slots if slot.level2.id == group]
        last = max((index for index in rows if index in filled), default=-1)
        used, blank = groups.setdefault(crossing.new_name(f"{table.id}.groups", group), ([], []))
        used += [index for index in rows if index <= last]
        blank += [index for index in rows if index > last]
    return groups


def _rows(key: str, groups: Mapping[str | None, tuple[list[int], list[int]]], layout: Layout) -> dict[int, int]:
    """The new row of each old row of a table, in its group and order."""
    new_rows: dict[int, int] = {}
    if key not in layout.form.tables:
        return new_rows
    for group in layout.form.tables[key].groups:
        used, blank = groups.get(group, ([], []))
        slots = (slot.index for slot in layout.table_slots[key] if slot.level2.id == group)
        new_rows |= dict(zip([*used, *blank], slots, strict=False))
    return new_rows


class _Converter:
    """Converts one form."""

    def __init__(self, old: Answers, layout: Layout, crossing: Crossing, rows: Mapping[str, Mapping[int, int]]) -> None:
        self.old, self.layout, self.crossing, self.rows = old, layout, crossing, rows
        self.form = layout.form
        self.values: dict[Place, Value] = {}
        pairs = ((self._to(place), place) for place in old.layout.places if not old.layout.form.field(place).helper)
        self.origin: dict[Place, Place] = {to: place for to, place in pairs if to is not None}
        self.lost: list[ConversionLeftover] = []
        self.changed: list[ConvertedAmount] = []
        self.factor = self._factor()

    def convert(self, explanations: Mapping[str, str]) -> Conversion:
        """Convert value by value."""
        locked: list[tuple[Place, Place, Value]] = []
        for place, value in self._contents():
            to, unfit = self._to(place), _unfit(value)
            if to is None or unfit:
                self.lost.append(
                    ConversionLeftover(place, value, unfit or tr("新表没有这一栏", "the new form has no such field"))
                )
                continue
            converted = self._in_new_unit(place, to, value)
            if converted is None:
                self.lost.append(ConversionLeftover(place, value, tr("不知道金额单位", "the money unit is not known")))
                continue
            if self.layout.is_locked(to):
                locked.append((place, to, converted))
            else:
                self.values[to] = converted
        self._fill_added_fields()
        kept = {rule: text for rule, text in explanations.items() if rule in self.layout.explainable}
        for rule, text in explanations.items():
            if rule in kept:
                self.values[explanation_cell(rule)] = text
            else:
                why = tr("新表的这条规则没有说明栏", "this rule cannot be explained on the new form")
                self.lost.append(ConversionLeftover(explanation_cell(rule), text, why))
        answers = recompute(Answers(self.layout, self.values))
        overruled = tuple(_overruled(locked, answers, self.old))
        printed = {to: value for _, to, value in locked}
        return Conversion(answers, self.origin, printed, kept, tuple(self.lost), overruled, tuple(self.changed))

    def _contents(self) -> Iterator[tuple[Place, Value]]:
        """The content of the old form, without blanks and printed texts."""
        form = self.old.layout.form
        for place in self.old.layout.places:
            value, field = self.old.at(place), form.field(place)
            if not (field.helper or value is None or value == "" or value == field.elsewhere):
                yield place, value

    def _to(self, place: Place) -> Place | None:
        """The new place of a value; None if there is none."""
        to, form = self.crossing.new_name, self.form
        if isinstance(place, FixedRowCell):
            matrix = self.old.layout.form.matrices[place.block].id
            row, column = to(f"{matrix}.rows", place.row), to(f"{matrix}.columns", place.column)
            cells = form.matrix_cells.get(place.block, {}).get(str(row), {})
            return cells.get(str(column))
        if isinstance(place, VariableRowCell):
            name = to(f"{self.old.layout.form.tables[place.block].id}.columns", place.column)
            table, rows = form.tables.get(place.block), self.rows[place.block]
            known = table is not None and place.row in rows and name in table.row_columns
            return VariableRowCell(place.block, rows[place.row], str(name)) if known else None
        name = to("", self.old.layout.form.full_name(place))
        key = form.names_of_fields.get(name or "")
        if key is None and name is not None and place.name in form.fields:
            key = place.name  # the same value in another block
        return None if key is None else SingleCell(key)

    def _factor(self) -> Decimal | None:
        """The factor from the old money unit to the new one; None if the old one is unknown."""
        cell = self.old.layout.form.place(MONEY_UNIT)
        stated = self.old.at(cell) if cell is not None else self.old.layout.form.money_unit
        before, after = (YUAN.get(str(unit)) for unit in (stated, self.form.money_unit))
        return divide(before, after) if before is not None and after is not None else None

    def _in_new_unit(self, place: Place, to: Place, value: Value) -> Value:
        """An amount in the new unit, any other value as it is; None for an amount whose unit is unknown."""
        if self.form.field(to).kind.name != "money" or not isinstance(value, Decimal):
            return self.form.money_unit if to == self.form.place(MONEY_UNIT) and self.factor is not None else value
        if self.factor is None or self.factor == 1:
            return value if self.factor else None
        after = normalize(multiply(value, self.factor))
        self.changed.append(ConvertedAmount(place, value, after))
        return after

    def _fill_added_fields(self) -> None:
        """Fill the fields that the old form did not have."""
        for name, value in self.crossing.added.items():
            if value is None:
                continue
            for place in self._places_of(name):
                self.values.setdefault(place, value)

    def _places_of(self, name: str) -> list[Place]:
        if (key := self.form.names_of_fields.get(name)) is not None:
            return [SingleCell(key)]
        block, _, column = name.split(".")
        added = [
            place for place in self.layout.places if self.form.full_name(place).split(".")[0::2] == [block, column]
        ]
        filled = {(place.block, place.row) for place in self.values if isinstance(place, VariableRowCell)}
        return [
            place for place in added if isinstance(place, FixedRowCell)
            or (isinstance(place, VariableRowCell) and (place.block, place.row) in filled)
        ]  # fmt: skip


def _unfit(value: Value) -> str:
    """Why a cell cannot hold a value; "" if it can."""
    if isinstance(value, SheetError):
        return tr("错误值不能填入新表", "an error value cannot be filled in")
    if isinstance(value, str) and len(value.encode("utf-16-le", "surrogatepass")) > 2 * _LONGEST:
        return tr("一个单元格放不下", "too long for a cell")
    return ""


def _overruled(
    locked: list[tuple[Place, Place, Value]], answers: Answers, old: Answers
) -> Iterator[ConversionLeftover]:
    """The values of places that the new form computes or prints differently."""
    for place, to, value in locked:
        new_value = answers.at(to)
        if _same(value, new_value):
            continue
        field: Field = answers.layout.form.field(to)
        new_text = display_text(new_value, field.kind) or tr("空白", "blank")
        reason = tr("公式", "a formula") if to in answers.layout.form.computed_cells else tr("固定内容", "fixed")
        yield ConversionLeftover(
            place, old.at(place), tr(f"新表这里是{reason}：{new_text}", f"the new form has {reason} there: {new_text}")
        )


def _same(value: Value, other: Value) -> bool:
    if isinstance(value, Decimal) and isinstance(other, Decimal):
        return round_half_up(value, 9) == round_half_up(other, 9)
    return value == other
