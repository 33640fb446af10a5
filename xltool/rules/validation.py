"""The JSON Schemas of records and results, and the validation of values."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from xltool.form.references import all_references
from xltool.form.schema import Schema, record_schema, result_schema
from xltool.rules.loading import load_catalogue, usable_forms
from xltool.support import json_codec, resources
from xltool.support.i18n import tr
from xltool.support.templates import keep

if TYPE_CHECKING:
    import jsonschema_rs
    from jsonschema.protocols import Validator


def schema_fault(value: Any, schema: str = "record") -> str | None:
    """Where and why a JSON value does not match its schema; None if it does.

    Compiled code gives the verdict, sixty times as fast; ``jsonschema`` only words the message.
    """
    import jsonschema_rs

    try:
        if schema == "result":
            result_validator().validate(value)
        record = value.get("record") if schema == "result" else value
        if schema == "record" or record is not None:
            record_validator(_reference(record)).validate(record)
        return None
    except jsonschema_rs.ValidationError as error:
        path, message = list(error.instance_path), error.message
    except (ValueError, UnicodeEncodeError) as error:  # a lone surrogate, or a value that JSON does not have
        path, message = [], str(error)
    from jsonschema.exceptions import best_match

    if (best := best_match(_validator(schema).iter_errors(value))) is not None:
        path, message = list(best.absolute_path), best.message
    where = "/" + "/".join(map(str, path))
    return tr(f"{where}：{message}", f"{where}: {message}")


def _reference(record: Any) -> str | None:
    """The definition that a record names; None if we do not have it."""
    form = record.get("form") if isinstance(record, dict) else None
    reference = f"{form.get('id')}/{form.get('version')}" if isinstance(form, dict) else ""
    return reference if reference in all_references() else None


@keep
def _validator(name: str) -> Validator:
    """The validator whose messages are shown."""
    import jsonschema
    from referencing import Registry, Resource

    registry: Registry[Any] = Registry().with_resource("record.schema.json", Resource.from_contents(_schema("record")))
    return jsonschema.Draft202012Validator(_schema(name), registry=registry)


@keep
def result_validator() -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of a result without its record, which is checked against the schema of its own form.

    The schema of all records would load all forms.
    """
    import jsonschema_rs

    anything = jsonschema_rs.Registry([("record.schema.json", {})])
    return jsonschema_rs.Draft202012Validator(_schema("result"), registry=anything)


@keep
def record_validator(reference: str | None) -> jsonschema_rs.Draft202012Validator:
    """The compiled schema of a record of one form; for None, of a record of any form."""
    import jsonschema_rs

    forms = [load_catalogue(catalogue) for catalogue in ([reference] if reference else usable_forms())]
    schema = record_schema([(catalogue.form, catalogue.explainable) for catalogue in forms])
    # The library's strings cannot hold lone surrogates, so its patterns must not mention them.
    return jsonschema_rs.Draft202012Validator(
        json_codec.loads(json_codec.dumps(schema).replace(r"\\ud800-\\udfff", ""))
    )


@keep
def _schema(name: str) -> Schema:
    """A schema by its name."""
    return schemas_by_name()[name]()


def schemas_by_name() -> dict[str, Callable[[], Schema]]:
    """Functions that return the schemas, by name; those of record and result are generated from the definitions."""

    def record() -> Schema:
        return record_schema(
            [(catalogue.form, catalogue.explainable) for catalogue in map(load_catalogue, usable_forms())]
        )

    return {
        "record": record,
        "result": result_schema,
        "form": lambda: resources.schema("form"),
        "rules": lambda: resources.schema("rules"),
        "platform": lambda: resources.schema("platform"),
    }
