"""What stands in the places of one form, as the rules see it, and what its formulas make of that."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from xltool.form.binding import CheckTarget
from xltool.form.blocks import EACH_FUND_COLUMN, EACH_FUND_ROW, EACH_INDICATOR
from xltool.form.definition import Form
from xltool.form.evaluation import CellResolver, EvalContext, RowMemo
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.language import evaluate
from xltool.language.functions import SheetError, Value
from xltool.language.tree import Node, Type
from xltool.support.memo import memo
from xltool.support.templates import keep

_FORM = CheckTarget("form")


class Answers:
    """Values by place: Decimal, text, an error value of the sheet, or None.

    Texts in number cells are kept as they are, so that Python judges what the sheet judges.
    """

    def __init__(self, layout: Layout, values: Mapping[Place, Value]) -> None:
        self.layout = layout
        self._values = dict(values)
        self._rows: dict[int, IndicatorRow] = {}
        self._columns: dict[str, list[Value]] = {}
        self._filled: dict[int, dict[str, Value]] | None = None
        #: What expressions have worked out so far that does not depend on what they are about.
        self.common: dict[object, Any] = {}

    @property
    def values(self) -> Mapping[Place, Value]:
        """What was filled in, printed or computed, by place; without what stands beside the table."""
        return self._values

    def put(self, place: Place, value: Value) -> None:
        """Have another value at a place; what was seen of the answers before is out of date."""
        self._values[place] = value
        self._rows.clear()
        self._columns.clear()
        self.common = {}
        if isinstance(place, VariableRowCell):
            self._filled = None

    def at(self, place: Place) -> Value:
        """What stands at a place; what stands beside the table is computed once, never read."""
        if not isinstance(place, VariableRowCell) or not self.layout.form.columns[place.column].helper:
            return self._values.get(place)
        return self.row(place.row)[place.column]

    def row(self, index: int) -> IndicatorRow:
        """The cells of an indicator row by column, with those beside the table."""
        row = self._rows.get(index)
        if row is None:
            row = self._rows[index] = IndicatorRow(self, index, self.is_filled.get(index, {}), self._compute)
        return row

    @property
    def is_filled(self) -> Mapping[int, Mapping[str, Value]]:
        """What stands in each indicator row by column; nothing of what is blank."""
        if self._filled is None:
            found: dict[int, dict[str, Value]] = {}
            for place, value in self._values.items():
                if value is not None and isinstance(place, VariableRowCell):
                    found.setdefault(place.row, {})[place.column] = value
            self._filled = found
        return self._filled

    def _compute(self, column: str, view: EvalContext) -> Value:
        """What stands beside the table."""
        if constant := self.layout.form.constants.get(column):
            return self.layout.constant(int(view.item.key), constant)
        return _flags(self.layout.form)[column](view, self.layout.slots[int(view.item.key)].level2.id)

    def column(self, name: str) -> Sequence[Value]:
        """The cells of all indicator rows in a column."""
        if name not in self._columns:
            if self.layout.form.columns[name].helper:
                self._columns[name] = self._beside(name)
            else:
                self._columns[name] = list(map(self._values.get, self.layout.column_cells(name)))
        return self._columns[name]

    def _beside(self, name: str) -> list[Value]:
        """What stands in a column beside the table; beside the blank rows of a group it is mostly the same."""
        alike = name in _alike(self.layout.form)
        of_blank: dict[str, Value] = {}
        found = []
        for slot in self.layout.slots:
            if alike and slot.index not in self.is_filled:
                group = slot.level2.id
                if group not in of_blank:
                    of_blank[group] = self.row(slot.index)[name]
                found.append(of_blank[group])
            else:
                found.append(self.row(slot.index)[name])
        return found

    def of_group(self, level: str, name: str) -> Sequence[Value]:
        """The cells in a column, of the rows of a first-level or second-level indicator."""
        column = self.column(name)
        return [column[index] for index in self.layout.indices[level]]

    def view(self, item: CheckTarget = _FORM) -> EvalContext:
        """The answers as an expression about ``item`` sees them."""
        own: Mapping[str, Value] = {}
        if item.each == EACH_INDICATOR:
            return self.row(int(item.key)).view
        cells, key, get = self.layout.form.fund_cells, str(item.key), self._values.get
        if item.each == EACH_FUND_ROW:
            own = {column: get(cell) for column, cell in cells[key].items()}
        elif item.each == EACH_FUND_COLUMN:
            own = {row: get(of_row[key]) for row, of_row in cells.items()}
        return EvalContext(item, self, own)

    def with_computed(self, place: Place) -> Value:
        """What the formula of a computed place gives, None where something needed is unanswered."""
        return _formulas(self.layout.form)[place](self.view())

    def with_recomputed(self) -> dict[Place, Value]:
        """All values, every computed one computed anew from what people filled in."""
        return dict(as_computed_on_sheet(self).values)


class IndicatorRow(dict[str, Value]):
    """The cells of an indicator row; what stands beside the table is computed when somebody asks for it.

    Attributes:
        view: what an expression about the row sees.
    """

    def __init__(
        self, answers: Answers, index: int, filled: Mapping[str, Value], compute: Callable[[str, EvalContext], Value]
    ) -> None:
        super().__init__(answers.layout.form.blank_row)
        self.update(filled)
        errors = SheetError in map(type, filled.values())
        self.view = EvalContext(_row_item(index), answers, self, errors)
        self._compute = compute

    def __missing__(self, column: str) -> Value:
        found = self[column] = self._compute(column, self.view)
        return found


@memo(2_000)
def _row_item(index: int) -> CheckTarget:
    return CheckTarget(EACH_INDICATOR, index)


@keep
def _formulas(form: Form) -> Mapping[Place, Callable[[EvalContext], Value]]:
    look = CellResolver(form, "form")
    return {place: _ready(node, look) for place, node in form.formulas.items()}


@keep
def _alike(form: Form) -> frozenset[str]:
    """The columns beside the table in which rows of a group that hold the same are alike."""
    look = CellResolver(form, EACH_INDICATOR)
    return frozenset({*form.constants, *(name for name, node in form.flags.items() if look.reads(node) is not None)})


@keep
def _flags(form: Form) -> Mapping[str, Callable[[EvalContext, str], Value]]:
    """What gives the value of each column beside the table, for a row of a second-level indicator."""
    look = CellResolver(form, EACH_INDICATOR)
    return {name: _remembered(_ready(node, look), look.reads(node)) for name, node in form.flags.items()}


def _remembered(
    value: Callable[[EvalContext], Value], reads: frozenset[str] | None
) -> Callable[[EvalContext, str], Value]:
    """The same, once for all rows of a group that hold the same: targets and actuals are often written alike."""
    if reads is None:
        return lambda view, _: value(view)
    memory: RowMemo[Value] = RowMemo(reads)
    return lambda view, group: memory.of(view, group, value)


def _ready(node: Node, look: CellResolver) -> Callable[[EvalContext], Value]:
    """The formula of a cell, which is never a truth."""
    assert node.type in (Type.NUMBER, Type.TEXT), node
    return cast("Callable[[EvalContext], Value]", evaluate.compile_value(node, look))


@dataclass(frozen=True)
class SheetContents:
    """What a workbook of some answers shows.

    Attributes:
        answers: the values on the sheet.
        own: for each locked place where the answers say otherwise, what the form itself has there.
        overwritten: those of them that are written over all the same.
    """

    answers: Answers
    own: Mapping[Place, Value]
    overwritten: frozenset[Place]


def as_computed_on_sheet(answers: Answers) -> Answers:
    """The values of a workbook in which every locked cell has what is the form's own, whatever the answers say."""
    layout = answers.layout
    sheet = Answers(layout, {**answers.values, **layout.printed_values})
    for place, value in _formulas(layout.form).items():
        sheet.put(place, value(sheet.view()))
    return sheet


def sheet_contents(answers: Answers, as_printed: bool) -> SheetContents:
    """The values that a workbook of these answers shows.

    Args:
        answers: what a record says.
        as_printed: whether figures that differ from formulas and fixed texts are written over them, as units do.
    """
    layout = answers.layout
    sheet = Answers(layout, answers.values)
    own: dict[Place, Value] = {}
    overwritten: set[Place] = set()
    for place in (*layout.printed, *layout.form.formulas):
        right = sheet.with_computed(place) if place in layout.form.formulas else layout.fixed(place)
        said = answers.at(place)
        if said != right and not (said is None and right == layout.form.field(place).source_row_text):
            own[place] = right
            # what the official table does not print, a record of it need not have: nobody cleared that formula
            if as_printed and not (said is None and layout.form.field(place).section == "panel"):
                overwritten.add(place)
        if place not in overwritten:
            sheet.put(place, right)
    return SheetContents(sheet, own, frozenset(overwritten))
