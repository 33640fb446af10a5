"""Workbooks of an older version of a form: rejected, read as they are, or converted to the newest version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from xltool.form.convert import Conversion, convert
from xltool.form.definition import Form
from xltool.form.explanations import explanation_cell
from xltool.form.layout import Layout
from xltool.form.loading import load_form
from xltool.form.places import Place, VariableRowCell
from xltool.form.record import Paths
from xltool.form.references import newest_reference
from xltool.form.versions import ACCEPT, MIGRATE, REFUSE, WARN, Crossing, Version
from xltool.reading.change import Change
from xltool.reading.leftover import Leftover
from xltool.reading.reader import Reading
from xltool.recognition.identify import Identity, UnknownForm
from xltool.rules.loading import load_catalogue
from xltool.support.i18n import tr
from xltool.workbook.box import Box
from xltool.workbook.grid import Grid

#: The treatment of a version that the newest one does not mention.
_UNMENTIONED = Version(WARN, "", "", Crossing())

#: The most values without a place named in a message; all are in the result.
_NAMED = 5


@dataclass(frozen=True)
class NewestReading:
    """A form of an older version, converted to the newest one.

    Attributes:
        reading: in terms of the newest version; its boxes are those of the workbook.
        conversion: the conversion.
    """

    reading: Reading
    conversion: Conversion

    def paths_of_older(self, paths: Paths) -> Paths:
        """The paths of the older form's places in the record of the newer one; "" for places without a path."""
        return _Through(paths.form, paths.index_of_slot, {old: new for new, old in self.conversion.origins.items()})

    def leftovers(self, grid: Grid, old: Reading) -> list[Leftover]:
        """The cells whose values have no place in the newer form."""
        boxes = [old.answers.layout.box(leftover.place) for leftover in self.conversion.leftovers]
        facts = [grid.at(box.sheet, box.top, box.left) for box in boxes]
        texts = [
            fact.raw or fact.text or str(leftover.value)
            for fact, leftover in zip(facts, self.conversion.leftovers, strict=True)
        ]
        return [Leftover(box.sheet, box.first, text, box.top) for box, text in zip(boxes, texts, strict=True)]


@dataclass(frozen=True)
class _Through(Paths):
    """Paths of the older form's places."""

    to: Mapping[Place, Place]

    def path(self, place: Place) -> str:
        return super().path(self.to[place]) if place in self.to else ""


def newest_version(identity: Identity) -> tuple[Form, Version] | None:
    """The newest version of a form stamped as an older one, and its statement about that version; None otherwise."""
    form = identity.catalogue.form
    latest = newest_reference(form.id)
    if not identity.carriers or latest is None or latest == form.reference:
        return None
    current = load_form(latest)
    return current, current.versions.get(form.version, _UNMENTIONED)


def refuse_version(identity: Identity) -> None:
    """Reject a version that is no longer accepted.

    Raises:
        UnknownForm: it is not.
    """
    newest_and_policy = newest_version(identity)
    if newest_and_policy is not None and newest_and_policy[1].policy == REFUSE:
        current, version = newest_and_policy
        reference = identity.catalogue.form.reference
        chinese = f"旧版模板 {reference} 不再受理：{version.reason}；现行的是 {current.reference}"
        english = f"template {reference} is no longer taken: {version.reason}; {current.reference} is current"
        raise UnknownForm(tr(chinese, english), "refused")


def convert_to_newest(reading: Reading) -> NewestReading | None:
    """Convert a form to the newest version, if that is the treatment of its version; None otherwise."""
    newest_and_policy = newest_version(reading.identity)
    if newest_and_policy is None or newest_and_policy[1].policy != MIGRATE:
        return None
    catalogue = load_catalogue(newest_and_policy[0].reference)
    conversion = convert(
        reading.answers, reading.explanations, newest_and_policy[0], catalogue.layout, newest_and_policy[1].crossing
    )
    issued = conversion.answers.layout
    boxes, absent = _boxes(reading, conversion)
    layout = issued.with_moved(boxes)
    answers = type(conversion.answers)(
        layout, {**conversion.answers.values, **conversion.printed_values}
    )  # as submitted
    # A seal is for the version that was issued; it proves nothing about the newer form.
    identity = replace(reading.identity, catalogue=catalogue, layout=issued, seal_check=None)
    locations = replace(reading.locations, layout=layout, absent_places=absent)
    converted = Reading(identity, locations, answers, reading.application, explanations=dict(conversion.explanations))
    return NewestReading(converted, conversion)


def _boxes(reading: Reading, conversion: Conversion) -> tuple[dict[Place, Box], frozenset[Place]]:
    """The boxes in the workbook of the newer form's places, and the places that have none."""
    old, new = reading.answers.layout, conversion.answers.layout
    nowhere = Box(reading.identity.sheet, 1, 1, 1, 1)
    boxes = {
        place: old.box(conversion.origins[place]) if place in conversion.origins else nowhere for place in new.places
    }
    absent = frozenset(place for place in new.places if place not in conversion.origins)
    rows = {(place.block, place.row): origin for place, origin in conversion.origins.items()
            if isinstance(place, VariableRowCell) and isinstance(origin, VariableRowCell)}  # fmt: skip
    for cell in new.level_cells:
        origin = rows.get((cell.block, cell.row))
        table = old.form.tables.get(origin.block) if origin is not None else None
        has_level = origin is not None and table is not None and cell.column in table.columns
        boxes[cell] = old.box(origin.sibling(cell.column)) if origin is not None and has_level else nowhere
    boxes |= {explanation_cell(rule): _explanation_box(old, rule, nowhere) for rule in new.explainable}
    return boxes, absent


def _explanation_box(old: Layout, rule: str, nowhere: Box) -> Box:
    """The box of a rule's explanation."""
    return old.box(explanation_cell(rule)) if rule in old.explainable else nowhere


def version_changes(reading: Reading, newer: NewestReading | None) -> Iterator[Change]:
    """Yield the changes to report about a form of an older version."""
    newest_and_policy = newest_version(reading.identity)
    if newest_and_policy is None or newest_and_policy[1].policy == ACCEPT:
        return
    values = {
        "found": reading.identity.catalogue.form.reference,
        "wanted": newest_and_policy[0].reference,
        "why": newest_and_policy[1].reason,
    }
    yield Change("older" if newer is None else "mapped", None, reading.identity.sheet, values)
    if newer is not None and newer.conversion.leftovers:
        layout = reading.answers.layout
        places = [place.place for place in newer.conversion.leftovers]
        named = tr("、", ", ").join(
            f"{layout.box(place).first} {layout.form.label(place)}" for place in places[:_NAMED]
        )
        more = tr("……", "…") if len(places) > _NAMED else ""
        values_of_leftovers = {"count": str(len(places)), "found": named + more}
        yield Change("unmapped", layout.box(places[0]).address, reading.identity.sheet, values_of_leftovers)
