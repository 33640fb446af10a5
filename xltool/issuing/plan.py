"""From a roster to the plan of an issue: rows and locked values of each project's form; finds all faults first.

What was approved with the budget is written and locked; the unit fills in only what it did.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from xltool.form import seals
from xltool.form.capacities import MOST_ROWS
from xltool.form.codes import split_code
from xltool.form.definition import Form
from xltool.form.layout import Layout
from xltool.form.loading import load_form
from xltool.form.places import Place
from xltool.form.references import all_references
from xltool.form.roster import ROLES_OF_COLUMNS, columns_of_roster, has_place, is_about_unit
from xltool.issuing import money_unit
from xltool.issuing.budgets import approved_budgets, budget_faults
from xltool.language.functions import Value
from xltool.language.texts import clean
from xltool.result import roles
from xltool.roster.columns import heading, normalise_key
from xltool.roster.faults import Faults
from xltool.roster.model import ApprovedIndicator, Project, Roster
from xltool.rules.catalogue import Catalogue
from xltool.rules.issue_profile import IssueProfile
from xltool.rules.loading import load_catalogue
from xltool.rules.messages import MessageRenderer
from xltool.rules.rule import fill_placeholders
from xltool.support.errors import WrongUse
from xltool.support.escaping import escape_controls
from xltool.support.i18n import tr

#: The locked columns of an approved indicator, as far as the form has them; the last two only if the roster does.
_COLUMNS, _SPLIT = (roles.INDICATOR, roles.TARGET, roles.WEIGHT), (roles.OPERATOR, roles.MEASURE_UNIT)

#: The issued cells of the project, as far as form and roster have them, by column of the roster.
_HEADING = ("year", "name", "code", "department", "unit", "goal")


@dataclass(frozen=True)
class PlannedForm:
    """The form of a project as planned.

    Attributes:
        number: its number in the issue, from 1.
        project: the project.
        capacities: rows per second-level indicator.
        values: the values that are written and locked, by place; None for a place locked blank.
        values_text: the same values as written to the hidden sheet.
    """

    number: int
    project: Project
    capacities: Mapping[str, int]
    values: Mapping[Place, Value]
    values_text: str

    @cached_property
    def kind(self) -> frozenset[str]:
        """The fields and columns that are issued; forms of one kind share a bulk template."""
        return frozenset(map(seals.place_kind, self.values))


@dataclass(frozen=True)
class IssuePlan:
    """A planned issue.

    Attributes:
        catalogue: the rules of the form.
        forms: one per project, in the order of the roster.
        profiles: what forms of one kind have in common, by kind.
        verdicts: the verdicts on each form, by its number, see ``IssueProfile.verdicts``.
        remarks: matters for the bureau that are not faults, each with the id of its rule.
        unused_parts: the parts of the roster that the form does not ask for.
    """

    catalogue: Catalogue
    forms: tuple[PlannedForm, ...]
    profiles: Mapping[frozenset[str], IssueProfile]
    verdicts: Mapping[int, bytes]
    remarks: tuple[tuple[str, str], ...]
    unused_parts: tuple[str, ...] = ()

    @cached_property
    def issue(self) -> str:
        """The id of the issue: its first year, and six hex digits of everything issued."""
        lines = [self.catalogue.form.reference]
        for form in self.forms:
            lines.append(f"{form.project.key} {form.project.deadline} {dict(form.capacities)} {form.values_text}")
        digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
        return f"{min(form.project.year for form in self.forms)}-{digest[:6]}"


def plan_issue(roster: Roster, reference: str, spare: int = 0) -> IssuePlan:
    """Plan an issue.

    Args:
        roster: the projects.
        reference: the form, such as ``mof-2020/1``.
        spare: the rows that a unit may add per second-level indicator.

    Raises:
        WrongUse: the roster has values that the form cannot take or that break its rules; names all of them.
    """
    catalogue = load_catalogue(reference)
    faults = Faults(roster.file)
    refuse_other_form(roster, catalogue.form)
    money_unit.refuse_missing_money_unit(roster, catalogue.form, faults)
    planner = _Planner(catalogue, spare, faults)
    forms = [planner.form(number, project) for number, project in enumerate(roster.projects, 1)]
    remarks: list[tuple[str, str]] = []
    profiles: dict[frozenset[str], IssueProfile] = {}
    verdicts: dict[int, bytes] = {}
    for kind in dict.fromkeys(form.kind for form in forms):
        forms_of_kind = [form for form in forms if form.kind == kind]
        profile = profiles[kind] = IssueProfile(catalogue, _most_rows(forms_of_kind), kind, bool(spare))
        for form in forms_of_kind:  # the sums of a form without the faulty values of its roster are meaningless
            form_faults = Faults(roster.file) if form.number in planner.faulty else faults
            verdicts[form.number] = _judge(profile, form, form_faults, remarks)
    faults.refuse(most=None)
    return IssuePlan(catalogue, tuple(forms), profiles, verdicts, tuple(remarks), planner.unused(roster.projects))


def planned_form(project: Project, reference: str, spare: int = 0) -> PlannedForm | None:
    """The form of one project as it would be issued now; None if its roster line does not fit the form.

    Args:
        project: the project in the roster.
        reference: the form, such as ``mof-2020/1``.
        spare: the rows that a unit may add per second-level indicator.
    """
    faults = Faults("")
    planned = _Planner(load_catalogue(reference), spare, faults).form(1, project)
    return None if faults.messages else planned


def refuse_other_form(roster: Roster, form: Form) -> None:
    """Reject a roster that was made for another form, because its columns and money unit have that form's meaning.

    Raises:
        WrongUse: it was.
    """
    made_for = roster.form_reference.partition("/")[0]
    if made_for and made_for not in (form.id, form.name):
        known = [
            reference
            for reference in all_references()
            if made_for in (reference.partition("/")[0], load_form(reference).name)
        ]
        other_form = load_form(known[-1]) if known else None
        other_name = f"{other_form.name}（{other_form.id}，{other_form.money_unit}）" if other_form else made_for
        hint = f"签发它要写 --form {other_form.id}；" if other_form else ""
        chinese = (
            f"名册 {roster.file} 是为“{other_name}”做的，不能用来签发“{form.name}”（{form.id}，{form.money_unit}）"
        )
        advice = f"{hint}要签发后者，请用 issue --new-roster 新名册.xlsx --form {form.id} 另做一份名册"
        english = (
            f"{roster.file} was made for {roster.form_reference}, not for {form.id}: give that --form, or a new roster"
        )
        raise WrongUse(tr(f"{chinese}；{advice}", english))


def _most_rows(forms: Iterable[PlannedForm]) -> dict[str, int]:
    """The greatest number of rows among these forms, per second-level indicator."""
    most: dict[str, int] = {}
    for form in forms:
        for group, rows in form.capacities.items():
            most[group] = max(most.get(group, 1), rows)
    return most


class _Planner:
    """Plans forms one by one, and collects faults."""

    def __init__(self, catalogue: Catalogue, spare: int, faults: Faults) -> None:
        self.catalogue = catalogue
        self.definition = catalogue.form
        self.spare = spare
        self.faults = faults
        self.columns = columns_of_roster(self.definition.reference)
        self.groups = _groups(self.definition)
        self.has_indicators = self.definition.column(roles.INDICATOR) is not None
        self.faulty: set[int] = set()
        self._number = 0

    def form(self, number: int, project: Project) -> PlannedForm:
        """Plan the form of one project."""
        self._number = number
        rows = self._rows(project)
        capacities = self._capacities(project, rows)
        layout = self.catalogue.layout(capacities)
        unordered = {
            **self._heading(project),
            **approved_budgets(project, self.definition, layout),
            **self._indicators(layout, rows),
        }
        values = {place: unordered[place] for place in sorted(unordered, key=layout.positions.__getitem__)}
        written = seals.values_text(values, layout)
        if len(written.encode("utf-16-le")) > 2 * seals.MOST_VALUES:
            self._fault(project.where, "", "指标和目标的文字太长，一张表放不下", "its texts are too long for one form")
        return PlannedForm(number, project, capacities, values, written)

    def unused(self, projects: Sequence[Project]) -> tuple[str, ...]:
        """The parts of the roster that the form does not ask for, by their headings."""
        form = self.definition
        lines = [item for project in projects for item in project.indicators]
        is_filled_by_key = {
            "unit": any(item.unit for item in projects),
            "department": any(item.department for item in projects),
            "code": any(item.code for item in projects),
            "goal": any(item.goal for item in projects),
            self.columns.whole_budget: any(item.funds for item in projects),
            "level3": bool(lines),
            "target": self.has_indicators and any(item.target for item in lines),
            "weight": self.has_indicators and any(item.weight is not None for item in lines),
        }
        unused = (key for key, is_filled in is_filled_by_key.items() if is_filled and not has_place(form, key))
        return tuple(map(self.columns.heading, unused))

    def _fault(self, where: str, column: str, chinese: str, english: str) -> None:
        self.faulty.add(self._number)
        self.faults.add(f"{where}“{column}”" if column else where, chinese, english)

    # ── the project ─────────────────────────────────────────────

    def _heading(self, project: Project) -> dict[Place, Value]:
        form = self.definition
        self._check_name(project)
        if project.deadline is not None and project.deadline.year < project.year:
            chinese = f"{project.deadline} 在 {project.year} 年度之前"
            english = f"{project.deadline} is before the year {project.year}"
            self._fault(project.where, heading("deadline"), chinese, english)
        self._check_year(project)
        for fault in budget_faults(project, self.definition):
            self._fault(project.where, fault.column, fault.chinese, fault.english)
        values: dict[Place, Value] = {}
        for key in _HEADING:
            value = getattr(project, key)
            place, value = form.place(ROLES_OF_COLUMNS[key]), Decimal(value) if key == "year" else clean(value)
            if place is not None and value:
                values[place] = value
        return values

    def _check_name(self, project: Project) -> None:
        """Reject a name with a code before it, which would be read back as the code that the form prints before it."""
        subject = self.definition.place(roles.SUBJECT)
        code, _ = split_code(clean(project.name))
        if subject is not None and self.definition.field(subject).prefix and code:
            name, column = heading("name"), heading("code")
            self._fault(project.where, name, f"编码“{code}”请写在“{column}”一栏", f"'{code}' belongs under {column}")

    def _check_year(self, project: Project) -> None:
        year = self.definition.place(roles.YEAR)
        years = self.definition.field(year).choices if year is not None else ()
        if years and str(project.year) not in years:
            listed = years[0] if len(years) == 1 else f"{years[0]} 到 {years[-1]}"
            chinese = f"{project.year} 不在表样的年度里（{listed}）"
            english = f"{project.year}: the form is for {years[0]} to {years[-1]}"
            self._fault(project.where, heading("year"), chinese, english)

    # ── its indicators ──────────────────────────────────────────

    def _rows(self, project: Project) -> dict[str, list[ApprovedIndicator]]:
        """The approved indicators by second level."""
        rows: dict[str, list[ApprovedIndicator]] = {group: [] for group in self.definition.level2}
        has_target = self.definition.column(roles.TARGET) is not None
        for indicator in project.indicators if self.has_indicators else ():
            groups = self._groups_of(indicator)
            matching = [group for group, level1 in groups if not level1 or not indicator.level1
                        or normalise_key(indicator.level1) in level1]  # fmt: skip
            if len(matching) == 1:
                rows[matching[0]].append(indicator)
            elif groups and indicator.level1:
                above = "、".join(level1.label for level1 in self.definition.level1
                                 if any(level2.id in dict(groups) for level2 in level1.level2))  # fmt: skip
                chinese = f"“{indicator.level1}”下没有“{indicator.level2}”，它属于{above}"
                self._fault(
                    indicator.where,
                    heading("level1"),
                    chinese,
                    f"'{indicator.level2}' belongs under {above}, not '{indicator.level1}'",
                )
            else:
                known = "、".join(group.label for group in self.definition.level2.values())
                chinese = f"“{indicator.level2}”不是表样的二级指标；现有：{known}"
                english = f"no second level '{indicator.level2}' on the form: {known}"
                self._fault(indicator.where, heading("level2"), chinese, english)
            if has_target and not indicator.target:
                self._fault(indicator.where, heading("target"), "没有填写", "blank")
        return rows

    def _groups_of(self, indicator: ApprovedIndicator) -> list[tuple[str, set[str]]]:
        """The groups that an indicator may belong to, by the lowest level that the form has, with the names above."""
        match self.definition.tables[self.definition.indicator_table].group_column:
            case "":
                return [(group, set()) for group in self.definition.level2]
            case "level1":
                return self.groups.get(normalise_key(indicator.level1), [])
        return self.groups.get(normalise_key(indicator.level2), [])

    def _capacities(self, project: Project, rows: Mapping[str, Sequence[ApprovedIndicator]]) -> dict[str, int]:
        if not project.indicators or not self.has_indicators:
            return {group.id: group.rows for group in self.definition.level2.values()}
        for group, approved in rows.items():
            if len(approved) + self.spare > MOST_ROWS:
                chinese = f"{self.definition.level2[group].label}有 {len(approved)} 行，最多 {MOST_ROWS} 行"
                self._fault(project.where, "", chinese, f"{len(approved)} rows of {group}: at most {MOST_ROWS}")
        return {group: min(MOST_ROWS, max(1, len(approved) + self.spare)) for group, approved in rows.items()}

    def _indicators(self, layout: Layout, rows: Mapping[str, Sequence[ApprovedIndicator]]) -> dict[Place, Value]:
        """The locked values of each row; a group without approvals has one blank row, locked unless ``spare``."""
        rows_by_group = {group: [_row_values(row) for row in approved_rows] for group, approved_rows in rows.items()}
        all_rows = [row for approved_rows in rows_by_group.values() for row in approved_rows]
        split = [role for role in _SPLIT if any(row[role] for row in all_rows)]
        columns = {role: column for role in (*_COLUMNS, *split) if (column := self.definition.column(role))}
        values: dict[Place, Value] = {}
        remaining, cell = (
            {group: iter(approved_rows) for group, approved_rows in rows_by_group.items()},
            self.definition.indicator_cell,
        )
        for slot in layout.slots:
            approved = next(remaining[slot.level2.id], None)
            if approved is not None:
                values |= {cell(slot.index, column): approved[role] for role, column in columns.items()}
            elif all_rows and not self.spare:
                values |= {cell(slot.index, column): None for column in columns.values()}
        return values


def _row_values(indicator: ApprovedIndicator) -> dict[str, Value]:
    """The values of an approved indicator, by role of their columns."""
    texts = {
        roles.INDICATOR: indicator.level3,
        roles.TARGET: indicator.target or "",
        roles.OPERATOR: indicator.operator,
        roles.MEASURE_UNIT: indicator.measure,
    }
    return {**{role: clean(text) or None for role, text in texts.items()}, roles.WEIGHT: indicator.weight}


def _groups(form: Form) -> dict[str, list[tuple[str, set[str]]]]:
    """The second levels by all their names, each with the names of its first level."""
    groups: dict[str, list[tuple[str, set[str]]]] = {}
    for level1 in form.level1:
        above = {normalise_key(name) for name in (level1.id, level1.label, *level1.synonyms)}
        for group in level1.level2:
            for name in {normalise_key(name) for name in (group.id, group.label, *group.synonyms)}:
                groups.setdefault(name, []).append((group.id, above))
    return groups


# ── against the rules ───────────────────────────────────────────


def _judge(profile: IssueProfile, form: PlannedForm, faults: Faults, remarks: list[tuple[str, str]]) -> bytes:
    """The verdicts on a form; errors that the unit could not mend become faults, such warnings remarks."""
    answers = profile.answers(form.values, profile.layout.slots_within(form.capacities))
    verdicts = profile.verdicts(answers)
    for instance in profile.beyond_unit(verdicts):
        renderer = MessageRenderer(profile.catalogue, instance, answers)
        message = fill_placeholders(tr(instance.case.message, instance.case.message_en), renderer)
        kind = tr("单位", " unit ") if is_about_unit(profile.catalogue.form) else tr("项目", " project ")
        where = f"{form.project.where}{kind}“{form.project.name}”{renderer.full_label}"
        line = f"{where}{tr('：', ': ')}{instance.rule.id} {message}"
        if instance.case.level == "error":
            faults.messages.append(escape_controls(line))
        else:
            remarks.append((instance.rule.id, line))
    return verdicts
