"""The values of one form as the rules see them, and the values that its formulas compute."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from xltool.form.check_targets import COLUMNS, FORM, ROWS, SUBTOTALS, CheckTarget
from xltool.form.compiled_formulas import compiled_formulas
from xltool.form.evaluation import EvalContext
from xltool.form.field import ON_PANEL
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.language.functions import SheetError, Value
from xltool.support.memo import memo

_FORM = CheckTarget(FORM)


class Answers:
    """Values by place: Decimal, text, an error value of the sheet, or None.

    Texts in number cells are kept, so that Python judges the same content as the sheet.

    Attributes:
        common: results of subexpressions that do not depend on an item.
    """

    def __init__(self, layout: Layout, values: Mapping[Place, Value]) -> None:
        self.layout = layout
        self._values = dict(values)
        self._rows: dict[int, IndicatorRow] = {}
        self._columns: dict[tuple[str, str], list[Value]] = {}
        self._filled: dict[int, dict[str, Value]] | None = None
        self.common: dict[object, Any] = {}
        self._formulas = compiled_formulas(layout.form)

    @property
    def values(self) -> Mapping[Place, Value]:
        """The values that were filled in, printed or computed, by place; without those beside the table."""
        return self._values

    def put(self, place: Place, value: Value) -> None:
        """Set the value of a place; views and rows obtained before are out of date."""
        self._values[place] = value
        self._rows.clear()
        self._columns.clear()
        self.common = {}
        if isinstance(place, VariableRowCell):
            self._filled = None

    def at(self, place: Place) -> Value:
        """The value of a place; values beside the table are computed once and never read."""
        if not isinstance(place, VariableRowCell) or not self.layout.form.field(place).helper:
            return self._values.get(place)
        return self.row(place.row)[place.column]

    def row(self, index: int) -> IndicatorRow:
        """The cells of an indicator row by column, including those beside the table."""
        row = self._rows.get(index)
        if row is None:
            row = self._rows[index] = IndicatorRow(self, index, self.filled_rows.get(index, {}), self._compute)
        return row

    @property
    def filled_rows(self) -> Mapping[int, Mapping[str, Value]]:
        """The content of each indicator row that is not blank, by column."""
        if self._filled is None:
            rows: dict[int, dict[str, Value]] = {}
            table = self.layout.form.indicator_table
            for place, value in self._values.items():
                if value is not None and isinstance(place, VariableRowCell) and place.block == table:
                    rows.setdefault(place.row, {})[place.column] = value
            self._filled = rows
        return self._filled

    def _compute(self, column: str, view: EvalContext) -> Value:
        """Compute a value beside the table."""
        if constant := self._constants.get(column):
            return self.layout.row_attribute(int(view.item.key), constant)
        return self._formulas.helpers[column](view, self.layout.slots[int(view.item.key)].level2.id)

    @property
    def _constants(self) -> Mapping[str, str]:
        """The columns beside the indicator table that show an attribute of the row."""
        table = self.layout.form.tables.get(self.layout.form.indicator_table)
        return table.constants if table is not None else {}

    def column_values(self, name: str, table: str = "") -> Sequence[Value]:
        """The cells of all rows in a column, of the indicator table unless another is named."""
        key = table, name
        if key not in self._columns:
            if not table and self.layout.form.columns[name].helper:
                self._columns[key] = self._beside(name)
            else:
                self._columns[key] = list(map(self._values.get, self.layout.column_cells(name, table)))
        return self._columns[key]

    def _beside(self, name: str) -> list[Value]:
        """Compute a column beside the table; blank rows of a group mostly share the value."""
        is_shared = name in self._constants or self._formulas.reads[name] is not None
        of_blank: dict[str, Value] = {}
        values = []
        for slot in self.layout.slots:
            if is_shared and slot.index not in self.filled_rows:
                group = slot.level2.id
                if group not in of_blank:
                    of_blank[group] = self.row(slot.index)[name]
                values.append(of_blank[group])
            else:
                values.append(self.row(slot.index)[name])
        return values

    def group_values(self, level: str, name: str) -> Sequence[Value]:
        """The cells in a column that belong to a first-level or second-level indicator."""
        column = self.column_values(name)
        return [column[index] for index in self.layout.slots_by_level[level]]

    def view(self, item: CheckTarget = _FORM) -> EvalContext:
        """The answers relative to an item."""
        form, key, get = self.layout.form, str(item.key), self._values.get
        if item.is_row and item.each == form.each_indicator:
            return self.row(int(item.key)).view
        cells_of_item: Mapping[str, Value] = {}
        if item.is_row:
            cells = self.layout.table_row_cells[form.block_of[item.each].key][int(item.key)]
            cells_of_item = {column: get(cell) for column, cell in cells.items()}
        elif item.each.endswith((ROWS, SUBTOTALS)):
            row = form.matrix_cells[form.block_of[item.each.removesuffix(ROWS).removesuffix(SUBTOTALS)].key][key]
            cells_of_item = {column: get(cell) for column, cell in row.items()}
        elif item.each.endswith(COLUMNS):
            rows = form.matrix_cells[form.block_of[item.each.removesuffix(COLUMNS)].key]
            cells_of_item = {row: get(of_row[key]) for row, of_row in rows.items()}
        return EvalContext(item, self, cells_of_item)

    def computed_value(self, place: Place) -> Value:
        """The result of the formula of a computed place; None if a value it needs is blank."""
        return self._formulas.cells[place](self.view())

    def recomputed_values(self) -> dict[Place, Value]:
        """All values, the computed ones recomputed from what people filled in."""
        return dict(recompute(self).values)


class IndicatorRow(dict[str, Value]):
    """The cells of an indicator row; those beside the table are computed on first access.

    Attributes:
        view: the answers relative to the row.
    """

    def __init__(
        self, answers: Answers, index: int, filled: Mapping[str, Value], compute: Callable[[str, EvalContext], Value]
    ) -> None:
        form = answers.layout.form
        super().__init__(form.tables[form.indicator_table].blank_row)
        self.update(filled)
        errors = SheetError in map(type, filled.values())
        self.view = EvalContext(_row_item(form.each_indicator, index), answers, self, errors)
        self._compute = compute

    def __missing__(self, column: str) -> Value:
        value = self[column] = self._compute(column, self.view)
        return value


@memo(2_000)
def _row_item(each: str, index: int) -> CheckTarget:
    return CheckTarget(each, index)


@dataclass(frozen=True)
class SheetContents:
    """The values that a workbook shows.

    Attributes:
        answers: the values on the sheet.
        form_values: for each locked place where the answers differ, the form's own value.
        overwritten_places: those of them where the answers' value is written nevertheless.
    """

    answers: Answers
    form_values: Mapping[Place, Value]
    overwritten_places: frozenset[Place]


def recompute(answers: Answers) -> Answers:
    """The values of a workbook whose locked cells all have the form's own content, whatever the answers say."""
    layout = answers.layout
    sheet = Answers(layout, {**answers.values, **layout.printed_values})
    for place, value in compiled_formulas(layout.form).cells.items():
        sheet.put(place, value(sheet.view()))
    return sheet


def sheet_contents(answers: Answers, as_printed: bool) -> SheetContents:
    """The values that a workbook of these answers shows.

    Args:
        answers: the values of a record.
        as_printed: whether values that differ from formulas and fixed texts are written over them, as units do.
    """
    layout = answers.layout
    sheet = Answers(layout, answers.values)
    own: dict[Place, Value] = {}
    overwritten: set[Place] = set()
    for place in (*layout.printed_places, *compiled_formulas(layout.form).cells):
        form_value = sheet.computed_value(place) if place in layout.form.computed_cells else layout.fixed_value(place)
        value = answers.at(place)
        if value != form_value and not (value is None and form_value == layout.form.field(place).elsewhere):
            own[place] = form_value
            # a record need not have what the official table does not print: its formula was not cleared
            if as_printed and not (value is None and layout.form.field(place).sheet == ON_PANEL):
                overwritten.add(place)
        if place not in overwritten:
            sheet.put(place, form_value)
    return SheetContents(sheet, own, frozenset(overwritten))
