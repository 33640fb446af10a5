"""What a form is: its definition, where everything stands, its contents, and its record as JSON.

In: ``form.toml``, laid over the file of the form that it extends; a record; the texts of stamps and seals.
Out: a ``Form``, refused on load where anything is wrong; a ``Layout``; ``Answers``; records, and their JSON Schemas.

Concepts:
- The layout is a pure function of form and rows, and the only one that knows an address; writer and reader ask it.
- A kind says on neighbouring lines what rules, sheet, schema and record make of a field (``kinds.py``).
- Our sheets beside the form's have their addresses in ``own_sheets.py``.
- A place is the address of a value inside a form, of three kinds that name no block (``places.py``); only
  ``blocks.py`` calls blocks by their names.
- What a name in an expression means is for ``binding.py``; where formulas find the cells for ``addresses.py``.
- A stamp says which form a workbook holds; a seal says to whom it was issued, and what.
- Forms that were issued never change: there is a new version, which says what becomes of the old (``versions.py``).

To add:
- a field, a fund column, a row, a label's spelling: ``form.toml``, no code; see ``CONTRIBUTING.md``.
- a kind of field: ``kinds.py``; a key of the TOML: ``definition.py`` and ``schema/form.schema.json``.
- a place of a new sort: ``places.py``, ``layout.py`` for where it stands, ``binding.py`` for its names,
  ``record.py`` for its key.
"""
