"""The questions of one layout made ready: what names mean and what is silent after what is settled before any form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from xltool.form.answers import Answers
from xltool.form.layout import Layout
from xltool.form.names import Item
from xltool.form.views import View

if TYPE_CHECKING:
    from xltool.rules.catalogue import Catalogue, Question

#: The number of a question, and what gives its verdict.
_Asked = tuple[int, Callable[[View], bool | None]]


class Inquiry:
    """The questions that are put to forms laid out alike.

    Most rows are blank, and what is asked of a row alone has the same answer on every form that leaves it blank.

    Args:
        catalogue: the rules, with their expressions made ready.
        layout: the layout.
        asked: the questions, in the order of the catalogue.

    Attributes:
        questions: the same.
        before: for each question the numbers of those after whose faults it is silent.
    """

    def __init__(self, catalogue: Catalogue, layout: Layout, asked: Sequence[Question]) -> None:
        self.questions = tuple(asked)
        standing = {(one.number, one.row): number for number, one in enumerate(asked)}
        spots = [[(before, one.row) for before in one.before] for one in asked]
        self.before = [[standing[spot] for spot in before if spot in standing] for before in spots]
        #: By item: all that is asked about it, and what of that is asked even if it is a blank row.
        self._of_item: dict[Item, tuple[list[_Asked], list[_Asked]]] = {}
        for number, question in enumerate(asked):
            always, even_blank = self._of_item.setdefault(question.item, ([], []))
            always.append((number, catalogue.verdict(question.check, question.item)))
            if not catalogue.stays_in_row(question.check, question.item):
                even_blank.append(always[-1])
        self._of_blank: list[bool | None] = [None] * len(asked)
        self._of_blank = self._verdicts(Answers(layout, {}), skip_blank=False)

    def verdicts(self, answers: Answers) -> list[bool | None]:
        """The verdict on each question by itself: True is at fault, False holds, None is unanswered."""
        return self._verdicts(answers, skip_blank=True)

    def _verdicts(self, answers: Answers, skip_blank: bool) -> list[bool | None]:
        found = list(self._of_blank)
        for item, (always, even_blank) in self._of_item.items():
            view = answers.view(item)
            for number, verdict in even_blank if view.blank and skip_blank else always:
                found[number] = verdict(view)
        return found

    def faults(self, found: Sequence[bool | None]) -> list[int]:
        """The numbers of the questions at fault, without those that are silent after others."""
        silent: dict[int, bool] = {}

        def said(number: int) -> bool:
            if number not in silent:
                silent[number] = any(said(before) for before in self.before[number] if found[before])
            return not silent[number]

        return [number for number, at_fault in enumerate(found) if at_fault and said(number)]
