"""Excel packages (.xlsx, .xlsm and their templates) to a grid, in one pass over the parts that matter.

In: the bytes of a zip file.
Out: a ``Grid``.

Concepts:
- ``zip.py`` reads the directory strictly; ``parts.py`` follows relationships and content types, never file names.
- ``xml.py`` is expat with every door shut: no document type, no entities, limits on depth and length.
- ``row_cache.py`` and ``row_templates.py`` are there for speed alone: rows known from before need no parser. Anything
  out of the ordinary goes to ``sheet.py``, and a test proves both alike.
- Cells become facts when somebody asks for them (``cells.py``).

To add:
- an XML namespace: ``xltool/workbook/namespaces.py``; an element: a handler where its part is read.
- something that stands around the cells: ``sheet_metadata.py``; something that lies on them: ``drawings.py``.
"""
