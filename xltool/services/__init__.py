"""The uses of the tool, one file each; the command line, the Python interface and whatever comes call them alike.

In: bytes, records, sources of workbooks, a roster, a ledger; a ``Templates`` where it is not the process's own.
Out: results, workbooks, folders, what several results show together.

Concepts:
- ``forms_in_workbook.py`` goes from bytes to the forms in them, ``read_and_check.py`` from there to results; neither
  touches files or the clock.
- ``batch.py`` does so for many files, in processes that may die (``workers.py``), in the order of the files.
- ``ingest.py`` holds results against each other, ``ledger_ingest.py`` against roster and ledger.
- A service knows no terminal: what it has to say is in what it returns, how far it has come it tells a tracker.

To add:
- a use of the tool: a file here that calls the rooms before it; then a command in ``xltool/cli/``, and a function in
  ``xltool/api.py`` if programs shall call it, too.
- a stage of the reading: ``read_and_check.py``; a check of several forms: ``xltool/ledger/``.
"""
