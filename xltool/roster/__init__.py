"""The roster: the projects that must be submitted, with their approved indicators, goals and budgets.

In: a table of the operator (.xlsx, .csv, .json, .jsonl), who is trusted: openpyxl may read it.
Out: a ``Roster`` of projects, or one ``WrongUse`` with all faults, each with row and column.

Concepts:
- Columns are found by their headings (``columns.py``), in any order; unused columns are reported.
- The sources of money and the required columns are those of the forms (``RosterColumns``); the room above hands them
  in, and ``templates/roster.toml`` has headings that stand on no form.
- There is one line per project, or one line per indicator that repeats the project (``grouping.py``).
- A project is identified by code and year, or by name, unit and year (``project_key``).
- Amounts without a money unit are rejected if a guess could be wrong by a factor of ten thousand.

To add:
- a source of money: a row of the fund table of a form, no code.
- a column: its headings in ``columns.py``, its value in ``values.py``, its field in ``model.py`` and ``checking.py``,
  its column of the blank roster in ``xltool/tables/roster_columns.py``.
- a file format: ``reading.py``; it must produce rows of texts.
"""
