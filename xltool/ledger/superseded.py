"""X02 without a ledger: which of several forms received together are copies or of earlier rounds, and which count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from xltool.ledger.cross_form_checks import (
    copy_finding,
    is_same,
    readable_finding,
    same_finding,
    submitted_twice,
)
from xltool.ledger.folder_runs import folder_levels, folder_of
from xltool.ledger.project_status import ACCEPTED
from xltool.ledger.readable import CountingForm, project_of_form, readable_instead
from xltool.ledger.received import projects_of
from xltool.ledger.shared_seals import shared_seal_findings
from xltool.result.findings import Finding
from xltool.result.receipt_order import ANSWERED_DIGITS, ReceivedWorkbook
from xltool.result.result import Result
from xltool.roster.columns import normalise_key
from xltool.roster.model import Project, Roster
from xltool.rules.code_findings import code_finding, shared_rules
from xltool.support.i18n import tr


@dataclass(frozen=True)
class ReceivedForm:
    """The parts of a result that distinguish forms.

    Attributes:
        key: the key of the form.
        file: the name of its file.
        project: the identity of its project; "" if it could not be read, or is not the form of its project.
        is_own: whether it names the project that it was issued to, or was issued to none.
        preferred: whether the operator has said that it counts.
        round: the round of submission.
        sealed: whether it was issued and its seal is intact.
        state: the state of its result, as shown.
        after: the digits of the workbook that it answers; None if it answers none.
        listed: what it says of its project; None for what could not be read.
    """

    key: tuple[str, str]
    file: str
    project: str
    is_own: bool
    preferred: bool
    round: int
    sealed: bool
    state: str
    after: str | None = None
    listed: Project | None = None

    @staticmethod
    def of(result: Result, preferred: bool) -> ReceivedForm:
        """Extract them from a result."""
        names, seal = result.project, result.seal
        project = names.key if names is not None and (names.name or names.code) else ""
        sealed = seal is not None and seal.is_sound
        after = result.reading.after if result.reading else None
        listed = project_of_form(result) if project else None
        return ReceivedForm(
            result.key, result.file, project, result.is_of_its_project, preferred, result.round, sealed,
            result.display_state, after, listed,
        )  # fmt: skip

    @property
    def rank(self) -> tuple[bool, bool, int, bool, str, tuple[str, str]]:
        """The sort key; the highest counts: preferred, named as issued, of the last round, issued, the last by name."""
        return self.preferred, self.is_own, self.round, self.sealed, self.file, self.key


@dataclass(frozen=True)
class SupersededForms:
    """What forms that were received together say of each other, by their numbers.

    Attributes:
        findings: about each form.
        superseded: the files that count in the place of forms of which nothing is asked any more.
        uncounted: the forms that do not count for their projects, which includes the superseded.
    """

    findings: Mapping[int, Sequence[Finding]]
    superseded: Mapping[int, str]
    uncounted: frozenset[int]


def superseded_forms(forms: Sequence[ReceivedForm], load: Callable[[int], Result]) -> SupersededForms:
    """Compare forms that were received together.

    Args:
        forms: the forms in the order of their files.
        load: returns the result of a form by its number.
    """
    findings: dict[int, list[Finding]] = defaultdict(list)
    instead: dict[int, str] = {}
    superseded: set[int] = set()
    level = folder_levels((form.file, ReceivedWorkbook(form.key[0], form.after)) for form in forms)
    forms = _counted_rounds(_joined(forms), level)
    counting_forms: dict[str, CountingForm] = {}
    for numbers in _grouped(forms).values():
        first: dict[tuple[str, str], int] = {}
        for number in numbers:
            if forms[number].key in first:
                findings[number].append(copy_finding(forms[first[forms[number].key]].file))
                superseded.add(number)
            else:
                first[forms[number].key] = number
        distinct = sorted(first.values(), key=lambda number: forms[number].rank)
        current = forms[distinct[-1]]
        for number, finding, is_superseded in _project_findings([(one, forms[one]) for one in distinct], load):
            copies = [one for one in numbers if forms[one].key == forms[number].key]
            findings[number].append(finding)
            instead |= dict.fromkeys(copies, current.file) if is_superseded else {}
        superseded.update(distinct[:-1])
        if current.listed is not None:
            run = level[folder_of(current.file)]
            counting_forms[current.listed.key] = CountingForm(current.file, current.state == ACCEPTED, run)
    roster = Roster(tuple(form.listed for form in forms if form.listed is not None))
    for number, form in enumerate(forms):
        if not form.project and (result := load(number)).record is None:
            projects = projects_of(result, roster, by_unit=False)
            if file := readable_instead(projects, level[folder_of(form.file)], counting_forms):
                findings[number].append(readable_finding(file))
                instead[number] = file
    superseded.update(instead)
    counting = [number for number, form in enumerate(forms) if form.project and number not in superseded]
    for number, finding in shared_seal_findings([(number, load(number)) for number in counting]):
        findings[number].append(finding)
    return SupersededForms(findings, instead, frozenset(superseded))


def _counted_rounds(forms: Sequence[ReceivedForm], level: Mapping[str, int]) -> Sequence[ReceivedForm]:
    """The forms with their rounds as a ledger counts them: of a later folder, they are of a later round."""
    by_project: dict[str, set[tuple[int, int]]] = defaultdict(set)
    for form in forms:
        by_project[form.project].add((level[folder_of(form.file)], form.round))
    rounds: dict[tuple[str, int, int], int] = {}
    for project, ranks in by_project.items():
        last = 0
        for folder_level, stamped in sorted(ranks):
            last = rounds[project, folder_level, stamped] = max(stamped, last + 1)
    return [replace(form, round=rounds[form.project, level[folder_of(form.file)], form.round]) for form in forms]


def _grouped(forms: Sequence[ReceivedForm]) -> Mapping[str, Sequence[int]]:
    """The numbers of the forms of each project."""
    groups: dict[str, list[int]] = defaultdict(list)
    for number, form in enumerate(forms):
        if form.project:
            groups[form.project].append(number)
    return groups


def _joined(forms: Sequence[ReceivedForm]) -> Sequence[ReceivedForm]:
    """The forms, those whose project was renamed on a form that was returned under the first name of it."""
    by_digest = {form.key[0][:ANSWERED_DIGITS]: form for form in forms if form.project}
    return [replace(form, project=_first_name(form, by_digest)) if form.project else form for form in forms]


def _first_name(form: ReceivedForm, by_digest: Mapping[str, ReceivedForm]) -> str:
    seen = {form.key[0]}
    while (answered := by_digest.get(form.after or "")) and answered.key[0] not in seen:
        if not _is_named_alike(form.listed, answered.listed):
            break
        form = answered
        seen.add(form.key[0])
    return form.project


def _is_named_alike(one: Project | None, other: Project | None) -> bool:
    """Whether two projects have one year and the name or the unit in common: a form with both changed is another's."""
    if one is None or other is None or one.year != other.year:
        return False
    pairs = ((one.name, other.name), (one.unit, other.unit))
    return any(normalise_key(left) == normalise_key(right) != "" for left, right in pairs)


def _project_findings(
    ranked: Sequence[tuple[int, ReceivedForm]], load: Callable[[int], Result]
) -> Iterator[tuple[int, Finding, bool]]:
    """The findings about the forms of one project, and whether each is superseded; the last form counts."""
    last, current = ranked[-1]
    # a form with other names than it was issued with, perhaps another project's, is no version of the project's own
    ranked = [(number, form) for number, form in ranked if form.is_own or not current.is_own]
    versions = []
    for number, form in ranked[:-1]:
        if form.round != current.round:
            continue
        if is_same(load(number), load(last)):
            yield number, same_finding(current.file), True
        else:
            versions.append((number, form))
    if versions:
        files = [form.file for _, form in (*versions, ranked[-1])]
        finding = submitted_twice(files, current.file, load(versions[-1][0]), load(last))
        yield from ((number, finding, False) for number, _ in (*versions, ranked[-1]))
    for number, form in ranked:
        if form.round != current.round:
            values = {"round": str(form.round), "last": str(current.round), "current": current.file}
            key = "passed" if current.state == ACCEPTED else "earlier"
            yield number, code_finding(shared_rules()["X02"], key, values, "", None, tr("文件", "file")), True
