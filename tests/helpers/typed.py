"""A transcribed form typed into the cells of a sheet, as somebody who has the printed form before them types it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from layouts import heading, layout, value

if TYPE_CHECKING:
    from foreign import Form, Style

FUND_KEYS = {"年初预算数": "initial", "年初预算数(A)": "initial", "年初预算": "initial", "全年预算数": "adjusted",
             "全年预算数(A)": "adjusted", "预算数(A)": "adjusted", "调整后预算数": "adjusted",
             "调整预算数(A)": "adjusted", "合计": "adjusted", "财政拨款数": "adjusted",
             "年度金额(提前下达)": "adjusted", "全年执行数": "executed",
             "全年执行数(B)": "executed", "执行数(B)": "executed", "预算执行数": "executed", "执行数": "executed",
             "实际支付数": "executed", "资金使用情况": "executed", "分值": "weight",
             "分值(10分)": "weight", "权重": "weight", "执行率": "rate", "执行率(B/A)": "rate", "预算执行率": "rate",
             "得分": "score", "得分(20分*执行率)": "score"}  # fmt: skip
ROW_KEYS = {"level1": ["一级指标", "类别"], "level2": ["二级指标", "评价内容"],
            "level3": ["三级指标", "指标名称(三级指标)", "指标名称", "绩效内容"], "op": ["指标性质"],
            "unit": ["度量单位"], "weight": ["分值", "权重", "参考分值"], "score": ["得分", "自评分"],
            "target": ["年度指标值", "指标值", "年初目标值(A)", "年度指标值(A)", "指标值(A)", "年初指标值", "目标值",
                       "绩效目标值", "年初目标值"],
            "actual": ["实际完成值", "全年实际值", "实际完成值(B)", "完成值", "全年实际值(B)", "年终完成值",
                       "全年完成值"],
            "reason": ["偏差原因分析及改进措施", "未完成原因及拟采取的改进措施", "未完成原因分析",
                       "未完成原因及改进措施", "未完成原因和改进措施", "未完成原因分析及改进措施"]}  # fmt: skip
HEAD_KEYS = {head: key for key, names in ROW_KEYS.items() for head in names}
AMOUNTS = ("initial", "adjusted", "executed")


@dataclass
class Sheet:
    """Cells to be, with merges, before they are moved to where the form begins."""

    cells: dict[tuple[int, int], Any] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)
    formats: dict[tuple[int, int], str] = field(default_factory=dict)

    def put(self, row: int, column: int, value: Any, down: int = 1, across: int = 1) -> None:
        self.cells[row, column] = value
        if down > 1 or across > 1:
            self.merges.append((row, column, row + down - 1, column + across - 1))


def typed(form: Form, style: Style) -> Sheet:
    """A form's cells, row 1 being its title."""
    sheet = Sheet()
    heads = list(form["indicator_columns"] or layout(form).columns)
    shift = 1 if style.serial else 0
    columns = [2 + shift + number + (1 if style.gap and number > 3 else 0) for number in range(len(heads))]
    width = columns[-1] + (1 if style.remark else 0)
    row = _heading(sheet, form, style, width)
    row = _funds(sheet, form, style, row)
    row = _block(sheet, form, style, row, width)
    row = _goals(sheet, form, style, row, width)
    row = _heads(sheet, form, style, row, dict(zip(heads, columns, strict=True)), width)
    row = _rows(sheet, form, style, row, dict(zip(heads, columns, strict=True)))
    row = _total(sheet, form, style, row, dict(zip(heads, columns, strict=True)))
    for name, key in layout(form).after:
        sheet.put(row, 1, style.label(name), across=3)
        sheet.put(row, 4, value(form, key), across=max(width - 3, 1))
        row += 1
    for note in (*layout(form).notes, *style.notes):
        sheet.put(row, 1, note, across=width)
        row += 1
    return sheet


def _heading(sheet: Sheet, form: Form, style: Style, width: int) -> int:
    title = re.sub(r"\(?\d{4}年度?\)?|报表编号.*", "", form["title"] or "").strip()
    year = form["year"]
    if title:
        sheet.put(1, 1, f"{title}({year}年度)" if style.year == "title" else title, across=width)
    if style.year == "own" and year:
        sheet.put(2, 1, f"（{year}年度）", across=width)
    elif style.year == "number" and year:
        sheet.put(2, 1, Decimal(year), across=width)
        sheet.formats[2, 1] = '"（"0"年度）"'
    if style.unit == "corner":
        sheet.put(3, width, f"单位：{form['money_unit']}")
    row = 4
    for line in heading(form):
        column = 1
        for name, text in line:
            across = 2 if len(line) > 1 else max(width - 2, 2)
            if style.inline:
                sheet.put(row, column, f"{style.label(name).rstrip('：')}：{text or ''}", across=3)
            else:
                sheet.put(row, column, style.label(name), across=2)
                sheet.put(row, column + 2, text, across=across)
            column += 4
        row += 1
    return row


def _money(text: str, form: Form, style: Style) -> Any:
    if not re.fullmatch(r"\d+(\.\d+)?", text.replace(",", "")):
        return text
    value = style.amount(text.replace(",", ""))
    return value.replace("UNIT", form["money_unit"]) if isinstance(value, str) else value


