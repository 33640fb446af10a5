"""Exports results: to the budget platform's tables, to CSV, to Parquet.

In: results, the platform's tables (``templates/platform.toml``), a roster with its codes.
Out: rows, the bytes of tables, findings about values that do not fit.

Concepts:
- A form with anything that the platform refuses is left out as a whole and reported; nothing is cut off or rounded.
- Keys are computed from contents: the same results give the same keys.
- Analysts' tables (``flat.py``) have the columns of all definitions; the platform's (``rows.py``) those of its TOML.

To add:
- a column of the platform: ``templates/platform.toml``, no code; a new source for values: ``rows.py``.
- a column for analysts: ``flat.py``.
- an output format: a function in ``writers.py``, lines of ``xltool/services/export.py`` and ``xltool/cli/export.py``;
  see ``CONTRIBUTING.md``.
- something that the platform's import refuses: ``constraints.py``, its texts in ``templates/platform.toml``.
"""
