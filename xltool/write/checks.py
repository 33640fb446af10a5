"""Writes the hidden sheet ``_check``: one column per check, one row per row of the form, a verdict in each cell.

A verdict is the number of the check (at fault), ``ok``, or blank. Lower numbers are worse, so the smallest number in a
row is the one to show to its filler, and MATCH of a number in its own column finds the first cell at fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from xlsxwriter.worksheet import Worksheet

from xltool.form.addresses import CellAddresses, cell_address
from xltool.form.layout import Layout
from xltool.form.own_sheets import CHECK, LIST_TEXTS, LISTS
from xltool.language import excel
from xltool.result.findings import LEVELS
from xltool.rules.catalogue import Capacities, Catalogue
from xltool.rules.rule import CheckInstance, Rule
from xltool.support.templates import cache_within_budget
from xltool.workbook.letters import column_letters
from xltool.write.panel_lines import LEVEL_WORDS, idle_line


class CheckSheet:
    """The checks of one layout as formulas; ``CheckResults`` has their values.

    Attributes:
        instances: the check instances of the sheet, in the order of their columns.
        cells: by check instance, the content of its cell for each verdict.
        idle_lines: the lines of the panel when no check has a verdict.
        checks_of_lines: for each line of the panel its index, its rule, and the slice of ``instances`` of the rule.
        by_number: the first check instance of each number.
        turns: the position of each number in ``by_number``.
        boxes: the box of the first cell of each check.
        idle_links: the link of each check on a form without faults.
        width: the number of the last column.
        rows: the number of rows.
        last: see ``_last``; cached.
    """

    def __init__(self, catalogue: Catalogue, layout: Layout) -> None:
        self.catalogue = catalogue
        self.layout = layout
        self.instances = catalogue.sheet_checks(layout)
        self.cells: list[tuple[str | int, ...]] = [("ok", instance.number, "") for instance in self.instances]
        lines = [catalogue.rules[key] for key in layout.panel]
        self.idle_lines = [idle_line(rule) for rule in lines]
        self.checks_of_lines = [(turn, rule, self._slice_of(rule)) for turn, rule in enumerate(lines)]
        self.by_number = {instance.number: instance for instance in reversed(self.instances)}
        self.turns = {number: turn for turn, number in enumerate(self.by_number)}
        self.boxes = {number: layout.box(instance.at) for number, instance in self.by_number.items()}
        self.idle_links = [
            "" if box.sheet == layout.form.sheet else f"#'{box.sheet}'!{box.first}" for box in self.boxes.values()
        ]
        self.width = max(self.by_number, default=1)  # a form may have nothing to check
        self.rows = layout.last_row
        self.last = cache(self._last)

    def _slice_of(self, rule: Rule) -> slice:
        """The slice of ``instances`` that belongs to a rule."""
        turns = [turn for turn, check in enumerate(self.instances) if check.rule is rule]
        assert turns == list(range(turns[0], turns[0] + len(turns))) if turns else True, rule.id
        return slice(turns[0], turns[-1] + 1) if turns else slice(0)

    def column(self, number: int) -> str:
        """The range of a check's verdicts, with the name of its sheet."""
        letters = column_letters(number)
        return f"'{CHECK}'!${letters}$1:${letters}${self.rows}"

    def write(self, check: Worksheet, lists: Worksheet, verdicts: Sequence[int | str], links: Sequence[str]) -> None:
        """Write the verdicts, and one line per check on ``_lists``: rule, message, fix, link to the first fault.

        Args:
            check: the sheet ``_check``.
            lists: the sheet ``_lists``.
            verdicts: the values of the formulas on ``_check``.
            links: the values of the links to the first cells at fault.
        """
        formulas = _formulas(self.catalogue, tuple(self.layout.capacities.items()))
        for instance, formula, verdict in zip(self.instances, formulas, verdicts, strict=True):
            status = check.write_formula(instance.row - 1, instance.number - 1, formula, None, verdict)
            assert status == 0, instance.rule.id
        for (number, instance), link in zip(self.by_number.items(), links, strict=True):
            lists.write_string(number - 1, 0, instance.rule.id)
            lists.write_string(number - 1, 1, self.verdict_formula(instance))
            lists.write_string(number - 1, 2, instance.case.fix)
            lists.write_formula(number - 1, 3, self._link(number), None, link)

    def verdict_formula(self, instance: CheckInstance) -> str:
        """The text that a row shows for a check: level, rule, what to do."""
        return f"【{LEVEL_WORDS[instance.case.level]} {instance.rule.id} {instance.rule.name}】{instance.case.fix}"

    def _link(self, number: int) -> str:
        """The formula of the link to the first cell at fault."""
        box = self.boxes[number]
        if box.sheet != self.layout.form.sheet:
            return f"=\"#'{box.sheet}'!{box.first}\""
        first = f"MATCH({number},{self.column(number)},0)"
        if not self.by_number[number].in_row:
            first = f"IF({first}>0,ROW('{box.sheet}'!{box.absolute.partition(':')[0]}))"
        return f'=IFERROR("#\'{box.sheet}\'!{column_letters(box.left)}"&{first},"")'

    def numbers(self, rule: Rule) -> list[int]:
        """The numbers of a rule's checks, worst first."""
        return sorted(number for number, instance in self.by_number.items() if instance.rule is rule)

    def _last(self, level: str) -> int:
        """The highest number of a check of this level or a worse one; 0 if there is none."""
        worse = LEVELS[: LEVELS.index(level) + 1]
        return max((n for n, instance in self.by_number.items() if instance.case.level in worse), default=0)

    def row_formula(self, row: int) -> str:
        """The formula of the verdict beside a row: its worst fault, and how many it has."""
        width = self.last("warning")  # information is shown on the panel only
        area = f"'{CHECK}'!$A{row}:${column_letters(width)}{row}"
        texts = f"'{LISTS}'!{LIST_TEXTS}{self.width}"
        more = f'IF(COUNT({area})>1,"（本行共 "&COUNT({area})&" 处）","")'
        return f'=IF(COUNT({area})=0,"",INDEX({texts},MIN({area}))&{more})'

    def overall_formula(self, states: str) -> str:
        """The formula of the overall verdict.

        Args:
            states: the range of the states on the panel.
        """
        errors, warnings = (f'COUNTIF({states},"{LEVEL_WORDS[level]}")' for level in ("error", "warning"))
        with_warnings = f'"没有错误，可以提交；有 "&{warnings}&" 类警告，请核对或写明说明"'
        passed = f'IF({warnings}>0,{with_warnings},"检查通过，可以提交")'
        return f'=IF({errors}>0,"有 "&{errors}&" 类错误，请更正后再提交",{passed})'


@cache_within_budget(
    lambda found, *_: 1_000 * len(found)
)  # workbooks written in a row are often of one size; a megabyte each
def _formulas(catalogue: Catalogue, capacities: Capacities) -> list[str]:
    """The formulas of all checks on the sheet, in their order."""
    layout = catalogue.layout(dict(capacities))
    later = {check.number for check in catalogue.checks_of(layout) if check.case.checked_by == "python"}

    def formula(instance: CheckInstance) -> str:
        before = ",".join(
            cell_address(number, instance.row) for number in instance.suppressed_by if number not in later
        )
        when, must = catalogue.expressions.trees(instance.check, instance.item)
        return "=" + excel.verdict_formula(
            when, must, instance.number, before, CellAddresses(layout, instance.item, CHECK)
        )

    return [formula(check) for check in catalogue.sheet_checks(layout)]
