"""Forms to rows of the platform's tables, and what its import would refuse in them."""

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
    export_key,
    forms_to_export,
    one_form_per_project,
    sort_results,
)
from xltool.language.numbers import add, multiply, normalize
from xltool.result.findings import Finding, usual_actor
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.roster.columns import normalise_key
from xltool.roster.model import Roster
from xltool.support.i18n import tr

Value = str | Decimal | None
Row = tuple[Value, ...]

_NOTHING: Mapping[str, str] = {}

#: What tells whether an indicator is a quantity.
_QUANTITY = ("operator", "target")

#: What is found is shown up to so many characters.
_SHOWN = 60


@dataclass(frozen=True)
class ExportFinding:
    """A finding of the export, and the form it is about: its file and, in a workbook, its sheet."""

    file: str
    sheet: str | None
    finding: Finding

    def as_json(self) -> dict[str, Any]:
        """The finding with its file and sheet."""
        return {"file": self.file, "sheet": self.sheet, **self.finding.as_json()}


@dataclass(frozen=True)
class ExportRows:
    """What an export has made.

    Attributes:
        rows: the rows of each table, by its name.
        told: what was found, in the order of the forms.
        forms: those that were exported.
        left_out: files of forms that were not, for an error.
    """

    rows: Mapping[str, Sequence[Row]]
    findings: Sequence[ExportFinding]
    forms: Sequence[ExportedForm]
    left_out: Sequence[str]


@dataclass(frozen=True)
class _Item:
    """What one row is about: a form, an indicator or a source of funds.

    Attributes:
        path: its JSON Pointer.
        values: its own values.
        name: what tells it from others of its form, the same in every export.
        label: what people call it.
    """

    path: str
    values: Record
    name: tuple[str, ...] = ()
    label: str = ""


def export_rows(results: Sequence[Result], platform: Platform, roster: Roster | None = None) -> ExportRows:
    """The platform's tables.

    A form with an error is left out of every table: half a form on the platform has totals that are not the sums of
    its rows. Unreadable results have no rows.

    Args:
        results: valid results, in any order.
        platform: its tables.
        roster: where the codes come from that no form prints.
    """
    forms = forms_to_export(sort_results(results), roster)
    kept, said = one_form_per_project(forms)
    told = [ExportFinding(one.form.file, one.form.sheet, _about(one, platform)) for one in said]
    rows: dict[str, list[Row]] = {table.name: [] for table in platform.tables}
    out, left_out = [], [one.form.file for one in said if one.refusal == "twice"]
    for form in kept:
        made = _RowBuilder(form, platform)
        made.refuse_without_unit()
        own = {table.name: made.rows(table) for table in platform.tables}
        if roster is not None and form.project is None:
            made.refuse("unlisted", "/project", tr("项目", "project"), form.record["project"]["name"])
        told += [ExportFinding(form.file, form.sheet, finding) for finding in made.found]
        if any(finding.level == "error" for finding in made.found):
            left_out.append(form.file)
            continue
        out.append(form)
        for name, lines in own.items():
            rows[name] += lines
    return ExportRows(rows, sorted(told, key=lambda one: one.file), out, sorted(left_out))


def _about(one: RefusedForm, platform: Platform) -> Finding:
    others = tr("、", ", ").join(one.others)
    return _finding(platform.refusals[one.refusal], "/project", tr("项目", "project"), others, {"found": others})


def _finding(refusal: Refusal, path: str, label: str, found: str | None, given: Mapping[str, str]) -> Finding:
    message = re.sub(r"\{(\w+)\}", lambda name: given[name[1]], refusal.message)
    shown = found if found is None or len(found) <= _SHOWN else f"{found[:_SHOWN]}…"
    basis = tr("平台的字段和导入检查，见 docs/platform.md", "columns and import checks of the platform")
    return Finding(refusal.rule, refusal.level, path, None, label, message, shown, None, refusal.fix, basis,
                   usual_actor(refusal.level))  # fmt: skip


