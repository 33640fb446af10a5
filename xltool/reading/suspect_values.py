"""Values that a cell shows otherwise than it stores them, and values that are crossed out: said, and taken for none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from xltool.form.blocks import MONEY_UNIT_CELL
from xltool.form.places import Place
from xltool.form.record import Paths
from xltool.reading.reader import SHOWN, STRUCK, STRUCK_NUMBER, Reading, UncertainNumber
from xltool.result.findings import LEVELS, Finding, FindingPlace
from xltool.rules import check
from xltool.rules.rule import Rule
from xltool.support.i18n import tr

#: The rule that says of each.
_RULES = {SHOWN: "F01", STRUCK: "P04", STRUCK_NUMBER: "P04"}

#: So many cells are named in a message; all are among the places.
_NAMED = 5


@dataclass(frozen=True)
class SuspectValues:
    """What is said of the values of a form that are in doubt.

    Args:
        reading: of the form.
        rules: of its catalogue.
        paths: where its values stand in its record.
        address: sheet and cell of a place.
        said: what the rules have found.
    """

    reading: Reading
    rules: Mapping[str, Rule]
    paths: Paths
    address: Callable[[Place], str]
    group_text: Sequence[Finding]

    def findings_left(self) -> list[Finding]:
        """The findings of the rules that do not follow from a value in doubt."""
        return [one for one in self.group_text if one.cell not in self._cells]

    @cached_property
    def _cells(self) -> set[str]:
        """Where values are left open: those of which a text is left are judged by that."""
        doubts = self.reading.doubts.items()
        return {self.address(place) for place, one in doubts if one.key != STRUCK or not one.left}

    def findings(self) -> Iterator[Finding]:
        """One for all that are in doubt for the same reason."""
        groups: dict[tuple[str, str], list[Place]] = {}
        for place, one in self.reading.doubts.items():
            groups.setdefault((one.key, one.group), []).append(place)
        for places in groups.values():
            yield self._joined([(place, self.reading.doubts[place]) for place in places])

    def _joined(self, every: Sequence[tuple[Place, UncertainNumber]]) -> Finding:
        alone = [self._alone(place, one) for place, one in every]
        if len(alone) == 1:
            return alone[0]
        cells = [str(one.cell).rpartition("!")[2] for one in alone]
        named = "、".join(cells[1:_NAMED]) + ("……" if len(cells) > _NAMED else "")
        also = tr(f"；{named} 等同样的共 {len(cells)} 处", f"; likewise {named}, {len(cells)} places in all")
        level = min((one.level for one in alone), key=LEVELS.index)
        places = tuple(
            FindingPlace(one.path, one.cell, one.label, one.message, one.found, one.expected) for one in alone
        )
        return replace(alone[0], message=alone[0].message + also, level=level, places=places)

    def _alone(self, place: Place, one: UncertainNumber) -> Finding:
        rule = self.rules[_RULES[one.key]]
        unit = self.reading.answers.at(MONEY_UNIT_CELL)
        given = {"shown": one.shown, "stored": one.stored, "unit": str(unit or tr("（没有写）", "(not said)"))}
        found = check.reader_finding(rule, one.key, place, self.reading.answers, self.paths, given, self.address(place))
        # What is missing because it is crossed out weighs as much as if it had not been filled in.
        levels = [found.level, *(other.level for other in self.group_text if other.cell in self._cells & {found.cell})]
        return replace(found, found=one.shown, level=min(levels, key=LEVELS.index))
