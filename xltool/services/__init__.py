"""The uses of the tool, one file each; the command line, the Python interface and whatever comes call them alike.

In: bytes, records, sources of workbooks, a roster, a ledger, an issue plan.
Out: results, workbooks, what several of them show together.

Concepts:
- ``read_and_check.py`` goes from bytes to result and touches neither files nor the clock.
- ``batch.py`` does so for many files, in processes that may die (``workers.py``); results come in the order of the
  files.
- ``ingest.py`` holds results against roster and ledger; ``returns.py`` writes the folder that goes back.
- A service says what it has to say through its result; words for the terminal belong to the command.

To add:
- a use of the tool: a file here that calls the rooms before it; then a command in ``xltool/cli/``, and a function in
  ``xltool/__init__.py`` if programs shall call it, too.
- a stage of the reading: ``read_and_check.py``; a check of several forms: ``xltool/ledger/``.
"""
