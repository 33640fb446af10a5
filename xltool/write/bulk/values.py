"""The values of one form for the slots of its bulk template, and the sources that these values come from."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import Any

from xltool.form.answers import Answers
from xltool.form.compiled_formulas import compiled_formulas
from xltool.form.evaluation import RowMemo
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
    """The values of one form.

    Args:
        answers: its answers, at the places of the template.
        shown: the values of its formulas about verdicts.
        heights: the row heights of the template.
        slots: the indexes of its indicator rows in the template.
        first_string: the number of its first own string.

    Attributes:
        verdicts: the cells of ``_check``, in the order of ``CheckSheet.instances``.
        links: the links of ``_lists``, in the order of the checks.
        lines: the values of the panel, line by line.
        strings: its own strings, with their numbers.
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
        hidden = {index for index in slots if is_hidden_row(answers.layout, index, answers.at)}
        for index, height in heights.slots(slots, hidden, answers.at).items():
            self._heights[answers.layout.slots[index].row] = height, index in hidden

    def cell(self, value: Value) -> str:
        """The end of the cell of an issued value: its type and value."""
        if isinstance(value, Decimal):
            return f"><v>{float(value):.16G}</v></c>"
        if not value:
            return "/>"
        return f' t="s"><v>{self.strings.setdefault(value, self._first_string + len(self.strings))}</v></c>'

    def height(self, row: int, is_open: bool) -> str | None:
        """The attributes for height (in whole pixels, as programs keep it) and hiding of a row; None for no height."""
        if row not in self._heights:
            return None
        height, hidden = self._heights[row]
        points = int(height * 4 / 3 + 0.5) * 0.75
        return f' ht="{points:.16g}" hidden="1"' if hidden and not is_open else f' ht="{points:.16g}"'


#: Returns one value of a form.
ValueSource = Callable[[FormValues], Any]


@dataclass(frozen=True)
class _Listed:
    """The source of one of many values in a list: a verdict, a link or a panel value."""

    name: str
    number: int

    def __call__(self, form_values: FormValues) -> Any:
        return getattr(form_values, self.name)[self.number]


@dataclass(frozen=True)
class _Beside:
    """The source of a cell beside the table.

    Attributes:
        index: the index of its row.
        column: the name of its column; "" if the cell remains empty.
        group: the group of its row.
        reads: the columns on which it depends; None if it depends on more than its row.
    """

    index: int
    column: str
    group: str
    reads: frozenset[str] | None

    def __call__(self, form_values: FormValues) -> Any:
        return form_values.answers.row(self.index)[self.column] if self.column else None


def value_sources(
    layout: Layout, checks: CheckSheet, columns: Collection[str]
) -> dict[str, dict[tuple[int, str], ValueSource]]:
    """The value source of each slot, by sheet, then by row and column letters.

    Args:
        layout: of the template.
        checks: of the template.
        columns: the columns of indicator rows that may have content.
    """
    form = layout.form
    sources: dict[str, dict[tuple[int, str], ValueSource]] = {form.sheet: {}, CHECK: {}, PANEL: {}, LISTS: {}}
    for place in form.computed_cells:
        box = layout.box(place)
        sources[box.sheet][box.top, column_letters(box.left)] = _computed_source(place)
    for place in layout.issued:
        box = layout.box(place)
        if box.sheet == form.sheet:
            sources[form.sheet][box.top, column_letters(box.left)] = _issued_source(place)
    for name, columns_read in compiled_formulas(form).reads.items():
        reads = columns_read if name in columns else frozenset()
        for slot in layout.slots:
            source = _Beside(slot.index, name if name in columns else "", slot.level2.id, reads)
            sources[form.sheet][slot.row, form.columns[name].columns] = source
    for row in range(1, layout.last_row + 1):
        sources[form.sheet][row, layout.verdict_column] = _verdict_source(row)
    sources[form.sheet][1, layout.verdict_column] = lambda form_values: f"自检结论：{form_values.shown.overall}"
    for number, instance in enumerate(checks.instances):
        sources[CHECK][instance.row, column_letters(instance.number)] = _Listed("verdicts", number)
    for number, turn in checks.turns.items():
        sources[LISTS][number, "D"] = _Listed("links", turn)
    sources[PANEL][panel.OVERALL_ROW, "C"] = lambda form_values: form_values.shown.overall
    cells = ((row, column) for row, _ in enumerate(layout.panel, PANEL_FIRST_ROW) for column in _LINE)
    sources[PANEL] |= {cell: _Listed("lines", number) for number, cell in enumerate(cells)}
    return sources


#: The columns of the values of a panel line.
_LINE = ("H", "C", "D", "E", "F")


def _computed_source(place: Place) -> ValueSource:
    """The source of a computed place."""
    return lambda form_values: form_values.answers.at(place)


def _issued_source(place: Place) -> ValueSource:
    """The source of an issued place."""
    return lambda form_values: form_values.cell(form_values.answers.at(place))


def _verdict_source(row: int) -> ValueSource:
    """The source of the verdict beside a row."""
    return lambda form_values: form_values.shown.row(row)


def attributes_of(row: XmlRow, is_open: bool) -> ValueSource:
    """The source of the attributes of a row on the form's sheet."""
    number, attributes = row.number, row.attributes
    before, *behind = _HEIGHT.split(attributes, maxsplit=1)
    after = "".join(behind)

    def values(form_values: FormValues) -> str:
        height = form_values.height(number, is_open)
        return attributes if height is None else f"{before}{height}{after}"

    return values


Memories = dict[tuple[object, ...], RowMemo[tuple[Any, ...]]]


def batch(sources: Sequence[ValueSource], memories: Memories) -> Callable[[FormValues], tuple[Any, ...]]:
    """Combine sources to one that returns many values at once.

    Args:
        sources: the sources.
        memories: caches of the cells beside the table, shared by all rows of a group with equal content.
    """
    listed = [item for item in sources if isinstance(item, _Listed)]
    if len(listed) == len(sources) > 1 and len({item.name for item in listed}) == 1:
        name, items = listed[0].name, itemgetter(*(item.number for item in listed))
        return lambda form_values: items(getattr(form_values, name))
    beside = [item for item in sources if isinstance(item, _Beside)]
    if beside and len(beside) == len(sources) and all(item.reads is not None for item in beside):
        return _memoised(beside, memories)
    return lambda form_values: tuple([source(form_values) for source in sources])


def _memoised(beside: Sequence[_Beside], memories: Memories) -> Callable[[FormValues], tuple[Any, ...]]:
    """Combine sources beside the table, with a cache."""
    columns, index, group = [source.column for source in beside], beside[0].index, beside[0].group
    reads: Collection[str] = frozenset().union(*(source.reads or () for source in beside))
    memo = memories.setdefault(tuple(columns), RowMemo(reads))

    def values(form_values: FormValues) -> tuple[Any, ...]:
        row: Mapping[str, Value] = form_values.answers.row(index)
        return memo.result(
            form_values.answers.row(index).view,
            group,
            lambda _: tuple([row[source] if source else None for source in columns]),
        )

    return values
