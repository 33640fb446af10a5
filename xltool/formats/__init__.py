"""Number formats of spreadsheets: a stored number and its format code to what a person reads in the cell.

It knows no form and no file: ``code`` is its door, ``sections`` takes a code apart, ``figures`` and ``moments`` write
numbers and dates, ``chinese`` their Chinese numerals, ``amounts`` tells an amount that is shown in another unit.
"""
