"""The checkout that is tested, records of it with changes, and form definitions of one's own."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from xltool.support import json_codec

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
NODE = ROOT / "tests/node"


@contextmanager
def templates(folder: Path) -> Iterator[None]:
    """Form definitions of one's own, for as long as the block lasts."""
    from xltool.form import definition
    from xltool.rules import catalogue, validation
    from xltool.services import read_and_check

    kept = (
        definition.load_form,
        definition._broken,
        catalogue.load_catalogue,
        catalogue.definition_fault,
        validation._record_verdict,
        validation._schema,
        validation._validator,
        read_and_check._blank_reference,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XLTOOL_TEMPLATES", str(folder))
        for one in kept:
            one.cache_clear()
        yield
    for one in kept:
        one.cache_clear()


def with_changes(record: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    record = copy.deepcopy(record)
    sources = [row["source"] for row in record["funds"]]
    removed = []
    for path, value in changes.items():
        *parents, last = path.split(".")
        node: Any = record
        for number, key in enumerate(parents):
            if isinstance(node, list):
                node = node[sources.index(key) if parents[number - 1] == "funds" else int(key)]
            else:
                node = node[key]
        if isinstance(node, list):
            removed.append((node, int(last)))
        else:
            node[last] = None if value == "" else json_codec.loads(json_codec.dumps(value))
    for rows, index in sorted(removed, key=lambda one: -one[1]):
        del rows[index]
    return record
