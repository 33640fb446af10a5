"""The definition of a form: ``form.toml`` as frozen values, refused on load when anything in it is wrong."""

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

#: The blocks that are lines of labels and values, one field beside or below the other.
LINE_BLOCKS = ("heading", "between", "foot")


@dataclass(frozen=True)
class Field:
    """One field of the form, one fund column, or one indicator column.

    Attributes:
        name: identifier (``project.name``, ``executed``, ``score``).
        label: what the form prints.
        kind: what may stand in it.
        section: a block of lines (heading, between, foot), funds, goal, total, panel or hidden; "" for columns.
        columns: the sheet's columns it takes, such as ``C:I``; "" where the layout decides.
        line: its line in its block, from 1.
        height: the least height of its line in points; 0 for the usual.
        embedded_in: the printed text it is a part of, with ``{}`` in its place.
        prefix: the field whose value is printed before its own, with a hyphen between (``code-name``).
        formula: the expression of a computed field.
        fixed_value: the text or number of a fixed field.
        helper: whether it stands beside the table, outside the print area, and is never read back.
        hidden: whether its column is hidden: a step of a computation.
        row_attribute: what the form itself says of a row: ``level1``, ``level2`` (their ids) or ``scoring``.
        source_row_text: of a fund column, what is printed in the rows of sources; None where people fill them in.
        number_format: Excel's format code, where it is not that of the kind.
        limit: the most characters that the official form allows; 0 for no limit.
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
        """Whether a formula gives its value."""
        return bool(self.formula)


@dataclass(frozen=True)
class FundRow:
    """One row of the fund block; ``part`` rows sum to the total row."""

    id: str
    label: str
    synonyms: tuple[str, ...] = ()
    part: bool = False


@dataclass(frozen=True)
class Level2:
    """A second-level indicator: a group of ``rows`` rows; ``scoring`` says how their reference scores come about."""

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
    """Paper and type. Margins in centimetres, font sizes in points."""

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
        """The fund column that the execution rate is a share of."""
        return str(self.params["rate_base"])

    @property
    def execution_weight(self) -> Decimal:
        """The points for execution: printed in the fund block, or, where that has no such column, a parameter."""
        column = self.fund_columns.get("weight")
        weight = column.fixed_value if column else self.params.get("execution_weight")
        return weight if isinstance(weight, Decimal) else Decimal(0)

    def section(self, name: str) -> list[Field]:
        """The fields of a section."""
        return [field for field in self.fields.values() if field.section == name]

    def level_label(self, level: Level1 | Level2) -> str:
        """What the form prints for a level; forms without a weight column print the points of a group there."""
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
        """The field that stands at a place."""
        if isinstance(place, SingleCell):
            return self.fields[place.name]
        return (self.fund_columns if isinstance(place, FixedRowCell) else self.columns)[place.column]

    def label(self, place: Place) -> str:
        """What people call a place: 「年度资金总额 执行率」, 「数量指标 得分」."""
        label = self.field(place).label
        if isinstance(place, FixedRowCell):
            return f"{self.fund_rows[place.row].label.removeprefix('其中：')} {label}"
        if isinstance(place, SingleCell) and place.name.startswith(f"{TOTAL}."):
            return f"{self.total_label} {label}"
        return label

    @cached_property
    def row_columns(self) -> tuple[str, ...]:
        """The columns of an indicator row that people fill in: neither its levels nor what stands beside the table."""
        return tuple(k for k, column in self.columns.items() if k not in LEVEL_COLUMNS and not column.helper)

    @cached_property
    def blank_row(self) -> Mapping[str, None]:
        """An indicator row in which nothing stands: the columns of what is read or printed, none beside the table."""
        return {name: None for name, column in self.columns.items() if not column.helper}

    @cached_property
    def constants(self) -> Mapping[str, str]:
        """The columns beside the indicator rows that say what the form itself says of a row."""
        return {name: column.row_attribute for name, column in self.columns.items() if column.row_attribute}

    @cached_property
    def bindings(self) -> dict[tuple[str, str], Binding | None]:
        """What names mean, as far as they have been asked for, see ``bind``."""
        return {}

    @cached_property
    def formulas(self) -> Mapping[Place, Node]:
        """The computed cells, each with its formula, in an order in which they can be computed."""
        sources: dict[Place, str] = {
            self.fund_cell(FUND_TOTAL, key): one.formula for key, one in self.fund_columns.items()
        }
        sources |= {SingleCell(name): field.formula for name, field in self.fields.items()}
        scope = FormScope(self, "form")
        return {place: parse(text, scope) for place, text in sources.items() if text}

    @cached_property
    def flags(self) -> Mapping[str, Node]:
        """The computed columns beside the indicator rows, each with its formula."""
        scope = FormScope(self, EACH_INDICATOR)
        return {name: parse(column.formula, scope) for name, column in self.columns.items() if column.formula}


def references() -> list[str]:
    """All definitions that can be used, such as ``mof-2020/1``; without those that are broken, see ``broken``."""
    unusable = broken_definitions()
    return [one for one in resources.definitions() if one not in unusable]


def broken_definitions() -> Mapping[str, WrongDefinition]:
    """Which of the bureau's own definitions are refused, and why: they stop no other form."""
    return _broken(tuple(resources.own_definitions()))


