"""``xltool issue``: one prefilled, sealed form per project of a roster, and the lists that go with them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from xltool.cli import keys, messages
from xltool.cli.form_option import form_option
from xltool.cli.progress import progress_bar
from xltool.form.loading import load_form
from xltool.form.references import full_reference
from xltool.intake import files
from xltool.support.errors import WrongUse
from xltool.support.escaping import escape_markup
from xltool.support.i18n import tr

if TYPE_CHECKING:
    from xltool.issuing.plan import IssuePlan

_PATH = click.Path(path_type=Path)

#: The most remarks per rule that are shown; the others are counted.
_MOST_REMARKS = 3


@click.command(
    help=tr(
        "按名册给每个项目签发一份自评表：批复的目标、指标和分值已填好并锁定。",
        "Issue one form for each project of a roster: approved goals, targets and weights are filled in and locked.",
    )
)
@click.argument("roster", metavar="ROSTER", type=_PATH, required=False)
@click.option("-o", "--output", type=_PATH, help=tr("写到这个文件夹，没有就新建", "the folder to write to"))
@form_option
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
    from xltool.services import issue_folder

    reference = full_reference(form_name)
    if new_roster is not None:
        _write_new_roster(new_roster, reference)
        return
    if roster is None:
        hint = tr("空白名册用 --new-roster 生成", "--new-roster writes an empty one")
        raise WrongUse(tr(f"缺少名册 ROSTER；{hint}", f"no ROSTER; {hint}"))
    if output is None and not dry_run:
        raise WrongUse(tr("缺少 -o 文件夹", "no folder: -o"))
    projects = messages.read_roster_reporting_unused(roster, reference)
    plan = issue_folder.plan_roster(projects, reference, spare, due.date() if due else None)
    if plan.unused_parts:
        listed = "、".join(plan.unused_parts)
        chinese = f"表样没有这些栏目，名册里写的没有用到：{listed}"
        click.echo(tr(chinese, f"the form does not ask for: {listed}"), err=True)
    _report_remarks(plan)
    if dry_run:
        _report(plan, None)
        return
    assert output is not None
    key = keys.read_key(key_file)
    issue_folder.write_issue(output, plan, key, progress_bar(tr("签发", "issuing")))
    _report(plan, output)
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


def _report_remarks(plan: IssuePlan) -> None:
    """Show what the bureau should look at: the first remarks of each rule, and the number of others."""
    counts: Counter[str] = Counter()
    for rule, remark in plan.remarks:
        counts[rule] += 1
        if counts[rule] <= _MOST_REMARKS:
            click.echo(escape_markup(f"{tr('请核对：', 'look at: ')}{remark}"), err=True)
    for rule, rest in (counts - Counter(dict.fromkeys(counts, _MOST_REMARKS))).items():
        click.echo(tr(f"{rule} 另有 {rest} 处", f"{rule}: {rest} more"), err=True)


def _report(plan: IssuePlan, folder: Path | None) -> None:
    from xltool.services.issue_folder import LIST, MAIL, MANIFEST

    number, form = len(plan.forms), plan.catalogue.form.name
    if folder is None:
        message = tr(
            f"名册没有错误：{number} 个项目，{form}；没有写文件", f"no fault: {number} projects; nothing written"
        )
    else:
        message = tr(
            f"已签发 {number} 份到 {folder}（{form}，签发号 {plan.issue}）；{MANIFEST}、{LIST}、{MAIL}",
            f"issued {number} forms to {folder} (issue {plan.issue}); {MANIFEST}, {LIST}, {MAIL}",
        )
    click.echo(message, err=True)
