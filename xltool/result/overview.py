"""The state of a collection round: the forms that count, their figures, and the missing projects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from xltool.result.findings import BUREAU, REVIEW, Finding
from xltool.result.result import Result
from xltool.result.roles import GRADE, TOTAL_SCORE, YEAR
from xltool.roster.model import Project, ProjectNames

#: The state of a form whose project is not on the roster: withdrawn, never listed, or under a name that none has.
UNLISTED = "unlisted"

#: What a form or a project of the roster can be, and how people say it; overdue is missing past its deadline.
STATUS_NAMES = {
    "accepted": "核对通过",
    REVIEW: "待核对",
    BUREAU: "财政部门处理",
    "returned": "退回",
    "unreadable": "无法读取",
    "missing": "未交",
    "overdue": "逾期未交",
    "unlisted": "不在名册上",
}

#: The same of forms that came in and could be told from each other, in the order in which they are counted.
FORM_STATES = ("accepted", REVIEW, BUREAU, "returned", "unreadable", UNLISTED)

#: What accepted means, and what it does not.
ACCEPTED_MEANS = "核对通过：表内自洽，不代表绩效属实"


@dataclass(frozen=True)
class OverviewEntry:
    """One form.

    Attributes:
        result: of reading and checking.
        round: the number of the submission round; 1 if rounds are not counted.
        days_open: days since it was first returned, until it was accepted.
        fixed: findings of the round before that are mended; None where there was no round before.
        new: findings that the round before did not have.
        days_late: days from its deadline to its first submission; 0 if it was in time.
        is_listed: whether its project is on the roster; True without a roster.
        department: that of the roster's project; "" to take that of the form.
    """

    result: Result
    round: int = 1
    days_open: int = 0
    fixed: int | None = None
    new: int | None = None
    days_late: int = 0
    is_listed: bool = True
    department: str = ""

    @property
    def status(self) -> str:
        """The displayed status: UNLISTED, or accepted, REVIEW, BUREAU, returned or unreadable."""
        return self.result.display_state if self.is_listed else UNLISTED

    @property
    def is_accepted(self) -> bool:
        """Whether its figures count in totals and averages: it has no error, and nothing is in doubt."""
        return self.status == "accepted"

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """The number of effective findings by level."""
        return self.result.counts

    def project(self, key: str) -> str:
        """A name from the heading, such as ``unit``; the department is that of the roster; "" if it has none."""
        if key == "department" and self.department:
            return self.department
        if self._names is None:  # what cannot be read may be known to have been sent for a project
            return "、".join(dict.fromkeys(getattr(one, key) or "" for one in self.result.sent_for))
        return getattr(self._names, key) or ""

    @cached_property
    def _names(self) -> ProjectNames | None:
        return self.result.record.project if self.result.record else None

    @property
    def year(self) -> int | None:
        """The fiscal year."""
        year: int | None = self._value(YEAR)
        return year

    @property
    def money_unit(self) -> str:
        """元 or 万元; "" if the form does not state it, or has no amounts."""
        record = self.result.record
        return (record.money_unit or "") if record else ""

    def lacks(self, role: str) -> bool:
        """Whether this is a form that has no such field, for which nothing can be expected."""
        record = self.result.record
        return record is not None and not record.roles.has(role)

    def money(self, role: str) -> Decimal | None:
        """The amount with a role, in the form's money unit; None if it is blank or the form has none."""
        return self._number(role)

    def _value(self, role: str) -> Any:
        return self.result.record.role_value(role) if self.result.record else None

    def _number(self, role: str) -> Decimal | None:
        value = self._value(role)
        return None if value is None else Decimal(str(value))

    @property
    def rate(self) -> Decimal | None:
        """The execution rate as recomputed, a ratio."""
        value = self.result.computed.execution_rate if self.result.computed else None
        return None if value is None else Decimal(str(value))

    @property
    def score(self) -> Decimal | None:
        """The total score as submitted; None if it is blank or the form has none."""
        return self._number(TOTAL_SCORE)

    @property
    def grade(self) -> str:
        """The grade as submitted, or as recomputed if the form has no field for it."""
        computed = self.result.computed
        return self._value(GRADE) or (computed.grade if computed else None) or ""


def counts_text(statuses: Sequence[str]) -> str:
    """How often each status occurs, in the order of ``STATUS_NAMES``: 退回 3、无法读取 1."""
    counts = Counter(statuses)
    return "、".join(f"{name} {counts[status]}" for status, name in STATUS_NAMES.items() if counts[status])


_LOWEST_BAND = "60 以下"


def _band(low: int) -> str:
    return f"{low}–{low + 5}"


