"""The values of a form that are as issued, which the unit cannot mend."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xltool.form.definition import Form
from xltool.issuing.corrections import rows_by_group
from xltool.result.findings import Finding
from xltool.result.issued_identity import issued_identity, same_value
from xltool.result.record import Record, Row
from xltool.result.roles import FUNDS, INDICATOR, INDICATORS, INITIAL_BUDGET


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
        self._funds, self._indicators = (form.roles.path(role) for role in (FUNDS, INDICATORS))
        self._budgets, self._names = (form.roles.column(role) or "" for role in (INITIAL_BUDGET, INDICATOR))
        self._groups = {group.label: key for key, group in form.level2.items()}
        self._rows = rows_by_group(form, values)

    @property
    def is_of_its_project(self) -> bool:
        """Whether the form still names the project it was issued to."""
        return not issued_identity(self.record, self.values).changed

    def is_unchanged(self, finding: Finding) -> bool:
        """Whether a finding is about an issued value that was not changed."""
        if not self.values:
            return False
        match finding.path.split("/")[1:]:
            case [block, index, column] if block == self._funds and column == self._budgets:
                return self._budget(self.record.table(block)[int(index)]["source"])
            case [block] if block == self._indicators:
                return bool(self._rows) and not self._is_issued(*self._missing(finding))
            case [block, index, column] if block == self._indicators:
                return self._row(self.record.table(block)[int(index)], column)
            case path:
                name = ".".join(path)
                return self._is_as_issued(name, self.record.value(name))

    def path(self, name: str) -> str:
        """The path of an issued value in the record, by its name; "" if it is not there."""
        block = name.partition(".")[0]
        if name in self.record.values or (block == self._funds and block in self.record.tables):
            return self.record.pointer(name)
        return self._row_path(name)

    def _row_path(self, name: str) -> str:
        for index, row in enumerate(self.record.role_table(INDICATORS)):
            row_name = f"{self._groups.get(row.get('level2') or '', '')}.{row.get(self._names)}"
            if name == row_name or name.startswith(f"{row_name}."):
                return f"/{self._indicators}/{index}/{name.removeprefix(row_name).lstrip('.') or self._names}"
        return ""

    def _is_as_issued(self, name: str, value: Any) -> bool:
        return name in self.values and same_value(self.values[name], value)

    def _budget(self, source: str) -> bool:
        """Whether a source's budget is as issued; for a computed total, those of all sources."""
        budgets = {row["source"]: row.get(self._budgets) for row in self.record.role_table(FUNDS)}
        issued = f"{self._funds}.{source}.{self._budgets}"
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
        return any(same_value(row[self._names], level3) for row in rows)

    def _row(self, row: Row, column: str) -> bool:
        """Whether a row was issued with this name and, if there is one, this value in the column."""
        name = row.get(self._names)
        for issued in self._rows.get(self._groups.get(row.get("level2") or "", ""), ()):
            if same_value(issued[self._names], name) and same_value(issued.get(column), row.get(column)):
                return True
        return False
