"""The questions of one layout made ready: what names mean and what is silent after what is settled before any form."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from xltool.form.answers import Answers
from xltool.form.binding import CheckTarget
from xltool.form.blocks import EACH_INDICATOR
from xltool.form.evaluation import EvalContext, RowMemo
from xltool.form.layout import Layout
from xltool.rules.expressions import Expressions
from xltool.rules.rule import Check, CheckInstance

#: What a verdict is called where those on all questions are one text of bytes.
HOLDS, AT_FAULT, UNANSWERED = 0, 1, 2
_CODES = {False: HOLDS, True: AT_FAULT, None: UNANSWERED}
_AT_FAULT = re.compile(bytes([AT_FAULT]))

#: The number of a question, and what gives its verdict.
_Asked = tuple[int, Callable[[EvalContext], bool | None]]


class _OfRow:
    """Questions about a row that depend on the same of its cells."""

    def __init__(
        self, memory: RowMemo[bytes], numbers: Sequence[int], verdicts: Sequence[Callable[[EvalContext], bool | None]]
    ) -> None:
        self.memory = memory
        self.numbers = numbers
        self._verdicts = verdicts

    def find(self, view: EvalContext) -> bytes:
        """Their verdicts."""
        return bytes([_CODES[verdict(view)] for verdict in self._verdicts])

    def numbered(self, numbers: Sequence[int]) -> _OfRow:
        """The same with other numbers, which are now the places of theirs."""
        return _OfRow(self.memory, [numbers[at] for at in self.numbers], self._verdicts)


@dataclass(frozen=True)
class _Shape:
    """What is asked of items of which the same is asked, by its place there: beyond an item, and of it alone."""

    beyond: Sequence[_Asked]
    rows: Sequence[_OfRow]


class CheckRunner:
    """The questions that are put to forms laid out alike.

    Most rows are blank, and what is asked of a row alone has the same answer on every form that leaves it blank.

    Args:
        expressions: what the checks ask.
        layout: the layout.
        asked: the questions, in the order of the catalogue.
        answerable: those of them that can have a verdict on these forms; None for all.
        columns: the columns of indicator rows in which anything may stand on these forms; None for all.

    Attributes:
        questions: the same.
        before: for each question the numbers of those after whose faults it is silent.
        after: the same the other way round.
    """

    def __init__(
        self,
        expressions: Expressions,
        layout: Layout,
        asked: Sequence[CheckInstance],
        answerable: Collection[CheckInstance] | None = None,
        columns: Collection[str] | None = None,
    ) -> None:
        self.questions = tuple(asked)
        standing: dict[int, dict[int, int]] = {}
        for at, question in enumerate(asked):
            standing.setdefault(question.row, {})[question.number] = at
        of_rows = [standing[one.row] for one in asked]
        self.before = [
            [of_row[spot] for spot in one.suppressed_by if spot in of_row]
            for one, of_row in zip(asked, of_rows, strict=True)
        ]
        self.after: list[list[int]] = [[] for _ in asked]
        for number, before in enumerate(self.before):
            for one in before:
                self.after[one].append(number)
        #: By item: its group, what is asked beyond it, of that what is asked even of blank rows, what of the row alone.
        self._of_item: dict[CheckTarget, tuple[str, list[_Asked], list[_Asked], list[_OfRow]]] = {}
        blank = Answers(layout, {})
        shapes: dict[tuple[object, ...], _Shape] = {}  # most rows are asked the same
        fixed: dict[tuple[object, ...], list[bool]] = {}  # and of blank rows those of a group are alike
        for item, own in _by_item(asked, answerable).items():
            numbers = [number for number, _ in own]
            checks = tuple(question.check for _, question in own)
            key = (item.each, "" if item.each == EACH_INDICATOR else item.key, *map(id, checks))
            shape = shapes.get(key) or shapes.setdefault(key, _shape(expressions, item, checks, columns))
            group = layout.slots[int(item.key)].level2.id if item.each == EACH_INDICATOR else ""
            beyond = [(numbers[at], verdict) for at, verdict in shape.beyond]
            rows = [one.numbered(numbers) for one in shape.rows]
            if (group, *key) not in fixed:
                view = blank.view(item)
                fixed[group, *key] = [expressions.is_fixed(view, checks[at]) for at, _ in shape.beyond]
            even_blank = [one for one, is_fixed in zip(beyond, fixed[group, *key], strict=True) if not is_fixed]
            self._of_item[item] = (group, beyond, even_blank, rows)
        self._of_blank = bytes([UNANSWERED]) * len(asked)
        self._of_blank = self._verdicts(blank, skip_blank=False)

    def verdicts(self, answers: Answers) -> bytes:
        """The verdict on each question by itself."""
        return self._verdicts(answers, skip_blank=True)

    def without_suppressed(self, verdicts: bytes) -> bytes:
        """The same, unanswered where one is silent after another."""
        found = bytearray(verdicts)
        for number in self.faults(verdicts):
            for after in self.after[number]:
                found[after] = UNANSWERED
        return bytes(found)

    def _verdicts(self, answers: Answers, skip_blank: bool) -> bytes:
        found, filled = bytearray(self._of_blank), answers.is_filled
        for item, (group, beyond, even_blank, rows) in self._of_item.items():
            passed_over = skip_blank and item.each == EACH_INDICATOR and item.key not in filled
            asked = even_blank if passed_over else beyond
            if passed_over and not asked:
                continue
            view = answers.view(item)
            for number, verdict in asked:
                found[number] = _CODES[verdict(view)]
            if not passed_over:
                for one in rows:
                    for number, own in zip(one.numbers, one.memory.of(view, group, one.find), strict=True):
                        found[number] = own
        return bytes(found)

    def faults(self, verdicts: bytes, among: Collection[int] | None = None) -> list[int]:
        """The numbers of the questions at fault, without those that are silent after others.

        Args:
            verdicts: on each question by itself.
            among: the numbers of those that are asked; None for all.
        """
        found = places_at_fault(verdicts)
        faults = set(found) if among is None else {number for number in found if number in among}
        silent: dict[int, bool] = {}

        def is_said(number: int) -> bool:
            if number not in silent:
                silent[number] = any(is_said(before) for before in self.before[number] if before in faults)
            return not silent[number]

        return [number for number in found if number in faults and is_said(number)]


def places_at_fault(verdicts: bytes) -> list[int]:
    """The numbers of the questions at fault."""
    return [match.start() for match in _AT_FAULT.finditer(verdicts)]


def _by_item(
    asked: Sequence[CheckInstance], answerable: Collection[CheckInstance] | None
) -> dict[CheckTarget, list[tuple[int, CheckInstance]]]:
    found: dict[CheckTarget, list[tuple[int, CheckInstance]]] = {}
    for number, question in enumerate(asked):
        if answerable is None or question in answerable:
            found.setdefault(question.item, []).append((number, question))
    return found


def _shape(
    expressions: Expressions, item: CheckTarget, checks: Sequence[Check], columns: Collection[str] | None
) -> _Shape:
    """What is asked beyond an item, and what of it alone, by the columns that it depends on."""
    beyond: list[_Asked] = []
    in_row: dict[frozenset[str], list[_Asked]] = {}
    for at, check in enumerate(checks):
        asked = (at, expressions.verdict(check, item))
        reads = expressions.reads(check, item)
        if reads is not None and columns is not None:
            reads &= frozenset(columns)  # what is blank on all of these forms tells no two rows apart
        (beyond if reads is None else in_row.setdefault(reads, [])).append(asked)
    rows = [
        _OfRow(expressions.memory(reads, alike), [at for at, _ in alike], [verdict for _, verdict in alike])
        for reads, alike in in_row.items()
    ]
    return _Shape(beyond, rows)
