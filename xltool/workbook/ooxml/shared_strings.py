"""Texts of cells as a person sees them: shared strings and rich text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from xltool.support.memo import memo
from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import StruckText
from xltool.workbook.limits import Limits
from xltool.workbook.namespaces import MAIN, STRICT_MAIN
from xltool.workbook.ooxml.styles import bool_of
from xltool.workbook.ooxml.xml import Attributes, XmlPart, has_long_run, has_no_markup, unescape_text

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ESCAPES = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")

#: Characters that XML and JSON cannot contain, although an escape may stand for them.
_INVALID = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class RichString:
    """A text of a cell.

    Attributes:
        text: the whole text.
        raised: whether part of it is superscript or subscript.
        styled: whether it has fonts of its own, so that the font of the cell does not apply.
        struck: the crossed-out text; None if nothing is crossed out.
    """

    text: str
    raised: bool = False
    styled: bool = False
    struck: StruckText | None = None


def unescape_codes(text: str) -> str:
    """Decode ``_x000D_`` (a carriage return, which XML cannot contain) and ``_x005F_`` (an escaped underscore)."""
    return _ESCAPES.sub(_decode_escapes, text) if "_x" in text else text


def _decode_escapes(match: re.Match[str]) -> str:
    units = b"".join(int(code, 16).to_bytes(2, "little") for code in _ESCAPE.findall(match[0]))
    # Characters beyond U+FFFF are two escapes, a surrogate pair.
    return _INVALID.sub("\ufffd", units.decode("utf-16-le", "surrogatepass"))


class RichTextBuilder:
    """Collects a text from its runs, for shared and inline strings. Phonetic guides are left out.

    Args:
        part: the part with these elements.
    """

    def __init__(self, part: XmlPart) -> None:
        self._part = part
        self._texts: list[str] = []
        self._struck: list[str] = []
        self._unstruck: list[str] = []
        self._raised = self._styled = self._strikes = False
        self._phonetic_depth = 0

    def begin(self, *_: object) -> None:
        """A text begins."""
        self._texts, self._struck, self._unstruck = [], [], []
        self._raised = self._styled = self._strikes = False

    def begin_phonetic(self, *_: object) -> None:
        """A phonetic guide begins."""
        self._phonetic_depth += 1

    def end_phonetic(self) -> None:
        """A phonetic guide ends."""
        self._phonetic_depth -= 1

    def end_run(self) -> None:
        """A piece of text ends."""
        text = self._part.end_text()
        if not self._phonetic_depth:
            text = unescape_codes(text)
            self._texts.append(text)
            (self._struck if self._strikes else self._unstruck).append(text)
        self._strikes = False

    def set_position(self, attributes: Attributes) -> None:
        """A run is superscript or subscript."""
        self._raised |= attributes.get("val") in ("superscript", "subscript")

    def set_font(self, *_: object) -> None:
        """A run has a font of its own."""
        self._styled = True

    def set_strike(self, attributes: Attributes) -> None:
        """A run is crossed out."""
        self._strikes = bool_of(attributes.get("val"), True)

    def result(self) -> RichString:
        """The whole text."""
        struck_text = "".join(self._struck)
        struck = StruckText(struck_text, "".join(self._unstruck)) if struck_text.strip() else None
        return RichString("".join(self._texts), self._raised, self._styled, struck)


def read_shared_strings(name: str, data: bytes, limits: Limits) -> Sequence[RichString]:
    """Read the shared strings of a workbook. The declared count is ignored.

    Raises:
        Unreadable: damaged, or past a limit.
    """
    if len(data) < _LARGE:
        return _parse_separately(name, data, limits) or parse_strings(name, data, limits)
    return _split_on_demand(name, data, limits) or parse_strings(name, data, limits)


#: Larger parts, in bytes, are parsed on demand, because most of their texts are on sheets that nobody reads.
_LARGE = 1_000_000


class Strings(Sequence[RichString]):
    """Shared strings, each parsed on demand.

    Args:
        root: the root's start tag.
        items: the bytes of each text, up to its end tag.
        limits: on the cost of reading.
    """

    def __init__(self, root: bytes, items: list[bytes], limits: Limits) -> None:
        self._root, self._items, self._limits = root, items, limits

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, number: int) -> RichString: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[RichString]: ...

    def __getitem__(self, number: int | slice) -> RichString | Sequence[RichString]:
        """A text; U+FFFD if it cannot be parsed."""
        if isinstance(number, slice):
            return [self[index] for index in range(*number.indices(len(self)))]
        item = self._items[number]
        try:
            text = _plain_text(item)
            return text if text is not None else _parse_rich(self._root, item, self._limits)[0]
        except (Unreadable, IndexError):
            return RichString("\ufffd")


def _split_on_demand(name: str, data: bytes, limits: Limits) -> Strings | None:
    """Split a large part into its texts; None if any of them is written in an unusual way."""
    head, *items = data.split(b"<si>")
    root = _ROOT.search(head)
    plain_tags = data.count(b"<si") == len(items) == data.count(b"</si>") and b"<!" not in data
    if root is None or not plain_tags or len(items) > limits.strings or has_long_run(data, limits.text_bytes) >= 0:
        return None
    last, end, rest = items[-1].rpartition(b"</sst>")
    if root[1].decode("ascii", "replace") + " " not in (MAIN, STRICT_MAIN) or not end or rest.strip():
        return None
    items[-1] = last
    try:
        parse_strings(name, head + end, limits)
    except Unreadable:
        return None
    return Strings(_COUNT.sub(b"", root[0]), items, limits)


_ROOT = re.compile(rb'<sst (?:[^<>]* )?xmlns="([^"]*)"[^<>]*>\s*$')
_COUNT = re.compile(rb' (?:c|uniqueC)ount="[0-9]*"')
_PLAIN = re.compile(rb'<t(?: xml:space="preserve")?>([^<]*)</t></si>\s*')


def _parse_separately(name: str, data: bytes, limits: Limits) -> tuple[RichString, ...] | None:
    """Parse the texts one by one, most of them without expat; None if anything is out of the ordinary."""
    head, *items = data.split(b"<si>")
    root = _ROOT.search(head)
    if (
        root is None
        or b"<!" in data
        or not items
        or len(items) > limits.strings
        or has_long_run(data, limits.text_bytes) >= 0
    ):
        return None
    last, end, rest = items[-1].rpartition(b"</sst>")
    items[-1] = last
    if root[1].decode("ascii", "replace") + " " not in (MAIN, STRICT_MAIN) or not end or rest.strip():
        return None
    try:
        parse_strings(name, head + end, limits)
        tag = _COUNT.sub(b"", root[0])  # the counts are ignored, and differ from workbook to workbook
        texts: list[RichString] = []
        for item in items:
            if (text := _plain_text(item)) is not None:
                texts.append(text)
            else:
                texts += _parse_rich(tag, item, limits)
    except Unreadable:
        return None  # expat reports the place
    return tuple(texts) if len(texts) <= limits.strings else None


@memo(1_000, 200)  # most texts are those of the template
def _plain_text(item: bytes) -> RichString | None:
    """The text of an item without markup; None for any other."""
    match = _PLAIN.fullmatch(item)
    return RichString(unescape_codes(unescape_text(match[1]))) if match and has_no_markup([match[1]]) else None


def _parse_rich(root: bytes, item: bytes, limits: Limits) -> tuple[RichString, ...]:
    """Parse a text with runs, and any texts after it that begin with another tag, such as the empty ``<si/>``."""
    return parse_strings("", root + b"<si>" + item + b"</sst>", limits)


def parse_strings(name: str, data: bytes, limits: Limits) -> tuple[RichString, ...]:
    """Parse all shared strings with expat."""
    strings: list[RichString] = []

    def add() -> None:
        strings.append(rich.result())
        if len(strings) > limits.strings:
            raise Unreadable("many_strings")

    part = XmlPart(name, limits)
    rich = RichTextBuilder(part)
    part.with_handlers(
        MAIN + "sst",
        {
            MAIN + "t": part.start_text,
            MAIN + "si": rich.begin,
            MAIN + "rPh": rich.begin_phonetic,
            MAIN + "vertAlign": rich.set_position,
            MAIN + "rPr": rich.set_font,
            MAIN + "strike": rich.set_strike,
        },
        {MAIN + "t": rich.end_run, MAIN + "rPh": rich.end_phonetic, MAIN + "si": add},
    ).parse(data)
    return tuple(strings)
