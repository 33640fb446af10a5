"""What a table that no definition reads looks like: kinds of tables, told by their titles and labels (kinds.toml)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from xltool.form.definition import load_form, references
from xltool.recognition.labels import label_key, label_keys, label_meaning, vocabulary
from xltool.recognition.sheet_view import LAST_ROW, SheetView
from xltool.support import resources
from xltool.support.i18n import tr
from xltool.support.templates import keep
from xltool.workbook.box import Box

#: A title counts for so many labels.
_TITLE = 2

#: What tells a kind stands in the first rows.
_MOST_ROWS = 80

#: So many labels that were not understood are named in a message.
_NAMED = 12

#: A longer text is no label.
_LONGEST = 16

#: Nor is one that takes so many letters, blanks and all.
_MOST_LETTERS = 2 * _LONGEST

#: So many heads that some definition knows make a table one of indicators.
_LEAST_HEADS = 3


@dataclass(frozen=True)
class TableKind:
    """A kind of tables.

    Attributes:
        name, name_en: what it is called.
        titles: what its title says.
        labels: what only such a table prints.
        without: what no such table prints.
        first: whether its title comes before those of other kinds.
    """

    name: str
    name_en: str
    titles: re.Pattern[str] | None = None
    labels: re.Pattern[str] | None = None
    without: re.Pattern[str] | None = None
    first: bool = False

    def is_titled(self, titles: list[str]) -> bool:
        """Whether a title says so."""
        return self.titles is not None and any(map(self.titles.search, titles))

    def score(self, sheet: str, titles: list[str], texts: list[tuple[str, ...]]) -> int:
        """How much a table is like it.

        Args:
            sheet: what its sheet is called, which is as good as a label.
            titles: its titles, as they are compared.
            texts: its other texts, each in the ways in which it is compared.
        """
        if self.without and any(self.without.search(text[0]) for text in texts):
            return 0
        found = {one for text in texts for one in text if self.labels.fullmatch(one)} if self.labels else ()
        title = _TITLE if self.is_titled(titles) else self.is_titled([sheet])
        return title + len(found)


@dataclass(frozen=True)
class TableKinds:
    """All kinds.

    Attributes:
        kinds: those with labels of their own.
        other: a self-evaluation of no kind.
        unscored: one without points.
        least: so many points make a table look like a kind.
        sure: so many leave no doubt, whatever definition fits as well.
    """

    kinds: tuple[TableKind, ...]
    other: TableKind
    unscored: TableKind
    least: int
    sure: int


@dataclass(frozen=True)
class ForeignTable:
    """A table that was recognised as something that no definition covers.

    Attributes:
        sheet: where it is.
        kind: what it looks like.
        unread: labels that were not understood.
        top, bottom: its rows; other tables may stand above and below it.
    """

    sheet: str
    kind: TableKind
    unread: tuple[str, ...] = ()
    top: int = 1
    bottom: int = LAST_ROW

    def holds(self, sheet: str, row: int) -> bool:
        """Whether it has a row of a sheet."""
        return sheet == self.sheet and self.top <= row <= self.bottom

    @property
    def where(self) -> str:
        """Where on its sheet it is, for people; "" where it has the sheet to itself."""
        if self.top == 1 and self.bottom == LAST_ROW:
            return ""
        if self.bottom == LAST_ROW:
            return tr(f"第 {self.top} 行起", f" from row {self.top}")
        return tr(f"第 {self.top}–{self.bottom} 行", f" in rows {self.top} to {self.bottom}")

    @property
    def name(self) -> str:
        """What it looks like, for people."""
        return tr(self.kind.name, self.kind.name_en)

    @property
    def labels(self) -> str:
        """What was not understood, for people; "" where nothing is to be named."""
        more = tr(f" 等 {len(self.unread)} 处", f" and others ({len(self.unread)})")
        named = tr("、", ", ").join(self.unread[:_NAMED])
        return named + (more if len(self.unread) > _NAMED else "")


@keep
def load_table_kinds() -> TableKinds:
    """The kinds there are."""
    table = resources.read_toml(resources.folder("templates") / "kinds.toml")
    every = tuple(_kind(one) for one in table["kind"])
    return TableKinds(every, _kind(table["other"]), _kind(table["unscored"]), table["least"], table["sure"])


def _kind(table: resources.Table) -> TableKind:
    patterns = {name: _pattern(table.get(name, ())) for name in ("titles", "labels", "without")}
    return TableKind(table["name"], table["name_en"], **patterns, first=table.get("first", False))


def _pattern(parts: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{part})" for part in parts)) if parts else None


def most_similar_kind(page: SheetView, contents: Collection[Box] = ()) -> tuple[TableKind | None, int]:
    """The kind that a table looks like most, and how much; None where it looks like none.

    Args:
        page: the table.
        contents: its boxes in which people write what they like.
    """
    titles = list(_titles(page))
    texts = [said for box, said in _texts(page) if box not in contents and said[0] not in titles]
    scores = [(kind.score(label_key(page.sheet), titles, texts), kind) for kind in load_table_kinds().kinds]
    score, kind = max(scores, key=lambda one: (one[1].first and one[1].is_titled(titles), one[0]))
    if score >= load_table_kinds().least:
        return kind, score
    other = load_table_kinds().other
    return (other, 0) if other.is_titled(titles) or _indicator_heads(page) >= _LEAST_HEADS else (None, 0)


def _titles(page: SheetView) -> Iterator[str]:
    """What stands alone in the first rows."""
    for boxes in list(page.rows.values())[:_MOST_ROWS]:
        if len(boxes) > 1:
            return
        yield label_key(boxes[0][1])


def _texts(page: SheetView) -> Iterator[tuple[Box, tuple[str, ...]]]:
    for boxes in list(page.rows.values())[:_MOST_ROWS]:
        yield from ((box, label_keys(text)) for box, text in boxes if len(text) <= _MOST_LETTERS)


def _indicator_heads(page: SheetView) -> int:
    """The most heads of indicators that any definition knows in one of the first rows."""
    words = [vocabulary(load_form(one)).columns for one in references()]
    rows = list(page.rows.values())[:_MOST_ROWS]
    return max((sum(any(label_meaning(text, one) for one in words) for _, text in boxes) for boxes in rows), default=0)


def unread_labels(page: SheetView) -> Iterator[str]:
    """Heads of a table of which no definition knows anything, from its row with most texts."""
    rows = [boxes for boxes in list(page.rows.values())[:_MOST_ROWS] if len(boxes) > 1]
    longest = max(rows, key=lambda boxes: sum(len(label_key(text)) <= _LONGEST for _, text in boxes), default=[])
    words = [vocabulary(load_form(one)) for one in references()]
    for _, text in longest:
        known = any(
            label_meaning(text, one.columns) or label_meaning(text, one.funds) or label_key(text) in one.sides
            for one in words
        )
        if not known and len(label_key(text)) <= _LONGEST and not label_key(text).isdigit():
            yield " ".join(text.split())
