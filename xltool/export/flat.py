"""Flat tables for analysts: forms, funds, indicators, findings, with the columns of all definitions.

Definitions with further tables, such as the tasks of a department, bring along one for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from xltool.export.rows import ExportFinding, value_at
from xltool.export.selection import export_key, sort_results
from xltool.form.blocks import Matrix, Table
from xltool.form.definition import Form
from xltool.form.kinds import KINDS
from xltool.form.loading import load_form
from xltool.form.references import all_references
from xltool.language.numbers import YUAN, multiply, normalize
from xltool.language.types import Type
from xltool.result.findings import LEVELS, UNIT, Finding
from xltool.result.record import Record
from xltool.result.result import Result
from xltool.result.roles import FUNDS, INDICATORS
from xltool.support.i18n import tr

Value = Decimal | int | str | None

#: The digits before and after the point in a typed table: more than any sheet can hold.
BEFORE, AFTER = 28, 10


@dataclass(frozen=True)
class FlatColumn:
    """A column: its name, and whether it holds text, number (decimal) or count (integer)."""

    name: str
    kind: str = "text"


@dataclass(frozen=True)
class FlatTable:
    """A table; its first column is the key of the form, its second the file."""

    name: str
    columns: tuple[FlatColumn, ...]
    rows: Sequence[Sequence[Value]]


def flat_tables(results: Iterable[Result]) -> list[FlatTable]:
    """The four tables, and those that only some forms have; unreadable results have rows in ``findings`` only.

    Amounts are given as submitted and, exactly, in yuan; the columns ending in ``_yuan`` are blank if the money unit is
    unknown.
    """
    ordered = sort_results(results)
    # base forms come first, so that their columns keep the order that people know
    forms = sorted(map(load_form, all_references()), key=lambda form: bool(form.extends))
    read = [(result, result.record) for result in ordered if result.record is not None]
    return [
        _table("forms", _form_columns(forms), (row for pair in read for row in _form_rows(*pair, forms))),
        _table("funds", _fund_columns(forms), (row for pair in read for row in _fund_rows(*pair, forms))),
        _table(
            "indicators", _indicator_columns(forms), (row for pair in read for row in _indicator_rows(*pair, forms))
        ),
        *_further_tables(read, forms),
        _table("findings", _FINDING_COLUMNS, (row for result in ordered for row in _finding_rows(result))),
    ]


def without_unfit(tables: Sequence[FlatTable]) -> tuple[list[FlatTable], list[ExportFinding]]:
    """The tables without forms that have a number too long for a typed column, and findings about those numbers."""
    findings: list[ExportFinding] = []
    left_out: set[Value] = set()
    for table in tables:
        for row in table.rows:
            for column, value in zip(table.columns, row, strict=True):
                if column.kind == "number" and isinstance(value, Decimal | int) and not _fits(Decimal(value)):
                    findings.append(_unfit(str(row[1]), f"{table.name}.{column.name}", Decimal(value)))
                    left_out.add(row[0])
    kept = [
        replace(table, rows=[row for row in table.rows if table.name == "findings" or row[0] not in left_out])
        for table in tables
    ]
    return kept, findings


def _fits(value: Decimal) -> bool:
    digits, exponent = normalize(value).as_tuple()[1:]
    assert isinstance(exponent, int)
    return len(digits) + exponent <= BEFORE and -exponent <= AFTER


def _unfit(file: str, column: str, value: Decimal) -> ExportFinding:
    message = tr(f"数值超过 {BEFORE} 位整数或 {AFTER} 位小数", f"over {BEFORE} digits or {AFTER} decimals")
    fix = tr(
        "请单位核对数值后重新提交；或用 --to csv，不限位数",
        "have the unit check it, or use --to csv, which has no limit",
    )
    basis = tr("导出的列是定点小数，不四舍五入", "columns are fixed decimals, and nothing is rounded")
    return ExportFinding(
        file, None, Finding("F01", "error", "", None, column, message, f"{value:.20g}", None, fix, basis, UNIT)
    )


#: The tables that there always are.
_TABLES = ("forms", "funds", "indicators", "findings")

# ── columns ─────────────────────────────────────────────────────

_IDENTITY = (FlatColumn("form_key"), FlatColumn("file"))
_COMPUTED = (
    FlatColumn("execution_rate", "number"),
    FlatColumn("fund_score", "number"),
    FlatColumn("total_score", "number"),
    FlatColumn("grade"),
)
_CHECKED = ("version", "digest")
_READING = ("anchor", "application", "format")
_FINDING_KEYS = ("rule", "level", "path", "cell", "label", "message", "found", "expected", "fix", "basis",
                 "explanation")  # fmt: skip
_WAIVED = ("reason", "approver", "until")
_FINDING_COLUMNS = (
    *_IDENTITY, FlatColumn("sheet"), FlatColumn("status"), FlatColumn("project_name"), *map(FlatColumn, _FINDING_KEYS),
    *(FlatColumn(f"waived_{one}") for one in _WAIVED), FlatColumn("actor"), FlatColumn("review", "count"),
)  # fmt: skip


def _singles(forms: Sequence[Form]) -> dict[str, FlatColumn]:
    """The single fields of all forms, by their names in the record."""
    columns: dict[str, FlatColumn] = {}
    for form in forms:
        for name, field in form.fields.items():
            columns.setdefault(name, FlatColumn(name.replace(".", "_"), _kind(field.kind.name)))
    return columns


def _kind(name: str) -> str:
    return "number" if KINDS[name].type is Type.NUMBER else "text"


def _form_columns(forms: Sequence[Form]) -> tuple[FlatColumn, ...]:
    return (
        *_IDENTITY,
        FlatColumn("sheet"),
        FlatColumn("sha256"),
        FlatColumn("status"),
        FlatColumn("form_id"),
        FlatColumn("form_version"),
        *map(FlatColumn, _READING),
        FlatColumn("confidence", "number"),
        FlatColumn("round", "count"),
        *_singles(forms).values(),
        *(replace(column, name=f"computed_{column.name}") for column in _COMPUTED),
        FlatColumn("explanations"),
        *(FlatColumn(f"{level}s", "count") for level in LEVELS),
        FlatColumn("review", "count"),
        *(FlatColumn(f"checked_{column}") for column in _CHECKED),
    )


def _named(forms: Sequence[Form], which: str) -> dict[str, str]:
    """The columns of the fund or indicator table of all forms, with the names of their kinds."""
    kinds: dict[str, str] = {}
    for form in forms:
        for name, field in getattr(form, which).items():
            if not field.helper:
                kinds.setdefault(name, field.kind.name)
    return kinds


def _fund_columns(forms: Sequence[Form]) -> tuple[FlatColumn, ...]:
    named = _named(forms, "fund_columns")
    money = [FlatColumn(f"{name}_yuan", "number") for name, kind in named.items() if kind == "money"]
    columns = [FlatColumn(name, _kind(kind)) for name, kind in named.items()]
    return (
        *_IDENTITY,
        FlatColumn("project_name"),
        FlatColumn("source"),
        FlatColumn("label"),
        *columns,
        FlatColumn("money_unit"),
        *money,
    )


def _indicator_columns(forms: Sequence[Form]) -> tuple[FlatColumn, ...]:
    columns = [FlatColumn(name, _kind(kind)) for name, kind in _named(forms, "columns").items()]
    return (*_IDENTITY, FlatColumn("project_name"), FlatColumn("row", "count"), *columns)


# ── rows ────────────────────────────────────────────────────────


def _table(name: str, columns: tuple[FlatColumn, ...], rows: Iterable[Sequence[Value]]) -> FlatTable:
    return FlatTable(name, columns, list(rows))


def _identity(result: Result) -> tuple[str, str]:
    return export_key(
        "result", result.file, result.sheet, result.sha256, result.record.as_json() if result.record else None
    ), result.file


def _project_name(result: Result) -> str | None:
    return result.record.project.name if result.record else None


def _form_rows(result: Result, record: Record, forms: Sequence[Form]) -> Iterator[Sequence[Value]]:
    reading, computed, checked, counts = result.reading, result.computed, result.checked, result.counts
    explained = "；".join(f"{rule}：{text}" for rule, text in record.explanations.items())
    yield (
        *_identity(result), result.sheet, result.sha256, result.status, record.form.id, record.form.version,
        *(getattr(reading, item, None) for item in _READING), reading.confidence if reading else None, result.round,
        *(value_at(record.values, name) for name in _singles(forms)),
        *(getattr(computed, item.name, None) for item in _COMPUTED), explained or None,
        *(counts[level] for level in LEVELS), int(result.review), *(getattr(checked, item, None) for item in _CHECKED),
    )  # fmt: skip


def _fund_rows(result: Result, record: Record, forms: Sequence[Form]) -> Iterator[Sequence[Value]]:
    named = _named(forms, "fund_columns")
    money_unit = record.money_unit
    factor = YUAN.get(money_unit or "")
    for row in record.role_table(FUNDS):
        yuan = [_yuan(value_at(row, name), factor) for name, kind in named.items() if kind == "money"]
        values = [value_at(row, name) for name in named]
        yield (
            *_identity(result),
            _project_name(result),
            row["source"],
            row["label"],
            *values,
            money_unit,
            *yuan,
        )


def _yuan(value: Value, factor: Decimal | None) -> Value:
    return multiply(value, factor) if isinstance(value, Decimal) and factor is not None else None


def _indicator_rows(result: Result, record: Record, forms: Sequence[Form]) -> Iterator[Sequence[Value]]:
    named = _named(forms, "columns")
    for number, row in enumerate(record.role_table(INDICATORS), 1):
        yield (*_identity(result), _project_name(result), number, *(value_at(row, name) for name in named))


def _further_tables(read: Sequence[tuple[Result, Record]], forms: Sequence[Form]) -> Iterator[FlatTable]:
    """A table for each block with rows that is neither that of funds nor that of indicators in every form."""
    for block, kinds in _further_blocks(forms).items():
        columns = (*_IDENTITY, FlatColumn("project_name"), FlatColumn("row", "count"),
                   *(FlatColumn(name, _kind(kind)) for name, kind in kinds.items()))  # fmt: skip
        lines = (
            (*_identity(result), _project_name(result), number, *(value_at(row, name) for name in kinds))
            for result, record in read
            if block not in record.roles.tables
            for number, row in enumerate(record.table(block), 1)
        )
        yield _table(f"{block}_rows" if block in _TABLES else block, columns, lines)


def _further_blocks(forms: Sequence[Form]) -> dict[str, dict[str, str]]:
    """The columns of such blocks, by their keys in the record, with the names of their kinds."""
    blocks: dict[str, dict[str, str]] = {}
    for form in forms:
        for block in form.blocks:
            if not isinstance(block, Matrix | Table) or block.key in form.roles.tables:
                continue
            row_names = (block.row_key, "label") if isinstance(block, Matrix) else ()
            kinds = blocks.setdefault(block.key, dict.fromkeys(row_names, "text"))
            for name, field in block.columns.items():
                if not field.helper:
                    kinds.setdefault(name, field.kind.name)
    return blocks


def _finding_rows(result: Result) -> Iterator[Sequence[Value]]:
    head = (*_identity(result), result.sheet, result.status, _project_name(result))
    for finding in result.findings:
        yield (*head, *(getattr(finding, name) for name in _FINDING_KEYS),
               *(getattr(finding.waived, name, None) for name in _WAIVED),
               finding.actor, int(finding.review))  # fmt: skip
