"""Files of the operator: found, read, written.

In: paths, folders, patterns, archives, ``-`` for the standard streams.
Out: the files that they stand for, each once and in the order of their names; bytes; records and results.

Concepts:
- Only plain files are opened: no links, pipes or devices. Archives are read without unpacking them to disk.
- What programs leave in folders (``~$`` files and the like) is counted, everything else is somebody's submission.
- A file is written whole or not at all, and never over one of the inputs.

To add:
- a leftover of some program: ``files.py``.
- a kind of file that commands take (beside records and results): ``records.py``.
"""
