"""Extract text from files that are not forms: enough to tell whose they are, not enough to judge them."""

from __future__ import annotations

import re

from xltool.support.text_files import decode_text
from xltool.workbook.errors import Unreadable
from xltool.workbook.limits import SAFE
from xltool.workbook.ooxml.zip import ZipFile
from xltool.workbook.open import open_workbook
from xltool.workbook.sniff import container_kind

#: The most bytes and characters that are looked at.
_MOST_BYTES, _MOST_TEXT = 4_000_000, 400_000

_TAG = re.compile(rb"<[^<>]*>")


def extract_text(content: bytes, is_workbook: bool) -> str:
    """The text of a file, as far as it is cheap to extract; "" if it is not.

    Args:
        content: the bytes of the file.
        is_workbook: whether it has already been read as a workbook, within the limits.
    """
    if is_workbook:
        grid = open_workbook(content)
        return "\n".join([*grid.sheets, *(fact.text for _, _, fact in grid.all_cells())])[:_MOST_TEXT]
    try:
        kind = container_kind(content)
    except Unreadable as error:
        return (
            _extract_mail(content) if error.key == "mail" else _extract_markup(content) if error.key in _TEXTS else ""
        )
    return _extract_zip(content) if kind == "zip" else content[:_MOST_BYTES].decode("utf-16-le", "ignore")[:_MOST_TEXT]


#: The keys of ``Unreadable`` for files that are text.
_TEXTS = ("csv", "text", "html", "mhtml", "xml", "xml2003", "flat_ods", "json", "text_table", "word")


def _extract_markup(content: bytes) -> str:
    head = _TAG.sub(b"", content[:_MOST_BYTES])
    text = decode_text(head, ("utf-8", "gb18030"))
    return (head.decode("utf-16", "ignore") if text is None else text)[:_MOST_TEXT]


def _extract_zip(content: bytes) -> str:
    """The names of the entries, and the texts of the XML parts."""
    texts = []
    try:
        package = ZipFile(content, SAFE, SAFE.archive_entries)
        for entry in package.entries:
            texts.append(entry.name)
            if entry.name.endswith(".xml") and "/_rels/" not in entry.name:
                texts.append(_TAG.sub(b"", package.read(entry)[:_MOST_BYTES]).decode("utf-8", "ignore"))
    except Unreadable:
        pass
    return "\n".join(texts)[:_MOST_TEXT]


def _extract_mail(content: bytes) -> str:
    """Subject, sender, and the names of attachments."""
    import email
    from email.policy import default

    message = email.message_from_bytes(content[:_MOST_BYTES], policy=default)
    heads = [str(message.get(name, "")) for name in ("subject", "from")]
    return "\n".join([*heads, *(part.get_filename() or "" for part in message.walk())])
