"""Compares two submissions: field by field, and which findings were corrected, which remain, and which are new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from xltool.result.findings import Finding
from xltool.result.record import EXPLANATIONS, Record, Row
from xltool.result.result import Result
from xltool.result.roles import (
    ACTUAL,
    BUDGET,
    CODE,
    DEPARTMENT,
    EXECUTED,
    FUND_SCORE,
    FUND_WEIGHT,
    FUNDS,
    GOAL,
    GOAL_RESULT,
    GRADE,
    INDICATOR,
    INDICATORS,
    INITIAL_BUDGET,
    MEASURE_UNIT,
    MONEY_UNIT,
    OPERATOR,
    RATE,
    REASON,
    SCORE,
    SUBJECT,
    TARGET,
    TOTAL_SCORE,
    TOTAL_WEIGHT,
    UNIT,
    WEIGHT,
    YEAR,
    Roles,
)
from xltool.roster.columns import normalise_key


@dataclass(frozen=True)
class Difference:
    """A field whose value differs between two records.

    Attributes:
        path: JSON Pointer into the second record, or into the first where the field is gone.
        label: what people call it.
        kind: changed, added (only in the second) or removed (only in the first).
        before: the first record's value.
        after: the second record's value.
    """

    path: str
    label: str
    kind: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        """As one line of JSON Lines."""
        return asdict(self)


#: What people call the fields that a record holds beside its rows, by role; of one with two roles the last counts. A
#: field without a role has the label of its form.
_LABELS = {
    YEAR: "年度", SUBJECT: "项目名称", CODE: "项目编码", DEPARTMENT: "主管部门", UNIT: "实施单位",
    MONEY_UNIT: "金额单位", GOAL: "预期目标", GOAL_RESULT: "实际完成情况", TOTAL_WEIGHT: "总分 分值",
    TOTAL_SCORE: "总分 得分", GRADE: "自评等级",
}  # fmt: skip

#: The same of the columns of fund rows and indicator rows.
_COLUMN_LABELS = {
    BUDGET: "全年预算数", INITIAL_BUDGET: "年初预算数", EXECUTED: "全年执行数", FUND_WEIGHT: "分值", RATE: "执行率",
    FUND_SCORE: "得分", INDICATOR: "三级指标", OPERATOR: "指标性质", TARGET: "年度指标值", MEASURE_UNIT: "度量单位",
    ACTUAL: "实际完成值", WEIGHT: "分值", SCORE: "得分", REASON: "偏差原因分析及改进措施",
}  # fmt: skip


@dataclass(frozen=True)
class _Labels:
    """What people call the fields of two records.

    Attributes:
        values: the single values, by their keys with a slash.
        columns: the columns of tables with a role.
        own: everything, by its key in the record, as the forms call it.
        with_role: the tables with a role.
    """

    values: Mapping[str, str]
    columns: Mapping[str, str]
    own: Mapping[str, str]
    with_role: frozenset[str]

    @staticmethod
    def of(*records: Record) -> _Labels:
        values, columns, own = {"form": "表样"}, {"level1": "一级指标", "level2": "二级指标"}, dict[str, str]()
        every = [record.roles for record in records]
        for roles in every:
            own |= roles.labels
            values |= {path.replace(".", "/"): label for role, label in _LABELS.items() if (path := roles.path(role))}
            columns |= {
                column: label for role, label in _COLUMN_LABELS.items() if (column := roles.column(role)) is not None
            }
        values = {**{key.replace(".", "/"): label for key, label in own.items()}, **values}
        return _Labels(values, columns, own, frozenset(table for roles in every for table in roles.tables))

    def of_table(self, block: str) -> dict[str, str]:
        """What the columns of a table are called; those that roles name have one name in all forms."""
        own = {key.partition(".")[2]: label for key, label in self.own.items() if key.startswith(f"{block}.")}
        return {**own, **self.columns} if block in self.with_role else own


def differences(before: Record, after: Record) -> list[Difference]:
    """The differences between two records, in the order of the form."""
    labels = _Labels.of(before, after)
    tables = sorted({**before.tables, **after.tables}, key=lambda block: block == EXPLANATIONS)
    return [
        *_fields(_singles(before), _singles(after), "", "", labels.values),
        *(difference for block in tables for difference in _rows(before, after, block, labels)),
    ]


def _singles(record: Record) -> dict[str, Any]:
    """The single values of a record by path; the form's id and version count as one value."""
    found: dict[str, Any] = {}
    for name, value in record.values.items():
        block, _, key = name.partition(".")
        found |= {"form": record.form.text} if block == "form" else {f"{block}/{key}" if key else block: value}
    return found


