"""Reads OpenDocument spreadsheets (.ods) into a grid.

In: the parts of a package whose type is a spreadsheet.
Out: a ``Grid`` that is not ``checkable``: locks, validations and conditional formats are not read.

Concepts:
- All sheets are in one part; of large sheets that are not wanted only the first rows are read (``content.py``).
- Formulas are translated to Excel's syntax (``formulas.py``), number formats to its codes (``styles.py``), so that
  the code behind the grid knows only one notation.

To add:
- an element or attribute: a handler in ``reader.py``; what it means for a cell is in ``cells.py``, and what it means
  for the look of a cell in ``styles.py``.
"""
