"""Writes the workbook of a form to Excel: blank, filled in, issued or returned.

In: a layout, answers, and the findings of a form that is returned.
Out: bytes, the same for the same input.

Concepts:
- Addresses come from the layout alone; every formula is written with its correct value, because many programs show a
  file without calculating it.
- ``checks.py`` writes verdicts as formulas on a hidden sheet, ``check_results.py`` computes their values, ``panel.py``
  shows them.
- ``marks.py`` marks the faults of a returned form; ``returned.py`` writes the sheet 退回意见 in front of it.
- XlsxWriter is imported only here and in ``tables``. It fails softly: ``sheet.py`` and ``workbook.py`` turn its error
  numbers into errors.

To add:
- a column of 退回意见: ``returned.py``, and the columns next to it in ``marks.py``; see ``CONTRIBUTING.md``.
- a cell style: ``style.py``. A line of 填报说明: ``guide.py``.
- whatever changes issued bytes needs a new version of the forms: those already issued stay as they are.
"""
