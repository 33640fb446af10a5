"""One form for each project, stamped from a master, cell for cell what the writer writes.

Evaluation happens in the master, where a form's unused rows are blank and say nothing; only what is written differs
from form to form. Rows are written in chunks, and a chunk whose texts and values came before is written once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from io import StringIO
from operator import itemgetter
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter.sharedstrings import SharedStrings

from xltool.form import seals, stamps
from xltool.form.answers import Answers, as_on_sheet
from xltool.form.layout import CHECK, LISTS, PANEL, PANEL_FIRST_ROW
from xltool.form.letters import column_letters, column_number
from xltool.form.names import Place
from xltool.form.seals import Issued, Seal
from xltool.form.views import Look, Memory
from xltool.language.functions import Value
from xltool.rules.catalogue import Catalogue, Rule
from xltool.rules.inquiry import Inquiry
from xltool.write import guide, master, panel
from xltool.write.checks import CheckSheet
from xltool.write.heights import Heights, is_shut
from xltool.write.moving import Moving, Rows, joined
from xltool.write.shown import Line, Shown
from xltool.write.workbook import build
from xltool.write.zipped import Member, Part, part, unzipped, zipped

#: So many sizes of forms, and so many chunks, are remembered.
_SIZES, _CHUNKS = 64, 4_096

#: Rows of the sheets whose rows are short are written so many together.
_TOGETHER = 16

#: What the master says where a project's own seal will be.
_SEAL = Seal("MASTER", 1, "0" * 12, "0" * 32, "0001-01-01")

_STRINGS, _WORKBOOK, _PROPERTIES = "xl/sharedStrings.xml", "xl/workbook.xml", "docProps/custom.xml"

_COUNTS = re.compile(r' count="\d+" uniqueCount="\d+"')
_HEIGHT = re.compile(r' ht="[^"]*"(?: hidden="1")?')

#: What gives the value of a hole.
_Source = Callable[["_Stamping"], Any]

#: A skeleton, and what gives all of its values.
_Chunk = tuple["_Skeleton", Callable[["_Stamping"], tuple[Any, ...]]]


class Master:
    """A workbook with the most rows that any project of an issue needs.

    Args:
        catalogue: of the form.
        capacities: rows for each second-level indicator.
        kind: the fields and the columns of indicators that are issued, see ``seals.name``.
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
        self.inquiry = Inquiry(catalogue, self.layout, self.checks.questions)
        self.heights = Heights(self.layout)
        self.hidden = [place for place in issued if self.layout.form.field(place).section == "hidden"]
        named = {place: _named(place) for place in self.hidden}
        written = build(catalogue, Answers(self.layout, named), issued=Issued(_SEAL, {}, "{}"))
        self.members = unzipped(written)
        self.sheets = self._sheets()
        self.names = master.names(self.members[_WORKBOOK], self._moving)
        self.sources = _sources(self)
        self.constant = {name: Member(name, (part(text),)) for name, text in self.members.items()}
        counts = _COUNTS.search(self.members[_STRINGS])
        assert counts is not None
        self.counts = counts[0]
        self.strings = _Template(self.members[_STRINGS], self._own_strings())
        self.first_string = self.members[_STRINGS].count("<si>")
        self.properties = _Template(self.members[_PROPERTIES], [stamps.text(self.layout), seals.text(_SEAL)])
        self.groups = {slot.row: slot.level2.id for slot in self.layout.slots}
        self.stretches = {name: _stretches(self, sheet) for name, sheet in self.sheets.items()}
        self.size = lru_cache(_SIZES)(lambda counts, open_rows: _Size(self, dict(counts), open_rows))
        self.skeleton = lru_cache(_CHUNKS)(_skeleton)
        self.packed = lru_cache(_CHUNKS)(lambda skeleton, values: part(skeleton.filled(values)))

    @property
    def _moving(self) -> tuple[str, str]:
        return self.layout.form.sheet, CHECK

    def _sheets(self) -> dict[str, master.Sheet]:
        """The sheets that differ from form to form, by the names of their members."""
        titles = re.findall(r'<sheet name="([^"]+)"', self.members[_WORKBOOK])
        boxes = [self.layout.box(place) for place in self.layout.issued]
        cells = {(box.top, column_letters(box.left)) for box in boxes if box.sheet == self.layout.form.sheet}
        found = {}
        for number, title in enumerate(titles, 1):
            if title in (self.layout.form.sheet, CHECK, PANEL, LISTS):
                name = f"xl/worksheets/sheet{number}.xml"
                own = cells if title == self.layout.form.sheet else ()
                found[name] = master.taken_apart(self.members[name], title, self._moving, own)
        return found

    def _own_strings(self) -> list[str]:
        """What each form has its own of among the strings: some of them, their number, and what comes last."""
        texts = [stamps.text(self.layout), seals.text(_SEAL), "{}", guide.issued_line(_SEAL)]
        return [*map(_string_item, [*texts, *map(_named, self.hidden)]), self.counts, "</sst>"]

    def chunk(self, stretch: _Stretch, rows: Rows) -> _Chunk:
        """A stretch in forms of one size."""
        return self.skeleton(stretch.text.at(rows), stretch.computed), stretch.values

    def stamped(self, issued: Issued, capacities: Mapping[str, int]) -> bytes:
        """The workbook of one project.

        Args:
            issued: the seal, and what is issued, by the places of the form's own layout.
            capacities: the form's own rows, none more than the master's.
        """
        open_rows: list[int] = []
        if self.open_slots:
            slots = self.catalogue.layout(capacities).slots
            open_rows = [one.index for one in slots if ("indicators", one.index, "level3") not in issued.values]
        size = self.size(tuple(capacities.items()), tuple(open_rows))
        return zipped(_Stamping(self, size, issued).members())


