"""The records that the tests start from."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from contract import fill, results_of_workbook
from pace import load_pace
from project import ROOT, with_changes

from xltool.support import json_codec


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what ``make check`` or ``make test`` leaves to another command."""
    marks = load_pace().marks([item.nodeid for item in items])
    for item, listed in zip(items, marks, strict=True):
        if mark := listed or ("thorough" if item.get_closest_marker("libreoffice") else ""):
            item.add_marker(mark)


@pytest.fixture(scope="module", autouse=True)
def read_before(request: pytest.FixtureRequest) -> None:
    """Read a form of the usual layouts before any command does: its workers inherit what that loads and learns.

    Each of them would take a second or two for it, and there are hundreds of them. Again for each module, since the
    forms of others push it out.
    """
    runners = {"commands", "click.testing"}
    if not any(runners & {getattr(one, "__module__", ""), getattr(one, "__name__", "")} for one in _globals(request)):
        return
    record = json_codec.loads((ROOT / "templates/mof-2020/1/example.json").read_bytes())
    for content in (fill(record).content, (ROOT / "examples/form1.xlsx").read_bytes()):
        results_of_workbook(content, "x.xlsx")


def _globals(request: pytest.FixtureRequest) -> list[Any]:
    """The functions, classes and modules that a module of tests knows by name."""
    return [one for one in vars(request.module).values() if callable(one) or isinstance(one, ModuleType)]


@pytest.fixture
def clean() -> dict[str, Any]:
    """A record in which no rule finds anything."""
    return json_codec.loads((ROOT / "templates/mof-2020/1/example.json").read_bytes())


@pytest.fixture(params=["form1", "form2"])
def seed(request: pytest.FixtureRequest) -> dict[str, Any]:
    return json_codec.loads((ROOT / f"examples/{request.param}.json").read_bytes())


@pytest.fixture
def changed(clean: dict[str, Any]) -> Callable[[dict[str, Any]], dict[str, Any]]:
    """The clean record with changes by path: ``indicators.0.score``; a row set to "" is removed."""

    def change(changes: dict[str, Any]) -> dict[str, Any]:
        return with_changes(clean, changes)

    return change
