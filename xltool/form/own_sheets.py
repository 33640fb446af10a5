"""The sheets of ours beside the form's: their names, and where everything on them stands.

With ``layout``, the only module that knows an address.
"""

from __future__ import annotations

PANEL, LISTS, CHECK, STAMP, GUIDE = "自检", "_lists", "_check", "_xltool", "填报说明"
#: Sheets of ours beside the form's.
OWN_SHEETS = frozenset((PANEL, LISTS, CHECK, STAMP, GUIDE))

#: The sheet in front of a returned workbook.
REMARKS = "退回意见"

#: How the defined names of our fields begin.
NAME_PREFIX = "xl_"

#: The head of the column beside the form's table in which each row says what is wrong with it.
VERDICTS = "逐行自检结果"

#: Where a sheet begins.
FIRST_CELL = "A1"

# ── the panel ───────────────────────────────────────────────────

PANEL_TITLE, PANEL_HINT, PANEL_LABEL, PANEL_OVERALL = "A1:G1", "A2:G2", "A3:B3", "C3:G3"
#: The cell of the overall verdict, for formulas and for writing.
PANEL_VERDICT = "C3"
#: Where the grade stands, where the first rule's line stands, and its last column (the explanations).
PANEL_GRADE_ROW, PANEL_FIRST_ROW, PANEL_WIDTH = 4, 8, 7

# ── the lists: the links to places at fault, the texts and the ways to mend them, a row for each check ──

LIST_TEXTS, LIST_FIXES, LIST_LINKS = "$B$1:$B$", "$C$1:$C$", "$D$1:$D$"

# ── the hidden sheet of stamp and seal ──────────────────────────

STAMP_CELL, SEAL_CELL, SEAL_VALUES_CELL = "A1", "A2", "A3"
#: Where a form says which release of ours wrote it: only its sheets beside the form depend on that.
RELEASE_CELL = "A4"
STAMP_HIDDEN_ROW = 20
#: The rows that stamp and seal may take.
STAMP_ROWS = STAMP_HIDDEN_ROW - 1

# ── the guide, and the remarks on a returned form ───────────────

GUIDE_TITLE = "A1:B1"
#: The last column of the remarks that is ours, with what was handed in.
REMARKS_WIDTH = 10
REMARKS_PROGRESS_LABEL, REMARKS_PROGRESS = "A4:C4", "D4"
