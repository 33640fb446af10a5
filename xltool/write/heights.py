"""How high each row of the form's sheet is: no program fits merged cells, so their texts are measured here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from xltool.form.blocks import GOAL, MONEY_UNIT_CELL
from xltool.form.definition import LEVEL_COLUMNS, LINE_BLOCKS
from xltool.form.layout import Layout
from xltool.form.places import Place, SingleCell
from xltool.language.functions import Value
from xltool.workbook.box import Box
from xltool.write.sheet import span

#: Excel keeps no row higher than this, in points.
_HIGHEST_ROW = 409

#: An indicator row is at least so high, in points: room to write in when the form is printed blank.
_LEAST_ROW = 20

At = Callable[[Place], Value]


class Heights:
    """The heights of one layout's rows, in points; rows count from 1."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.form = layout.form
        self._printed = self._of_printed_texts()
        self._lines = [place for place in layout.places if self._is_line(place)]
        self._inner = {name: self._letters(layout.box(cell)) for name, cell in layout.row_cells[0].items()}
        self._levels = self._of_levels()

    def _is_line(self, place: Place) -> bool:
        return isinstance(place, SingleCell) and self.form.field(place).section in (*LINE_BLOCKS, GOAL)

    def fixed_rows(self, at: At) -> dict[int, float]:
        """The rows that have a height of their own, with these values in them."""
        found: dict[int, float] = {}
        for place in self._lines:
            field, box = self.form.field(place), self.layout.box(place)
            least = field.height or (150 if field.section == GOAL else 26)
            found[box.top] = max(found.get(box.top, least), self.needed(box, at(place)))
        return self._printed | found

    def slots(self, slots: Sequence[int], hidden: Collection[int], at: At) -> dict[int, float]:
        """The heights of indicator rows, which may grow when somebody types more.

        Args:
            slots: the rows of the form.
            hidden: those of them that are not seen: what is printed beside their group has no room there.
            at: what stands in them.
        """
        found = {index: self._slot(index, at) for index in slots}
        for level, needed in self._levels.items():
            rows: dict[str, list[int]] = {}
            for index in slots:
                if index not in hidden:
                    rows.setdefault(getattr(self.layout.slots[index], level).id, []).append(index)
            for name, own in rows.items():
                found[own[-1]] += max(0, needed[name] - sum([found[index] for index in own]))
        return found

    def _of_levels(self) -> dict[str, dict[str, float]]:
        """The heights that the labels of first and second levels need, by their ids."""
        found: dict[str, dict[str, float]] = {}
        for level in LEVEL_COLUMNS:
            letters = self._letters(self.layout.box(self.form.indicator_cell(0, level)))
            levels = {getattr(slot, level).id: getattr(slot, level) for slot in self.layout.slots}
            found[level] = {key: self._fitted(self.form.level_label(one), letters) for key, one in levels.items()}
        return found

    def _slot(self, index: int, at: At) -> float:
        texts = ((at(cell), self._inner[name]) for name, cell in self.layout.row_cells[index].items())
        return max([_LEAST_ROW, *(self._fitted(text, letters) for text, letters in texts if isinstance(text, str))])

    def _of_printed_texts(self) -> dict[int, float]:
        """The rows of printed texts: title, heads, fund rows, total, notes."""
        layout, form, funds = self.layout, self.form, self.layout.funds_row
        two_lines = any("\n" in column.print_label for column in form.fund_columns.values())
        found: dict[int, float] = {
            1: 36,
            layout.indicators_row: 32,
            layout.total_row: 24,
            funds: 32 if two_lines else 22,
        }
        if form.section(GOAL):
            found[layout.goal_row] = 22
        unit = form.field(MONEY_UNIT_CELL)
        side = self.needed(layout.box(MONEY_UNIT_CELL), unit.embedded_in.replace("{}", str(unit.fixed_value or "")))
        least = max(30, (side - 22) / len(form.fund_rows))
        for label in layout.labels():
            top = label.box.top
            if label.role == "note":
                found[top] = self.needed(label.box, label.text)
            elif label.role == "label" and funds < top <= funds + len(form.fund_rows):
                found[top] = max(least, self.needed(label.box, label.text))
        return found

    def needed(self, box: Box, value: Value) -> float:
        """The height that a text needs in a box."""
        return self._fitted(value, self._letters(box)) if isinstance(value, str) else 0

    def _letters(self, box: Box) -> int:
        """How many full-width letters stand in a line of a box."""
        letters = list(self.form.widths)[box.left - 1 : box.right]
        points = sum(self.form.widths[one] for one in letters) * 5.25  # a unit of width is about 7 pixels
        return max(1, int((points - 6) / self.form.print.font_size))

    def _fitted(self, text: str, letters: int) -> float:
        lines = sum(max(1, -(-span(line) // letters)) for line in text.split("\n"))
        return min(_HIGHEST_ROW, lines * self.form.print.font_size * 1.36 + 8)


def is_hidden_row(layout: Layout, index: int, at: At) -> bool:
    """Whether an indicator row was issued blank: its group has no approved indicator, and it is not to be seen."""
    name = layout.form.indicator_cell(index, "level3")
    return name in layout.issued and at(name) is None
