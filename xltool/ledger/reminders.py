"""The reminder list: a line for each project that its unit still has to hand in or correct, ready to be sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from xltool.ledger.coverage import MISSING, OVERDUE, UNREADABLE, Coverage, CoveredProject
from xltool.ledger.project_status import RETURNED

#: What there is to do.
HAND_IN, CORRECT, AGAIN = "催交", "退回未改", "无法读取"


@dataclass(frozen=True)
class Reminder:
    """One line.

    Attributes:
        covered: the project and what came of it.
        what: HAND_IN, CORRECT or AGAIN.
        text: a sentence that can be sent as it is.
    """

    covered: CoveredProject
    what: str
    text: str

    def cells(self) -> list[str | int]:
        """Its cells in the order of ``REMINDERS``."""
        one, days = self.covered.project, self.covered.days
        deadline = one.deadline.isoformat() if one.deadline else ""
        return [one.department, one.unit, one.name, one.code, one.contact, one.phone, one.email, deadline,
                "" if days is None else days, self.what, self.text]  # fmt: skip


def reminders(cover: Coverage) -> list[Reminder]:
    """The list, by department and unit; nothing is asked of a unit that only the bureau can mend."""
    found = [_reminder(one) for one in cover.every if one.state in (MISSING, OVERDUE, RETURNED, UNREADABLE)]
    return sorted(found, key=lambda one: (one.covered.project.department, one.covered.project.unit))


def reminder_rows(found: Sequence[Reminder]) -> list[list[str | int]]:
    """The lines of the list, without its head."""
    return [one.cells() for one in found]


def _reminder(one: CoveredProject) -> Reminder:
    project = one.project
    about = f"{project.unit}：贵单位 {project.year} 年度项目“{project.name}”的绩效自评表"
    deadline = _day(project.deadline) if project.deadline else ""
    if one.state == UNREADABLE:
        return Reminder(one, AGAIN, about + _to_send_again(one))
    if one.standing is None:
        return Reminder(one, HAND_IN, about + _to_hand_in(one, deadline))
    return Reminder(one, CORRECT, about + _to_correct(one, deadline))


def _to_hand_in(one: CoveredProject, deadline: str) -> str:
    if one.overdue:
        return f"应于 {deadline}前报送，至今未收到，已逾期 {one.overdue} 天，请立即报送。"
    return f"尚未收到，请于 {deadline}前报送。" if deadline else "尚未收到，请尽快报送。"


def _to_send_again(one: CoveredProject) -> str:
    last = max(one.unread, key=lambda other: (other.received, other.file))
    name = last.file.replace("\\", "/").rpartition("/")[2]
    return f"于 {_day(last.received)}报送的“{name}”不能用：{last.why}。{last.fix}。"


def _to_correct(one: CoveredProject, deadline: str) -> str:
    assert one.standing is not None
    opened, errors = one.standing.opened, one.standing.current.counts.get("error", 0)
    assert opened is not None, one.project.where  # it is returned
    since = f"于 {_day(opened)}报送后审核未通过，已退回，至今 {one.standing.days_open} 天"
    mend = f"还有 {errors} 处错误，请按退回意见更正后重新报送。"
    passed = one.project.deadline is not None and one.as_of > one.project.deadline
    return f"{since}；{mend}" + (f"报送期限 {deadline}已过，请立即办理。" if passed else "")


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
