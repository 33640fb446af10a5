"""A form against the roster: names, indicators, amounts, what was issued (H03, H04, W06, T10, X01, X05–X07)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from xltool.form.definition import load_form
from xltool.issuing.corrections import corrections
from xltool.language.numbers import add
from xltool.language.numbers import decimal_text as number
from xltool.ledger.issued_values import IssuedValues
from xltool.result.findings import Finding
from xltool.result.reading_summary import SealSummary
from xltool.result.record import Record
from xltool.roster.columns import normalise_key
from xltool.roster.model import ApprovedIndicator, Project, Roster, convert_amount
from xltool.rules.catalogue import load_catalogue
from xltool.rules.code_findings import code_finding
from xltool.rules.rule import Rule
from xltool.support.i18n import tr

#: So many corrections of a roster are named.
_NAMED = 6


def compare_with_roster(record: Record, roster: Roster, seal: SealSummary | None = None) -> list[Finding]:
    """What a form says otherwise than the roster; where in a workbook it stands is for the caller to add.

    Args:
        record: of the form.
        roster: the projects with what was approved.
        seal: what the form's result says of its seal; None for a form that was not issued.
    """
    return list(_Comparison(record, seal).findings(roster))


class _Comparison:
    def __init__(self, record: Record, seal: SealSummary | None) -> None:
        self.record = record
        self.seal = seal
        self.reference = f"{record['form']['id']}/{record['form']['version']}"
        self.form = load_form(self.reference)
        self.rules: Mapping[str, Rule] = load_catalogue(self.reference).rules
        self.issued = IssuedValues(record, (seal.issued if seal else None) or {}, self.form)

    def findings(self, roster: Roster) -> Iterator[Finding]:
        listed = roster.match(self.record, self.seal, self._param("H03", "name_alike"))
        if listed is None:
            yield self._unlisted()
            return
        found = [*self._names(listed), *self._approved(listed), *self._executed(listed)]
        found += self._indicators(listed) if listed.indicators else []
        if not self.issued.is_of_its_project:  # P04 says so
            yield from found
            return
        # what the unit left as it was issued is not the unit's to mend
        kept = [one for one in found if not self.issued.is_unchanged(one)]
        yield from self._otherwise(listed, [one for one in found if one not in kept])
        yield from kept

    def _otherwise(self, listed: Project, unchanged: list[Finding]) -> Iterator[Finding]:
        """X07 where the roster says otherwise than the form was issued with, or another form was issued since."""
        if self.seal is None or not self.issued.values:
            return
        found = corrections(self.issued.values, listed, self.reference)
        told = [one.text() for one in found] or [one.message for one in unchanged]
        reissued = bool(listed.issue) and listed.issue != self.seal.issue
        path = next((path for one in found if (path := self.issued.path(one.name))), "")
        label = tr("批复的内容", "what was approved")
        given = {"code": self.seal.code, "issue": self.seal.issue, "current": listed.issue,
                 "count": str(len(told)), "changes": "；".join(told[:_NAMED]) + ("……" if len(told) > _NAMED else ""),
                 "issued": "；".join(one.issued for one in found[:_NAMED] if one.issued),
                 "now": "；".join(one.now for one in found[:_NAMED] if one.now)}  # fmt: skip
        if told:
            yield self._told("X07", "reissued" if reissued else "corrected", path, label, **given)
        elif reissued:
            yield self._told("X07", "other_issue", "", label, **given)

    def _param(self, rule: str, name: str) -> Decimal:
        value = self.rules[rule].params[name]
        assert isinstance(value, Decimal), (rule, name)
        return value

    def _told(self, rule: str, key: str, path: str, label: str, **given: str) -> Finding:
        return code_finding(self.rules[rule], key, given, path, None, label)

    def _unlisted(self) -> Finding:
        own = self.record["project"]
        given = {"project": own["name"] or "—", "unit": own["unit"] or "—", "year": str(self.record["year"] or "—")}
        return self._told("X01", "unlisted", "/project/name", self._label("project.name"), **given)

    def _label(self, name: str) -> str:
        return self.form.fields[name].label if name in self.form.fields else name

    def _names(self, listed: Project) -> Iterator[Finding]:
        own = self.record["project"]
        checks = [("H03", "name", "name", listed.name), ("H04", "unit", "unit", listed.unit)]
        checks += [("H04", "unit", "department", listed.department)] if listed.department else []
        for rule, key, field, right in checks:
            here = own.get(field)
            if here and normalise_key(here) != normalise_key(right):  # a blank one is said by H01
                yield self._told(
                    rule, key, f"/project/{field}", self._label(f"project.{field}"), here=here, listed=right
                )

    def _approved(self, listed: Project) -> Iterator[Finding]:
        """The initial budget: of a total that is not listed its sources tell."""
        funds = dict(listed.funds)
        if funds and "total" not in funds:
            funds["total"] = add(*funds.values())
        for source, amount in funds.items():
            yield from self._amount("X06", source, "initial_budget", amount, listed)

    def _executed(self, listed: Project) -> Iterator[Finding]:
        if listed.executed is not None:
            yield from self._amount("X05", "total", "executed", listed.executed, listed)

    def _amount(self, rule: str, source: str, column: str, wanted: Decimal, listed: Project) -> Iterator[Finding]:
        """An amount that is not the one listed; of one that is blank other rules speak."""
        row = next((row for row in self.record["funds"] if row["source"] == source), None)
        if row is None or row.get(column) is None:
            return
        here, unit = Decimal(str(row[column])), self.record["money_unit"]
        right = convert_amount(wanted, listed.money_unit, unit)
        gap = add(here, right.copy_negate())
        # a roster that says no unit may be in the other one
        scaled = (right.scaleb(shift) for shift in (() if listed.money_unit else (4, -4)))
        if abs(gap) > self._param(rule, "tolerance") and here not in scaled:
            given = {"here": number(here), "listed": number(right), "gap": number(gap), "money_unit": unit or ""}
            index = self.record["funds"].index(row)
            label = self.form.label(self.form.fund_cell(source, column))
            yield self._told(rule, column, f"/funds/{index}/{column}", label, **given)

    def _indicators(self, listed: Project) -> Iterator[Finding]:
        approved = {_subject(one.level2, one.level3): one for one in listed.indicators}
        without_group = {normalise_key(one.level3): one for one in listed.indicators if not one.level2}
        seen = set()
        for index, row in enumerate(self.record["indicators"]):
            subject = _subject(row["level2"], row.get("level3"))
            right = approved.get(subject) or without_group.get(normalise_key(row.get("level3")))
            label = f"{row['level2']}“{row.get('level3') or ''}”"
            if right is not None:
                seen.add(right)
                yield from self._row(index, row, right, label)
            elif row.get("level3"):
                path = f"/indicators/{index}/level3"
                yield self._told("T10", "extra", path, label, here=row["level3"])
        for one in listed.indicators:
            if one not in seen:
                told_as = f"{one.level2}“{one.level3}”"
                yield self._told("T10", "missing", "/indicators", told_as, listed=told_as)

    def _row(self, index: int, row: Record, right: ApprovedIndicator, label: str) -> Iterator[Finding]:
        here = row.get("target")
        if right.target and here and normalise_key(here) != normalise_key(right.target):
            given = {"name": row["level3"], "here": here, "listed": right.target}
            yield self._told(
                "T10", "target", f"/indicators/{index}/target", f"{label} {self.form.columns['target'].label}", **given
            )
        weight = row.get("weight")
        if right.weight is not None and weight is not None:
            gap = add(Decimal(str(weight)), right.weight.copy_negate())
            if abs(gap) > self._param("W06", "tolerance"):
                given = {"here": number(Decimal(str(weight))), "listed": number(right.weight)}
                yield self._told("W06", "weight", f"/indicators/{index}/weight", label, **given)


def _subject(level2: str, level3: str | None) -> tuple[str, str]:
    return normalise_key(level2), normalise_key(level3)
