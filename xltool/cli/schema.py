"""``xltool schema``: the JSON Schemas."""

from __future__ import annotations

import click

from xltool.intake import files
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr


@click.command(help=tr("输出 JSON Schema：record、result、form、rules。", "Print a JSON Schema."))
@click.argument("name", metavar="[NAME]", required=False)
def command(name: str | None) -> None:
    """Print one schema, or the names of all."""
    from xltool.rules.validation import schemas_by_name

    schemas = schemas_by_name()
    if name is None:
        files.write_data_file("".join(f"{schema_name}\n" for schema_name in schemas))
    elif name in schemas:
        files.write_data_file(json_codec.dumps(schemas[name](), indent=1) + "\n")
    else:
        raise WrongUse(tr(f"没有 schema {name}；现有：{'、'.join(schemas)}", f"no schema {name}: {', '.join(schemas)}"))
