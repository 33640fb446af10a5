"""The catalogue of rules, and the check of a form against it.

In: ``rules.toml`` of a form, ``templates/workbook.toml`` and ``ledger.toml``; the answers of one form.
Out: findings in the order of the catalogue.

Concepts:
- A rule has cases; a case has checks; a check applied to one row or cell of a layout is a check instance.
- ``selectors.py`` selects fields by property; ``applicability.py`` says what a form can be asked, and why not the rest.
- ``loading.py`` rejects a wrong definition on load, with file, key and reason: that is not the fault of a form.
- ``check_runner.py`` compiles the checks of a layout once; ``check.py`` applies them to one form.
- One cause gives one finding: ``suppressed_by`` between rules, ``grouping.py`` between places.
- What was not read completely is not judged (``unread_parts.py``).

To add:
- a rule: no Python, see ``CONTRIBUTING.md``.
- a finding that no expression gives: a case with a ``key`` in the TOML, raised through ``code_findings.py``.
- a key of the TOML: ``rule.py`` and ``schema/rules.schema.json``.
"""
