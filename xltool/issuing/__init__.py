"""From a roster to forms: what is issued to whom, and what is wrong with that before anything is written.

In: a roster, a form, the number of spare rows.
Out: an ``IssuePlan``: rows and locked values of each project's form; or one ``WrongUse`` with all faults.

Concepts:
- What was approved with the budget is written and locked; a fault in it could never be mended by the unit, so rules
  that are about nothing else are asked here.
- Forms with the same number of rows are alike and share one bulk template.
- ``corrections.py`` says what a roster says otherwise than a form was issued with; ``reissue.py`` makes the form anew
  and moves what the unit filled in to where it belongs.

To add:
- something that is approved and locked: a column of the roster, then ``plan.py``, then ``corrections.py``.
- a fault of a roster that only the form shows: ``plan.py``.
- the seal itself is made in ``xltool/form/seals.py``, the files are written by ``xltool/services/issue.py`` and the
  command.
"""
