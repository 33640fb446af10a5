"""Writes workbooks other than forms: the summary, lists, the blank roster.

In: an overview of results; heads and rows of a list; the form for which a roster is wanted.
Out: bytes, the same for the same input.

Concepts:
- Texts from outside are written as texts, whatever they begin with.
- Row heights are computed, because no program fits rows on opening.
- Subtotals of the summary are formulas over the rows above, written with their values.

To add:
- a column of the summary: its value in ``summary_lines.py``, its look in ``summary.py``.
- a column of the blank roster: ``roster_columns.py``, and its role in ``xltool/form/roster.py``; the reader of
  rosters has to know its heading.
- a new list: rows from the room that computes them, written by ``listing.py``; its head in
  ``xltool/support/own_tables.py``.
"""
