"""Converts tables to bytes: the platform's CSV and SQL, the analysts' CSV and Parquet."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from xltool.export.flat import AFTER, BEFORE, FlatTable
from xltool.export.platform import Platform, PlatformElement, PlatformTable
from xltool.export.rows import Row, Value
from xltool.language.numbers import decimal_text
from xltool.support.errors import WrongUse
from xltool.support.escaping import csv_text
from xltool.support.i18n import tr


def platform_csv(table: PlatformTable, rows: Sequence[Row]) -> bytes:
    """A table for the platform's import: UTF-8 with a byte order mark, every value unchanged.

    No apostrophe precedes texts that a spreadsheet would take for a formula: the import would store it, and ``=100%``
    is a valid target. Other texts that begin like a formula are findings of the export.
    """
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator="\r\n")
    writer.writerow([element.name for element in table.elements])
    for row in rows:
        writer.writerow([platform_text(value, element) for value, element in zip(row, table.elements, strict=True)])
    return ("\ufeff" + target.getvalue()).encode("utf-8")


def platform_text(value: Value, element: PlatformElement) -> str:
    """A value as text in the platform's file: amounts with two decimals, never an exponent."""
    if not isinstance(value, Decimal):
        return value or ""
    text = decimal_text(value)
    decimals = len(text.partition(".")[2])
    money = element.measure == "money" and element.scale is not None and decimals <= element.scale
    return f"{value:.{element.scale}f}" if money else text


def platform_sql(platform: Platform) -> bytes:
    """The statements that create the platform's tables in a database."""
    return "".join(f"{line}\n" for table in platform.tables for line in _create(table)).encode("utf-8")


def _create(table: PlatformTable) -> Iterator[str]:
    yield f"-- {' '.join(table.meaning.split())}"
    yield f"CREATE TABLE {table.name} ("
    for number, element in enumerate(table.elements):
        end = "," if number + 1 < len(table.elements) else ""
        primary_key = " PRIMARY KEY" if number == 0 else ""
        yield f"  {element.name} {element.type}{primary_key}{end} -- {' '.join(element.meaning.split())}"
    yield ");"


def flat_csv(table: FlatTable) -> bytes:
    """A table for analysts, safe to open in Excel: no cell is taken for a formula."""
    rows = [
        [_Number(decimal_text(value)) if isinstance(value, Decimal) else value for value in row] for row in table.rows
    ]
    return csv_text([[column.name for column in table.columns], *rows]).encode("utf-8")


class _Number:
    """A number in CSV: its text, not preceded by an apostrophe."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text


def parquet(table: FlatTable) -> bytes:
    """A table as Parquet: text, integers, and exact decimals.

    Raises:
        WrongUse: pyarrow is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        chinese = '导出 Parquet 要用 pyarrow，请先安装：pip install "xltool[parquet]"'
        raise WrongUse(tr(chinese, 'Parquet needs pyarrow: pip install "xltool[parquet]"')) from None
    kinds = {"text": pyarrow.string(), "count": pyarrow.int64(), "number": pyarrow.decimal128(BEFORE + AFTER, AFTER)}
    arrays = [
        pyarrow.array([_typed(row[number], column.kind) for row in table.rows], type=kinds[column.kind])
        for number, column in enumerate(table.columns)
    ]
    arrow_table = pyarrow.table(arrays, names=[named_column.name for named_column in table.columns])
    target = io.BytesIO()
    pyarrow.parquet.write_table(arrow_table, target)
    return target.getvalue()


def _typed(value: Any, kind: str) -> Any:
    if value is None:
        return None
    return {"text": str, "count": int, "number": Decimal}[kind](value)
