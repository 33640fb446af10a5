"""Findings about values in doubt: displayed differently from what is stored, crossed out, or a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from xltool.form.places import Place
from xltool.form.record import Paths
from xltool.reading.reader import PICTURE, SHOWN, STRUCK, STRUCK_NUMBER, Reading, UncertainNumber
from xltool.result.findings import LEVELS, Finding
from xltool.result.roles import MONEY_UNIT
from xltool.rules import check
from xltool.rules.rule import Rule
from xltool.support.i18n import tr

#: The rule that reports each reason.
_RULES = {SHOWN: "F01", STRUCK: "P04", STRUCK_NUMBER: "P04", PICTURE: "P04"}

#: The most cells named in a message; all are among the places of the finding.
_NAMED = 5


@dataclass(frozen=True)
class SuspectValues:
    """The findings about the values in doubt of a form.

    Attributes:
        reading: the reading of the form.
        rules: the rules of its catalogue.
        paths: the paths of its values in the record.
        address: returns sheet and cell of a place.
        rule_findings: the findings of the rules.
    """

    reading: Reading
    rules: Mapping[str, Rule]
    paths: Paths
    address: Callable[[Place], str]
    rule_findings: Sequence[Finding]

    @cached_property
    def places(self) -> frozenset[Place]:
        """The places without an accepted value; a cell with a remaining text is judged by that text."""
        doubts = self.reading.uncertain_numbers.items()
        return frozenset(place for place, doubt in doubts if doubt.key != STRUCK or not doubt.remaining_text)

    def findings(self) -> Iterator[Finding]:
        """One finding for all values in doubt for the same reason."""
        groups: dict[tuple[str, str], list[Place]] = {}
        for place, doubt in self.reading.uncertain_numbers.items():
            groups.setdefault((doubt.key, doubt.group), []).append(place)
        for places in groups.values():
            yield self._join([(place, self.reading.uncertain_numbers[place]) for place in places])

    def _join(self, doubts: Sequence[tuple[Place, UncertainNumber]]) -> Finding:
        """Join the findings about values in doubt for the same reason."""
        findings = [self._finding(place, finding) for place, finding in doubts]
        if len(findings) == 1:
            return findings[0]
        cells = [str(finding.cell).rpartition("!")[2] for finding in findings]
        named = "、".join(cells[1:_NAMED]) + ("……" if len(cells) > _NAMED else "")
        also = tr(f"；{named} 等同样的共 {len(cells)} 处", f"; likewise {named}, {len(cells)} places in all")
        level = min((finding.level for finding in findings), key=LEVELS.index)
        places = tuple(finding.as_place() for finding in findings)
        return replace(findings[0], message=findings[0].message + also, level=level, places=places)

    def _finding(self, place: Place, doubt: UncertainNumber) -> Finding:
        """The finding about one value."""
        rule = self.rules[_RULES[doubt.key]]
        form = self.reading.answers.layout.form
        place_of_unit = form.place(MONEY_UNIT)
        unit = form.money_unit if place_of_unit is None else self.reading.answers.at(place_of_unit)
        values = {"shown": doubt.shown, "stored": doubt.stored, "unit": str(unit or tr("（没有写）", "(not said)"))}
        finding = check.reader_finding(
            rule, doubt.key, place, self.reading.answers, self.paths, values, self.address(place)
        )
        # A missing value that was crossed out is as serious as one that was not filled in.
        others = self.rule_findings if place in self.places else ()
        levels = [other.level for other in others for spot in other.per_place() if spot.cell == finding.cell]
        return replace(finding, found=doubt.shown, level=min([finding.level, *levels], key=LEVELS.index))
