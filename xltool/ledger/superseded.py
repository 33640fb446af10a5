"""X02 without a ledger: which of several forms received together are copies or of earlier rounds, and which count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xltool.ledger.cross_form_checks import copy_finding, shared_seal_findings, submitted_twice
from xltool.ledger.project_status import ACCEPTED
from xltool.result.findings import Finding
from xltool.result.result import Result
from xltool.rules.code_findings import code_finding, shared_rules
from xltool.support.i18n import tr


@dataclass(frozen=True)
class ReceivedForm:
    """The parts of a result that distinguish forms.

    Attributes:
        key: the key of the form.
        file: the name of its file.
        project: the identity of its project; "" if it could not be read.
        preferred: whether the operator has said that it counts.
        round: the round of submission.
        sealed: whether it was issued and its seal is intact.
        state: the state of its result.
    """

    key: tuple[str, str]
    file: str
    project: str
    preferred: bool
    round: int
    sealed: bool
    state: str

    @staticmethod
    def of(result: Result, preferred: bool) -> ReceivedForm:
        """Extract them from a result."""
        record, seal = result.record, result.seal
        project = ""
        if record is not None and (record.project.name or record.project.code):
            project = record.project.key
        sealed = seal is not None and seal.is_sound
        return ReceivedForm(result.key, result.file, project, preferred, result.round, sealed, result.state)

    @property
    def rank(self) -> tuple[bool, int, bool, str, tuple[str, str]]:
        """The sort key; the highest form counts: preferred, of the last round, issued, and then the last by name."""
        return self.preferred, self.round, self.sealed, self.file, self.key


def superseded_findings(
    forms: Sequence[ReceivedForm], load: Callable[[int], Result]
) -> tuple[Mapping[int, Sequence[Finding]], frozenset[int]]:
    """Find the findings across forms, by the number of each form; and the numbers of forms that do not count.

    Args:
        forms: the forms in the order of their files.
        load: returns the result of a form by its number.
    """
    findings: dict[int, list[Finding]] = defaultdict(list)
    superseded: set[int] = set()
    for numbers in _grouped(forms).values():
        first: dict[tuple[str, str], int] = {}
        for number in numbers:
            if forms[number].key in first:
                findings[number].append(copy_finding(forms[first[forms[number].key]].file))
                superseded.add(number)
            else:
                first[forms[number].key] = number
        distinct = sorted(first.values(), key=lambda number: forms[number].rank)
        for number, finding in _project_findings([(number, forms[number]) for number in distinct], load):
            findings[number].append(finding)
        superseded.update(distinct[:-1])
    counting = [
        number for number, form in enumerate(forms) if form.project and form.sealed and number not in superseded
    ]
    for number, finding in shared_seal_findings([(number, load(number)) for number in counting]):
        findings[number].append(finding)
    return findings, frozenset(superseded)


def _grouped(forms: Sequence[ReceivedForm]) -> Mapping[str, Sequence[int]]:
    """The numbers of the forms of each project."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, form in enumerate(forms):
        if form.project:
            groups[form.project].append(number)
    return groups


def _project_findings(
    ranked: Sequence[tuple[int, ReceivedForm]], load: Callable[[int], Result]
) -> Iterator[tuple[int, Finding]]:
    """The findings about the forms of one project; the last form counts."""
    last, current = ranked[-1]
    same = [(number, form) for number, form in ranked if form.round == current.round]
    if len(same) > 1:
        finding = submitted_twice([form.file for _, form in same], current.file, load(same[-2][0]), load(last))
        yield from ((number, finding) for number, _ in same)
    for number, form in ranked:
        if form.round != current.round:
            values = {"round": str(form.round), "last": str(current.round), "current": current.file}
            key = "passed" if current.state == ACCEPTED else "earlier"
            yield number, code_finding(shared_rules()["X02"], key, values, "", None, tr("文件", "file"))
