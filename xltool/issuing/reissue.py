"""Issues a form again with current approvals, and moves the unit's input to its new places."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from xltool.form import seals
from xltool.form.answers import Answers
from xltool.form.blocks import LEVEL_COLUMNS
from xltool.form.capacities import MOST_ROWS
from xltool.form.layout import Layout
from xltool.form.places import Place, VariableRowCell
from xltool.form.seals import Seal, SealedValues
from xltool.issuing.corrections import pair_rows
from xltool.issuing.plan import PlannedForm, planned_form
from xltool.language.functions import Value
from xltool.result import roles
from xltool.roster.columns import normalise_key
from xltool.roster.model import Project
from xltool.rules.catalogue import Catalogue

#: The roles of the cells that identify the project.
_IDENTITY = (roles.SUBJECT, roles.CODE, roles.UNIT, roles.YEAR)


@dataclass(frozen=True)
class Reissue:
    """A form as returned with current approvals.

    Attributes:
        layout: with the rows approved now, and those that the unit added.
        values: the issued values and the unit's input.
        issued: the locked values, under a new seal.
        slots: the new index of each indicator row that still exists.
        lost_inputs: the places with input that no longer exist.
    """

    layout: Layout
    values: Mapping[Place, Value]
    issued: SealedValues
    slots: Mapping[int, int]
    lost_inputs: Sequence[Place]

    def new_place(self, place: Place) -> Place | None:
        """The new place of a place of the submitted form; None if it no longer exists."""
        return _in_row(place, self.slots, self.layout.form.indicator_table)


def reissue(
    catalogue: Catalogue, submitted: Answers, issued: SealedValues, project: Project, key: bytes | None
) -> Reissue | None:
    """Issue a form again with current approvals.

    Args:
        catalogue: the rules of the form.
        submitted: the submitted form.
        issued: the issued values, by the places of the submitted form's layout.
        project: the project in the current roster.
        key: the bureau's key, if it is available.

    Returns:
        None if no approval has changed, if another project was written on the form, if the roster line does not fit the
        form, or if a seal made with a key cannot be made again.
    """
    planned = planned_form(project, catalogue.form.reference)
    places = [place for role in _IDENTITY if (place := catalogue.form.place(role)) is not None]
    identity = {place: submitted.at(place) for place in places if place in issued.values}
    if any(
        value is not None and normalise_key(str(value)) != normalise_key(str(issued.values[place]))
        for place, value in identity.items()
    ):
        return None  # another project was written on the form
    if planned is None or (issued.seal.mac and key is None):
        return None
    reissuing = _Reissuing(catalogue, submitted, issued, planned)
    values = reissuing.approved()
    if (
        values == {place: value for place, value in issued.values.items() if place in values}
        and not reissuing.is_reshaped
    ):
        return None
    layout = reissuing.layout.with_issued(values)
    due = project.deadline.isoformat() if isinstance(project.deadline, date) else issued.seal.due
    unsigned = Seal(project.issue or issued.seal.issue, int(project.number or issued.seal.number),
                  seals.project_mark(project.key), "", due)  # fmt: skip
    sealed = seals.seal_values(
        catalogue.form.reference,
        SealedValues(unsigned, values, seals.values_text(values, layout)),
        key if issued.seal.mac else None,
    )
    filled = {
        new: value for place, value in submitted.values.items() if (new := reissuing.new_place(place)) is not None
    }
    lost = [place for place, value in submitted.values.items() if value is not None and reissuing.is_left(place)]
    return Reissue(layout, {**filled, **values}, replace(sealed, values=values), reissuing.slots, lost)


class _Reissuing:
    """Maps the rows of an issued form to the rows approved now."""

    def __init__(self, catalogue: Catalogue, submitted: Answers, issued: SealedValues, planned: PlannedForm) -> None:
        self.submitted, self.issued, self.planned = submitted, issued, planned
        self.old = submitted.layout
        self.name_column = catalogue.form.name_column
        issued_rows = self._rows(issued.values)
        approved_rows = self._rows(planned.values)
        #: whether both the roster and the form have approved indicators
        self.by_indicator = bool(issued_rows) and bool(approved_rows)
        self.slots: dict[int, int] = {slot.index: slot.index for slot in self.old.slots}
        self.layout = self.old
        if self.by_indicator:
            self.layout = catalogue.layout(self._capacities(issued_rows, approved_rows))
            self.slots = self._map_rows(issued_rows, approved_rows)

    def _rows(self, values: Mapping[Place, Value]) -> dict[int, dict[str, Value]]:
        """The approved indicators by row."""
        rows: dict[int, dict[str, Value]] = defaultdict(dict)
        for place, value in _of_rows(values).items():
            rows[place.row][place.column] = value
        return {slot: row for slot, row in rows.items() if row.get(self.name_column) is not None}

    @property
    def is_reshaped(self) -> bool:
        """Whether rows were added, removed or moved."""
        return dict(self.layout.capacities) != dict(self.old.capacities) or any(a != b for a, b in self.slots.items())

    def _groups(self, slots: Layout) -> dict[str, list[int]]:
        """The indexes of the rows of each group."""
        indexes: dict[str, list[int]] = defaultdict(list)
        for slot in slots.slots:
            indexes[slot.level2.id].append(slot.index)
        return indexes

    def _capacities(self, issued_rows: Mapping[int, object], approved_rows: Mapping[int, object]) -> dict[str, int]:
        """Rows for what is approved now, and as many spare ones as before, or as the unit has used."""
        planned = self._groups(self._planned_layout)
        capacities = {}
        for group, slots in self._groups(self.old).items():
            spare = sum(slot not in issued_rows for slot in slots) if any(slot in issued_rows for slot in slots) else 0
            if not any(
                slot in issued_rows for slot in slots
            ):  # a group without an approved indicator has one row anyway
                spare = len(slots) - 1
            used = sum(slot not in issued_rows and bool(self._filled(slot)) for slot in slots)
            approved = sum(slot in approved_rows for slot in planned[group])
            capacities[group] = min(MOST_ROWS, max(1, approved + max(spare, used)))
        return {**self.old.capacities, **capacities}

    @property
    def _planned_layout(self) -> Layout:
        return Layout(self.old.form, self.planned.capacities)

    def _filled(self, slot: int) -> dict[str, Value]:
        return {
            column: value
            for column, value in self.submitted.filled_rows.get(slot, {}).items()
            if column not in LEVEL_COLUMNS
        }

    def _map_rows(
        self, issued_rows: Mapping[int, Mapping[str, Value]], approved_rows: Mapping[int, Mapping[str, Value]]
    ) -> dict[int, int]:
        """The new index of old rows: approved ones by their indicator, those added by the unit after them."""
        new_index: dict[int, int] = {}
        planned, places = self._groups(self._planned_layout), self._groups(self.layout)
        for group, slots in self._groups(self.old).items():
            was = {slot: dict(issued_rows[slot]) for slot in slots if slot in issued_rows}
            to_be = [dict(approved_rows[slot]) for slot in planned[group] if slot in approved_rows]
            added = [slot for slot in slots if slot not in issued_rows and self._filled(slot)]
            used = set()
            for old, new in pair_rows(list(was.values()), to_be, self.name_column):
                if old is not None and new is not None:
                    slot = next(slot for slot, row in was.items() if row is old)
                    position = next(number for number, row in enumerate(to_be) if row is new)
                    new_index[slot] = places[group][position]
                    used.add(position)
            spare = places[group][len(to_be) :]
            new_index |= dict(zip(added, spare, strict=False))
        return new_index

    def approved(self) -> dict[Place, Value]:
        """The values that are locked now: those of the roster, and issued ones where the roster has none."""
        known = {**self.issued.values, **self.planned.values}
        values: dict[Place, Value] = {
            place: value for place, value in known.items() if not isinstance(place, VariableRowCell)
        }
        if not self.by_indicator:
            values.update(_of_rows(self.issued.values).items())
            return self._ordered(values)
        planned, places = self._groups(self._planned_layout), self._groups(self.layout)
        columns = {place.column for place in _of_rows(self.planned.values)}
        locked_blank = any(
            value is None and place.column == self.name_column for place, value in _of_rows(self.issued.values).items()
        )
        cell, planned_values = self.layout.form.indicator_cell, self.planned.values
        for group, slots in places.items():
            approved = [slot for slot in planned[group] if planned_values.get(cell(slot, self.name_column))]
            for position, slot in enumerate(slots):
                if position < len(approved):
                    values |= {
                        cell(slot, column): planned_values.get(cell(approved[position], column)) for column in columns
                    }
                elif locked_blank and not approved:
                    values |= {cell(slot, column): None for column in columns}
        return self._ordered(values)

    def _ordered(self, values: Mapping[Place, Value]) -> dict[Place, Value]:
        return {place: values[place] for place in sorted(values, key=self.layout.positions.__getitem__)}

    def new_place(self, place: Place) -> Place | None:
        """The new place of a place; None if it no longer exists."""
        return _in_row(place, self.slots, self.layout.form.indicator_table) if self.by_indicator else place

    def is_left(self, place: Place) -> bool:
        """Whether a place with the unit's input no longer exists."""
        is_value = isinstance(place, VariableRowCell) and place.column not in LEVEL_COLUMNS
        return is_value and self.new_place(place) is None


def _in_row(place: Place, slots: Mapping[int, int], table: str) -> Place | None:
    """A place in the new row of a table; None if the row no longer exists."""
    if not isinstance(place, VariableRowCell) or place.block != table:
        return place
    slot = slots.get(place.row)
    return None if slot is None else place._replace(row=slot)


def _of_rows(values: Mapping[Place, Value]) -> dict[VariableRowCell, Value]:
    """The values in the rows of indicators."""
    return {place: value for place, value in values.items() if isinstance(place, VariableRowCell)}
