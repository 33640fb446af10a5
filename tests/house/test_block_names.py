"""No code names a block, a family of forms, or a form: a new one is a definition, and rooms ask by role."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from project import FAMILIES, ROOT

from xltool.support import resources

#: Literals that are spelt like a block and are something else, by file.
ALLOWED = {
    "result/roles.py": {"funds", "goal", "indicators", "signatures"},  # roles, and a kind of block
    "form/block_loading.py": {"signatures"},  # a kind of block
    "form/blocks.py": {"total"},  # how a block looks
    "form/printed_labels.py": {"total"},  # how a label looks
    "recognition/agreement.py": {"total"},
    "write/style.py": {"total"},
    "roster/columns.py": {"funds.", "goal"},  # columns of a roster and of a manifest
    "roster/json_rows.py": {"funds", "goal", "indicators"},
    "form/roster.py": {"goal"},
    "tables/roster_columns.py": {"goal", "between"},  # a comparison of a spreadsheet
    "workbook/ooxml/sheet_metadata.py": {"between"},
    "issuing/plan.py": {"goal"},
    "services/issue_folder.py": {"funds", "goal", "indicators"},
    "export/flat.py": {"funds", "indicators"},  # files of an export
    "report/text.py": {"total"},  # a heading in English
    "integrity/content_changes.py": {"notes"},  # comments, in English
}

#: Converts what had these names in the first schema.
CONVERTER = "form/older_definitions.py"


def _names() -> set[str]:
    """The blocks of our forms and of those in the tests, and the ids of the forms."""
    names = {reference.partition("/")[0] for reference in resources.definitions()}
    for file in (*(ROOT / "templates").glob("*/*/form.toml"), *FAMILIES.glob("*/*/form.toml")):
        names |= resources.read_toml(file).get("block", {}).keys()
    return names - {"list"}


def _literals(file: Path) -> Iterator[tuple[int, str]]:
    """The texts in a file that are no docstrings, with their lines."""
    tree = ast.parse(file.read_text("utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            yield node.lineno, node.value


def _found() -> Iterator[tuple[str, int, str]]:
    names = _names()
    for file in (ROOT / "xltool").rglob("*.py"):
        where = file.relative_to(ROOT / "xltool").as_posix()
        for line, text in _literals(file):
            if text.split(".")[0] in names and where != CONVERTER:
                yield where, line, text


def test_no_code_names_a_block_or_a_form() -> None:
    assert [one for one in _found() if one[2] not in ALLOWED.get(one[0], ())] == []


def test_every_exception_is_needed() -> None:
    used = {(where, text) for where, _, text in _found()}
    assert [(where, text) for where, texts in ALLOWED.items() for text in texts if (where, text) not in used] == []