def _named(place: Place) -> str:
    """What stands in the master at a place of the hidden sheet."""
    return "{" + ".".join(map(str, place)) + "}"


class _Template:
    """A text in whose place of some words each form has its own; what stands between them is deflated once."""

    def __init__(self, text: str, words: Sequence[str]) -> None:
        spots = sorted((match.start(), word) for word in words for match in re.finditer(re.escape(word), text))
        self._words: list[str] = []
        self._between: list[Part] = []
        end = 0
        for start, word in spots:
            self._between.append(part(text[end:start]))
            self._words.append(word)
            end = start + len(word)
        self._between.append(part(text[end:]))

    def filled(self, own: Mapping[str, str]) -> list[Part]:
        """The text with what stands for each word."""
        parts = self._between[:1]
        for word, between in zip(self._words, self._between[1:], strict=True):
            parts += (part(own[word]), between)
        return parts


# ── what forms of one size have in common ───────────────────────


class _Size:
    """Forms with the same rows.

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
        self.sheets = {name: _CutSheet(whole, name, self.rows, self.like) for name in whole.sheets}
        stamp = stamps.text(self.layout)
        names = whole.names.at(self.rows).replace(stamps.text(whole.layout), stamp)
        self.names = _Template(names, [seals.text(_SEAL)])
        self.stamp = stamp


class _CutSheet:
    """A sheet of one size, in chunks."""

    def __init__(self, whole: Master, name: str, rows: Rows, like: Mapping[int, int]) -> None:
        sheet = whole.sheets[name]
        self.head = part(sheet.head.at(rows))
        self.tail = _Template(sheet.tail_at(rows, like if sheet.moves else {}), [_SEAL.code])
        kept = [one for one in whole.stretches[name] if not sheet.moves or rows.now(one.row) is not None]
        self.chunks = [whole.chunk(one.opened if one.row in like and sheet.moves else one, rows) for one in kept]


#: Stands in a text where a formula begins, and where it ends, between its type and its value.
_HOLE = "\1"


class _Stretch:
    """A stretch of the master's rows: its text, with holes in it, and what gives their values.

    Args:
        row: its first row.
        texts: one more than there are holes.
        holes: what gives the value of each, and the formula of a computed cell.
        opened: the same with its issued cells open.
    """

    def __init__(
        self, row: int, texts: Sequence[Moving], holes: Sequence[tuple[_Source, Moving | None]], opened: _Stretch | None
    ) -> None:
        mark = Moving((_HOLE,))
        parts = [texts[0]]
        for text, (_, formula) in zip(texts[1:], holes, strict=True):
            parts += [mark, formula or Moving(("",)), mark, text]
        self.row = row
        self.text = joined(parts)
        self.values = _together([source for source, _ in holes])
        self.computed = tuple(formula is not None for _, formula in holes)
        self.opened = opened or self


@dataclass(frozen=True, eq=False)
class _Skeleton:
    """The texts of a stretch in forms of one size, shared by all that are alike.

    Attributes:
        texts: one more than there are values.
        formulas: one for each value, behind whose type it stands; "" for a value of its own.
        computed: which values are those of formulas.
    """

    texts: tuple[str, ...]
    formulas: tuple[str, ...]
    computed: tuple[bool, ...]

    def filled(self, values: Sequence[Any]) -> str:
        """The stretch with its values."""
        parts = [self.texts[0]]
        for value, formula, computed, text in zip(values, self.formulas, self.computed, self.texts[1:], strict=True):
            if computed:
                kind, stored = _stored(value)
                parts += (kind, "><f>", formula, "</f>", stored, "</c>", text)
            else:
                parts += (value, text)
        return "".join(parts)


def _skeleton(text: str, computed: tuple[bool, ...]) -> _Skeleton:
    parts = text.split(_HOLE)
    return _Skeleton(tuple(parts[::2]), tuple(parts[1::2]), computed)


def _stretches(whole: Master, sheet: master.Sheet) -> list[_Stretch]:
    """A sheet's rows in stretches: one a row where rows move, in two where much is computed beside the table."""
    if not sheet.moves:
        return [
            _stretch(whole, sheet, sheet.rows[at : at + _TOGETHER], 0, _LAST)
            for at in range(0, len(sheet.rows), _TOGETHER)
        ]
    last = column_number(whole.layout.verdict_column) if sheet.title == whole.layout.form.sheet else _LAST
    found = []
    for row in sheet.rows:
        for first, end in ((0, last), (last + 1, _LAST)):
            if first == 0 or any(column_number(hole.column) >= first for hole in row.holes):
                found.append(_stretch(whole, sheet, [row], first, end))
    return found


