"""Untrusted bytes to a grid of cells; knows no form, no rule and no project.

In: the bytes of a file, whatever it is called, and the limits on what reading it may cost.
Out: a ``Grid`` (every cell's value, formula, format; merges, validations, protection, names), or ``Unreadable`` with
a key that ``templates/workbook.toml`` puts into words.

Concepts:
- ``open.py`` is the door: it looks at the bytes, never at the name, and picks the reader.
- ``ooxml``, ``opendocument`` and ``legacy`` each make a ``Grid``; nobody else knows a file format.
- Nothing is judged here. Values are read as people see them, by their number formats.
- What two programs might read differently is refused; numbers that a file states about itself are not believed.

To add:
- a file format: a reader in a folder of its own that makes a ``Grid``, its beginning in ``sniff.py``, a line in
  ``open.py``.
- a fact about cells or sheets: ``grid.py``, then each reader that can know it.
- a limit: ``limits.py`` and the table in ``SECURITY.md``.
- a reason to refuse: a key where it is found, its words as a case of P06 in ``templates/workbook.toml``.
"""
