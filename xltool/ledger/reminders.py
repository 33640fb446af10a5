"""The list of reminders: a line, ready to be sent, for each project that its unit still has to submit or correct."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from xltool.ledger.coverage import MISSING, OVERDUE, UNREADABLE, Coverage, CoveredProject
from xltool.ledger.project_status import RETURNED
from xltool.ledger.received import UnreadableFile
from xltool.roster.columns import normalise_key

#: The kinds of reminders.
HAND_IN, CORRECT, AGAIN, OTHER_FORM = "催交", "退回未改", "无法读取", "用错了表"


@dataclass(frozen=True)
class Reminder:
    """One reminder.

    Attributes:
        covered: the project and its status.
        what: HAND_IN, CORRECT, AGAIN or OTHER_FORM.
        text: a sentence that can be sent as it is.
    """

    covered: CoveredProject
    what: str
    text: str

    def cells(self) -> list[str | int]:
        """The cells in the order of ``REMINDERS``."""
        project, days = self.covered.project, self.covered.days_of_state
        deadline = project.deadline.isoformat() if project.deadline else ""
        return [project.department, project.unit, project.name, project.code, project.contact, project.phone,
                project.email, deadline, "" if days is None else days, self.what, self.text]  # fmt: skip


def reminders(coverage: Coverage) -> list[Reminder]:
    """The reminders by department and unit; none for errors that only the bureau can mend."""
    unsorted = [
        _reminder(covered) for covered in coverage.projects if covered.state in (MISSING, OVERDUE, RETURNED, UNREADABLE)
    ]
    return sorted(unsorted, key=lambda covered: (covered.covered.project.department, covered.covered.project.unit))


def reminder_rows(entries: Sequence[Reminder]) -> list[list[str | int]]:
    """The rows of the list, without its head."""
    return [reminder.cells() for reminder in entries]


def _reminder(covered: CoveredProject) -> Reminder:
    project = covered.project
    is_of_unit = normalise_key(project.name) == normalise_key(project.unit)  # a form about the unit as a whole
    name = "" if is_of_unit else f"项目“{project.name}”"
    about = f"{project.unit}：贵单位 {project.year} 年度{name}的绩效自评表"
    deadline = _day(project.deadline) if project.deadline else ""
    if covered.state == UNREADABLE or covered.is_correction_unreadable:
        last = max(covered.unreadable_files, key=lambda file: (file.received, file.file))
        return Reminder(covered, OTHER_FORM if last.is_form else AGAIN, about + _to_send_again(last))
    if covered.project_status is None:
        return Reminder(covered, HAND_IN, about + _to_hand_in(covered, deadline))
    return Reminder(covered, CORRECT, about + _to_correct(covered, deadline))


def _to_hand_in(covered: CoveredProject, deadline: str) -> str:
    if covered.days_overdue:
        return f"应于 {deadline}前报送，至今未收到，已逾期 {covered.days_overdue} 天，请立即报送。"
    return f"尚未收到，请于 {deadline}前报送。" if deadline else "尚未收到，请尽快报送。"


def _to_send_again(last: UnreadableFile) -> str:
    return f"于 {_day(last.received)}报送的“{last.own_name}”不能用：{last.why}。{last.fix}。"


def _to_correct(covered: CoveredProject, deadline: str) -> str:
    assert covered.project_status is not None
    opened, errors = covered.project_status.opened, covered.project_status.current.counts.get("error", 0)
    assert opened is not None, covered.project.where  # it was returned
    since = f"于 {_day(opened)}报送后审核未通过，已退回，至今 {covered.project_status.days_open} 天"
    mend = f"还有 {errors} 处错误，请按退回意见更正后重新报送。"
    passed = covered.project.deadline is not None and covered.as_of > covered.project.deadline
    return f"{since}；{mend}" + (f"报送期限 {deadline}已过，请立即办理。" if passed else "")


def _day(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"
