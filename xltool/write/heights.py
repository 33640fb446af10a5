"""Computes the height of each row of the form's sheet.

No program fits the height of merged cells, so their texts are measured here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from xltool.form.blocks import GOAL, MONEY_UNIT_CELL
from xltool.form.definition import LEVEL_COLUMNS, LINE_BLOCKS
from xltool.form.layout import Layout
from xltool.form.places import Place, SingleCell
from xltool.form.printed_labels import printed_labels
from xltool.language.functions import Value
from xltool.workbook.box import Box
from xltool.write.sheet import text_width

#: The greatest row height that Excel keeps, in points.
_HIGHEST_ROW = 409

#: The least height of an indicator row, in points: room to write by hand on a printed blank form.
_LEAST_ROW = 20

At = Callable[[Place], Value]


class Heights:
    """The row heights of one layout, in points; rows count from 1."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.form = layout.form
        self._printed = self._of_printed_texts()
        self._lines = [place for place in layout.places if self._is_line(place)]
        self._inner = {name: self._letters(layout.box(cell)) for name, cell in layout.row_cells[0].items()}
        self._levels = self._of_levels()

    def _is_line(self, place: Place) -> bool:
        """Whether a place lies outside the tables, in a row that has to fit its text."""
        return isinstance(place, SingleCell) and self.form.field(place).section in (*LINE_BLOCKS, GOAL)

    def fixed_rows(self, at: At) -> dict[int, float]:
        """The heights of all rows outside the indicator table, for these values.

        Args:
            at: returns the value of a place.

        Returns:
            The height in points by row.
        """
        rows: dict[int, float] = {}
        for place in self._lines:
            field, box = self.form.field(place), self.layout.box(place)
            least = field.height or (150 if field.section == GOAL else 26)
            rows[box.top] = max(rows.get(box.top, least), self.needed(box, at(place)))
        return self._printed | rows

    def slots(self, slots: Sequence[int], hidden: Collection[int], at: At) -> dict[int, float]:
        """The heights of the given indicator rows; programs may enlarge them later.

        Args:
            slots: the indexes of the rows.
            hidden: those of them that are hidden; the label of their group gets no room there.
            at: returns the value of a place.

        Returns:
            The height in points by index.
        """
        heights = {index: self._slot(index, at) for index in slots}
        for level, needed in self._levels.items():
            rows: dict[str, list[int]] = {}
            for index in slots:
                if index not in hidden:
                    rows.setdefault(getattr(self.layout.slots[index], level).id, []).append(index)
            for name, group in rows.items():
                heights[group[-1]] += max(0, needed[name] - sum([heights[index] for index in group]))
        return heights

    def _of_levels(self) -> dict[str, dict[str, float]]:
        """The heights that the labels of first- and second-level indicators need, by level and id."""
        heights: dict[str, dict[str, float]] = {}
        for level in LEVEL_COLUMNS:
            letters = self._letters(self.layout.box(self.form.indicator_cell(0, level)))
            levels = {getattr(slot, level).id: getattr(slot, level) for slot in self.layout.slots}
            heights[level] = {key: self._fitted(self.form.level_label(label), letters) for key, label in levels.items()}
        return heights

    def _slot(self, index: int, at: At) -> float:
        """The height that one indicator row needs by itself."""
        texts = ((at(cell), self._inner[name]) for name, cell in self.layout.row_cells[index].items())
        return max([_LEAST_ROW, *(self._fitted(text, letters) for text, letters in texts if isinstance(text, str))])

    def _of_printed_texts(self) -> dict[int, float]:
        """The heights of the rows of printed texts: title, heads, fund rows, total, notes."""
        layout, form, funds = self.layout, self.form, self.layout.funds_row
        two_lines = any("\n" in column.print_label for column in form.fund_columns.values())
        heights: dict[int, float] = {
            1: 36,
            layout.indicators_row: 32,
            layout.total_row: 24,
            funds: 32 if two_lines else 22,
        }
        if form.section(GOAL):
            heights[layout.goal_row] = 22
        unit = form.field(MONEY_UNIT_CELL)
        side = self.needed(layout.box(MONEY_UNIT_CELL), unit.embedded_in.replace("{}", str(unit.fixed_value or "")))
        least = max(30, (side - 22) / len(form.fund_rows))
        for label in printed_labels(layout):
            top = label.box.top
            if label.role == "note":
                heights[top] = self.needed(label.box, label.text)
            elif label.role == "label" and funds < top <= funds + len(form.fund_rows):
                heights[top] = max(least, self.needed(label.box, label.text))
        return heights

    def needed(self, box: Box, value: Value) -> float:
        """The height that a value needs in a box; 0 for a number."""
        return self._fitted(value, self._letters(box)) if isinstance(value, str) else 0

    def _letters(self, box: Box) -> int:
        """How many full-width characters fit into one line of a box."""
        letters = list(self.form.widths)[box.left - 1 : box.right]
        points = sum(self.form.widths[letter] for letter in letters) * 5.25  # a unit of width is about 7 pixels
        return max(1, int((points - 6) / self.form.print.font_size))

    def _fitted(self, text: str, letters: int) -> float:
        """The height of a text in lines of ``letters`` full-width characters."""
        lines = sum(max(1, -(-text_width(line) // letters)) for line in text.split("\n"))
        return min(_HIGHEST_ROW, lines * self.form.print.font_size * 1.36 + 8)


def is_hidden_row(layout: Layout, index: int, at: At) -> bool:
    """Whether an indicator row is hidden because it was issued blank: its group has no approved indicator."""
    name = layout.form.indicator_cell(index, "level3")
    return name in layout.issued and at(name) is None
