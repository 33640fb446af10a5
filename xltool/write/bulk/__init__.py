"""Makes many forms from one workbook, which is split into parts once and filled many times. It exists for speed alone.

In: a form, the greatest number of rows that any project needs, the values of each project.
Out: the bytes of each form, cell for cell what ``xltool/write/workbook.py`` writes; a test compares them.

Concepts:
- A bulk template is one workbook with the most rows, as XlsxWriter wrote it, split into parts (``template_parts.py``).
- A smaller form is made by removing rows; addresses and ranges are adjusted (``row_shift.py``).
- What many forms share is deflated once (``zip.py``, ``row_chunks.py``); slots hold what differs (``slots.py``).
- It parses XlsxWriter's own output; another major version of that library may write differently.

To add:
- a new column, rule or cell style needs nothing here: it is part of the workbook that is split.
- a value that differs from form to form: ``values.py``.
- an XML element whose cell addresses have to be adjusted: ``template_parts.py``.
"""
