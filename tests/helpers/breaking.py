"""Tools to break a form as people do: a workbook of ours through openpyxl, its parts where openpyxl cannot write them."""

from __future__ import annotations

import copy
import io
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import reshaping
from places import place_of

from xltool.form.layout import Layout
from xltool.form.places import Place
from xltool.form.record import needed_capacities
from xltool.result.record import Record
from xltool.rules.loading import load_catalogue


@dataclass(frozen=True)
class Case:
    """One workbook to break: its book, its form's sheet, and where things stand on it."""

    book: Any
    layout: Layout
    record: dict[str, Any]

    @property
    def title(self) -> str:
        return self.layout.form.sheet

    @property
    def sheet(self) -> Any:
        return self.book[self.title]

    def at(self, *parts: str | int) -> Any:
        return self.cell(place_of(*parts))

    def cell(self, place: Place) -> Any:
        box = self.layout.box(place)
        return self.book[box.sheet][box.first]

    @property
    def slot(self) -> int:
        """The first indicator row that holds something."""
        first = self.record["indicators"][0]["level2"]
        return next(slot.index for slot in self.layout.slots if slot.level2.label == first)

    def row(self, column: str) -> Any:
        return self.at("indicators", self.slot, column)

    @property
    def source(self) -> str:
        """A fund row that people fill in."""
        return next((row.id for row in self.layout.form.fund_rows.values() if row.part), "total")

    @property
    def amount(self) -> Place:
        """An amount that people fill in."""
        return place_of("funds", self.source, "executed")

    def reshaped(self, *, row: int = 0, column: int = 0, number: int = 1) -> None:
        """Rows or columns of the form's sheet inserted, or with a negative number deleted."""
        reshaping.reshaped(self.book, self.title, row=row, column=column, number=number)

    def column(self, name: str) -> int:
        """The sheet's column of an indicator column."""
        return self.layout.box(place_of("indicators", 0, name)).left


def cells(sheet: Any) -> list[Any]:
    """The cells that are there; iter_rows() would make all that are not, and a cell may stand in the last corner."""
    return list(vars(sheet)["_cells"].values())


def formulas(sheet: Any) -> list[Any]:
    return [cell for cell in cells(sheet) if cell.data_type == "f" and isinstance(cell.value, str)]


def case_of(book: Any, record: dict[str, Any]) -> Case:
    form = Record.from_json(record)
    catalogue = load_catalogue(form.form.text)
    return Case(book, catalogue.layout(needed_capacities(form, catalogue.form)), copy.deepcopy(record))


#: The outcome of a form that was issued to one project and filled in for another.
NOBODYS = "one error says whose form it is; what it holds is judged for neither of the two projects"

Act = Callable[[Case], None]
Pack = Callable[[bytes, Case], bytes]


@dataclass(frozen=True)
class Mutation:
    """What somebody did, and what must come of it.

    Attributes:
        id: as in the catalogue of reliability; a letter behind it tells several of one kind apart.
        apply: does it, through openpyxl.
        codes: findings beyond the form's own: (rule, level) → how many; None where any number will do.
        status: of the result; "" where it stays what it was.
        record: whether it stays the same; a tuple of paths (patterns) that may differ.
        unplaced: how many cells are listed as outside the form; None where that does not matter.
        normalised: how many values more are listed as normalised.
        loose: whether the rules may say more than is listed, for what was filled in has changed.
        starred: whether it is tried in pairs.
        skip: forms that have no such cell, or the fault already.
        only: the forms that have such a cell; empty for all but those.
        packed: does it to the bytes, where openpyxl cannot write it.
        results: how many forms are found.
        otherwise: why the outcome is another than the catalogue's, where it is.
        after: when two are done at once, the one with the higher number is done last.
        bound: whether its bytes name cells as they were issued, so that it is not tried with what moves them.
        alone: those it is not tried with, for they are about the same cell or sheet.
    """

    id: str
    apply: Act | None
    codes: dict[tuple[str, str], int | None] = field(default_factory=dict)
    status: str = ""
    record: tuple[str, ...] = ()
    unplaced: int | None = 0
    normalised: int = 0
    loose: bool = False
    starred: bool = False
    skip: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    packed: Pack | None = None
    results: int = 1
    otherwise: str = ""
    after: int = 0
    bound: bool = False
    alone: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """The line of the catalogue."""
        return self.id[:3]

    @property
    def outcome(self) -> str:
        """A accepted, N normalised or told as information, W warned, E in error, R refused."""
        levels = {level for _, level in self.codes}
        if self.status == "unreadable":
            return "R"
        if self.status == "returned" or "error" in levels:
            return "E"
        return "W" if "warning" in levels else "N" if self.normalised or levels else "A"

    def is_for(self, name: str) -> bool:
        """Whether a form has what is broken."""
        return name not in self.skip and (not self.only or name in self.only)


