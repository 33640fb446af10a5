"""Addresses of cells stand in the layouts and nowhere else, and so do the namespaces of XML in their one file."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from project import ROOT

_ADDRESS = re.compile(r"(?<![\w#.-])\$?[A-Z]{1,3}\$?[1-9][0-9]{0,6}(?![\w.-])")

#: The layouts: of the form's sheet and of the sheets beside it.
_LAYOUTS = {"form/layout.py", "form/own_sheets.py"}

#: What looks like an address and is none: sizes of paper, beside the numbers of rules.
_PAPER = {"A3", "A4"}


def _texts(file: Path) -> Iterator[str]:
    """The texts of a module, without its docstrings."""
    tree = ast.parse(file.read_text("utf-8"))
    described = (node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef))
    docstrings = {id(node.body[0].value) for node in described if node.body and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def _modules() -> Iterator[tuple[str, Path]]:
    for file in sorted((ROOT / "xltool").rglob("*.py")):
        yield file.relative_to(ROOT / "xltool").as_posix(), file


def test_literal_addresses_stand_in_the_layouts_only() -> None:
    rules = {key for file in (ROOT / "templates").rglob("*.toml") for key in tomllib.loads(file.read_text("utf-8"))}
    found = {name: [one for text in _texts(file) for one in _ADDRESS.findall(text)] for name, file in _modules()}
    assert all(found[name] for name in _LAYOUTS - {"form/layout.py"}), "what is looked for is found where it stands"
    strange = {name: set(one) - rules - _PAPER for name, one in found.items() if name not in _LAYOUTS}
    assert not {name: one for name, one in strange.items() if one}


def test_namespaces_of_xml_stand_in_one_file() -> None:
    found = {name for name, file in _modules() for text in _texts(file) if re.match(r"urn:|http://", text)}
    assert found == {"workbook/namespaces.py"}
