""".xls, .et and .xlsb, by calamine in a process of its own.

In: the bytes of an old or binary workbook.
Out: a ``Grid`` of values, merges and visibility; no formulas, names, locks.

Concepts:
- calamine is native code and may abort: ``calamine_process.py`` runs in a child with limits, and imports nothing of
  ours.
- What calamine leaves out is read here, as far as it takes to see cells as people do: formats and crossed-out texts
  (``biff.py``), the container (``ole.py``), cells that it would overlook (``xlsb.py``).
- Damage shows as cells that are missing, never as an exception.

To add:
- a fact about cells of .xls: ``biff.py``; whatever comes from the child passes through ``calamine.py``.
"""
