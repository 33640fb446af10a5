"""What a workbook holds besides values: leftovers, objects, formulas in inputs, invisible characters."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from xltool.integrity.leftovers import is_inside, is_our_note
from xltool.language.functions import SheetError
from xltool.language.texts import clean
from xltool.reading.cell_contents import is_picture, text_typed
from xltool.reading.change import Change
from xltool.reading.leftover import Leftover
from xltool.reading.reader import Reading
from xltool.recognition.identify import helper_sheets
from xltool.rules.loading import workbook_rules
from xltool.support.i18n import tr
from xltool.workbook.box import Box
from xltool.workbook.compare import array_cells
from xltool.workbook.defined_names import parse_reference
from xltool.workbook.grid import EMPTY, Grid, Sheet

#: Signature lines and page headers or footers: not worth a finding.
#: The most things named in one finding.
_NAMED = 5

_SIGNATURE = re.compile(
    r"(?:填表人|填报人|制表人?|审核人|复核人|经办人|(?:单位|项目|财务|部门)?负责人|主要领导|分管领导|联系人|联系电话|电话|"
    r"填报日期|填表日期|日期)(?:[(（][^()（）]*[)）])?[:：]|附件\d*[:：]?$|第\d+页(?:[,，]?共\d+页)?$"
)


def input_formula_changes(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Input cells that hold a formula."""
    layout = reading.locations.layout
    arrays = _array_formulas(grid.sheets[reading.identity.sheet])
    for place in layout.input_places:
        box = layout.box(place)
        fact = grid.at(box.sheet, box.top, box.left)
        if fact is EMPTY and not arrays:
            continue
        array_formula = next((text for area, text in arrays if _contains(area, box)), "")
        if is_picture(fact):
            continue
        if (
            (fact.formula or array_formula)
            and place not in reading.locations.absent_places
            and not isinstance(fact.value, SheetError)
        ):
            formula = f"={(fact.formula or array_formula)[:60]}"
            yield Change("input_formula", box.address, layout.form.label(place), {"found": formula})


def _array_formulas(sheet: Sheet) -> list[tuple[Box, str]]:
    """The ranges that array formulas fill, with those formulas."""
    facts = [sheet.cells[spot] for spot in array_cells(sheet.cells)]
    boxes = ((parse_reference(f"{sheet.title}!{fact.array}"), fact.formula) for fact in facts)
    return [(box, formula) for box, formula in boxes if box is not None]


def _contains(box: Box, cell: Box) -> bool:
    """Whether a box contains a cell."""
    return box.top <= cell.top <= box.bottom and box.left <= cell.left <= box.right


def leftover_changes(
    grid: Grid, readings: Sequence[Reading], number: int, leftovers: Sequence[Leftover], copies: Sequence[Change]
) -> Iterator[Change]:
    """Content outside the form: between its rows, around it, on its other sheets, on sheets beside it."""
    reading = readings[number]
    on_sheet = [leftover for leftover in leftovers if leftover.sheet == reading.identity.sheet and leftover.row]
    inside = sorted(
        {leftover.row for leftover in on_sheet if is_inside(reading, leftover)} - set(reading.locations.unknown_rows)
    )
    for row in inside:
        first = next(leftover.cell for leftover in on_sheet if leftover.row == row)
        yield Change("inside", f"{reading.identity.sheet}!{first}", f"第 {row} 行", {"found": str(row)})
    is_in_table_around = (
        reading.identity.label_match.is_in_unread_part if reading.identity.label_match else lambda row, column: False
    )
    parts = readings[0].identity.foreign
    outside_rows = [
        leftover
        for leftover in on_sheet
        if not is_inside(reading, leftover) and not is_in_table_around(leftover.row, leftover.column)
    ]
    outside_rows = [leftover for leftover in outside_rows if not _SIGNATURE.match("".join(leftover.raw.split()))]
    outside = [
        leftover for leftover in outside_rows if not any(part.holds(leftover.sheet, leftover.row) for part in parts)
    ]
    if outside:
        listed = "、".join(leftover.cell for leftover in outside[:_NAMED]) + ("……" if len(outside) > _NAMED else "")
        values = {"count": str(len(outside)), "found": listed}
        yield Change("outside", f"{reading.identity.sheet}!{outside[0].cell}", reading.identity.sheet, values)
    for title in helper_sheets(grid):
        typed = [leftover.cell for leftover in leftovers if leftover.sheet == title and leftover.typed]
        if typed:
            listed = "、".join(typed[:_NAMED]) + ("……" if len(typed) > _NAMED else "")
            yield Change(
                "beside", f"{title}!{typed[0]}", title, {"count": str(len(typed)), "found": listed, "sheet": title}
            )
    known_sheets = (
        {leftover.identity.sheet for leftover in readings}
        | set(helper_sheets(grid))
        | {leftover.label for leftover in copies}
    )
    foreign = reading.identity.foreign if number == 0 else ()
    for part in foreign:
        yield Change("sibling", None, part.sheet, {"found": part.sheet, "rows": part.where, "kind": part.name})
    for title, sheet in grid.sheets.items():
        if number or title in {*known_sheets, *(part.sheet for part in foreign)}:
            continue
        if sheet.partial:
            yield Change("extra_large", None, title, {"found": title})
        elif count := sum(1 for fact in sheet.cells.values() if fact.text or fact.formula):
            yield Change("extra", None, title, {"found": title, "count": str(count)})


