"""Read the objects that lie on a sheet: comments, text boxes, pictures, charts, embedded files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from xltool.workbook import references
from xltool.workbook.errors import DANGEROUS, Unreadable
from xltool.workbook.grid import Spot
from xltool.workbook.namespaces import CHART, COMPATIBILITY, DRAWING, MAIN, SHEET_DRAWING, THREADED_COMMENTS
from xltool.workbook.ooxml.parts import Link, Parts
from xltool.workbook.ooxml.shared_strings import RichTextBuilder
from xltool.workbook.ooxml.xml import Attributes, Start, XmlPart

#: The kinds of relationships of a sheet to embedded files.
_EMBEDDED = {"oleObject", "package", "control"}


@dataclass
class SheetObjects:
    """The objects on one sheet."""

    comments: dict[Spot, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    pictures: int = 0
    charts: int = 0
    embedded: int = 0
    oddities: list[str] = field(default_factory=list)


def read_objects(parts: Parts, links: Mapping[str, Link]) -> SheetObjects:
    """Read the objects on the sheet with these relationships. Unreadable parts are listed in ``oddities``.

    Raises:
        Unreadable: a part has a document type or is too large when inflated.
    """
    objects = SheetObjects()
    readers = (
        ("comments", _read_comments),
        ("threadedComment", _read_threads),
        ("drawing", _read_drawing),
        ("vmlDrawing", _read_vml),
    )
    for kind, read in readers:
        for target in _targets(links, {kind}):
            if target in parts:
                try:
                    read(parts, target, objects)
                except Unreadable as error:
                    if error.key in (DANGEROUS, "zip_bomb"):
                        raise
                    objects.oddities.append(target)
    objects.embedded = len(set(_targets(links, _EMBEDDED)))
    return objects


class _Vml(HTMLParser):
    """Extracts the texts of shapes from VML, which is rarely well-formed XML. Notes are read elsewhere."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.texts: list[str] = []
        self._lines: list[str] | None = None
        self._inside = self._note = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """Handle the start of a shape, its text or a line, and the kind of control that it is."""
        name = tag.rpartition(":")[2]
        if name in _VML_SHAPES:
            self._lines, self._note = [], False
        elif name == "textbox":
            self._inside = True
        elif name in ("br", "p", "div") and self._inside and self._lines:
            self._lines.append("\n")
        elif name == "clientdata" and dict(attributes).get("objecttype") == "Note":
            self._note = True
        elif name == "textpath" and self._lines is not None:  # WordArt
            self._lines.append(dict(attributes).get("string") or "")

    def handle_endtag(self, tag: str) -> None:
        """Handle the end of a text, or of a shape with all its texts."""
        name = tag.rpartition(":")[2]
        if name == "textbox":
            self._inside = False
        elif name in _VML_SHAPES and self._lines is not None:
            if (text := "".join(self._lines).strip()) and not self._note:
                self.texts.append(text)
            self._lines = None

    def handle_data(self, data: str) -> None:
        """Collect a piece of text; line ends in the source are spaces."""
        if self._inside and self._lines is not None:
            self._lines.append(re.sub(r"\s+", " ", data))


_VML_SHAPES = frozenset(("shape", "rect", "roundrect", "oval", "line", "polyline", "curve", "arc"))


def _read_vml(parts: Parts, name: str, objects: SheetObjects) -> None:
    """Read text boxes, buttons and WordArt of old programs, and of forms that were once .xls."""
    data = parts.read(name)
    if b"textbox" not in data and b"textpath" not in data:
        return
    reader = _Vml()
    reader.feed(data.decode("utf-8", "replace"))
    reader.close()
    objects.texts += reader.texts


def _targets(links: Mapping[str, Link], kinds: set[str]) -> Iterator[str]:
    return (link.target for link in links.values() if link.kind in kinds)


def _read_comments(parts: Parts, name: str, objects: SheetObjects) -> None:
    spot: Spot | None = None

    def begin(attributes: Attributes) -> None:
        nonlocal spot
        spot = references.parse_cell(attributes.get("ref", ""), parts.limits)
        rich.begin()

    def end() -> None:
        if spot is not None:
            objects.comments[spot] = rich.result().text

    part = XmlPart(name, parts.limits)
    rich = RichTextBuilder(part)
    starts: dict[str, Start] = {MAIN + "comment": begin, MAIN + "t": part.start_text, MAIN + "rPh": rich.begin_phonetic}
    ends = {MAIN + "comment": end, MAIN + "t": rich.end_run, MAIN + "rPh": rich.end_phonetic}
    part.with_handlers(MAIN + "comments", starts, ends).parse(parts.read(name))


def _read_threads(parts: Parts, name: str, objects: SheetObjects) -> None:
    """Read threaded comments; the plain comment at the same cell is only a placeholder for old programs."""
    threads: dict[Spot, list[str]] = {}
    spot: Spot | None = None

    def begin(attributes: Attributes) -> None:
        nonlocal spot
        spot = references.parse_cell(attributes.get("ref", ""), parts.limits)

    def text() -> None:
        if spot is not None:
            threads.setdefault(spot, []).append(part.end_text())

    part = XmlPart(name, parts.limits)
    starts: dict[str, Start] = {
        THREADED_COMMENTS + "threadedComment": begin,
        THREADED_COMMENTS + "text": part.start_text,
    }
    part.with_handlers(THREADED_COMMENTS + "ThreadedComments", starts, {THREADED_COMMENTS + "text": text}).parse(
        parts.read(name)
    )
    objects.comments.update({cell: "\n".join(texts) for cell, texts in threads.items()})


def _read_drawing(parts: Parts, name: str, objects: SheetObjects) -> None:
    lines: list[str] = []
    fallbacks = 0  # the depth inside repetitions of a shape for older programs

    def fallback(by: int) -> None:
        nonlocal fallbacks
        fallbacks += by

    def count(kind: str) -> None:
        if not fallbacks:
            setattr(objects, kind, getattr(objects, kind) + 1)

    def piece() -> None:
        if not fallbacks:
            lines.append(part.end_text())

    def shape() -> None:
        if text := "".join(lines).strip():
            objects.texts.append(text)
        lines.clear()

    part = XmlPart(name, parts.limits)
    starts = {
        COMPATIBILITY + "Fallback": lambda _: fallback(1),
        SHEET_DRAWING + "pic": lambda _: count("pictures"),
        CHART + "chart": lambda _: count("charts"),
        DRAWING + "t": part.start_text,
    }
    ends = {
        COMPATIBILITY + "Fallback": lambda: fallback(-1),
        DRAWING + "t": piece,
        DRAWING + "p": lambda: lines.append("\n"),
        SHEET_DRAWING + "sp": shape,
    }
    part.with_handlers(SHEET_DRAWING + "wsDr", starts, ends).parse(parts.read(name))