# ── cells ───────────────────────────────────────────────────────


def to_amount(change: Callable[[float], Any], number_format: str = "") -> Act:
    def apply(case: Case) -> None:
        cell = case.cell(case.amount)
        cell.value = change(cell.value)
        if number_format:
            cell.number_format = number_format

    return apply


def to_row(column: str, change: Callable[[Any], Any], number_format: str = "") -> Act:
    """A cell of the first indicator row."""

    def apply(case: Case) -> None:
        cell = case.row(column)
        value = change(cell.value)
        cell.value = value
        if isinstance(value, str) and not isinstance(value, Formula):
            cell.data_type = "s"  # a text that looks like a formula is a text
        if number_format:
            cell.number_format = number_format

    return apply


class Formula(str):
    """A text that is a formula."""

    __slots__ = ()


def to_field(name: str, change: Callable[[Any], Any]) -> Act:
    def apply(case: Case) -> None:
        cell = case.at(*name.split("."))
        cell.value = change(cell.value)

    return apply


def to_label(column: str, text: str) -> Act:
    """A head of the indicator block."""

    def apply(case: Case) -> None:
        case.sheet.cell(case.layout.head_row("indicators"), case.column(column)).value = text

    return apply


# ── parts ───────────────────────────────────────────────────────


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def zipped(parts: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return target.getvalue()


def sheet_part(case: Case) -> str:
    """The part that openpyxl writes the form's sheet to."""
    return f"xl/worksheets/sheet{case.book.sheetnames.index(case.title) + 1}.xml"


def with_results(found: Callable[[Case], dict[str, Any]]) -> Pack:
    """Results stored beside the formulas of cells, as programs that calculate do."""

    def packed(data: bytes, case: Case) -> bytes:
        parts = parts_of(data)
        text = parts[sheet_part(case)].decode()
        for cell, value in found(case).items():
            kind = ' t="str"' if isinstance(value, str) else ""
            pattern = rf'<c r="{cell}"([^>]*?)(?: t="\w+")?>(<f[^>]*>.*?</f>)<v ?/?>(?:</v>)?</c>'
            match = re.search(pattern, text)
            assert match is not None, cell
            stored = f'<c r="{cell}"{match[1]}{kind}>{match[2]}<v>{escape(str(value))}</v></c>'
            text = text[: match.start()] + stored + text[match.end() :]
        parts[sheet_part(case)] = text.encode()
        return zipped(parts)

    return packed


def in_part(name: str, old: str, new: str) -> Pack:
    """A piece of a part replaced."""

    def packed(data: bytes, _: Case) -> bytes:
        parts = parts_of(data)
        assert old.encode() in parts[name], name
        parts[name] = parts[name].replace(old.encode(), new.encode(), 1)
        return zipped(parts)

    return packed


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def linked(kind: str, target: str, content: bytes, from_book: bool = False) -> Pack:
    """A part more that the form's sheet, or the workbook, leads to."""

    def packed(data: bytes, case: Case) -> bytes:
        parts = parts_of(data)
        source = "xl/workbook.xml" if from_book else sheet_part(case)
        folder, _, name = source.rpartition("/")
        links = f"{folder}/_rels/{name}.rels"
        empty = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"></Relationships>'
        address = kind if "//" in kind else f"{_OFFICE}/{kind}"
        link = f'<Relationship Id="rIdMore" Type="{address}" Target="/{target}"/></Relationships>'
        parts[links] = parts.get(links, empty).replace(b"</Relationships>", link.encode())
        parts[target] = content
        return zipped(parts)

    return packed


def both(first: Pack, second: Pack) -> Pack:
    return lambda data, case: second(first(data, case), case)
