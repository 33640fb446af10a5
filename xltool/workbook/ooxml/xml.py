"""XML of a part, element by element: expat with every door shut that a workbook does not need."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from typing import Any, TypeVar
from xml.parsers import expat  # the parser refuses every DTD, so that there are no entities to expand
from xml.sax.saxutils import unescape

from xltool.support.i18n import tr
from xltool.support.templates import cache_within_budget
from xltool.workbook.errors import Unreadable
from xltool.workbook.limits import Limits
from xltool.workbook.namespaces import TRANSITIONAL

#: Attributes of an element by name; one with a namespace is ``{namespace}name`` with a space for the braces.
Attributes = dict[str, str]
Start = Callable[[Attributes], Any]
End = Callable[[], Any]
T = TypeVar("T")

_QUOTES = {"&quot;": '"', "&apos;": "'"}

#: Text with any of these is not what it looks like: markup, numbered entities, line ends, what XML does not allow.
_ODD = re.compile("[^\t\n\\x20-;=-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\\]\\]>|&(?!(?:amp|lt|gt|quot|apos);)")


def has_no_markup(texts: Iterable[bytes]) -> bool:
    """Whether ``parsed`` gives of each of these texts of a part what would come from the parser."""
    try:
        return not _ODD.search(b" ".join(texts).decode("utf-8"))
    except UnicodeDecodeError:
        return False


def unescape_text(text: bytes) -> str:
    """A plain text as it would come from the parser."""
    found = text.decode("utf-8")
    return unescape(found, _QUOTES) if "&" in found else found


def cached_parse(parse: Callable[[str, bytes, Limits], T]) -> Callable[[str, bytes, Limits], T]:
    """A parse of name, bytes and limits that need not be done again: the small parts of one template are all alike."""
    cached = cache_within_budget(lambda _, name, data, limits: 4 * len(data))(parse)
    return wraps(parse)(lambda name, data, limits: (cached if len(data) < 100_000 else parse)(name, data, limits))


def transitional_name(name: str) -> str:
    """A name of the strict format as the transitional one has it."""
    namespace, space, local = name.rpartition(" ")
    return TRANSITIONAL[namespace] + space + local if namespace in TRANSITIONAL else name


class _Known(dict[str, Any]):
    """What to do with elements, by name: a strict name is looked up as its transitional twin, once."""

    def __missing__(self, name: str) -> Any:
        found = self.get(transitional_name(name))
        if len(self) < _MOST_NAMES:
            self[name] = found
        return found


#: So many names of elements are remembered; a hostile part may have a new one everywhere.
_MOST_NAMES = 2000


class XmlPart:
    """The parse of one part.

    Args:
        name: of the part, for messages.
        limits: see there.
    """

    def __init__(self, name: str, limits: Limits) -> None:
        self.name = name
        self._root = ""
        self._starts: Mapping[str, Start | None] = {}
        self._ends: Mapping[str, End | None] = {}
        self._limits = limits
        self._depth = 0
        self._pieces: list[str] = []
        self.parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.StartDoctypeDeclHandler = self._doctype
        parser.XmlDeclHandler = self._declaration
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def with_handlers(self, root: str, starts: Mapping[str, Start], ends: Mapping[str, End] | None = None) -> XmlPart:
        """What to call at the start of an element, with its attributes, and at its end; itself.

        Args:
            root: the element that the part must be; a part that is something else would be read as an empty one.
            starts: by name.
            ends: by name.
        """
        self._root, self._starts, self._ends = root, _Known(starts), _Known(ends or {})
        return self

    def parse(self, data: bytes) -> None:
        """Walk through the part.

        Raises:
            Unreadable: not well formed, a DTD, another encoding, or past a limit.
        """
        if (place := has_long_run(data, self._limits.text_bytes)) >= 0:
            raise Unreadable("xml_long", self.where(data.count(b"\n", 0, place) + 1))
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as error:
            if error.code == 1:  # it has no memory left, which is no fault of the part
                raise MemoryError from None
            # 18: an encoding that expat does not know; 19: one that is declared and is not there
            raise Unreadable("xml_encoding" if error.code == 18 else "xml_broken", self.where(error.lineno)) from None
        except (ValueError, LookupError):  # Python knows the encoding, and it cannot serve expat
            raise Unreadable("xml_encoding", self.where()) from None

    def parse_beginning(self, data: bytes) -> None:
        """Walk through the first bytes of a part, as far as they go.

        Raises:
            Unreadable: as of ``parse``.
        """
        try:
            self.parser.Parse(data, False)
        except (expat.ExpatError, ValueError, LookupError):
            raise self.refused() from None

    def where(self, line: int | None = None) -> str:
        """The part and the line, for a message."""
        line = self.parser.CurrentLineNumber if line is None else line
        return tr(f"{self.name} 第 {line} 行", f"{self.name}, line {line}")

    def refused(self, key: str = "xml_broken") -> Unreadable:
        """A refusal that names the part and the line."""
        return Unreadable(key, self.where())

    def start_text(self, *_: object) -> None:
        """Keep the text from here on."""
        self._pieces = []
        self.parser.CharacterDataHandler = self._pieces.append

    def end_text(self) -> str:
        """The text since ``listen``."""
        self.parser.CharacterDataHandler = None
        return "".join(self._pieces)

    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins."""
        self._depth += 1
        if self._depth > self._limits.depth:
            raise self.refused("xml_deep")
        if self._depth == 1 and transitional_name(name) != self._root:
            root = f"<{name.rpartition(' ')[2][:40]}>"
            raise Unreadable("part_strange", tr(f"{self.name} 是 {root}", f"{self.name} is {root}"))
        known = self._starts[name]
        if known is not None:
            known(attributes)

    def end(self, name: str) -> None:
        """An element ends."""
        self._depth -= 1
        known = self._ends[name]
        if known is not None:
            known()

    def _doctype(self, *_: object) -> None:
        raise self.refused("xml_doctype")

    def _declaration(self, _: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "utf-16"):
            raise Unreadable("xml_encoding", tr(f"{self.name}：{encoding[:40]}", f"{self.name}: {encoding[:40]}"))


def has_long_run(data: bytes, most: int) -> int:
    """Where more than ``most`` bytes stand without a tag's beginning among them; -1 when that is nowhere.

    A longer run spans a whole window of half its length, so that only the windows need a look.
    """
    half = most // 2
    for window in range(0, len(data) - half, half):
        if data.find(b"<", window, window + half) < 0:
            before, after = data.rfind(b"<", 0, window), data.find(b"<", window)
            if (len(data) if after < 0 else after) - before > most:
                return window
    return -1
