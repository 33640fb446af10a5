"""Results for people: the table on a terminal, the HTML report, the reference pages.

In: results, an overview, a catalogue, a form.
Out: text, Markdown, one HTML file that needs nothing else.

Concepts:
- Texts of strangers are shown with their control characters visible, and travel into the page as data, never as
  markup.
- The page's policy allows its own script and style, by their hashes, and no connection.
- Reference pages are generated from the definitions; a test fails when one is stale.

To add:
- a figure of the report: ``html.py`` for its data, ``page/`` for how it looks.
- a column of the terminal's table: ``text.py``; of other tables: ``tables.py``.
- a line of the reference: ``reference.py``, then ``make docs``.
"""
