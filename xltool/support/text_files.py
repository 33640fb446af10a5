"""Bytes to text, in the encodings that text is saved in here: UTF-8, with or without a mark, and GBK of Windows."""

from __future__ import annotations

from collections.abc import Sequence

#: What spreadsheet programs save a CSV in; GB 18030 holds all of GBK.
TABLE_ENCODINGS = ("utf-8-sig", "gb18030")

#: The longest letter in these encodings has so many bytes.
_LETTER = 4


def decode_text(content: bytes, encodings: Sequence[str] = TABLE_ENCODINGS, is_head: bool = False) -> str | None:
    """The text in the first encoding that every byte fits; None where none does.

    Args:
        content: the bytes.
        encodings: names of codecs, the strictest first.
        is_head: the bytes are the beginning of a file and may end inside a letter, which is left out.
    """
    for encoding in encodings:
        for end in range(len(content), max(0, len(content) - (_LETTER if is_head else 1)), -1) or (0,):
            try:
                return content[:end].decode(encoding)
            except UnicodeDecodeError:
                continue
    return None
