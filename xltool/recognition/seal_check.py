"""Check the seal of a returned form: whether it is intact, and which issued values were changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xltool.form import seals
from xltool.form.kinds import display_text
from xltool.form.layout import Layout
from xltool.form.own_sheets import STAMP
from xltool.form.places import Place, VariableRowCell
from xltool.form.seals import Seal
from xltool.language.functions import Value
from xltool.language.texts import clean
from xltool.workbook.grid import Grid

#: States of a seal: its digest matches the issued values; it contradicts itself; the issued values are gone.
SOUND, BROKEN, LOST = "sound", "broken", "lost"


@dataclass(frozen=True)
class SealCheck:
    """The seal of a form and its state.

    Attributes:
        seal: the seal in most of its carriers.
        state: ``SOUND``, ``BROKEN`` or ``LOST``.
        values_text: the text of the issued values on the hidden sheet; "" if it is lost.
        carriers: the carriers with a seal: sheet, property, name.
    """

    seal: Seal
    state: str
    values_text: str
    carriers: tuple[str, ...]

    def values(self, layout: Layout) -> dict[Place, Value]:
        """The issued values by the places of a layout."""
        return (seals.read_values(self.values_text, layout) if self.values_text else None) or {}


@dataclass(frozen=True)
class IssuedValueChange:
    """An issued value that was changed.

    Attributes:
        place: its present place.
        issued_value: the issued value.
        present_value: the present value.
    """

    place: Place
    issued_value: Value
    present_value: Value


def check_seal(grid: Grid, layout: Layout) -> SealCheck | None:
    """Check the seal of a workbook; None if it has none.

    Args:
        grid: the workbook.
        layout: the form as issued, by its stamp.
    """
    texts = {
        "sheet": grid.at(STAMP, 2, 1).text,
        "property": grid.properties.get(seals.PROPERTY, ""),
        "name": grid.names.get(seals.NAME, "").strip('="'),
    }
    seals_by_carrier = {
        carrier: seal for carrier, text in texts.items() if (seal := seals.parse_seal(text)) is not None
    }
    if not seals_by_carrier:
        return None
    seal = Counter(seals_by_carrier.values()).most_common(1)[0][0]
    written = grid.at(STAMP, 3, 1).text
    is_consistent = len(set(seals_by_carrier.values())) == 1 and len(seals_by_carrier) == sum(
        bool(text) for text in texts.values()
    )
    is_valid = seals.read_values(written, layout) is not None
    is_valid = is_valid and seals.seal_digest(layout.form.reference, seal, written) == seal.digest
    state = BROKEN if not is_consistent else LOST if not written else SOUND if is_valid else BROKEN
    return SealCheck(seal, state, written, tuple(seals_by_carrier))


def issued_value_changes(
    values: Mapping[Place, Value], layout: Layout, current: Mapping[Place, Value]
) -> Iterator[IssuedValueChange]:
    """Yield the issued values that were changed. Another order of rows within a group is not a change.

    Args:
        values: the issued values, by the present places of the form.
        layout: the layout of the form.
        current: the present values.
    """
    for place, issued in values.items():
        if not isinstance(place, VariableRowCell) and not _is_same(issued, current.get(place)):
            yield IssuedValueChange(place, issued, current.get(place))
    for table, slots in _slots_by_group(layout):
        yield from _row_changes(values, table, slots, current)


def _slots_by_group(layout: Layout) -> list[tuple[str, list[int]]]:
    """The rows of each group, with the key of its table."""
    groups: dict[tuple[str, str], list[int]] = {}
    for key, slots in layout.table_slots.items():
        for slot in slots:
            groups.setdefault((key, slot.level2.id), []).append(slot.index)
    return [(key, slots) for (key, _), slots in groups.items()]


def _row_changes(
    values: Mapping[Place, Value], table: str, slots: Sequence[int], current: Mapping[Place, Value]
) -> Iterator[IssuedValueChange]:
    in_table = (place for place in values if isinstance(place, VariableRowCell) and place.block == table)
    columns = list(dict.fromkeys(place.column for place in in_table))
    cells = {slot: [VariableRowCell(table, slot, column) for column in columns] for slot in slots}
    issued = {slot: [*map(values.get, row)] for slot, row in cells.items() if any(cell in values for cell in row)}
    left = {slot: [*map(current.get, cells[slot])] for slot in issued}
    for slot, row in list(issued.items()):  # rows without changes, anywhere in the group
        same = next((other for other in (slot, *left) if other in left and _are_same(row, left[other])), None)
        if same is not None:
            del left[same], issued[slot]
    for slot, row in issued.items():  # a row is identified by its name, in the first column
        other = next(
            (candidate for candidate in left if _is_same(row[0], left[candidate][0])),
            slot if slot in left else next(iter(left)),
        )
        for cell, was, is_now in zip(cells[other], row, left.pop(other), strict=True):
            if not _is_same(was, is_now):
                yield IssuedValueChange(cell, was, is_now)


def _are_same(left: Sequence[Value], right: Sequence[Value]) -> bool:
    return all(_is_same(*pair) for pair in zip(left, right, strict=True))


def _is_same(issued: Value, current: Value) -> bool:
    if isinstance(issued, str) and isinstance(current, str):
        return "".join(clean(issued).split()) == "".join(clean(current).split())
    return (issued or None) == (current or None) if issued is None or current is None else issued == current


def change_text(change: IssuedValueChange, layout: Layout, value: Value) -> str:
    """Format the old or new value of a change; "" for a blank one."""
    return display_text(value, layout.form.field(change.place).kind)
