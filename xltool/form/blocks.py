"""The blocks of a form by their parts, with their names in definitions and records.

No module of another room names them: code that needs a table asks the form (``fund_table``, ``indicator_table``), or
form and record by role (``result.roles``).
"""

from __future__ import annotations

from xltool.form.places import SingleCell
from xltool.result import record
from xltool.support.memo import memo

#: The fund table: one row per source of money, the same rows on every copy of a form.
FUNDS = "funds"

#: Its row that sums the others.
FUND_TOTAL = "total"

#: The indicator table, with as many rows as each group of indicators needs.
INDICATORS = "indicators"

#: Blocks without rows of their own: the goal, the line of totals, the notes below the table.
GOAL, TOTAL, NOTES = "goal", "total", "notes"

#: The unit's explanations on the panel, by rule.
EXPLANATIONS = record.EXPLANATIONS

#: The ``each`` of rules about rows or columns of a table.
EACH_INDICATOR, EACH_FUND_ROW, EACH_FUND_COLUMN = INDICATORS, f"{FUNDS}.rows", f"{FUNDS}.columns"

#: Single cells that a form has or leaves out as a whole.
YEAR_CELL, MONEY_UNIT_CELL, GRADE_CELL = SingleCell("year"), SingleCell("money_unit"), SingleCell("grade")
PROJECT_NAME_CELL, PROJECT_CODE_CELL = SingleCell("project.name"), SingleCell("project.code")
PROJECT_UNIT_CELL, PROJECT_DEPARTMENT_CELL = SingleCell("project.unit"), SingleCell("project.department")
TOTAL_SCORE_CELL = SingleCell(f"{TOTAL}.score")


@memo(256, 16)
def explanation_cell(rule: str) -> SingleCell:
    """The cell for the unit's explanation of a rule."""
    return SingleCell(f"{EXPLANATIONS}.{rule}")
