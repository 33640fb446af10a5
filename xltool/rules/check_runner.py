"""Compiles the checks of one layout: cell lookups and suppression order are resolved once and reused for every form."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from xltool.form.answers import Answers
from xltool.form.check_targets import CheckTarget
from xltool.form.evaluation import EvalContext, RowInput, RowMemo
from xltool.form.layout import Layout
from xltool.rules.expressions import Expressions
from xltool.rules.rule import Check, CheckInstance

#: The codes of verdicts; the verdicts of all check instances are one string of bytes.
HOLDS, AT_FAULT, UNANSWERED = 0, 1, 2
_CODES = {False: HOLDS, True: AT_FAULT, None: UNANSWERED}
_AT_FAULT = re.compile(bytes([AT_FAULT]))

#: The number of a check instance, and its compiled verdict.
_NumberedVerdict = tuple[int, Callable[[EvalContext], bool | None]]


class _RowChecks:
    """Check instances about one row that read the same cells: of the row, and perhaps single cells of the form."""

    def __init__(
        self,
        memory: RowMemo[bytes],
        numbers: Sequence[int],
        verdicts: Sequence[Callable[[EvalContext], bool | None]],
        in_row: bool,
    ) -> None:
        self.memory = memory
        self.numbers = numbers
        self.in_row = in_row
        self._verdicts = verdicts

    def find(self, view: EvalContext) -> bytes:
        """The verdicts on a row."""
        return bytes([_CODES[verdict(view)] for verdict in self._verdicts])

    def numbered(self, numbers: Sequence[int]) -> _RowChecks:
        """The same checks with other numbers: each number is looked up in ``numbers``."""
        return _RowChecks(self.memory, [numbers[at] for at in self.numbers], self._verdicts, self.in_row)


class _ItemChecks(NamedTuple):
    """The checks of one item.

    Attributes:
        group: its second-level indicator, if it is an indicator row; otherwise its kind.
        beyond: the checks that read other items.
        rows: the others.
        beyond_blank, rows_blank: those of them whose verdict on a blank row may differ from form to form.
    """

    group: str
    beyond: Sequence[_NumberedVerdict]
    rows: Sequence[_RowChecks]
    beyond_blank: Sequence[_NumberedVerdict]
    rows_blank: Sequence[_RowChecks]


#: Places in the two sequences of a ``_Shape``.
_Open = tuple[Sequence[int], Sequence[int]]


@dataclass(frozen=True)
class _Shape:
    """The checks shared by similar items, numbered from 0: those that read other items, and those that do not."""

    beyond: Sequence[_NumberedVerdict]
    rows: Sequence[_RowChecks]

    def open_on_blank(self, is_fixed: Callable[[int], bool]) -> _Open:
        """Which of them may differ from form to form on a blank row.

        Args:
            is_fixed: whether a check that reads more than its own row has one verdict on all blank rows.
        """
        beyond = [at for at, (number, _) in enumerate(self.beyond) if not is_fixed(number)]
        rows = [at for at, row in enumerate(self.rows) if not row.in_row and not all(map(is_fixed, row.numbers))]
        return beyond, rows

    def checks_of(self, group: str, numbers: Sequence[int], open_on_blank: _Open) -> _ItemChecks:
        """The checks of an item.

        Args:
            group: its second-level indicator.
            numbers: the number of each check instance.
            open_on_blank: see there.
        """
        beyond = [(numbers[at], verdict) for at, verdict in self.beyond]
        rows = [row_checks.numbered(numbers) for row_checks in self.rows]
        open_beyond, open_rows = open_on_blank
        return _ItemChecks(group, beyond, rows, [beyond[at] for at in open_beyond], [rows[at] for at in open_rows])


class CheckRunner:
    """The check instances of forms with the same layout.

    Most rows are blank, and a check that reads one row alone has the same verdict on every form that leaves the row
    blank. One that reads single cells of the form as well is asked once for all rows that hold the same.

    Args:
        expressions: the expressions of the checks.
        layout: the layout.
        instances: the check instances, in the order of the catalogue.
        answerable: those of them that may have a verdict on these forms; None for all.
        columns: the columns of indicator rows that may have content on these forms; None for all.

    Attributes:
        instances: the check instances.
        before: for each check instance the numbers of those that suppress it when at fault.
        after: the reverse: those that it suppresses.
    """

    def __init__(
        self,
        expressions: Expressions,
        layout: Layout,
        instances: Sequence[CheckInstance],
        answerable: Collection[CheckInstance] | None = None,
        columns: Collection[str] | None = None,
    ) -> None:
        self.instances = tuple(instances)
        numbers_at: dict[int, dict[int, int]] = {}
        for at, instance in enumerate(instances):
            numbers_at.setdefault(instance.row, {})[instance.number] = at
        numbers_in_row = [numbers_at[instance.row] for instance in instances]
        self.before = [
            [in_row[number] for number in instance.suppressed_by if number in in_row]
            for instance, in_row in zip(instances, numbers_in_row, strict=True)
        ]
        self.after: list[list[int]] = [[] for _ in instances]
        for number, before in enumerate(self.before):
            for other in before:
                self.after[other].append(number)
        self._of_item: dict[CheckTarget, _ItemChecks] = {}
        self._each_indicator = layout.form.each_indicator
        blank = Answers(layout, {})
        shapes: dict[tuple[object, ...], _Shape] = {}  # most rows have the same checks
        open_on_blank: dict[tuple[object, ...], _Open] = {}  # blank rows of a group are alike
        for item, item_checks in _by_item(instances, answerable).items():
            numbers = [number for number, _ in item_checks]
            checks = tuple(instance.check for _, instance in item_checks)
            key = (item.each, "" if item.is_row else item.key, *map(id, checks))
            of_indicator = item.each == self._each_indicator
            columns_of_item = columns if of_indicator else None
            shape = shapes.get(key) or shapes.setdefault(key, _shape(expressions, item, checks, columns_of_item))
            group = item.slot(layout).level2.id if item.is_row else ""
            if (group, *key) not in open_on_blank:
                is_fixed = partial(_is_fixed, expressions, blank.view(item), checks)
                open_on_blank[group, *key] = shape.open_on_blank(is_fixed)
            self._of_item[item] = shape.checks_of(group, numbers, open_on_blank[group, *key])
        self._of_blank = bytes([UNANSWERED]) * len(instances)
        self._of_blank = self._verdicts(blank, skip_blank=False)

    def verdicts(self, answers: Answers) -> bytes:
        """The verdict of each check instance, without regard to the others."""
        return self._verdicts(answers, skip_blank=True)

    def without_suppressed(self, verdicts: bytes) -> bytes:
        """The same verdicts, unanswered where a check instance is suppressed by another."""
        effective = bytearray(verdicts)
        for number in self.faults(verdicts):
            for after in self.after[number]:
                effective[after] = UNANSWERED
        return bytes(effective)

    def _verdicts(self, answers: Answers, skip_blank: bool) -> bytes:
        """The verdicts; ``skip_blank`` takes those of checks on blank rows from the blank form."""
        codes, filled = bytearray(self._of_blank), answers.filled_rows
        for item, checks in self._of_item.items():
            is_blank = skip_blank and item.each == self._each_indicator and item.key not in filled
            group, beyond, rows, beyond_blank, rows_blank = checks
            if is_blank:
                beyond, rows = beyond_blank, rows_blank
            if not beyond and not rows:
                continue
            view = answers.view(item)
            for number, verdict in beyond:
                codes[number] = _CODES[verdict(view)]
            for row_checks in rows:
                for number, code in zip(
                    row_checks.numbers, row_checks.memory.result(view, group, row_checks.find), strict=True
                ):
                    codes[number] = code
        return bytes(codes)

    def faults(self, verdicts: bytes, among: Collection[int] | None = None) -> list[int]:
        """The numbers of the check instances at fault that are not suppressed by others.

        Args:
            verdicts: the verdict of each check instance by itself.
            among: the numbers to consider; None for all.
        """
        at_fault = places_at_fault(verdicts)
        faults = set(at_fault) if among is None else {number for number in at_fault if number in among}
        is_suppressed: dict[int, bool] = {}

        def is_said(number: int) -> bool:
            if number not in is_suppressed:
                is_suppressed[number] = any(is_said(before) for before in self.before[number] if before in faults)
            return not is_suppressed[number]

        return [number for number in at_fault if number in faults and is_said(number)]


def places_at_fault(verdicts: bytes) -> list[int]:
    """The numbers of the check instances at fault."""
    return [match.start() for match in _AT_FAULT.finditer(verdicts)]


def _is_fixed(expressions: Expressions, view: EvalContext, checks: Sequence[Check], number: int) -> bool:
    """Whether a check of a blank row has the same verdict whatever else the form holds."""
    return expressions.is_fixed(view, checks[number])


def _by_item(
    instances: Sequence[CheckInstance], answerable: Collection[CheckInstance] | None
) -> dict[CheckTarget, list[tuple[int, CheckInstance]]]:
    """The check instances that may have a verdict, with their numbers, by item."""
    by_item: dict[CheckTarget, list[tuple[int, CheckInstance]]] = {}
    for number, instance in enumerate(instances):
        if answerable is None or instance in answerable:
            by_item.setdefault(instance.item, []).append((number, instance))
    return by_item


def _shape(
    expressions: Expressions, item: CheckTarget, checks: Sequence[Check], columns: Collection[str] | None
) -> _Shape:
    """Compile the checks of an item: those that read other items, and the others by the cells they read."""
    beyond: list[_NumberedVerdict] = []
    by_inputs: dict[frozenset[RowInput], list[_NumberedVerdict]] = {}
    for number, check in enumerate(checks):
        asked = (number, expressions.verdict(check, item))
        inputs = expressions.inputs(check, item)
        if inputs is not None and columns is not None:  # columns that are blank on all of these forms distinguish none
            inputs = frozenset(name for name in inputs if not isinstance(name, str) or name in columns)
        (beyond if inputs is None else by_inputs.setdefault(inputs, [])).append(asked)
    rows = [
        _RowChecks(
            expressions.row_memo(inputs, alike),
            [number for number, _ in alike],
            [verdict for _, verdict in alike],
            all(isinstance(name, str) for name in inputs),
        )
        for inputs, alike in by_inputs.items()
    ]
    return _Shape(beyond, rows)
