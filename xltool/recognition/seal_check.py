"""The seal of an issued form as it came back: whether it is whole, and what of the issued values is no longer so."""

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

#: A seal whose digest fits what was issued; one that contradicts itself; one whose issued values are gone.
SOUND, BROKEN, LOST = "sound", "broken", "lost"


@dataclass(frozen=True)
class SealCheck:
    """A seal that was found.

    Attributes:
        seal: as most of its carriers have it.
        state: one of the three words above.
        written: what was issued, as the hidden sheet has it; "" when that is lost.
        carriers: where the seal was found: sheet, property, name.
    """

    seal: Seal
    state: str
    written: str
    carriers: tuple[str, ...]

    def values(self, layout: Layout) -> dict[Place, Value]:
        """What was issued, by the places of a layout."""
        return (seals.read_values(self.written, layout) if self.written else None) or {}


@dataclass(frozen=True)
class IssuedValueChange:
    """An issued value that is no longer so: where it stands now, what was issued, what is there."""

    place: Place
    issued: Value
    here: Value


def check_seal(grid: Grid, layout: Layout) -> SealCheck | None:
    """The seal of a workbook; None when it has none.

    Args:
        grid: the workbook.
        layout: of the form as its stamp says it was issued.
    """
    texts = {
        "sheet": grid.at(STAMP, 2, 1).text,
        "property": grid.properties.get(seals.PROPERTY, ""),
        "name": grid.names.get(seals.NAME, "").strip('="'),
    }
    found = {carrier: seal for carrier, text in texts.items() if (seal := seals.parse_seal(text)) is not None}
    if not found:
        return None
    seal = Counter(found.values()).most_common(1)[0][0]
    written = grid.at(STAMP, 3, 1).text
    whole = len(set(found.values())) == 1 and len(found) == sum(bool(text) for text in texts.values())
    fits = seals.read_values(written, layout) is not None
    fits = fits and seals.digest(layout.form.reference, seal, written) == seal.digest
    state = BROKEN if not whole else LOST if not written else SOUND if fits else BROKEN
    return SealCheck(seal, state, written, tuple(found))


def issued_value_changes(
    values: Mapping[Place, Value], layout: Layout, here: Mapping[Place, Value]
) -> Iterator[IssuedValueChange]:
    """The issued values that are no longer so; rows of a group in another order are not changed.

    Args:
        values: what was issued, by the places of the form as it is now.
        layout: of the form.
        here: what stands there.
    """
    for place, issued in values.items():
        if not isinstance(place, VariableRowCell) and not _same(issued, here.get(place)):
            yield IssuedValueChange(place, issued, here.get(place))
    for slots in _groups(layout):
        yield from _rows(values, slots, here, layout)


def _groups(layout: Layout) -> list[list[int]]:
    found: dict[str, list[int]] = {}
    for slot in layout.slots:
        found.setdefault(slot.level2.id, []).append(slot.index)
    return list(found.values())


def _rows(
    values: Mapping[Place, Value], slots: Sequence[int], here: Mapping[Place, Value], layout: Layout
) -> Iterator[IssuedValueChange]:
    columns = list(dict.fromkeys(place.column for place in values if isinstance(place, VariableRowCell)))
    cells = {slot: [layout.form.indicator_cell(slot, column) for column in columns] for slot in slots}
    issued = {slot: [*map(values.get, row)] for slot, row in cells.items() if any(cell in values for cell in row)}
    left = {slot: [*map(here.get, cells[slot])] for slot in issued}
    for slot, row in list(issued.items()):  # those that are as they were, wherever in the group they are
        same = next((other for other in (slot, *left) if other in left and _all_same(row, left[other])), None)
        if same is not None:
            del left[same], issued[slot]
    for slot, row in issued.items():  # a row is known by its name, which is its first column
        other = next((one for one in left if _same(row[0], left[one][0])), slot if slot in left else next(iter(left)))
        for cell, was, is_now in zip(cells[other], row, left.pop(other), strict=True):
            if not _same(was, is_now):
                yield IssuedValueChange(cell, was, is_now)


def _all_same(left: Sequence[Value], right: Sequence[Value]) -> bool:
    return all(_same(one, other) for one, other in zip(left, right, strict=True))


def _same(issued: Value, here: Value) -> bool:
    if isinstance(issued, str) and isinstance(here, str):
        return "".join(clean(issued).split()) == "".join(clean(here).split())
    return (issued or None) == (here or None) if issued is None or here is None else issued == here


def change_text(one: IssuedValueChange, layout: Layout, of: Value) -> str:
    """A value of a changed place as people read it; "" for a blank one."""
    return display_text(of, layout.form.field(one.place).kind)
