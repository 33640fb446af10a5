"""Styles of OpenDocument spreadsheets: number formats as Excel's codes, and strike-through."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from xltool.workbook.namespaces import LOEXT, ODF_NUMBER, ODF_STYLE
from xltool.workbook.number_formats.format import NumberFormat, number_format
from xltool.workbook.ooxml.xml import Attributes, End, Start, XmlPart

_KINDS = tuple(f"{kind}-style" for kind in ("number", "percentage", "currency", "date", "time", "text", "boolean"))
_CONDITION = re.compile(r"\s*value\(\)\s*(<=|>=|!=|<>|<|>|=)\s*([-+0-9.eE]+)\s*")

#: The elements whose text counts: two that are printed, and two names of the character that fills a cell.
_WITH_TEXT = (
    ODF_NUMBER + "text",
    ODF_NUMBER + "currency-symbol",
    ODF_NUMBER + "fill-character",
    LOEXT + "fill-character",
)

#: Transliterations of digits, with the number of [DBNum1], [DBNum2] or [DBNum3].
_NUMERALS = {"一": 1, "壹": 2, "１": 3}

T = TypeVar("T")

#: The most parents of a style that are followed, because they may form a circle.
_MOST_PARENTS = 20


@dataclass
class _Format:
    """A number format: its pieces in Excel's notation, and the formats for values that meet a condition."""

    kind: str
    chinese: bool
    numerals: int
    elapsed: bool
    pieces: list[str] = field(default_factory=list)
    maps: list[tuple[str, str]] = field(default_factory=list)
    known: bool = True


@dataclass(frozen=True)
class _Style:
    """A style of cells or texts: its parent, its number format, whether it strikes out (None: as the parent)."""

    parent: str
    format: str
    struck: bool | None = None


