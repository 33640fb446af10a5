"""From a roster to forms: what is issued to whom, and which faults prevent it before anything is written.

In: a roster, a form, the number of spare rows.
Out: an ``IssuePlan``: rows and locked values of each project's form; or one ``WrongUse`` with all faults.

Concepts:
- What was approved with the budget is written and locked; the unit could never mend a fault in it, so rules that depend
  on nothing else are checked here.
- Forms with the same number of rows share one bulk template.
- The budget by source of money is in ``budgets.py``.
- ``corrections.py`` compares a roster with the values a form was issued with; ``reissue.py`` issues the form anew and
  moves the unit's input to its new places.

To add:
- an approved and locked value: a column of the roster, then ``plan.py``, then ``corrections.py``.
- a fault of a roster that only the form reveals: ``plan.py``.
- the seal itself is made in ``xltool/form/seals.py``; the files are written by ``xltool/services/issue.py`` and the
  command.
"""
