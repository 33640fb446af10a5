"""Recognises which form a sheet holds, and where its fields are.

In: a ``Grid``.
Out: an ``Identity`` (form, sheet, confidence) or an ``UnknownForm`` that says what the sheet looks like;
``FieldLocations``.

Concepts:
- There are three means, in this order: defined names; the layout of the stamp, with labels; labels alone.
- Names may be broken, or moved by dragging cells: they are compared with labels and neighbouring names, and
  differences are reported (``agreement.py``).
- Labels are compared as people read them: without blanks and notes, with synonyms from the definition (``labels.py``).
- The part of a table that was not recognised lowers the confidence of the reading.

To add:
- a spelling of a label: ``labels`` in the ``form.toml``, no code.
- a table that is not a form: ``templates/kinds.toml``.
- a change that people make to tables: ``matrix_block.py``, ``table_block.py``, ``merged_rows.py``, with a workbook
  in ``tests`` that has it.
"""