def unread_part_changes(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Parts of the workbook that could not be read; if the form carries our stamp, they are not part of it."""
    for name, error in grid.unread.items():
        case = workbook_rules()["P06"].case(error.key)
        reason = tr(case.message, case.message_en).replace("{reason}", error.reason)
        yield Change("unread" if reading.is_issued else "unread_maybe", None, name, {"found": name, "why": reason})
    for title, sheet in grid.sheets.items():
        if sheet.oddities:
            listed = tr("、", ", ").join(sheet.oddities[:_NAMED])
            yield Change("oddities", None, title, {"found": title, "listed": listed})


def object_changes(grid: Grid, reading: Reading, number: int) -> Iterator[Change]:
    """Comments, text boxes, pictures and other objects, and how the file was repaired."""
    sheets = [sheet for title, sheet in grid.sheets.items() if title == reading.identity.sheet or number == 0]
    counts = {
        tr("条批注", "notes"): sum(not is_our_note(text) for sheet in sheets for text in sheet.comments.values()),
        tr("个文本框", "text boxes"): sum(len(sheet.texts) for sheet in sheets),
        tr("张图片", "pictures"): sum(sheet.pictures for sheet in sheets),
        tr("个图表", "charts"): sum(sheet.charts for sheet in sheets),
        tr("个附件或控件", "embedded files"): sum(sheet.embedded for sheet in sheets),
        tr("个外部链接", "external links"): len(grid.external_links) if number == 0 else 0,
        tr("组宏（没有执行）", "macros (not run)"): int(grid.macros and number == 0),
    }
    present = [f"{count} {name}" for name, count in counts.items() if count]
    if present:
        yield Change("objects", None, reading.identity.sheet, {"found": tr("、", ", ").join(present)})
    if number == 0 and grid.repaired:
        yield Change("repaired", None, reading.identity.sheet)
    if number == 0 and grid.shared:
        yield Change("shared", None, reading.identity.sheet)


#: Characters that hide or reverse others: control characters, bidirectional overrides, replacement characters.
_HIDING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffd]")


#: Zero-width characters: spaces, soft hyphens, word joiners; joiners within emoji are not among them.
_NO_ROOM = re.compile("[\u200b\u200e\u200f\u00ad\u2060-\u2064\ufeff]")


def hidden_character_changes(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Fields whose text has invisible characters, or a superscript: 10² must not be read as 102."""
    layout = reading.locations.layout
    for place in layout.input_places:
        value = reading.answers.at(place)
        if not isinstance(value, str) or isinstance(value, SheetError):
            continue
        box = layout.box(place)
        text = clean(value)
        for key, letters in (("hiding", _HIDING.findall(value)), ("no_room", _NO_ROOM.findall(text))):
            if letters:
                codes = "、".join(dict.fromkeys(f"U+{ord(letter):04X}" for letter in letters))
                yield Change(key, box.address, layout.form.label(place), {"found": codes, "count": str(len(letters))})
        if place not in reading.locations.absent_places and grid.at(box.sheet, box.top, box.left).raised:
            yield Change("raised", box.address, layout.form.label(place), {"found": text})


def misread_text_changes(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Texts that were taken for formulas."""
    layout = reading.locations.layout
    for place in layout.input_places:
        if place in reading.locations.absent_places or place in reading.locations.deleted_places:
            continue
        box = layout.box(place)
        fact = grid.at(box.sheet, box.top, box.left)
        if fact.formula and isinstance(reading.answers.at(place), str) and (text := text_typed(fact, grid.names)):
            error = fact.value if fact.cached and isinstance(fact.value, SheetError) else "#NAME?"
            yield Change("typed_formula", box.address, layout.form.label(place), {"found": text, "shown": str(error)})
