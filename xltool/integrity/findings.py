"""Findings that only the reader can raise: which form it is, what was deleted, changed or left over."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from xltool.form.kinds import display_text
from xltool.form.places import Place, SingleCell, VariableRowCell
from xltool.form.record import Paths
from xltool.integrity.leftovers import is_inside, is_our_note
from xltool.integrity.tamper import tamper_changes
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import decimal_text, round_half_up
from xltool.language.texts import clean
from xltool.reading.cell_contents import is_picture, text_typed
from xltool.reading.change import Change
from xltool.reading.form_in_workbook import FormInWorkbook
from xltool.reading.leftover import Leftover
from xltool.reading.reader import Reading
from xltool.recognition.displacement import displacement_of
from xltool.recognition.identify import helper_sheets
from xltool.recognition.label_match import LabelMatch
from xltool.result.findings import Finding
from xltool.rules import check
from xltool.rules.catalogue import workbook_rules
from xltool.rules.rule import Rule, fill_placeholders
from xltool.support.i18n import tr
from xltool.workbook.box import Box
from xltool.workbook.compare import array_cells
from xltool.workbook.defined_names import parse_reference
from xltool.workbook.grid import EMPTY, CellFact, Grid, Sheet

#: The rules of changes that do not belong to P04.
_RULES = dict.fromkeys(
    ("labels", "older", "mapped", "unmapped", "rivals", "rows", "sibling", "fund_rows", "heads", "columns"), "P01"
) | (dict.fromkeys(("strayed", "unknown", "no_level", "level1"), "T03") | {"empty": "T01", "percent": "W04"})

#: Signature lines and page headers or footers: not worth a finding.
_SIGNATURE = re.compile(
    r"(?:填表人|填报人|制表人?|审核人|复核人|经办人|(?:单位|项目|财务|部门)?负责人|主要领导|分管领导|联系人|联系电话|电话|"
    r"填报日期|填表日期|日期)(?:[(（][^()（）]*[)）])?[:：]|附件\d*[:：]?$|第\d+页(?:[,，]?共\d+页)?$"
)

#: The most cells named in a message; all are in the result.
_NAMED = 5


def integrity_findings(
    form: FormInWorkbook,
    fresh: Callable[[], Grid],
    paths: Paths,
    leftovers: Sequence[Leftover],
    rule_findings: Sequence[Finding],
) -> list[Finding]:
    """The findings of the reader about one form of a workbook.

    Args:
        form: the form, with its workbook.
        fresh: returns a blank workbook of the form as issued.
        paths: the paths of its values in the record.
        leftovers: the content outside the form.
        rule_findings: the findings of the rules.
    """
    grid, readings, number, reading, copies = form.grid, form.readings, form.number, form.reading, form.copies
    rules = reading.identity.catalogue.rules
    findings = list(_lost(rules, reading, paths))
    findings += _formulas(grid, rules, reading, paths, rule_findings)
    named = {finding.cell for finding in (*rule_findings, *findings)}
    changes = [*_identity(reading), *_left(grid, readings, number, leftovers, copies), *_objects(grid, reading, number),
             *_letters(grid, reading), *_not_typed(grid, reading)]  # fmt: skip
    changes += _unread(grid, reading) if number == 0 else ()
    if reading.is_issued:
        changes += [
            change
            for change in tamper_changes(grid, fresh(), reading)
            if change.key != "fixed" or change.cell not in named
        ]
        changes += [change for change in _input_formulas(grid, reading) if change.cell not in named]
    if not grid.checkable and reading.is_issued:
        changes.append(Change("uncheckable", None, f".{grid.format}", {"found": f".{grid.format}"}))
    if grid.format == "xlsb":
        changes.append(Change("formats", None, f".{grid.format}", {"found": f".{grid.format}"}))
    return [*findings, *(change_finding(rules, change) for change in (*changes, *(copies if number == 0 else ())))]


def change_finding(rules: Mapping[str, Rule], change: Change) -> Finding:
    """The finding for a change, of the rule that has its case: P04 but for a few."""
    rule = rules[_RULES.get(change.key, "P04")]
    case = rule.case(change.key)
    values = {**change.values, "label": change.label}
    message = fill_placeholders(tr(case.message, case.message_en), lambda name, _: values[name])
    return Finding(
        rule.id, case.level, "", change.cell, change.label or tr("工作簿", "workbook"), message,
        values.get("found") or None, values.get("wanted") or None, tr(case.fix, case.fix_en), rule.basis,
        case.actor, review=case.review,
    )  # fmt: skip


# ── formulas and deleted rows ───────────────────────────────────


def _formulas(
    grid: Grid, rules: Mapping[str, Rule], reading: Reading, paths: Paths, rule_findings: Sequence[Finding]
) -> Iterator[Finding]:
    """P03 for overwritten formulas that no other rule reports, P05 for results that are stale or missing."""
    answers, form, address = reading.answers, reading.identity.catalogue.form, address_lookup(reading)
    named = {finding.cell for finding in rule_findings if finding.rule in rules and rules[finding.rule].recomputes}
    is_displaced = displacement_of(reading.locations).has_moved

    def fact(place: Place) -> CellFact:
        box = answers.layout.box(place)
        return grid.at(box.sheet, box.top, box.left)

    for place in form.computed_cells:
        kind = form.field(place).kind
        if place in reading.stored_values:
            values = {
                "stored": value_or_blank(reading.stored_values[place], kind),
                "right": value_or_blank(answers.at(place), kind),
            }
            yield check.reader_finding(rules["P05"], "stale", place, answers, paths, values, address(place))
        elif (
            place in reading.overwritten_formulas
            and place not in reading.locations.deleted_places
            and address(place) not in named
        ):
            if reading.locations.doubt.incomplete_sums:
                continue  # not all of its summands were read
            expected, value = answers.computed_value(place), answers.at(place)
            if (value is None and expected is None) or (
                is_displaced and reading.overwritten_formulas[place] and _agree(value, expected)
            ):
                continue  # a formula that a program adjusted and whose result is right
            if "#REF!" in reading.overwritten_formulas[place] and reading.locations.deleted_places:
                continue  # refers to what was deleted, which P02 reports
            values = {"stored": value_or_blank(value, kind), "right": value_or_blank(expected, kind)}
            key = "alone" if expected is None else "kept" if _agree(value, expected) else "wrong"
            if key == "kept" and not fact(place).cached:
                key = "unknown"  # another formula, of which no result is stored
            yield check.reader_finding(rules["P03"], key, place, answers, paths, values, address(place))
    if reading.uncalculated:
        place, values = reading.uncalculated[0], {"count": str(len(reading.uncalculated))}
        yield check.reader_finding(rules["P05"], "missing", place, answers, paths, values, address(place))


def _lost(rules: Mapping[str, Rule], reading: Reading, paths: Paths) -> Iterator[Finding]:
    """P02, once for each fund row, group, column or field that was deleted."""
    answers, address = reading.answers, address_lookup(reading)
    findings: dict[str, Finding] = {}
    for place in sorted(reading.locations.deleted_places, key=lambda name: name.name):
        key, label = _part_of_form(reading, place)
        if label not in findings:
            findings[label] = check.reader_finding(
                rules["P02"], key, place, answers, paths, {"part": label}, address(place)
            )
    yield from (findings[label] for label in sorted(findings))


def _part_of_form(reading: Reading, place: Place) -> tuple[str, str]:
    """The case of P02 for a deleted place, and the name of the deleted part: a column if it is gone in every row."""
    layout, lost = reading.answers.layout, reading.locations.deleted_places
    form = layout.form
    if isinstance(place, SingleCell):
        return "deleted", form.label(place)
    rows: list[list[Place]]  # the cells that people fill in, row by row
    column: list[Place]
    if isinstance(place, VariableRowCell):
        rows = [[*row.values()] for row in layout.row_cells]
        column = [*layout.column_cells(place.column)]
        row_label = layout.slots[place.row].level2.label
    else:
        rows = [[*of_row.values()] for of_row in form.fund_cells.values()]
        column = [of_row[place.column] for of_row in form.fund_cells.values()]
        row_label = form.fund_rows[place.row].label
    whole = sum(lost.issuperset(row) for row in rows)
    if whole < len(rows) and lost.issuperset(column):
        return "column", form.field(place).label
    return "deleted", row_label


def _input_formulas(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Input cells that hold a formula."""
    layout = reading.locations.layout
    arrays = _arrays(grid.sheets[reading.identity.sheet])
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


