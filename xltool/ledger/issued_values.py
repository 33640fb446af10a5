"""The values of a form that are as issued, which the unit cannot mend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xltool.form.definition import Form
from xltool.issuing.corrections import rows_by_group
from xltool.result.findings import Finding
from xltool.result.issued_identity import issued_identity, same_value
from xltool.result.record import Record, Row


class IssuedValues:
    """The issued values of a form, compared with its record.

    Args:
        record: the record of the form.
        values: the values in its seal, by name; empty without a seal.
        form: its definition.
    """

    def __init__(self, record: Record, values: Mapping[str, Any], form: Form) -> None:
        self.record = record
        self.values = values
        self._funds, self._indicators = form.fund_table, form.indicator_table
        self._groups = {group.label: key for key, group in form.level2.items()}
        self._rows = rows_by_group(values)

    @property
    def is_of_its_project(self) -> bool:
        """Whether the form still names the project it was issued to."""
        return not issued_identity(self.record, self.values).changed

    def is_unchanged(self, finding: Finding) -> bool:
        """Whether a finding is about an issued value that was not changed."""
        if not self.values:
            return False
        match finding.path.split("/")[1:]:
            case ["project", name]:
                return self._is_as_issued(f"project.{name}", self.record.value(f"project.{name}"))
            case [block, index, "initial_budget"] if block == self._funds:
                return self._budget(self.record.table(block)[int(index)]["source"])
            case [block] if block == self._indicators:
                return bool(self._rows) and not self._is_issued(*self._missing(finding))
            case [block, index, column] if block == self._indicators:
                return self._row(self.record.table(block)[int(index)], column)
            case _:
                return False

    def path(self, name: str) -> str:
        """The path of an issued value in the record, by its name; "" if it is not there."""
        kind, _, rest = name.partition(".")
        if kind == "project":
            return f"/project/{rest}"
        if kind == self._funds:
            sources = self.record.column(kind, "source")
            source, column = rest.split(".")
            return f"/{kind}/{sources.index(source)}/{column}" if source in sources else ""
        return {"goal.expected": "/goal/expected", "year": "/year"}.get(name, "") or self._row_path(name)

    def _row_path(self, name: str) -> str:
        for index, row in enumerate(self.record.table(self._indicators)):
            row_name = f"{self._groups.get(row['level2'], '')}.{row.get('level3')}"
            if name == row_name or name.startswith(f"{row_name}."):
                return f"/{self._indicators}/{index}/{name.removeprefix(row_name).lstrip('.') or 'level3'}"
        return ""

    def _is_as_issued(self, name: str, value: Any) -> bool:
        return name in self.values and same_value(self.values[name], value)

    def _budget(self, source: str) -> bool:
        """Whether a source's budget is as issued; for a computed total, those of all sources."""
        budgets = {row["source"]: row.get("initial_budget") for row in self.record.table(self._funds)}
        issued = f"{self._funds}.{source}.initial_budget"
        if issued in self.values:
            return self._is_as_issued(issued, budgets[source])
        parts = [name for name in self.values if name.startswith(f"{self._funds}.")]
        return bool(parts) and all(
            same_value(self.values[place_name], budgets.get(place_name.split(".")[1])) for place_name in parts
        )

    def _missing(self, finding: Finding) -> tuple[str, str]:
        """The group and name of a missing indicator: 数量指标“完成数量”."""
        level2, _, rest = finding.label.partition("“")
        return level2, rest.removesuffix("”")

    def _is_issued(self, level2: str, level3: str) -> bool:
        group_rows = self._rows.get(self._groups.get(level2, ""), None)
        rows = group_rows if group_rows is not None else [row for group in self._rows.values() for row in group]
        return any(same_value(row["level3"], level3) for row in rows)

    def _row(self, row: Row, column: str) -> bool:
        """Whether a row was issued with this name and, if there is one, this value in the column."""
        for issued in self._rows.get(self._groups.get(row["level2"], ""), ()):
            if same_value(issued["level3"], row.get("level3")) and same_value(issued.get(column), row.get(column)):
                return True
        return False
