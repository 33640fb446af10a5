"""What forms of one kind have in common before they are filled in, and the verdicts of the rules on each."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xltool.form import seals
from xltool.form.answers import Answers, recompute
from xltool.form.places import Place, VariableRowCell
from xltool.language.functions import Value
from xltool.rules.catalogue import Catalogue
from xltool.rules.check_runner import CheckRunner
from xltool.rules.prefilled import AnswerableCells, fully_prefilled
from xltool.rules.rule import CheckInstance


class IssueProfile:
    """The layout with the most rows of any form of a kind, and its issued places.

    Args:
        catalogue: the rules of the form.
        capacities: rows per second-level indicator.
        kind: the fields and indicator columns that are issued, see ``seals.place_kind``; none on blank workbooks.
        spare: whether forms have additional rows for the unit's own indicators; each group then gets one more row in
            the layout, which stands for all such rows.

    Attributes:
        layout: the layout with these rows and issued places.
        open_slots: by group the index of the row that stands for additional rows; empty if there are none.
        columns: the columns of indicator rows that may have content, including those beside the table.
        instances: the check instances of the sheet.
    """

    def __init__(
        self, catalogue: Catalogue, capacities: Mapping[str, int], kind: Collection[str] = (), spare: bool = False
    ) -> None:
        self.catalogue = catalogue
        layout = catalogue.layout({group: rows + spare for group, rows in capacities.items()})
        self.open_slots = (
            {slot.level2.id: slot.index for slot in layout.slots} if spare else {}
        )  # the last row of each group
        spare_rows = {*self.open_slots.values()}
        indicators = {cell for cells in layout.row_cells for cell in cells.values()}
        issued = [place for place in layout.places if seals.place_kind(place) in kind
                  and not (place in indicators and place.row in spare_rows)]  # fmt: skip
        self.layout = layout.with_issued(issued)
        answerable = AnswerableCells(self.layout, self.layout.issued.__contains__)
        self.columns = answerable.columns()
        self.instances = catalogue.sheet_checks(self.layout)
        expressions = catalogue.expressions
        answerable_checks = answerable.answerable(expressions, self.instances)
        self._runner = CheckRunner(expressions, self.layout, self.instances, answerable_checks, self.columns)

        def given(place: Place) -> bool:  # rows that a form lacks remain blank, unless the unit may add some
            return place in self.layout.issued and not (spare and isinstance(place, VariableRowCell))

        prefilled = set(fully_prefilled(expressions, self.layout, self.instances, given))
        self._prefilled = {number for number, instance in enumerate(self.instances) if instance in prefilled}

    def answers(self, values: Mapping[Place, Value], slots: Sequence[int]) -> Answers:
        """The content of a form.

        Args:
            values: the issued values, at the form's own places.
            slots: the index in this layout of each indicator row of the form.
        """
        return recompute(Answers(self.layout, seals.renumber_slots(values, slots)))

    def verdicts(self, answers: Answers) -> bytes:
        """The verdict of each check instance, without regard to the others."""
        return self._runner.verdicts(answers)

    def without_suppressed(self, verdicts: bytes) -> bytes:
        """The same verdicts, unanswered where a check instance is suppressed by another."""
        return self._runner.without_suppressed(verdicts)

    def beyond_unit(self, verdicts: bytes) -> list[CheckInstance]:
        """The check instances at fault that the unit cannot mend, because all they read is issued and locked."""
        return [self.instances[number] for number in self._runner.faults(verdicts, self._prefilled)]
