"""Converts forms to rows of the platform's tables, and finds what its import would refuse."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from xltool.export.constraints import is_lettered, unfit_values
from xltool.export.platform import Platform, PlatformElement, PlatformTable, Refusal
from xltool.export.selection import (
    ExportedForm,
    RefusedForm,
    Selection,
    export_key,
    of_other_years,
    select_forms,
)
from xltool.language.numbers import add, multiply, normalize
from xltool.result import roles
from xltool.result.findings import Finding, usual_actor
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.roster.columns import normalise_key
from xltool.roster.model import Roster
from xltool.support.i18n import tr

Value = str | Decimal | None
Row = tuple[Value, ...]

_NOTHING: Mapping[str, str] = {}

#: The most characters of a value in a finding.
_SHOWN = 60


@dataclass(frozen=True)
class ExportFinding:
    """A finding of the export, with the file and sheet of its form."""

    file: str
    sheet: str | None
    finding: Finding

    def as_json(self) -> dict[str, Any]:
        """The finding with its file and sheet."""
        return {"file": self.file, "sheet": self.sheet, **self.finding.as_json()}


@dataclass(frozen=True)
class ExportRows:
    """The result of an export.

    Attributes:
        rows: the rows of each table, by its name.
        findings: the findings, in the order of the forms.
        forms: the exported forms.
        left_out: the files of forms that were left out because of an error.
    """

    rows: Mapping[str, Sequence[Row]]
    findings: Sequence[ExportFinding]
    forms: Sequence[ExportedForm]
    left_out: Sequence[str]


@dataclass(frozen=True)
class _Item:
    """The subject of one row: a form, an indicator or a source of funds.

    Attributes:
        path: its JSON Pointer.
        values: its values.
        name: distinguishes it from others of its form, in the same way in every export.
        label: its label.
    """

    path: str
    values: Mapping[str, Any]
    name: tuple[str, ...] = ()
    label: str = ""


def export_rows(results: Sequence[Result], platform: Platform, roster: Roster | None = None) -> ExportRows:
    """Build the platform's tables from the results of one run; see ``rows_of_selection``."""
    return rows_of_selection(select_forms([results], roster), platform, roster)


def rows_of_selection(selection: Selection, platform: Platform, roster: Roster | None = None) -> ExportRows:
    """Build the platform's tables.

    A form with an error is left out of every table, because totals of an incomplete form are not the sums of its rows.
    Unreadable results have no rows.

    Args:
        selection: the forms that count, and the others.
        platform: the platform's tables.
        roster: the source of codes that no form prints.
    """
    refused, kept = selection.refused, selection.kept
    findings = [ExportFinding(item.form.file, item.form.sheet, _refusal_finding(item, platform)) for item in refused]
    others, years = of_other_years(kept, roster)
    rows: dict[str, list[Row]] = {table.name: [] for table in platform.tables}
    roles_of_forms = {form.record.form: form.record.roles for form in kept}
    tables = {form: [table.for_form(own) for table in platform.tables] for form, own in roles_of_forms.items()}
    exported: list[ExportedForm] = []
    left_out: list[str] = []
    for form in kept:
        builder = _RowBuilder(form, platform)
        builder.refuse_without_unit()
        own_rows = {table.name: builder.rows(table) for table in tables[form.record.form]}
        if roster is not None and form.project is None:
            builder.refuse("unlisted", _names_path(form.record), tr("项目", "project"), form.record.project.name)
        if form in others:
            year = str(form.record.project.year or "—")
            builder.refuse(
                "other_year", builder.pointer(roles.YEAR), tr("年度", "year"), year, {"found": year, "years": years}
            )
        findings += [ExportFinding(form.file, form.sheet, finding) for finding in builder.found]
        if any(finding.level == "error" for finding in builder.found):
            left_out.append(form.file)
            continue
        exported.append(form)
        for name, lines in own_rows.items():
            rows[name] += lines
    return ExportRows(rows, sorted(findings, key=lambda item: item.file), exported, sorted(left_out))


def _refusal_finding(refused: RefusedForm, platform: Platform) -> Finding:
    """The finding about a refused form."""
    others = tr("、", ", ").join(refused.others)
    path = _names_path(refused.form.record)
    return _finding(platform.refusals[refused.refusal], path, tr("项目", "project"), others, {"found": others})


def _names_path(record: Record) -> str:
    """The JSON Pointer of what the names of the project stand in."""
    return record.pointer(record.roles.path(roles.SUBJECT)).rpartition("/")[0]


def _finding(refusal: Refusal, path: str, label: str, found: str | None, values: Mapping[str, str]) -> Finding:
    """The finding for a refusal."""
    message = re.sub(r"\{(\w+)\}", lambda name: values[name[1]], refusal.message)
    shown = found if found is None or len(found) <= _SHOWN else f"{found[:_SHOWN]}…"
    basis = tr("平台的字段和导入检查，见 docs/platform.md", "columns and import checks of the platform")
    return Finding(refusal.rule, refusal.level, path, None, label, message, shown, None, refusal.fix, basis,
                   usual_actor(refusal.level))  # fmt: skip


