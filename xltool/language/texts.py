"""Texts as every room keeps them: plain line feeds, nothing blank at the ends, nothing that a cell cannot hold."""

from __future__ import annotations

import re

#: A cell holds so many code units of text.
MOST_IN_CELL = 32_767

#: What no text of a workbook may hold: control characters but line feeds, and what XML cannot carry.
_UNFIT = re.compile("[\0-\x09\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

# str.strip() alone would leave U+200B, which a browser's copy and paste brings along.
_BLANK = "".join(
    map(chr, [*range(33), 0x85, 0xA0, 0x1680, *range(0x2000, 0x200C), 0x2028, 0x2029, 0x202F, 0x205F, 0x2060])
)
_BLANK += "\u3000\ufeff\u00ad"

#: What the record keeps of no text: control characters but line feeds.
_DROPPED = re.compile("[\0-\x09\x0b-\x1f\x7f]+")


def cleaned(text: str) -> str:
    """A text as the record keeps it: plain line feeds, no control characters, nothing blank at the ends."""
    return _DROPPED.sub("", with_line_feeds(text)).strip(_BLANK)


#: What else ends a line: a carriage return, and the separators of lines and paragraphs.
_LINE_ENDS = ("\r\n", "\r", "\u2028", "\u2029")


def with_line_feeds(text: str) -> str:
    """A text whose lines end as they do in a cell."""
    for end in _LINE_ENDS:
        text = text.replace(end, "\n")
    return text


def unfit(text: str) -> str:
    """The first character that no cell can hold; "" when there is none."""
    found = _UNFIT.search(text)
    return found[0] if found else ""


def units(text: str) -> int:
    """The length of a text as a cell counts it: characters beyond U+FFFF count twice."""
    return len(text) + sum(letter > "\uffff" for letter in text)
