"""What every room needs and no room owns; imports nothing of ours.

In: environment variables, JSON text, folders of data, texts of strangers.
Out: the language people are spoken to in, exact JSON, the definitions' folders, texts that can do no harm.

Concepts:
- ``WrongUse`` is the operator's mistake, one sentence, exit code 2; ``WrongDefinition`` names file, key and reason.
- ``tr(chinese, english)`` gives one of two texts, which stand side by side in the code.
- ``Templates`` owns what a process loads and remembers (``templates.py``); memos of short texts belong to nobody.
- Numbers are decimals; JSON never passes through a float.

To add:
- something worth remembering: ``keep`` or ``cache_within_budget`` on the function that makes it, with what it costs.
- an environment variable: where it is used; name it in ``docs/reference/results.md``.
- a list or book that this tool writes: ``own_tables.py``, so that nobody's folder of forms takes it for a submission.
- anything that names a form, a rule or a cell does not belong here.
"""
