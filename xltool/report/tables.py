"""Tables on a terminal: the differences of two submissions, the status of projects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xltool.result.comparison import difference_text
from xltool.result.findings import BUREAU, LEVEL_NAMES, REVIEW
from xltool.support.escaping import escape_markup
from xltool.support.i18n import tr

Line = Mapping[str, Any]

STATUSES = {"accepted": ("核对通过", "accepted", "green"), "returned": ("退回", "returned", "red"),
            REVIEW: ("待核对", "to be reviewed", "yellow"),
            BUREAU: ("财政部门处理", "for the bureau", "yellow"),
            "missing": ("未交", "missing", "yellow"), "unlisted": ("不在名册", "unlisted", "yellow"),
            "overdue": ("逾期未交", "overdue", "red"), "late": ("迟交", "late", "yellow"),
            "unreadable": ("无法读取", "unreadable", "red")}  # fmt: skip
_KINDS = {"changed": ("改", "changed"), "added": ("增", "added"), "removed": ("删", "removed")}
_STATES = {"fixed": ("已更正", "fixed", "green"), "open": ("仍有", "open", "red"), "new": ("新出现", "new", "red")}


def show_table(lines: Sequence[Line], columns: Mapping[str, tuple[str, str]], console: Console) -> None:
    """Print lines as a table.

    Args:
        lines: the lines.
        columns: the keys to show, with their Chinese and English heads.
        console: the console.
    """
    if not lines:
        return
    table = Table(header_style="bold")
    for key, heads in columns.items():
        number = any(isinstance(line.get(key), int) for line in lines)
        table.add_column(tr(*heads), justify="right" if number else "left", overflow="fold")
    for line in lines:
        table.add_row(*(_cell(key, line.get(key)) for key in columns))
    console.print(table)


def _cell(key: str, value: Any) -> Text | str:
    if key == "status":
        *words, colour = STATUSES[value]
        return Text(tr(*words), style=colour)
    return "—" if value is None or value == "" else escape_markup(str(value))


def show_differences(lines: Sequence[Line], console: Console) -> None:
    """Print the fields that differ, then the findings that were fixed, that remain, that are new."""
    fields = [line for line in lines if line["what"] == "field"]
    findings = [line for line in lines if line["what"] == "finding"]
    if fields:
        table = Table(header_style="bold")
        for heads in (("栏目", "field"), ("", ""), ("前", "before"), ("后", "after")):
            table.add_column(tr(*heads), overflow="fold")
        for line in fields:
            texts = (
                escape_markup(line["label"]),
                tr(*_KINDS[line["kind"]]),
                escape_markup(difference_text(line["before"])),
            )
            table.add_row(*texts, escape_markup(difference_text(line["after"])))
        console.print(table)
    else:
        console.print(tr("读出的内容没有不同", "no field differs"))
    for line in findings:
        *words, colour = _STATES[line["state"]]
        text = Text(tr(*words), style=colour)
        level = tr(*LEVEL_NAMES[line["level"]])
        text.append(
            f" {level} {line['rule']} {escape_markup(line['label'])}：{escape_markup(line['message'])}", style=""
        )
        console.print(text, soft_wrap=True)
