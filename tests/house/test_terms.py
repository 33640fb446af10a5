"""The glossary, the limits in SECURITY and the pages of the rooms say what the code says."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import inspect
import pkgutil
import re
import tomllib
from pathlib import Path

import pytest
from project import ROOT

from xltool.workbook.limits import Limits

_ROWS = re.findall(
    r"^\| ([a-z ]+) \| (\S+) \| ([^|]+) \| `([\w.]+)` \|$", (ROOT / "docs/glossary.md").read_text("utf-8"), re.MULTILINE
)


@pytest.mark.parametrize(("english", "chinese", "meaning", "where"), _ROWS, ids=[row[0] for row in _ROWS])
def test_a_term_of_the_glossary_lives_where_it_says(english: str, chinese: str, meaning: str, where: str) -> None:
    module, _, name = where.rpartition(".")
    thing = getattr(importlib.import_module(module), name)
    written = thing.__doc__ or ""
    assert written.strip() and not written.startswith(f"{name}("), (
        f"{where} has no docstring"
    )  # as dataclasses make one


def test_a_term_of_the_glossary_stands_for_one_thing() -> None:
    for column in range(4):
        values = [row[column] for row in _ROWS]
        assert len(values) >= 30 and len(set(values)) == len(values)


_STEPS = re.findall(
    r"^\| \S+ \| `(xltool[\w.]+)` \| [^|]+ \| `(\w+)` \|$", (ROOT / "docs/why/flow.md").read_text("utf-8"), re.MULTILINE
)


def test_the_steps_of_the_flow_return_what_the_page_says() -> None:
    assert len(_STEPS) >= 12
    for where, returned in _STEPS:
        step = pkgutil.resolve_name(where)
        assert re.search(rf"\b{returned}\b", inspect.get_annotations(step)["return"]), where


def test_the_limits_in_security_are_those_of_the_code() -> None:
    units = {"": 1, "KiB": 1024, "MiB": 1024 * 1024, "秒": 1}
    rows = re.findall(
        r"^\| [^|]+ \| `(\w+)` \| (\d+) ?(\S*) \|$", (ROOT / "SECURITY.md").read_text("utf-8"), re.MULTILINE
    )
    written = {name: int(number) * units[unit] for name, number, unit in rows}
    assert written == dataclasses.asdict(Limits())


def test_the_rooms_in_contributing_stand_in_the_order_of_the_layers() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [layers] = (contract["layers"] for contract in contracts if contract["type"] == "layers")
    rooms = [layer for layer in reversed(layers) if (ROOT / "xltool" / layer).is_dir()]
    assert re.findall(r"^\| `(\w+)/` \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE) == rooms


_ROOMS = sorted(file.parent for file in (ROOT / "xltool").rglob("__init__.py") if file.parent != ROOT / "xltool")


@pytest.mark.parametrize("room", _ROOMS, ids=lambda room: str(room.relative_to(ROOT)))
def test_a_room_opens_with_a_page_about_it(room: Path) -> None:
    page = ast.get_docstring(ast.parse((room / "__init__.py").read_text("utf-8"))) or ""
    headings = ("In:", "Out:", "Concepts:", "To add:")
    assert [heading for heading in headings if not re.search(rf"^{heading}", page, re.MULTILINE)] == []
    assert 8 <= len(page.splitlines()) <= 30
    parts = re.split(rf"^(?:{'|'.join(headings)})", page, flags=re.MULTILINE)
    assert all(part.strip() for part in parts)
    named = set(re.findall(r"``([\w/.]+(?:\.\w+|/))``", page))
    known = {name for name in named for base in (room, ROOT) if (base / name).exists()}
    assert named - known - {file.name for file in (ROOT / "templates").rglob("*.toml")} == set()
