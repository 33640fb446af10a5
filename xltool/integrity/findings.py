"""The findings that only a reader can raise: which form it is, what was deleted, changed, overwritten or left over."""

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
from xltool.recognition.identify import is_helper_sheet
from xltool.recognition.label_match import LabelMatch
from xltool.result.findings import Finding
from xltool.rules import check
from xltool.rules.catalogue import workbook_rules
from xltool.rules.rule import Rule, fill_placeholders
from xltool.support.i18n import tr
from xltool.workbook.box import Box
from xltool.workbook.compare import arrays
from xltool.workbook.defined_names import parse_reference
from xltool.workbook.grid import CellFact, Grid, Sheet

#: The rules of the changes that are not P04's.
_RULES = dict.fromkeys(
    ("labels", "older", "mapped", "unmapped", "rivals", "rows", "sibling", "fund_rows", "heads", "columns"), "P01"
) | (dict.fromkeys(("strayed", "unknown", "no_level", "level1"), "T03") | {"empty": "T01", "percent": "W04"})

#: Lines that forms end with, and pages begin with: nothing to look at.
_SIGNED = re.compile(
    r"(?:填表人|填报人|制表人?|审核人|复核人|经办人|(?:单位|项目|财务|部门)?负责人|主要领导|分管领导|联系人|联系电话|电话|"
    r"填报日期|填表日期|日期)(?:[(（][^()（）]*[)）])?[:：]|附件\d*[:：]?$|第\d+页(?:[,，]?共\d+页)?$"
)

#: So many cells are named in a message; all are in the result.
_NAMED = 5


def integrity_findings(
    form: FormInWorkbook, fresh: Callable[[], Grid], paths: Paths, left: Sequence[Leftover], said: Sequence[Finding]
) -> list[Finding]:
    """The reader's findings about one form of a workbook.

    Args:
        form: the form, with the workbook around it.
        fresh: gives a blank workbook of the form, as issued.
        paths: where its values stand in its record.
        left: what stands outside it.
        said: what the rules have found.
    """
    grid, readings, number, reading, copies = form.grid, form.readings, form.number, form.reading, form.copies
    rules = reading.identity.catalogue.rules
    found = list(_lost(rules, reading, paths))
    found += _formulas(grid, rules, reading, paths, said)
    named = {finding.cell for finding in (*said, *found)}
    about = [*_identity(reading), *_left(grid, readings, number, left, copies), *_objects(grid, reading, number),
             *_letters(grid, reading), *_not_typed(grid, reading)]  # fmt: skip
    about += _unread(grid, reading) if number == 0 else ()
    if reading.ours:
        about += [one for one in tamper_changes(grid, fresh(), reading) if one.key != "fixed" or one.cell not in named]
        about += [one for one in _input_formulas(grid, reading) if one.cell not in named]
    if not grid.checkable and reading.ours:
        about.append(Change("uncheckable", None, f".{grid.format}", {"found": f".{grid.format}"}))
    if grid.format == "xlsb":
        about.append(Change("formats", None, f".{grid.format}", {"found": f".{grid.format}"}))
    return [*found, *(change_finding(rules, one) for one in (*about, *(copies if number == 0 else ())))]


def change_finding(rules: Mapping[str, Rule], change: Change) -> Finding:
    """A change as a finding of the rule whose case it is: P04 but for a few."""
    rule = rules[_RULES.get(change.key, "P04")]
    case = rule.case(change.key)
    given = {**change.values, "label": change.label}
    message = fill_placeholders(tr(case.message, case.message_en), lambda name, _: given[name])
    return Finding(
        rule.id, case.level, "", change.cell, change.label or tr("工作簿", "workbook"), message,
        given.get("found") or None, given.get("wanted") or None, tr(case.fix, case.fix_en), rule.basis,
        case.actor, review=case.review,
    )  # fmt: skip


# ── formulas and deleted rows ───────────────────────────────────


