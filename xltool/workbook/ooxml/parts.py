"""The parts of a package, found by relationships and content types, not by file names."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from xltool.workbook.errors import Unreadable
from xltool.workbook.limits import Limits
from xltool.workbook.namespaces import CONTENT_TYPES, PACKAGE_RELATIONSHIPS
from xltool.workbook.ooxml.xml import Attributes, XmlPart, cached_parse
from xltool.workbook.ooxml.zip import ZipFile

#: What precedes the last word of a relationship type, in the transitional and strict formats and Microsoft's own.
_KINDS = ("/officeDocument/2006/relationships/", "/officeDocument/relationships/", "/relationships/metadata/")


#: The kinds whose ids must be unambiguous; of other kinds, the first of two with the same id is taken.
_NEEDED = frozenset(("officeDocument", "worksheet", "sharedStrings", "styles"))


@dataclass(frozen=True)
class Link:
    """A relationship: its kind, and the part or outside address that it refers to."""

    id: str
    kind: str
    target: str
    outside: bool


class Parts:
    """The parts of a package by name; as the standard demands, case is ignored.

    Args:
        package: the zip file.
        limits: on the cost of reading.

    Raises:
        Unreadable: an entry is faulty.
    """

    def __init__(self, package: ZipFile, limits: Limits) -> None:
        self._package = package
        self.limits = limits
        for entry in package.entries:
            if entry.fault is not None:
                raise entry.fault
        self._entries = {entry.name.lower(): entry for entry in package.entries if not entry.folder}
        self._types: Mapping[str, str] | None = None
        self._links: dict[str, Mapping[str, Link]] = {}

    def __contains__(self, name: str) -> bool:
        return name.lower() in self._entries

    def names(self) -> Iterator[str]:
        """The names of all parts."""
        return (entry.name for entry in self._entries.values())

    def read(self, name: str) -> bytes:
        """The bytes of a part.

        Raises:
            Unreadable: it is missing, damaged, or past a limit.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            raise Unreadable("part_missing", name)
        return self._package.read(entry)

    def size(self, name: str) -> int:
        """The declared size of a part in bytes; 0 if it is missing."""
        entry = self._entries.get(name.lower())
        return entry.size if entry else 0

    def beginning(self, name: str, most: int) -> bytes:
        """At most ``most`` bytes of a part, without a check of the checksum.

        Raises:
            Unreadable: it is missing or damaged.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            raise Unreadable("part_missing", name)
        return self._package.beginning(entry, most)

    def pieces(self, name: str) -> Iterator[bytes]:
        """Yield the bytes of a part in pieces, for a reader that keeps only a few of them.

        Raises:
            Unreadable: it is missing, damaged, or far too large.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            raise Unreadable("part_missing", name)
        return self._package.pieces(entry)

    def all(self) -> Iterator[tuple[str, bytes]]:
        """Yield every part, inflated and checked, for a reader that does not check by itself.

        Raises:
            Unreadable: one is damaged, or all together are too large.
        """
        return ((entry.name, self._package.read(entry)) for entry in self._entries.values())

    def content_type(self, name: str) -> str:
        """The declared content type of a part; "" if there is none."""
        if self._types is None:
            self._types = _parse_content_types("[Content_Types].xml", self.read("[Content_Types].xml"), self.limits)
        extension = name.rpartition(".")[2].lower()
        return self._types.get("/" + name.lower()) or self._types.get(extension, "")

    def links(self, source: str) -> Mapping[str, Link]:
        """The relationships of a part by id; those of the package itself for ""."""
        if source not in self._links:
            self._links[source] = self._read_links(source)
        return self._links[source]

    def _read_links(self, source: str) -> Mapping[str, Link]:
        folder, _, file = source.rpartition("/")
        name = f"{folder}/_rels/{file}.rels".lstrip("/")
        return _parse_links(name, self.read(name), self.limits) if name in self else {}


@cached_parse
def _parse_content_types(name: str, data: bytes, limits: Limits) -> Mapping[str, str]:
    """Content types by part name, which begins with a slash, and by extension."""
    types: dict[str, str] = {}

    def default(attributes: Attributes) -> None:
        types[attributes.get("Extension", "").lower()] = attributes.get("ContentType", "")

    def override(attributes: Attributes) -> None:
        types[attributes.get("PartName", "").lower()] = attributes.get("ContentType", "")

    XmlPart(name, limits).with_handlers(
        CONTENT_TYPES + "Types", {CONTENT_TYPES + "Default": default, CONTENT_TYPES + "Override": override}
    ).parse(data)
    return types


@cached_parse
def _parse_links(name: str, data: bytes, limits: Limits) -> Mapping[str, Link]:
    folder = name.rpartition("_rels/")[0].rstrip("/")
    links: dict[str, Link] = {}

    def link(attributes: Attributes) -> None:
        new = _parse_link(attributes, folder)
        known = links.setdefault(new.id, new)
        if known != new and not _NEEDED.isdisjoint((new.kind, known.kind)):
            raise part.unreadable("part_links")

    part = XmlPart(name, limits).with_handlers(
        PACKAGE_RELATIONSHIPS + "Relationships", {PACKAGE_RELATIONSHIPS + "Relationship": link}
    )
    part.parse(data)
    return links


def _parse_link(attributes: Attributes, folder: str) -> Link:
    kind, target = attributes.get("Type", ""), attributes.get("Target", "")
    for start in _KINDS:
        kind = kind.partition(start)[2] or kind
    outside = attributes.get("TargetMode") == "External"
    if not outside:
        path = unquote(target.partition("#")[0])
        target = posixpath.normpath(path if path.startswith("/") else f"/{folder}/{path}").lstrip("/")
    return Link(attributes.get("Id", ""), kind.rpartition("/")[2], target, outside)
