"""What CONTRIBUTING tells those who add a rule is so: its own example, added to a copy, generates and is tried."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from project import ROOT


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository with the example rule of CONTRIBUTING added."""
    copy = tmp_path_factory.mktemp("contributing") / "repository"
    for folder in ("xltool", "templates", "tests", "docs", "schema", "examples"):
        shutil.copytree(ROOT / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for file in ("pyproject.toml", "README.md", "README.en.md", "CHANGELOG.md"):
        shutil.copy(ROOT / file, copy)
    [example] = re.findall(r"^```toml\n(\[Z01\]\n.*?)^```", _guide(), re.MULTILINE | re.DOTALL)
    with (copy / "templates/mof-2020/1/rules.toml").open("a", encoding="utf-8") as rules:
        rules.write(f"\n{example}")
    return copy


def _guide() -> str:
    return (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def _done(repository: Path, *arguments: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(repository), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("XLTOOL_LANG", None)
    done = subprocess.run([sys.executable, *arguments], cwd=repository, env=environment, capture_output=True)
    told = done.stdout.decode("utf-8") + done.stderr.decode("utf-8")
    assert done.returncode == 0, told[-3000:]
    return told


def test_the_example_rule_is_in_everything_that_is_generated(repository: Path) -> None:
    written = _done(repository, "tests/helpers/generated.py").split()
    assert {"docs/rules.md", "examples/form1.xlsx", "examples/form2.xlsx"} <= set(written)
    assert "### Z01 年度指标值必填" in (repository / "docs/rules.md").read_text("utf-8")
    assert _done(repository, "tests/helpers/generated.py") == ""  # once generated, nothing is stale


def test_the_example_rule_is_described_and_its_examples_are_tried(repository: Path) -> None:
    assert "没有填写年度指标值" in _done(repository, "-m", "xltool", "rules", "Z01")
    told = _done(
        repository, "-m", "pytest", "-q", "-n", "0", "tests/rules/test_rules.py", "-k", "Z01 or every_evaluated"
    )
    assert re.search(r"\b4 passed", told), told


def test_a_mistake_in_the_example_rule_is_told_with_its_place(repository: Path) -> None:
    rules = repository / "templates/mof-2020/1/rules.toml"
    right = rules.read_text("utf-8")
    rules.write_text(right.replace('must = "filled(target)"              #', 'must = "filled(targett)"  #'), "utf-8")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "xltool", "rules", "Z01"],
            cwd=repository, env={**os.environ, "PYTHONPATH": str(repository)}, capture_output=True,
        )  # fmt: skip
    finally:
        rules.write_text(right, "utf-8")
    told = done.stderr.decode("utf-8").strip()
    assert done.returncode == 2 and "不认识的名字 targett" in told
    shown = re.findall(r"^ *xltool: .*targett.*$", _guide(), re.MULTILINE)
    assert [one.strip() for one in shown] == [told]
