"""Many forms from one: a workbook taken apart once, filled many times. There for speed alone.

In: a form, the most rows that any project needs, the values of each project.
Out: the bytes of each form, cell for cell what ``xltool/write/workbook.py`` writes; a test compares them.

Concepts:
- A bulk template is one workbook with the most rows, as XlsxWriter wrote it, taken apart (``template_parts.py``).
- A smaller form is made by taking rows out: addresses and ranges follow (``row_shift.py``).
- What is alike in many forms is deflated once (``zip.py``, ``row_chunks.py``); slots hold what differs
  (``slots.py``).
- It reads XlsxWriter's own output: another major version of that library may write otherwise.

To add:
- nothing for a new column, rule or look: they come with the workbook that is taken apart.
- a value that differs from form to form: ``values.py``.
- an XML element whose cell addresses have to follow: ``template_parts.py``.
"""
