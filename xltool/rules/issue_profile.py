"""What forms of one kind have in common before anybody has filled them in, and what the rules say of each of them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xltool.form import seals
from xltool.form.answers import Answers, as_computed_on_sheet
from xltool.form.places import Place, VariableRowCell
from xltool.language.functions import Value
from xltool.rules.catalogue import Catalogue
from xltool.rules.check_runner import CheckRunner
from xltool.rules.prefilled import AnswerableCells, fully_prefilled
from xltool.rules.rule import CheckInstance


class IssueProfile:
    """The most rows that any form of a kind has, and where values are issued in them.

    Args:
        catalogue: of the form.
        capacities: rows for each second-level indicator.
        kind: the fields and the columns of indicators that are issued, see ``seals.name``; none on blank templates.
        spare: whether forms have rows besides, for the unit's own indicators: each group gets one more row here,
            which is as such rows are.

    Attributes:
        layout: with these rows, and the issued places.
        open_slots: by group the row that is as spare rows are; empty where there are none.
        columns: the columns of indicator rows in which anything may stand, those beside the table among them.
        questions: those that the sheet asks.
    """

    def __init__(
        self, catalogue: Catalogue, capacities: Mapping[str, int], kind: Collection[str] = (), spare: bool = False
    ) -> None:
        self.catalogue = catalogue
        layout = catalogue.layout({group: rows + spare for group, rows in capacities.items()})
        self.open_slots = {slot.level2.id: slot.index for slot in layout.slots} if spare else {}  # the last of each
        spared = {*self.open_slots.values()}
        issued = [place for place in layout.places if seals.place_kind(place) in kind
                  and not (isinstance(place, VariableRowCell) and place.row in spared)]  # fmt: skip
        self.layout = layout.with_issued(issued)
        answerable = AnswerableCells(self.layout, self.layout.issued.__contains__)
        self.columns = answerable.columns()
        self.questions = catalogue.sheet_checks(self.layout)
        expressions = catalogue.expressions
        answered = answerable.questions(expressions, self.questions)
        self._inquiry = CheckRunner(expressions, self.layout, self.questions, answered, self.columns)

        def given(place: Place) -> bool:  # rows that a form has not are blank for good, unless the unit may add some
            return place in self.layout.issued and not (spare and isinstance(place, VariableRowCell))

        known = set(fully_prefilled(expressions, self.layout, self.questions, given))
        self._settled = {number for number, question in enumerate(self.questions) if question in known}

    def answers(self, values: Mapping[Place, Value], slots: Sequence[int]) -> Answers:
        """What a form shows.

        Args:
            values: what is issued, at the form's own places.
            slots: where each of its indicator rows is in the frame.
        """
        return as_computed_on_sheet(Answers(self.layout, seals.renumber_slots(values, slots)))

    def verdicts(self, answers: Answers) -> bytes:
        """The verdicts on the questions of a form, each by itself."""
        return self._inquiry.verdicts(answers)

    def without_suppressed(self, verdicts: bytes) -> bytes:
        """The same, unanswered where one is silent after another."""
        return self._inquiry.without_suppressed(verdicts)

    def unmendable(self, verdicts: bytes) -> list[CheckInstance]:
        """The questions at fault whatever the unit does: all that they are about is issued, and locked."""
        return [self.questions[number] for number in self._inquiry.faults(verdicts, self._settled)]
