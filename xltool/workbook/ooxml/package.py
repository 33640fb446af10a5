"""Read an Excel workbook (.xlsx and related formats) into a ``Grid``, in one pass over the parts that matter."""

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
from xltool.workbook.ooxml.shared_strings import read_shared_strings
from xltool.workbook.ooxml.sheet import SheetPart
from xltool.workbook.ooxml.styles import bool_of, parse_styles, whole_number
from xltool.workbook.ooxml.xml import Attributes, End, Start, XmlPart, cached_parse
from xltool.workbook.wanted import NONE_WANTED, WantedSheets

Links = Mapping[str, Link]
T = TypeVar("T")

_STATES = {"visible", "hidden", "veryHidden"}

#: The ends of the main part's content types, which are the same in the strict and the transitional format.
FORMATS = {
    "sheet.main+xml": "xlsx",
    "template.main+xml": "xltx",
    "sheet.macroEnabled.main+xml": "xlsm",
    "template.macroEnabled.main+xml": "xltm",
    "addin.macroEnabled.main+xml": "xlam",
}


@dataclass
class _Workbook:
    """The contents of the main part."""

    sheets: list[tuple[str, str, str]] = field(default_factory=list)  # name, state, relationship
    names: list[tuple[str, int | None, str]] = field(default_factory=list)  # name, sheet number, meaning
    date1904: bool = False
    manual: bool = False
    structure_locked: bool = False
    repaired: bool = False


def main_type(parts: Parts) -> str:
    """The content type of the main part; "" if the package declares no main part."""
    main = _only_target(parts.links(""), "officeDocument")
    return parts.content_type(main) if main else ""


def read_package(parts: Parts, wanted: WantedSheets = NONE_WANTED) -> Grid:
    """Read a workbook.

    Args:
        parts: the parts of the package.
        wanted: the sheets that must be read completely.

    Raises:
        Unreadable: the package or a wanted sheet is damaged, or past a limit.
    """
    limits = parts.limits
    root = parts.links("")
    main = _only_target(root, "officeDocument")
    if main is None:
        raise Unreadable("part_missing", "_rels/.rels: officeDocument")
    links = parts.links(main)
    book = _parse_workbook(main, parts.read(main), limits)
    strings_part, styles_part = _only_target(links, "sharedStrings"), _only_target(links, "styles")
    shared = WorkbookContext(
        strings=read_shared_strings(strings_part, parts.read(strings_part), limits) if strings_part else (),
        styles=parse_styles(styles_part, parts.read(styles_part), limits) if styles_part else (),
        date1904=book.date1904,
        cell_text=limits.cell_text,
    )
    titles = [title for title, _, _ in book.sheets]
    names, sheet_names = _read_names(book, titles, wanted)
    kinds = {link.kind for link in links.values()}
    sheets = _Sheets(parts, links, shared, wanted.titles, wanted.sheets_named(names))
    sheets.read(book)
    unread = sheets.unread
    return Grid(
        sheets=sheets.sheets,
        names=names,
        properties=_read_optional(unread, _read_properties, parts, root) or {},
        application=_read_optional(unread, _read_application, parts, root),
        format=format_of(parts.content_type(main)) or "xlsx",
        sheet_names=sheet_names,
        date1904=book.date1904,
        macros=bool(kinds & {"vbaProject", "xlMacrosheet", "xlIntlMacrosheet"}),
        external_links=_external_files(parts, links),
        shared="revisionHeaders" in kinds,
        structure_locked=book.structure_locked,
        manual=book.manual,
        repaired=book.repaired,
        unread=unread,
    )


def _read_optional(
    unread: dict[str, Unreadable], read: Callable[[Parts, Links], T], parts: Parts, root: Links
) -> T | None:
    """Read a part other than the sheets; None if it cannot be read, and the error goes to ``unread``."""
    try:
        return read(parts, root)
    except Unreadable as error:
        if error.key == DANGEROUS:
            raise
        unread["docProps"] = error
        return None


def format_of(content_type: str) -> str | None:
    """The format for the content type of the main part; None if it is not an Excel workbook."""
    head = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    short = content_type.removeprefix(head).removeprefix("application/vnd.ms-excel.")
    return FORMATS.get(short)


