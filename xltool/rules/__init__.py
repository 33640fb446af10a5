"""What must hold: the catalogue of rules, and the check of a form against it.

In: ``rules.toml`` of a form, ``templates/workbook.toml`` and ``ledger.toml``; the answers of one form.
Out: findings in the order of the catalogue.

Concepts:
- A rule has cases, a case has checks, a check asked of one row or cell of a layout is a check instance.
- ``catalogue.py`` refuses a wrong definition on load, with file, key and reason: a wrong rule is no wrong form.
- ``check_runner.py`` prepares the checks of a layout once; ``check.py`` asks them of one form.
- One cause is one finding: ``suppressed_by`` between rules, ``grouping.py`` between places.
- What was not read in full is not judged (``unread_parts.py``).

To add:
- a rule: no Python, see ``CONTRIBUTING.md``.
- a finding that no expression gives: a case with a ``key`` in the TOML, raised through ``code_findings.py``.
- a key of the TOML: ``rule.py`` and ``schema/rules.schema.json``.
"""