class _RowBuilder:
    """Builds the rows of one form, and collects what the platform would refuse."""

    def __init__(self, form: ExportedForm, platform: Platform) -> None:
        self.form = form
        self.platform = platform
        self.found: list[Finding] = []

    def rows(self, table: PlatformTable) -> list[Row]:
        """Its rows in a table."""
        return [tuple(self._value(table, element, item) for element in table.elements) for item in self._items(table)]

    def refuse(
        self, refusal: str, path: str, label: str, found: str | None, given: Mapping[str, str] | None = None
    ) -> None:
        """Note something that the platform refuses."""
        self.found.append(_finding(self.platform.refusals[refusal], path, label, found, given or {}))

    def refuse_without_unit(self) -> None:
        """Note, once, that amounts cannot be converted to yuan."""
        record = self.form.record
        if self.form.factor is None and record.roles.has(roles.FUNDS):
            self.refuse("money_unit", self.pointer(roles.MONEY_UNIT), tr("金额单位", "money unit"), record.money_unit)

    def pointer(self, role: str) -> str:
        """The JSON Pointer of the cell with a role."""
        return self.form.record.pointer(self.form.record.roles.path(role))

    def _items(self, table: PlatformTable) -> Iterator[_Item]:
        """The subjects of the rows of a table; none if the form has nothing that the table has."""
        record = self.form.record
        match table.each:
            case "form":
                if not record.values.keys().isdisjoint(table.sources):
                    yield _Item("", record.values)
            case roles.INDICATORS:
                yield from _indicators(record)
            case roles.FUNDS:
                yield from _funds(record)

    def _value(self, table: PlatformTable, element: PlatformElement, item: _Item) -> Value:
        """The value of a column, checked against the column's constraints."""
        if element.key:
            return self._key(table, element, item)
        label = " ".join(part for part in (item.label, f"{element.meaning}（{table.name}.{element.name}）") if part)
        path = _path(element, item)
        raw = self._source(element, item.values)
        if raw is None and element.roster and self.form.project is not None:
            raw = getattr(self.form.project, element.roster) or None
        value = self._measured(element, raw)
        if element.is_number and isinstance(value, str):
            value = None  # a text in a number field has a finding already
        if value is None:
            is_asked = not element.sources or not item.values.keys().isdisjoint(element.sources)
            if element.needed and is_asked:  # nobody can fill in what the form does not have
                self.refuse(element.needed, path, label, None)
            return element.blank or None
        for refusal, given in unfit_values(value, element, self.platform):
            self.refuse(refusal, path, label, str(value), given)
        if element.needed == "blank_actual" and is_lettered(self._target(item), str(value)):
            self.refuse("letters", path, label, str(value))
        return value

    def _target(self, item: _Item) -> str | None:
        """The target of an indicator with its operator, which show whether it is a quantity."""
        columns = (self.form.record.roles.column(role) for role in (roles.OPERATOR, roles.TARGET))
        return self._concatenated(item.values, [column for column in columns if column])

    def _key(self, table: PlatformTable, element: PlatformElement, item: _Item) -> str:
        if element.key == "form":
            return export_key("form", self.form.identity)
        return export_key(element.key, table.name, self.form.identity, *item.name)

    def _source(self, element: PlatformElement, values: Mapping[str, Any]) -> Value:
        if len(element.sources) > 1:
            return self._concatenated(values, element.sources)
        value = value_at(values, element.sources[0]) if element.sources else None
        if element.minus:
            subtracted = value_at(values, element.minus)
            return add(value, -subtracted) if isinstance(value, Decimal) and isinstance(subtracted, Decimal) else None
        return value if element.is_number or value is None else str(value)

    def _concatenated(self, values: Mapping[str, Any], names: Sequence[str]) -> str | None:
        """Concatenate values as people write them (``≥50个``), without repeating what is already there."""
        joined = ""
        for value in (value_at(values, name) for name in names):
            if value is None or value in self.platform.unglued:
                continue
            text = str(value)
            joined = text if text.startswith(joined) else joined if joined.endswith(text) else joined + text
        return joined or None

    def _measured(self, element: PlatformElement, value: Value) -> Value:
        """A value in the units of the platform: exact amounts in yuan, rates as ratio or percentage."""
        if not isinstance(value, Decimal):
            return value
        if element.measure == "rate" and self.platform.rate == "percent":
            return normalize(multiply(value, Decimal(100)))
        if element.measure != "money":
            return value
        return multiply(value, self.form.factor) if self.form.factor is not None else None


def _indicators(record: Record) -> Iterator[_Item]:
    """The indicators; those with the same name are numbered."""
    counts: Counter[tuple[str, str]] = Counter()
    table, column = record.roles.path(roles.INDICATORS), record.roles.column(roles.INDICATOR) or ""
    for number, row in enumerate(record.role_table(roles.INDICATORS)):
        group, label = row.get("level2") or "", row.get(column)
        name = (group, normalise_key(label))
        counts[name] += 1
        yield _Item(f"/{table}/{number}", row, (*name, str(counts[name])), label or group)


def _funds(record: Record) -> Iterator[_Item]:
    """The sources of funds with an amount."""
    table, weight = record.roles.path(roles.FUNDS), record.roles.column(roles.FUND_WEIGHT)
    for number, row in enumerate(record.role_table(roles.FUNDS)):
        if any(isinstance(value, Decimal | int) for name, value in row.items() if name != weight):
            label = row["label"].removeprefix("其中：")
            yield _Item(f"/{table}/{number}", {**row, "label": label}, (row["source"],), label)


def _path(element: PlatformElement, item: _Item) -> str:
    """The path of a value in the record; for several sources, the first that has one."""
    present = [name for name in element.sources if value_at(item.values, name) is not None]
    names = [*present, *element.sources][:1]
    return "/".join([item.path, *(name.replace(".", "/") for name in names)])


def value_at(values: Mapping[str, Any], name: str) -> Value:
    """The value with a name, an exact number; None if there is none."""
    value = values.get(name)
    return Decimal(repr(value)) if isinstance(value, int | float) else value
