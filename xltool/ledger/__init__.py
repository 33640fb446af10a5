"""The ledger: every submission of all rounds in one SQLite file, and checks across forms.

In: results of forms, a roster, the day of receipt.
Out: the status of each project, coverage of the roster, reminders, findings about several forms (X01 to X07).

Concepts:
- A submission is identified by the content of its file; the same file again changes nothing; each is one transaction.
- A project's rounds follow its stamps; findings are tracked from round to round by their subject.
- The texts of findings about several forms are in ``templates/ledger.toml``.

To add:
- a check across forms: ``cross_form_checks.py``; against the roster: ``baseline.py``; its texts in
  ``templates/ledger.toml``.
- a column of the file: ``statements.py``. That is a new version of the file; bureaus have ledgers that must not be
  lost.
- a line of the reminders: ``reminders.py``.
"""
