"""Parse the XML of a part element by element, with expat restricted to the features that a workbook needs."""

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

#: Attributes of an element by name; with a namespace, the key is namespace, space, name.
Attributes = dict[str, str]
Start = Callable[[Attributes], Any]
End = Callable[[], Any]
T = TypeVar("T")

_QUOTES = {"&quot;": '"', "&apos;": "'"}

#: Text with any of these is changed or refused by expat: markup, numeric entities, line ends, invalid characters.
_ODD = re.compile("[^\t\n\\x20-;=-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\\]\\]>|&(?!(?:amp|lt|gt|quot|apos);)")


def has_no_markup(texts: Iterable[bytes]) -> bool:
    """Whether ``unescape_text`` gives the same result as expat for each of these texts."""
    try:
        return not _ODD.search(b" ".join(texts).decode("utf-8"))
    except UnicodeDecodeError:
        return False


def unescape_text(text: bytes) -> str:
    """Decode a text without markup, as expat would."""
    decoded = text.decode("utf-8")
    return unescape(decoded, _QUOTES) if "&" in decoded else decoded


def cached_parse(parse: Callable[[str, bytes, Limits], T]) -> Callable[[str, bytes, Limits], T]:
    """Cache a parse of small parts, because those of one template are all equal."""
    cached = cache_within_budget(lambda _, name, data, limits: 4 * len(data))(parse)
    return wraps(parse)(lambda name, data, limits: (cached if len(data) < 100_000 else parse)(name, data, limits))


def transitional_name(name: str) -> str:
    """Convert a name of the strict format to the transitional one."""
    namespace, space, local = name.rpartition(" ")
    return TRANSITIONAL[namespace] + space + local if namespace in TRANSITIONAL else name


class _Handlers(dict[str, Any]):
    """Handlers by element name. A strict name is looked up once by its transitional equivalent."""

    def __missing__(self, name: str) -> Any:
        handler = self.get(transitional_name(name))
        if len(self) < _MOST_NAMES:
            self[name] = handler
        return handler


#: The most element names that are remembered; a hostile part may have a new one in every element.
_MOST_NAMES = 2000


class XmlPart:
    """The parse of one part.

    Args:
        name: the name of the part, for messages.
        limits: on the cost of reading.
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
        """Set the handlers for the starts of elements, which get the attributes, and for their ends; return self.

        Args:
            root: the required root element; with any other, the part would look empty.
            starts: by name.
            ends: by name.
        """
        self._root, self._starts, self._ends = root, _Handlers(starts), _Handlers(ends or {})
        return self

    def parse(self, data: bytes) -> None:
        """Parse the part.

        Raises:
            Unreadable: not well-formed, with a DTD, in another encoding, or past a limit.
        """
        if (place := has_long_run(data, self._limits.text_bytes)) >= 0:
            raise Unreadable("xml_long", self.position_text(data.count(b"\n", 0, place) + 1))
        try:
            self.parser.Parse(data, True)
        except expat.ExpatError as error:
            if error.code == 1:  # out of memory, which is not the fault of the part
                raise MemoryError from None
            # 18: an encoding that expat does not know; 19: a declared encoding that is not the actual one
            raise Unreadable(
                "xml_encoding" if error.code == 18 else "xml_broken", self.position_text(error.lineno)
            ) from None
        except (ValueError, LookupError):  # Python knows the encoding, but expat cannot use it
            raise Unreadable("xml_encoding", self.position_text()) from None

    def parse_beginning(self, data: bytes) -> None:
        """Parse the first bytes of a part.

        Raises:
            Unreadable: as in ``parse``.
        """
        try:
            self.parser.Parse(data, False)
        except (expat.ExpatError, ValueError, LookupError):
            raise self.unreadable() from None

    def position_text(self, line: int | None = None) -> str:
        """The part and the line, for messages."""
        line = self.parser.CurrentLineNumber if line is None else line
        return tr(f"{self.name} 第 {line} 行", f"{self.name}, line {line}")

    def unreadable(self, key: str = "xml_broken") -> Unreadable:
        """An error with the part and the line."""
        return Unreadable(key, self.position_text())

    def start_text(self, *_: object) -> None:
        """Start collecting text."""
        self._pieces = []
        self.parser.CharacterDataHandler = self._pieces.append

    def end_text(self) -> str:
        """Stop collecting; return the text since ``start_text``."""
        self.parser.CharacterDataHandler = None
        return "".join(self._pieces)

    def start(self, name: str, attributes: Attributes) -> None:
        """Handle the start of an element."""
        self._depth += 1
        if self._depth > self._limits.depth:
            raise self.unreadable("xml_deep")
        if self._depth == 1 and transitional_name(name) != self._root:
            root = f"<{name.rpartition(' ')[2][:40]}>"
            raise Unreadable("part_strange", tr(f"{self.name} 是 {root}", f"{self.name} is {root}"))
        handler = self._starts[name]
        if handler is not None:
            handler(attributes)

    def end(self, name: str) -> None:
        """Handle the end of an element."""
        self._depth -= 1
        handler = self._ends[name]
        if handler is not None:
            handler()

    def _doctype(self, *_: object) -> None:
        raise self.unreadable("xml_doctype")

    def _declaration(self, _: str, encoding: str | None, __: int) -> None:
        if encoding is not None and encoding.lower() not in ("utf-8", "utf-16"):
            raise Unreadable("xml_encoding", tr(f"{self.name}：{encoding[:40]}", f"{self.name}: {encoding[:40]}"))


def has_long_run(data: bytes, most: int) -> int:
    """The offset of more than ``most`` bytes without a ``<`` among them; -1 if there are none.

    Such a run contains a whole window of half its length, so only the windows need to be checked.
    """
    half = most // 2
    for window in range(0, len(data) - half, half):
        if data.find(b"<", window, window + half) < 0:
            before, after = data.rfind(b"<", 0, window), data.find(b"<", window)
            if (len(data) if after < 0 else after) - before > most:
                return window
    return -1
