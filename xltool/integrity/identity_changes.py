"""Which form it is, how its fields were located, and what on the sheet is not of the form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xltool.language.numbers import decimal_text
from xltool.reading.change import Change
from xltool.reading.reader import Reading
from xltool.recognition.label_match import LabelMatch, UnreadLine
from xltool.result.roles import INDICATORS
from xltool.support.i18n import tr
from xltool.workbook.box import Box


def identity_changes(reading: Reading) -> Iterator[Change]:
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
        yield Change(
            "percent", reading.answers.layout.box(place).address, label, {"found": raw, "wanted": decimal_text(points)}
        )
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
    if missing := list(_missing_heads(located)):
        heads = [_head(located, box) for box in located.unread_heads]
        more = tr(f"；没有认出的栏目：{'、'.join(heads)}", f"; not understood: {', '.join(heads)}") if heads else ""
        values = {"found": tr("、", ", ").join(missing), "more": more}
        yield Change("heads", None, located.page.sheet, values)
    elif columns := located.unread_columns:
        values = {"found": tr("、", ", ").join(_head(located, box) for box in columns), "count": str(len(columns))}
        yield Change("columns", next(iter(columns)).address, located.page.sheet, values)
    if form.roles.has(INDICATORS) and not (located.rows or located.unknown_rows):
        boxes = located.heads[form.indicator_table]
        box = boxes.get(form.name_column) or next(iter(boxes.values()))
        yield Change("empty", box.address, form.indicators_label)
    for label, box in located.level1_by_rows.items():
        yield Change("level1", box.address, label, {"found": " ".join(label.split())})
    for box, level2, level1 in located.misplaced_level2:
        yield Change("strayed", box.address, level2, {"found": level1, "level2": level2})
    for level in located.levels:
        label = form.groups[level.group][1].label
        values = {"found": level.label, "level1": level.level1, "level2": label}
        yield Change("unknown" if level.label else "no_level", level.box.address, level.label or label, values)
    for key in form.matrices:
        if lines := [line for line in located.unread_lines if line.block == key]:
            yield _unread_rows(located, key, lines)


def _unread_rows(located: LabelMatch, key: str, lines: Sequence[UnreadLine]) -> Change:
    """The rows of a matrix that do not belong to the form, with their contents."""
    form, matrix = located.form, located.form.matrices[key]
    texts = []
    for line in lines:
        contents = tr("、", ", ").join(f"{matrix.columns[name].label} {text}" for name, text in line.contents.items())
        texts.append(tr(f"{line.label}（{contents}）", f"{line.label} ({contents})"))
    values = {"count": str(len(lines)), "found": tr("；", "; ").join(texts), "block": matrix.label or key}
    case = "fund_rows" if key == form.fund_table else "matrix_rows"
    return Change(case, lines[0].box.address, lines[0].label, values)


def _head(located: LabelMatch, box: Box) -> str:
    """A head that does not belong to the form, and how many cells below it have content."""
    text, count = " ".join(located.page.text(box).split()), len(located.unread_columns.get(box, ()))
    return tr(f"{text}（{count} 处内容）", f"{text} ({count} cells)") if count else text


def _missing_heads(located: LabelMatch) -> Iterator[str]:
    """The heads of the form that were not found: a whole block if none of its heads was."""
    form = located.form
    for key in (*form.matrices, *form.tables):
        if key not in located.heads:
            label = located.block(key).label or key
            yield tr("项目资金各栏", "the funds") if key == form.fund_table else label
    for key, name in sorted(located.missing_columns):
        if key in located.heads:
            label, block = located.block(key).columns[name].label, located.block(key).label or key
            chinese, english = ("资金", "the funds") if key == form.fund_table else (block, block)
            yield label if key == form.indicator_table else tr(f"{chinese}的{label}", f"{label} of {english}")
