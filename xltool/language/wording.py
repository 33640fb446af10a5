"""Functions on the wording of texts and on rows that say the same. They have no Excel formula."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from xltool.language.functions import CELL, TEXT, WORDS, Function, Value, as_text
from xltool.language.numbers import without_spaces
from xltool.language.types import Type
from xltool.support.memo import memo

_MARKS = re.compile(r"[，,；;。、！!.：:“”\"]")
_AMOUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)(?:万元|元|万)?")
_CLAUSES = re.compile(r"[，,；;。、！!\n]")

#: What may come before the first word of a clause: a number, and the speaker (我单位, 本部门 …).
_BEFORE = re.compile(
    r"^(?:[(（]?\d+[)）.．:：]?|[一二三四五六七八九]是)?(?:[我本该](?:单位|部门|中心|街道|[局校镇乡村院所站办]))?"
)


def _clauses_only(text: Value, starts: tuple[str, ...], never: tuple[str, ...]) -> bool:
    """Whether every clause begins with one of ``starts`` and contains none of ``never``."""
    clauses = [_BEFORE.sub("", without_spaces(part)) for part in _CLAUSES.split(as_text(text))]
    filled = [clause for clause in clauses if clause]
    return bool(filled) and all(
        clause.startswith(starts) and not any(word in clause for word in never) for clause in filled
    )


@memo(16)
def _words(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(f"(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})+")


def _made_of_words(text: Value, words: tuple[str, ...]) -> bool:
    """Whether a text consists only of the given words and punctuation marks."""
    return _words(words).fullmatch(_MARKS.sub("", without_spaces(as_text(text)))) is not None


def _is_natural(signs: Value, natural: tuple[str, ...], spent: Sequence[Value]) -> bool:
    """Whether a target equals its actual value as a matter of course: an exact value, all or none, the amount spent."""
    text = as_text(signs)
    body = text.lstrip("≥≤=><").rstrip("。")
    return text.startswith("=") or body in natural or _is_amount(body, spent)


def _is_amount(body: str, spent: Sequence[Value]) -> bool:
    """Whether a text is one of the amounts spent, in yuan or in ten thousand yuan."""
    match = _AMOUNT.fullmatch(body)
    number = Decimal(match[1].replace(",", "")) if match else Decimal(0)
    amounts = [amount for amount in spent if isinstance(amount, Decimal)]
    return number != 0 and any(number in (amount, amount * 10000, amount / 10000) for amount in amounts)


def _count_copies(
    actuals: Sequence[Value],
    targets: Sequence[Value],
    signs: Sequence[Value],
    natural: tuple[str, ...],
    spent: Sequence[Value],
) -> Decimal:
    """The number of actual values that repeat their target literally, natural targets aside; 0 if any does not."""
    rows = zip(actuals, targets, signs, strict=True)
    pairs = [(without_spaces(as_text(actual)), without_spaces(as_text(target)), sign) for actual, target, sign in rows]
    is_copied = [
        actual == target
        for actual, target, sign in pairs
        if actual and target and not _is_natural(sign, natural, spent)
    ]
    return Decimal(len(is_copied) if all(is_copied) else 0)


def _count_rows(first: Value, firsts: Sequence[Value], second: Value, seconds: Sequence[Value]) -> Decimal:
    return Decimal(sum(pair == (first, second) for pair in zip(firsts, seconds, strict=True)))


_COLUMN = (Type.CELLS,)

WORDING: tuple[Function, ...] = (
    Function(
        "clauses_only", (TEXT, WORDS, WORDS), Type.TRUTH, _clauses_only, None,
        "{0}各句都以{1}之一开头，没有{2}",
    ),
    Function("made_of_words", (TEXT, WORDS), Type.TRUTH, _made_of_words, None, "{0}只由{1}这些词组成"),
    Function(
        "is_natural", (TEXT, WORDS, _COLUMN), Type.TRUTH, _is_natural, None,
        "{0}是等值的、是{1}之一或等于{2}中的金额",
    ),
    Function(
        "count_copies", (_COLUMN, _COLUMN, _COLUMN, WORDS, _COLUMN), Type.NUMBER, _count_copies, None,
        "{0}与{1}相同的行数（{2}是等值的、是{3}之一、等于{4}中金额的行不算；其余有一行不同的为 0）",
    ),
    Function(
        "count_rows", (CELL, _COLUMN, CELL, _COLUMN), Type.NUMBER, _count_rows, None,
        "{1}是{0}并且{3}是{2}的行数",
    ),
)  # fmt: skip
