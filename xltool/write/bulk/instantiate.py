"""One form for each project, stamped from a master, cell for cell what the writer writes.

Evaluation happens in the master, where a form's unused rows are blank and say nothing; only what is written differs
from form to form. Rows are written in stretches, and one whose texts and values came before is written once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from io import StringIO
from typing import Any

from xlsxwriter.sharedstrings import SharedStrings

from xltool.form import seals, stamps
from xltool.form.answers import Answers
from xltool.form.own_sheets import CHECK, LISTS, PANEL
from xltool.form.places import Place
from xltool.form.seals import Seal, SealedValues
from xltool.rules.issue_profile import IssueProfile
from xltool.support.memo import memo
from xltool.workbook.letters import column_letters, column_number
from xltool.write import guide
from xltool.write.bulk import template_parts
from xltool.write.bulk.row_chunks import ChunkBuilder, ChunkText, RowChunk, chunk_text
from xltool.write.bulk.row_shift import RowMap
from xltool.write.bulk.slots import SlottedText
from xltool.write.bulk.values import FormValues, Memories, value_sources
from xltool.write.bulk.zip import DeflatedPart, Member, deflate, member, unzip, zip_members
from xltool.write.check_results import CheckResults
from xltool.write.checks import CheckSheet
from xltool.write.heights import Heights
from xltool.write.workbook import build

#: So many sizes of forms, and so many stretches, are remembered.
_SIZES, _STRETCHES = 8, 4_096

#: What the master says where a project's own seal will be.
_SEAL = Seal("MASTER", 1, "0" * 12, "0" * 32, "0001-01-01")

_STRINGS, _WORKBOOK, _PROPERTIES = "xl/sharedStrings.xml", "xl/workbook.xml", "docProps/custom.xml"
#: Texts in which there is nothing to escape.
_PLAIN = re.compile(r"[^\s&<>_\0-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_COUNTS = re.compile(r' count="\d+" uniqueCount="\d+"')

#: A skeleton, and what gives all of its values.
_Chunk = tuple[ChunkText, Callable[[FormValues], tuple[Any, ...]]]


class BulkTemplate:
    """A workbook with the most rows that any project of an issue needs.

    Args:
        frame: what its forms have in common.
        sealed: whether they are issued; others are blank templates.
        kept: how many sizes of forms, and how many stretches, are remembered.
    """

    def __init__(self, frame: IssueProfile, sealed: bool = True, kept: tuple[int, int] = (_SIZES, _STRETCHES)) -> None:
        self.frame = frame
        self.catalogue = catalogue = frame.catalogue
        self.layout = frame.layout
        self.checks = CheckSheet(catalogue, self.layout)
        self.heights = Heights(self.layout)
        hidden = (place for place in self.layout.places if place in self.layout.issued)
        self.hidden = [place for place in hidden if self.layout.form.field(place).section == "hidden"]
        named = {place: _named(place) for place in self.hidden}
        issued_as = SealedValues(_SEAL, {}, "{}") if sealed else None
        written = build(catalogue, Answers(self.layout, named), issued=issued_as)
        self.members = unzip(written)
        self.sheets = self._sheets()
        self.names = template_parts.shiftable_names(self.members[_WORKBOOK], self._moving)
        self.constant = {name: member(name, [deflate(text)]) for name, text in self.members.items()}
        counts = _COUNTS.search(self.members[_STRINGS])
        assert counts is not None
        self.counts = counts[0]
        self.strings = SlottedText(self.members[_STRINGS], self._own_strings())
        self.first_string = self.members[_STRINGS].count("<si>")
        self.properties = SlottedText(
            self.members[_PROPERTIES], [stamps.stamp_text(self.layout), seals.seal_text(_SEAL)]
        )
        self.stretches = self._stretches()
        self.size = lru_cache(kept[0])(lambda counts, open_rows: _Size(self, dict(counts), open_rows))
        self.skeleton = lru_cache(kept[1])(chunk_text)
        self.packed = lru_cache(kept[1])(lambda bones, values: deflate(bones.fill(values), once=bones.own))

    @property
    def estimated_bytes(self) -> int:
        """The bytes that it takes when it has been stamped in many sizes."""
        return 15 * sum(map(len, self.members.values()))

    @property
    def _moving(self) -> tuple[str, str]:
        return self.layout.form.sheet, CHECK

    def _sheets(self) -> dict[str, template_parts.SheetXml]:
        """The sheets that differ from form to form, by the names of their members."""
        titles = re.findall(r'<sheet name="([^"]+)"', self.members[_WORKBOOK])
        boxes = [self.layout.box(place) for place in self.layout.issued]
        cells = {(box.top, column_letters(box.left)) for box in boxes if box.sheet == self.layout.form.sheet}
        found = {}
        for number, title in enumerate(titles, 1):
            if title in (self.layout.form.sheet, CHECK, PANEL, LISTS):
                name = f"xl/worksheets/sheet{number}.xml"
                own = cells if title == self.layout.form.sheet else ()
                found[name] = template_parts.split_sheet(self.members[name], title, self._moving, own)
        return found

    def _stretches(self) -> dict[str, list[RowChunk]]:
        layout = self.layout
        origins, patterns = value_sources(layout, self.checks, self.frame.columns), self.patterns
        memories: Memories = {}
        found = {}
        for name, sheet in self.sheets.items():
            beside = column_number(layout.verdict_column) if sheet.title == layout.form.sheet else None
            found[name] = ChunkBuilder(sheet, origins[sheet.title], patterns, beside).chunks(memories)
        return found

    @property
    def patterns(self) -> dict[int, int]:
        """For each row that may be open the row that says how it looks then."""
        rows = {group: self.layout.slots[index].row for group, index in self.frame.open_slots.items()}
        return {slot.row: rows[slot.level2.id] for slot in self.layout.slots} if rows else {}

    def _own_strings(self) -> list[str]:
        """What each form has its own of among the strings: some of them, their number, and what comes last."""
        texts = [stamps.stamp_text(self.layout), seals.seal_text(_SEAL), "{}", guide.issued_line(_SEAL)]
        return [*map(_string_item, [*texts, *map(_named, self.hidden)]), self.counts, "</sst>"]

    def chunk(self, stretch: RowChunk, rows: RowMap) -> _Chunk:
        """A stretch in forms of one size."""
        return self.skeleton(stretch.text.text_at(rows), stretch.computed, stretch.own), stretch.values

    def instantiate(
        self, issued: SealedValues | None, capacities: Mapping[str, int], verdicts: bytes | None = None
    ) -> bytes:
        """The workbook of one project.

        Args:
            issued: the seal, and what is issued, by the places of the form's own layout; None for a blank template.
            capacities: the form's own rows, none more than the master's.
            verdicts: what ``Frame.verdicts`` says of it, where somebody has asked already.
        """
        open_rows: list[int] = []
        if self.frame.open_slots and issued is not None:
            cells = self.catalogue.layout(capacities).column_cells("level3")
            open_rows = [cell.row for cell in cells if cell not in issued.values]
        size = self.size(tuple(capacities.items()), tuple(open_rows))
        return zip_members(_Instance(self, size, issued, verdicts).members())


def _named(place: Place) -> str:
    """What stands in the master at a place of the hidden sheet."""
    return f"{{{place.name}}}"


class _Size:
    """Forms with the same rows.

    Args:
        whole: the master.
        capacities: the rows of these forms.
        open_rows: the slots of these forms that were not issued, though others of the master's are.
    """

    def __init__(self, whole: BulkTemplate, capacities: Mapping[str, int], open_rows: Sequence[int]) -> None:
        self.layout = whole.catalogue.layout(capacities)
        self.slots = whole.layout.part(capacities)
        rows_of = [slot.row for slot in whole.layout.slots]
        taken = set(rows_of) - {rows_of[index] for index in self.slots}
        self.rows = RowMap(row for row in range(1, whole.layout.last_row + 1) if row not in taken)
        opened = {rows_of[self.slots[index]] for index in open_rows}
        self.like = {row: pattern for row, pattern in whole.patterns.items() if row in opened}
        self.sheets = {name: _CutSheet(whole, name, self.rows, self.like) for name in whole.sheets}
        stamp = stamps.stamp_text(self.layout)
        names = whole.names.text_at(self.rows).replace(stamps.stamp_text(whole.layout), stamp)
        self.names = SlottedText(names, [seals.seal_text(_SEAL)])
        self.stamp = stamp


class _CutSheet:
    """A sheet of one size, in chunks."""

    def __init__(self, whole: BulkTemplate, name: str, rows: RowMap, like: Mapping[int, int]) -> None:
        sheet = whole.sheets[name]
        self.head = deflate(sheet.head.text_at(rows))
        self.tail = SlottedText(sheet.tail_at(rows, like if sheet.moves else {}), [_SEAL.code])
        kept = [one for one in whole.stretches[name] if not sheet.moves or rows.shifted(one.row) is not None]
        self.chunks = [whole.chunk(one.opened if one.row in like and sheet.moves else one, rows) for one in kept]


class _Instance:
    """One project's form on its way."""

    def __init__(self, whole: BulkTemplate, size: _Size, issued: SealedValues | None, verdicts: bytes | None) -> None:
        self.whole = whole
        self.size = size
        answers = whole.frame.answers(issued.values if issued else {}, size.slots)
        verdicts = whole.frame.verdicts(answers) if verdicts is None else verdicts
        shown = CheckResults(whole.checks, whole.frame.without_suppressed(verdicts), answers, size.rows.shifted)
        self.filling = FormValues(answers, shown, whole.heights, size.slots, whole.first_string)
        self.own = {stamps.stamp_text(whole.layout): size.stamp}  # by what stands in the master
        if issued is not None:
            self.own[seals.seal_text(_SEAL)] = seals.seal_text(issued.seal)
            self.own[_SEAL.code] = issued.seal.code
            self.own[guide.issued_line(_SEAL)] = guide.issued_line(issued.seal)
            self.own["{}"] = issued.texts

    def members(self) -> Iterator[Member]:
        """The members of the zip file, in the order of the master's; the strings are known when the sheets are."""
        own = {name: self._sheet(sheet) for name, sheet in self.size.sheets.items()}
        own[_WORKBOOK] = self.size.names.fill(self.own)
        own[_PROPERTIES] = self.whole.properties.fill(self.own)
        own[_STRINGS] = self._shared_strings()
        for name, constant in self.whole.constant.items():
            yield member(name, own[name]) if name in own else constant

    def _sheet(self, sheet: _CutSheet) -> list[DeflatedPart]:
        chunks = [self.whole.packed(bones, values(self.filling)) for bones, values in sheet.chunks]
        return [sheet.head, *chunks, *sheet.tail.fill(self.own)]

    def _shared_strings(self) -> list[DeflatedPart]:
        """The master's strings, stamp and seal among them, and the project's own behind them."""
        whole, texts = self.whole, self.filling.strings
        hidden = {_named(place): str(self.filling.answers.at(place)) for place in whole.hidden}
        own = {_string_item(word): _string_item(text) for word, text in {**self.own, **hidden}.items()}
        own[whole.counts] = f' uniqueCount="{whole.first_string + len(texts)}"'
        own["</sst>"] = "".join(map(_string_item, texts)) + "</sst>"
        return whole.strings.fill(own)


@memo(4_000, 100)
def _string_item(text: str) -> str:
    """An entry of the shared strings, as XlsxWriter writes it."""
    if _PLAIN.fullmatch(text):
        return f"<si><t>{text}</t></si>"
    writer = SharedStrings()
    writer.fh = StringIO()
    writer._write_si(text)  # control characters, blanks at the ends: it knows all of that
    return str(writer.fh.getvalue())