def _formulas(
    grid: Grid, rules: Mapping[str, Rule], reading: Reading, paths: Paths, said: Sequence[Finding]
) -> Iterator[Finding]:
    """P03 for formulas overwritten without any other rule saying so, P05 for results that are stale or missing."""
    answers, form, address = reading.answers, reading.identity.catalogue.form, address_lookup(reading)
    named = {finding.cell for finding in said if finding.rule in rules and rules[finding.rule].recomputes}
    moved = displacement_of(reading.anchors).any

    def fact(place: Place) -> CellFact:
        box = answers.layout.box(place)
        return grid.at(box.sheet, box.top, box.left)

    for place in form.formulas:
        kind = form.field(place).kind
        if place in reading.stored:
            given = {"stored": value_text(reading.stored[place], kind), "right": value_text(answers.at(place), kind)}
            yield check.reader_finding(rules["P05"], "stale", place, answers, paths, given, address(place))
        elif place in reading.overwritten and place not in reading.anchors.lost and address(place) not in named:
            if reading.anchors.doubt.sums:
                continue  # what it adds up was not all read
            right, here = answers.with_computed(place), answers.at(place)
            if (here is None and right is None) or (moved and reading.overwritten[place] and _agree(here, right)):
                continue  # a formula that a program adjusted, and that gives the right result
            if "#REF!" in reading.overwritten[place] and reading.anchors.lost:
                continue  # of what was deleted, which P02 says
            given = {"stored": value_text(here, kind), "right": value_text(right, kind)}
            key = "alone" if right is None else "kept" if _agree(here, right) else "wrong"
            if key == "kept" and not fact(place).cached:
                key = "unknown"  # another formula, which nobody has computed
            yield check.reader_finding(rules["P03"], key, place, answers, paths, given, address(place))
    if reading.uncalculated:
        place, given = reading.uncalculated[0], {"count": str(len(reading.uncalculated))}
        yield check.reader_finding(rules["P05"], "missing", place, answers, paths, given, address(place))


def _lost(rules: Mapping[str, Rule], reading: Reading, paths: Paths) -> Iterator[Finding]:
    """P02 once for each fund row, group, column or field that was deleted."""
    answers, address = reading.answers, address_lookup(reading)
    found: dict[str, Finding] = {}
    for place in sorted(reading.anchors.lost, key=lambda one: one.name):
        key, label = _part_of_form(reading, place)
        if label not in found:
            found[label] = check.reader_finding(
                rules["P02"], key, place, answers, paths, {"part": label}, address(place)
            )
    yield from (found[label] for label in sorted(found))


def _part_of_form(reading: Reading, place: Place) -> tuple[str, str]:
    """What was deleted with a place, and the case of P02 that says so: its column where that is gone in every row."""
    layout, lost = reading.answers.layout, reading.anchors.lost
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
    layout = reading.anchors.layout
    arrays = _arrays(grid.sheets[reading.identity.sheet])
    for place in layout.inputs:
        box = layout.box(place)
        fact = grid.at(box.sheet, box.top, box.left)
        spilt = next((text for one, text in arrays if _holds(one, box)), "")
        if is_picture(fact):
            continue
        if (fact.formula or spilt) and place not in reading.anchors.absent and not isinstance(fact.value, SheetError):
            found = f"={(fact.formula or spilt)[:60]}"
            yield Change("input_formula", box.address, layout.form.label(place), {"found": found})


def _arrays(sheet: Sheet) -> list[tuple[Box, str]]:
    """The ranges that array formulas fill, with those formulas."""
    facts = [sheet.cells[spot] for spot in arrays(sheet.cells)]
    boxes = ((parse_reference(f"{sheet.title}!{fact.array}"), fact.formula) for fact in facts)
    return [(box, formula) for box, formula in boxes if box is not None]


def _holds(box: Box, cell: Box) -> bool:
    return box.top <= cell.top <= box.bottom and box.left <= cell.left <= box.right


# ── which form, and what is left over ───────────────────────────


def _identity(reading: Reading) -> Iterator[Change]:
    form = reading.identity.catalogue.form
    if not reading.ours:
        yield Change("labels", None, reading.identity.sheet, {"form": f"{form.name}（{form.reference}）"})
    if reading.identity.rivals:
        rivals = "、".join(reading.identity.rivals)
        yield Change("rivals", None, reading.identity.sheet, {"found": rivals, "form": form.reference})
    if reading.identity.located is not None:
        yield from _not_of_form(reading.identity.located)
    for column in reading.percentages:
        place, points = next(iter(column.places.items()))
        raw = next(one.raw for one in reading.normalised if one.place == place)
        label = reading.identity.catalogue.form.columns[column.column].label
        yield Change("percent", address_lookup(reading)(place), label, {"found": raw, "wanted": decimal_text(points)})
    for one in reading.anchors.dragged:
        given = {"found": one.led.address, "wanted": one.own.first}
        yield Change("dragged", one.own.address, form.label(one.place), given)
    if reading.anchors.by_levels:
        yield Change("sorted", None, reading.identity.sheet)
    if strayed := reading.anchors.strayed:
        rows = "、".join(map(str, strayed))
        yield Change("mixed", f"{reading.identity.sheet}!A{strayed[0]}", "指标", {"found": rows})
    if reading.anchors.unknown_rows:
        rows = "、".join(map(str, reading.anchors.unknown_rows))
        yield Change("rows", f"{reading.identity.sheet}!A{reading.anchors.unknown_rows[0]}", "指标", {"found": rows})


