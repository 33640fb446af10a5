"""An Excel workbook (.xlsx and its sisters) to a Grid, in one pass over the parts that matter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xltool.read import drawings
from xltool.read.cells import Book, Cells
from xltool.read.grid import Grid, Sheet
from xltool.read.learnt import read_sheet
from xltool.read.limits import Limits
from xltool.read.parts import Link, Parts
from xltool.read.refusal import Unreadable
from xltool.read.strings import shared_strings
from xltool.read.styles import styles, truth, whole
from xltool.read.xml import MAIN, RELATIONSHIP, Attributes, End, Part, Start, remembered

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/"
_APP, _CUSTOM = f"{_OFFICE}extended-properties ", f"{_OFFICE}custom-properties "
_VALUE = f"{_OFFICE}docPropsVTypes "

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


def read_package(parts: Parts) -> Grid:
    """The facts of a workbook.

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
    shared = Book(
        strings=shared_strings(strings, parts.read(strings), limits) if strings else (),
        styles=styles(looks, parts.read(looks), limits) if looks else (),
        date1904=book.date1904,
        cell_text=limits.cell_text,
    )
    titles = [title for title, _, _ in book.sheets]
    names, sheet_names = _names(book, titles)
    kinds = {link.kind for link in links.values()}
    return Grid(
        sheets=_sheets(parts, book, links, shared),
        names=names,
        properties=_properties(parts, root),
        application=_application(parts, root),
        format=format_of(parts.content_type(main)) or "xlsx",
        sheet_names=sheet_names,
        date1904=book.date1904,
        macros=bool(kinds & {"vbaProject", "xlMacrosheet", "xlIntlMacrosheet"}),
        external_links=_external(parts, links),
        shared="revisionHeaders" in kinds,
        structure_locked=book.structure_locked,
        manual=book.manual,
        repaired=book.repaired,
    )


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


@remembered
def _workbook(name: str, data: bytes, limits: Limits) -> _Workbook:
    found = _Workbook()
    naming: list[Attributes] = []

    def sheet(attributes: Attributes) -> None:
        state = attributes.get("state", "visible")
        link = attributes.get(RELATIONSHIP + "id") or attributes.get(_STRICT_ID, "")
        found.sheets.append((attributes.get("name", ""), state if state in _STATES else "visible", link))

    def properties(attributes: Attributes) -> None:
        found.date1904 = truth(attributes.get("date1904"))

    def calculation(attributes: Attributes) -> None:
        found.manual = attributes.get("calcMode") == "manual"

    def protection(attributes: Attributes) -> None:
        found.structure_locked = truth(attributes.get("lockStructure"))

    def recovery(attributes: Attributes) -> None:
        found.repaired = truth(attributes.get("repairLoad")) or truth(attributes.get("dataExtractLoad"))

    def begin_name(attributes: Attributes) -> None:
        naming.append(attributes)
        part.listen()

    def end_name() -> None:
        attributes = naming.pop()
        meaning = part.heard().strip()
        local = attributes.get("localSheetId")
        found.names.append((attributes.get("name", ""), None if local is None else whole(local), meaning))

    starts: dict[str, Start] = {
        "sheet": sheet, "workbookPr": properties, "calcPr": calculation, "workbookProtection": protection,
        "fileRecoveryPr": recovery, "definedName": begin_name,
    }  # fmt: skip
    ends: dict[str, End] = {MAIN + "definedName": end_name}
    part = Part(name, limits)
    part.on(MAIN + "workbook", {MAIN + local: start for local, start in starts.items()}, ends).parse(data)
    return found


_STRICT_ID = "http://purl.oclc.org/ooxml/officeDocument/relationships id"


def _names(book: _Workbook, titles: list[str]) -> tuple[dict[str, str], dict[tuple[str, str], str]]:
    names: dict[str, str] = {}
    local: dict[tuple[str, str], str] = {}
    for name, number, meaning in book.names:
        if number is None:
            if names.setdefault(name, meaning) != meaning:
                raise Unreadable("names_twice", name)
        elif number < len(titles):
            local[titles[number], name] = meaning
    return names, local


def _sheets(parts: Parts, book: _Workbook, links: Mapping[str, Link], shared: Book) -> dict[str, Sheet]:
    found: dict[str, Sheet] = {}
    seen: set[str] = set()
    left = parts.limits.cells
    for title, state, reference in book.sheets:
        link = links.get(reference)
        if link is None or link.outside:
            raise Unreadable("part_missing", title)
        if title.casefold() in seen:
            raise Unreadable("sheets_twice", title)
        seen.add(title.casefold())
        if link.kind == "worksheet":
            found[title] = _sheet(parts, title, state, link.target, shared, left)
            left -= len(found[title].cells)
    return found


def _sheet(parts: Parts, title: str, state: str, name: str, shared: Book, most_cells: int) -> Sheet:
    part = read_sheet(name, title, parts.read(name), parts.limits, most_cells)
    around, on_top = part.around, drawings.layer(parts, parts.links(name))
    return Sheet(
        title=title,
        state=state,
        cells=Cells(part.cells, part.masters, shared),
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
    )


def _properties(parts: Parts, root: Mapping[str, Link]) -> Mapping[str, str]:
    name = _one(root, "custom-properties") or _one(root, "customProperties")
    return _custom(name, parts.read(name), parts.limits) if name and name in parts else {}


@remembered
def _custom(name: str, data: bytes, limits: Limits) -> Mapping[str, str]:
    found: dict[str, str] = {}
    naming: list[str] = []

    def begin(attributes: Attributes) -> None:
        naming.append(attributes.get("name", ""))
        part.listen()

    def end() -> None:
        found[naming.pop()] = part.heard().strip()

    part = Part(name, limits)
    part.on(_CUSTOM + "Properties", {_CUSTOM + "property": begin}, {_CUSTOM + "property": end}).parse(data)
    return found


def _application(parts: Parts, root: Mapping[str, Link]) -> str | None:
    name = _one(root, "extended-properties") or _one(root, "extendedProperties")
    return _program(name, parts.read(name), parts.limits) if name and name in parts else None


@remembered
def _program(name: str, data: bytes, limits: Limits) -> str | None:
    found: list[str] = []
    part = Part(name, limits)
    ends: dict[str, End] = {_APP + "Application": lambda: found.append(part.heard().strip()[:100])}
    part.on(_APP + "Properties", {_APP + "Application": part.listen}, ends).parse(data)
    return (found[0] or None) if found else None


def _external(parts: Parts, links: Mapping[str, Link]) -> tuple[str, ...]:
    """The files that formulas ask for values."""
    targets = sorted(link.target for link in links.values() if link.kind == "externalLink" and not link.outside)
    asked = (link.target for target in targets for link in parts.links(target).values() if link.outside)
    return tuple(asked)