def _arrays(sheet: Sheet) -> list[tuple[Box, str]]:
    """The ranges that array formulas fill, with those formulas."""
    facts = [sheet.cells[spot] for spot in array_cells(sheet.cells)]
    boxes = ((parse_reference(f"{sheet.title}!{fact.array}"), fact.formula) for fact in facts)
    return [(box, formula) for box, formula in boxes if box is not None]


def _contains(box: Box, cell: Box) -> bool:
    """Whether a box contains a cell."""
    return box.top <= cell.top <= box.bottom and box.left <= cell.left <= box.right


# ── which form, and what is left over ───────────────────────────


def _identity(reading: Reading) -> Iterator[Change]:
    """Changes about the identity of the form and how its fields were located."""
    form = reading.identity.catalogue.form
    if not reading.is_issued:
        yield Change("labels", None, reading.identity.sheet, {"form": f"{form.name}（{form.reference}）"})
    if reading.identity.rivals:
        rivals = "、".join(reading.identity.rivals)
        yield Change("rivals", None, reading.identity.sheet, {"found": rivals, "form": form.reference})
    if reading.identity.label_match is not None:
        yield from _not_of_form(reading.identity.label_match)
    for column in reading.percent_columns:
        place, points = next(iter(column.places.items()))
        raw = next(cell.raw for cell in reading.normalised_values if cell.place == place)
        label = reading.identity.catalogue.form.columns[column.column].label
        yield Change("percent", address_lookup(reading)(place), label, {"found": raw, "wanted": decimal_text(points)})
    for cell in reading.locations.misplaced_names:
        values = {"found": cell.name_box.address, "wanted": cell.label_box.first}
        yield Change("dragged", cell.label_box.address, form.label(cell.place), values)
    if reading.locations.by_levels:
        yield Change("sorted", None, reading.identity.sheet)
    if strayed := reading.locations.misplaced_rows:
        rows = "、".join(map(str, strayed))
        yield Change("mixed", f"{reading.identity.sheet}!A{strayed[0]}", "指标", {"found": rows})
    if reading.locations.unknown_rows:
        rows = "、".join(map(str, reading.locations.unknown_rows))
        yield Change("rows", f"{reading.identity.sheet}!A{reading.locations.unknown_rows[0]}", "指标", {"found": rows})


