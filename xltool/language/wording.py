"""How texts are worded, and which rows say the same: functions that no formula of a sheet can give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from functools import lru_cache

from xltool.language.functions import CELL, TEXT, WORDS, Function, Value, as_text
from xltool.language.numbers import squeezed
from xltool.language.tree import Type

_MARKS = re.compile(r"[，,；;。、！!.：:“”\"]")
_CLAUSES = re.compile(r"[，,；;。、！!\n]")

#: What may stand before the first word of a clause: numbers, and who speaks.
_BEFORE = re.compile(
    r"^(?:[(（]?\d+[)）.．:：]?|[一二三四五六七八九]是)?(?:[我本该](?:单位|部门|中心|街道|[局校镇乡村院所站办]))?"
)


def _clauses_only(text: Value, starts: tuple[str, ...], never: tuple[str, ...]) -> bool:
    """Whether every clause begins with one of some words and holds none of others."""
    clauses = [_BEFORE.sub("", squeezed(part)) for part in _CLAUSES.split(as_text(text))]
    told = [clause for clause in clauses if clause]
    return bool(told) and all(
        clause.startswith(starts) and not any(word in clause for word in never) for clause in told
    )


@lru_cache(maxsize=16)
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})+")


def _made_of_words(text: Value, words: tuple[str, ...]) -> bool:
    """Whether a text consists of some words and of nothing else but marks."""
    return _words(words).fullmatch(_MARKS.sub("", squeezed(as_text(text)))) is not None


def _same(left: Value, right: Value) -> bool:
    return squeezed(as_text(left)) == squeezed(as_text(right))


def _both(left: Sequence[Value], right: Sequence[Value]) -> Iterator[tuple[Value, Value]]:
    """The pairs of two columns of which both are filled in."""
    pairs = zip(left, right, strict=True)
    return ((one, other) for one, other in pairs if squeezed(as_text(one)) and squeezed(as_text(other)))


def _all_alike(left: Sequence[Value], right: Sequence[Value]) -> bool:
    return all(_same(one, other) for one, other in _both(left, right))


def _count_copies(left: Sequence[Value], right: Sequence[Value], usual: tuple[str, ...]) -> Decimal:
    pairs = _both(left, right)
    return Decimal(sum(_same(one, other) and squeezed(as_text(one)) not in usual for one, other in pairs))


def _count_rows(one: Value, ones: Sequence[Value], other: Value, others: Sequence[Value]) -> Decimal:
    return Decimal(sum(pair == (one, other) for pair in zip(ones, others, strict=True)))


_COLUMN = (Type.CELLS,)

WORDING: tuple[Function, ...] = (
    Function(
        "clauses_only", (TEXT, WORDS, WORDS), Type.TRUTH, _clauses_only, None,
        "{0}各句都以{1}之一开头，没有{2}",
    ),
    Function("made_of_words", (TEXT, WORDS), Type.TRUTH, _made_of_words, None, "{0}只由{1}这些词组成"),
    Function("all_alike", (_COLUMN, _COLUMN), Type.TRUTH, _all_alike, None, "{0}与{1}各行都相同（两栏都填了的）"),
    Function(
        "count_copies", (_COLUMN, _COLUMN, WORDS), Type.NUMBER, _count_copies, None,
        "{0}与{1}相同的行数（{2}不算）",
    ),
    Function(
        "count_rows", (CELL, _COLUMN, CELL, _COLUMN), Type.NUMBER, _count_rows, None,
        "{1}是{0}并且{3}是{2}的行数",
    ),
)  # fmt: skip
