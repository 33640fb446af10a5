"""To Excel: the workbook of a form, blank, filled, issued or returned.

In: a layout, answers, findings of a form that goes back.
Out: bytes, the same for the same input.

Concepts:
- Addresses come from the layout alone; every formula is written with its right value, because many programs show a
  file without calculating it.
- ``checks.py`` writes verdicts as formulas on a hidden sheet, ``check_results.py`` has their values, ``panel.py``
  shows them.
- ``marks.py`` marks the faults of a returned form; ``returned.py`` is the sheet 退回意见 in front of it.
- XlsxWriter is imported here and in ``tables`` only. It fails softly: ``sheet.py`` wraps what returns a number
  instead of an error.

To add:
- a column of 退回意见: ``returned.py``, and the columns beside it in ``marks.py``; see ``CONTRIBUTING.md``.
- a look: ``style.py``. A line of 填报说明: ``guide.py``.
- whatever changes issued bytes makes a new version of the forms: those already issued stay as they are.
"""
