"""What was changed in a workbook of ours that may not change, told apart from what a program dropped when it saved.

What came back is compared with a fresh workbook of the same definition and capacities: texts, fixed values, merges,
validations, conditional formats, protection, names, hidden sheets.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from xltool.form import stamps
from xltool.form.blocks import PROJECT_CODE_CELL, PROJECT_NAME_CELL, PROJECT_UNIT_CELL, YEAR_CELL, explanation_cell
from xltool.form.kinds import display_text
from xltool.form.layout import Layout, explanation_name
from xltool.form.own_sheets import CHECK, GUIDE, LISTS, NAME_PREFIX, PANEL, PANEL_GRADE_ROW, PANEL_WIDTH
from xltool.form.places import VariableRowCell
from xltool.reading.change import Change
from xltool.reading.reader import Reading
from xltool.recognition.displacement import Displacement, displacement_of
from xltool.recognition.identify import HELPERS, stamp_texts
from xltool.recognition.labels import label_key, label_meaning, vocabulary
from xltool.recognition.seal_check import LOST, SOUND, IssuedValueChange, change_text, issued_value_changes
from xltool.workbook.box import Box
from xltool.workbook.compare import candidate_differences, formula_at
from xltool.workbook.defined_names import parse_reference
from xltool.workbook.formulas import formula_without_addresses, same_formula
from xltool.workbook.grid import EMPTY, ConditionalFormat, Grid, Spot, Validation
from xltool.workbook.letters import column_letters, column_number

#: More changed texts than these are one finding.
_MANY = 5

#: Where more of a sheet's formulas than this differ, another release of ours wrote them, not a person.
_OTHER_RELEASE = 0.2

#: How the names of the cells for explanations begin, which the panel of the release has.
_EXPLAINED = explanation_name("")

#: The first column of choices on the sheet of lists.
_CHOICES = 6


def tamper_changes(grid: Grid, fresh: Grid, reading: Reading) -> list[Change]:
    """Everything that was changed.

    Args:
        grid: what came back.
        fresh: a blank workbook of the form as it was issued.
        reading: what was read from it.
    """
    shifts = displacement_of(reading.anchors)
    return [
        *_sheets(grid, reading),
        *_stamps(grid, reading),
        *_texts(grid, reading, shifts),
        *_fixed(reading),
        *_issued(reading),
        *_moves(reading, shifts),
        *_merges(grid, reading, shifts),
        *(_guards(grid, fresh, reading) if grid.checkable else ()),
        *_helpers(grid, fresh, reading, shifts),
    ]


# ── sheets ──────────────────────────────────────────────────────


def _sheets(grid: Grid, reading: Reading) -> Iterator[Change]:
    issued, now = reading.anchors.layout.form.sheet, reading.identity.sheet
    if now != issued:
        yield Change("renamed", None, issued, {"found": now, "wanted": issued})
    if grid.sheets[now].state != "visible":
        yield Change("hidden", None, now, {"found": now})
    gone = [title for title in HELPERS if title not in grid.sheets and title not in grid.unread]
    if gone:
        yield Change("sheets_gone", None, "、".join(gone), {"found": "、".join(gone)})


def _stamps(grid: Grid, reading: Reading) -> Iterator[Change]:
    texts = stamp_texts(grid)
    if len(set(texts.values())) > 1:
        yield Change("stamps_differ", None, "模板标记", {"found": "；".join(dict.fromkeys(texts.values()))})
    elif len(texts) < (3 if grid.checkable else 1):
        gone = [name for carrier, name in _CARRIERS.items() if carrier not in texts]
        yield Change("stamps_gone", None, "模板标记", {"found": "、".join(gone)})


_CARRIERS = {"sheet": "隐藏页", "property": "文档属性", "name": "命名常量"}


# ── texts and values ────────────────────────────────────────────


def _texts(grid: Grid, reading: Reading, shifts: Displacement) -> Iterator[Change]:
    if reading.anchors.known:  # found by labels: those that were met are right, and the others are nowhere
        return
    found = []
    sheet = grid.sheets[reading.identity.sheet]
    words = vocabulary(reading.anchors.layout.form)
    levels = {**words.level1, **words.level2}
    for label, box in shifts.labels:
        here = grid.at(box.sheet, box.top, box.left)
        if label.text and here.text != label.text and label_key(here.text) != label_key(label.text):
            beside = (grid.at(box.sheet, row, box.left) for row in (box.top - 1, box.top + 1))
            if any(label_key(fact.text) == label_key(label.text) for fact in beside):
                continue  # a printed text that moved otherwise than the values below it
            given = {"found": here.text or "空白", "wanted": label.text.replace("\n", "")}
            if (
                label.role == "level"
                and (meant := label_meaning(here.text, levels))
                and meant != label_meaning(label.text, levels)
            ):
                yield Change("level", box.address, given["wanted"], given)
                continue
            found.append(Change("text", box.address, given["wanted"], given))
    if len(found) > _MANY:
        listed = "、".join(f"{one.cell}“{one.label}”" for one in found[:_MANY])
        now = "；".join(f"{one.cell}：{one.values['found']}" for one in found)
        yield Change(
            "texts", found[0].cell, sheet.title, {"count": str(len(found)), "listed": f"{listed}等", "found": now}
        )
    else:
        yield from found


def _fixed(reading: Reading) -> Iterator[Change]:
    layout, answers = reading.anchors.layout, reading.answers
    gone = reading.anchors.absent | reading.anchors.lost
    for place in layout.printed:
        if place in gone or layout.form.field(place).embedded_in:
            continue
        wanted, here = layout.fixed(place), answers.at(place)
        if here != wanted:
            kind = layout.form.field(place).kind
            given = {"found": display_text(here, kind) or "空白", "wanted": display_text(wanted, kind) or "空白"}
            yield Change("fixed", layout.box(place).address, layout.form.label(place), given)


def _issued(reading: Reading) -> Iterator[Change]:
    """What was issued to the project and may not be changed: whose form it is, indicators, targets, weights."""
    found, layout = reading.identity.seal_check, reading.anchors.layout
    if found is None:
        return
    if found.state != SOUND:
        yield Change(f"seal_{found.state}", None, "签发标识", {"found": found.seal.code})
        if found.state == LOST:
            return
    values = found.values(layout)
    here = {place: reading.answers.at(place) for place in values}
    several = []
    for one in issued_value_changes(values, layout, here):
        given = {
            "found": change_text(one, layout, one.here) or "空白",
            "wanted": change_text(one, layout, one.issued) or "空白",
        }
        label = _label(one, layout, reading)
        if one.place in _WHOSE:
            yield Change("issued_project", layout.box(one.place).address, label, given)
        else:
            several.append(Change("issued", layout.box(one.place).address, label, given))
    if len(several) > _MANY:
        listed = "、".join(f"{one.cell}“{one.label}”" for one in several[:_MANY])
        given = {"count": str(len(several)), "found": f"{listed}等", "wanted": "签发时的内容"}
        yield Change("issued_many", several[0].cell, layout.form.sheet, given)
    else:
        yield from several


#: What says whose form it is.
_WHOSE = {PROJECT_NAME_CELL, PROJECT_UNIT_CELL, PROJECT_CODE_CELL, YEAR_CELL}


def _label(one: IssuedValueChange, layout: Layout, reading: Reading) -> str:
    label = layout.form.label(one.place)
    if not isinstance(one.place, VariableRowCell):
        return label
    name = reading.answers.at(one.place.sibling("level3"))
    return f"{layout.slots[one.place.row].level2.label}{f'“{name}”' if name else ''} {label}"


# ── rows, columns, merges ───────────────────────────────────────


def _moves(reading: Reading, shifts: Displacement) -> Iterator[Change]:
    if reading.anchors.known:
        return
    issued = reading.identity.layout.capacities
    now = reading.anchors.layout.capacities
    first = min(shifts.rows.values(), default=1) - min(shifts.rows, default=1)
    grown = sum(now[key] - issued[key] for key in now)
    if first:
        yield Change("moved", None, reading.identity.sheet, {"count": str(first)})
    if grown > 0:
        yield Change("rows_added", None, reading.identity.sheet, {"count": str(grown)})
    elif grown < 0:
        yield Change("rows_deleted", None, reading.identity.sheet, {"count": str(-grown)})
    elif len({now - issued for issued, now in shifts.rows.items()}) > 1:
        yield Change("rows_moved", None, reading.identity.sheet)
    if any(issued != now for issued, now in shifts.columns.items()):
        yield Change("columns_moved", None, reading.identity.sheet)


def _merges(grid: Grid, reading: Reading, shifts: Displacement) -> Iterator[Change]:
    layout, sheet = reading.anchors.layout, reading.identity.sheet
    strange = [box for box in grid.sheets[sheet].merges if box.range not in shifts.ranges]
    if not strange:
        return
    inputs = {layout.box(place).first for place in layout.inputs if place not in reading.anchors.absent}
    for box in strange:
        rows, columns = range(box.top, min(box.bottom, box.top + 300) + 1), range(box.left, min(box.right, 60) + 1)
        cells = {Box(sheet, row, column, row, column).first for row in rows for column in columns}
        if len(cells & inputs) > 1:
            yield Change("merged", box.address, box.range, {"found": box.range})


# ── guards: protection, validations, conditional formats, names ─


def _guards(grid: Grid, fresh: Grid, reading: Reading) -> Iterator[Change]:
    """What guards the form. All of several kinds gone at once, or without a trace, is a program that drops them."""
    own, sheet = fresh.sheets[reading.anchors.layout.form.sheet], grid.sheets[reading.identity.sheet]
    lost = {
        "保护": own.protection is not None and sheet.protection is None,
        "数据验证": bool(own.validations) and not sheet.validations,
        "条件格式": bool(own.conditional_formats) and not sheet.conditional_formats,
        "命名区域": not any(name.startswith(NAME_PREFIX) for name in grid.names),
    }
    gone = [name for name, is_lost in lost.items() if is_lost]
    helpers = [grid.sheets[title] for title in HELPERS if title in grid.sheets]
    open_helpers = all(one.protection is None for one in helpers)
    if len(gone) > 1 or (lost["保护"] and open_helpers and helpers):
        yield Change("resaved", None, "防护", {"found": "、".join(gone)})
        return
    if lost["保护"]:
        yield Change("unprotected", None, reading.identity.sheet, {"found": reading.identity.sheet})
    sealed, other_release = reading.identity.seal_check, reading.identity.other_release
    # nobody knows which cells were locked instead, or limited by another release
    unsure = other_release or (sealed is not None and sealed.state == LOST)
    if not lost["数据验证"] and not unsure and (fewer := _uncovered(sheet.validations, own.validations, reading)) > 1:
        yield Change("validations", None, "数据验证", {"count": str(fewer)})
    if (
        not lost["条件格式"]
        and not other_release
        and (altered := _altered(sheet.conditional_formats, own.conditional_formats, reading))
    ):
        yield Change("formats", None, "条件格式", {"count": str(altered)})
    if gone and not lost["保护"]:
        yield Change("resaved", None, "防护", {"found": "、".join(gone)})
    issued = {name for name in fresh.names if name.startswith(NAME_PREFIX) and not name.startswith(_EXPLAINED)}
    issued |= {name for name in reading.identity.layout.names if name.startswith(_EXPLAINED)}
    names = [name for name in fresh.names if name in issued and name != stamps.NAME
             and (box := parse_reference(fresh.names[name])) is not None and not _leads(grid, name)
             and (box.sheet == reading.anchors.layout.form.sheet or box.sheet in grid.sheets)]  # fmt: skip
    if reading.anchors.lost or 2 * len(names) > len(fresh.names):  # P02 says what was deleted; a program broke them all
        names = [name for name in names if name not in grid.names]
    if names and not lost["命名区域"]:
        yield Change("names", None, "命名区域", {"count": str(len(names)), "found": "、".join(names[:3])})


def _leads(grid: Grid, name: str) -> bool:
    """Whether a name leads to a cell of this workbook."""
    box = parse_reference(grid.names.get(name, ""))
    return box is not None and box.sheet in grid.sheets


def _uncovered(here: tuple[Validation, ...], own: tuple[Validation, ...], reading: Reading) -> int:
    """How many cells fewer are limited. Programs join and part the ranges, but hardly ever all of them."""
    if len(here) == len(own):
        return 0
    now, wanted = _cells(here, reading), _cells(own, reading)
    if not displacement_of(reading.anchors).any:  # somebody's own limits beside the form stand for none of ours
        now = {column: rows for column, rows in now.items() if column in wanted}
    return _number(wanted) - _number(now) - len(reading.identity.layout.issued)


def _altered(here: tuple[ConditionalFormat, ...], own: tuple[ConditionalFormat, ...], reading: Reading) -> int:
    """How many conditions are gone or changed; those of a returned form, and where programs part them, are more."""
    if [one.formulas for one in here] == [one.formulas for one in own]:
        return 0
    gone = Counter(map(_condition, own)) - Counter(map(_condition, here))
    if not gone:
        return 0
    now = _cells(here, reading)
    is_fewer = any(rows & ~now.get(column, 0) for column, rows in _cells(own, reading).items())
    return sum(gone.values()) if is_fewer else 0


def _condition(one: ConditionalFormat) -> str:
    """What a condition asks, wherever it asks it."""
    return formula_without_addresses(one.formulas[0]) if one.formulas else one.kind


def _cells(ranges: Iterable[Validation | ConditionalFormat], reading: Reading) -> dict[int, int]:
    """Which cells of a form, or near it, some ranges cover: by column, a bit for each row."""
    lowest = 2 * reading.anchors.layout.last_row
    found: dict[int, int] = {}
    for box in (box for one in ranges for box in one.boxes if box.top <= min(box.bottom, lowest)):
        rows = (1 << min(box.bottom, lowest) - box.top + 1) - 1 << box.top
        for column in range(box.left, min(box.right, box.left + 50) + 1):
            found[column] = found.get(column, 0) | rows
    return found


def _number(cells: Mapping[int, int]) -> int:
    return sum(rows.bit_count() for rows in cells.values())


# ── the sheets beside the form ──────────────────────────────────


def _helpers(grid: Grid, fresh: Grid, reading: Reading, shifts: Displacement) -> Iterator[Change]:
    """What was changed on the sheets that nobody fills in: printed texts, choices, formulas."""
    others: dict[str, int] = {}
    other_release = reading.identity.other_release
    for title in (title for title in (GUIDE, PANEL, LISTS, CHECK) if title in grid.sheets):
        here, issued = grid.sheets[title].cells, fresh.sheets[title].cells
        found = sorted(_changed(grid, fresh, title, reading, shifts))
        altered = [spot for spot in found if formula_at(issued, spot) and formula_at(here, spot)]
        if found and other_release:  # what it printed and asked there was its own
            others[f"《{title}》"] = len(found)
        elif altered and len(altered) > _OTHER_RELEASE * sum(bool(fact.formula) for fact in issued.values()):
            others[f"《{title}》"] = len(altered)
        elif found:
            key, label = ("lists", "选项表") if title == LISTS else ("helper", title)
            given = {"count": str(len(found)), "found": title}
            yield Change(key, f"{title}!{Box(title, *found[0], *found[0]).first}", label, given)
    if others:
        yield Change("release", None, "自检", {"count": str(sum(others.values())), "found": "".join(others)})


def _changed(grid: Grid, fresh: Grid, title: str, reading: Reading, shifts: Displacement) -> Iterator[Spot]:
    """The cells of one of our sheets that say something else now; what was added elsewhere is only listed."""
    issued, layout = fresh.sheets[title].cells, reading.anchors.layout
    fields = {(layout.box(explanation_cell(rule)).top, PANEL_WIDTH) for rule in layout.explainable}
    fields |= {(PANEL_GRADE_ROW, 3)}  # the grade, a field of the form
    for spot in candidate_differences(grid.sheets[title].cells, issued):
        if (title == PANEL and spot in fields) or (spot not in issued and (title != LISTS or spot[1] < _CHOICES)):
            continue
        if wanted_formula := formula_at(issued, spot):
            here_formula = formula_at(grid.sheets[title].cells, spot)
            if grid.checkable and not _same(here_formula, wanted_formula, reading, shifts):
                yield spot
            continue
        here, wanted = grid.at(title, *spot), issued.get(spot, EMPTY)
        if re.sub(r"\s", "", here.text) != re.sub(r"\s", "", wanted.text):
            yield spot


def _same(here: str, wanted: str, reading: Reading, shifts: Displacement) -> bool:
    """Whether a formula is the issued one; one that asks rows which have moved is compared as it would be."""
    if here == wanted:
        return True
    form, anchors = reading.anchors.layout.form, reading.anchors
    same_rows = anchors.layout.capacities == reading.identity.layout.capacities and not anchors.known
    if here and form.sheet in wanted and (not same_rows or anchors.lost):
        return True  # nobody can say how a program adjusts it
    if shifts.any or reading.identity.sheet != form.sheet:
        wanted = shift_references(wanted, form.sheet, shifts)
    return bool(here) and same_formula(here, wanted)


def shift_references(formula: str, sheet: str, shifts: Displacement) -> str:
    """A formula as it reads after the rows and columns of a sheet that it asks have moved."""

    def moved(match: re.Match[str]) -> str:
        dollar, letters, dollar2, row = match[1], match[2], match[3], int(match[4])
        box = shifts.box(Box(sheet, row, column_number(letters), row, column_number(letters)))
        return f"{dollar}{column_letters(box.left)}{dollar2}{box.top}"

    def reference(match: re.Match[str]) -> str:
        return f"'{shifts.sheet}'!" + _CELL.sub(moved, match[1])

    return re.sub(rf"'{re.escape(sheet)}'!(\$?[A-Z]+\$?\d+(?::\$?[A-Z]+\$?\d+)?)", reference, formula)


_CELL = re.compile(r"(\$?)([A-Z]{1,3})(\$?)(\d+)")
