"""Imports go one way, and every library is used in the rooms that are meant to; the contracts are in ``pyproject.toml``."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib

from importlinter.cli import lint_imports
from project import ROOT


def test_every_import_keeps_to_the_contracts() -> None:
    """The reasons of a failure are on its standard output."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_every_room_has_its_layer() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    layers = next(one["layers"] for one in contracts if one["type"] == "layers")
    rooms = {one.parent.name for one in (ROOT / "xltool").glob("*/__init__.py")}
    assert set(layers) == rooms | {"api"}


def test_every_room_says_what_it_is_for() -> None:
    for file in (ROOT / "xltool").rglob("*.py"):
        assert ast.get_docstring(ast.parse(file.read_text("utf-8"))), file


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    code = "import sys, xltool.cli; print([m for m in ('openpyxl', 'xlsxwriter', 'jsonschema', 'rich', 'pyarrow') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
