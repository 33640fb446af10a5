"""A form that was issued, as it would be issued now, with what its unit filled in moved to where it belongs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from xltool.form import seals
from xltool.form.answers import Answers
from xltool.form.blocks import PROJECT_CODE_CELL, PROJECT_NAME_CELL, PROJECT_UNIT_CELL, YEAR_CELL
from xltool.form.definition import LEVEL_COLUMNS
from xltool.form.layout import MOST_ROWS, Layout
from xltool.form.places import Place, VariableRowCell
from xltool.form.seals import Seal, SealedValues
from xltool.issuing.corrections import pair_rows
from xltool.issuing.plan import PlannedForm, with_values_of
from xltool.language.functions import Value
from xltool.roster.columns import normalise_key
from xltool.roster.model import Project
from xltool.rules.catalogue import Catalogue

#: What says whose a form is.
_IDENTITY = (PROJECT_NAME_CELL, PROJECT_CODE_CELL, PROJECT_UNIT_CELL, YEAR_CELL)


@dataclass(frozen=True)
class Reissue:
    """A form as it goes back with what is approved now.

    Attributes:
        layout: with as many rows as are approved now, and those that the unit added.
        values: what was issued and what was filled in.
        issued: what is locked, under a seal of its own.
        slots: where the indicator rows have gone; a row that has no place any more is not among them.
        left: what was filled in and has no place any more.
    """

    layout: Layout
    values: Mapping[Place, Value]
    issued: SealedValues
    slots: Mapping[int, int]
    left: Sequence[Place]

    def new_place(self, place: Place) -> Place | None:
        """Where a place of the form that was handed in has gone."""
        return _in_row(place, self.slots)


def reissue(
    catalogue: Catalogue, handed: Answers, issued: SealedValues, project: Project, key: bytes | None
) -> Reissue | None:
    """A form with what is approved now.

    Args:
        catalogue: of the form.
        handed: what came back, in its layout.
        issued: what it was issued with, by the places of that layout.
        project: as the roster has it now.
        key: of the bureau, if it has one at hand.

    Returns:
        None where nothing is approved otherwise, where another project was written on the form, where the roster line
        does not fit the form, or where a seal that was made with a key could not be made again.
    """
    planned = with_values_of(project, catalogue.form.reference)
    said = {place: handed.at(place) for place in _IDENTITY if place in issued.values}
    if any(
        value is not None and normalise_key(str(value)) != normalise_key(str(issued.values[place]))
        for place, value in said.items()
    ):
        return None  # another project was written on it
    if planned is None or (issued.seal.mac and key is None):
        return None
    made = _Reissuing(catalogue, handed, issued, planned)
    values = made.approved()
    if values == {place: value for place, value in issued.values.items() if place in values} and not made.is_reshaped:
        return None
    layout = made.layout.with_issued(values)
    due = project.deadline.isoformat() if isinstance(project.deadline, date) else issued.seal.due
    stated = Seal(project.issue or issued.seal.issue, int(project.number or issued.seal.number),
                  seals.project_mark(project.key), "", due)  # fmt: skip
    sealed = seals.seal_values(
        catalogue.form.reference,
        SealedValues(stated, values, seals.values_text(values, layout)),
        key if issued.seal.mac else None,
    )
    filled = {new: value for place, value in handed.values.items() if (new := made.new_place(place)) is not None}
    left = [place for place, value in handed.values.items() if value is not None and made.is_left(place)]
    return Reissue(layout, {**filled, **values}, replace(sealed, values=values), made.slots, left)


class _Reissuing:
    """The rows of a form put to those approved now."""

    def __init__(self, catalogue: Catalogue, handed: Answers, issued: SealedValues, planned: PlannedForm) -> None:
        self.handed, self.issued, self.planned = handed, issued, planned
        self.old = handed.layout
        own = _rows(issued.values)
        now = _rows(planned.values)
        #: whether the roster and the form both say which indicators are approved
        self.by_indicator = bool(own) and bool(now)
        self.slots: dict[int, int] = {slot.index: slot.index for slot in self.old.slots}
        self.layout = self.old
        if self.by_indicator:
            self.layout = catalogue.layout(self._capacities(own, now))
            self.slots = self._put(own, now)

    @property
    def is_reshaped(self) -> bool:
        """Whether rows have come, gone or moved."""
        return dict(self.layout.capacities) != dict(self.old.capacities) or any(a != b for a, b in self.slots.items())

    def _groups(self, slots: Layout) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for slot in slots.slots:
            found[slot.level2.id].append(slot.index)
        return found

    def _capacities(self, own: Mapping[int, object], now: Mapping[int, object]) -> dict[str, int]:
        """Rows for what is approved now, and as many spare ones as there were, or as the unit has used."""
        planned = self._groups(self._planned_layout)
        found = {}
        for group, slots in self._groups(self.old).items():
            spare = sum(slot not in own for slot in slots) if any(slot in own for slot in slots) else 0
            if not any(slot in own for slot in slots):  # a group without an approved indicator has one row of its own
                spare = len(slots) - 1
            used = sum(slot not in own and bool(self._filled(slot)) for slot in slots)
            approved = sum(slot in now for slot in planned[group])
            found[group] = min(MOST_ROWS, max(1, approved + max(spare, used)))
        return found

    @property
    def _planned_layout(self) -> Layout:
        return Layout(self.old.form, self.planned.capacities)

    def _filled(self, slot: int) -> dict[str, Value]:
        return {
            column: value
            for column, value in self.handed.is_filled.get(slot, {}).items()
            if column not in LEVEL_COLUMNS
        }

    def _put(self, own: Mapping[int, Mapping[str, Value]], now: Mapping[int, Mapping[str, Value]]) -> dict[int, int]:
        """Old rows to new ones: approved rows by their indicator, those that the unit added behind them."""
        found: dict[int, int] = {}
        planned, places = self._groups(self._planned_layout), self._groups(self.layout)
        for group, slots in self._groups(self.old).items():
            was = {slot: dict(own[slot]) for slot in slots if slot in own}
            to_be = [dict(now[slot]) for slot in planned[group] if slot in now]
            waiting = [slot for slot in slots if slot not in own and self._filled(slot)]
            used = set()
            for old, new in pair_rows(list(was.values()), to_be):
                if old is not None and new is not None:
                    slot = next(slot for slot, row in was.items() if row is old)
                    at = next(number for number, row in enumerate(to_be) if row is new)
                    found[slot] = places[group][at]
                    used.add(at)
            room = places[group][len(to_be) :]
            found |= dict(zip(waiting, room, strict=False))
        return found

    def approved(self) -> dict[Place, Value]:
        """What is locked now: of the roster, and of what was issued where the roster says nothing."""
        known = {**self.issued.values, **self.planned.values}
        found: dict[Place, Value] = {
            place: value for place, value in known.items() if not isinstance(place, VariableRowCell)
        }
        if not self.by_indicator:
            found.update(_of_rows(self.issued.values).items())
            return self._ordered(found)
        planned, places = self._groups(self._planned_layout), self._groups(self.layout)
        columns = {place.column for place in _of_rows(self.planned.values)}
        locked_blank = any(
            value is None and place.column == "level3" for place, value in _of_rows(self.issued.values).items()
        )
        cell, planned_values = self.layout.form.indicator_cell, self.planned.values
        for group, slots in places.items():
            approved = [slot for slot in planned[group] if planned_values.get(cell(slot, "level3"))]
            for at, slot in enumerate(slots):
                if at < len(approved):
                    found |= {cell(slot, one): planned_values.get(cell(approved[at], one)) for one in columns}
                elif locked_blank and not approved:
                    found |= {cell(slot, one): None for one in columns}
        return self._ordered(found)

    def _ordered(self, values: Mapping[Place, Value]) -> dict[Place, Value]:
        return {place: values[place] for place in sorted(values, key=self.layout.order.__getitem__)}

    def new_place(self, place: Place) -> Place | None:
        """Where a place has gone; None for one that has gone."""
        return _in_row(place, self.slots) if self.by_indicator else place

    def is_left(self, place: Place) -> bool:
        """Whether a place that the unit filled in has gone."""
        is_value = isinstance(place, VariableRowCell) and place.column not in LEVEL_COLUMNS
        return is_value and self.new_place(place) is None


def _in_row(place: Place, slots: Mapping[int, int]) -> Place | None:
    """A place where its row has gone; None where there is no such row any more."""
    if not isinstance(place, VariableRowCell):
        return place
    slot = slots.get(place.row)
    return None if slot is None else place._replace(row=slot)


def _of_rows(values: Mapping[Place, Value]) -> dict[VariableRowCell, Value]:
    """What stands in the rows of indicators."""
    return {place: value for place, value in values.items() if isinstance(place, VariableRowCell)}


def _rows(values: Mapping[Place, Value]) -> dict[int, dict[str, Value]]:
    """The approved indicators by their row."""
    found: dict[int, dict[str, Value]] = defaultdict(dict)
    for place, value in _of_rows(values).items():
        found[place.row][place.column] = value
    return {slot: row for slot, row in found.items() if row.get("level3") is not None}
