"""Find the single fields of a form by their labels: texts below heads, lines of labels and values, totals, heading."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from xltool.form.places import FixedRowCell, SingleCell
from xltool.recognition.label_match import MONEY_UNIT, YEAR, LabelMatch
from xltool.recognition.labelled_sheet import LabelledText
from xltool.result.roles import GRADE
from xltool.result.roles import MONEY_UNIT as MONEY_UNIT_ROLE
from xltool.result.roles import YEAR as YEAR_ROLE
from xltool.workbook.box import Box

_OWN_YEAR = re.compile(r"[(]?(?:19|20)\d\d(?:年度?)?[)]?")


# ── below heads ─────────────────────────────────────────────────


def read_below_heads(match: LabelMatch, block: str, rows: Sequence[int], end: int) -> bool:
    """Find the fields of a block that stand below their labels, or beside them.

    Args:
        match: receives the results.
        block: the block.
        rows: the rows in which their labels may be.
        end: the row above which their values are.

    Returns:
        Whether any was found.
    """
    best: dict[str, LabelledText] = {}
    for row in rows:
        in_row: dict[str, LabelledText] = {}
        # a side label on the left may have the same text as the head beside it
        for item in reversed(match.sheet.rows[row]):
            name = item.below_head(block)
            if name is not None and name not in in_row and item.box not in match.known_boxes:
                in_row[name] = item
        if len(in_row) > len(best):
            best = in_row
    if len(best) == 1:  # each label is in a row of its own, with its text beside it
        texts = [item for row in reversed(rows) for item in match.sheet.rows[row] if item.box not in match.known_boxes]
        single = {name: item for item in texts if (name := item.below_head(block)) is not None}
        best = single | best
    for name, label in best.items():
        match.count_found(label.box, label.text)
        below, right = match.page.below(label.box), match.page.right_of(label.box)
        down = len({item.box.top for item in best.values()}) < len(best) or not match.page.text(right)
        match.boxes[SingleCell(name)] = below if down and below.top < end else right
    return bool(best)


# ── totals ──────────────────────────────────────────────────────


def read_totals(match: LabelMatch, after: int) -> None:
    """Find the lines of totals, each the first after the rows of tables that has its label.

    Args:
        match: receives the results.
        after: the last row of the heads above them.
    """
    taken = {row for key in match.form.matrices for row in match.rows_of(key)}
    for total in match.form.totals:
        match.expected_weight += 1
        rows = [
            (row, item)
            for row, texts in match.sheet.rows.items()
            if row > after and row not in taken
            for item in texts
            if item.total == total.id
        ]
        if not rows:
            continue
        last = max((row for row, _ in match.rows), default=after)
        row, label = next((each for each in rows if each[0] > last), rows[0])
        taken.add(row)
        match.count_found(label.box, label.text)
        for cell, (key, column) in match.form.columns_of_totals.items():
            head = match.heads.get(key, {}).get(column)
            if head is not None and match.form.fields[cell.name].block == total.id:
                match.boxes[cell] = match.page.box(row, head.left)
        _read_grade(match, row)


def _read_grade(match: LabelMatch, row: int) -> None:
    """Find the grade in a line of totals, by its words."""
    place = match.form.place(GRADE)
    if not isinstance(place, SingleCell):
        return
    for item in match.sheet.rows[row]:
        word = item.key.removeprefix("自评").removeprefix("等级")
        if word in match.form.fields[place.name].choices:
            match.boxes[place] = item.box
            match.inline_values[place] = word


# ── lines of labels and values ──────────────────────────────────


def read_lines(match: LabelMatch, head: int) -> None:
    """Find the fields beside their labels.

    Args:
        match: receives the results.
        head: the row of the heads below which the lines at the foot of the form are.
    """
    expected = match.form.fields_in_lines
    match.expected_weight += len(expected)
    below = {SingleCell(field.name) for field in match.form.fields_below_heads}
    taken = {box.top for box in match.boxes.values()} | {row for row, _ in match.rows}
    free = {box.top for place, box in match.boxes.items() if isinstance(place, SingleCell) and place not in below}
    own = match.sheet.words.own_labels
    # the form's own labels come before synonyms: 实施单位 before 填报单位
    items = sorted(match.sheet.texts(), key=lambda item: item.key not in own)
    # lines at the foot of the form are above the heads only if they are not below them, in the form's own words
    above = [item for item in items if item.box.top < head and item.key in own]
    for item, may_be_of_foot in (*((item, item.box.top >= head) for item in items), *((item, True) for item in above)):
        box, text = item.box, item.text
        if box in match.known_boxes or (box.top in taken and box.top not in free):
            continue
        names, value = item.fields_and_value
        name = next((name for name in names if SingleCell(name) not in match.boxes), None)
        if name is None or (match.form.is_at_foot(match.form.fields[name]) and not may_be_of_foot):
            continue
        match.count_found(box, text.partition(":")[0] if value else text)
        place = SingleCell(name)
        if value:
            match.boxes[place], match.inline_values[place] = box, value
        else:
            match.boxes[place] = _find_value(match, box)
        free.add(match.boxes[place].top)  # there may be further labels in the row of a value


def _find_value(match: LabelMatch, label: Box) -> Box:
    """The box of a label's value: on its right, or below it if there is another label on its right."""
    right = match.page.right_of(label)
    beside = match.sheet.at(right)
    if not beside.text:  # if cells were unmerged, the value comes after the blank rest of its label
        edge = right_edge(match)
        next_item = next(
            (item for item in match.sheet.rows.get(label.top, []) if right.left < item.box.left <= edge), None
        )
        if next_item is not None and next_item.box.top == label.top and not next_item.fields_and_value[0]:
            return next_item.box
    under = match.sheet.at(match.page.below(label))
    is_label = bool(beside.text and beside.fields_and_value[0])
    if is_label and under.text and not under.fields_and_value[0]:
        return under.box
    return right