class OdsStyles:
    """Collects the styles of content.xml and styles.xml."""

    def __init__(self) -> None:
        self._formats: dict[str, _Format] = {}
        self._styles: dict[str, _Style] = {}
        self._codes: dict[str, NumberFormat | None] = {}
        self._format: _Format | None = None
        self._name = ""
        self._embedded: dict[int, str] = {}
        self._places: Attributes = {}
        self._number: Attributes = {}

    def handlers(self, part: XmlPart) -> tuple[dict[str, Start], dict[str, End]]:
        """The handlers for the start and end of elements of a part."""
        starts: dict[str, Start] = {
            ODF_STYLE + "style": self._begin_style,
            ODF_STYLE + "text-properties": self._text,
            ODF_STYLE + "map": self._map,
            ODF_NUMBER + "number": self._begin_number,
            ODF_NUMBER + "scientific-number": self._scientific,
            ODF_NUMBER + "fraction": self._fraction,
            ODF_NUMBER + "text-content": lambda _: self._add("@"),
            **dict.fromkeys(_WITH_TEXT, part.start_text),
        }
        ends: dict[str, End] = {
            ODF_NUMBER + "number": self._end_number,
            **dict.fromkeys(_WITH_TEXT[:2], lambda: self._literal(part.end_text())),
            **dict.fromkeys(_WITH_TEXT[2:], lambda: self._add("*" + (part.end_text() or " ")[:1])),
        }
        starts |= {ODF_NUMBER + kind: self._begin_format(kind) for kind in _KINDS}
        ends |= {ODF_NUMBER + kind: self._end_format for kind in _KINDS}
        starts |= {ODF_NUMBER + name: self._add_moment(short, long) for name, (short, long) in _MOMENTS.items()}
        starts |= {ODF_NUMBER + name: self._unknown for name in ("quarter", "era", "week-of-year", "boolean")}

        def embedded(attributes: Attributes) -> None:
            self._places = attributes
            part.start_text()

        starts[ODF_NUMBER + "embedded-text"] = embedded
        ends[ODF_NUMBER + "embedded-text"] = lambda: self._embed(part.end_text())
        return starts, ends

    def format(self, name: str) -> NumberFormat | None:
        """The number format of a cell style; None if it has none or an unknown one."""
        if name not in self._codes:
            format_name = self._inherited(name, lambda style: style.format or None)
            code = self._code(format_name, 0) if format_name else None
            self._codes[name] = None if code is None else number_format(code)
        return self._codes[name]

    def is_struck(self, name: str) -> bool:
        """Whether a style of cells or texts strikes out."""
        return bool(self._inherited(name, lambda style: style.struck))

    def _inherited(self, name: str, read: Callable[[_Style], T | None]) -> T | None:
        for _ in range(_MOST_PARENTS):
            style = self._styles.get(name)
            if style is None:
                return None
            if (value := read(style)) is not None:
                return value
            name = style.parent
        return None

    def _code(self, name: str, depth: int) -> str | None:
        """The Excel code of a number format; None if it is unknown."""
        definition = self._formats.get(name)
        if definition is None or not definition.known or depth > 1:
            return None
        if definition.kind == "percentage-style":  # one of its percent signs is not a literal
            at = max((at for at, piece in enumerate(definition.pieces) if "\\%" in piece), default=0)
            before, _, after = definition.pieces[at].rpartition("\\%")
            definition = replace(
                definition, pieces=[*definition.pieces[:at], f"{before}%{after}", *definition.pieces[at + 1 :]]
            )
        head = f"[DBNum{definition.numerals}]" * bool(definition.numerals) + "[$-804]" * definition.chinese
        sections = []
        for condition, other in definition.maps:
            code = self._code(other, depth + 1)
            if code is None:
                return None
            sections.append(f"[{condition}]{code}")
        return ";".join([*sections, head + "".join(definition.pieces)])

    # ── elements ────────────────────────────────────────────────

    def _begin_style(self, attributes: Attributes) -> None:
        self._name = attributes.get(ODF_STYLE + "name", "")
        data = attributes.get(ODF_STYLE + "data-style-name", "")
        self._styles[self._name] = _Style(attributes.get(ODF_STYLE + "parent-style-name", ""), data)

    def _text(self, attributes: Attributes) -> None:
        line = attributes.get(ODF_STYLE + "text-line-through-style") or attributes.get(
            ODF_STYLE + "text-line-through-type"
        )
        if line is not None and self._name in self._styles and self._format is None:
            style = self._styles[self._name]
            self._styles[self._name] = _Style(style.parent, style.format, line != "none")

    def _begin_format(self, kind: str) -> Start:
        def begin(attributes: Attributes) -> None:
            numerals = _NUMERALS.get(attributes.get(ODF_NUMBER + "transliteration-format", ""), 0)
            self._format = _Format(
                kind,
                attributes.get(ODF_NUMBER + "language") == "zh",
                numerals,
                attributes.get(ODF_NUMBER + "truncate-on-overflow") == "false",
            )
            self._formats[attributes.get(ODF_STYLE + "name", "")] = self._format

        return begin

    def _end_format(self) -> None:
        self._format = None

    def _map(self, attributes: Attributes) -> None:
        match = _CONDITION.fullmatch(attributes.get(ODF_STYLE + "condition", ""))
        if self._format is not None:
            self._format.known &= match is not None
            operator = {"!=": "<>"}.get(match[1], match[1]) if match else ""
            condition = f"{operator}{match[2]}" if match else ""
            self._format.maps.append((condition, attributes.get(ODF_STYLE + "apply-style-name", "")))

    def _add(self, piece: str) -> None:
        if self._format is not None:
            self._format.pieces.append(piece)

    def _unknown(self, _: Attributes) -> None:
        if self._format is not None:
            self._format.known = False

    def _literal(self, text: str) -> None:
        self._add("".join(f"\\{letter}" for letter in text))

    def _begin_number(self, attributes: Attributes) -> None:
        self._places, self._embedded = attributes, {}
        self._number = attributes

    def _embed(self, text: str) -> None:
        place = _int_attribute(self._places, "position", 0)
        self._embedded[place] = self._embedded.get(place, "") + "".join(f"\\{letter}" for letter in text)

    def _end_number(self) -> None:
        attributes = self._number
        has_places = any(ODF_NUMBER + name in attributes for name in ("decimal-places", "grouping", "display-factor"))
        if not has_places and not self._embedded and _int_attribute(attributes, "min-integer-digits", 1) <= 1:
            self._add("General")
        else:
            self._add(_digits_code(attributes, self._embedded))

    def _scientific(self, attributes: Attributes) -> None:
        exponent = "0" * _int_attribute(attributes, "min-exponent-digits", 2)
        forced = {attributes.get(space + "forced-exponent-sign") for space in (ODF_NUMBER, LOEXT)}
        sign = "-" if "false" in forced else "+"
        interval = max(_int_attribute(attributes, "exponent-interval", 1, space) for space in (ODF_NUMBER, LOEXT))
        whole = "#" * max(0, interval - _int_attribute(attributes, "min-integer-digits", 1))
        self._add(f"{whole}{_digits_code(attributes, {}).replace(',', '')}E{sign}{exponent}")

    def _fraction(self, attributes: Attributes) -> None:
        below = attributes.get(ODF_NUMBER + "denominator-value", "")
        below = below or "?" * _int_attribute(attributes, "min-denominator-digits", 1)
        least = _int_attribute(attributes, "min-integer-digits", -1)
        whole = "" if least < 0 else "0 " if least else "# "
        self._add(f"{whole}{'?' * _int_attribute(attributes, 'min-numerator-digits', 1)}/{below}")

    def _add_moment(self, short: str, long: str) -> Start:
        def add(attributes: Attributes) -> None:
            is_long = attributes.get(ODF_NUMBER + "style") == "long"
            textual = attributes.get(ODF_NUMBER + "textual") == "true"
            code = ("mmmm" if is_long else "mmm") if textual else long if is_long else short
            if self._format is not None and self._format.elapsed and short in "hms":
                first = not any(piece.startswith("[") for piece in self._format.pieces)
                code = f"[{code}]" if first else code
            places = _int_attribute(attributes, "decimal-places", 0)
            self._add(code + ("." + "0" * places if places else ""))

        return add


