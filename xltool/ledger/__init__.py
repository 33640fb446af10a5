"""Where the rounds stand: every submission in one SQLite file, and what only many forms together can show.

In: results of forms, a roster, the day of receipt.
Out: the state of each project, coverage of the roster, reminders, findings about several forms (X01 to X07).

Concepts:
- A submission is known by the content of its file; the same file again changes nothing, one transaction each.
- A project's rounds follow its stamps; findings are followed from round to round by what they are about.
- Findings about several forms are worded in ``templates/ledger.toml``.

To add:
- a check across forms: ``cross_form_checks.py``; against the roster: ``baseline.py``; its words in
  ``templates/ledger.toml``.
- a column of the file: ``store.py``. It is another version of the file: bureaus have ledgers that must not be lost.
- a line of the reminders: ``reminders.py``.
"""
