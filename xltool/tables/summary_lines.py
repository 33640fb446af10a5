"""The lines of the summary: one per project, and the same as a CSV table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xltool.result.overview import STATUS_NAMES, UNLISTED, Overview, OverviewEntry, counts_text
from xltool.result.roles import BUDGET, EXECUTED, GRADE, RATE, TOTAL_SCORE
from xltool.roster.model import Project
from xltool.support.escaping import csv_text
from xltool.support.own_tables import SUMMARY

#: Stands for a figure that the form of a project does not have; a blank one is blank.
ABSENT = "—"

#: The roles of the figures of a line.
_FIGURES = (BUDGET, EXECUTED, RATE, TOTAL_SCORE, GRADE)


@dataclass(frozen=True)
class SummaryLine:
    """One project as shown in the table; amounts in the overview's money unit, the rate as a ratio.

    ``late`` is the number of days from the deadline to the submission, or to the day of the overview if there is none;
    None if the project is in time. ``absent`` has the roles of the figures that its form does not have.
    """

    name: str
    department: str
    unit: str
    year: int | None
    budget: Decimal | None
    executed: Decimal | None
    rate: Decimal | None
    score: Decimal | None
    grade: str
    round: int | None
    errors: int | None
    late: int | None
    status: str
    absent: frozenset[str] = frozenset()

    @property
    def group(self) -> str:
        """The heading under which it stands: its department, unless its project is not on the roster."""
        if self.status == UNLISTED:
            return STATUS_NAMES[UNLISTED]
        return self.department or "无法读取的文件"

    @property
    def counted(self) -> list[Decimal | None]:
        """Budget, executed amount and score for sums and averages; None unless the form is accepted."""
        return [self.budget, self.executed, self.score] if self.status == "accepted" else [None] * 3

    def cells(self) -> list[Any]:
        """The cells after the running number."""
        values = (self.budget, self.executed, self.rate, self.score, self.grade)
        figures = [ABSENT if role in self.absent else value for role, value in zip(_FIGURES, values, strict=True)]
        return [self.name, self.department, self.unit, self.year, *figures, self.round, self.errors, self.late,
                STATUS_NAMES[self.status]]  # fmt: skip


def summary_lines(overview: Overview) -> list[SummaryLine]:
    """The lines of all projects, missing ones included, by department, unit and name.

    Unreadable files come after them, projects that are not on the roster last.
    """
    lines = [_line(overview, entry) for entry in overview.entries]
    lines += [_missing_line(overview, line) for line in overview.missing]
    return sorted(
        lines,
        key=lambda line: (
            line.status == UNLISTED,
            line.status == "unreadable",
            line.department,
            line.unit,
            line.name,
            line.year or 0,
        ),
    )


def lines_by_heading(overview: Overview) -> dict[str, list[SummaryLine]]:
    """The same lines by their headings."""
    groups: dict[str, list[SummaryLine]] = {}
    for line in summary_lines(overview):
        groups.setdefault(line.group, []).append(line)
    return groups


def _missing_line(overview: Overview, project: Project) -> SummaryLine:
    """The line of a project without a submission."""
    late = overview.days_overdue(project) or None
    nothing = (None, None, None, None, "", None, None)
    return SummaryLine(
        project.name, project.department, project.unit, project.year, *nothing, late, overview.missing_status(project)
    )


def _line(overview: Overview, entry: OverviewEntry) -> SummaryLine:
    """The line of a submission."""
    if entry.result.record is None:
        name, department, unit = (entry.project(key) for key in ("name", "department", "unit"))
        if not (name and entry.result.is_wrong_form):  # a wrong form names its project, other files may not
            name = f"{entry.result.file}（{name}）" if name else entry.result.file
        return SummaryLine(
            name,
            department,
            unit,
            None,
            None,
            None,
            None,
            None,
            "",
            None,
            1,
            None,
            entry.status,
        )
    name, department, unit = (entry.project(key) or "—" for key in ("name", "department", "unit"))
    budget, executed = (overview.amount(entry, role) for role in (BUDGET, EXECUTED))
    absent = frozenset(role for role in _FIGURES if entry.lacks(role))
    return SummaryLine(name, department, unit, entry.year, budget, executed, entry.rate, entry.score, entry.grade,
                entry.round, entry.counts.get("error", 0), entry.days_late or None, entry.status, absent)  # fmt: skip


def is_absent(lines: Sequence[SummaryLine], role: str) -> bool:
    """Whether the forms of some projects, all of those that could be read, do not have a figure."""
    return any(role in line.absent for line in lines) and all(role in line.absent for line in lines if line.round)


def left_out_text(lines: Sequence[SummaryLine]) -> str:
    """Says how many of some projects are not in the sums, and what they are; "" for none."""
    excluded = [line.status for line in lines if line.status != "accepted"]
    unscored = sum(TOTAL_SCORE in line.absent for line in lines)
    return (f"，{len(excluded)} 项未计入合计：{counts_text(excluded)}" if excluded else "") + (
        f"，{unscored} 项的表样不打分" if unscored else ""
    )


def summary_table(overview: Overview) -> bytes:
    """The table alone, as CSV."""
    unit = overview.money_unit
    heads = [f"{head}（{unit}）" if head.startswith("全年") else head for head in SUMMARY]
    rows = [[number, *line.cells()] for number, line in enumerate(summary_lines(overview), 1)]
    return csv_text([heads, *rows]).encode("utf-8")