def _not_of_form(located: LabelMatch) -> Iterator[Change]:
    """Levels, heads and sources that do not belong to the form, if it was located by its labels."""
    form = located.form
    if missing := list(_missing(located)):
        heads = [_head(located, box) for box in located.unread_heads]
        more = tr(f"；没有认出的栏目：{'、'.join(heads)}", f"; not understood: {', '.join(heads)}") if heads else ""
        values = {"found": tr("、", ", ").join(missing), "more": more}
        yield Change("heads", None, located.page.sheet, values)
    elif columns := located.unread_columns:
        values = {"found": tr("、", ", ").join(_head(located, box) for box in columns), "count": str(len(columns))}
        yield Change("columns", next(iter(columns)).address, located.page.sheet, values)
    if not (located.rows or located.unknown_rows):
        box = located.heads.get("level3") or next(iter(located.heads.values()))
        yield Change("empty", box.address, form.indicators_label)
    for label, box in located.level1_by_rows.items():
        yield Change("level1", box.address, label, {"found": " ".join(label.split())})
    for box, level2, level1 in located.misplaced_level2:
        yield Change("strayed", box.address, level2, {"found": level1, "level2": level2})
    for level in located.levels:
        label = form.level2[level.group].label
        values = {"found": level.label, "level1": level.level1, "level2": label}
        yield Change("unknown" if level.label else "no_level", level.box.address, level.label or label, values)
    if lines := located.unread_lines:
        lines_text = []
        for line in lines:
            amounts = tr("、", ", ").join(
                f"{form.fund_columns[name].label} {text}" for name, text in line.amounts.items()
            )
            lines_text.append(tr(f"{line.label}（{amounts}）", f"{line.label} ({amounts})"))
        values = {"count": str(len(lines)), "found": tr("；", "; ").join(lines_text)}
        yield Change("fund_rows", lines[0].box.address, lines[0].label, values)