#: The last column that a sheet may have.
_LAST = 16_384


def _stretch(whole: Master, sheet: master.Sheet, rows: Sequence[master.Row], first: int, last: int) -> _Stretch:
    opened = None
    if whole.open_slots and sheet.moves and (group := whole.groups.get(rows[0].number)) is not None:
        pattern = whole.layout.slots[whole.open_slots[group]].row
        opened = _Stretch(rows[0].number, *_parts(whole, sheet, rows, first, last, pattern), None)
    return _Stretch(rows[0].number, *_parts(whole, sheet, rows, first, last, None), opened)


def _parts(
    whole: Master, sheet: master.Sheet, rows: Sequence[master.Row], first: int, last: int, like: int | None
) -> tuple[list[Moving], list[tuple[_Source, Moving | None]]]:
    """The texts and the holes of some rows between two columns; ``like`` is a row as which issued cells look."""
    texts: list[Moving] = [Moving(("",))]
    holes: list[tuple[_Source, Moving | None]] = []

    def hole(source: _Source, formula: Moving | None) -> None:
        holes.append((source, formula))
        texts.append(Moving(("",)))

    for row in rows:
        if first == 0:
            texts[-1] += (
                Moving(('<row r="', '"'), (row.number,)) if sheet.moves else Moving((f'<row r="{row.number}"',))
            )
            if sheet.title == whole.layout.form.sheet:
                hole(_height(row, like is not None), None)
                texts[-1] += Moving((">",))
            else:
                texts[-1] += Moving((f"{row.attributes}>",))
        for one in row.holes:
            if first <= column_number(one.column) <= last:
                look = one.style if one.formula is not None or like is None else sheet.styles[like, one.column]
                texts[-1] += Moving((*one.before.pieces[:-1], one.before.pieces[-1].removesuffix(one.style) + look),
                                    one.before.tokens)  # fmt: skip
                hole(whole.sources[sheet.title][row.number, one.column], one.formula)
        behind = [one for one in row.holes if column_number(one.column) > last]
        if not behind:
            texts[-1] += row.after + Moving(("</row>",))
    return texts, holes


# ── where values come from ──────────────────────────────────────