def right_edge(match: LabelMatch) -> int:
    """The last column of the table with the most columns; without tables, of the sheet."""
    key = match.form.indicator_table
    keys = [key] if key in match.heads else list(match.heads)
    rights = [box.right for each in keys for box in match.heads[each].values()]
    return max(rights or [text.box.right for text in match.sheet.texts()], default=1)


# ── heading ─────────────────────────────────────────────────────


def read_heading(match: LabelMatch, head: int) -> None:
    """Find title, year and money unit, wherever they are.

    Args:
        match: receives the results.
        head: the row of the heads above which title and year are.
    """
    match.expected_weight += 1
    unit = match.form.place(MONEY_UNIT_ROLE)
    for item in match.sheet.texts():
        box, text = item.box, item.text
        if box.top >= head:
            break
        if item.is_title and box not in match.known_boxes:
            exact = YEAR.sub("", text).replace("度", "", 1)
            match.count_found(box, text if item.key in match.sheet.words.titles else exact)
        if unit is not None and unit not in match.boxes and (found := MONEY_UNIT.search(text)) is not None:
            match.boxes[unit] = box
            match.known_boxes.add(box)
            match.discounted_weight += 0.5 * (match.form.money_unit in found.groups())
    if unit is not None and unit not in match.boxes:
        _read_unit_below(match, unit, head)
    _read_year(match, head)


def _read_unit_below(match: LabelMatch, unit: SingleCell | FixedRowCell, head: int) -> None:
    """Find the money unit in the heads of a block below the indicators."""
    rows = [last for key, (_, last) in match.head_lines.items() if key in match.form.matrices and last > head]
    for row in rows:
        side = next((item.box for item in match.sheet.rows[row] if MONEY_UNIT.search(item.text)), None)
        if side is not None:
            match.boxes[unit] = side
            return


def _read_year(match: LabelMatch, head: int) -> None:
    """Find the year above the amounts and the texts below heads."""
    place = match.form.place(YEAR_ROLE)
    if place is None:
        return
    match.expected_weight += 0.5
    below = {SingleCell(field.name) for field in match.form.fields_below_heads}
    tops = [box.top for cell, box in match.boxes.items() if isinstance(cell, FixedRowCell) or cell in below]
    first = min(tops, default=head)
    years = [(_year_rank(match, text), text.box.top, text.box) for text in match.sheet.texts() if text.box.top < first]
    best = max((item for item in years if item[0]), key=lambda item: item[:2], default=None)
    if best is not None:
        match.boxes[place] = best[2]
        match.known_boxes.add(best[2])


def _year_rank(match: LabelMatch, item: LabelledText) -> int:
    """How reliably a text gives the form's year: 3 for a separate cell, 2 for a title, 1 for a heading, 0 for none."""
    if _OWN_YEAR.fullmatch(item.key):
        return 3 * (item.box not in match.known_boxes)
    if not YEAR.search(item.text) or re.search(r"年\s*\d+\s*月", item.text):
        return 0
    return 2 if item.is_title else 1


def labelled_fields(labels: Collection[LabelledText]) -> int:
    """The number of different single fields that texts name."""
    return len({item.field for item in labels} - {None})
