"""A master taken apart: a workbook that the writer wrote, its rows and cells at hand, to be made smaller and filled.

Writing a form takes a quarter of a second, nearly all of it for formulas that are the same in every form. So one
master with the most rows is written, and the form of each project is stamped from it, see ``stamping``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from xltool.write.bulk.row_shift import RowMap, ShiftableText, shiftable_text

_SHEET = re.compile(r"(.*<sheetData>)(.*)(</sheetData>.*)", re.DOTALL)
_ROW = re.compile(r'<row r="(\d+)"([^>]*?)(?:/>|>(.*?)</row>)', re.DOTALL)
_CELL = re.compile(r'<c r="([A-Z]+)\d+"((?: s="\d+")?)(?: t="\w+")?(?:/>|>(?:<f>(.*?)</f>)?<v>.*?</v></c>)', re.DOTALL)

#: What stands after the rows and is about some of them, and what counts such elements.
_ELEMENT = re.compile(
    r"<mergeCell [^>]*/>|<dataValidation [^>]*?(?:/>|>.*?</dataValidation>)"
    r"|<conditionalFormatting .*?</conditionalFormatting>",
    re.DOTALL,
)
_ABOUT = re.compile(r'(?<=ref=")[^"]*')
#: Where markup holds addresses and formulas; its other attributes are texts.
_ADDRESSES = re.compile(
    r'(?<=ref=")[^"]*|(?<=activeCell=")[^"]*|(?<=topLeftCell=")[^"]*|(?<=>)[^<]+(?=</(?:formula\d?|definedName)>)'
)
_COUNTED = {element: re.compile(rf'<{element}s count="\d+"') for element in ("mergeCell", "dataValidation")}


@dataclass(frozen=True)
class ValueSlot:
    """A cell whose value is a form's own: a computed one with its formula, or one for an issued value.

    Attributes:
        before: what stands before it in its row, up to and with its own style.
        column: its letters.
        style: how it looks, the last of what stands before it.
        formula: of a computed cell; None for an issued value.
    """

    before: ShiftableText
    column: str
    style: str
    formula: ShiftableText | None


@dataclass(frozen=True)
class XmlRow:
    """A row: its number in the master, its attributes, its holes, and what stands after the last of them."""

    number: int
    attributes: str
    slots: tuple[ValueSlot, ...]
    after: ShiftableText


@dataclass(frozen=True)
class XmlElement:
    """An element about some cells: it goes when their rows go, and a merged range when one cell is left of it."""

    about: ShiftableText
    text: ShiftableText

    @property
    def limits(self) -> bool:
        """Whether it limits what may be typed."""
        return self.text.pieces[0].startswith("<dataValidation ")

    def text_at(self, rows: RowMap) -> str:
        """The element in the smaller form; "" when it is gone."""
        about = self.about.text_at(rows) if not self.about.gone(rows) else ""
        merged = self.text.pieces[0].startswith("<mergeCell ")
        return "" if not about or (merged and ":" not in about) else self.text.text_at(rows)


@dataclass(frozen=True)
class SheetXml:
    """A sheet's XML taken apart.

    Attributes:
        title: its name.
        moves: whether rows are taken out of it; on other sheets only what speaks of such rows changes.
        head: what stands before its rows.
        rows: its rows.
        tail: what stands after them.
        styles: how every cell looks, by row and column letters.
    """

    title: str
    moves: bool
    head: ShiftableText
    rows: tuple[XmlRow, ...]
    tail: tuple[ShiftableText | XmlElement, ...]
    styles: Mapping[tuple[int, str], str]

    def tail_at(self, rows: RowMap, like: Mapping[int, int]) -> str:
        """What stands after the rows of the smaller form, its elements counted anew.

        Args:
            rows: where rows stand now.
            like: rows whose cells are open, each with the one that says how their input is limited.
        """
        text = "".join(piece.text_at(rows) for piece in self.tail)
        columns = {hole.column for row in self.rows if row.number in like for hole in row.slots if hole.formula is None}
        limits = [one for one in self.tail if isinstance(one, XmlElement) and one.limits]
        for row, pattern in like.items():
            own = [one for one in limits if one.about.pieces[0] in columns and pattern in one.about.tokens]
            added = "".join(one.text_at(rows.as_if(pattern, row)) for one in own)
            text = text.replace("</dataValidations>", f"{added}</dataValidations>")
        for element, count in _COUNTED.items():
            text = count.sub(f'<{element}s count="{text.count(f"<{element} ")}"', text)
        return text


def split_sheet(xml: str, title: str, sheets: Collection[str], issued: Collection[tuple[int, str]]) -> SheetXml:
    """A sheet of the master.

    Args:
        xml: as it was written.
        title: its name.
        sheets: the sheets out of which rows are taken.
        issued: row and column letters of the cells for issued values.
    """
    match = _SHEET.fullmatch(xml)
    assert match is not None, title
    head, data, tail = match.groups()
    maker = _Maker(title, sheets, frozenset(issued))
    rows = tuple(maker.row(found) for found in _ROW.finditer(data))
    return SheetXml(title, title in sheets, maker.markup(head), rows, tuple(maker.tail(tail)), maker.styles)


class _Maker:
    """Makes the parts of one sheet."""

    def __init__(self, title: str, sheets: Collection[str], issued: Collection[tuple[int, str]]) -> None:
        self.title = title
        self.sheets = sheets
        self.issued = issued
        self.styles: dict[tuple[int, str], str] = {}

    def row(self, match: re.Match[str]) -> XmlRow:
        number, holes = int(match[1]), []
        before = ShiftableText(("",))
        for cell in _CELL.finditer(match[3] or ""):
            column, style, formula = cell.groups()
            self.styles[number, column] = style
            start = ShiftableText((f'<c r="{column}', f'"{style}'), (number,))
            if self.title not in self.sheets:
                start = ShiftableText((f'<c r="{column}{number}"{style}',))
            if formula is not None or (number, column) in self.issued:
                moved = None if formula is None else shiftable_text(formula, self.title, self.sheets)
                holes.append(ValueSlot(before + start, column, style, moved))
                before = ShiftableText(("",))
            else:
                before += start + ShiftableText((cell[0][len(f'<c r="{column}{number}"{style}') :],))
        return XmlRow(number, match[2], tuple(holes), before)

    def tail(self, text: str) -> list[ShiftableText | XmlElement]:
        found: list[ShiftableText | XmlElement] = []
        end = 0
        for match in _ELEMENT.finditer(text):
            about = _ABOUT.search(match[0])
            assert about is not None, match[0]
            found.append(self.markup(text[end : match.start()]))
            found.append(XmlElement(shiftable_text(about[0], self.title, self.sheets), self.markup(match[0])))
            end = match.end()
        return [*found, self.markup(text[end:])]

    def markup(self, text: str) -> ShiftableText:
        """Markup whose addresses and formulas move."""
        found = ShiftableText(("",))
        end = 0
        for match in _ADDRESSES.finditer(text):
            found += ShiftableText((text[end : match.start()],)) + shiftable_text(match[0], self.title, self.sheets)
            end = match.end()
        return found + ShiftableText((text[end:],))


def shiftable_names(xml: str, sheets: Collection[str]) -> ShiftableText:
    """The workbook's own part, whose defined names move."""
    return _Maker("", sheets, ()).markup(xml)
