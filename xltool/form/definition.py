"""The definition of a form: ``form.toml`` as frozen values, rejected on load if anything in it is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from functools import cached_property
from typing import Any

from xltool.form.binding import Binding, FormScope, bind, named_place
from xltool.form.blocks import EACH_INDICATOR, FUND_TOTAL, FUNDS, INDICATORS, TOTAL
from xltool.form.kinds import KINDS, Kind
from xltool.form.places import FixedRowCell, Place, SingleCell, VariableRowCell
from xltool.form.versions import REFUSE, Crossing, Version, crossing_faults, parse_version
from xltool.language.numbers import decimal_text
from xltool.language.parse import LanguageError, parse
from xltool.language.tree import Node
from xltool.support import resources
from xltool.support.errors import WrongDefinition, WrongUse
from xltool.support.i18n import tr
from xltool.support.templates import keep, keep_by_language
from xltool.workbook.letters import column_letters

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

    @property
    def computed(self) -> bool:
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
    fund_table: str = FUNDS
    indicator_table: str = INDICATORS

    @property
    def reference(self) -> str:
        """``mof-2020/1``."""
        return f"{self.id}/{self.version}"

    @property
    def rate_base(self) -> str:
        """The fund column that is the base of the execution rate."""
        return str(self.params["rate_base"])

    @property
    def execution_weight(self) -> Decimal:
        """The points for execution: fixed in the fund block, or a parameter if that has no such column."""
        column = self.fund_columns.get("weight")
        weight = column.fixed_value if column else self.params.get("execution_weight")
        return weight if isinstance(weight, Decimal) else Decimal(0)

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
    def bindings(self) -> dict[tuple[str, str], Binding | None]:
        """The cache of ``bind``."""
        return {}

    @cached_property
    def formulas(self) -> Mapping[Place, Node]:
        """The computed cells with their formulas, in an order in which they can be computed."""
        sources: dict[Place, str] = {
            self.fund_cell(FUND_TOTAL, key): column.formula for key, column in self.fund_columns.items()
        }
        sources |= {SingleCell(name): field.formula for name, field in self.fields.items()}
        scope = FormScope(self, "form")
        return {place: parse(text, scope) for place, text in sources.items() if text}

    @cached_property
    def flags(self) -> Mapping[str, Node]:
        """The computed columns beside the indicator rows with their formulas."""
        scope = FormScope(self, EACH_INDICATOR)
        return {name: parse(column.formula, scope) for name, column in self.columns.items() if column.formula}


def references() -> list[str]:
    """All usable definitions, such as ``mof-2020/1``; see ``broken_definitions`` for the others."""
    unusable = broken_definitions()
    return [reference for reference in resources.definitions() if reference not in unusable]


def broken_definitions() -> Mapping[str, WrongDefinition]:
    """The bureau's own definitions that are rejected, with the reason; they do not affect other forms."""
    return _load_errors(tuple(resources.own_definitions()))


@keep_by_language
def _load_errors(own_references: tuple[str, ...]) -> Mapping[str, WrongDefinition]:
    """The definitions among these that cannot be loaded."""
    errors = {}
    for reference in own_references:
        try:
            load_form(reference)
        except WrongDefinition as error:
            errors[reference] = error
    return errors


def reference_of(name: str) -> str:
    """The definition that ``mof-2020`` (its newest version) or ``mof-2020/1`` refers to.

    Raises:
        WrongUse: there is none.
    """
    known, unusable = references(), broken_definitions()
    matching = [
        reference for reference in (*known, *unusable) if reference == name or reference.rpartition("/")[0] == name
    ]
    if not matching:
        raise WrongUse(
            tr(f"没有表样 {name}；现有：{'、'.join(known)}", f"no form {name}; there are {', '.join(known)}")
        )
    newest_one = max(matching, key=lambda reference: (len(reference), reference))
    if newest_one in unusable:
        raise unusable[newest_one]
    return newest_one


