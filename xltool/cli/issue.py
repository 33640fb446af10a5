"""``xltool issue``: one prefilled, sealed form for each project of a roster, and the lists that go with them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from xltool.cli import keys
from xltool.form.definition import load_form, reference_of
from xltool.intake import files
from xltool.services import ingest
from xltool.support import json_codec
from xltool.support.errors import WrongUse
from xltool.support.escaping import csv_text, file_stem
from xltool.support.i18n import tr
from xltool.support.own_tables import ISSUED

if TYPE_CHECKING:
    from xltool.issuing.plan import IssuePlan
    from xltool.roster.model import ApprovedIndicator
    from xltool.services.issue import IssuedForm

_PATH = click.Path(path_type=Path)

#: The lists beside the forms: for programs, for people, for mailing.
MANIFEST, LIST, MAIL = "manifest.jsonl", "签发清单.xlsx", "邮件合并.csv"

#: Of a name's text, so many bytes stay: Windows counts 260 letters for a whole path.
_LONGEST_NAME, _LONGEST_FOLDER = 90, 60

#: Of each rule so many remarks are told, further ones counted.
_MOST_REMARKS = 3


@click.command(
    help=tr(
        "按名册给每个项目签发一份自评表：批复的目标、指标和分值已填好并锁定。",
        "Issue one form for each project of a roster: approved goals, targets and weights are filled in and locked.",
    )
)
@click.argument("roster", metavar="ROSTER", type=_PATH, required=False)
@click.option("-o", "--output", type=_PATH, help=tr("写到这个文件夹，没有就新建", "the folder to write to"))
@click.option(
    "--form", "form_name", default="mof-2020", show_default=True, help=tr("表样（见 xltool forms）", "the form")
)
@click.option(
    "--spare", type=click.IntRange(0, 20), default=0, show_default=True,
    help=tr("每个二级指标多留几行，供单位自己增加指标", "rows a unit may add to each second-level indicator"),
)  # fmt: skip
@click.option(
    "--due", type=click.DateTime(["%Y-%m-%d"]), metavar="YYYY-MM-DD",
    help=tr("截止日期，名册里没有写的项目用它", "deadline of the projects whose roster line has none"),
)  # fmt: skip
@keys.option
@click.option("--dry-run", is_flag=True, help=tr("只检查名册，不写文件", "only check the roster"))
@click.option("--new-roster", type=_PATH, metavar="FILE.xlsx", help=tr("生成一份空白名册", "write an empty roster"))
def command(
    roster: Path | None,
    output: Path | None,
    form_name: str,
    spare: int,
    due: datetime | None,
    key_file: Path | None,
    dry_run: bool,
    new_roster: Path | None,
) -> None:
    """Issue the forms of a roster."""
    reference = reference_of(form_name)
    if new_roster is not None:
        _write_new_roster(new_roster, reference)
        return
    if roster is None:
        hint = tr("空白名册用 --new-roster 生成", "--new-roster writes an empty one")
        raise WrongUse(tr(f"缺少名册 ROSTER；{hint}", f"no ROSTER; {hint}"))
    if output is None and not dry_run:
        raise WrongUse(tr("缺少 -o 文件夹", "no folder: -o"))
    plan = _plan(roster, reference, spare, due)
    if plan.unused:
        listed = "、".join(plan.unused)
        told = f"表样没有这些栏目，名册里写的没有用到：{listed}"
        click.echo(tr(told, f"the form does not ask for: {listed}"), err=True)
    _tell_remarks(plan)
    if dry_run:
        _tell(plan, None)
        return
    assert output is not None
    key = keys.read_key(key_file)
    _refuse_foreign(output, plan)
    _write(output, plan, key)
    _tell(plan, output)
    if key is None:
        click.echo(
            tr(
                "没有密钥：收表时能看出改动，但不能证明表由本单位签发（见 --key-file）",
                "no key: changes will be told, but nothing proves who issued the forms (see --key-file)",
            ),
            err=True,
        )


def _write_new_roster(target: Path, reference: str) -> None:
    from xltool.tables.new_roster import new_roster

    files.refuse_ending(target, "--new-roster", ".xlsx")
    if target.exists():  # it may be somebody's filled roster
        raise WrongUse(tr(f"{target} 已经存在", f"{target} exists"))
    files.write_file(target, new_roster(load_form(reference)))
    click.echo(tr(f"已生成空白名册 {target}", f"wrote the empty roster {target}"), err=True)


def _plan(roster: Path, reference: str, spare: int, due: datetime | None) -> IssuePlan:
    from xltool.issuing.plan import plan_issue

    listed = ingest.read_roster_file(roster)
    if due is not None:
        dated = [one if one.deadline else replace(one, deadline=due.date()) for one in listed.projects]
        listed = replace(listed, projects=tuple(dated))
    return plan_issue(listed, reference, spare)


def _refuse_foreign(folder: Path, plan: IssuePlan) -> None:
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


@dataclass(frozen=True)
class _Written:
    """A form that was written: its line in the lists."""

    made: IssuedForm
    file: str
    sha256: str

    def row(self) -> list[str | int]:
        """As people read it."""
        one = self.made.planned.project
        due = one.deadline.isoformat() if one.deadline else ""
        about = (one.year, one.code, one.name, one.department, one.unit, due, one.contact, one.phone, one.email)
        return [self.made.seal.code, *about, self.file]

    def entry(self, money_unit: str) -> dict[str, Any]:
        """As programs read it; a manifest serves as a roster.

        Args:
            money_unit: of the form, where the roster did not say its own.
        """
        one, seal = self.made.planned.project, self.made.seal
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


def _write(folder: Path, plan: IssuePlan, key: bytes | None) -> None:
    import hashlib

    from rich.console import Console
    from rich.progress import track

    from xltool.services.issue import issue_forms
    from xltool.tables.listing import list_workbook

    files.make_folder(folder)
    console = Console(stderr=True)
    forms = issue_forms(plan, key)
    shown = track(forms, tr("签发", "issuing"), len(plan.forms), console=console, transient=True,
                  disable=not console.is_terminal)  # fmt: skip
    written = []
    for one in shown:
        file = _file(one)
        files.make_folder((folder / file).parent)
        files.write_file(folder / file, one.content)
        written.append(_Written(replace(one, content=b""), file, hashlib.sha256(one.content).hexdigest()))
    written.sort(key=lambda one: one.made.planned.number)  # they come by their sizes
    rows = [one.row() for one in written]
    files.write_file(folder / LIST, list_workbook("签发清单", list(ISSUED), list(ISSUED.values()), rows))
    files.write_file(folder / MAIL, csv_text([list(ISSUED), *rows]).encode("utf-8"))
    reference = plan.catalogue.form
    form = {"id": reference.id, "version": reference.version}
    lines = [{**one.entry(reference.money_unit), "form": form} for one in written]
    files.write_file(folder / MANIFEST, json_codec.dump_lines(lines).encode("utf-8"))


def _file(one: IssuedForm) -> str:
    """Where a form is written: sorted by number, safe on Windows."""
    project = one.planned.project
    folder = file_stem(project.department, _LONGEST_FOLDER) or "未填主管部门"
    code = f"-{project.code}" if project.code else ""
    stem = file_stem(f"{one.seal.number:04d}{code}-{project.name}", _LONGEST_NAME)
    return f"{folder}/{stem}.xlsx"


def _tell_remarks(plan: IssuePlan) -> None:
    """What the bureau should look at: of each rule the first few, the others counted."""
    from xltool.report.text import escape_markup

    told: Counter[str] = Counter()
    for rule, remark in plan.remarks:
        told[rule] += 1
        if told[rule] <= _MOST_REMARKS:
            click.echo(escape_markup(f"{tr('请核对：', 'look at: ')}{remark}"), err=True)
    for rule, rest in (told - Counter(dict.fromkeys(told, _MOST_REMARKS))).items():
        click.echo(tr(f"{rule} 另有 {rest} 处", f"{rule}: {rest} more"), err=True)


def _tell(plan: IssuePlan, folder: Path | None) -> None:
    number, form = len(plan.forms), plan.catalogue.form.name
    if folder is None:
        told = tr(f"名册没有错误：{number} 个项目，{form}；没有写文件", f"no fault: {number} projects; nothing written")
    else:
        told = tr(
            f"已签发 {number} 份到 {folder}（{form}，签发号 {plan.issue}）；{MANIFEST}、{LIST}、{MAIL}",
            f"issued {number} forms to {folder} (issue {plan.issue}); {MANIFEST}, {LIST}, {MAIL}",
        )
    click.echo(told, err=True)
