"""Everything that is generated from the definitions: ``make docs`` writes it, a test fails when any of it is stale."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def files() -> Iterator[tuple[str, bytes]]:
    """Each generated file, by its path in the repository, with what it must hold."""
    os.environ.pop("XLTOOL_LANG", None)
    from contract import fill

    from xltool.export.page import platform_page
    from xltool.export.platform import load_platform
    from xltool.form.loading import load_form
    from xltool.form.references import all_references
    from xltool.report import reference
    from xltool.rules.loading import load_catalogue
    from xltool.rules.validation import schemas_by_name
    from xltool.services.read_and_check import result_of_workbook
    from xltool.support import json_codec

    for name in ("record", "result"):
        yield f"schema/{name}.schema.json", (json_codec.dumps(schemas_by_name()[name](), indent=1) + "\n").encode()
    known = all_references()
    yield "docs/rules.md", reference.all_rules([load_catalogue(one) for one in known]).encode()
    yield "docs/fields.md", reference.all_fields([load_form(one) for one in known]).encode()
    import commands_page
    import realforms_page

    yield "docs/reference/commands.md", commands_page.page().encode()
    yield "docs/realforms.md", realforms_page.page().encode()
    results = []
    for name in ("form1", "form2"):
        record = json_codec.loads((ROOT / "examples" / f"{name}.json").read_bytes())
        content = fill(record, as_printed=True).content
        yield f"examples/{name}.xlsx", content
        results.append(result_of_workbook(content, f"examples/{name}.xlsx"))
    yield "examples/results.jsonl", json_codec.dump_lines(one.as_json() for one in results).encode()
    yield "docs/platform.md", platform_page(load_platform(), results).encode()


if __name__ == "__main__":
    for path, content in files():
        target = ROOT / path
        if not target.exists() or target.read_bytes() != content:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            sys.stderr.write(f"{path}\n")
