"""Reads .xls, .et and .xlsb with calamine, in a separate process.

In: the bytes of an old or binary workbook.
Out: a ``Grid`` of values, merges and visibility, without formulas, names and locks.

Concepts:
- calamine is native code and may abort: ``calamine_process.py`` runs in a child process with limits, and imports
  nothing else of this package.
- What calamine leaves out is read here, as far as the display of cells needs it: formats and crossed-out texts
  (``biff.py``), the container (``ole.py``), cells that it would skip (``xlsb.py``).
- Damage results in missing cells, never in an exception.

To add:
- a property of cells of .xls: ``biff.py``; everything from the child process passes through ``calamine.py``.
"""
