"""Read OpenDocument spreadsheets (.ods): displayed values, formulas in Excel's syntax, names and custom properties.

Locks, validations and conditional formats are not read, so the ``Grid`` is not ``checkable``.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from xltool.workbook.box import Box
from xltool.workbook.errors import Unreadable
from xltool.workbook.grid import CellFact, Grid, Protection, Sheet, Spot
from xltool.workbook.namespaces import (
    ODF_DRAWING,
    ODF_MANIFEST,
    ODF_META,
    ODF_OFFICE,
    ODF_STYLE,
    ODF_TABLE,
    ODF_TEXT,
)
from xltool.workbook.ooxml.parts import Parts
from xltool.workbook.ooxml.xml import Attributes, End, Start, XmlPart
from xltool.workbook.opendocument import content
from xltool.workbook.opendocument.cells import ContentCell, read_cell
from xltool.workbook.opendocument.formulas import excel_formula
from xltool.workbook.opendocument.styles import OdsStyles
from xltool.workbook.wanted import NONE_WANTED, WantedSheets

_SPACE = re.compile(r"[ \t\r\n]+")


@dataclass
class _Table:
    """A sheet that is being parsed."""

    title: str
    style: str
    protected: bool
    cells: dict[Spot, CellFact] = field(default_factory=dict)
    merges: list[Box] = field(default_factory=list)
    comments: dict[Spot, str] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    hidden_rows: list[tuple[int, int]] = field(default_factory=list)
    pictures: int = 0
    columns: list[tuple[int, str]] = field(default_factory=list)  # repetitions, and the style of the cells
    row_style: str = ""
    row: int = 0
    rows: int = 1
    column: int = 0


def read_ods(parts: Parts, wanted: WantedSheets = NONE_WANTED) -> Grid:
    """Read an OpenDocument spreadsheet.

    Args:
        parts: the parts of the package.
        wanted: the sheets that must be read completely.

    Raises:
        Unreadable: with a password, damaged, or past a limit.
    """
    if "meta-inf/manifest.xml" in parts and _is_encrypted(parts):
        raise Unreadable("encrypted")
    content = _Content(parts, wanted.titles)
    if named := wanted.sheets_named(content.names) & content.partial:
        content = _Content(parts, wanted.titles | named)
    properties, application = _read_meta(parts)
    return Grid(
        sheets=content.sheets(),
        names=content.names,
        sheet_names=content.sheet_names,
        properties=properties,
        application=application,
        format="ods",
        checkable=False,
    )


def _is_encrypted(parts: Parts) -> bool:
    encryption: list[bool] = []
    name = "META-INF/manifest.xml"
    start: dict[str, Start] = {ODF_MANIFEST + "encryption-data": lambda _: encryption.append(True)}
    XmlPart(name, parts.limits).with_handlers(ODF_MANIFEST + "manifest", start).parse(parts.read(name))
    return bool(encryption)


def _read_meta(parts: Parts) -> tuple[Mapping[str, str], str | None]:
    if "meta.xml" not in parts:
        return {}, None
    properties: dict[str, str] = {}
    application: list[str] = []
    open_names: list[str] = []

    def begin(attributes: Attributes) -> None:
        open_names.append(attributes.get(ODF_META + "name", ""))
        part.start_text()

    part = XmlPart("meta.xml", parts.limits)
    starts: dict[str, Start] = {ODF_META + "user-defined": begin, ODF_META + "generator": part.start_text}
    ends: dict[str, End] = {
        ODF_META + "user-defined": lambda: properties.update({open_names.pop(): part.end_text()}),
        ODF_META + "generator": lambda: application.append(part.end_text()[:100]),
    }
    part.with_handlers(ODF_OFFICE + "document-meta", starts, ends).parse(parts.read("meta.xml"))
    return properties, application[0] if application else None


class _Content:
    """The parse of content.xml."""

    def __init__(self, parts: Parts, whole: Collection[str]) -> None:
        data, self.partial = content.read_content(parts, whole)
        self._limits = parts.limits
        self._tables: list[_Table] = []
        self._hidden: set[str] = set()
        self._styles = OdsStyles()
        self._spans: list[bool] = []
        self._style = ""
        self._cell: ContentCell | None = None
        self._line: list[str] | None = None
        self._in_note = self._in_changes = self._in_shape = self._in_table = 0
        self._left = parts.limits.cells
        self.names: dict[str, str] = {}
        self.sheet_names: dict[tuple[str, str], str] = {}
        if "styles.xml" in parts:
            part = XmlPart("styles.xml", parts.limits)
            part.with_handlers(ODF_OFFICE + "document-styles", *self._styles.handlers(part)).parse(
                parts.read("styles.xml")
            )
        self._part = XmlPart("content.xml", parts.limits)
        starts, ends = self._styles.handlers(self._part)
        self._begin_style = starts[ODF_STYLE + "style"]
        starts |= {
            ODF_TABLE + "table-column": self._columns, ODF_TEXT + "span": self._begin_span,
            ODF_STYLE + "style": self._named_style, ODF_STYLE + "table-properties": self._display,
            ODF_TABLE + "tracked-changes": lambda _: self._changes(1), ODF_TABLE + "table": self._begin_table,
            ODF_TABLE + "table-row": self._begin_row, ODF_TABLE + "table-cell": self._begin_cell,
            ODF_TABLE + "covered-table-cell": self._begin_cell, ODF_OFFICE + "annotation": lambda _: self._notes(1),
            ODF_TEXT + "p": self._begin_line, ODF_TEXT + "s": self._spaces, ODF_TEXT + "tab": lambda _: self._add("\t"),
            ODF_TEXT + "line-break": lambda _: self._add("\n"), ODF_DRAWING + "image": self._picture,
            ODF_DRAWING + "frame": lambda _: self._shape(1), ODF_DRAWING + "custom-shape": lambda _: self._shape(1),
            ODF_TABLE + "named-range": self._range, ODF_TABLE + "named-expression": self._expression,
        }  # fmt: skip
        ends |= {
            ODF_TABLE + "table": self._end_table, ODF_TEXT + "span": self._end_span,
            ODF_TABLE + "tracked-changes": lambda: self._changes(-1), ODF_TABLE + "table-row": self._end_row,
            ODF_TABLE + "table-cell": self._end_cell, ODF_TABLE + "covered-table-cell": self._end_cell,
            ODF_OFFICE + "annotation": lambda: self._notes(-1), ODF_TEXT + "p": self._end_line,
            ODF_DRAWING + "frame": lambda: self._shape(-1), ODF_DRAWING + "custom-shape": lambda: self._shape(-1),
        }  # fmt: skip
        self._part.with_handlers(ODF_OFFICE + "document-content", starts, ends)
        self._part.parse(data)

    def sheets(self) -> dict[str, Sheet]:
        """The sheets by name."""
        return {table.title: self._build_sheet(table) for table in self._tables}

    def _build_sheet(self, table: _Table) -> Sheet:
        return Sheet(
            title=table.title,
            state="hidden" if table.style in self._hidden else "visible",
            cells=table.cells,
            merges=tuple(table.merges),
            protection=Protection(False, frozenset()) if table.protected else None,
            hidden_rows=tuple(table.hidden_rows),
            comments=table.comments,
            texts=tuple(table.texts),
            pictures=table.pictures,
            partial=table.title in self.partial,
        )

    # ── definitions outside the sheets ──────────────────────────

    def _named_style(self, attributes: Attributes) -> None:
        self._style = attributes.get(ODF_STYLE + "name", "")
        self._begin_style(attributes)

    def _display(self, attributes: Attributes) -> None:
        if attributes.get(ODF_TABLE + "display") == "false":
            self._hidden.add(self._style)

    def _changes(self, by: int) -> None:
        self._in_changes += by

    def _range(self, attributes: Attributes) -> None:
        self._name(attributes, excel_formula(f"[{attributes.get(ODF_TABLE + 'cell-range-address', '')}]"))

    def _expression(self, attributes: Attributes) -> None:
        self._name(attributes, excel_formula(attributes.get(ODF_TABLE + "expression", "")))

    def _name(self, attributes: Attributes, meaning: str) -> None:
        name = attributes.get(ODF_TABLE + "name", "")
        if self._in_table:
            self.sheet_names[self._tables[-1].title, name] = meaning
        elif self.names.setdefault(name, meaning) != meaning:
            raise Unreadable("names_twice", name)

    # ── cells ───────────────────────────────────────────────────

    def _begin_table(self, attributes: Attributes) -> None:
        if self._in_changes:
            return
        self._in_table += 1
        if self._cell is not None:
            raise self._part.unreadable("part_strange")  # a table in a cell
        title = attributes.get(ODF_TABLE + "name", "")
        if title.casefold() in {table.title.casefold() for table in self._tables}:
            raise Unreadable("sheets_twice", title)
        protected = attributes.get(ODF_TABLE + "protected") == "true"
        self._tables.append(_Table(title, attributes.get(ODF_TABLE + "style-name", ""), protected))

    def _end_table(self) -> None:
        if not self._in_changes:
            self._in_table -= 1

    def _columns(self, attributes: Attributes) -> None:
        if self._tables and not self._in_changes:
            times = self._times(attributes, "number-columns-repeated", self._limits.columns)
            self._tables[-1].columns.append((times, attributes.get(ODF_TABLE + "default-cell-style-name", "")))

    def _style_of(self, table: _Table, attributes: Attributes) -> str:
        """The style of the next cell: its own, that of its row or that of its column."""
        style_name = attributes.get(ODF_TABLE + "style-name") or table.row_style
        left = table.column
        for times, column_style in () if style_name else table.columns:
            left -= times
            if left < 0:
                return column_style
        return style_name

    def _begin_row(self, attributes: Attributes) -> None:
        if self._in_changes or not self._tables:
            return
        table = self._tables[-1]
        table.row, table.column = table.row + 1, 0
        table.row_style = attributes.get(ODF_TABLE + "default-cell-style-name", "")
        table.rows = self._times(attributes, "number-rows-repeated", self._limits.rows - table.row + 1)
        if attributes.get(ODF_TABLE + "visibility", "visible") != "visible":
            table.hidden_rows.append((table.row, table.row + table.rows - 1))

    def _end_row(self) -> None:
        if not self._in_changes and self._tables:
            self._tables[-1].row += self._tables[-1].rows - 1

    def _times(self, attributes: Attributes, name: str, most: int) -> int:
        text = attributes.get(ODF_TABLE + name, "1")
        if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= most:
            raise self._part.unreadable("bad_reference")
        return int(text)

    def _begin_cell(self, attributes: Attributes) -> None:
        if not self._in_changes:
            style = self._style_of(self._tables[-1], attributes) if self._tables else ""
            self._cell = ContentCell(attributes, style)

    def _end_cell(self) -> None:
        cell, self._cell = self._cell, None
        if cell is None or not self._tables or not self._tables[-1].row:
            return
        table = self._tables[-1]
        times = self._times(cell.attributes, "number-columns-repeated", self._limits.columns - table.column)
        first = (table.row, table.column + 1)
        table.column += times
        if cell.note:
            table.comments[first] = "\n".join(cell.note)
        self._merge(table, first, cell.attributes)
        fact = read_cell(cell, self._styles, self._limits)
        if fact is None:
            return
        self._left -= times * table.rows
        if self._left < 0:
            raise Unreadable("many_cells", str(self._limits.cells))
        for row in range(first[0], first[0] + table.rows):
            for column in range(first[1], first[1] + times):
                table.cells[row, column] = fact

    def _merge(self, table: _Table, first: Spot, attributes: Attributes) -> None:
        down = self._times(attributes, "number-rows-spanned", self._limits.rows)
        right = self._times(attributes, "number-columns-spanned", self._limits.columns)
        if (down, right) != (1, 1):
            if len(table.merges) >= self._limits.merges or down * right > self._limits.merged_cells:
                raise Unreadable("many_merges", table.title)
            bottom, last = min(first[0] + down - 1, self._limits.rows), min(first[1] + right - 1, self._limits.columns)
            table.merges.append(Box(table.title, *first, bottom, last))

    # ── texts ───────────────────────────────────────────────────

    def _notes(self, by: int) -> None:
        self._in_note += by

    def _shape(self, by: int) -> None:
        self._in_shape += by

    def _picture(self, _: Attributes) -> None:
        if self._tables and not self._in_changes:
            self._tables[-1].pictures += 1

    def _begin_line(self, _: Attributes) -> None:
        self._line = []
        self._part.start_text()

    def _spaces(self, attributes: Attributes) -> None:
        text = attributes.get(ODF_TEXT + "c", "1")
        self._add(" " * min(int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1, 40_000))

    def _begin_span(self, attributes: Attributes) -> None:
        self._add("")
        self._spans.append(self._styles.is_struck(attributes.get(ODF_TEXT + "style-name", "")))

    def _end_span(self) -> None:
        self._add("")
        if self._spans:
            self._spans.pop()

    def _add(self, special: str) -> None:
        if self._line is not None:
            self._add_text(special)
            self._part.start_text()

    def _add_text(self, special: str) -> None:
        """Add the text since the last piece."""
        text = _SPACE.sub(" ", self._part.end_text()) + special
        if self._line is not None and text:
            self._line.append(text)
            if self._cell is not None and not self._in_note and not self._in_shape:
                (self._cell.struck_pieces if any(self._spans) else self._cell.other_pieces).append(text)

    def _end_line(self) -> None:
        if self._line is None:
            return
        self._add_text("")
        text = "".join(self._line)
        self._line = None
        if self._in_changes:
            return
        if self._in_note and self._cell is not None:
            self._cell.note.append(text)
        elif self._in_shape and self._tables:
            self._tables[-1].texts += [text] if text.strip() else []
        elif self._cell is not None:
            self._cell.lines.append(text)
