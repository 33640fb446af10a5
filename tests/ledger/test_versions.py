"""A ledger of 0.3 is upgraded in one transaction, and a copy of it is kept."""

from __future__ import annotations

import lzma
import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from commands import run
from project import DATA

from xltool.ledger import versions
from xltool.ledger.store import Ledger
from xltool.ledger.versions import copy_of_older

OLD = lzma.decompress((DATA / "older/ledger-0.3.1.sqlite.xz").read_bytes())


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A ledger that 0.3.1 wrote: two projects, one of them in its second round."""
    file = tmp_path / "台账.sqlite"
    file.write_bytes(OLD)
    return file


def _rows(file: Path, query: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(file)) as db:
        return db.execute(query).fetchall()


def test_an_older_ledger_goes_on_and_its_copy_is_as_it_was(file: Path) -> None:
    shown = run("ledger", "status", file, "--as-of", "2026-03-10")
    assert shown.returncode == 0 and "2 个项目：核对通过 1，待核对 0，退回 1" in shown.output
    assert _rows(file, "PRAGMA user_version") == [(2,)]
    names = _rows(file, "SELECT id, year, subject FROM submission ORDER BY id")
    assert names == [
        (1, 2020, "合作交流工作业务费"),
        (2, 2020, "合作交流专项工作经费"),
        (3, 2020, "合作交流工作业务费"),
    ]
    copy = copy_of_older(file)
    assert _rows(copy, "PRAGMA user_version") == [(1,)]
    with closing(sqlite3.connect(":memory:")) as before, closing(sqlite3.connect(copy)) as kept:
        before.deserialize(OLD)
        assert list(kept.iterdump()) == list(before.iterdump())


def test_a_ledger_is_upgraded_once(file: Path) -> None:
    with Ledger(file) as ledger:
        ledger.begin(date(2026, 4, 1))
    copy = copy_of_older(file)
    kept = copy.read_bytes()
    after = file.read_bytes()
    with Ledger(file):
        pass
    assert (copy.read_bytes(), file.read_bytes()) == (kept, after)


def test_nothing_is_changed_where_an_upgrade_fails(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = (*versions.NAMES, "ALTER TABLE nothing ADD COLUMN x")
    monkeypatch.setattr(versions, "NAMES", statements)
    with pytest.raises(Exception, match="nothing"):
        Ledger(file)
    assert file.read_bytes() == OLD
    monkeypatch.undo()
    with Ledger(file):
        assert _rows(file, "PRAGMA user_version") == [(2,)]


def test_a_new_ledger_has_the_tables_of_an_upgraded_one(file: Path, tmp_path: Path) -> None:
    new = tmp_path / "新.sqlite"
    with Ledger(file), Ledger(new):
        columns = "SELECT name, type FROM pragma_table_info('submission') ORDER BY name"
        assert _rows(file, columns) == _rows(new, columns)
        tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name"
        assert _rows(file, tables) == _rows(new, tables)
    assert not copy_of_older(new).exists()
