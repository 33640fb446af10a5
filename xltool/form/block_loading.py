"""Reads the tables ``[block.ID]`` of a definition into blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

from xltool.form.blocks import (
    LEVEL_COLUMNS,
    PLAIN,
    Block,
    FieldGrid,
    Head,
    Level1,
    Level2,
    Matrix,
    MatrixRow,
    PrintedText,
    Table,
)
from xltool.form.field import Field
from xltool.form.kinds import KINDS
from xltool.language.parse import names_in
from xltool.result.roles import cell_key, record_path
from xltool.support.errors import WrongDefinition
from xltool.workbook.letters import column_letters

#: The attributes of a field whose keys in TOML differ.
_ATTRIBUTES = {
    "labels": "synonyms", "inside": "embedded_in", "before": "prefix", "fixed": "fixed_value", "shut": "hidden",
    "constant": "row_attribute", "on": "sheet",
}  # fmt: skip

#: What a cell for a signature need not say.
_SIGNATURE = {"kind": "text", "height": 34, "prompt": "打印后签字；电子版填写姓名。"}


@dataclass(frozen=True)
class Definition:
    """A definition while it is read.

    Attributes:
        table: the tables of the definition and of those that it extends.
        own_table: those of its own file.
        file: the file, for messages.
    """

    table: Mapping[str, Any]
    own_table: Mapping[str, Any]
    file: str

    @property
    def order(self) -> Sequence[str]:
        """The blocks from top to bottom; blocks that the order leaves out are not on the form."""
        order: Sequence[str] = self.table.get("order", list(self.table["block"]))
        for block in order:
            if block not in self.table["block"]:
                raise WrongDefinition(self.file, "order", f"没有 block.{block} 这一块")
        return order

    @property
    def printed_columns(self) -> int:
        """The number of the sheet's columns that are printed."""
        return len(self.table["widths"])


def read_block(definition: Definition, block_id: str) -> Block:
    """The block of a definition with this id.

    Raises:
        WrongDefinition: with file, key and reason.
    """
    table = definition.table["block"][block_id]
    common = {
        "id": block_id,
        "key": table.get("key", block_id),
        "label": table.get("label", ""),
        "synonyms": tuple(table.get("labels", ())),
        "label_columns": table.get("label_columns", ""),
        "style": table.get("style", PLAIN),
        "fields": tuple(_cell(definition, block_id, name) for name in table.get("cell", {})),
    }
    match table["kind"]:
        case "matrix":
            return _matrix(definition, block_id, common)
        case "table":
            return _table(definition, block_id, common)
        case "text":
            return PrintedText(**common, lines=tuple(table["lines"]))
    return FieldGrid(**common)


def _cell(definition: Definition, block_id: str, name: str) -> Field:
    block = definition.table["block"][block_id]
    table = {**(_SIGNATURE if block["kind"] == "signatures" else {}), **block["cell"][name]}
    table.pop("key", None)
    if "before" in table:
        prefix = record_path(definition.table, table["before"])
        if prefix is None:
            key = f"block.{block_id}.cell.{name}.before"
            raise WrongDefinition(definition.file, key, f"没有 {table['before']} 这一栏")
        table["before"] = prefix
    field = read_field(cell_key(block_id, block, name), table)
    label = field.label or (block.get("label", "") if field.sheet == "form" else "") or name
    return replace(field, label=label, block=block_id, full_name=f"{block_id}.{name}")


def read_field(name: str, table: Mapping[str, Any]) -> Field:
    """A field from its table."""
    known = {field.name for field in fields(Field)}
    values = {key: value for key, value in attributes(table).items() if key in known}
    values["kind"] = KINDS[values.get("kind", "text")]
    if isinstance(values.get("fixed_value"), int | float):
        values["fixed_value"] = Decimal(repr(values["fixed_value"]))
    return Field(**{"label": "", **values, "name": name})


