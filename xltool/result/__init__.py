"""Findings, results, and what several results show together.

In: findings of rules, reader, roster and ledger; results as JSON Lines.
Out: the status of a form and who has to act, two submissions compared, an overview of many.

Concepts:
- A finding says what is wrong, where, what was found and expected, how to mend it, and who can.
- One error makes a form returned; a doubt makes it one to review; what a waiver covers counts no longer.
- Findings are followed from round to round by what they are about, not by their words (``comparison.py``).
- ``overview.py`` is what report and summary show; it knows neither.

To add:
- a key of a finding or result: here and in the schema (``xltool/form/schema.py``); keys are never taken away.
- a figure of many forms: ``overview.py``, then the report or the summary that shows it.
"""