def newest(form_id: str) -> str | None:
    """The newest version of a form, such as ``mof-2020/1``; None for an unknown form."""
    versions = [reference for reference in references() if reference.rpartition("/")[0] == form_id]
    return max(versions, key=lambda reference: (len(reference), reference), default=None)


def is_known_name(each: str, name: str) -> bool:
    """Whether any form has a field of this name; a rule may have been written for other forms as well."""
    return any(bind(load_form(reference), each, name) is not None for reference in references())


def is_computed_somewhere(name: str) -> bool:
    """Whether any form has a computed cell of this name."""
    forms = map(load_form, references())
    return any(named_place(form, name) in form.formulas for form in forms)


@keep
def load_form(reference: str) -> Form:
    """Read, check and freeze a definition.

    Raises:
        WrongDefinition: with file, key and reason.
    """
    file = f"{reference}/form.toml"
    table = resources.read_with_parents(reference, "form.toml")
    # The table of older versions applies to this form alone, not to forms that extend it.
    own_table = resources.read_toml(resources.definitions()[reference] / "form.toml")
    table = {**table, "versions": own_table.get("versions", {})}
    resources.refuse_unless_valid(table, "form", file)
    if f"{table['id']}/{table['version']}" != reference:
        raise WrongDefinition(file, "id", f"应与文件夹 {reference} 一致")
    for row in table[FUNDS].get("order", ()):
        if row not in table[FUNDS]["rows"]:
            raise WrongDefinition(file, f"{FUNDS}.order", f"{FUNDS}.rows 里没有 {row}")
    form = _form(table)
    for key, text in _expressions(form):
        each = EACH_INDICATOR if key.startswith(f"{INDICATORS}.") else "form"
        try:
            parse(text, FormScope(form, each))
        except LanguageError as error:
            raise WrongDefinition(file, key, str(error)) from None
    _refuse_unknown_columns(form, file)
    _refuse_wrong_versions(form, file)
    return form


def _form(table: Mapping[str, Any]) -> Form:
    funds, indicators, total, goal = table[FUNDS], table[INDICATORS], table["total"], table["goal"]
    fund_columns = {
        name: _field(name, {**column, "formula": column.get("total_formula", ""), "fixed": column.get("total_fixed")})
        for name, column in _by_letter(funds["columns"])
    }
    rows = {key: funds["rows"].get(key) for key in funds.get("order", funds["rows"])}
    return Form(
        **{key: table[key] for key in ("id", "version", "name", "title", "sheet", "basis", "money_unit")},
        titles=tuple(table.get("titles", ())),
        extends=table.get("extends", ""),
        money_decimals=table["money_decimals"],
        blocks=tuple(table["blocks"]),
        notes=tuple(table.get("notes", ())),
        widths=dict(sorted(table["widths"].items())),
        print=Print(**table["print"]),
        params={name: parameter(value) for name, value in table.get("params", {}).items()},
        fields={name: _field(name, field) for name, field in table["fields"].items()},
        fund_corner=funds["corner_columns"],
        fund_rows={key: FundRow(key, **_attributes(row)) for key, row in rows.items()},
        fund_columns=fund_columns,
        goal_label=goal["label"],
        goal_side=goal["side_columns"],
        indicators_label=indicators["label"],
        indicators_side=indicators["side_columns"],
        points_in_labels=indicators.get("points_in_labels", False),
        columns={name: _field(name, column) for name, column in _by_letter(indicators["columns"])}
        | _beside(indicators["beside"], len(table["widths"])),
        level1=tuple(_level1(key, level1) for key, level1 in indicators["level1"].items()),
        total_label=total["label"],
        total_labels=tuple(total.get("labels", ())),
        total_columns=total["label_columns"],
        versions={number: parse_version(versions_table) for number, versions_table in table["versions"].items()},
    )


