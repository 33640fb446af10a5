"""X02 where no ledger is kept: which of the forms that came together are copies or of earlier rounds, which count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from xltool.ledger.cross_form_checks import copy_finding, shared_seal_findings, submitted_twice
from xltool.ledger.project_status import ACCEPTED
from xltool.result.findings import Finding
from xltool.result.result import Result
from xltool.roster.model import project_key
from xltool.rules.code_findings import code_finding, shared_rules
from xltool.support.i18n import tr


@dataclass(frozen=True)
class ReceivedForm:
    """What tells forms apart, without the rest of their results.

    Attributes:
        key: of the form; file, its name.
        project: the identity of its project; "" where none could be read.
        preferred: whether somebody has said that it counts.
        round: which time around; sealed, whether it was issued and is whole.
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
        """What is kept of a result."""
        record, seal = result.record, result.seal
        project = ""
        if record is not None and (record["project"]["name"] or record["project"].get("code")):
            own = record["project"]
            project = project_key(record["year"], own.get("code"), own["name"], own["unit"])
        sealed = seal is not None and seal.is_sound
        return ReceivedForm(result.key, result.file, project, preferred, result.round, sealed, result.state)

    @property
    def rank(self) -> tuple[bool, int, bool, str, tuple[str, str]]:
        """The one that counts is the highest: preferred, of the last round, issued, and then the last name."""
        return self.preferred, self.round, self.sealed, self.file, self.key


def superseded_findings(
    sent: Sequence[ReceivedForm], load: Callable[[int], Result]
) -> tuple[Mapping[int, Sequence[Finding]], frozenset[int]]:
    """What is found across forms, by the number of each; and the numbers of those that do not count.

    Args:
        sent: the forms in the order of their files.
        load: the result of one of them, by its number.
    """
    found: dict[int, list[Finding]] = defaultdict(list)
    passed: set[int] = set()
    for own in _grouped(sent).values():
        first: dict[tuple[str, str], int] = {}
        for at in own:
            if sent[at].key in first:
                found[at].append(copy_finding(sent[first[sent[at].key]].file))
                passed.add(at)
            else:
                first[sent[at].key] = at
        apart = sorted(first.values(), key=lambda at: sent[at].rank)
        for at, finding in _of_project([(at, sent[at]) for at in apart], load):
            found[at].append(finding)
        passed.update(apart[:-1])
    counting = [at for at, one in enumerate(sent) if one.project and one.sealed and at not in passed]
    for at, finding in shared_seal_findings([(at, load(at)) for at in counting]):
        found[at].append(finding)
    return found, frozenset(passed)


def _grouped(sent: Sequence[ReceivedForm]) -> Mapping[str, Sequence[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for at, one in enumerate(sent):
        if one.project:
            found[one.project].append(at)
    return found


def _of_project(
    ranked: Sequence[tuple[int, ReceivedForm]], load: Callable[[int], Result]
) -> Iterator[tuple[int, Finding]]:
    """Of the forms of one project, the last of which counts."""
    last, current = ranked[-1]
    same = [(at, one) for at, one in ranked if one.round == current.round]
    if len(same) > 1:
        finding = submitted_twice([one.file for _, one in same], current.file, load(same[-2][0]), load(last))
        yield from ((at, finding) for at, _ in same)
    for at, one in ranked:
        if one.round != current.round:
            given = {"round": str(one.round), "last": str(current.round), "current": current.file}
            key = "passed" if current.state == ACCEPTED else "earlier"
            yield at, code_finding(shared_rules()["X02"], key, given, "", None, tr("文件", "file"))
