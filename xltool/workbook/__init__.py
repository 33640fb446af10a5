"""Reads untrusted bytes into a grid of cells. Knows no form, no rule and no project.

In: the bytes of a file, whatever it is called, and limits on the cost of reading it.
Out: a ``Grid`` (every cell's value, formula, format; merges, validations, protection, names), or ``Unreadable`` with
a key whose message is in ``templates/workbook.toml``.

Concepts:
- ``open.py`` is the entry point: it looks at the bytes, never at the file name, and picks the reader.
- ``ooxml``, ``opendocument`` and ``legacy`` each produce a ``Grid``; no other room knows a file format.
- Nothing is judged here. Values are read as people see them, by their number formats.
- Files that two programs might read differently are rejected; sizes and counts that a file declares are not trusted.

To add:
- a file format: a reader in a folder of its own that produces a ``Grid``, its signature in ``sniff.py``, a line in
  ``open.py``.
- a property of cells or sheets: ``grid.py``, then each reader that can know it.
- a limit: ``limits.py`` and the table in ``SECURITY.md``.
- a reason for rejection: a key where it is detected, its message as a case of P06 in ``templates/workbook.toml``.
"""
