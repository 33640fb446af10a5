"""Cell styles, as far as reading needs them: number format, lock, strike-through."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from xltool.support.memo import memo
from xltool.workbook.limits import Limits
from xltool.workbook.namespaces import MAIN
from xltool.workbook.number_formats.builtin import BUILT_IN
from xltool.workbook.number_formats.format import NumberFormat, number_format
from xltool.workbook.ooxml.xml import Attributes, End, Start, XmlPart, cached_parse

_GENERAL = number_format("General")


@dataclass(frozen=True, slots=True)
class Style:
    """The properties of a cell style that matter for its value.

    Attributes:
        format: its number format.
        locked: whether the cell is locked once its sheet is protected.
        struck: whether its font strikes the text out.
    """

    format: NumberFormat = _GENERAL
    locked: bool = True
    struck: bool = False

    @property
    def number_format(self) -> str:
        """The format code."""
        return self.format.code


DEFAULT = Style()


@memo(1_024)
def _style(format: NumberFormat, locked: bool, struck: bool) -> Style:  # noqa: A002  # as the attribute is called
    return Style(format, locked, struck)


@cached_parse
def parse_styles(name: str, data: bytes, limits: Limits) -> tuple[Style, ...]:
    """Read the styles that cells refer to by number.

    Raises:
        Unreadable: damaged, or past a limit.
    """
    codes: dict[int, str] = {}
    struck: list[bool] = []
    cell_styles: list[tuple[int, int, bool]] = []
    within = ""  # the current group; differential styles also have formats, fonts and protections

    def enter(where: str) -> None:
        nonlocal within
        within = where

    def code(attributes: Attributes) -> None:
        if within == "numFmts" and (number := whole_number(attributes.get("numFmtId"))) is not None:
            codes[number] = attributes.get("formatCode", "General")

    def font(_: Attributes) -> None:
        if within == "fonts":
            struck.append(False)

    def strike(attributes: Attributes) -> None:
        if within == "fonts" and struck:
            struck[-1] = bool_of(attributes.get("val"), True)

    def style(attributes: Attributes) -> None:
        if within == "cellXfs":
            cell_styles.append(
                (whole_number(attributes.get("numFmtId")) or 0, whole_number(attributes.get("fontId")) or 0, True)
            )

    def protection(attributes: Attributes) -> None:
        if within == "cellXfs" and cell_styles:
            cell_styles[-1] = (*cell_styles[-1][:2], bool_of(attributes.get("locked"), True))

    part = XmlPart(name, limits)
    starts: dict[str, Start] = {
        "numFmt": code, "font": font, "strike": strike, "xf": style, "protection": protection,
        **{group: partial(lambda group, _: enter(group), group) for group in _GROUPS},
    }  # fmt: skip
    ends: dict[str, End] = {MAIN + group: lambda: enter("") for group in _GROUPS}
    part.with_handlers(MAIN + "styleSheet", {MAIN + local: start for local, start in starts.items()}, ends).parse(data)
    return tuple(
        _style(
            number_format(codes.get(number) or BUILT_IN.get(number, "General")),
            locked,
            font < len(struck) and struck[font],
        )
        for number, font, locked in cell_styles
    )


#: The elements that contain formats, fonts and styles of cells.
_GROUPS = ("numFmts", "fonts", "cellXfs")


def whole_number(text: str | None) -> int | None:
    """Parse a whole number of up to nine digits; None for anything else."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def bool_of(text: str | None, default: bool = False) -> bool:
    """Parse a Boolean attribute: 1, true or on is true, anything else false; ``default`` if it is missing."""
    return default if text is None else text.strip() in ("1", "true", "on")
