"""Chunks of the template's rows: texts with slots between them, to be cut to the size of a form and filled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

from xltool.language.functions import Value
from xltool.support.memo import memo
from xltool.workbook.letters import column_number
from xltool.write.bulk.row_shift import ShiftableText, join_texts
from xltool.write.bulk.template_parts import SheetXml, XmlRow
from xltool.write.bulk.values import FormValues, Memories, ValueSource, attributes_of, batch

#: Marks the beginning and the end of a formula in a text; its type goes before it, its value after it.
_SLOT_MARK = "\1"

#: The last column that a sheet may have.
_LAST_COLUMN = 16_384

#: How many rows of a sheet without removed rows form one chunk; such rows are short.
_ROWS_PER_CHUNK = 16

_Parts = tuple[list[ShiftableText], list[tuple[ValueSource, ShiftableText | None]]]


class RowChunk:
    """A chunk of rows.

    Args:
        row: its first row.
        parts: its texts, one more than there are slots; and for each slot its value source, with the formula of a
            computed cell.
        memories: see ``values.batch``.
        once: whether hardly any other form has the same values in it.
        opened: the same chunk with the cells of issued values open to input; None if there is none.

    Attributes:
        text: its texts, with marks and formulas between them.
        values: returns the values of all slots.
        computed: for each slot whether it belongs to a formula.
    """

    def __init__(self, row: int, parts: _Parts, memories: Memories, once: bool, opened: RowChunk | None = None) -> None:
        texts, slots = parts
        mark = ShiftableText((_SLOT_MARK,))
        pieces = [texts[0]]
        for text, (_, formula) in zip(texts[1:], slots, strict=True):
            pieces += [mark, formula or ShiftableText(("",)), mark, text]
        self.row = row
        self.text = join_texts(pieces)
        self.values: Callable[[FormValues], tuple[Any, ...]] = batch([source for source, _ in slots], memories)
        self.computed = tuple(formula is not None for _, formula in slots)
        self.once = once
        self.opened = opened or self


@dataclass(frozen=True, eq=False)
class ChunkText:
    """The texts of a chunk in forms of one size, shared by all chunks that are equal.

    Attributes:
        texts: one more than there are values.
        formulas: the formula of each value; "" for an issued value.
        computed: for each value whether it is that of a formula.
        once: whether hardly any other form has the same values.
    """

    texts: tuple[str, ...]
    formulas: tuple[str, ...]
    computed: tuple[bool, ...]
    once: bool

    def fill(self, values: Sequence[Any]) -> str:
        """The chunk with its values."""
        parts = [self.texts[0]]
        for value, formula, computed, text in zip(values, self.formulas, self.computed, self.texts[1:], strict=True):
            if computed:
                kind, stored = _type_and_value(value)
                parts += (kind, "><f>", formula, "</f>", stored, "</c>", text)
            else:
                parts += (value, text)
        return "".join(parts)


def chunk_text(text: str, computed: tuple[bool, ...], once: bool) -> ChunkText:
    """Split the text of a chunk at its slots."""
    parts = text.split(_SLOT_MARK)
    return ChunkText(tuple(parts[::2]), tuple(parts[1::2]), computed, once)


def _type_and_value(value: Value | int) -> tuple[str, str]:
    """The type attribute and the value element of a computed cell, as XlsxWriter writes them."""
    return _stored_text(value) if isinstance(value, str) else _stored_number(value)


@memo(4_000, 100)
def _stored_text(value: str) -> tuple[str, str]:
    return (' t="str"', f"<v>{escape(value)}</v>") if value else ("", "<v></v>")


@memo(10_000)
def _stored_number(value: Decimal | int | None) -> tuple[str, str]:
    if isinstance(value, Decimal):
        return "", f"<v>{float(value)}</v>"
    return "", f"<v>{'' if value is None else value}</v>"


class ChunkBuilder:
    """Builds the chunks of one sheet.

    Args:
        sheet: the parts of the sheet.
        sources: the value source of each slot, by row and column letters.
        patterns: for rows that may be open to input, the row that has the styles they then have.
        beside: on the form's sheet the last column before those with computed values only; else None.
    """

    def __init__(
        self,
        sheet: SheetXml,
        sources: Mapping[tuple[int, str], ValueSource],
        patterns: Mapping[int, int],
        beside: int | None,
    ) -> None:
        self.sheet = sheet
        self.sources = sources
        self.patterns = patterns
        self.beside = beside

    def chunks(self, memories: Memories) -> list[RowChunk]:
        """The chunks of all rows: one per row where rows are removed, two on the form's sheet.

        The computed values beside the table are long, and the same in many rows, so they form a chunk of their own.
        """
        rows = self.sheet.rows
        if not self.sheet.has_removed_rows:
            starts = range(0, len(rows), _ROWS_PER_CHUNK)
            return [self._chunk(rows[start : start + _ROWS_PER_CHUNK], (1, _LAST_COLUMN), memories) for start in starts]
        chunks = []
        for row in rows:
            last = self.beside or _LAST_COLUMN
            chunks.append(self._chunk([row], (1, last), memories))
            if any(column_number(slot.column) > last for slot in row.slots):
                chunks.append(self._chunk([row], (last + 1, _LAST_COLUMN), memories))
        return chunks

    def _chunk(self, rows: Sequence[XmlRow], columns: tuple[int, int], memories: Memories) -> RowChunk:
        """One chunk: some rows between two columns."""
        number = rows[0].number
        once = not self.sheet.has_removed_rows or columns[1] == self.beside  # values computed beside the table recur
        opened = None
        if self.sheet.has_removed_rows and number in self.patterns:
            opened = RowChunk(number, self._parts(rows, columns, self.patterns[number]), memories, once)
        return RowChunk(number, self._parts(rows, columns, None), memories, once, opened)

    def _parts(self, rows: Sequence[XmlRow], columns: tuple[int, int], like: int | None) -> _Parts:
        """The texts and slots of some rows between two columns; ``like`` is the row whose styles issued cells take."""
        first, last = columns
        texts: list[ShiftableText] = [ShiftableText(("",))]
        slots: list[tuple[ValueSource, ShiftableText | None]] = []
        for row in rows:
            if first == 1:
                self._begin(row, like is not None, texts, slots)
            for slot in row.slots:
                if first <= column_number(slot.column) <= last:
                    style = slot.style if slot.formula or like is None else self.sheet.styles[like, slot.column]
                    texts[-1] += _restyle(slot.before, slot.style, style)
                    slots.append((self.sources[row.number, slot.column], slot.formula))
                    texts.append(ShiftableText(("",)))
            if not any(column_number(slot.column) > last for slot in row.slots):
                texts[-1] += row.after + ShiftableText(("</row>",))
        return texts, slots

    def _begin(
        self,
        row: XmlRow,
        is_open: bool,
        texts: list[ShiftableText],
        slots: list[tuple[ValueSource, ShiftableText | None]],
    ) -> None:
        """Add the start tag of a row."""
        start = (
            ShiftableText(('<row r="', '"'), (row.number,))
            if self.sheet.has_removed_rows
            else ShiftableText((f'<row r="{row.number}"',))
        )
        texts[-1] += start
        if self.beside is None:
            texts[-1] += ShiftableText((f"{row.attributes}>",))
        else:
            slots.append((attributes_of(row, is_open), None))
            texts.append(ShiftableText((">",)))


def _restyle(before: ShiftableText, style: str, new_style: str) -> ShiftableText:
    """The text before a slot, with another style for its cell."""
    *others, last = before.pieces
    return ShiftableText((*others, last.removesuffix(style) + new_style), before.tokens)
