"""Checks across forms: submitted twice, similar texts, the spread of scores (X02, X03, X04)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import islice

from xltool.language.numbers import add, divide, multiply, round_half_up
from xltool.language.numbers import decimal_text as number
from xltool.ledger.project_status import ACCEPTED, ProjectStatus
from xltool.ledger.received import UnreadableFile
from xltool.ledger.shared_seals import shared_seal_findings
from xltool.ledger.store import Ledger, Submission
from xltool.result.comparison import differences
from xltool.result.findings import Finding
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.result.roles import GOAL_RESULT, GRADE, REASON, TOTAL_SCORE
from xltool.roster.columns import normalise_key
from xltool.roster.model import Project
from xltool.rules.code_findings import code_finding, shared_rules
from xltool.rules.rule import Rule
from xltool.support.i18n import tr


@dataclass(frozen=True)
class CrossFormFindings:
    """Findings across forms.

    Attributes:
        by_form: findings about one form, by the SHA-256 of its file and its sheet.
        superseded: by the same, of forms that do not count, the files that do.
        of_collection: findings about no single form: what is missing, how scores spread.
    """

    by_form: Mapping[tuple[str, str], Sequence[Finding]]
    superseded: Mapping[tuple[str, str], str] = field(default_factory=dict)
    of_collection: Sequence[Finding] = field(default=())


def cross_form_findings(
    ledger: Ledger,
    statuses: Sequence[ProjectStatus],
    listed: Mapping[int, Project | None] = {},  # read only
) -> CrossFormFindings:
    """The findings across all forms of a ledger that count.

    Args:
        ledger: the ledger.
        statuses: its projects.
        listed: the roster's project of each of them, by its number; None if it is not listed.
    """
    results = {status.project.id: ledger.result(status.current.submission.id) for status in statuses}
    by_form: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    superseded: dict[tuple[str, str], str] = {}
    for project_status in statuses:
        current = project_status.current.submission.file
        for key, finding in _twice(ledger, project_status, results[project_status.project.id]):
            by_form[key].append(finding)
        for key, finding in (
            *_same(ledger, project_status, results[project_status.project.id]),
            *_earlier(ledger, project_status, results[project_status.project.id]),
        ):
            by_form[key].append(finding)
            superseded[key] = current
    for key, finding in shared_seal_findings([(status.key, status) for status in results.values()]):
        by_form[key].append(finding)
    forms = [_form_of(results[status.project.id], listed.get(status.project.id)) for status in statuses]
    for form, finding in similar_form_findings(forms, shared_rules()["X03"]):
        by_form[form.key].append(finding)
    accepted: list[NarrativeForm] = []
    others: list[NarrativeForm] = []
    for form, status in zip(forms, statuses, strict=True):
        if listed.get(status.project.id, True) is not None:  # a project that is not on the roster is not evaluated
            # a form that these checks put in doubt is not accepted either
            in_doubt = any(finding.review or finding.level == "error" for finding in by_form.get(form.key, ()))
            (accepted if results[status.project.id].state == ACCEPTED and not in_doubt else others).append(form)
    return CrossFormFindings(by_form, superseded, list(score_spread_finding(accepted, shared_rules()["X04"], others)))


def missing_findings(projects: Iterable[Project], as_of: date) -> list[Finding]:
    """X01 for each project of the roster that was not submitted; overdue ones say so."""
    return [_missing(project, as_of) for project in projects]


def _missing(project: Project, as_of: date) -> Finding:
    values = {"project": project.name, "unit": project.unit, "year": str(project.year)}
    if project.deadline is None or project.deadline >= as_of:
        return code_finding(shared_rules()["X01"], "missing", values, "", None, project.name)
    values |= {"deadline": project.deadline.isoformat(), "days": str((as_of - project.deadline).days)}
    return code_finding(shared_rules()["X01"], "overdue", values, "", None, project.name)


def unlisted_findings(names: Sequence[str]) -> Iterator[Finding]:
    """X01, once, for projects that were submitted and are not on the roster.

    Args:
        names: their names, at least one.
    """
    values = {"count": str(len(names)), "projects": tr("、", ", ").join(names)}
    yield code_finding(shared_rules()["X01"], "not_listed", values, "", None, tr("项目", "project"))


def unmatched_findings(files: Sequence[UnreadableFile]) -> Iterator[Finding]:
    """X01, once, for unreadable files of which nothing says for which project they were sent."""
    if files:
        names = tr("、", ", ").join(file.own_name for file in files)
        values = {"count": str(len(files)), "files": names}
        yield code_finding(shared_rules()["X01"], "unmatched", values, "", None, tr("文件", "file"))


# ── X02 ─────────────────────────────────────────────────────────


def _twice(ledger: Ledger, status: ProjectStatus, current: Result) -> Iterator[tuple[tuple[str, str], Finding]]:
    """X02 for several submissions in the current round."""
    current_round = status.current
    versions = [(copy, ledger.result(copy.id)) for copy in current_round.copies if _is_version(ledger, copy, current)]
    versions = [(copy, version) for copy, version in versions if not is_same(version, current)]
    if not versions:
        return
    submissions = [*(copy for copy, _ in versions), current_round.submission]
    other = versions[-1][1]
    finding = submitted_twice(
        [submission.file for submission in submissions], current_round.submission.file, other, current
    )
    for submission in submissions:
        yield (submission.sha256, submission.sheet), finding


def _same(ledger: Ledger, status: ProjectStatus, current: Result) -> Iterator[tuple[tuple[str, str], Finding]]:
    """X02 for submissions of the current round that say the same as the one that counts."""
    for copy in status.current.copies:
        if is_same(ledger.result(copy.id), current):
            yield (copy.sha256, copy.sheet), same_finding(status.current.submission.file)


def is_same(one: Result, other: Result) -> bool:
    """Whether two forms say the same, in whatever format they were saved."""
    assert one.record is not None and other.record is not None
    return not differences(one.record, other.record)


def same_finding(current: str) -> Finding:
    """X02 for a form that says the same as the one that counts."""
    return code_finding(shared_rules()["X02"], "same", {"current": current}, "", None, tr("文件", "file"))


def readable_finding(current: str) -> Finding:
    """X02 for a file that could not be read, of a project of which a readable form has come."""
    return code_finding(shared_rules()["X02"], "readable", {"current": current}, "", None, tr("文件", "file"))


def _is_version(ledger: Ledger, submission: Submission, current: Result) -> bool:
    """Whether a submission is another version of the one that counts; with other names it may be another project's."""
    return not current.is_of_its_project or ledger.result(submission.id).is_of_its_project


