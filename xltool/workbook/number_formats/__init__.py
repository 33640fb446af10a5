"""Excel number formats: what a cell shows of what it stores.

In: a format code and a value.
Out: the text that people see; for amounts, whether it is another one than is stored (``amounts.py``).

Concepts:
- A code has up to four sections, each with a condition and tokens (``sections.py``); any text is a code.
- Numbers, dates and Chinese numerals are written by rooms of their own; ``format.py`` is the door.
- LibreOffice is the reference in the tests; where we differ, the test says why.

To add:
- a code that files do not spell out: ``builtin.py``.
- a token: ``sections.py``, then ``numbers.py`` or ``dates.py``, whichever writes it.
"""
