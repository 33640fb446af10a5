"""JSON Schemas of records and results, and what in a value breaks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from xltool.form.definition import references
from xltool.form.schema import Schema, record_schema, result_schema
from xltool.rules.catalogue import load_catalogue, usable_forms
from xltool.support import json_codec, resources
from xltool.support.i18n import tr
from xltool.support.templates import keep

if TYPE_CHECKING:
    import jsonschema_rs
    from jsonschema.protocols import Validator


def schema_fault(value: Any, schema: str = "record") -> str | None:
    """Where and why a JSON value is not what its schema asks for; None when it is.

    The verdict comes from compiled code, sixty times as fast; jsonschema words what is wrong.
    """
    import jsonschema_rs

    try:
        if schema == "result":
            _result_verdict().validate(value)
        record = value.get("record") if schema == "result" else value
        if schema == "record" or record is not None:
            _record_verdict(_reference(record)).validate(record)
        return None
    except jsonschema_rs.ValidationError as error:
        path, message = list(error.instance_path), error.message
    except (ValueError, UnicodeEncodeError) as error:  # half a letter, or a value that JSON does not know
        path, message = [], str(error)
    from jsonschema.exceptions import best_match

    if (worded := best_match(_validator(schema).iter_errors(value))) is not None:
        path, message = list(worded.absolute_path), worded.message
    where = "/" + "/".join(map(str, path))
    return tr(f"{where}：{message}", f"{where}: {message}")


def _reference(record: Any) -> str | None:
    """The definition that a record names; None for one that names none of ours."""
    form = record.get("form") if isinstance(record, dict) else None
    reference = f"{form.get('id')}/{form.get('version')}" if isinstance(form, dict) else ""
    return reference if reference in references() else None


@keep
def _validator(name: str) -> Validator:
    import jsonschema
    from referencing import Registry, Resource

    registry: Registry[Any] = Registry().with_resource("record.schema.json", Resource.from_contents(_schema("record")))
    return jsonschema.Draft202012Validator(_schema(name), registry=registry)


@keep
def _result_verdict() -> jsonschema_rs.Draft202012Validator:
    """Of a result whose record is left to the verdict of its own form: that of all forms would load them all."""
    import jsonschema_rs

    anything = jsonschema_rs.Registry([("record.schema.json", {})])
    return jsonschema_rs.Draft202012Validator(_schema("result"), registry=anything)


@keep
def _record_verdict(reference: str | None) -> jsonschema_rs.Draft202012Validator:
    """Of a record of one form, or of a record that is of none."""
    import jsonschema_rs

    forms = [load_catalogue(one) for one in ([reference] if reference else usable_forms())]
    made = record_schema([(one.form, one.explainable) for one in forms])
    # Its texts cannot hold half a letter, so that its patterns may not speak of any.
    return jsonschema_rs.Draft202012Validator(json_codec.loads(json_codec.dumps(made).replace(r"\\ud800-\\udfff", "")))


@keep
def _schema(name: str) -> Schema:
    return schemas_by_name()[name]()


def schemas_by_name() -> dict[str, Callable[[], Schema]]:
    """The schemas there are: those of record and result are made from the definitions, the others are written."""

    def record() -> Schema:
        return record_schema([(one.form, one.explainable) for one in map(load_catalogue, usable_forms())])

    return {
        "record": record,
        "result": result_schema,
        "form": lambda: resources.schema("form"),
        "rules": lambda: resources.schema("rules"),
        "platform": lambda: resources.schema("platform"),
    }
