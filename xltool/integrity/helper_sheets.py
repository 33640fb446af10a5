"""Finds changes to the sheets beside the form, which nobody fills in: printed texts, choices, formulas."""

from __future__ import annotations

import re
from collections.abc import Iterator

from xltool.form.explanations import explanation_cell
from xltool.form.own_sheets import CHECK, GUIDE, LISTS, PANEL, PANEL_GRADE_ROW, PANEL_WIDTH
from xltool.reading.change import Change
from xltool.reading.reader import Reading
from xltool.recognition.displacement import Displacement
from xltool.workbook.box import Box
from xltool.workbook.compare import candidate_differences, formula_at
from xltool.workbook.formulas import same_formula
from xltool.workbook.grid import EMPTY, Grid, Spot
from xltool.workbook.letters import column_letters, column_number

#: If more than this share of a sheet's formulas differ, another release wrote them, not a person.
_OTHER_RELEASE = 0.2


#: The first column of choices on the sheet of lists.
_CHOICES = 6


def helper_sheet_changes(grid: Grid, fresh: Grid, reading: Reading, shifts: Displacement) -> Iterator[Change]:
    """Changes to the sheets that nobody fills in: printed texts, choices, formulas."""
    others: dict[str, int] = {}
    other_release = reading.identity.other_release
    for title in (title for title in (GUIDE, PANEL, LISTS, CHECK) if title in grid.sheets):
        cells, issued = grid.sheets[title].cells, fresh.sheets[title].cells
        changed = sorted(_changed_cells(grid, fresh, title, reading, shifts))
        altered = [spot for spot in changed if formula_at(issued, spot) and formula_at(cells, spot)]
        if changed and other_release:  # another release printed and checked other things there
            others[f"《{title}》"] = len(changed)
        elif altered and len(altered) > _OTHER_RELEASE * sum(bool(fact.formula) for fact in issued.values()):
            others[f"《{title}》"] = len(altered)
        elif changed:
            key, label = ("lists", "选项表") if title == LISTS else ("helper", title)
            values = {"count": str(len(changed)), "found": title}
            yield Change(key, f"{title}!{Box(title, *changed[0], *changed[0]).first}", label, values)
    if others:
        yield Change("release", None, "自检", {"count": str(sum(others.values())), "found": "".join(others)})


def _changed_cells(grid: Grid, fresh: Grid, title: str, reading: Reading, shifts: Displacement) -> Iterator[Spot]:
    """The cells of one of our sheets whose content differs; additions elsewhere are only listed as leftovers."""
    issued, layout = fresh.sheets[title].cells, reading.locations.layout
    fields = {(layout.box(explanation_cell(rule)).top, PANEL_WIDTH) for rule in layout.explainable}
    fields |= {(PANEL_GRADE_ROW, 3)}  # the grade is a field of the form
    for spot in candidate_differences(grid.sheets[title].cells, issued):
        if (title == PANEL and spot in fields) or (spot not in issued and (title != LISTS or spot[1] < _CHOICES)):
            continue
        if issued_formula := formula_at(issued, spot):
            formula = formula_at(grid.sheets[title].cells, spot)
            if grid.checkable and not _same(formula, issued_formula, reading, shifts):
                yield spot
            continue
        cell, issued_cell = grid.at(title, *spot), issued.get(spot, EMPTY)
        if re.sub(r"\s", "", cell.text) != re.sub(r"\s", "", issued_cell.text):
            yield spot


def _same(formula: str, issued: str, reading: Reading, shifts: Displacement) -> bool:
    """Whether a formula is the issued one, after adjusting that to displaced rows and columns."""
    if formula == issued:
        return True
    form, locations = reading.locations.layout.form, reading.locations
    same_rows = locations.layout.capacities == reading.identity.layout.capacities and not locations.label_boxes
    if formula and form.sheet in issued and (not same_rows or locations.deleted_places):
        return True  # programs differ in how they adjust it
    if shifts.has_moved or reading.identity.sheet != form.sheet:
        issued = shift_references(issued, form.sheet, shifts)
    return bool(formula) and same_formula(formula, issued)


def shift_references(formula: str, sheet: str, shifts: Displacement) -> str:
    """A formula as it reads after rows and columns of a sheet to which it refers have moved."""

    def shift(match: re.Match[str]) -> str:
        dollar, letters, dollar2, row = match[1], match[2], match[3], int(match[4])
        box = shifts.box(Box(sheet, row, column_number(letters), row, column_number(letters)))
        return f"{dollar}{column_letters(box.left)}{dollar2}{box.top}"

    def reference(match: re.Match[str]) -> str:
        return f"'{shifts.sheet}'!" + _CELL.sub(shift, match[1])

    return re.sub(rf"'{re.escape(sheet)}'!(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)", reference, formula)


_CELL = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)")
