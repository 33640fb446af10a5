"""Texts of cells: shared strings and rich text, as a person reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import overload

from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import Struck
from xltool.workbook.limits import Limits
from xltool.workbook.namespaces import MAIN, STRICT_MAIN
from xltool.workbook.ooxml.styles import bool_of
from xltool.workbook.ooxml.xml import Attributes, XmlPart, has_long_run, has_no_markup, unescape_text

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_ESCAPES = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")

#: What XML and JSON cannot carry, though an escape may name it.
_NOWHERE = re.compile("[\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class RichString:
    """A text of a cell.

    Attributes:
        text: all of it.
        raised: whether part of it is superscript or subscript.
        styled: whether it has a font of its own, so that its cell's says nothing of it.
        struck: what of it is crossed out.
    """

    text: str
    raised: bool = False
    styled: bool = False
    struck: Struck | None = None


def unescape_codes(text: str) -> str:
    """``_x000D_`` is a carriage return, which XML could not carry, and ``_x005F_`` the underscore that hides one."""
    return _ESCAPES.sub(_letters, text) if "_x" in text else text


def _letters(match: re.Match[str]) -> str:
    units = b"".join(int(code, 16).to_bytes(2, "little") for code in _ESCAPE.findall(match[0]))
    # Beyond the 65,536th letter there are two escapes, which make one letter together.
    return _NOWHERE.sub("\ufffd", units.decode("utf-16-le", "surrogatepass"))


class RichText:
    """Collects a text from its runs, for shared and inline strings alike; readings beside the text are left out.

    Args:
        part: whose elements these are.
    """

    def __init__(self, part: XmlPart) -> None:
        self._part = part
        self._found: list[str] = []
        self._gone: list[str] = []
        self._left: list[str] = []
        self._raised = self._styled = self._strikes = False
        self._aside = 0

    def begin(self, *_: object) -> None:
        """A text begins."""
        self._found, self._gone, self._left = [], [], []
        self._raised = self._styled = self._strikes = False

    def aside(self, *_: object) -> None:
        """A phonetic guide begins."""
        self._aside += 1

    def back(self) -> None:
        """A phonetic guide ends."""
        self._aside -= 1

    def run(self) -> None:
        """A piece of text ends."""
        text = self._part.end_text()
        if not self._aside:
            text = unescape_codes(text)
            self._found.append(text)
            (self._gone if self._strikes else self._left).append(text)
        self._strikes = False

    def position(self, attributes: Attributes) -> None:
        """A run stands above or below the line."""
        self._raised |= attributes.get("val") in ("superscript", "subscript")

    def font(self, *_: object) -> None:
        """A run has a font of its own."""
        self._styled = True

    def strike(self, attributes: Attributes) -> None:
        """A run is crossed out."""
        self._strikes = bool_of(attributes.get("val"), True)

    def made(self) -> RichString:
        """The text as a whole."""
        gone = "".join(self._gone)
        struck = Struck(gone, "".join(self._left)) if gone.strip() else None
        return RichString("".join(self._found), self._raised, self._styled, struck)


def shared_strings(name: str, data: bytes, limits: Limits) -> Sequence[RichString]:
    """The shared strings of a workbook. How many it says there are is not asked.

    Raises:
        Unreadable: damaged, or past a limit.
    """
    if len(data) < _LARGE:
        return _one_by_one(name, data, limits) or parse_strings(name, data, limits)
    return _when_asked(name, data, limits) or parse_strings(name, data, limits)


#: In larger parts most texts are those of sheets that nobody reads.
_LARGE = 1_000_000


class Strings(Sequence[RichString]):
    """Shared texts, each parsed when it is asked for.

    Args:
        root: the root's start tag.
        items: the bytes of each text, up to its end tag.
        limits: see there.
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
        """A text; one whose bytes are none is empty."""
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        item = self._items[number]
        try:
            found = _plain_text(item)
            return found if found is not None else _rich(self._root, item, self._limits)[0]
        except (Unreadable, IndexError):
            return RichString("\ufffd")


def _when_asked(name: str, data: bytes, limits: Limits) -> Strings | None:
    """The texts of a large part; None where one of them is not written as all are."""
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


def _one_by_one(name: str, data: bytes, limits: Limits) -> tuple[RichString, ...] | None:
    """The same, most of them without the parser; None where anything is out of the ordinary."""
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
        tag = _COUNT.sub(b"", root[0])  # how many there are is not asked, and differs from workbook to workbook
        texts: list[RichString] = []
        for item in items:
            if (text := _plain_text(item)) is not None:
                texts.append(text)
            else:
                texts += _rich(tag, item, limits)
    except Unreadable:
        return None  # the parser says where it is wrong
    return tuple(texts) if len(texts) <= limits.strings else None


def _plain_text(item: bytes) -> RichString | None:
    """A text without markup; None for any other."""
    match = _PLAIN.fullmatch(item)
    return RichString(unescape_codes(unescape_text(match[1]))) if match and has_no_markup([match[1]]) else None


def _rich(root: bytes, item: bytes, limits: Limits) -> tuple[RichString, ...]:
    """A text with runs, and those behind it that begin with another tag, such as the empty ``<si/>``."""
    return parse_strings("", root + b"<si>" + item + b"</sst>", limits)


def parse_strings(name: str, data: bytes, limits: Limits) -> tuple[RichString, ...]:
    """The same by the parser alone."""
    found: list[RichString] = []

    def add() -> None:
        found.append(rich.made())
        if len(found) > limits.strings:
            raise Unreadable("many_strings")

    part = XmlPart(name, limits)
    rich = RichText(part)
    part.with_handlers(
        MAIN + "sst",
        {
            MAIN + "t": part.start_text,
            MAIN + "si": rich.begin,
            MAIN + "rPh": rich.aside,
            MAIN + "vertAlign": rich.position,
            MAIN + "rPr": rich.font,
            MAIN + "strike": rich.strike,
        },
        {MAIN + "t": rich.run, MAIN + "rPh": rich.back, MAIN + "si": add},
    ).parse(data)
    return tuple(found)
