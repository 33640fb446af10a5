"""What was changed, lost or added in a workbook of ours.

In: the ``Grid`` that came back, a blank workbook of the same form and size, the ``Reading``.
Out: findings about changes (P03, P04), about the reading itself (P01 and others), and a list of what stands outside.

Concepts:
- What a program drops when it saves is told apart from what a person changed.
- Formulas are compared by what they mean; rows and columns that moved are taken into account first.
- A ``Change`` says where and which case of a rule; its words are in ``templates/workbook.toml``.

To add:
- something that may be changed: a comparison in ``tamper.py``, a case of P04 in ``templates/workbook.toml``, a
  mutation in ``tests`` that makes the change.
- something that stands outside the form: ``leftovers.py``.
- a finding that only a reader can raise: ``findings.py``.
"""
