"""The names of blocks in records, for rooms that have no form to ask; ``form.blocks`` takes them from here."""

from __future__ import annotations

#: The fund table: one row per source of money, the same rows on every copy of a form.
FUNDS = "funds"

#: Its row that sums the others.
FUND_TOTAL = "total"

#: The indicator table, with as many rows as each group of indicators needs.
INDICATORS = "indicators"

#: The unit's explanations on the panel, by rule.
EXPLANATIONS = "explanations"