def _sources(whole: Master) -> dict[str, dict[tuple[int, str], _Source]]:
    """What gives the value of each hole, by sheet, row and column letters."""
    layout, form, checks = whole.layout, whole.layout.form, whole.checks
    found: dict[str, dict[tuple[int, str], _Source]] = {form.sheet: {}, CHECK: {}, PANEL: {}, LISTS: {}}
    for place in form.formulas:
        box = layout.box(place)
        found[box.sheet][box.top, column_letters(box.left)] = _computed(place)
    for place in layout.issued:
        box = layout.box(place)
        if box.sheet == form.sheet:
            found[form.sheet][box.top, column_letters(box.left)] = _issued(place)
    look = Look(form, "indicators")
    for name, node in form.flags.items():
        for slot in layout.slots:
            source = _Beside(slot.index, name, slot.level2.id, look.reads(node))
            found[form.sheet][slot.row, form.columns[name].columns] = source
    for row in range(1, layout.last_row + 1):
        found[form.sheet][row, layout.verdict_column] = _verdict_of(row)
    found[form.sheet][1, layout.verdict_column] = lambda stamping: f"自检结论：{stamping.shown.overall}"
    for number, question in enumerate(checks.questions):
        found[CHECK][question.row, column_letters(question.number)] = _Verdict(number)
    for number in checks.by_number:
        found[LISTS][number, "D"] = _link(number)
    found[PANEL][panel.OVERALL_ROW, "C"] = lambda stamping: stamping.shown.overall
    for row, key in enumerate(layout.panel, PANEL_FIRST_ROW):
        for column, name in _LINE.items():
            found[PANEL][row, column] = _line(whole.catalogue.rules[key], name)
    return found


#: The columns of a rule's line on the panel.
_LINE = {"H": "worst", "C": "state", "D": "count", "E": "first", "F": "fix"}


def _together(sources: Sequence[_Source]) -> Callable[[_Stamping], tuple[Any, ...]]:
    """What gives all values of a stretch; verdicts, which are most of them, are taken from their list at once."""
    numbers = [one.number for one in sources if isinstance(one, _Verdict)]
    if numbers and len(numbers) == len(sources):
        taken = itemgetter(*numbers)
        return lambda stamping: taken(stamping.verdicts) if len(numbers) > 1 else (taken(stamping.verdicts),)
    beside = [one for one in sources if isinstance(one, _Beside)]
    if beside and len(beside) == len(sources) and all(one.reads is not None for one in beside):
        memory: Memory[tuple[Any, ...]] = Memory(set().union(*(one.reads or () for one in beside)))
        columns, index, group = [one.column for one in beside], beside[0].index, beside[0].group

        def remembered(stamping: _Stamping) -> tuple[Any, ...]:
            row = stamping.answers.row(index)
            return memory.of(row.view, group, lambda _: tuple([row[column] for column in columns]))

        return remembered
    return lambda stamping: tuple([source(stamping) for source in sources])


@dataclass(frozen=True)
class _Verdict:
    """A cell of ``_check``, by the number of its question in the list of all."""

    number: int

    def __call__(self, stamping: _Stamping) -> Any:
        return stamping.verdicts[self.number]


def _computed(place: Place) -> _Source:
    return lambda stamping: stamping.answers.at(place)


def _issued(place: Place) -> _Source:
    return lambda stamping: stamping.cell(stamping.answers.at(place))


@dataclass(frozen=True)
class _Beside:
    """A cell beside the table: its row and column, the row's group, and the columns that it depends on."""

    index: int
    column: str
    group: str
    reads: frozenset[str] | None

    def __call__(self, stamping: _Stamping) -> Any:
        return stamping.answers.row(self.index)[self.column]


def _verdict_of(row: int) -> _Source:
    return lambda stamping: stamping.shown.row(row)


def _link(number: int) -> _Source:
    return lambda stamping: stamping.shown.link(number)


def _line(rule: Rule, name: str) -> _Source:
    return lambda stamping: getattr(stamping.line(rule), name)


def _height(row: master.Row, is_open: bool) -> _Source:
    number, attributes = row.number, row.attributes
    return lambda stamping: stamping.heightened(number, attributes, is_open)


