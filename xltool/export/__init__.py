"""Results handed on: to the budget platform's tables, to CSV, to Parquet. Begins where results end.

In: results, the platform's tables (``templates/platform.toml``), a roster with its codes.
Out: rows, the bytes of tables, findings about what does not fit.

Concepts:
- What the platform cannot take keeps its whole form out and is named; nothing is cut off or rounded.
- Keys are made from contents: the same results give the same keys.
- Analysts' tables (``flat.py``) have the columns of all definitions; the platform's (``rows.py``) those of its TOML.

To add:
- a column of the platform: ``templates/platform.toml``, no code; a new source for values: ``rows.py``.
- a column for analysts: ``flat.py``.
- an output format: a function in ``writers.py``, lines of ``xltool/services/export.py`` and
  ``xltool/cli/export.py``; see ``CONTRIBUTING.md``.
- something that its import refuses: ``constraints.py``, its words in ``templates/platform.toml``.
"""