def attributes(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table of a definition, with keys replaced by names of attributes."""
    return {
        _ATTRIBUTES.get(key, key): tuple(value) if isinstance(value, list) else value for key, value in table.items()
    }


def _by_letter(columns: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Columns from left to right, so that a form that adds one only has to state its letters."""
    return sorted(columns.items(), key=lambda item: (len(item[1]["columns"].partition(":")[0]), item[1]["columns"]))


def _columns(block_id: str, columns: Mapping[str, Any]) -> dict[str, Field]:
    return {
        name: replace(read_field(name, column), block=block_id, full_name=f"{block_id}.columns.{name}")
        for name, column in _by_letter(columns)
    }


def _heads(table: Mapping[str, Any]) -> tuple[Head, ...]:
    return tuple(Head(**attributes(head)) for head in table.get("heads", {}).values())


# ── matrices ────────────────────────────────────────────────────


def _matrix(definition: Definition, block_id: str, common: Mapping[str, Any]) -> Matrix:
    table = definition.table["block"][block_id]
    rows = table["rows"]
    for row in table.get("order", ()):
        if row not in rows:
            raise WrongDefinition(definition.file, f"block.{block_id}.order", f"rows 里没有 {row}")
    order = table.get("order", rows)
    for row in order:
        for key in ("adds_to", "under"):
            if (other := rows[row].get(key)) is not None and other not in order:
                raise WrongDefinition(definition.file, f"block.{block_id}.rows.{row}.{key}", f"rows 里没有 {other}")
    labels = table.get("row_label_columns", ())
    return Matrix(
        **common,
        row_key=table.get("row_key", "row"),
        row_label_columns=(labels,) if isinstance(labels, str) else tuple(labels),
        rows={row: MatrixRow(row, **attributes(rows[row])) for row in order},
        columns=_columns(block_id, table["columns"]),
        heads=_heads(table),
    )


# ── tables ──────────────────────────────────────────────────────


def _table(definition: Definition, block_id: str, common: Mapping[str, Any]) -> Table:
    table = definition.table["block"][block_id]
    columns = _columns(block_id, table["columns"])
    helpers = _helpers(definition, block_id, columns)
    return Table(
        **common,
        columns=columns | _right_of_table(helpers, definition.printed_columns),
        level1=_groups(table, block_id, columns),
        heads=_heads(table),
        points_in_labels=table.get("points_in_labels", False),
    )


def _groups(table: Mapping[str, Any], block_id: str, columns: Mapping[str, Field]) -> tuple[Level1, ...]:
    """The groups of rows; one without labels for a table without levels."""
    if not any(level in columns for level in LEVEL_COLUMNS):
        label = table.get("label", block_id)
        return (Level1("", "", (Level2(table.get("key", block_id), label, table.get("rows", 1)),)),)
    return tuple(_level1(key, level1) for key, level1 in table["level1"].items())


def _level1(key: str, table: Mapping[str, Any]) -> Level1:
    synonyms = tuple(table.get("labels", ()))
    if "level2" in table:
        groups = tuple(Level2(name, **attributes(group)) for name, group in table["level2"].items())
    else:  # one level: its rows are its own group
        groups = (Level2(key, table["label"], table["rows"], synonyms=synonyms),)
    weight = Decimal(repr(table["weight"])) if "weight" in table else None
    alone = Decimal(repr(table["weight_alone"])) if "weight_alone" in table else weight
    return Level1(key, table["label"], groups, weight, alone, synonyms)


#: The kind of the helper that tells whether a row has content; its formula follows from the columns.
_FLAG = "flag"


def _helpers(definition: Definition, block_id: str, columns: Mapping[str, Field]) -> dict[str, Field]:
    """The columns beside a table. Those that a parent has and that need a column which this form lacks are left out."""
    helpers = {
        name: replace(read_field(name, table), helper=True, block=block_id, full_name=f"{block_id}.{name}")
        for name, table in definition.table["block"][block_id].get("helpers", {}).items()
    }
    own_block = (definition.own_table.get("block") or {}).get(block_id) or {}
    own = own_block.get("helpers") or {}
    filled = [name for name in definition.table["block"][block_id]["columns"] if name not in LEVEL_COLUMNS]
    flag = f"1 if {' or '.join(f'filled({name})' for name in filled)} else 0"
    helpers = {
        name: replace(field, formula=flag) if field.kind.name == _FLAG and not field.formula else field
        for name, field in helpers.items()
    }
    params = definition.table["params"]
    absent: set[str] = set()
    while True:
        known = {*columns, *params, *(name for name in helpers if name not in absent)}
        found = {
            name
            for name, field in helpers.items()
            if name not in absent and field.formula and any("." not in one and one not in known
                                                            for one in names_in(field.formula))
        }  # fmt: skip
        if not found:
            return {name: field for name, field in helpers.items() if name not in absent}
        for name in found & own.keys():
            if own[name]:
                missing = "、".join(sorted({one for one in names_in(helpers[name].formula) if one not in known}))
                raise WrongDefinition(
                    definition.file, f"block.{block_id}.helpers.{name}.formula", f"没有 {missing} 这一栏"
                )
        absent |= found


def _right_of_table(helpers: Mapping[str, Field], printed: int) -> dict[str, Field]:
    """The columns beside the table, after a gap: the visible ones, room for the verdict, the hidden ones."""
    visible = [name for name, field in helpers.items() if not field.hidden]
    order = [*visible, *(name for name, field in helpers.items() if field.hidden)]
    first = {name: printed + 2 + number + (2 if helpers[name].hidden else 0) for number, name in enumerate(order)}
    return {name: replace(helpers[name], columns=column_letters(first[name])) for name in order}
