"""Kinds of tables that are not forms, recognised by their titles and labels (kinds.toml)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from xltool.form.loading import load_form
from xltool.form.references import all_references
from xltool.recognition.labels import label_key, label_keys, label_meaning, vocabulary
from xltool.recognition.sheet_view import LAST_ROW, SheetView
from xltool.support import resources
from xltool.support.i18n import tr
from xltool.support.templates import keep
from xltool.workbook.box import Box

#: The weight of a title, in labels.
_TITLE = 2

#: The number of rows at the beginning of a table that are examined.
_MOST_ROWS = 80

#: The most labels that a message lists as not recognised.
_NAMED = 12

#: Longer texts, in characters after normalisation, are not labels.
_LONGEST = 16

#: Longer texts, in characters before normalisation, are not labels.
_MOST_LETTERS = 2 * _LONGEST

#: The least number of known heads in a table of indicators.
_LEAST_HEADS = 3


@dataclass(frozen=True)
class TableKind:
    """A kind of tables.

    Attributes:
        name, name_en: its name in Chinese and English.
        titles: matches its titles.
        labels: matches labels that only such tables have.
        without: matches labels that no such table has.
        first: whether its titles take precedence over those of other kinds.
    """

    name: str
    name_en: str
    titles: re.Pattern[str] | None = None
    labels: re.Pattern[str] | None = None
    without: re.Pattern[str] | None = None
    first: bool = False

    def is_titled(self, titles: list[str]) -> bool:
        """Whether any of the titles is one of this kind."""
        return self.titles is not None and any(map(self.titles.search, titles))

    def score(self, sheet: str, titles: list[str], texts: list[tuple[str, ...]]) -> int:
        """The similarity of a table to this kind.

        Args:
            sheet: the normalised name of its sheet, which counts as a label.
            titles: its normalised titles.
            texts: its other texts, each with its normalised variants.
        """
        if self.without and any(self.without.search(text[0]) for text in texts):
            return 0
        labels = {key for text in texts for key in text if self.labels.fullmatch(key)} if self.labels else ()
        title = _TITLE if self.is_titled(titles) else self.is_titled([sheet])
        return title + len(labels)


@dataclass(frozen=True)
class TableKinds:
    """All kinds of tables.

    Attributes:
        kinds: those with labels of their own.
        other: a self-evaluation of no particular kind.
        unscored: a self-evaluation without points.
        least: the least score for a table to look like a kind.
        sure: the score from which there is no doubt, even if a definition fits as well.
    """

    kinds: tuple[TableKind, ...]
    other: TableKind
    unscored: TableKind
    least: int
    sure: int


@dataclass(frozen=True)
class ForeignTable:
    """A table that is not covered by any definition.

    Attributes:
        sheet: its sheet.
        kind: the kind that it looks like.
        unread: labels that were not recognised.
        top, bottom: its rows; there may be other tables above and below.
    """

    sheet: str
    kind: TableKind
    unread: tuple[str, ...] = ()
    top: int = 1
    bottom: int = LAST_ROW

    def holds(self, sheet: str, row: int) -> bool:
        """Whether it contains a row of a sheet."""
        return sheet == self.sheet and self.top <= row <= self.bottom

    @property
    def where(self) -> str:
        """Its rows, for messages; "" if it has the sheet to itself."""
        if self.top == 1 and self.bottom == LAST_ROW:
            return ""
        if self.bottom == LAST_ROW:
            return tr(f"第 {self.top} 行起", f" from row {self.top}")
        return tr(f"第 {self.top}–{self.bottom} 行", f" in rows {self.top} to {self.bottom}")

    @property
    def name(self) -> str:
        """The name of its kind, for messages."""
        return tr(self.kind.name, self.kind.name_en)

    @property
    def labels(self) -> str:
        """The labels that were not recognised, for messages; "" if there are none."""
        more = tr(f" 等 {len(self.unread)} 处", f" and others ({len(self.unread)})")
        named = tr("、", ", ").join(self.unread[:_NAMED])
        return named + (more if len(self.unread) > _NAMED else "")


@keep
def load_table_kinds() -> TableKinds:
    """The kinds of tables in ``kinds.toml``."""
    table = resources.read_toml(resources.folder("templates") / "kinds.toml")
    kinds = tuple(_read_kind(entry) for entry in table["kind"])
    return TableKinds(kinds, _read_kind(table["other"]), _read_kind(table["unscored"]), table["least"], table["sure"])


def _read_kind(table: resources.Table) -> TableKind:
    patterns = {name: _compile_pattern(table.get(name, ())) for name in ("titles", "labels", "without")}
    return TableKind(table["name"], table["name_en"], **patterns, first=table.get("first", False))


def _compile_pattern(parts: Sequence[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{part})" for part in parts)) if parts else None


def most_similar_kind(page: SheetView, contents: Collection[Box] = ()) -> tuple[TableKind | None, int]:
    """The kind that a table resembles most, and the score; None if it resembles none.

    Args:
        page: the table.
        contents: its boxes with free text, which are ignored.
    """
    titles = list(_titles(page))
    texts = [keys for box, keys in _texts(page) if box not in contents and keys[0] not in titles]
    scores = [(kind.score(label_key(page.sheet), titles, texts), kind) for kind in load_table_kinds().kinds]
    score, kind = max(scores, key=lambda item: (item[1].first and item[1].is_titled(titles), item[0]))
    if score >= load_table_kinds().least:
        return kind, score
    other = load_table_kinds().other
    return (other, 0) if other.is_titled(titles) or _indicator_heads(page) >= _LEAST_HEADS else (None, 0)


def _titles(page: SheetView) -> Iterator[str]:
    """Yield the texts that are alone in the first rows."""
    for boxes in list(page.rows.values())[:_MOST_ROWS]:
        if len(boxes) > 1:
            return
        yield label_key(boxes[0][1])


def _texts(page: SheetView) -> Iterator[tuple[Box, tuple[str, ...]]]:
    for boxes in list(page.rows.values())[:_MOST_ROWS]:
        yield from ((box, label_keys(text)) for box, text in boxes if len(text) <= _MOST_LETTERS)


def _indicator_heads(page: SheetView) -> int:
    """The largest number of heads of indicators, of any definition, in one of the first rows."""
    terms = [vocabulary(load_form(reference)) for reference in all_references()]
    words = [each.heads[each.indicators] for each in terms if each.indicators]
    rows = list(page.rows.values())[:_MOST_ROWS]
    return max(
        (sum(any(label_meaning(text, columns) for columns in words) for _, text in boxes) for boxes in rows), default=0
    )


def unread_labels(page: SheetView) -> Iterator[str]:
    """Yield the heads of a table that are in no definition, from the row with the most short texts."""
    rows = [boxes for boxes in list(page.rows.values())[:_MOST_ROWS] if len(boxes) > 1]
    longest = max(rows, key=lambda boxes: sum(len(label_key(text)) <= _LONGEST for _, text in boxes), default=[])
    words = [vocabulary(load_form(reference)) for reference in all_references()]
    for _, text in longest:
        known = any(
            label_key(text) in terms.sides or any(label_meaning(text, heads) for heads in terms.heads.values())
            for terms in words
        )
        if not known and len(label_key(text)) <= _LONGEST and not label_key(text).isdigit():
            yield " ".join(text.split())