def _not_of_form(located: LabelMatch) -> Iterator[Change]:
    """Levels and sources that are none of the form's, on a form that was found by its labels."""
    form = located.form
    if missing := list(_missing(located)):
        heads = [_head(located, box) for box in located.unread_heads]
        more = tr(f"；没有认出的栏目：{'、'.join(heads)}", f"; not understood: {', '.join(heads)}") if heads else ""
        given = {"found": tr("、", ", ").join(missing), "more": more}
        yield Change("heads", None, located.page.sheet, given)
    elif columns := located.unread_columns:
        given = {"found": tr("、", ", ").join(_head(located, box) for box in columns), "count": str(len(columns))}
        yield Change("columns", next(iter(columns)).address, located.page.sheet, given)
    if not (located.rows or located.unknown_rows):
        box = located.heads.get("level3") or next(iter(located.heads.values()))
        yield Change("empty", box.address, form.indicators_label)
    for label, box in located.level1_by_rows.items():
        yield Change("level1", box.address, label, {"found": " ".join(label.split())})
    for box, level2, level1 in located.strayed:
        yield Change("strayed", box.address, level2, {"found": level1, "level2": level2})
    for level in located.levels:
        label = form.level2[level.group].label
        given = {"found": level.label, "level1": level.level1, "level2": label}
        yield Change("unknown" if level.label else "no_level", level.box.address, level.label or label, given)
    if lines := located.unread_lines:
        said = []
        for line in lines:
            amounts = tr("、", ", ").join(
                f"{form.fund_columns[name].label} {text}" for name, text in line.amounts.items()
            )
            said.append(tr(f"{line.label}（{amounts}）", f"{line.label} ({amounts})"))
        given = {"count": str(len(lines)), "found": tr("；", "; ").join(said)}
        yield Change("fund_rows", lines[0].box.address, lines[0].label, given)


def _head(located: LabelMatch, box: Box) -> str:
    """A head that is none of the form's, and how much stands below it."""
    text, count = " ".join(located.page.text(box).split()), len(located.unread_columns.get(box, ()))
    return tr(f"{text}（{count} 处内容）", f"{text} ({count} cells)") if count else text


def _missing(located: LabelMatch) -> Iterator[str]:
    """The heads of the form that were not found: a whole block where none of its heads was."""
    form = located.form
    if not located.fund_heads:
        yield tr("项目资金各栏", "the funds")
    for block, name in sorted(located.missing):
        if block == form.indicator_table:
            yield form.columns[name].label
        elif block == form.fund_table and located.fund_heads:
            label = form.fund_columns[name].label
            yield tr(f"资金的{label}", f"{label} of the funds")


def _left(
    grid: Grid, readings: Sequence[Reading], number: int, left: Sequence[Leftover], copies: Sequence[Change]
) -> Iterator[Change]:
    reading = readings[number]
    own = [one for one in left if one.sheet == reading.identity.sheet and one.row]
    inside = sorted({one.row for one in own if is_inside(reading, one)} - set(reading.anchors.unknown_rows))
    for row in inside:
        first = next(one.cell for one in own if one.row == row)
        yield Change("inside", f"{reading.identity.sheet}!{first}", f"第 {row} 行", {"found": str(row)})
    said = reading.identity.located.tables_around if reading.identity.located else lambda row, column: False
    parts = readings[0].identity.foreign
    rest = [one for one in own if not is_inside(reading, one) and not said(one.row, one.column)]
    rest = [one for one in rest if not _SIGNED.match("".join(one.raw.split()))]
    outside = [one for one in rest if not any(part.holds(one.sheet, one.row) for part in parts)]
    if outside:
        listed = "、".join(one.cell for one in outside[:_NAMED]) + ("……" if len(outside) > _NAMED else "")
        given = {"count": str(len(outside)), "found": listed}
        yield Change("outside", f"{reading.identity.sheet}!{outside[0].cell}", reading.identity.sheet, given)
    for title in is_helper_sheet(grid):
        typed = [one.cell for one in left if one.sheet == title and one.typed]
        if typed:
            listed = "、".join(typed[:_NAMED]) + ("……" if len(typed) > _NAMED else "")
            yield Change(
                "beside", f"{title}!{typed[0]}", title, {"count": str(len(typed)), "found": listed, "sheet": title}
            )
    taken = {one.identity.sheet for one in readings} | set(is_helper_sheet(grid)) | {one.label for one in copies}
    foreign = reading.identity.foreign if number == 0 else ()
    for part in foreign:
        yield Change("sibling", None, part.sheet, {"found": part.sheet, "rows": part.where, "kind": part.name})
    for title, sheet in grid.sheets.items():
        if number or title in {*taken, *(part.sheet for part in foreign)}:
            continue
        if sheet.partial:
            yield Change("extra_large", None, title, {"found": title})
        elif count := sum(1 for fact in sheet.cells.values() if fact.text or fact.formula):
            yield Change("extra", None, title, {"found": title, "count": str(count)})


