"""The definition of a form as frozen values: its fields, its levels, its versions; ``loading.py`` reads them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from xltool.form.blocks import FUND_TOTAL, FUNDS, INDICATORS, TOTAL
from xltool.form.kinds import Kind
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.form.versions import Version
from xltool.language.numbers import decimal_text
from xltool.result.roles import INDICATOR, Roles

#: The columns whose cells are printed labels, merged over their rows.
LEVEL_COLUMNS = ("level1", "level2")

#: The blocks that consist of lines of labels and values.
LINE_BLOCKS = ("heading", "between", "foot")


@dataclass(frozen=True)
class Field:
    """One field of the form, one fund column, or one indicator column.

    Attributes:
        name: identifier (``project.name``, ``executed``, ``score``).
        label: its label in messages.
        kind: the kind of its values.
        section: a block of lines (heading, between, foot), funds, goal, total, panel or hidden; "" for columns.
        synonyms: other spellings of its label on forms.
        print_label: the printed label, if it differs from ``label``.
        columns: the sheet's columns it takes, such as ``C:I``; "" if the layout decides.
        label_columns: the columns of its printed label.
        line: its line in its block, from 1.
        prompt: the text shown when its cell is selected.
        choices: the values allowed; empty for any.
        height: the least height of its line in points; 0 for the usual one.
        embedded_in: the printed text that contains its value, with ``{}`` in its place.
        prefix: the field whose value is printed before its own, with a hyphen between (``code-name``).
        fixed_value: the text or number of a fixed field.
        formula: the expression of a computed field.
        source_row_text: for a fund column, the text printed in the rows of sources; None if people fill them in.
        number_format: Excel's format code, if it is not that of the kind.
        limit: the greatest length in characters that the official form allows; 0 for no limit.
        helper: whether it is beside the table, outside the print area, and never read back.
        hidden: whether its column is hidden: a step of a computation.
        row_attribute: the attribute of a row that it shows: ``level1``, ``level2`` (their ids) or ``scoring``.
        required: whether it may not be left blank.
    """

    name: str
    label: str
    kind: Kind
    section: str = ""
    synonyms: tuple[str, ...] = ()
    print_label: str = ""
    columns: str = ""
    label_columns: str = ""
    line: int = 0
    prompt: str = ""
    choices: tuple[str, ...] = ()
    height: float = 0
    embedded_in: str = ""
    prefix: str = ""
    fixed_value: Decimal | str | None = None
    formula: str = ""
    source_row_text: str | None = None
    number_format: str = ""
    limit: int = 0
    helper: bool = False
    hidden: bool = False
    row_attribute: str = ""
    required: bool = False

    @property
    def is_computed(self) -> bool:
        """Whether its value comes from a formula."""
        return bool(self.formula)


@dataclass(frozen=True)
class FundRow:
    """One row of the fund block; rows with ``part`` add up to the total row."""

    id: str
    label: str
    synonyms: tuple[str, ...] = ()
    part: bool = False


@dataclass(frozen=True)
class Level2:
    """A second-level indicator: a group of ``rows`` rows; ``scoring`` is the method of their reference scores."""

    id: str
    label: str
    rows: int
    scoring: str = "ratio"
    synonyms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Level1:
    """A first-level indicator with its usual weight in points."""

    id: str
    label: str
    level2: tuple[Level2, ...]
    weight: Decimal
    weight_alone: Decimal
    synonyms: tuple[str, ...] = ()


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
    """A form definition."""

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
    blocks: tuple[str, ...]
    notes: tuple[str, ...]
    widths: Mapping[str, float]
    print: Print
    params: Mapping[str, Decimal | str | tuple[str, ...]]
    fields: Mapping[str, Field]
    fund_corner: str
    fund_rows: Mapping[str, FundRow]
    fund_columns: Mapping[str, Field]
    goal_label: str
    goal_side: str
    indicators_label: str
    indicators_side: str
    points_in_labels: bool
    columns: Mapping[str, Field]
    level1: tuple[Level1, ...]
    total_label: str
    total_labels: tuple[str, ...]
    total_columns: str
    versions: Mapping[str, Version]
    roles: Roles
    fund_table: str = FUNDS
    indicator_table: str = INDICATORS

    @property
    def reference(self) -> str:
        """``mof-2020/1``."""
        return f"{self.id}/{self.version}"

    @property
    def execution_weight(self) -> Decimal:
        """The points for execution: fixed in the fund block, or a parameter if that has no such column."""
        column = self.fund_columns.get("weight")
        weight = column.fixed_value if column else self.params.get("execution_weight")
        return weight if isinstance(weight, Decimal) else Decimal(0)

    def place(self, role: str) -> SingleCell | FixedRowCell | None:
        """The cell with a role; None if the form has none."""
        path = self.roles.path(role)
        if path is None:
            return None
        block, *rest = path.split(".")
        return self.fund_cell(*rest) if block == self.fund_table else SingleCell(path)

    def column(self, role: str) -> str | None:
        """The column of the fund table or the indicator table with a role; None if the form has none."""
        return self.roles.column(role)

    @property
    def name_column(self) -> str:
        """The column of the indicator table that names a row; the first that people fill in, where none does."""
        return self.column(INDICATOR) or next(iter(self.row_columns), "")

    def section(self, name: str) -> list[Field]:
        """The fields of a section."""
        return [field for field in self.fields.values() if field.section == name]

    def level_label(self, level: Level1 | Level2) -> str:
        """The printed label of a level; forms without a weight column print the points of a group in it."""
        if isinstance(level, Level1) and self.points_in_labels:
            return f"{level.label}\n（{decimal_text(level.weight)}分）"
        return level.label

    @property
    def level2(self) -> Mapping[str, Level2]:
        """Every second-level indicator by id, in the order of the form."""
        return {group.id: group for level1 in self.level1 for group in level1.level2}

    def fund_cell(self, row: str, column: str) -> FixedRowCell:
        """The cell of the fund table in a row and a column."""
        return FixedRowCell(self.fund_table, row, column)

    def indicator_cell(self, row: int, column: str) -> VariableRowCell:
        """The cell of the indicator table in a row and a column."""
        return VariableRowCell(self.indicator_table, row, column)

    @cached_property
    def fund_cells(self) -> Mapping[str, Mapping[str, FixedRowCell]]:
        """The cells of the fund table by row and column."""
        return {row: {column: self.fund_cell(row, column) for column in self.fund_columns} for row in self.fund_rows}

    def field(self, place: Place) -> Field:
        """The field of a place."""
        if isinstance(place, SingleCell):
            return self.fields[place.name]
        return (self.fund_columns if isinstance(place, FixedRowCell) else self.columns)[place.column]

    def label(self, place: Place) -> str:
        """The label of a place in messages: 「年度资金总额 执行率」, 「数量指标 得分」."""
        label = self.field(place).label
        if isinstance(place, FixedRowCell):
            return f"{self.fund_rows[place.row].label.removeprefix('其中：')} {label}"
        if isinstance(place, SingleCell) and place.name.startswith(f"{TOTAL}."):
            return f"{self.total_label} {label}"
        return label

    @cached_property
    def row_columns(self) -> tuple[str, ...]:
        """The columns of an indicator row that people fill in: neither levels nor columns beside the table."""
        return tuple(k for k, column in self.columns.items() if k not in LEVEL_COLUMNS and not column.helper)

    @cached_property
    def blank_row(self) -> Mapping[str, None]:
        """A blank indicator row: all columns except those beside the table."""
        return {name: None for name, column in self.columns.items() if not column.helper}

    @cached_property
    def constants(self) -> Mapping[str, str]:
        """The columns beside the indicator rows that show an attribute of the row, with that attribute."""
        return {name: column.row_attribute for name, column in self.columns.items() if column.row_attribute}

    @cached_property
    def bindings(self) -> dict[tuple[str, str], Any]:
        """The cache of ``bind``, which lasts as long as the form."""
        return {}

    @cached_property
    def computed_cells(self) -> Mapping[Place, str]:
        """The computed cells with the texts of their formulas, in an order in which they can be computed."""
        texts: dict[Place, str] = {
            self.fund_cell(FUND_TOTAL, key): column.formula for key, column in self.fund_columns.items()
        }
        texts |= {SingleCell(name): field.formula for name, field in self.fields.items()}
        return {place: text for place, text in texts.items() if text}

    @property
    def names_with_content(self) -> set[str]:
        """All fields that may have content, by their names in the definition: ``fields.grade``, ``level2.cost``."""
        columns = (name for name, column in self.columns.items() if not column.helper)
        groups = {"fields": self.fields, "funds.columns": self.fund_columns, "funds.rows": self.fund_rows,
                  "indicators.columns": columns, "level2": self.level2}  # fmt: skip
        return {f"{group}.{name}" for group, names in groups.items() for name in names}

    @property
    def fields_of_record(self) -> Iterator[tuple[str, Field]]:
        """The fields of a record with their full names, such as ``funds[].executed``."""
        yield from self.fields.items()
        yield from ((f"{self.fund_table}[].{name}", column) for name, column in self.fund_columns.items())
        for name, column in self.columns.items():
            if not column.helper:
                yield f"{self.indicator_table}[].{name}", column
