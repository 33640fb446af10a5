"""A member of a workbook in whose place of some words each form has its own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xltool.write.bulk.zip import DeflatedPart, deflate


class SlottedText:
    """A text in whose place of some words each form has its own; what stands between them is deflated once."""

    def __init__(self, text: str, words: Sequence[str]) -> None:
        spots = sorted((match.start(), word) for word in words for match in re.finditer(re.escape(word), text))
        self._words: list[str] = []
        self._between: list[DeflatedPart] = []
        end = 0
        for start, word in spots:
            self._between.append(deflate(text[end:start]))
            self._words.append(word)
            end = start + len(word)
        self._between.append(deflate(text[end:]))

    def fill(self, own: Mapping[str, str]) -> list[DeflatedPart]:
        """The text with what stands for each word."""
        parts = self._between[:1]
        for word, between in zip(self._words, self._between[1:], strict=True):
            parts += (deflate(own[word], once=True), between)
        return parts