def _head(located: LabelMatch, box: Box) -> str:
    """A head that does not belong to the form, and how many cells below it have content."""
    text, count = " ".join(located.page.text(box).split()), len(located.unread_columns.get(box, ()))
    return tr(f"{text}（{count} 处内容）", f"{text} ({count} cells)") if count else text


def _missing(located: LabelMatch) -> Iterator[str]:
    """The heads of the form that were not found: a whole block if none of its heads was."""
    form = located.form
    if not located.fund_heads:
        yield tr("项目资金各栏", "the funds")
    for block, name in sorted(located.missing_columns):
        if block == form.indicator_table:
            yield form.columns[name].label
        elif block == form.fund_table and located.fund_heads:
            label = form.fund_columns[name].label
            yield tr(f"资金的{label}", f"{label} of the funds")


def _left(
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


def _unread(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Parts of the workbook that could not be read; if the form carries our stamp, they are not part of it."""
    for name, error in grid.unread.items():
        case = workbook_rules()["P06"].case(error.key)
        reason = tr(case.message, case.message_en).replace("{reason}", error.reason)
        yield Change("unread" if reading.is_issued else "unread_maybe", None, name, {"found": name, "why": reason})
    for title, sheet in grid.sheets.items():
        if sheet.oddities:
            listed = tr("、", ", ").join(sheet.oddities[:_NAMED])
            yield Change("oddities", None, title, {"found": title, "listed": listed})


def _objects(grid: Grid, reading: Reading, number: int) -> Iterator[Change]:
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


# ── texts that are not what they look like ──────────────────────


#: Characters that hide or reverse others: control characters, bidirectional overrides, replacement characters.
_HIDING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffd]")

#: Zero-width characters: spaces, soft hyphens, word joiners; joiners within emoji are not among them.
_NO_ROOM = re.compile("[\u200b\u200e\u200f\u00ad\u2060-\u2064\ufeff]")


def _letters(grid: Grid, reading: Reading) -> Iterator[Change]:
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


def _not_typed(grid: Grid, reading: Reading) -> Iterator[Change]:
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


# ── small words ─────────────────────────────────────────────────


def address_lookup(reading: Reading) -> Callable[[Place], str]:
    """Returns a function that gives the address (sheet and cell) of a place."""
    return lambda place: reading.answers.layout.box(place).address


def value_or_blank(value: Value, kind: Any) -> str:
    """A value as displayed, or the word for a blank."""
    return display_text(value, kind) or tr("空白", "blank")


def _agree(value: Value, expected: Value) -> bool:
    """Whether two values are equal at nine decimals."""
    if isinstance(value, Decimal) and isinstance(expected, Decimal):
        return round_half_up(value, 9) == round_half_up(expected, 9)
    return value == expected
