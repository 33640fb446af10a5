"""Generates the Markdown page on the platform's tables from ``platform.toml`` and an export of the two examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from xltool.export.platform import Platform, PlatformElement, PlatformTable
from xltool.export.rows import ExportRows, export_rows
from xltool.export.writers import platform_text
from xltool.result.findings import LEVEL_NAMES
from xltool.result.result import Result
from xltool.result.roles import roles_at_hand

#: The most characters in a cell of the examples; the exported files are not cut.
_SHOWN = 24

_ROSTER = {
    "code": "项目编码", "division_code": "财政区划代码", "division_name": "财政区划名称",
    "department_code": "主管部门代码", "unit_code": "单位代码",
}  # fmt: skip
_KEYS = {
    "form": "由年度、项目编码（没有就用项目名称和单位）推得",
    "row": "由自评主键和行的内容推得",
    "approved": "由年度、项目和指标推得；平台已有批复主键的，导入后按项目和指标对应",
}


def platform_page(platform: Platform, results: Sequence[Result]) -> str:
    """The page.

    Args:
        platform: the platform's tables.
        results: the results of the examples at the end of the page.
    """
    return "\n".join(_page(platform, export_rows(results, platform))) + "\n"


def _page(platform: Platform, example: ExportRows) -> Iterator[str]:
    yield "# 导出到预算平台的表\n"
    yield "<!-- 由 make docs 从 templates/platform.toml 生成，不要手改 -->\n"
    yield f"{platform.name}。{platform.basis}。\n"
    yield from _RULES
    measure = {"characters": "字符", "bytes": "字节（UTF-8）"}[platform.length]
    yield f"- 长度按{measure}计（参数 `length`，未经证实）。"
    rate = {"ratio": "比率（0.9858）", "percent": "百分数（98.58）"}[platform.rate]
    yield f"- `exe_amt_rate` 存{rate}（参数 `rate`，未经证实）。\n"
    for table in platform.tables:
        yield from _table(table.for_form(roles_at_hand()))
    yield from _refusals(platform)
    yield "## 示例：两张公开的自评表\n"
    yield "全是空白的列没有列出，长的文字在这里截短（文件里不截）。\n"
    for table in platform.tables:
        yield from _example(table, example)


_RULES = [
    "`xltool export results.jsonl --to platform --roster 名册.xlsx -o 平台` 在文件夹里写出：每个表一个 CSV"
    "（UTF-8 带 BOM，CRLF），建表语句 `tables.sql`，导出时发现的问题 `findings.jsonl`。\n",
    "- 金额折成元，两位小数；按十进制精确换算，不四舍五入。",
    "- 主键 38 位，由内容推得：同样的结果总得到同样的主键，再导出一次就是更新。",
    "- 有一处错误的表，四个表里的各行都不导出：导出半张表，平台上的总分就不是各行之和。文字从不截断。",
    "- 同一项目有几份：更正后再交的（轮次大的）为准；内容相同的导出一份；内容不同的都不导出，由人决定。",
    "- 无法读取的没有行，逐个说明。应当退回更正的也导出，并说明有几份；只要通过的用 `--accepted`。",
    "- 没有填金额的资金来源没有行。",
    "- 文字照原样写，前面不加撇号（OWASP 的办法）：平台会把撇号存进去，而 `=100%` 是指标值。"
    "以 = + - @ 开头又不是数的，会提出警告。这些 CSV 只用来导入；要用 Excel 看，用 `--to csv`，那里加撇号。",
]


def _table(table: PlatformTable) -> Iterator[str]:
    yield f"## {table.name} {table.meaning}\n"
    yield "| 字段 | 含义 | 类型 | 取自 | 说明 |"
    yield "|---|---|---|---|---|"
    for element in table.elements:
        notes = "；".join(_notes(element))
        yield f"| `{element.name}` | {element.meaning} | {element.type} | {_origin(element)} | {notes} |"
    yield ""


def _origin(element: PlatformElement) -> str:
    parts = ["＋".join(f"`{name}`" for name in element.sources)] if element.sources else []
    if element.minus:
        parts = [f"{parts[0]} − `{element.minus}`"]
    if element.roster:
        parts.append(f"名册的{_ROSTER[element.roster]}")
    if element.key:
        parts.append(_KEYS[element.key])
    return "，没有就用".join(parts) or "由平台填"


def _notes(element: PlatformElement) -> Iterator[str]:
    if element.measure == "money":
        yield "折成元"
    if element.blank:
        yield f"空白存“{element.blank}”"
    if element.needed:
        yield "不能空白"
    if element.guess:
        yield f"推测：{element.guess}"


def _refusals(platform: Platform) -> Iterator[str]:
    yield "## 导出时检查\n"
    yield "规则编号见 [检查规则](rules.md)。目录里没有、只有平台才不收的，没有编号，在提示里写作“平台”。\n"
    yield "| 编号 | 级别 | 说什么 | 怎么办 |"
    yield "|---|---|---|---|"
    for refusal in platform.refusals.values():
        yield f"| {refusal.rule or '平台'} | {LEVEL_NAMES[refusal.level][0]} | {refusal.message} | {refusal.fix} |"
    yield ""


def _example(table: PlatformTable, example: ExportRows) -> Iterator[str]:
    rows = [[platform_text(value, element) for value, element in zip(row, table.elements, strict=True)]
            for row in example.rows[table.name]]  # fmt: skip
    present = [number for number in range(len(table.elements)) if any(row[number] for row in rows)]
    yield f"### {table.name}\n"
    yield "| " + " | ".join(table.elements[number].name for number in present) + " |"
    yield "|---" * len(present) + "|"
    for row in rows:
        yield "| " + " | ".join(_cut(row[number]) for number in present) + " |"
    yield ""


def _cut(text: str) -> str:
    text = text.replace("\n", " ").replace("|", "\\|")
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
