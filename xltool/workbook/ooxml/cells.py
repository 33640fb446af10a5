"""Convert stored cells to ``CellFact`` on demand, because most cells are helpers that nothing ever reads."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from xltool.language.functions import SheetError, Value
from xltool.language.numbers import decimal_text, from_sheet
from xltool.support.i18n import english, tr
from xltool.support.memo import memo
from xltool.workbook import dates
from xltool.workbook.box import Box
from xltool.workbook.grid import CellFact, Spot, StruckText
from xltool.workbook.limits import SAFE
from xltool.workbook.ooxml import shared_formulas, styles
from xltool.workbook.ooxml.shared_strings import RichString, unescape_codes
from xltool.workbook.ooxml.styles import Style

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class StoredCell(NamedTuple):
    """A cell as stored in the part of its sheet.

    Attributes:
        kind: the ``t`` attribute; "twice" for a cell that occurs twice, "formula" if its shared formula is missing,
            "picture" for a picture in a cell.
        style: the ``s`` attribute.
        value: the text of <v>, or the inline text; None if there is neither.
        formula: the text of <f>; None if there is none.
        share: the ``si`` attribute of a shared formula whose text is in another cell.
        array: the range that an array formula fills.
    """

    kind: str
    style: str
    value: str | RichString | None
    formula: str | None = None
    share: str = ""
    array: str = ""


@dataclass(frozen=True)
class SharedFormula:
    """The text of a shared formula, the cell that holds it, and the range it is for."""

    spot: Spot
    formula: str
    box: Box | None


class SharedTexts(dict[bytes, "str | bytes"]):
    """The texts of shared strings by their numbers as stored; the number itself if there is no such shared string."""

    def __init__(self, strings: Sequence[RichString]) -> None:
        self._strings = strings

    def __missing__(self, stored: bytes) -> str | bytes:
        is_number = stored.isdigit() and len(stored) < 9 and int(stored) < len(self._strings)
        self[stored] = text = self._strings[int(stored)].text if is_number else stored
        return text


@dataclass(frozen=True)
class WorkbookContext:
    """The data that all cells of a workbook share."""

    strings: Sequence[RichString] = ()
    styles: Sequence[styles.Style] = ()
    date1904: bool = False
    cell_text: int = SAFE.cell_text
    _looks: dict[str, Style | None] = field(default_factory=dict)  # styles by number, filled on demand

    @cached_property
    def texts(self) -> SharedTexts:
        """The texts of the shared strings, resolved on demand."""
        return SharedTexts(self.strings)

    def style(self, number: str) -> Style | None:
        """The style of this number; None if there is none."""
        if number not in self._looks:
            self._looks[number] = _find_style(self, number)
        return self._looks[number]


#: A stored cell as a plain tuple, in the order of ``StoredCell``; creating the objects would cost more than parsing.
Raw = tuple[str, str, "str | RichString | None", "str | None", str, str]


@dataclass(frozen=True, eq=False)
class StoredCells(Mapping[Spot, CellFact]):
    """The non-empty cells of a sheet, converted to facts on demand.

    Args:
        raw: the cells as stored.
        masters: the shared formulas by ``si``.
        book: the data that all sheets share.
        zeros_hidden: whether cells whose number is 0 look blank.
        differences: the comparisons with other sheets so far, by the identity of those; see ``compare``.
    """

    raw: Mapping[Spot, Raw]
    masters: Mapping[str, Sequence[SharedFormula]]
    book: WorkbookContext
    zeros_hidden: bool = False
    _facts: dict[Spot, CellFact] = field(default_factory=dict)
    differences: dict[int, tuple[Mapping[Spot, CellFact], Sequence[Spot]]] = field(default_factory=dict)

    def __getitem__(self, spot: Spot) -> CellFact:
        fact = self._facts.get(spot)
        if fact is None:
            fact = self._facts[spot] = self._convert(spot, StoredCell._make(self.raw[spot]))
        return fact

    def get(self, spot: Spot, default: Any = None) -> Any:
        """As in any mapping, but without raising: most cells that are looked up are blank, or have been before."""
        fact = self._facts.get(spot)
        if fact is not None:
            return fact
        return self[spot] if spot in self.raw else default

    def __contains__(self, spot: object) -> bool:
        return spot in self.raw

    def formula(self, spot: Spot) -> str:
        """The formula of a cell; "" if it has none."""
        if spot not in self.raw:
            return ""
        cell = StoredCell._make(self.raw[spot])
        return (self._shared_formula(spot, cell.share) if cell.share else cell.formula) or ""

    def __iter__(self) -> Iterator[Spot]:
        return iter(self.raw)

    def __len__(self) -> int:
        return len(self.raw)

    def _convert(self, spot: Spot, cell: StoredCell) -> CellFact:
        style = self.book.style(cell.style)
        formula = self._shared_formula(spot, cell.share) if cell.share else cell.formula
        if cell.share and formula is None:
            cell = StoredCell("formula", cell.style, cell.value, "")
        value, text, stored = _read(cell, style or styles.DEFAULT, self.book)
        if self.zeros_hidden and value == 0:
            text = ""
        if style is None:
            value = SheetError(tr("（样式编号无效）", "(no such style)"))
        return CellFact(
            value=value,
            text=text,
            formula=formula or "",
            raw=stored.text if isinstance(stored, RichString) else stored or "",
            number_format=(style or styles.DEFAULT).format.code,
            cached=formula is None or _is_cached(cell),
            locked=style is None or style.locked,
            array=cell.array,
            raised=isinstance(stored, RichString) and stored.raised,
            picture=cell.kind == "picture",
            struck=_crossed_out(style, stored, text),
        )

    def _shared_formula(self, spot: Spot, share: str) -> str | None:
        masters = self.masters.get(share, ())
        row, column = spot
        candidates = [master for master in masters if master.box is None or _contains(master.box, spot)] or masters
        if len(candidates) != 1:
            return None
        [master] = candidates
        return shared_formulas.shift_formula(master.formula, row - master.spot[0], column - master.spot[1])


def _crossed_out(style: Style | None, stored: str | RichString | None, text: str) -> StruckText | None:
    """The crossed-out text: runs of the text, or all of it if the font of the cell strikes it out."""
    if isinstance(stored, RichString) and stored.styled:
        return stored.struck
    return StruckText(text, "") if style is not None and style.struck and text else None


def _contains(box: Box, spot: Spot) -> bool:
    return box.top <= spot[0] <= box.bottom and box.left <= spot[1] <= box.right


def _is_cached(cell: StoredCell) -> bool:
    # For a result that is an empty text, XlsxWriter writes an empty <v>, and Excel adds t="str".
    return bool(cell.value) or (cell.value is not None and cell.kind == "str")


def _find_style(book: WorkbookContext, number: str) -> styles.Style | None:
    if not number:
        return book.styles[0] if book.styles else styles.DEFAULT
    index = styles.whole_number(number)
    if index is None or index >= len(book.styles):
        return styles.DEFAULT if index == 0 else None
    return book.styles[index]


def _read(cell: StoredCell, style: styles.Style, book: WorkbookContext) -> tuple[Value, str, str | RichString | None]:  # noqa: C901, PLR0911  # a line for each type of cell; calls would cost what they save
    """Typed value, text as a person sees it, text as stored."""
    stored = cell.value
    if (cell.formula is not None or cell.share) and not _is_cached(cell):
        return _not_calculated(english()), "", None
    if isinstance(stored, RichString):
        return *_read_text(stored.text, style, book), stored
    text = (stored or "").strip() if cell.kind not in ("str", "inlineStr") else stored or ""
    if not text and cell.kind not in ("twice", "formula"):
        return None, "", None  # some programs write blank cells with a type and an empty value
    match cell.kind:
        case "s":
            index = styles.whole_number(text)
            if index is None or index >= len(book.strings):
                return _error(tr(f"（没有编号为 {text} 的文字）", f"(no shared text {text})"), stored)
            return *_read_text(book.strings[index].text, style, book), book.strings[index]
        case "n":
            return *_read_number(text, style, book), stored
        case "str" | "inlineStr":
            text = unescape_codes(text)
            return *_read_text(text, style, book), text
        case "b" if text in ("1", "0", "true", "false"):
            word = "TRUE" if text in ("1", "true") else "FALSE"
            return word, word, stored
        case "picture":
            return None, "", stored
        case "e":
            return SheetError(text or "#VALUE!"), text, stored
        case "d" if (date := dates.from_iso(text, style.format)) is not None:
            return date, date, stored
        case "formula":
            return _error(tr("（公式不全）", "(half a formula)"), stored)
        case "twice":
            return _error(tr("（同一单元格出现两次）", "(the cell occurs twice)"), None)
    return _error(tr(f"（单元格内容无效：{text[:40]}）", f"(not a value: {text[:40]})"), stored)


@memo(2)
def _not_calculated(_: bool) -> SheetError:
    return SheetError(tr("（公式没有计算）", "(not calculated)"))


def _error(message: str, stored: str | RichString | None) -> tuple[Value, str, str | RichString | None]:
    return SheetError(message), "", stored


def _read_text(text: str, style: styles.Style, book: WorkbookContext) -> tuple[Value, str]:
    if len(text) > book.cell_text:
        return SheetError(tr("（文字过长）", "(text too long)")), ""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    display = text if style.format.is_general else style.format.display_text(text)
    return display or None, display


def _read_number(text: str, style: styles.Style, book: WorkbookContext) -> tuple[Value, str]:
    if not text:
        return None, ""
    if not _NUMBER.fullmatch(text):
        return SheetError(tr(f"（不是数：{text[:40]}）", f"(not a number: {text[:40]})")), ""
    number = float(text)
    if not math.isfinite(number):
        return SheetError("#NUM!"), "#NUM!"
    value = from_sheet(number)
    if style.format.is_general:
        return value, decimal_text(value)
    display = style.format.display(value, book.date1904)
    if display is None:
        return SheetError(tr(f"（不是日期：{text}）", f"(not a date: {text})")), ""
    display = display.strip()  # nobody typed the padding that a format puts beside a number
    return (display or None if style.format.is_moment else value), display
