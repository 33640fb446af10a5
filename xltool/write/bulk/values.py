"""What one form fills the holes of its master with: the values of its cells, and where each of them comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import Any

from xltool.form.answers import Answers
from xltool.form.blocks import EACH_INDICATOR
from xltool.form.evaluation import CellResolver, RowMemo
from xltool.form.layout import Layout
from xltool.form.own_sheets import CHECK, LISTS, PANEL, PANEL_FIRST_ROW
from xltool.form.places import Place
from xltool.language.functions import Value
from xltool.workbook.letters import column_letters
from xltool.write import panel
from xltool.write.bulk.template_parts import XmlRow
from xltool.write.check_results import CheckResults
from xltool.write.checks import CheckSheet
from xltool.write.heights import Heights, is_hidden_row

_HEIGHT = re.compile(r' ht="[^"]*"(?: hidden="1")?')


class FormValues:
    """One form's values.

    Args:
        answers: what stands in it, at the places of the master.
        shown: what its formulas about verdicts show.
        heights: of the master's rows.
        slots: its indicator rows, by the numbers they have in the master.
        first_string: the number of the first text of its own.

    Attributes:
        verdicts: the cells of ``_check``, in the order of the questions.
        links: the links of ``_lists``, in the order of the checks.
        lines: the values on the panel's lines, one line behind the other.
        strings: the texts of its own, with their numbers.
    """

    def __init__(
        self, answers: Answers, shown: CheckResults, heights: Heights, slots: Sequence[int], first_string: int
    ) -> None:
        self.answers = answers
        self.shown = shown
        self.verdicts = shown.cells
        self.links = shown.links
        self.lines = list(chain.from_iterable(shown.lines))
        self.strings: dict[str, int] = {}
        self._first_string = first_string
        self._heights = {row: (height, False) for row, height in heights.fixed_rows(answers.at).items()}
        shut = {index for index in slots if is_hidden_row(answers.layout, index, answers.at)}
        for index, height in heights.slots(slots, shut, answers.at).items():
            self._heights[answers.layout.slots[index].row] = height, index in shut

    def cell(self, value: Value) -> str:
        """The rest of the cell of an issued value."""
        if isinstance(value, Decimal):
            return f"><v>{float(value):.16G}</v></c>"
        if not value:
            return "/>"
        return f' t="s"><v>{self.strings.setdefault(value, self._first_string + len(self.strings))}</v></c>'

    def height(self, row: int, is_open: bool) -> str | None:
        """A row's own height as an attribute, which programs keep in pixels, and hidden or not."""
        if row not in self._heights:
            return None
        height, shut = self._heights[row]
        points = int(height * 4 / 3 + 0.5) * 0.75
        return f' ht="{points:.16g}" hidden="1"' if shut and not is_open else f' ht="{points:.16g}"'


#: What gives a value.
ValueSource = Callable[[FormValues], Any]


@dataclass(frozen=True)
class _Listed:
    """One of many values that are listed: verdicts, links or lines."""

    name: str
    number: int

    def __call__(self, filling: FormValues) -> Any:
        return getattr(filling, self.name)[self.number]


@dataclass(frozen=True)
class _Beside:
    """A cell beside the table.

    Attributes:
        index: of its row.
        column: its own; "" where nothing will stand in it.
        group: of its row.
        reads: the columns that it depends on; None where it depends on more than the row.
    """

    index: int
    column: str
    group: str
    reads: frozenset[str] | None

    def __call__(self, filling: FormValues) -> Any:
        return filling.answers.row(self.index)[self.column] if self.column else None


