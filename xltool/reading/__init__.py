"""Cells to answers: the values of one form, and what was done to make values of them.

In: a ``Grid`` and the ``FieldLocations`` of a form in it.
Out: a ``Reading``: answers, values that were normalised, values in doubt, formulas as they came.

Concepts:
- Numbers typed as text become numbers, with a note of it (``values.py``); the meaning of a value is never changed.
- An amount that is shown otherwise than it is stored, or crossed out, is in doubt and taken for none.
- Forms of an older version are read as the newest has them, where the definition says so (``older_versions.py``).

To add:
- a way in which people write a value: ``values.py``; if the rule language has to read it, too, its grammar.
- something a cell may hold that is no value: ``cell_contents.py``.
- what becomes of an older version: ``[versions]`` in ``form.toml``, no code.
"""
