"""The definition of a form as frozen values: its blocks from top to bottom; ``loading.py`` reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from xltool.form.blocks import Block, FieldGrid, Level1, Level2, Matrix, MatrixRow, PrintedText, Table
from xltool.form.field import ON_FORM, Field
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.form.versions import Version
from xltool.language.numbers import decimal_text
from xltool.result.roles import (
    FIRST_IN_RECORD,
    FUND_WEIGHT,
    FUNDS,
    INDICATOR,
    INDICATORS,
    REASON,
    REASONS,
    SUBJECT,
    UNIT,
    Roles,
)


@dataclass(frozen=True)
class Print:
    """Paper and fonts; margins in centimetres, font sizes in points."""

    paper: str
    orientation: str
    font: str
    title_font: str
    font_size: float
    margins_cm: Mapping[str, float]
    repeat_lines: int


@dataclass(frozen=True, eq=False)
class Form:
    """A form definition.

    Attributes:
        blocks: its blocks from top to bottom.
        money_unit: the unit of its amounts; "" if it has none.
        roles: where it has what other rooms need.
    """

    id: str
    version: str
    name: str
    title: str
    titles: tuple[str, ...]
    extends: str
    sheet: str
    basis: str
    money_unit: str
    money_decimals: int
    blocks: tuple[Block, ...]
    widths: Mapping[str, float]
    print: Print
    params: Mapping[str, Decimal | str | tuple[str, ...]]
    versions: Mapping[str, Version]
    roles: Roles

    @property
    def reference(self) -> str:
        """``mof-2020/1``."""
        return f"{self.id}/{self.version}"

    # ── blocks and fields ───────────────────────────────────────

    @cached_property
    def matrices(self) -> Mapping[str, Matrix]:
        """The tables with fixed rows, by their key in the record, in the order of the form."""
        return {block.key: block for block in self.blocks if isinstance(block, Matrix)}

    @cached_property
    def tables(self) -> Mapping[str, Table]:
        """The tables with variable rows, by their key in the record, in the order of the form."""
        return {block.key: block for block in self.blocks if isinstance(block, Table)}

    @cached_property
    def names_in_record(self) -> tuple[str, ...]:
        """The keys of a record's values and tables: those with a role first, then those of the form, in its order."""
        in_form: list[str] = []
        for block in self.blocks:
            in_form += [field.name for field in block.fields]
            in_form += [block.key] if isinstance(block, Matrix | Table) else []
        with_role = [path for role in FIRST_IN_RECORD for path in self.roles.paths.get(role, ())[:1]]
        return tuple(dict.fromkeys([*(path for path in with_role if path in in_form), *in_form]))

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        """The single cells by record key, in the order of records."""
        cells = {field.name: field for block in self.blocks for field in block.fields}
        return {name: cells[name] for name in self.names_in_record if name in cells}

    @cached_property
    def block_of(self) -> Mapping[str, Block]:
        """The blocks by id."""
        return {block.id: block for block in self.blocks}

    @cached_property
    def fields_below_heads(self) -> tuple[Field, ...]:
        """The single cells whose labels stand above them, as the texts of a goal do."""
        return tuple(field for field in self.fields.values() if field.label_line and field.sheet == ON_FORM)

    @cached_property
    def fields_in_lines(self) -> tuple[Field, ...]:
        """The single cells that stand beside their labels."""
        lines = (field for field in self.fields.values() if field.label_columns and not field.label_line)
        return tuple(field for field in lines if field.sheet == ON_FORM)

    @property
    def heading_block(self) -> str:
        """The block that says whose form it is: that of the subject; "" if the form has none."""
        path = self.roles.path(SUBJECT) or self.roles.path(UNIT)
        return self.fields[path].block if path is not None else ""

    def is_at_foot(self, field: Field) -> bool:
        """Whether a single cell stands in a block below the indicator table and the lines of totals."""
        order = [block.id for block in self.blocks]
        above = [self.each_indicator, *(total.id for total in self.totals)]
        return order.index(field.block) > max((order.index(block) for block in above if block), default=len(order))

    @property
    def totals(self) -> tuple[FieldGrid, ...]:
        """The lines of totals."""
        return tuple(block for block in self.blocks if isinstance(block, FieldGrid) and block.is_total)

    @cached_property
    def columns_by_block(self) -> Mapping[str, Mapping[str, Field]]:
        """The columns of the matrices and tables, by the key of their block."""
        blocks: dict[str, Matrix | Table] = {**self.matrices, **self.tables}
        return {key: block.columns for key, block in blocks.items()}

    @cached_property
    def columns_of_totals(self) -> Mapping[SingleCell, tuple[str, str]]:
        """The cells of the lines of totals that stand in a column of another block, with its key and the column."""
        order = sorted((*self.tables, *self.matrices), key=lambda key: key != self.indicator_table)
        blocks = [self.tables.get(key) or self.matrices[key] for key in order]
        return {
            SingleCell(cell.name): column
            for total in self.totals
            for cell in total.fields
            if cell.sheet == ON_FORM
            for column in [
                (block.key, name)
                for block in blocks
                for name, above in block.columns.items()
                if (above.columns, above.kind) == (cell.columns, cell.kind) and not above.helper
            ][:1]
        }

    @cached_property
    def names_of_fields(self) -> Mapping[str, str]:
        """The record keys of the single cells by their names in definitions and rules."""
        return {field.full_name: name for name, field in self.fields.items()}

    def field(self, place: Place) -> Field:
        """The field of a place."""
        if isinstance(place, SingleCell):
            return self.fields[place.name]
        if isinstance(place, FixedRowCell):
            return self.matrices[place.block].columns[place.column]
        return self.tables[place.block].columns[place.column]

    def full_name(self, place: Place) -> str:
        """The name of a place in definitions and rules: ``heading.name``, ``funds.total.executed``."""
        if isinstance(place, SingleCell):
            return self.fields[place.name].full_name if place.name in self.fields else place.name
        block = self.matrices.get(place.block) or self.tables[place.block]
        return f"{block.id}.{place.row}.{place.column}"

    def label(self, place: Place) -> str:
        """The label of a place in messages: 「年度资金总额 执行率」, 「总分 得分」."""
        label = self.field(place).label
        if isinstance(place, FixedRowCell):
            return f"{self.matrices[place.block].row_label(place.row)} {label}"
        if isinstance(place, SingleCell) and (total := self.total_label(self.fields[place.name])):
            return f"{total} {label}"
        return label

    def total_label(self, field: Field) -> str:
        """The label of the line of totals that a field belongs to; "" for others, among them a grade printed there."""
        block = self.block_of[field.block]
        return block.label if block.is_total and field.name.startswith(f"{block.key}.") else ""

    @property
    def notes(self) -> tuple[str, ...]:
        """The lines of printed text."""
        return tuple(line for block in self.blocks if isinstance(block, PrintedText) for line in block.lines)

    @property
    def indicators_label(self) -> str:
        """The label of the indicator table."""
        return self.tables[self.indicator_table].label if self.indicator_table else ""

    @cached_property
    def matrix_cells(self) -> Mapping[str, Mapping[str, Mapping[str, FixedRowCell]]]:
        """The cells of the matrices by matrix, row and column."""
        return {
            key: {
                row: {column: FixedRowCell(key, row, column) for column in matrix.columns} for row in matrix.rows
            }
            for key, matrix in self.matrices.items()
        }  # fmt: skip

    @cached_property
    def computed_cells(self) -> Mapping[Place, str]:
        """The computed cells with the texts of their formulas."""
        texts: dict[Place, str] = {
            cell: self.matrices[key].formula(row, column)
            for key, rows in self.matrix_cells.items()
            for row, cells in rows.items()
            for column, cell in cells.items()
        }
        texts |= {SingleCell(name): field.formula for name, field in self.fields.items()}
        return {place: text for place, text in texts.items() if text}

    @cached_property
    def bindings(self) -> dict[tuple[str, str], Any]:
        """The cache of ``bind``, which lasts as long as the form."""
        return {}

    @property
    def names_with_content(self) -> set[str]:
        """All fields that may have content, by their names in the definition: ``total.grade``, ``funds.rows.other``."""
        names = {field.full_name for field in self.fields.values()}
        for matrix in self.matrices.values():
            names |= {f"{matrix.id}.columns.{name}" for name in matrix.columns}
            names |= {f"{matrix.id}.rows.{name}" for name in matrix.rows}
        for table in self.tables.values():
            names |= {f"{table.id}.columns.{name}" for name, column in table.columns.items() if not column.helper}
            names |= {f"{table.id}.groups.{name}" for name in table.groups}
        return names

    @cached_property
    def has_points(self) -> bool:
        """Whether it has columns for points that are printed."""
        return any(
            column.kind.name == "points" and not column.helper
            for columns in self.columns_by_block.values()
            for column in columns.values()
        )

    @property
    def fields_of_record(self) -> Iterator[tuple[str, Field]]:
        """The fields of a record with their full names, such as ``funds[].executed``."""
        yield from self.fields.items()
        for block in self.blocks:
            if isinstance(block, Matrix | Table):
                columns = ((name, column) for name, column in block.columns.items() if not column.helper)
                yield from ((f"{block.key}[].{name}", column) for name, column in columns)

    # ── roles ───────────────────────────────────────────────────

    def place(self, role: str) -> SingleCell | FixedRowCell | None:
        """The cell with a role; None if the form has none."""
        path = self.roles.path(role)
        return None if path is None else self._place(path)

    def places(self, role: str) -> tuple[SingleCell | FixedRowCell, ...]:
        """The cells with a role that several may have."""
        return tuple(map(self._place, self.roles.paths.get(role, ())))

    def _place(self, path: str) -> SingleCell | FixedRowCell:
        block, *rest = path.split(".")
        return FixedRowCell(block, *rest) if block in self.matrices and len(rest) == 2 else SingleCell(path)

    def column(self, role: str) -> str | None:
        """The column of the fund table or the indicator table with a role; None if the form has none."""
        return self.roles.column(role)

    @property
    def name_column(self) -> str:
        """The column of the indicator table that names a row; the first that people fill in, where none does."""
        return self.column(INDICATOR) or next(iter(self.row_columns), "")

    @property
    def fund_table(self) -> str:
        """The key of the table of sources of money; "" if the form has none."""
        return self.roles.path(FUNDS) or ""

    @property
    def each_indicator(self) -> str:
        """The ``each`` of rules about the rows of the indicator table; "" if the form has no such table."""
        return self.tables[self.indicator_table].id if self.indicator_table else ""

    @property
    def indicator_table(self) -> str:
        """The key of the table of indicators; "" if the form has none."""
        return self.roles.path(INDICATORS) or ""

    @cached_property
    def fund_rows(self) -> Mapping[str, MatrixRow]:
        """The rows of the fund table; none if the form has no such table."""
        return self.matrices[self.fund_table].rows if self.fund_table else {}

    @cached_property
    def fund_columns(self) -> Mapping[str, Field]:
        """The columns of the fund table; none if the form has no such table."""
        return self.matrices[self.fund_table].columns if self.fund_table else {}

    def fund_cell(self, row: str, column: str) -> FixedRowCell:
        """The cell of the fund table in a row and a column."""
        return FixedRowCell(self.fund_table, row, column)

    @cached_property
    def columns(self) -> Mapping[str, Field]:
        """The columns of the indicator table; none if the form has no such table."""
        return self.tables[self.indicator_table].columns if self.indicator_table else {}

    @cached_property
    def row_columns(self) -> tuple[str, ...]:
        """The columns of an indicator row that people fill in."""
        return self.tables[self.indicator_table].row_columns if self.indicator_table else ()

    @cached_property
    def level1(self) -> tuple[Level1, ...]:
        """The first-level indicators."""
        return self.tables[self.indicator_table].level1 if self.indicator_table else ()

    @cached_property
    def level2(self) -> Mapping[str, Level2]:
        """Every second-level indicator by id, in the order of the form."""
        return self.tables[self.indicator_table].groups if self.indicator_table else {}

    def indicator_cell(self, row: int, column: str) -> VariableRowCell:
        """The cell of the indicator table in a row and a column."""
        return VariableRowCell(self.indicator_table, row, column)

    @cached_property
    def groups(self) -> Mapping[str, tuple[str, Level2]]:
        """The groups of all tables by id, each with the key of its table."""
        return {name: (key, group) for key, table in self.tables.items() for name, group in table.groups.items()}

    @cached_property
    def explanation_names(self) -> frozenset[str]:
        """The full names of the fields in which units write reasons and explanations."""
        cells = [self.field(place).full_name for place in self.places(REASONS)]
        column = self.columns.get(self.column(REASON) or "")
        reason = column if column is not None else self.fields.get(self.roles.path(REASON) or "")
        return frozenset([*cells, *([reason.full_name] if reason is not None else [])])

    @property
    def execution_weight(self) -> Decimal:
        """The points for execution: fixed in the fund table, or a parameter if that has no such column."""
        column = self.fund_columns.get(self.column(FUND_WEIGHT) or "")
        weight = column.fixed_value if column else self.params.get("execution_weight")
        return weight if isinstance(weight, Decimal) else Decimal(0)


def level_label(table: Table, level: Level1 | Level2) -> str:
    """The printed label of a level; forms without a weight column print the points of a group in it."""
    if isinstance(level, Level1) and table.points_in_labels and level.weight is not None:
        return f"{level.label}\n（{decimal_text(level.weight)}分）"
    return level.label
