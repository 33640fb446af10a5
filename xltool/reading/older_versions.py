"""Workbooks of an older version of a form: refused, read as they are, or read as the newest version has it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from xltool.form.blocks import explanation_cell
from xltool.form.convert import Conversion, convert
from xltool.form.definition import LEVEL_COLUMNS, Form, load_form, newest
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.form.record import Paths
from xltool.form.versions import ACCEPT, MIGRATE, REFUSE, WARN, Crossing, Version
from xltool.reading.change import Change
from xltool.reading.leftover import Leftover
from xltool.reading.reader import Reading
from xltool.recognition.identify import Identity, UnknownForm
from xltool.rules.catalogue import load_catalogue
from xltool.support.i18n import tr
from xltool.workbook.box import Box
from xltool.workbook.grid import Grid

#: What is done with a version of which the newest one says nothing.
_UNSAID = Version(WARN, "", "", Crossing())

#: So many values without a place are named in a message; all are in the result.
_NAMED = 5


@dataclass(frozen=True)
class NewestReading:
    """A form of an older version as the newest one has it.

    Attributes:
        reading: in the terms of the newest version; its boxes are those of the workbook.
        carried: what came across, and what did not.
    """

    reading: Reading
    carried: Conversion

    def through(self, paths: Paths) -> Paths:
        """The paths of the places of the older form in the record of the newer one; "" where they have none."""
        return _Through(paths.form, paths.index_of_slot, {old: new for new, old in self.carried.origin.items()})

    def left(self, grid: Grid, old: Reading) -> list[Leftover]:
        """The cells whose values came to nothing."""
        boxes = [old.answers.layout.box(one.place) for one in self.carried.leftovers]
        facts = [grid.at(box.sheet, box.top, box.left) for box in boxes]
        texts = [
            fact.raw or fact.text or str(one.value) for fact, one in zip(facts, self.carried.leftovers, strict=True)
        ]
        return [Leftover(box.sheet, box.first, text, box.top) for box, text in zip(boxes, texts, strict=True)]


@dataclass(frozen=True)
class _Through(Paths):
    to: Mapping[Place, Place]

    def path(self, place: Place) -> str:
        return super().path(self.to[place]) if place in self.to else ""


def version_of(identity: Identity) -> tuple[Form, Version] | None:
    """The newest version of a form that is stamped as an older one, and what it says of that; else None."""
    form = identity.catalogue.form
    latest = newest(form.id)
    if not identity.carriers or latest is None or latest == form.reference:
        return None
    current = load_form(latest)
    return current, current.versions.get(form.version, _UNSAID)


def refuse_version(identity: Identity) -> None:
    """Refuse a version that is not taken any more.

    Raises:
        Unknown: it is one.
    """
    found = version_of(identity)
    if found is not None and found[1].policy == REFUSE:
        current, version = found
        reference = identity.catalogue.form.reference
        chinese = f"旧版模板 {reference} 不再受理：{version.reason}；现行的是 {current.reference}"
        english = f"template {reference} is no longer taken: {version.reason}; {current.reference} is current"
        raise UnknownForm(tr(chinese, english), "refused")


def convert_to_newest(reading: Reading) -> NewestReading | None:
    """A form as the newest version has it, where that is what is done with its version."""
    found = version_of(reading.identity)
    if found is None or found[1].policy != MIGRATE:
        return None
    catalogue = load_catalogue(found[0].reference)
    carried = convert(reading.answers, reading.explanations, found[0], catalogue.layout, found[1].crossing)
    issued = carried.answers.layout
    boxes, absent = _boxes(reading, carried)
    layout = issued.with_moved(boxes)
    answers = type(carried.answers)(layout, {**carried.answers.values, **carried.printed})  # as handed in
    # A seal speaks of the version it was issued for: of the newer form it proves nothing.
    identity = replace(reading.identity, catalogue=catalogue, layout=issued, seal_check=None)
    anchors = replace(reading.anchors, layout=layout, absent=absent)
    told = Reading(identity, anchors, answers, reading.application, explanations=dict(carried.explanations))
    return NewestReading(told, carried)


def _boxes(reading: Reading, carried: Conversion) -> tuple[dict[Place, Box], frozenset[Place]]:
    """Where the places of the newer form stand in the workbook, and those that stand nowhere in it."""
    old, new = reading.answers.layout, carried.answers.layout
    nowhere = Box(reading.identity.sheet, 1, 1, 1, 1)
    boxes = {place: old.box(carried.origin[place]) if place in carried.origin else nowhere for place in new.places}
    absent = frozenset(place for place in new.places if place not in carried.origin)
    slots = {place.row: origin.row for place, origin in carried.origin.items()
             if isinstance(place, VariableRowCell) and isinstance(origin, VariableRowCell)}  # fmt: skip
    for slot in new.slots:
        for level in LEVEL_COLUMNS:
            origin = old.form.indicator_cell(slots[slot.index], level) if slot.index in slots else None
            boxes[new.form.indicator_cell(slot.index, level)] = old.box(origin) if origin is not None else nowhere
    boxes |= {explanation_cell(rule): _explained(old, rule, nowhere) for rule in new.explainable}
    return boxes, absent


def _explained(old: Layout, rule: str, nowhere: Box) -> Box:
    return old.box(explanation_cell(rule)) if rule in old.explainable else nowhere


def version_changes(reading: Reading, newer: NewestReading | None) -> Iterator[Change]:
    """What is to be said of a form of an older version."""
    found = version_of(reading.identity)
    if found is None or found[1].policy == ACCEPT:
        return
    given = {"found": reading.identity.catalogue.form.reference, "wanted": found[0].reference, "why": found[1].reason}
    yield Change("older" if newer is None else "mapped", None, reading.identity.sheet, given)
    if newer is not None and newer.carried.leftovers:
        layout = reading.answers.layout
        places = [one.place for one in newer.carried.leftovers]
        named = tr("、", ", ").join(f"{layout.box(one).first} {layout.form.label(one)}" for one in places[:_NAMED])
        more = tr("……", "…") if len(places) > _NAMED else ""
        about = {"count": str(len(places)), "found": named + more}
        yield Change("unmapped", layout.box(places[0]).address, reading.identity.sheet, about)