def _by_letter(columns: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Columns from left to right, so that a form that adds one only has to state its letters."""
    return sorted(columns.items(), key=lambda item: (len(item[1]["columns"].partition(":")[0]), item[1]["columns"]))


def _beside(columns: Mapping[str, Any], printed: int) -> dict[str, Field]:
    """The columns beside the table, after a gap: the visible ones, room for the verdict, the hidden ones."""
    helpers = {name: replace(_field(name, column), helper=True) for name, column in columns.items()}
    visible = [name for name, field in helpers.items() if not field.hidden]
    order = [*visible, *(name for name, field in helpers.items() if field.hidden)]
    first = {name: printed + 2 + number + (2 if helpers[name].hidden else 0) for number, name in enumerate(order)}
    return {name: replace(helpers[name], columns=column_letters(first[name])) for name in order}


#: The attributes of a field whose keys in TOML differ.
_ATTRIBUTES = {
    "labels": "synonyms", "inside": "embedded_in", "before": "prefix", "fixed": "fixed_value", "shut": "hidden",
    "part_text": "source_row_text", "beside": "helper", "constant": "row_attribute",
}  # fmt: skip


def _field(name: str, table: Mapping[str, Any]) -> Field:
    known = {field.name for field in fields(Field)}
    values = {key: value for key, value in _attributes(table).items() if key in known}
    values["kind"] = KINDS[values["kind"]]
    if isinstance(values.get("fixed_value"), int | float):
        values["fixed_value"] = Decimal(repr(values["fixed_value"]))
    return Field(name=name, **values)


def _level1(key: str, table: Mapping[str, Any]) -> Level1:
    groups = tuple(Level2(name, **_attributes(group)) for name, group in table["level2"].items())
    weight = Decimal(repr(table["weight"]))
    alone = Decimal(repr(table.get("weight_alone", table["weight"])))
    return Level1(key, table["label"], groups, weight, alone, tuple(table.get("labels", ())))


def _attributes(table: Mapping[str, Any]) -> dict[str, Any]:
    """A table of a definition, with keys replaced by names of attributes."""
    return {_ATTRIBUTES.get(key, key): value for key, value in _frozen(table).items()}


def _frozen(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def parameter(value: Any) -> Decimal | str | tuple[str, ...]:
    """A parameter from TOML as a value of the rule language: number, text or list of texts."""
    if isinstance(value, list):
        return tuple(value)
    return value if isinstance(value, str) else Decimal(repr(value))


def _expressions(form: Form) -> list[tuple[str, str]]:
    expressions = [(f"funds.columns.{name}.total_formula", field.formula) for name, field in form.fund_columns.items()]
    expressions += [(f"indicators.columns.{name}.formula", field.formula) for name, field in form.columns.items()]
    expressions += [(f"fields.{name}.formula", field.formula) for name, field in form.fields.items()]
    return [(key, text) for key, text in expressions if text]


def _refuse_unknown_columns(form: Form, file: str) -> None:
    printed = set(form.widths)
    groups = {"fields": form.fields, "funds.columns": form.fund_columns, "indicators.columns": form.columns}
    for key, group in groups.items():
        for name, field in group.items():
            if not field.helper and not set(field.columns.split(":")) - {""} <= printed:
                raise WrongDefinition(file, f"{key}.{name}.columns", f"{field.columns} 不在 widths 的列里")


def _refuse_wrong_versions(form: Form, file: str) -> None:
    for number, version in form.versions.items():
        reference, key_path = f"{form.id}/{number}", f"versions.{number}"
        if int(number) >= int(form.version):
            raise WrongDefinition(file, key_path, f"不比 {form.version} 旧")
        if reference in resources.definitions():
            if version.policy == REFUSE and version.crossing == Crossing():
                continue  # a refused version need not say what becomes of its fields
            for key, reason in crossing_faults(version.crossing, load_form(reference), form):
                raise WrongDefinition(file, f"{key_path}.{key}", reason)
        elif version.policy != REFUSE:
            raise WrongDefinition(file, key_path, f'没有定义 {reference}；没有定义的旧版只能 policy = "{REFUSE}"')
