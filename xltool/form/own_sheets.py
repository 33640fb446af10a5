"""The names of the form's other sheets, and the addresses on them.

Apart from ``layout``, this is the only module that knows addresses.
"""

from __future__ import annotations

PANEL, LISTS, CHECK, STAMP, GUIDE = "自检", "_lists", "_check", "_xltool", "填报说明"
#: The sheets beside the form's own.
OWN_SHEETS = frozenset((PANEL, LISTS, CHECK, STAMP, GUIDE))

#: The sheet in front of a returned workbook.
REMARKS = "退回意见"

#: The prefix of the defined names of our fields.
NAME_PREFIX = "xl_"

#: The head of the column beside the table with the verdict on each row.
VERDICTS = "逐行自检结果"

#: The first cell of a sheet.
FIRST_CELL = "A1"

# ── the panel ───────────────────────────────────────────────────

PANEL_TITLE, PANEL_HINT, PANEL_LABEL, PANEL_OVERALL = "A1:G1", "A2:G2", "A3:B3", "C3:G3"
#: The cell of the overall verdict.
PANEL_VERDICT = "C3"
#: The row of the grade, the row of the first rule, and the last column (explanations).
PANEL_GRADE_ROW, PANEL_FIRST_ROW, PANEL_WIDTH = 4, 8, 7

# ── the lists: the links to places at fault, the texts and the ways to mend them, a row for each check ──

LIST_TEXTS, LIST_FIXES, LIST_LINKS = "$B$1:$B$", "$C$1:$C$", "$D$1:$D$"

# ── the hidden sheet of stamp and seal ──────────────────────────

STAMP_CELL, SEAL_CELL, SEAL_VALUES_CELL = "A1", "A2", "A3"
#: The cell with the release that wrote the workbook; only the sheets beside the form depend on it.
RELEASE_CELL = "A4"
STAMP_HIDDEN_ROW = 20
#: The number of rows that stamp and seal may take.
STAMP_ROWS = STAMP_HIDDEN_ROW - 1

# ── the guide, and the remarks on a returned form ───────────────

GUIDE_TITLE = "A1:B1"
#: The last column of the remarks, with the values as submitted.
REMARKS_WIDTH = 10
REMARKS_PROGRESS_LABEL, REMARKS_PROGRESS = "A4:C4", "D4"
