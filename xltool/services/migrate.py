"""From an older or foreign form to a workbook of the current one, with a list of everything that has no place there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from xltool.form.convert import Conversion, ConversionLeftover, ConvertedAmount, convert
from xltool.form.definition import Form
from xltool.form.explanations import EXPLANATIONS
from xltool.form.kinds import display_text
from xltool.form.places import Place, SingleCell, VariableRowCell
from xltool.form.references import newest_reference
from xltool.form.versions import Crossing
from xltool.reading.form_in_workbook import FormInWorkbook
from xltool.reading.reader import Reading
from xltool.result.roles import MONEY_UNIT
from xltool.rules.loading import load_catalogue, workbook_rules
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.escaping import csv_text
from xltool.support.i18n import tr
from xltool.support.templates import Templates, using
from xltool.workbook.grid import Grid


@dataclass(frozen=True)
class MigrationLeftover:
    """Content of the old workbook that the new one lacks or shows differently.

    Attributes:
        sheet, cell: its place; ``cell`` is "" for a text box.
        label: the label of the place; "" outside the form.
        raw: the content of the cell.
        why: why it has no place, or what became of it.
        kind: ``lost`` has no place, ``overruled`` is computed or printed differently, ``changed`` is there in
            another unit or spelling.
    """

    sheet: str
    cell: str
    label: str
    raw: str
    why: str
    kind: str

    def as_json(self) -> dict[str, Any]:
        """For a line of JSON."""
        return {"sheet": self.sheet, "cell": self.cell or None, "label": self.label or None, "raw": self.raw,
                "why": self.why, "kind": self.kind}  # fmt: skip


@dataclass(frozen=True)
class Migration:
    """A workbook of the current form, and what became of the old one.

    Attributes:
        content: the bytes of the new workbook.
        old: what it was read as, such as ``mof-2020/1``.
        new: what it is now.
        has_stamp: whether the old workbook was one of our templates.
        sealed: whether it was issued to a project; the new one carries no seal.
        leftovers: everything that is not in the new one as it was in the old one, in the order of the sheet.
    """

    content: bytes
    old: Form
    new: Form
    has_stamp: bool
    sealed: bool
    leftovers: tuple[MigrationLeftover, ...]

    @property
    def lost(self) -> int:
        """The number of values without a place."""
        return sum(one.kind == "lost" for one in self.leftovers)


#: The kinds of what is left, as people say it.
KIND_NAMES = {
    "lost": ("没有位置", "no place"),
    "overruled": ("以新表为准", "overruled"),
    "changed": ("写法不同", "changed"),
}

_HEADS = ("工作表", "单元格", "栏目", "内容", "说明", "类别")


def leftovers_table(leftovers: Sequence[MigrationLeftover]) -> str:
    """The list of what is left as CSV."""
    rows = [(one.sheet, one.cell, one.label, one.raw, one.why, tr(*KIND_NAMES[one.kind])) for one in leftovers]
    return csv_text([_HEADS, *rows])


def leftovers_lines(leftovers: Sequence[MigrationLeftover]) -> str:
    """The list of what is left as JSON Lines."""
    return json_codec.dump_lines(one.as_json() for one in leftovers)


def migrate(
    content: bytes, file: str, form: str = "", sheet: str = "", templates: Templates | None = None
) -> Migration:
    """Carry a form into the current template, whatever is done with its version otherwise.

    Args:
        content: the bytes of the old workbook.
        file: its name.
        form: the definition to carry it into; "" for the newest version of what it is.
        sheet: the sheet of the form, where there are several.
        templates: the owner of definitions and caches; the present one where none is named.

    Raises:
        WrongUse: it cannot be read, is no form, or holds several.
    """
    with using(templates):
        return _migrate(content, file, form, sheet)


def _migrate(content: bytes, file: str, form: str, sheet: str) -> Migration:
    from xltool.write.workbook import build

    read = _chosen(_read(content, file), file, sheet)
    reading = read.reading
    old = reading.identity.catalogue.form
    reference = form or newest_reference(old.id) or old.reference
    catalogue = load_catalogue(reference)
    conversion = convert(
        reading.answers, reading.explanations, catalogue.form, catalogue.layout, _crossing(old, catalogue.form)
    )
    left = tuple(_left(read, conversion))
    made = build(catalogue, conversion.answers)
    identity = reading.identity
    return Migration(made, old, catalogue.form, bool(identity.carriers), identity.seal_check is not None, left)


def _read(content: bytes, file: str) -> Sequence[FormInWorkbook]:
    """The forms of a workbook.

    Raises:
        WrongUse: it cannot be read, has no form, or has contradictory forms of one project.
    """
    from xltool.rules.check import file_finding
    from xltool.services.forms_in_workbook import NoForm, identify_forms, read_forms

    try:
        found = read_forms(*identify_forms(content))
        if not found.differences:
            return found.forms
        refusal = NoForm("P04", "copy_differs", "；".join(found.differences.values()))
    except NoForm as error:
        refusal = error
    finding = file_finding(workbook_rules()[refusal.rule], refusal.key, refusal.reason)
    raise WrongUse(f"{file}: {refusal.rule} {finding.message}{tr('；', '; ')}{finding.fix}")


def _chosen(forms: Sequence[FormInWorkbook], file: str, sheet: str) -> FormInWorkbook:
    named = [one for one in forms if not sheet or one.reading.identity.sheet == sheet]
    if len(named) == 1:
        return named[0]
    names = "、".join(one.reading.identity.sheet for one in forms)
    if not named:
        chinese = f"{file} 的《{sheet}》不是自评表；有：{names}"
        raise WrongUse(tr(chinese, f"{file}: no form on {sheet}, but on {names}"))
    raise WrongUse(
        tr(f"{file} 里有 {len(named)} 张自评表（{names}），用 --sheet 指定一张；同一页上的请先分开",
            f"{file} holds {len(named)} forms ({names}): choose one with --sheet")
    )  # fmt: skip


def _crossing(old: Form, new: Form) -> Crossing:
    """How the newer version treats the fields of the older one; between different forms, equal names mean the same."""
    told = new.versions.get(old.version) if old.id == new.id else None
    return told.crossing if told else Crossing()


# ── what is left ────────────────────────────────────────────────


def _left(read: FormInWorkbook, conversion: Conversion) -> Iterator[MigrationLeftover]:
    from xltool.integrity.leftovers import find_leftovers

    grid, reading = read.grid, read.reading
    for one in conversion.leftovers:
        yield _of_place(grid, reading, one.place, one, "lost")
    for one in conversion.overruled_values:
        yield _of_place(grid, reading, one.place, one, "overruled")
    for change in conversion.converted_amounts:
        yield _of_place(grid, reading, change.place, _in_unit(reading, change), "changed")
    for note in reading.normalised_values:
        into = display_text(note.value, reading.answers.layout.form.field(note.place).kind)
        why = tr(f"读作 {into}（{note.why}）", f"read as {into} ({note.why})")
        yield _of_place(grid, reading, note.place, ConversionLeftover(note.place, note.raw, why), "changed")
    yield from _printed(grid, reading)
    outside = tr("在表外", "outside the form")
    others = [one for one in read.readings if one is not reading]
    for stray in find_leftovers(FormInWorkbook(grid, [reading, *others])):
        yield MigrationLeftover(stray.sheet, stray.cell, "", stray.raw, outside, "lost")


def _printed(grid: Grid, reading: Reading) -> Iterator[MigrationLeftover]:
    """The printed texts of one of our templates that were changed; the new form prints its own."""
    from xltool.recognition.displacement import displacement_of
    from xltool.recognition.labels import label_key

    layout = reading.answers.layout
    unit = layout.form.place(MONEY_UNIT)
    if unit is not None and reading.answers.at(unit) is None and unit not in reading.locations.absent_places:
        box = layout.box(unit)
        text, unknown = grid.at(box.sheet, box.top, box.left).text, tr("看不出金额单位", "no money unit that is known")
        yield from (
            [MigrationLeftover(box.sheet, box.first, layout.form.label(unit), text, unknown, "lost")] if text else []
        )
    if not reading.is_issued:
        return
    why = tr("锁定的文字被改动，新表印自己的", "a printed text was changed; the new form prints its own")
    for label, box in displacement_of(reading.locations).labels:
        here = grid.at(box.sheet, box.top, box.left).text
        if here and label.text and label_key(here) != label_key(label.text):
            yield MigrationLeftover(box.sheet, box.first, label.text, here, why, "overruled")


def _in_unit(reading: Reading, change: ConvertedAmount) -> ConversionLeftover:
    kind = reading.answers.layout.form.field(change.place).kind
    there = display_text(change.after, kind)
    return ConversionLeftover(
        change.place, change.before, tr(f"按新表的金额单位写作 {there}", f"in the new money unit: {there}")
    )


def _of_place(grid: Grid, reading: Reading, place: Place, one: ConversionLeftover, kind: str) -> MigrationLeftover:
    layout = reading.answers.layout
    box = layout.box(place)
    fact = grid.at(box.sheet, box.top, box.left)
    value = "" if one.value is None else str(one.value)
    label = _label(reading, place)
    return MigrationLeftover(box.sheet, box.first, label, fact.text or fact.raw or value, one.why, kind)


def _label(reading: Reading, place: Place) -> str:
    answers = reading.answers
    if isinstance(place, SingleCell) and place.block == EXPLANATIONS:
        return tr(f"{place.key} 的说明", f"explanation of {place.key}")
    label = answers.layout.form.label(place)
    if not isinstance(place, VariableRowCell):
        return label
    name = answers.at(place.sibling(answers.layout.form.name_column))
    return f"{answers.layout.slots[place.row].level2.label}{f'“{name}”' if name else ''} {label}"