def _only_target(links: Mapping[str, Link], kind: str) -> str | None:
    """The target of the only relationship of a kind. With two, programs might take either.

    Raises:
        Unreadable: there is more than one.
    """
    targets = {link.target for link in links.values() if link.kind == kind and not link.outside}
    if len(targets) > 1:
        raise Unreadable("part_links", kind)
    return targets.pop() if targets else None


@cached_parse
def _parse_workbook(name: str, data: bytes, limits: Limits) -> _Workbook:
    book = _Workbook()
    open_names: list[Attributes] = []

    def sheet(attributes: Attributes) -> None:
        state = attributes.get("state", "visible")
        link = attributes.get(RELATIONSHIP + "id") or attributes.get(STRICT_RELATIONSHIP + "id", "")
        book.sheets.append((attributes.get("name", ""), state if state in _STATES else "visible", link))

    def properties(attributes: Attributes) -> None:
        book.date1904 = bool_of(attributes.get("date1904"))

    def calculation(attributes: Attributes) -> None:
        book.manual = attributes.get("calcMode") == "manual"

    def protection(attributes: Attributes) -> None:
        book.structure_locked = bool_of(attributes.get("lockStructure"))

    def recovery(attributes: Attributes) -> None:
        book.repaired = bool_of(attributes.get("repairLoad")) or bool_of(attributes.get("dataExtractLoad"))

    def begin_name(attributes: Attributes) -> None:
        open_names.append(attributes)
        part.start_text()

    def end_name() -> None:
        attributes = open_names.pop()
        meaning = part.end_text().strip()
        local = attributes.get("localSheetId")
        number = None if local is None else whole_number(local)
        book.names.append((attributes.get("name", ""), -1 if local and number is None else number, meaning))

    starts: dict[str, Start] = {
        "sheet": sheet, "workbookPr": properties, "calcPr": calculation, "workbookProtection": protection,
        "fileRecoveryPr": recovery, "definedName": begin_name,
    }  # fmt: skip
    ends: dict[str, End] = {MAIN + "definedName": end_name}
    part = XmlPart(name, limits)
    part.with_handlers(MAIN + "workbook", {MAIN + local: start for local, start in starts.items()}, ends).parse(data)
    return book


def _read_names(
    book: _Workbook, titles: list[str], wanted: WantedSheets
) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    names: dict[str, str] = {}
    local: dict[tuple[str, str], str] = {}
    for name, number, meaning in book.names:
        if number is None:
            if names.setdefault(name, meaning) != meaning:  # an ambiguous name refers to nothing
                names[name] = "" if wanted.is_wanted_name(name) else names[name]
        elif 0 <= number < len(titles):
            local[titles[number], name] = meaning
    return names, local


class _Sheets:
    """Reads the sheets of a workbook, the wanted ones first.

    Args:
        parts: the parts of the package.
        links: the relationships of the workbook's part.
        shared: the data that cells share.
        whole: sheets that are read to their end, however large they are.
        named: sheets that wanted names refer to; if there are any, these and those in ``whole`` must be readable.

    Attributes:
        sheets: the sheets by name, in the order of the workbook.
        unread: the sheets that cannot be read, each with the error.
    """

    def __init__(
        self, parts: Parts, links: Links, shared: WorkbookContext, whole: frozenset[str], named: frozenset[str]
    ) -> None:
        self._parts, self._links, self._shared = parts, links, shared
        self._needed = whole | named if named else frozenset[str]()
        self._whole = whole | named
        self._left = parts.limits.cells
        self.sheets: dict[str, Sheet] = {}
        self.unread: dict[str, Unreadable] = {}

    def read(self, book: _Workbook) -> None:
        """Read all sheets.

        Raises:
            Unreadable: a wanted sheet cannot be read, or none can, or one has a document type.
        """
        titles: set[str] = set()
        for title, state, reference in sorted(book.sheets, key=lambda sheet: sheet[0] not in self._needed):
            try:
                if title.casefold() in titles:
                    raise Unreadable("sheets_twice", title)
                titles.add(title.casefold())
                self._read(title, state, reference)
            except Unreadable as error:
                if error.key == DANGEROUS or title in self._needed:
                    raise
                self.unread[title] = error
        if self.unread and not self.sheets:
            raise next(iter(self.unread.values()))
        self.sheets = {title: self.sheets[title] for title, _, _ in book.sheets if title in self.sheets}

    def _read(self, title: str, state: str, reference: str) -> None:
        link = self._links.get(reference)
        if link is None or link.outside:
            raise Unreadable("part_missing", title)
        if link.kind == "worksheet":
            sheet = self._read_beginning(title, state, link.target) or self._read_sheet(title, state, link.target)
            self.sheets[title] = sheet
            self._left -= len(sheet.cells)

    def _read_beginning(self, title: str, state: str, name: str) -> Sheet | None:
        """Read the first rows of a large sheet that is not wanted; None if the whole sheet must be read."""
        most = self._parts.limits.foreign_bytes
        if title in self._whole or self._parts.size(name) <= most:
            return None
        part = SheetPart(name, title, self._parts.limits, self._left)
        part.read_beginning(self._parts.beginning(name, self._parts.limits.beginning_bytes))
        if len(part.cells) < _FEW_CELLS:
            return None
        cells = StoredCells(part.cells, part.masters, self._shared, part.around.zeros_hidden)
        return Sheet(title, state, cells, merges=tuple(part.around.merges), partial=True)

    def _read_sheet(self, title: str, state: str, name: str) -> Sheet:
        part = read_sheet(name, title, self._parts.read(name), self._parts.limits, self._left)
        return _build_sheet(
            part, drawings.read_objects(self._parts, self._parts.links(name)), title, state, self._shared
        )


