"""Finds, reads and writes the operator's files.

In: paths, folders, patterns, archives, ``-`` for the standard streams.
Out: the files that they refer to, each once and sorted by name; bytes; records and results.

Concepts:
- Only regular files are opened: no links, pipes or devices. Archives are read without unpacking them to disk.
- Files that programs leave in folders (``~$`` files and the like) are counted; everything else is a submission.
- A file is written as a whole or not at all, and never over one of the inputs.

To add:
- a by-product of a program: ``sources.py``.
- a kind of file that commands take, besides records and results: ``records.py``.
"""
