"""From a record to a workbook, with remarks on all differences between the two."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from xltool.form.answers import Answers, sheet_contents
from xltool.form.kinds import display_text
from xltool.form.layout import Layout
from xltool.form.places import Place
from xltool.form.record import answers_of_record, needed_capacities, sort_by_layout
from xltool.language.functions import Value
from xltool.language.numbers import from_sheet
from xltool.result.record import Record
from xltool.services.read_and_check import catalogue_of
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr
from xltool.support.templates import Templates, using
from xltool.write.workbook import build


@dataclass(frozen=True)
class FilledWorkbook:
    """A workbook's bytes, and remarks for the operator."""

    content: bytes
    remarks: tuple[str, ...]


def fill(record: Record, as_printed: bool = False, templates: Templates | None = None) -> FilledWorkbook:
    """A completed workbook.

    Args:
        record: valid against the record schema.
        as_printed: write the record's own figures over formulas that give others.
        templates: the owner of definitions and caches; the present one where none is named.
    """
    with using(templates):
        return _fill(record, as_printed)


def _fill(record: Record, as_printed: bool) -> FilledWorkbook:
    catalogue = catalogue_of(record)
    layout = catalogue.layout(needed_capacities(record, catalogue.form))
    ordered = sort_by_layout(record, layout)
    answers, _ = answers_of_record(ordered, layout)
    remarks = []
    if ordered.table(layout.form.indicator_table) != record.table(layout.form.indicator_table):
        remarks.append(tr("指标已按表样的顺序排列", "the indicators were put in the order of the form"))
    shortened = _shortened(answers)
    if shortened:
        cells = "、".join(answers.layout.box(place).address for place in shortened)
        remarks.append(tr(f"超过 15 位有效数字，表格软件存不下：{cells}", f"more than 15 significant digits: {cells}"))
    for value in answers.values.values():
        if isinstance(value, str) and len(value.encode("utf-16-le")) > 2 * 32767:
            raise WrongUse(tr(f"文字过长，一个单元格放不下：{value[:20]}…", f"too long for a cell: {value[:20]}…"))
    sheet = sheet_contents(answers, as_printed)
    for place in sorted(sheet.form_values, key=layout.places.index):
        remarks.append(
            _remark(layout, place, answers.at(place), sheet.form_values[place], place in sheet.overwritten_places)
        )
    return FilledWorkbook(build(catalogue, answers, as_printed, tidy_rows=True), tuple(remarks))


def _shortened(answers: Answers) -> list[Place]:
    """The numbers that lose digits on a sheet."""
    values = ((place, answers.at(place)) for place in answers.layout.places)
    return [place for place, value in values if isinstance(value, Decimal) and from_sheet(float(value)) != value]


def _remark(layout: Layout, place: Place, said: Value, own: Value, overwrote: bool) -> str:
    kind, address, label = layout.form.field(place).kind, layout.box(place).address, layout.form.label(place)
    blank = tr("空白", "blank")
    here, there = display_text(said, kind) or blank, display_text(own, kind) or blank
    if overwrote:
        return tr(
            f"{address} {label}：照记录写 {here}，覆盖了公式（公式为 {there}）",
            f"{address} {label}: {here} as printed, over the formula ({there})",
        )
    return tr(
        f"{address} {label}：记录为 {here}，表中为 {there}（公式或固定内容；要照记录写，用 --as-printed）",
        f"{address} {label}: the record says {here}, the sheet {there} (--as-printed writes the record's)",
    )
