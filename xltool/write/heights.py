"""Computes the height of each row of the form's sheet.

No program fits the height of merged cells, so their texts are measured here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from xltool.form.blocks import FieldGrid, Matrix, PrintedText, Table
from xltool.form.definition import level_label
from xltool.form.field import ON_FORM
from xltool.form.layout import Layout
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.form.printed_labels import printed_labels
from xltool.language.functions import Value
from xltool.result.roles import INDICATOR
from xltool.workbook.box import Box
from xltool.write.sheet import text_width

#: The greatest row height that Excel keeps, in points.
_HIGHEST_ROW = 409

#: The least height of an indicator row, in points: room to write by hand on a printed blank form.
_LEAST_ROW = 20

#: The heights of heads of one line and of two, and of a long text below its head.
_HEAD_LINE, _TWO_LINES, _TEXT_BELOW_HEAD = 22, 32, 150

At = Callable[[Place], Value]


class Heights:
    """The row heights of one layout, in points; rows count from 1."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self.form = layout.form
        self._printed = self._of_printed_texts()
        self._lines = [place for place in layout.places if self._is_line(place)]
        self._inner = {
            key: {name: self._letters(layout.box(cell)) for name, cell in rows[0].items()}
            for key, rows in layout.table_row_cells.items()
        }
        self._levels = self._of_levels()
        self._texts_of_matrices = [
            place
            for place in layout.places
            if isinstance(place, FixedRowCell) and layout.is_input(place) and self.form.field(place).kind.name == "text"
        ]

    def _is_line(self, place: Place) -> bool:
        """Whether a place lies outside the tables, in a row that has to fit its text."""
        if not isinstance(place, SingleCell):
            return False
        field = self.form.field(place)
        block = self.form.block_of[field.block]
        return field.sheet == ON_FORM and isinstance(block, FieldGrid) and not block.is_total

    def fixed_rows(self, at: At) -> dict[int, float]:
        """The heights of all rows outside tables, for these values.

        Args:
            at: returns the value of a place.

        Returns:
            The height in points by row.
        """
        rows: dict[int, float] = {}
        for place in self._lines:
            field, box = self.form.field(place), self.layout.box(place)
            least = field.height or (_TEXT_BELOW_HEAD if field.label_line else 26)
            rows[box.top] = max(rows.get(box.top, least), self.needed(box, at(place)))
        for key, inner in self._inner.items():
            if key != self.form.indicator_table:
                for slot, cells in zip(self.layout.table_slots[key], self.layout.table_row_cells[key], strict=True):
                    rows[slot.row] = self._row(cells, inner, at)
        for place in self._texts_of_matrices:
            box = self.layout.box(place)
            rows[box.top] = max(rows.get(box.top, self._printed[box.top]), self.needed(box, at(place)))
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
        table = self.form.tables.get(self.form.indicator_table)
        if table is None:
            return heights
        for level in table.level_columns:
            letters = self._letters(self.layout.box(self.form.indicator_cell(0, level)))
            levels = {getattr(slot, level).id: getattr(slot, level) for slot in self.layout.slots}
            heights[level] = {key: self._fitted(level_label(table, label), letters) for key, label in levels.items()}
        return heights

    def _slot(self, index: int, at: At) -> float:
        """The height that one indicator row needs by itself."""
        return self._row(self.layout.row_cells[index], self._inner[self.form.indicator_table], at)

    def _row(self, cells: Mapping[str, VariableRowCell], inner: Mapping[str, int], at: At) -> float:
        """The height that a row of a table needs.

        Args:
            cells: its cells by column.
            inner: how many letters fit into one line of each column.
            at: returns the value of a place.
        """
        texts = ((at(cell), inner[name]) for name, cell in cells.items())
        return max([_LEAST_ROW, *(self._fitted(text, letters) for text, letters in texts if isinstance(text, str))])

    def _of_printed_texts(self) -> dict[int, float]:
        """The heights of the rows of printed texts: title, heads, rows of matrices, total, notes."""
        heights: dict[int, float] = {1: 36}
        for block in self.form.blocks:
            first = self.layout.first_rows[block.id]
            match block:
                case Matrix():
                    heights |= self._of_matrix(block)
                case Table():
                    heights |= {first: _HEAD_LINE} | {self.layout.head_row(block.key): _TWO_LINES}
                case PrintedText():
                    width = f"A:{list(self.form.widths)[-1]}"
                    boxes = [self.layout.box_of(row, width) for row in range(first, first + len(block.lines))]
                    heights |= {box.top: self.needed(box, text) for box, text in zip(boxes, block.lines, strict=True)}
                case _ if block.is_total:
                    heights[first] = 24
                case _:
                    heights |= {first + field.label_line - 1: _HEAD_LINE for field in block.fields if field.label_line}
        return heights

    def _of_matrix(self, matrix: Matrix) -> dict[int, float]:
        """The heights of the rows of a matrix: its heads, and rows high enough for the text beside them."""
        layout, head = self.layout, self.layout.head_row(matrix.key)
        two_lines = any("\n" in column.print_label for column in matrix.columns.values())
        heights: dict[int, float] = {layout.first_rows[matrix.id]: _HEAD_LINE}
        heights[head] = _TWO_LINES if two_lines else _HEAD_LINE
        beside = (
            [self.needed(layout.block_box(matrix, matrix.label_columns), matrix.label)] if matrix.label_columns else []
        )
        for field in matrix.fields:
            text = field.embedded_in.replace("{}", str(field.fixed_value or ""))
            beside.append(self.needed(layout.box(SingleCell(field.name)), text))
        least = max(30, (max(beside, default=0) - 22) / len(matrix.rows))
        for row in range(head + 1, head + 1 + len(matrix.rows)):
            heights[row] = least
        for label in printed_labels(layout):
            if label.role == "label" and label.box.top in heights and label.box.top > head:
                heights[label.box.top] = max(heights[label.box.top], self.needed(label.box, label.text))
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
    column = layout.form.column(INDICATOR)
    if column is None:
        return False
    name = layout.form.indicator_cell(index, column)
    return name in layout.issued and at(name) is None
