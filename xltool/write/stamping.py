"""One form for each project, stamped from a master, cell for cell what the writer writes.

Evaluation happens in the master, where a form's unused rows are blank and say nothing; only what is written differs
from form to form. What many forms share, such as the rows of ``_check`` in which nothing is wrong, is deflated once.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from io import StringIO
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter.sharedstrings import SharedStrings

from xltool.form import seals, stamps
from xltool.form.answers import Answers, as_on_sheet
from xltool.form.layout import CHECK, LISTS, PANEL, PANEL_FIRST_ROW
from xltool.form.letters import column_letters
from xltool.form.names import Place
from xltool.form.seals import Issued, Seal
from xltool.language.functions import Value
from xltool.rules.catalogue import Catalogue
from xltool.rules.check import verdicts
from xltool.write import guide, master, panel
from xltool.write.checks import CheckSheet
from xltool.write.heights import Heights, is_shut
from xltool.write.moving import Rows
from xltool.write.shown import Shown
from xltool.write.workbook import build
from xltool.write.zipped import Member, part, unzipped, zipped

#: So many forms of other sizes are remembered while forms of one size are stamped.
_SIZES = 64

#: Deflating harder takes longer than all the rest, and makes a form a tenth smaller.
_QUICK = 1

#: What the master says where a project's own seal will be.
_SEAL = Seal("MASTER", 1, "0" * 12, "0" * 32, "0001-01-01")

_HEIGHT = re.compile(r' ht="[^"]*"(?: hidden="1")?')

_Cell = tuple[int, str]


class Master:
    """A workbook with the most rows that any project of an issue needs.

    Args:
        catalogue: of the form.
        capacities: rows for each second-level indicator.
        kind: the fields and the columns of indicators that are issued, see ``seals.kind``.
        spare: whether forms have rows besides, for the unit's own indicators: each group gets one more row here,
            which is as such rows are.
    """

    def __init__(
        self, catalogue: Catalogue, capacities: Mapping[str, int], kind: Collection[str], spare: bool = False
    ) -> None:
        self.catalogue = catalogue
        layout = catalogue.layout({group: rows + spare for group, rows in capacities.items()})
        issued = [place for place in layout.places if seals.name(place) in kind]
        self.open_slots: dict[str, int] = {}
        if spare:
            self.open_slots = {slot.level2.id: slot.index for slot in layout.slots}  # the last one of each
            spared = set(self.open_slots.values())
            issued = [place for place in issued if place[0] != "indicators" or place[1] not in spared]
        self.layout = layout.with_issued(issued)
        self.checks = CheckSheet(catalogue, self.layout)
        self.heights = Heights(self.layout)
        self.hidden = [place for place in issued if self.layout.form.field(place).section == "hidden"]
        named = {place: _named(place) for place in self.hidden}
        written = build(catalogue, Answers(self.layout, named), issued=Issued(_SEAL, {}, "{}"))
        self.members = unzipped(written)
        self.sheets = self._sheets()
        self.names = master.names(self.members["xl/workbook.xml"], self._moving)
        self.constant = {name: Member(name, (part(text),)) for name, text in self.members.items()}
        self.size = lru_cache(_SIZES)(lambda counts, open_rows: _Size(self, dict(counts), open_rows))

    @property
    def _moving(self) -> tuple[str, str]:
        return self.layout.form.sheet, CHECK

    def _sheets(self) -> dict[str, master.Sheet]:
        """The sheets that differ from form to form, by the names of their members."""
        titles = re.findall(r'<sheet name="([^"]+)"', self.members["xl/workbook.xml"])
        wanted = (self.layout.form.sheet, CHECK, PANEL, LISTS)
        boxes = [self.layout.box(place) for place in self.layout.issued]
        cells = {(box.top, column_letters(box.left)) for box in boxes if box.sheet == self.layout.form.sheet}
        return {
            (name := f"xl/worksheets/sheet{number}.xml"): master.taken_apart(
                self.members[name], title, self._moving, cells if title == self.layout.form.sheet else ()
            )
            for number, title in enumerate(titles, 1)
            if title in wanted
        }

    def stamped(self, issued: Issued, capacities: Mapping[str, int]) -> bytes:
        """The workbook of one project.

        Args:
            issued: the seal, and what is issued, by the places of the form's own layout.
            capacities: the form's own rows, none more than the master's.
        """
        own = self.catalogue.layout(capacities)
        open_rows = [slot.index for slot in own.slots if ("indicators", slot.index, "level3") not in issued.values]
        size = self.size(tuple(capacities.items()), tuple(open_rows) if self.open_slots else ())
        return zipped(_Stamping(self, size, issued).members())


class _Size:
    """What forms of one size have in common.

    Args:
        whole: the master.
        capacities: the rows of these forms.
        open_rows: the slots of these forms that were not issued, though others of the master's are.
    """

    def __init__(self, whole: Master, capacities: Mapping[str, int], open_rows: Sequence[int]) -> None:
        self.layout = whole.catalogue.layout(capacities)
        self.slots = whole.layout.part(capacities)
        rows_of = [slot.row for slot in whole.layout.slots]
        taken = set(rows_of) - {rows_of[index] for index in self.slots}
        self.rows = Rows(row for row in range(1, whole.layout.last_row + 1) if row not in taken)
        self.like: dict[int, int] = {}
        for index in open_rows:
            master_index = self.slots[index]
            pattern = whole.open_slots[whole.layout.slots[master_index].level2.id]
            self.like[rows_of[master_index]] = rows_of[pattern]
        self.sheets = {name: _CutSheet(sheet, self.rows, self.like) for name, sheet in whole.sheets.items()}
        self.names = whole.names.at(self.rows)


class _CutSheet:
    """A sheet of one size, its parts deflated as they come."""

    def __init__(self, sheet: master.Sheet, rows: Rows, like: Mapping[int, int]) -> None:
        self.title = sheet.title
        self.head = sheet.head.at(rows)
        self.tail = sheet.tail_at(rows, like if sheet.moves else {})
        self.packed_head = part(self.head)
        self.packed_tail = part(self.tail)
        self.rows = [_CutRow(sheet, row, rows, like.get(row.number)) for row in sheet.kept(rows)]
        self.by_rows = sheet.moves  # the rows of the others are small: all of them are one part
        self.packed = lru_cache(256)(lambda text: part(text, _QUICK))


class _CutRow:
    """A row of one size: its texts between its values; ``like`` is the row whose cells are open as its own are."""

    def __init__(self, sheet: master.Sheet, row: master.Row, rows: Rows, like: int | None) -> None:
        self.number = row.number
        self.now = rows[row.number] if sheet.moves else str(row.number)
        self.attributes = row.attributes
        self.holes = []
        for hole in row.holes:
            before = hole.before.at(rows)
            if hole.formula is None and like is not None:
                before = before.removesuffix(hole.style) + sheet.styles[like, hole.column]
            self.holes.append((before, None if hole.formula is None else hole.formula.at(rows)))
        self.cells = [(row.number, hole.column) for hole in row.holes]
        self.after = row.after.at(rows)

    def text(self, attributes: str, values: Mapping[_Cell, str | tuple[str, str]]) -> str:
        """The row with its values."""
        parts = [f'<row r="{self.now}"{attributes}>']
        for (before, formula), cell in zip(self.holes, self.cells, strict=True):
            value = values[cell]
            if isinstance(value, str):
                parts += (before, value)
            else:
                parts += (before, value[0], "><f>", formula or "", "</f>", value[1], "</c>")
        parts += (self.after, "</row>")
        return "".join(parts)


class _Stamping:
    """One project's form on its way."""

    def __init__(self, whole: Master, size: _Size, issued: Issued) -> None:
        self.whole = whole
        self.size = size
        self.issued = issued
        layout = whole.layout
        values = seals.moved(issued.values, size.slots)
        self.answers = as_on_sheet(Answers(layout, values), as_printed=False).answers
        judged = verdicts(whole.catalogue, self.answers, workbook=True)
        self.shown = Shown(whole.checks, judged, self.answers, size.rows.now)
        self.strings: dict[str, int] = {}
        self.first = whole.members["xl/sharedStrings.xml"].count("<si>")

    def members(self) -> Iterator[Member]:
        """The members of the zip file, in the order of the master's; the strings are known when the sheets are."""
        sheets = {name: self._sheet(name, sheet) for name, sheet in self.size.sheets.items()}
        for name, constant in self.whole.constant.items():
            if name in sheets:
                yield sheets[name]
            elif name in _OWN:
                yield Member(name, (part(_OWN[name](self)),))
            else:
                yield constant

    def _sheet(self, name: str, sheet: _CutSheet) -> Member:
        values, heights = self._values(sheet.title), self._heights(sheet.title)
        texts = [row.text(_heightened(row.attributes, heights.get(row.number)), values) for row in sheet.rows]
        inner = texts if sheet.by_rows else ["".join(texts)]
        tail = sheet.packed_tail
        if sheet.title == self.whole.layout.form.sheet:
            tail = part(sheet.tail.replace(_SEAL.code, self.issued.seal.code), _QUICK)
        return Member(name, (sheet.packed_head, *map(sheet.packed, inner), tail))

    # ── values ──────────────────────────────────────────────────

    def _values(self, title: str) -> dict[_Cell, Any]:
        match title:
            case str() if title == CHECK:
                shown, told = self.shown, self.whole.checks.questions
                return {(one.row, column_letters(one.number)): _stored(shown.verdict(one)) for one in told}
            case str() if title == PANEL:
                return dict(self._panel())
            case str() if title == LISTS:
                numbers = self.whole.checks.by_number
                return {(number, "D"): _stored(self.shown.link(number)) for number in numbers}
        return dict(self._form())

    def _form(self) -> Iterator[tuple[_Cell, Any]]:
        layout, form = self.whole.layout, self.whole.layout.form
        for place in form.formulas:
            box = layout.box(place)
            if box.sheet == form.sheet:
                yield (box.top, column_letters(box.left)), _stored(self.answers.at(place))
        beside = [(name, column.columns) for name, column in form.columns.items() if column.beside and column.formula]
        for index in self.size.slots:
            row = layout.slots[index].row
            for name, letters in beside:
                yield (row, letters), _stored(self.answers.at(("indicators", index, name)))
        for place in layout.issued:
            box = layout.box(place)
            yield (box.top, column_letters(box.left)), self._value(self.answers.at(place))
        for row in self.size.rows.kept:
            yield (row, layout.verdict_column), _stored(self.shown.row(row))
        yield (1, layout.verdict_column), _stored(f"自检结论：{self.shown.overall}")

    def _panel(self) -> Iterator[tuple[_Cell, Any]]:
        layout, rules = self.whole.layout, self.whole.catalogue.rules
        yield (panel.OVERALL_ROW, "C"), _stored(self.shown.overall)
        for place in layout.form.formulas:
            if (box := layout.box(place)).sheet == PANEL:
                yield (box.top, column_letters(box.left)), _stored(self.answers.at(place))
        for row, key in enumerate(layout.panel, PANEL_FIRST_ROW):
            line = self.shown.line(rules[key])
            for column, value in zip("HCDEF", (line.worst, line.state, line.count, line.first, line.fix), strict=True):
                yield (row, column), _stored(value)

    def _value(self, value: Value) -> str:
        """The rest of the cell of an issued value."""
        if isinstance(value, Decimal):
            return f"><v>{float(value):.16G}</v></c>"
        return f' t="s"><v>{self._string(value)}</v></c>' if value else "/>"

    def _string(self, text: str) -> int:
        return self.strings.setdefault(text, self.first + len(self.strings))

    # ── heights ─────────────────────────────────────────────────

    def _heights(self, title: str) -> dict[int, tuple[float, bool]]:
        if title != self.whole.layout.form.sheet:
            return {}
        at, heights = self.answers.at, self.whole.heights
        found = {row: (height, False) for row, height in heights.fixed(at).items()}
        for index in self.size.slots:
            row = self.whole.layout.slots[index].row
            shut = row not in self.size.like and is_shut(self.whole.layout, index, at)
            found[row] = heights.slot(index, at), shut
        return found

    # ── the small members ───────────────────────────────────────

    def workbook(self) -> str:
        """Defined names: where everything stands now, the stamp, the seal."""
        return self._sealed(self.size.names)

    def properties(self) -> str:
        """Stamp and seal as properties."""
        return self._sealed(self.whole.members["docProps/custom.xml"])

    def shared_strings(self) -> str:
        """The master's strings, stamp and seal among them, and the project's own."""
        whole = self._sealed(self.whole.members["xl/sharedStrings.xml"])
        whole = whole.replace(escape(guide.issued_line(_SEAL)), escape(guide.issued_line(self.issued.seal)))
        whole = whole.replace("<si><t>{}</t></si>", _string_item(self.issued.written))
        for place in self.whole.hidden:
            whole = whole.replace(_string_item(_named(place)), _string_item(str(self.answers.at(place))))
        number = self.first + len(self.strings)
        whole = re.sub(r' count="\d+" uniqueCount="\d+"', f' uniqueCount="{number}"', whole, count=1)
        return whole.removesuffix("</sst>") + "".join(map(_string_item, self.strings)) + "</sst>"

    def _sealed(self, text: str) -> str:
        text = text.replace(stamps.text(self.whole.layout), stamps.text(self.size.layout))
        return text.replace(seals.text(_SEAL), seals.text(self.issued.seal))