def value_sources(
    layout: Layout, checks: CheckSheet, columns: Collection[str]
) -> dict[str, dict[tuple[int, str], ValueSource]]:
    """What gives the value of each hole, by sheet, row and column letters.

    Args:
        layout: of the master.
        checks: of the master.
        columns: the columns of indicator rows in which anything may stand.
    """
    form = layout.form
    found: dict[str, dict[tuple[int, str], ValueSource]] = {form.sheet: {}, CHECK: {}, PANEL: {}, LISTS: {}}
    for place in form.formulas:
        box = layout.box(place)
        found[box.sheet][box.top, column_letters(box.left)] = _computed(place)
    for place in layout.issued:
        box = layout.box(place)
        if box.sheet == form.sheet:
            found[form.sheet][box.top, column_letters(box.left)] = _issued(place)
    look = CellResolver(form, EACH_INDICATOR)
    for name, node in form.flags.items():
        reads = look.reads(node) if name in columns else frozenset()
        for slot in layout.slots:
            source = _Beside(slot.index, name if name in columns else "", slot.level2.id, reads)
            found[form.sheet][slot.row, form.columns[name].columns] = source
    for row in range(1, layout.last_row + 1):
        found[form.sheet][row, layout.verdict_column] = _of_row(row)
    found[form.sheet][1, layout.verdict_column] = lambda filling: f"自检结论：{filling.shown.overall}"
    for number, question in enumerate(checks.questions):
        found[CHECK][question.row, column_letters(question.number)] = _Listed("verdicts", number)
    for number, turn in checks.turns.items():
        found[LISTS][number, "D"] = _Listed("links", turn)
    found[PANEL][panel.OVERALL_ROW, "C"] = lambda filling: filling.shown.overall
    cells = ((row, column) for row, _ in enumerate(layout.panel, PANEL_FIRST_ROW) for column in _LINE)
    found[PANEL] |= {cell: _Listed("lines", number) for number, cell in enumerate(cells)}
    return found


#: The columns of a line's values on the panel.
_LINE = ("H", "C", "D", "E", "F")


def _computed(place: Place) -> ValueSource:
    return lambda filling: filling.answers.at(place)


def _issued(place: Place) -> ValueSource:
    return lambda filling: filling.cell(filling.answers.at(place))


def _of_row(row: int) -> ValueSource:
    return lambda filling: filling.shown.row(row)


def attributes_of(row: XmlRow, is_open: bool) -> ValueSource:
    """What gives the attributes of a row of the form's sheet."""
    number, attributes = row.number, row.attributes
    before, *behind = _HEIGHT.split(attributes, maxsplit=1)
    after = "".join(behind)

    def values(filling: FormValues) -> str:
        height = filling.height(number, is_open)
        return attributes if height is None else f"{before}{height}{after}"

    return values


Memories = dict[tuple[object, ...], RowMemo[tuple[Any, ...]]]


def batch(wanted: Sequence[ValueSource], memories: Memories) -> Callable[[FormValues], tuple[Any, ...]]:
    """What gives many values at once.

    Args:
        wanted: what gives each of them.
        memories: what is remembered of cells beside the table, for all rows of a group that hold the same.
    """
    listed = [one for one in wanted if isinstance(one, _Listed)]
    if len(listed) == len(wanted) > 1 and len({one.name for one in listed}) == 1:
        name, taken = listed[0].name, itemgetter(*(one.number for one in listed))
        return lambda filling: taken(getattr(filling, name))
    beside = [one for one in wanted if isinstance(one, _Beside)]
    if beside and len(beside) == len(wanted) and all(one.reads is not None for one in beside):
        return _remembered(beside, memories)
    return lambda filling: tuple([source(filling) for source in wanted])


def _remembered(beside: Sequence[_Beside], memories: Memories) -> Callable[[FormValues], tuple[Any, ...]]:
    columns, index, group = [one.column for one in beside], beside[0].index, beside[0].group
    reads: Collection[str] = frozenset().union(*(one.reads or () for one in beside))
    memory = memories.setdefault(tuple(columns), RowMemo(reads))

    def values(filling: FormValues) -> tuple[Any, ...]:
        row: Mapping[str, Value] = filling.answers.row(index)
        return memory.of(
            filling.answers.row(index).view, group, lambda _: tuple([row[one] if one else None for one in columns])
        )

    return values
