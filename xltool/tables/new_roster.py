"""Writes the blank roster: the list of projects and of their indicators, as ``xltool issue`` reads them.

The worked example is on 说明, one column of the roster per row, so that it cannot be taken for data.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from xltool.form.definition import Form
from xltool.support.own_tables import ROSTER_NAME, ROSTER_PROPERTY, ROSTER_TITLE
from xltool.tables.roster_columns import (
    LEVEL1_NAMES,
    LEVEL2_NAMES,
    TEXT,
    RosterColumn,
    indicator_columns,
    project_columns,
)
from xltool.workbook.letters import column_letters
from xltool.write.sheet import text_height
from xltool.write.style import INPUT_TINT, Styles

#: Names of the sheets.
PROJECTS, INDICATORS, GUIDE = "项目", "指标", "说明"

#: The columns that say which project a row is about; they stay in view.
_SUBJECTS = ("name", "unit")

#: The last row with drop-downs and limits.
_LAST_ROW = 5000
_CREATED = datetime.datetime(2020, 1, 1)
_HEAD_TINT, _NEEDED_TINT = "#DDEBF7", "#FFE699"


def new_roster(form: Form) -> bytes:
    """Build the blank roster for the funds, columns and second-level indicators of a form.

    Returns:
        The bytes of an .xlsx file; the same for the same form.
    """
    target = BytesIO()
    book = Workbook(target, {"in_memory": True})
    book.set_properties({"title": "项目名册", "created": _CREATED})
    _Writer(book, form).write()
    book.close()
    return target.getvalue()


# ── the sheets ──────────────────────────────────────────────────


class _Writer:
    """Writes the sheets of one blank roster."""

    def __init__(self, book: Workbook, form: Form) -> None:
        self.book = book
        self.form = form
        self.styles = Styles(book, form)
        self.columns, self.columns_of_indicators = project_columns(form), indicator_columns(form)
        self.projects = book.add_worksheet(PROJECTS)
        self.indicators = book.add_worksheet(INDICATORS) if self.columns_of_indicators else None
        self.guide = book.add_worksheet(GUIDE)

    def write(self) -> None:
        self._list(self.projects, self.columns)
        if self.indicators is not None:
            self._list(self.indicators, self.columns_of_indicators)
        self._guide()
        self._mark()
        self.projects.activate()

    def _mark(self) -> None:
        """Mark the workbook with its form and the default money unit, which give its columns their meaning."""
        mark = f"{self.form.reference} {self.form.money_unit}"
        self.book.set_custom_property(ROSTER_PROPERTY, mark)
        self.book.define_name(ROSTER_NAME, f'="{mark}"')

    def _list(self, sheet: Worksheet, columns: Sequence[RosterColumn]) -> None:
        """Write the heads and limits of a list."""
        plain, needed = self._heads()
        for number, column in enumerate(columns):
            wrap = column.number_format == TEXT
            column_format = self.styles.make(num_format=column.number_format, text_wrap=wrap, valign="top")
            sheet.set_column(number, number, column.width, column_format)
            sheet.write_string(0, number, column.head, needed if column.needed else plain)
            self._limit(sheet, number, column)
        sheet.set_row(0, 30)
        sheet.freeze_panes(1, 1 + next(number for number, column in enumerate(columns) if column.key in _SUBJECTS))
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&C&A　第 &P 页，共 &N 页")

    def _heads(self) -> tuple[Any, Any]:
        """The formats of optional and required heads."""
        look = {"bold": True, "border": 1, "align": "center", "text_wrap": True, "bg_color": _HEAD_TINT}
        return self.styles.make(**look), self.styles.make(**{**look, "bg_color": _NEEDED_TINT})

    @staticmethod
    def _limit(sheet: Worksheet, number: int, column: RosterColumn) -> None:
        """Limit what the cells accept, and show how to fill them in when they are selected."""
        texts = {"input_title": column.name, "input_message": column.hint, "error_title": column.name}
        status = sheet.data_validation(1, number, _LAST_ROW, number, {"validate": "any", **texts, **column.limit})
        assert status is None or status == 0, column.key  # XlsxWriter drops texts that are too long

    # ── how to fill it in ───────────────────────────────────────

    def _guide(self) -> None:
        """Write the sheet that explains the lists."""
        sheet = self.guide
        for letters, width in (("A:A", 16), ("B:B", 58), ("C:D", 30), ("E:E", 3), ("F:F", 16), ("G:G", 24)):
            sheet.set_column(letters, width)
        title = self.styles.make(bold=True, font_size=16, font_name=self.form.print.title_font)
        sheet.write_string(0, 0, f"{ROSTER_TITLE}{self.form.name}", title)
        sheet.set_row(0, 30)
        row = 1
        lines = _LINES if self.indicators is not None else _LINES_WITHOUT_INDICATORS
        for line in lines:
            sheet.merge_range(row, 0, row, 3, line, self.styles.make(text_wrap=True))
            sheet.set_row(row, text_height(line, 130, self.form.print.font_size))
            row += 1
        row = self._columns(row + 1, f"《{PROJECTS}》页：一行一个项目", self.columns, ["例"])
        if self.indicators is not None:
            examples = ["例：第一行", "例：第二行（以下略）"]
            self._columns(row + 1, f"《{INDICATORS}》页：一行一个指标", self.columns_of_indicators, examples)
            self._levels(self.form.tables[self.form.indicator_table].level_columns)
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
        sheet.hide_gridlines(2)

    def _columns(self, row: int, title: str, columns: Sequence[RosterColumn], examples: Sequence[str]) -> int:
        """Explain the columns of a sheet, one per row with its example; so no row looks like a row of a list.

        Returns:
            The next free row.
        """
        sheet = self.guide
        sheet.write_string(row, 0, title, self.styles.make(bold=True, font_size=12))
        plain, needed = self._heads()
        wide = len(examples) == 1
        self._put(row + 1, ("栏目", "怎样填", *examples), (plain,) * 4, wide)
        row += 2
        text = self.styles.make(border=1, text_wrap=True)
        example = self.styles.make(border=1, text_wrap=True, bg_color=INPUT_TINT)
        size = self.form.print.font_size
        for column in columns:
            looks = (needed if column.needed else plain, text, example, example)
            self._put(row, (column.head, column.hint, *column.example), looks, wide)
            heights = [text_height(example_text, 60 if wide else 30, size) for example_text in column.example]
            sheet.set_row(row, max(20, text_height(column.hint, 58, size), *heights))
            row += 1
        return row

    def _put(self, row: int, texts: Sequence[str], looks: Sequence[Any], wide: bool) -> None:
        """Write a row of texts; a single example is merged over both columns of examples."""
        for number, text in enumerate(texts):
            if wide and number == 2:
                self.guide.merge_range(row, 2, row, 3, text, looks[2])
            else:
                self.guide.write_string(row, number, text, looks[number])

    def _levels(self, levels: Sequence[str]) -> None:
        """List the groups of indicators of the form by level, for reading and for the drop-downs."""
        if not levels:
            return
        sheet, top = self.guide, len(_LINES) + 2
        head, _ = self._heads()
        cell = self.styles.make(border=1)
        sheet.write_string(top, 5, "表样的各级指标", self.styles.make(bold=True, font_size=12))
        first = list(dict.fromkeys(level1.label for level1 in self.form.level1))
        second = list(dict.fromkeys(group.label for group in self.form.level2.values()))
        for number, text in enumerate(("一级", "二级")[: len(levels)]):
            sheet.write_string(top + 1, 5 + number, text, head)
        lists = ((LEVEL1_NAMES, first), (LEVEL2_NAMES, second))
        for number, (name, labels) in enumerate(lists[: len(levels)], 5):
            for offset, label in enumerate(labels):
                sheet.write_string(top + 2 + offset, number, label, cell)
            letters, start = column_letters(number + 1), top + 3
            area = f"${letters}${start}:${letters}${start + len(labels) - 1}"
            self.book.define_name(name, f"='{GUIDE}'!{area}")


_HEADS = "第一行是表头，不要改名；带 * 的必填。"
_ORDER = "表头的先后可以调整，用不到的列可以删去；另加的列不影响，也不会读取。"
_TRIAL = "填好后先试：xltool issue 名册.xlsx --dry-run，有错误会一次列出行和栏目；再用 -o 文件夹 签发。"
_COLLECT = "收表时用同一份名册：xltool ingest 交回 --roster 名册.xlsx，对照谁没有交、批复的内容改没改。"

_LINES = (
    f"1. 《{PROJECTS}》页一行填一个项目，《{INDICATORS}》页一行填一个批复的指标；{_HEADS}",
    f"2. {_ORDER}",
    "3. 没有批复指标的项目，《指标》页可以不写，发出的表由单位自己填指标。",
    f"4. {_TRIAL}",
    f"5. {_COLLECT}",
)
_LINES_WITHOUT_INDICATORS = (
    f"1. 《{PROJECTS}》页一行填一个项目；{_HEADS}",
    f"2. {_ORDER}",
    f"3. {_TRIAL}",
    f"4. {_COLLECT}",
)
