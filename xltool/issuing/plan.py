"""A roster to the plan of an issue: rows and locked values of each project's form; all that is wrong is found first.

What was approved with the budget is written and locked: the unit fills in what it did, and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from xltool.form import seals
from xltool.form.codes import split_code
from xltool.form.definition import Form, load_form, references
from xltool.form.layout import MOST_ROWS, Layout
from xltool.form.places import Place, SingleCell
from xltool.issuing import money_unit
from xltool.language.functions import Value
from xltool.language.numbers import add
from xltool.language.numbers import decimal_text as number
from xltool.language.texts import clean
from xltool.roster.columns import heading, normalise_key
from xltool.roster.faults import Faults
from xltool.roster.model import ApprovedIndicator, Project, Roster
from xltool.rules.catalogue import Catalogue, load_catalogue
from xltool.rules.issue_profile import IssueProfile
from xltool.rules.messages import MessageRenderer
from xltool.rules.rule import fill_placeholders
from xltool.support.errors import WrongUse
from xltool.support.escaping import escape_controls
from xltool.support.i18n import tr

#: The columns of an approved indicator that are locked, as far as the form has them; the last two only if listed.
_COLUMNS, _SPLIT = ("level3", "target", "weight"), ("operator", "measure_unit")

#: What is issued about the project, as far as the roster says it.
_HEADING = ("year", "project.name", "project.code", "project.department", "project.unit", "goal.expected")


@dataclass(frozen=True)
class PlannedForm:
    """A project's form before it is made.

    Attributes:
        number: in the issue, from 1.
        capacities: rows for each second-level indicator.
        values: what is written and locked, by place; None for what is locked blank.
        written: the same as the hidden sheet has it.
    """

    number: int
    project: Project
    capacities: Mapping[str, int]
    values: Mapping[Place, Value]
    written: str

    @cached_property
    def kind(self) -> frozenset[str]:
        """Which fields and columns are issued; forms of one kind are stamped from one master."""
        return frozenset(map(seals.place_kind, self.values))


@dataclass(frozen=True)
class IssuePlan:
    """An issue before it is made.

    Attributes:
        catalogue: of the form.
        forms: one for each project, in the order of the roster.
        frames: what forms of a kind have in common, by kind.
        verdicts: what the rules say of each form, by its number, see ``Frame.verdicts``.
        remarks: what the bureau should look at, though it is no fault; each with the id of its rule.
        unused: what the roster says and the form does not ask for.
    """

    catalogue: Catalogue
    forms: tuple[PlannedForm, ...]
    frames: Mapping[frozenset[str], IssueProfile]
    verdicts: Mapping[int, bytes]
    remarks: tuple[tuple[str, str], ...]
    unused: tuple[str, ...] = ()

    @cached_property
    def issue(self) -> str:
        """The id of the issue: its first year, and six hex digits of everything issued."""
        told = [self.catalogue.form.reference]
        for one in self.forms:
            told.append(f"{one.project.key} {one.project.deadline} {dict(one.capacities)} {one.written}")
        digest = hashlib.sha256("\n".join(told).encode()).hexdigest()
        return f"{min(one.project.year for one in self.forms)}-{digest[:6]}"


def plan_issue(roster: Roster, reference: str, spare: int = 0) -> IssuePlan:
    """The plan of an issue.

    Args:
        roster: the projects.
        reference: the form, such as ``mof-2020/1``.
        spare: rows that a unit may add to each second-level indicator.

    Raises:
        WrongUse: anything in the roster that the form cannot take, or that breaks its rules; says all of it.
    """
    catalogue = load_catalogue(reference)
    faults = Faults(roster.file)
    refuse_other_form(roster, catalogue.form)
    money_unit.refuse_missing_money_unit(roster, catalogue.form, faults)
    planner = _Planner(catalogue, spare, faults)
    forms = [planner.form(number, project) for number, project in enumerate(roster.projects, 1)]
    remarks: list[tuple[str, str]] = []
    frames: dict[frozenset[str], IssueProfile] = {}
    verdicts: dict[int, bytes] = {}
    for kind in dict.fromkeys(one.kind for one in forms):
        alike = [one for one in forms if one.kind == kind]
        frame = frames[kind] = IssueProfile(catalogue, _most_rows(alike), kind, bool(spare))
        for one in alike:  # of one that lacks what was faulty in the roster the sums mean nothing
            own = Faults(roster.file) if one.number in planner.faulty else faults
            verdicts[one.number] = _judged(frame, one, own, remarks)
    faults.refuse(most=None)
    return IssuePlan(catalogue, tuple(forms), frames, verdicts, tuple(remarks), planner.unused(roster.projects))


def with_values_of(project: Project, reference: str, spare: int = 0) -> PlannedForm | None:
    """The form of one project as it would be issued now; None where its roster line does not fit the form.

    Args:
        project: as the roster has it.
        reference: the form, such as ``mof-2020/1``.
        spare: rows that a unit may add to each second-level indicator.
    """
    faults = Faults("")
    made = _Planner(load_catalogue(reference), spare, faults).form(1, project)
    return None if faults.found else made


def refuse_other_form(roster: Roster, form: Form) -> None:
    """Refuse a roster that was made for another form: its columns and its money unit mean what that form means.

    Raises:
        WrongUse: it was.
    """
    made_for = roster.form_reference.partition("/")[0]
    if made_for and made_for not in (form.id, form.name):
        known = [one for one in references() if made_for in (one.partition("/")[0], load_form(one).name)]
        own = load_form(known[-1]) if known else None
        named = f"{own.name}（{own.id}，{own.money_unit}）" if own else made_for
        hint = f"签发它要写 --form {own.id}；" if own else ""
        told = f"名册 {roster.file} 是为“{named}”做的，不能用来签发“{form.name}”（{form.id}，{form.money_unit}）"
        mend = f"{hint}要签发后者，请用 issue --new-roster 新名册.xlsx --form {form.id} 另做一份名册"
        english = (
            f"{roster.file} was made for {roster.form_reference}, not for {form.id}: give that --form, or a new roster"
        )
        raise WrongUse(tr(f"{told}；{mend}", english))


def _most_rows(forms: Iterable[PlannedForm]) -> dict[str, int]:
    """The most rows that any of these forms has, for each second-level indicator."""
    found: dict[str, int] = {}
    for one in forms:
        for group, rows in one.capacities.items():
            found[group] = max(found.get(group, 1), rows)
    return found


class _Planner:
    """Plans one form after the other, and notes what is wrong."""

    def __init__(self, catalogue: Catalogue, spare: int, faults: Faults) -> None:
        self.catalogue = catalogue
        self.definition = catalogue.form
        self.spare = spare
        self.faults = faults
        self.groups = _groups(self.definition)
        self.faulty: set[int] = set()
        self._number = 0

    def form(self, number: int, project: Project) -> PlannedForm:
        """The form of one project."""
        self._number = number
        rows = self._rows(project)
        capacities = self._capacities(project, rows)
        layout = self.catalogue.layout(capacities)
        found = {**self._heading(project), **self._funds(project, layout), **self._indicators(layout, rows)}
        values = {place: found[place] for place in sorted(found, key=layout.order.__getitem__)}
        written = seals.values_text(values, layout)
        if len(written.encode("utf-16-le")) > 2 * seals.MOST_VALUES:
            self._fault(project.where, "", "指标和目标的文字太长，一张表放不下", "its texts are too long for one form")
        return PlannedForm(number, project, capacities, values, written)

    def unused(self, projects: Sequence[Project]) -> tuple[str, ...]:
        """What the roster says and the form does not ask for, as the roster calls it."""
        form = self.definition
        lines = [one for project in projects for one in project.indicators]
        said = {
            "department": "project.department" not in form.fields and any(one.department for one in projects),
            "code": "project.code" not in form.fields and any(one.code for one in projects),
            "goal": "goal.expected" not in form.fields and any(one.goal for one in projects),
            "funds.total": "initial_budget" not in form.fund_columns and any(one.funds for one in projects),
            "weight": "weight" not in form.columns and any(one.weight is not None for one in lines),
        }
        return tuple(heading(key) for key, is_unused in said.items() if is_unused)

    def _fault(self, where: str, column: str, chinese: str, english: str) -> None:
        self.faulty.add(self._number)
        self.faults.add(f"{where}“{column}”" if column else where, chinese, english)

    # ── the project ─────────────────────────────────────────────

    def _heading(self, project: Project) -> dict[Place, Value]:
        said: dict[str, Value] = {
            "year": Decimal(project.year),
            "project.name": clean(project.name),
            "project.code": clean(project.code),
            "project.department": clean(project.department),
            "project.unit": clean(project.unit),
            "goal.expected": clean(project.goal),
        }
        fields = self.definition.fields
        code, _ = split_code(str(said["project.name"]))
        if fields["project.name"].prefix and code:  # printed before the name, it would be read as the project's code
            self._fault(
                project.where, "项目名称", f"编码“{code}”请写在“项目编码”一栏", f"'{code}' belongs under 项目编码"
            )
        if project.deadline is not None and project.deadline.year < project.year:
            told = f"{project.deadline} 在 {project.year} 年度之前"
            in_english = f"{project.deadline} is before the year {project.year}"
            self._fault(project.where, heading("deadline"), told, in_english)
        years = fields["year"].choices
        if years and str(project.year) not in years:
            listed = years[0] if len(years) == 1 else f"{years[0]} 到 {years[-1]}"
            told = f"{project.year} 不在表样的年度里（{listed}）"
            self._fault(project.where, "年度", told, f"{project.year}: the form is for {years[0]} to {years[-1]}")
        return {SingleCell(name): said[name] for name in _HEADING if name in fields and said[name]}

    def _funds(self, project: Project, layout: Layout) -> dict[Place, Value]:
        """The approved budget, by source; a total that the form computes is only compared.

        Where the sources are listed, those that are not have no budget, and are locked blank.
        """
        form, listed = self.definition, dict(project.funds)
        if "initial_budget" not in form.fund_columns:  # some forms ask for the adjusted budget alone
            return {}
        found: dict[Place, Value] = {}
        for source in listed:
            place = form.fund_cell(source, "initial_budget")
            if source not in form.fund_rows:
                own = "、".join(row.label for row in form.fund_rows.values())
                told = f"表样没有资金来源“{heading(f'funds.{source}')}”；现有：{own}"
                self._fault(project.where, heading(f"funds.{source}"), told, f"no source {source} on the form: {own}")
            elif layout.is_asked(place):
                found[place] = project.amount(source, form.money_unit)
        parts = [amount for source, amount in listed.items() if source != "total"]
        for source in form.fund_rows if parts else ():
            if layout.is_asked(place := form.fund_cell(source, "initial_budget")):
                found.setdefault(place, None)
        if parts and "total" in listed and sum(parts) != listed["total"]:
            total, added_up = number(listed["total"]), number(add(*parts))
            told = f"总额 {total} 与各资金来源合计 {added_up} 不相等"
            self._fault(project.where, "年初预算数", told, f"{total} in total, {added_up} by sources")
        return found

    # ── its indicators ──────────────────────────────────────────

    def _rows(self, project: Project) -> dict[str, list[ApprovedIndicator]]:
        """The approved indicators by second level."""
        found: dict[str, list[ApprovedIndicator]] = {group: [] for group in self.definition.level2}
        for one in project.indicators:
            groups = self.groups.get(normalise_key(one.level2), [])
            own = [group for group, level1 in groups if not one.level1 or normalise_key(one.level1) in level1]
            if len(own) == 1:
                found[own[0]].append(one)
            elif groups and one.level1:
                above = "、".join(level1.label for level1 in self.definition.level1
                                 if any(level2.id in dict(groups) for level2 in level1.level2))  # fmt: skip
                told = f"“{one.level1}”下没有“{one.level2}”，它属于{above}"
                self._fault(one.where, "一级指标", told, f"'{one.level2}' belongs under {above}, not '{one.level1}'")
            else:
                known = "、".join(group.label for group in self.definition.level2.values())
                told = f"“{one.level2}”不是表样的二级指标；现有：{known}"
                self._fault(one.where, "二级指标", told, f"no second level '{one.level2}' on the form: {known}")
            if "target" in self.definition.columns and not one.target:
                self._fault(one.where, "年度指标值", "没有填写", "blank")
        return found

    def _capacities(self, project: Project, rows: Mapping[str, Sequence[ApprovedIndicator]]) -> dict[str, int]:
        if not project.indicators:
            return {group.id: group.rows for group in self.definition.level2.values()}
        for group, own in rows.items():
            if len(own) + self.spare > MOST_ROWS:
                told = f"{self.definition.level2[group].label}有 {len(own)} 行，最多 {MOST_ROWS} 行"
                self._fault(project.where, "", told, f"{len(own)} rows of {group}: at most {MOST_ROWS}")
        return {group: min(MOST_ROWS, max(1, len(own) + self.spare)) for group, own in rows.items()}

    def _indicators(self, layout: Layout, rows: Mapping[str, Sequence[ApprovedIndicator]]) -> dict[Place, Value]:
        """What is locked in each row; a group without an approved indicator has one blank row, locked unless spare."""
        said = {group: [_said(one) for one in own] for group, own in rows.items()}
        every = [one for own in said.values() for one in own]
        split = [column for column in _SPLIT if any(one[column] for one in every)]
        columns = [column for column in (*_COLUMNS, *split) if column in self.definition.columns]
        found: dict[Place, Value] = {}
        left, cell = {group: iter(own) for group, own in said.items()}, self.definition.indicator_cell
        for slot in layout.slots:
            approved = next(left[slot.level2.id], None)
            if approved is not None:
                found |= {cell(slot.index, column): approved[column] for column in columns}
            elif every and not self.spare:
                found |= {cell(slot.index, column): None for column in columns}
        return found


def _said(one: ApprovedIndicator) -> dict[str, Value]:
    texts = {"level3": one.level3, "target": one.target or "", "operator": one.operator, "measure_unit": one.measure}
    return {**{name: clean(text) or None for name, text in texts.items()}, "weight": one.weight}


def _groups(form: Form) -> dict[str, list[tuple[str, set[str]]]]:
    """The second levels by every name they go by, each with the names of its first level."""
    found: dict[str, list[tuple[str, set[str]]]] = {}
    for level1 in form.level1:
        above = {normalise_key(name) for name in (level1.id, level1.label, *level1.synonyms)}
        for group in level1.level2:
            for name in {normalise_key(name) for name in (group.id, group.label, *group.synonyms)}:
                found.setdefault(name, []).append((group.id, above))
    return found


# ── against the rules ───────────────────────────────────────────


def _judged(frame: IssueProfile, one: PlannedForm, faults: Faults, remarks: list[tuple[str, str]]) -> bytes:
    """The verdicts on a form; errors that no unit could mend are faults, such warnings are remarks."""
    answers = frame.answers(one.values, frame.layout.part(one.capacities))
    verdicts = frame.verdicts(answers)
    for question in frame.unmendable(verdicts):
        teller = MessageRenderer(frame.catalogue, question, answers)
        told = fill_placeholders(tr(question.case.message, question.case.message_en), teller)
        where = f"{one.project.where}{tr('项目', ' project ')}“{one.project.name}”{teller.full_label}"
        line = f"{where}{tr('：', ': ')}{question.rule.id} {told}"
        if question.case.level == "error":
            faults.found.append(escape_controls(line))
        else:
            remarks.append((question.rule.id, line))
    return verdicts
