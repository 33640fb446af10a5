"""The rule language: one text, one closed tree, three readers (Excel formula, Decimal evaluation, Chinese words).

In: the text of an expression, and a scope that resolves its names.
Out: a typed tree (``parse.py``), and from it a formula (``excel.py``), a function (``evaluate.py``), words
(``words.py``).

Concepts:
- The syntax is a small subset of Python expressions; anything else is rejected with line and column.
- Unanswered is not wrong: an expression that needs a blank cell has no value, and a rule about it gives no verdict.
- Excel and Python agree: comparisons at nine decimals, rounding half away from zero, ``EXACT`` for texts.
- A function is one record: types, value, formula, words. Without a formula it is only for rules checked on reading.

To add:
- a function: ``functions.py``; for values as people write them ``grammar.py``, for dates ``dates.py``, for text
  similarity ``similarity.py``, for wording ``wording.py``. Formulas use only functions that Excel 2007, WPS and
  LibreOffice compute alike.
- a kind of node: ``tree.py``, then ``parse.py`` and all three readers.
"""