class _RowBuilder:
    """The rows of one form; what the platform would refuse is noted as they are made."""

    def __init__(self, form: ExportedForm, platform: Platform) -> None:
        self.form = form
        self.platform = platform
        self.found: list[Finding] = []

    def rows(self, table: PlatformTable) -> list[Row]:
        """Its rows of a table."""
        return [tuple(self._value(table, element, item) for element in table.elements) for item in self._items(table)]

    def refuse(
        self, refusal: str, path: str, label: str, found: str | None, given: Mapping[str, str] | None = None
    ) -> None:
        """Note what the platform does not take."""
        self.found.append(_finding(self.platform.refusals[refusal], path, label, found, given or {}))

    def refuse_without_unit(self) -> None:
        """Note, once, that amounts cannot be turned into yuan."""
        unit = self.form.record["money_unit"]
        if self.form.factor is None:
            self.refuse("money_unit", "/money_unit", tr("金额单位", "money unit"), unit)

    def _items(self, table: PlatformTable) -> Iterator[_Item]:
        record = self.form.record
        match table.each:
            case "form":
                yield _Item("", record)
            case "indicators":
                yield from _indicators(record)
            case "funds":
                for number, row in enumerate(record["funds"]):
                    if any(isinstance(value, Decimal | int) for name, value in row.items() if name != "weight"):
                        label = row["label"].removeprefix("其中：")
                        yield _Item(f"/funds/{number}", {**row, "label": label}, (row["source"],), label)

    def _value(self, table: PlatformTable, element: PlatformElement, item: _Item) -> Value:
        if element.key:
            return self._key(table, element, item)
        label = " ".join(part for part in (item.label, f"{element.meaning}（{table.name}.{element.name}）") if part)
        path = _path(element, item)
        found = self._source(element, item.values)
        if found is None and element.roster and self.form.project is not None:
            found = getattr(self.form.project, element.roster) or None
        value = self._measured(element, found)
        if element.is_number and isinstance(value, str):
            value = None  # what no number could be read from has a finding of its own already
        if value is None:
            if element.needed:
                self.refuse(element.needed, path, label, None)
            return element.blank or None
        for refusal, given in unfit_values(value, element, self.platform):
            self.refuse(refusal, path, label, str(value), given)
        if element.needed == "blank_actual" and is_lettered(self._glued(item.values, _QUANTITY), str(value)):
            self.refuse("letters", path, label, str(value))
        return value

    def _key(self, table: PlatformTable, element: PlatformElement, item: _Item) -> str:
        if element.key == "form":
            return export_key("form", self.form.identity)
        return export_key(element.key, table.name, self.form.identity, *item.name)

    def _source(self, element: PlatformElement, values: Record) -> Value:
        if len(element.sources) > 1:
            return self._glued(values, element.sources)
        value = value_at(values, element.sources[0]) if element.sources else None
        if element.minus:
            less = value_at(values, element.minus)
            return add(value, -less) if isinstance(value, Decimal) and isinstance(less, Decimal) else None
        return value if element.is_number or value is None else str(value)

    def _glued(self, values: Record, names: Sequence[str]) -> str | None:
        """Values one after the other, as people write them (``≥50个``), what stands there already not once more."""
        glued = ""
        for value in (value_at(values, name) for name in names):
            if value is None or value in self.platform.unglued:
                continue
            text = str(value)
            glued = text if text.startswith(glued) else glued if glued.endswith(text) else glued + text
        return glued or None

    def _measured(self, element: PlatformElement, value: Value) -> Value:
        """A value as the platform counts it: amounts in yuan, exactly, and rates as it wants them."""
        if not isinstance(value, Decimal):
            return value
        if element.measure == "rate" and self.platform.rate == "percent":
            return normalize(multiply(value, Decimal(100)))
        if element.measure != "money":
            return value
        return multiply(value, self.form.factor) if self.form.factor is not None else None


def _indicators(record: Record) -> Iterator[_Item]:
    """The indicators; two of one name are told apart by their order."""
    often: Counter[tuple[str, str]] = Counter()
    for number, row in enumerate(record["indicators"]):
        name = (row["level2"], normalise_key(row.get("level3")))
        often[name] += 1
        yield _Item(f"/indicators/{number}", row, (*name, str(often[name])), row.get("level3") or row["level2"])


def _path(element: PlatformElement, item: _Item) -> str:
    """Where in the record a value stands; of several, the first that is there."""
    there = [name for name in element.sources if value_at(item.values, name) is not None]
    names = [*there, *element.sources][:1]
    return "/".join([item.path, *(name.replace(".", "/") for name in names)])


def value_at(values: Record, name: str) -> Value:
    """What stands under a name with dots; None where there is nothing."""
    found: Any = values
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return Decimal(repr(found)) if isinstance(found, int | float) else found
