"""Writes 自评结果汇总表, the summary for decision makers: one row per project, subtotals, charts, all findings."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from xltool.language.numbers import add, divide, round_half_up
from xltool.result.findings import ACTOR_NAMES, BUREAU, LEVEL_NAMES, REVIEW
from xltool.result.overview import ACCEPTED_MEANS, STATUS_NAMES, UNLISTED, Overview
from xltool.result.roles import BUDGET, EXECUTED, TOTAL_SCORE
from xltool.rules.code_findings import rule_names
from xltool.support.own_tables import SUMMARY
from xltool.tables.summary_lines import ABSENT, SummaryLine, is_absent, left_out_text, lines_by_heading, summary_lines
from xltool.workbook.letters import column_letters
from xltool.write.sheet import FittedSheet, shorten, text_height
from xltool.write.style import AMBER, GREEN, RED

#: Names of the sheets.
TABLE, CHARTS, FINDINGS = "汇总表", "图表", "问题清单"

_WIDTHS = (5, 31, 23, 25, 7, 14, 14, 9, 8, 6, 6, 7, 7, 10)
_STATUS_COLUMN = column_letters(len(SUMMARY))
_FIRST_ROW = 4

#: Hidden columns beside the table: budget, amount spent and score of accepted forms, the only ones in the sums.
_COUNTED = (len(SUMMARY) + 1, len(SUMMARY) + 2, len(SUMMARY) + 3)
_CREATED = datetime.datetime(2020, 1, 1)
_FONT, _TITLE_FONT = "宋体", "黑体"

#: The most characters in a cell of the list of findings.
_MOST_CHARACTERS = 300

#: The colours of the states in the chart of departments.
_COLOURS = {
    "accepted": "#6BA368",
    REVIEW: "#7A9CC6",
    BUREAU: "#8E7CC3",
    "returned": "#C8553D",
    "unreadable": "#6B7280",
    UNLISTED: "#B8BEC6",
    "missing": "#E0A030",
    "overdue": "#A8661A",
}

#: The most bars of a chart; more are not readable.
_MOST_BARS = 15


def summary_workbook(overview: Overview) -> bytes:
    """The summary as .xlsx; the same bytes for the same overview."""
    target = BytesIO()
    book = Workbook(target, {"in_memory": True, "strings_to_numbers": False, "strings_to_formulas": False})
    book.set_properties({"title": "自评结果汇总表", "created": _CREATED})
    _Summary(book, overview).write()
    book.close()
    return target.getvalue()


class _Summary:
    """Writes the sheets of one summary."""

    def __init__(self, book: Workbook, overview: Overview) -> None:
        self.book = book
        self.overview = overview
        names = (TABLE, CHARTS, FINDINGS)
        sheets: list[FittedSheet] = [book.add_worksheet(name, worksheet_class=FittedSheet) for name in names]
        self.table, self.charts, self.findings = sheets
        self.rules = rule_names(overview)
        self._formats: dict[str, Format] = {}

    def write(self) -> None:
        self._table()
        self._charts()
        self._findings()
        self.table.activate()

    def _style(self, **properties: Any) -> Format:
        """A cell format; equal properties return the same format."""
        key = repr(sorted(properties.items()))
        if key not in self._formats:
            base = {"font_name": _FONT, "font_size": 10, "valign": "vcenter"}
            self._formats[key] = self.book.add_format({**base, **properties})
        return self._formats[key]

    def _put(self, sheet: FittedSheet, row: int, column: int, value: Any, style: Format) -> None:
        """Write a value by its type: a text never becomes a formula, a number or a link."""
        if isinstance(value, int | Decimal):
            status = sheet.write_number(row, column, float(value), style)
        elif value:
            status = sheet.write_string(row, column, shorten(str(value), 1000), style)
        else:
            status = sheet.write_blank(row, column, None, style)
        assert status == 0, (sheet.name, row, column)

    # ── the table ───────────────────────────────────────────────

    def _table(self) -> None:
        """Write the table, with subtotals by department."""
        sheet, last = self.table, len(SUMMARY) - 1
        for number, width in enumerate(_WIDTHS):
            sheet.set_column(number, number, width)
        sheet.set_column(_COUNTED[0], _COUNTED[-1], None, None, {"hidden": True})
        title = self._style(bold=True, font_size=18, font_name=_TITLE_FONT, align="center")
        sheet.merge_range(0, 0, 0, last, "项目支出绩效自评结果汇总表", title)
        sheet.set_row(0, 36)
        sheet.merge_range(1, 0, 1, last, self._state_of_collection(), self._style(align="left", text_wrap=True))
        sheet.set_row(1, 20)
        head = self._style(bold=True, align="center", border=1, bg_color="#E8EEF4", text_wrap=True)
        for number, text in enumerate(SUMMARY):
            sheet.write_string(2, number, text, head)
        sheet.set_row(2, 24)
        row, number = _FIRST_ROW, 1
        for department, lines in lines_by_heading(self.overview).items():
            start = row + 1
            for offset, line in enumerate(lines):
                self._project(start + offset, number, line)
                number += 1
            self._sums(
                row,
                f"{department}（{len(lines)} 项{left_out_text(lines)}）",
                start,
                start + len(lines) - 1,
                lines,
                1,
            )
            row = start + len(lines)
        all_lines = summary_lines(self.overview)
        self._sums(row, f"合计（{len(all_lines)} 项{left_out_text(all_lines)}）", _FIRST_ROW, row - 1, all_lines, 0)
        self._colours(row)
        self._page(sheet, row, last, 3)
        sheet.autofilter(2, 0, row - 2, len(SUMMARY) - 1)
        sheet.freeze_panes(3, 2)

    def _state_of_collection(self) -> str:
        """The line above the table: date, money unit, counts by state."""
        overview = self.overview
        day = f"{overview.as_of.year}年{overview.as_of.month}月{overview.as_of.day}日"
        counts = [f"{STATUS_NAMES[status]} {overview.count(status)}" for status in overview.states]
        overdue = (
            f"（逾期 {overview.by_missing_status['overdue']}）" if overview.by_missing_status.get("overdue") else ""
        )
        late = f"，迟交 {overview.late}" if overview.late else ""
        listed = (
            []
            if overview.listed is None
            else [f"名册 {overview.listed} 项，未交 {len(overview.missing)}{overdue}{late}"]
        )
        mixed = len({entry.money_unit for entry in overview.entries if entry.money_unit}) > 1
        unit = f"金额单位：{overview.money_unit}" + ("（以元填报的已折算）" if mixed else "")
        if names := overview.unlisted_names:
            listed.append(f"不在名册上的 {len(names)}：{'、'.join(names)}")
        return "　　".join(
            [f"截至 {day}", unit, "，".join(counts), *listed, overview.left_out, f"（{ACCEPTED_MEANS}）"]
        )

    def _project(self, row: int, number: int, line: SummaryLine) -> None:
        """Write the row of one project."""
        text = self._style(border=1, text_wrap=True, align="left", indent=1)
        middle = self._style(border=1, align="center")
        money = self._style(border=1, num_format="#,##0.00", shrink=True)
        rate = self._style(border=1, num_format="0.00%", align="center")
        score = self._style(border=1, num_format="0.##;-0.##;0", align="center")
        styles = (middle, text, text, text, middle, money, money, rate, score, *(middle,) * 5)
        cells = [number, *line.cells()]
        for column, (value, style) in enumerate(zip(cells, styles, strict=True)):
            self._put(self.table, row - 1, column, value, middle if value == ABSENT and style is not text else style)
        for column, value in zip(_COUNTED, line.counted, strict=True):
            self._put(self.table, row - 1, column, value if value is not None else "", middle)
        needed_height = max(text_height(str(cells[column] or ""), _WIDTHS[column] - 2, 10) for column in (1, 2, 3))
        self.table.fit_row(row, min(120, max(20, needed_height)), level=1)

    def _sums(self, row: int, name: str, first: int, last: int, lines: Sequence[SummaryLine], level: int) -> None:
        """Write a row of sums; SUBTOTAL skips other subtotals in its range, and rows hidden by a filter."""
        look = {"border": 1, "bold": True, "bg_color": "#F4F6F8" if level else "#E8EEF4"}
        text, middle = self._style(**look, text_wrap=True), self._style(**look, align="center")
        money, rate = (
            self._style(**look, num_format="#,##0.00", shrink=True),
            self._style(**look, num_format="0.00%", align="center"),
        )
        score = self._style(**look, num_format="0.00", align="center")
        sheet = self.table
        self._put(sheet, row - 1, 0, "", middle)
        self._put(sheet, row - 1, 1, name, text)
        for column in (2, 3, 4, 9, 10, 12):
            self._put(sheet, row - 1, column, "", middle)
        counted = [line.counted for line in lines]
        budget, executed = _sum(values[0] for values in counted), _sum(values[1] for values in counted)
        letters = [column_letters(column + 1) for column in _COUNTED]
        share = round_half_up(divide(executed, budget), 9) if budget else ""
        scores = [values[2] for values in counted if values[2] is not None]
        mean = divide(_sum(scores), Decimal(len(scores))) if scores else ""
        areas = [f"{letter}{first}:{letter}{last}" for letter in letters]
        figures: tuple[tuple[str, tuple[str, ...], str, Format, Decimal | str], ...] = (
            ("F", (BUDGET,), f"SUBTOTAL(9,{areas[0]})", money, budget),
            ("G", (EXECUTED,), f"SUBTOTAL(9,{areas[1]})", money, executed),
            ("H", (BUDGET, EXECUTED), f'IF(F{row}=0,"",G{row}/F{row})', rate, share),
            ("I", (TOTAL_SCORE,), f'IFERROR(SUBTOTAL(1,{areas[2]}),"")', score, mean),
        )
        for letter, roles, formula, style, value in figures:
            if any(is_absent(lines, role) for role in roles):  # no sum of what no form has
                sheet.write_string(f"{letter}{row}", ABSENT, middle)
            else:
                self._formula(row, letter, formula, style, value)
        errors = sum(line.errors or 0 for line in lines)
        self._formula(row, "L", f"SUBTOTAL(9,L{first}:L{last})", middle, Decimal(errors))
        accepted, word = sum(line.status == "accepted" for line in lines), STATUS_NAMES["accepted"]
        self._formula(
            row,
            _STATUS_COLUMN,
            f'"{word} "&COUNTIF({_STATUS_COLUMN}{first}:{_STATUS_COLUMN}{last},"{word}")',
            middle,
            f"{word} {accepted}",
        )
        sheet.fit_row(row, max(22, text_height(name, _WIDTHS[1], 10)))

    def _formula(self, row: int, column: str, formula: str, style: Format, value: Decimal | str) -> None:
        """Write a formula with its value."""
        stored = float(value) if isinstance(value, Decimal) else value
        status = self.table.write_formula(f"{column}{row}", f"={formula}", style, stored)
        assert status == 0, (row, column)

    def _colours(self, last: int) -> None:
        """Colour the states."""
        area = f"{_STATUS_COLUMN}{_FIRST_ROW}:{_STATUS_COLUMN}{last}"
        looks = {
            "returned": RED,
            "unreadable": RED,
            "overdue": RED,
            "missing": AMBER,
            REVIEW: AMBER,
            BUREAU: AMBER,
            "accepted": GREEN,
        }
        for status, look in looks.items():
            cell_format = self.book.add_format(look)
            rule = {"type": "cell", "criteria": "==", "value": f'"{STATUS_NAMES[status]}"', "format": cell_format}
            self.table.conditional_format(area, rule)

    @staticmethod
    def _page(sheet: FittedSheet, rows: int, last_column: int, repeated: int) -> None:
        """Set up the printed page."""
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.7)
        sheet.fit_to_pages(1, 0)
        sheet.print_area(0, 0, rows - 1, last_column)
        if repeated:
            sheet.repeat_rows(0, repeated - 1)
        sheet.center_horizontally()
        sheet.hide_gridlines(2)
        sheet.set_footer(f'&L&"{_FONT}"&9&A&C&"{_FONT}"&9第 &P 页，共 &N 页')

    # ── charts ──────────────────────────────────────────────────

    def _charts(self) -> None:
        """Write the charts and the small tables they are drawn from."""
        sheet = self.charts
        sheet.set_column("A:A", 26)
        sheet.set_column("B:E", 8)
        sheet.set_column("F:F", 3)
        title = self._style(bold=True, font_size=16, font_name=_TITLE_FONT)
        sheet.write_string(0, 0, "收表情况和主要问题", title)
        sheet.set_row(0, 30)
        overview, row = self.overview, 3
        departments = list(overview.by_department.items())[:_MOST_BARS]
        states = [
            state
            for state in _COLOURS
            if state in ("accepted", "returned", "missing") or any(counts.get(state) for _, counts in departments)
        ]
        rows = [(name, *(counts.get(state, 0) for state in states)) for name, counts in departments]
        row = self._chart(row, "各部门收表情况", ["主管部门", *(STATUS_NAMES[state] for state in states)], rows,
                          [_COLOURS[state] for state in states])  # fmt: skip
        levels = tuple(LEVEL_NAMES)
        rules = list(overview.by_rule.items())[:_MOST_BARS]
        rows = [(self._rule(rule), *(counts.get(level, 0) for level in levels)) for rule, counts in rules]
        row = self._chart(row, "最常见的问题", ["规则", *(LEVEL_NAMES[level][0] for level in levels)], rows,
                          ["#C8553D", "#E0A030", "#7A9CC6"])  # fmt: skip
        if overview.scores:
            rows = [(name, count) for name, count in overview.scores.items()]
            row = self._chart(row, overview.scores_title, ["得分", "份数"], rows, ["#4C78A8"], kind="column")
        self._page(sheet, row, 15, 0)
        sheet.set_h_pagebreaks([24, 46])

    def _rule(self, rule: str) -> str:
        """The id and the name of a rule."""
        return f"{rule} {self.rules.get(rule, '')}".strip()

    def _chart(
        self,
        row: int,
        title: str,
        heads: Sequence[str],
        rows: Sequence[Sequence[Any]],
        colours: Sequence[str],
        kind: str = "bar",
    ) -> int:
        """Write a small table and its chart.

        Returns:
            The row where the next chart may start.
        """
        sheet = self.charts
        head, cell = self._style(bold=True, border=1, align="center"), self._style(border=1, shrink=True)
        sheet.write_string(row - 1, 0, title, self._style(bold=True, font_size=12))
        for column, text in enumerate(heads):
            sheet.write_string(row, column, text, head)
        for line, values in enumerate(rows, row + 1):
            for column, value in enumerate(values):
                self._put(sheet, line, column, value, cell)
        if rows:
            chart = self.book.add_chart({"type": kind, **({"subtype": "stacked"} if len(heads) > 2 else {})})
            span = (row + 1, row + len(rows))
            for column, colour in enumerate(colours, 1):
                chart.add_series(
                    {
                        "name": [CHARTS, row, column],
                        "categories": [CHARTS, span[0], 0, span[1], 0],
                        "values": [CHARTS, span[0], column, span[1], column],
                        "fill": {"color": colour},
                        "gap": 40,
                    }
                )
            chart.set_title({"name": title, "name_font": {"name": _TITLE_FONT, "size": 12}, "overlay": False})
            chart.set_legend({"position": "bottom"} if len(heads) > 2 else {"none": True})
            if kind == "bar":
                chart.set_y_axis({"reverse": True, "num_font": {"size": 8}})
                chart.set_x_axis(
                    {"major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}, "num_format": "0"}
                )
            else:
                chart.set_y_axis(
                    {"major_gridlines": {"visible": True, "line": {"color": "#E0E0E0"}}, "num_format": "0"}
                )
            chart.set_size({"width": 640, "height": 390})
            sheet.insert_chart(row - 1, 6, chart, {"y_offset": 6})  # clear of the page break above it
        return row + max(len(rows) + 3, 22)

    # ── findings ────────────────────────────────────────────────

    def _findings(self) -> None:
        """Write the list of findings."""
        sheet = self.findings
        heads = ("项目名称", "实施单位", "级别", "规则", "位置", "栏目", "问题", "怎样更正", "由谁处理", "说明或豁免",
                 "文件")  # fmt: skip
        widths = (22, 18, 6, 13, 12, 20, 38, 32, 9, 18, 18)
        for number, width in enumerate(widths):
            sheet.set_column(number, number, width)
        head = self._style(bold=True, align="center", border=1, bg_color="#E8EEF4")
        for number, text in enumerate(heads):
            sheet.write_string(0, number, text, head)
        text, middle = (
            self._style(border=1, text_wrap=True, font_size=9),
            self._style(border=1, align="center", font_size=9),
        )
        row = 1
        for cells in self._lines_of_findings():
            for column, value in enumerate(cells):
                self._put(
                    sheet, row, column, shorten(str(value), _MOST_CHARACTERS), middle if column in (2, 4, 8) else text
                )
            needed_height = max(
                text_height(shorten(str(value), _MOST_CHARACTERS), widths[column], 9)
                for column, value in enumerate(cells)
            )
            row += 1
            sheet.fit_row(row, min(300, max(18, needed_height)))
        self._page(sheet, row, len(heads) - 1, 1)
        sheet.autofilter(0, 0, max(1, row - 1), len(heads) - 1)
        sheet.freeze_panes(1, 0)

    def _lines_of_findings(self) -> Iterator[list[str]]:
        """The cells of each finding."""
        entries = sorted(
            self.overview.entries,
            key=lambda item: (item.project("department"), item.project("unit"), item.project("name")),
        )
        for entry in entries:
            for finding in entry.result.findings:
                remark = finding.explanation or ""
                if finding.waived:
                    remark = f"已豁免：{finding.waived.reason}"
                yield [
                    entry.project("name") or "—", entry.project("unit"), LEVEL_NAMES[finding.level][0],
                    self._rule(finding.rule), finding.cell or "", finding.label, finding.message,
                    finding.fix, ACTOR_NAMES[finding.actor][0], remark, entry.result.file,
                ]  # fmt: skip


def _sum(numbers: Any) -> Decimal:
    """The sum of the numbers that are not None."""
    return add(*(number for number in numbers if number is not None))
