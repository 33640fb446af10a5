"""Finds removed guards: protection, validations, conditional formats and defined names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from xltool.form import stamps
from xltool.form.defined_names import explanation_name
from xltool.form.own_sheets import NAME_PREFIX
from xltool.reading.change import Change
from xltool.reading.reader import Reading
from xltool.recognition.displacement import displacement_of
from xltool.recognition.identify import HELPERS
from xltool.recognition.seal_check import LOST
from xltool.workbook.defined_names import parse_reference
from xltool.workbook.formulas import formula_without_addresses
from xltool.workbook.grid import ConditionalFormat, Grid, Validation

#: The prefix of the defined names of the cells for explanations.
_EXPLAINED = explanation_name("")


def guard_changes(grid: Grid, fresh: Grid, reading: Reading) -> Iterator[Change]:
    """Protection, validations, conditional formats and names that were removed.

    If several kinds are gone completely, a program dropped them.
    """
    issued_sheet, sheet = fresh.sheets[reading.locations.layout.form.sheet], grid.sheets[reading.identity.sheet]
    lost = {
        "保护": issued_sheet.protection is not None and sheet.protection is None,
        "数据验证": bool(issued_sheet.validations) and not sheet.validations,
        "条件格式": bool(issued_sheet.conditional_formats) and not sheet.conditional_formats,
        "命名区域": not any(name.startswith(NAME_PREFIX) for name in grid.names),
    }
    removed = [name for name, is_lost in lost.items() if is_lost]
    helpers = [grid.sheets[title] for title in HELPERS if title in grid.sheets]
    open_helpers = all(helper.protection is None for helper in helpers)
    if len(removed) > 1 or (lost["保护"] and open_helpers and helpers):
        yield Change("resaved", None, "防护", {"found": "、".join(removed)})
        return
    if lost["保护"]:
        yield Change("unprotected", None, reading.identity.sheet, {"found": reading.identity.sheet})
    sealed, other_release = reading.identity.seal_check, reading.identity.other_release
    # it is unknown which cells were locked instead, or limited by another release
    unsure = other_release or (sealed is not None and sealed.state == LOST)
    if (
        not lost["数据验证"]
        and not unsure
        and (uncovered := _uncovered(sheet.validations, issued_sheet.validations, reading)) > 1
    ):
        yield Change("validations", None, "数据验证", {"count": str(uncovered)})
    if (
        not lost["条件格式"]
        and not other_release
        and (changed_formats := _altered(sheet.conditional_formats, issued_sheet.conditional_formats, reading))
    ):
        yield Change("formats", None, "条件格式", {"count": str(changed_formats)})
    if removed and not lost["保护"]:
        yield Change("resaved", None, "防护", {"found": "、".join(removed)})
    issued = {name for name in fresh.names if name.startswith(NAME_PREFIX) and not name.startswith(_EXPLAINED)}
    issued |= {name for name in reading.identity.layout.names if name.startswith(_EXPLAINED)}
    names = [name for name in fresh.names if name in issued and name != stamps.NAME
             and (box := parse_reference(fresh.names[name])) is not None and not _is_valid_name(grid, name)
             and (box.sheet == reading.locations.layout.form.sheet or box.sheet in grid.sheets)]  # fmt: skip
    if reading.locations.deleted_places or 2 * len(names) > len(
        fresh.names
    ):  # P02 reports what was deleted; or a program broke them all
        names = [name for name in names if name not in grid.names]
    if names and not lost["命名区域"]:
        yield Change("names", None, "命名区域", {"count": str(len(names)), "found": "、".join(names[:3])})


def _is_valid_name(grid: Grid, name: str) -> bool:
    """Whether a name refers to a cell of this workbook."""
    box = parse_reference(grid.names.get(name, ""))
    return box is not None and box.sheet in grid.sheets


def _uncovered(current: tuple[Validation, ...], issued: tuple[Validation, ...], reading: Reading) -> int:
    """The number of cells that are no longer limited; programs join and split the ranges, but rarely all of them."""
    if len(current) == len(issued):
        return 0
    covered, expected = _cells(current, reading), _cells(issued, reading)
    if not displacement_of(
        reading.locations
    ).has_moved:  # limits that somebody added beside the form replace none of ours
        covered = {column: rows for column, rows in covered.items() if column in expected}
    return _number(expected) - _number(covered) - len(reading.identity.layout.issued)


def _altered(current: tuple[ConditionalFormat, ...], issued: tuple[ConditionalFormat, ...], reading: Reading) -> int:
    """The number of conditional formats that are gone or changed; additional ones do not count."""
    if [item.formulas for item in current] == [item.formulas for item in issued]:
        return 0
    missing = Counter(map(_condition, issued)) - Counter(map(_condition, current))
    if not missing:
        return 0
    covered = _cells(current, reading)
    is_fewer = any(rows & ~covered.get(column, 0) for column, rows in _cells(issued, reading).items())
    return sum(missing.values()) if is_fewer else 0


def _condition(conditional_format: ConditionalFormat) -> str:
    """The condition of a format, regardless of its addresses."""
    return (
        formula_without_addresses(conditional_format.formulas[0])
        if conditional_format.formulas
        else conditional_format.kind
    )


def _cells(ranges: Iterable[Validation | ConditionalFormat], reading: Reading) -> dict[int, int]:
    """The cells of a form, or near it, that some ranges cover: for each column a bit set of rows."""
    lowest = 2 * reading.locations.layout.last_row
    cells: dict[int, int] = {}
    for box in (box for guard in ranges for box in guard.boxes if box.top <= min(box.bottom, lowest)):
        rows = (1 << min(box.bottom, lowest) - box.top + 1) - 1 << box.top
        for column in range(box.left, min(box.right, box.left + 50) + 1):
            cells[column] = cells.get(column, 0) | rows
    return cells


def _number(cells: Mapping[int, int]) -> int:
    """The number of cells in such sets."""
    return sum(rows.bit_count() for rows in cells.values())
