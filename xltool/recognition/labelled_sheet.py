"""A sheet whose texts carry the meanings that a form gives them; every block of the form is found by these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from xltool.recognition.labels import Meanings, Vocabulary, is_side, label_key, label_meaning, total_meaning
from xltool.recognition.sheet_view import SheetView
from xltool.workbook.box import Box


class LabelledText:
    """A text on a sheet with its meanings as a label of a form; each is looked up once, when it is first asked for.

    Args:
        box: where it is.
        text: the text.
        words: the labels of the form.
    """

    def __init__(self, box: Box, text: str, words: Vocabulary) -> None:
        self.box, self.text, self._words = box, text, words
        self._meanings: dict[int, str | None] = {}

    @property
    def key(self) -> str:
        """The normalised text."""
        return label_key(self.text)

    @property
    def field(self) -> str | None:
        """The field in a line of labels and values that it names; the first if there are several."""
        return next(iter(self.fields), None)

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """The fields in lines of labels and values that it names."""
        return label_meaning(self.text, self._words.fields) or ()

    def _meaning(self, meanings: Meanings) -> str | None:
        """What it means among these; they last as long as the vocabulary does."""
        key = id(meanings)
        if key not in self._meanings:
            self._meanings[key] = label_meaning(self.text, meanings)
        return self._meanings[key]

    def below_head(self, block: str) -> str | None:
        """The field of a block below it whose label it is."""
        return self._meaning(self._words.below_heads[block])

    @property
    def is_below_head(self) -> bool:
        """Whether it is the label of any field below it."""
        return any(map(self.below_head, self._words.below_heads))

    def head(self, table: str) -> str | None:
        """The column of a matrix or table that it heads."""
        return self._meaning(self._words.heads[table])

    def is_upper_head(self, table: str) -> bool:
        """Whether it is the common head of several columns of a matrix or table."""
        return self.key in self._words.upper_heads[table]

    def rows(self, matrix: str) -> tuple[str, ...]:
        """The rows of a matrix that it names; several if they have the same label."""
        return label_meaning(self.text, self._words.rows[matrix]) or ()

    def level1(self, table: str) -> str | None:
        """The first level that it names."""
        return self._meaning(self._words.level1[table])

    def level2(self, table: str) -> str | None:
        """The second level that it names."""
        return self._meaning(self._words.level2[table])

    def is_level(self, table: str) -> bool:
        """Whether it names a level."""
        return self.level1(table) is not None or self.level2(table) is not None

    @cached_property
    def is_side(self) -> bool:
        """Whether it is printed beside a block without a meaning of its own."""
        return is_side(self.text, self._words)

    @cached_property
    def total(self) -> str | None:
        """The line of totals whose label it is."""
        return total_meaning(self.text, self._words)

    @property
    def is_title(self) -> bool:
        """Whether it contains a title of the form."""
        return any(title in self.key for title in self._words.titles)

    @cached_property
    def fields_and_value(self) -> tuple[tuple[str, ...], str]:
        """The fields that it names, and the value after the label if both are in one cell."""
        if self.fields:
            return self.fields, ""
        label, colon, value = self.text.replace("：", ":").partition(":")
        names = label_meaning(label, self._words.fields) if colon else None
        return names or (), value.strip() if names else ""


class LabelledSheet:
    """A sheet as people see it, its texts labelled.

    Attributes:
        page: the sheet.
        words: the labels of the form.
        rows: the texts of every filled row, from left to right.
    """

    def __init__(self, page: SheetView, words: Vocabulary) -> None:
        self.page, self.words = page, words
        self.rows: Mapping[int, Sequence[LabelledText]] = {
            row: [LabelledText(box, text, words) for box, text in boxes] for row, boxes in page.rows.items()
        }

    def texts(self) -> Iterator[LabelledText]:
        """Yield every text, in reading order."""
        for row in self.rows.values():
            yield from row

    def at(self, box: Box) -> LabelledText:
        """The text in a box, which may be blank."""
        return LabelledText(box, self.page.text(box), self.words)
