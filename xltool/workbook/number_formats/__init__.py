"""Excel number formats: the text that a cell displays for its value.

In: a format code and a value.
Out: the displayed text; for amounts, whether another amount is displayed than is stored (``amounts.py``).

Concepts:
- A code has up to four sections, each with a condition and tokens (``sections.py``); any text is a valid code.
- Numbers, dates and Chinese numerals have modules of their own; ``format.py`` is the entry point.
- LibreOffice is the reference in the tests; where the results differ, the test says why.

To add:
- a code that files do not spell out: ``builtin.py``.
- a token: ``sections.py``, then ``numbers.py`` or ``dates.py``, whichever displays it.
"""
