"""Finds what was changed, lost or added in one of our workbooks.

In: the ``Grid`` of the submitted workbook, a blank workbook of the same form and size, the ``Reading``.
Out: findings about changes (P03, P04) and about the reading itself (P01 and others), and a list of the content outside
    the form.

Concepts:
- What a program drops on saving is distinguished from what a person changed.
- Formulas are compared by meaning, after adjusting them to rows and columns that moved.
- A ``Change`` names the place and the case of a rule; the texts are in ``templates/workbook.toml``.

To add:
- a kind of change: a comparison in ``tamper.py``, ``guards.py`` or ``helper_sheets.py``, a case of P04 in
  ``templates/workbook.toml``, and a mutation in ``tests`` that makes the change.
- a kind of content outside the form: ``leftovers.py``.
- a finding that only the reader can raise: ``identity_changes.py`` if it is about which form it is and where its
  fields are, else ``content_changes.py``.
"""
