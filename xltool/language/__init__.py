"""The rule language: one text, one closed tree, three readers (Excel formula, Decimal evaluation, Chinese words)."""
