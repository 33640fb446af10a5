"""The checkout that is tested, records of it with changes, and form definitions of one's own."""

from __future__ import annotations

import copy
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from xltool.rules.catalogue import Catalogue
from xltool.rules.loading import load_catalogue
from xltool.support import json_codec
from xltool.support.templates import Templates, using

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests/data"
NODE = ROOT / "tests/node"

#: Definitions of other families than the shipped ones: no scores, two levels of funds, blocks in another order.
FAMILIES = DATA / "families"
FAMILY_FORMS = ("dept-overall/1", "indicators-first/1", "transfer/1")


@contextmanager
def templates(*folders: Path) -> Iterator[None]:
    """Form definitions of one's own, for as long as the block lasts."""
    owner = _owner(folders) if all(folder.is_relative_to(DATA) for folder in folders) else Templates(folders)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XLTOOL_TEMPLATES", os.pathsep.join(map(str, folders)))
        with using(owner):
            yield


@cache
def _owner(folders: tuple[Path, ...]) -> Templates:
    """The owner of definitions that nobody changes: they are loaded once."""
    return Templates(folders)


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


def catalogue_with_rules(folder: Path, rules: str) -> Catalogue:
    """The rules of a form of one's own that extends the national one."""
    place = folder / "mine-2024/1"
    place.mkdir(parents=True)
    head = 'schema = "xltool.form/2"\nid = "mine-2024"\nversion = "1"\nextends = "mof-2020/1"\n'
    (place / "form.toml").write_text(head, "utf-8")
    (place / "rules.toml").write_text(rules, "utf-8")
    with templates(folder):
        return load_catalogue("mine-2024/1")
