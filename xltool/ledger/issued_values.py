"""What of a form stands as it was issued: none of that is the unit's to mend."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from xltool.form.definition import Form
from xltool.issuing.corrections import rows_by_group
from xltool.result.findings import Finding
from xltool.result.record import Record
from xltool.roster.columns import normalise_key

#: What says whose a form is.
_IDENTITY = ("name", "code", "unit")


class IssuedValues:
    """A form's issued values beside its record.

    Args:
        record: of the form.
        values: as its seal has them, by name; empty where it has none.
        form: its definition.
    """

    def __init__(self, record: Record, values: Mapping[str, Any], form: Form) -> None:
        self.record = record
        self.values = values
        self._groups = {group.label: key for key, group in form.level2.items()}
        self._rows = rows_by_group(values)

    @property
    def is_of_its_project(self) -> bool:
        """Whether the form still says whose it is: one that another project was written on is not that one's form."""
        own, year = self.record["project"], self.record["year"]
        here = {**{f"project.{key}": own.get(key) for key in _IDENTITY}, "year": year}
        said = {name: value for name, value in here.items() if value not in (None, "") and name in self.values}
        return all(_same(self.values[name], value) for name, value in said.items())

    def is_unchanged(self, finding: Finding) -> bool:
        """Whether a finding is about what was issued, and left as it was."""
        if not self.values:
            return False
        match finding.path.split("/")[1:]:
            case ["project", name]:
                return self._stands(f"project.{name}", self.record["project"].get(name))
            case ["funds", index, "initial_budget"]:
                return self._budget(self.record["funds"][int(index)]["source"])
            case ["indicators"]:
                return bool(self._rows) and not self._is_issued(*self._missing(finding))
            case ["indicators", index, column]:
                return self._row(self.record["indicators"][int(index)], column)
            case _:
                return False

    def path(self, name: str) -> str:
        """Where in the record an issued value is, by its name; "" where it is not there."""
        kind, _, rest = name.partition(".")
        if kind == "project":
            return f"/project/{rest}"
        if kind == "funds":
            sources = [row["source"] for row in self.record["funds"]]
            source, column = rest.split(".")
            return f"/funds/{sources.index(source)}/{column}" if source in sources else ""
        return {"goal.expected": "/goal/expected", "year": "/year"}.get(name, "") or self._row_path(name)

    def _row_path(self, name: str) -> str:
        for index, row in enumerate(self.record["indicators"]):
            own = f"{self._groups.get(row['level2'], '')}.{row.get('level3')}"
            if name == own or name.startswith(f"{own}."):
                return f"/indicators/{index}/{name.removeprefix(own).lstrip('.') or 'level3'}"
        return ""

    def _stands(self, name: str, here: Any) -> bool:
        return name in self.values and _same(self.values[name], here)

    def _budget(self, source: str) -> bool:
        """A source's own, or, of a total that is a formula, all of them."""
        here = {row["source"]: row.get("initial_budget") for row in self.record["funds"]}
        if f"funds.{source}.initial_budget" in self.values:
            return self._stands(f"funds.{source}.initial_budget", here[source])
        parts = [name for name in self.values if name.startswith("funds.")]
        return bool(parts) and all(_same(self.values[one], here.get(one.split(".")[1])) for one in parts)

    def _missing(self, finding: Finding) -> tuple[str, str]:
        """The group and name of an indicator that is missing: 数量指标“完成数量”."""
        level2, _, rest = finding.label.partition("“")
        return level2, rest.removesuffix("”")

    def _is_issued(self, level2: str, level3: str) -> bool:
        own = self._rows.get(self._groups.get(level2, ""), None)
        every = own if own is not None else [row for group in self._rows.values() for row in group]
        return any(_same(row["level3"], level3) for row in every)

    def _row(self, row: Record, column: str) -> bool:
        """Whether the row was issued with this name, and, where it has one, this value in the column."""
        for issued in self._rows.get(self._groups.get(row["level2"], ""), ()):
            if _same(issued["level3"], row.get("level3")) and _same(issued.get(column), row.get(column)):
                return True
        return False


def _same(issued: Any, here: Any) -> bool:
    if isinstance(issued, str) or isinstance(here, str):
        return normalise_key(str(issued or "")) == normalise_key(str(here or ""))
    if issued is None or here is None:
        return issued is None and here is None
    return Decimal(str(issued)) == Decimal(str(here))
