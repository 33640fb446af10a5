"""What a form is: its definition, its layout, its contents, and its record as JSON.

In: ``form.toml``, merged over the file of the form that it extends; a record; the texts of stamps and seals.
Out: a ``Form``, rejected on load if anything is wrong; a ``Layout``; ``Answers``; records and their JSON Schemas.

Concepts:
- The layout is a pure function of form and row capacities, and the only code that knows addresses; writer and reader
  share it.
- A kind defines on adjacent lines how rules, sheet, schema and record treat a field (``kinds.py``).
- The addresses on the form's other sheets are in ``own_sheets.py``.
- A form is blocks from top to bottom (``blocks.py``): grids of cells, matrices, tables, printed text. No block has a
  name in code; what other rooms need they ask by role, and what a form lacks is absent.
- A place is the address of a value inside a form; there are three kinds (``places.py``).
- ``binding.py`` resolves the names in expressions; ``evaluation.py`` looks up their values, ``addresses.py`` gives
  their cells to formulas.
- ``definition.py`` is data; ``loading.py`` and ``block_loading.py`` make it from TOML, ``definition_faults.py`` says
  what is wrong with it, ``references.py`` knows which forms there are.
- Definitions of the older schema are only converted (``older_definitions.py``, ``older_rules.py``).
- A stamp identifies the form of a workbook; a seal, to whom and with what values it was issued.
- Issued forms never change; a new version says what becomes of the fields of the old one (``versions.py``).

To add:
- a field, a column, a row, a block, a spelling of a label: ``form.toml``, no code; see ``docs/howto/definition.md``.
- a kind of field: ``kinds.py``; a key of the TOML: ``field.py`` or ``blocks.py``, ``block_loading.py`` and
  ``schema/form.schema.json``; a role: that schema and the room of results.
- a new kind of place: ``places.py``, ``layout.py`` for its address, ``binding.py`` for its names, ``record.py`` for its
  key.
"""
