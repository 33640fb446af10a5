"""An Excel workbook (.xlsx and its sisters) to a Grid, in one pass over the parts that matter."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from xltool.workbook.errors import DANGEROUS, Unreadable
from xltool.workbook.grid import Grid, Sheet
from xltool.workbook.limits import Limits
from xltool.workbook.namespaces import (
    CUSTOM_PROPERTIES,
    EXTENDED_PROPERTIES,
    MAIN,
    RELATIONSHIP,
    STRICT_RELATIONSHIP,
)
from xltool.workbook.ooxml import drawings
from xltool.workbook.ooxml.cells import StoredCells, WorkbookContext
from xltool.workbook.ooxml.parts import Link, Parts
from xltool.workbook.ooxml.row_cache import SheetFacts, read_sheet
from xltool.workbook.ooxml.shared_strings import shared_strings
from xltool.workbook.ooxml.sheet import SheetPart
from xltool.workbook.ooxml.styles import bool_of, styles, whole_number
from xltool.workbook.ooxml.xml import Attributes, End, Start, XmlPart, cached_parse
from xltool.workbook.wanted import NONE_WANTED, WantedSheets

Links = Mapping[str, Link]
T = TypeVar("T")

_STATES = {"visible", "hidden", "veryHidden"}

#: Content types of the main part. Their ends suffice: the strict and the transitional format share them.
FORMATS = {
    "sheet.main+xml": "xlsx",
    "template.main+xml": "xltx",
    "sheet.macroEnabled.main+xml": "xlsm",
    "template.macroEnabled.main+xml": "xltm",
    "addin.macroEnabled.main+xml": "xlam",
}


@dataclass
class _Workbook:
    """What the main part says."""

    sheets: list[tuple[str, str, str]] = field(default_factory=list)  # name, state, relationship
    names: list[tuple[str, int | None, str]] = field(default_factory=list)  # name, sheet number, meaning
    date1904: bool = False
    manual: bool = False
    structure_locked: bool = False
    repaired: bool = False


def main_type(parts: Parts) -> str:
    """The content type of the main part; "" where nothing says which one that is."""
    main = _one(parts.links(""), "officeDocument")
    return parts.content_type(main) if main else ""


def read_package(parts: Parts, wanted: WantedSheets = NONE_WANTED) -> Grid:
    """The facts of a workbook.

    Args:
        parts: of the package.
        wanted: the sheets that matter.

    Raises:
        Unreadable: with what is wrong.
    """
    limits = parts.limits
    root = parts.links("")
    main = _one(root, "officeDocument")
    if main is None:
        raise Unreadable("part_missing", "_rels/.rels: officeDocument")
    links = parts.links(main)
    book = _workbook(main, parts.read(main), limits)
    strings, looks = _one(links, "sharedStrings"), _one(links, "styles")
    shared = WorkbookContext(
        strings=shared_strings(strings, parts.read(strings), limits) if strings else (),
        styles=styles(looks, parts.read(looks), limits) if looks else (),
        date1904=book.date1904,
        cell_text=limits.cell_text,
    )
    titles = [title for title, _, _ in book.sheets]
    names, sheet_names = _names(book, titles, wanted)
    kinds = {link.kind for link in links.values()}
    sheets = _Sheets(parts, links, shared, wanted.titles, wanted.sheets_named(names))
    sheets.read(book)
    unread = sheets.unread
    return Grid(
        sheets=sheets.found,
        names=names,
        properties=_beside(unread, _properties, parts, root) or {},
        application=_beside(unread, _application, parts, root),
        format=format_of(parts.content_type(main)) or "xlsx",
        sheet_names=sheet_names,
        date1904=book.date1904,
        macros=bool(kinds & {"vbaProject", "xlMacrosheet", "xlIntlMacrosheet"}),
        external_links=_external(parts, links),
        shared="revisionHeaders" in kinds,
        structure_locked=book.structure_locked,
        manual=book.manual,
        repaired=book.repaired,
        unread=unread,
    )


def _beside(unread: dict[str, Unreadable], read: Callable[[Parts, Links], T], parts: Parts, root: Links) -> T | None:
    """What a part beside the sheets says; None where it cannot be read, which is kept."""
    try:
        return read(parts, root)
    except Unreadable as error:
        if error.key == DANGEROUS:
            raise
        unread["docProps"] = error
        return None


def format_of(content_type: str) -> str | None:
    """The format by the content type of the main part; None when it is no workbook of this kind."""
    head = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    short = content_type.removeprefix(head).removeprefix("application/vnd.ms-excel.")
    return FORMATS.get(short)


def _one(links: Mapping[str, Link], kind: str) -> str | None:
    """The target of the only relationship of a kind; of two, two programs might take either.

    Raises:
        Unreadable: more than one.
    """
    found = {link.target for link in links.values() if link.kind == kind and not link.outside}
    if len(found) > 1:
        raise Unreadable("part_links", kind)
    return found.pop() if found else None


@cached_parse
def _workbook(name: str, data: bytes, limits: Limits) -> _Workbook:
    found = _Workbook()
    naming: list[Attributes] = []

    def sheet(attributes: Attributes) -> None:
        state = attributes.get("state", "visible")
        link = attributes.get(RELATIONSHIP + "id") or attributes.get(STRICT_RELATIONSHIP + "id", "")
        found.sheets.append((attributes.get("name", ""), state if state in _STATES else "visible", link))

    def properties(attributes: Attributes) -> None:
        found.date1904 = bool_of(attributes.get("date1904"))

    def calculation(attributes: Attributes) -> None:
        found.manual = attributes.get("calcMode") == "manual"

    def protection(attributes: Attributes) -> None:
        found.structure_locked = bool_of(attributes.get("lockStructure"))

    def recovery(attributes: Attributes) -> None:
        found.repaired = bool_of(attributes.get("repairLoad")) or bool_of(attributes.get("dataExtractLoad"))

    def begin_name(attributes: Attributes) -> None:
        naming.append(attributes)
        part.start_text()

    def end_name() -> None:
        attributes = naming.pop()
        meaning = part.end_text().strip()
        local = attributes.get("localSheetId")
        number = None if local is None else whole_number(local)
        found.names.append((attributes.get("name", ""), -1 if local and number is None else number, meaning))

    starts: dict[str, Start] = {
        "sheet": sheet, "workbookPr": properties, "calcPr": calculation, "workbookProtection": protection,
        "fileRecoveryPr": recovery, "definedName": begin_name,
    }  # fmt: skip
    ends: dict[str, End] = {MAIN + "definedName": end_name}
    part = XmlPart(name, limits)
    part.with_handlers(MAIN + "workbook", {MAIN + local: start for local, start in starts.items()}, ends).parse(data)
    return found


def _names(
    book: _Workbook, titles: list[str], wanted: WantedSheets
) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    names: dict[str, str] = {}
    local: dict[tuple[str, str], str] = {}
    for name, number, meaning in book.names:
        if number is None:
            if names.setdefault(name, meaning) != meaning:  # leads to two places, that is nowhere
                names[name] = "" if wanted.is_wanted_name(name) else names[name]
        elif 0 <= number < len(titles):
            local[titles[number], name] = meaning
    return names, local


class _Sheets:
    """Reads the sheets of a workbook, those of a form of ours first.

    Args:
        parts: of the package.
        links: of the workbook's part.
        shared: what the cells share.
        whole: sheets that are read to their end, however large they are.
        named: sheets to which names lead; then all of these and those must be readable if they are there.

    Attributes:
        found: the sheets by name, in the order of the workbook.
        unread: those that cannot be read, with why.
    """

    def __init__(
        self, parts: Parts, links: Links, shared: WorkbookContext, whole: frozenset[str], named: frozenset[str]
    ) -> None:
        self._parts, self._links, self._shared = parts, links, shared
        self._needed = whole | named if named else frozenset[str]()
        self._whole = whole | named
        self._left = parts.limits.cells
        self.found: dict[str, Sheet] = {}
        self.unread: dict[str, Unreadable] = {}

    def read(self, book: _Workbook) -> None:
        """Read them all.

        Raises:
            Unreadable: one of ours, or all of them, cannot be read; one has a document type.
        """
        seen: set[str] = set()
        for title, state, reference in sorted(book.sheets, key=lambda one: one[0] not in self._needed):
            try:
                if title.casefold() in seen:
                    raise Unreadable("sheets_twice", title)
                seen.add(title.casefold())
                self._read(title, state, reference)
            except Unreadable as error:
                if error.key == DANGEROUS or title in self._needed:
                    raise
                self.unread[title] = error
        if self.unread and not self.found:
            raise next(iter(self.unread.values()))
        self.found = {title: self.found[title] for title, _, _ in book.sheets if title in self.found}

    def _read(self, title: str, state: str, reference: str) -> None:
        link = self._links.get(reference)
        if link is None or link.outside:
            raise Unreadable("part_missing", title)
        if link.kind == "worksheet":
            self.found[title] = found = self._beginning(title, state, link.target) or self._sheet(
                title, state, link.target
            )
            self._left -= len(found.cells)

    def _beginning(self, title: str, state: str, name: str) -> Sheet | None:
        """The first rows of a large sheet that is none of ours; None where the whole sheet is to be read."""
        most = self._parts.limits.foreign_bytes
        if title in self._whole or self._parts.size(name) <= most:
            return None
        part = SheetPart(name, title, self._parts.limits, self._left)
        part.read_beginning(self._parts.beginning(name, self._parts.limits.beginning_bytes))
        if len(part.cells) < _FEW_CELLS:
            return None
        cells = StoredCells(part.cells, part.masters, self._shared, part.around.zeros_hidden)
        return Sheet(title, state, cells, merges=tuple(part.around.merges), partial=True)

    def _sheet(self, title: str, state: str, name: str) -> Sheet:
        part = read_sheet(name, title, self._parts.read(name), self._parts.limits, self._left)
        return _with_layer(part, drawings.layer(self._parts, self._parts.links(name)), title, state, self._shared)


#: A large sheet whose beginning has fewer cells is one that was formatted throughout, and may be a form.
_FEW_CELLS = 300


def _with_layer(part: SheetFacts, on_top: drawings.Layer, title: str, state: str, shared: WorkbookContext) -> Sheet:
    around = part.around
    return Sheet(
        title=title,
        state=state,
        cells=StoredCells(part.cells, part.masters, shared, around.zeros_hidden),
        merges=tuple(around.merges),
        validations=tuple(around.validations),
        conditional_formats=tuple(around.formats),
        protection=around.protection,
        hidden_rows=tuple(part.hidden_rows),
        hidden_columns=tuple(around.hidden_columns),
        filtered=around.filtered,
        comments=on_top.comments,
        texts=tuple(on_top.texts),
        pictures=on_top.pictures,
        charts=on_top.charts,
        embedded=on_top.embedded,
        oddities=(*around.oddities, *on_top.oddities),
    )


def _properties(parts: Parts, root: Mapping[str, Link]) -> Mapping[str, str]:
    name = _one(root, "custom-properties") or _one(root, "customProperties")
    return _custom(name, parts.read(name), parts.limits) if name and name in parts else {}


@cached_parse
def _custom(name: str, data: bytes, limits: Limits) -> Mapping[str, str]:
    found: dict[str, str] = {}
    naming: list[str] = []

    def begin(attributes: Attributes) -> None:
        naming.append(attributes.get("name", ""))
        part.start_text()

    def end() -> None:
        found[naming.pop()] = part.end_text().strip()

    part = XmlPart(name, limits)
    part.with_handlers(
        CUSTOM_PROPERTIES + "Properties", {CUSTOM_PROPERTIES + "property": begin}, {CUSTOM_PROPERTIES + "property": end}
    ).parse(data)
    return found


def _application(parts: Parts, root: Mapping[str, Link]) -> str | None:
    name = _one(root, "extended-properties") or _one(root, "extendedProperties")
    return _program(name, parts.read(name), parts.limits) if name and name in parts else None


@cached_parse
def _program(name: str, data: bytes, limits: Limits) -> str | None:
    found: list[str] = []
    part = XmlPart(name, limits)
    ends: dict[str, End] = {EXTENDED_PROPERTIES + "Application": lambda: found.append(part.end_text().strip()[:100])}
    part.with_handlers(
        EXTENDED_PROPERTIES + "Properties", {EXTENDED_PROPERTIES + "Application": part.start_text}, ends
    ).parse(data)
    return (found[0] or None) if found else None


def _external(parts: Parts, links: Mapping[str, Link]) -> tuple[str, ...]:
    """The files that formulas ask for values."""
    targets = sorted(link.target for link in links.values() if link.kind == "externalLink" and not link.outside)
    return tuple(asked for target in targets for asked in _asked(parts, target))


def _asked(parts: Parts, target: str) -> list[str]:
    try:
        return [link.target for link in parts.links(target).values() if link.outside]
    except Unreadable as error:
        if error.key == DANGEROUS:
            raise
        return [target]
