"""Cells of OpenDocument spreadsheets: value, displayed text, formula, crossed-out text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from xltool.language.functions import SheetError, Value
from xltool.language.numbers import decimal_text, from_sheet
from xltool.support.i18n import tr
from xltool.workbook import dates
from xltool.workbook.grid import CellFact, StruckText
from xltool.workbook.limits import Limits
from xltool.workbook.namespaces import (
    CALCEXT,
    ODF_OFFICE,
    ODF_TABLE,
)
from xltool.workbook.number_formats.format import NumberFormat, number_format
from xltool.workbook.ooxml.xml import Attributes
from xltool.workbook.opendocument.formulas import excel_formula
from xltool.workbook.opendocument.styles import OdsStyles

_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


_TIME = re.compile(r"(-?)PT(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:[.,]([0-9]+))?S)?")


@dataclass
class ContentCell:
    """A cell that is being parsed."""

    attributes: Attributes
    style: str = ""
    lines: list[str] = field(default_factory=list)
    struck_pieces: list[str] = field(default_factory=list)
    other_pieces: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)


def read_cell(cell: ContentCell, styles: OdsStyles, limits: Limits) -> CellFact | None:
    """The facts of a cell; None if it is empty."""
    attributes, text_written = cell.attributes, "\n".join(cell.lines)
    formula = excel_formula(attributes.get(ODF_TABLE + "formula", ""))
    kind = attributes.get(ODF_OFFICE + "value-type", "string" if text_written else "")
    if not kind:  # LibreOffice writes no type if the result is an empty text
        return CellFact(None, "", formula) if formula else None
    if attributes.get(CALCEXT + "value-type") == "error":
        return CellFact(SheetError(text_written or "#VALUE!"), text_written, formula, raw=text_written)
    cell_format = styles.format(cell.style)
    value, text, raw = _read_value(kind, attributes, text_written, cell_format)
    if len(text) > limits.cell_text:
        value, text = _error("（文字过长）", "(text too long)"), ""
    if value is None and not formula and not raw.strip():
        return None
    code = cell_format.code if cell_format is not None else "0%" if kind == "percentage" else "General"
    return CellFact(value, text, formula, raw=raw, number_format=code, struck=_crossed_out(cell, styles, text))


def _crossed_out(cell: ContentCell, styles: OdsStyles, text: str) -> StruckText | None:
    """The crossed-out text: pieces of the text, or all of it if the style of the cell strikes it out."""
    if "".join(cell.struck_pieces).strip():
        return StruckText("".join(cell.struck_pieces), "".join(cell.other_pieces))
    return StruckText(text, "") if text and styles.is_struck(cell.style) else None


def _read_value(
    kind: str, attributes: Attributes, text_written: str, cell_format: NumberFormat | None
) -> tuple[Value, str, str]:
    """Typed value, text as a person sees it, text as stored."""
    match kind:
        case "float" | "percentage" | "currency":
            raw = attributes.get(ODF_OFFICE + "value", "").strip()
            if not _NUMBER.fullmatch(raw) or "inf" in str(float(raw)):
                return _error(f"（不是数：{raw[:40]}）", f"(not a number: {raw[:40]})"), "", raw
            value = from_sheet(float(raw))
            return value, _display_text(value, kind, text_written, cell_format), raw
        case "date":
            raw = attributes.get(ODF_OFFICE + "date-value", "")
            date = dates.from_iso(raw, cell_format)
            return (date, date, raw) if date else (_error("（不是日期）", "(not a date)"), "", raw)
        case "time":
            raw = attributes.get(ODF_OFFICE + "time-value", "")
            clock = _read_time(raw, cell_format)
            return (clock, clock, raw) if clock else (_error("（不是时间）", "(not a time)"), "", raw)
        case "boolean":
            word = "TRUE" if attributes.get(ODF_OFFICE + "boolean-value") == "true" else "FALSE"
            return word, word, word
    text = text_written or attributes.get(ODF_OFFICE + "string-value", "")
    return text or None, text, text


def _display_text(value: Decimal, kind: str, text_written: str, cell_format: NumberFormat | None) -> str:
    """A number as its cell displays it; if the format is unknown, the text that the saving program wrote."""
    if cell_format is not None and (kind == "float" or not cell_format.is_general):
        display = cell_format.display(value)
        return (decimal_text(value) if display is None else display).strip()
    digits = text_written.replace(",", "")
    is_exact = kind != "float" or (_NUMBER.fullmatch(digits) and from_sheet(float(digits)) == value)
    if is_exact and text_written.strip("#"):  # a column that is too narrow displays only these
        return text_written
    return number_format("0.00%" if kind == "percentage" else "General").display(value) or decimal_text(value)


def _read_time(text: str, cell_format: NumberFormat | None) -> str | None:
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:4])
    if cell_format is not None and cell_format.is_moment:
        total = hours * 3600 + minutes * 60 + seconds + Decimal(f"0.{match[5] or 0}")
        return cell_format.display((-total if match[1] else total) / 86_400)
    return f"{match[1]}{hours:02}:{minutes:02}:{seconds:02}"


def _error(chinese: str, english: str) -> SheetError:
    return SheetError(tr(chinese, english))
