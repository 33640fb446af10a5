"""The parts of a package and how they hang together: relationships and content types, never file names alone."""

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

#: Relationship types end alike in the transitional and the strict format; Microsoft's own have other beginnings.
_KINDS = ("/officeDocument/2006/relationships/", "/officeDocument/relationships/", "/relationships/metadata/")


#: What hangs on these must be told for certain; of other kinds the first of two under one id is taken.
_NEEDED = frozenset(("officeDocument", "worksheet", "sharedStrings", "styles"))


@dataclass(frozen=True)
class Link:
    """A relationship: what it is for, and the part or address it leads to."""

    id: str
    kind: str
    target: str
    outside: bool


class Parts:
    """The parts of a package by name; names are compared without case, as the standard has it.

    Args:
        package: the zip.
        limits: see there.

    Raises:
        Unreadable: an entry that may not be read, or no content types.
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
            Unreadable: there is none, or it is damaged.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            raise Unreadable("part_missing", name)
        return self._package.read(entry)

    def size(self, name: str) -> int:
        """How many bytes a part says that it has; 0 for one that there is not."""
        entry = self._entries.get(name.lower())
        return entry.size if entry else 0

    def beginning(self, name: str, most: int) -> bytes:
        """At most so many bytes of a part, their checksum not proven.

        Raises:
            Unreadable: there is none, or it is damaged.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            raise Unreadable("part_missing", name)
        return self._package.beginning(entry, most)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a part piece by piece, for one who keeps but few of them.

        Raises:
            Unreadable: there is none, it is damaged, or far too large.
        """
        entry = self._entries.get(name.lower())
        if entry is None:
            raise Unreadable("part_missing", name)
        return self._package.pieces(entry)

    def all(self) -> Iterator[tuple[str, bytes]]:
        """Every part, inflated and checked, for a reader that would trust them.

        Raises:
            Unreadable: one is damaged, or all together are too large.
        """
        return ((entry.name, self._package.read(entry)) for entry in self._entries.values())

    def content_type(self, name: str) -> str:
        """What the package says that a part is; "" when it says nothing."""
        if self._types is None:
            self._types = _content_types("[Content_Types].xml", self.read("[Content_Types].xml"), self.limits)
        extension = name.rpartition(".")[2].lower()
        return self._types.get("/" + name.lower()) or self._types.get(extension, "")

    def links(self, source: str) -> Mapping[str, Link]:
        """The relationships of a part by id; of the package itself for ""."""
        if source not in self._links:
            self._links[source] = self._read_links(source)
        return self._links[source]

    def _read_links(self, source: str) -> Mapping[str, Link]:
        folder, _, file = source.rpartition("/")
        name = f"{folder}/_rels/{file}.rels".lstrip("/")
        return _links(name, self.read(name), self.limits) if name in self else {}


@cached_parse
def _content_types(name: str, data: bytes, limits: Limits) -> Mapping[str, str]:
    """Content types by the part's name, which begins with a slash, and by extension."""
    found: dict[str, str] = {}

    def default(attributes: Attributes) -> None:
        found[attributes.get("Extension", "").lower()] = attributes.get("ContentType", "")

    def override(attributes: Attributes) -> None:
        found[attributes.get("PartName", "").lower()] = attributes.get("ContentType", "")

    XmlPart(name, limits).with_handlers(
        CONTENT_TYPES + "Types", {CONTENT_TYPES + "Default": default, CONTENT_TYPES + "Override": override}
    ).parse(data)
    return found


@cached_parse
def _links(name: str, data: bytes, limits: Limits) -> Mapping[str, Link]:
    folder = name.rpartition("_rels/")[0].rstrip("/")
    found: dict[str, Link] = {}

    def link(attributes: Attributes) -> None:
        one = _link(attributes, folder)
        other = found.setdefault(one.id, one)
        if other != one and not _NEEDED.isdisjoint((one.kind, other.kind)):
            raise part.refused("part_links")

    part = XmlPart(name, limits).with_handlers(
        PACKAGE_RELATIONSHIPS + "Relationships", {PACKAGE_RELATIONSHIPS + "Relationship": link}
    )
    part.parse(data)
    return found


def _link(attributes: Attributes, folder: str) -> Link:
    kind, target = attributes.get("Type", ""), attributes.get("Target", "")
    for start in _KINDS:
        kind = kind.partition(start)[2] or kind
    outside = attributes.get("TargetMode") == "External"
    if not outside:
        path = unquote(target.partition("#")[0])
        target = posixpath.normpath(path if path.startswith("/") else f"/{folder}/{path}").lstrip("/")
    return Link(attributes.get("Id", ""), kind.rpartition("/")[2], target, outside)
