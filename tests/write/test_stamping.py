"""A form stamped from a master is, cell for cell, the one that the writer writes."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from places import place_of

from xltool.form import seals
from xltool.form.answers import Answers
from xltool.form.layout import Layout
from xltool.form.places import Place
from xltool.form.references import all_references
from xltool.form.seals import Seal, SealedValues, seal_values
from xltool.language.functions import Value
from xltool.recognition.form_workbook import open_form_workbook
from xltool.rules.catalogue import Catalogue
from xltool.rules.issue_profile import IssueProfile
from xltool.rules.loading import load_catalogue
from xltool.workbook.grid import Grid
from xltool.write.bulk.blank import blank_workbook
from xltool.write.bulk.instantiate import BulkTemplate
from xltool.write.bulk.row_shift import RowMap, shiftable_text
from xltool.write.workbook import build

_COLUMNS = ("level3", "target", "weight", "operator", "measure_unit")
_TARGETS = [
    "≥95%",
    "58批",
    "100%",
    "不低于1,234.5万元",
    "按期<完成>&\"'",
    " 两端有空格 ",
    "一\n二",
    "_x000D_",
    "=1+1",
    "𠀀龘",
]


def _values(layout: Layout, approved: Mapping[str, int], spare: int, chance: random.Random) -> dict[Place, Value]:
    """What might be issued: everything about the project, and so many indicators of each group."""
    left = dict(approved)
    found: dict[Place, Value] = {}
    for place in layout.places:
        if place == place_of("year"):
            found[place] = Decimal(2024)
        elif place.block == "project" or place == place_of("goal", "expected"):
            found[place] = "项目<&>" + "长" * chance.randint(0, 60)
        elif place == place_of("funds", "fiscal", "initial_budget") and layout.is_requested(place):
            found[place] = Decimal(chance.randint(1, 10**8)) / 100
    for slot in layout.slots:
        left[slot.level2.id] -= 1
        said = dict.fromkeys(_COLUMNS)
        if left[slot.level2.id] >= 0:
            name, target = f"指标{slot.index}" + "甲" * chance.randint(0, 40), chance.choice(_TARGETS)
            weight = Decimal(chance.randint(1, 40)) / 2
            said = dict(zip(_COLUMNS, (name, target, weight, "≥", "%"), strict=True))
        elif spare:
            continue
        for column in _COLUMNS:
            if column in layout.form.columns:
                found[place_of("indicators", slot.index, column)] = said[column]
    return found


def _issue(
    catalogue: Catalogue, chance: random.Random, spare: int, number: int
) -> list[tuple[Layout, dict[Place, Value]]]:
    most = {group: chance.randint(1, 4) for group in catalogue.form.level2}
    found = []
    for _ in range(number):
        approved = {group: chance.randint(0, rows) for group, rows in most.items()}
        layout = catalogue.layout({group: max(1, rows + spare) for group, rows in approved.items()})
        found.append((layout, _values(layout, approved, spare, chance)))
    return found


def _sealed(layout: Layout, values: Mapping[Place, Value], seal: Seal, key: bytes | None) -> SealedValues:
    return seal_values(layout.form.reference, SealedValues(seal, values, seals.values_text(values, layout)), key)


@pytest.mark.parametrize("spare", [0, 2])
@pytest.mark.parametrize("reference", all_references())
def test_a_stamped_form_is_the_one_the_writer_writes(reference: str, spare: int) -> None:
    catalogue = load_catalogue(reference)
    forms = _issue(catalogue, random.Random(f"{reference} {spare}"), spare, 2)
    most = {group: max(layout.capacities[group] for layout, _ in forms) for group in catalogue.form.level2}
    kinds = {frozenset(map(seals.place_kind, values)) for _, values in forms}
    masters = {kind: BulkTemplate(IssueProfile(catalogue, most, kind, bool(spare))) for kind in kinds}
    for number, (layout, values) in enumerate(forms, 1):
        own = layout.with_issued(values)
        issued = _sealed(own, values, Seal("2024-ab12cd", number, "0123456789ab", "", "2025-03-31"), b"a key of ours")
        written = build(catalogue, Answers(own, values), issued=issued)
        stamped = masters[frozenset(map(seals.place_kind, values))].instantiate(issued, layout.capacities)
        assert _facts(open_form_workbook(stamped)) == _facts(open_form_workbook(written))
        assert _looks(stamped) == _looks(written)


@pytest.mark.parametrize("more", [0, 5])
@pytest.mark.parametrize("reference", all_references())
def test_a_blank_template_is_the_one_the_writer_writes(reference: str, more: int) -> None:
    catalogue = load_catalogue(reference)
    groups = enumerate(catalogue.form.level2.items())
    layout = catalogue.layout({key: 1 + number % group.rows + more for number, (key, group) in groups})
    stamped, written = blank_workbook(catalogue, layout), build(catalogue, Answers(layout, {}))
    assert blank_workbook(catalogue, layout) == stamped
    assert _facts(open_form_workbook(stamped)) == _facts(open_form_workbook(written))
    assert _looks(stamped) == _looks(written)


def _facts(grid: Grid) -> dict[str, Any]:
    """Everything our reader knows of a workbook, in an order of its own."""
    found: dict[str, Any] = {"names": grid.names, "properties": grid.properties}
    for title, sheet in grid.sheets.items():
        cells = {spot: grid.at(title, *spot) for spot in sheet.cells}
        rest = (sheet.merges, sheet.validations, sheet.conditional_formats)
        found[title] = (cells, *(sorted(map(repr, one)) for one in rest), sheet.protection, sheet.state)
    return found


def _looks(content: bytes) -> list[Any]:
    """What openpyxl knows besides: styles, heights, print settings."""
    found: list[Any] = []
    for sheet in openpyxl.load_workbook(io.BytesIO(content)).worksheets:
        heights = {row: (one.height, one.hidden) for row, one in sheet.row_dimensions.items()}
        page = (sheet.print_area, sheet.print_title_rows, sheet.auto_filter.ref, sheet.oddFooter.center.text)
        by_style: dict[int, tuple[Any, ...]] = {}
        styles = [
            (cell.coordinate, by_style.get(cell.style_id) or by_style.setdefault(cell.style_id, _style(cell)))
            for row in sheet.iter_rows() for cell in row
        ]  # fmt: skip
        found.append((sheet.title, sheet.dimensions, heights, page, styles))
    return found


def _style(cell: Any) -> tuple[Any, ...]:
    return (cell.protection.locked, cell.fill.fgColor.rgb, cell.font.b, cell.font.sz, cell.number_format,
            cell.alignment.wrap_text, cell.alignment.horizontal, cell.border.left.style)  # fmt: skip


def test_the_same_form_is_stamped_in_the_same_bytes() -> None:
    catalogue = load_catalogue("mof-2020/1")
    [(layout, values)] = _issue(catalogue, random.Random(5), 0, 1)
    issued = _sealed(layout, values, Seal("2024-ab12cd", 1, "0123456789ab", ""), None)
    kind = frozenset(map(seals.place_kind, values))
    first, second = (
        BulkTemplate(IssueProfile(catalogue, layout.capacities, kind)).instantiate(issued, layout.capacities)
        for _ in range(2)
    )
    assert first == second


def test_addresses_follow_when_rows_are_taken_out() -> None:
    text = "SUM('表'!$G$3:$G$6,表!$G$8:$G$9)+G5&\"G4\"+_lists!$B$4+LOG10(H5)+COUNT(A5:C5)"
    told = shiftable_text(text, "表", {"表"})
    assert told.text_at(RowMap(range(1, 10))) == text
    kept = told.text_at(RowMap([1, 2, 3, 5, 9]))
    assert kept == "SUM('表'!$G$3:$G$4,表!$G$5)+G4&\"G4\"+_lists!$B$4+LOG10(H4)+COUNT(A4:C4)"
    assert told.text_at(RowMap([1, 2, 5])) == "SUM('表'!$G$3)+G3&\"G4\"+_lists!$B$4+LOG10(H3)+COUNT(A3:C3)"
    with pytest.raises(AssertionError, match="row 5 was taken out"):
        told.text_at(RowMap([1, 2, 3]))
    assert told.text_at(RowMap([1, 2, 3, 4, 9]).as_if(5, 4)).endswith('+G4&"G4"+_lists!$B$4+LOG10(H4)+COUNT(A4:C4)')
