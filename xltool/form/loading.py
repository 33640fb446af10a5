"""Reads ``form.toml`` into a form; a definition in which anything is wrong is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from xltool.form.binding import FormScope
from xltool.form.blocks import EACH_INDICATOR, FUNDS, INDICATORS
from xltool.form.definition import Field, Form, FundRow, Level1, Level2, Print
from xltool.form.kinds import KINDS
from xltool.form.versions import REFUSE, Crossing, crossing_faults, parse_version
from xltool.language.parse import LanguageError, parse
from xltool.result.roles import read_roles
from xltool.support import resources
from xltool.support.errors import WrongDefinition
from xltool.support.templates import keep
from xltool.workbook.letters import column_letters


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
        params={name: parse_parameter(value) for name, value in table.get("params", {}).items()},
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
        roles=read_roles(table),
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


def parse_parameter(value: Any) -> Decimal | str | tuple[str, ...]:
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
            for key, reason in crossing_faults(
                version.crossing, load_form(reference).names_with_content, form.names_with_content
            ):
                raise WrongDefinition(file, f"{key_path}.{key}", reason)
        elif version.policy != REFUSE:
            raise WrongDefinition(file, key_path, f'没有定义 {reference}；没有定义的旧版只能 policy = "{REFUSE}"')
