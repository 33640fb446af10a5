"""Imports go one way, and every library is used in the rooms that are meant to; the contracts are in ``pyproject.toml``."""

from __future__ import annotations

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from importlinter.cli import lint_imports
from project import ROOT


def test_every_import_keeps_to_the_contracts() -> None:
    """The reasons of a failure are on its standard output."""
    assert lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True) == 0


def test_two_files_that_need_each_other_only_for_types_are_a_circle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    (contract,) = (one for one in contracts if one["type"] == "acyclic_siblings")
    assert set(contract["ancestors"]) == {"xltool", "xltool.**"}
    room = tmp_path / "house_of_two"
    room.mkdir()
    (room / "__init__.py").write_text("")
    (room / "first.py").write_text("from house_of_two import second\n")
    (room / "second.py").write_text(
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from house_of_two import first\n"
    )
    settings = tmp_path / "settings.toml"
    settings.write_text(
        '[tool.importlinter]\nroot_package = "house_of_two"\n[[tool.importlinter.contracts]]\n'
        'name = "none"\ntype = "acyclic_siblings"\nancestors = ["house_of_two"]\n'
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert lint_imports(config_filename=str(settings), no_cache=True) == 1
    assert "No cycles are allowed in house_of_two" in capsys.readouterr().out


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
