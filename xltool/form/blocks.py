"""The blocks of a form, by the parts they play: what each is called in definitions and in records.

No other module names them: those that ask for a table ask the form (``fund_table``, ``indicator_table``) or take a
constant of this page.
"""

from __future__ import annotations

from xltool.form.places import SingleCell

#: The fund table: one row for each source of money, the same rows on every copy of a form.
FUNDS = "funds"

#: Its row that sums the others.
FUND_TOTAL = "total"

#: The indicator table: as many rows as each group of indicators needs.
INDICATORS = "indicators"

#: Blocks without rows of their own: the goal, the line of totals, the notes below the table.
GOAL, TOTAL, NOTES = "goal", "total", "notes"

#: What the unit writes beside the checks of the panel, by rule.
EXPLANATIONS = "explanations"

#: What an expression is about where it is about rows or columns of a table: the ``each`` of a rule.
EACH_INDICATOR, EACH_FUND_ROW, EACH_FUND_COLUMN = INDICATORS, f"{FUNDS}.rows", f"{FUNDS}.columns"

#: Single cells that every form has, or leaves out as a whole.
YEAR_CELL, MONEY_UNIT_CELL, GRADE_CELL = SingleCell("year"), SingleCell("money_unit"), SingleCell("grade")
PROJECT_NAME_CELL, PROJECT_CODE_CELL = SingleCell("project.name"), SingleCell("project.code")
PROJECT_UNIT_CELL, PROJECT_DEPARTMENT_CELL = SingleCell("project.unit"), SingleCell("project.department")
TOTAL_SCORE_CELL = SingleCell(f"{TOTAL}.score")


def explanation_cell(rule: str) -> SingleCell:
    """Where the unit explains what a rule warns of."""
    return SingleCell(f"{EXPLANATIONS}.{rule}")
