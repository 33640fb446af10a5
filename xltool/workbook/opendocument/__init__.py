"""OpenDocument sheets (.ods) to a grid.

In: the parts of a package that says it is a spreadsheet.
Out: a ``Grid`` that says it cannot be checked for locks, validations and conditional formats, which are not read.

Concepts:
- All sheets stand in one part; of large sheets that are none of ours only the first rows are read (``content.py``).
- Formulas are put into the words of Excel (``reader.py``), number formats into its codes (``styles.py``), so that
  everything behind the grid reads one language.

To add:
- an element or attribute: a handler in ``reader.py``, or in ``styles.py`` when it is about how a cell looks.
"""
