"""Results, their findings, and what several of them show together; frozen values, JSON only at the edge.

In: what rules, reader, roster and ledger find; results as JSON Lines.
Out: a ``Result`` with its status and who has to act, two submissions compared, an overview of many.

Concepts:
- A ``Finding`` says what is wrong, where, what was found and expected, how to mend it, and who can.
- One error makes a form returned; a doubt makes it one to review; what a waiver covers counts no longer.
- A ``Record`` is the contents of a form: values by name, tables by block. It names no block itself: the definition
  says what plays which part (``roles.py``), and what a form does not have is absent, never 0.
- Findings are followed from round to round by what they are about, not by their words (``comparison.py``).
- ``overview.py`` is what report and summary show; it knows neither.

To add:
- a key of a finding or result: ``findings.py`` or ``result.py``, and the schema (``xltool/form/schema.py``); keys are
  never taken away.
- something about how a form was read: ``reading_summary.py``.
- a figure of many forms: ``overview.py``, then the report or the summary that shows it.
"""
