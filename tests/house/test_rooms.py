"""Imports go one way, and spreadsheets are touched in one room for reading and one for writing."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from project import ROOT

#: The flow of data: a room may import from those before it, and from itself.
ORDER = ["support", "language", "workbook", "roster", "result", "form", "rules", "recognition", "reading", "integrity",
         "write", "tables", "issuing", "ledger", "report", "export", "intake", "services", "cli"]  # fmt: skip
#: What came is read and what goes out is written in rooms that know nothing of each other; so are lists and reports.
_READERS, _WRITERS = ("recognition", "reading", "integrity"), ("write", "tables")
APART = {
    *((one, other) for one in _WRITERS for other in _READERS),
    *((one, other) for one in ("report", "export", "ledger") for other in (*_READERS, *_WRITERS)),
    ("report", "ledger"),
    ("export", "ledger"),
    ("export", "report"),
}


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


FILES = sorted((ROOT / "xltool").rglob("*.py"))


def _room(file: Path) -> str:
    parts = file.relative_to(ROOT / "xltool").with_suffix("").parts
    return parts[0]


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_room_imports_only_from_rooms_before_it(file: Path) -> None:
    room = _room(file)
    if room in ("__init__", "__main__", "jsons"):
        return
    for name in _imports(file):
        package, _, rest = name.partition(".")
        other = rest.partition(".")[0]
        if package != "xltool" or other in ("__version__", "", room):
            continue
        assert ORDER.index(other) < ORDER.index(room), f"{room} imports {name}"
        assert (room, other) not in APART, f"{room} imports {name}"


@pytest.mark.parametrize(
    ("library", "room"),
    [
        ("python_calamine", "workbook"),
        ("xlsxwriter", "write tables"),
        ("click", "cli services"),
        ("rich", "report cli services"),
        ("pyarrow", "export"),
    ],
)
def test_a_library_is_imported_in_its_room_only(library: str, room: str) -> None:
    importers = {_room(file) for file in FILES for name in _imports(file) if name.partition(".")[0] == library}
    assert importers and importers <= set(room.split())


def test_what_a_unit_sends_never_meets_openpyxl() -> None:
    """It has no limits; in the tests it is the reference that our reader is compared with."""
    importers = {_room(file) for file in FILES for name in _imports(file) if name.partition(".")[0] == "openpyxl"}
    assert importers <= {"roster"}


def test_every_room_says_what_it_is_for() -> None:
    for file in FILES:
        assert ast.get_docstring(ast.parse(file.read_text("utf-8"))), file


def test_the_command_line_starts_without_the_heavy_libraries() -> None:
    import subprocess
    import sys

    code = "import sys, xltool.cli; print([m for m in ('openpyxl', 'xlsxwriter', 'jsonschema', 'rich', 'pyarrow') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )
