"""A sheet whose texts carry the meanings that a form gives them; every block of the form is found by these."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from xltool.recognition.labels import Vocabulary, is_side, is_total, label_key, label_meaning
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

    @property
    def key(self) -> str:
        """The normalised text."""
        return label_key(self.text)

    @cached_property
    def field(self) -> str | None:
        """The field in a line of labels and values that it names."""
        return label_meaning(self.text, self._words.fields)

    @cached_property
    def goal(self) -> str | None:
        """The field of the goal block that it names."""
        return label_meaning(self.text, self._words.goals)

    @cached_property
    def fund(self) -> str | None:
        """The column of the fund block that it heads."""
        return label_meaning(self.text, self._words.funds)

    @cached_property
    def source(self) -> str | None:
        """The row of the fund block that it names."""
        return label_meaning(self.text, self._words.sources)

    @cached_property
    def column(self) -> str | None:
        """The column of the indicator block that it heads."""
        return label_meaning(self.text, self._words.columns)

    @cached_property
    def level1(self) -> str | None:
        """The first level that it names."""
        return label_meaning(self.text, self._words.level1)

    @cached_property
    def level2(self) -> str | None:
        """The second level that it names."""
        return label_meaning(self.text, self._words.level2)

    @cached_property
    def is_level(self) -> bool:
        """Whether it names a level."""
        return self.level1 is not None or self.level2 is not None

    @cached_property
    def is_side(self) -> bool:
        """Whether it is printed beside a block without a meaning of its own."""
        return is_side(self.text, self._words)

    @cached_property
    def is_total(self) -> bool:
        """Whether it is the label of the row of the total."""
        return is_total(self.text, self._words)

    @property
    def is_title(self) -> bool:
        """Whether it contains a title of the form."""
        return any(title in self.key for title in self._words.titles)

    @cached_property
    def field_and_value(self) -> tuple[str | None, str]:
        """The field that it names, and the value after the label if both are in one cell."""
        if self.field is not None:
            return self.field, ""
        label, colon, value = self.text.replace("：", ":").partition(":")
        name = label_meaning(label, self._words.fields) if colon else None
        return name, value.strip() if name else ""


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
