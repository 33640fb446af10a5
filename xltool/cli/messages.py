"""Messages on stderr about what services leave out, or find in addition to the results."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from xltool.intake import records
from xltool.result.findings import Finding
from xltool.roster.model import Roster
from xltool.rules.loading import definition_faults
from xltool.services.returns import LIST, WrittenReturns
from xltool.support.escaping import escape_markup
from xltool.support.i18n import tr

#: The most names that are shown: of columns and files, and of projects.
_MOST_NAMES, _MOST_PROJECTS = 20, 10

#: The most findings of one rule that are shown.
_MOST_FINDINGS = 20

#: Why a workbook was not written.
_FAILURES = {"memory": ("所需的内存过多", "too much memory"), "slow": ("超过时限", "too much time")}


def say(chinese: str, english: str) -> None:
    """Print one line on stderr; control characters in it are escaped."""
    click.echo(escape_markup(tr(chinese, english)), err=True)


def report_broken_definitions() -> None:
    """Report each of the operator's form definitions that cannot be used, with file and place."""
    for reference, error in definition_faults().items():
        chinese = f"xltool: 表样 {reference} 的定义有错，没有使用，其他表样照常：{error}"
        click.echo(tr(chinese, f"xltool: form {reference} is broken and not used; others are: {error}"), err=True)


def read_roster_reporting_unused(file: Path, form: str = "") -> Roster:
    """Read a roster, and report the columns that are not used.

    Args:
        file: the roster.
        form: the form that it is used for, such as ``mof-2020/1``; "" for any.

    Raises:
        WrongUse: the file is missing or faulty.
    """
    roster = records.read_roster_file(file, form)
    if unread := [head for head in roster.unused_headings if head != "序号"]:
        names = _some(unread, _MOST_NAMES)
        say(f"名册 {file} 里没有用到的列：{names}", f"columns of {file} not used: {names}")
    return roster


def report_left_out(own: Sequence[str], byproducts: Sequence[str]) -> None:
    """Report files that are not submissions: our own lists and workbooks, and by-products of programs and systems."""
    if own:
        names = _some(own, _MOST_NAMES)
        chinese = f"另有 {len(own)} 个文件是本工具写的清单、汇总表、名册、结果等，不是自评表，没有核对：{names}"
        say(chinese, f"{len(own)} files are lists and books of our own: {names}")
    if byproducts:
        chinese = f"另有 {len(byproducts)} 个系统或程序留下的文件（~$、Thumbs.db 等），没有读取"
        say(chinese, f"{len(byproducts)} files that programs and systems left were not read")


def report_findings(findings: Sequence[Finding]) -> None:
    """Report the findings about no single workbook; of many findings of one rule only the first ones."""
    counts: dict[str, int] = {}
    for finding in findings:
        counts[finding.rule] = counts.get(finding.rule, 0) + 1
        if counts[finding.rule] <= _MOST_FINDINGS:
            say(f"{finding.rule} {finding.message}；{finding.fix}", f"{finding.rule} {finding.message}; {finding.fix}")
    for rule, count in counts.items():
        if count > _MOST_FINDINGS:
            rest = count - _MOST_FINDINGS
            say(f"{rule} 另有 {rest} 条", f"{rule}: {rest} more")


def report_returns(folder: Path, written: WrittenReturns) -> None:
    """Report what was written to the folder of returns, what failed, and what only the bureau can mend."""
    for failed in written.failed:
        chinese, english = _FAILURES.get(failed.cause, ("程序内部错误", "an internal error"))
        sentence = f"{failed.file}：没有写成退回的表（{chinese}），结果和原件都在，请按报告退回，并把原件发给我们"
        say(sentence, f"{failed.file}: no workbook to send back was written ({english})")
    number, kept = written.returned, written.left_to_bureau
    click.echo(
        tr(f"已写入 {folder}：{number} 份退回的表，{LIST}", f"wrote {folder}: {number} returned forms, {LIST}"),
        err=True,
    )
    if kept:
        names = _some(kept, _MOST_PROJECTS)
        chinese = f"另有 {len(kept)} 份的错误单位改不了，没有退回，须由财政部门处理（重新签发，或更正名册）：{names}"
        say(chinese, f"{len(kept)} are the bureau's to mend and do not go back: {names}")


def some_names(names: Sequence[str]) -> str:
    """The first of many names."""
    return _some(names, _MOST_NAMES)


def _some(names: Sequence[str], most: int) -> str:
    return "、".join(names[:most]) + ("……" if len(names) > most else "")
