"""Shows on a terminal how one workbook was read: identity, locations, changes, leftovers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from xltool.result.findings import Finding
from xltool.result.reading_summary import LeftoverCell, NormalisedCell
from xltool.result.result import Result
from xltool.support.escaping import escape_markup
from xltool.support.i18n import tr

#: The prefix of the rules that only the reader can raise.
_READING = "P"

_ANCHORS = {
    "names": ("命名区域", "defined names"),
    "stamp": ("模板标记", "the stamp"),
    "labels": ("栏目名称（不是下发的模板）", "printed labels (not our template)"),
}
_CARRIERS = {
    "sheet": ("隐藏页", "hidden sheet"),
    "property": ("文档属性", "document property"),
    "name": ("命名常量", "named constant"),
}
_COLOURS = {"error": "red", "warning": "yellow", "info": "cyan"}


def inspection_json(result: Result) -> dict[str, Any]:
    """The part of a result about the reading of the workbook, for other programs."""
    result_json = result.as_json()
    reading_part = {key: result_json[key] for key in ("file", "sheet", "sha256", "status", "form", "reading")}
    return {**reading_part, "findings": [finding.as_json() for finding in _changes_of(result)]}


def _changes_of(result: Result) -> list[Finding]:
    return [finding for finding in result.findings if finding.rule.startswith(_READING)]


def show_inspection(result: Result, console: Console) -> None:
    """Print how one form was read."""
    console.print(Text(escape_markup(result.file), style="bold"), soft_wrap=True)
    console.print(_facts(result))
    changes = _changes_of(result)
    if changes:
        console.print(_changes(changes))
    reading = result.reading
    if reading and reading.normalised:
        console.print(_normalised(reading.normalised))
    if reading and reading.leftovers:
        console.print(_leftovers(reading.leftovers))
    if not changes and reading:
        console.print(tr("没有发现改动。", "nothing was changed."))


def _facts(result: Result) -> Table:
    table = Table(show_header=False, box=None, pad_edge=False)
    for name, value in _lines(result):
        table.add_row(Text(name, style="dim"), escape_markup(value))
    return table


def _lines(result: Result) -> Iterator[tuple[str, str]]:
    form, reading = result.form, result.reading
    nothing = tr("无", "none")
    if form is None or reading is None:
        yield tr("表样", "form"), tr("认不出", "not known")
        return
    yield tr("工作表", "sheet"), result.sheet or ""
    yield tr("表样", "form"), form.text
    if reading.rivals:
        yield tr("也可能是", "may also be"), tr("、", ", ").join(reading.rivals)
    yield tr("文件格式", "format"), f".{reading.format}"
    yield tr("保存的程序", "saved by"), reading.application or tr("没有写明", "not said")
    carriers = [tr(*_CARRIERS[carrier]) for carrier in reading.carriers]
    yield tr("模板标记在", "stamp found in"), tr("、", ", ").join(carriers) or nothing
    yield tr("定位依据", "anchored by"), tr(*_ANCHORS[reading.anchor])
    yield tr("把握", "confidence"), f"{float(reading.confidence):.1%}"


def _changes(findings: Sequence[Finding]) -> Table:
    table = Table(title=tr("改动和提示", "changes"), title_justify="left", header_style="bold")
    for chinese, english in (("编号", "rule"), ("位置", "where"), ("内容", "what"), ("怎样办", "what to do")):
        table.add_column(tr(chinese, english), overflow="fold")
    for finding in findings:
        rule = Text(finding.rule, style=_COLOURS[finding.level])
        table.add_row(
            rule,
            escape_markup(finding.cell or finding.label),
            escape_markup(finding.message),
            escape_markup(finding.fix),
        )
    return table


def _normalised(values: Sequence[NormalisedCell]) -> Table:
    table = Table(title=tr("读取时规范化的值", "values normalised"), title_justify="left", header_style="bold")
    for chinese, english in (("位置", "where"), ("原文", "as it stands"), ("读作", "read as"), ("说明", "why")):
        table.add_column(tr(chinese, english), overflow="fold")
    for value_read in values:
        value = tr("空白", "blank") if value_read.value is None else str(value_read.value)
        table.add_row(
            escape_markup(value_read.cell),
            escape_markup(value_read.raw),
            escape_markup(value),
            escape_markup(value_read.why),
        )
    return table


def _leftovers(cells: Sequence[LeftoverCell]) -> Table:
    table = Table(title=tr("表外内容（没有读取）", "outside the form (not read)"), title_justify="left",
                  header_style="bold")  # fmt: skip
    for chinese, english in (("位置", "where"), ("内容", "what stands there")):
        table.add_column(tr(chinese, english), overflow="fold")
    for leftover in cells:
        where = f"{leftover.sheet}!{leftover.cell}" if leftover.cell else f"{leftover.sheet} {tr('文本框', 'text box')}"
        table.add_row(escape_markup(where), escape_markup(leftover.raw))
    return table
