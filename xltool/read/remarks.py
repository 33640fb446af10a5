"""The findings that only a reader can raise: which form it is, what was deleted, changed, overwritten or left over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from xltool.findings import Finding
from xltool.form.kinds import shown
from xltool.form.names import Place
from xltool.form.record import Paths
from xltool.language.functions import SheetError, Value
from xltool.language.numbers import rounded
from xltool.read.grid import Grid
from xltool.read.identify import helpers
from xltool.read.reader import Reading
from xltool.read.tamper import Change, changes
from xltool.read.unplaced import Unplaced, is_inside, is_our_note
from xltool.rules import check
from xltool.rules.catalogue import Rule, fill_in
from xltool.speech import say

#: The rules of the changes that are not P04's.
_RULES = dict.fromkeys(("labels", "older", "mapped", "unmapped", "rivals", "rows"), "P01") | {"strayed": "T03"}

#: So many cells are named in a message; all are in the result.
_NAMED = 5


def remarks(
    grid: Grid, fresh: Callable[[], Grid], readings: Sequence[Reading], number: int, paths: Paths,
    left: Sequence[Unplaced], said: Sequence[Finding], copies: Sequence[Change] = (),
) -> list[Finding]:  # fmt: skip
    """The reader's findings about one form of a workbook.

    Args:
        grid: the workbook.
        fresh: gives a blank workbook of the form, as issued.
        readings: all forms of the workbook.
        number: which of them.
        paths: where its values stand in its record.
        left: what stands outside it.
        said: what the rules have found.
        copies: what is to be said of copies of it, on other sheets.
    """
    reading = readings[number]
    rules = reading.identity.catalogue.rules
    found = list(_lost(rules, reading, paths))
    found += _formulas(rules, reading, paths, said)
    named = {finding.cell for finding in (*said, *found)}
    about = [*_identity(reading), *_left(grid, readings, number, left, copies), *_objects(grid, reading, number)]
    if reading.ours:
        about += [one for one in changes(grid, fresh(), reading) if one.key != "fixed" or one.cell not in named]
        about += [one for one in _input_formulas(grid, reading) if one.cell not in named]
    if not grid.checkable and reading.ours:
        about.append(Change("uncheckable", None, f".{grid.format}", {"found": f".{grid.format}"}))
    return [*found, *(raised(rules, one) for one in (*about, *(copies if number == 0 else ())))]


def raised(rules: Mapping[str, Rule], change: Change) -> Finding:
    """A change as a finding of the rule whose case it is: P04 but for a few."""
    rule = rules[_RULES.get(change.key, "P04")]
    case = rule.case(change.key)
    given = {**change.given, "label": change.label}
    message = fill_in(say(case.message, case.message_en), lambda name, _: given[name])
    return Finding(
        rule.id, case.level, "", change.cell, change.label or say("工作簿", "workbook"), message,
        given.get("found") or None, given.get("wanted") or None, say(case.fix, case.fix_en), rule.basis,
    )  # fmt: skip


# ── formulas and deleted rows ───────────────────────────────────


def _formulas(rules: Mapping[str, Rule], reading: Reading, paths: Paths, said: Sequence[Finding]) -> Iterator[Finding]:
    """P03 for formulas overwritten without any other rule saying so, P05 for results that are stale or missing."""
    answers, form, address = reading.answers, reading.identity.catalogue.form, addresses(reading)
    named = {finding.cell for finding in said if finding.rule in rules and rules[finding.rule].recomputes}
    for place in form.formulas:
        kind = form.field(place).kind
        if place in reading.stored:
            given = {"stored": told(reading.stored[place], kind), "right": told(answers.at(place), kind)}
            yield check.raised(rules["P05"], "stale", place, answers, paths, given, address(place))
        elif place in reading.overwritten and place not in reading.anchors.lost and address(place) not in named:
            right, here = answers.computed(place), answers.at(place)
            if (here is None and right is None) or (reading.overwritten[place] and _agree(here, right)):
                continue  # a formula that a program adjusted, and that gives the right result
            given = {"stored": told(here, kind), "right": told(right, kind)}
            key = "alone" if right is None else "kept" if _agree(here, right) else "wrong"
            yield check.raised(rules["P03"], key, place, answers, paths, given, address(place))
    if reading.uncalculated:
        place, given = reading.uncalculated[0], {"count": str(len(reading.uncalculated))}
        yield check.raised(rules["P05"], "missing", place, answers, paths, given, address(place))


def _lost(rules: Mapping[str, Rule], reading: Reading, paths: Paths) -> Iterator[Finding]:
    """P02 once for each fund row, group or field whose rows were deleted."""
    answers, address = reading.answers, addresses(reading)
    found: dict[str, Finding] = {}
    for place in reading.anchors.lost:
        label = _part_of_form(reading, place)
        if label not in found:
            found[label] = check.raised(rules["P02"], "deleted", place, answers, paths, {"part": label}, address(place))
    yield from (found[label] for label in sorted(found))


def _part_of_form(reading: Reading, place: Place) -> str:
    layout = reading.answers.layout
    if place[0] == "indicators":
        return layout.slots[int(place[1])].level2.label
    return layout.form.fund_rows[str(place[1])].label if place[0] == "funds" else layout.form.label(place)


def _input_formulas(grid: Grid, reading: Reading) -> Iterator[Change]:
    layout = reading.anchors.layout
    for place in layout.inputs:
        box = layout.box(place)
        fact = grid.at(box.sheet, box.top, box.left)
        if fact.formula and place not in reading.anchors.absent and not isinstance(fact.value, SheetError):
            yield Change("input_formula", box.address, layout.form.label(place), {"found": f"={fact.formula[:60]}"})


# ── which form, and what is left over ───────────────────────────


def _identity(reading: Reading) -> Iterator[Change]:
    form = reading.identity.catalogue.form
    if not reading.ours:
        yield Change("labels", None, reading.identity.sheet, {"form": f"{form.name}（{form.reference}）"})
    if reading.identity.rivals:
        rivals = "、".join(reading.identity.rivals)
        yield Change("rivals", None, reading.identity.sheet, {"found": rivals, "form": form.reference})
    if reading.identity.located is not None:
        for box, level2, level1 in reading.identity.located.strayed:
            yield Change("strayed", box.address, level2, {"found": level1, "level2": level2})
    if reading.anchors.unknown_rows:
        rows = "、".join(map(str, reading.anchors.unknown_rows))
        yield Change("rows", f"{reading.identity.sheet}!A{reading.anchors.unknown_rows[0]}", "指标", {"found": rows})


def _left(
    grid: Grid, readings: Sequence[Reading], number: int, left: Sequence[Unplaced], copies: Sequence[Change]
) -> Iterator[Change]:
    reading = readings[number]
    own = [one for one in left if one.sheet == reading.identity.sheet and one.row]
    inside = sorted({one.row for one in own if is_inside(reading, one)} - set(reading.anchors.unknown_rows))
    for row in inside:
        first = next(one.cell for one in own if one.row == row)
        yield Change("inside", f"{reading.identity.sheet}!{first}", f"第 {row} 行", {"found": str(row)})
    outside = [one for one in own if not is_inside(reading, one)]
    if outside:
        listed = "、".join(one.cell for one in outside[:_NAMED]) + ("……" if len(outside) > _NAMED else "")
        given = {"count": str(len(outside)), "found": listed}
        yield Change("outside", f"{reading.identity.sheet}!{outside[0].cell}", reading.identity.sheet, given)
    taken = {one.identity.sheet for one in readings} | set(helpers(grid)) | {one.label for one in copies}
    for title, sheet in grid.sheets.items():
        if number == 0 and title not in taken and sheet.cells:
            yield Change("extra", None, title, {"found": title, "count": str(len(sheet.cells))})


def _objects(grid: Grid, reading: Reading, number: int) -> Iterator[Change]:
    sheets = [sheet for title, sheet in grid.sheets.items() if title == reading.identity.sheet or number == 0]
    counts = {
        say("条批注", "notes"): sum(not is_our_note(text) for sheet in sheets for text in sheet.comments.values()),
        say("个文本框", "text boxes"): sum(len(sheet.texts) for sheet in sheets),
        say("张图片", "pictures"): sum(sheet.pictures for sheet in sheets),
        say("个图表", "charts"): sum(sheet.charts for sheet in sheets),
        say("个附件或控件", "embedded files"): sum(sheet.embedded for sheet in sheets),
        say("个外部链接", "external links"): len(grid.external_links) if number == 0 else 0,
        say("组宏（没有执行）", "macros (not run)"): int(grid.macros and number == 0),
    }
    there = [f"{count} {name}" for name, count in counts.items() if count]
    if there:
        yield Change("objects", None, reading.identity.sheet, {"found": say("、", ", ").join(there)})


# ── small words ─────────────────────────────────────────────────


def addresses(reading: Reading) -> Callable[[Place], str]:
    """Sheet and cell of a place, where it is now."""
    return lambda place: reading.answers.layout.box(place).address


def told(value: Value, kind: Any) -> str:
    """A value as people read it, a blank by its name."""
    return shown(value, kind) or say("空白", "blank")


def _agree(here: Value, right: Value) -> bool:
    if isinstance(here, Decimal) and isinstance(right, Decimal):
        return rounded(here, 9) == rounded(right, 9)
    return here == right
