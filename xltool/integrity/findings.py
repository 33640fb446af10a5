"""Findings that only the reader can raise: which form it is, what was deleted, changed or left over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from xltool.form.kinds import display_text
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.form.record import Paths
from xltool.integrity.content_changes import (
    hidden_character_changes,
    input_formula_changes,
    leftover_changes,
    misread_text_changes,
    object_changes,
    unread_part_changes,
)
from xltool.integrity.identity_changes import identity_changes
from xltool.integrity.leftovers import unread_sums
from xltool.integrity.stale_results import stale_results
from xltool.integrity.tamper import tamper_changes
from xltool.language.functions import Value
from xltool.language.numbers import round_half_up
from xltool.reading.change import Change
from xltool.reading.form_in_workbook import FormInWorkbook
from xltool.reading.leftover import Leftover
from xltool.reading.reader import Reading
from xltool.recognition.displacement import displacement_of
from xltool.result.findings import Finding
from xltool.rules import check
from xltool.rules.rule import Rule, fill_placeholders
from xltool.support.i18n import tr
from xltool.workbook.grid import CellFact, Grid

#: The changes that rule P01 reports.
_OF_P01 = (
    "labels", "older", "mapped", "unmapped", "rivals", "rows", "sibling", "fund_rows", "matrix_rows", "heads", "columns"
)  # fmt: skip

#: The rules of changes that do not belong to P04.
_RULES = dict.fromkeys(_OF_P01, "P01") | (
    dict.fromkeys(("strayed", "unknown", "no_level", "level1"), "T03") | {"empty": "T01", "percent": "W04"}
)


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
    findings = list(_deleted_field_findings(rules, reading, paths))
    incomplete_sums = reading.locations.doubt.incomplete_sums | unread_sums(reading, leftovers)
    findings += _formula_findings(grid, rules, reading, paths, rule_findings, incomplete_sums)
    findings += stale_results(grid, rules, reading, paths)
    named = {finding.cell for finding in (*rule_findings, *findings)}
    changes = [
        *identity_changes(reading),
        *leftover_changes(grid, readings, number, leftovers, copies),
        *object_changes(grid, reading, number),
        *hidden_character_changes(grid, reading),
        *misread_text_changes(grid, reading),
    ]
    changes += unread_part_changes(grid, reading) if number == 0 else ()
    if reading.is_issued:
        changes += [
            change
            for change in tamper_changes(grid, fresh(), reading)
            if change.key != "fixed" or change.cell not in named
        ]
        changes += [change for change in input_formula_changes(grid, reading) if change.cell not in named]
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


def _formula_findings(
    grid: Grid,
    rules: Mapping[str, Rule],
    reading: Reading,
    paths: Paths,
    rule_findings: Sequence[Finding],
    incomplete_sums: Collection[str],
) -> Iterator[Finding]:
    """P03 for overwritten formulas that no other rule reports."""
    answers, form, address = reading.answers, reading.identity.catalogue.form, address_lookup(reading)
    named = {finding.cell for finding in rule_findings if finding.rule in rules and rules[finding.rule].recomputes}
    is_displaced = displacement_of(reading.locations).has_moved

    def fact(place: Place) -> CellFact:
        box = answers.layout.box(place)
        return grid.at(box.sheet, box.top, box.left)

    for place in form.computed_cells:
        if (
            place in reading.overwritten_formulas
            and place not in reading.locations.deleted_places
            and address(place) not in named
        ):
            is_own_sum = isinstance(place, FixedRowCell) and form.fund_table not in incomplete_sums
            is_sum_complete = not incomplete_sums or is_own_sum
            if not is_sum_complete and (not reading.is_issued or reading.overwritten_formulas[place]):
                continue  # not all of its summands were read
            expected, value = answers.computed_value(place), answers.at(place)
            if (value is None and expected is None) or (
                is_displaced and reading.overwritten_formulas[place] and _agree(value, expected)
            ):
                continue  # a formula that a program adjusted and whose result is right
            if "#REF!" in reading.overwritten_formulas[place] and reading.locations.deleted_places:
                continue  # refers to what was deleted, which P02 reports
            kind = form.field(place).kind
            values = {"stored": value_or_blank(value, kind), "right": value_or_blank(expected, kind)}
            key = "alone" if expected is None else "kept" if _agree(value, expected) else "wrong"
            if not is_sum_complete:
                key = "typed"  # what the formula would give is not known
            if key == "kept" and not fact(place).cached:
                key = "unknown"  # another formula, of which no result is stored
            yield check.reader_finding(rules["P03"], key, place, answers, paths, values, address(place))


def _deleted_field_findings(rules: Mapping[str, Rule], reading: Reading, paths: Paths) -> Iterator[Finding]:
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
        rows = [[*row.values()] for row in layout.table_row_cells[place.block]]
        column = [*layout.column_cells(place.column, place.block)]
        row_label = layout.table_slots[place.block][place.row].level2.label
    else:
        cells = form.matrix_cells[place.block].values()
        rows = [[*of_row.values()] for of_row in cells]
        column = [of_row[place.column] for of_row in cells]
        row_label = form.matrices[place.block].rows[place.row].label
    whole = sum(lost.issuperset(row) for row in rows)
    if whole < len(rows) and lost.issuperset(column):
        return "column", form.field(place).label
    return "deleted", row_label


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