def _fields(before: Row, after: Row, path: str, label: str, labels: Mapping[str, str]) -> Iterator[Difference]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        kind = "added" if old is None else "removed" if new is None else "changed"
        yield Difference(f"{path}/{key}", f"{label} {labels.get(key, key)}".strip(), kind, old, new)


Keyed = dict[tuple[str, ...], tuple[int, Row, str]]


def _rows(before: Record, after: Record, block: str, labels: _Labels) -> Iterator[Difference]:
    """Yield the differences between the rows of a block, matched by their names, not by their positions."""
    tables = before.table(block), after.table(block)
    if tables[0] == tables[1]:
        return
    columns = labels.of_table(block)
    roles = next((one.roles for one in (after, before) if block in one.roles.tables), after.roles)
    old, new = (_keyed(rows, block, roles, labels.own.get(block, block)) for rows in tables)
    if block == roles.path(INDICATORS):
        old = _renamed(old, new, *tables, roles.column(INDICATOR) or "")
    for name in dict.fromkeys([*new, *old]):
        if name in old and name in new:
            index, row, label = new[name]
            yield from _fields(old[name][1], row, f"/{block}/{index}", label, columns)
        else:
            kind, (index, row, label) = ("added", new[name]) if name in new else ("removed", old[name])
            told = _told(row, columns)
            yield Difference(
                f"/{block}/{index}", label, kind, None if kind == "added" else told, told if kind == "added" else None
            )


def _renamed(old: Keyed, new: Keyed, before: Sequence[Row], after: Sequence[Row], column: str) -> Keyed:
    """The old rows by name; a row whose name is gone takes the name of the new row at its position in the group."""
    places_now = dict(zip(_places_of_rows(after), _subjects_of_rows(after, column), strict=True))
    then = dict(zip(_subjects_of_rows(before, column), _places_of_rows(before), strict=True))
    found: Keyed = {}
    for name, row in old.items():
        now = places_now.get(then[name])
        taken = name in new or now is None or now in old
        found[name if taken or now is None else now] = row
    return found


def _told(row: Row, labels: Mapping[str, str]) -> str:
    return "；".join(f"{labels.get(key, key)} {value}" for key, value in row.items() if value is not None)


def _keyed(rows: Sequence[Row], block: str, roles: Roles, name: str) -> Keyed:
    """The rows of a table with their labels, by what they keep when other rows come and go.

    Args:
        rows: the rows.
        block: the table.
        roles: those of the form.
        name: what people call the table.
    """
    if block == roles.path(INDICATORS):
        column = roles.column(INDICATOR) or ""
        subjects = _subjects_of_rows(rows, column)
        return {subjects[index]: (index, row, _row_label(row, column)) for index, row in enumerate(rows)}
    if block == EXPLANATIONS:
        return {(row["rule"],): (index, row, f"说明 {row['rule']}") for index, row in enumerate(rows)}
    if block == roles.path(FUNDS):
        return {(row["source"],): (index, row, row["label"].removeprefix("其中：")) for index, row in enumerate(rows)}
    seen: Counter[str] = Counter()
    found: Keyed = {}
    for index, row in enumerate(rows):  # the rows of a fixed table have labels, those of a list only their number
        label = row.get("label") or f"{name} {index + 1}"
        seen[label] += 1
        found[label, str(seen[label])] = (index, row, label)
    return found


def _row_label(row: Row, column: str) -> str:
    return f"{row.get('level2') or ''}“{row.get(column) or ''}”"


def _subjects_of_rows(rows: Sequence[Row], column: str) -> list[tuple[str, ...]]:
    """A key per indicator row that survives moving rows: group, name, and the count of rows of that name so far."""
    seen: dict[tuple[str, str], int] = {}
    found: list[tuple[str, ...]] = []
    for row in rows:
        name = (normalise_key(row.get("level2")), normalise_key(row.get(column)))
        seen[name] = seen.get(name, 0) + 1
        found.append((*name, str(seen[name])))
    return found


