"""Compares a form with the roster: names, indicators, amounts, issued values (H03, H04, W06, T10, X01, X05–X07)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from xltool.form.blocks import FUND_TOTAL
from xltool.form.loading import load_form
from xltool.issuing.corrections import find_corrections
from xltool.language.grammar import SIGNS
from xltool.language.numbers import add
from xltool.language.numbers import decimal_text as number
from xltool.ledger.issued_values import IssuedValues
from xltool.result.findings import Finding
from xltool.result.issued_identity import issued_names
from xltool.result.reading_summary import SealSummary
from xltool.result.record import Record, Row
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
        self._indicators_path = f"/{self.form.indicator_table}"
        self.rules: Mapping[str, Rule] = load_catalogue(self.reference).rules
        self.issued = IssuedValues(record, (seal.issued if seal else None) or {}, self.form)

    def findings(self, roster: Roster) -> Iterator[Finding]:
        indicators = self.record.column(self.form.indicator_table, "level3")
        names = issued_names(self.record.project, self.issued.values)
        listed = roster.match(names, indicators, self.seal, self._param("H03", "name_alike"))
        if listed is None:
            yield self._unlisted()
            return
        candidates = [*self._names(listed), *self._approved(listed), *self._executed(listed)]
        candidates += self._indicators(listed) if listed.indicators else []
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
        return self._finding("X01", "unlisted", "/project/name", self._label("project.name"), **values)

    def _label(self, name: str) -> str:
        return self.form.fields[name].label if name in self.form.fields else name

    def _names(self, listed: Project) -> Iterator[Finding]:
        checks = [("H03", "name", "name", listed.name), ("H04", "unit", "unit", listed.unit)]
        checks += [("H04", "unit", "department", listed.department)] if listed.department else []
        for rule, key, field, right in checks:
            value = self.record.value(f"project.{field}")
            if value and normalise_key(value) != normalise_key(right):  # H01 reports a blank one
                yield self._finding(
                    rule, key, f"/project/{field}", self._label(f"project.{field}"), here=value, listed=right
                )

    def _approved(self, listed: Project) -> Iterator[Finding]:
        """The initial budget; a total that is not listed is the sum of its sources."""
        funds = dict(listed.funds)
        if funds and FUND_TOTAL not in funds:
            funds[FUND_TOTAL] = add(*funds.values())
        for source, amount in funds.items():
            yield from self._amount("X06", source, "initial_budget", amount, listed)

    def _executed(self, listed: Project) -> Iterator[Finding]:
        if listed.executed is not None:
            yield from self._amount("X05", FUND_TOTAL, "executed", listed.executed, listed)

    def _amount(self, rule: str, source: str, column: str, wanted: Decimal, listed: Project) -> Iterator[Finding]:
        """An amount that differs from the listed one; other rules report blank amounts."""
        table = self.form.fund_table
        row = self.record.source_row(table, source)
        if row is None or row.get(column) is None:
            return
        amount, unit = Decimal(str(row[column])), self.record.value("money_unit")
        right = convert_amount(wanted, listed.money_unit, unit)
        gap = add(amount, right.copy_negate())
        # a roster without a money unit may be in the other one
        scaled = (right.scaleb(shift) for shift in (() if listed.money_unit else (4, -4)))
        if abs(gap) > self._param(rule, "tolerance") and amount not in scaled:
            values = {"here": number(amount), "listed": number(right), "gap": number(gap), "money_unit": unit or ""}
            index = self.record.table(table).index(row)
            label = self.form.label(self.form.fund_cell(source, column))
            yield self._finding(rule, column, f"/{table}/{index}/{column}", label, **values)

    def _indicators(self, listed: Project) -> Iterator[Finding]:
        approved = {_subject(indicator.level2, indicator.level3): indicator for indicator in listed.indicators}
        without_group = {
            normalise_key(indicator.level3): indicator for indicator in listed.indicators if not indicator.level2
        }
        seen = set()
        for index, row in enumerate(self.record.table(self.form.indicator_table)):
            subject = _subject(row["level2"], row.get("level3"))
            right = approved.get(subject) or without_group.get(normalise_key(row.get("level3")))
            label = f"{row['level2']}“{row.get('level3') or ''}”"
            if right is not None:
                seen.add(right)
                yield from self._row(index, row, right, label)
            elif row.get("level3"):
                path = f"{self._indicators_path}/{index}/level3"
                yield self._finding("T10", "extra", path, label, here=row["level3"])
        for indicator in listed.indicators:
            if indicator not in seen:
                label = f"{indicator.level2}“{indicator.level3}”"
                yield self._finding(
                    "T10", "missing", self._indicators_path, label, listed=f"{label}{_approval(indicator)}"
                )

    def _row(self, index: int, row: Row, right: ApprovedIndicator, label: str) -> Iterator[Finding]:
        target = row.get("target")
        if right.target and target and _target_key(target) != _target_key(right.target):
            values = {"name": row["level3"], "here": target, "listed": right.target}
            path = f"{self._indicators_path}/{index}/target"
            yield self._finding("T10", "target", path, f"{label} {self.form.columns['target'].label}", **values)
        weight = row.get("weight")
        if right.weight is not None and weight is not None:
            gap = add(Decimal(str(weight)), right.weight.copy_negate())
            if abs(gap) > self._param("W06", "tolerance"):
                values = {"here": number(Decimal(str(weight))), "listed": number(right.weight)}
                yield self._finding("W06", "weight", f"{self._indicators_path}/{index}/weight", label, **values)


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