def _named(place: Place) -> str:
    """What stands in the master at a place of the hidden sheet."""
    return "{" + ".".join(map(str, place)) + "}"


_OWN = {
    "xl/workbook.xml": _Stamping.workbook,
    "docProps/custom.xml": _Stamping.properties,
    "xl/sharedStrings.xml": _Stamping.shared_strings,
}


@lru_cache(50_000)
def _stored(value: Value | int) -> tuple[str, str]:
    """The type and the value of a computed cell, as XlsxWriter writes them."""
    if isinstance(value, Decimal):
        return "", f"<v>{float(value)}</v>"
    if isinstance(value, str) and value:
        return ' t="str"', f"<v>{escape(value)}</v>"
    return "", f"<v>{'' if value is None else value}</v>"


@lru_cache(10_000)
def _string_item(text: str) -> str:
    """An entry of the shared strings, as XlsxWriter writes it."""
    writer = SharedStrings()
    writer.fh = StringIO()
    writer._write_si(text)  # control characters, blanks at the ends: it knows all of that
    return str(writer.fh.getvalue())


def _heightened(attributes: str, own: tuple[float, bool] | None) -> str:
    """A row's attributes with its own height, which programs keep in pixels, and hidden or not."""
    if own is None:
        return attributes
    height, hidden = own
    points = int(height * 4 / 3 + 0.5) * 0.75
    shut = ' hidden="1"' if hidden else ""
    return _HEIGHT.sub(f' ht="{points:.16g}"{shut}', attributes)
