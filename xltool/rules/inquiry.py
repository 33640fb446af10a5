"""The questions of one layout made ready: what names mean and what is silent after what is settled before any form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xltool.form.answers import Answers
from xltool.form.names import Item

if TYPE_CHECKING:
    from xltool.rules.catalogue import Catalogue, Question


class Inquiry:
    """The questions that are put to forms laid out alike.

    Args:
        catalogue: the rules, with their expressions made ready.
        asked: the questions, in the order of the catalogue.

    Attributes:
        questions: the same.
        before: for each question the numbers of those after whose faults it is silent.
    """

    def __init__(self, catalogue: Catalogue, asked: Sequence[Question]) -> None:
        self.questions = tuple(asked)
        standing = {(one.number, one.row): number for number, one in enumerate(asked)}
        spots = [[(before, one.row) for before in one.before] for one in asked]
        self.before = [[standing[spot] for spot in before if spot in standing] for before in spots]
        items = {(one.item.each, one.item.key): one.item for one in asked}
        self._items: list[Item] = list(items.values())
        number_of = {key: number for number, key in enumerate(items)}
        self._asked = [
            (catalogue.verdict(one.check, one.item), number_of[one.item.each, one.item.key]) for one in asked
        ]

    def verdicts(self, answers: Answers) -> list[bool | None]:
        """The verdict on each question by itself: True is at fault, False holds, None is unanswered."""
        views = [answers.view(item) for item in self._items]
        return [verdict(views[item]) for verdict, item in self._asked]

    def faults(self, found: Sequence[bool | None]) -> list[int]:
        """The numbers of the questions at fault, without those that are silent after others."""
        silent: dict[int, bool] = {}

        def said(number: int) -> bool:
            if number not in silent:
                silent[number] = any(said(before) for before in self.before[number] if found[before])
            return not silent[number]

        return [number for number, at_fault in enumerate(found) if at_fault and said(number)]
