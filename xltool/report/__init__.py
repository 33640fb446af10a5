"""Shows results to people: the table on a terminal, the HTML report, the reference pages.

In: results, an overview, a catalogue, a form.
Out: text, Markdown, one self-contained HTML file.

Concepts:
- Texts from outside are shown with visible control characters; in the page they are data, never markup.
- The page's policy allows its own script and style, by their hashes, and no connection.
- Reference pages are generated from the definitions; a test fails if one is stale.

To add:
- a figure of the report: ``html.py`` for its data, ``page/`` for its appearance.
- a column of the terminal's table: ``text.py``; of other tables: ``tables.py``.
- a line of the reference: ``reference.py``, then ``make docs``.
"""