def submitted_twice(files: Sequence[str], current: str, other: Result, counting: Result) -> Finding:
    """X02 for forms of one project in one round.

    Args:
        files: their names.
        current: the name of the one that counts.
        other: the result of one that does not count.
        counting: the result of the one that counts.
    """
    values = {
        "count": str(len(files)),
        "files": "、".join(files),
        "current": current,
        "fields": _fields(other, counting),
    }
    return code_finding(shared_rules()["X02"], "twice", values, "", None, tr("文件", "file"))


def _earlier(ledger: Ledger, status: ProjectStatus, current: Result) -> Iterator[tuple[tuple[str, str], Finding]]:
    """X02 for forms of earlier rounds, so that whoever submits one again knows that a later one counts."""
    *before, last_round = status.rounds
    last = last_round.submission
    for submission in (submission for earlier in before for submission in (*earlier.copies, earlier.submission)):
        if not _is_version(ledger, submission, current):
            continue
        values = {"round": str(submission.round), "last": str(last.round), "current": last.file}
        key = "passed" if last.status == ACCEPTED else "earlier"
        yield (
            (submission.sha256, submission.sheet),
            code_finding(shared_rules()["X02"], key, values, "", None, tr("文件", "file")),
        )


def _fields(other: Result, current: Result) -> str:
    assert other.record is not None and current.record is not None
    names = list(dict.fromkeys(difference.label for difference in differences(other.record, current.record)))
    more = tr(f" 等 {len(names)} 处", f" and so on, {len(names)} in all") if len(names) > 5 else ""
    return "、".join(names[:5]) + more


