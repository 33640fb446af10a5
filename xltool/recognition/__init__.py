"""Which form a sheet holds, and where its fields stand.

In: a ``Grid``.
Out: an ``Identity`` (form, sheet, how sure) or an ``UnknownForm`` that says what it looks like; ``FieldLocations``.

Concepts:
- Three means, in this order: defined names; the layout that the stamp states, with labels; labels alone.
- Names may be broken or dragged along: labels and neighbours are asked, and what disagrees is said
  (``agreement.py``).
- Labels are compared as people read them: no blanks, no notes, synonyms from the definition (``labels.py``).
- How much of a table was not understood lowers the confidence of the reading.

To add:
- a spelling of a label: ``labels`` in the ``form.toml``, no code.
- a table that is none of ours: ``templates/kinds.toml``.
- something people do to tables of their own: ``fund_block.py``, ``indicator_block.py``, ``merged_rows.py``, with a
  workbook in ``tests`` that does it.
"""
