"""Generates the JSON Schemas of record and result from the definitions; ``schema/`` keeps them for others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from xltool.form.blocks import LEVEL_COLUMNS, Level1, Matrix, Table
from xltool.form.capacities import MOST_ROWS
from xltool.form.definition import Form
from xltool.form.explanations import EXPLANATIONS
from xltool.form.field import Field
from xltool.form.kinds import TEXT
from xltool.result.findings import ACTORS, LEVELS

DRAFT = "https://json-schema.org/draft/2020-12/schema"
STATUSES = ("accepted", "returned", "unreadable")

#: Keys that records made by other programs often lack.
_OPTIONAL = ("code",)

Schema = dict[str, Any]


def _object(properties: Schema, optional: Sequence[str] = ()) -> Schema:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _field(field: Field) -> Schema:
    schema: Schema = {"title": field.label, **field.kind.make_schema(field.choices)}
    return schema | ({"description": field.prompt} if field.prompt else {})


def form_record_schema(form: Form, explainable: Sequence[str]) -> Schema:
    """The schema of the records of one form. Types and shapes only; wrong values are found by the rules."""
    properties: Schema = {"form": _object({"id": {"const": form.id}, "version": {"const": form.version}})}
    for name in form.names_in_record:
        if name in form.matrices:
            properties[name] = _matrix(form.matrices[name])
        elif name in form.tables:
            properties[name] = _table(form.tables[name])
        else:
            _add_single(properties, form.fields[name])
    explanation = _object({"rule": {"enum": list(explainable)}, "text": {"type": "string", **TEXT}})
    properties[EXPLANATIONS] = {"type": "array", "items": explanation} | (
        {"allOf": [_at_most(1, "rule", rule) for rule in explainable]} if explainable else {"maxItems": 0}
    )
    return {"title": form.name, **_object(properties, optional=[EXPLANATIONS])}


def _add_single(properties: Schema, field: Field) -> None:
    """Add a single cell, inside its group if it has one."""
    parent, _, last = field.name.rpartition(".")
    if not parent:
        properties[last] = _field(field)
        return
    group = properties.setdefault(parent, _object({}))
    group["properties"][last] = _field(field)
    group["required"] += [last] if last not in _OPTIONAL else []


def _matrix(matrix: Matrix) -> Schema:
    columns = {name: _field(column) for name, column in matrix.columns.items()}
    rows = [
        _object({matrix.row_key: {"const": row.id}, "label": {"const": row.label}} | columns)
        for row in matrix.rows.values()
    ]
    return {"type": "array", "prefixItems": rows, "minItems": len(rows), "maxItems": len(rows)}


def _table(table: Table) -> Schema:
    """The schema of the rows of a table: labels of levels that belong together, something filled in."""
    columns = {name: _field(column) for name, column in table.columns.items() if not column.helper}
    filled = [{"properties": {name: {"not": {"type": "null"}}}} for name in table.row_columns]
    groups: list[Schema] = []
    limits: list[Schema] = []
    if table.level_columns:
        groups = [{"anyOf": list(map(partial(_labels, table), table.level1))}]
        limits = [_at_most(MOST_ROWS, table.group_column, group.label) for group in table.groups.values()]
    items = {**_object(columns), "allOf": [*groups, {"anyOf": filled}]}
    return {"type": "array", "items": items} | ({"allOf": limits} if table.level_columns else {"maxItems": MOST_ROWS})


def _labels(table: Table, level1: Level1) -> Schema:
    """The labels of a first level with those below it."""
    labels: Schema = {"level1": {"const": level1.label}}
    if table.group_column == LEVEL_COLUMNS[1]:
        labels["level2"] = {"enum": [group.label for group in level1.level2]}
    return {"properties": labels}


def _at_most(number: int, key: str, value: str) -> Schema:
    """At most this many items with this value."""
    wanted = {"properties": {key: {"const": value}}, "required": [key]}
    return {"contains": wanted, "minContains": 0, "maxContains": number}


def record_schema(forms: Sequence[tuple[Form, Sequence[str]]]) -> Schema:
    """The schema of all records: the one whose form is named in the record applies."""
    named = {form.reference.replace("/", "-"): (form, explainable) for form, explainable in forms}
    ids = [{"properties": {"id": {"const": f.id}, "version": {"const": f.version}}} for f, _ in named.values()]

    def named_as(form: Form) -> Schema:
        return {"properties": {"form": {"properties": {"id": {"const": form.id}, "version": {"const": form.version}}}}}

    return {
        "$schema": DRAFT,
        "$id": "record.schema.json",
        "title": "xltool record/1: 一张自评表",
        "type": "object",
        "required": ["form"],
        "properties": {"form": {"type": "object", "required": ["id", "version"], "anyOf": ids}},
        "allOf": [{"if": named_as(form), "then": {"$ref": f"#/$defs/{name}"}} for name, (form, _) in named.items()],
        "$defs": {name: form_record_schema(form, explainable) for name, (form, explainable) in named.items()},
    }


def result_schema() -> Schema:
    """The schema of a result: one JSON line per workbook."""
    text, maybe = {"type": "string", "minLength": 1}, {"type": ["string", "null"]}
    number = {"type": ["number", "null"]}
    finding = _object(
        {
            "rule": {"type": "string", "pattern": "^[A-Z][0-9]{2}$"},
            "level": {"enum": list(LEVELS)},
            "path": {"type": "string", "description": "JSON Pointer into the record", "pattern": "^(/.*)?$"},
            "cell": {**maybe, "description": "sheet and first cell; null when a record was checked"},
            "label": text, "message": text, "found": maybe, "expected": maybe, "fix": text, "basis": text,
            "actor": {"enum": list(ACTORS), "description": "who can mend it: the unit its form; the bureau, by "
                      "deciding or issuing again; nobody. Results of 0.3 lack it"},
            "explanation": {**text, "description": "what the unit wrote beside this warning"},
            "review": {"const": True, "description": "it puts an amount or the identity in doubt"},
            "places": {
                "type": "array",
                "minItems": 2,
                "description": "every place at fault where one cause has several; path and cell are those of the first",
                "items": _object({
                    "path": {"type": "string", "pattern": "^(/.*)?$"}, "cell": maybe, "label": text, "message": text,
                    "found": maybe, "expected": maybe,
                }),
            },
            "waived": _object({"reason": text, "approver": text, "until": {"type": "string", "format": "date"}}),
        },
        optional=["actor", "explanation", "places", "review", "waived"],
    )  # fmt: skip
    form = {"anyOf": [_object({"id": text, "version": text}), {"type": "null"}]}
    normalised = _object(
        {
            "path": {"type": "string", "pattern": "^(/.*)?$"},
            "cell": text,
            "raw": {"type": "string"},
            "value": {"type": ["number", "string", "null"]},
            "why": text,
        }
    )
    left = _object({"sheet": {"type": "string"}, "cell": maybe, "raw": {"type": "string"}})
    seal = _object(
        {
            "text": {**text, "description": "as its carriers have it"},
            "issue": text,
            "number": {"type": "integer", "minimum": 1},
            "code": {**text, "description": "printed in the footer of the form"},
            "due": {**maybe, "description": "the day by which it is to be handed in"},
            "state": {"enum": ["sound", "broken", "lost"],
                      "description": "whether it fits what was issued; lost: what was issued is not in the file"},
            "proof": {"enum": ["proven", "unsigned", "unchecked", "foreign", "forged"],
                      "description": "what the bureau's key says; unchecked: no key was given"},
            "issued": {"type": ["object", "null"],
                       "additionalProperties": {"type": ["string", "number", "null"]},
                       "description": "the values it was issued with, by name; null where the seal is not sound"},
        },
        optional=["issued"],
    )  # fmt: skip
    reading = _object(
        {
            "anchor": {"enum": ["names", "stamp", "labels"]},
            "application": maybe,
            "confidence": {"type": "number"},
            "format": {"enum": ["xlsx", "xlsm", "xltx", "xltm", "xls", "xlsb", "ods", "et"]},
            "carriers": {"type": "array", "items": {"enum": ["sheet", "property", "name"]},
                         "description": "where the stamp was found"},
            "rivals": {"type": "array", "items": text, "description": "other definitions that fit as well"},
            "normalised": {"type": "array", "items": normalised,
                           "description": "values read otherwise than they stand, such as numbers typed as text"},
            "unplaced": {"type": "array", "items": left,
                         "description": "everything that stands outside the form, once; cell is null for text boxes"},
            "round": {"type": "integer", "minimum": 2,
                      "description": "of a form that was returned and handed in again"},
            "part": {"type": "integer", "minimum": 2,
                     "description": "which form of its sheet, of those below the first; absent for the first"},
            "after": {**maybe, "description": "first 16 hex digits of the SHA-256 of the submission it answers"},
            "seal": {**seal, "description": "of a form that was issued to a project"},
        },
        optional=["round", "after", "part", "seal"],
    )  # fmt: skip
    sent = _object({"year": {"type": "integer"}, "code": maybe, "name": text, "department": maybe, "unit": text})
    checked = _object(
        {
            "version": {**text, "description": "of xltool"},
            "digest": {"type": ["string", "null"], "pattern": "^[0-9a-f]{64}$",
                       "description": "SHA-256 of the definitions of form and rules; null where no form was read"},
        }
    )  # fmt: skip
    computed = _object({"execution_rate": number, "fund_score": number, "total_score": number, "grade": maybe})
    return {
        "$schema": DRAFT,
        "$id": "result.schema.json",
        "title": "xltool result/1: 一份工作簿（或一条记录）的读取与检查结果",
        **_object(
            {
                "schema": {"const": "xltool.result/1"},
                "file": text,
                "sheet": maybe,
                "sha256": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
                "status": {"enum": list(STATUSES)},
                "form": form,
                "reading": {"anyOf": [reading, {"type": "null"}]},
                "record": {"anyOf": [{"$ref": "record.schema.json"}, {"type": "null"}]},
                "computed": {"anyOf": [computed, {"type": "null"}]},
                "findings": {"type": "array", "items": finding},
                "review": {
                    "type": "boolean",
                    "description": "an amount or the identity is in doubt: what is accepted "
                    "is not yet settled, somebody has to decide. Results of 0.3 lack it",
                },
                "sent_for": {
                    "type": "array",
                    "items": sent,
                    "description": "of a file that could not be read: the "
                    "projects of the roster that it was sent for, as its name or its texts tell; "
                    "of a form that is not the one issued to the project it was filled in for: that project",
                },
                "superseded_by": {
                    "type": "string",
                    "minLength": 1,
                    "description": "the file that counts for the project in place of this one, which asks nothing of "
                    "anybody: of a later round, of the same contents, or readable where this one is not",
                },
                "checked": {**checked, "description": "what judged it. Results of 0.3 lack it"},
            },
            optional=["review", "checked", "sent_for", "superseded_by"],
        ),
        "if": {"properties": {"status": {"const": "unreadable"}}},
        "then": {"properties": {"record": {"type": "null"}, "findings": {"minItems": 1}}},
        "else": {"properties": {"record": {"type": "object"}}},
    }
