"""Reads Excel packages (.xlsx, .xlsm and their templates) into a grid, in one pass over the parts that matter.

In: the bytes of a zip file.
Out: a ``Grid``.

Concepts:
- ``zip.py`` reads the directory strictly; ``parts.py`` follows relationships and content types, never file names.
- ``xml.py`` is expat without document types and entities, and with limits on depth and length.
- ``row_cache.py`` and ``row_templates.py`` exist only for speed: rows seen before need no parser. Anything out of the
  ordinary goes to ``sheet.py``, and a test proves that both give the same result.
- Cells become facts when they are first read (``cells.py``).

To add:
- an XML namespace: ``xltool/workbook/namespaces.py``; an element: a handler where its part is read.
- a property of a sheet: ``sheet_metadata.py``; an object on a sheet: ``drawings.py``.
"""
