"""Recognise the lists and books that this package itself writes, so that they are not taken for submissions."""

from __future__ import annotations


def own_file_kind(content: bytes) -> str:
    """Which of this package's own lists and books these bytes are; "" for any other file."""
    from xltool.recognition.form_workbook import open_form_workbook
    from xltool.recognition.identify import known_list
    from xltool.support.own_tables import known_bytes
    from xltool.workbook.errors import Unreadable

    try:
        return known_list(open_form_workbook(content))
    except Unreadable:
        return known_bytes(content)
