"""Instantiates the form of each project from a bulk template, cell for cell what the writer writes.

Checks are evaluated on the rows of the template; the rows that a form does not use are blank there and give no verdict.
Rows are written in chunks, and a chunk with the same texts and values as an earlier one is deflated only once.
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
from xltool.form.field import ON_HIDDEN
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

#: How many sizes of forms, and how many chunks, are cached.
_SIZES, _CHUNKS = 8, 4_096

#: The placeholder for the seal of a project.
_SEAL = Seal("MASTER", 1, "0" * 12, "0" * 32, "0001-01-01")
_SEAL_TEXT, _ISSUED_LINE = seals.seal_text(_SEAL), guide.issued_line(_SEAL)

_STRINGS, _WORKBOOK, _PROPERTIES = "xl/sharedStrings.xml", "xl/workbook.xml", "docProps/custom.xml"
#: Texts without anything to escape.
_PLAIN = re.compile(r"[^\s&<>_\0-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_COUNTS = re.compile(r' count="\d+" uniqueCount="\d+"')

#: The text of a chunk, and the source of all its values.
_Chunk = tuple[ChunkText, Callable[[FormValues], tuple[Any, ...]]]


class BulkTemplate:
    """A workbook with the greatest number of rows that any project of an issue needs, from which forms are made.

    Args:
        profile: what its forms have in common.
        sealed: whether its forms are issued; others are blank.
        cache_sizes: how many sizes of forms, and how many chunks, are cached.
    """

    def __init__(
        self, profile: IssueProfile, sealed: bool = True, cache_sizes: tuple[int, int] = (_SIZES, _CHUNKS)
    ) -> None:
        self.profile = profile
        self.catalogue = catalogue = profile.catalogue
        self.layout = profile.layout
        self.stamp = stamps.stamp_text(self.layout)
        self.checks = CheckSheet(catalogue, self.layout)
        self.heights = Heights(self.layout)
        hidden = (place for place in self.layout.places if place in self.layout.issued)
        self.hidden = [place for place in hidden if self.layout.form.field(place).sheet == ON_HIDDEN]
        named = {place: _placeholder(place) for place in self.hidden}
        issued_as = SealedValues(_SEAL, {}, "{}") if sealed else None
        workbook = build(catalogue, Answers(self.layout, named), issued=issued_as)
        self.members = unzip(workbook)
        self.sheets = self._sheets()
        self.names = template_parts.shiftable_names(self.members[_WORKBOOK], self._moving)
        self.constant = {name: member(name, [deflate(text)]) for name, text in self.members.items()}
        counts = _COUNTS.search(self.members[_STRINGS])
        assert counts is not None
        self.counts = counts[0]
        self.strings = SlottedText(self.members[_STRINGS], self._own_strings())
        self.first_string = self.members[_STRINGS].count("<si>")
        self.properties = SlottedText(self.members[_PROPERTIES], [self.stamp, _SEAL_TEXT])
        self.row_chunks = self._row_chunks()
        self.size = lru_cache(cache_sizes[0])(lambda counts, open_rows: _Size(self, dict(counts), open_rows))
        self.cached_text = lru_cache(cache_sizes[1])(chunk_text)
        self.packed = lru_cache(cache_sizes[1])(lambda chunk, values: deflate(chunk.fill(values), once=chunk.once))

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
        sheets = {}
        for number, title in enumerate(titles, 1):
            if title in (self.layout.form.sheet, CHECK, PANEL, LISTS):
                name = f"xl/worksheets/sheet{number}.xml"
                issued = cells if title == self.layout.form.sheet else ()
                sheets[name] = template_parts.split_sheet(self.members[name], title, self._moving, issued)
        return sheets

    def _row_chunks(self) -> dict[str, list[RowChunk]]:
        """The chunks of the sheets, by the names of their members."""
        layout = self.layout
        sources, patterns = value_sources(layout, self.checks, self.profile.columns), self.patterns
        memories: Memories = {}
        chunks = {}
        for name, sheet in self.sheets.items():
            beside = column_number(layout.verdict_column) if sheet.title == layout.form.sheet else None
            chunks[name] = ChunkBuilder(sheet, sources[sheet.title], patterns, beside).chunks(memories)
        return chunks

    @property
    def patterns(self) -> dict[int, int]:
        """For each row that may be open to input, the row that has the styles it then has."""
        rows = {group: self.layout.slots[index].row for group, index in self.profile.open_slots.items()}
        return {slot.row: rows[slot.level2.id] for slot in self.layout.slots} if rows else {}

    def _own_strings(self) -> list[str]:
        """The words of the shared strings that differ from form to form: some strings, their count, the end."""
        texts = [self.stamp, _SEAL_TEXT, "{}", _ISSUED_LINE]
        return [*map(_string_item, [*texts, *map(_placeholder, self.hidden)]), self.counts, "</sst>"]

    def chunk(self, chunk: RowChunk, rows: RowMap) -> _Chunk:
        """A chunk in forms of one size."""
        return self.cached_text(chunk.text.text_at(rows), chunk.computed, chunk.once), chunk.values

    def instantiate(
        self, issued: SealedValues | None, capacities: Mapping[str, int], verdicts: bytes | None = None
    ) -> bytes:
        """Make the workbook of one project.

        Args:
            issued: the seal and the sealed values, by the places of the form's own layout; None for a blank workbook.
            capacities: the rows of the form, in no group more than the template has.
            verdicts: the result of ``IssueProfile.verdicts``; None to compute it.
        """
        open_rows: list[int] = []
        if self.profile.open_slots and issued is not None:
            cells = self.catalogue.layout(capacities).column_cells(self.layout.form.name_column)
            open_rows = [cell.row for cell in cells if cell not in issued.values]
        size = self.size(tuple(capacities.items()), tuple(open_rows))
        return zip_members(_Instance(self, size, issued, verdicts).members())


def _placeholder(place: Place) -> str:
    """The placeholder in the template for a place on the hidden sheet."""
    return f"{{{place.name}}}"


class _Size:
    """What forms with the same rows have in common.

    Args:
        template: the template.
        capacities: the rows of these forms.
        open_rows: the indexes of indicator rows that were not issued, though other rows of the template are.
    """

    def __init__(self, template: BulkTemplate, capacities: Mapping[str, int], open_rows: Sequence[int]) -> None:
        self.layout = template.catalogue.layout(capacities)
        self.slots = template.layout.slots_within(capacities)
        rows_of = [slot.row for slot in template.layout.slots]
        removed = set(rows_of) - {rows_of[index] for index in self.slots}
        self.rows = RowMap(row for row in range(1, template.layout.last_row + 1) if row not in removed)
        opened = {rows_of[self.slots[index]] for index in open_rows}
        self.like = {row: pattern for row, pattern in template.patterns.items() if row in opened}
        self.sheets = {name: _CutSheet(template, name, self.rows, self.like) for name in template.sheets}
        self.stamp = stamps.stamp_text(self.layout)
        names = template.names.text_at(self.rows).replace(template.stamp, self.stamp)
        self.names = SlottedText(names, [_SEAL_TEXT])


class _CutSheet:
    """A sheet cut to one size, in chunks."""

    def __init__(self, template: BulkTemplate, name: str, rows: RowMap, like: Mapping[int, int]) -> None:
        sheet = template.sheets[name]
        self.head = deflate(sheet.head.text_at(rows))
        self.tail = SlottedText(sheet.tail_at(rows, like if sheet.has_removed_rows else {}), [_SEAL.code])
        kept = [
            chunk
            for chunk in template.row_chunks[name]
            if not sheet.has_removed_rows or rows.shifted(chunk.row) is not None
        ]
        self.chunks = [
            template.chunk(chunk.opened if chunk.row in like and sheet.has_removed_rows else chunk, rows)
            for chunk in kept
        ]


class _Instance:
    """The form of one project while it is made."""

    def __init__(
        self, template: BulkTemplate, size: _Size, issued: SealedValues | None, verdicts: bytes | None
    ) -> None:
        self.template = template
        self.size = size
        answers = template.profile.answers(issued.values if issued else {}, size.slots)
        verdicts = template.profile.verdicts(answers) if verdicts is None else verdicts
        shown = CheckResults(template.checks, template.profile.without_suppressed(verdicts), answers, size.rows.shifted)
        self.values = FormValues(answers, shown, template.heights, size.slots, template.first_string)
        self.replacements = {template.stamp: size.stamp}  # by their placeholders
        if issued is not None:
            self.replacements[_SEAL_TEXT] = seals.seal_text(issued.seal)
            self.replacements[_SEAL.code] = issued.seal.code
            self.replacements[_ISSUED_LINE] = guide.issued_line(issued.seal)
            self.replacements["{}"] = issued.texts

    def members(self) -> Iterator[Member]:
        """The members of the zip file, in the order of the template's; values the sheets collects the strings."""
        filled = {name: self._sheet(sheet) for name, sheet in self.size.sheets.items()}
        filled[_WORKBOOK] = self.size.names.fill(self.replacements)
        filled[_PROPERTIES] = self.template.properties.fill(self.replacements)
        filled[_STRINGS] = self._shared_strings()
        for name, constant in self.template.constant.items():
            yield member(name, filled[name]) if name in filled else constant

    def _sheet(self, sheet: _CutSheet) -> list[DeflatedPart]:
        """The parts of a sheet."""
        chunks = [self.template.packed(chunk, source(self.values)) for chunk, source in sheet.chunks]
        return [sheet.head, *chunks, *sheet.tail.fill(self.replacements)]

    def _shared_strings(self) -> list[DeflatedPart]:
        """The shared strings of the template, with placeholders replaced, and the project's own strings after them."""
        template, texts = self.template, self.values.strings
        hidden = {_placeholder(place): str(self.values.answers.at(place)) for place in template.hidden}
        replacements = {
            _string_item(word): _string_item(text) for word, text in {**self.replacements, **hidden}.items()
        }
        replacements[template.counts] = f' uniqueCount="{template.first_string + len(texts)}"'
        replacements["</sst>"] = "".join(map(_string_item, texts)) + "</sst>"
        return template.strings.fill(replacements)


@memo(4_000, 100)
def _string_item(text: str) -> str:
    """An entry of the shared strings, as XlsxWriter writes it."""
    if _PLAIN.fullmatch(text):
        return f"<si><t>{text}</t></si>"
    writer = SharedStrings()
    writer.fh = StringIO()
    writer._write_si(text)  # it handles control characters and outer blanks
    return str(writer.fh.getvalue())
