"""What a form is: its definition, its layout, its contents, and its record as JSON.

In: ``form.toml``, merged over the file of the form that it extends; a record; the texts of stamps and seals.
Out: a ``Form``, rejected on load if anything is wrong; a ``Layout``; ``Answers``; records and their JSON Schemas.

Concepts:
- The layout is a pure function of form and row capacities, and the only code that knows addresses; writer and reader
  share it.
- A kind defines on adjacent lines how rules, sheet, schema and record treat a field (``kinds.py``).
- The addresses on the form's other sheets are in ``own_sheets.py``.
- A place is the address of a value inside a form; there are three kinds, none of which names a block (``places.py``);
  only ``blocks.py`` names the blocks.
- ``binding.py`` resolves the names in expressions; ``evaluation.py`` looks up their values, ``addresses.py`` gives
  their cells to formulas.
- ``definition.py`` is data; ``loading.py`` makes it from TOML, ``references.py`` knows which forms there are.
- A stamp identifies the form of a workbook; a seal, to whom and with what values it was issued.
- Issued forms never change; a new version says what becomes of the fields of the old one (``versions.py``).

To add:
- a field, a fund column, a row, a spelling of a label: ``form.toml``, no code; see ``CONTRIBUTING.md``.
- a kind of field: ``kinds.py``; a key of the TOML: ``definition.py``, ``loading.py`` and ``schema/form.schema.json``.
- a new kind of place: ``places.py``, ``layout.py`` for its address, ``binding.py`` for its names, ``record.py`` for its
  key.
"""