#: A large sheet whose beginning has fewer cells consists mostly of formatted blanks, and may be a form.
_FEW_CELLS = 300


def _build_sheet(
    part: SheetFacts, objects: drawings.SheetObjects, title: str, state: str, shared: WorkbookContext
) -> Sheet:
    around = part.metadata
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
        comments=objects.comments,
        texts=tuple(objects.texts),
        pictures=objects.pictures,
        charts=objects.charts,
        embedded=objects.embedded,
        oddities=(*around.oddities, *objects.oddities),
    )


def _read_properties(parts: Parts, root: Mapping[str, Link]) -> Mapping[str, str]:
    name = _only_target(root, "custom-properties") or _only_target(root, "customProperties")
    return _parse_properties(name, parts.read(name), parts.limits) if name and name in parts else {}


@cached_parse
def _parse_properties(name: str, data: bytes, limits: Limits) -> Mapping[str, str]:
    properties: dict[str, str] = {}
    open_names: list[str] = []

    def begin(attributes: Attributes) -> None:
        open_names.append(attributes.get("name", ""))
        part.start_text()

    def end() -> None:
        properties[open_names.pop()] = part.end_text().strip()

    part = XmlPart(name, limits)
    part.with_handlers(
        CUSTOM_PROPERTIES + "Properties", {CUSTOM_PROPERTIES + "property": begin}, {CUSTOM_PROPERTIES + "property": end}
    ).parse(data)
    return properties


def _read_application(parts: Parts, root: Mapping[str, Link]) -> str | None:
    name = _only_target(root, "extended-properties") or _only_target(root, "extendedProperties")
    return _parse_application(name, parts.read(name), parts.limits) if name and name in parts else None


@cached_parse
def _parse_application(name: str, data: bytes, limits: Limits) -> str | None:
    names: list[str] = []
    part = XmlPart(name, limits)
    ends: dict[str, End] = {EXTENDED_PROPERTIES + "Application": lambda: names.append(part.end_text().strip()[:100])}
    part.with_handlers(
        EXTENDED_PROPERTIES + "Properties", {EXTENDED_PROPERTIES + "Application": part.start_text}, ends
    ).parse(data)
    return (names[0] or None) if names else None


def _external_files(parts: Parts, links: Mapping[str, Link]) -> tuple[str, ...]:
    """The files that formulas refer to."""
    targets = sorted(link.target for link in links.values() if link.kind == "externalLink" and not link.outside)
    return tuple(file for target in targets for file in _outside_targets(parts, target))


def _outside_targets(parts: Parts, target: str) -> list[str]:
    try:
        return [link.target for link in parts.links(target).values() if link.outside]
    except Unreadable as error:
        if error.key == DANGEROUS:
            raise
        return [target]
