"""The roster: which projects have to be submitted, and what was approved and booked for them.

In: a table of the operator (.xlsx, .csv, .json, .jsonl), who is trusted: openpyxl may read it.
Out: a ``Roster`` of projects, or one ``WrongUse`` with all faults, each with row and column.

Concepts:
- Columns are found by their headings (``columns.py``), in any order; those that are not used are said.
- One line a project, or one line an indicator that repeats the project (``grouping.py``).
- A project is known by code and year, or by name, unit and year (``project_key``).
- Amounts without a money unit are refused where a guess could be ten thousand times off.

To add:
- a column: its headings in ``columns.py``, its value in ``values.py``, its place in ``model.py`` and ``checking.py``,
  its column of the blank roster in ``xltool/tables/roster_columns.py``.
- a file format: ``reading.py``; it has to give rows of texts.
"""
