"""Workbooks that are no forms: summary, lists, rosters."""
