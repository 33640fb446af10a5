"""Shows results on a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xltool.result.findings import ACTOR_NAMES, BUREAU, LEVEL_NAMES, LEVELS, REVIEW, Finding
from xltool.result.overview import ACCEPTED_MEANS
from xltool.result.result import SUPERSEDED, Result
from xltool.result.roles import GRADE, TOTAL_SCORE
from xltool.support.escaping import escape_markup
from xltool.support.i18n import tr

_STATUS = {"accepted": ("核对通过", "accepted", "green"), REVIEW: ("待核对", "to be reviewed", "yellow"),
           BUREAU: ("财政部门处理", "for the bureau", "yellow"),
           SUPERSEDED: ("已由以后的表代替", "superseded", "dim"),
           "returned": ("退回", "returned", "red"), "unreadable": ("无法读取", "unreadable", "red")}  # fmt: skip
_MEANS = {"accepted": (ACCEPTED_MEANS, "accepted: consistent in itself; whether it is true was not checked"),
          REVIEW: ("待核对：没有错误，但金额或身份有疑问，由财政部门裁定",
                   "to be reviewed: no error, but an amount or the identity is in doubt (the bureau)")}  # fmt: skip
_COLOUR = {"error": "red", "warning": "yellow", "info": "cyan"}


def show_results(results: Iterable[Result], console: Console) -> None:
    """Print the table of all results, then the findings of each."""
    results = list(results)
    console.print(_table(results))
    for key in dict.fromkeys(item.display_state for item in results):
        if key in _MEANS:
            console.print(Text(tr(*_MEANS[key]), style="dim"), soft_wrap=True)
    for result in results:
        if result.findings:
            console.print(Text(escape_markup(result.file), style="bold"), soft_wrap=True)
            for alike in group_findings(result.findings):
                console.print(_block(alike), soft_wrap=True)  # the terminal is better at breaking Chinese lines
            console.print()


def _table(results: list[Result]) -> Table:
    heads = [("文件", "file"), ("项目名称", "project"), ("总分", "total"), ("等级", "grade"), ("状态", "status"),
             ("错误", "errors"), ("警告", "warnings"), ("提示", "infos")]  # fmt: skip
    table = Table(header_style="bold")
    files = [result.file.replace("\\", "/") for result in results]
    short = [file.rpartition("/")[2] for file in files]
    names = short if len(set(short)) == len(short) else files  # full paths if the names are ambiguous
    for number, (chinese, english) in enumerate(heads):
        table.add_column(tr(chinese, english), justify="left" if number < 2 else "right", overflow="fold")
    for name, result in zip(names, results, strict=True):
        record = result.record
        counts = Counter(finding.level for finding in result.findings)
        total, grade = (record.role_value(role) if record else None for role in (TOTAL_SCORE, GRADE))
        *words, colour = _STATUS[result.display_state]
        table.add_row(
            escape_markup(name),
            escape_markup((record.project.name if record else None) or "—"),
            "—" if total is None else str(total),
            grade or "—",
            Text(tr(*words), style=colour),
            *(str(counts[level]) for level in LEVELS),
        )
    return table


#: Findings of one kind on more places than this are grouped.
_MOST_ALIKE = 2


def group_findings(findings: Sequence[Finding]) -> list[list[Finding]]:
    """Group findings of one kind (rule, level, fix, waived or not) if there are more than a few."""
    kinds: dict[tuple[object, ...], list[Finding]] = {}
    for finding in findings:
        kinds.setdefault((finding.rule, finding.level, finding.fix, finding.is_effective), []).append(finding)
    return [
        part
        for alike in kinds.values()
        for part in ([alike] if len(alike) > _MOST_ALIKE else [[alone] for alone in alike])
    ]


def _block(alike: Sequence[Finding]) -> Text:
    """The text of a group of findings of one kind: all places, the first message, how to mend them."""
    finding, level = alike[0], alike[0].level
    block = Text("  ")
    block.append(f"{tr(*LEVEL_NAMES[level])} {finding.rule}", style=_COLOUR[level])
    if finding.waived:
        block.append(tr("（已豁免）", " (waived)"), style="green")
    where = finding.cells_text or finding.path
    if len(alike) > 1:
        places = [(one.cells_text or one.path).rpartition("!")[2] for one in alike[1:]]
        where += tr("、", ", ") + tr("、", ", ").join(places)
        block.append(tr(f"  {len(alike)} 处：{where}\n", f"  {len(alike)} places: {where}\n"))
        block.append(tr("      例如：", "      such as: ") + f"{escape_markup(finding.label)} ")
    else:
        block.append(f"  {where}  {escape_markup(finding.label)}\n      ")
    block.append(f"{escape_markup(finding.message)}\n")
    block.append(f"      → {_who(finding)}{finding.fix}", style="dim")
    if finding.explanation is not None:
        block.append("\n      " + tr("单位说明：", "explained: ") + escape_markup(finding.explanation), style="green")
    if finding.waived:
        reason = f"{finding.waived.reason}（{finding.waived.approver}，{finding.waived.until}）"
        block.append("\n      " + tr("豁免：", "waived: ") + escape_markup(reason), style="green")
    return block


def _who(finding: Finding) -> str:
    """The prefix ``财政部门：`` if the finding is for the bureau to mend; otherwise ""."""
    return tr(*ACTOR_NAMES[BUREAU]) + tr("：", ": ") if finding.actor == BUREAU else ""


def one_line(result: Result) -> str:
    """``FILE: RULE reason; what to do`` for a workbook that was not accepted."""
    finding = result.findings[0]
    where = f"{finding.cell} " if finding.cell else ""
    count = sum(item.level == "error" for item in result.findings)
    more = tr(f"（共 {count} 处错误）", f" ({count} errors)") if count > 1 else ""
    message = f"{finding.rule} {where}{finding.message}{tr('；', '; ')}{_who(finding)}{finding.fix}{more}"
    return escape_markup(f"{result.file}: {message}")
