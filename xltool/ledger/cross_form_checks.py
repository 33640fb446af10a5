"""What only many forms together can show: submitted twice, look-alikes, the spread of scores (X02, X03, X04)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from xltool.language.numbers import add, divide, multiply, round_half_up
from xltool.language.numbers import decimal_text as number
from xltool.ledger.project_status import ACCEPTED, ProjectStatus
from xltool.ledger.store import Ledger
from xltool.result.comparison import differences
from xltool.result.findings import Finding
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.roster.columns import normalise_key
from xltool.roster.model import Project
from xltool.rules.code_findings import code_finding, shared_rules
from xltool.rules.rule import Rule
from xltool.support.i18n import tr

#: What a form is known by.
Key = TypeVar("Key")


@dataclass(frozen=True)
class CrossFormFindings:
    """Findings across forms.

    Attributes:
        by_form: findings about one form, by the SHA-256 of its file and its sheet.
        whole: findings about no form: what is missing, how scores spread.
    """

    by_form: Mapping[tuple[str, str], Sequence[Finding]]
    whole: Sequence[Finding] = field(default=())


def cross_form_findings(ledger: Ledger, found: Sequence[ProjectStatus]) -> CrossFormFindings:
    """The findings across all forms of a ledger that count; ``found`` are its projects."""
    results = {one.project.id: ledger.result(one.current.submission.id) for one in found}
    by_form: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for standing in found:
        for key, finding in (*_twice(ledger, standing, results[standing.project.id]), *_earlier(standing)):
            by_form[key].append(finding)
    for key, finding in shared_seal_findings([(one.key, one) for one in results.values()]):
        by_form[key].append(finding)
    forms = [_form_of(results[one.project.id]) for one in found]
    for form, finding in similar_form_findings(forms, shared_rules()["X03"]):
        by_form[form.key].append(finding)
    fit = [form for form, one in zip(forms, found, strict=True) if results[one.project.id].state == ACCEPTED]
    return CrossFormFindings(by_form, list(score_spread_finding(fit, shared_rules()["X04"], len(forms) - len(fit))))


def missing_findings(projects: Iterable[Project], as_of: date) -> list[Finding]:
    """X01 for each project of the roster that was not submitted; where its deadline has passed, it says so."""
    return [_missing(one, as_of) for one in projects]


def _missing(one: Project, as_of: date) -> Finding:
    given = {"project": one.name, "unit": one.unit, "year": str(one.year)}
    if one.deadline is None or one.deadline >= as_of:
        return code_finding(shared_rules()["X01"], "missing", given, "", None, one.name)
    given |= {"deadline": one.deadline.isoformat(), "days": str((as_of - one.deadline).days)}
    return code_finding(shared_rules()["X01"], "overdue", given, "", None, one.name)


# ── X02 ─────────────────────────────────────────────────────────


def _twice(ledger: Ledger, standing: ProjectStatus, current: Result) -> Iterator[tuple[tuple[str, str], Finding]]:
    turn = standing.current
    if not turn.copies:
        return
    every = [*turn.copies, turn.submission]
    other = ledger.result(turn.copies[-1].id)
    finding = submitted_twice([one.file for one in every], turn.submission.file, other, current)
    for one in every:
        yield (one.sha256, one.sheet), finding


def submitted_twice(files: Sequence[str], current: str, other: Result, counting: Result) -> Finding:
    """X02 for forms of one project in one round.

    Args:
        files: their names.
        current: the name of the one that counts.
        other: the result of one that does not count.
        counting: that of the one that does.
    """
    given = {
        "count": str(len(files)),
        "files": "、".join(files),
        "current": current,
        "fields": _fields(other, counting),
    }
    return code_finding(shared_rules()["X02"], "twice", given, "", None, tr("文件", "file"))


def _earlier(standing: ProjectStatus) -> Iterator[tuple[tuple[str, str], Finding]]:
    """X02 for forms of earlier rounds: whoever hands one in again has to know that a later one counts."""
    *before, turn = standing.rounds
    last = turn.submission
    for one in (one for earlier in before for one in (*earlier.copies, earlier.submission)):
        given = {"round": str(one.round), "last": str(last.round), "current": last.file}
        key = "passed" if last.status == ACCEPTED else "earlier"
        yield (one.sha256, one.sheet), code_finding(shared_rules()["X02"], key, given, "", None, tr("文件", "file"))


def shared_seal_findings(results: Iterable[tuple[Key, Result]]) -> Iterator[tuple[Key, Finding]]:
    """X02 for forms of several projects that came back in one issued workbook: a neighbour's form was copied.

    Args:
        results: of the forms that count, each with what it is to be known by.
    """
    by_seal: dict[tuple[str, int], list[tuple[Key, Result, str]]] = defaultdict(list)
    for key, result in results:
        if seal := result.seal:
            by_seal[seal.issue, seal.number].append((key, result, seal.code))
    for same in by_seal.values():
        if len(same) > 1:
            files, code = "、".join(sorted(one.file for _, one, _ in same)), same[0][2]
            given = {"count": str(len(same)), "files": files, "code": code}
            finding = code_finding(shared_rules()["X02"], "one_seal", given, "", None, tr("签发标识", "seal"))
            yield from ((key, finding) for key, *_ in same)


def _fields(other: Result, current: Result) -> str:
    assert other.record is not None and current.record is not None
    names = list(dict.fromkeys(one.label for one in differences(other.record, current.record)))
    more = tr(f" 等 {len(names)} 处", f" and so on, {len(names)} in all") if len(names) > 5 else ""
    return "、".join(names[:5]) + more if names else tr("（读出的内容相同）", "(nothing that is read)")


def copy_finding(first: str) -> Finding:
    """X02 for a file whose bytes came before under another name."""
    return code_finding(shared_rules()["X02"], "copy", {"current": first}, "", None, tr("文件", "file"))


# ── X03 ─────────────────────────────────────────────────────────


@dataclass(frozen=True)
class NarrativeForm:
    """What of a form is compared with others."""

    key: tuple[str, str]
    year: int | None
    department: str
    unit: str
    project: str
    narrative: str
    score: Decimal | None
    grade: str | None


def _form_of(result: Result) -> NarrativeForm:
    record = result.record
    assert record is not None
    own, score = record["project"], record["total"]["score"]
    return NarrativeForm(
        key=result.key,
        year=record["year"],
        department=own["department"] or "—",
        unit=own["unit"] or "—",
        project=own["name"] or "—",
        narrative=narrative(record),
        score=None if score is None else Decimal(str(score)),
        grade=record.get("grade"),
    )


def narrative(record: Record) -> str:
    """What the unit wrote in its own words: completion of the goal and reasons of deviations."""
    texts = [(record.get("goal") or {}).get("actual"), *(row.get("deviation") for row in record["indicators"])]
    return normalise_key("".join(text for text in texts if text))


def similar_form_findings(forms: Sequence[NarrativeForm], rule: Rule) -> Iterator[tuple[NarrativeForm, Finding]]:
    """X03 on each form whose narrative is like one of another unit or another year, naming the nearest."""
    nearest: dict[tuple[str, str], tuple[float, NarrativeForm]] = {}
    numbers: dict[tuple[str, str], int] = defaultdict(int)
    for left, right, share in similar_pairs(forms, rule):
        for one, other in ((left, right), (right, left)):
            numbers[one.key] += 1
            best = nearest.get(one.key)
            if best is None or (-share, other.key) < (-best[0], best[1].key):
                nearest[one.key] = (share, other)
    for form in forms:
        if form.key in nearest:
            share, other = nearest[form.key]
            rest = numbers[form.key] - 1
            given = {
                "other": other.project, "unit": other.unit, "year": str(other.year or "—"),
                "share": f"{int(share)}%",  # cut off, never rounded up: 99.6 is not the same text
                "more": tr(f"，另有 {rest} 份相似", f", and {rest} more") if rest else "",
            }  # fmt: skip
            yield form, code_finding(rule, "alike", given, "/goal/actual", None, tr("实际完成情况", "actual"))


def similar_pairs(forms: Sequence[NarrativeForm], rule: Rule) -> Iterator[tuple[NarrativeForm, NarrativeForm, float]]:
    """Pairs of forms of different units or years whose narratives are alike, with their similarity in percent.

    Equal texts are compared once, the longest are cut, and two texts are compared only when they share one of their
    rarest runs of letters: two that are alike share dozens, and all pairs of ten thousand would take minutes.
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
    for one, other in _candidates(texts):
        share = fuzz.ratio(texts[one], texts[other], score_cutoff=similarity * 100)
        if share:
            yield from ((*pair, share) for pair in _foreign(by_text[texts[one]], by_text[texts[other]]))


