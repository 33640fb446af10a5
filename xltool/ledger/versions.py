"""The versions of a ledger's file: a new one is made, an older one is upgraded, a newer one is left alone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from xltool.ledger.statements import CHOICE, NAMES, SCHEMA
from xltool.result.record import Record
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.i18n import tr
from xltool.support.own_tables import LEDGER_MARK

#: Marks the file as ours ("xltl"), and the version of its tables.
#: Version 2 (0.4) stores the names on each form by role, wherever the form has them; 1 was that of 0.3.
_APPLICATION, _VERSION = LEDGER_MARK, 2


def prepare_ledger(db: sqlite3.Connection, file: Path | None) -> None:
    """Make the tables of a new ledger, or upgrade those of an older one after keeping a copy of its file.

    Args:
        db: the database, in a transaction, which upgrades all or nothing.
        file: its file; None for a ledger in memory.

    Raises:
        WrongUse: it is no ledger, or one of a newer version.
    """
    application = db.execute("PRAGMA application_id").fetchone()[0]
    version = db.execute("PRAGMA user_version").fetchone()[0]
    if application == 0 and version == 0 and not db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        for statement in SCHEMA.split(";\n"):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {_APPLICATION}")
    elif application != _APPLICATION:
        raise WrongUse(tr(f"{file} 不是 xltool 的台账", f"{file} is no ledger of xltool"))
    elif version == 1:
        if file is not None:
            _keep_copy(file)
        _upgrade_names(db)
    elif version != _VERSION:
        chinese = f"台账 {file} 是版本 {version} 的，本程序只认版本 1 到 {_VERSION}；请用较新的 xltool"
        raise WrongUse(tr(chinese, f"ledger version {version}; this program knows 1 to {_VERSION}"))
    db.execute(CHOICE)
    if version != _VERSION:
        db.execute(f"PRAGMA user_version = {_VERSION}")


def copy_of_older(file: Path) -> Path:
    """Where the copy of a ledger before its upgrade is kept."""
    return file.with_name(f"{file.name}.v1")


def _keep_copy(file: Path) -> None:
    """Copy a ledger as it is; a copy that is there already, of an upgrade that was not completed, is replaced."""
    copy = copy_of_older(file)
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _upgrade_names(db: sqlite3.Connection) -> None:
    """Store the year and the subject that each form names, as its definition says where they are."""
    for statement in NAMES:
        db.execute(statement)
    for number, text in db.execute("SELECT id, result FROM submission").fetchall():
        record = json_codec.loads(text)["record"]
        if record is not None:
            names = Record.from_json(record).project
            db.execute("UPDATE submission SET year = ?, subject = ? WHERE id = ?", (names.year, names.name, number))
