"""Splits a written workbook into rows and cells, so that it can be made smaller and filled with other values.

Writing a form takes a quarter of a second, nearly all of it for formulas that are the same in every form. So one
workbook with the most rows is written, and the form of each project is instantiated from it, see ``instantiate``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from xltool.write.bulk.row_shift import RowMap, ShiftableText, shiftable_text

_SHEET = re.compile(r"(.*<sheetData>)(.*)(</sheetData>.*)", re.DOTALL)
_ROW = re.compile(r'<row r="(\d+)"([^>]*?)(?:/>|>(.*?)</row>)', re.DOTALL)
_CELL = re.compile(r'<c r="([A-Z]+)\d+"((?: s="\d+")?)(?: t="\w+")?(?:/>|>(?:<f>(.*?)</f>)?<v>.*?</v></c>)', re.DOTALL)

#: The elements after the rows that refer to some of the rows.
_ELEMENT = re.compile(
    r"<mergeCell [^>]*/>|<dataValidation [^>]*?(?:/>|>.*?</dataValidation>)"
    r"|<conditionalFormatting .*?</conditionalFormatting>",
    re.DOTALL,
)
_ABOUT = re.compile(r'(?<=ref=")[^"]*')
#: The parts of markup that hold addresses and formulas; other attributes are plain text.
_ADDRESSES = re.compile(
    r'(?<=ref=")[^"]*|(?<=activeCell=")[^"]*|(?<=topLeftCell=")[^"]*|(?<=>)[^<]+(?=</(?:formula\d?|definedName)>)'
)
_COUNTED = {element: re.compile(rf'<{element}s count="\d+"') for element in ("mergeCell", "dataValidation")}


@dataclass(frozen=True)
class ValueSlot:
    """A cell whose value differs from form to form: a computed cell with its formula, or a cell for an issued value.

    Attributes:
        before: the text before it in its row, up to and including its own style.
        column: its column letters.
        style: its style attribute, the end of ``before``.
        formula: the formula of a computed cell; None for an issued value.
    """

    before: ShiftableText
    column: str
    style: str
    formula: ShiftableText | None


@dataclass(frozen=True)
class XmlRow:
    """A row of a sheet's XML.

    Attributes:
        number: its number in the template.
        attributes: its attributes as text.
        slots: its slots, in order.
        after: the text after the last slot.
    """

    number: int
    attributes: str
    slots: tuple[ValueSlot, ...]
    after: ShiftableText


@dataclass(frozen=True)
class XmlElement:
    """An element about some cells.

    It disappears when their rows are removed, and a merged range when only one cell of it is left.

    Attributes:
        addresses: the addresses of the cells.
        text: the element.
    """

    addresses: ShiftableText
    text: ShiftableText

    @property
    def is_validation(self) -> bool:
        """Whether it is a validation that limits what may be typed."""
        return self.text.pieces[0].startswith("<dataValidation ")

    def text_at(self, rows: RowMap) -> str:
        """The element in the smaller form; "" if it disappears."""
        about = self.addresses.text_at(rows) if not self.addresses.is_removed(rows) else ""
        merged = self.text.pieces[0].startswith("<mergeCell ")
        return "" if not about or (merged and ":" not in about) else self.text.text_at(rows)


@dataclass(frozen=True)
class SheetXml:
    """A sheet's XML, split into parts.

    Attributes:
        title: the name of the sheet.
        has_removed_rows: whether rows are removed from it; on other sheets only references to such rows change.
        head: the text before its rows.
        rows: its rows.
        tail: the text and elements after them.
        styles: the style of every cell, by row and column letters.
    """

    title: str
    has_removed_rows: bool
    head: ShiftableText
    rows: tuple[XmlRow, ...]
    tail: tuple[ShiftableText | XmlElement, ...]
    styles: Mapping[tuple[int, str], str]

    def tail_at(self, rows: RowMap, like: Mapping[int, int]) -> str:
        """The text after the rows in the smaller form, with its elements counted anew.

        Args:
            rows: maps rows to the smaller form.
            like: rows whose cells are open to input, each with the row that has the validations to copy.
        """
        text = "".join(piece.text_at(rows) for piece in self.tail)
        columns = {slot.column for row in self.rows if row.number in like for slot in row.slots if slot.formula is None}
        limits = [
            validation for validation in self.tail if isinstance(validation, XmlElement) and validation.is_validation
        ]
        for row, pattern in like.items():
            copied = [
                validation
                for validation in limits
                if validation.addresses.pieces[0] in columns and pattern in validation.addresses.tokens
            ]
            added = "".join(validation.text_at(rows.as_if(pattern, row)) for validation in copied)
            text = text.replace("</dataValidations>", f"{added}</dataValidations>")
        for name, count in _COUNTED.items():
            text = count.sub(f'<{name}s count="{text.count(f"<{name} ")}"', text)
        return text


def split_sheet(xml: str, title: str, sheets: Collection[str], issued: Collection[tuple[int, str]]) -> SheetXml:
    """Split a sheet of the template.

    Args:
        xml: its XML as written.
        title: its name.
        sheets: the sheets from which rows are removed.
        issued: row and column letters of the cells for issued values.
    """
    match = _SHEET.fullmatch(xml.replace("<sheetData/>", "<sheetData></sheetData>"))  # a sheet without any cell
    assert match is not None, title
    head, data, tail = match.groups()
    splitter = _SheetSplitter(title, sheets, frozenset(issued))
    rows = tuple(splitter.row(row_match) for row_match in _ROW.finditer(data))
    return SheetXml(title, title in sheets, splitter.markup(head), rows, tuple(splitter.tail(tail)), splitter.styles)


class _SheetSplitter:
    """Splits one sheet."""

    def __init__(self, title: str, sheets: Collection[str], issued: Collection[tuple[int, str]]) -> None:
        self.title = title
        self.sheets = sheets
        self.issued = issued
        self.styles: dict[tuple[int, str], str] = {}

    def row(self, match: re.Match[str]) -> XmlRow:
        """Split a row, and note the style of its cells."""
        number, slots = int(match[1]), []
        before = ShiftableText(("",))
        for cell in _CELL.finditer(match[3] or ""):
            column, style, formula = cell.groups()
            self.styles[number, column] = style
            start = ShiftableText((f'<c r="{column}', f'"{style}'), (number,))
            if self.title not in self.sheets:
                start = ShiftableText((f'<c r="{column}{number}"{style}',))
            if formula is not None or (number, column) in self.issued:
                shiftable = None if formula is None else shiftable_text(formula, self.title, self.sheets)
                slots.append(ValueSlot(before + start, column, style, shiftable))
                before = ShiftableText(("",))
            else:
                before += start + ShiftableText((cell[0][len(f'<c r="{column}{number}"{style}') :],))
        return XmlRow(number, match[2], tuple(slots), before)

    def tail(self, text: str) -> list[ShiftableText | XmlElement]:
        """Split the text after the rows."""
        pieces: list[ShiftableText | XmlElement] = []
        end = 0
        for match in _ELEMENT.finditer(text):
            about = _ABOUT.search(match[0])
            assert about is not None, match[0]
            pieces.append(self.markup(text[end : match.start()]))
            pieces.append(XmlElement(shiftable_text(about[0], self.title, self.sheets), self.markup(match[0])))
            end = match.end()
        return [*pieces, self.markup(text[end:])]

    def markup(self, text: str) -> ShiftableText:
        """Parse markup; its addresses and formulas become tokens."""
        parsed = ShiftableText(("",))
        end = 0
        for match in _ADDRESSES.finditer(text):
            parsed += ShiftableText((text[end : match.start()],)) + shiftable_text(match[0], self.title, self.sheets)
            end = match.end()
        return parsed + ShiftableText((text[end:],))


def shiftable_names(xml: str, sheets: Collection[str]) -> ShiftableText:
    """Parse the workbook part, whose defined names have to be adjusted."""
    return _SheetSplitter("", sheets, ()).markup(xml)