#: The length of a run of letters; how many of its rarest a text is known by; how many others it is compared with.
_RUN, _RAREST, _MOST_CANDIDATES = 8, 64, 200


def _candidates(texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pairs of texts, by their numbers, that share one of their rarest runs."""
    runs = [{text[at : at + _RUN] for at in range(len(text) - _RUN + 1)} for text in texts]
    often = Counter(run for own in runs for run in own)
    holders: dict[str, list[int]] = defaultdict(list)
    for number_, own in enumerate(runs):
        shared = sorted((often[run], run) for run in own if often[run] > 1)[:_RAREST]
        meets = Counter(other for _, run in shared for other in holders[run])
        yield from ((other, number_) for other, _ in meets.most_common(_MOST_CANDIDATES))
        for _, run in shared:
            holders[run].append(number_)


#: A text shared by a thousand forms would make half a million pairs; each form needs only some of them.
_MOST_PARTNERS = 20


def _foreign(
    left: Sequence[NarrativeForm], right: Sequence[NarrativeForm]
) -> Iterator[tuple[NarrativeForm, NarrativeForm]]:
    """Pairs that differ in unit or year; of a unit's own forms of one year nothing is said."""
    for number_, one in enumerate(left):
        partners = right[number_ + 1 :] if left is right else right
        told_ = 0
        for other in partners:
            if told_ < _MOST_PARTNERS and (normalise_key(one.unit), one.year) != (
                normalise_key(other.unit),
                other.year,
            ):
                told_ += 1
                yield one, other


# ── X04 ─────────────────────────────────────────────────────────


def score_spread_finding(forms: Sequence[NarrativeForm], rule: Rule, left: int = 0) -> Iterator[Finding]:
    """X04 for each department, and for all together, whose scores hardly differ.

    Args:
        forms: those that count: without an error, and with nothing in doubt.
        rule: X04.
        left: how many others there are.
    """
    more = tr(f"（另有 {left} 份没有核对通过，没有计入）", f" ({left} others are not counted)") if left else ""
    groups: dict[str, list[NarrativeForm]] = defaultdict(list)
    for form in forms:
        if form.score is not None:
            groups[form.department].append(form)
            groups[""].append(form)
    for name in sorted(groups):
        own = groups[name]
        share, mean, deviation = number_texts([form.score or Decimal(0) for form in own], [form.grade for form in own])
        flat = share >= _param(rule, "share") and deviation < _param(rule, "spread")
        if len(own) >= _param(rule, "least_forms") and flat:
            part = name or tr("全部", "all")
            given = {
                "part": part,
                "left": more,
                "count": str(len(own)),
                "share": f"{number(round_half_up(share * 100, 1))}%",
                "mean": number(round_half_up(mean, 2)),
                "spread": number(round_half_up(deviation, 2)),
            }
            yield code_finding(rule, "flat", given, "", None, part)


def number_texts(scores: Sequence[Decimal], grades: Sequence[str | None]) -> tuple[Decimal, Decimal, Decimal]:
    """The share of 优, the mean, and the standard deviation of the whole."""
    count = Decimal(len(scores))
    mean = divide(add(*scores), count)
    squares = [multiply(add(one, -mean), add(one, -mean)) for one in scores]
    return divide(Decimal(sum(grade == "优" for grade in grades)), count), mean, divide(add(*squares), count).sqrt()


def _param(rule: Rule, name: str) -> Decimal:
    value = rule.params[name]
    assert isinstance(value, Decimal), (rule.id, name)
    return value