#: Parts of dates, with their short and long codes.
_MOMENTS = {
    "year": ("yy", "yyyy"), "month": ("m", "mm"), "day": ("d", "dd"), "day-of-week": ("ddd", "dddd"),
    "hours": ("h", "hh"), "minutes": ("m", "mm"), "seconds": ("s", "ss"), "am-pm": ("AM/PM", "AM/PM"),
}  # fmt: skip


def _int_attribute(attributes: Attributes, name: str, default: int, space: str = ODF_NUMBER) -> int:
    text = attributes.get(space + name, "")
    return min(int(text), 30) if text.isascii() and text.isdigit() and len(text) < 6 else default


def _digits_code(attributes: Attributes, embedded: dict[int, str]) -> str:
    """The code for the digits of a number: integer places with embedded texts, decimals, hidden thousands."""
    least, places = _int_attribute(attributes, "min-integer-digits", 1), _int_attribute(attributes, "decimal-places", 0)
    grouped = attributes.get(ODF_NUMBER + "grouping") == "true"
    blanks = max(_int_attribute(attributes, "max-blank-integer-digits", 0, space) for space in (ODF_NUMBER, LOEXT))
    width = max(least, blanks, 4 if grouped else 1, *(place + 1 for place in embedded))
    whole = ""
    for place in range(width - 1, -1, -1):
        whole += "0" if place < least else "?" if place < blanks else "#"
        whole += "," if grouped and place and place % 3 == 0 else ""
        whole += embedded.get(place, "")
    fixed = min(
        _int_attribute(attributes, "min-decimal-places", places),
        _int_attribute(attributes, "min-decimal-places", places, LOEXT),
        places,
    )
    factor = attributes.get(ODF_NUMBER + "display-factor", "1")
    thousands = (len(factor) - 1) // 3 if factor.isascii() and factor.isdigit() and len(factor) < 20 else 0
    more = "?" if attributes.get(ODF_NUMBER + "decimal-replacement") == " " else "#"
    return whole + ("." + "0" * fixed + more * (places - fixed) if places else "") + "," * thousands