def _places_of_rows(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """A key per indicator row that survives renaming: its group, and its position in the group."""
    seen: dict[str, int] = {}
    found: list[tuple[str, ...]] = []
    for row in rows:
        group = normalise_key(row.get("level2"))
        seen[group] = seen.get(group, 0) + 1
        found.append((group, str(seen[group])))
    return found


# ── findings ────────────────────────────────────────────────────


class Subject(NamedTuple):
    """The identity of a finding across rounds.

    Rows may have moved, so ``name`` contains the group and name of the row. Names may have been corrected, so ``place``
    contains the position of the row in its group.
    """

    name: str
    place: str


def subject(finding: Finding, record: Record | None) -> Subject:
    """The subject of a finding: its rule and its field, not its message, whose numbers may change."""
    parts = finding.path.split("/")
    table = record.roles.path(INDICATORS) if record is not None else None
    if record is not None and len(parts) > 2 and parts[1] == table and parts[2].isdigit():
        rows, index = record.role_table(INDICATORS), int(parts[2])
        if index < len(rows):
            subjects = _subjects_of_rows(rows, record.roles.column(INDICATOR) or "")
            texts = ("·".join(keys[index]) for keys in (subjects, _places_of_rows(rows)))
            name, place = ("/".join([*parts[:2], text, *parts[3:]]) for text in texts)
            return Subject(f"{finding.rule} {name}", f"{finding.rule} {place}")
    # a finding about a whole group has the path of the list: its label says which group
    where = finding.path + (f" {normalise_key(finding.label)}" if finding.path == f"/{table}" else "")
    return Subject(f"{finding.rule} {where}", f"{finding.rule} {where}")


@dataclass(frozen=True)
class Progress:
    """How the findings of a submission differ from those of the previous one, by subject."""

    fixed: tuple[Subject, ...]
    open: tuple[Subject, ...]
    new: tuple[Subject, ...]

    def without(self, settled: Collection[Subject]) -> Progress:
        """The same without the settled ones among the open and the new subjects."""
        still, new = (tuple(one for one in some if one not in settled) for some in (self.open, self.new))
        return Progress(self.fixed, still, new)


def progress(before: Sequence[Subject], after: Sequence[Subject]) -> Progress:
    """Divide subjects into fixed, open and new ones; matched by name first, the rest by place."""
    old, now = list(dict.fromkeys(before)), list(dict.fromkeys(after))
    open_names = {one.name for one in old} & {one.name for one in now}
    places = [one.place for one in old if one.name not in open_names]
    still = []
    for one in now:
        if one.name in open_names:
            still.append(one)
        elif one.place in places:
            places.remove(one.place)
            still.append(one)
    fixed = []
    for one in old:
        if one.name not in open_names and one.place in places:
            places.remove(one.place)
            fixed.append(one)
    return Progress(tuple(fixed), tuple(still), tuple(one for one in now if one not in still))


def difference_text(value: Any) -> str:
    """A value as readable text."""
    if value is None:
        return "（空白）"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def compare_records(before: Result, after: Result) -> list[dict[str, Any]]:
    """Two results as lines for machines: ``what`` is field or finding.

    Args:
        before: the result of the earlier submission; its record is there.
        after: that of the later one.
    """
    assert before.record is not None and after.record is not None
    lines = [{"what": "field", **one.as_json()} for one in differences(before.record, after.record)]
    old, new = (_by_subject(result) for result in (before, after))
    found = progress(list(old), list(new))
    for state, subjects, source in (("fixed", found.fixed, old), ("open", found.open, new), ("new", found.new, new)):
        for one in subjects:
            finding = source[one]
            told = {key: getattr(finding, key) for key in ("rule", "level", "path", "cell", "label", "message")}
            lines.append({"what": "finding", "state": state, **told})
    return lines


def _by_subject(result: Result) -> dict[Subject, Finding]:
    """The effective findings above info that the unit has not explained, by subject."""
    return {
        subject(one, result.record): one
        for finding in result.effective_findings
        for one in finding.per_place()
        if finding.level != "info" and finding.explanation is None
    }