def copy_finding(first: str) -> Finding:
    """X02 for a file with the same bytes as another one."""
    return code_finding(shared_rules()["X02"], "copy", {"current": first}, "", None, tr("文件", "file"))


# ── X03 ─────────────────────────────────────────────────────────


@dataclass(frozen=True)
class NarrativeForm:
    """The parts of a form that are compared with other forms; ``path`` is where its unit says what was reached."""

    key: tuple[str, str]
    year: int | None
    department: str
    unit: str
    project: str
    narrative: str
    score: Decimal | None
    grade: str | None
    path: str = ""


def _form_of(result: Result, listed: Project | None) -> NarrativeForm:
    record = result.record
    assert record is not None
    project, score = record.project, record.role_value(TOTAL_SCORE)
    return NarrativeForm(
        key=result.key,
        year=project.year,
        department=(listed.department if listed else "") or project.department or "—",
        unit=project.unit or "—",
        project=project.name or "—",
        narrative=narrative(record),
        path=record.pointer(record.roles.path(GOAL_RESULT)),
        score=None if score is None else Decimal(str(score)),
        grade=record.role_value(GRADE),
    )


def narrative(record: Record) -> str:
    """The unit's own words: the completion of the goal and the explanations of deviations."""
    texts = [record.role_value(GOAL_RESULT), *record.role_column(REASON)]
    return normalise_key("".join(text for text in texts if text))


def similar_form_findings(forms: Sequence[NarrativeForm], rule: Rule) -> Iterator[tuple[NarrativeForm, Finding]]:
    """X03 for each form whose narrative resembles one of another unit or year; names the most similar."""
    nearest: dict[tuple[str, str], tuple[float, NarrativeForm]] = {}
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    for left, right, share in similar_pairs(forms, rule):
        for current, other in ((left, right), (right, left)):
            numbers[current.key] += 1
            best = nearest.get(current.key)
            if best is None or (-share, other.key) < (-best[0], best[1].key):
                nearest[current.key] = (share, other)
    for form in forms:
        if form.key in nearest:
            share, other = nearest[form.key]
            rest = numbers[form.key] - 1
            values = {
                "other": other.project, "unit": other.unit, "year": str(other.year or "—"),
                "share": f"{int(share)}%",  # truncated, not rounded: 99.6 % is not the same text
                "more": tr(f"，另有 {rest} 份相似", f", and {rest} more") if rest else "",
            }  # fmt: skip
            yield form, code_finding(rule, "alike", values, form.path, None, tr("实际完成情况", "actual"))


def similar_pairs(forms: Sequence[NarrativeForm], rule: Rule) -> Iterator[tuple[NarrativeForm, NarrativeForm, float]]:
    """Pairs of forms of different units or years with similar narratives, with their similarity in percent.

    Equal texts are compared once, long texts are cut, and two texts are compared only if they share one of their rarest
    n-grams: similar texts share dozens, and comparing all pairs of ten thousand would take minutes.
    """
    from rapidfuzz import fuzz

    similarity, least, most = (float(_param(rule, name)) for name in ("similarity", "least_letters", "most_letters"))
    by_text: dict[str, list[NarrativeForm]] = defaultdict(list)
    for form in forms:
        if len(form.narrative) >= least:
            by_text[form.narrative[: int(most)]].append(form)
    for same in by_text.values():
        yield from ((*pair, 100.0) for pair in _foreign(same, same))
    texts = sorted(by_text)
    for first, second in _candidates(texts):
        share = fuzz.ratio(texts[first], texts[second], score_cutoff=similarity * 100)
        if share:
            yield from ((*pair, share) for pair in _foreign(by_text[texts[first]], by_text[texts[second]]))