@keep_by_language
def _broken(own: tuple[str, ...]) -> Mapping[str, WrongDefinition]:
    found = {}
    for reference in own:
        try:
            load_form(reference)
        except WrongDefinition as error:
            found[reference] = error
    return found


def reference_of(name: str) -> str:
    """The definition that ``mof-2020`` (its newest version) or ``mof-2020/1`` means.

    Raises:
        WrongUse: there is none.
    """
    known, unusable = references(), broken_definitions()
    matching = [one for one in (*known, *unusable) if one == name or one.rpartition("/")[0] == name]
    if not matching:
        raise WrongUse(
            tr(f"没有表样 {name}；现有：{'、'.join(known)}", f"no form {name}; there are {', '.join(known)}")
        )
    newest_one = max(matching, key=lambda one: (len(one), one))
    if newest_one in unusable:
        raise unusable[newest_one]
    return newest_one


def newest(form_id: str) -> str | None:
    """The newest version of a form, such as ``mof-2020/1``; None for a form that is not among ours."""
    own = [one for one in references() if one.rpartition("/")[0] == form_id]
    return max(own, key=lambda one: (len(one), one), default=None)


def is_known_name(each: str, name: str) -> bool:
    """Whether a name means a field on any form; a rule may be written for more forms than it is asked of."""
    return any(bind(load_form(one), each, name) is not None for one in references())


def is_computed_somewhere(name: str) -> bool:
    """Whether a name means a computed cell on any form."""
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
    # What is said of older versions is said of this form alone, not of those that extend it.
    own = resources.read_toml(resources.definitions()[reference] / "form.toml")
    table = {**table, "versions": own.get("versions", {})}
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
    _refuse_strange_columns(form, file)
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
        versions={number: parse_version(one) for number, one in table["versions"].items()},
    )


def _by_letter(columns: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Columns from left to right: a form that adds one says where it stands by its letter alone."""
    return sorted(columns.items(), key=lambda one: (len(one[1]["columns"].partition(":")[0]), one[1]["columns"]))


def _beside(columns: Mapping[str, Any], printed: int) -> dict[str, Field]:
    """The columns beside the table, one apart from it: those to be seen, room for the verdict, those that are shut."""
    made = {name: replace(_field(name, column), helper=True) for name, column in columns.items()}
    seen = [name for name, field in made.items() if not field.hidden]
    order = [*seen, *(name for name, field in made.items() if field.hidden)]
    first = {name: printed + 2 + number + (2 if made[name].hidden else 0) for number, name in enumerate(order)}
    return {name: replace(made[name], columns=column_letters(first[name])) for name in order}


#: The attributes of a field by their keys in TOML, where the two differ.
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
    """A table of a definition by the names of the attributes that it fills."""
    return {_ATTRIBUTES.get(key, key): value for key, value in _frozen(table).items()}


def _frozen(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in table.items()}


def parameter(value: Any) -> Decimal | str | tuple[str, ...]:
    """A parameter from TOML as the rule language takes it: number, text or list of texts."""
    if isinstance(value, list):
        return tuple(value)
    return value if isinstance(value, str) else Decimal(repr(value))


def _expressions(form: Form) -> list[tuple[str, str]]:
    found = [(f"funds.columns.{name}.total_formula", field.formula) for name, field in form.fund_columns.items()]
    found += [(f"indicators.columns.{name}.formula", field.formula) for name, field in form.columns.items()]
    found += [(f"fields.{name}.formula", field.formula) for name, field in form.fields.items()]
    return [(key, text) for key, text in found if text]


def _refuse_strange_columns(form: Form, file: str) -> None:
    printed = set(form.widths)
    groups = {"fields": form.fields, "funds.columns": form.fund_columns, "indicators.columns": form.columns}
    for key, group in groups.items():
        for name, field in group.items():
            if not field.helper and not set(field.columns.split(":")) - {""} <= printed:
                raise WrongDefinition(file, f"{key}.{name}.columns", f"{field.columns} 不在 widths 的列里")


def _refuse_wrong_versions(form: Form, file: str) -> None:
    for number, one in form.versions.items():
        reference, at = f"{form.id}/{number}", f"versions.{number}"
        if int(number) >= int(form.version):
            raise WrongDefinition(file, at, f"不比 {form.version} 旧")
        if reference in resources.definitions():
            if one.policy == REFUSE and one.crossing == Crossing():
                continue  # nobody has said what becomes of its fields, and nobody need
            for key, reason in crossing_faults(one.crossing, load_form(reference), form):
                raise WrongDefinition(file, f"{at}.{key}", reason)
        elif one.policy != REFUSE:
            raise WrongDefinition(file, at, f'没有定义 {reference}；没有定义的旧版只能 policy = "{REFUSE}"')
