"""Stretches of a master's rows: their texts with holes between them, to be cut to a form's size and filled."""

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

#: Stands in a text where a formula begins, and where it ends, between its type and its value.
_HOLE = "\1"

#: The last column that a sheet may have.
_LAST = 16_384

#: Rows of the sheets that stay are short, and so many are written together.
_TOGETHER = 16

_Parts = tuple[list[ShiftableText], list[tuple[ValueSource, ShiftableText | None]]]


class RowChunk:
    """A stretch of rows.

    Args:
        row: its first row.
        parts: its texts, one more than there are holes, and what gives the value of each hole, with the formula of a
            computed cell.
        memories: see ``filling.together``.
        own: whether hardly another form has the same values in it.
        opened: the same with the cells of issued values open; None where there is no such thing.

    Attributes:
        values: what gives the values of all holes.
        computed: which of them are those of formulas.
    """

    def __init__(self, row: int, parts: _Parts, memories: Memories, own: bool, opened: RowChunk | None = None) -> None:
        texts, holes = parts
        mark = ShiftableText((_HOLE,))
        every = [texts[0]]
        for text, (_, formula) in zip(texts[1:], holes, strict=True):
            every += [mark, formula or ShiftableText(("",)), mark, text]
        self.row = row
        self.text = join_texts(every)
        self.values: Callable[[FormValues], tuple[Any, ...]] = batch([source for source, _ in holes], memories)
        self.computed = tuple(formula is not None for _, formula in holes)
        self.own = own
        self.opened = opened or self


@dataclass(frozen=True, eq=False)
class ChunkText:
    """The texts of a stretch in forms of one size, shared by all that are alike.

    Attributes:
        texts: one more than there are values.
        formulas: one for each value, behind whose type it stands; "" for a value of its own.
        computed: which values are those of formulas.
        own: whether hardly another form has the same values.
    """

    texts: tuple[str, ...]
    formulas: tuple[str, ...]
    computed: tuple[bool, ...]
    own: bool

    def fill(self, values: Sequence[Any]) -> str:
        """The stretch with its values."""
        parts = [self.texts[0]]
        for value, formula, computed, text in zip(values, self.formulas, self.computed, self.texts[1:], strict=True):
            if computed:
                kind, stored = _stored(value)
                parts += (kind, "><f>", formula, "</f>", stored, "</c>", text)
            else:
                parts += (value, text)
        return "".join(parts)


def chunk_text(text: str, computed: tuple[bool, ...], own: bool) -> ChunkText:
    """The skeleton of a stretch's text in forms of one size."""
    parts = text.split(_HOLE)
    return ChunkText(tuple(parts[::2]), tuple(parts[1::2]), computed, own)


def _stored(value: Value | int) -> tuple[str, str]:
    """The type and the value of a computed cell, as XlsxWriter writes them."""
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
    """Makes the stretches of one sheet.

    Args:
        sheet: the sheet taken apart.
        sources: what gives the value of each hole, by row and column letters.
        patterns: for rows that may be open, the row that says how they look then.
        beside: on the form's sheet the last column but for those that hold nothing but computed values; else None.
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
        """One a row where rows move, on the form's sheet two: what is computed beside the table is long, and recurs."""
        rows = self.sheet.rows
        if not self.sheet.moves:
            starts = range(0, len(rows), _TOGETHER)
            return [self._stretch(rows[start : start + _TOGETHER], (1, _LAST), memories) for start in starts]
        found = []
        for row in rows:
            last = self.beside or _LAST
            found.append(self._stretch([row], (1, last), memories))
            if any(column_number(hole.column) > last for hole in row.slots):
                found.append(self._stretch([row], (last + 1, _LAST), memories))
        return found

    def _stretch(self, rows: Sequence[XmlRow], columns: tuple[int, int], memories: Memories) -> RowChunk:
        number = rows[0].number
        own = not self.sheet.moves or columns[1] == self.beside  # what is computed beside the table recurs
        opened = None
        if self.sheet.moves and number in self.patterns:
            opened = RowChunk(number, self._parts(rows, columns, self.patterns[number]), memories, own)
        return RowChunk(number, self._parts(rows, columns, None), memories, own, opened)

    def _parts(self, rows: Sequence[XmlRow], columns: tuple[int, int], like: int | None) -> _Parts:
        """Texts and holes of some rows between two columns; ``like`` is a row as which issued cells look."""
        first, last = columns
        texts: list[ShiftableText] = [ShiftableText(("",))]
        holes: list[tuple[ValueSource, ShiftableText | None]] = []
        for row in rows:
            if first == 1:
                self._begin(row, like is not None, texts, holes)
            for one in row.slots:
                if first <= column_number(one.column) <= last:
                    look = one.style if one.formula or like is None else self.sheet.styles[like, one.column]
                    texts[-1] += _styled(one.before, one.style, look)
                    holes.append((self.sources[row.number, one.column], one.formula))
                    texts.append(ShiftableText(("",)))
            if not any(column_number(one.column) > last for one in row.slots):
                texts[-1] += row.after + ShiftableText(("</row>",))
        return texts, holes

    def _begin(
        self,
        row: XmlRow,
        is_open: bool,
        texts: list[ShiftableText],
        holes: list[tuple[ValueSource, ShiftableText | None]],
    ) -> None:
        now = (
            ShiftableText(('<row r="', '"'), (row.number,))
            if self.sheet.moves
            else ShiftableText((f'<row r="{row.number}"',))
        )
        texts[-1] += now
        if self.beside is None:
            texts[-1] += ShiftableText((f"{row.attributes}>",))
        else:
            holes.append((attributes_of(row, is_open), None))
            texts.append(ShiftableText((">",)))


def _styled(before: ShiftableText, style: str, look: str) -> ShiftableText:
    """What stands before a hole, its cell looking otherwise."""
    *others, last = before.pieces
    return ShiftableText((*others, last.removesuffix(style) + look), before.tokens)