def _unread(grid: Grid, reading: Reading) -> Iterator[Change]:
    """What of the workbook could not be read: where the form says itself that it is ours, it is none of the form."""
    for name, why in grid.unread.items():
        case = workbook_rules()["P06"].case(why.key)
        reason = tr(case.message, case.message_en).replace("{reason}", why.reason)
        yield Change("unread" if reading.ours else "unread_maybe", None, name, {"found": name, "why": reason})
    for title, sheet in grid.sheets.items():
        if sheet.oddities:
            listed = tr("、", ", ").join(sheet.oddities[:_NAMED])
            yield Change("oddities", None, title, {"found": title, "listed": listed})


def _objects(grid: Grid, reading: Reading, number: int) -> Iterator[Change]:
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
    there = [f"{count} {name}" for name, count in counts.items() if count]
    if there:
        yield Change("objects", None, reading.identity.sheet, {"found": tr("、", ", ").join(there)})
    if number == 0 and grid.repaired:
        yield Change("repaired", None, reading.identity.sheet)
    if number == 0 and grid.shared:
        yield Change("shared", None, reading.identity.sheet)


# ── texts that are not what they look like ──────────────────────


#: What hides or turns round what stands beside it: controls, bidirectional overrides, halves of letters.
_HIDING = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffd]")

#: What takes no room: zero-width spaces, soft hyphens, word joiners. Joiners of emoji are letters like others.
_NO_ROOM = re.compile("[\u200b\u200e\u200f\u00ad\u2060-\u2064\ufeff]")


def _letters(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Fields whose text holds what nobody sees, or loses what was seen: 10² is no 102."""
    layout = reading.anchors.layout
    for place in layout.inputs:
        value = reading.answers.at(place)
        if not isinstance(value, str) or isinstance(value, SheetError):
            continue
        box = layout.box(place)
        text = clean(value)
        for key, letters in (("hiding", _HIDING.findall(value)), ("no_room", _NO_ROOM.findall(text))):
            if letters:
                codes = "、".join(dict.fromkeys(f"U+{ord(one):04X}" for one in letters))
                yield Change(key, box.address, layout.form.label(place), {"found": codes, "count": str(len(letters))})
        if place not in reading.anchors.absent and grid.at(box.sheet, box.top, box.left).raised:
            yield Change("raised", box.address, layout.form.label(place), {"found": text})


def _not_typed(grid: Grid, reading: Reading) -> Iterator[Change]:
    """Fields that hold a picture, and texts that were taken for formulas."""
    layout = reading.anchors.layout
    for place in layout.inputs:
        if place in reading.anchors.absent or place in reading.anchors.lost:
            continue
        box = layout.box(place)
        fact = grid.at(box.sheet, box.top, box.left)
        if is_picture(fact):
            yield Change("picture", box.address, layout.form.label(place), {"found": "图片"})
        elif fact.formula and isinstance(reading.answers.at(place), str) and (text := text_typed(fact, grid.names)):
            shown_there = fact.value if fact.cached and isinstance(fact.value, SheetError) else "#NAME?"
            yield Change(
                "typed_formula", box.address, layout.form.label(place), {"found": text, "shown": str(shown_there)}
            )


# ── small words ─────────────────────────────────────────────────


def address_lookup(reading: Reading) -> Callable[[Place], str]:
    """Sheet and cell of a place, where it is now."""
    return lambda place: reading.answers.layout.box(place).address


def value_text(value: Value, kind: Any) -> str:
    """A value as people read it, a blank by its name."""
    return display_text(value, kind) or tr("空白", "blank")


def _agree(here: Value, right: Value) -> bool:
    if isinstance(here, Decimal) and isinstance(right, Decimal):
        return round_half_up(here, 9) == round_half_up(right, 9)
    return here == right
