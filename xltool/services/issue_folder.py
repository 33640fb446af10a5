"""From a roster to a folder with the forms of an issue and their lists."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from xltool.form.definition import Form
from xltool.form.roster import has_place
from xltool.form.seals import Seal
from xltool.intake import files
from xltool.issuing.plan import IssuePlan, PlannedForm, plan_issue
from xltool.roster.model import ApprovedIndicator, Roster
from xltool.services.issue import IssuedForm, issue_forms
from xltool.services.progress import Tracker, untracked
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.escaping import csv_text, file_stem
from xltool.support.i18n import tr
from xltool.support.own_tables import ISSUED
from xltool.tables.listing import list_workbook

#: The lists beside the forms: for programs, for people, for mailing.
MANIFEST, LIST, MAIL = "manifest.jsonl", "签发清单.xlsx", "邮件合并.csv"

#: Of a name's text, so many bytes stay: Windows counts 260 letters for a whole path.
_LONGEST_NAME, _LONGEST_FOLDER = 90, 60


def plan_roster(roster: Roster, reference: str, spare: int = 0, due: date | None = None) -> IssuePlan:
    """The plan of a roster's issue.

    Args:
        roster: the projects, with what was approved.
        reference: the form, such as ``mof-2020/1``.
        spare: how many rows a unit may add to each second-level indicator.
        due: the deadline of the projects that have none.

    Raises:
        WrongUse: a roster that cannot be issued.
    """
    if due is not None:
        dated = [one if one.deadline else replace(one, deadline=due) for one in roster.projects]
        roster = replace(roster, projects=tuple(dated))
    return plan_issue(roster, reference, spare)


def refuse_foreign_folder(folder: Path, plan: IssuePlan) -> None:
    """Refuse a folder that holds anything but this very issue.

    Raises:
        WrongUse: it does.
    """
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return
    try:
        first = (folder / MANIFEST).read_text(encoding="utf-8").partition("\n")[0]
        if json_codec.loads(first)["issue"] == plan.issue:
            return
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise WrongUse(
        tr(
            f"{folder} 不是空文件夹，也不是这一次的签发；请另选一个文件夹",
            f"{folder} is neither empty nor of this issue; choose another folder",
        )
    )


def write_issue(folder: Path, plan: IssuePlan, key: bytes | None = None, track: Tracker = untracked) -> None:
    """Write the forms of an issue and its lists.

    Args:
        folder: made if it is not there.
        plan: the issue.
        key: of the bureau, if it has one.
        track: sees the forms pass as they are made.

    Raises:
        WrongUse: the folder holds something else, or something cannot be written.
    """
    refuse_foreign_folder(folder, plan)
    files.make_folder(folder)
    listed = [_write_form(folder, one, plan.catalogue.form) for one in track(issue_forms(plan, key), len(plan.forms))]
    listed.sort(key=lambda one: one.seal.number)  # they come by their sizes
    rows = [one.row() for one in listed]
    files.write_file(folder / LIST, list_workbook("签发清单", list(ISSUED), list(ISSUED.values()), rows))
    files.write_file(folder / MAIL, csv_text([list(ISSUED), *rows]).encode("utf-8"))
    files.write_file(folder / MANIFEST, _manifest(plan, listed).encode("utf-8"))


@dataclass(frozen=True)
class _IssueLine:
    """A form that was written: its line in the lists."""

    planned: PlannedForm
    seal: Seal
    file: str
    sha256: str

    def row(self) -> list[str | int]:
        """As people read it."""
        one = self.planned.project
        due = one.deadline.isoformat() if one.deadline else ""
        about = (one.year, one.code, one.name, one.department, one.unit, due, one.contact, one.phone, one.email)
        return [self.seal.code, *about, self.file]

    def as_json(self, money_unit: str) -> dict[str, Any]:
        """As programs read it; a manifest serves as a roster.

        Args:
            money_unit: the form's money unit, if the roster does not state one.
        """
        one, seal = self.planned.project, self.seal
        names = {key: getattr(one, key) or None for key in ("name", "code", "department", "unit")}
        return {
            "issue": seal.issue, "number": seal.number, "code": seal.code, "file": self.file, "sha256": self.sha256,
            "digest": seal.digest, "year": one.year, "project": names,
            "deadline": one.deadline.isoformat() if one.deadline else None,
            "money_unit": one.money_unit or money_unit,
            "goal": one.goal or None,
            "indicators": [_indicator(row) for row in one.indicators],
            "funds": [{"source": source, "initial_budget": amount} for source, amount in one.funds.items()],
            "contact": one.contact or None, "phone": one.phone or None, "email": one.email or None,
        }  # fmt: skip


def _indicator(row: ApprovedIndicator) -> dict[str, Any]:
    keys = ("level1", "level2", "level3", "operator", "target", "measure", "weight")
    return {key: value for key in keys if (value := getattr(row, key)) not in ("", None)}


def _write_form(folder: Path, one: IssuedForm, form: Form) -> _IssueLine:
    file = _file(one, form)
    files.make_folder((folder / file).parent)
    files.write_file(folder / file, one.content)
    return _IssueLine(one.planned, one.seal, file, hashlib.sha256(one.content).hexdigest())


def _file(one: IssuedForm, form: Form) -> str:
    """The path of a form: sorts by number, and is valid on Windows; without departments there are no folders."""
    project = one.planned.project
    code = f"-{project.code}" if project.code else ""
    stem = file_stem(f"{one.seal.number:04d}{code}-{project.name}", _LONGEST_NAME)
    if not (project.department or has_place(form, "department")):
        return f"{stem}.xlsx"
    return f"{file_stem(project.department, _LONGEST_FOLDER) or '未填主管部门'}/{stem}.xlsx"


def _manifest(plan: IssuePlan, listed: Sequence[_IssueLine]) -> str:
    form = plan.catalogue.form
    named = {"id": form.id, "version": form.version}
    return json_codec.dump_lines({**one.as_json(form.money_unit), "form": named} for one in listed)
