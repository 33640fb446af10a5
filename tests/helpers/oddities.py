"""What people do to a form that they type themselves, and that must not keep it from being read rightly.

An oddity changes a typed sheet and says which of the form's fields can no longer be read because of it.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import Any

import openpyxl
from foreign import STYLES as _STYLES
from foreign import Form, workbook
from openpyxl.worksheet.worksheet import Worksheet
from typed import FUND_KEYS, ROW_KEYS

#: Beginnings of the paths of fields that cannot be read any more; None where a form has nothing to be changed.
Gone = tuple[str, ...] | None

_KEYS = {head: key for key, names in ROW_KEYS.items() for head in names}
_RECORD = {"level3": "level3", "target": "target", "actual": "actual", "reason": "deviation", "op": "operator",
           "unit": "measure_unit", "weight": "weight", "score": "score"}  # fmt: skip


def at(sheet: Worksheet, text: str, after: int = 0) -> tuple[int, int] | None:
    """Row and column of the first cell that says this."""
    for row in sheet.iter_rows(min_row=after + 1):
        for cell in row:
            if isinstance(cell.value, str) and cell.value == text:
                return cell.row, cell.column
    return None


def head(sheet: Worksheet) -> int:
    """The row of the heads of the indicators."""
    found = at(sheet, "三级指标")
    assert found is not None
    return found[0]


def last(sheet: Worksheet) -> int:
    """The last row of the indicators."""
    for text in ("总分", "合计"):
        if (found := at(sheet, text, head(sheet))) is not None:
            return found[0] - 1
    return int(sheet.max_row)


def insert(sheet: Worksheet, row: int, values: Mapping[int, Any], over: tuple[int, int] | None = None) -> None:
    """Insert a row, moving merged ranges along; ``over`` merges columns of the new row."""
    merges = [(one.min_row, one.min_col, one.max_row, one.max_col) for one in sheet.merged_cells.ranges]
    for top, left, bottom, right in merges:
        sheet.unmerge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
    sheet.insert_rows(row)
    for top, left, bottom, right in merges:
        down = (top >= row, bottom >= row)
        sheet.merge_cells(start_row=top + down[0], start_column=left, end_row=bottom + down[1], end_column=right)
    for column, value in values.items():
        sheet.cell(row, column).value = value
    if over:
        sheet.merge_cells(start_row=row, start_column=over[0], end_row=row, end_column=over[1])


def _unmerge(sheet: Worksheet) -> None:
    for one in list(sheet.merged_cells.ranges):
        sheet.unmerge_cells(str(one))


def _first_rows(sheet: Worksheet, number: int) -> int:
    return min(head(sheet) + 1 + number, last(sheet) + 1)


def note_between(sheet: Worksheet, form: Form) -> Gone:
    """A note over the whole width stands between the indicators."""
    _split(sheet)
    insert(
        sheet,
        _first_rows(sheet, 2),
        {2: "说明：以上指标根据批复的绩效目标表填列，得分由项目单位自评。"},
        (2, sheet.max_column),
    )
    return ()


def note_unmerged(sheet: Worksheet, form: Form) -> Gone:
    """A note stands in one cell between the indicators."""
    _split(sheet)
    insert(sheet, _first_rows(sheet, 2), {2: "注：以上为产出指标"})
    return ()


def _split(sheet: Worksheet) -> None:
    """Level labels on every row, none merged."""
    top, bottom = head(sheet) + 1, last(sheet)
    for one in list(sheet.merged_cells.ranges):
        if top <= one.min_row and one.max_row <= bottom and one.max_row > one.min_row:
            value = sheet.cell(one.min_row, one.min_col).value
            sheet.unmerge_cells(str(one))
            for row in range(one.min_row, one.max_row + 1):
                sheet.cell(row, one.min_col).value = value


def subtotal(sheet: Worksheet, form: Form) -> Gone:
    """Each first level ends with its subtotal."""
    _split(sheet)
    row = head(sheet)
    names = {sheet.cell(row, column).value: column for column in range(1, sheet.max_column + 1)}
    weight = names.get("分值") or names.get("权重")
    levels = [sheet.cell(line, names["一级指标"]).value for line in range(row + 1, last(sheet) + 1)]
    for number in range(len(levels) - 1, -1, -1):
        if number + 1 == len(levels) or levels[number + 1] != levels[number]:
            values = {names["二级指标"]: "小计", names["得分"]: 40}
            insert(sheet, row + 2 + number, values | ({weight: 50} if weight else {}))
    return ()


def heads_again(sheet: Worksheet, form: Form) -> Gone:
    """The heads are printed again where a page begins."""
    _split(sheet)
    row = head(sheet)
    heads = {column: sheet.cell(row, column).value for column in range(2, sheet.max_column + 1)}
    insert(sheet, _first_rows(sheet, 3), heads)
    return ()


def remarks_filled(sheet: Worksheet, form: Form) -> Gone:
    """A column of remarks is filled in."""
    column = sheet.max_column + 1
    sheet.cell(head(sheet), column).value = "备注"
    for row in range(head(sheet) + 1, last(sheet) + 1):
        sheet.cell(row, column).value = f"见附件{row}"
    return ()


def evidence_column(sheet: Worksheet, form: Form) -> Gone:
    """A column that no form has is filled in."""
    column = sheet.max_column + 1
    sheet.cell(head(sheet), column).value = "佐证材料"
    for row in range(head(sheet) + 1, last(sheet) + 1):
        sheet.cell(row, column).value = "验收单"
    return ()


def no_title(sheet: Worksheet, form: Form) -> Gone:
    sheet.cell(1, 1).value = None
    return ("year",) if str(form["year"]) not in str(sheet.cell(2, 1).value) else ()


def other_title(sheet: Worksheet, form: Form) -> Gone:
    sheet.cell(1, 1).value = f"某市{form['year']}年度部门预算项目绩效自评情况表"
    return ()


def monitoring_title(sheet: Worksheet, form: Form) -> Gone:
    sheet.cell(1, 1).value = "项目支出绩效运行监控及自评表"
    return ()


def department_title(sheet: Worksheet, form: Form) -> Gone:
    sheet.cell(1, 1).value = "部门整体支出绩效自评表"
    return ()


def transfer_title(sheet: Worksheet, form: Form) -> Gone:
    sheet.cell(1, 1).value = "中央对地方专项转移支付绩效目标自评表"
    return ()


def no_goals(sheet: Worksheet, form: Form) -> Gone:
    if not form["goals"]:
        return None
    found = at(sheet, "年度总体目标")
    assert found is not None
    for row in (found[0], found[0] + 1):
        for cell in sheet[row]:
            if not isinstance(cell, openpyxl.cell.cell.MergedCell):
                cell.value = None
    return ("goal.",)


def no_funds(sheet: Worksheet, form: Form) -> Gone:
    """The block of funds was left out."""
    found = at(sheet, form["fund_columns"][0])
    assert found is not None
    top = found[0]
    for row in range(top, top + len(form["funds"]) + 1):
        for cell in sheet[row]:
            if not isinstance(cell, openpyxl.cell.cell.MergedCell):
                cell.value = None
    return ("funds.", "money_unit")


def fund_row_more(sheet: Worksheet, form: Form) -> Gone:
    """A source that the form does not have."""
    if not form["funds"]:
        return None
    found = at(sheet, form["funds"][-1]["label"])
    assert found is not None
    insert(sheet, found[0] + 1, {3: "上级补助资金", 4: 12, 5: 12, 6: 11})
    return ()


def fund_column_more(sheet: Worksheet, form: Form) -> Gone:
    """A fund column that the form does not have."""
    if not form["fund_columns"]:
        return None
    column = 4 + len(form["fund_columns"])
    found = at(sheet, form["fund_columns"][-1])
    assert found is not None
    if sheet.cell(found[0], column).value is not None:
        return None
    sheet.cell(found[0], column).value = "资金结余"
    for number in range(len(form["funds"])):
        sheet.cell(found[0] + 1 + number, column).value = 3
    return ()


def signatures(sheet: Worksheet, form: Form) -> Gone:
    row = sheet.max_row + 1
    sheet.cell(row, 1).value = "填表人：张三"
    sheet.cell(row, 4).value = "联系电话：12345678"
    sheet.cell(row, 6).value = "填报日期：2024年3月1日"
    sheet.cell(row + 1, 1).value = "单位负责人（签字）："
    return ()


def signatures_in_columns(sheet: Worksheet, form: Form) -> Gone:
    """Signatures right below the last indicator, label and value in cells of their own."""
    row = last(sheet) + 1
    insert(sheet, row, {2: "项目负责人", 4: "张三", 5: "财务负责人", 6: "李四"})
    return None if form["layout"] == "sichuan" else ()


def notes_below(sheet: Worksheet, form: Form) -> Gone:
    row = sheet.max_row + 1
    for number, text in enumerate(("注：", "1.得分一栏最高不能超过该指标分值上限。", "2.定量指标完成的，得满分。")):
        sheet.cell(row + number, 1).value = text
    return ()


def hidden(sheet: Worksheet, form: Form) -> Gone:
    """Columns and rows are hidden."""
    for letter in "DEG":
        sheet.column_dimensions[letter].hidden = True
    for row in range(head(sheet) + 2, head(sheet) + 4):
        sheet.row_dimensions[row].hidden = True
    return ()


def unmerged(sheet: Worksheet, form: Form) -> Gone:
    """Nothing is merged any more."""
    _unmerge(sheet)
    return ()


def levels_numbered(sheet: Worksheet, form: Form) -> Gone:
    return _relabelled(sheet, lambda level, text, number: f"（{'一二三四五六七八九'[number % 9]}）{text}")


def levels_counted(sheet: Worksheet, form: Form) -> Gone:
    return _relabelled(sheet, lambda level, text, number: f"{number + 1}.{text}")


def levels_short(sheet: Worksheet, form: Form) -> Gone:
    return _relabelled(sheet, lambda level, text, number: re.sub("指标$", "", text))


def levels_with_points(sheet: Worksheet, form: Form) -> Gone:
    return _relabelled(sheet, lambda level, text, number: f"{text}（{10 * (number + 1)}分）")


def levels_with_brackets(sheet: Worksheet, form: Form) -> Gone:
    return _relabelled(sheet, lambda level, text, number: f"{text}({10 * (number + 1)})")


def levels_vertical(sheet: Worksheet, form: Form) -> Gone:
    return _relabelled(sheet, lambda level, text, number: "\n".join(text) if level == 1 else text)


def output_prefixed(sheet: Worksheet, form: Form) -> Gone:
    """Names of second levels with words before them."""
    before = {"数量指标": "产出数量指标", "质量指标": "产出质量指标", "社会效益指标": "项目社会效益指标"}
    return _relabelled(sheet, lambda level, text, number: before.get(text, text) if level == 2 else text)


def _relabelled(sheet: Worksheet, change: Callable[[int, str, int], str]) -> Gone:
    row = head(sheet)
    for level, name in enumerate(("一级指标", "二级指标"), 1):
        column = next(one for one in range(1, sheet.max_column + 1) if sheet.cell(row, one).value == name)
        number, before = -1, None
        for line in range(row + 1, last(sheet) + 1):
            cell = sheet.cell(line, column)
            if isinstance(cell.value, str) and not isinstance(cell, openpyxl.cell.cell.MergedCell):
                number += cell.value != before
                before = cell.value
                cell.value = change(level, cell.value, number)
    return ()


def level1_missing(sheet: Worksheet, form: Form) -> Gone:
    """The first levels are not printed."""
    return _blanked(sheet, "一级指标")


def _blanked(sheet: Worksheet, name: str) -> Gone:
    row = head(sheet)
    column = next(one for one in range(1, sheet.max_column + 1) if sheet.cell(row, one).value == name)
    for line in range(row + 1, last(sheet) + 1):
        if not isinstance(sheet.cell(line, column), openpyxl.cell.cell.MergedCell):
            sheet.cell(line, column).value = None
    return ()


def blank_head(key: str) -> Callable[[Worksheet, Form], Gone]:
    """A head of the indicators was left blank."""

    def change(sheet: Worksheet, form: Form) -> Gone:
        row = head(sheet)
        names = [name for name, one in _KEYS.items() if one == key]
        column = next((one for one in range(1, sheet.max_column + 1) if sheet.cell(row, one).value in names), None)
        if column is None:
            return None
        sheet.cell(row, column).value = None
        if key in ("level1", "level2"):
            return ("indicators.",) if key == "level2" else ()
        gone = [f"indicators.*.{_RECORD[key]}"]
        return (*gone, *([f"total.{key}"] if key in ("weight", "score") else []))

    return change


def blank_fund_head(key: str) -> Callable[[Worksheet, Form], Gone]:
    """A head of the funds was left blank."""

    def change(sheet: Worksheet, form: Form) -> Gone:
        name = next((one for one in form["fund_columns"] if FUND_KEYS.get(one) == key), None)
        if name is None:
            return None
        found = at(sheet, name)
        assert found is not None
        sheet.cell(*found).value = None
        record = {"initial": "initial_budget", "adjusted": "adjusted_budget", "rate": "execution_rate"}
        return (f"funds.*.{record.get(key, key)}",)

    return change


def no_total(sheet: Worksheet, form: Form) -> Gone:
    for text in ("总分", "合计"):
        if (found := at(sheet, text, head(sheet))) is not None:
            sheet.delete_rows(found[0])
            return ("total.", "deviation")
    return None


def two_lines(sheet: Worksheet, form: Form) -> Gone:
    """Heads in two lines: target and actual under a common title, the others merged over both."""
    row = head(sheet)
    if form["layout"] not in ("std", "hubei20"):
        return None
    heads = {sheet.cell(row, column).value: column for column in range(1, sheet.max_column + 1)}
    columns = [column for name, column in heads.items() if _KEYS.get(str(name)) in ("target", "actual")]
    if len(columns) != 2 or columns[1] - columns[0] != 1:
        return None
    values = {columns[0]: sheet.cell(row, columns[0]).value, columns[1]: sheet.cell(row, columns[1]).value}
    insert(sheet, row + 1, values)
    sheet.cell(row, columns[0]).value = "指标值及完成情况"
    sheet.cell(row, columns[1]).value = None
    sheet.merge_cells(start_row=row, start_column=columns[0], end_row=row, end_column=columns[1])
    for column in range(2, sheet.max_column + 1):
        if column not in columns and sheet.cell(row, column).value:
            sheet.merge_cells(start_row=row, start_column=column, end_row=row + 1, end_column=column)
    return ()


def contact_lines(sheet: Worksheet, form: Form) -> Gone:
    """Heading lines that the form does not have."""
    row = 4
    insert(sheet, row, {1: "项目负责人", 3: "张三", 5: "联系电话", 7: "12345678"})
    insert(sheet, row, {1: "项目起止时间", 3: "2023年1月至12月"})
    return None if form["layout"] == "sichuan" else ()


def wide_heads(sheet: Worksheet, form: Form) -> Gone:
    """Heads with the points behind them."""
    row = head(sheet)
    for column in range(1, sheet.max_column + 1):
        cell = sheet.cell(row, column)
        if cell.value in ("分值", "权重", "得分"):
            cell.value = f"{cell.value}（90分）"
    return ()


def text_beside(sheet: Worksheet, form: Form) -> Gone:
    """Somebody reckoned beside the table."""
    column = sheet.max_column + 3
    for row in range(3, 12):
        sheet.cell(row, column).value = row * 1.5
    sheet.cell(2, column).value = "草稿"
    return ()


def table_below(sheet: Worksheet, form: Form) -> Gone:
    """Another small table stands below."""
    row = sheet.max_row + 3
    for number, line in enumerate((("序号", "附件名称", "份数"), (1, "验收单", 2), (2, "问卷", 30))):
        for column, value in enumerate(line, 2):
            sheet.cell(row + number, column).value = value
    return ()


def merged_reason(sheet: Worksheet, form: Form) -> Gone:
    """One reason is given for two rows."""
    row = head(sheet)
    column = next((one for one in range(1, sheet.max_column + 1)
                   if _KEYS.get(str(sheet.cell(row, one).value)) == "reason"), None)  # fmt: skip
    if column is None or last(sheet) - row < 2:
        return None
    sheet.merge_cells(start_row=row + 1, start_column=column, end_row=row + 2, end_column=column)
    return ("indicators.*.deviation",)


ODDITIES: Mapping[str, Callable[[Worksheet, Form], Gone]] = {
    one.__name__.replace("_", " "): one
    for one in (
        note_between, note_unmerged, subtotal, heads_again, remarks_filled, evidence_column, no_title, other_title,
        monitoring_title, department_title, transfer_title, no_goals, no_funds, fund_row_more, fund_column_more,
        signatures, signatures_in_columns, notes_below, hidden, unmerged, levels_numbered, levels_counted, levels_short,
        levels_with_points, levels_with_brackets, levels_vertical, output_prefixed, level1_missing, no_total, two_lines,
        contact_lines, wide_heads, text_beside, table_below, merged_reason,
    )
} | {f"no head of {key}": blank_head(key) for key in ROW_KEYS} | {
    f"no fund head of {key}": blank_fund_head(key) for key in dict.fromkeys(FUND_KEYS.values())
}  # fmt: skip


def odd(form: Form, *names: str) -> tuple[bytes, tuple[str, ...]] | None:
    """A form typed with oddities, and the paths that cannot be read; None where it has nothing to be changed."""
    book = openpyxl.load_workbook(io.BytesIO(workbook([(form, _STYLES["as printed"])])))
    gone: tuple[str, ...] = ()
    for name in names:
        lost = ODDITIES[name](book.worksheets[0], form)
        if lost is None:
            return None
        gone += lost
    target = io.BytesIO()
    book.save(target)
    return target.getvalue(), gone


def is_gone(path: str, gone: tuple[str, ...]) -> bool:
    """Whether a field cannot be read."""
    return any(re.match(one.replace(".", r"\.").replace("*", r".*"), path) for one in gone)
