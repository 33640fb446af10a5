"""Compares two submissions: field by field, and which findings were corrected, which remain, and which are new."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from xltool.result.block_names import EXPLANATIONS, FUNDS, INDICATORS
from xltool.result.findings import Finding
from xltool.result.record import Record, Row
from xltool.result.result import Result
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


#: Names of fields that a record holds beside its rows.
LABELS = {
    "/form": "表样", "/year": "年度", "/project/name": "项目名称", "/project/code": "项目编码",
    "/project/department": "主管部门", "/project/unit": "实施单位", "/money_unit": "金额单位",
    "/goal/expected": "预期目标", "/goal/actual": "实际完成情况", "/total/weight": "总分 分值",
    "/total/score": "总分 得分", "/grade": "自评等级",
}  # fmt: skip

#: Names of the columns of fund rows and indicator rows.
COLUMN_LABELS = {
    "initial_budget": "年初预算数", "adjusted_budget": "全年预算数", "executed": "全年执行数", "weight": "分值",
    "execution_rate": "执行率", "score": "得分", "target": "年度指标值", "actual": "实际完成值",
    "deviation": "偏差原因分析及改进措施", "level1": "一级指标", "level2": "二级指标", "level3": "三级指标",
    "operator": "指标性质", "measure": "度量单位",
}  # fmt: skip


def differences(before: Record, after: Record) -> list[Difference]:
    """The differences between two records, in the order of the form."""
    return [
        *_fields(_singles(before), _singles(after), "", ""),
        *_rows(before, after, FUNDS, _funds),
        *_rows(before, after, INDICATORS, _indicators),
        *_rows(before, after, EXPLANATIONS, _explanations),
    ]


def _singles(record: Record) -> dict[str, Any]:
    """The single values of a record by path; the form's id and version count as one value."""
    found: dict[str, Any] = {}
    for name, value in record.values.items():
        block, _, key = name.partition(".")
        found |= {"form": record.form.text} if block == "form" else {f"{block}/{key}" if key else block: value}
    return found


def _fields(before: Row, after: Row, path: str, label: str) -> Iterator[Difference]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        kind = "added" if old is None else "removed" if new is None else "changed"
        own = COLUMN_LABELS.get(key, key) if path else LABELS.get(f"/{key}", key)
        yield Difference(f"{path}/{key}", f"{label} {own}".strip(), kind, old, new)


Keyed = dict[tuple[str, ...], tuple[int, Row, str]]


def _rows(before: Record, after: Record, block: str, keyed: Callable[[Sequence[Row]], Keyed]) -> Iterator[Difference]:
    """Yield the differences between the rows of a block, matched by their names, not by their positions."""
    old, new = keyed(before.table(block)), keyed(after.table(block))
    if block == INDICATORS:
        old = _renamed(old, new, before.table(block), after.table(block))
    for name in dict.fromkeys([*new, *old]):
        if name in old and name in new:
            index, row, label = new[name]
            yield from _fields(old[name][1], row, f"/{block}/{index}", label)
        else:
            kind, (index, row, label) = ("added", new[name]) if name in new else ("removed", old[name])
            told = _told(row)
            yield Difference(
                f"/{block}/{index}", label, kind, None if kind == "added" else told, told if kind == "added" else None
            )


def _renamed(old: Keyed, new: Keyed, before: Sequence[Row], after: Sequence[Row]) -> Keyed:
    """The old rows by name; a row whose name is gone takes the name of the new row at its position in the group."""
    places_now = dict(zip(places_of_rows(after), subjects_of_rows(after), strict=True))
    then = dict(zip(subjects_of_rows(before), places_of_rows(before), strict=True))
    found: Keyed = {}
    for name, row in old.items():
        now = places_now.get(then[name])
        taken = name in new or now is None or now in old
        found[name if taken or now is None else now] = row
    return found


def _told(row: Row) -> str:
    return "；".join(f"{COLUMN_LABELS.get(key, key)} {value}" for key, value in row.items() if value is not None)


def _funds(rows: Sequence[Row]) -> Keyed:
    return {(row["source"],): (index, row, row["label"].removeprefix("其中：")) for index, row in enumerate(rows)}


def _indicators(rows: Sequence[Row]) -> Keyed:
    return {
        subject: (index, rows[index], _row_label(rows[index])) for index, subject in enumerate(subjects_of_rows(rows))
    }


def _explanations(rows: Sequence[Row]) -> Keyed:
    return {(row["rule"],): (index, row, f"说明 {row['rule']}") for index, row in enumerate(rows)}


def _row_label(row: Row) -> str:
    return f"{row['level2']}“{row.get('level3') or ''}”"


def subjects_of_rows(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """A key per indicator row that survives moving rows: group, name, and the count of rows of that name so far."""
    seen: dict[tuple[str, str], int] = {}
    found: list[tuple[str, ...]] = []
    for row in rows:
        name = (normalise_key(row["level2"]), normalise_key(row.get("level3")))
        seen[name] = seen.get(name, 0) + 1
        found.append((*name, str(seen[name])))
    return found


def places_of_rows(rows: Sequence[Row]) -> list[tuple[str, ...]]:
    """A key per indicator row that survives renaming: its group, and its position in the group."""
    seen: dict[str, int] = {}
    found: list[tuple[str, ...]] = []
    for row in rows:
        group = normalise_key(row["level2"])
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
    if record is not None and len(parts) > 2 and parts[1] == INDICATORS and parts[2].isdigit():
        rows, index = record.table(INDICATORS), int(parts[2])
        if index < len(rows):
            texts = ("·".join(keys[index]) for keys in (subjects_of_rows(rows), places_of_rows(rows)))
            name, place = ("/".join([*parts[:2], text, *parts[3:]]) for text in texts)
            return Subject(f"{finding.rule} {name}", f"{finding.rule} {place}")
    # a finding about a whole group has the path of the list: its label says which group
    where = finding.path + (f" {normalise_key(finding.label)}" if finding.path == f"/{INDICATORS}" else "")
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
