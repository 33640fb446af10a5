"""Compares a form with the roster: names, indicators, amounts, issued values (H03, H04, W06, T10, X01, X05–X07)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from xltool.form.loading import load_form
from xltool.issuing.corrections import find_corrections
from xltool.language.grammar import SIGNS
from xltool.language.numbers import add
from xltool.language.numbers import decimal_text as number
from xltool.ledger.approved_budget import approved_total
from xltool.ledger.issued_values import IssuedValues
from xltool.result.findings import Finding
from xltool.result.issued_identity import issued_names
from xltool.result.reading_summary import SealSummary
from xltool.result.record import Record, Row
from xltool.result.roles import (
    DEPARTMENT,
    EXECUTED,
    INDICATOR,
    INDICATORS,
    INITIAL_BUDGET,
    SUBJECT,
    TARGET,
    UNIT,
    WEIGHT,
)
from xltool.roster.columns import normalise_key
from xltool.roster.model import ApprovedIndicator, Project, Roster, convert_amount
from xltool.rules.code_findings import code_finding
from xltool.rules.loading import load_catalogue
from xltool.rules.rule import Rule
from xltool.support.i18n import tr

#: The most corrections of a roster that are named.
_NAMED = 6


def compare_with_roster(record: Record, roster: Roster, seal: SealSummary | None = None) -> list[Finding]:
    """Find the differences between a form and the roster; the caller adds the cells in the workbook.

    Args:
        record: the record of the form.
        roster: the projects with their approved values.
        seal: the seal in the form's result; None for a form that was not issued.
    """
    return list(_Comparison(record, seal).findings(roster))


class _Comparison:
    """Compares one form."""

    def __init__(self, record: Record, seal: SealSummary | None) -> None:
        self.record = record
        self.seal = seal
        self.reference = record.form.text
        self.form = load_form(self.reference)
        self.roles = self.form.roles
        self._indicators_path = record.pointer(self.roles.path(INDICATORS))
        self.rules: Mapping[str, Rule] = load_catalogue(self.reference).rules
        self.issued = IssuedValues(record, (seal.issued if seal else None) or {}, self.form)

    def findings(self, roster: Roster) -> Iterator[Finding]:
        indicators = self.record.role_column(INDICATOR)
        names = issued_names(self.record.project, self.issued.values, self.roles)
        listed = roster.match(names, indicators, self.seal, self._param("H03", "name_alike"))
        if listed is None:
            yield self._unlisted()
            return
        candidates = [*self._names(listed), *self._approved(listed), *self._executed(listed)]
        candidates += self._indicators(listed) if listed.indicators and self.roles.has(INDICATOR) else []
        if not self.issued.is_of_its_project:  # P04 reports the names
            yield from (finding for finding in candidates if finding.rule not in ("H03", "H04"))
            return
        # the unit cannot mend values that are as issued
        changeable = [finding for finding in candidates if not self.issued.is_unchanged(finding)]
        yield from self._issued_differently(listed, [finding for finding in candidates if finding not in changeable])
        yield from changeable

    def _issued_differently(self, listed: Project, unchanged: list[Finding]) -> Iterator[Finding]:
        """X07 if the roster differs from the issued values, or if another form was issued since."""
        if self.seal is None or not self.issued.values:
            return
        differences = find_corrections(self.issued.values, listed, self.reference)
        changes = [difference.sentence() for difference in differences] or [
            difference.message for difference in unchanged
        ]
        reissued = bool(listed.issue) and listed.issue != self.seal.issue
        path = next((path for difference in differences if (path := self.issued.path(difference.name))), "")
        label = tr("批复的内容", "what was approved")
        values = {"code": self.seal.code, "issue": self.seal.issue, "current": listed.issue,
                 "count": str(len(changes)),
                 "changes": "；".join(changes[:_NAMED]) + ("……" if len(changes) > _NAMED else ""),
                 "issued": "；".join(difference.issued for difference in differences[:_NAMED] if difference.issued),
                 "now": "；".join(one.approved for one in differences[:_NAMED] if one.approved)}  # fmt: skip
        if changes:
            yield self._finding("X07", "reissued" if reissued else "corrected", path, label, **values)
        elif reissued:
            yield self._finding("X07", "other_issue", "", label, **values)

    def _param(self, rule: str, name: str) -> Decimal:
        value = self.rules[rule].params[name]
        assert isinstance(value, Decimal), (rule, name)
        return value

    def _finding(self, rule: str, key: str, path: str, label: str, **given: str) -> Finding:
        return code_finding(self.rules[rule], key, given, path, None, label)

    def _unlisted(self) -> Finding:
        project = self.record.project
        values = {
            "project": project.name or "—",
            "unit": project.unit or "—",
            "year": str(project.year or "—"),
        }
        return self._finding("X01", "unlisted", self._pointer(SUBJECT), self._label(SUBJECT), **values)

    def _pointer(self, role: str) -> str:
        return self.record.pointer(self.roles.path(role))

    def _label(self, role: str) -> str:
        place = self.form.place(role)
        return self.form.label(place) if place is not None else tr("项目", "project")

    def _names(self, listed: Project) -> Iterator[Finding]:
        checks = {SUBJECT: ("H03", "name", listed.name), UNIT: ("H04", "unit", listed.unit),
                  DEPARTMENT: ("H04", "unit", listed.department)}  # fmt: skip
        # a form about a unit as a whole has one cell for subject and unit: it is the unit's
        roles = {path: role for role in checks if (path := self.roles.path(role)) is not None}
        for role in roles.values():
            rule, key, right = checks[role]
            value = self.record.role_value(role)
            if value and right and normalise_key(value) != normalise_key(right):  # H01 reports a blank one
                yield self._finding(rule, key, self._pointer(role), self._label(role), here=value, listed=right)

    def _approved(self, listed: Project) -> Iterator[Finding]:
        """The initial budget; a total that is not listed is the sum of its sources."""
        funds, total = dict(listed.funds), self.roles.row(INITIAL_BUDGET)
        if total is None:
            return
        if (whole := approved_total(funds, self.form)) is not None:
            funds.setdefault(total, whole)
        for source, amount in funds.items():
            yield from self._amount("X06", source, INITIAL_BUDGET, amount, listed)

    def _executed(self, listed: Project) -> Iterator[Finding]:
        total = self.roles.row(EXECUTED)
        if listed.executed is not None and total is not None:
            yield from self._amount("X05", total, EXECUTED, listed.executed, listed)

    def _amount(self, rule: str, source: str, role: str, wanted: Decimal, listed: Project) -> Iterator[Finding]:
        """An amount that differs from the listed one; other rules report blank amounts."""
        table, column = self.form.fund_table, self.roles.column(role) or ""
        row = self.record.source_row(table, source)
        if row is None or row.get(column) is None:
            return
        amount, unit = Decimal(str(row[column])), self.record.money_unit
        right = convert_amount(wanted, listed.money_unit, unit)
        gap = add(amount, right.copy_negate())
        # a roster without a money unit may be in the other one
        scaled = (right.scaleb(shift) for shift in (() if listed.money_unit else (4, -4)))
        if abs(gap) > self._param(rule, "tolerance") and amount not in scaled:
            values = {"here": number(amount), "listed": number(right), "gap": number(gap), "money_unit": unit or ""}
            place = self.form.fund_cell(source, column)
            yield self._finding(rule, role, self.record.pointer(place.name), self.form.label(place), **values)

    def _indicators(self, listed: Project) -> Iterator[Finding]:
        approved = {_subject(indicator.level2, indicator.level3): indicator for indicator in listed.indicators}
        without_group = {
            normalise_key(indicator.level3): indicator for indicator in listed.indicators if not indicator.level2
        }
        seen, column = set(), self.roles.column(INDICATOR) or ""
        for index, row in enumerate(self.record.role_table(INDICATORS)):
            group, name = row.get("level2") or "", row.get(column)
            right = approved.get(_subject(group, name)) or without_group.get(normalise_key(name))
            label = f"{group}“{name or ''}”"
            if right is not None:
                seen.add(right)
                yield from self._row(index, row, right, label)
            elif name:
                path = f"{self._indicators_path}/{index}/{column}"
                yield self._finding("T10", "extra", path, label, here=name)
        for indicator in listed.indicators:
            if indicator not in seen:
                label = f"{indicator.level2}“{indicator.level3}”"
                yield self._finding(
                    "T10", "missing", self._indicators_path, label, listed=f"{label}{_approval(indicator)}"
                )

    def _row(self, index: int, row: Row, right: ApprovedIndicator, label: str) -> Iterator[Finding]:
        columns = {role: self.roles.column(role) or "" for role in (INDICATOR, TARGET, WEIGHT)}
        target, weight = (row.get(columns[role]) for role in (TARGET, WEIGHT))
        path = f"{self._indicators_path}/{index}"
        if right.target and target and _target_key(target) != _target_key(right.target):
            values = {"name": row[columns[INDICATOR]], "here": target, "listed": right.target}
            target_label = f"{label} {self.form.columns[columns[TARGET]].label}"
            yield self._finding("T10", "target", f"{path}/{columns[TARGET]}", target_label, **values)
        if right.weight is not None and weight is not None:
            gap = add(Decimal(str(weight)), right.weight.copy_negate())
            if abs(gap) > self._param("W06", "tolerance"):
                values = {"here": number(Decimal(str(weight))), "listed": number(right.weight)}
                yield self._finding("W06", "weight", f"{path}/{columns[WEIGHT]}", label, **values)


def _subject(level2: str, level3: str | None) -> tuple[str, str]:
    return normalise_key(level2), normalise_key(level3)


def _target_key(target: str) -> str:
    """A target for comparison: its signs in one spelling, and no sign where it says that the target is to be equal."""
    key = normalise_key(target)
    for spelling, sign in SIGNS:
        key = key.replace(spelling, sign)
    return key.removeprefix("=")


def _approval(indicator: ApprovedIndicator) -> str:
    """The approved target and weight of an indicator, in brackets; "" if the roster has neither."""
    parts = [tr(f"指标值 {indicator.target}", f"target {indicator.target}")] if indicator.target else []
    if indicator.weight is not None:
        parts.append(tr(f"分值 {number(indicator.weight)}", f"weight {number(indicator.weight)}"))
    return tr(f"（{'，'.join(parts)}）", f" ({', '.join(parts)})") if parts else ""
