"""``xltool schema``: the JSON Schemas."""

from __future__ import annotations

import click

from xltool.intake import files
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.i18n import say


@click.command(help=say("输出 JSON Schema：record、result、form、rules。", "Print a JSON Schema."))
@click.argument("name", metavar="[NAME]", required=False)
def command(name: str | None) -> None:
    """Print one schema, or the names of all."""
    from xltool.rules.validation import schemas_by_name

    schemas = schemas_by_name()
    if name is None:
        files.put_data("".join(f"{one}\n" for one in schemas))
    elif name in schemas:
        files.put_data(json_codec.dumps(schemas[name](), indent=1) + "\n")
    else:
        raise WrongUse(
            say(f"没有 schema {name}；现有：{'、'.join(schemas)}", f"no schema {name}: {', '.join(schemas)}")
        )