# ── one form ────────────────────────────────────────────────────


class _Stamping:
    """One project's form on its way.

    Attributes:
        answers: what stands in it, at the places of the master.
        shown: what its formulas about verdicts show.
        verdicts: the cells of ``_check``, in the order of the questions.
    """

    def __init__(self, whole: Master, size: _Size, issued: Issued) -> None:
        self.whole = whole
        self.size = size
        self.issued = issued
        values = seals.moved(issued.values, size.slots)
        self.answers = as_on_sheet(Answers(whole.layout, values), as_printed=False).answers
        judged = dict(zip(whole.checks.questions, whole.inquiry.standing(self.answers), strict=True))
        self.shown = Shown(whole.checks, judged, self.answers, size.rows.now)
        self.verdicts = [self.shown.verdict(one) for one in whole.checks.questions]
        self._strings: dict[str, int] = {}
        self._lines: dict[str, Line] = {}
        self._heights = self._all_heights()

    def members(self) -> Iterator[Member]:
        """The members of the zip file, in the order of the master's; the strings are known when the sheets are."""
        seal = seals.text(self.issued.seal)
        own = {name: self._sheet(sheet) for name, sheet in self.size.sheets.items()}
        own[_WORKBOOK] = self.size.names.filled({seals.text(_SEAL): seal})
        stamp = {stamps.text(self.whole.layout): self.size.stamp}
        own[_PROPERTIES] = self.whole.properties.filled({**stamp, seals.text(_SEAL): seal})
        own[_STRINGS] = self._shared_strings()
        for name, constant in self.whole.constant.items():
            yield Member(name, tuple(own[name])) if name in own else constant

    def _sheet(self, sheet: _CutSheet) -> list[Part]:
        chunks = [self.whole.packed(skeleton, values(self)) for skeleton, values in sheet.chunks]
        return [sheet.head, *chunks, *sheet.tail.filled({_SEAL.code: self.issued.seal.code})]

    # ── what the sources ask ────────────────────────────────────

    def cell(self, value: Value) -> str:
        """The rest of the cell of an issued value."""
        if isinstance(value, Decimal):
            return f"><v>{float(value):.16G}</v></c>"
        if not value:
            return "/>"
        return f' t="s"><v>{self._strings.setdefault(value, self.whole.first_string + len(self._strings))}</v></c>'

    def line(self, rule: Rule) -> Line:
        """A rule's line on the panel."""
        if rule.id not in self._lines:
            self._lines[rule.id] = self.shown.line(rule)
        return self._lines[rule.id]

    def heightened(self, row: int, attributes: str, is_open: bool) -> str:
        """A row's attributes with its own height, which programs keep in pixels, and hidden or not."""
        if row not in self._heights:
            return attributes
        height, shut = self._heights[row]
        points = int(height * 4 / 3 + 0.5) * 0.75
        hidden = ' hidden="1"' if shut and not is_open else ""
        return _HEIGHT.sub(f' ht="{points:.16g}"{hidden}', attributes)

    def _all_heights(self) -> dict[int, tuple[float, bool]]:
        whole, at = self.whole, self.answers.at
        found = {row: (height, False) for row, height in whole.heights.fixed(at).items()}
        for index in self.size.slots:
            shut = is_shut(whole.layout, index, at)
            found[whole.layout.slots[index].row] = whole.heights.slot(index, at), shut
        return found

    # ── strings ─────────────────────────────────────────────────

    def _shared_strings(self) -> list[Part]:
        """The master's strings, stamp and seal among them, and the project's own behind them."""
        whole, seal = self.whole, self.issued.seal
        told = {
            stamps.text(whole.layout): self.size.stamp,
            seals.text(_SEAL): seals.text(seal),
            "{}": self.issued.written,
            guide.issued_line(_SEAL): guide.issued_line(seal),
            **{_named(place): str(self.answers.at(place)) for place in whole.hidden},
        }
        own = {_string_item(word): _string_item(text) for word, text in told.items()}
        own[whole.counts] = f' uniqueCount="{whole.first_string + len(self._strings)}"'
        own["</sst>"] = "".join(map(_string_item, self._strings)) + "</sst>"
        return whole.strings.filled(own)


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
