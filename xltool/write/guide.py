"""Writes the sheet 填报说明, which explains in a few lines how to fill in the form."""

from __future__ import annotations

from xlsxwriter.worksheet import Worksheet

from xltool.form.definition import Form
from xltool.form.own_sheets import GUIDE_TITLE, PANEL
from xltool.form.seals import Seal, SealedValues
from xltool.result.roles import FUND_SCORE, RATE, REASON, SCORE, TOTAL_SCORE
from xltool.write.style import INPUT_TINT, Styles

#: What formulas compute, by role.
_COMPUTED = {RATE: "执行率", FUND_SCORE: "得分", TOTAL_SCORE: "总分"}


def guide_lines(form: Form) -> list[str]:
    """The lines of the sheet, worded for this form."""
    return [
        f"在《{form.sheet}》页的浅黄色格子里填写；其余格子已锁定{_computed(form)}。",
        f"{_money(form)}粘贴时请用“选择性粘贴－数值”，以免破坏格式和校验。",
        *_rows(form),
        f"表右侧逐行显示自检结果；《{PANEL}》页列出全部检查和怎样更正，点“定位”到有问题的格子。警告属实的，在“说明”一栏写明原因。",
        *_blank_rows(form),
    ]


def _computed(form: Form) -> str:
    """Says what formulas compute; "" for a form without formulas."""
    has_sums = any(row.part for matrix in form.matrices.values() for row in matrix.rows.values())
    names = ["合计"] if has_sums else []
    names += [name for role, name in _COMPUTED.items() if form.place(role) in form.computed_cells]
    return f"，{'、'.join(names)}由公式计算，不要手填" if names else ""


def _money(form: Form) -> str:
    """Says how to fill in amounts; "" for a form without any."""
    if not form.money_unit:
        return ""
    blank = "；没有的资金来源留空" if any(row.part for row in form.fund_rows.values()) else ""
    return f"金额单位是{form.money_unit}，只填数字{blank}。"


def _rows(form: Form) -> list[str]:
    """Says how to use the rows of tables, and where to explain a deviation."""
    if not form.tables:
        return [reason] if (reason := _reason(form)) else []
    table = form.tables.get(form.indicator_table)
    rows = "各二级指标有几个指标填几行" if table is not None and len(table.level_columns) > 1 else "有几项填几行"
    return [f"{rows}，没有用到的行整行留空，不要插入或删除行。{_reason(form)}"]


def _reason(form: Form) -> str:
    """Says where to explain a deviation; "" for a form without such a field."""
    column = form.columns.get(form.column(REASON) or "")
    if column is not None:
        when = "得分低于分值的" if form.column(SCORE) else "没有完成的"
        return f"{when}，“{column.label}”一栏写明原因。"
    place = form.place(REASON)
    if place is not None:
        return f"有偏差或没有完成的，在表下方“{form.field(place).label}”一栏写明。"
    return ""


def _blank_rows(form: Form) -> list[str]:
    """Says how to hide rows without content."""
    table = form.tables.get(form.indicator_table)
    if table is None or not table.flag:
        return []
    flag = table.columns[table.flag].label
    return [
        f"打印前，点《{form.sheet}》表头右侧“{flag}”的筛选箭头，去掉“空行”，空行即收起；选“全选”恢复。行高可以自己调整。"
    ]


def issued_line(seal: Seal) -> str:
    """The line that names the seal and the deadline of an issued form."""
    due = f"请于 {seal.due} 前报送。" if seal.due else ""
    return f"本表逐项目签发，编号 {seal.code}。{due}批复的内容已填好并锁定；有误的，请告知发表单位。"


def write_guide(sheet: Worksheet, styles: Styles, form: Form, issued: SealedValues | None) -> None:
    """Write the sheet.

    Args:
        sheet: the sheet.
        styles: the formats of the workbook.
        form: the form that is explained.
        issued: the seal and the sealed values; None for a form that is not issued.
    """
    sheet.set_column("A:A", 5)
    sheet.set_column("B:B", 88)
    title = styles.make(bold=True, font_size=16, font_name=form.print.title_font, align="center")
    sheet.merge_range(GUIDE_TITLE, f"{form.title}填报说明", title)
    sheet.set_row(0, 34)
    number_style = styles.make(border=1, align="center")
    text_style = styles.make(border=1, text_wrap=True)
    for number, line in enumerate(guide_lines(form), 1):
        sheet.write_number(number, 0, number, number_style)
        sheet.write_string(number, 1, line, text_style)
        sheet.set_row(number, 36)
    last = len(guide_lines(form)) + 1
    sheet.write_blank(last, 0, None, styles.make(border=1, bg_color=INPUT_TINT))
    sheet.write_string(last, 1, "这种颜色的格子需要填写", text_style)
    basis = f"依据：{form.basis}" if form.basis else ""
    sheet.write_string(last + 1, 1, basis, styles.make(text_wrap=True, font_color="#606060"))
    sheet.set_row(last + 1, 32)
    if issued is not None:  # after the lines that every form has
        sheet.write_string(last + 2, 1, issued_line(issued.seal), styles.make(text_wrap=True, bold=True))
        sheet.set_row(last + 2, 36)
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.hide_gridlines(2)
    sheet.protect()