def _funds(sheet: Sheet, form: Form, style: Style, row: int) -> int:
    columns = form["fund_columns"]
    rows = list(form["funds"])
    if not columns:
        for fund in rows:
            told = (
                f"{fund['label']}{fund['adjusted']}{form['money_unit']}，实际支出{fund['executed']}{form['money_unit']}"
            )
            sheet.put(row, 1, f"{told}，执行率{fund['rate']}", across=4)
            row += 1
        return row
    if style.shuffled:
        rows = rows[::-1]
    over, under = layout(form).over
    side = f"{layout(form).side}({form['money_unit']})" if style.unit == "side" else layout(form).side
    sheet.put(row, 1, side, down=len(rows) + (2 if over else 1), across=2)
    first = row
    row += 1 if over else 0
    at = {head: 4 + number - (columns[0] == "资金来源") for number, head in enumerate(columns)}
    for head, column in at.items():
        unit = f"({form['money_unit']})" if style.unit == "heads" and FUND_KEYS.get(head) in AMOUNTS else ""
        two = bool(over) and head not in under
        sheet.put(first if two else row, column, style.label(head) + unit, down=2 if two else 1)
    if over:
        sheet.put(first, at[under[0]], style.label(over), across=len(under))
    for fund in rows:
        row += 1
        sheet.put(row, 3, style.label(fund["label"]))
        for head, column in at.items():
            text = fund.get(FUND_KEYS.get(head, "")) or ""
            if text:
                key = FUND_KEYS[head]
                number = bool(re.fullmatch(r"\d+(\.\d+)?", text))
                shown = style.rate(text) if key == "rate" else style.points(text) if number else text
                sheet.put(row, column, _money(text, form, style) if key in AMOUNTS else shown)
                if key == "rate":
                    sheet.formats[row, column] = "0.00%" if style.fractions else "General"
    return row + 1


def _block(sheet: Sheet, form: Form, style: Style, row: int, width: int) -> int:
    side, lines = layout(form).block
    if lines:
        sheet.put(row, 1, side, down=len(lines))
    for name, text in lines:
        sheet.put(row, 2, style.label(name), across=2)
        sheet.put(row, 4, text, across=width - 3)
        row += 1
    return row


def _goals(sheet: Sheet, form: Form, style: Style, row: int, width: int) -> int:
    goals = form["goals"]
    if not goals:
        return row
    middle = 2 + (width - 1) // 2
    sheet.put(row, 1, "年度总体目标", down=2)
    sheet.put(row, 2, style.label(goals["target_label"]), across=middle - 2)
    sheet.put(row, middle, style.label(goals["actual_label"]), across=width - middle + 1)
    sheet.put(row + 1, 2, goals["target"], across=middle - 2)
    sheet.put(row + 1, middle, goals["actual"], across=width - middle + 1)
    return row + 2


#: The heads that stand under one head of two lines, where a style prints them so.
_GROUPED = ("指标性质", "指标值", "度量单位")


def _heads(sheet: Sheet, form: Form, style: Style, row: int, at: dict[str, int], width: int) -> int:
    grouped = style.grouped and set(_GROUPED) <= set(at)
    down = 2 if grouped else 1
    sheet.put(row, 1, layout(form).indicators)
    for head, column in at.items():
        under = grouped and head in _GROUPED
        sheet.put(row + 1 if under else row, column, style.label(head), down=1 if under else down)
    if grouped:
        sheet.put(row, at[_GROUPED[0]], style.label("年度指标值"), across=at[_GROUPED[-1]] - at[_GROUPED[0]] + 1)
    if style.serial:
        sheet.put(row, 2, "序号", down=down)
    if style.remark:
        sheet.put(row, width, "备注", down=down)
    return row + down


def _rows(sheet: Sheet, form: Form, style: Style, row: int, at: dict[str, int]) -> int:
    printed: dict[str, tuple[str, int, int]] = {}
    rows = form["indicators"]
    for number, one in enumerate(rows):
        if style.blanks and number in (2, 5):
            row += 1
            for name, (text, first, _) in printed.items():
                printed[name] = (text, first, row)
        for head, column in at.items():
            key = HEAD_KEYS.get(head, "")
            text = one.get(key) or ""
            if key in ("level1", "level2"):
                before = printed.get(key)
                start = (
                    before is None
                    or before[0] != text
                    or (key == "level2" and printed.get("level1", ("", 0, 0))[1] == row)
                )
                if start or style.repeated:
                    sheet.put(row, column, _level(form, style, key, text))
                printed[key] = (text, row if start else before[1], row)  # type: ignore[index]
                last = number + 1 == len(rows) or rows[number + 1].get(key) != text
                last = last or (key == "level2" and rows[number + 1].get("level1") != one.get("level1"))
                if style.merged and last and printed[key][1] < row:
                    sheet.merges.append((printed[key][1], column, row, column))
            elif text:
                number_like = key in ("weight", "score") and re.fullmatch(r"\d+(\.\d+)?", text)
                sheet.put(row, column, style.points(text) if number_like else text)
        if style.serial:
            sheet.put(row, 2, Decimal(number + 1))
        row += 1
    return row


def _level(form: Form, style: Style, key: str, text: str) -> str:
    """A level's label, with its points where the form prints them there."""
    points = (form["level1_weights_printed"] or {}).get(text, "50分" if style.glued else "")
    return style.label(text) + (f"({points})" if key == "level1" and points else "")


def _total(sheet: Sheet, form: Form, style: Style, row: int, at: dict[str, int]) -> int:
    below = "total_score" not in [key for line in layout(form).heading for _, key in line]
    if not below or not (form["total_score"] or form["total_weight"]):
        return row
    sheet.put(row, 1, style.label(layout(form).total))
    for head, column in at.items():
        key = {"weight": "total_weight", "score": "total_score"}.get(HEAD_KEYS.get(head, ""), "")
        if key and form[key]:
            sheet.put(row, column, style.points(form[key].rstrip("分")))
    if form["grade"]:
        sheet.put(row, max(at.values()), form["grade"])
    return row + 1