@dataclass(frozen=True)
class Overview:
    """The state of a collection round.

    Attributes:
        entries: the forms.
        as_of: the day.
        listed: how many projects the roster has; None without a roster.
        missing: those that were not submitted, due or not.
        collection_findings: findings about no one form.
    """

    entries: Sequence[OverviewEntry]
    as_of: date
    listed: int | None = None
    missing: Sequence[Project] = ()
    collection_findings: Sequence[Finding] = ()

    @cached_property
    def accepted_entries(self) -> Sequence[OverviewEntry]:
        """The forms that totals and averages count."""
        return [entry for entry in self.entries if entry.is_accepted]

    @property
    def left_out(self) -> str:
        """A sentence about the forms that totals and averages exclude."""
        statuses = [entry.status for entry in self.entries if not entry.is_accepted]
        return f"合计、平均只算核对通过的 {len(self.accepted_entries)} 份" + (
            f"，另有 {len(statuses)} 份没有计入（{counts_text(statuses)}）" if statuses else ""
        )

    @property
    def forms_without_score(self) -> int:
        """The number of forms that could be read and have no total score: neither mean nor distribution counts them."""
        return sum(entry.lacks(TOTAL_SCORE) for entry in self.entries)

    @property
    def scores_title(self) -> str:
        """The title of the distribution of scores."""
        without = self.forms_without_score
        return "得分分布" + (f"（另有 {without} 份的表样不打分）" if without else "")

    @property
    def unlisted_names(self) -> Sequence[str]:
        """The names of the projects that are not on the roster."""
        return [entry.project("name") or entry.result.file for entry in self.entries if entry.status == UNLISTED]

    def count(self, status: str) -> int:
        """The number of forms with a status."""
        return sum(entry.status == status for entry in self.entries)

    @property
    def states(self) -> tuple[str, ...]:
        """The statuses that are counted: REVIEW, BUREAU and UNLISTED only where a form has them."""
        return tuple(one for one in FORM_STATES if one not in (REVIEW, BUREAU, UNLISTED) or self.count(one))

    def days_overdue(self, project: Project) -> int:
        """Days since the deadline of a missing project; 0 if it has none or it has not passed."""
        return max(0, (self.as_of - project.deadline).days) if project.deadline else 0

    def missing_status(self, project: Project) -> str:
        """The status of a missing project: missing or overdue."""
        return "overdue" if self.days_overdue(project) else "missing"

    @cached_property
    def by_missing_status(self) -> Mapping[str, int]:
        """The numbers of missing and of overdue projects."""
        return Counter(map(self.missing_status, self.missing))

    @property
    def late(self) -> int:
        """The number of forms submitted after their deadline."""
        return sum(entry.days_late > 0 for entry in self.entries)

    @cached_property
    def by_rule(self) -> Mapping[str, Mapping[str, int]]:
        """The number of effective findings by rule and level, the most frequent rule first."""
        found: dict[str, Counter[str]] = {}
        for entry in self.entries:
            for finding in entry.result.effective_findings:
                found.setdefault(finding.rule, Counter())[finding.level] += 1
        return dict(sorted(found.items(), key=lambda one: (-one[1].total(), one[0])))

    @cached_property
    def by_department(self) -> Mapping[str, Mapping[str, int]]:
        """The number of projects by department and status, including missing ones; the largest department first."""
        found: dict[str, Counter[str]] = {}
        for entry in self.entries:
            if entry.result.record or entry.project("department"):
                found.setdefault(entry.project("department") or "—", Counter())[entry.status] += 1
        for project in self.missing:
            found.setdefault(project.department or "—", Counter())[self.missing_status(project)] += 1
        return dict(sorted(found.items(), key=lambda one: (-one[1].total(), one[0])))

    @cached_property
    def scores(self) -> Mapping[str, int]:
        """The number of accepted forms by score, in bands of five points from the top to below 60.

        Empty if there are forms, and none of them has a score.
        """
        if self.forms_without_score and all(entry.lacks(TOTAL_SCORE) for entry in self.entries if entry.result.record):
            return {}
        lows = range(95, 55, -5)
        found = dict.fromkeys([*map(_band, lows), _LOWEST_BAND], 0)
        for entry in self.accepted_entries:
            if entry.score is not None:
                low = next((low for low in lows if entry.score >= low), None)
                found[_LOWEST_BAND if low is None else _band(low)] += 1
        return found

    @cached_property
    def money_unit(self) -> str:
        """The unit for amounts of all forms together: their common unit, or 万元 if they differ."""
        units = {entry.money_unit for entry in self.entries if entry.money_unit}
        return units.pop() if len(units) == 1 else "万元"

    def amount(self, entry: OverviewEntry, role: str) -> Decimal | None:
        """The amount of a form with a role, in ``money_unit``."""
        value = entry.money(role)
        if value is None or entry.money_unit in (self.money_unit, ""):
            return value
        return value.scaleb(-4) if entry.money_unit == "元" else value.scaleb(4)