#: The length of an n-gram; how many of its rarest ones represent a text; how many other texts it is compared with.
_RUN, _RAREST, _MOST_CANDIDATES = 8, 64, 200


def _candidates(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of texts, by their numbers, that share one of their rarest n-grams."""
    runs = [{text[start : start + _RUN] for start in range(len(text) - _RUN + 1)} for text in texts]
    counts = Counter(run for ngrams in runs for run in ngrams)
    holders: dict[str, list[int]] = defaultdict(list)
    for position, ngrams in enumerate(runs):
        shared = sorted((counts[run], run) for run in ngrams if counts[run] > 1)[:_RAREST]
        meets = Counter(other for _, run in shared for other in holders[run])
        yield from ((other, position) for other, _ in meets.most_common(_MOST_CANDIDATES))
        for _, run in shared:
            holders[run].append(position)


#: The most partners per form: a text shared by a thousand forms would make half a million pairs.
_MOST_PARTNERS = 20


def _foreign(
    left: Sequence[NarrativeForm], right: Sequence[NarrativeForm]
) -> Iterator[tuple[NarrativeForm, NarrativeForm]]:
    """Pairs that differ in unit or year; forms of the same unit and year are not reported."""
    senders = {id(form): (normalise_key(form.unit), form.year) for form in (*left, *right)}
    for position, form in enumerate(left):
        partners = right[position + 1 :] if left is right else right
        foreign = (other for other in partners if senders[id(other)] != senders[id(form)])
        yield from ((form, other) for other in islice(foreign, _MOST_PARTNERS))


# ── X04 ─────────────────────────────────────────────────────────


def score_spread_finding(
    forms: Sequence[NarrativeForm], rule: Rule, others: Sequence[NarrativeForm] = ()
) -> Iterator[Finding]:
    """X04 for each department, and for all together, whose scores hardly differ.

    Args:
        forms: the accepted forms.
        rule: X04.
        others: the forms that could be read and are not accepted.
    """
    left = Counter(form.department for form in others)
    groups: dict[str, list[NarrativeForm]] = defaultdict(list)
    for form in forms:
        if form.score is not None:
            groups[form.department].append(form)
            groups[""].append(form)
    for name in sorted(groups):
        group = groups[name]
        share, mean, deviation = number_texts(
            [form.score or Decimal(0) for form in group], [form.grade for form in group]
        )
        flat = share >= _param(rule, "share") and deviation < _param(rule, "spread")
        if len(group) >= _param(rule, "least_forms") and flat:
            part, count = name or tr("全部", "all"), left[name] if name else len(others)
            chinese = f"（另有 {count} 份读得出、没有核对通过的没有计入）"
            more = tr(chinese, f" ({count} others that could be read are not counted)") if count else ""
            values = {
                "part": part,
                "left": more,
                "count": str(len(group)),
                "share": f"{number(round_half_up(share * 100, 1))}%",
                "mean": number(round_half_up(mean, 2)),
                "spread": number(round_half_up(deviation, 2)),
            }
            yield code_finding(rule, "flat", values, "", None, part)


def number_texts(scores: Sequence[Decimal], grades: Sequence[str | None]) -> tuple[Decimal, Decimal, Decimal]:
    """The share of 优, the mean, and the population standard deviation."""
    count = Decimal(len(scores))
    mean = divide(add(*scores), count)
    squares = [multiply(add(score, -mean), add(score, -mean)) for score in scores]
    return divide(Decimal(sum(grade == "优" for grade in grades)), count), mean, divide(add(*squares), count).sqrt()


def _param(rule: Rule, name: str) -> Decimal:
    value = rule.params[name]
    assert isinstance(value, Decimal), (rule.id, name)
    return value
