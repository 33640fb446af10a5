"""A text of which some words are replaced in each form."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from xltool.write.bulk.zip import DeflatedPart, deflate


class SlottedText:
    """A text of which some words are replaced in each form; the text between them is deflated once.

    Args:
        text: the text of the template.
        words: the words to replace, wherever they occur.
    """

    def __init__(self, text: str, words: Sequence[str]) -> None:
        positions = sorted((match.start(), word) for word in words for match in re.finditer(re.escape(word), text))
        self._words: list[str] = []
        self._between: list[DeflatedPart] = []
        end = 0
        for start, word in positions:
            self._between.append(deflate(text[end:start]))
            self._words.append(word)
            end = start + len(word)
        self._between.append(deflate(text[end:]))

    def fill(self, replacements: Mapping[str, str]) -> list[DeflatedPart]:
        """The text with each word replaced.

        Args:
            replacements: the replacement of each word.
        """
        parts = self._between[:1]
        for word, between in zip(self._words, self._between[1:], strict=True):
            parts += (deflate(replacements[word], once=True), between)
        return parts
