"""Reads the cells of one form to answers, and notes which values were normalised or are in doubt.

In: a ``Grid`` and the ``FieldLocations`` of a form in it.
Out: a ``Reading``: answers, normalised values, values in doubt, the state of the formulas.

Concepts:
- Numbers typed as text become numbers, with a note (``values.py``); the meaning of a value never changes.
- An amount displayed differently from its stored value, or crossed out, is in doubt and not accepted.
- Forms of an older version are converted to the newest one, if the definition says so (``older_versions.py``).

To add:
- a way of writing a value: ``values.py``; if the rule language has to read it as well, its grammar.
- content of a cell that is not a value: ``cell_contents.py``.
- the treatment of an older version: ``[versions]`` in ``form.toml``, no code.
"""
