"""Reads ``form.toml`` into a form; a definition in which anything is wrong is rejected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from xltool.form.binding import FormScope
from xltool.form.block_loading import Definition, read_block
from xltool.form.definition import Form, Print
from xltool.form.definition_faults import refuse_wrong_layout
from xltool.form.older_definitions import OLD_SCHEMA
from xltool.form.parameters import parse_parameter
from xltool.form.versions import REFUSE, Crossing, crossing_faults, parse_version
from xltool.language.parse import LanguageError, parse
from xltool.result.roles import read_roles, record_path
from xltool.support import resources
from xltool.support.errors import WrongDefinition
from xltool.support.templates import keep

#: What a definition need not say: the paper and the fonts of the official form, one sheet, amounts without a unit.
_DEFAULTS: Mapping[str, Any] = {
    "version": "1",
    "sheet": "自评表",
    "basis": "",
    "money_unit": "",
    "money_decimals": 2,
    "block": {},
    "widths": dict.fromkeys("ABCDEFGHI", 10),
    "params": {},
}
_PRINT: Mapping[str, Any] = {
    "paper": "A4",
    "orientation": "portrait",
    "font": "宋体",
    "title_font": "黑体",
    "font_size": 10.5,
    "margins_cm": {"left": 1.8, "right": 1.8, "top": 1.9, "bottom": 1.9},
    "repeat_lines": 2,
}


@keep
def load_form(reference: str) -> Form:
    """Read, check and freeze a definition.

    Raises:
        WrongDefinition: with file, key and reason.
    """
    file = f"{reference}/form.toml"
    _refuse_older_schema(reference)
    table = resources.read_with_parents(reference, "form.toml")
    own_table = resources.read_toml(resources.definitions()[reference] / "form.toml")
    # The table of older versions applies to this form alone, not to forms that extend it.
    is_named = "name" in table and ("name" in own_table or "title" not in own_table)
    name = {} if is_named else {"name": table.get("title", "")}
    table = {**_DEFAULTS, **table, **name, "versions": own_table.get("versions", {})}
    resources.refuse_unless_valid(table, "form", file)
    if f"{table['id']}/{table['version']}" != reference:
        raise WrongDefinition(file, "id", f"应与文件夹 {reference} 一致")
    form = _form(table, Definition(table, own_table, file))
    _refuse_unknown_roles(own_table, table, file)
    for key, each, text in _expressions(form):
        try:
            parse(text, FormScope(form, each))
        except LanguageError as error:
            raise WrongDefinition(file, key, str(error)) from None
    if reference in resources.own_definitions():  # those we ship are covered by tests
        refuse_wrong_layout(form, file)
    _refuse_wrong_versions(form, file)
    return form


def _refuse_older_schema(reference: str) -> None:
    """Reject a definition, or one that it extends, of the older schema, and name the command that converts it."""
    seen: set[str] = set()
    while reference in resources.definitions() and reference not in seen:
        seen.add(reference)
        place = resources.definitions()[reference]
        table = resources.read_toml(place / "form.toml")
        if table.get("schema") == OLD_SCHEMA:
            command = f"xltool forms convert {place.parent.parent}"
            raise WrongDefinition(f"{reference}/form.toml", "schema", f"这是旧写法 {OLD_SCHEMA}；请先转换：{command}")
        reference = str(table.get("extends", ""))


def _form(table: Mapping[str, Any], definition: Definition) -> Form:
    return Form(
        **{key: table[key] for key in ("id", "version", "name", "title", "sheet", "basis", "money_unit")},
        titles=tuple(table.get("titles", ())),
        extends=table.get("extends", ""),
        money_decimals=table["money_decimals"],
        blocks=tuple(read_block(definition, key) for key in definition.order),
        widths=dict(sorted(table["widths"].items())),
        print=Print(**{**_PRINT, **table.get("print", {})}),
        params={name: parse_parameter(value) for name, value in table["params"].items()},
        roles=read_roles({**table, "order": definition.order}),
        versions={number: parse_version(versions_table) for number, versions_table in table["versions"].items()},
    )


def _refuse_unknown_roles(own_table: Mapping[str, Any], table: Mapping[str, Any], file: str) -> None:
    """Roles that a definition names itself must exist; those of a parent may point at what this form leaves out."""
    for role, named in (own_table.get("means") or {}).items():
        for name in named if isinstance(named, list) else [named] if named else []:
            if record_path(table, name) is None:
                raise WrongDefinition(file, f"means.{role}", f"没有 {name} 这一栏；写成 块.格、块.行.列 或 块.列")


def _expressions(form: Form) -> list[tuple[str, str, str]]:
    """The expressions of a form: their keys, what they are about, their texts."""
    expressions = [(f"block.{field.block}.cell.{field.full_name.rpartition('.')[2]}.formula", "form", field.formula)
                   for field in form.fields.values()]  # fmt: skip
    for key, rows in form.matrix_cells.items():
        matrix = form.matrices[key]
        expressions += [
            (f"block.{matrix.id}.columns.{column}.formula", "form", matrix.formula(row, column))
            for row, cells in rows.items()
            for column in cells
        ]
    for key, table in form.tables.items():
        expressions += [(f"block.{table.id}.helpers.{name}.formula", key, column.formula)
                        for name, column in table.columns.items()]  # fmt: skip
    return [(key, each, text) for key, each, text in expressions if text]


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
